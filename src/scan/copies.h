/* scan/copies.h — evidence that was supplied twice counts once.
 *
 * What:   logs of one host and kind whose text is the same, whatever their names and packing, and
 *         other files that have one path on their host: all but the first count for nothing. Files
 *         that could be copies by what was counted in them are told by SHA-256; where that is of
 *         packed bytes or was not taken, their text is read once more. What a copy added to the
 *         hits is taken back.
 * Input:  the facts of the first pass, hosts named.
 * Limits: HITS_SHARES; a pipe is never found to be a copy.
 * Owner:  marks the facts and changes the pass's hits.
 * Spec:   docs/internals/SCAN.md, "Copies"
 */
#ifndef SCAN_COPIES_H
#define SCAN_COPIES_H

#include "scan/pass.h"

MUST_CHECK enum err copies_find(struct pass *pass, struct facts *facts, struct error *error);

#endif
