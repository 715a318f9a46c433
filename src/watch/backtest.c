#include "watch/backtest_priv.h"

#include <math.h>
#include <stdlib.h>

enum { CALIBRATION_DAYS = 364 };

const double backtest_rates[BACKTEST_RATES] = {0.5, 1, 2, 3, 5, 7, 10};

/* --- targets --- */

/* Was the subject new enough when it was listed? */
static bool fresh(const struct backtest *b, struct str subject, int32_t day)
{
    uint64_t year;
    if (b->options.any_age || subject.n < 9 || !str_istarts(subject, STR("CVE-")) ||
        !str_u64(str_sub(subject, 4, 8), &year))
        return true;
    return (int)year >= time_civil(day * US_PER_DAY).year - 1;
}

/* What should have been told: listed in the test, and no list that was loaded in bulk. */
static bool is_target(const struct backtest *b, const struct label *l)
{
    return l->day >= b->test.from && l->day < b->test.to && fresh(b, l->subject, l->day) &&
           !labels_bulk(b->labels, l->day);
}

static enum err first_named(const struct backtest *b, int32_t **ret_first)
{
    size_t n = b->corpus->subject.n;
    int32_t *first = calloc(n + 1, sizeof *first);
    if (!first)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        first[i] = LABEL_NEVER;
    for (size_t i = b->replay.sample.n; i-- > 0;)
        first[b->replay.sample.v[i].subject] = b->replay.sample.v[i].day;
    *ret_first = first;
    return OK;
}

