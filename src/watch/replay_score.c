#include "watch/replay.h"

#include <math.h>
#include <stdlib.h>

/* A penalty of five is what some five samples of a voice say: measured, see the method. */
static const double penalty = 5;

/* Rows beyond so many are thinned out by subject: listed ones stay. */
enum { FIT_ROWS = 300 * 1000 };

struct learning {
    const struct replay *r;
    const bool *take;
    uint32_t *samples; /* of each subject, before the day */
    double *y, *w;
};

/* Which subjects are left out when there are too many: the same ones on each day. */
static bool thinned(uint32_t subject, size_t rows)
{
    size_t keep = rows / FIT_ROWS + 1;
    return keep > 1 && (subject * 2654435761u >> 8) % keep != 0;
}

/* Outcomes as known on the morning of `day`; a listing that came before a sample counts as one that
 * followed (measured: neither should count more). Returns how many listed subjects there are. */
static size_t outcomes(struct learning *l, int32_t day, size_t n)
{
    const struct replay *r = l->r;
    size_t listed = 0;
    for (size_t i = 0; i < r->corpus->subject.n; i++)
        l->samples[i] = 0;
    for (size_t i = 0; i < n; i++)
        listed +=
            l->samples[r->sample.v[i].subject]++ == 0 && r->listed[r->sample.v[i].subject] < day;
    for (size_t i = 0; i < n; i++) {
        const struct sample *s = &r->sample.v[i];
        int32_t on = r->listed[s->subject];
        l->y[i] = on < day;
        l->w[i] = r->unlisted && on <= s->day ? 0 : 1 / sqrt(l->samples[s->subject]);
        if (on >= day && n > FIT_ROWS)
            l->w[i] *= thinned(s->subject, n) ? 0 : (double)(n / FIT_ROWS + 1);
    }
    return listed;
}

static enum err learn(struct learning *l, int32_t day, size_t n, double *weights, bool *ret_learnt)
{
    *ret_learnt = false;
    if (outcomes(l, day, n) < FIT_SUBJECTS)
        return OK;
    struct weigh_rows rows = {
        .x = l->r->signal.v, .n = n, .stride = SIGNALS, .take = l->take, .y = l->y, .w = l->w};
    enum err rc = weigh_fit(&rows, penalty, weights);
    *ret_learnt = rc == OK;
    return rc == ERR_NOT_FOUND ? OK : rc;
}

/* The last day of learning that is not after `day`. */
static int32_t learning_day(const struct scoring *s, int32_t day)
{
    int32_t d = day - s->anchor, back = ((d % REFIT_DAYS) + REFIT_DAYS) % REFIT_DAYS;
    int32_t on = day - back;
    return on > s->freeze ? s->freeze : on;
}

static enum err score_all(struct learning *l, struct scoring *s, double *ret_score)
{
    const struct replay *r = l->r;
    double weights[WEIGH_COLUMNS] = {0};
    int32_t learnt_on = INT32_MIN;
    size_t before = 0; /* samples before the day of learning */
    bool learnt = false;
    s->first = LABEL_NEVER;
    for (size_t i = 0; i < r->sample.n; i++) {
        int32_t day = r->sample.v[i].day, on = learning_day(s, day);
        ret_score[i] = SCORE_NONE;
        if (day < s->from || day >= s->end)
            continue;
        if (on != learnt_on) {
            learnt_on = on;
            while (before < r->sample.n && r->sample.v[before].day < on)
                before++;
            TRY(learn(l, on, before, weights, &learnt));
            s->fits += learnt;
            if (learnt && (on == s->anchor || !s->learnt)) {
                s->learnt = true;
                memcpy(s->weights, weights, sizeof weights);
            }
            if (learnt && s->first == LABEL_NEVER)
                s->first = day;
        }
        if (learnt && !(r->unlisted && r->listed[r->sample.v[i].subject] <= day))
            ret_score[i] = weigh_score(weights, r->signal.v + i * SIGNALS, SIGNALS);
    }
    return OK;
}

enum err replay_score(const struct replay *r, struct scoring *s, double *ret_score)
{
    struct learning l = {.r = r, .take = s->take};
    l.samples = calloc(r->corpus->subject.n + 1, sizeof *l.samples);
    l.y = calloc(r->sample.n + 1, sizeof *l.y);
    l.w = calloc(r->sample.n + 1, sizeof *l.w);
    enum err rc = l.samples && l.y && l.w ? score_all(&l, s, ret_score) : ERR_NOMEM;
    free(l.samples);
    free(l.y);
    free(l.w);
    return rc;
}
