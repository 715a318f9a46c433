/* intake.h — posts from files: read, folded and asked for subjects in a worker that can do nothing
 *            but answer.
 *
 * What:   each file is opened by the coordinator and handed to a worker (os/errand.h). Of a post
 *         that names a subject all is told that watch asks for; of any other only that there was
 *         one: it is the measure of how much its site says. Or else the terms of each post.
 * Input:  hostile files; what the worker sends is read with base/rd.h.
 * Limits: SIGHTING_TEXT_BYTES of a post's text, SIGHTING_FIELD_BYTES of each of its other fields,
 *         which is a gap; SIGHTING_SUBJECTS of its subjects.
 * Owner:  slices of a sighting live until its callback returns.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_INTAKE_H
#define WATCH_INTAKE_H

#include "base/time.h"
#include "codec/posts.h"
#include "model/answer.h"
#include "os/errand.h"
#include "os/io.h"
#include "watch/gist.h"
#include "watch/novel_words.h"
#include "watch/volume.h"

enum {
    INTAKE_KEY_BYTES = 16,
    SIGHTING_TEXT_BYTES = 4096,
    SIGHTING_FIELD_BYTES = 4096, /* of every other text of a post */
    SIGHTING_ITEM_BYTES = 2 * EXTRACT_ITEM_BYTES,
    SIGHTING_SUBJECTS = 64,
    SIGHTING_TECHNIQUES = 16,
    SIGHTING_ITEMS = 64,
};

struct sighted {
    enum subject_kind kind;
    struct str name; /* canonical: "CVE-2021-26855", "Microsoft Exchange" */
    uint32_t at;     /* where it stands first, in the title or in the text */
    bool in_title;
};

/* An indicator or an id that stands in the post. */
struct sighted_item {
    enum item_kind kind;
    struct str value;
};

/* A post and what it is about. Of one that names nothing only key, thread and the post's site,
 * source and times are set: it counts for its site's volume. */
struct sighting {
    struct post post;       /* both times are set; author is not; text and title are cut */
    uint64_t key;           /* of the post: the same one when it is read again; not always set */
    uint64_t thread, voice; /* keyed hashes; a post without a thread is one of its own */
    bool voiced;            /* the author is known: else voice stands for the site */
    bool list;              /* names so many CVEs that it is about none of them */
    struct sighted *subject;
    size_t n_subjects;
    size_t named; /* subjects of the post, those beyond the limit too */
    float weight; /* of each of them */
    enum intent intent;
    struct str intent_phrase;
    struct str_list technique;
    struct sighted_item *item; /* of posts that are no lists */
    size_t n_items;
    struct sketch sketch;
};

/* A post and its terms (lane E). */
struct worded {
    struct str site;
    int64_t time_us;
    uint64_t key, thread; /* as those of a sighting */
    uint64_t voice;       /* 0: the author is not known */
    bool repost;
    struct novel_reading read;
};

struct intake_count {
    uint64_t posts, named;             /* read; those that name a subject */
    uint64_t undated, future, ancient; /* left out for their time */
};

struct intake {
    const struct io_tree *tree;
    struct gist *gist; /* made before: the worker inherits it */
    struct post_options options;
    int64_t now_us;  /* the ingest time of posts that tell none, if ingest_now; and what is too
                      * far in the future */
    bool ingest_now; /* else the ingest time of a post that tells none is its own time */
    unsigned char key[INTAKE_KEY_BYTES]; /* of the hashes: authors are kept as no more than that */
    /* If volume is set, the worker counts threads by itself: of posts that name nothing no sighting
     * is told, and of the others the key is not set. Sites are told before their cells and in
     * order of their first post; cells of equal site and days are to be added up. */
    enum err (*site)(void *ctx, struct str name, struct str source, uint32_t *ret_number);
    enum err (*volume)(void *ctx, const struct volume_cell *cell);
    enum err (*sighting)(void *ctx, struct str file, const struct sighting *s);
    /* If words is set, posts are not asked for subjects: their terms are told, and nothing else. */
    struct novel_words *words; /* made before: the worker inherits it */
    enum err (*worded)(void *ctx, struct str file, const struct worded *w);
    enum err (*gap)(void *ctx, const struct errand_gap *gap);
    void *ctx;
    const volatile sig_atomic_t *interrupted; /* may be NULL */
    uint64_t bytes;                           /* read so far, unpacked */
    struct intake_count count;
    VEC(uint32_t) sites;        /* the numbers that `site` gave, by the worker's own */
    struct intake_tally *tally; /* the worker's own: it lasts from file to file */
};

/* A day since 1970 by its microseconds. */
static inline int32_t intake_day(int64_t time_us)
{
    int64_t day = time_us / US_PER_DAY;
    return (int32_t)(day - (time_us % US_PER_DAY < 0));
}

/* Adds what another intake counted. */
void intake_count_add(struct intake_count *to, const struct intake_count *from);
void intake_done(struct intake *intake);
/* END when it was interrupted. */
MUST_CHECK enum err intake_files(struct intake *intake, struct error *error);
/* The same for one file that is open already. */
MUST_CHECK enum err intake_file(struct intake *intake, struct str name, int file,
                                struct error *error);

#endif
