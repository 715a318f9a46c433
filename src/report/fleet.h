/* report/fleet.h — how much of the fleet is open, over all hosts of a case.
 *
 * What:   fills report->share and report->course. What a run told of its own inputs is no answer of
 *         the case: two runs of two halves of a fleet each know one half. So the shares are counted
 *         anew, from the latest exposure and window of every host.
 * Input:  a report with exposures and windows.
 * Limits: those of the arena.
 * Owner:  everything lives in the arena given, which is that of the report.
 * Spec:   docs/reference/report.md "Exposure"
 */
#ifndef REPORT_FLEET_H
#define REPORT_FLEET_H

#include "base/arena.h"
#include "model/report.h"

/* share: of affairs, then of CVEs, the fleet only, those with most hosts open first. course: of
 * affairs, a point for each day on which a host was seen in another state. */
MUST_CHECK enum err report_fleet(struct report *r, struct arena *arena);

#endif
