/* recent.h — was that hash seen lately?
 *
 * What:   a table of fixed size in which the latest stay: one that comes again after some millions
 *         of others is taken for new.
 * Input:  hashes of hostile texts, in any order.
 * Limits: 2^bits hashes of 8 bytes.
 * Owner:  recent_new/recent_free.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_RECENT_H
#define WATCH_RECENT_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct recent;
MUST_CHECK enum err recent_new(unsigned bits, struct recent **ret_recent);
struct recent *recent_free(struct recent *r); /* NULL */
/* Remembers it; true if it was not there. */
bool recent_add(struct recent *r, uint64_t hash);

#endif
