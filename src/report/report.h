/* report/report.h — a case, worked out.
 *
 * What:   reads all of a case and fills struct report (model/report.h) for the formats of
 *         output/report.h: what scan, exposure and watch kept, and what follows from it.
 * Input:  the objects of a case; dossiers, which users write too.
 * Limits: REPORT_BYTES in memory; REPORT_FINDINGS and REPORT_EVENTS in lists, all of them stream.
 * Owner:  the report's texts live in the arena; the store stays open as long as it is used.
 * Spec:   docs/reference/report.md
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/arena.h"
#include "model/report.h"
#include "store/case.h"

struct warnings;

#define REPORT_BYTES ((size_t)1024 * 1024 * 1024)

struct report_question {
    struct case_store *store;
    struct str name;             /* of the case, for headings */
    const struct dossier *known; /* those that the case may speak of */
    size_t n_known;
    const struct warnings *warnings; /* what everybody uses; NULL: cannot be asked */
    struct sharing sharing;
    struct profile profile;
    int64_t now_us;
    const char *version;
};

MUST_CHECK enum err report_make(struct arena *arena, const struct report_question *question,
                                struct report *ret_report, struct error *error);

#endif
