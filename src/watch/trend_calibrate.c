#include "watch/trend_priv.h"

#include <math.h>

/* How often does p fall so far without an alert? Each subject counts at the lowest level (a power
 * of two of p / alpha) that it reached in a while. From the levels just above the threshold, which
 * did not alert, follows by extrapolation how many false ones go below it. */
enum { ALPHA_LEVEL = 8, BAND = 7, HALF_LIFE = 120 };
static const double PRIOR_WEEKS = 4, G_LEAST = 1.0 / 128, G_MOST = 20;
static const unsigned record_days[TREND_LANES] = {35, 90, 180};

static double decay(int32_t days)
{
    return exp2(-(double)days / HALF_LIFE);
}

void calibrate_note(struct trends *t, struct lane_state *l, enum lane lane, double lp_over_alpha)
{
    struct calibration *c = &t->calibration[lane];
    double level = ceil(lp_over_alpha / M_LN2) + ALPHA_LEVEL;
    if (level >= LEVELS)
        return;
    uint8_t at = level < 0 ? 0 : (uint8_t)level;
    if (l->record < LEVELS && t->day - l->record_day < (int32_t)record_days[lane]) {
        if (l->record <= at)
            return;
        c->at[l->record] -= decay(t->day - l->record_day);
    }
    c->at[at] += 1;
    l->record = at;
    l->record_day = (uint16_t)t->day;
}

/* ln of the number at or below a level is taken as a line over the level; the slope from the
 * counts of its levels, by weighted least squares. */
static double level_for(const struct calibration *c, double budget, double now)
{
    double weeks = c->weeks + PRIOR_WEEKS, sw = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    int from = (int)floor(now) + ALPHA_LEVEL + 1;
    from = from < 0 ? 0 : from;
    for (int i = from; i < from + BAND && i < LEVELS; i++) {
        double prior = budget * PRIOR_WEEKS * (exp2(i - ALPHA_LEVEL) - exp2(i - 1 - ALPHA_LEVEL));
        double n = fmax(0, c->at[i]) + prior, w = n, y = log(n);
        sw += w;
        sx += w * i;
        sy += w * y;
        sxx += w * i * i;
        sxy += w * i * y;
    }
    double spread = sxx - sx * sx / sw;
    double slope = spread > 1e-9 ? (sxy - sx * sy / sw) / spread : M_LN2;
    slope = fmin(fmax(slope, 0.3 * M_LN2), 1.6 * M_LN2);
    double at_zero = (sy - slope * sx) / sw - log1p(-exp(-slope)); /* of the cumulated numbers */
    return (log(budget * weeks) - at_zero) / slope - ALPHA_LEVEL;
}

void calibrate_end_day(struct trends *t, int32_t days)
{
    for (int lane = 0; lane < TREND_LANES; lane++) {
        struct calibration *c = &t->calibration[lane];
        double keep = decay(days);
        for (int i = 0; i < LEVELS; i++)
            c->at[i] *= keep;
        c->weeks = c->weeks * keep + days / 7.0;
        double now = -log2(c->g), want = level_for(c, t->options.budget[lane], now);
        want = fmin(fmax(want, now - 0.5), now + 0.5); /* no jumps */
        c->g = fmin(fmax(exp2(-want), G_LEAST), G_MOST);
        t->stats.g[lane] = c->g;
    }
}