/* --- judging one way to alert --- */

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Between two values in proportion; type 7 of Hyndman and Fan. */
static double quantile(const double *sorted, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    if (i + 1 >= n)
        return sorted[n - 1];
    return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

static struct quartiles quartiles_of(double *v, size_t n)
{
    struct quartiles q = {(double)NAN, (double)NAN, (double)NAN};
    if (n == 0)
        return q;
    qsort(v, n, sizeof *v, by_number);
    return (struct quartiles){quantile(v, n, 0.25), quantile(v, n, 0.5), quantile(v, n, 0.75)};
}

/* The days on which subjects alerted, LABEL_NEVER for those that did not. */
static void note_alerts(const struct alerts *a, int32_t *day, size_t subjects)
{
    for (size_t i = 0; i < subjects; i++)
        day[i] = LABEL_NEVER;
    for (size_t i = 0; i < a->list.n; i++)
        day[a->list.v[i].subject] = a->list.v[i].day;
}

static void add_alert(const struct backtest *b, const struct alert_at *a, struct verdict_of *v,
                      double *lead, size_t *n_leads)
{
    int32_t on = b->judge.listed[a->subject];
    struct tally t = judge_alert(&b->judge, a->subject, a->day);
    for (int i = 0; i < TALLIES; i++)
        v->tally.of[i] += t.of[i];
    v->late += on != LABEL_NEVER && on <= a->day;
    if (on != LABEL_NEVER && on > a->day)
        lead[(*n_leads)++] = on - a->day;
}

struct ledger {
    struct alerts alerts; /* of all days */
    int32_t *alerted, *first;
    double *lead;
};

static enum err ledger_make(const struct backtest *b, const double *score, double threshold,
                            struct ledger *l)
{
    size_t n = b->corpus->subject.n;
    struct span always = {INT32_MIN, b->test.to};
    *l = (struct ledger){0};
    TRY(alerts_find(&b->replay, score, threshold, always, &l->alerts));
    l->alerted = calloc(n + 1, sizeof *l->alerted);
    l->lead = calloc(l->alerts.list.n + 1, sizeof *l->lead);
    if (!l->alerted || !l->lead)
        return ERR_NOMEM;
    note_alerts(&l->alerts, l->alerted, n);
    return first_named(b, &l->first);
}

static void ledger_done(struct ledger *l)
{
    vec_done(&l->alerts.list);
    free(l->alerted);
    free(l->first);
    free(l->lead);
}

static void count_targets(const struct backtest *b, const struct ledger *l, struct verdict_of *v)
{
    for (size_t i = 0; i < b->labels->label.n; i++) {
        const struct label *label = &b->labels->label.v[i];
        const uint32_t *id = map_get(&b->corpus->subjects, label->subject);
        if (!is_target(b, label))
            continue;
        v->targets++;
        v->targets_named += id && l->first[*id] < label->day;
        v->caught += id && l->alerted[*id] < label->day;
    }
}

enum err backtest_judge(const struct backtest *b, const double *score, double threshold,
                        struct verdict_of *ret_verdict)
{
    struct ledger l;
    size_t leads = 0;
    *ret_verdict = (struct verdict_of){0};
    enum err rc = ledger_make(b, score, threshold, &l);
    for (size_t i = 0; !rc && i < l.alerts.list.n; i++)
        if (l.alerts.list.v[i].day >= b->test.from)
            add_alert(b, &l.alerts.list.v[i], ret_verdict, l.lead, &leads);
    if (!rc) {
        ret_verdict->lead = quartiles_of(l.lead, leads);
        ret_verdict->alerts_per_week = ret_verdict->tally.of[TALLY_ALERTS] / b->weeks;
        count_targets(b, &l, ret_verdict);
    }
    ledger_done(&l);
    return rc;
}

/* --- intervals --- */

enum { SUM_TARGETS = TALLIES, SUM_NAMED, SUM_CAUGHT };

static size_t week_of(const struct backtest *b, int32_t day)
{
    return (size_t)(day - b->test.from) / 7;
}

static enum err weekly(const struct backtest *b, struct week *week)
{
    struct ledger l;
    enum err rc = ledger_make(b, b->score, b->threshold, &l);
    for (size_t i = 0; !rc && i < l.alerts.list.n; i++) {
        const struct alert_at *a = &l.alerts.list.v[i];
        struct tally t = judge_alert(&b->judge, a->subject, a->day);
        for (int k = 0; k < TALLIES && a->day >= b->test.from; k++)
            week[week_of(b, a->day)].sum[k] += t.of[k];
    }
    for (size_t i = 0; !rc && i < b->labels->label.n; i++) {
        const struct label *label = &b->labels->label.v[i];
        const uint32_t *id = map_get(&b->corpus->subjects, label->subject);
        if (!is_target(b, label))
            continue;
        struct week *w = &week[week_of(b, label->day)];
        w->sum[SUM_TARGETS]++;
        w->sum[SUM_NAMED] += id && l.first[*id] < label->day;
        w->sum[SUM_CAUGHT] += id && l.alerted[*id] < label->day;
    }
    ledger_done(&l);
    return rc;
}

static enum err intervals(struct backtest *b)
{
    static const struct ratio ratio[FIGURES] = {
        [FIGURE_RATE] = {TALLY_ALERTS, -1},
        [FIGURE_30] = {TALLY_IN_30, TALLY_RIPE_30},
        [FIGURE_90] = {TALLY_IN_90, TALLY_RIPE_90},
        [FIGURE_180] = {TALLY_IN_180, TALLY_RIPE_180},
        [FIGURE_EVER] = {TALLY_EVER, TALLY_ALERTS},
        [FIGURE_RECALL] = {SUM_CAUGHT, SUM_TARGETS},
        [FIGURE_RECALL_NAMED] = {SUM_CAUGHT, SUM_NAMED},
    };
    size_t weeks = week_of(b, b->test.to - 1) + 1;
    struct week *week = calloc(weeks, sizeof *week);
    enum err rc = week ? weekly(b, week) : ERR_NOMEM;
    if (!rc)
        rc = bootstrap(week, weeks, ratio, FIGURES, BACKTEST_SEED, b->interval);
    free(week);
    return rc;
}

/* --- the run --- */

static enum err set_spans(struct backtest *b, struct error *error)
{
    const struct corpus *c = b->corpus;
    if (c->mention.n == 0)
        return fail(error, ERR_FORMAT, "no post names a subject%s",
                    c->cves_only ? " (the labels are CVEs)" : "");
    int32_t last = c->mention.v[c->mention.n - 1].day, first = c->mention.v[0].day;
    b->test.from = b->options.train_until + 1;
    b->test.to = (b->options.test_until < last ? b->options.test_until : last) + 1;
    if (b->test.to <= b->test.from)
        return fail(error, ERR_USAGE, "no post is later than the training part");
    if (first >= b->test.from)
        return fail(error, ERR_USAGE, "no post is in the training part");
    b->weeks = (b->test.to - b->test.from) / 7.0;
    b->judge.labels_end = b->labels->last;
    return OK;
}

/* The threshold is that of the last year before the test, or of what of it has learnt weights. */
static enum err calibrate(struct backtest *b)
{
    int32_t from = b->test.from - CALIBRATION_DAYS;
    if (b->scoring.first > from)
        from = b->scoring.first;
    b->calibrated = (struct span){from, b->test.from};
    b->thresholded = from + 28 <= b->test.from;
    if (!b->thresholded)
        return OK;
    TRY(thresholds_make(&b->replay, &b->judge, b->score, b->calibrated, &b->calibration));
    b->threshold = backtest_threshold(b, b->options.alerts_per_week);
    return OK;
}

double backtest_threshold(const struct backtest *b, double alerts_per_week)
{
    double weeks = (b->calibrated.to - b->calibrated.from) / 7.0;
    return threshold_for(&b->calibration, alerts_per_week * weeks);
}

enum err backtest_score(const struct backtest *b, const struct replay *r, const bool *take,
                        struct scoring *ret_scoring, double *ret_score)
{
    *ret_scoring = (struct scoring){.from = INT32_MIN,
                                    .freeze = b->options.frozen ? b->test.from : INT32_MAX,
                                    .anchor = b->test.from,
                                    .end = b->test.to,
                                    .take = take};
    return replay_score(r, ret_scoring, ret_score);
}

/* How many subjects that come up in the test are ever listed: what guessing would give. */
static enum err base_rate(struct backtest *b)
{
    int32_t *first = NULL;
    uint64_t listed = 0;
    TRY(first_named(b, &first));
    for (size_t i = 0; i < b->corpus->subject.n; i++) {
        b->subjects += first[i] != LABEL_NEVER;
        if (first[i] < b->test.from || first[i] >= b->test.to)
            continue;
        b->subjects_test++;
        listed += b->judge.listed[i] != LABEL_NEVER;
    }
    free(first);
    b->base_rate = b->subjects_test ? (double)listed / (double)b->subjects_test : (double)NAN;
    b->lift = tally_share(&b->verdict.tally, TALLY_EVER, TALLY_ALERTS) / b->base_rate;
    return OK;
}

static void count_left_out(struct backtest *b)
{
    for (int i = 0; i < 3; i++)
        b->unripe[i] =
            (uint64_t)(b->verdict.tally.of[TALLY_ALERTS] - b->verdict.tally.of[TALLY_RIPE_30 + i]);
    for (size_t i = 0; i < b->labels->label.n; i++) {
        const struct label *l = &b->labels->label.v[i];
        b->bulk_targets += l->day >= b->test.from && l->day < b->test.to &&
                           fresh(b, l->subject, l->day) && labels_bulk(b->labels, l->day);
    }
}

enum err backtest_run(struct backtest *b, struct error *error)
{
    TRY(set_spans(b, error));
    b->replay.corpus = b->corpus;
    b->replay.labels = b->labels;
    b->replay.any_age = b->options.any_age;
    b->replay.unlisted = b->options.unlisted;
    TRY(replay_run(&b->replay));
    b->judge.listed = b->replay.listed;
    b->score = calloc(b->replay.sample.n + 1, sizeof *b->score);
    if (!b->score)
        return ERR_NOMEM;
    TRY(backtest_score(b, &b->replay, NULL, &b->scoring, b->score));
    TRY(calibrate(b));
    if (!b->thresholded)
        return fail(error, ERR_FORMAT,
                    "the training part is too short: weights need %d subjects that were named and "
                    "listed 4 weeks before its end",
                    FIT_SUBJECTS);
    TRY(backtest_judge(b, b->score, b->threshold, &b->verdict));
    TRY(alerts_find(&b->replay, b->score, b->threshold, b->test, &b->alerts));
    TRY(base_rate(b));
    count_left_out(b);
    TRY(intervals(b));
    TRY(backtest_compare(b));
    return b->options.experiments ? backtest_without(b) : OK;
}

void backtest_done(struct backtest *b)
{
    replay_done(&b->replay);
    free(b->score);
    thresholds_done(&b->calibration);
    vec_done(&b->without);
    vec_done(&b->alerts.list);
}
