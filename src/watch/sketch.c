#include "watch/sketch.h"

#include "base/hash.h"

#include <endian.h>

enum { BIN_BITS = 4, BAND_BINS = 4 };

/* One multiplication a piece: the upper six bits choose the bin, what is below is compared. */
static void fill(struct str text, uint32_t least[SKETCH_BINS], uint64_t *filled)
{
    const uint64_t six = UINT64_MAX >> 16;
    for (size_t i = 0; i + SKETCH_SHINGLE <= text.n; i++) {
        uint64_t bytes = 0;
        memcpy(&bytes, text.p + i, text.n - i >= sizeof bytes ? sizeof bytes : SKETCH_SHINGLE);
        uint64_t hash = (le64toh(bytes) & six) * UINT64_C(0x9e3779b97f4a7c15);
        hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
        uint32_t value = (uint32_t)(hash >> 20);
        size_t bin = hash >> 58;
        *filled |= UINT64_C(1) << bin;
        least[bin] = value < least[bin] ? value : least[bin];
    }
}

void sketch_make(struct str text, size_t chars, struct sketch *ret_sketch)
{
    uint32_t least[SKETCH_BINS];
    *ret_sketch = (struct sketch){.hash = hash64(text, 0)};
    ret_sketch->hash += ret_sketch->hash == 0;
    if (chars < SKETCH_MIN_CHARS)
        return;
    memset(least, 0xff, sizeof least);
    fill(text, least, &ret_sketch->filled);
    for (size_t i = 0; i < SKETCH_BINS; i++)
        if (ret_sketch->filled >> i & 1)
            ret_sketch->bin[i / 2] |= (unsigned char)((least[i] & 15) << (i % 2 * BIN_BITS));
}

static unsigned bin_of(const struct sketch *s, size_t i)
{
    return s->bin[i / 2] >> (i % 2 * BIN_BITS) & 15;
}

double sketch_alike(const struct sketch *a, const struct sketch *b)
{
    const double chance = 1.0 / 16;
    uint64_t both = a->filled & b->filled, either = a->filled | b->filled;
    unsigned same = 0;
    if (!a->filled || !b->filled)
        return 0;
    for (size_t i = 0; i < SKETCH_BINS; i++)
        same += (both >> i & 1) && bin_of(a, i) == bin_of(b, i);
    double share = (double)same / __builtin_popcountll(either);
    return share <= chance ? 0 : (share - chance) / (1 - chance);
}

/* An empty bin takes the value of the next one that is not: short texts fill few. */
static unsigned bin_or_next(const struct sketch *s, size_t i)
{
    for (size_t k = 0; k < SKETCH_BINS; k++, i = (i + 1) % SKETCH_BINS)
        if (s->filled >> i & 1)
            return (bin_of(s, i) + (unsigned)k * 5) & 15;
    return 0;
}

uint16_t sketch_band(const struct sketch *s, unsigned band)
{
    unsigned key = 0;
    for (unsigned k = 0; k < BAND_BINS; k++)
        key = key << BIN_BITS | bin_or_next(s, (size_t)band * BAND_BINS + k);
    return (uint16_t)key;
}
