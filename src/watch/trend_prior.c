#include "watch/trend_priv.h"

#include <math.h>

/* How often subjects are named at all: for each kind a mixture of gamma distributions of one shape,
 * their means PRIOR_STEP apart, its weights fitted to all subjects by expectation-maximisation
 * (empirical Bayes). A subject's own history then says which components it can belong to. */
enum { BINS = 160, ROUNDS = 12, REFIT_DAYS = 7, LEAST_PAST = 14, POOLED = 100 };
static const double LEAST_MEAN = 2e-4, PRIOR_STEP = 2, BINS_PER_OCTAVE = 8, FLOOR = 0.02,
                    WANDER_KEEP = 0.9;
static const double prior_shape = 3;

/* A gamma of that shape, wide enough for what rates wander as well. */
double prior_width(enum lane lane)
{
    return 1 / (1 / prior_shape + lane_drift(lane));
}

static void prior_ready(struct prior *p, enum lane lane)
{
    for (int i = 0; i < COMPONENTS; i++) {
        double mean = LEAST_MEAN * pow(PRIOR_STEP, i);
        p->days[i] = prior_width(lane) / mean;
        p->log[i] = log(p->weight[i]) + prior_width(lane) * log(p->days[i]);
    }
}

void priors_init(struct priors *p, enum lane lane)
{
    double sum = 0;
    for (int i = 0; i < COMPONENTS; i++)
        sum += p->all.weight[i] = pow(PRIOR_STEP, -0.5 * i);
    for (int i = 0; i < COMPONENTS; i++)
        p->all.weight[i] /= sum;
    priors_ready(p, lane, true);
}

/* What follows from the weights; fresh: all kinds are like all. */
void priors_ready(struct priors *p, enum lane lane, bool fresh)
{
    prior_ready(&p->all, lane);
    for (int k = 0; k < SUBJECT_KINDS; k++) {
        if (fresh)
            p->kind[k] = p->all;
        prior_ready(&p->kind[k], lane);
    }
}

/* P(component | n threads in that exposure): up to a factor that n alone decides. */
void prior_posterior(const struct prior *p, double n, double exposure, double width,
                     double ret_weight[COMPONENTS])
{
    double most = -INFINITY, sum = 0;
    for (int i = 0; i < COMPONENTS; i++) {
        ret_weight[i] = p->log[i] - (width + n) * log(p->days[i] + exposure);
        most = fmax(most, ret_weight[i]);
    }
    for (int i = 0; i < COMPONENTS; i++)
        sum += ret_weight[i] = ret_weight[i] > most - 80 ? exp(ret_weight[i] - most) : 0;
    for (int i = 0; i < COMPONENTS; i++)
        ret_weight[i] /= sum;
}

struct histogram {
    double at[BINS], all;
};

static void fit(struct prior *p, const struct histogram *h, double exposure, enum lane lane,
                const struct prior *pool)
{
    for (int round = 0; round < ROUNDS; round++) {
        double next[COMPONENTS], post[COMPONENTS], sum = 0;
        for (int i = 0; i < COMPONENTS; i++)
            next[i] = FLOOR + (pool ? POOLED * pool->weight[i] : 0);
        for (int b = 0; b < BINS; b++) {
            if (!(h->at[b] > 0))
                continue;
            prior_posterior(p, exp2(b / BINS_PER_OCTAVE) - 1, exposure, prior_width(lane), post);
            for (int i = 0; i < COMPONENTS; i++)
                next[i] += h->at[b] * post[i];
        }
        for (int i = 0; i < COMPONENTS; i++)
            sum += next[i];
        for (int i = 0; i < COMPONENTS; i++)
            p->weight[i] = next[i] / sum;
        prior_ready(p, lane);
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
    fit(&t->prior[lane].all, &all, exposure, lane, NULL);
    for (int k = 0; k < SUBJECT_KINDS; k++)
        if (kind[k].all > 0)
            fit(&t->prior[lane].kind[k], &kind[k], exposure, lane, &t->prior[lane].all);
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
    fit_lane(t, e, LANE_BURST);
    fit_lane(t, e, LANE_RISE);
}
