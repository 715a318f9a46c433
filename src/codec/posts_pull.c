#include "codec/posts_priv.h"

#include <stdlib.h>

enum { FIRST_BYTES = 256 * 1024 };

void pull_open(struct post_reader *r, struct stream *stream)
{
    r->stream = stream;
    r->offset = stream_mark(stream);
    arena_init(&r->arena, POSTS_ARENA_BYTES);
}

void pull_close(struct post_reader *r)
{
    arena_done(&r->arena);
    free(r->p);
    r->p = NULL;
}

enum err pull_settle(struct post_reader *r)
{
    enum err rc = r->sink->settle ? r->sink->settle(r->sink->ctx) : OK;
    if (rc && !r->stopped)
        r->stopped = rc;
    return rc;
}

/* Room behind r->to: what was taken goes, else the window grows. */
static enum err make_room(struct post_reader *r)
{
    if (r->to < r->cap)
        return OK;
    enum err rc = pull_settle(r);
    if (rc)
        return rc;
    if (r->from) {
        memmove(r->p, r->p + r->from, r->to - r->from);
        r->to -= r->from;
        r->from = 0;
        return OK;
    }
    size_t cap = r->cap ? r->cap * 2 : FIRST_BYTES;
    if (cap > POSTS_WINDOW_BYTES)
        cap = POSTS_WINDOW_BYTES;
    if (cap == r->cap)
        return ERR_LIMIT;
    char *p = realloc(r->p, cap);
    if (!p)
        return fail(r->error, ERR_NOMEM, "out of memory");
    r->p = p;
    r->cap = cap;
    return OK;
}

enum err pull_fill(struct post_reader *r)
{
    size_t n = 0;
    if (r->ended)
        return r->ended;
    enum err rc = make_room(r);
    if (rc)
        return rc;
    r->ended = stream_read(r->stream, r->p + r->to, r->cap - r->to, &n, r->error);
    if (!r->ended && n == 0)
        r->ended = END;
    r->to += n;
    return n ? OK : r->ended;
}

/* The line that fills the whole window, and what follows to its end. */
static enum err skip_line(struct post_reader *r)
{
    enum err rc = post_gap(r, r->offset, POST_TOO_LONG, STR("a line"));
    while (!rc) {
        struct str view = pull_view(r);
        ptrdiff_t at = str_chr(view, '\n');
        pull_take(r, at < 0 ? view.n : (size_t)at + 1);
        if (at >= 0)
            return OK;
        rc = pull_fill(r);
    }
    return rc;
}

static struct str take_line(struct post_reader *r, size_t n, size_t line_end)
{
    struct str line = str_make(r->p + r->from, n);
    pull_take(r, n + line_end);
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

enum err pull_line(struct post_reader *r, struct str *ret_line, uint64_t *ret_offset)
{
    for (size_t seen = 0;;) {
        struct str view = pull_view(r);
        const char *end = view.n > seen ? memchr(view.p + seen, '\n', view.n - seen) : NULL;
        *ret_offset = r->offset;
        if (end) {
            *ret_line = take_line(r, (size_t)(end - view.p), 1);
            return OK;
        }
        seen = view.n;
        enum err rc = pull_fill(r);
        if (rc == ERR_LIMIT && seen == POSTS_WINDOW_BYTES) {
            rc = skip_line(r);
            seen = 0;
        }
        if (rc && view.n && !r->stopped && r->to > r->from) {
            *ret_line = take_line(r, r->to - r->from, 0);
            return OK;
        }
        if (rc)
            return rc;
    }
}

enum err post_give(struct post_reader *r, struct post *post)
{
    if (!post->site.n)
        post->site = r->options->name;
    r->stopped = r->sink->post(r->sink->ctx, post);
    return r->stopped;
}

enum err post_gap(struct post_reader *r, uint64_t offset, struct str reason, struct str detail)
{
    r->stopped = r->sink->gap(r->sink->ctx, offset, reason, detail);
    return r->stopped;
}
