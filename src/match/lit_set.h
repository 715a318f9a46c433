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
    LIT_BUCKETS = 8,
    LIT_MULTIPLIERS = 8,
};

/* The literal starts `at` bytes before the window. */
struct lit_entry {
    uint32_t literal, at;
};

/* Windows by content, open addressing. A print is a part of a window's hash, 0 where the place is
 * free: nearly all questions end there, in a table that stays in the cache. */
struct lit_slot {
    uint64_t key;
    uint32_t first, n; /* entries */
};

struct lit_windows {
    uint16_t *print;
    struct lit_slot *slot;
    struct lit_entry *entry;
    size_t mask;
    size_t n_entries;
};

struct lit_set {
    struct arena arena;
    struct str *literal; /* in lower case */
    size_t n;
    struct lit_windows wide, middle, narrow, shorter;
    uint32_t *filter; /* two bits of a word for each gram, by its hash */
    uint32_t multiplier;
    unsigned shift;
    uint8_t *ways; /* what a gram may be part of, by its hash; see lit_ways */
    unsigned ways_shift;
    unsigned char bucket[LIT_NARROW][256]; /* narrow windows by their bytes, a bit a bucket */
    unsigned char low[LIT_NARROW][16], high[LIT_NARROW][16]; /* the same by half bytes */
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

/* Bit k: part of a wide window that begins k bytes before the gram. Bit 4 + k: of a middle window
 * that begins k - 1 bytes before it. Some bits may be another gram's. */
static inline uint8_t *lit_ways(const struct lit_set *set, uint32_t gram)
{
    return &set->ways[lit_gram_fold(gram) * UINT32_C(0x2c1b3c6d) >> set->ways_shift];
}

static inline uint64_t lit_window_key(uint64_t bytes, size_t n)
{
    return (bytes | LIT_FOLD) & (UINT64_MAX >> (64 - 8 * n));
}

static inline uint64_t lit_window_hash(uint64_t key)
{
    return key * UINT64_C(0x9e3779b97f4a7c15);
}

static inline uint16_t lit_print(uint64_t hash)
{
    return (uint16_t)(hash >> 16 | 1);
}

/* The place of a window in the table, or the free one where it would be. */
static inline size_t lit_window_find(const struct lit_windows *w, uint64_t key)
{
    uint64_t hash = lit_window_hash(key);
    size_t h = hash >> 32 & w->mask;
    while (w->print[h] && (w->print[h] != lit_print(hash) || w->slot[h].key != key))
        h = (h + 1) & w->mask;
    return h;
}

MUST_CHECK enum err lit_build(struct lit_set *set, const struct lit_model *model);

#endif
