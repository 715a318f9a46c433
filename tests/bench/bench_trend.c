/* What the lanes find in made-up chatter, and how often they are wrong.
 * usage: bench_trend [SEEDS [FIRST_SEED [BURSTS [SPARSE_RATE]]]]; BURSTS of each class in each
 * half, SPARSE_RATE in threads a day; BENCH_SHUFFLED=RUNS: also replays with shuffled labels. */
#include "gen/chatter.h"
#include "watch/selftest.h"

#include <math.h>

enum { SUBJECTS = 20000, SITES = 12, WEEKS = 72, DAYS = WEEKS * 7, GRACE = 14 };

struct tally {
    uint64_t bursts[CHATTER_CLASSES], found[CHATTER_CLASSES];
    uint64_t by_lane[CHATTER_CLASSES][TREND_LANES];
    uint64_t wrong[TREND_LANES], wrong_class[CHATTER_CLASSES];
    unsigned delay[CHATTER_CLASSES][4096];
    double g[TREND_LANES];
    uint64_t units;
    double seconds;
};

struct run {
    struct chatter *c;
    const struct chatter_burst *burst;
    size_t n_bursts;
    uint32_t *of_subject; /* burst + 1 */
    uint32_t *found_on;   /* by burst: day + 1 */
    bool *lane_found;
    uint32_t today;
    struct tally *tally;
};

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static enum err on_alert(void *ctx, const struct trend_alert *a)
{
    struct run *r = ctx;
    uint32_t k = r->of_subject[a->subject];
    if (getenv("BENCH_ALERTS"))
        printf("@ day %u %s subject %u class %d lane %c again %d w %u obs %.2f exp %.3f p %.3g thr "
               "%.3g voices %u threads %u sites %u ep %u\n",
               r->today, k ? "burst" : "-", a->subject, (int)chatter_class(r->c, a->subject),
               'A' + (int)a->lane, (int)a->again, a->window_days, a->observed, a->expected, a->p,
               a->alpha / a->g, a->voices, a->threads, a->n_sites, a->episode);
    const struct chatter_burst *b = k ? &r->burst[k - 1] : NULL;
    if (b && r->today >= b->start && r->today < b->start + b->days + GRACE) {
        if (!r->found_on[k - 1])
            r->found_on[k - 1] = r->today + 1;
        r->lane_found[(k - 1) * TREND_LANES + a->lane] = true;
    } else if (r->today >= DAYS / 2 && (!b || r->today < b->start || r->today >= b->start + 365)) {
        r->tally->wrong[a->lane]++;
        r->tally->wrong_class[chatter_class(r->c, a->subject)]++;
    }
    return OK;
}

static void count_found(struct run *r)
{
    for (size_t i = 0; i < r->n_bursts; i++) {
        const struct chatter_burst *b = &r->burst[i];
        struct tally *t = r->tally;
        if (b->start < DAYS / 2)
            continue;
        t->bursts[b->class]++;
        if (r->found_on[i])
            t->delay[b->class][t->found[b->class]++] = r->found_on[i] - 1 - b->start;
        for (int lane = 0; lane < TREND_LANES; lane++)
            t->by_lane[b->class][lane] += r->lane_found[i * TREND_LANES + (size_t)lane];
    }
}

static enum err feed(struct trends *t, const struct chatter_day *d, uint32_t day)
{
    for (uint32_t s = 0; s < SITES; s++)
        TRY(trends_exposure(t, s, (int32_t)(CHATTER_FIRST_DAY + day), d->threads[s]));
    for (size_t i = 0; i < d->n; i++)
        TRY(trends_unit(t, &d->unit[i]));
    return OK;
}

static enum err replay(uint64_t seed, uint32_t bursts, double sparse, struct tally *tally)
{
    struct chatter_options o = {seed, SUBJECTS, SITES, DAYS, bursts, true,
                                true, sparse,   0,     0,    false};
    struct trend_options options = {.alerts_a_day = 5};
    struct run r = {.c = chatter_new(&o), .tally = tally};
    struct trend_events events = {on_alert, NULL, &r};
    struct trends *t;
    r.burst = chatter_bursts(r.c, &r.n_bursts);
    r.of_subject = calloc(SUBJECTS, sizeof *r.of_subject);
    r.found_on = calloc(r.n_bursts + 1, sizeof *r.found_on);
    r.lane_found = calloc((r.n_bursts + 1) * TREND_LANES, sizeof *r.lane_found);
    for (size_t i = 0; i < r.n_bursts; i++)
        r.of_subject[r.burst[i].subject] = (uint32_t)i + 1;
    TRY(trends_new(&options, &t));
    for (uint32_t i = 0; i < SUBJECTS; i++)
        TRY(trends_subject(
            t, i, chatter_class(r.c, i) == CHATTER_DENSE ? SUBJECT_PRODUCT : SUBJECT_CVE, 1));
    for (r.today = 0; r.today < DAYS; r.today++) {
        const struct chatter_day *d = chatter_next(r.c);
        double from = seconds();
        TRY(feed(t, d, r.today));
        TRY(trends_end_day(t, (int32_t)(CHATTER_FIRST_DAY + r.today), &events));
        tally->seconds += seconds() - from;
        tally->units += d->n;
    }
    struct trend_stats stats;
    trends_stats(t, &stats);
    for (int i = 0; i < TREND_LANES; i++)
        tally->g[i] += stats.g[i];
    if (getenv("BENCH_STATS"))
        printf("# units %lu counted %lu aggregated %lu copied %lu capped %lu dumps %lu bytes %lu\n",
               stats.units, stats.counted, stats.aggregated, stats.copied, stats.capped,
               stats.dump_days, stats.bytes);
    count_found(&r);
    t = trends_free(t);
    chatter_free(r.c);
    free(r.of_subject);
    free(r.found_on);
    free(r.lane_found);
    return OK;
}

