/* dossier/parts.h — the pieces of loading a dossier; private to this folder.
 *
 * What:   the files of a dossier as texts, and what turns each of them into its part of
 *         struct dossier.
 * Input:  hostile; what is wrong becomes a problem with file and line.
 * Limits: LIMIT_RULE_FILE_BYTES a file, FILES_MAX files, LIMIT_RULES rules, LIST_MAX items in a
 *         list of dossier.yaml.
 * Owner:  everything lives in the arena of struct load.
 * Spec:   docs/reference/dossier.md
 */
#ifndef DOSSIER_PARTS_H
#define DOSSIER_PARTS_H

#include "base/limits.h"
#include "dossier/load.h"
#include "model/node.h"

enum {
    FILES_MAX = 1000,
    PROBLEMS_MAX = 10000,
    TABLE_ROWS_MAX = 200 * 1000,
    BASELINE_ROWS_MAX = 1000 * 1000,
    LIST_MAX = 1000,
    LINE_PARTS = 3
};

struct dossier_file {
    struct str path; /* relative to the dossier's folder, with "/" */
    struct str text;
};

/* One loading under way. */
struct load {
    struct arena *arena;
    struct dossier_problems *problems; /* may be NULL */
    struct dossier_file *file;         /* sorted by path */
    size_t n_files;
    const struct node *yaml; /* of dossier.yaml */
    struct dossier *d;
};

/* The files of a shipped dossier or of a folder. */
MUST_CHECK enum err files_read(struct load *l, struct str id_or_dir, struct error *error);
/* The text of a file, or absent. */
struct str file_text(const struct load *l, struct str path);

/* dossier.yaml. Fails on what makes it no dossier at all: no map, no id, out of memory. */
MUST_CHECK enum err manifest_read(struct load *l, struct error *error);
/* fixes.csv, builds.csv, cves.csv, indicators.csv, baseline.csv, folders.csv: each may be absent.
 */
MUST_CHECK enum err tables_read(struct load *l);
/* The last two alone; name: of the first. */
MUST_CHECK enum err baseline_tables_read(struct load *l, struct str name);
/* Everything of files_read's result. */
MUST_CHECK enum err parts_load(struct load *l, struct error *error);

/* What dossier/lint.h looks for in products, fixes.csv, builds.csv and cves.csv. */
MUST_CHECK enum err tables_lint(struct load *l);
/* The same, and what dossier/lint.h looks for in it. */
MUST_CHECK enum err parts_lint(struct load *l, struct error *error);

/* "probe", "exploit", "write", "shell", "post". */
bool stage_parse(struct str s, enum stage *ret_stage);
/* Letters, digits and -_. only, at most 64. */
bool dossier_id_ok(struct str id);
/* A comma-separated list; empty parts are left out. */
struct str_list list_of(struct arena *arena, struct str text);

#endif
