#include "match/yara_find.h"

#include <stdlib.h>

enum {
    LONG_BITS = 20, /* filters: 128 KiB twice, 64 KiB */
    GRAM_BITS = 19,
    GROUPS = 64,          /* of short grams */
    KINDS_OF_BRIEFS = 12, /* two or three bytes, with zeros here and there */
    BUCKET_BITS = 17,
    LONG_MASK = (1 << LONG_BITS) - 1,
    STEP_BYTES = 4096, /* looked through before what was found is compared */
    SAMPLE_BITS = 18,
    WORTH_MOST = 200,
    WORTH_OF_RARE = 5, /* for each doubling of the number of times that it occurs */
};

/* A gram of a literal. `known` are the bytes from there on, as far as a literal goes. */
struct place {
    uint64_t known, mask;
    uint32_t hash, literal, offset;
};

struct yara_finder {
    const struct yara_lit *lit;
    uint32_t start[(1 << BUCKET_BITS) + 1];
    struct place *place;
    size_t n_places;
    bool has_shorts;
    struct {
        uint64_t first, second, third, unused;
    } group[256]; /* a bit a group of short grams: one of them has this byte there */
    uint8_t long_bit[(1 << LONG_BITS) / 8], second_bit[(1 << LONG_BITS) / 8],
        gram_bit[(1 << GRAM_BITS) / 8], pair_bit[(1 << 16) / 8];
};

/* ---- grams: without case, and without the difference of a zero and a blank ---- */

enum { FOLD = 0x20 };

