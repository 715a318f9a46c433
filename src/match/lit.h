/* match/lit.h — many literals at once over a raw block.
 *
 * What:   a set of literals, compared without ASCII case; one pass reports each occurrence of each.
 * Input:  the block is hostile; literals come from rules and indicator lists.
 * Limits: a block below 4 GiB. Time grows with the block and with the occurrences of windows (see
 *         MATCH.md), whatever the number of literals; below some 10,000 the tables fit the caches.
 * Owner:  lit_new/lit_free; a set is read only once made. The caller owns the spots.
 * Spec:   docs/internals/MATCH.md
 */
#ifndef MATCH_LIT_H
#define MATCH_LIT_H

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

struct lit_set;

/* Text like that which will be searched: which pieces of a literal are rare in it? Only speed
 * depends on the answer. Lines in lower case; weights may have any scale. */
struct lit_model {
    const struct str *line;
    const double *weight;
    size_t n;
};

/* One occurrence: the index of the literal and the offset just behind it. */
struct lit_spot {
    uint32_t end, literal;
};
struct lit_spots {
    struct lit_spot *v;
    size_t n, cap;
};

/* Empty literals are refused (ERR_FORMAT). n == 0 is fine and never matches. The set copies what it
 * needs; model may be NULL. */
MUST_CHECK enum err lit_new(const struct str *literal, size_t n, const struct lit_model *model,
                            struct lit_set **ret_set, struct error *error);
/* Only the literals with take[i], which keep their numbers; `of` must outlive it. */
MUST_CHECK enum err lit_subset(const struct lit_set *of, const bool *take,
                               const struct lit_model *model, struct lit_set **ret_set);
struct lit_set *lit_free(struct lit_set *set);
/* Replaces what is in spots, sorted by end, then by literal. ERR_LIMIT for a text beyond 4 GiB,
 * ERR_NOMEM; never a part of the occurrences with OK. */
MUST_CHECK enum err lit_scan(const struct lit_set *set, struct str text, struct lit_spots *spots);
/* The same without the processor's wide instructions: for tests, and where there are none. */
MUST_CHECK enum err lit_scan_plain(const struct lit_set *set, struct str text,
                                   struct lit_spots *spots);
/* Which instructions lit_scan uses here: "avx2" or "plain". */
const char *lit_instructions(void);
size_t lit_bytes(const struct lit_set *set);

#endif
