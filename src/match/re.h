/* re.h — regular expressions that cannot hang the program.
 *
 * What:   PCRE2 with JIT where the machine allows it, and with limits on every search.
 * Input:  pattern and subject are hostile; subjects need not be valid UTF-8.
 * Limits: LIMIT_REGEX_*
 * Owner:  re_new/re_free. A struct re serves one thread at a time; re_match allocates nothing
 *         while the JIT is in use, and at most LIMIT_REGEX_HEAP_KIB without it.
 * Spec:   pcre2pattern(3), pcre2api(3), PCRE2 10.42
 */
#ifndef MATCH_RE_H
#define MATCH_RE_H

#include "base/err.h"
#include "base/str.h"

enum {
    RE_IGNORE_CASE = 1,
    RE_MULTILINE = 2,
    RE_DOT_ALL = 4,
    RE_AT_START = 8, /* the match must begin where the subject begins */
    RE_AT_END = 16,
    RE_CHECK_ONLY = 32, /* syntax only: skips the JIT; not for re_match */
};

enum re_answer { RE_NO, RE_YES, RE_LIMITED /* a limit was reached; nothing is known */ };

struct re;

/* ERR_FORMAT with PCRE2's words and the place in the pattern, ERR_LIMIT for an oversized one. */
MUST_CHECK enum err re_new(struct str pattern, unsigned flags, struct re **ret_re,
                           struct error *error);
struct re *re_free(struct re *re);
/* ret_from and ret_to (may be NULL) become the byte range of the match. */
enum re_answer re_match(const struct re *re, struct str subject, size_t *ret_from, size_t *ret_to);
/* As re_match, but the range is that of the first group: RE_NO when the group took no part. */
enum re_answer re_group(const struct re *re, struct str subject, size_t *ret_from, size_t *ret_to);
/* Which version of the library compiles them. */
const char *re_library(void);

#endif
