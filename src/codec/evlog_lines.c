#include "codec/evlog_lines.h"

#include "codec/line.h"

enum { FIRST_BYTES = 256 * 1024, HEAD_LINES = 20 };

void lines_init(struct lines *l, const char *about)
{
    maker_init(&l->maker);
    l->about = about;
    l->end = STR("\n");
}

bool lines_full(const void *reader)
{
    const struct lines *l = reader;
    return maker_full(&l->maker);
}

void lines_done(struct lines *l)
{
    maker_done(&l->maker);
    free(l->window);
}

static enum err not_understood(struct lines *l, struct str line)
{
    maker_raw(&l->maker);
    TRY(maker_put_named(&l->maker, "Channel", str_of(l->about)));
    return maker_put_named(&l->maker, "message", line);
}

static enum err take(struct lines *l, lines_parse *parse, struct str line,
                     const struct rows_sink *sink)
{
    struct row_place place = {l->offset, ++l->number, TIME_NONE};
    l->record = l->number;
    line = line_bare(line);
    if (line_blank(line))
        return OK;
    maker_begin(&l->maker);
    enum err rc = parse(l, line, &place.time_us);
    if (rc == ERR_FORMAT) {
        maker_begin(&l->maker);
        place.time_us = TIME_NONE;
        rc = not_understood(l, line);
    }
    if (rc == ERR_LIMIT)
        return sink->gap(sink->ctx, l->offset, STR("limit"),
                         str_of(maker_why(&l->maker, "an event too large")));
    place.record_id = l->record;
    return rc ? rc : maker_end(&l->maker, &place);
}

static enum err fill(struct lines *l, const struct evlog_source *source, size_t *ret_n,
                     struct error *error)
{
    if (l->from)
        memmove(l->window, l->window + l->from, l->to - l->from);
    l->to -= l->from;
    l->from = 0;
    if (l->to == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : FIRST_BYTES;
        char *p = cap > EVLOG_EVENT_BYTES ? NULL : realloc(l->window, cap);
        if (!p)
            return cap > EVLOG_EVENT_BYTES ? ERR_LIMIT : ERR_NOMEM;
        l->window = p;
        l->cap = cap;
    }
    TRY(source->read(source->ctx, l->window + l->to, l->cap - l->to, ret_n, error));
    l->to += *ret_n;
    return OK;
}

static void forward(struct lines *l, size_t n)
{
    l->from += n;
    l->offset += n;
    l->seen = 0;
}

/* The lines of the window; the last one stays in it, unless the text ends there. */
static enum err take_lines(struct lines *l, lines_parse *parse, bool last, bool *skipping,
                           const struct rows_sink *sink)
{
    while (l->from < l->to) {
        const char *p = l->window + l->from;
        size_t have = l->to - l->from, n = have;
        ptrdiff_t at = str_find(str_make(p + l->seen, have - l->seen), l->end);
        bool whole = at >= 0;
        if (whole)
            n = l->seen + (size_t)at + l->end.n;
        l->seen = have < l->end.n ? 0 : have - l->end.n + 1;
        if (!whole && !last)
            return OK;
        if (!*skipping)
            TRY(take(l, parse, str_make(p, n - (whole && l->end.n == 1)), sink));
        *skipping = false;
        forward(l, n);
    }
    return OK;
}

static enum err read_on(struct lines *l, lines_parse *parse, const struct evlog_source *source,
                        const struct rows_sink *sink, struct error *error)
{
    bool last = false, skipping = false;
    while (!last) {
        size_t n = 1;
        enum err rc = fill(l, source, &n, error);
        if (rc == ERR_LIMIT && l->to == l->cap) { /* of the window, not of the source */
            if (!skipping)
                TRY(sink->gap(sink->ctx, l->offset, STR("limit"),
                              STR("an event longer than 4 MiB")));
            skipping = true;
            forward(l, l->to - l->from);
            continue;
        }
        TRY(rc);
        last = n == 0;
        TRY(take_lines(l, parse, last, &skipping, sink));
    }
    return OK;
}

enum err lines_read(struct lines *l, lines_parse *parse, const struct evlog_source *source,
                    const struct rows_sink *sink, struct error *error)
{
    l->from = l->to = l->seen = 0;
    l->offset = l->number = 0;
    maker_open(&l->maker, sink);
    enum err rc = read_on(l, parse, source, sink, error);
    enum err flushed = maker_flush(&l->maker);
    return rc ? rc : flushed;
}

size_t lines_known(struct str head, bool (*knows)(struct str line), size_t *ret_all)
{
    struct str line;
    bool whole;
    size_t known = 0;
    *ret_all = 0;
    while (*ret_all < HEAD_LINES && line_next(&head, &line, &whole)) {
        line = line_bare(line);
        if (line_blank(line) || line.p[0] == '#' || (!whole && *ret_all))
            continue;
        ++*ret_all;
        known += knows(line);
    }
    return known;
}

bool lines_pair(struct str *rest, struct str *ret_key, struct str *ret_value, bool *ret_quoted)
{
    for (;;) {
        struct str s = str_trim(*rest);
        size_t n = 0, end;
        while (n < s.n && s.p[n] != '=' && s.p[n] != ' ')
            n++;
        if (n == s.n)
            return false;
        *ret_key = str_sub(s, 0, n);
        *rest = str_sub(s, n + 1, s.n);
        if (s.p[n] == ' ') /* a word by itself */
            continue;
        char quote = rest->n && (rest->p[0] == '"' || rest->p[0] == '\'') ? rest->p[0] : 0;
        *ret_quoted = quote != 0;
        struct str inner = quote ? str_sub(*rest, 1, rest->n) : *rest;
        ptrdiff_t at = str_chr(inner, quote ? quote : ' ');
        end = at < 0 ? inner.n : (size_t)at;
        *ret_value = str_sub(inner, 0, end);
        *rest = str_sub(inner, end + (at >= 0), inner.n);
        return true;
    }
}
