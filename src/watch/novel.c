#include "watch/novel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HASHES = 4, TERMS = 340 * 1000, BITS = 22, MAX_BITS = 26, HALF_LIFE = 8, WARM_UP = 4 };
enum { THREADS = 3 };
static const double SIGNIFICANT = 2, PAST_KEEP = 0.95, TIMES = 3;

struct cell {
    float mean, variance; /* of the share of threads, exponentially weighed */
    int32_t week;         /* of the last update, counted from 1; 0: never */
};

struct term {
    uint64_t hash;        /* 0: empty */
    uint32_t all, week;   /* threads of the open week; those that count */
    float past;           /* threads of the weeks before, decayed */
    float mean, variance; /* of this week, until all terms of it are looked at */
    uint32_t error;
    int32_t first_day;
};

struct novel {
    struct novel_options o;
    struct cell *cell;
    struct term *term;
    size_t n, cap;
    double floor; /* what a term that was let go may have had */
    double alpha;
    int32_t weeks;     /* that had threads and are closed */
    int32_t last_week; /* as the caller numbers them */
};

static void set_defaults(struct novel_options *o)
{
    o->max_terms = o->max_terms ? o->max_terms : TERMS;
    o->sketch_bits = o->sketch_bits ? o->sketch_bits : BITS;
    o->half_life = o->half_life ? o->half_life : HALF_LIFE;
    o->warm_up = o->warm_up ? o->warm_up : WARM_UP;
    o->threads = o->threads ? o->threads : THREADS;
    o->least = o->least > 0 ? o->least : SIGNIFICANT;
    o->times = o->times > 0 ? o->times : TIMES;
}

enum err novel_new(const struct novel_options *options, struct novel **ret_novel)
{
    struct novel *n = calloc(1, sizeof *n);
    if (!n)
        return ERR_NOMEM;
    n->o = *options;
    set_defaults(&n->o);
    n->last_week = INT32_MIN;
    n->alpha = 1 - exp2(-1.0 / n->o.half_life);
    for (n->cap = 64; n->cap * 2 < n->o.max_terms * 3;)
        n->cap *= 2;
    if (n->o.sketch_bits <= MAX_BITS) {
        n->cell = calloc((size_t)1 << n->o.sketch_bits, sizeof *n->cell);
        n->term = calloc(n->cap, sizeof *n->term);
    }
    if (!n->cell || !n->term) {
        n = novel_free(n);
        return ERR_NOMEM;
    }
    *ret_novel = n;
    return OK;
}

struct novel *novel_free(struct novel *n)
{
    if (!n)
        return NULL;
    free(n->cell);
    free(n->term);
    free(n);
    return NULL;
}

static uint64_t mixed(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    return x ^ x >> 32;
}

/* ---- terms ---- */

static struct term *slot_of(struct term *term, size_t cap, uint64_t hash)
{
    size_t i = mixed(hash) & (cap - 1);
    while (term[i].hash && term[i].hash != hash)
        i = (i + 1) & (cap - 1);
    return &term[i];
}

static double weight(const struct term *t)
{
    return (double)t->all + (double)t->past;
}

