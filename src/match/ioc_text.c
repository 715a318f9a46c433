#include "match/ioc_set.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Addresses in text that nobody has cut into values. An address stands by itself: what is part of a
 * name, of a longer number or of a version with more parts is none. */

enum { MAX_ADDRESS_BYTES = 45 }; /* the longest: six groups and a dotted quad */

static unsigned char byte_at(struct str s, size_t i)
{
    return i < s.n ? (unsigned char)s.p[i] : 0;
}

static bool is_hex(unsigned char c)
{
    return ascii_hex(c) >= 0;
}

static bool is_word(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || c == '_';
}

/* Behind "%3d" an address may begin all the same. */
static bool border_before(struct str s, size_t from)
{
    unsigned char c = from ? (unsigned char)s.p[from - 1] : ' ';
    bool escape = from >= 3 && s.p[from - 3] == '%' && is_hex((unsigned char)s.p[from - 2]);
    return escape ? is_hex(c) : !is_word(c) && c != '.';
}

/* The full stop of a sentence is a border, the dot of a name is none. */
static bool border_behind(struct str s, size_t to)
{
    unsigned char c = byte_at(s, to);
    return !is_word(c) && !(c == '.' && is_word(byte_at(s, to + 1)));
}

/* Three digits may begin with zeros: that is how columns are kept in line. */
static bool octet(struct str s, size_t *at, uint32_t *v4)
{
    size_t from = *at;
    uint32_t v = 0;
    while (*at - from < 3 && ascii_digit(byte_at(s, *at)))
        v = v * 10 + (uint32_t)(s.p[(*at)++] - '0');
    *v4 = *v4 << 8 | v;
    return *at > from && v < 256 && (s.p[from] != '0' || *at - from != 2);
}

/* The dotted quad whose first dot that is. */
static bool quad_around(struct str s, size_t dot, size_t *ret_end, struct ip *ret_ip)
{
    size_t from = dot, at;
    uint32_t v4 = 0;
    while (from > 0 && dot - from < 3 && ascii_digit((unsigned char)s.p[from - 1]))
        from--;
    at = from;
    bool fits = border_before(s, from) && octet(s, &at, &v4);
    for (int i = 0; fits && i < 3; i++)
        fits = byte_at(s, at++) == '.' && octet(s, &at, &v4);
    *ret_end = at;
    *ret_ip = ip_of4(v4);
    return fits && border_behind(s, at);
}

/* "src:2001:db8::1": a label is no group. */
static bool border_before_groups(struct str s, size_t from)
{
    bool colon = from && s.p[from - 1] == ':';
    return colon ? from >= 2 && ascii_alpha((unsigned char)s.p[from - 2]) : border_before(s, from);
}

/* The IPv6 address whose first colon that is. */
static bool groups_around(struct str s, size_t colon, size_t *ret_end, struct ip *ret_ip)
{
    size_t from = colon, to = colon;
    while (from > 0 && colon - from < 4 && is_hex((unsigned char)s.p[from - 1]))
        from--;
    if (!border_before_groups(s, from))
        return false;
    for (unsigned char c; to - from <= MAX_ADDRESS_BYTES; to++)
        if (c = byte_at(s, to), !is_hex(c) && c != ':' && c != '.')
            break;
    while (to > colon && s.p[to - 1] == '.')
        to--;
    if (to - from > 2 && s.p[to - 1] == ':' && s.p[to - 2] != ':')
        to--;
    *ret_end = to;
    return border_behind(s, to) && ip_parse(str_sub(s, from, to), ret_ip);
}

/* Does an address go on here: a dot before a digit, a colon before a hexadecimal one or a colon? */
static bool goes_on(char sign, unsigned char behind)
{
    return (sign == '.' && ascii_digit(behind)) ||
           (sign == ':' && (behind == ':' || is_hex(behind)));
}

#ifdef __SSE2__
static inline __m128i within(__m128i x, char first, char last)
{
    __m128i at = _mm_sub_epi8(x, _mm_set1_epi8(first));
    return _mm_cmpeq_epi8(_mm_min_epu8(at, _mm_set1_epi8((char)(last - first))), at);
}

/* goes_on for 16 signs, one bit each. */
static inline unsigned signs(const char *p)
{
    __m128i sign = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i behind = _mm_loadu_si128((const __m128i *)(const void *)(p + 1));
    __m128i digit = within(behind, '0', '9');
    __m128i hex = within(_mm_or_si128(behind, _mm_set1_epi8(0x20)), 'a', 'f');
    __m128i colon = _mm_cmpeq_epi8(behind, _mm_set1_epi8(':'));
    __m128i dots = _mm_and_si128(_mm_cmpeq_epi8(sign, _mm_set1_epi8('.')), digit);
    __m128i any = _mm_or_si128(_mm_or_si128(digit, hex), colon);
    __m128i colons = _mm_and_si128(_mm_cmpeq_epi8(sign, _mm_set1_epi8(':')), any);
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(dots, colons));
}
#endif

/* Where an address goes on, at or behind that byte; the end of the text if nowhere. */
static size_t next_sign(struct str s, size_t at)
{
#ifdef __SSE2__
    for (; at + 16 < s.n; at += 16) {
        unsigned found = signs(s.p + at);
        if (found)
            return at + (unsigned)__builtin_ctz(found);
    }
#endif
    while (at < s.n && !goes_on(s.p[at], byte_at(s, at + 1)))
        at++;
    return at;
}

bool next_ip(struct str text, size_t *at, struct ip *ret_ip)
{
    for (size_t i = *at; (i = next_sign(text, i)) < text.n; i++) {
        unsigned char before = i ? (unsigned char)text.p[i - 1] : 0;
        if (text.p[i] == '.' ? ascii_digit(before) && quad_around(text, i, at, ret_ip)
                             : groups_around(text, i, at, ret_ip))
            return true;
    }
    *at = text.n;
    return false;
}

size_t ioc_next_address(const struct ioc_set *set, struct str text, size_t *at, uint32_t *ret_index,
                        size_t max)
{
    struct hits hits = {ret_index, 0, max};
    struct ip ip;
    while (set->count[INDICATOR_ADDRESS] && hits.n == 0 && next_ip(text, at, &ip))
        addresses_find(&set->addresses, set->next, ip, &hits);
    return hits.n;
}
