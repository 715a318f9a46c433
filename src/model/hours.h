/* model/hours.h — sets of hours, and patterns of kinds of log: what coverage is counted in.
 *
 * What:   intersection, difference and size of sets of whole hours; "httpproxy-*" against a kind.
 * Input:  times of hostile logs may be absurd: work follows the stretches, never their length.
 * Limits: none of its own.
 * Owner:  sets live in the arena given.
 * Spec:   docs/internals/VERDICT.md, "Coverage"
 */
#ifndef MODEL_HOURS_H
#define MODEL_HOURS_H

#include "base/arena.h"

/* "*" at the start or at the end of the pattern stands for anything; without case. */
bool kind_match(struct str pattern, struct str kind);

/* Hours since 1970, from (inclusive) to (exclusive). */
struct hour_span {
    int64_t from, to;
};
/* Ascending, disjoint, never touching. */
struct hour_set {
    struct hour_span *v;
    size_t n;
};
MUST_CHECK enum err hours_intersect(struct arena *arena, const struct hour_set *a,
                                    const struct hour_set *b, struct hour_set *ret_set);
MUST_CHECK enum err hours_subtract(struct arena *arena, const struct hour_set *a,
                                   const struct hour_set *b, struct hour_set *ret_set);
/* Spans in any order, overlapping or not; sorts them in place. */
struct hour_set hours_normal(struct hour_span *v, size_t n);
int64_t hours_count(const struct hour_set *set);
bool hours_has(const struct hour_set *set, int64_t time_us);
/* The hours that a period touches: [from_us, to_us). */
struct hour_span hours_of(int64_t from_us, int64_t to_us);

#endif
