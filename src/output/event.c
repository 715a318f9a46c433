#include "output/event.h"

#include "output/escape.h"
#include "output/roles.h"

#include <stdio.h>

enum { HOST_COLUMNS = 16, KIND_COLUMNS = 13, KEYWORD_BYTES = 8000 };

static void end_line(struct sink *s, struct json *j)
{
    json_line(j);
    if (j->rc && !s->rc)
        s->rc = j->rc;
    sink_pace(s);
}

/* ---- for people ---- */

static void pad(struct buf *b, struct str s, size_t columns, bool ascii)
{
    size_t used = escape_columns(s, ascii);
    escape_terminal(b, s, ascii);
    for (; used < columns; used++)
        buf_putc(b, ' ');
    buf_puts(b, "  ");
}

static void put_text(struct sink *s, const struct event *e, const struct print_options *options)
{
    struct buf *b = &s->out;
    char time[32];
    buf_printf(b, "%-19s  ", time_short(e->time_us, true, time));
    pad(b, e->host.n ? e->host : STR("-"), HOST_COLUMNS, options->ascii);
    pad(b, e->grade.n ? e->grade : e->kind, KIND_COLUMNS, options->ascii);
    escape_terminal(b, e->message, options->ascii);
    if (e->source.n) {
        buf_puts(b, "  [");
        escape_terminal(b, e->source, options->ascii);
        buf_putc(b, ']');
    }
    buf_putc(b, '\n');
    sink_pace(s);
}

/* ---- for programs ---- */

void json_event(struct json *j, const struct event *e)
{
    json_object(j, NULL);
    json_text(j, "type", "event");
    json_time(j, "time", e->time_us);
    json_str(j, "host", e->host);
    json_str(j, "kind", e->kind);
    json_str(j, "message", e->message);
    json_str(j, "source", e->source);
    json_str(j, "ref", e->ref);
    json_str(j, "dossier", e->dossier);
    json_str(j, "grade", e->grade);
    json_end(j);
}

static void put_json(struct sink *s, const struct event *e, const struct print_options *options)
{
    struct json j;
    (void)options;
    json_init(&j, &s->out);
    json_event(&j, e);
    end_line(s, &j);
}

static void cell(struct buf *b, struct str text, const char *end)
{
    escape_csv(b, text);
    buf_puts(b, end);
}

static void put_csv(struct sink *s, const struct event *e, const struct print_options *options)
{
    struct buf *b = &s->out;
    (void)options;
    if (time_printable(e->time_us))
        time_add(b, e->time_us);
    buf_putc(b, ',');
    cell(b, e->host, ",");
    cell(b, e->kind, ",");
    cell(b, e->grade, ",");
    cell(b, e->message, ",");
    cell(b, e->source, ",");
    cell(b, e->dossier, ",");
    cell(b, e->ref, "\r\n");
    sink_pace(s);
}

/* What the time is of, in the words that Timesketch shows. */
static const char *described(struct str kind)
{
    static const char *const words[][2] = {
        {"finding", "Request Time"},         {"alert", "Chatter Alert"},
        {"fixed", "Patch Installed"},        {"logs-begin", "Log Coverage Begins"},
        {"logs-end", "Log Coverage Ends"},   {"silence-begin", "Log Silence Begins"},
        {"silence-end", "Log Silence Ends"}, {"public", "Published"},
        {"exposure", "Exposure Changed"},    {"note", "Note Taken"}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(kind, str_of(words[i][0])))
            return words[i][1];
    return "Event Time";
}

static void short_str(struct json *j, const char *key, struct str value)
{
    if (value.n)
        json_str(j, key, text_head(value, KEYWORD_BYTES));
}

/* Its importer asks for message, datetime and timestamp_desc; timestamp must be the same instant.
 */
static void put_timesketch(struct sink *s, const struct event *e,
                           const struct print_options *options)
{
    struct json j;
    char text[40];
    struct civil c = time_civil(e->time_us);
    (void)options;
    (void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00", c.year, c.month,
                   c.day, c.hour, c.minute, c.second, c.us);
    json_init(&j, &s->out);
    json_object(&j, NULL);
    json_str(&j, "message", text_head(e->message, KEYWORD_BYTES));
    json_text(&j, "datetime", text);
    json_i64(&j, "timestamp", e->time_us);
    json_text(&j, "timestamp_desc", described(e->kind));
    json_text(&j, "data_type", "tocsin:event");
    json_text(&j, "source_short", "TOCSIN");
    json_array(&j, "tag");
    json_text(&j, NULL, "tocsin");
    short_str(&j, NULL, e->kind);
    short_str(&j, NULL, e->grade);
    json_end(&j);
    short_str(&j, "hostname", e->host);
    short_str(&j, "evidence", e->source);
    short_str(&j, "dossier", e->dossier);
    short_str(&j, "ref", e->ref);
    json_end(&j);
    end_line(s, &j);
}

/* How to add a format: a function above, one line here, and its page in
 * docs/reference/timeline.md. */
const struct event_format event_formats[] = {
    {"text", "for people", NULL, put_text},
    {"json", "JSON Lines", NULL, put_json},
    {"csv", "a row an event", "time,host,kind,grade,message,source,dossier,ref\r\n", put_csv},
    {"timesketch", "JSON Lines that Timesketch imports", NULL, put_timesketch},
    {0},
};

const struct event_format *event_format_find(struct str name)
{
    for (const struct event_format *f = event_formats; f->name; f++)
        if (str_eq(name, str_of(f->name)))
            return f;
    return NULL;
}