static uint64_t load8(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t folded(uint64_t v)
{
    return v | FOLD * 0x0101010101010101u;
}

static uint32_t long_hash(uint64_t v)
{
    return (uint32_t)((v * 0x9e3779b97f4a7c15u) >> 32);
}

static uint32_t gram_hash(uint64_t v)
{
    return (uint32_t)v * 0x9e3779b1u;
}

static uint32_t short_hash(uint64_t v)
{
    return ((uint32_t)v << 8) * 0x85ebca6bu;
}

/* Spread like the others, so that buckets are. */
static uint32_t pair_hash(uint64_t v)
{
    return ((uint32_t)v << 16) * 0xc2b2ae35u + 1;
}

static void set_bit(uint8_t *bit, uint32_t i)
{
    bit[i >> 3] |= (uint8_t)(1u << (i & 7));
}

static unsigned has_bit(const uint8_t *bit, uint32_t i)
{
    return bit[i >> 3] >> (i & 7) & 1u;
}

/* ---- making ---- */

/* What binaries and texts are full of says little. */
static unsigned rarity(uint8_t c)
{
    switch (c) {
    case 0:
    case ' ':
    case 0xff: return 1;
    case 0xcc:
    case 0x90:
    case '\n':
    case '\r':
    case '\t':
    case '-':
    case '=': return 2;
    default: break;
    }
    if (!ascii_alpha(c))
        return c < ' ' ? 4 : 6;
    return strchr("etaoinsr", c | FOLD) ? 4 : 5;
}

struct yara_sample {
    uint16_t fours[1 << SAMPLE_BITS], threes[1 << SAMPLE_BITS], twos[1 << 16];
};

struct yara_sample *yara_sample_new(void)
{
    return calloc(1, sizeof(struct yara_sample));
}

struct yara_sample *yara_sample_free(struct yara_sample *sample)
{
    free(sample);
    return NULL;
}

static void count(uint16_t *counter)
{
    *counter += *counter < UINT16_MAX;
}

void yara_sample_add(struct yara_sample *sample, struct str text)
{
    for (size_t i = 0; i + 8 <= text.n; i++) {
        uint64_t v = folded(load8((const unsigned char *)text.p + i));
        count(&sample->fours[gram_hash(v) >> (32 - SAMPLE_BITS)]);
        count(&sample->twos[v & 0xffff]);
        count(&sample->threes[short_hash(v) >> (32 - SAMPLE_BITS)]);
    }
}

static unsigned frequency(const struct yara_sample *sample, const struct yara_lit *lit, size_t at,
                          size_t n)
{
    unsigned char gram[8] = {0};
    memcpy(gram, lit->bytes.p + at, n);
    uint64_t v = folded(load8(gram));
    if (n == YARA_LONG_GRAM) {
        unsigned first = frequency(sample, lit, at, YARA_GRAM);
        unsigned second = frequency(sample, lit, at + YARA_GRAM, YARA_GRAM);
        return first < second ? first : second;
    }
    unsigned seen = n == YARA_GRAM         ? sample->fours[gram_hash(v) >> (32 - SAMPLE_BITS)]
                    : n == YARA_SHORT_GRAM ? sample->threes[short_hash(v) >> (32 - SAMPLE_BITS)]
                                           : sample->twos[v & 0xffff];
    return 32 - (unsigned)__builtin_clz(seen + 1);
}

/* What programs are padded with, which the rules' own text does not show. */
static bool is_padding(uint8_t c)
{
    return c == 0 || c == 0xff;
}

/* At least 1. */
static unsigned worth_of_gram(const struct yara_sample *sample, const struct yara_lit *lit,
                              size_t at, size_t n)
{
    unsigned sum = WORTH_MOST - WORTH_OF_RARE * frequency(sample, lit, at, n), padding = 0;
    for (size_t i = at; i < at + n; i++) {
        bool again = false;
        for (size_t k = at; k < i; k++)
            again = again || lit->bytes.p[k] == lit->bytes.p[i];
        sum += again ? 1 : 2 * rarity((uint8_t)lit->bytes.p[i]);
        padding += is_padding((uint8_t)lit->bytes.p[i]);
    }
    return padding + 1 >= n ? 1 : sum;
}

static bool known_throughout(const struct yara_lit *lit, size_t at, size_t n)
{
    for (size_t i = at; i < at + n; i++)
        if (!yara_mask_known((uint8_t)lit->mask.p[i]))
            return false;
    return true;
}

/* Where the window stands best: its worst gram is what all of it is worth. 0: nowhere. */
static unsigned best_window(const struct yara_sample *sample, const struct yara_lit *lit,
                            size_t gram, size_t places, size_t *ret_at)
{
    unsigned best = 0;
    for (size_t at = 0; at + gram + places - 1 <= lit->bytes.n; at++) {
        unsigned worst = UINT32_MAX;
        if (!known_throughout(lit, at, gram + places - 1))
            continue;
        for (size_t i = 0; i < places; i++) {
            unsigned worth = worth_of_gram(sample, lit, at + i, gram);
            worst = worth < worst ? worth : worst;
        }
        if (worst > best) {
            best = worst;
            *ret_at = at;
        }
    }
    return best;
}

static size_t places_of(unsigned gram)
{
    return gram >= YARA_GRAM ? YARA_STRIDE : 1;
}

bool yara_find_choose(struct yara_lit *lit, const struct yara_sample *sample)
{
    static const uint8_t grams[] = {YARA_LONG_GRAM, YARA_GRAM, YARA_SHORT_GRAM, YARA_PAIR};
    unsigned best = 0;
    /* The longest that there is, unless one of its places is mere padding. */
    for (size_t i = 0; i < ARRAY_LEN(grams) && best <= 1; i++) {
        size_t at;
        unsigned worth = best_window(sample, lit, grams[i], places_of(grams[i]), &at);
        if (worth > best) {
            best = worth;
            lit->gram = grams[i];
            lit->at = (uint8_t)at;
            lit->common = (uint8_t)frequency(sample, lit, at, grams[i]);
        }
    }
    return best > 0;
}

bool yara_find_chosen(const struct yara_lit *lit)
{
    if (lit->gram != YARA_LONG_GRAM && (lit->gram < YARA_PAIR || lit->gram > YARA_GRAM))
        return false;
    size_t n = lit->gram + places_of(lit->gram) - 1;
    return lit->at <= lit->bytes.n && n <= lit->bytes.n - lit->at &&
           known_throughout(lit, lit->at, n);
}

static struct place make_place(struct yara_finder *f, uint32_t literal, size_t gram, size_t at)
{
    const struct yara_lit *lit = &f->lit[literal];
    unsigned char known[8] = {0}, mask[8] = {0};
    size_t n = lit->bytes.n - at < 8 ? lit->bytes.n - at : 8;
    memcpy(known, lit->bytes.p + at, n);
    memcpy(mask, lit->mask.p + at, n);
    struct place place = {load8(known), load8(mask), 0, literal, (uint32_t)at};
    uint64_t v = folded(place.known);
    if (gram == YARA_LONG_GRAM) {
        place.hash = long_hash(v);
        set_bit(f->long_bit, place.hash >> (32 - LONG_BITS));
        set_bit(f->second_bit, place.hash & LONG_MASK);
    } else if (gram == YARA_GRAM) {
        place.hash = gram_hash(v);
        set_bit(f->gram_bit, place.hash >> (32 - GRAM_BITS));
    } else if (gram == YARA_SHORT_GRAM) {
        place.hash = short_hash(v);
    } else {
        place.hash = pair_hash(v);
        set_bit(f->pair_bit, v & 0xffff);
    }
    return place;
}

/* A gram of two or three bytes, to be put beside those like it. Where it has zeros comes first:
 * what zeros stand in a group at all places would hold for any padding. */
struct brief {
    uint8_t gram, zeros, byte[YARA_SHORT_GRAM], mask[YARA_SHORT_GRAM];
};

static int compare_briefs(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct brief));
}

