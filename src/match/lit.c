#include "match/lit_set.h"

#include <endian.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { SET_BYTES = 256 * 1024 * 1024 };

static enum err copy_literals(struct lit_set *set, const struct str *literal, size_t n,
                              struct error *error)
{
    set->n = n;
    set->literal = arena_new_n(&set->arena, struct str, n + 1);
    if (!set->literal)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        if (literal[i].n == 0)
            return fail(error, ERR_FORMAT, "literal %zu is empty", i);
        char *low = arena_alloc(&set->arena, literal[i].n + 1);
        if (!low)
            return fail(error, ERR_NOMEM, "out of memory");
        ascii_lower_all(low, literal[i].p, literal[i].n);
        set->literal[i] = str_make(low, literal[i].n);
    }
    return OK;
}

enum err lit_new(const struct str *literal, size_t n, const struct lit_model *model,
                 struct lit_set **ret_set, struct error *error)
{
    struct lit_set *set = calloc(1, sizeof *set);
    *ret_set = NULL;
    if (!set)
        return fail(error, ERR_NOMEM, "out of memory");
    arena_init_small(&set->arena, SET_BYTES);
    enum err rc = copy_literals(set, literal, n, error);
    if (!rc && lit_build(set, model) != OK)
        rc = fail(error, ERR_NOMEM, "out of memory");
    if (rc) {
        (void)lit_free(set);
        return rc;
    }
    *ret_set = set;
    return OK;
}

enum err lit_subset(const struct lit_set *of, const bool *take, const struct lit_model *model,
                    struct lit_set **ret_set)
{
    struct lit_set *set = calloc(1, sizeof *set);
    *ret_set = NULL;
    if (!set)
        return ERR_NOMEM;
    arena_init_small(&set->arena, SET_BYTES);
    set->literal = of->literal;
    set->n = of->n;
    set->take = take;
    enum err rc = lit_build(set, model);
    set->take = NULL;
    if (rc)
        (void)lit_free(set);
    else
        *ret_set = set;
    return rc;
}

struct lit_set *lit_free(struct lit_set *set)
{
    if (set) {
        arena_done(&set->arena);
        free(set);
    }
    return NULL;
}

size_t lit_bytes(const struct lit_set *set)
{
    return sizeof *set + set->arena.used_bytes;
}

struct search {
    const struct lit_set *set;
    struct str text;
    struct lit_spots *spots;
};

static bool literal_at(struct str literal, const char *p)
{
    for (size_t i = 0; i < literal.n; i++)
        if (ascii_lower((unsigned char)p[i]) != (unsigned char)literal.p[i])
            return false;
    return true;
}

/* Spots come nearly in order: a new one sinks past the few that are behind it. */
static enum err add_spot(struct lit_spots *spots, struct lit_spot spot)
{
    TRY(vec_push(spots, spot, SIZE_MAX / sizeof spot));
    for (size_t i = spots->n - 1; i > 0; i--) {
        struct lit_spot *before = &spots->v[i - 1];
        if (before->end < spot.end || (before->end == spot.end && before->literal < spot.literal))
            break;
        spots->v[i] = *before;
        *before = spot;
    }
    return OK;
}

/* The literals that have this window here, if there are any. */
static enum err try_window(const struct search *s, const struct lit_windows *w, uint64_t key,
                           size_t at)
{
    const struct lit_slot *slot = lit_window_find(w, key);
    for (uint32_t i = 0; i < slot->n; i++) {
        struct lit_entry e = w->entry[slot->first + i];
        struct str literal = s->set->literal[e.literal];
        if (e.at > at || literal.n > s->text.n - (at - e.at) ||
            !literal_at(literal, s->text.p + at - e.at))
            continue;
        struct lit_spot spot = {(uint32_t)(at - e.at + literal.n), e.literal};
        TRY(add_spot(s->spots, spot));
    }
    return OK;
}

static inline uint64_t load_8(const char *p)
{
    uint64_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return le64toh(bytes);
}

static enum err try_at(const struct search *s, const struct lit_windows *w, size_t width, size_t at)
{
    uint64_t bytes = 0;
    if (at > s->text.n || s->text.n - at < width)
        return OK;
    memcpy(&bytes, s->text.p + at, width);
    uint64_t key = lit_window_key(le64toh(bytes), width);
    return lit_window_passes(w, key) ? try_window(s, w, key, at) : OK;
}

/* A gram of a window may stand here. A wide window then begins here or up to three bytes before, a
 * middle one a byte behind, here, or up to two bytes before. */
static enum err try_gram(const struct search *s, size_t at)
{
    for (size_t k = 0; k < LIT_STRIDE && k <= at; k++)
        TRY(try_at(s, &s->set->wide, LIT_WIDE, at - k));
    for (size_t k = 0; k < LIT_STRIDE && k <= at + 1; k++)
        TRY(try_at(s, &s->set->middle, LIT_MIDDLE, at + 1 - k));
    return OK;
}

