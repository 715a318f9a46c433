/* dossier/rules.h — Sigma files: text to rules.
 *
 * What:   codec/yaml and match/sigma put together: one call for one file, or one for each of them.
 * Input:  hostile.
 * Limits: LIMIT_RULE_FILE_BYTES.
 * Owner:  everything lives in the arena given.
 * Spec:   see match/sigma.h
 */
#ifndef DOSSIER_RULES_H
#define DOSSIER_RULES_H

#include "match/sigma.h"

/* What YAML makes of a file: the documents before the broken one, and what is wrong with that. */
struct rule_docs {
    struct node *doc;
    size_t n;
    enum err why; /* OK: none is broken */
    uint32_t line;
    struct str reason;
};
/* Fails only when memory runs out. */
MUST_CHECK enum err rules_docs(struct arena *arena, struct str text, struct str file,
                               struct rule_docs *ret_docs);
/* The rules of these documents, which may go then; not their texts, nor the file's. Fails only when
 * memory runs out. */
MUST_CHECK enum err rules_of_docs(struct arena *arena, const struct rule_docs *docs,
                                  struct str text, struct str file, struct sigma_rule **ret_rules,
                                  size_t *ret_n, struct sigma_problem **ret_problems,
                                  size_t *ret_n_problems);
/* All documents of one file's text; what cannot be read becomes a problem. Fails only when memory
 * runs out. */
MUST_CHECK enum err rules_parse(struct arena *arena, struct str text, struct str file,
                                struct sigma_rule **ret_rules, size_t *ret_n,
                                struct sigma_problem **ret_problems, size_t *ret_n_problems);

#endif
