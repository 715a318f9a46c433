/* scan/survey.h — passes over the evidence that answer questions about rules, not about hosts.
 *
 * What:   what each rule costs (profile).
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

MUST_CHECK enum err profile_run(const struct scan_options *options, struct arena *arena,
                                struct rule_profile *ret, struct error *error);

#endif
