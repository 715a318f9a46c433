#include "base/digest_blocks.h"

void digest_blocks_start(struct digest_words *w)
{
    static const struct digest_words start = {
        {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476},
        {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0},
        {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
         0x5be0cd19}};
    *w = start;
}

static bool forbidden;

void digest_blocks_forbid(bool forbid)
{
    forbidden = forbid;
}

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

/* Each of the three waits for its own last step all the time: MD5 for four or five instructions a
 * step, the SHA instructions for their latency. One after the other they take the sum of their
 * times; woven into one stream of instructions, a little more than the slowest. A slot below is a
 * sixteenth of a block: 4 steps of MD5, 4 of SHA-256, 5 of SHA-1. */

#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))
#define WOVEN __attribute__((target("sha,sse4.1,ssse3"), always_inline)) static inline

static const uint32_t md5_k[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

static const uint32_t sha256_k[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* ---- MD5: four steps ---- */

static inline uint32_t rotl(uint32_t v, int n)
{
    return v << n | v >> (32 - n);
}

static inline uint32_t word_at(const unsigned char *p, int i)
{
    uint32_t v;
    memcpy(&v, p + 4 * i, 4);
    return v;
}

/* b is the value that was computed last: what does not need it is added first. */
#define MD5_STEP(f, a, b, c, d, at, step, turn)                                                    \
    a += md5_k[step] + word_at(p, at);                                                             \
    f(a, b, c, d);                                                                                 \
    a = rotl(a, turn) + (b);
#define MD5_F(a, b, c, d) a += (d) ^ ((b) & ((c) ^ (d)))
#define MD5_G(a, b, c, d)                                                                          \
    a += (c) & ~(d);                                                                               \
    a += (b) & (d)
#define MD5_H(a, b, c, d) a += (b) ^ ((c) ^ (d))
#define MD5_I(a, b, c, d) a += (c) ^ ((b) | ~(d))
#define MD5_FOUR(f, slot, mul, add, t0, t1, t2, t3)                                                \
    if (kinds & DIGEST_MD5_ALSO) {                                                                 \
        MD5_STEP(f, a, b, c, d, (4 * (slot)*mul + add) & 15, 4 * (slot), t0)                       \
        MD5_STEP(f, d, a, b, c, ((4 * (slot) + 1) * mul + add) & 15, 4 * (slot) + 1, t1)           \
        MD5_STEP(f, c, d, a, b, ((4 * (slot) + 2) * mul + add) & 15, 4 * (slot) + 2, t2)           \
        MD5_STEP(f, b, c, d, a, ((4 * (slot) + 3) * mul + add) & 15, 4 * (slot) + 3, t3)           \
    }

/* ---- SHA-256: four rounds; x holds the next sixteen words of the schedule ---- */

#define SHA256_FOUR(i)                                                                             \
    if (kinds & DIGEST_SHA256_ALSO) {                                                              \
        __m128i t =                                                                                \
            _mm_add_epi32(x[(i)&3], _mm_load_si128((const __m128i *)(sha256_k + 4 * (i))));        \
        efgh = _mm_sha256rnds2_epu32(efgh, abef, t);                                               \
        if ((i) >= 3 && (i) <= 14)                                                                 \
            x[((i) + 1) & 3] = _mm_sha256msg2_epu32(                                               \
                _mm_add_epi32(x[((i) + 1) & 3], _mm_alignr_epi8(x[(i)&3], x[((i) + 3) & 3], 4)),   \
                x[(i)&3]);                                                                         \
        abef = _mm_sha256rnds2_epu32(abef, efgh, _mm_shuffle_epi32(t, 0x0e));                      \
        if ((i) >= 1 && (i) <= 12)                                                                 \
            x[((i) + 3) & 3] = _mm_sha256msg1_epu32(x[((i) + 3) & 3], x[(i)&3]);                   \
    }

/* ---- SHA-1: four rounds; y as x, e is a before the last four ---- */

#define SHA1_FOUR(i)                                                                               \
    if (kinds & DIGEST_SHA1_ALSO) {                                                                \
        __m128i t = (i) ? _mm_sha1nexte_epu32(e, y[(i)&3]) : _mm_add_epi32(e, y[0]);               \
        e = abcd;                                                                                  \
        if ((i) >= 3 && (i) <= 18)                                                                 \
            y[((i) + 1) & 3] = _mm_sha1msg2_epu32(y[((i) + 1) & 3], y[(i)&3]);                     \
        abcd = _mm_sha1rnds4_epu32(abcd, t, (i) / 5);                                              \
        if ((i) >= 1 && (i) <= 16)                                                                 \
            y[((i) + 3) & 3] = _mm_sha1msg1_epu32(y[((i) + 3) & 3], y[(i)&3]);                     \
        if ((i) >= 2 && (i) <= 17)                                                                 \
            y[((i) + 2) & 3] = _mm_xor_si128(y[((i) + 2) & 3], y[(i)&3]);                          \
    }

#define SLOT_F(s) MD5_FOUR(MD5_F, s, 1, 0, 7, 12, 17, 22) SHA256_FOUR(s) SHA1_FOUR((s) + (s) / 4)
#define SLOT_G(s) MD5_FOUR(MD5_G, s, 5, 1, 5, 9, 14, 20) SHA256_FOUR(s) SHA1_FOUR((s) + (s) / 4)
#define SLOT_H(s) MD5_FOUR(MD5_H, s, 3, 5, 4, 11, 16, 23) SHA256_FOUR(s) SHA1_FOUR((s) + (s) / 4)
#define SLOT_I(s) MD5_FOUR(MD5_I, s, 7, 0, 6, 10, 15, 21) SHA256_FOUR(s) SHA1_FOUR((s) + (s) / 4)

/* The state in the registers' order. */
struct lanes {
    uint32_t a, b, c, d;
    __m128i abef, efgh, abcd, e;
};

WOVEN void load(struct lanes *l, const struct digest_words *w)
{
    l->a = w->md5[0], l->b = w->md5[1], l->c = w->md5[2], l->d = w->md5[3];
    l->abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)w->sha1), 0x1b);
    l->e = _mm_set_epi32((int)w->sha1[4], 0, 0, 0);
    __m128i t = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)w->sha256), 0xb1);
    __m128i u = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(w->sha256 + 4)), 0x1b);
    l->abef = _mm_alignr_epi8(t, u, 8);
    l->efgh = _mm_blend_epi16(u, t, 0xf0);
}

