/* dossier/lint.h — what an analyst should mend before a dossier is used or shared.
 *
 * What:   loads a dossier and checks what the loader lets pass: missing keys, names that do not
 *         exist, rules that explain nothing, indicators of the wrong shape, unused placeholders.
 * Input:  hostile.
 * Limits: as dossier/load.h.
 * Owner:  everything lives in the arena given.
 * Spec:   docs/reference/dossier.md
 */
#ifndef DOSSIER_LINT_H
#define DOSSIER_LINT_H

#include "dossier/load.h"

/* All problems, those of the loader first, and the dossier for dossier_compare. Fails, with the
 * reason in error, where there is nothing to check: no such folder, no dossier.yaml, no map in it,
 * out of memory. */
MUST_CHECK enum err dossier_lint(struct arena *arena, struct str id_or_dir,
                                 struct dossier *ret_dossier, struct dossier_problems *ret_problems,
                                 struct error *error);
/* Adds where a says something else than b: the same product, build, or fix of a CVE. Rows with a
 * note are known to be in dispute. */
MUST_CHECK enum err dossier_compare(struct arena *arena, const struct dossier *a,
                                    const struct dossier *b, struct dossier_problems *problems);
/* The rows with a note, as if they were problems: what is known to be in dispute or special. */
void dossier_notes(struct arena *arena, const struct dossier *d, struct dossier_problems *notes);

#endif
