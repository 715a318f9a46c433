#include "base/ip.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* One bit for each of the 16 bytes lo, hi that is a dot, and for each that is a digit. */
#ifdef __SSE2__
static inline void classify(uint64_t lo, uint64_t hi, unsigned *ret_dots, unsigned *ret_digits)
{
    __m128i x = _mm_set_epi64x((long long)hi, (long long)lo);
    __m128i value = _mm_sub_epi8(x, _mm_set1_epi8('0'));
    __m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(9)), value);
    *ret_dots = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8('.')));
    *ret_digits = (unsigned)_mm_movemask_epi8(digit);
}
#else
static void classify(uint64_t lo, uint64_t hi, unsigned *ret_dots, unsigned *ret_digits)
{
    *ret_dots = *ret_digits = 0;
    for (unsigned i = 0; i < 16; i++) {
        unsigned char c = (unsigned char)(i < 8 ? lo >> (8 * i) : hi >> (8 * (i - 8)));
        *ret_dots |= (unsigned)(c == '.') << i;
        *ret_digits |= (unsigned)ascii_digit(c) << i;
    }
}
#endif

static inline uint64_t load_le(const char *p, size_t n)
{
    uint64_t v = 0;
    uint32_t w;
    if (n == 8) {
        memcpy(&v, p, 8);
    } else {
        memcpy(&w, p, 4);
        v = w;
    }
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = n == 8 ? __builtin_bswap64(v) : __builtin_bswap32((uint32_t)v);
#endif
    return v;
}

/* The octet of length len (1..3) whose digits start at bit 0 of w; *bad collects objections. What
 * stands behind the octet is shifted out, and blanks before it count as zeros. */
static inline uint32_t octet(uint32_t w, unsigned len, unsigned *bad)
{
    unsigned shift = 8 * (3 - len);
    *bad |= (len > 1) & ((w & 0xff) == '0');
    w = ((w & 0x0f0f0f) << shift) & 0x0f0f0f;
    uint32_t v = (w & 0xff) * 100 + (w >> 8 & 0xff) * 10 + (w >> 16);
    *bad |= v > 255;
    return v;
}

/* The text fits 16 bytes: it is held in one number, and the three dots are found in it without a
 * branch per character. Octets vary in length, so that a loop over them mispredicts. */
bool ip4_parse(struct str s, uint32_t *ret_v4)
{
    unsigned dots, digits, bad = 0;
    uint64_t lo, hi = 0;
    if (s.n < 7 || s.n > 15)
        return false;
    if (s.n == 7) {
        lo = load_le(s.p, 4) | load_le(s.p + 3, 4) << 24;
    } else {
        unsigned half = 4 * (16 - (unsigned)s.n); /* two shifts: 64 at once is undefined */
        lo = load_le(s.p, 8);
        hi = load_le(s.p + s.n - 8, 8) >> half >> half;
    }
    classify(lo, hi, &dots, &digits);
    unsigned all = (1u << s.n) - 1, two = dots & (dots - 1), one = two & (two - 1);
    if (((dots | digits) & all) != all || !one || (one & (one - 1)))
        return false;
    unsigned d1 = (unsigned)__builtin_ctz(dots), d2 = (unsigned)__builtin_ctz(two);
    unsigned d3 = (unsigned)__builtin_ctz(one);
    unsigned l1 = d1, l2 = d2 - d1 - 1, l3 = d3 - d2 - 1, l4 = (unsigned)s.n - d3 - 1;
    if (l1 - 1 > 2 || l2 - 1 > 2 || l3 - 1 > 2 || l4 - 1 > 2)
        return false;
    unsigned __int128 v = (unsigned __int128)hi << 64 | lo;
    uint32_t a = octet((uint32_t)lo, l1, &bad), b = octet((uint32_t)(v >> (8 * d1 + 8)), l2, &bad);
    uint32_t c = octet((uint32_t)(v >> (8 * d2 + 8)), l3, &bad);
    uint32_t d = octet((uint32_t)(v >> (8 * d3 + 8)), l4, &bad);
    *ret_v4 = a << 24 | b << 16 | c << 8 | d;
    return !bad;
}

/* One to four hexadecimal digits at s[*at]. */
static bool group(struct str s, size_t *at, uint16_t *ret_group)
{
    unsigned v = 0;
    size_t start = *at;
    for (; *at < s.n && *at - start < 4; ++*at) {
        int digit = ascii_hex((unsigned char)s.p[*at]);
        if (digit < 0)
            break;
        v = v << 4 | (unsigned)digit;
    }
    *ret_group = (uint16_t)v;
    return *at > start;
}

static struct ip of_groups(const uint16_t g[8])
{
    struct ip a = {0, 0};
    for (int i = 0; i < 4; i++) {
        a.hi = a.hi << 16 | g[i];
        a.lo = a.lo << 16 | g[i + 4];
    }
    return a;
}

