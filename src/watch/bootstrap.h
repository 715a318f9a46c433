/* bootstrap.h — how far figures of so few weeks can be trusted.
 *
 * What:   weeks are drawn in blocks, with replacement, and the figures made anew of each draw; the
 *         middle 95 % of them are the interval. The draws follow from the seed alone.
 * Input:  sums a week.
 * Limits: BOOT_SUMS sums a week, BOOT_RATIOS figures.
 * Owner:  the caller.
 * Spec:   Künsch, "The Jackknife and the Bootstrap for General Stationary Observations", 1989
 */
#ifndef WATCH_BOOTSTRAP_H
#define WATCH_BOOTSTRAP_H

#include "base/err.h"

#include <stddef.h>

enum { BOOT_SUMS = 16, BOOT_RATIOS = 16, BOOT_DRAWS = 2000, BOOT_BLOCK_WEEKS = 4 };

struct week {
    double sum[BOOT_SUMS];
};
/* sum[over] / sum[under]; under < 0: sum[over] a week. */
struct ratio {
    int over, under;
};
struct interval {
    double low, high; /* NAN: not to be had */
};

MUST_CHECK enum err bootstrap(const struct week *week, size_t n_weeks, const struct ratio *ratio,
                              size_t n_ratios, uint64_t seed, struct interval *ret_intervals);

#endif
