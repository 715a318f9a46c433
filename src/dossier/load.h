/* dossier/load.h — dossiers from the program itself or from a folder.
 *
 * What:   reads dossier.yaml, the Sigma files of rules/, and the four CSV tables.
 *         The shipped dossiers are inside the binary; a folder of the user's may replace or add.
 * Input:  hostile (a draft may have been made from a feed).
 * Limits: LIMIT_RULE_FILE_BYTES a file, LIMIT_RULES rules.
 * Owner:  everything lives in the arena given.
 * Spec:   docs/reference/dossier.md
 */
#ifndef DOSSIER_LOAD_H
#define DOSSIER_LOAD_H

#include "match/sigma.h"
#include "model/dossier.h"

/* A file of a dossier or of the data folder, as embedded in the binary. */
struct embedded {
    const char *path; /* "hafnium-exchange-2021/rules/httpproxy.yml", "data/logsources.yaml" */
    const unsigned char *p;
    size_t n;
};
extern const struct embedded embedded[];      /* ends with path == NULL; sorted by path */
struct str embedded_get(const char *path);    /* p == NULL if absent */
extern const char *const embedded_dossiers[]; /* their ids, sorted; ends with NULL */

/* What is wrong with a dossier, one line each. */
struct dossier_problem {
    struct str file;
    uint32_t line;
    bool fatal; /* the dossier cannot be used */
    struct str text;
};
struct dossier_problems {
    struct dossier_problem *v;
    size_t n;
};

/* ID of a shipped dossier, or a path of a folder (it holds a "/" or exists). */
MUST_CHECK enum err dossier_load(struct arena *arena, struct str id_or_dir,
                                 struct dossier *ret_dossier, struct dossier_problems *problems,
                                 struct error *error);
/* Ids of the shipped dossiers. */
size_t dossier_shipped(const char *const **ret_ids);
/* The custom keys of a rule; problems may be NULL. The level gives the grade where none is named
 * (capped at attempt). */
void rule_meta_read(const struct sigma_rule *rule, struct rule_meta *ret_meta, struct arena *arena,
                    struct dossier_problems *problems);
/* Does a path of a web log fit an entry of seen_paths: a prefix, or with "*" in front any part? */
bool seen_path_fits(struct str entry, struct str path);
/* Was the build fixed for the CVE? 1 yes, 0 no, -1 not known (too coarse, or no such row). */
int fix_state(const struct dossier *d, struct str cve, const struct build *b);
/* The same for a build that a log showed from first_us on: its last number says nothing where the
 * product's logs are exact to the cumulative update only, and a build that is older than its own
 * release proves no fix. */
int fix_state_logged(const struct dossier *d, struct str cve, const struct build *b,
                     int64_t first_us);
/* NULL if it belongs to none. */
const struct product *product_of(const struct dossier *d, const struct build *build);

#endif
