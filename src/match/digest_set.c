#include "match/digest_set.h"

#include <stdlib.h>

/* Records of one kind lie in one array, sorted: the digest, then its number. A table of places
 * says where digests begin that share their first bits, so that a search starts within a few
 * records of its end. In front of both stands the filter: each digest has one block of 64 bytes
 * in it, and BITS bits in that block. */
enum { NUMBER_BYTES = 4, FILTER_BLOCK = 64, BITS = 6, ENTRIES_A_BLOCK = 42, ENTRIES_A_PLACE = 8 };

struct filter_block {
    uint64_t word[FILTER_BLOCK / 8];
} __attribute__((aligned(FILTER_BLOCK)));

struct table {
    unsigned char *record;
    size_t n, cap;
    uint32_t *place; /* 2^place_bits + 1: the first record whose first bits are not lower */
    unsigned place_bits;
    struct filter_block *filter;
    size_t n_blocks;
};

struct digest_set {
    size_t n, max;
    struct table table[DIGEST_KINDS];
};

static size_t record_bytes(enum digest_kind kind)
{
    return digest_bytes(kind) + NUMBER_BYTES;
}

enum err digest_set_new(size_t max_entries, struct digest_set **ret_set)
{
    if (max_entries > UINT32_MAX - 1)
        return ERR_LIMIT;
    *ret_set = calloc(1, sizeof **ret_set);
    if (!*ret_set)
        return ERR_NOMEM;
    (*ret_set)->max = max_entries;
    return OK;
}

void digest_set_done(struct digest_set *set)
{
    if (!set)
        return;
    for (enum digest_kind k = 0; k < DIGEST_KINDS; k++) {
        free(set->table[k].record);
        free(set->table[k].place);
        free(set->table[k].filter);
    }
    free(set);
}

/* ---- building ---- */

static enum err grow(struct table *t, size_t bytes)
{
    enum { FIRST = 1024 };
    size_t cap = t->cap ? t->cap + t->cap / 2 : FIRST;
    unsigned char *p = realloc(t->record, cap * bytes);
    if (!p)
        return ERR_NOMEM;
    t->record = p;
    t->cap = cap;
    return OK;
}

enum err digest_set_add(struct digest_set *set, enum digest_kind kind, const unsigned char *bytes,
                        uint32_t number)
{
    struct table *t = &set->table[kind];
    const size_t n = digest_bytes(kind);
    if (t->filter)
        return ERR_BUG;
    if (set->n >= set->max)
        return ERR_LIMIT;
    if (t->n == t->cap)
        TRY(grow(t, n + NUMBER_BYTES));
    unsigned char *record = t->record + t->n * (n + NUMBER_BYTES);
    memcpy(record, bytes, n);
    for (size_t i = 0; i < NUMBER_BYTES; i++) /* the high byte first: memcmp orders numbers too */
        record[n + i] = (unsigned char)(number >> 8 * (NUMBER_BYTES - 1 - i));
    t->n++;
    set->n++;
    return OK;
}

static void swap(unsigned char *a, unsigned char *b, size_t n)
{
    unsigned char t[DIGEST_MAX_BYTES + NUMBER_BYTES];
    memcpy(t, a, n);
    memcpy(a, b, n);
    memcpy(b, t, n);
}

static void sort_few(unsigned char *record, size_t n, size_t bytes)
{
    for (size_t i = 1; i < n; i++) {
        unsigned char t[DIGEST_MAX_BYTES + NUMBER_BYTES];
        size_t at = i;
        while (at > 0 && memcmp(record + (at - 1) * bytes, record + i * bytes, bytes) > 0)
            at--;
        if (at == i)
            continue;
        memcpy(t, record + i * bytes, bytes);
        memmove(record + (at + 1) * bytes, record + at * bytes, (i - at) * bytes);
        memcpy(record + at * bytes, t, bytes);
    }
}

/* By one byte after the other, in place: digests spread evenly, so that two or three bytes leave a
 * few records each. A hostile list that does not spread takes a pass for each of its bytes, and no
 * more. */
static void sort(unsigned char *record, size_t n, size_t bytes, size_t byte)
{
    enum { FEW = 24, VALUES = 256 };
    uint32_t start[VALUES + 1] = {0}, next[VALUES];
    if (n <= FEW || byte == bytes) {
        sort_few(record, n <= FEW ? n : 0, bytes);
        return;
    }
    for (size_t i = 0; i < n; i++)
        start[record[i * bytes + byte] + 1]++;
    for (size_t v = 0; v < VALUES; v++) {
        start[v + 1] += start[v];
        next[v] = start[v];
    }
    for (size_t v = 0; v < VALUES; v++)
        while (next[v] < start[v + 1]) {
            unsigned char *r = record + next[v] * bytes;
            size_t to = r[byte];
            if (to == v)
                next[v]++;
            else
                swap(r, record + next[to]++ * bytes, bytes);
        }
    for (size_t v = 0; v < VALUES; v++)
        sort(record + start[v] * bytes, start[v + 1] - start[v], bytes, byte + 1);
}

