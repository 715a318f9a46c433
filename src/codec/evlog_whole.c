#include "codec/evlog_whole.h"

#include <stdlib.h>

enum { STEP_BYTES = 64 * 1024 };

enum err whole_new(size_t reader_bytes, void **ret_reader)
{
    struct whole *w = calloc(1, reader_bytes);
    *ret_reader = w;
    if (!w)
        return ERR_NOMEM;
    maker_init(&w->maker);
    return OK;
}

void whole_free(void *reader)
{
    struct whole *w = reader;
    maker_done(&w->maker);
    free(w);
}

bool whole_full(const void *reader)
{
    const struct whole *w = reader;
    return maker_full(&w->maker);
}

/* What came before damage is read; the damage is told by who called. */
static enum err gather(const struct evlog_source *source, struct buf *text, bool *ret_cut,
                       struct error *error)
{
    for (size_t n = 1; n;) {
        char *p = buf_reserve(text, STEP_BYTES);
        *ret_cut = text->rc == ERR_LIMIT;
        if (!p)
            return *ret_cut ? OK : text->rc;
        TRY(source->read(source->ctx, p, STEP_BYTES, &n, error));
        text->n += n;
    }
    return OK;
}

enum err whole_read(void *reader, whole_parse *parse, const struct evlog_source *source,
                    const struct rows_sink *sink, struct error *error)
{
    struct whole *w = reader;
    struct buf text;
    bool cut = false;
    buf_init(&text, WHOLE_BYTES + STEP_BYTES);
    w->path = source->path;
    w->sink = sink;
    maker_open(&w->maker, sink);
    enum err rc = gather(source, &text, &cut, error);
    bool damaged = rc == ERR_FORMAT || rc == ERR_LIMIT || rc == ERR_IO;
    enum err parsed = !rc || damaged ? parse(w, str_make(text.p ? text.p : "", text.n)) : OK;
    if (!parsed && cut)
        parsed = whole_gap(w, text.n, "limit", "only the first 16 MiB were read");
    enum err flushed = maker_flush(&w->maker);
    buf_done(&text);
    w->path = STR_NONE;
    return parsed ? parsed : flushed ? flushed : rc;
}

enum err whole_begin(struct whole *w, const char *channel)
{
    maker_begin(&w->maker);
    return maker_put_named(&w->maker, "Channel", str_of(channel));
}

enum err whole_put(struct whole *w, const char *name, struct str value)
{
    if (value.n == 0)
        return OK;
    struct str copy = arena_str(&w->maker.scratch, value);
    if (!copy.p) {
        w->maker.too_many = true;
        return OK;
    }
    enum err rc = maker_put_named(&w->maker, name, copy);
    w->maker.too_many |= rc == ERR_LIMIT; /* told by maker_end */
    return rc == ERR_LIMIT ? OK : rc;
}

enum err whole_end(struct whole *w, uint64_t offset, uint64_t line, int64_t time_us)
{
    struct row_place place = {offset, line, time_us};
    return maker_end(&w->maker, &place);
}

enum err whole_gap(struct whole *w, uint64_t offset, const char *reason, const char *detail)
{
    return w->sink->gap(w->sink->ctx, offset, str_of(reason), str_of(detail));
}
