/* intake.h — posts from files: read, folded and asked for subjects in a worker that can do nothing
 *            but answer.
 *
 * What:   each file is opened by the coordinator and handed to a worker (watch/errand.h). Of a post
 *         that names a subject all is told that watch asks for; of any other only that there was
 *         one: it is the measure of how much its site says.
 * Input:  hostile files; what the worker sends is read with base/rd.h.
 * Limits: SIGHTING_TEXT_BYTES of a post's text, SIGHTING_SUBJECTS of its subjects.
 * Owner:  slices of a sighting live until its callback returns.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_INTAKE_H
#define WATCH_INTAKE_H

#include "codec/posts.h"
#include "model/subject.h"
#include "os/io.h"
#include "watch/pass.h"

enum {
    SIGHTING_TEXT_BYTES = 4096,
    SIGHTING_SUBJECTS = 64,
};

struct sighted {
    enum subject_kind kind;
    struct str name; /* canonical: "CVE-2021-26855", "Microsoft Exchange" */
    uint32_t at;     /* where it stands in the sighting's text; UINT32_MAX: not in that part */
};

/* A post and what it is about. */
struct sighting {
    struct post post;       /* time and ingest time always set; text and title within the limits */
    uint64_t thread, voice; /* keyed hashes; a post without a thread is one of its own */
    bool voiced;            /* the author is known: else voice stands for the site */
    struct sighted *subject;
    size_t n_subjects; /* 0: told for the volume of its site only; post has but site and times */
    size_t named;      /* subjects of the post, those beyond the limit too */
    enum intent intent;
    struct str intent_phrase;
    struct str_list technique;
    uint64_t text_hash; /* of the normalised text */
    uint64_t sketch[8]; /* for near duplicates */
    bool sketched;
};

struct intake_gap {
    struct str file; /* p == NULL: the whole run */
    uint64_t offset;
    struct str reason, detail;
};

struct intake {
    const struct io_tree *tree;
    const struct extract_lists *lists;
    struct post_options options;
    unsigned year_max;
    int64_t now_us;  /* the ingest time of posts that tell none, if ingest_now; and what is too
                      * far in the future */
    bool ingest_now; /* else the ingest time of a post that tells none is its own time */
    unsigned char key[16]; /* of the hashes: names of authors stay inside the worker */
    enum err (*sighting)(void *ctx, struct str file, const struct sighting *s);
    enum err (*gap)(void *ctx, const struct intake_gap *gap);
    void *ctx;
    const volatile sig_atomic_t *interrupted; /* may be NULL */
    uint64_t bytes, posts;                    /* read so far */
    uint64_t undated, future, ancient;        /* posts that were left out for their time */
};

/* END when it was interrupted. */
MUST_CHECK enum err intake_files(struct intake *intake, struct error *error);

#endif
