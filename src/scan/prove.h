/* scan/prove.h — files that YARA's rules may match are held against them, by workers of libyara's
 * own.
 *
 * What:   what the sweep's workers suspect is proved or dropped (scan/yara_pass.h); each match is a
 *         hit of the rule, with its strings and their places.
 * Input:  hostile files; what workers tell is checked by yara_pass.
 * Limits: those of scan/yara_set.h.
 * Owner:  hits are copied into the pass's table.
 * Spec:   docs/internals/YARA.md
 */
#ifndef SCAN_PROVE_H
#define SCAN_PROVE_H

#include "scan/pass.h"

/* facts->file is filled: hits are of its hosts. */
MUST_CHECK enum err prove_suspects(struct pass *p, const struct facts *facts, struct error *error);

#endif