static void set_group(struct yara_finder *f, const struct brief *b, size_t group)
{
    uint64_t bit = (uint64_t)1 << group;
    for (unsigned c = 0; c < 256; c++) {
        if ((c & b->mask[0]) == b->byte[0])
            f->group[c].first |= bit;
        if ((c & b->mask[1]) == b->byte[1])
            f->group[c].second |= bit;
        if (b->gram == YARA_PAIR || (c & b->mask[2]) == b->byte[2])
            f->group[c].third |= bit;
    }
}

/* Grams that are alike share a group, which then says most of what each of them would. */
static void make_groups(struct yara_finder *f, struct brief *brief, size_t n)
{
    size_t most = n / (GROUPS - KINDS_OF_BRIEFS) + 1, group = 0, in_group = 0;
    f->has_shorts = n > 0;
    if (n)
        qsort(brief, n, sizeof *brief, compare_briefs);
    for (size_t i = 0; i < n; i++, in_group++) {
        bool other =
            i && (brief[i].gram != brief[i - 1].gram || brief[i].zeros != brief[i - 1].zeros);
        if (other || in_group == most) {
            group++;
            in_group = 0;
        }
        set_group(f, &brief[i], group);
    }
}

static enum err gather_shorts(struct yara_finder *f, size_t n, const bool *take)
{
    size_t have = 0;
    struct brief *brief = calloc(n + 1, sizeof *brief);
    if (!brief)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct yara_lit *lit = &f->lit[i];
        if (!take[i] || lit->gram >= YARA_GRAM)
            continue;
        struct brief *b = &brief[have++];
        b->gram = lit->gram;
        memcpy(b->byte, lit->bytes.p + lit->at, lit->gram);
        memcpy(b->mask, lit->mask.p + lit->at, lit->gram);
        for (size_t k = 0; k < lit->gram; k++)
            b->zeros |= (uint8_t)((b->byte[k] == 0) << k);
    }
    make_groups(f, brief, have);
    free(brief);
    return OK;
}

/* By bucket; the order within one does not matter. */
static void sort_places(struct yara_finder *f, const struct place *from)
{
    for (size_t i = 0; i < f->n_places; i++)
        f->start[from[i].hash >> (32 - BUCKET_BITS)]++;
    uint32_t sum = 0;
    for (size_t i = 0; i <= 1 << BUCKET_BITS; i++) {
        sum += f->start[i];
        f->start[i] = sum;
    }
    for (size_t i = f->n_places; i-- > 0;)
        f->place[--f->start[from[i].hash >> (32 - BUCKET_BITS)]] = from[i];
}

