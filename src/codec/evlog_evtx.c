#include "codec/evlog.h"
#include "codec/evtx.h"

#include <inttypes.h>
#include <stdio.h>

/* Windows event logs from a stream: the header, then one chunk after the other. Where no chunk is,
 * the next one is looked for, and a header begins another log. */

enum { SIGNATURE_BYTES = 8, WINDOW_BYTES = EVTX_CHUNK_BYTES + SIGNATURE_BYTES };
#define FILE_SIGNATURE str_make("ElfFile\0", SIGNATURE_BYTES)
#define CHUNK_SIGNATURE str_make("ElfChnk\0", SIGNATURE_BYTES)

struct reader {
    struct evtx *evtx;
    const struct rows_sink *sink; /* of the file at hand */
    uint64_t at;                  /* where the window begins */
    size_t n;
    enum err broken;  /* the source failed */
    uint64_t lost;    /* carved records that cannot be read, */
    uint64_t lost_at; /* and where the first one stands */
    char window[WINDOW_BYTES];
};

static enum err on_rows(void *ctx, const struct rows *rows)
{
    const struct reader *r = ctx;
    return r->sink->rows(r->sink->ctx, rows);
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    struct reader *r = ctx;
    if (!str_eq(reason, STR("carved-record")))
        return r->sink->gap(r->sink->ctx, offset, reason, detail);
    r->lost_at = r->lost++ ? r->lost_at : offset;
    return OK;
}

static void on_forget(void *ctx)
{
    const struct reader *r = ctx;
    if (r->sink->forget)
        r->sink->forget(r->sink->ctx);
}

static bool evtx_knows(struct str head, struct str path)
{
    (void)path;
    return str_starts(head, FILE_SIGNATURE) || str_starts(head, CHUNK_SIGNATURE);
}

static enum err reader_new(void **ret_reader)
{
    struct reader *r = calloc(1, sizeof *r);
    *ret_reader = r;
    if (!r)
        return ERR_NOMEM;
    struct evtx_options options = {.sink = {on_rows, on_gap, r, on_forget, NULL}};
    return evtx_new(&options, &r->evtx);
}

static void reader_free(void *reader)
{
    struct reader *r = reader;
    r->evtx = evtx_free(r->evtx);
    free(r);
}

/* Drops so many bytes of the window. */
static void go_on(struct reader *r, size_t n)
{
    r->n -= n;
    r->at += n;
    memmove(r->window, r->window + n, r->n);
}

/* What can be read no more ends the log; what was read before it stays. */
static void fill(struct reader *r, const struct evlog_source *source, struct error *error)
{
    size_t got = 1;
    for (; r->n < WINDOW_BYTES && got && !r->broken; r->n += got) {
        got = 0;
        r->broken = source->read(source->ctx, r->window + r->n, WINDOW_BYTES - r->n, &got, error);
    }
}

/* A log begins here; the bytes of its header, if it has one, are behind us. */
static enum err begin(struct reader *r)
{
    uint64_t at = r->at;
    struct str head = str_make(r->window, r->n < EVTX_HEADER_BYTES ? r->n : EVTX_HEADER_BYTES);
    TRY(evtx_header(r->evtx, head));
    evtx_shift(r->evtx, at);
    if (str_starts(head, FILE_SIGNATURE))
        go_on(r, head.n);
    return OK;
}

/* Most of what is left of old records has lost the template that it refers to. */
static enum err tell_carved(struct reader *r)
{
    uint64_t n = r->lost;
    char detail[120];
    r->lost = 0;
    if (!n)
        return OK;
    (void)snprintf(detail, sizeof detail,
                   "%" PRIu64 " carved records cannot be read any more; this is the first", n);
    return r->sink->gap(r->sink->ctx, r->lost_at, STR("carved-record"), str_of(detail));
}

static enum err end(struct reader *r)
{
    TRY(evtx_end(r->evtx));
    TRY(tell_carved(r));
    return evtx_facts_tell(evtx_facts(r->evtx), r->sink);
}

/* Pages of nothing that a text begins with: most of a log that was never full. */
static size_t zeros(struct str s)
{
    enum { PAGE = 4096 };
    size_t n = 0;
    while (s.n - n >= PAGE && s.p[n] == 0 && memcmp(s.p + n, s.p + n + 1, PAGE - 1) == 0)
        n += PAGE;
    return n;
}

/* The first of both signatures, window.n if there is none. */
static size_t next_signature(struct str window)
{
    size_t from = zeros(window);
    struct str rest = str_sub(window, from, window.n);
    ptrdiff_t chunk = str_find(rest, CHUNK_SIGNATURE);
    ptrdiff_t file = str_find(rest, FILE_SIGNATURE);
    ptrdiff_t first = chunk < 0 || (file >= 0 && file < chunk) ? file : chunk;
    return first < 0 ? window.n : from + (size_t)first;
}

/* No signature stands where the window begins. If one stands where the next chunk is expected, this
 * one is damaged, and what its bytes look like leads nowhere. */
static enum err out_of_step(struct reader *r, bool *ret_found)
{
    struct str window = str_make(r->window, r->n);
    char detail[120];
    size_t next = next_signature(window);
    *ret_found = next < EVTX_CHUNK_BYTES && next < r->n &&
                 !evtx_knows(str_sub(window, EVTX_CHUNK_BYTES, window.n), STR_NONE);
    if (!*ret_found)
        return OK;
    (void)snprintf(detail, sizeof detail, "%zu bytes up to the next chunk or log are no chunk",
                   next);
    TRY(r->sink->gap(r->sink->ctx, r->at, STR("chunk"), str_of(detail)));
    TRY(evtx_slack(r->evtx, str_sub(window, 0, next), r->at));
    evtx_shift(r->evtx, next);
    go_on(r, next);
    return OK;
}

static enum err read_chunks(struct reader *r, const struct evlog_source *source,
                            struct error *error)
{
    bool found;
    r->at = r->n = 0;
    r->broken = OK;
    fill(r, source, error);
    TRY(begin(r));
    for (;;) {
        fill(r, source, error);
        struct str window = str_make(r->window, r->n);
        if (r->n == 0)
            return r->broken;
        if (str_starts(window, FILE_SIGNATURE)) {
            TRY(end(r));
            TRY(begin(r));
            continue;
        }
        if (!str_starts(window, CHUNK_SIGNATURE)) {
            TRY(out_of_step(r, &found));
            if (found)
                continue;
        }
        size_t n = r->n < EVTX_CHUNK_BYTES ? r->n : EVTX_CHUNK_BYTES;
        TRY(evtx_chunk(r->evtx, str_sub(window, 0, n), r->at));
        go_on(r, n);
    }
}

static enum err reader_read(void *reader, const struct evlog_source *source,
                            const struct rows_sink *sink, struct error *error)
{
    struct reader *r = reader;
    r->sink = sink;
    r->lost = 0;
    evtx_carve(r->evtx, source->carve ? EVTX_CARVE_APART : EVTX_CARVE_NOTHING);
    enum err rc = read_chunks(r, source, error);
    enum err ended = evtx_end(r->evtx);
    if (!ended)
        ended = tell_carved(r);
    if (!rc && !ended)
        ended = evtx_facts_tell(evtx_facts(r->evtx), r->sink);
    return rc ? rc : ended;
}

const struct evlog_format evlog_evtx = {.name = "Windows event log",
                                        .knows = evtx_knows,
                                        .signature = true,
                                        .new = reader_new,
                                        .read = reader_read,
                                        .free = reader_free};
