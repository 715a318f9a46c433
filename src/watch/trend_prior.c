#include "watch/trend_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How often subjects are named at all: for each kind a mixture of gamma distributions of one shape,
 * their means PRIOR_STEP apart, its weights fitted to all subjects by expectation-maximisation
 * (empirical Bayes). A subject's own history then says which components it can belong to. */
enum { BINS = 160, ROUNDS = 12, REFIT_DAYS = 7, LEAST_PAST = 14, POOLED = 100 };
static const double LEAST_MEAN = 2e-4, PRIOR_STEP = 2, BINS_PER_OCTAVE = 8, FLOOR = 0.02, WANDER_KEEP = 0.9;
const double prior_shape = 3;

double prior_mean(int i)
{
    return LEAST_MEAN * pow(PRIOR_STEP, i);
}

void prior_init(struct prior *p)
{
    double sum = 0;
    for (int i = 0; i < COMPONENTS; i++)
        sum += p->weight[i] = pow(PRIOR_STEP, -0.5 * i);
    for (int i = 0; i < COMPONENTS; i++)
        p->weight[i] /= sum;
}

/* P(component | n threads in that exposure), up to a factor that n alone decides. */
void prior_posterior(const struct prior *p, double n, double exposure, double drift,
                     double ret_weight[COMPONENTS])
{
    double most = -INFINITY, sum = 0, shape = 1 / (1 / prior_shape + drift);
    for (int i = 0; i < COMPONENTS; i++) {
        double b = shape / prior_mean(i);
        ret_weight[i] = log(p->weight[i]) + shape * log(b) - (shape + n) * log(b + exposure);
        most = fmax(most, ret_weight[i]);
    }
    for (int i = 0; i < COMPONENTS; i++)
        sum += ret_weight[i] = exp(ret_weight[i] - most);
    for (int i = 0; i < COMPONENTS; i++)
        ret_weight[i] /= sum;
}

struct histogram {
    double at[BINS], all;
};

static void fit(struct prior *p, const struct histogram *h, double exposure, double drift,
                const struct prior *pool)
{
    for (int round = 0; round < ROUNDS; round++) {
        double next[COMPONENTS], post[COMPONENTS], sum = 0;
        for (int i = 0; i < COMPONENTS; i++)
            next[i] = FLOOR + (pool ? POOLED * pool->weight[i] : 0);
        for (int b = 0; b < BINS; b++) {
            if (!(h->at[b] > 0))
                continue;
            prior_posterior(p, exp2(b / BINS_PER_OCTAVE) - 1, exposure, drift, post);
            for (int i = 0; i < COMPONENTS; i++)
                next[i] += h->at[b] * post[i];
        }
        for (int i = 0; i < COMPONENTS; i++)
            sum += next[i];
        for (int i = 0; i < COMPONENTS; i++)
            p->weight[i] = next[i] / sum;
    }
}

static void fit_lane(struct trends *t, const struct evening *e, enum lane lane)
{
    struct histogram kind[SUBJECT_KINDS] = {0}, all = {0};
    double exposure = lane == LANE_BURST ? e->sum_now[0] : e->sum_now[1];
    for (uint32_t i = 0; i < t->n_subjects; i++) {
        const struct subject *s = &t->subject[i];
        if (!s->last_day || s->last_day < t->day - 365)
            continue;
        int bin = (int)lrint(log2(1 + lane_past(e, s, lane)) * BINS_PER_OCTAVE);
        bin = bin < BINS ? bin : BINS - 1;
        kind[s->kind].at[bin]++;
        kind[s->kind].all++;
        all.at[bin]++;
        all.all++;
    }
    fit(&t->prior[lane].all, &all, exposure, lane_drift(lane), NULL);
    for (int k = 0; k < SUBJECT_KINDS; k++)
        if (kind[k].all > 0)
            fit(&t->prior[lane].kind[k], &kind[k], exposure, lane_drift(lane), &t->prior[lane].all);
        else
            t->prior[lane].kind[k] = t->prior[lane].all;
}

void priors_end_day(struct trends *t, const struct evening *e)
{
    if (t->day - e->first_day < LEAST_PAST || (t->prior_day && t->day - t->prior_day < REFIT_DAYS))
        return;
    t->prior_day = (uint16_t)t->day;
    for (int i = 0; i < WINDOWS; i++) {
        t->wander.over[i] *= WANDER_KEEP;
        t->wander.base[i] *= WANDER_KEEP;
    }
    for (uint32_t i = 0; i < t->n_subjects; i++)
        if (t->subject[i].n_cells > 2)
            lane_learn(e, &t->subject[i], &t->wander);
    if (getenv("BENCH_CAL") && t->day % 10 == 0) {
        printf("$ wander %d:", t->day);
        for (int i = 0; i < WINDOWS; i++)
            printf(" %.4f", e->wander[i]);
        printf("\n");
    }
    fit_lane(t, e, LANE_BURST);
    fit_lane(t, e, LANE_RISE);
}
