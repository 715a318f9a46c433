/* digest.h — lane E as a whole: from posts to the terms of each week that nobody listed.
 *
 * What:   digest_read takes posts in; digest_tell goes through their weeks in order and tells those
 *         terms of each that are in more threads than the weeks before let expect.
 * Input:  hostile posts, through intake.h.
 * Limits: memory is fixed, whatever the posts are; what waits for its week is in a private file of
 *         at most SORTER_BYTES. DIGEST_CANDIDATES terms of a week are looked at closely.
 * Owner:  digest_open/digest_close. A week lives until its callback returns.
 * Spec:   docs/reference/watch.md, docs/explain/how-watch-decides.md
 */
#ifndef WATCH_DIGEST_H
#define WATCH_DIGEST_H

#include "watch/intake.h"
#include "watch/novel.h"

enum {
    DIGEST_CANDIDATES = 1000,
    DIGEST_TOP = 20,
    DIGEST_SITES = 5, /* of a term, by name */
    DIGEST_WITH = 6,  /* other terms of the same threads */
};

struct digest_options {
    struct novel_options novel;
    unsigned least_sites, least_voices; /* 0: 2 and 3 */
    size_t top;                         /* terms of a week that are told; 0: DIGEST_TOP */
    struct post_map map;
    struct str format;
    const struct lexicon *lexicon;
    const struct extract_lists *lists;
    enum err (*gap)(void *ctx, const struct errand_gap *gap);
    void *ctx;
    const volatile sig_atomic_t *interrupted;
    int64_t now_us;
    unsigned year_max;
};

struct digest_term {
    struct str text; /* as it stands in the first post, folded */
    double z, expected;
    double before;                   /* threads of all weeks before, old ones counting less */
    uint32_t threads, sites, voices; /* voices and sites up to some hundred */
    int32_t first_day;               /* with it, of all posts of the run */
    struct str site[DIGEST_SITES];
    size_t n_site;
    struct str with[DIGEST_WITH];
    size_t n_with;
    struct str snippet; /* of the first post of the week, secrets masked */
};

struct digest_week {
    int32_t first_day, last_day; /* Monday to Sunday, or to the last day with posts */
    uint64_t posts, repeated;    /* repeated: texts that were there before, and forwarded ones */
    uint64_t threads;
    bool warm; /* else the weeks before are too few to tell anything */
    const struct digest_term *term;
    size_t n;
    size_t more; /* terms beyond those told */
};

struct digest_count {
    struct intake_count posts;
    uint64_t bytes;
};

struct digest;
MUST_CHECK enum err digest_open(const struct digest_options *options, struct digest **ret_digest,
                                struct error *error);
struct digest *digest_close(struct digest *d); /* NULL */
/* END when interrupted. */
MUST_CHECK enum err digest_read(struct digest *d, const struct io_tree *tree, struct error *error);
/* Each week with posts, once all were read. Stops with what the callback returned if not OK. */
MUST_CHECK enum err digest_tell(struct digest *d,
                                enum err (*week)(void *ctx, const struct digest_week *week),
                                void *ctx, struct error *error);
void digest_counts(const struct digest *d, struct digest_count *ret_count);

#endif
