#include "codec/evlog.h"
#include "codec/evtx.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

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

static void on_forget(void *ctx)
{
    const struct reader *r = ctx;
    if (r->sink->forget)
        r->sink->forget(r->sink->ctx);
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
    struct evtx_options options = {.sink = {on_rows, on_gap, r, on_forget}};
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

static enum err say(struct reader *r, const char *reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum err say(struct reader *r, const char *reason, const char *format, ...)
{
    char detail[200];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    return r->sink->gap(r->sink->ctx, 0, str_of(reason), str_of(detail));
}

/* Numbers run on by one in a log, up to the next one that its header tells, and no two records have
 * the same. */
static enum err tell_numbers(struct reader *r)
{
    const struct evtx_facts *f = evtx_facts(r->evtx);
    enum err rc = OK;
    if (f->missing_ids)
        rc = say(r, "records-missing",
                 "%" PRIu64 " record numbers between %" PRIu64 " and %" PRIu64
                 " are not there: left out by an export, or removed",
                 f->missing_ids, f->first_id, f->last_id);
    if (!rc && f->twice_ids)
        rc = say(r, "records-twice",
                 "%" PRIu64 " records have numbers that others between %" PRIu64 " and %" PRIu64
                 " have: copies of other records stand in their place",
                 f->twice_ids, f->first_id, f->last_id);
    if (!rc && f->told_chunks > f->chunks)
        rc = say(r, "records-missing",
                 "the file's header counts %" PRIu64 " chunks, %" PRIu64
                 " are there: the file was cut, or they were removed",
                 f->told_chunks, f->chunks);
    if (!rc && f->records && f->next_id > f->last_id && f->next_id - 1 > f->last_id)
        rc = say(r, "records-missing",
                 "the file's header tells %" PRIu64 " as the next number, the last one is %" PRIu64
                 ": the last records were removed",
                 f->next_id, f->last_id);
    return rc;
}

static enum err reader_read(void *reader, const struct evlog_source *source,
                            const struct rows_sink *sink, struct error *error)
{
    struct reader *r = reader;
    r->sink = sink;
    enum err rc = read_chunks(r, source, error);
    enum err ended = evtx_end(r->evtx);
    if (!rc && !ended)
        ended = tell_numbers(r);
    return rc ? rc : ended;
}

const struct evlog_format evlog_evtx = {.name = "Windows event log",
                                        .knows = evtx_knows,
                                        .new = reader_new,
                                        .read = reader_read,
                                        .free = reader_free};
