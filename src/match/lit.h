/* match/lit.h — many literals at once over a raw block.
 *
 * What:   a set of literals, compared without ASCII case, and one pass that reports every end of
 *         every occurrence. Vectorscan does the work.
 * Input:  the block is hostile; literals come from rules and indicator lists.
 * Limits: none of its own; callers keep a set below some 5,000 literals for full speed.
 * Owner:  lit_new/lit_free. A set may be shared by processes after fork; scratch space is per set
 *         and copied on write.
 * Spec:   docs/internals/MATCH.md; Vectorscan 5.4.9, hs_compile_lit_multi.
 */
#ifndef MATCH_LIT_H
#define MATCH_LIT_H

#include "base/err.h"
#include "base/str.h"

struct lit_set;

/* id is the index of the literal, end the offset just behind the occurrence. Return false to stop.
 * Ends never decrease from one call to the next. */
typedef bool lit_hit(void *ctx, uint32_t id, size_t end);

/* Empty literals are refused (ERR_FORMAT). n == 0 is fine and never matches. */
MUST_CHECK enum err lit_new(const struct str *literal, size_t n, struct lit_set **ret_set,
                            struct error *error);
struct lit_set *lit_free(struct lit_set *set);
/* ERR_LIMIT for a text beyond 4 GiB; OK also when the callback stopped. */
MUST_CHECK enum err lit_scan(const struct lit_set *set, struct str text, lit_hit *hit, void *ctx);
size_t lit_bytes(const struct lit_set *set);

#endif
