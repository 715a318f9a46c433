#include "output/sink.h"

void sink_init(struct sink *s, enum err (*write)(void *, const void *, size_t), void *ctx)
{
    *s = (struct sink){.write = write, .ctx = ctx};
    buf_init(&s->out, SINK_MAX_BYTES);
}

void sink_done(struct sink *s)
{
    buf_done(&s->out);
}

enum err sink_flush(struct sink *s)
{
    if (!s->rc && s->out.rc)
        s->rc = s->out.rc;
    if (!s->rc && s->out.n)
        s->rc = s->write(s->ctx, s->out.p, s->out.n);
    buf_reset(&s->out);
    return s->rc;
}

void sink_pace(struct sink *s)
{
    if (s->out.n >= SINK_FLUSH_BYTES || s->out.rc)
        (void)!sink_flush(s);
}