enum err yara_finder_new(const struct yara_lit *lit, size_t n, const bool *take,
                         struct yara_finder **ret_finder)
{
    size_t room = 1;
    for (size_t i = 0; i < n; i++)
        room += take[i] ? places_of(lit[i].gram) : 0;
    struct yara_finder *f = *ret_finder = calloc(1, sizeof *f);
    struct place *from = calloc(room, sizeof *from);
    if (f)
        f->place = calloc(room, sizeof *f->place);
    if (!f || !from || !f->place) {
        free(from);
        *ret_finder = yara_finder_free(f);
        return ERR_NOMEM;
    }
    f->lit = lit;
    if (gather_shorts(f, n, take) != OK) {
        free(from);
        *ret_finder = yara_finder_free(f);
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        size_t places = take[i] ? places_of(lit[i].gram) : 0;
        for (size_t k = 0; k < places; k++)
            from[f->n_places++] = make_place(f, (uint32_t)i, lit[i].gram, lit[i].at + k);
    }
    sort_places(f, from);
    free(from);
    return OK;
}

struct yara_finder *yara_finder_free(struct yara_finder *f)
{
    if (f)
        free(f->place);
    free(f);
    return NULL;
}

/* ---- comparing ---- */

static bool is_word(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c);
}

/* Something is known to stand beside it that makes it a part of a longer word. What lies outside of
 * the buffer is not known, and is no reason. */
static bool in_word(const struct yara_find *s, size_t from, size_t to, bool wide)
{
    const unsigned char *p = s->byte;
    if (!wide)
        return (from > 0 && is_word(p[from - 1])) || (to < s->n && is_word(p[to]));
    return (from > 1 && p[from - 1] == 0 && is_word(p[from - 2])) ||
           (to + 1 < s->n && p[to + 1] == 0 && is_word(p[to]));
}

static bool equal(const unsigned char *p, const struct yara_lit *lit)
{
    for (size_t i = 0; i < lit->bytes.n; i++)
        if ((p[i] & (uint8_t)lit->mask.p[i]) != (uint8_t)lit->bytes.p[i])
            return false;
    return true;
}

/* What must stand near it does, or would lie outside of the buffer. */
static bool has_near(const struct yara_find *s, size_t from, const struct yara_lit *lit)
{
    for (int64_t at = (int64_t)from + lit->near_from; at <= (int64_t)from + lit->near_to; at++) {
        size_t i = 0;
        if (at < 0 || (size_t)at + lit->near.n > s->n)
            return true;
        while (i < lit->near.n &&
               (s->byte[(size_t)at + i] & (uint8_t)lit->near_mask.p[i]) == (uint8_t)lit->near.p[i])
            i++;
        if (i == lit->near.n)
            return true;
    }
    return false;
}

static void compare_full(struct yara_find *s, const struct yara_finder *f, size_t at,
                         const struct place *place)
{
    uint32_t literal = place->literal;
    const struct yara_lit *lit = &f->lit[literal];
    if (s->seen[literal / 64] >> (literal % 64) & 1)
        return;
    if (at < place->offset)
        return;
    size_t from = at - place->offset, to = from + lit->bytes.n;
    if (to > s->n)
        return;
    if (!equal(s->byte + from, lit) || (lit->near.n && !has_near(s, from, lit)))
        return;
    if (lit->flags && in_word(s, from, to, lit->flags & YARA_LIT_WIDE_WORD))
        return;
    s->seen[literal / 64] |= (uint64_t)1 << (literal % 64);
    s->list[s->n_list++] = literal;
}

static void compare(struct yara_find *s, const struct yara_finder *f, size_t at, uint32_t hash)
{
    uint32_t bucket = hash >> (32 - BUCKET_BITS);
    uint64_t v = load8(s->byte + at);
    for (uint32_t i = f->start[bucket]; i < f->start[bucket + 1]; i++) {
        const struct place *place = &f->place[i];
        if (((v & place->mask) ^ place->known) == 0)
            compare_full(s, f, at, place);
    }
}

/* ---- looking ---- */

struct queue {
    uint32_t at[STEP_BYTES + 64];
    size_t n;
};

