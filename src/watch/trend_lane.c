#include "watch/tail.h"
#include "watch/trend_priv.h"

#include <math.h>
#include <string.h>

/* kappa: how much more than by chance a day varies; drift: how much rates wander between the past
 * and the window; factor: for the choice of windows. */
struct model {
    double kappa, drift, half_life, factor;
    unsigned n;
    const unsigned *window;
    int first; /* in evening's windows */
};

const unsigned windows_a[WINDOWS_A] = {1, 3, 7, 14, 28}, windows_b[WINDOWS_B] = {30, 90, 180, 365},
               windows_c[WINDOWS_C] = {90, 180, 365};

static const struct model models[2] = {
    {0.35, 0.02, 56, 2.5, WINDOWS_A, windows_a, 0},
    {0.10, 0.15, 730, 2, WINDOWS_B, windows_b, WINDOWS_A},
};

enum { LEAST = 3, LEAST_BEFORE = 14, NODES = 24 };
static const double SHARE_PRIOR = 1, FACTOR_C = 2, NODE_STEP = 1.4, LEAST_NODE = 0.07,
                    SPLIT_PRIOR = 1, NOTHING = 2, SMALL = 0.02, FAINT = 1e-7;

double lane_drift(enum lane lane)
{
    return models[lane == LANE_BURST ? 0 : 1].drift;
}

static double seen_in_all(const struct subject *s)
{
    double n = 0;
    for (uint16_t i = 0; i < s->n_sites; i++)
        n += (double)s->site[i].n;
    return n;
}

/* The sites' exposure, in the mix in which this subject is found on them. */
static double mixed(const struct subject *s, const struct evening *e, const double *of, double sum,
                    uint32_t without)
{
    double n = seen_in_all(s) + SHARE_PRIOR, x = sum * SHARE_PRIOR;
    if (without != UINT32_MAX && without < e->n_sites)
        x -= e->share[without] * of[(size_t)without * WINDOWS] * SHARE_PRIOR;
    for (uint16_t i = 0; i < s->n_sites; i++)
        if (s->site[i].site != without && s->site[i].site < e->n_sites)
            x += (double)s->site[i].n * of[(size_t)s->site[i].site * WINDOWS];
    return x / n;
}

static double of_site(const struct subject *s, uint32_t site, int32_t after, int32_t until)
{
    double y = 0;
    for (uint16_t i = 0; i < s->n_evidence; i++)
        if (s->evidence[i].site == site && s->evidence[i].day > after &&
            s->evidence[i].day <= until)
            y += s->evidence[i].weight;
    return y / Y_ONE;
}

/* By window: threads in it, and the decayed sum of those before it. */
struct series {
    double y[WINDOWS_A], past[WINDOWS_A], now;
};

/* One pass over the days, from the oldest: what is summed when a window opens is its past. */
static void read_series(const struct evening *e, const struct subject *s, const struct model *m,
                        struct series *r)
{
    const float *phi = m->half_life > 365 ? e->phi_b : e->phi_a;
    double sum = 0, y = 0;
    unsigned w = m->n; /* windows w.. are open */
    if (m->half_life > 365 && s->tail > 0)
        sum = s->tail * exp2(-(e->day - s->tail_day) / m->half_life);
    for (uint16_t i = 0; i < s->n_cells && s->cell[i].day <= e->day; i++) {
        unsigned age = (unsigned)(e->day - s->cell[i].day);
        while (w > 0 && age < m->window[w - 1]) {
            w--;
            r->past[w] = sum;
            r->y[w] = y;
        }
        y += s->cell[i].y;
        if (age < TREND_RING_DAYS + 8)
            sum += (double)s->cell[i].y * (double)phi[age] / Y_ONE;
    }
    r->now = sum;
    while (w-- > 0) {
        r->past[w] = sum;
        r->y[w] = y;
    }
    for (w = 0; w < m->n; w++) {
        r->past[w] /= (double)phi[m->window[w]];
        r->y[w] = (y - r->y[w]) / Y_ONE;
    }
}

/* Without days before the window there is nothing to compare it with. */
static bool has_past(const struct evening *e, unsigned window)
{
    int32_t before = e->day - (int32_t)window - e->first_day;
    return before >= LEAST_BEFORE && before >= (int32_t)window / 3;
}

/* The tail, over all components that the past leaves possible. */
static double tail_mixed(const struct evening *e, const struct subject *s, const struct model *m,
                         size_t at, double n, double past, double open, double y, bool exact,
                         double *ret_expected)
{
    const struct prior *prior = &e->prior[m == models ? 0 : 1].kind[s->kind];
    double post[COMPONENTS], mean[COMPONENTS], wander = e->wander[at], p = 0;
    double width = prior_width(m == models ? LANE_BURST : LANE_RISE), a = width + n;
    double spread = 1 / a + wander;
    prior_posterior(prior, n, past, width, post);
    *ret_expected = 0;
    for (int i = 0; i < COMPONENTS; i++) {
        mean[i] = a / (prior->days[i] + past) * open;
        *ret_expected += post[i] * mean[i];
    }
    if (!exact &&
        y - *ret_expected < NOTHING * sqrt(*ret_expected + *ret_expected * *ret_expected * spread))
        return 0; /* surely nothing */
    for (int i = COMPONENTS - 1; i >= 0; i--)
        if (post[i] > 1e-3 * p && post[i] > 1e-30)
            p += post[i] * exp(tail_nb(1 / spread, mean[i], y));
    return log(fmax(p, 1e-300));
}

