/* store/case_merge.h — the runs of other cases, taken into one.
 *
 * What:   each run of the others that the case does not have is added behind its own, with its own
 *         verb, times and program, in order of time; what holds of each thing is what the latest of
 *         all runs said. The same again adds nothing.
 * Input:  cases of others: their chain is looked at first, and one that does not hold is refused.
 * Limits: those of store/case.h. Each run is kept whole or not at all; a merge that was killed goes
 *         on where it ended.
 * Owner:  borrows all cases.
 * Spec:   docs/reference/case.md "Several cases into one"
 */
#ifndef STORE_CASE_MERGE_H
#define STORE_CASE_MERGE_H

#include "store/case.h"

struct case_merged {
    uint64_t runs, known;              /* taken; that were there already */
    uint64_t added, changed, restored; /* objects; restored: a later run's word holds again */
    uint64_t left_out;                 /* of the others, purged there */
};

/* said: what the run of the merge notes as its arguments. */
MUST_CHECK enum err case_merge(struct case_store *into, struct case_store *other, size_t n,
                               const struct case_run *said, struct case_merged *ret,
                               struct error *error);

#endif