/* The same in the middle of the text: all eight questions first, then one branch that is nearly
 * never taken. */
static inline enum err try_gram_inside(const struct search *s, size_t at)
{
    const struct lit_set *set = s->set;
    const char *p = s->text.p + at;
    unsigned passes = 0;
    for (int k = 0; k < LIT_STRIDE; k++) {
        passes |= lit_window_passes(&set->wide, lit_window_key(load_8(p - k), LIT_WIDE));
        passes |= lit_window_passes(&set->middle, lit_window_key(load_8(p + 1 - k), LIT_MIDDLE));
    }
    return passes ? try_gram(s, at) : OK;
}

static enum err try_narrow(const struct search *s, size_t at)
{
    TRY(try_at(s, &s->set->narrow, LIT_NARROW, at));
    return try_at(s, &s->set->shorter, LIT_SHORT, at);
}

static uint32_t gram_at(const char *p)
{
    uint32_t gram;
    memcpy(&gram, p, sizeof gram);
    return le32toh(gram);
}

static bool narrow_here(const struct lit_set *set, const char *p)
{
    return set->bucket[0][(unsigned char)p[0]] & set->bucket[1][(unsigned char)p[1]] &
           set->bucket[2][(unsigned char)p[2]] & set->bucket[3][(unsigned char)p[3]];
}

/* From a place that is a multiple of STRIDE to the end of the text, place by place. What reaches
 * over the end is tried as if it fitted. */
static enum err scan_rest(const struct search *s, size_t from)
{
    struct str text = s->text;
    for (size_t i = from; i < text.n; i++) {
        bool whole = i + LIT_GRAM <= text.n;
        if (i % LIT_STRIDE == 0 && (!whole || lit_gram_passes(s->set, gram_at(text.p + i))))
            TRY(try_gram(s, i));
        if (!whole || narrow_here(s->set, text.p + i))
            TRY(try_narrow(s, i));
    }
    return OK;
}

#if defined(__x86_64__)
#define HAVE_AVX2 1
#define AVX2 __attribute__((target("avx2,bmi")))

enum { STEP = 32 };