static void ask_window(const struct evening *e, const struct subject *s, const struct model *m,
                       const struct series *series, unsigned i, uint32_t without,
                       struct lane_answer *best)
{
    unsigned w = m->window[i];
    int32_t after = e->day - (int32_t)w;
    size_t at = (size_t)m->first + i;
    double y = series->y[i], left_out = 0;
    if (without != UINT32_MAX)
        y -= of_site(s, without, after, e->day);
    if (y < LEAST || !has_past(e, w))
        return;
    double open = mixed(s, e, e->open + at, e->sum_open[at], without);
    double past = mixed(s, e, e->past + at, e->sum_past[at], without);
    if (without != UINT32_MAX) {
        double all = mixed(s, e, e->past + at, e->sum_past[at], UINT32_MAX);
        left_out = all > 0 ? 1 - past / all : 0;
    }
    double n = series->past[i] * (1 - left_out), expected;
    double lp = tail_mixed(e, s, m, at, n, past, open, y, without != UINT32_MAX, &expected);
    lp = fmin(0, lp + log(m->factor));
    if (lp < best->lp)
        *best = (struct lane_answer){lp, w, y, expected};
}

double lane_wander(int window)
{
    const struct model *m = &models[window >= WINDOWS_A];
    return m->kappa / m->window[window - m->first] + m->drift;
}

/* How far were subjects that are named often from what was expected of them? The square of that,
 * less what chance and an uncertain past explain, relative to the square of the expected; what
 * looks like a real burst is left out. */
void lane_learn(const struct evening *e, const struct subject *s, struct wander *ret)
{
    for (int l = 0; l < 2; l++) {
        const struct model *m = &models[l];
        struct series series;
        read_series(e, s, m, &series);
        for (unsigned i = 0; i < m->n; i++) {
            size_t at = (size_t)m->first + i;
            double past = mixed(s, e, e->past + at, e->sum_past[at], UINT32_MAX);
            double open = mixed(s, e, e->open + at, e->sum_open[at], UINT32_MAX);
            double n = series.past[i], mean = past > 0 ? n / past * open : 0;
            if (!has_past(e, m->window[i]) || mean < 2 || n < 10)
                continue;
            double off = series.y[i] - mean, chance = mean + mean * mean / n;
            if (off * off > 9 * (chance + mean * mean * e->wander[at]))
                off = copysign(3 * sqrt(chance + mean * mean * e->wander[at]), off);
            ret->over[at] += off * off - chance;
            ret->base[at] += mean * mean;
        }
    }
}

double lane_past(const struct evening *e, const struct subject *s, enum lane lane)
{
    const struct model *m = &models[lane];
    struct series series;
    read_series(e, s, m, &series);
    return series.now;
}

/* ---- breadth ---- */

/* Sites with a voice and a text of their own, in order of time. */
static unsigned sites_apart(const struct subject *s, int32_t after, int32_t until, uint32_t without)
{
    const struct evidence *by[TAIL_HITS];
    unsigned n = 0;
    for (uint16_t i = 0; i < s->n_evidence; i++) {
        const struct evidence *v = &s->evidence[i];
        if (v->day <= after || v->day > until || !v->weight || v->site == without)
            continue;
        bool apart = n < TAIL_HITS;
        for (unsigned k = 0; k < n && apart; k++)
            apart = by[k]->site != v->site && !(v->voice && by[k]->voice == v->voice) &&
                    !(v->cluster && by[k]->cluster == v->cluster);
        if (apart)
            by[n++] = v;
    }
    return n;
}

struct breadth {
    const struct evening *e;
    const struct subject *s;
    int i; /* window */
    uint32_t without;
    unsigned hits;
    const double *before; /* threads before the window, by site */
    double *q, n;         /* room; all of before */
};

/* The chance of each site to name a subject of that rate in the window. */
static size_t chances(struct breadth *b, double rate, double *ret_sum)
{
    const struct evening *e = b->e;
    size_t n = 0;
    *ret_sum = 0;
    for (size_t k = 0; k < e->n_sites; k++) {
        double within = e->within[k * WINDOWS_C + (size_t)b->i];
        if (!(within > 0) || k == b->without)
            continue;
        double share = 0.5 * (e->share[k] + 1.0 / (double)e->n_active), r = b->before[k] + 0.7;
        double own = (b->before[k] + SPLIT_PRIOR * share) / (b->n + SPLIT_PRIOR);
        double part = e->roam * share + (1 - e->roam) * own;
        double x = rate * part * within;
        b->q[n] = x < SMALL ? x - x * x * (1 + 1 / r) / 2 : 1 - exp(-r * log1p(x / r));
        *ret_sum += b->q[n++];
    }
    return n;
}

