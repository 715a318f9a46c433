#include "codec/evlog.h"

/* How to add a format of event logs:
 * 1. Write codec/evlog_NAME.c with one struct evlog_format. It tells an event's fields by the flat
 *    names of docs/reference/events.md, whatever the format calls them.
 * 2. Declare it in evlog.h and add it below; the first that knows the start of a file reads it.
 * 3. Name its channels in data/events.yaml, so that rules find them.
 * 4. Add a test with real rows in tests/unit and a fuzz target in tests/fuzz. */
const struct evlog_format *const evlog_formats[] = {
    &evlog_evtx, &evlog_json, &evlog_audit,      &evlog_zeek,    &evlog_xml,    &evlog_iis,
    &evlog_task, &evlog_wer,  &evlog_transcript, &evlog_history, &evlog_syslog, NULL};

enum { MAX_FORMATS = 16 };

struct evlog {
    void *reader[MAX_FORMATS]; /* by place in the table; NULL: not met yet */
};

static int format_of(struct str head, struct str path)
{
    for (int i = 0; evlog_formats[i]; i++)
        if (evlog_formats[i]->knows(head, path))
            return i;
    return -1;
}

bool evlog_knows(struct str head, struct str path)
{
    return format_of(head, path) >= 0;
}

bool evlog_certain(struct str head)
{
    int i = format_of(head, STR_NONE);
    return i >= 0 && evlog_formats[i]->signature;
}

enum err evlog_new(struct evlog **ret_evlog)
{
    *ret_evlog = calloc(1, sizeof **ret_evlog);
    return *ret_evlog ? OK : ERR_NOMEM;
}

struct evlog *evlog_free(struct evlog *e)
{
    for (int i = 0; e && evlog_formats[i]; i++)
        if (e->reader[i])
            evlog_formats[i]->free(e->reader[i]);
    free(e);
    return NULL;
}

enum err evlog_read(struct evlog *e, struct str head, const struct evlog_source *source,
                    const struct rows_sink *sink, struct error *error)
{
    int i = format_of(head, source->path);
    if (i < 0 || i >= MAX_FORMATS)
        return ERR_BUG;
    const struct evlog_format *format = evlog_formats[i];
    if (e->reader[i] && format->full && format->full(e->reader[i])) {
        if (sink->forget)
            sink->forget(sink->ctx);
        format->free(e->reader[i]);
        e->reader[i] = NULL;
    }
    if (!e->reader[i])
        TRY(format->new (&e->reader[i]));
    return format->read(e->reader[i], source, sink, error);
}
