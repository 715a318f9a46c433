/* intake_priv.h — what the two halves of the intake's worker share.
 *
 * What:   posts are gathered to batches, since the gist reads many at once faster than one by one.
 * Input:  posts of a reader: they live no longer than its callback, so they are copied.
 * Limits: INTAKE_POSTS and INTAKE_BATCH_BYTES a batch.
 * Owner:  intake_begin/intake_end.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_INTAKE_PRIV_H
#define WATCH_INTAKE_PRIV_H

#include "watch/intake.h"

enum {
    INTAKE_POSTS = 1024,
    INTAKE_BATCH_BYTES = GIST_BLOCK_BYTES,
};

struct intake_reader {
    struct intake *intake;
    struct errand_out *out;
    enum err (*told)(void *ctx, const struct sighting *s); /* ctx is the reader */
    struct intake_count count;
    struct arena arena; /* of a batch */
    struct post *post;
    struct reading *reading;
    size_t n, bytes;
    void *mac, *mac_ctx; /* EVP_MAC, EVP_MAC_CTX */
};

MUST_CHECK enum err intake_begin(struct intake_reader *r, struct error *error);
/* The post's clocks are set. Tells of it now or with one of the next. */
MUST_CHECK enum err intake_ask(struct intake_reader *r, const struct post *post);
/* Tells of the last ones; frees what the reader has. */
MUST_CHECK enum err intake_end(struct intake_reader *r);

#endif