/* Of the logarithm of the rate, up to a factor. */
static double density_at(const double *post, const double *mean, double narrow, double rate)
{
    double density = 0;
    for (int i = 0; i < COMPONENTS; i++) {
        double x = rate * narrow / mean[i];
        if (post[i] > 1e-9)
            density += post[i] * exp(narrow * (log(rate / mean[i]) + 1) - x);
    }
    return density;
}

/* Sites rise together when the subject does, so the tail is taken at each rate that the past
 * leaves possible: nodes on a logarithmic scale, weighed by the posterior. */
static double tail_breadth(struct breadth *b, double *ret_expected)
{
    const struct prior *prior = &b->e->prior[1].kind[b->s->kind];
    double past = b->e->sum_total[b->i];
    double post[COMPONENTS], mean[COMPONENTS], middle = 0, all = 0, p = 0;
    double a = prior_width(LANE_RISE) + b->n;
    double narrow = 1 / (1 / a + b->e->wander[WINDOWS_A + (b->i ? b->i : 1)]);
    prior_posterior(prior, b->n, past, prior_width(LANE_RISE), post);
    for (int i = 0; i < COMPONENTS; i++) {
        mean[i] = a / (prior->days[i] + past);
        middle += post[i] * mean[i];
    }
    (void)chances(b, middle, ret_expected);
    double least = *ret_expected + fmax(1, 1.5 * sqrt(*ret_expected));
    if (b->hits < least)
        return 0;
    b->hits = sites_apart(b->s, b->e->day - (int32_t)windows_c[b->i], b->e->day, b->without);
    if (b->hits < LEAST || b->hits < least)
        return 0;
    double rate = middle * LEAST_NODE, density[NODES], most = 0, sum;
    for (int k = 0; k < NODES; k++, rate *= NODE_STEP) {
        density[k] = density_at(post, mean, narrow, rate);
        most = fmax(most, density[k]);
        all += density[k];
    }
    rate = middle * LEAST_NODE;
    for (int k = 0; k < NODES; k++, rate *= NODE_STEP) {
        if (density[k] < FAINT * most)
            continue;
        size_t n = chances(b, rate, &sum);
        p += density[k] * tail_trials(b->q, n, b->hits);
    }
    return log(fmax(p / all, 1e-300));
}

static void ask_breadth(const struct evening *e, const struct subject *s, int i, uint32_t without,
                        struct lane_answer *best)
{
    UNCLEARED double q[SITES_OF_SUBJECT_MAX], before[SITES_OF_SUBJECT_MAX];
    double expected;
    const unsigned w = windows_c[i];
    int32_t after = e->day - (int32_t)w;
    struct breadth b = {e, s, i, without, 0, before, q, 0};
    if (s->n_sites < LEAST || !has_past(e, w) || e->n_sites > SITES_OF_SUBJECT_MAX ||
        (s->truncated && s->n_evidence && s->evidence[0].day > after))
        return;
    memset(before, 0, e->n_sites * sizeof before[0]);
    for (uint16_t k = 0; k < s->n_sites; k++) {
        if (s->site[k].site >= e->n_sites)
            continue;
        before[s->site[k].site] = (double)s->site[k].n;
        b.hits += s->site[k].last_day > after && s->site[k].site != without;
    }
    if (b.hits < LEAST)
        return;
    for (uint16_t k = s->n_evidence; k > 0 && s->evidence[k - 1].day > after; k--)
        if (s->evidence[k - 1].site < e->n_sites)
            before[s->evidence[k - 1].site] -= (double)s->evidence[k - 1].weight / Y_ONE;
    for (size_t k = 0; k < e->n_sites; k++)
        b.n += before[k] = fmax(0, before[k]);
    double lp = fmin(0, tail_breadth(&b, &expected) + log(FACTOR_C));
    if (lp < best->lp)
        *best = (struct lane_answer){lp, w, b.hits, expected};
}

struct lane_answer lane_ask(const struct evening *e, const struct subject *s, enum lane lane,
                            unsigned longest, uint32_t without)
{
    struct lane_answer best = {0};
    if (lane == LANE_BREADTH) {
        for (int i = 0; i < WINDOWS_C; i++)
            if (windows_c[i] <= longest)
                ask_breadth(e, s, i, without, &best);
        return best;
    }
    const struct model *m = &models[lane];
    struct series series;
    read_series(e, s, m, &series);
    for (unsigned i = 0; i < m->n; i++)
        if (m->window[i] <= longest)
            ask_window(e, s, m, &series, i, without, &best);
    return best;
}
