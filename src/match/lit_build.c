#include "match/lit_set.h"

#include <endian.h>
#include <float.h>

/* How common is a piece of three or four bytes? Counted by hash over the model's lines. */
enum { RARITY_BITS = 15 };
struct counted {
    float gram[1 << RARITY_BITS];
    float three[1 << RARITY_BITS];
    uint32_t bytes[1 << RARITY_BITS]; /* one of the grams counted there */
};
struct rarity {
    struct counted *of; /* NULL: the model has no lines */
    double byte[256];
    float half[16][2][256]; /* bytes with that upper half whose lower half is in a set of 8 */
};

static uint32_t load(const char *p, size_t n)
{
    uint32_t v = 0;
    memcpy(&v, p, n);
    return le32toh(v);
}

static uint32_t piece(uint32_t bytes)
{
    return (bytes | (uint32_t)LIT_FOLD) * UINT32_C(0x9e3779b1) >> (32 - RARITY_BITS);
}

static void count_line(struct rarity *r, struct str line, double weight)
{
    for (size_t i = 0; i < line.n; i++) {
        r->byte[(unsigned char)line.p[i]] += weight;
        if (i + LIT_SHORT <= line.n)
            r->of->three[piece(load(line.p + i, LIT_SHORT))] += (float)weight;
        if (i + LIT_GRAM <= line.n) {
            uint32_t gram = load(line.p + i, LIT_GRAM);
            r->of->gram[piece(gram)] += (float)weight;
            r->of->bytes[piece(gram)] = gram;
        }
    }
}

/* Numbers stand in logs as times, sizes and ids, whatever the model's lines show: a piece of n
 * digits, of some eighty in a line, has chance 10^-n or 16^-n in each place. */
static double digits(const char *p, size_t n)
{
    bool decimal = true, hex = true;
    for (size_t i = 0; i < n; i++) {
        decimal &= ascii_digit((unsigned char)p[i]);
        hex &= ascii_hex((unsigned char)p[i]) >= 0;
    }
    return decimal ? (n == LIT_GRAM ? 8e-3 : 8e-2) : hex ? (n == LIT_GRAM ? 1e-3 : 2e-2) : 0;
}

static void add_halves(struct rarity *r)
{
    for (unsigned c = 0; c < 256; c++) {
        float chance = (float)(r->byte[c] + 0.01);
        unsigned low = c & 15, bit = 1u << (low & 7);
        for (unsigned set = bit; set < 256; set = (set + 1) | bit)
            r->half[c >> 4][low >> 3][set] += chance;
    }
}

static struct rarity *rarity_new(struct arena *arena, const struct lit_model *model)
{
    struct rarity *r = arena_new(arena, struct rarity);
    double total = 0;
    for (size_t i = 0; model && i < model->n; i++)
        total += model->weight[i];
    if (!r || total <= 0)
        return r;
    r->of = arena_new(arena, struct counted);
    for (size_t i = 0; r->of && i < model->n; i++)
        count_line(r, model->line[i], model->weight[i] / total);
    return r->of ? r : NULL;
}

static float gram_cost(const struct rarity *r, uint32_t gram)
{
    return r->of ? r->of->gram[piece(gram)] : 0;
}

static float three_cost(const struct rarity *r, const char *p)
{
    return r->of ? r->of->three[piece(load(p, LIT_SHORT))] : 0;
}

/* Expected looks at a window in one line of text: each of its grams leads to it. */
static double window_cost(const struct rarity *r, const char *p, size_t width)
{
    double cost = 0;
    if (width == LIT_SHORT)
        return three_cost(r, p) + digits(p, width);
    if (width == LIT_MIDDLE) /* its outer grams are known by three bytes only */
        cost = three_cost(r, p) + three_cost(r, p + 2);
    for (size_t k = 0; k + LIT_GRAM <= width; k++)
        cost += gram_cost(r, load(p + k, LIT_GRAM)) + digits(p + k, LIT_GRAM);
    return cost;
}

