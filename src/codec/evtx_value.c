#include "codec/evtx_value.h"

#include "base/err.h"
#include "base/time.h"
#include "model/rows.h"

#include <stdio.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---- UTF-16 ---- */

static inline char *put_cp(char *to, uint32_t cp)
{
    if (cp < 0x80) {
        *to++ = (char)cp;
    } else if (cp < 0x800) {
        *to++ = (char)(0xc0 | cp >> 6);
        *to++ = (char)(0x80 | (cp & 63));
    } else if (cp < 0x10000) {
        *to++ = (char)(0xe0 | cp >> 12);
        *to++ = (char)(0x80 | (cp >> 6 & 63));
        *to++ = (char)(0x80 | (cp & 63));
    } else {
        *to++ = (char)(0xf0 | cp >> 18);
        *to++ = (char)(0x80 | (cp >> 12 & 63));
        *to++ = (char)(0x80 | (cp >> 6 & 63));
        *to++ = (char)(0x80 | (cp & 63));
    }
    return to;
}

/* One character at p; returns how many units it took. */
static inline size_t one_char(char **to, const unsigned char *p, size_t left)
{
    uint32_t u = evtx_u16(p);
    size_t took = 1;
    if (u - 0xd800 < 0x800) {
        uint32_t low = u < 0xdc00 && left > 1 ? evtx_u16(p + 2) : 0;
        bool pair = low - 0xdc00 < 0x400;
        u = pair ? 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
        took = pair ? 2 : 1;
    }
    *to = put_cp(*to, u);
    return took;
}

#ifdef __SSE2__
/* How many of the 16 units at p are ASCII before the first that is not; all 16 are stored. */
static inline unsigned ascii_16(char *to, const unsigned char *p)
{
    __m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
    __m128i high = _mm_set1_epi16((short)0xff80), zero = _mm_setzero_si128();
    __m128i plain = _mm_packs_epi16(_mm_cmpeq_epi16(_mm_and_si128(a, high), zero),
                                    _mm_cmpeq_epi16(_mm_and_si128(b, high), zero));
    _mm_storeu_si128((__m128i *)(void *)to, _mm_packus_epi16(a, b));
    return (unsigned)__builtin_ctz(~(unsigned)_mm_movemask_epi8(plain) | 0x10000u);
}
#endif

char *evtx_utf16_put(char *to, const unsigned char *p, size_t n_units, const unsigned char *limit)
{
    (void)limit;
    while (n_units > 0) {
#ifdef __SSE2__
        while (n_units > 0 && limit - p >= 32) {
            size_t n = ascii_16(to, p);
            n = n < n_units ? n : n_units;
            to += n;
            p += 2 * n;
            n_units -= n;
            if (n < 16)
                break;
        }
        if (n_units == 0)
            break;
#endif
        do {
            size_t took = one_char(&to, p, n_units);
            p += 2 * took;
            n_units -= took;
        } while (n_units > 0 && (p[1] || p[0] >= 0x80));
    }
    return to;
}

static size_t without_nuls(const unsigned char *p, size_t n_units)
{
    while (n_units && p[2 * n_units - 1] == 0 && p[2 * n_units - 2] == 0)
        n_units--;
    return n_units;
}

/* The code page of the machine is not in the log: read as Latin-1. */
static char *put_ansi(char *to, const unsigned char *p, size_t n)
{
    while (n && p[n - 1] == 0)
        n--;
    for (size_t i = 0; i < n; i++)
        to = put_cp(to, p[i]);
    return to;
}

/* ---- numbers ---- */

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

static inline char *put_two(char *to, unsigned v)
{
    memcpy(to, digit_pairs + 2 * v, 2);
    return to + 2;
}

