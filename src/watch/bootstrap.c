#include "watch/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
static uint64_t draw(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* Blocks go round: behind the last week comes the first. */
static struct week resample(const struct week *week, size_t n, uint64_t *state)
{
    struct week all = {0};
    for (size_t i = 0; i < n;) {
        size_t from = (size_t)(draw(state) >> 11) % n;
        for (size_t k = 0; k < BOOT_BLOCK_WEEKS && i < n; k++, i++)
            for (int j = 0; j < BOOT_SUMS; j++)
                all.sum[j] += week[(from + k) % n].sum[j];
    }
    return all;
}

static double figure(const struct week *all, struct ratio r, size_t n_weeks)
{
    double under = r.under < 0 ? (double)n_weeks : all->sum[r.under];
    return under > 0 ? all->sum[r.over] / under : (double)NAN;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static struct interval middle(double *v, size_t n)
{
    struct interval i = {(double)NAN, (double)NAN};
    if (n == 0)
        return i;
    qsort(v, n, sizeof *v, by_value);
    i.low = v[n * 25 / 1000];
    i.high = v[n - 1 - n * 25 / 1000];
    return i;
}

enum err bootstrap(const struct week *week, size_t n_weeks, const struct ratio *ratio,
                   size_t n_ratios, uint64_t seed, struct interval *ret_intervals)
{
    struct week *drawn = calloc(BOOT_DRAWS, sizeof *drawn);
    double *v = calloc(BOOT_DRAWS, sizeof *v);
    uint64_t state = seed ? seed : 1;
    enum err rc = drawn && v ? OK : ERR_NOMEM;
    for (size_t d = 0; !rc && n_weeks && d < BOOT_DRAWS; d++)
        drawn[d] = resample(week, n_weeks, &state);
    for (size_t r = 0; !rc && r < n_ratios; r++) {
        size_t n = 0;
        for (size_t d = 0; n_weeks && d < BOOT_DRAWS; d++) {
            double f = figure(&drawn[d], ratio[r], n_weeks);
            if (isfinite(f))
                v[n++] = f;
        }
        ret_intervals[r] = middle(v, n);
    }
    free(drawn);
    free(v);
    return rc;
}
