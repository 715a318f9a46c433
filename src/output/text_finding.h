/* text_finding.h — the part of the text output that shows findings.
 *
 * What:   findings by host and episode, in order of time, with their evidence; those set aside
 *         ("own scanner") folded below.
 * Input:  an answer; hosts in the order in which their verdicts are shown.
 * Limits: limit findings a host, the gravest first; the rest is counted.
 * Owner:  allocates for the time of the call only.
 * Spec:   docs/reference/output.md "text"
 */
#ifndef OUTPUT_TEXT_FINDING_H
#define OUTPUT_TEXT_FINDING_H

#include "model/answer.h"
#include "output/table.h"

MUST_CHECK enum err text_findings(struct page *p, const struct answer *answer,
                                  const struct verdict *const *order, unsigned limit);
/* Upper case, for people. */
const char *text_grade(enum grade g);
enum style text_grade_style(enum grade g);

#endif