/* Decimal digits of v; after Warren, "Hacker's Delight", 11-4. */
static inline unsigned digits_of(uint64_t v)
{
    static const uint64_t power[] = {1u,
                                     10u,
                                     100u,
                                     1000u,
                                     10000u,
                                     100000u,
                                     1000000u,
                                     10000000u,
                                     100000000u,
                                     1000000000u,
                                     10000000000u,
                                     100000000000u,
                                     1000000000000u,
                                     10000000000000u,
                                     100000000000000u,
                                     1000000000000000u,
                                     10000000000000000u,
                                     100000000000000000u,
                                     1000000000000000000u,
                                     10000000000000000000u};
    unsigned about = (64 - (unsigned)__builtin_clzll(v | 1)) * 1233 >> 12;
    return about + (about < ARRAY_LEN(power) && v >= power[about]) + (v == 0);
}

static inline char *put_u64(char *to, uint64_t v)
{
    unsigned at = digits_of(v);
    char *end = to + at;
    for (; at > 2; v /= 100) {
        at -= 2;
        memcpy(to + at, digit_pairs + 2 * (v % 100), 2);
    }
    if (at == 2)
        memcpy(to, digit_pairs + 2 * v, 2);
    else
        *to = (char)('0' + v);
    return end;
}

static inline char *put_i64(char *to, int64_t v)
{
    if (v < 0)
        *to++ = '-';
    return put_u64(to, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static char *put_hex(char *to, uint64_t v)
{
    unsigned digits = v ? (67 - (unsigned)__builtin_clzll(v)) / 4 : 1;
    *to++ = '0';
    *to++ = 'x';
    for (unsigned i = digits; i-- > 0;)
        *to++ = "0123456789abcdef"[v >> (4 * i) & 15];
    return to;
}

static char *put_bytes(char *to, const unsigned char *p, size_t n, const char *digits)
{
    for (size_t i = 0; i < n; i++) {
        *to++ = digits[p[i] >> 4];
        *to++ = digits[p[i] & 15];
    }
    return to;
}

static char *put_binary(char *to, const unsigned char *p, size_t n)
{
    return put_bytes(to, p, n, "0123456789ABCDEF");
}

static inline uint64_t number(const unsigned char *p, size_t n)
{
    uint64_t v = 0;
    switch (n) {
    case 1: return p[0];
    case 2: return evtx_u16(p);
    case 4: return evtx_u32(p);
    case 8: return evtx_u64(p);
    default:
        while (n-- > 0)
            v = v << 8 | p[n];
        return v;
    }
}

static inline int64_t signed_number(const unsigned char *p, size_t n)
{
    unsigned shift = 64 - 8 * (unsigned)n;
    return (int64_t)(number(p, n) << shift) >> shift;
}

/* The shortest text that reads back as the same number. Rare: printf will do. */
static char *put_real(char *to, double v, int enough, int always)
{
    char text[40];
    int n = snprintf(text, sizeof text, "%.*g", enough, v);
    if (strtod(text, NULL) != v)
        n = snprintf(text, sizeof text, "%.*g", always, v);
    n = n < 0 ? 0 : n > (int)sizeof text - 1 ? (int)sizeof text - 1 : n;
    memcpy(to, text, (size_t)n);
    return to + n;
}

static char *put_real32(char *to, const unsigned char *p)
{
    uint32_t bits = evtx_u32(p);
    float v;
    memcpy(&v, &bits, sizeof v);
    return put_real(to, (double)v, 6, 9);
}

static char *put_real64(char *to, const unsigned char *p)
{
    uint64_t bits = evtx_u64(p);
    double v;
    memcpy(&v, &bits, sizeof v);
    return put_real(to, v, 15, 17);
}

static char *put_bool(char *to, uint64_t v)
{
    memcpy(to, v ? "true\0" : "false", 5);
    return to + (v ? 4 : 5);
}

/* ---- times ---- */

static char *put_date(char *to, unsigned year, unsigned month, unsigned day)
{
    to = put_two(to, year / 100);
    to = put_two(to, year % 100);
    *to++ = '-';
    to = put_two(to, month);
    *to++ = '-';
    to = put_two(to, day);
    return to;
}

/* Days since 1601-01-01 as a date; after Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static char *put_day(char *to, uint32_t days)
{
    uint32_t z = days + 306; /* since 1600-03-01 */
    uint32_t era = z / 146097, doe = z - era * 146097;
    uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    uint32_t month = mp < 10 ? mp + 3 : mp - 9;
    uint32_t year = 1600 + yoe + era * 400 + (month <= 2);
    return put_date(to, year, month, doy - (153 * mp + 2) / 5 + 1);
}

#define TICKS_PER_S UINT64_C(10000000)

static char *put_filetime(char *to, uint64_t ticks)
{
    uint64_t s = ticks / TICKS_PER_S;
    uint32_t fraction = (uint32_t)(ticks - s * TICKS_PER_S);
    uint32_t days = (uint32_t)(s / 86400), of_day = (uint32_t)(s - (uint64_t)days * 86400);
    if (days >= 3067671) /* year 10000 */
        return put_u64(to, ticks);
    to = put_day(to, days);
    *to++ = 'T';
    to = put_two(to, of_day / 3600);
    *to++ = ':';
    to = put_two(to, of_day / 60 % 60);
    *to++ = ':';
    to = put_two(to, of_day % 60);
    *to++ = '.';
    to = put_two(to, fraction / 100000);
    to = put_two(to, fraction / 1000 % 100);
    to = put_two(to, fraction / 10 % 100);
    *to++ = (char)('0' + fraction % 10);
    *to++ = 'Z';
    return to;
}

int64_t evtx_time(uint64_t filetime)
{
    return (int64_t)(filetime / 10) - INT64_C(11644473600) * US_PER_S;
}

/* Year, month, day of week, day, hour, minute, second, millisecond. */
static char *put_systemtime(char *to, const unsigned char *p)
{
    uint16_t v[8];
    for (size_t i = 0; i < 8; i++)
        v[i] = evtx_u16(p + 2 * i);
    if (v[0] > 9999 || v[1] > 99 || v[3] > 99 || v[4] > 99 || v[5] > 99 || v[6] > 99 || v[7] > 999)
        return put_binary(to, p, 16);
    to = put_date(to, v[0], v[1], v[3]);
    *to++ = 'T';
    to = put_two(to, v[4]);
    *to++ = ':';
    to = put_two(to, v[5]);
    *to++ = ':';
    to = put_two(to, v[6]);
    *to++ = '.';
    *to++ = (char)('0' + v[7] / 100);
    to = put_two(to, v[7] % 100);
    *to++ = 'Z';
    return to;
}

/* ---- SIDs and GUIDs ---- */

static char *put_sid(char *to, const unsigned char *p, size_t n)
{
    unsigned parts = p[1];
    uint64_t authority = 0;
    if (n < 8 + 4 * (size_t)parts)
        return put_binary(to, p, n);
    for (size_t i = 2; i < 8; i++)
        authority = authority << 8 | p[i];
    *to++ = 'S';
    *to++ = '-';
    to = put_u64(to, p[0]);
    *to++ = '-';
    to = authority >> 32 ? put_hex(to, authority) : put_u64(to, authority);
    for (size_t i = 0; i < parts; i++) {
        *to++ = '-';
        to = put_u64(to, evtx_u32(p + 8 + 4 * i));
    }
    return to;
}

static inline char *put_digits(char *to, const unsigned char *p, size_t n, bool backwards)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = p[backwards ? n - 1 - i : i];
        *to++ = "0123456789abcdef"[c >> 4];
        *to++ = "0123456789abcdef"[c & 15];
    }
    return to;
}

