/* store/case_find.h — what a person means by the beginning of an id, or by a name.
 *
 * What:   findings and alerts by their id, hosts by their name, things that notes speak of.
 * Input:  what the user typed.
 * Limits: CASE_FOUND answers; CASE_ID_LEAST characters of an id.
 * Owner:  texts live until the callback returns.
 * Spec:   docs/reference/note.md
 */
#ifndef STORE_CASE_FIND_H
#define STORE_CASE_FIND_H

#include "store/case.h"

enum { CASE_FOUND = 4, CASE_ID_LEAST = 4 };

/* One call each, at most CASE_FOUND: type is "finding", "alert", "host" or "note"; name is the
 * whole id or name as it stands in the case; body absent of a host. */
MUST_CHECK enum err case_find(struct case_store *c, struct str word,
                              enum err (*tell)(void *ctx, struct str type, struct str name,
                                               struct str body),
                              void *ctx, struct error *error);

#endif
