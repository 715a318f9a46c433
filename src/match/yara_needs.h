/* match/yara_needs.h — what must stand in a file for a string of a YARA rule to occur.
 *
 * What:   from each kind of string to literals of which at least one occurs wherever it does:
 *         16-bit, xor and base64 shapes written out, the best run of hexadecimal strings and
 *         regular expressions with its wildcards.
 * Input:  hostile strings; what is not understood needs nothing.
 * Limits: literals of YARA_GATE_LITERAL_MIN to _MAX bytes, 1,024 for one string.
 * Owner:  all in the arena given.
 * Spec:   docs/internals/YARA.md
 */
#ifndef MATCH_YARA_NEEDS_H
#define MATCH_YARA_NEEDS_H

#include "match/yara_gate.h"

struct yara_needs {
    struct yara_lit *lit;
    size_t n; /* 0: nothing is known */
};
MUST_CHECK enum err yara_string_needs(struct arena *arena, const struct yara_string *s,
                                      struct yara_needs *ret_needs);
enum { YARA_BEGIN_BYTES = 16, YARA_BEGINNINGS = 2 };
struct yara_beginning {
    uint8_t byte[YARA_BEGIN_BYTES], mask[YARA_BEGIN_BYTES]; /* byte: as the mask leaves it */
    size_t n;
};
/* The first bytes of whatever the string is: it begins as one of them. Returns how many there are;
 * 0: it may begin as it likes. */
size_t yara_string_begins(struct arena *arena, const struct yara_string *s,
                          struct yara_beginning ret[YARA_BEGINNINGS]);
/* Texts in lower case of which one must occur, compared without case, in whatever the expression
 * matches; none: nothing is known. */
MUST_CHECK enum err yara_regex_needs(struct arena *arena, struct str regex, struct str **ret_text,
                                     size_t *ret_n);

#endif
