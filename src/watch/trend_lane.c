#include "watch/tail.h"
#include "watch/trend_priv.h"

#include <math.h>
#include <string.h>

/* What is known of a subject before its history: rate per standard day a0 / b0, as sure as b0
 * days; kappa: how much rates wander beyond it. */
struct model {
    double a0, b0, kappa, half_life, factor;
    unsigned n;
    const unsigned *window;
    int first; /* in evening's windows */
};

const unsigned windows_a[WINDOWS_A] = {1, 3, 7, 14, 28}, windows_b[WINDOWS_B] = {30, 90, 180, 365},
               windows_c[2] = {180, 365};

static const struct model models[2] = {
    {0.3, 6, 0.35, 56, 2.5, WINDOWS_A, windows_a, 0},
    {0.5, 60, 0.10, 730, 2, WINDOWS_B, windows_b, WINDOWS_A},
};

enum { LEAST = 3, LEAST_BEFORE = 14 };
static const double SHARE_PRIOR = 3, FACTOR_C = 2;

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

/* The decayed sum of all threads up to a day. */
static double decayed(const struct subject *s, int32_t day, const struct model *m)
{
    double sum = 0;
    if (m->half_life > 365 && s->tail > 0)
        sum = s->tail * exp2(-(day - s->tail_day) / m->half_life);
    for (uint16_t i = 0; i < s->n_cells && s->cell[i].day <= day; i++)
        sum += s->cell[i].y * exp2(-(day - s->cell[i].day) / m->half_life) / Y_ONE;
    return sum;
}

static double threads_after(const struct subject *s, int32_t after, int32_t until)
{
    unsigned y = 0;
    for (uint16_t i = s->n_cells; i > 0 && s->cell[i - 1].day > after; i--)
        if (s->cell[i - 1].day <= until)
            y += s->cell[i - 1].y;
    return (double)y / Y_ONE;
}

static void ask_window(const struct evening *e, const struct subject *s, const struct model *m,
                       unsigned i, uint32_t without, struct lane_answer *best)
{
    unsigned w = m->window[i];
    int32_t after = e->day - (int32_t)w;
    size_t at = (size_t)m->first + i;
    double y = threads_after(s, after, e->day), left_out = 0;
    if (without != UINT32_MAX)
        y -= of_site(s, without, after, e->day);
    if (y < LEAST || after - e->first_day < LEAST_BEFORE)
        return;
    double open = mixed(s, e, e->open + at, e->sum_open[at], without);
    double past = mixed(s, e, e->past + at, e->sum_past[at], without);
    if (without != UINT32_MAX) {
        double all = mixed(s, e, e->past + at, e->sum_past[at], UINT32_MAX);
        left_out = all > 0 ? 1 - past / all : 0;
    }
    double a = m->a0 + decayed(s, after, m) * (1 - left_out), b = m->b0 + past;
    double r = 1 / (1 / a + m->kappa / w), mean = a / b * open;
    double lp = fmin(0, tail_nb(r, mean, y) + log(m->factor));
    if (lp < best->lp)
        *best = (struct lane_answer){lp, w, y, mean};
}

/* ---- breadth ---- */

/* Sites with a voice and a text of their own. */
static unsigned sites_apart(const struct subject *s, int32_t after, int32_t until, uint32_t without,
                            uint16_t *site, const struct evidence **by)
{
    unsigned n = 0;
    for (uint16_t i = 0; i < s->n_evidence; i++) {
        const struct evidence *v = &s->evidence[i];
        if (v->day <= after || v->day > until || !v->weight || v->site == without)
            continue;
        bool apart = n < TAIL_HITS;
        for (unsigned k = 0; k < n && apart; k++)
            apart = site[k] != v->site && !(v->voice && by[k]->voice == v->voice) &&
                    !(v->cluster && by[k]->cluster == v->cluster);
        if (!apart)
            continue;
        site[n] = v->site;
        by[n++] = v;
    }
    return n;
}

static void ask_breadth(const struct evening *e, const struct subject *s, int i, uint32_t without,
                        struct lane_answer *best)
{
    uint16_t hit[TAIL_HITS];
    const struct evidence *by[TAIL_HITS];
    double q[SITES_OF_SUBJECT_MAX], before[SITES_OF_SUBJECT_MAX], n_before = 0, expected = 0;
    const unsigned w = windows_c[i];
    int32_t after = e->day - (int32_t)w;
    if (s->truncated && s->n_evidence && s->evidence[0].day > after)
        return;
    unsigned hits = sites_apart(s, after, e->day, without, hit, by);
    if (hits < LEAST || e->n_sites > SITES_OF_SUBJECT_MAX)
        return;
    memset(before, 0, e->n_sites * sizeof before[0]);
    for (uint16_t k = 0; k < s->n_sites; k++)
        if (s->site[k].site < e->n_sites)
            before[s->site[k].site] = (double)s->site[k].n;
    for (uint16_t k = 0; k < s->n_evidence; k++)
        if (s->evidence[k].day > after && s->evidence[k].site < e->n_sites)
            before[s->evidence[k].site] -= (double)s->evidence[k].weight / Y_ONE;
    for (size_t k = 0; k < e->n_sites; k++)
        n_before += before[k] = fmax(0, before[k]);
    double past = 0;
    for (size_t k = 0; k < e->n_sites; k++)
        past += e->share[k] * e->total[k * 2 + (size_t)i];
    double rate = (n_before + 0.5) / (past + 60);
    size_t n = 0;
    for (size_t k = 0; k < e->n_sites; k++) {
        double within = e->within[k * 2 + (size_t)i];
        if (!(within > 0) || k == without)
            continue;
        double lambda = (before[k] + 0.5 * (e->share[k] + 1.0 / (double)e->n_active)) /
                        (e->total[k * 2 + (size_t)i] + 1 / rate);
        double r = before[k] + 0.7;
        q[n] = 1 - pow(1 + lambda * within / r, -r);
        expected += q[n++];
    }
    double lp = fmin(0, log(fmax(1e-300, FACTOR_C * tail_trials(q, n, hits))));
    if (lp < best->lp)
        *best = (struct lane_answer){lp, w, hits, expected};
}

struct lane_answer lane_ask(const struct evening *e, const struct subject *s, enum lane lane,
                            unsigned longest, uint32_t without)
{
    struct lane_answer best = {0};
    if (lane == LANE_BREADTH) {
        for (int i = 0; i < 2; i++)
            if (windows_c[i] <= longest)
                ask_breadth(e, s, i, without, &best);
        return best;
    }
    const struct model *m = &models[lane];
    for (unsigned i = 0; i < m->n; i++)
        if (m->window[i] <= longest)
            ask_window(e, s, m, i, without, &best);
    return best;
}