/* The heaviest first; of equal ones it does not matter which, but always the same. */
static int by_weight(const void *a, const void *b)
{
    const struct term *x = a, *y = b;
    double u = weight(x), v = weight(y);
    if (u != v)
        return u > v ? -1 : 1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Space-Saving in batches: the lighter half goes, and a term that comes anew may have been among
 * it, so what is known of its past is sure only up to the heaviest of those. */
static enum err make_room(struct novel *n)
{
    struct term *all = malloc(n->n * sizeof *all);
    size_t k = 0, kept = n->n / 2;
    if (!all)
        return ERR_NOMEM;
    for (size_t i = 0; i < n->cap; i++)
        if (n->term[i].hash)
            all[k++] = n->term[i];
    qsort(all, k, sizeof *all, by_weight);
    memset(n->term, 0, n->cap * sizeof *n->term);
    for (size_t i = 0; i < kept; i++)
        *slot_of(n->term, n->cap, all[i].hash) = all[i];
    n->n = kept;
    n->floor = fmax(n->floor, weight(&all[kept]));
    free(all);
    return OK;
}

enum err novel_term(struct novel *n, uint64_t hash, int32_t day, bool counts)
{
    hash = hash ? hash : 1;
    struct term *t = slot_of(n->term, n->cap, hash);
    if (!t->hash) {
        if (n->n >= n->o.max_terms) {
            TRY(make_room(n));
            t = slot_of(n->term, n->cap, hash);
        }
        uint32_t error = n->floor < UINT32_MAX ? (uint32_t)n->floor : UINT32_MAX;
        *t = (struct term){.hash = hash, .error = error, .first_day = day};
        n->n++;
    }
    t->all += t->all < UINT32_MAX;
    t->week += counts && t->week < UINT32_MAX;
    t->first_day = day < t->first_day ? day : t->first_day;
    return OK;
}

/* ---- the sketch ---- */

static struct cell *cell_of(const struct novel *n, uint64_t hash, int i)
{
    uint64_t h = mixed(hash + (uint64_t)i * 0x9e3779b97f4a7c15u);
    return &n->cell[h & (((size_t)1 << n->o.sketch_bits) - 1)];
}

/* As it stands after so many weeks: in those without the term its share was 0. */
static struct cell aged(const struct novel *n, const struct cell *c, int32_t weeks)
{
    struct cell a = *c;
    if (a.week && weeks > a.week) {
        double keep = pow(1 - n->alpha, weeks - a.week), mean = (double)a.mean;
        a.variance = (float)(keep * ((double)a.variance + mean * mean * (1 - keep)));
        a.mean = (float)(mean * keep);
    }
    return a;
}

/* Cells are shared, so each tells too much: the least of them is nearest. */
static struct cell least_cell(const struct novel *n, uint64_t hash)
{
    struct cell least = aged(n, cell_of(n, hash, 0), n->weeks);
    for (int i = 1; i < HASHES; i++) {
        struct cell c = aged(n, cell_of(n, hash, i), n->weeks);
        if (c.mean < least.mean)
            least = c;
    }
    return least;
}

static void learn(const struct novel *n, struct term *t, uint64_t threads)
{
    struct cell c = least_cell(n, t->hash);
    double off = (double)t->all / (double)threads - (double)c.mean;
    t->mean = (float)((double)c.mean + n->alpha * off);
    t->variance = (float)((1 - n->alpha) * ((double)c.variance + n->alpha * off * off));
}

/* Of the terms that share a cell the most frequent one keeps it, also one that is not there this
 * week: a rare term must not wipe out what is known of it. */
static void keep(struct novel *n, const struct term *t)
{
    int32_t week = n->weeks + 1;
    for (int i = 0; i < HASHES; i++) {
        struct cell *to = cell_of(n, t->hash, i);
        if (aged(n, to, week).mean < t->mean)
            *to = (struct cell){t->mean, t->variance, week};
    }
}

/* ---- the week ---- */

/* How far the week is above what was expected, in deviations: those of the weeks before, what
 * chance adds to a count, and one thread, so that a first mention is never significant. */
static struct novel_term judge(const struct novel *n, const struct term *t, uint64_t threads)
{
    struct cell c = least_cell(n, t->hash);
    double all = (double)threads, expected = all * (double)c.mean;
    double variance = expected + all * all * (double)c.variance + 1;
    return (struct novel_term){.hash = t->hash,
                               .z = ((double)t->week - expected) / sqrt(variance),
                               .expected = expected,
                               .week = t->week,
                               .before = (double)t->past + (double)t->error,
                               .first_day = t->first_day};
}

static int by_z(const void *a, const void *b)
{
    const struct novel_term *x = a, *y = b;
    if (x->z != y->z)
        return x->z > y->z ? -1 : 1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Keeps the best max in order. */
static void rank(struct novel_term *best, size_t max, size_t *n, const struct novel_term *one)
{
    size_t at = *n;
    if (at == max && (!max || by_z(one, &best[max - 1]) > 0))
        return;
    if (at < max)
        (*n)++;
    else
        at--;
    for (; at > 0 && by_z(one, &best[at - 1]) < 0; at--)
        best[at] = best[at - 1];
    best[at] = *one;
}

static size_t judge_all(const struct novel *n, uint64_t threads, struct novel_term *best,
                        size_t max)
{
    size_t k = 0;
    for (size_t i = 0; i < n->cap; i++) {
        if (n->term[i].week < n->o.threads)
            continue;
        struct novel_term one = judge(n, &n->term[i], threads);
        if (one.z >= n->o.least && one.before * n->o.times <= one.week)
            rank(best, max, &k, &one);
    }
    return k;
}

static void learn_all(struct novel *n, uint64_t threads)
{
    for (size_t i = 0; i < n->cap; i++)
        if (n->term[i].all)
            learn(n, &n->term[i], threads);
    for (size_t i = 0; i < n->cap; i++)
        if (n->term[i].all)
            keep(n, &n->term[i]);
}

/* What was counted in the open week becomes past, if it is learnt from, and the next one opens. */
static void next_week(struct novel *n, bool learnt)
{
    double part = learnt ? 1 : 0, keep = learnt ? PAST_KEEP : 1;
    n->floor *= keep;
    for (size_t i = 0; i < n->cap; i++) {
        struct term *t = &n->term[i];
        t->past = (float)((double)t->past * keep + part * (double)t->all);
        t->all = t->week = 0;
    }
    n->weeks += learnt;
}

bool novel_is_warm(const struct novel *n)
{
    return n->weeks >= (int32_t)n->o.warm_up;
}

enum err novel_end_week(struct novel *n, int32_t week, uint64_t threads, struct novel_term *ret,
                        size_t max, size_t *ret_n)
{
    *ret_n = 0;
    if (week <= n->last_week)
        return ERR_USAGE;
    n->last_week = week;
    if (threads && novel_is_warm(n))
        *ret_n = judge_all(n, threads, ret, max);
    if (threads)
        learn_all(n, threads);
    next_week(n, threads > 0);
    return OK;
}
