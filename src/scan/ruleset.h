/* scan/ruleset.h — everything a run looks for, loaded and numbered.
 *
 * What:   shipped or given dossiers, Sigma files and folders, indicator lists, the log source map.
 * Input:  hostile files.
 * Limits: LIMIT_RULES, LIMIT_RULE_FILE_BYTES, indicators.h.
 * Owner:  lives in the arena given; ruleset_done frees what is outside it.
 * Spec:   docs/internals/SCAN.md
 */
#ifndef SCAN_RULESET_H
#define SCAN_RULESET_H

#include "scan/program.h"
#include "scan/scan.h"

/* Problems with single rules and indicators go to options->warn; only a dossier or file that
 * cannot be read at all is an error. */
MUST_CHECK enum err ruleset_load(struct arena *arena, const struct scan_options *options,
                                 struct ruleset *ret_set, struct error *error);
/* Names to options->warn what was loaded and cannot find anything. Each rule is compiled for that,
 * which takes as long as a fifth of loading: done while workers are at work already. */
MUST_CHECK enum err ruleset_check(const struct ruleset *set, const struct scan_options *options);
void ruleset_done(struct ruleset *set);

#endif
