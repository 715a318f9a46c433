/* Does a feed that doubles raise alerts? One made-up stream without bursts, a year to settle; the
 * alerts of the thirty days after are counted when a site goes on as before (once), has twice as
 * much from then on (twice), and had twice as much from the start (always); all else is the same.
 * More threads are more that chance can do, so it is the third that the second is measured by.
 * usage: bench_double [SEEDS [FIRST_SEED [SUBJECTS [steady|drift]]]]; BENCH_ALERTS=1: each alert */
#include "gen/chatter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SITES = 12, SETTLE = 365, AFTER = 30 };
enum { ONCE, TWICE, ALWAYS, STREAMS };
static const char *const names[STREAMS] = {"once", "twice", "always"};

struct tally {
    unsigned all, at_home, lane[TREND_LANES], class[CHATTER_CLASSES];
};

struct run {
    const struct chatter *c;
    struct tally *tally; /* NULL: not counted yet */
    uint32_t today;
    int stream;
};

static enum err on_alert(void *ctx, const struct trend_alert *a)
{
    struct run *r = ctx;
    if (!r->tally)
        return OK;
    r->tally->all++;
    r->tally->lane[a->lane]++;
    r->tally->at_home += chatter_home(r->c, a->subject) == 0;
    r->tally->class[chatter_class(r->c, a->subject)]++;
    if (getenv("BENCH_ALERTS"))
        printf("@ %s day %u subject %u class %d lane %c again %d window %u observed %.2f expected "
               "%.3f p %.3g alpha/g %.3g sites %u home %u\n",
               names[r->stream], r->today, a->subject, (int)chatter_class(r->c, a->subject),
               'A' + (int)a->lane, (int)a->again, a->window_days, a->observed, a->expected, a->p,
               a->alpha / a->g, a->n_sites, chatter_home(r->c, a->subject));
    return OK;
}

static enum err play_day(struct trends *t, const struct chatter_day *d, struct run *r)
{
    struct trend_events events = {on_alert, NULL, r};
    int32_t day = (int32_t)(CHATTER_FIRST_DAY + r->today);
    for (uint32_t s = 0; s < SITES; s++)
        TRY(trends_exposure(t, s, day, d->threads[s]));
    for (size_t i = 0; i < d->n; i++)
        TRY(trends_unit(t, &d->unit[i]));
    TRY(trends_end_day(t, day, &events));
    r->today++;
    return OK;
}

/* The state of the day before the doubling, by way of its bytes. */
static enum err branch(struct trends *t, struct trends **ret_trends)
{
    struct trend_options options = {.alerts_a_day = 5};
    struct buf b;
    buf_init(&b, (size_t)256 << 20);
    TRY(trends_save(t, &b));
    enum err rc = trends_load(&options, buf_view(&b), ret_trends);
    buf_done(&b);
    return rc;
}

static enum err start(const struct chatter *c, uint32_t subjects, struct trends **ret_trends)
{
    struct trend_options options = {.alerts_a_day = 5};
    TRY(trends_new(&options, ret_trends));
    for (uint32_t i = 0; i < subjects; i++)
        TRY(trends_subject(*ret_trends, i,
                           chatter_class(c, i) == CHATTER_DENSE ? SUBJECT_PRODUCT : SUBJECT_CVE,
                           1));
    return OK;
}

static enum err replay(const struct chatter_options *options, struct tally tally[STREAMS])
{
    static const uint32_t from[STREAMS] = {[ONCE] = 0, [TWICE] = SETTLE, [ALWAYS] = 1};
    struct chatter *c[STREAMS];
    struct trends *t[STREAMS] = {0};
    struct run r[STREAMS];
    for (int i = 0; i < STREAMS; i++) {
        struct chatter_options o = *options;
        o.double_day = from[i];
        c[i] = chatter_new(&o);
        r[i] = (struct run){.c = c[i], .stream = i};
    }
    TRY(start(c[ONCE], options->subjects, &t[ONCE]));
    TRY(start(c[ALWAYS], options->subjects, &t[ALWAYS]));
    for (uint32_t day = 0; day < SETTLE; day++) {
        TRY(play_day(t[ONCE], chatter_next(c[ONCE]), &r[ONCE]));
        TRY(play_day(t[ALWAYS], chatter_next(c[ALWAYS]), &r[ALWAYS]));
        (void)chatter_next(c[TWICE]);
    }
    r[TWICE].today = SETTLE;
    TRY(branch(t[ONCE], &t[TWICE]));
    for (int i = 0; i < STREAMS; i++) {
        r[i].tally = &tally[i];
        while (r[i].today < SETTLE + AFTER)
            TRY(play_day(t[i], chatter_next(c[i]), &r[i]));
        t[i] = trends_free(t[i]);
        chatter_free(c[i]);
    }
    return OK;
}

static void print_tally(const char *name, const struct tally *t, unsigned seeds)
{
    printf("%-6s %u alerts in %u times %d days, %.2f a week (lane A %u, B %u, C %u; of sparse %u, "
           "mid %u, dense %u; at home there %u)\n",
           name, t->all, seeds, AFTER, t->all / (seeds * AFTER / 7.0), t->lane[0], t->lane[1],
           t->lane[2], t->class[0], t -> class[1], t -> class[2], t -> at_home);
}

static void add(struct tally *sum, const struct tally *t)
{
    sum->all += t->all;
    sum->at_home += t->at_home;
    for (int i = 0; i < TREND_LANES; i++)
        sum->lane[i] += t->lane[i];
    for (int i = 0; i < CHATTER_CLASSES; i++)
        sum->class[i] += t->class[i];
}

struct paired {
    double n, sum, squares;
};

static void paired_add(struct paired *p, double difference)
{
    p->n++;
    p->sum += difference;
    p->squares += difference * difference;
}

static void print_paired(const char *what, const struct paired *p)
{
    double mean = p->sum / p->n, variance = fmax(0, p->squares / p->n - mean * mean);
    printf("%s: %.2f alerts a seed, standard error %.2f\n", what, mean,
           sqrt(variance / fmax(1, p->n - 1)));
}

int main(int argc, char **argv)
{
    unsigned seeds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20;
    unsigned first = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    unsigned subjects = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 2000;
    bool steady = argc <= 4 || strcmp(argv[4], "drift");
    struct tally sum[STREAMS] = {0};
    struct paired on_once = {0}, on_always = {0};
    for (unsigned i = 0; i < seeds; i++) {
        struct tally tally[STREAMS] = {0};
        struct chatter_options o = {.seed = first + i,
                                    .subjects = subjects,
                                    .sites = SITES,
                                    .days = SETTLE + AFTER,
                                    .copies = !steady,
                                    .steady = steady};
        enum err rc = replay(&o, tally);
        if (rc) {
            fprintf(stderr, "seed %u: error %d\n", first + i, (int)rc);
            return 1;
        }
        paired_add(&on_once, (double)tally[TWICE].all - tally[ONCE].all);
        paired_add(&on_always, (double)tally[TWICE].all - tally[ALWAYS].all);
        for (int k = 0; k < STREAMS; k++)
            add(&sum[k], &tally[k]);
    }
    for (int k = 0; k < STREAMS; k++)
        print_tally(names[k], &sum[k], seeds);
    print_paired("twice less once", &on_once);
    print_paired("twice less always", &on_always);
    return 0;
}