WOVEN void store(const struct lanes *l, struct digest_words *w)
{
    w->md5[0] = l->a, w->md5[1] = l->b, w->md5[2] = l->c, w->md5[3] = l->d;
    _mm_storeu_si128((__m128i *)w->sha1, _mm_shuffle_epi32(l->abcd, 0x1b));
    w->sha1[4] = (uint32_t)_mm_extract_epi32(l->e, 3);
    __m128i t = _mm_shuffle_epi32(l->abef, 0x1b), u = _mm_shuffle_epi32(l->efgh, 0xb1);
    _mm_storeu_si128((__m128i *)w->sha256, _mm_blend_epi16(t, u, 0xf0));
    _mm_storeu_si128((__m128i *)(w->sha256 + 4), _mm_alignr_epi8(u, t, 8));
}

WOVEN void one_block(struct lanes *l, const unsigned kinds, const unsigned char *p)
{
    const __m128i turn4 = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    const __m128i turn16 = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
    uint32_t a = l->a, b = l->b, c = l->c, d = l->d;
    __m128i abef = l->abef, efgh = l->efgh, abcd = l->abcd, e = l->e, x[4], y[4];
    for (int i = 0; i < 4; i++) {
        __m128i m = _mm_loadu_si128((const __m128i *)(p + 16 * i));
        x[i] = _mm_shuffle_epi8(m, turn4);
        y[i] = _mm_shuffle_epi8(m, turn16);
    }
    SLOT_F(0);
    SLOT_F(1);
    SLOT_F(2);
    SLOT_F(3);
    SHA1_FOUR(4);
    SLOT_G(4);
    SLOT_G(5);
    SLOT_G(6);
    SLOT_G(7);
    SHA1_FOUR(9);
    SLOT_H(8);
    SLOT_H(9);
    SLOT_H(10);
    SLOT_H(11);
    SHA1_FOUR(14);
    SLOT_I(12);
    SLOT_I(13);
    SLOT_I(14);
    SLOT_I(15);
    SHA1_FOUR(19);
    l->a += a, l->b += b, l->c += c, l->d += d;
    l->abef = _mm_add_epi32(l->abef, abef);
    l->efgh = _mm_add_epi32(l->efgh, efgh);
    l->e = _mm_sha1nexte_epu32(e, l->e);
    l->abcd = _mm_add_epi32(l->abcd, abcd);
}

