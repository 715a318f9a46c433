/* dossier/actors.h — the groups of data/actors.yaml, and the words for sectors and countries.
 *
 * What:   reads the data inside the program; folds what people type to the words of STIX and ISO.
 * Input:  own data; the words to fold are the user's.
 * Limits: ACTORS_MAX.
 * Owner:  everything lives in the arena given; words that are found live as long as the program.
 * Spec:   docs/reference/advice.md "Groups", docs/reference/config.md
 */
#ifndef DOSSIER_ACTORS_H
#define DOSSIER_ACTORS_H

#include "base/arena.h"
#include "dossier/load.h"
#include "model/actor.h"

/* problems may be NULL. */
MUST_CHECK enum err actors_load(struct arena *arena, struct actor_list *ret_actors,
                                struct dossier_problems *problems, struct error *error);

/* "healthcare" for "Hospital"; absent if it is no sector. */
struct str sector_of(struct str word);
/* "NL" for "nl" and "Netherlands"; absent if it is no country. */
struct str country_of(struct str word);
/* "Netherlands" for "NL". */
struct str country_name(struct str code);
/* The nth sector, for lists; absent behind the last. */
struct str sector_at(size_t n);

#endif
