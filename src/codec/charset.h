/* charset.h — texts of other encodings, as UTF-8.
 *
 * What:   a list of the encodings that feeds and mails are written in, by all their usual names;
 *         conversion by iconv; a guess where a declaration is missing or wrong.
 * Input:  hostile names and bytes. Only encodings of the list are ever asked of iconv.
 * Limits: the buffer's maximum.
 * Owner:  converters are opened once for the process and kept. Not for several threads.
 * Spec:   WHATWG Encoding Standard 4.2 for the names; iconv(3).
 */
#ifndef CODEC_CHARSET_H
#define CODEC_CHARSET_H

#include "base/buf.h"

struct charset;

/* iconv loads its tables from files when an encoding is first used. A process that is about to lose
 * its right to open files (os/sandbox.h) calls this before. */
void charset_prepare(void);
/* By any usual name, in any case. NULL: not in the list, or iconv has not got it. */
const struct charset *charset_find(struct str name);
const struct charset *charset_utf8(void);
/* The name that iconv has for it. */
const char *charset_name(const struct charset *c);
/* ASCII bytes mean ASCII unless they are the second byte of a letter: markup can be seen through
 * it. Not so UTF-16 and ISO-2022-JP. */
bool charset_transparent(const struct charset *c);
/* Appends the whole text; what is no letter of it becomes U+FFFD. */
void charset_text(const struct charset *c, struct buf *out, struct str text);
/* One letter at the front of s, of a transparent encoding: how many bytes it has; 0 if it is cut
 * off and more may follow. */
size_t charset_letter(const struct charset *c, struct buf *out, struct str s, bool last);
/* What the text is written in, whatever is declared (may be NULL). Text that is valid UTF-8, or
 * nearly so, is; else the declaration; else by which bytes stand side by side. */
const struct charset *charset_guess(struct str text, const struct charset *declared);

#endif
