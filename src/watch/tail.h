/* tail.h — how unlikely so much is: tails of counts.
 *
 * What:   upper tails of the negative binomial and of the Poisson-binomial distribution.
 * Input:  any finite numbers; what makes no sense gives 1.
 * Limits: of the hits of the Poisson-binomial, TAIL_HITS are told apart; its time is n times that.
 * Owner:  none.
 * Spec:   docs/explain/how-watch-decides.md
 */
#ifndef WATCH_TAIL_H
#define WATCH_TAIL_H

#include <stddef.h>

enum { TAIL_HITS = 64 };

/* ln P(X >= y) for a negative binomial X of that mean, with variance mean + mean^2 / r. Between two
 * whole numbers it is interpolated, as evidence may be weighed. */
double tail_nb(double r, double mean, double y);
/* P(at least `hits` of the n independent trials succeed); q: their probabilities. More than
 * TAIL_HITS hits count as TAIL_HITS. */
double tail_trials(const double *q, size_t n, unsigned hits);

#endif