/* The groups of s into g; *ret_gap is the index at which "::" stood, or -1. */
static bool groups(struct str s, uint16_t g[8], int *ret_n, int *ret_gap)
{
    size_t at = 0;
    int n = 0, gap = -1;
    if (s.n >= 2 && s.p[0] == ':' && s.p[1] == ':') {
        gap = 0;
        at = 2;
    }
    while (at < s.n) {
        struct str rest = str_sub(s, at, s.n);
        uint32_t v4;
        if (n == 8)
            return false;
        if (str_chr(rest, ':') < 0 && str_chr(rest, '.') > 0) {
            if (n > 6 || !ip4_parse(rest, &v4))
                return false;
            g[n++] = (uint16_t)(v4 >> 16);
            g[n++] = (uint16_t)v4;
            at = s.n;
            break;
        }
        if (!group(s, &at, &g[n]))
            return false;
        n++;
        if (at == s.n)
            break;
        if (s.p[at++] != ':' || at == s.n)
            return false;
        if (s.p[at] == ':') {
            if (gap >= 0)
                return false;
            gap = n;
            at++;
        }
    }
    *ret_n = n;
    *ret_gap = gap;
    return true;
}

static bool ip6_parse(struct str s, struct ip *ret_ip)
{
    uint16_t g[8] = {0}, full[8] = {0};
    int n, gap;
    ptrdiff_t zone = str_chr(s, '%');
    if (zone >= 0) {
        if ((size_t)zone + 1 == s.n || s.n - (size_t)zone > 32)
            return false;
        s.n = (size_t)zone;
    }
    if (s.n < 2 || s.n > 45 || !groups(s, g, &n, &gap))
        return false;
    if (gap < 0 ? n != 8 : n > 7)
        return false;
    for (int i = 0; i < n; i++)
        full[gap >= 0 && i >= gap ? i + 8 - n : i] = g[i];
    *ret_ip = of_groups(full);
    return true;
}

bool ip_parse(struct str s, struct ip *ret_ip)
{
    uint32_t v4;
    if (ip4_parse(s, &v4)) {
        *ret_ip = ip_of4(v4);
        return true;
    }
    return ip6_parse(s, ret_ip);
}

static bool port_parse(struct str s, int32_t *ret_port)
{
    uint64_t v;
    if (s.n > 5 || !str_u64(s, &v) || v > 65535)
        return false;
    *ret_port = (int32_t)v;
    return true;
}

bool ip_parse_log(struct str s, struct ip *ret_ip, int32_t *ret_port)
{
    int32_t port = -1;
    s = str_trim(s);
    ptrdiff_t colon = str_chr(s, ':');
    if (s.n && s.p[0] == '[') {
        ptrdiff_t close = str_chr(s, ']');
        if (close < 0)
            return false;
        struct str behind = str_sub(s, (size_t)close + 1, s.n);
        if (behind.n && (behind.p[0] != ':' || !port_parse(str_sub(behind, 1, behind.n), &port)))
            return false;
        s = str_sub(s, 1, (size_t)close);
        if (!ip6_parse(s, ret_ip))
            return false;
    } else if (colon >= 7 && str_rchr(s, ':') == colon) {
        uint32_t v4; /* one colon only: no IPv6 address of that length has just one */
        if (!port_parse(str_sub(s, (size_t)colon + 1, s.n), &port) ||
            !ip4_parse(str_sub(s, 0, (size_t)colon), &v4))
            return false;
        *ret_ip = ip_of4(v4);
    } else if (!ip_parse(s, ret_ip)) {
        return false;
    }
    if (ret_port)
        *ret_port = port;
    return true;
}

static struct ip mask(unsigned bits)
{
    struct ip m;
    m.hi = bits == 0 ? 0 : bits >= 64 ? UINT64_MAX : UINT64_MAX << (64 - bits);
    m.lo = bits <= 64 ? 0 : UINT64_MAX << (128 - bits);
    return m;
}

bool ip_net_parse(struct str s, struct ip_net *ret_net)
{
    uint64_t bits = 128;
    ptrdiff_t slash = str_chr(s, '/');
    struct str address = slash < 0 ? s : str_sub(s, 0, (size_t)slash);
    struct ip a;
    if (!ip_parse(address, &a))
        return false;
    if (slash >= 0) {
        bool dotted = str_chr(address, ':') < 0;
        struct str digits = str_sub(s, (size_t)slash + 1, s.n);
        if (digits.n > 3 || !str_u64(digits, &bits) || bits > (dotted ? 32 : 128))
            return false;
        bits += dotted ? 96 : 0;
    }
    struct ip m = mask((unsigned)bits);
    *ret_net = (struct ip_net){{a.hi & m.hi, a.lo & m.lo}, (uint8_t)bits};
    return true;
}