/* Its first three parts are numbers. */
static char *put_guid(char *to, const unsigned char *p)
{
    *to++ = '{';
    to = put_digits(to, p, 4, true);
    *to++ = '-';
    to = put_digits(to, p + 4, 2, true);
    *to++ = '-';
    to = put_digits(to, p + 6, 2, true);
    *to++ = '-';
    to = put_digits(to, p + 8, 2, false);
    *to++ = '-';
    to = put_digits(to, p + 10, 6, false);
    *to++ = '}';
    return to;
}

/* ---- arrays ---- */

uint32_t evtx_fixed_bytes(unsigned type)
{
    switch (type) {
    case EVTX_INT8:
    case EVTX_UINT8: return 1;
    case EVTX_INT16:
    case EVTX_UINT16: return 2;
    case EVTX_INT32:
    case EVTX_UINT32:
    case EVTX_REAL32:
    case EVTX_BOOL:
    case EVTX_HEX32: return 4;
    case EVTX_INT64:
    case EVTX_UINT64:
    case EVTX_REAL64:
    case EVTX_SIZE:
    case EVTX_FILETIME:
    case EVTX_HEX64: return 8;
    case EVTX_GUID:
    case EVTX_SYSTEMTIME: return 16;
    default: return 0;
    }
}

static uint32_t text_bytes(const unsigned char *p, uint32_t left, uint32_t unit)
{
    uint32_t n = 0;
    while (left - n >= unit && (p[n] || (unit == 2 && p[n + 1])))
        n += unit;
    return n;
}

