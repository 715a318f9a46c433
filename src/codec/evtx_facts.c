#include "codec/evtx.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static enum err say(const struct rows_sink *sink, const char *reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum err say(const struct rows_sink *sink, const char *reason, const char *format, ...)
{
    char detail[200];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    return sink->gap(sink->ctx, 0, str_of(reason), str_of(detail));
}

/* Between the records that are there. */
static enum err tell_between(const struct evtx_facts *f, const struct rows_sink *sink)
{
    enum err rc = OK;
    if (f->missing_ids)
        rc = say(sink, "records-missing",
                 "%" PRIu64 " record numbers between %" PRIu64 " and %" PRIu64
                 " are not there: left out by an export, or removed",
                 f->missing_ids, f->first_id, f->last_id);
    if (!rc && f->twice_ids)
        rc = say(sink, "records-twice",
                 "%" PRIu64 " records have numbers that others between %" PRIu64 " and %" PRIu64
                 " have: copies of other records stand in their place",
                 f->twice_ids, f->first_id, f->last_id);
    return rc;
}

/* At the end, by what an orderly header tells. */
static enum err tell_end(const struct evtx_facts *f, const struct rows_sink *sink)
{
    enum err rc = OK;
    if (f->told_chunks > f->chunks)
        rc = say(sink, "records-missing",
                 "the file's header counts %" PRIu64 " chunks, %" PRIu64
                 " are there: the file was cut, or they were removed",
                 f->told_chunks, f->chunks);
    if (!rc && f->records && f->next_id > f->last_id && f->next_id - 1 > f->last_id)
        rc = say(sink, "records-missing",
                 "the file's header tells %" PRIu64 " as the next number, the last one is %" PRIu64
                 ": the last records were removed",
                 f->next_id, f->last_id);
    return rc;
}

enum err evtx_facts_tell(const struct evtx_facts *f, const struct rows_sink *sink)
{
    enum err rc = OK;
    if (f->chunks + f->uncounted + f->unsigned_chunks == 0)
        rc = say(sink, "chunk", "no chunk follows the header: there is nothing to read");
    if (!rc)
        rc = tell_between(f, sink);
    if (!rc)
        rc = tell_end(f, sink);
    return rc ? rc : evtx_clock_tell(&f->clock, sink);
}
