#include "base/str.h"

#include <stdlib.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

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

static ptrdiff_t ifind_plain(struct str s, struct str needle)
{
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

static size_t count_plain(struct str s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == c;
    return n;
}

#ifdef __SSE2__
/* Equal bytes give -1, so that subtracting counts them; before a byte counter can overflow, 255
 * rounds, the counters are summed up. */
size_t str_count(struct str s, char c)
{
    const __m128i want = _mm_set1_epi8(c), zero = _mm_setzero_si128();
    __m128i total = zero;
    size_t i = 0;
    while (i + 64 <= s.n) {
        __m128i a = zero, b = zero;
        for (int round = 0; round < 127 && i + 64 <= s.n; round++, i += 64) {
            const __m128i *p = (const __m128i *)(const void *)(s.p + i);
            a = _mm_sub_epi8(a, _mm_cmpeq_epi8(_mm_loadu_si128(p), want));
            b = _mm_sub_epi8(b, _mm_cmpeq_epi8(_mm_loadu_si128(p + 1), want));
            a = _mm_sub_epi8(a, _mm_cmpeq_epi8(_mm_loadu_si128(p + 2), want));
            b = _mm_sub_epi8(b, _mm_cmpeq_epi8(_mm_loadu_si128(p + 3), want));
        }
        total = _mm_add_epi64(total, _mm_add_epi64(_mm_sad_epu8(a, zero), _mm_sad_epu8(b, zero)));
    }
    uint64_t lanes[2];
    _mm_storeu_si128((__m128i *)(void *)lanes, total);
    return (size_t)(lanes[0] + lanes[1]) + count_plain(str_sub(s, i, s.n), c);
}

/* -1 in each of 16 bytes that is this letter, small or capital. */
static __m128i same_letter(const char *p, char c)
{
    unsigned char low = ascii_lower((unsigned char)c);
    unsigned char high = (unsigned char)(low >= 'a' && low <= 'z' ? low - 32 : low);
    const __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
    return _mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8((char)low)),
                        _mm_cmpeq_epi8(text, _mm_set1_epi8((char)high)));
}

/* As in has_16 below. */
ptrdiff_t str_ifind(struct str s, struct str needle)
{
    if (needle.n == 0)
        return 0;
    if (s.n < needle.n + 15)
        return ifind_plain(s, needle);
    size_t end = s.n - needle.n - 15;
    for (size_t i = 0;; i = i + 16 < end ? i + 16 : end) {
        __m128i first = same_letter(s.p + i, needle.p[0]);
        __m128i last = same_letter(s.p + i + needle.n - 1, needle.p[needle.n - 1]);
        unsigned hit = (unsigned)_mm_movemask_epi8(_mm_and_si128(first, last));
        for (; hit; hit &= hit - 1) {
            size_t at = i + (size_t)__builtin_ctz(hit);
            if (same_fold(s.p + at, needle.p, needle.n))
                return (ptrdiff_t)at;
        }
        if (i == end)
            return -1;
    }
}

/* Candidates are the places where both the first and the last byte fit. The last round looks at the
 * last places again instead of byte by byte. */
static bool has_16(struct str s, struct str needle)
{
    const __m128i first = _mm_set1_epi8(needle.p[0]), last = _mm_set1_epi8(needle.p[needle.n - 1]);
    size_t end = s.n - needle.n - 15; /* the last place where 16 can be compared at once */
    for (size_t i = 0;; i = i + 16 < end ? i + 16 : end) {
        __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i + needle.n - 1));
        unsigned hit = (unsigned)_mm_movemask_epi8(
            _mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last)));
        for (; hit; hit &= hit - 1)
            if (memcmp(s.p + i + __builtin_ctz(hit), needle.p, needle.n) == 0)
                return true;
        if (i == end)
            return false;
    }
}

__attribute__((target("avx2,bmi"))) static bool has_32(struct str s, struct str needle)
{
    const __m256i first = _mm256_set1_epi8(needle.p[0]);
    const __m256i last = _mm256_set1_epi8(needle.p[needle.n - 1]);
    size_t end = s.n - needle.n - 31;
    for (size_t i = 0;; i = i + 32 < end ? i + 32 : end) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(s.p + i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(s.p + i + needle.n - 1));
        unsigned hit = (unsigned)_mm256_movemask_epi8(
            _mm256_and_si256(_mm256_cmpeq_epi8(a, first), _mm256_cmpeq_epi8(b, last)));
        for (; hit; hit &= hit - 1)
            if (memcmp(s.p + i + __builtin_ctz(hit), needle.p, needle.n) == 0)
                return true;
        if (i == end)
            return false;
    }
}

bool str_has(struct str s, struct str needle)
{
    if (needle.n < 2 || s.n < needle.n + 15)
        return str_find(s, needle) >= 0;
    return s.n >= needle.n + 31 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
               ? has_32(s, needle)
               : has_16(s, needle);
}

void ascii_lower_all(char *to, const char *from, size_t n)
{
    const __m128i below_a = _mm_set1_epi8('A' - 1), above_z = _mm_set1_epi8('Z' + 1);
    const __m128i bit = _mm_set1_epi8(32);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(from + i));
        __m128i upper = _mm_and_si128(_mm_cmpgt_epi8(c, below_a), _mm_cmplt_epi8(c, above_z));
        c = _mm_or_si128(c, _mm_and_si128(upper, bit));
        _mm_storeu_si128((__m128i *)(void *)(to + i), c);
    }
    for (; i < n; i++)
        to[i] = (char)ascii_lower((unsigned char)from[i]);
}
#else
ptrdiff_t str_ifind(struct str s, struct str needle)
{
    return needle.n ? ifind_plain(s, needle) : 0;
}

bool str_has(struct str s, struct str needle)
{
    return str_find(s, needle) >= 0;
}

void ascii_lower_all(char *to, const char *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (char)ascii_lower((unsigned char)from[i]);
}

size_t str_count(struct str s, char c)
{
    return count_plain(s, c);
}
#endif

bool str_is_ascii(struct str s)
{
    uint64_t eight;
    size_t i = 0;
    for (; i + sizeof eight <= s.n; i += sizeof eight) {
        memcpy(&eight, s.p + i, sizeof eight);
        if (eight & UINT64_C(0x8080808080808080))
            return false;
    }
    for (; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
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
