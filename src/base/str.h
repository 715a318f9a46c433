/* str.h — borrowed slices of text.
 *
 * What:   a pointer and a length; comparison, search, numbers. ASCII case only: log fields that
 *         need more go through base/utf.h first.
 * Input:  hostile; embedded NUL is legal everywhere.
 * Limits: none.
 * Owner:  a slice never owns. p == NULL means "absent", n == 0 with p set means "empty".
 * Spec:   docs/internals/BASE.md
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
/* For printf: ("%.*s", STR_FMT(s)); cut at INT_MAX. Never on hostile text meant for a terminal. */
#define STR_FMT(s) ((int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n)), ((s).p ? (s).p : "")
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline struct str str_of(const char *c)
{
    return (struct str){c, c ? strlen(c) : 0};
}
static inline struct str str_make(const char *p, size_t n)
{
    return (struct str){p, n};
}

static inline unsigned char ascii_lower(unsigned char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}
static inline bool ascii_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}
static inline bool ascii_space(unsigned char c)
{
    return c == ' ' || (c >= 9 && c <= 13);
}
static inline bool ascii_alpha(unsigned char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}
/* The value of a hexadecimal digit, or -1. */
int ascii_hex(unsigned char c);

bool str_eq(struct str a, struct str b);
bool str_ieq(struct str a, struct str b);
/* Byte order, shorter first when one is the other's prefix: for sorting. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_istarts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_iends(struct str s, struct str suffix);
/* Index of the first occurrence, or -1. An empty needle is found at 0. */
ptrdiff_t str_find(struct str s, struct str needle);
ptrdiff_t str_ifind(struct str s, struct str needle);
ptrdiff_t str_chr(struct str s, char c);
ptrdiff_t str_rchr(struct str s, char c);
/* Does needle occur? For short lines and many questions; bytes are compared as they are. */
bool str_has(struct str s, struct str needle);
/* Is no byte above 0x7f? */
bool str_is_ascii(struct str s);
/* n bytes with A-Z made small. */
void ascii_lower_all(char *to, const char *from, size_t n);
/* How often the byte occurs, at some 20 GB/s. */
size_t str_count(struct str s, char c);
/* The part from index from up to index to (exclusive); both are clamped to the length. */
static inline struct str str_sub(struct str s, size_t from, size_t to)
{
    to = to < s.n ? to : s.n;
    from = from < to ? from : to;
    return str_make(s.p ? s.p + from : NULL, to - from);
}
struct str str_trim(struct str s);
/* Takes the part up to sep off the front of *rest and returns it. false when nothing is left:
 * the part after the last separator is still returned, with rest->p == NULL behind it. */
bool str_cut(struct str *rest, char sep, struct str *ret_part);
/* Whole-string decimal numbers; false on anything else, on overflow too. */
bool str_u64(struct str s, uint64_t *ret_value);
bool str_i64(struct str s, int64_t *ret_value);
bool str_double(struct str s, double *ret_value);

#endif
