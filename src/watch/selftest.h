/* selftest.h — how often the lanes are wrong where there is nothing to find.
 *
 * What:   replays recorded units with their subjects shuffled inside blocks of one site and some
 *         days, and counts the alerts: all of them are false.
 * Input:  units as trends_unit takes them, in order of ingest day; exposure of the same days.
 * Limits: copies the units once; time is that of `runs` replays.
 * Owner:  the caller owns both lists.
 * Spec:   docs/explain/how-watch-decides.md, "The test on shuffled labels"
 */
#ifndef WATCH_SELFTEST_H
#define WATCH_SELFTEST_H

#include "watch/trend.h"

struct selftest_exposure {
    uint32_t site, threads;
    int32_t event_day, ingest_day;
};

struct selftest_input {
    const struct unit *unit;
    size_t n_units;
    const struct selftest_exposure *exposure; /* in order of ingest day */
    size_t n_exposures;
    const enum subject_kind *kind; /* by subject; NULL: all are CVEs */
    uint32_t n_subjects;
    int32_t count_from; /* alerts of earlier days are not counted: thresholds need time to settle */
    unsigned block_days, runs; /* 0: 7 days, 100 runs */
    uint64_t seed;
};

struct selftest_lane {
    double a_week, low, high; /* mean over the runs, and 5 % and 95 % of them */
};

struct selftest_result {
    struct selftest_lane lane[TREND_LANES], all;
    double weeks; /* of each run */
    unsigned runs;
};

MUST_CHECK enum err selftest_null(const struct trend_options *options,
                                  const struct selftest_input *input,
                                  struct selftest_result *ret_result);

#endif
