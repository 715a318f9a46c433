/* record.h — track records: of what somebody named, how much was listed later (or before).
 *
 * What:   two counts and a rate that leans on the parent's while there is little to go by.
 * Input:  counts of the replay, never hostile texts.
 * Limits: none; no count is above the number of subjects.
 * Owner:  plain values.
 * Spec:   docs/explain/how-backtest-judges.md, "Track records"
 */
#ifndef WATCH_RECORD_H
#define WATCH_RECORD_H

#include <stdint.h>

struct record {
    uint32_t named, listed;
};

/* The share of all subjects that are listed, from one in thirty at the start. */
double record_base(struct record all);
/* (listed + weight * parent) / (named + weight): with nothing named it is the parent's. */
double record_rate(struct record r, double parent, double weight);
/* Natural logarithm of the odds; rates are kept off 0 and 1. */
double record_logit(double rate);

#endif