bool evtx_array_next(struct evtx_value array, uint32_t *at, struct evtx_value *ret_member)
{
    uint8_t type = array.type & (uint8_t)~EVTX_ARRAY;
    uint32_t left = array.n - *at, skip = 0, n = evtx_fixed_bytes(type);
    const unsigned char *p = array.p + *at;
    if (left == 0)
        return false;
    if (type == EVTX_STRING || type == EVTX_ANSI) {
        skip = type == EVTX_STRING ? 2 : 1;
        n = text_bytes(p, left, skip);
    } else if (type == EVTX_SID && left >= 8 && left - 8 >= 4 * (uint32_t)p[1]) {
        n = 8 + 4 * (uint32_t)p[1];
    }
    if (n == 0 && !skip)
        n = left;
    n = n < left ? n : left;
    *ret_member = (struct evtx_value){p, n, type};
    *at += left - n < skip ? left : n + skip;
    return true;
}

static char *put_array(char *to, struct evtx_value array, const unsigned char *limit)
{
    struct evtx_value member;
    bool list = evtx_value_is_list(array);
    for (uint32_t at = 0; evtx_array_next(array, &at, &member);) {
        if (member.p != array.p)
            *to++ = '\n';
        char *from = to;
        to = evtx_value_put(to, member, limit);
        if (list)
            row_one_line(from, (size_t)(to - from));
    }
    return to;
}

bool evtx_value_is_list(struct evtx_value v)
{
    struct evtx_value member;
    uint32_t at = 0;
    return (v.type & EVTX_ARRAY) && evtx_array_next(v, &at, &member) && at < v.n;
}

/* ---- all of them ---- */

char *evtx_value_put(char *to, struct evtx_value v, const unsigned char *limit)
{
    switch (v.type) {
    case EVTX_NULL: return to;
    case EVTX_STRING: return evtx_utf16_put(to, v.p, without_nuls(v.p, v.n / 2), limit);
    case EVTX_ANSI: return put_ansi(to, v.p, v.n);
    default: break;
    }
    if (v.type & EVTX_ARRAY)
        return put_array(to, v, limit);
    if (v.n == 0)
        return to;
    if (v.n <= 8)
        switch (v.type) {
        case EVTX_INT8:
        case EVTX_INT16:
        case EVTX_INT32:
        case EVTX_INT64: return put_i64(to, signed_number(v.p, v.n));
        case EVTX_UINT8:
        case EVTX_UINT16:
        case EVTX_UINT32:
        case EVTX_UINT64: return put_u64(to, number(v.p, v.n));
        case EVTX_BOOL: return put_bool(to, number(v.p, v.n));
        case EVTX_SIZE:
        case EVTX_HEX32:
        case EVTX_HEX64: return put_hex(to, number(v.p, v.n));
        case EVTX_FILETIME: return put_filetime(to, number(v.p, v.n));
        default: break;
        }
    if (v.type == EVTX_REAL32 && v.n == 4)
        return put_real32(to, v.p);
    if (v.type == EVTX_REAL64 && v.n == 8)
        return put_real64(to, v.p);
    if (v.type == EVTX_GUID && v.n == 16)
        return put_guid(to, v.p);
    if (v.type == EVTX_SYSTEMTIME && v.n == 16)
        return put_systemtime(to, v.p);
    if (v.type == EVTX_SID && v.n >= 8)
        return put_sid(to, v.p, v.n);
    return put_binary(to, v.p, v.n);
}
