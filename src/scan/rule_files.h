/* scan/rule_files.h — the Sigma files that were given: found, read, and made into documents.
 *
 * What:   the files of --rules in order, with their texts; the cache of what is in them; those that
 *         are shipped.
 * Input:  hostile files and names.
 * Limits: LIMIT_RULE_FILE_BYTES a file, LIMIT_WALK_FILES.
 * Owner:  lives in the arena given; the cache by rule_cache_done.
 * Spec:   docs/internals/SCAN.md, "Loading"
 */
#ifndef SCAN_RULE_FILES_H
#define SCAN_RULE_FILES_H

#include "model/dossier.h"
#include "scan/rule_cache.h"
#include "scan/scan.h"

struct rule_file {
    struct str path, text;
    struct str why; /* it is not read; absent if it is */
};

struct rule_files {
    struct rule_file *v;
    size_t n, n_read;
    struct rule_cache *cache; /* NULL: none */
};

/* ERR_NOT_FOUND if a path that was given does not exist. What placeholders stand for decides what
 * the check of the rules says, so it is part of the key. */
MUST_CHECK enum err rule_files_read(struct arena *arena, const struct scan_options *options,
                                    const struct placeholder *placeholder, size_t n_placeholders,
                                    struct rule_files *ret_files, struct error *error);

/* The folder where what is worked out about rules may be kept, made if it is not there; absent if
 * there is none, if others can write to it, or if it lies in the evidence. */
struct str rule_files_cache(const struct scan_options *options);

/* The rules that are in the program and belong to no dossier: data/rules. */
MUST_CHECK enum err rule_files_shipped(struct arena *arena, struct rule_files *ret_files);

#endif
