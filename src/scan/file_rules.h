/* scan/file_rules.h — what files as a whole are held against, besides rules and indicators.
 *
 * What:   baselines of products, lists of known hashes, YARA, the shapes of web shells.
 *         Loaded before workers are forked, who only read it.
 * Input:  lists and baselines of the user are hostile text.
 * Limits: dossier/hash_lists.h, model/baseline.h
 * Owner:  struct file_rules lives in the arena given; file_rules_done frees what is outside it.
 * Spec:   docs/internals/SCAN.md, "Files"
 */
#ifndef SCAN_FILE_RULES_H
#define SCAN_FILE_RULES_H

#include "dossier/hash_lists.h"
#include "match/shell.h"
#include "model/baseline.h"
#include "model/web_file.h"
#include "scan/scan.h"
#include "scan/yara_set.h"

struct ruleset;

struct file_rules {
    struct shell *shell;
    const struct baseline *baseline;
    struct web_files web;    /* which endings are those of pages and programs */
    struct yara_set *yara;   /* without rules if none were given */
    struct hash_lists known; /* files that are harmless */
    unsigned digests;        /* kinds to be computed of each file: base/digest.h */
};

/* Begins with the rules of YARA, those of the dossiers first. What is wrong with single rules and
 * lines goes to options->warn. */
MUST_CHECK enum err file_rules_new(struct arena *arena, const struct scan_options *options,
                                   const struct dossier *dossier, size_t n_dossiers,
                                   struct file_rules **ret_files, struct error *error);
/* The rest, into set->files: the dossiers and indicators of the set are loaded already. */
MUST_CHECK enum err file_rules_load(struct arena *arena, const struct scan_options *options,
                                    const struct ruleset *set, struct error *error);
void file_rules_done(struct file_rules *files);

#endif