/* kinds is a constant wherever this is inlined: what it does not name costs nothing. */
WOVEN void blocks(struct digest_words *w, const unsigned kinds, const unsigned char *p, size_t n)
{
    struct lanes l;
    load(&l, w);
    for (; n; n--, p += DIGEST_BLOCK)
        one_block(&l, kinds, p);
    store(&l, w);
}

SHA_NI static void all_three(struct digest_words *w, const unsigned char *p, size_t n)
{
    blocks(w, DIGEST_ALL, p, n);
}

SHA_NI static void both_sha(struct digest_words *w, const unsigned char *p, size_t n)
{
    blocks(w, DIGEST_SHA1_ALSO | DIGEST_SHA256_ALSO, p, n);
}

SHA_NI static void md5_sha1(struct digest_words *w, const unsigned char *p, size_t n)
{
    blocks(w, DIGEST_MD5_ALSO | DIGEST_SHA1_ALSO, p, n);
}

SHA_NI static void md5_sha256(struct digest_words *w, const unsigned char *p, size_t n)
{
    blocks(w, DIGEST_MD5_ALSO | DIGEST_SHA256_ALSO, p, n);
}

static void (*const of_kinds[DIGEST_ALL + 1])(struct digest_words *, const unsigned char *,
                                              size_t) = {
    [DIGEST_MD5_ALSO | DIGEST_SHA1_ALSO] = md5_sha1,
    [DIGEST_MD5_ALSO | DIGEST_SHA256_ALSO] = md5_sha256,
    [DIGEST_SHA1_ALSO | DIGEST_SHA256_ALSO] = both_sha,
    [DIGEST_ALL] = all_three,
};

static bool processor_can(void)
{
    unsigned eax, ebx = 0, ecx, edx;
    enum { SHA_BIT = 1u << 29 }; /* gcc 12 has no name for it in __builtin_cpu_supports */
    return __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3") &&
           __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & SHA_BIT);
}

bool digest_blocks_can(unsigned kinds)
{
    static enum { UNKNOWN, NO, YES } can; /* a virtual machine takes its time over the question */
    if (can == UNKNOWN)
        can = processor_can() ? YES : NO;
    return !forbidden && kinds <= DIGEST_ALL && of_kinds[kinds] && can == YES;
}

void digest_blocks_add(struct digest_words *w, unsigned kinds, const unsigned char *p,
                       size_t n_blocks)
{
    of_kinds[kinds](w, p, n_blocks);
}

#else

bool digest_blocks_can(unsigned kinds)
{
    (void)kinds;
    return false;
}

void digest_blocks_add(struct digest_words *w, unsigned kinds, const unsigned char *p,
                       size_t n_blocks)
{
    (void)w, (void)kinds, (void)p, (void)n_blocks;
}

#endif
