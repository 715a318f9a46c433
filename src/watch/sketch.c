#include "watch/sketch.h"

#include "base/err.h"
#include "base/hash.h"

#include <endian.h>

/* Two texts of which a share J of the pieces is in both have the same value in a bin with chance
 * J + (1 - J) / BIN_VALUES. Ten bands of six bins: one of them is the same for 97 of 100 pairs with
 * J = 0.8, for 1 of 140 with J = 0.25. */
enum { BIN_BITS = 4, BIN_VALUES = 15, PER_WORD = 16, BAND_BINS = 6 };

_Static_assert(SKETCH_BANDS *BAND_BINS <= SKETCH_BINS, "bands share no bin");

/* One multiplication a piece: the upper six bits choose the bin, those below are compared. */
static inline void fill_one(uint64_t piece, uint32_t least[SKETCH_BINS])
{
    uint64_t hash = (piece & UINT64_MAX >> 16) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t value = (uint32_t)(hash >> 26) >> 1, *bin = &least[hash >> 58];
    *bin = value < *bin ? value : *bin;
}

static void fill(struct str text, uint32_t least[SKETCH_BINS])
{
    uint64_t piece;
    size_t i = 0;
    for (; i + sizeof piece <= text.n; i++) {
        memcpy(&piece, text.p + i, sizeof piece);
        fill_one(le64toh(piece), least);
    }
    for (; i + SKETCH_SHINGLE <= text.n; i++) {
        piece = 0;
        memcpy(&piece, text.p + i, SKETCH_SHINGLE);
        fill_one(le64toh(piece), least);
    }
}

void sketch_make(struct str text, size_t chars, struct sketch *ret_sketch)
{
    UNCLEARED uint32_t least[SKETCH_BINS];
    *ret_sketch = (struct sketch){.hash = hash64(text, 0)};
    ret_sketch->hash += ret_sketch->hash == 0;
    if (chars < SKETCH_MIN_CHARS)
        return;
    memset(least, 0xff, sizeof least);
    fill(text, least);
    for (size_t i = 0; i < SKETCH_BINS; i++) {
        uint64_t filled = least[i] != UINT32_MAX, value = filled * (least[i] % BIN_VALUES + 1);
        ret_sketch->filled |= filled << i;
        ret_sketch->bin[i / PER_WORD] |= value << (i % PER_WORD * BIN_BITS);
    }
}

/* One bit in each of sixteen bins that differ. */
static inline uint64_t differing(uint64_t a, uint64_t b)
{
    uint64_t differ = a ^ b;
    differ |= differ >> 2;
    differ |= differ >> 1;
    return differ & UINT64_C(0x1111111111111111);
}

/* How many of all bins differ: each of the sums of four bits is at most SKETCH_BINS / PER_WORD. */
static inline unsigned bins_apart(const struct sketch *a, const struct sketch *b)
{
    uint64_t sums = 0;
    for (size_t i = 0; i < SKETCH_BINS / PER_WORD; i++)
        sums += differing(a->bin[i], b->bin[i]);
    sums = (sums & UINT64_C(0x0f0f0f0f0f0f0f0f)) + (sums >> 4 & UINT64_C(0x0f0f0f0f0f0f0f0f));
    return (unsigned)(sums * UINT64_C(0x0101010101010101) >> 56);
}

double sketch_alike(const struct sketch *a, const struct sketch *b)
{
    const double chance = 1.0 / BIN_VALUES;
    uint64_t either = a->filled | b->filled;
    unsigned filled = (unsigned)__builtin_popcountll(either);
    if (!a->filled || !b->filled)
        return 0;
    /* The others are empty in both. */
    unsigned same = filled - bins_apart(a, b);
    double share = (double)same / filled;
    return share <= chance ? 0 : (share - chance) / (1 - chance);
}

/* An empty bin takes the value of the next one that is not: short texts fill few. */
static unsigned bin_or_next(const struct sketch *s, size_t i)
{
    unsigned k = 0;
    if (!(s->filled >> i & 1)) {
        uint64_t turned = i ? s->filled >> i | s->filled << (SKETCH_BINS - i) : s->filled;
        k = (unsigned)__builtin_ctzll(turned | UINT64_C(1) << 63);
        i = (i + k) % SKETCH_BINS;
    }
    unsigned value = (unsigned)(s->bin[i / PER_WORD] >> (i % PER_WORD * BIN_BITS)) & 15;
    return (value + k * 5) & 15;
}

uint32_t sketch_band(const struct sketch *s, unsigned band)
{
    uint32_t key = 0;
    for (unsigned k = 0; k < BAND_BINS; k++)
        key = key << BIN_BITS | bin_or_next(s, (size_t)band * BAND_BINS + k);
    key *= UINT32_C(0x9e3779b1);
    return key ^ key >> 16;
}
