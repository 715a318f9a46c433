/* intake_priv.h — what the parts of the intake's worker share.
 *
 * What:   posts are gathered to batches, since the gist reads many at once faster than one by one.
 * Input:  posts of a reader: those that live no longer than its callback are copied.
 * Limits: INTAKE_POSTS and INTAKE_BATCH_BYTES a batch.
 * Owner:  intake_begin/intake_end.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_INTAKE_PRIV_H
#define WATCH_INTAKE_PRIV_H

#include "base/map.h"
#include "watch/intake.h"

enum {
    INTAKE_POSTS = 1024,
    INTAKE_BATCH_BYTES = GIST_BLOCK_BYTES,
};

/* Records of the worker. */
enum record {
    RECORD_SIGHTING,
    RECORD_VOLUME, /* a post that names nothing */
    RECORD_SITE,
    RECORD_CELL,
    RECORD_GAP,
    RECORD_COUNT,
    RECORD_WORDED
};

/* A post, for its site's volume. */
struct tallied {
    struct volume_cell cell;
    struct volume_place place;
    uint32_t recent; /* intake_tally.c's own */
};

struct intake_reader {
    struct intake *intake;
    struct errand_out *out;
    enum err (*told)(void *ctx, const struct sighting *s); /* ctx is the reader */
    struct intake_count count;
    struct arena arena; /* of a batch: what the text has no room for */
    char *text;         /* of its posts */
    struct post *post;
    struct reading *reading;
    struct tallied *tallied;
    size_t n, bytes;         /* bytes: of texts, copied or not */
    bool lasting;            /* some posts stand in the reader's window */
    uint64_t cut, first_cut; /* posts with a field that is too long; where the first one is */
    int64_t earliest_us;     /* posts before it are left out */
    void *mac, *mac_ctx;     /* EVP_MAC, EVP_MAC_CTX */
};

MUST_CHECK enum err intake_begin(struct intake_reader *r, struct error *error);
/* The post's clocks are set. Tells of it now or with one of the next. */
MUST_CHECK enum err intake_ask(struct intake_reader *r, const struct post *post);
/* Tells of all so far if the reader's window is about to move. */
MUST_CHECK enum err intake_settle(struct intake_reader *r);
/* Tells of the last ones; frees what the reader has. */
MUST_CHECK enum err intake_end(struct intake_reader *r);

/* What each site says, counted if the intake asks for it: the worker's own, from file to file. */
MUST_CHECK enum err intake_tally_begin(struct intake *in);
/* Fills in the item; the site is told if it is new. */
MUST_CHECK enum err intake_tally_soon(struct intake_reader *r, const struct post *post,
                                      uint64_t site_hash, uint64_t thread, struct tallied *item);
MUST_CHECK enum err intake_tally_add(struct intake_reader *r, const struct tallied *item);
/* All that was counted since the last time. */
MUST_CHECK enum err intake_tally_tell(struct intake_reader *r);

/* The front of a text, without a part of a character at its end. */
struct str intake_cut(struct str s, size_t max);
/* Posts before it are left out. */
int64_t intake_earliest_us(void);
/* Is it an item that is told? */
bool intake_keeps(enum item_kind kind);

/* In the coordinator: one record (intake_take.c). r->rc is set if it makes no sense. */
MUST_CHECK enum err intake_take(struct intake *in, struct str file, struct rd *r);

/* A post's terms (intake_words.c), as a record and back; what the coordinator keeps of it has the
 * same form. Of the bytes of a worker none is believed: r->rc is set if they make no sense. */
void intake_put_worded(struct buf *b, const struct worded *w);
void intake_take_worded(struct rd *r, struct worded *w, struct novel_span term[NOVEL_TERMS]);

/* Records (intake.c). */
void intake_put_site(struct errand_out *out, uint32_t number, struct str name, struct str source);
void intake_put_cell(struct errand_out *out, const struct volume_cell *cell);

#endif
