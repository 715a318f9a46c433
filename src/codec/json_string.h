/* codec/json_string.h — where a string or a word of JSON ends.
 *
 * What:   what the readers of structure (json_scan.c) and of objects alike (json_tracks.c) share.
 * Input:  hostile.
 * Limits: none.
 * Owner:  none; private to codec.
 * Spec:   RFC 8259
 */
#ifndef CODEC_JSON_STRING_H
#define CODEC_JSON_STRING_H

#include "base/str.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The first quote, backslash or line feed from at on, or n. */
static inline size_t json_string_stop(const char *p, size_t at, size_t n)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'), lf = _mm_set1_epi8('\n');
    for (; at + 16 <= n; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + at));
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, back)),
                                   _mm_cmpeq_epi8(v, lf));
        int mask = _mm_movemask_epi8(hit);
        if (mask)
            return at + (size_t)__builtin_ctz((unsigned)mask);
    }
#endif
    while (at < n && p[at] != '"' && p[at] != '\\' && p[at] != '\n')
        at++;
    return at;
}

#ifdef __SSE2__
static inline uint32_t json_equal_16(const char *p, char c)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(c)));
}

static inline uint32_t json_equal_32(const char *p, char c)
{
    return json_equal_16(p, c) | json_equal_16(p + 16, c) << 16;
}

/* Which of 32 bytes an odd number of backslashes makes mean another thing; *carry goes from one 32
 * to the next. Adding lets runs of backslashes that begin at odd places carry beyond their end, so
 * that places behind runs of odd length differ from those behind even ones. */
static inline uint32_t json_taken(uint32_t back, uint32_t *carry)
{
    const uint32_t even = 0x55555555;
    back &= ~*carry;
    uint32_t behind = back << 1 | *carry;
    uint64_t runs = (uint64_t)(back & ~even & ~behind) + back;
    *carry = (uint32_t)(runs >> 32);
    return (even ^ (uint32_t)runs << 1) & behind;
}
#endif

/* As json_string_end, at a backslash: without a branch for each of them, 32 bytes at a time. */
static inline size_t json_escaped_end(const char *p, size_t at, size_t n)
{
#ifdef __SSE2__
    uint32_t carry = 0;
    for (; at + 32 <= n; at += 32) {
        uint32_t stop = json_equal_32(p + at, '"') | json_equal_32(p + at, '\n');
        stop &= ~json_taken(json_equal_32(p + at, '\\'), &carry);
        if (stop)
            return at + (size_t)__builtin_ctz(stop);
    }
    if (carry && at == n)
        return n - 1;
    at += carry;
#endif
    for (;;) {
        at = json_string_stop(p, at, n);
        if (at + 1 >= n || p[at] != '\\')
            return at;
        at += 2;
    }
}

/* The closing quote of a string from at on, or where looking ends: at n or n - 1 if the text does,
 * at a line feed. */
static inline size_t json_string_end(const char *p, size_t at, size_t n, bool *ret_escaped)
{
    at = json_string_stop(p, at, n);
    *ret_escaped = at + 1 < n && p[at] == '\\';
    return *ret_escaped ? json_escaped_end(p, at, n) : at;
}

/* Bytes of numbers and literals. */
static inline bool json_is_word(char c)
{
    return ascii_digit((unsigned char)c) || ascii_alpha((unsigned char)c) || c == '-' || c == '+' ||
           c == '.';
}

/* The kind of such bytes, as in struct json_value; 0: none. */
static inline char json_word_kind(struct str s)
{
    if (s.n && (ascii_digit((unsigned char)s.p[0]) || s.p[0] == '-'))
        return '0';
    return str_eq(s, STR("true"))    ? 't'
           : str_eq(s, STR("false")) ? 'f'
           : str_eq(s, STR("null"))  ? 'n'
                                     : 0;
}

#endif
