/* exposure/kev.h — CISA's list of known exploited vulnerabilities, laid beside the tables.
 *
 * What:   when a CVE was listed, until when agencies had to act, whether blackmailers use it.
 * Input:  the list as JSON; treated as hostile.
 * Limits: KEV_BYTES.
 * Owner:  nothing of the text is kept.
 * Spec:   https://www.cisa.gov/known-exploited-vulnerabilities-catalog
 */
#ifndef EXPOSURE_KEV_H
#define EXPOSURE_KEV_H

#include "exposure/tables.h"

enum { KEV_BYTES = 64 * 1024 * 1024 };

/* Its entries replace what the dossiers say. name is for messages and ends with a NUL. ERR_FORMAT
 * if it is no such list. ret_left_out: entries without a CVE or a date. */
MUST_CHECK enum err kev_add(struct tables *t, struct str text, struct str name,
                            size_t *ret_left_out, struct error *error);

#endif
