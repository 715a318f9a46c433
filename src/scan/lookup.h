/* scan/lookup.h — the second look: questions that only findings raise.
 *
 * What:   after the first pass, counts the rows that hold an attacker's address (pivot), a request
 *         id that the proxy log should know (selective deletion), or the user of a cmdlet shortly
 *         before it ran (forged request). One more sweep with just these values; none when there is
 *         nothing to ask, and none for input that cannot be read twice.
 * Input:  values out of hostile logs.
 * Limits: LOOKUP_MAX values of clients and accounts, LOOKUP_REQUESTS cmdlets, LOOKUP_IDS request
 *         ids. Clients are counted in up to LOOKUP_PIVOT_BYTES of input, beyond that where --pivot
 *         asks.
 * Owner:  adds to the facts and to the pass.
 * Spec:   docs/internals/SCAN.md, "Second look"
 */
#ifndef SCAN_LOOKUP_H
#define SCAN_LOOKUP_H

#include "scan/pass.h"

enum {
    LOOKUP_MAX = 64,
    LOOKUP_REQUESTS = 512, /* cmdlets whose requests are looked for: honest ones are many */
    LOOKUP_IDS = 2048,
    LOOKUP_PIVOT_BYTES = 512 * 1024 * 1024
};

MUST_CHECK enum err lookup_run(struct pass *pass, struct facts *facts, struct error *error);

#endif