static uint64_t key_at(const char *p, size_t width)
{
    uint64_t bytes = 0;
    memcpy(&bytes, p, width);
    return lit_window_key(le64toh(bytes), width);
}

/* The rarest window. Of equals the one with the smallest hash, so that literals which share a part
 * share the window too. */
static uint32_t choose(const struct rarity *r, struct str literal, size_t width)
{
    double best = DBL_MAX;
    uint64_t best_hash = 0;
    uint32_t at = 0;
    for (uint32_t i = 0; i + width <= literal.n; i++) {
        double cost = window_cost(r, literal.p + i, width);
        uint64_t hash = key_at(literal.p + i, width) * UINT64_C(0xff51afd7ed558ccd);
        if (cost < best || (cost <= best && hash < best_hash)) {
            best = cost;
            best_hash = hash;
            at = i;
        }
    }
    return at;
}

struct placed {
    uint64_t key;
    struct lit_entry entry;
};

static int by_key(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->entry.literal > y->entry.literal) - (x->entry.literal < y->entry.literal);
}

/* Half full at the most. */
static size_t table_mask(size_t n)
{
    size_t size = 16;
    while (size < 2 * n)
        size *= 2;
    return size - 1;
}

/* One bit in 128 of the filter is set. */
static enum err windows_build(struct arena *arena, struct placed *placed, size_t n,
                              struct lit_windows *w)
{
    unsigned bits = 10;
    while (bits < 26 && ((size_t)1 << bits) < 128 * n)
        bits++;
    w->filter_shift = 64 - bits;
    w->mask = table_mask(n);
    w->n_entries = n;
    w->filter = arena_new_n(arena, uint32_t, (size_t)1 << (bits - 5));
    w->slot = arena_new_n(arena, struct lit_slot, w->mask + 1);
    w->entry = arena_new_n(arena, struct lit_entry, n + 1);
    if (!w->filter || !w->slot || !w->entry)
        return ERR_NOMEM;
    if (n)
        qsort(placed, n, sizeof *placed, by_key);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bit = lit_window_hash(placed[i].key) >> w->filter_shift;
        struct lit_slot *slot = lit_window_find(w, placed[i].key);
        w->filter[bit / 32] |= UINT32_C(1) << (bit % 32);
        if (slot->n++ == 0) {
            slot->key = placed[i].key;
            slot->first = i;
        }
        w->entry[i] = placed[i].entry;
    }
    return OK;
}

/* Expected looks in a line of text above which a short literal is better found by its half bytes.
 */
#define COMMON_LOOKS 0.05

/* How wide the literal's window is; 0: it has none. */
static size_t width_of(const struct rarity *r, struct str literal)
{
    if (literal.n >= LIT_WIDE)
        return LIT_WIDE;
    if (literal.n >= LIT_MIDDLE &&
        window_cost(r, literal.p + choose(r, literal, LIT_MIDDLE), LIT_MIDDLE) < COMMON_LOOKS)
        return LIT_MIDDLE;
    return literal.n >= LIT_NARROW ? LIT_NARROW : literal.n == LIT_SHORT ? LIT_SHORT : 0;
}

static enum err place(struct lit_set *set, struct arena *scratch, const struct rarity *r,
                      const uint8_t *width_by_literal, size_t width, struct lit_windows *w)
{
    struct placed *placed = arena_new_n(scratch, struct placed, set->n + 1);
    size_t n = 0;
    if (!placed)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < set->n; i++) {
        struct str lit = set->literal[i];
        if (width_by_literal[i] != width)
            continue;
        uint32_t at = choose(r, lit, width);
        placed[n++] = (struct placed){key_at(lit.p + at, width), {i, at}};
    }
    return windows_build(&set->arena, placed, n, w);
}

