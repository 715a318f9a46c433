/* novel.h — terms that nobody listed and that rise (lane E): a weekly digest, never an alert.
 *
 * What:   significance of each week's terms by a sketch of moving averages, and terms of the week
 *         ranked by log-odds against what was before.
 * Input:  hashes of terms, each at most once a thread and voice; counts follow hostile posts.
 * Limits: fixed memory: a table of max_terms entries of 40 bytes, which is copied when it is full,
 *         and 2^sketch_bits cells of 12. What makes room is told as `error` of what comes after.
 * Owner:  novel_free frees all.
 * Spec:   Schubert, Weiler, Kriegel: SigniTrend (KDD 2014); Monroe, Colaresi, Quinn: Fightin' Words
 *         (2008); Metwally and others: Space-Saving (2005); docs/explain/how-watch-decides.md
 */
#ifndef WATCH_NOVEL_H
#define WATCH_NOVEL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct novel_options {
    size_t max_terms;     /* 0: 340,000 */
    unsigned sketch_bits; /* 0: 22 */
    unsigned half_life;   /* of the averages, in weeks; 0: 8 */
    unsigned warm_up;     /* weeks in which nothing is told, but learnt; 0: 4 */
    unsigned threads;     /* a term of fewer is not told; 0: 3 */
    double least;         /* z; 0: 2 */
    double times;         /* so many times what was before; 0: 3 */
};

struct novel_term {
    uint64_t hash;
    double z;          /* the week above what was expected, in deviations */
    double expected;   /* threads, by the weeks before */
    double before;     /* threads of all weeks before, old ones counting less; at most so many */
    uint32_t week;     /* threads that count */
    int32_t first_day; /* that is remembered */
};

struct novel;
MUST_CHECK enum err novel_new(const struct novel_options *options, struct novel **ret_novel);
struct novel *novel_free(struct novel *n); /* NULL */
/* A thread more with the term in the week that is open. One that does not count is learnt from, but
 * is no evidence. */
MUST_CHECK enum err novel_term(struct novel *n, uint64_t hash, int32_t day, bool counts);
/* So many threads were read in the open week: the best of it by z go to ret, at most max, and the
 * next one is open. A week without threads is an outage: nothing is told of it or learnt from it.
 * ERR_USAGE if weeks do not rise. */
MUST_CHECK enum err novel_end_week(struct novel *n, int32_t week, uint64_t threads,
                                   struct novel_term *ret, size_t max, size_t *ret_n);
/* Would the open week be told? Not in the warm-up. */
bool novel_is_warm(const struct novel *n);

#endif
