/* report/advise.h — what to do next, in order, and whose known behaviour the case is like.
 *
 * What:   chooses the steps of the shared plays and of the dossiers whose conditions hold for the
 *         hosts of a report; the same step for several hosts is one item. Ranks known groups.
 * Input:  a report with its judgements, exposures, alerts, findings and notes; plays of dossiers,
 *         which users write too.
 * Limits: those of report/facts.h and of dossier/plays.h.
 * Owner:  everything lives in the arena given, which is that of the report.
 * Spec:   docs/reference/advice.md
 */
#ifndef REPORT_ADVISE_H
#define REPORT_ADVISE_H

#include "base/arena.h"
#include "model/report.h"

/* Fills advice and actor. Set before: profile, dossier, judgement and all inputs of the report. */
MUST_CHECK enum err report_advise(struct report *r, struct arena *arena, struct error *error);

#endif
