/* dossier/placeholders.h — lists for %name% in rules with the modifier expand.
 *
 * What:   a YAML map from name to one text or a list of them.
 * Input:  hostile: a user's file, or a part of a dossier.
 * Limits: PLACEHOLDERS_MAX lists; LIMIT_RULE_FILE_BYTES a file.
 * Owner:  everything lives in the arena given; texts are borrowed from the nodes.
 * Spec:   docs/reference/rules.md
 */
#ifndef DOSSIER_PLACEHOLDERS_H
#define DOSSIER_PLACEHOLDERS_H

#include "base/arena.h"
#include "model/dossier.h"
#include "model/node.h"

enum { PLACEHOLDERS_MAX = 256 };

/* The first PLACEHOLDERS_MAX entries of a map; what is no text is left out. */
MUST_CHECK enum err placeholders_read(struct arena *arena, const struct node *map,
                                      struct placeholder **ret, size_t *ret_n);
/* A whole file, which must be such a map. */
MUST_CHECK enum err placeholders_load(struct arena *arena, struct str path,
                                      struct placeholder **ret, size_t *ret_n, struct error *error);
/* The list of that name, or NULL. */
const struct placeholder *placeholders_find(const struct placeholder *list, size_t n,
                                            struct str name);

#endif
