#include "watch/tail.h"

#include <math.h>

enum { TERMS_MAX = 200 * 1000 };

static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

static double log_pmf(double r, double mean, double k)
{
    return log_gamma(r + k) - log_gamma(r) - log_gamma(k + 1) - r * log1p(mean / r) +
           k * (log(mean) - log(r + mean));
}

/* From the term at k upwards, each from the one before: nothing cancels. */
static double log_upper(double r, double mean, double k)
{
    double odds = mean / (r + mean), term = 1, sum = 1;
    for (int i = 0; i < TERMS_MAX && term > sum * 1e-13; i++, k++) {
        term *= (r + k) / (k + 1) * odds;
        sum += term;
    }
    return log(sum);
}

/* Below the mean the terms under k are the fewer ones. */
static double log_rest(double r, double mean, double k)
{
    double term = 1, sum = 0;
    for (; k > 0 && term > sum * 1e-13; k--) {
        term *= k / (r + k - 1) * (r + mean) / mean;
        sum += term;
    }
    return log(sum);
}

static double at_whole(double r, double mean, double k)
{
    if (k < 1)
        return 0;
    if (k > mean)
        return fmin(0, log_pmf(r, mean, k) + log_upper(r, mean, k));
    double below = exp(log_pmf(r, mean, k) + log_rest(r, mean, k));
    return below < 1 ? log1p(-below) : 0;
}

double tail_nb(double r, double mean, double y)
{
    if (!(r > 0) || !(mean > 0) || !(y > 0) || !isfinite(r + mean + y))
        return 0;
    double k = floor(y), part = y - k, low = at_whole(r, mean, k);
    return part > 0 ? low + part * (at_whole(r, mean, k + 1) - low) : low;
}

double tail_trials(const double *q, size_t n, unsigned hits)
{
    double p[TAIL_HITS + 1] = {1}; /* p[i]: i successes so far; the last one: that or more */
    if (hits > TAIL_HITS)
        hits = TAIL_HITS;
    if (!hits)
        return 1;
    for (size_t s = 0; s < n; s++) {
        p[hits] += p[hits - 1] * q[s];
        for (unsigned i = hits - 1; i > 0; i--)
            p[i] += q[s] * (p[i - 1] - p[i]);
        p[0] *= 1 - q[s];
    }
    return fmin(1, p[hits]);
}
