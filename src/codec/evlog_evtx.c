#include "codec/evlog.h"
#include "codec/evtx.h"

#include <inttypes.h>

/* Windows event logs from a stream: the header, then one chunk after the other. */

struct reader {
    struct evtx *evtx;
    const struct rows_sink *sink; /* of the file at hand */
    char chunk[EVTX_CHUNK_BYTES];
};

static enum err on_rows(void *ctx, const struct rows *rows)
{
    const struct reader *r = ctx;
    return r->sink->rows(r->sink->ctx, rows);
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    const struct reader *r = ctx;
    return r->sink->gap(r->sink->ctx, offset, reason, detail);
}

static bool evtx_knows(struct str head)
{
    return str_starts(head, str_make("ElfFile\0", 8)) || str_starts(head, str_make("ElfChnk\0", 8));
}

static enum err reader_new(void **ret_reader)
{
    struct reader *r = calloc(1, sizeof *r);
    *ret_reader = r;
    if (!r)
        return ERR_NOMEM;
    struct evtx_options options = {.sink = {on_rows, on_gap, r}};
    return evtx_new(&options, &r->evtx);
}

static void reader_free(void *reader)
{
    struct reader *r = reader;
    r->evtx = evtx_free(r->evtx);
    free(r);
}

/* As many bytes as asked for, unless the log ends. */
static enum err read_whole(const struct evlog_source *source, char *p, size_t n, size_t *ret_n,
                           struct error *error)
{
    size_t got = 1;
    for (*ret_n = 0; *ret_n < n && got; *ret_n += got)
        TRY(source->read(source->ctx, p + *ret_n, n - *ret_n, &got, error));
    return OK;
}

static enum err read_chunks(struct reader *r, const struct evlog_source *source,
                            struct error *error)
{
    uint64_t offset = EVTX_HEADER_BYTES;
    size_t n;
    TRY(read_whole(source, r->chunk, EVTX_HEADER_BYTES, &n, error));
    TRY(evtx_header(r->evtx, str_make(r->chunk, n)));
    if (n < EVTX_HEADER_BYTES)
        return OK;
    do {
        TRY(read_whole(source, r->chunk, sizeof r->chunk, &n, error));
        if (n)
            TRY(evtx_chunk(r->evtx, str_make(r->chunk, n), offset));
        offset += n;
    } while (n == sizeof r->chunk);
    return OK;
}

/* Numbers run on by one in a log. Those that are not there were left out by an export, or removed.
 */
static enum err tell_missing(struct reader *r)
{
    const struct evtx_facts *f = evtx_facts(r->evtx);
    char detail[160];
    if (f->missing_ids == 0)
        return OK;
    (void)snprintf(detail, sizeof detail,
                   "%" PRIu64 " record numbers between %" PRIu64 " and %" PRIu64
                   " are not there: left out by an export, or removed",
                   f->missing_ids, f->first_id, f->last_id);
    return r->sink->gap(r->sink->ctx, 0, STR("records-missing"), str_of(detail));
}

static enum err reader_read(void *reader, const struct evlog_source *source,
                            const struct rows_sink *sink, struct error *error)
{
    struct reader *r = reader;
    r->sink = sink;
    enum err rc = read_chunks(r, source, error);
    enum err ended = evtx_end(r->evtx);
    if (!rc && !ended)
        ended = tell_missing(r);
    return rc ? rc : ended;
}

const struct evlog_format evlog_evtx = {.name = "Windows event log",
                                        .knows = evtx_knows,
                                        .new = reader_new,
                                        .read = reader_read,
                                        .free = reader_free};
