#include "watch/novel.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HASHES = 4, TERMS = 100 * 1000, BITS = 20, HALF_LIFE = 14 };
static const double SIGNIFICANT = 6, BIAS = 1e-4, PAST_KEEP = 0.95, PRIOR_SCALE = 500;

struct cell {
    float mean, variance; /* of the share of threads, exponentially weighed */
    int32_t day;          /* of the last update; 0: never */
};

struct term {
    uint64_t hash; /* 0: empty */
    uint32_t today, week;
    float past;           /* threads of the weeks before, decayed */
    float most;           /* significance this week */
    float mean, variance; /* of today, until all terms of the day are looked at */
    uint32_t error;
};

struct novel {
    struct novel_options o;
    struct cell *cell;
    struct term *term;
    size_t n, cap;
    uint32_t floor; /* what a term that was let go may have had */
    uint64_t week_terms;
    double past_terms;
    double alpha;
};

enum err novel_new(const struct novel_options *options, struct novel **ret_novel)
{
    struct novel *n = calloc(1, sizeof *n);
    if (!n)
        return ERR_NOMEM;
    n->o = *options;
    n->o.max_terms = n->o.max_terms ? n->o.max_terms : TERMS;
    n->o.sketch_bits = n->o.sketch_bits ? n->o.sketch_bits : BITS;
    n->o.half_life = n->o.half_life ? n->o.half_life : HALF_LIFE;
    n->o.least = n->o.least > 0 ? n->o.least : SIGNIFICANT;
    n->alpha = 1 - exp2(-1.0 / n->o.half_life);
    for (n->cap = 64; n->cap * 2 < n->o.max_terms * 3;)
        n->cap *= 2;
    if (n->o.sketch_bits <= 26) {
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
    return (double)t->today + (double)t->week + (double)t->past;
}

static int by_weight(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Space-Saving in batches: the lighter half goes, and a term that comes anew may have been among
 * it, so its count is sure only up to the heaviest of those. */
static enum err make_room(struct novel *n)
{
    struct term *kept = calloc(n->cap, sizeof *kept);
    double *all = calloc(n->n + 1, sizeof *all);
    size_t k = 0;
    if (!kept || !all) {
        free(kept);
        free(all);
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < n->cap; i++)
        if (n->term[i].hash)
            all[k++] = weight(&n->term[i]);
    qsort(all, k, sizeof *all, by_weight);
    double least = all[k / 2];
    free(all);
    n->n = 0;
    for (size_t i = 0; i < n->cap; i++)
        if (n->term[i].hash && weight(&n->term[i]) > least) {
            *slot_of(kept, n->cap, n->term[i].hash) = n->term[i];
            n->n++;
        }
    free(n->term);
    n->term = kept;
    n->floor = least < 4e9 ? (uint32_t)least : UINT32_MAX;
    return OK;
}

enum err novel_term(struct novel *n, uint64_t hash)
{
    hash = hash ? hash : 1;
    struct term *t = slot_of(n->term, n->cap, hash);
    if (!t->hash) {
        if (n->n >= n->o.max_terms) {
            TRY(make_room(n));
            t = slot_of(n->term, n->cap, hash);
        }
        *t = (struct term){.hash = hash, .error = n->floor};
        n->n++;
    }
    t->today++;
    return OK;
}

/* ---- the sketch ---- */

static struct cell *cell_of(const struct novel *n, uint64_t hash, int i)
{
    uint64_t h = mixed(hash + (uint64_t)i * 0x9e3779b97f4a7c15u);
    return &n->cell[h & (((size_t)1 << n->o.sketch_bits) - 1)];
}

/* As it stands today: on days without the term its share was 0. */
static struct cell aged(const struct novel *n, const struct cell *c, int32_t day)
{
    struct cell a = *c;
    if (a.day && day - 1 > a.day) {
        double keep = pow(1 - n->alpha, day - 1 - a.day), mean = (double)a.mean;
        a.variance = (float)(keep * ((double)a.variance + mean * mean * (1 - keep)));
        a.mean = (float)(mean * keep);
    }
    return a;
}

/* Cells are shared, so each tells too much: the least of them is nearest. */
static struct cell least_cell(const struct novel *n, uint64_t hash, int32_t day)
{
    struct cell least = aged(n, cell_of(n, hash, 0), day);
    for (int i = 1; i < HASHES; i++) {
        struct cell c = aged(n, cell_of(n, hash, i), day);
        if (c.mean < least.mean)
            least = c;
    }
    return least;
}

static void look(const struct novel *n, struct term *t, int32_t day, double share)
{
    struct cell c = least_cell(n, t->hash, day);
    double off = share - (double)c.mean;
    double significance = (share - fmax((double)c.mean, BIAS)) / (sqrt((double)c.variance) + BIAS);
    t->most = (float)fmax((double)t->most, significance);
    t->mean = (float)((double)c.mean + n->alpha * off);
    t->variance = (float)((1 - n->alpha) * ((double)c.variance + n->alpha * off * off));
}

/* Of the terms that share a cell, the most frequent one keeps it. */
static void keep(struct novel *n, const struct term *t, int32_t day)
{
    for (int i = 0; i < HASHES; i++) {
        struct cell *to = cell_of(n, t->hash, i);
        if (to->day < day || to->mean < t->mean)
            *to = (struct cell){t->mean, t->variance, day};
    }
}

void novel_end_day(struct novel *n, int32_t day, uint64_t threads)
{
    for (size_t i = 0; i < n->cap && threads; i++)
        if (n->term[i].today)
            look(n, &n->term[i], day, (double)n->term[i].today / (double)threads);
    for (size_t i = 0; i < n->cap && threads; i++) {
        struct term *t = &n->term[i];
        if (!t->today)
            continue;
        keep(n, t, day);
        t->week = t->week > UINT32_MAX - t->today ? UINT32_MAX : t->week + t->today;
        n->week_terms += t->today;
        t->today = 0;
    }
}

/* ---- the digest ---- */

/* With an informative Dirichlet prior: a term is drawn towards how common it is in all. */
static double log_odds(const struct novel *n, const struct term *t)
{
    double all = (double)n->week_terms + n->past_terms;
    double prior = PRIOR_SCALE * ((double)t->week + (double)t->past + 1) / (all + 1);
    double a = (double)t->week + prior, b = (double)t->past + (double)t->error + prior;
    double rest_a = (double)n->week_terms + PRIOR_SCALE - a;
    double rest_b = n->past_terms + PRIOR_SCALE - b;
    double delta = log(a / fmax(rest_a, 1)) - log(b / fmax(rest_b, 1));
    return delta / sqrt(1 / a + 1 / b);
}

static int by_z(const void *a, const void *b)
{
    const struct novel_term *x = a, *y = b;
    if (x->z != y->z)
        return x->z > y->z ? -1 : 1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static void next_week(struct novel *n)
{
    n->past_terms = n->past_terms * PAST_KEEP + (double)n->week_terms;
    n->week_terms = 0;
    for (size_t i = 0; i < n->cap; i++) {
        struct term *t = &n->term[i];
        t->past = (float)((double)t->past * PAST_KEEP + (double)t->week);
        t->week = 0;
        t->most = 0;
    }
}

size_t novel_digest(struct novel *n, struct novel_term *ret_term, size_t max)
{
    size_t k = 0;
    for (size_t i = 0; i < n->cap && max; i++) {
        const struct term *t = &n->term[i];
        if (!t->hash || (double)t->most < n->o.least)
            continue;
        struct novel_term one = {t->hash, log_odds(n, t), (double)t->most, t->week, t->error};
        if (k < max) {
            ret_term[k++] = one;
            if (k == max)
                qsort(ret_term, k, sizeof *ret_term, by_z);
        } else if (by_z(&one, &ret_term[max - 1]) < 0) {
            size_t at = max - 1;
            for (; at > 0 && by_z(&one, &ret_term[at - 1]) < 0; at--)
                ret_term[at] = ret_term[at - 1];
            ret_term[at] = one;
        }
    }
    if (k < max && k > 1)
        qsort(ret_term, k, sizeof *ret_term, by_z);
    next_week(n);
    return k;
}
