/* suggest.h — the name that was probably meant.
 *
 * What:   edit distance with swaps, and the nearest of several candidates.
 * Input:  a word of the user's.
 * Limits: words longer than SUGGEST_MAX are never matched.
 * Owner:  borrows the candidates.
 * Spec:   optimal string alignment distance (Levenshtein 1965, with transpositions).
 */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include "base/str.h"

enum { SUGGEST_MAX = 48 };

/* Insertions, deletions, replacements and swaps of neighbours; SIZE_MAX if a word is too long. */
size_t suggest_distance(struct str a, struct str b);

/* Offer every candidate, then read best: NULL if none is near enough. */
struct suggestion {
    struct str word;
    const char *best;
    size_t distance;
};
void suggest_offer(struct suggestion *s, const char *candidate);

#endif
