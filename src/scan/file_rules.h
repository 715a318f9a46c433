/* scan/file_rules.h — what files as a whole are held against, besides rules and indicators.
 *
 * What:   baselines of products, lists of known hashes.
 *         Loaded before workers are forked, who only read it.
 * Input:  lists and baselines of the user are hostile text.
 * Limits: dossier/hash_lists.h, model/baseline.h
 * Owner:  struct file_rules lives in the arena given; file_rules_done frees what is outside it.
 * Spec:   docs/internals/SCAN.md, "Files"
 */
#ifndef SCAN_FILE_RULES_H
#define SCAN_FILE_RULES_H

#include "dossier/hash_lists.h"
#include "model/baseline.h"
#include "scan/scan.h"

struct ruleset;

struct file_rules {
    const struct baseline *baseline;
    struct hash_lists known; /* files that are harmless */
    unsigned digests;        /* kinds to be computed of each file: base/digest.h */
};

/* The dossiers and indicators of the set are loaded already. What is wrong with single lines goes
 * to options->warn. */
MUST_CHECK enum err file_rules_load(struct arena *arena, const struct scan_options *options,
                                    const struct ruleset *set, struct file_rules **ret_files,
                                    struct error *error);
void file_rules_done(struct file_rules *files);

#endif
