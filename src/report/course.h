/* report/course.h — how the share of a fleet that is open went from run to run of a case.
 *
 * What:   each share that `exposure` kept in a case, with the day that it was of: the day that the
 *         run was asked about, or on which it was made.
 * Input:  the objects of a case.
 * Limits: those of the case.
 * Owner:  a share's texts live until the callback returns.
 * Spec:   docs/reference/case.md
 */
#ifndef REPORT_COURSE_H
#define REPORT_COURSE_H

#include "model/exposure.h"
#include "store/case.h"

/* Each part of the fleet and each CVE or affair by itself, in order of runs; a run that did not
 * change it is left out. */
MUST_CHECK enum err course_each(struct case_store *c,
                                enum err (*tell)(void *ctx, const struct exposure_share *share),
                                void *ctx, struct error *error);

#endif
