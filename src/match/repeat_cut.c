#include "match/repeat_priv.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

struct masks {
    uint64_t cut, end;
};

/* Which of 64 bytes are cuts, which of these line ends. */
static inline struct masks masks_plainly(const char *p, const char cuts[2])
{
    struct masks m = {0, 0};
    for (int k = 0; k < 64; k++) {
        m.end |= (uint64_t)(p[k] == '\n') << k;
        m.cut |= (uint64_t)(p[k] == cuts[0] || p[k] == cuts[1] || p[k] == '\n') << k;
    }
    return m;
}

struct cutter {
    struct repeat *r;
    size_t n, n_ends;
    uint64_t before, beside; /* was the last byte a cut; do two stand side by side */
};

static inline void take_masks(struct cutter *c, size_t at, struct masks m)
{
    c->beside |= m.cut & (m.cut << 1 | c->before);
    c->before = m.cut >> 63;
    for (; m.end; m.end &= m.end - 1) {
        uint64_t earlier = m.cut & ((m.end & -m.end) - 1);
        c->r->end[c->n_ends++] = (uint32_t)(c->n + (size_t)__builtin_popcountll(earlier));
    }
    /* Four at a time whether they are there or not: a loop that ends at random is guessed wrong. */
    uint16_t *cut = c->r->cut + c->n;
    c->n += (size_t)__builtin_popcountll(m.cut);
    for (; m.cut; cut += 4)
        for (int k = 0; k < 4; k++, m.cut &= m.cut - 1)
            cut[k] = (uint16_t)(at + (size_t)__builtin_ctzll(m.cut | UINT64_C(1) << 63));
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,popcnt"))) static size_t cut_wide(struct cutter *cutter)
{
    struct cutter c = *cutter;
    const __m256i a = _mm256_set1_epi8(c.r->cuts[0]), b = _mm256_set1_epi8(c.r->cuts[1]);
    const __m256i nl = _mm256_set1_epi8('\n');
    struct str text = c.r->text;
    size_t i = 0;
    for (; i + 64 <= text.n; i += 64) {
        struct masks m = {0, 0};
#pragma GCC unroll 2
        for (int k = 0; k < 2; k++) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(text.p + i + 32 * k));
            __m256i end = _mm256_cmpeq_epi8(v, nl);
            __m256i cut = _mm256_or_si256(_mm256_cmpeq_epi8(v, a), _mm256_cmpeq_epi8(v, b));
            cut = _mm256_or_si256(cut, end);
            m.end |= (uint64_t)(unsigned)_mm256_movemask_epi8(end) << (32 * k);
            m.cut |= (uint64_t)(unsigned)_mm256_movemask_epi8(cut) << (32 * k);
        }
        take_masks(&c, i, m);
    }
    *cutter = c;
    return i;
}
#endif

/* A cut that begins a line leaves an empty cell as well. */
void repeat_cut(struct repeat *r)
{
    char last[64];
    struct cutter c = {.r = r, .before = 1};
    size_t i = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
        i = cut_wide(&c);
#endif
    for (; i < r->text.n; i += sizeof last) {
        size_t n = r->text.n - i < sizeof last ? r->text.n - i : sizeof last;
        memset(last, 0, sizeof last);
        memcpy(last, r->text.p + i, n);
        take_masks(&c, i, masks_plainly(last, r->cuts));
    }
    r->n_ends = c.n_ends;
    r->empties = c.beside != 0;
}
