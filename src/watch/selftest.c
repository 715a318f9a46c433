#include "watch/selftest.h"

#include <stdlib.h>
#include <string.h>

enum { RUNS = 100, BLOCK_DAYS = 7, RUNS_MAX = 10000 };

/* One naming of a subject in a thread, whoever took part: what is shuffled, so that threads stay
 * whole. */
struct group {
    uint64_t key; /* of site, block, thread and subject: units of one group have it in common */
    uint64_t block;
    uint32_t subject, swapped;
};

struct work {
    const struct selftest_input *in;
    struct group *group;
    uint32_t *of; /* by unit: its group */
    size_t n;
    uint64_t state;
    uint64_t *count[TREND_LANES + 1]; /* by run */
    unsigned run;
};

static uint64_t mixed(uint64_t a, uint64_t b)
{
    uint64_t x = (a + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u ^ b;
    x = (x ^ x >> 29) * 0x94d049bb133111ebu;
    return x ^ x >> 32;
}

static uint32_t below(struct work *w, uint32_t n)
{
    w->state = mixed(w->state, 1);
    return (uint32_t)((w->state >> 32) * n >> 32);
}

static int by_key(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->block != y->block)
        return x->block < y->block ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

static struct group group_of(const struct selftest_input *in, const struct unit *u)
{
    uint64_t days = in->block_days ? in->block_days : BLOCK_DAYS;
    uint64_t block = mixed(u->site, (uint64_t)u->event_day / days);
    uint64_t key = mixed(mixed(block, u->thread), u->subject);
    return (struct group){key, block, u->subject, u->subject};
}

static void find_groups(struct work *w)
{
    const struct selftest_input *in = w->in;
    for (size_t i = 0; i < in->n_units; i++)
        w->group[i] = group_of(in, &in->unit[i]);
    qsort(w->group, in->n_units, sizeof *w->group, by_key);
    for (size_t i = 0; i < in->n_units; i++)
        if (!i || by_key(&w->group[i], &w->group[w->n - 1]))
            w->group[w->n++] = w->group[i];
    for (size_t i = 0; i < in->n_units; i++) {
        struct group g = group_of(in, &in->unit[i]);
        const struct group *at = bsearch(&g, w->group, w->n, sizeof *w->group, by_key);
        w->of[i] = (uint32_t)(at - w->group);
    }
}

/* Fisher and Yates, block by block. */
static void shuffle(struct work *w)
{
    for (size_t from = 0, end; from < w->n; from = end) {
        for (end = from; end < w->n && w->group[end].block == w->group[from].block; end++)
            w->group[end].swapped = w->group[end].subject;
        for (size_t i = end - from; i > 1; i--) {
            size_t k = from + below(w, (uint32_t)i);
            uint32_t swap = w->group[k].swapped;
            w->group[k].swapped = w->group[from + i - 1].swapped;
            w->group[from + i - 1].swapped = swap;
        }
    }
}

static enum err on_alert(void *ctx, const struct trend_alert *a)
{
    struct work *w = ctx;
    if (a->day >= w->in->count_from && a->again == TREND_FIRST) {
        w->count[a->lane][w->run]++;
        w->count[TREND_LANES][w->run]++;
    }
    return OK;
}

static enum err replay(struct work *w, struct trends *t)
{
    const struct selftest_input *in = w->in;
    struct trend_events events = {.on_alert = on_alert, .ctx = w};
    size_t u = 0, x = 0;
    for (uint32_t s = 0; s < in->n_subjects; s++)
        TRY(trends_subject(t, s, in->kind ? in->kind[s] : SUBJECT_CVE, 1));
    while (u < in->n_units || x < in->n_exposures) {
        int32_t day = INT32_MAX;
        if (u < in->n_units)
            day = in->unit[u].ingest_day;
        if (x < in->n_exposures && in->exposure[x].ingest_day < day)
            day = in->exposure[x].ingest_day;
        for (; x < in->n_exposures && in->exposure[x].ingest_day <= day; x++)
            TRY(trends_exposure(t, in->exposure[x].site, in->exposure[x].event_day,
                                in->exposure[x].threads));
        for (; u < in->n_units && in->unit[u].ingest_day <= day; u++) {
            struct unit unit = in->unit[u];
            unit.subject = w->group[w->of[u]].swapped;
            TRY(trends_unit(t, &unit));
        }
        TRY(trends_end_day(t, day, &events));
    }
    return OK;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static struct selftest_lane summary(uint64_t *count, unsigned runs, double weeks)
{
    double sum = 0;
    qsort(count, runs, sizeof *count, by_size);
    for (unsigned i = 0; i < runs; i++)
        sum += (double)count[i];
    return (struct selftest_lane){sum / runs / weeks, (double)count[runs / 20] / weeks,
                                  (double)count[runs - 1 - runs / 20] / weeks};
}

static enum err run_all(struct work *w, const struct trend_options *options, unsigned runs)
{
    find_groups(w);
    for (w->run = 0; w->run < runs; w->run++) {
        struct trends *t;
        w->state = mixed(w->in->seed, w->run);
        shuffle(w);
        TRY(trends_new(options, &t));
        enum err rc = replay(w, t);
        t = trends_free(t);
        TRY(rc);
    }
    return OK;
}

static int32_t last_day(const struct selftest_input *in)
{
    int32_t day = in->n_units ? in->unit[in->n_units - 1].ingest_day : 0;
    if (in->n_exposures && in->exposure[in->n_exposures - 1].ingest_day > day)
        day = in->exposure[in->n_exposures - 1].ingest_day;
    return day;
}

enum err selftest_null(const struct trend_options *options, const struct selftest_input *in,
                       struct selftest_result *ret_result)
{
    unsigned runs = in->runs ? in->runs : RUNS;
    double weeks = (last_day(in) - in->count_from + 1) / 7.0;
    if (!in->n_units || in->n_units >= UINT32_MAX || runs > RUNS_MAX || !(weeks > 0))
        return ERR_USAGE;
    struct work w = {.in = in};
    uint64_t *count = calloc((size_t)runs * (TREND_LANES + 1), sizeof *count);
    w.group = calloc(in->n_units, sizeof *w.group);
    w.of = calloc(in->n_units, sizeof *w.of);
    enum err rc = count && w.group && w.of ? OK : ERR_NOMEM;
    for (int i = 0; i <= TREND_LANES && count; i++)
        w.count[i] = count + (size_t)i * runs;
    if (!rc)
        rc = run_all(&w, options, runs);
    if (!rc) {
        *ret_result = (struct selftest_result){.weeks = weeks, .runs = runs};
        for (int i = 0; i < TREND_LANES; i++)
            ret_result->lane[i] = summary(w.count[i], runs, weeks);
        ret_result->all = summary(w.count[TREND_LANES], runs, weeks);
    }
    free(count);
    free(w.group);
    free(w.of);
    return rc;
}