static enum err place_all(struct lit_set *set, struct arena *scratch, const struct rarity *r)
{
    uint8_t *width = arena_new_n(scratch, uint8_t, set->n + 1);
    set->tiny = arena_new_n(&set->arena, uint32_t, set->n + 1);
    if (!width || !set->tiny)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < set->n; i++) {
        bool taken = !set->take || set->take[i];
        width[i] = taken ? (uint8_t)width_of(r, set->literal[i]) : UINT8_MAX;
        if (!width[i])
            set->tiny[set->n_tiny++] = i;
    }
    TRY(place(set, scratch, r, width, LIT_WIDE, &set->wide));
    TRY(place(set, scratch, r, width, LIT_MIDDLE, &set->middle));
    TRY(place(set, scratch, r, width, LIT_NARROW, &set->narrow));
    return place(set, scratch, r, width, LIT_SHORT, &set->shorter);
}

/* Every gram by which the windows are found. Of a middle window's outer grams one byte is unknown:
 * all are taken, those that differ by bit 5 once. */
static size_t list_grams(const struct lit_set *set, uint32_t *list)
{
    size_t n = 0;
    for (size_t i = 0; i < set->wide.n_entries; i++) {
        struct lit_entry e = set->wide.entry[i];
        for (size_t k = 0; k < LIT_STRIDE; k++)
            list[n++] = load(set->literal[e.literal].p + e.at + k, LIT_GRAM);
    }
    for (size_t i = 0; i < set->middle.n_entries; i++) {
        struct lit_entry e = set->middle.entry[i];
        const char *window = set->literal[e.literal].p + e.at;
        list[n++] = load(window, LIT_GRAM);
        list[n++] = load(window + 1, LIT_GRAM);
        for (uint32_t c = 0; c < 256; c++)
            if (c & 0x20) {
                list[n++] = load(window, LIT_SHORT) << 8 | c;
                list[n++] = load(window + 2, LIT_SHORT) | c << 24;
            }
    }
    return n;
}

/* How many looks at the table of a line of the model would be in vain, or so it seems. */
static double false_alarms(const struct lit_set *set, const struct rarity *r)
{
    double sum = 0;
    for (size_t i = 0; r->of && i < ARRAY_LEN(r->of->gram); i++)
        if (r->of->gram[i] > 0 && lit_gram_passes(set, r->of->bytes[i]))
            sum += r->of->gram[i];
    return sum;
}

static void filter_fill(struct lit_set *set, const uint32_t *list, size_t n)
{
    memset(set->filter, 0, sizeof *set->filter << (32 - set->shift));
    for (size_t i = 0; i < n; i++) {
        uint32_t hash = lit_gram_fold(list[i]) * set->multiplier;
        set->filter[hash >> set->shift] |= UINT32_C(1) << (hash & 31) | UINT32_C(1)
                                                                            << (hash >> 5 & 31);
    }
}

/* Some 16 bits for each gram, but no less than fits the first cache well. Of a few multipliers the
 * one is taken with which the fewest common grams seem to be in the table by chance. */
static enum err filter_build(struct lit_set *set, const uint32_t *list, size_t n,
                             const struct rarity *r)
{
    static const uint32_t multiplier[] = {0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f,
                                          0x165667b1, 0xcc9e2d51, 0x1b873593, 0xd3a2646d};
    unsigned bits = 10;
    double best = DBL_MAX;
    uint32_t chosen = 0;
    while (bits < 20 && ((size_t)1 << bits) < n / 2)
        bits++;
    set->shift = 32 - bits;
    set->filter = arena_new_n(&set->arena, uint32_t, (size_t)1 << bits);
    if (!set->filter)
        return ERR_NOMEM;
    for (size_t i = 0; i < ARRAY_LEN(multiplier) && best > 0; i++) {
        set->multiplier = multiplier[i];
        filter_fill(set, list, n);
        double alarms = false_alarms(set, r);
        if (alarms < best) {
            best = alarms;
            chosen = multiplier[i];
        }
    }
    set->multiplier = chosen;
    filter_fill(set, list, n);
    return OK;
}

