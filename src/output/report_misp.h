/* report_misp.h — a case as one MISP event: a file of its own, or part of a feed.
 *
 * What:   the event on its way, and what a feed's manifest repeats of it.
 * Input:  a report whose texts come from hostile logs, through output/report_share.h.
 * Limits: those of output/report_share.h and output/misp.h.
 * Owner:  misp_case_open/misp_case_close.
 * Spec:   MISP core format; docs/reference/report.md "misp", "misp-feed"
 */
#ifndef OUTPUT_REPORT_MISP_H
#define OUTPUT_REPORT_MISP_H

#include "output/misp.h"
#include "output/report_share.h"

struct misp_case {
    struct misp m; /* of the file that is written at the moment */
    struct share share;
    struct arena arena;
    struct buf tmp, info;
    struct misp_event event;
    const struct fold **by_client, **by_rule; /* all that may be told, in these orders */
    size_t n_folds;
};

/* misp_case_close also after a failure. */
MUST_CHECK enum err misp_case_open(struct misp_case *c, const struct report *r, bool published,
                                   struct error *error);
void misp_case_close(struct misp_case *c);
/* {"Event": ...}. c->m is the caller's to make. */
void misp_case_event(struct misp_case *c);
/* The event's tags, as a property. */
void misp_case_tags(struct misp_case *c);

#endif
