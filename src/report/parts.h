/* report/parts.h — all findings of a case for the judgement, without reading them.
 *
 * What:   tells the groups of store/case.h (findings of which a verdict asks the same) in the order
 *         of their first findings. A group of which not all are of one kind is split, and what the
 *         analyst spoke of is told one by one; rows of an index are read for that, no bodies.
 * Input:  a case; texts are hostile.
 * Limits: PARTS_KINDS kinds; PARTS_BYTES of texts that wait for their turn.
 * Owner:  a part's texts live until the callback returns.
 * Spec:   docs/internals/STORE.md
 */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include "base/map.h"
#include "model/report.h"
#include "store/case.h"

#include <limits.h>

enum { PARTS_KINDS = 32, PARTS_BYTES = 256 * 1024 * 1024 };
#define PARTS_MIXED UINT_MAX

struct finding_part {
    struct case_group of;
    unsigned kind;
    const struct note *note; /* about this one finding; NULL */
};

struct parts_ask {
    const struct note *note; /* what the analyst said */
    size_t n_notes;
    const struct map *noted; /* id of a finding -> the note that holds */
    /* Below PARTS_KINDS; PARTS_MIXED: ask of each alone. Never of one alone. */
    unsigned (*kind)(void *ctx, const struct case_group *group);
    enum err (*tell)(void *ctx, const struct finding_part *part);
    void *ctx;
};

/* Where findings come from. */
struct parts {
    enum err (*each)(void *ctx, const struct parts_ask *ask, struct error *error);
    void *ctx;
};
struct parts parts_of_case(struct case_store *store);

#endif
