/* backtest.h — would tocsin have told in time? The replay judged against dated labels.
 *
 * What:   the threshold is the one that gave so many alerts a week before the test began. Then
 *         alerts of the test are judged, beside simple rules, with intervals, without each source
 *         and without each group of signals.
 * Input:  a corpus in order, labels.
 * Limits: those of the replay.
 * Owner:  backtest_run/backtest_done.
 * Spec:   docs/explain/how-backtest-judges.md, docs/reference/backtest.md
 */
#ifndef WATCH_BACKTEST_H
#define WATCH_BACKTEST_H

#include "watch/bootstrap.h"
#include "watch/thresholds.h"

enum { BACKTEST_RATES = 7, BACKTEST_SOURCES = 10, BACKTEST_SEED = 20210302, BACKTEST_RULES = 16 };

struct backtest_options {
    int32_t train_until; /* the last day of training */
    int32_t test_until;  /* the last day of the test; LABEL_NEVER: that of the last post */
    double alerts_per_week;
    bool any_age;
    bool unlisted;    /* see replay.h */
    bool frozen;      /* no weight is learnt after train_until either */
    bool experiments; /* without each source, without each group */
};

struct quartiles {
    double q1, median, q3; /* NAN: of nothing */
};

/* One way to raise alerts, judged. */
struct verdict_of {
    struct tally tally;
    double alerts_per_week;
    double targets, targets_named; /* listed in the test; and named before, by anybody */
    double caught;                 /* targets that had an alert before they were listed */
    double late;                   /* alerts on what was listed already */
    struct quartiles lead;         /* days, of alerts before the listing */
};

enum figure {
    FIGURE_RATE,
    FIGURE_30,
    FIGURE_90,
    FIGURE_180,
    FIGURE_EVER,
    FIGURE_RECALL,
    FIGURE_RECALL_NAMED,
    FIGURES
};

struct rule_row {
    const char *name;
    double least; /* of its count */
    struct verdict_of verdict;
};

/* All at the same number of alerts in the test. */
struct rate_row {
    double rate;
    struct tally tocsin;
    double threshold;      /* that gave the rate in training ... */
    struct tally frozen;   /* ... and what it gives in the test */
    const char *best_name; /* the simple rule with the best precision */
    struct tally best;
    const char *single_name; /* .. of one kind of voice, with most early alerts */
    struct tally single;
    const char *fused_name; /* .. of all voices, with most early alerts */
    struct tally fused;
};

/* Without a source or a group of signals (or with one alone), at the same number of alerts. */
struct without_row {
    struct str kind, name;       /* "site", "file", "class", "group", "group alone" */
    struct tally tally, tally_5; /* at the rate asked for, and at five a week */
    uint64_t mentions;
};

struct backtest {
    const struct corpus *corpus;
    const struct labels *labels;
    struct backtest_options options;

    struct replay replay;
    double *score;
    struct scoring scoring;
    struct judge judge;
    struct span calibrated, test;
    struct thresholds calibration; /* of the span calibrated */
    double weeks, threshold;
    bool thresholded; /* the training part had enough to learn from */
    struct verdict_of verdict;
    struct interval interval[FIGURES];
    double base_rate, lift;
    uint64_t subjects, subjects_test; /* named at all; first named in the test */
    uint64_t bulk_targets, unripe[3];
    struct rule_row rule[BACKTEST_RULES];
    size_t n_rules;
    struct rate_row rate[BACKTEST_RATES];
    VEC(struct without_row) without;
    struct alerts alerts;
};

/* The fields before the empty line are the caller's. */
MUST_CHECK enum err backtest_run(struct backtest *b, struct error *error);
void backtest_done(struct backtest *b);

#endif
