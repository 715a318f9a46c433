#include "base/str.h"

#include <stdlib.h>

int ascii_hex(unsigned char c)
{
    if (ascii_digit(c))
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static bool same_fold(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ascii_lower((unsigned char)a[i]) != ascii_lower((unsigned char)b[i]))
            return false;
    return true;
}

bool str_ieq(struct str a, struct str b)
{
    return a.n == b.n && same_fold(a.p, b.p, a.n);
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq(str_make(s.p, prefix.n), prefix);
}

bool str_istarts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && same_fold(s.p, prefix.p, prefix.n);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, s.n), suffix);
}

bool str_iends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_ieq(str_sub(s, s.n - suffix.n, s.n), suffix);
}

ptrdiff_t str_find(struct str s, struct str needle)
{
    if (needle.n == 0)
        return 0;
    if (s.n < needle.n)
        return -1;
    const char *hit = memmem(s.p, s.n, needle.p, needle.n);
    return hit ? hit - s.p : -1;
}

ptrdiff_t str_ifind(struct str s, struct str needle)
{
    if (needle.n == 0)
        return 0;
    unsigned char first = ascii_lower((unsigned char)needle.p[0]);
    for (size_t i = 0; i + needle.n <= s.n; i++)
        if (ascii_lower((unsigned char)s.p[i]) == first && same_fold(s.p + i, needle.p, needle.n))
            return (ptrdiff_t)i;
    return -1;
}

ptrdiff_t str_chr(struct str s, char c)
{
    const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;
    return hit ? hit - s.p : -1;
}

ptrdiff_t str_rchr(struct str s, char c)
{
    const char *hit = s.n ? memrchr(s.p, c, s.n) : NULL;
    return hit ? hit - s.p : -1;
}

struct str str_sub(struct str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return str_make(s.p ? s.p + from : NULL, to - from);
}

struct str str_trim(struct str s)
{
    while (s.n && ascii_space((unsigned char)s.p[0]))
        s = str_sub(s, 1, s.n);
    while (s.n && ascii_space((unsigned char)s.p[s.n - 1]))
        s.n--;
    return s;
}

bool str_cut(struct str *rest, char sep, struct str *ret_part)
{
    if (!rest->p)
        return false;
    ptrdiff_t at = str_chr(*rest, sep);
    if (at < 0) {
        *ret_part = *rest;
        *rest = STR_NONE;
    } else {
        *ret_part = str_sub(*rest, 0, (size_t)at);
        *rest = str_sub(*rest, (size_t)at + 1, rest->n);
    }
    return true;
}

bool str_u64(struct str s, uint64_t *ret_value)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (!ascii_digit(c) || __builtin_mul_overflow(v, 10u, &v) ||
            __builtin_add_overflow(v, (uint64_t)(c - '0'), &v))
            return false;
    }
    *ret_value = v;
    return true;
}

bool str_i64(struct str s, int64_t *ret_value)
{
    bool negative = s.n && s.p[0] == '-';
    uint64_t v;
    if (!str_u64(negative ? str_sub(s, 1, s.n) : s, &v))
        return false;
    if (v > (uint64_t)INT64_MAX + (negative ? 1u : 0u))
        return false;
    *ret_value = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool str_double(struct str s, double *ret_value)
{
    char tmp[64];
    if (s.n == 0 || s.n >= sizeof tmp || ascii_space((unsigned char)s.p[0]))
        return false;
    memcpy(tmp, s.p, s.n);
    tmp[s.n] = 0;
    char *end;
    double v = strtod(tmp, &end);
    if (end != tmp + s.n)
        return false;
    *ret_value = v;
    return true;
}
