/* scan/compare.h — files of hosts whose builds are known by now, against baselines and each other.
 *
 * What:   a script of the product that is not as it was shipped, and one that the other servers do
 *         not have like this, become hits of the program's own rules.
 * Input:  the pass, once all of its workers have told; names come from hostile evidence.
 * Limits: those of the pass.
 * Owner:  hits are copied into the pass's table.
 * Spec:   docs/internals/SCAN.md, "Files"; docs/reference/baseline.md
 */
#ifndef SCAN_COMPARE_H
#define SCAN_COMPARE_H

#include "scan/pass.h"

/* facts->file is filled. */
MUST_CHECK enum err compare_files(struct pass *p, const struct facts *facts);

#endif
