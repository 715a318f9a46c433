/* weigh.h — how much each signal says, learnt from samples whose outcome is known.
 *
 * What:   logistic regression with a quadratic penalty, by iteratively reweighted least squares
 *         and Cholesky's method. The same rows give the same weights, to the last bit.
 * Input:  numbers of the replay.
 * Limits: WEIGH_COLUMNS columns; column 0 is the constant and is not penalised.
 * Owner:  the caller owns the rows.
 * Spec:   docs/explain/how-backtest-judges.md, "Weights"; le Cessie and van Houwelingen, "Ridge
 *         Estimators in Logistic Regression", 1992
 */
#ifndef WATCH_WEIGH_H
#define WATCH_WEIGH_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { WEIGH_COLUMNS = 32 };

struct weigh_rows {
    const float *x; /* n rows of `stride` values, the first of which is 1 */
    size_t n, stride;
    const bool *take;    /* columns; NULL: all. Those left out get weight 0 */
    const double *y, *w; /* outcome (0 or 1) and weight of each row; weight 0: not a row */
};

/* One weight a column, for values as they are (columns are scaled inside). ERR_NOT_FOUND if the
 * rows have only one outcome. */
MUST_CHECK enum err weigh_fit(const struct weigh_rows *rows, double penalty, double *ret_weights);
/* The sum of weights and values. */
double weigh_score(const double *weights, const float *x, size_t columns);

#endif