static enum err grams_build(struct lit_set *set, struct arena *scratch, const struct rarity *r)
{
    size_t max = set->wide.n_entries * LIT_STRIDE + set->middle.n_entries * 258;
    uint32_t *list = arena_new_n(scratch, uint32_t, max + 1);
    if (!list)
        return ERR_NOMEM;
    return filter_build(set, list, list_grams(set, list), r);
}

/* Half bytes that the windows of a bucket have in each place, as sets of 16. */
struct cluster {
    uint16_t low[LIT_NARROW], high[LIT_NARROW];
    double cost; /* chance of a place in the text to look like one of them */
};

/* Bytes beyond a window of three may be anything. */
static struct cluster cluster_of(uint64_t key, size_t width)
{
    struct cluster c;
    for (size_t k = 0; k < LIT_NARROW; k++) {
        unsigned byte = (unsigned)(key >> (8 * k)) & 0xff, high = byte >> 4; /* with bit 5 set */
        c.low[k] = k < width ? (uint16_t)(1u << (byte & 15)) : 0xffff;
        c.high[k] = k < width ? (uint16_t)(1u << high | 1u << (high & ~2u)) : 0xffff;
    }
    return c;
}

static struct cluster cluster_join(const struct rarity *r, struct cluster a,
                                   const struct cluster *b)
{
    a.cost = 1;
    for (size_t k = 0; k < LIT_NARROW; k++) {
        double sum = 0;
        a.low[k] |= b->low[k];
        a.high[k] |= b->high[k];
        for (unsigned high = a.high[k]; high; high &= high - 1) {
            const float(*half)[256] = r->half[__builtin_ctz(high)];
            sum += half[0][a.low[k] & 0xff] + half[1][a.low[k] >> 8];
        }
        a.cost *= sum;
    }
    return a;
}

struct narrow {
    uint64_t key;
    size_t width;
    unsigned cluster;
};

static size_t list_narrow(const struct lit_windows *w, size_t width, struct narrow *list, size_t n)
{
    for (size_t i = 0; i <= w->mask; i++)
        if (w->slot[i].n)
            list[n++] = (struct narrow){w->slot[i].key, width, 0};
    return n;
}

/* more: what it costs to join two clusters, a row for each. */
struct joining {
    struct cluster *cluster;
    float *more;
    unsigned live, max;
};

static float *more_at(const struct joining *j, unsigned a, unsigned b)
{
    return &j->more[(size_t)a * j->max + b];
}

static void price(struct joining *j, const struct rarity *r, unsigned a)
{
    for (unsigned b = 0; b < j->live; b++) {
        double more = cluster_join(r, j->cluster[a], &j->cluster[b]).cost - j->cluster[a].cost -
                      j->cluster[b].cost;
        *more_at(j, a, b) = *more_at(j, b, a) = a == b ? FLT_MAX : (float)more;
    }
}

/* The cheapest pair becomes one cluster; the last one takes the free place. */
static void join_cheapest(struct joining *j, const struct rarity *r, struct narrow *list, size_t n)
{
    unsigned to = 0, from = 1;
    for (unsigned a = 0; a < j->live; a++)
        for (unsigned b = a + 1; b < j->live; b++)
            if (*more_at(j, a, b) < *more_at(j, to, from))
                to = a, from = b;
    unsigned last = --j->live;
    j->cluster[to] = cluster_join(r, j->cluster[to], &j->cluster[from]);
    for (size_t i = 0; i < n; i++)
        list[i].cluster = list[i].cluster == from   ? to
                          : list[i].cluster == last ? from
                                                    : list[i].cluster;
    j->cluster[from] = j->cluster[last];
    price(j, r, to);
    if (from < j->live)
        price(j, r, from);
}

/* Places in a byte of text that look like one of the clusters. */
static double places_in_byte(const struct joining *j, const struct rarity *r)
{
    double length = 0, cost = 0;
    for (unsigned c = 0; c < 256; c++)
        length += r->byte[c] + 0.01;
    for (unsigned c = 0; c < j->live; c++)
        cost += j->cluster[c].cost;
    return cost / (length * length * length * length);
}

