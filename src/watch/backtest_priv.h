/* backtest_priv.h — what the parts of a backtest share.
 *
 * What:   scoring, judging, and the tables beside the main result.
 * Input:  a backtest under way.
 * Limits: those of backtest.h.
 * Owner:  struct backtest.
 * Spec:   docs/explain/how-backtest-judges.md
 */
#ifndef WATCH_BACKTEST_PRIV_H
#define WATCH_BACKTEST_PRIV_H

#include "watch/backtest.h"

extern const double backtest_rates[BACKTEST_RATES];

/* Weights of columns `take` (NULL: all), with the backtest's days. */
MUST_CHECK enum err backtest_score(const struct backtest *b, const struct replay *r,
                                   const bool *take, struct scoring *ret_scoring,
                                   double *ret_score);
/* The test's alerts at a threshold. */
MUST_CHECK enum err backtest_judge(const struct backtest *b, const double *score, double threshold,
                                   struct verdict_of *ret_verdict);
/* The threshold that gave so many before the test. */
double backtest_threshold(const struct backtest *b, double alerts_per_week);
/* Fills rule and rate. */
MUST_CHECK enum err backtest_compare(struct backtest *b);
/* Fills without. */
MUST_CHECK enum err backtest_without(struct backtest *b);

#endif
