/* thresholds.h — alerts at every threshold at once, and how they are judged.
 *
 * What:   a subject alerts when its score first reaches the threshold, and never again. For all
 *         thresholds together that takes one pass: each new maximum of a subject is the alert for
 *         the thresholds between the maximum before and itself.
 * Input:  samples of a replay with a score each.
 * Limits: those of the replay.
 * Owner:  thresholds_make/thresholds_done; alerts belong to the caller.
 * Spec:   docs/explain/how-backtest-judges.md, "Alerts and how they are judged"
 */
#ifndef WATCH_THRESHOLDS_H
#define WATCH_THRESHOLDS_H

#include "watch/replay.h"

enum tally_of {
    TALLY_ALERTS,
    TALLY_EVER,  /* listed at any time */
    TALLY_EARLY, /* listed after the alert */
    TALLY_IN_30, /* ... within so many days, of those old enough to tell: */
    TALLY_IN_90,
    TALLY_IN_180,
    TALLY_RIPE_30, /* the labels go on for so many days after the alert */
    TALLY_RIPE_90,
    TALLY_RIPE_180,
    TALLIES
};
struct tally {
    double of[TALLIES];
};

/* What alerts are judged by. */
struct judge {
    const int32_t *listed; /* per subject */
    int32_t labels_end;    /* the last day of which listings are known */
};

/* One alert's part. */
struct tally judge_alert(const struct judge *j, uint32_t subject, int32_t day);
/* a / b; NAN for nothing. */
double tally_share(const struct tally *t, enum tally_of a, enum tally_of b);

struct threshold_step {
    double threshold;
    struct tally tally; /* of the period, at that threshold */
};
struct thresholds {
    VEC(struct threshold_step) step; /* from the highest threshold down */
};

struct span {
    int32_t from, to; /* to: exclusive */
};

MUST_CHECK enum err thresholds_make(const struct replay *r, const struct judge *j,
                                    const double *score, struct span span,
                                    struct thresholds *ret_thresholds);
void thresholds_done(struct thresholds *s);
/* The tally at so many alerts, between two thresholds in proportion; where there are fewer alerts
 * than that at every threshold, that of the lowest. Thresholds behind the first one that gives too
 * many are not looked at. */
struct tally thresholds_at(const struct thresholds *s, double alerts);
/* The lowest threshold before the alerts become more than that; INFINITY if there is none. */
double threshold_for(const struct thresholds *s, double alerts);

struct alert_at {
    int32_t day;
    uint32_t subject, sample;
};
struct alerts {
    VEC(struct alert_at) list;
};
/* In order of days. Subjects that alerted before the span do not in it. */
MUST_CHECK enum err alerts_find(const struct replay *r, const double *score, double threshold,
                                struct span span, struct alerts *ret_alerts);

#endif