/* Eight buckets are asked in half the time of sixteen: about what looking at so many places takes,
 * for each byte of text. Measured on one processor; it need not be exact. */
#define PLACES_FOR_EIGHT 0.008

/* Windows with the same first byte, and a letter behind it or none, start in one cluster; then
 * clusters are joined until there are as many as buckets, in eight of them if that does. */
static enum err cluster_all(struct arena *scratch, const struct rarity *r, struct narrow *list,
                            size_t n, bool *ret_eight)
{
    unsigned of_start[2][256];
    struct joining all = {.max = n < 2 * 256 ? (unsigned)n : 2 * 256}, *j = &all;
    all.cluster = arena_new_n(scratch, struct cluster, all.max);
    all.more = arena_new_n(scratch, float, (size_t)all.max *all.max);
    if (!all.cluster || !all.more)
        return ERR_NOMEM;
    memset(of_start, 0xff, sizeof of_start);
    for (size_t i = 0; i < n; i++) {
        struct cluster one = cluster_of(list[i].key, list[i].width);
        unsigned *c = &of_start[list[i].key >> 14 & 1][list[i].key & 0xff];
        if (*c == UINT32_MAX)
            j->cluster[ *c = j->live++] = one;
        list[i].cluster = *c;
        j->cluster[*c] = cluster_join(r, j->cluster[*c], &one);
    }
    for (unsigned a = 0; a < j->live; a++)
        price(j, r, a);
    while (j->live > LIT_BUCKETS)
        join_cheapest(j, r, list, n);
    struct narrow *sixteen = arena_new_n(scratch, struct narrow, n + 1);
    double places = places_in_byte(j, r);
    if (!sixteen)
        return ERR_NOMEM;
    memcpy(sixteen, list, n * sizeof *list);
    while (j->live > LIT_BUCKETS / 2)
        join_cheapest(j, r, list, n);
    *ret_eight = places_in_byte(j, r) - places < PLACES_FOR_EIGHT;
    if (!*ret_eight)
        memcpy(list, sixteen, n * sizeof *list);
    return OK;
}

static void bucket_fill(struct lit_set *set, const struct narrow *w)
{
    struct lit_halves *halves = &set->halves[w->cluster / 8];
    unsigned char bit = (unsigned char)(1u << w->cluster % 8);
    for (size_t k = 0; k < LIT_NARROW; k++) {
        unsigned byte = (unsigned)(w->key >> (8 * k)) & 0xff;
        for (unsigned c = 0; c < 256; c++)
            if (k >= w->width || (c | 0x20) == byte) {
                set->bucket[k][c] |= (uint16_t)(1u << w->cluster);
                halves->low[k][c & 15] |= bit;
                halves->high[k][c >> 4] |= bit;
            }
    }
}

static enum err buckets_build(struct lit_set *set, struct arena *scratch, struct rarity *r)
{
    size_t max = set->narrow.n_entries + set->shorter.n_entries;
    struct narrow *list = arena_new_n(scratch, struct narrow, max + 1);
    if (!list)
        return ERR_NOMEM;
    size_t n = list_narrow(&set->shorter, LIT_SHORT, list, 0);
    n = list_narrow(&set->narrow, LIT_NARROW, list, n);
    add_halves(r);
    TRY(cluster_all(scratch, r, list, n, &set->eight));
    for (size_t i = 0; i < n; i++)
        bucket_fill(set, &list[i]);
    return OK;
}

static enum err build(struct lit_set *set, struct arena *scratch, const struct lit_model *model)
{
    struct rarity *r = rarity_new(scratch, model);
    if (!r)
        return ERR_NOMEM;
    TRY(place_all(set, scratch, r));
    TRY(grams_build(set, scratch, r));
    return buckets_build(set, scratch, r);
}

enum err lit_build(struct lit_set *set, const struct lit_model *model)
{
    struct arena scratch;
    arena_init(&scratch, SIZE_MAX);
    enum err rc = build(set, &scratch, model);
    arena_done(&scratch);
    return rc;
}
