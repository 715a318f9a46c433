/* scan/correlate_window.h — what lies in a window, and whether the condition holds for it.
 *
 * What:   counts that events are added to at the window's end and taken from at its beginning. No
 *         event is kept: memory does not depend on how many there are.
 * Input:  events of one group, in order of time.
 * Limits: SIGMA_MAX_CORRELATED rules.
 * Owner:  plain data; the correlation is borrowed.
 * Spec:   docs/adr/0012-windows-that-cannot-grow.md
 */
#ifndef SCAN_CORRELATE_WINDOW_H
#define SCAN_CORRELATE_WINDOW_H

#include "scan/correlate.h"

/* Of events of one time: in which file those of a rule are. */
struct window_tie {
    uint32_t file;
    bool several;         /* in more than one */
    uint64_t first, last; /* places in the file */
};

struct window {
    const struct sigma_correlation *def;
    uint64_t n; /* events */
    uint64_t of_rule[SIGMA_MAX_CORRELATED];
    uint64_t present; /* rules of which there are some, as bits */
    uint64_t distinct;
    __int128 sum_micro;
    uint64_t numbers;                                            /* events with one */
    uint64_t below[SIGMA_MAX_BOUNDS], at_most[SIGMA_MAX_BOUNDS]; /* numbers, by bound */
    /* In order: chain[k] is the latest place (by count of events, from 1) at which events of the
     * first k + 1 rules one after the other may begin; 0: there are none. */
    uint64_t chain[SIGMA_MAX_CORRELATED];
    int64_t tie_us;
    uint64_t tied; /* rules with events of that time */
    struct window_tie tie[SIGMA_MAX_CORRELATED];
};

void window_init(struct window *w, const struct sigma_correlation *def);
/* The event becomes the last one, as number `place` from 1 on; the first one is of from_us. */
void window_add(struct window *w, const struct event *e, uint64_t place, int64_t from_us);
/* The first event leaves; all events up to to_us are in. */
void window_remove(struct window *w, const struct event *e, int64_t to_us);
/* Does the condition hold, where the first event is number `first`? */
bool window_holds(const struct window *w, uint64_t first);
/* What is compared with the bounds, in millionths and `times` as large as it is; false where there
 * is no number, or where it cannot be told. */
bool window_value(const struct window *w, long double *ret_micro, uint64_t *ret_times);

#endif
