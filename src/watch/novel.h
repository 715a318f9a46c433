/* novel.h — terms that nobody listed and that rise (lane E): a weekly digest, never an alert.
 *
 * What:   significance of each day's terms by a sketch of moving averages, and terms of the week
 *         ranked by log-odds against what was before.
 * Input:  hashes of terms, each at most once a thread; counts follow hostile posts.
 * Limits: fixed memory: max_terms entries of 40 bytes, twice and 2^sketch_bits cells of 12.
 * Owner:  novel_free frees all.
 * Spec:   Schubert, Weiler, Kriegel: SigniTrend (KDD 2014); Monroe, Colaresi, Quinn: Fightin' Words
 *         (2008); Metwally and others: Space-Saving (2005)
 */
#ifndef WATCH_NOVEL_H
#define WATCH_NOVEL_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct novel_options {
    size_t max_terms;     /* 0: 100,000 */
    unsigned sketch_bits; /* 0: 20 */
    unsigned half_life;   /* of the averages, in days; 0: 14 */
    double least;         /* significance; 0: 6 */
};

struct novel_term {
    uint64_t hash;
    double z;            /* log-odds of the week against before, over its standard error */
    double significance; /* the most of a day of the week */
    uint64_t week;       /* threads with it; may be too high by `error` */
    uint64_t error;
};

struct novel;
MUST_CHECK enum err novel_new(const struct novel_options *options, struct novel **ret_novel);
struct novel *novel_free(struct novel *n); /* NULL */
MUST_CHECK enum err novel_term(struct novel *n, uint64_t hash);
/* So many threads were read this day; terms seen so far belong to it. */
void novel_end_day(struct novel *n, int32_t day, uint64_t threads);
/* The best of the week by z, of those significant on a day of it; fills at most max and starts the
 * next week. Returns their number. */
size_t novel_digest(struct novel *n, struct novel_term *ret_term, size_t max);

#endif
