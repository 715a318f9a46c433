/* dossier/load.h — dossiers from the program itself or from a folder.
 *
 * What:   reads dossier.yaml, the Sigma files of rules/, and the CSV tables.
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
extern const struct embedded embedded[];   /* ends with path == NULL; sorted by path */
struct str embedded_get(const char *path); /* p == NULL if absent */
/* Ids, sorted; they end with NULL: affairs, and catalogues. */
extern const char *const embedded_dossiers[];
extern const char *const embedded_catalogues[];

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

/* Adds a problem; silently full at its ceiling or without memory. */
void problem_add(struct arena *arena, struct dossier_problems *problems, struct str file,
                 uint32_t line, bool fatal, const char *fmt, ...) PRINTF_LIKE(6, 7);

/* ID of a shipped dossier, or a path of a folder (it holds a "/" or exists). */
MUST_CHECK enum err dossier_load(struct arena *arena, struct str id_or_dir,
                                 struct dossier *ret_dossier, struct dossier_problems *problems,
                                 struct error *error);
/* Ids of the shipped dossiers that know an affair: what scan loads. */
size_t dossier_shipped(const char *const **ret_ids);
/* Ids of the shipped catalogues. */
size_t catalogue_shipped(const char *const **ret_ids);
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
/* Is the build older than the hole? Only where the rows of the CVE say since when it is there. */
bool build_before_hole(const struct dossier *d, struct str cve, const struct build *b);
/* NULL if there is none of that name. */
const struct product *product_named(const struct dossier *d, struct str name);
/* NULL if it belongs to none. */
const struct product *product_of(const struct dossier *d, const struct build *build);

#endif
