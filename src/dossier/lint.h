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

/* All problems, those of the loader first. Fails, with the reason in error, where there is nothing
 * to check: no such folder, no dossier.yaml, no map in it, out of memory. */
MUST_CHECK enum err dossier_lint(struct arena *arena, struct str id_or_dir,
                                 struct dossier_problems *ret_problems, struct error *error);

#endif
