#include "watch/trend_priv.h"

#include <math.h>

/* How often does p fall so far without an alert? Each subject counts at the lowest level (a power
 * of two of p / alpha) that it reached in a while. From the levels just above the threshold, which
 * did not alert, follows by extrapolation how many false ones go below it. */
enum {
    ALPHA_LEVEL = 6,
    BAND = 5,
    HALF_LIFE = 120,
    SELDOM_MOST = 12,
    OFTEN_MOST = 100,
    WEEK = 7,
    FEW_UNITS = 50,
    BUSIER_MOST = 4, /* a flood does not silence everything */
};
static const double PSEUDO = 0.25, SLOPE_PRIOR = 10, LEAST_WEEKS = 3, STEP = 0.25,
                    G_LEAST = 1.0 / 4096, G_MOST = 20;
static const unsigned record_days[TREND_LANES] = {35, 90, 180};

static double decay(int32_t days)
{
    return exp2(-(double)days / HALF_LIFE);
}

enum stratum stratum_of(const struct trends *t, const struct subject *s)
{
    unsigned y = 0;
    for (uint16_t i = s->n_cells; i > 0 && s->cell[i - 1].day > t->day - 365; i--)
        if ((y += s->cell[i - 1].y) > OFTEN_MOST * Y_ONE)
            return ALWAYS;
    return y <= SELDOM_MOST * Y_ONE ? SELDOM : OFTEN;
}

void calibrate_note(struct trends *t, struct lane_state *l, struct calibration *c, enum lane lane,
                    double lp_over_alpha)
{
    double level = ceil(lp_over_alpha / M_LN2) + ALPHA_LEVEL;
    if (level >= LEVELS)
        return;
    uint8_t at = level < 0 ? 0 : (uint8_t)level;
    if (l->record < LEVELS && t->day - l->record_day < (int32_t)record_days[lane]) {
        if (l->record <= at)
            return;
        t->calibration[lane][l->stratum].at[l->record] -= decay(t->day - l->record_day);
    }
    c->at[at] += 1;
    l->stratum = (uint8_t)(c - t->calibration[lane]);
    l->record = at;
    l->record_day = (uint16_t)t->day;
}

/* ln of the number at or below a level is taken as a line over the level; the slope from the
 * counts of its levels, by weighted least squares, drawn a little to the nominal one. */
static double level_for(const struct calibration *c, double budget, double now)
{
    double sw = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    int from = (int)floor(now) + ALPHA_LEVEL + 1;
    from = from < 0 ? 0 : from;
    for (int i = from; i < from + BAND && i < LEVELS; i++) {
        double n = fmax(0, c->at[i]) + PSEUDO, y = log(n);
        sw += n;
        sx += n * i;
        sy += n * y;
        sxx += n * i * i;
        sxy += n * i * y;
    }
    double spread = sxx - sx * sx / sw, line = sxy - sx * sy / sw;
    double slope = (line + SLOPE_PRIOR * M_LN2) / (spread + SLOPE_PRIOR);
    slope = fmin(fmax(slope, 0.4 * M_LN2), 1.6 * M_LN2);
    double at_zero = (sy - slope * sx) / sw - log1p(-exp(-slope)); /* of the cumulated numbers */
    return (log(budget * c->weeks) - at_zero) / slope - ALPHA_LEVEL;
}

static void calibrate(struct calibration *c, double budget, int32_t days)
{
    double keep = decay(days), seen = 0;
    for (int i = 0; i < LEVELS; i++)
        seen += c->at[i] *= keep;
    if (!(seen > 0) || !(budget > 0))
        return; /* the lane does not look yet */
    c->weeks = c->weeks * keep + days / 7.0;
    double now = -log2(c->g), want = level_for(c, budget, now), most = STEP * days;
    if (c->weeks < LEAST_WEEKS)
        want = fmin(want, 0);
    want = fmin(fmax(want, now - most), now + most); /* no jumps */
    c->g = fmin(fmax(exp2(-want), G_LEAST), G_MOST);
}

/* How much more is said now than when the levels were reached: each new thread is a chance more for
 * a false alarm, and a feed that doubles must not wait for months until that is learned. For lane
 * A: in the long ones it cost sparse bursts and gained little. */
static double busier(const struct trends *t)
{
    double now = 0, sum = 0, weight = 0;
    for (int32_t age = 0; age < TREND_RING_DAYS && t->day - age >= t->first_day; age++) {
        double units = (double)t->day_units[(t->day - age) % TREND_RING_DAYS];
        now += age < WEEK ? units : 0;
        sum += units * decay(age);
        weight += decay(age);
    }
    double usual = weight > 0 ? WEEK * sum / weight : 0;
    return fmin(fmax(1, (now + FEW_UNITS) / (usual + FEW_UNITS)), BUSIER_MOST);
}

void calibrate_end_day(struct trends *t, int32_t days)
{
    for (int lane = 0; lane < TREND_LANES; lane++) {
        double budget = t->options.budget[lane] / (lane == LANE_BURST ? busier(t) : 1);
        for (int i = 0; i < STRATA; i++)
            calibrate(&t->calibration[lane][i], budget * t->part[lane][i], days);
        t->stats.g[lane] = t->calibration[lane][SELDOM].g;
    }
}
