/* report/marks.h — how far the findings of a case may be passed on, by the sources of indicators.
 *
 * What:   the strictest mark that any finding of an indicator has, by the indicator; what of it a
 *         report leaves out.
 * Input:  the objects of a case.
 * Limits: those of the case.
 * Owner:  texts live in the arena of the report.
 * Spec:   docs/reference/report.md "Who may see it"
 */
#ifndef REPORT_MARKS_H
#define REPORT_MARKS_H

#include "base/arena.h"
#include "model/report.h"
#include "store/case.h"

struct marks {
    struct marked {
        struct str text;
        enum tlp tlp;
    } * rule, *title; /* in order; titles: of what is left out */
    size_t n_rules, n_titles;
    struct sharing sharing;
    enum tlp strictest;       /* of what is told */
    uint64_t left_out, timed; /* findings; those of them that have a time */
};

/* Findings are looked through only if one of the counts is of an indicator. */
MUST_CHECK enum err marks_find(struct marks *m, struct arena *arena, struct case_store *store,
                               const struct finding_count *count, size_t n_counts,
                               struct sharing sharing, struct error *error);
/* May it be told? Then its mark becomes the stricter of its own and the report's. */
bool marks_tell(const struct marks *m, struct finding *f);
bool marks_tell_rule(const struct marks *m, struct str rule);
bool marks_tell_event(const struct marks *m, const struct event *e);
/* Where something is left out: counts, and what names findings in words or by their clients. */
void marks_leave_out(const struct marks *m, struct report *r);

#endif