AVX2 static inline __m256i load_32(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2 static inline __m256i twice(const unsigned char table[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

/* Eight grams side by side are looked up together: the ones that are in the table, as bits. */
AVX2 static inline unsigned grams_in(__m256i bytes, const uint32_t *table, __m256i multiplier,
                                     __m128i shift)
{
    const __m256i one = _mm256_set1_epi32(1), low5 = _mm256_set1_epi32(31);
    __m256i folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
    __m256i hash = _mm256_mullo_epi32(folded, multiplier);
    __m256i word =
        _mm256_i32gather_epi32((const int *)(const void *)table, _mm256_srl_epi32(hash, shift), 4);
    __m256i a = _mm256_sllv_epi32(one, _mm256_and_si256(hash, low5));
    __m256i b = _mm256_sllv_epi32(one, _mm256_and_si256(_mm256_srli_epi32(hash, 5), low5));
    __m256i bits = _mm256_or_si256(a, b);
    __m256i in = _mm256_cmpeq_epi32(_mm256_and_si256(word, bits), bits);
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(in));
}

struct halves {
    __m256i low[LIT_NARROW], high[LIT_NARROW];
};

AVX2 static inline struct halves halves_of(const struct lit_halves *h)
{
    UNCLEARED struct halves wide;
    for (size_t k = 0; k < LIT_NARROW; k++) {
        wide.low[k] = twice(h->low[k]);
        wide.high[k] = twice(h->high[k]);
    }
    return wide;
}

AVX2 static inline __m256i in_halves(const struct halves *h, size_t k, __m256i low, __m256i high)
{
    return _mm256_and_si256(_mm256_shuffle_epi8(h->low[k], low),
                            _mm256_shuffle_epi8(h->high[k], high));
}

/* The places of 32 whose half bytes are those of some bucket in all four positions, as bits. */
AVX2 static inline __attribute__((always_inline)) unsigned
buckets_in(const char *p, const struct halves h[LIT_BUCKETS / 8], bool eight)
{
    const __m256i half = _mm256_set1_epi8(15);
    __m256i a = _mm256_set1_epi8(-1), b = eight ? _mm256_setzero_si256() : a;
#pragma GCC unroll 4
    for (size_t k = 0; k < LIT_NARROW; k++) {
        __m256i bytes = load_32(p + k);
        __m256i low = _mm256_and_si256(bytes, half);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
        a = _mm256_and_si256(a, in_halves(&h[0], k, low, high));
        if (!eight)
            b = _mm256_and_si256(b, in_halves(&h[1], k, low, high));
    }
    __m256i none = _mm256_cmpeq_epi8(_mm256_or_si256(a, b), _mm256_setzero_si256());
    return ~(unsigned)_mm256_movemask_epi8(none);
}

/* 32 bytes in which something seems to stand: grams as bits of STRIDE places, narrow windows as
 * bits of one. */
struct flag {
    uint32_t at, grams, narrow;
};

enum { PIECE_BYTES = 8 * 1024 };

/* Writes down, without a branch that could be guessed wrong, where to look again. */
AVX2 static inline __attribute__((always_inline)) size_t flag_with(const struct lit_set *set,
                                                                   struct str text, size_t from,
                                                                   size_t to, struct flag *flag,
                                                                   bool eight)
{
    const __m256i multiplier = _mm256_set1_epi32((int)set->multiplier);
    const __m128i shift = _mm_cvtsi32_si128((int)set->shift);
    const struct halves halves[] = {halves_of(&set->halves[0]), halves_of(&set->halves[1])};
    size_t n = 0;
    for (size_t i = from; i < to; i += STEP) {
        unsigned grams = grams_in(load_32(text.p + i), set->filter, multiplier, shift);
        unsigned narrow = buckets_in(text.p + i, halves, eight);
        flag[n] = (struct flag){(uint32_t)i, grams, narrow};
        n += (grams | narrow) != 0;
    }
    return n;
}

AVX2 static size_t flag_piece(const struct lit_set *set, struct str text, size_t from, size_t to,
                              struct flag *flag)
{
    return set->eight ? flag_with(set, text, from, to, flag, true)
                      : flag_with(set, text, from, to, flag, false);
}

static inline enum err look_again(const struct search *s, const struct flag *flag)
{
    for (unsigned grams = flag->grams; grams; grams &= grams - 1) {
        size_t at = flag->at + LIT_STRIDE * (size_t)__builtin_ctz(grams);
        bool inside = at >= LIT_STRIDE && s->text.n - at > sizeof(uint64_t) + 1;
        TRY(inside ? try_gram_inside(s, at) : try_gram(s, at));
    }
    for (unsigned narrow = flag->narrow; narrow; narrow &= narrow - 1) {
        size_t at = flag->at + (size_t)__builtin_ctz(narrow);
        if (narrow_here(s->set, s->text.p + at))
            TRY(try_narrow(s, at));
    }
    return OK;
}

static enum err scan_avx2(const struct search *s, size_t *ret_done)
{
    struct flag flag[PIECE_BYTES / STEP + 1];
    size_t end = s->text.n < LIT_NARROW ? 0 : (s->text.n - (LIT_NARROW - 1)) / STEP * STEP;
    for (size_t from = 0; from < end; from += PIECE_BYTES) {
        size_t to = end - from < PIECE_BYTES ? end : from + PIECE_BYTES;
        size_t n = flag_piece(s->set, s->text, from, to, flag);
        for (size_t i = 0; i < n; i++)
            TRY(look_again(s, &flag[i]));
    }
    *ret_done = end;
    return OK;
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}
#else
#define HAVE_AVX2 0
#endif

/* One and two bytes: each on its own. */
static enum err scan_tiny(const struct search *s)
{
    for (size_t t = 0; t < s->set->n_tiny; t++) {
        struct str literal = s->set->literal[s->set->tiny[t]];
        for (size_t at = 0; at + literal.n <= s->text.n; at++)
            if (literal_at(literal, s->text.p + at)) {
                struct lit_spot spot = {(uint32_t)(at + literal.n), s->set->tiny[t]};
                TRY(vec_push(s->spots, spot, SIZE_MAX / sizeof spot));
            }
    }
    return OK;
}

static int by_end(const void *a, const void *b)
{
    const struct lit_spot *x = a, *y = b;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return (x->literal > y->literal) - (x->literal < y->literal);
}

static enum err scan(const struct lit_set *set, struct str text, bool wide, struct lit_spots *spots)
{
    struct search s = {set, text, spots};
    size_t done = 0;
    spots->n = 0;
    if (text.n >= UINT32_MAX)
        return ERR_LIMIT;
    if (set->n == 0)
        return OK;
#if HAVE_AVX2
    if (wide)
        TRY(scan_avx2(&s, &done));
#else
    (void)wide;
#endif
    TRY(scan_rest(&s, done));
    if (set->n_tiny) {
        TRY(scan_tiny(&s));
        if (spots->n)
            qsort(spots->v, spots->n, sizeof *spots->v, by_end);
    }
    return OK;
}

enum err lit_scan(const struct lit_set *set, struct str text, struct lit_spots *spots)
{
#if HAVE_AVX2
    return scan(set, text, has_avx2(), spots);
#else
    return scan(set, text, false, spots);
#endif
}

enum err lit_scan_plain(const struct lit_set *set, struct str text, struct lit_spots *spots)
{
    return scan(set, text, false, spots);
}

const char *lit_instructions(void)
{
#if HAVE_AVX2
    return has_avx2() ? "avx2" : "plain";
#else
    return "plain";
#endif
}
