#include "watch/thresholds.h"

#include <math.h>
#include <stdlib.h>

/* At thresholds up to `threshold` the tally changes by that much. */
struct change {
    double threshold;
    struct tally by;
};
struct changes {
    VEC(struct change) list;
};

enum { CHANGES_MAX = 2 * REPLAY_SAMPLES };

struct tally judge_alert(const struct judge *j, uint32_t subject, int32_t day)
{
    static const int32_t horizon[] = {30, 90, 180};
    struct tally t = {0};
    int32_t on = j->listed[subject];
    t.of[TALLY_ALERTS] = 1;
    t.of[TALLY_EVER] = on != LABEL_NEVER;
    t.of[TALLY_EARLY] = on != LABEL_NEVER && on > day;
    for (int i = 0; i < 3; i++) {
        bool ripe = day + horizon[i] <= j->labels_end;
        t.of[TALLY_RIPE_30 + i] = ripe;
        t.of[TALLY_IN_30 + i] = ripe && on > day && on - day <= horizon[i] && on != LABEL_NEVER;
    }
    return t;
}

double tally_share(const struct tally *t, enum tally_of a, enum tally_of b)
{
    return t->of[b] > 0 ? t->of[a] / t->of[b] : (double)NAN;
}

static void tally_add(struct tally *to, const struct tally *t, double times)
{
    for (int i = 0; i < TALLIES; i++)
        to->of[i] += times * t->of[i];
}

/* Falling; equal thresholds are added up, so their order is of no account. */
static int by_threshold(const void *a, const void *b)
{
    double x = ((const struct change *)a)->threshold, y = ((const struct change *)b)->threshold;
    return x > y ? -1 : x < y;
}

static enum err find_changes(const struct replay *r, const struct judge *j, const double *score,
                             struct span span, struct changes *ret_changes)
{
    size_t subjects = r->corpus->subject.n;
    double *most = calloc(subjects + 1, sizeof *most);
    enum err rc = most ? OK : ERR_NOMEM;
    for (size_t i = 0; most && i < subjects; i++)
        most[i] = SCORE_NONE;
    for (size_t i = 0; !rc && i < r->sample.n && r->sample.v[i].day < span.to; i++) {
        const struct sample *s = &r->sample.v[i];
        double before = most[s->subject];
        if (!(score[i] > before))
            continue;
        most[s->subject] = score[i];
        if (s->day < span.from)
            continue;
        struct change c = {score[i], judge_alert(j, s->subject, s->day)};
        rc = vec_push(&ret_changes->list, c, CHANGES_MAX);
        if (rc || before <= SCORE_NONE)
            continue;
        c.threshold = before; /* from there down an earlier sample is the alert */
        for (int k = 0; k < TALLIES; k++)
            c.by.of[k] = -c.by.of[k];
        rc = vec_push(&ret_changes->list, c, CHANGES_MAX);
    }
    free(most);
    return rc;
}

enum err thresholds_make(const struct replay *r, const struct judge *j, const double *score,
                         struct span span, struct thresholds *ret_thresholds)
{
    struct changes c = {0};
    struct tally now = {0};
    *ret_thresholds = (struct thresholds){0};
    enum err rc = find_changes(r, j, score, span, &c);
    if (!rc && c.list.n)
        qsort(c.list.v, c.list.n, sizeof *c.list.v, by_threshold);
    for (size_t i = 0; !rc && i < c.list.n; i++) {
        tally_add(&now, &c.list.v[i].by, 1);
        if (i + 1 < c.list.n && c.list.v[i + 1].threshold == c.list.v[i].threshold)
            continue;
        struct threshold_step step = {c.list.v[i].threshold, now};
        rc = vec_push(&ret_thresholds->step, step, CHANGES_MAX);
    }
    vec_done(&c.list);
    return rc;
}

void thresholds_done(struct thresholds *s)
{
    vec_done(&s->step);
}

/* How many steps there are before the alerts become too many. */
static size_t steps_below(const struct thresholds *s, double alerts)
{
    size_t n = 0;
    while (n < s->step.n && s->step.v[n].tally.of[TALLY_ALERTS] <= alerts + 1e-9)
        n++;
    return n;
}

struct tally thresholds_at(const struct thresholds *s, double alerts)
{
    size_t n = steps_below(s, alerts);
    struct tally low = {0};
    if (n > 0)
        low = s->step.v[n - 1].tally;
    if (n == s->step.n)
        return low;
    const struct tally *high = &s->step.v[n].tally;
    double gap = high->of[TALLY_ALERTS] - low.of[TALLY_ALERTS];
    double part = gap > 0 ? (alerts - low.of[TALLY_ALERTS]) / gap : 0;
    struct tally t = low;
    tally_add(&t, high, part);
    tally_add(&t, &low, -part);
    return t;
}

double threshold_for(const struct thresholds *s, double alerts)
{
    size_t n = steps_below(s, alerts);
    return n ? s->step.v[n - 1].threshold : (double)INFINITY;
}

enum err alerts_find(const struct replay *r, const double *score, double threshold,
                     struct span span, struct alerts *ret_alerts)
{
    bool *done = calloc(r->corpus->subject.n + 1, sizeof *done);
    enum err rc = done ? OK : ERR_NOMEM;
    *ret_alerts = (struct alerts){0};
    for (size_t i = 0; !rc && i < r->sample.n && r->sample.v[i].day < span.to; i++) {
        const struct sample *s = &r->sample.v[i];
        if (!(score[i] >= threshold) || score[i] <= SCORE_NONE || done[s->subject])
            continue;
        done[s->subject] = true;
        struct alert_at a = {s->day, s->subject, (uint32_t)i};
        if (s->day >= span.from)
            rc = vec_push(&ret_alerts->list, a, REPLAY_SAMPLES);
    }
    free(done);
    return rc;
}
