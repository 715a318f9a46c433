/* exposure/accepted.h — risks that somebody answers for: which host, which hole, who, why, until
 * when.
 *
 * What:   a CSV table with the columns host, of (a CVE, a dossier, or *), owner, reason, until.
 * Input:  the user's own file; a row without owner, reason or end date is no acceptance.
 * Limits: ACCEPTED_BYTES.
 * Owner:  rows live in the arena given.
 * Spec:   docs/reference/exposure.md
 */
#ifndef EXPOSURE_ACCEPTED_H
#define EXPOSURE_ACCEPTED_H

#include "exposure/exposure.h"

enum { ACCEPTED_BYTES = 16 * 1024 * 1024 };

/* name is for messages and ends with a NUL. The first row that is no acceptance fails it: a risk
 * must not be accepted by mistake, nor silently not. */
MUST_CHECK enum err accepted_read(struct str text, struct str name, struct arena *arena,
                                  struct accepted_risk **ret, size_t *ret_n, struct error *error);

#endif