static void drop_twins(struct table *t, enum digest_kind kind)
{
    const size_t bytes = record_bytes(kind), n = digest_bytes(kind);
    size_t left = 0;
    for (size_t i = 0; i < t->n; i++) {
        unsigned char *r = t->record + i * bytes;
        if (left && memcmp(t->record + (left - 1) * bytes, r, n) == 0)
            continue; /* the lower number came first */
        if (left != i)
            memcpy(t->record + left * bytes, r, bytes);
        left++;
    }
    t->n = left;
}

/* ---- the filter, and the first bits ---- */

static uint64_t word_of(const unsigned char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

/* By the digest's bytes 8 to 15: what places and bits are taken from says nothing of it. */
static size_t block_of(const struct table *t, const unsigned char *bytes)
{
    return (size_t)((unsigned __int128)(word_of(bytes + 8) * 0x9e3779b97f4a7c15u) * t->n_blocks >>
                    64);
}

/* Nine bits of the digest's front a bit: three for the word, six for the place in it. */
static bool filter_says(const struct filter_block *b, const unsigned char *bytes)
{
    uint64_t w = word_of(bytes);
    bool all = true;
    for (int i = 0; i < BITS; i++, w >>= 9)
        all &= b->word[w & 7] >> (w >> 3 & 63) & 1;
    return all;
}

static void filter_learn(struct filter_block *b, const unsigned char *bytes)
{
    uint64_t w = word_of(bytes);
    for (int i = 0; i < BITS; i++, w >>= 9)
        b->word[w & 7] |= (uint64_t)1 << (w >> 3 & 63);
}

static uint32_t first_bits(const unsigned char *p, unsigned bits)
{
    uint32_t v = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    return bits ? v >> (32 - bits) : 0;
}

static enum err build(struct table *t, enum digest_kind kind)
{
    const size_t bytes = record_bytes(kind);
    sort(t->record, t->n, bytes, 0);
    drop_twins(t, kind);
    unsigned char *exact = realloc(t->record, t->n * bytes);
    t->record = exact ? exact : t->record;
    t->cap = t->n;
    t->n_blocks = t->n / ENTRIES_A_BLOCK + 1;
    t->filter = aligned_alloc(FILTER_BLOCK, t->n_blocks * sizeof *t->filter);
    while (t->place_bits < 28 && (size_t)ENTRIES_A_PLACE << t->place_bits < t->n)
        t->place_bits++;
    const size_t places = (size_t)1 << t->place_bits;
    t->place = malloc((places + 1) * sizeof *t->place);
    if (!t->filter || !t->place)
        return ERR_NOMEM;
    memset(t->filter, 0, t->n_blocks * sizeof *t->filter);
    size_t at = 0;
    for (size_t i = 0; i < t->n; i++) {
        const unsigned char *r = t->record + i * bytes;
        filter_learn(&t->filter[block_of(t, r)], r);
        for (size_t first = first_bits(r, t->place_bits); at <= first; at++)
            t->place[at] = (uint32_t)i;
    }
    for (; at <= places; at++)
        t->place[at] = (uint32_t)t->n;
    return OK;
}

enum err digest_set_build(struct digest_set *set)
{
    for (enum digest_kind k = 0; k < DIGEST_KINDS; k++)
        if (set->table[k].n && !set->table[k].filter)
            TRY(build(&set->table[k], k));
    return OK;
}

/* ---- asking ---- */

bool digest_set_find(const struct digest_set *set, enum digest_kind kind,
                     const unsigned char *bytes, uint32_t *ret_number)
{
    const struct table *t = &set->table[kind];
    const size_t n = digest_bytes(kind), size = n + NUMBER_BYTES;
    if (!t->filter || !filter_says(&t->filter[block_of(t, bytes)], bytes))
        return false;
    uint32_t first = first_bits(bytes, t->place_bits);
    size_t low = t->place[first], high = t->place[first + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const unsigned char *r = t->record + middle * size;
        int order = memcmp(bytes, r, n);
        if (order == 0) {
            if (ret_number)
                *ret_number = (uint32_t)r[n] << 24 | (uint32_t)r[n + 1] << 16 |
                              (uint32_t)r[n + 2] << 8 | r[n + 3];
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

bool digest_set_find_any(const struct digest_set *set, const struct digests *of,
                         enum digest_kind *ret_kind, uint32_t *ret_number)
{
    for (int k = DIGEST_KINDS - 1; set && k >= 0; k--)
        if (of->kinds & 1u << k &&
            digest_set_find(set, (enum digest_kind)k, of->bytes[k], ret_number)) {
            if (ret_kind)
                *ret_kind = (enum digest_kind)k;
            return true;
        }
    return false;
}

unsigned digest_set_kinds(const struct digest_set *set)
{
    unsigned kinds = 0;
    for (unsigned k = 0; set && k < DIGEST_KINDS; k++)
        kinds |= set->table[k].n ? 1u << k : 0;
    return kinds;
}

size_t digest_set_count(const struct digest_set *set, enum digest_kind kind)
{
    return set->table[kind].n;
}

size_t digest_set_memory(const struct digest_set *set)
{
    size_t sum = sizeof *set;
    for (enum digest_kind k = 0; k < DIGEST_KINDS; k++) {
        const struct table *t = &set->table[k];
        sum += t->cap * record_bytes(k) + t->n_blocks * sizeof *t->filter +
               (t->place ? (((size_t)1 << t->place_bits) + 1) * sizeof *t->place : 0);
    }
    return sum;
}
