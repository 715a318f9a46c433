/* sink.h — where output goes, and whether it arrived.
 *
 * What:   a write function behind a buffer; the first failure sticks, so that a writer may go on
 *         appending and a full disk or a closed pipe is still reported at the end.
 * Input:  text that was escaped already.
 * Limits: SINK_MAX_BYTES between two calls of sink_flush or sink_pace.
 * Owner:  the sink owns its buffer until sink_done; ctx is the caller's.
 * Spec:   docs/reference/output.md "When writing fails"
 */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include "base/buf.h"

enum { SINK_FLUSH_BYTES = 64 * 1024, SINK_MAX_BYTES = 64 * 1024 * 1024 };

struct sink {
    /* Writes all n bytes, or fails. Not called again after a failure. */
    enum err (*write)(void *ctx, const void *p, size_t n);
    void *ctx;
    struct buf out; /* append here */
    enum err rc;    /* sticky */
};

void sink_init(struct sink *s, enum err (*write)(void *, const void *, size_t), void *ctx);
void sink_done(struct sink *s);
/* Hands on what is in the buffer when there is enough of it; to be called now and then, also in
 * the middle of a line. */
void sink_pace(struct sink *s);
/* Hands on everything; returns the sticky error. */
MUST_CHECK enum err sink_flush(struct sink *s);

#endif
