/* digest_priv.h — what the two passes over a week share.
 *
 * What:   the first pass counts all terms of a week by their hashes; the second one looks closely
 *         at those that are significant.
 * Input:  records of the intake's worker, as they were kept.
 * Limits: those of digest.h.
 * Owner:  struct digest owns all of it.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_DIGEST_PRIV_H
#define WATCH_DIGEST_PRIV_H

#include "base/hash.h"
#include "store/sorter.h"
#include "watch/cluster.h"
#include "watch/digest.h"
#include "watch/intake_priv.h"
#include "watch/recent.h"

struct digest {
    struct digest_options options;
    struct arena arena; /* the dictionary, sites */
    struct arena week;  /* what is told of a week */
    struct gist *gist;
    struct novel_words *words;
    struct novel *novel;
    struct clusters *clusters;
    struct recent *recent;
    struct sorter sorter;
    struct map sites;     /* by hash: the number of the week in which it was first heard */
    uint32_t week_number; /* of weeks with posts */
    int64_t group;        /* the open week's, in the sorter */
    int32_t last_day;     /* with posts, of all */
    VEC(uint8_t) counts;  /* of each post of the week, in order */
    struct buf scratch;
    uint64_t beyond; /* posts that there was no room for */
    struct digest_count count;
    struct error *error;
};

/* What a post of the open week is good for. */
enum {
    COUNTS_NOT,  /* its text was there before */
    COUNTS_PAST, /* its site is new: it is learnt from, but is no evidence */
    COUNTS,
};

/* digest_week.c: the second pass. The week's terms among those candidates, in the week's arena. */
MUST_CHECK enum err digest_look(struct digest *d, const struct novel_term *candidate, size_t n,
                                struct digest_week *week);
uint64_t digest_voice(const struct worded *w);

#endif