bool ip_in_net(struct ip a, struct ip_net net)
{
    struct ip m = mask(net.bits);
    return ((a.hi ^ net.first.hi) & m.hi) == 0 && ((a.lo ^ net.first.lo) & m.lo) == 0;
}

struct ip ip_net_last(struct ip_net net)
{
    struct ip m = mask(net.bits);
    return (struct ip){net.first.hi | ~m.hi, net.first.lo | ~m.lo};
}

/* The first range that holds the address tells its class; what none holds is public. */
static const struct special4 {
    uint32_t first;
    uint8_t bits;
    enum ip_class class;
} special4[] = {
    {0x00000000, 8, IP_UNSPECIFIED},    {0x0a000000, 8, IP_PRIVATE},
    {0x64400000, 10, IP_PRIVATE},       {0x7f000000, 8, IP_LOOPBACK},
    {0xa9fe0000, 16, IP_LINK_LOCAL},    {0xac100000, 12, IP_PRIVATE},
    {0xc0000200, 24, IP_DOCUMENTATION}, {0xc0a80000, 16, IP_PRIVATE},
    {0xc6120000, 15, IP_RESERVED},      {0xc6336400, 24, IP_DOCUMENTATION},
    {0xcb007100, 24, IP_DOCUMENTATION}, {0xe0000000, 4, IP_MULTICAST},
    {0xffffffff, 32, IP_MULTICAST},     {0xf0000000, 4, IP_RESERVED},
};

static const struct special6 {
    struct ip_net net;
    enum ip_class class;
} special6[] = {
    {{{0, 0}, 128}, IP_UNSPECIFIED},
    {{{0, 1}, 128}, IP_LOOPBACK},
    {{{UINT64_C(0xfe80) << 48, 0}, 10}, IP_LINK_LOCAL},
    {{{UINT64_C(0xfec0) << 48, 0}, 10}, IP_PRIVATE}, /* site-local, withdrawn but still logged */
    {{{UINT64_C(0xfc00) << 48, 0}, 7}, IP_PRIVATE},
    {{{UINT64_C(0x20010db8) << 32, 0}, 32}, IP_DOCUMENTATION},
    {{{UINT64_C(0x3fff) << 48, 0}, 20}, IP_DOCUMENTATION},
    {{{UINT64_C(0xff00) << 48, 0}, 8}, IP_MULTICAST},
    {{{0, 0}, 8}, IP_RESERVED},
};

enum ip_class ip_class(struct ip a)
{
    if (ip_is4(a)) {
        for (size_t i = 0; i < ARRAY_LEN(special4); i++)
            if ((((uint32_t)a.lo ^ special4[i].first) >> (32 - special4[i].bits)) == 0)
                return special4[i].class;
        return IP_PUBLIC;
    }
    for (size_t i = 0; i < ARRAY_LEN(special6); i++)
        if (ip_in_net(a, special6[i].net))
            return special6[i].class;
    return IP_PUBLIC;
}

bool ip_is_internal(struct ip a)
{
    enum ip_class c = ip_class(a);
    return c == IP_PRIVATE || c == IP_LOOPBACK || c == IP_LINK_LOCAL || c == IP_UNSPECIFIED;
}

static unsigned group_of(struct ip a, int i)
{
    return (unsigned)((i < 4 ? a.hi >> (48 - 16 * i) : a.lo >> (48 - 16 * (i - 4))) & 0xffff);
}

char *ip_text(struct ip a, char out[IP_TEXT_BYTES])
{
    int at = 0, gap = -1, gap_n = 1; /* "::" stands for two groups at least */
    if (ip_is4(a)) {
        unsigned v = (unsigned)(a.lo & 0xffffffff);
        (void)snprintf(out, IP_TEXT_BYTES, "%u.%u.%u.%u", v >> 24, v >> 16 & 255, v >> 8 & 255,
                       v & 255);
        return out;
    }
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && group_of(a, i + n) == 0)
            n++;
        if (n > gap_n) {
            gap = i;
            gap_n = n;
        }
        i += n;
    }
    for (int i = 0; i < 8; i++) {
        if (i == gap) {
            at += snprintf(out + at, (size_t)(IP_TEXT_BYTES - at), "::");
            i += gap_n - 1;
            continue;
        }
        const char *sep = i == 0 || (gap >= 0 && i == gap + gap_n) ? "" : ":";
        at += snprintf(out + at, (size_t)(IP_TEXT_BYTES - at), "%s%x", sep, group_of(a, i));
    }
    return out;
}

void ip_add(struct buf *b, struct ip a)
{
    char text[IP_TEXT_BYTES];
    buf_puts(b, ip_text(a, text));
}
