/* dossier/rules.h — Sigma files: text to rules.
 *
 * What:   codec/yaml and match/sigma put together: one call for one file.
 * Input:  hostile.
 * Limits: LIMIT_RULE_FILE_BYTES.
 * Owner:  everything lives in the arena given.
 * Spec:   see match/sigma.h
 */
#ifndef DOSSIER_RULES_H
#define DOSSIER_RULES_H

#include "match/sigma.h"

/* All documents of one file's text; what cannot be read becomes a problem. Fails only when memory
 * runs out. */
MUST_CHECK enum err rules_parse(struct arena *arena, struct str text, struct str file,
                                struct sigma_rule **ret_rules, size_t *ret_n,
                                struct sigma_problem **ret_problems, size_t *ret_n_problems);

#endif
