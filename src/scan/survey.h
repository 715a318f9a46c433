/* scan/survey.h — passes over the evidence that answer questions about rules, not about hosts.
 *
 * What:   what each rule costs (profile); which rules can run on the logs at hand, and which logs
 *         the others lack (coverage).
 * Input:  hostile evidence and rules.
 * Limits: base/limits.h
 * Owner:  answers live in the arena given.
 * Spec:   docs/reference/rules.md
 */
#ifndef SCAN_SURVEY_H
#define SCAN_SURVEY_H

#include "scan/scan.h"

struct rule_use {
    struct str id, title, file;
    struct str dossier; /* p == NULL: of none */
    uint64_t evaluations, matches;
    uint64_t untried; /* rows on which it was not tried because it had cost too much */
    double seconds;   /* of the evaluations */
    double share;     /* of all rules' seconds */
};

struct rule_profile {
    struct rule_use *use; /* rules that were tried, the dearest first */
    size_t n, n_rules;
    uint64_t evaluations;
    double seconds, all_seconds; /* of the evaluations; of all that the workers did */
    struct gap *gap;
    size_t n_gaps;
    bool interrupted;
};

/* The rules of one Sigma log source. */
struct source_cover {
    struct str category, product, service;
    size_t rules;
    size_t run;            /* on the logs at hand, */
    size_t lack;           /* would if there were others, */
    size_t never;          /* run on no kind of log that is read */
    struct str_list kinds; /* at hand, on which some of them run */
};

/* A kind of log that would make more rules run. */
struct supply {
    struct str kind, title;
    struct str path;          /* where it usually lies; p == NULL: not known */
    size_t rules;             /* that run on nothing at hand, and would on it */
    bool present;             /* it is at hand: only events of these categories are not */
    struct str_list category; /* "process_creation (4688)" */
};

struct rule_cover {
    struct source_cover *source; /* the one with most rules first */
    size_t n_sources;
    struct supply *supply; /* the worthiest first */
    size_t n_supplies;
    size_t rules, run, lack, never;
    struct gap *gap;
    size_t n_gaps;
    bool interrupted;
};

/* Reads the inputs without looking for anything. */
MUST_CHECK enum err cover_run(const struct scan_options *options, struct arena *arena,
                              struct rule_cover *ret, struct error *error);
MUST_CHECK enum err profile_run(const struct scan_options *options, struct arena *arena,
                                struct rule_profile *ret, struct error *error);

#endif
