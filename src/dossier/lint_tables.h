/* dossier/lint_tables.h — what the checks of fixes.csv, builds.csv and cves.csv share; private.
 *
 * What:   the rows of the three tables sorted, so that each check compares neighbours only.
 * Input:  hostile.
 * Limits: the tables' own.
 * Owner:  everything lives in the arena of struct load.
 * Spec:   docs/reference/dossier.md, "What the linter asks for"
 */
#ifndef DOSSIER_LINT_TABLES_H
#define DOSSIER_LINT_TABLES_H

#include "dossier/parts.h"

struct tables {
    struct load *load;
    const struct known_build **build; /* by product, then build */
    size_t n_builds;
    const struct fix **fix; /* by CVE, then product, then build */
    size_t n_fixes;
    const struct cve_fact **fact; /* by CVE */
    size_t n_facts;
};

MUST_CHECK enum err tables_sort(struct load *load, struct tables *ret_tables);
/* The product's first row in build, and how many follow: 0 if there is none. */
size_t tables_builds_of(const struct tables *t, struct str product, size_t *ret_first);
/* NULL if builds.csv does not know it. */
const struct known_build *tables_build(const struct tables *t, struct str product,
                                       const struct build *build);
/* The first row of fix that does not come before the key. */
size_t tables_fix_at(const struct tables *t, const struct fix *key);
/* NULL if cves.csv does not know it. */
const struct cve_fact *tables_fact(const struct tables *t, struct str cve);
/* "15.1.2176.9"; as many numbers as are known. */
enum { BUILD_TEXT = 48 };
const char *build_text(const struct build *b, char ret_text[BUILD_TEXT]);

void builds_lint(const struct tables *t);
void gaps_lint(const struct tables *t);
void facts_lint(const struct tables *t);
void settings_lint(const struct tables *t);

/* A row of a table, with its line. */
#define ROW(t, name, row, ...)                                                                     \
    problem_add((t)->load->arena, (t)->load->problems, STR(name), (row)->line, false, __VA_ARGS__)

#endif
