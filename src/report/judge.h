/* report/judge.h — window x coverage x findings = one verdict with its sentence; the first hour.
 *
 * What:   fills report->judgement, named and rotating from what the report holds: verdicts as scan
 *         said them, windows and exposures, coverage, what the analyst said, and the parts that all
 *         findings make up.
 * Input:  a report whose texts come from hostile logs: a sentence holds them as they are, clipped.
 * Limits: JUDGE_NAMED hosts, JUDGE_TOUCHED accounts and as many mailboxes of one host and affair.
 * Owner:  everything lives in the arena given, which is that of the report.
 * Spec:   docs/explain/what-the-verdict-rests-on.md
 */
#ifndef REPORT_JUDGE_H
#define REPORT_JUDGE_H

#include "base/arena.h"
#include "model/report.h"
#include "report/parts.h"

enum { JUDGE_NAMED = 200, JUDGE_TOUCHED = 1000 };

/* Set before: judgement[i].verdict (as scan said it), all inputs of the report. Sorts the
 * judgements, the worst first. */
MUST_CHECK enum err report_judge(struct report *r, const struct parts *parts, struct arena *arena,
                                 struct error *error);

#endif
