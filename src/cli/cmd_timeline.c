#include "cli/case_open.h"
#include "cli/out.h"
#include "os/clock.h"
#include "os/term.h"
#include "output/event.h"
#include "output/json_writer.h"
#include "report/timeline.h"

#include <inttypes.h>

struct timeline_values {
    bool json, csv, timesketch;
    struct str case_file, host, dossier, grade, kind;
    int64_t since_us, until_us;
};
const size_t timeline_values_size = sizeof(struct timeline_values);

const struct option_def timeline_option_defs[] = {
    {.name = "case",
     TEXT(struct timeline_values, case_file),
     .arg = "FILE",
     .help = "the case; needed"},
    {.name = "json", FLAG(struct timeline_values, json), .help = "print JSON Lines"},
    {.name = "csv", FLAG(struct timeline_values, csv), .help = "print a row an event as CSV"},
    {.name = "timesketch",
     FLAG(struct timeline_values, timesketch),
     .help = "print JSON Lines that Timesketch imports"},
    {.name = "host",
     TEXT(struct timeline_values, host),
     .arg = "NAME",
     .help = "only events of this host, and those of none"},
    {.name = "dossier",
     TEXT(struct timeline_values, dossier),
     .arg = "ID",
     .help = "only events of this dossier, and those of none"},
    {.name = "grade",
     TEXT(struct timeline_values, grade),
     .arg = "GRADE",
     .help = "only findings of this grade or a higher one: weak, probe, attempt, progressed, "
             "compromise"},
    {.name = "kind",
     TEXT(struct timeline_values, kind),
     .arg = "KIND",
     .help = "only events of this kind: finding, alert, note, fixed, exposure, public, logs-begin, "
             "logs-end, silence-begin, silence-end"},
    {.name = "since",
     TIME(struct timeline_values, since_us),
     .arg = "TIME",
     .help = "only from this time on, UTC"},
    {.name = "until",
     TIME(struct timeline_values, until_us),
     .arg = "TIME",
     .help = "only before this time, UTC"},
    {0},
};

struct run {
    struct cli *cli;
    const struct event_format *format;
    struct print_options print;
    struct out out;
    uint64_t events;
};

static enum err on_event(void *ctx, const struct event *e)
{
    struct run *r = ctx;
    r->events++;
    r->format->event(&r->out.sink, e, &r->print);
    return r->out.sink.rc;
}

static void put_summary(struct run *r, double elapsed_s)
{
    struct json j;
    json_init(&j, &r->out.sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", "summary");
    json_text(&j, "verb", "timeline");
    json_u64(&j, "records", r->events);
    json_u64(&j, "bytes", 0);
    json_u64(&j, "findings", 0);
    json_u64(&j, "gaps", 0);
    json_fixed(&j, "elapsed_s", elapsed_s, 3);
    json_text(&j, "tocsin", r->cli->program->version);
    json_object(&j, "dossiers");
    json_end(&j);
    json_end(&j);
    json_line(&j);
}

/* They are findings all the same. */
static enum err tell_timeless(struct run *r, struct case_store *store,
                              const struct timeline_query *q, struct error *error)
{
    uint64_t n;
    char text[128];
    TRY(timeline_timeless(store, q, &n, error));
    (void)snprintf(text, sizeof text,
                   "%" PRIu64 " finding%s no time and %s not told here: `tocsin report` has %s", n,
                   n == 1 ? " has" : "s have", n == 1 ? "is" : "are", n == 1 ? "it" : "them");
    if (n)
        cli_warning(r->cli, str_of(text));
    return OK;
}

static enum err tell(struct run *r, struct case_store *store, struct timeline_query *q, bool json,
                     struct error *error)
{
    double started_s = clock_seconds();
    TRY(case_dossiers(r->cli, &(struct str_list){0}, &q->known, &q->n_known, error));
    if (r->format->head)
        buf_puts(&r->out.sink.out, r->format->head);
    enum err rc = timeline_each(store, q, on_event, r, error);
    if (!rc)
        rc = tell_timeless(r, store, q, error);
    if (!rc && json)
        put_summary(r, clock_seconds() - started_s);
    enum err out = out_flush(&r->out, error);
    return out ? out : rc;
}

static const struct event_format *format_of(const struct timeline_values *v)
{
    return v->json + v->csv + v->timesketch > 1 ? NULL
           : v->json                            ? event_format_find(STR("json"))
           : v->csv                             ? event_format_find(STR("csv"))
           : v->timesketch                      ? event_format_find(STR("timesketch"))
                                                : event_formats;
}

enum status cmd_timeline(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct timeline_values *v = values;
    struct error error = {0};
    struct case_store store;
    int fd = fileno(cli->out);
    struct run r = {.cli = cli,
                    .format = format_of(v),
                    .print = {.colour = cli->color, .ascii = term_is(fd) && term_ascii(fd)}};
    struct timeline_query q = {.host = v->host,
                               .dossier = v->dossier,
                               .kind = v->kind,
                               .since_us = v->since_us,
                               .until_us = v->until_us};
    (void)operands;
    if (!r.format || (v->grade.p && !grade_parse(v->grade, &q.least))) {
        cli_say(cli, r.format ? "--grade: weak, probe, attempt, progressed or compromise"
                              : "--json, --csv and --timesketch: one of them");
        return STATUS_USAGE;
    }
    if (v->kind.p && !timeline_has_kind(v->kind)) {
        cli_say(cli, "--kind: no events are of kind '%.*s'", STR_FMT(v->kind));
        return STATUS_USAGE;
    }
    enum status status = case_open_named(cli, v->case_file, &store);
    if (status)
        return status;
    out_open(&r.out, cli);
    enum err rc = tell(&r, &store, &q, v->json, &error);
    out_close(&r.out);
    case_close(&store);
    if (rc < 0 && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    return rc < 0 ? cli_error(cli, &error) : STATUS_OK;
}
