/* utf.h — UTF-8 checking and UTF-16 to UTF-8.
 *
 * What:   decode one code point, check a slice, transcode a chunk of UTF-16 text.
 * Input:  hostile; what is not well formed becomes U+FFFD, one per offending unit.
 * Limits: the destination buffer's maximum.
 * Owner:  appends to the caller's buffer.
 * Spec:   Unicode 15.0 chapter 3.9 (D92, table 3-7).
 */
#ifndef BASE_UTF_H
#define BASE_UTF_H

#include "base/buf.h"

/* Decodes the code point at s[at]; *ret_n is its length in bytes (1 on malformed input, which
 * yields UTF_BAD). at must be below s.n. */
enum { UTF_BAD = -1 };
int32_t utf8_next(struct str s, size_t at, size_t *ret_n);
bool utf8_valid(struct str s);
/* Appends one code point; out-of-range values and surrogates become U+FFFD. */
void utf8_add(struct buf *b, uint32_t cp);
/* Appends the whole units of s as UTF-8 and returns how many bytes were used up: an odd last
 * byte or a lone high surrogate at the end is left for the next chunk unless last is set. */
size_t utf16_to_utf8(struct buf *b, struct str s, bool big_endian, bool last);
/* How many UTF-16 code units the UTF-8 text takes: maps an offset back to a UTF-16 file. */
size_t utf16_units(struct str utf8);

#endif
