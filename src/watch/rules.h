/* rules.h — the simple rules that a backtest compares with: they count, and no more.
 *
 * What:   each is a count of a sample; it alerts at a number of its own.
 * Input:  samples.
 * Limits: SIMPLE_COUNTS of them.
 * Owner:  static.
 * Spec:   docs/explain/how-backtest-judges.md, "Simple rules"
 */
#ifndef WATCH_RULES_H
#define WATCH_RULES_H

#include "watch/replay.h"

enum { SIMPLE_COUNTS = 11 };

/* Whose voices a count is of. */
enum whose { WHOSE_ALL, WHOSE_REGULAR, WHOSE_CROWD, WHOSE_POSTS };

struct simple_count {
    const char *name;
    enum whose whose;
    int window; /* RULE_WINDOWS: posts in 30 days; one more: the change in percent */
};
extern const struct simple_count simple_counts[SIMPLE_COUNTS];

double simple_score(const struct simple_count *c, const struct counts *counts);

/* A rule as people use it. */
struct simple_rule {
    const char *name;
    size_t count; /* index in simple_counts */
    double least;
};
extern const struct simple_rule simple_rules[]; /* ends with name == NULL */

#endif
