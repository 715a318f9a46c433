/* dossier/plays.h — plays from YAML: the shared ones of data/plays.yaml, and those of a dossier.
 *
 * What:   the list under the key `plays`. What is wrong becomes a problem with file and line; a
 *         step whose condition cannot be read is left out, for nobody knows when it holds.
 * Input:  hostile.
 * Limits: PLAYS_MAX plays, PLAY_STEPS_MAX steps in one; those of model/when.h.
 * Owner:  everything lives in the arena given.
 * Spec:   docs/reference/advice.md
 */
#ifndef DOSSIER_PLAYS_H
#define DOSSIER_PLAYS_H

#include "dossier/load.h"

enum { PLAYS_MAX = 200, PLAY_STEPS_MAX = 100 };

struct node;

/* file: as problems name it; prefix: before each id, absent for shared plays. */
MUST_CHECK enum err plays_read(struct arena *arena, const struct node *list, struct str file,
                               struct str prefix, struct play_list *ret_plays,
                               struct dossier_problems *problems);
/* Those inside the program. */
MUST_CHECK enum err plays_shared(struct arena *arena, struct play_list *ret_plays,
                                 struct dossier_problems *problems, struct error *error);
/* What a reader would miss: steps without why, how, source or phase, ids used twice, and steps that
 * replace none of the shared ones. shared: NULL where these are the shared ones. */
void plays_lint(struct arena *arena, const struct play_list *plays, const struct play_list *shared,
                struct str file, struct dossier_problems *problems);
/* NULL if there is none of that id. */
const struct play_step *play_step_find(const struct play_list *plays, struct str id);

#endif
