/* Comparing texts: with or without case, with wildcards. Wildcards take one pass from left to
 * right: each part between two stars is placed as early as possible, the last one at the end. */
#include "base/utf.h"
#include "match/fold.h"
#include "match/sigma_plan.h"

bool sigma_lit_at(const struct matcher *m, struct str lit, struct str s, size_t at)
{
    if (at > s.n || lit.n > s.n - at)
        return false;
    if (m->cased)
        return str_eq(lit, str_sub(s, at, at + lit.n));
    const unsigned char *p = (const unsigned char *)s.p + at;
    for (size_t i = 0; i < lit.n; i++) {
        unsigned char c = p[i] < 0x80 || m->ascii ? ascii_lower(p[i]) : fold_byte(s, at + i);
        if (c != (unsigned char)lit.p[i])
            return false;
    }
    return true;
}

static ptrdiff_t find_cased(struct str lit, struct str s, size_t from)
{
    ptrdiff_t at = str_find(str_sub(s, from, s.n), lit);
    return at < 0 ? -1 : (ptrdiff_t)from + at;
}

ptrdiff_t sigma_lit_find(const struct matcher *m, struct str lit, struct str s, size_t from)
{
    if (from > s.n || lit.n > s.n - from)
        return -1;
    if (m->cased || lit.n == 0)
        return find_cased(lit, s, from);
    unsigned char low = (unsigned char)lit.p[0];
    unsigned char up = low >= 'a' && low <= 'z' ? (unsigned char)(low - 32) : low;
    bool any = low >= 0x80; /* its other case may start with another byte */
    for (size_t at = from; at + lit.n <= s.n; at++) {
        unsigned char c = (unsigned char)s.p[at];
        if ((c == low || c == up || any) && sigma_lit_at(m, lit, s, at))
            return (ptrdiff_t)at;
    }
    return -1;
}

/* Length of the dash at s[at], 0 if there is none. */
static size_t dash_at(struct str s, size_t at)
{
    if (at >= s.n)
        return 0;
    if (s.p[at] == '-' || s.p[at] == '/')
        return 1;
    size_t n;
    int32_t cp = utf8_next(s, at, &n);
    return cp >= 0x2013 && cp <= 0x2015 ? n : 0;
}

/* Places the pieces at s[at]; *ret_end is where they end. */
static bool place(const struct matcher *m, const struct piece *piece, size_t n, struct str s,
                  size_t at, size_t *ret_end)
{
    for (size_t i = 0; i < n; i++) {
        size_t step = piece[i].text.n;
        if (piece[i].kind == PIECE_TEXT && !sigma_lit_at(m, piece[i].text, s, at))
            return false;
        if (piece[i].kind == PIECE_DASH)
            step = dash_at(s, at);
        if (piece[i].kind == PIECE_ONE)
            step = at < s.n ? fold_step(s, at) : 0;
        if (step == 0)
            return false;
        at += step;
    }
    *ret_end = at;
    return true;
}

/* Start of the character that ends at `end`. */
static size_t step_back(struct str s, size_t end)
{
    for (size_t n = 2; n <= 4 && n <= end; n++)
        if (((unsigned char)s.p[end - n] & 0xc0) == 0xc0)
            return fold_step(s, end - n) == n ? end - n : end - 1;
    return end - 1;
}

/* Places the pieces so that they end at the end of s; *ret_start is where they start. */
static bool place_at_end(const struct matcher *m, const struct piece *piece, size_t n, struct str s,
                         size_t *ret_start)
{
    size_t at = s.n;
    for (size_t i = n; i-- > 0;) {
        if (piece[i].kind == PIECE_TEXT) {
            if (piece[i].text.n > at)
                return false;
            at -= piece[i].text.n;
            if (!sigma_lit_at(m, piece[i].text, s, at))
                return false;
            continue;
        }
        if (at == 0)
            return false;
        size_t end = at;
        at = step_back(s, end);
        if (piece[i].kind == PIECE_DASH && dash_at(s, at) != end - at)
            return false;
    }
    *ret_start = at;
    return true;
}

/* The earliest place at or behind from. */
static bool place_early(const struct matcher *m, const struct piece *piece, size_t n, struct str s,
                        size_t from, size_t *ret_end)
{
    for (size_t at = from; at <= s.n;) {
        if (piece[0].kind == PIECE_TEXT) {
            ptrdiff_t hit = sigma_lit_find(m, piece[0].text, s, at);
            if (hit < 0)
                return false;
            at = (size_t)hit;
        }
        if (place(m, piece, n, s, at, ret_end))
            return true;
        at += piece[0].kind == PIECE_TEXT || at >= s.n ? 1 : fold_step(s, at);
    }
    return false;
}

bool sigma_wild_matches(const struct matcher *m, struct str s)
{
    const struct piece *piece = m->pattern.piece;
    size_t n = m->pattern.n, at = 0;
    for (size_t i = 0; i < n;) {
        size_t len = 0;
        bool free_start = piece[i].kind == PIECE_MANY;
        i += free_start;
        while (i + len < n && piece[i + len].kind != PIECE_MANY)
            len++;
        if (len == 0)
            return true; /* ends with a star */
        if (!free_start) {
            if (!place(m, piece + i, len, s, at, &at))
                return false;
        } else if (i + len == n) {
            size_t start;
            return place_at_end(m, piece + i, len, s, &start) && start >= at;
        } else if (!place_early(m, piece + i, len, s, at, &at)) {
            return false;
        }
        i += len;
    }
    return at == s.n;
}

bool sigma_text_matches(const struct matcher *m, struct str s, size_t *ret_from, size_t *ret_to)
{
    struct str lit = m->lit;
    ptrdiff_t at;
    *ret_from = 0;
    *ret_to = s.n;
    switch (m->kind) {
    case MATCH_EQUAL: return s.n == lit.n && sigma_lit_at(m, lit, s, 0);
    case MATCH_PREFIX: *ret_to = lit.n; return sigma_lit_at(m, lit, s, 0);
    case MATCH_SUFFIX:
        if (s.n < lit.n)
            return false;
        *ret_from = s.n - lit.n;
        return sigma_lit_at(m, lit, s, *ret_from);
    case MATCH_INSIDE:
        at = sigma_lit_find(m, lit, s, 0);
        *ret_from = (size_t)at;
        *ret_to = (size_t)at + lit.n;
        return at >= 0;
    case MATCH_WILD: return sigma_wild_matches(m, s);
    default: return false;
    }
}

static bool same_at(bool cased, struct str s, size_t at, struct str other)
{
    for (size_t i = 0; i < other.n; i++) {
        unsigned char a = cased ? (unsigned char)s.p[at + i] : fold_byte(s, at + i);
        unsigned char b = cased ? (unsigned char)other.p[i] : fold_byte(other, i);
        if (a != b)
            return false;
    }
    return true;
}

bool sigma_fields_match(enum match_kind kind, bool cased, struct str s, struct str other,
                        size_t *ret_from, size_t *ret_to)
{
    if (other.n > s.n || (kind == MATCH_EQUAL && other.n != s.n))
        return false;
    size_t first = kind == MATCH_SUFFIX ? s.n - other.n : 0;
    size_t last = kind == MATCH_INSIDE ? s.n - other.n : first;
    for (size_t at = first; at <= last; at++) {
        if (!same_at(cased, s, at, other))
            continue;
        *ret_from = at;
        *ret_to = at + other.n;
        return true;
    }
    return false;
}