static void look_for_grams(const struct yara_find *s, const struct yara_finder *f, size_t from,
                           size_t to, struct queue *longs, struct queue *q)
{
    size_t n_longs = 0, n = 0;
    for (size_t at = from; at < to; at += YARA_STRIDE) {
        uint64_t v = folded(load8(s->byte + at));
        /* Written down always, counted if the filter says so: a branch would be guessed wrong. */
        longs->at[n_longs] = (uint32_t)at;
        n_longs += has_bit(f->long_bit, long_hash(v) >> (32 - LONG_BITS));
        q->at[n] = (uint32_t)at;
        n += has_bit(f->gram_bit, gram_hash(v) >> (32 - GRAM_BITS));
    }
    longs->n = n_longs;
    q->n = n;
}

static void look_for_shorts(const struct yara_find *s, const struct yara_finder *f, size_t from,
                            size_t to, struct queue *q)
{
    const unsigned char *p = s->byte;
    size_t n = 0;
    /* Of each group whether it began one byte ago, and whether it went on since. */
    uint64_t begun = f->group[p[from + 1]].first,
             on = f->group[p[from]].first & f->group[p[from + 1]].second;
    for (size_t at = from; at < to; at++) {
        unsigned char c = p[at + 2];
        q->at[n] = (uint32_t)at;
        n += (on & f->group[c].third) != 0;
        on = begun & f->group[c].second;
        begun = f->group[c].first;
    }
    q->n = n;
}

static void compare_longs(struct yara_find *s, const struct yara_finder *f, const struct queue *q)
{
    for (size_t i = 0; i < q->n; i++) {
        uint32_t hash = long_hash(folded(load8(s->byte + q->at[i])));
        if (has_bit(f->second_bit, hash & LONG_MASK))
            compare(s, f, q->at[i], hash);
    }
}

static void compare_shorts(struct yara_find *s, const struct yara_finder *f, const struct queue *q)
{
    for (size_t i = 0; i < q->n; i++) {
        uint64_t v = folded(load8(s->byte + q->at[i]));
        compare(s, f, q->at[i], short_hash(v));
        if (has_bit(f->pair_bit, v & 0xffff))
            compare(s, f, q->at[i], pair_hash(v));
    }
}

enum err yara_find_new(size_t n, struct yara_find **ret_find)
{
    struct yara_find *s = *ret_find = calloc(1, sizeof *s);
    if (s) {
        s->n_words = n / 64 + 1;
        s->seen = calloc(s->n_words, sizeof *s->seen);
        s->list = calloc(n + 1, sizeof *s->list);
    }
    if (!s || !s->seen || !s->list) {
        *ret_find = yara_find_free(s);
        return ERR_NOMEM;
    }
    return OK;
}

struct yara_find *yara_find_free(struct yara_find *s)
{
    if (s) {
        free(s->seen);
        free(s->list);
    }
    free(s);
    return NULL;
}

void yara_find_begin(struct yara_find *s, const uint64_t *assumed)
{
    for (size_t i = 0; i < s->n_words; i++)
        s->seen[i] = assumed ? assumed[i] : 0;
    s->n_list = s->n = 0;
}

size_t yara_find_take(struct yara_find *s, struct str bytes)
{
    size_t room = YARA_FIND_OVERLAP + YARA_FIND_BLOCK - s->n;
    size_t n = bytes.n < room ? bytes.n : room;
    if (n)
        memcpy(s->byte + s->n, bytes.p, n);
    s->n += n;
    return n;
}

void yara_find_scan(struct yara_find *s, const struct yara_finder *f)
{
    struct queue longs UNCLEARED, q UNCLEARED;
    memset(s->byte + s->n, 0, YARA_FIND_PAD);
    for (size_t from = 0; from < s->n; from += STEP_BYTES) {
        size_t to = from + STEP_BYTES < s->n ? from + STEP_BYTES : s->n;
        look_for_grams(s, f, from, to, &longs, &q);
        compare_longs(s, f, &longs);
        for (size_t i = 0; i < q.n; i++)
            compare(s, f, q.at[i], gram_hash(folded(load8(s->byte + q.at[i]))));
        if (f->has_shorts) {
            look_for_shorts(s, f, from, to, &q);
            compare_shorts(s, f, &q);
        }
    }
    size_t keep = s->n < YARA_FIND_OVERLAP ? s->n : YARA_FIND_OVERLAP;
    memmove(s->byte, s->byte + s->n - keep, keep);
    s->n = keep;
}
