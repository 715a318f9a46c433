/* match/lit_set.h — the tables of a set of literals, shared by lit.c and lit_build.c.
 *
 * What:   a literal is found by a window, a few bytes of it that are rare. Windows of WIDE and
 *         MIDDLE bytes are found by looking at every STRIDE-th place only, NARROW and SHORT ones by
 *         holding every place against half bytes. What is shorter is searched one by one.
 * Input:  none; private to match.
 * Limits: none.
 * Owner:  everything is in the set's arena.
 * Spec:   docs/internals/MATCH.md
 */
#ifndef MATCH_LIT_SET_H
#define MATCH_LIT_SET_H

#include "base/arena.h"
#include "match/lit.h"

enum {
    LIT_GRAM = 4,                         /* bytes looked at in one place */
    LIT_STRIDE = 4,                       /* from one place to the next */
    LIT_WIDE = LIT_GRAM + LIT_STRIDE - 1, /* so that a place falls into every window */
    LIT_MIDDLE = 5,                       /* here one byte of the gram may lie outside */
    LIT_NARROW = 4,
    LIT_SHORT = 3,
    LIT_BUCKETS = 16,
    LIT_MULTIPLIERS = 8,
};

/* The literal starts `at` bytes before the window. */
struct lit_entry {
    uint32_t literal, at;
};

/* Windows by content, open addressing; a slot with n == 0 is free. Nearly all questions end before
 * it, at a filter of one bit a window that stays in the cache. */
struct lit_slot {
    uint64_t key;
    uint32_t first, n; /* entries */
};

struct lit_windows {
    uint32_t *filter;
    unsigned filter_shift;
    struct lit_slot *slot;
    struct lit_entry *entry;
    size_t mask;
    size_t n_entries;
};

struct lit_set {
    struct arena arena;
    struct str *literal; /* in lower case */
    size_t n;
    const bool *take; /* while it is built: those of a subset, NULL for all */
    struct lit_windows wide, middle, narrow, shorter;
    uint32_t *filter; /* two bits of a word for each gram, by its hash */
    uint32_t multiplier;
    unsigned shift;
    bool eight;                       /* buckets are in use, not sixteen */
    uint16_t bucket[LIT_NARROW][256]; /* narrow windows by their bytes, a bit a bucket */
    struct lit_halves {
        unsigned char low[LIT_NARROW][16], high[LIT_NARROW][16];
    } halves[LIT_BUCKETS / 8]; /* the same by half bytes, eight buckets each */
    uint32_t *tiny;
    size_t n_tiny;
};

/* Bytes that differ by bit 5 alone count as equal in grams and windows: letters of both cases, and
 * some signs; literals are compared in full afterwards. */
#define LIT_FOLD UINT64_C(0x2020202020202020)

static inline uint32_t lit_gram_fold(uint32_t gram)
{
    return gram | (uint32_t)LIT_FOLD;
}

/* Which word of the filter, by the upper bits, and which two bits of it. */
static inline bool lit_gram_passes(const struct lit_set *set, uint32_t gram)
{
    uint32_t hash = lit_gram_fold(gram) * set->multiplier;
    uint32_t bits = UINT32_C(1) << (hash & 31) | UINT32_C(1) << (hash >> 5 & 31);
    return (set->filter[hash >> set->shift] & bits) == bits;
}

static inline uint64_t lit_window_key(uint64_t bytes, size_t n)
{
    return (bytes | LIT_FOLD) & (UINT64_MAX >> (64 - 8 * n));
}

static inline uint64_t lit_window_hash(uint64_t key)
{
    return key * UINT64_C(0x9e3779b97f4a7c15);
}

/* 1 if the window may be in the table. */
static inline unsigned lit_window_passes(const struct lit_windows *w, uint64_t key)
{
    uint64_t bit = lit_window_hash(key) >> w->filter_shift;
    return w->filter[bit / 32] >> (bit % 32) & 1;
}

/* Its slot, or the free one where it would be. */
static inline struct lit_slot *lit_window_find(const struct lit_windows *w, uint64_t key)
{
    size_t h = lit_window_hash(key) >> 20 & w->mask;
    while (w->slot[h].n && w->slot[h].key != key)
        h = (h + 1) & w->mask;
    return &w->slot[h];
}

MUST_CHECK enum err lit_build(struct lit_set *set, const struct lit_model *model);

#endif