static int by_size(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

static void print_found(struct tally *t)
{
    static const char *const name[] = {"sparse", "mid", "dense"};
    for (int c = 0; c < CHATTER_CLASSES; c++) {
        double n = (double)t->bursts[c];
        qsort(t->delay[c], t->found[c], sizeof t->delay[c][0], by_size);
        printf(
            "%-7s found %5.1f %% of %.0f (A %.1f %%, B %.1f %%, C %.1f %%), median delay %u days\n",
            name[c], 100 * (double)t->found[c] / n, n, 100 * (double)t->by_lane[c][0] / n,
            100 * (double)t->by_lane[c][1] / n, 100 * (double)t->by_lane[c][2] / n,
            t->found[c] ? t->delay[c][t->found[c] / 2] : 0);
    }
}

static void print_wrong(const char *what, const struct tally *t, unsigned seeds)
{
    double weeks = seeds * (WEEKS / 2.0);
    printf("%s: %.2f false alarms a week (A %.2f, B %.2f, C %.2f; of sparse %.2f, mid %.2f, dense "
           "%.2f); g %.3f %.3f %.3f\n",
           what, (double)(t->wrong[0] + t->wrong[1] + t->wrong[2]) / weeks,
           (double)t->wrong[0] / weeks, (double)t->wrong[1] / weeks, (double)t->wrong[2] / weeks,
           (double)t->wrong_class[0] / weeks, (double)t->wrong_class[1] / weeks,
           (double)t->wrong_class[2] / weeks, t->g[0] / seeds, t->g[1] / seeds, t->g[2] / seeds);
}

/* The stream without bursts of one seed, its labels shuffled. */
static enum err shuffled(uint64_t seed, unsigned runs)
{
    struct chatter_options o = {seed, SUBJECTS, SITES, DAYS, 0, true, true, 0, 0, 0, false};
    struct chatter *c = chatter_new(&o);
    struct selftest_exposure *x = calloc((size_t)SITES * DAYS, sizeof *x);
    enum subject_kind *kind = calloc(SUBJECTS, sizeof *kind);
    struct unit *units = NULL;
    size_t n = 0, n_exposures = 0;
    for (uint32_t i = 0; i < SUBJECTS; i++)
        kind[i] = chatter_class(c, i) == CHATTER_DENSE ? SUBJECT_PRODUCT : SUBJECT_CVE;
    for (int32_t day = CHATTER_FIRST_DAY; day < CHATTER_FIRST_DAY + DAYS; day++) {
        const struct chatter_day *d = chatter_next(c);
        for (uint32_t s = 0; s < SITES; s++)
            x[n_exposures++] = (struct selftest_exposure){s, d->threads[s], day, day};
        units = realloc(units, (n + d->n) * sizeof *units);
        memcpy(units + n, d->unit, d->n * sizeof *units);
        n += d->n;
    }
    struct selftest_input in = {.unit = units, .n_units = n, .exposure = x};
    struct trend_options options = {.alerts_a_day = 5};
    struct selftest_result r = {0};
    in.n_exposures = n_exposures;
    in.kind = kind;
    in.n_subjects = SUBJECTS;
    in.count_from = CHATTER_FIRST_DAY + DAYS / 2;
    in.runs = runs;
    in.seed = seed;
    enum err rc = selftest_null(&options, &in, &r);
    printf(
        "shuffled labels, %u runs: %.2f false alarms a week (90 %% of runs %.2f to %.2f; A %.2f, "
        "B %.2f, C %.2f)\n",
        r.runs, r.all.a_week, r.all.low, r.all.high, r.lane[0].a_week, r.lane[1].a_week,
        r.lane[2].a_week);
    chatter_free(c);
    free(units);
    free(x);
    free(kind);
    return rc;
}

int main(int argc, char **argv)
{
    static struct tally with, null;
    unsigned seeds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 10;
    unsigned first = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    unsigned bursts = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 20;
    double sparse = argc > 4 ? strtod(argv[4], NULL) : 0;
    const char *shuffled_runs = getenv("BENCH_SHUFFLED");
    for (unsigned i = 0; i < seeds; i++)
        if (replay(first + i, bursts, sparse, &with) || replay(first + i, 0, sparse, &null))
            return 1;
    if (shuffled_runs && shuffled(first, (unsigned)strtoul(shuffled_runs, NULL, 10)))
        return 1;
    print_found(&with);
    print_wrong("with bursts", &with, seeds);
    print_wrong("null stream", &null, seeds);
    printf("%.2f million units a second (%.0f units)\n", (double)with.units / with.seconds / 1e6,
           (double)with.units);
    return 0;
}
