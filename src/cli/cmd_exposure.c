#include "base/limits.h"
#include "cli/case_open.h"
#include "cli/case_take.h"
#include "cli/cmd.h"
#include "cli/exposure_live.h"
#include "cli/gap.h"
#include "cli/out.h"
#include "dossier/load.h"
#include "exposure/accepted.h"
#include "exposure/kev.h"
#include "os/clock.h"
#include "os/term.h"
#include "output/escape.h"
#include "output/exposure.h"
#include "report/course.h"
#include "scan/hosts.h"
#include "scan/scan.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

struct exposure_values {
    bool json, csv, ecs, stix, all, stream;
    struct str map, format, kev, accepted, explain, host, case_file;
    struct str_list dossier, fail_on;
    int64_t as_of_us;
    struct live_values live;
};
const size_t exposure_values_size = sizeof(struct exposure_values);

const struct option_def exposure_option_defs[] = {
    {.name = "json", FLAG(struct exposure_values, json), .help = "print JSON Lines"},
    {.name = "csv",
     FLAG(struct exposure_values, csv),
     .help = "print one row a host and CVE as CSV"},
    {.name = "ecs",
     FLAG(struct exposure_values, ecs),
     .help = "print state documents of the Elastic Common Schema"},
    {.name = "stix",
     FLAG(struct exposure_values, stix),
     .help = "print a STIX 2.1 bundle of hosts, vulnerabilities and what is open"},
    {.name = "all",
     FLAG(struct exposure_values, all),
     .help = "print every row, also of CVEs to which nothing is open; with --ecs and --stix also "
             "what is fixed"},
    {.name = "stream",
     FLAG(struct exposure_values, stream),
     .help = "answer and forget hosts as they come, for fleets of millions: what is said of a host "
             "must stand together; nothing is ranked"},
    {.name = "case",
     TEXT(struct exposure_values, case_file),
     .arg = "FILE",
     .help = "keep the answer in this case as well; it is made if it is not there"},
    {.name = "map",
     TEXT(struct exposure_values, map),
     .arg = "host=COL,...",
     .help = "columns of tables: host, build, product, time, site, owner, facing"},
    {.name = "format",
     TEXT(struct exposure_values, format),
     .arg = "NAME",
     .help = "the inputs' format, where their first bytes do not tell it: inventory, "
             "healthchecker, nmap, iis-config, http, har, clixml, powershell, test-proxylogon"},
    {.name = "host",
     TEXT(struct exposure_values, host),
     .arg = "NAME",
     .help =
         "the host of saved answers; of logs and other files of a server, where neither rows nor "
         "folders tell it"},
    {.name = "as-of",
     TIME(struct exposure_values, as_of_us),
     .arg = "DATE",
     .help = "answer as of that day: nothing that was seen or published later counts"},
    {.name = "kev",
     TEXT(struct exposure_values, kev),
     .arg = "FILE",
     .help = "CISA's list of exploited vulnerabilities (JSON): dates, due dates, ransomware"},
    {.name = "accepted",
     TEXT(struct exposure_values, accepted),
     .arg = "FILE",
     .help = "risks that somebody answers for: CSV with host, of, owner, reason, until"},
    {.name = "dossier",
     LIST(struct exposure_values, dossier),
     .arg = "ID|DIR",
     .help = "use the tables of this dossier only; may be given several times"},
    {.name = "fail-on",
     LIST(struct exposure_values, fail_on),
     .arg = "WHAT",
     .help =
         "exit with 1 only if a CVE listed by CISA is open, or that CVE, or more than N percent "
         "of the hosts to any affair; may be given several times"},
    {.name = "explain",
     TEXT(struct exposure_values, explain),
     .arg = "HOST",
     .help = "show the reasoning about that host and the CVE that follows, step by step"},
    {.name = "live",
     FLAG(struct exposure_values, live.live),
     .help = "ask the hosts of --hosts for their build: three GETs of each at most, over HTTPS"},
    {.name = "hosts",
     TEXT(struct exposure_values, live.hosts),
     .arg = "FILE",
     .help = "the hosts that may be asked, one a line: a name, name:port or https:// address"},
    {.name = "dry-run",
     FLAG(struct exposure_values, live.dry_run),
     .help = "print what --live would ask, and send nothing"},
    {.name = "ca",
     TEXT(struct exposure_values, live.ca),
     .arg = "FILE",
     .help = "of --live: trust the certificates in it, and no others"},
    {.name = "pin",
     LIST(struct exposure_values, live.pin),
     .arg = "sha256//...",
     .help = "of --live: the server's key has to be this one, as well; may be given several times"},
    {.name = "timeout",
     NUMBER(struct exposure_values, live.timeout_s),
     .arg = "SECONDS",
     .min = 1,
     .max = 600,
     .help = "of --live: how long one request may take; 20 unless told"},
    {.name = "save",
     TEXT(struct exposure_values, live.save),
     .arg = "DIR",
     .help = "of --live: keep the answers as they came in this folder"},
    {0},
};

enum { EXPLAIN_BYTES = 16 * 1024 * 1024, PLAN_BYTES = EXPLAIN_BYTES, BATCH_HOSTS = 50000 };

struct run {
    struct cli *cli;
    const struct exposure_values *values;
    struct out out;
    double started_s;
    struct dossier *dossier;
    size_t n_dossiers;
    struct dossier_hash *hash;
    struct exposure_run *exposure;
    struct print_options print;
    struct exposure_writer writer;
    uint64_t gaps, log_bytes;
    bool begun;          /* the format's head is written */
    VEC(struct str) log; /* files that are no inventories: scan reads them */
    bool any_share;      /* a share was told */
    bool failed;         /* what --fail-on asks for was met */
    struct ask_hosts hosts;
    struct case_take take;
};

static enum err on_gap(void *ctx, const struct errand_gap *gap)
{
    struct run *r = ctx;
    r->gaps++;
    if (r->writer.format == &exposure_json) {
        gap_json(&r->out.sink.out, gap);
        sink_pace(&r->out.sink);
        return r->out.sink.rc;
    }
    cli_say(r->cli, "%.*s: %.*s: %.*s", STR_FMT(gap->file), STR_FMT(gap->reason),
            STR_FMT(gap->detail));
    return OK;
}

static enum err on_foreign(void *ctx, struct str file)
{
    struct run *r = ctx;
    struct str copy = arena_str(r->cli->arena, file);
    return copy.p ? vec_push(&r->log, copy, LIMIT_WALK_FILES) : ERR_NOMEM;
}

/* ---- logs ---- */

static struct str on_place(void *ctx, struct str file)
{
    const struct run *r = ctx;
    return host_in_server_tree(file) ? host_of_path(file) : r->values->host;
}

static void on_warning(void *ctx, struct str text)
{
    struct run *r = ctx;
    cli_say(r->cli, "%.*s", STR_FMT(text));
}

/* Silent hours and files missing from a sequence matter to a verdict, not to a build. */
static bool is_unread(const struct gap *gap)
{
    return gap->file.p && !str_eq(gap->reason, STR("silent")) &&
           !str_eq(gap->reason, STR("missing-file"));
}

/* The builds that logs show, without looking for anything in them. */
static enum err read_logs(struct run *r, struct error *error)
{
    struct scan_options options = {.paths = {r->log.v, r->log.n},
                                   .host = r->values->host,
                                   .since_us = TIME_NONE,
                                   .until_us = TIME_NONE,
                                   .no_hash = true,
                                   .no_dossiers = true,
                                   .warn = on_warning,
                                   .ctx = r,
                                   .interrupted = cli_watch_interrupts()};
    struct answer answer;
    bool interrupted;
    if (!r->log.n)
        return OK;
    TRY(scan_run(&options, r->cli->arena, &answer, &interrupted, error));
    for (size_t i = 0; i < answer.n_gaps; i++) {
        const struct gap *g = &answer.gap[i];
        struct errand_gap told = {g->file, g->offset, g->reason, g->detail};
        if (is_unread(g))
            TRY(on_gap(r, &told));
    }
    for (size_t i = 0; i < answer.n_builds; i++)
        TRY(exposure_logged(r->exposure, &answer.build[i]));
    r->log_bytes = answer.summary.bytes;
    return interrupted ? END : OK;
}

/* ---- what is known ---- */

static enum err load_one(struct run *r, struct str id, struct error *error)
{
    struct dossier_problems problems = {0};
    struct dossier *d = &r->dossier[r->n_dossiers];
    TRY(dossier_load(r->cli->arena, id, d, &problems, error));
    for (size_t i = 0; i < problems.n && !r->cli->quiet; i++)
        cli_say(r->cli, "%.*s:%" PRIu32 ": %.*s", STR_FMT(problems.v[i].file), problems.v[i].line,
                STR_FMT(problems.v[i].text));
    r->hash[r->n_dossiers++] = (struct dossier_hash){d->id, str_make(d->sha256, strlen(d->sha256))};
    return OK;
}

/* All that is shipped: affairs and catalogues. */
static enum err load_dossiers(struct run *r, struct error *error)
{
    const char *const *affair, *const *catalogue;
    size_t affairs = dossier_shipped(&affair), catalogues = catalogue_shipped(&catalogue);
    const struct str_list *given = &r->values->dossier;
    r->dossier = arena_new_n(r->cli->arena, struct dossier, affairs + catalogues + given->n);
    r->hash = arena_new_n(r->cli->arena, struct dossier_hash, affairs + catalogues + given->n);
    if (!r->dossier || !r->hash)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < given->n; i++)
        TRY(load_one(r, given->v[i], error));
    for (size_t i = 0; i < affairs && !given->n; i++)
        TRY(load_one(r, str_of(affair[i]), error));
    for (size_t i = 0; i < catalogues && !given->n; i++)
        TRY(load_one(r, str_of(catalogue[i]), error));
    return OK;
}

static enum err options_fill(struct run *r, struct exposure_options *o, struct error *error)
{
    const struct exposure_values *v = r->values;
    struct str text, wrong;
    struct accepted_risk *accepted = NULL;
    if (v->map.p && !observe_map_parse(v->map, &o->map, &wrong))
        return fail(error, ERR_USAGE, "--map: '%.*s' is no column's role", STR_FMT(wrong));
    if (v->kev.p) {
        TRY(io_read_file(r->cli->arena, v->kev, KEV_BYTES, &o->kev, error));
        o->kev_name = v->kev;
    }
    if (v->accepted.p) {
        TRY(io_read_file(r->cli->arena, v->accepted, ACCEPTED_BYTES, &text, error));
        TRY(accepted_read(text, v->accepted, r->cli->arena, &accepted, &o->n_accepted, error));
    }
    o->accepted = accepted;
    return OK;
}

/* ---- the answer ---- */

static struct exposure_summary summary_of(const struct run *r)
{
    struct exposure_count c;
    exposure_counts(r->exposure, &c);
    struct exposure_summary s = {.hosts = c.hosts,
                                 .observations = c.observations,
                                 .bytes = c.bytes + r->log_bytes,
                                 .gaps = r->gaps,
                                 .open_hosts = c.open_hosts,
                                 .unknown_hosts = c.unknown_hosts,
                                 .sign_hosts = c.sign_hosts,
                                 .accepted = c.accepted,
                                 .findings = c.state[EXPOSURE_EXPOSED] - c.accepted,
                                 .as_of_us = r->values->as_of_us,
                                 .tables_us = exposure_tables(r->exposure)->as_of_us,
                                 .elapsed_s = clock_seconds() - r->started_s,
                                 .version = r->cli->program->version,
                                 .dossier = r->hash,
                                 .n_dossiers = r->n_dossiers};
    memcpy(s.n, c.state, sizeof s.n);
    return s;
}

static enum err on_share(void *ctx, const struct exposure_share *s)
{
    struct run *r = ctx;
    r->any_share = true;
    r->writer.format->share(&r->writer, s);
    return r->writer.sink->rc;
}

static enum err on_window(void *ctx, const struct exposure_window *w)
{
    struct run *r = ctx;
    r->writer.format->window(&r->writer, w);
    return r->writer.sink->rc;
}

static enum err on_update(void *ctx, const struct exposure_update *u)
{
    struct run *r = ctx;
    r->writer.format->update(&r->writer, u);
    return r->writer.sink->rc;
}

static enum err on_exposure(void *ctx, const struct exposure *e)
{
    struct run *r = ctx;
    r->writer.format->exposure(&r->writer, e);
    return r->writer.sink->rc;
}

/* What is told of hosts, one by one. */
static enum err write_hosts(struct run *r)
{
    const struct exposure_format *f = r->writer.format;
    if (f->window)
        TRY(exposure_each_window(r->exposure, on_window, r));
    if (f->update && !r->values->stream)
        TRY(exposure_each_update(r->exposure, on_update, r));
    if (f->exposure)
        TRY(exposure_each(r->exposure, on_exposure, r));
    return r->writer.sink->rc;
}

static void begin_once(struct run *r, const struct exposure_summary *s)
{
    if (r->writer.format->begin && !r->begun)
        r->writer.format->begin(&r->writer, s);
    r->begun = true;
}

/* A stream's hosts are told before anything can be said of all. */
static enum err on_batch(void *ctx)
{
    struct run *r = ctx;
    if (r->writer.format->head_first)
        begin_once(r, NULL);
    return write_hosts(r);
}

static enum err write_sections(struct run *r, const struct exposure_summary *s)
{
    const struct exposure_format *f = r->writer.format;
    begin_once(r, s);
    if (f->share)
        TRY(exposure_each_share(r->exposure, on_share, r));
    if (!r->values->stream)
        TRY(write_hosts(r));
    if (f->end)
        f->end(&r->writer, s);
    return r->writer.sink->rc;
}

/* The one that is asked for, the first one where none is; NULL if two are. */
static const struct exposure_format *format_of(const struct exposure_values *v)
{
    const struct {
        bool given;
        const struct exposure_format *format;
    } option[] = {{v->json, &exposure_json},
                  {v->csv, &exposure_csv},
                  {v->ecs, &exposure_ecs},
                  {v->stix, &exposure_stix}};
    const struct exposure_format *found = exposure_formats[0];
    unsigned n = 0;
    for (size_t i = 0; i < ARRAY_LEN(option); i++)
        if (option[i].given && ++n)
            found = option[i].format;
    return n > 1 ? NULL : found;
}

static void writer_open(struct run *r)
{
    int fd = fileno(r->cli->out);
    bool terminal = term_is(fd);
    r->print = (struct print_options){.colour = r->cli->color,
                                      .width = terminal ? term_width(fd) : 0,
                                      .ascii = terminal && term_ascii(fd)};
    exposure_writer_open(&r->writer, format_of(r->values));
    r->writer.sink = &r->out.sink;
    r->writer.options = &r->print;
    r->writer.all = r->values->all;
    r->writer.as_of_us = r->values->as_of_us;
}

static enum err write_answer(struct run *r, struct error *error)
{
    struct exposure_summary s = summary_of(r);
    enum err rc = write_sections(r, &s);
    if (rc && rc != r->out.sink.rc)
        return fail(error, rc, "cannot go on: %s", err_name(rc));
    return out_flush(&r->out, error);
}

/* The same as JSON, into the case. */
static enum err keep(struct run *r, const struct str_list *inputs, struct error *error)
{
    struct exposure_writer shown = r->writer;
    struct exposure_summary s = summary_of(r);
    if (!r->take.on)
        return OK;
    TRY(case_take_begin(&r->take, "exposure", inputs, error));
    exposure_writer_open(&r->writer, &exposure_json);
    r->writer.sink = &r->take.sink;
    r->writer.options = &r->print;
    r->writer.as_of_us = r->values->as_of_us;
    r->begun = false;
    enum err rc = write_sections(r, &s);
    exposure_writer_close(&r->writer);
    r->writer = shown;
    return case_take_end(&r->take, rc, error);
}

/* Names of files and sources are what others wrote; only the ends of lines are ours. */
static void escape_lines(struct buf *out, struct str text)
{
    struct str line;
    while (text.n && str_cut(&text, '\n', &line)) {
        escape_terminal(out, line, false);
        buf_putc(out, '\n');
    }
}

static enum err write_explanation(struct run *r, struct str cve, struct error *error)
{
    struct buf told, out;
    buf_init(&told, EXPLAIN_BYTES);
    buf_init(&out, 4 * EXPLAIN_BYTES);
    enum err rc = exposure_explain(r->exposure, r->values->explain, cve, &told, error);
    if (!rc)
        escape_lines(&out, buf_view(&told));
    if (!rc && cli_print(r->cli, &out) != STATUS_OK)
        rc = fail(error, ERR_IO, "cannot write the answer");
    buf_done(&told);
    buf_done(&out);
    return rc;
}

/* ---- the exit status ---- */

static bool asks_for(const struct exposure_share *s, struct str condition)
{
    double percent, open = exposure_share_open(s);
    struct str cve = STR("cve="), at_most = STR("percent=");
    if (strcmp(s->part, "fleet") != 0 || s->time_us != TIME_NONE)
        return false;
    bool exposed = s->n[EXPOSURE_EXPOSED] > s->accepted;
    if (str_eq(condition, STR("kev")))
        return !s->affair && exposed && s->kev_us != TIME_NONE;
    if (str_istarts(condition, cve))
        return !s->affair && exposed && str_ieq(s->of, str_sub(condition, cve.n, condition.n));
    return s->affair && str_istarts(condition, at_most) && isfinite(open) &&
           str_double(str_sub(condition, at_most.n, condition.n), &percent) && open * 100 > percent;
}

static enum err on_fail_share(void *ctx, const struct exposure_share *s)
{
    struct run *r = ctx;
    for (size_t i = 0; i < r->values->fail_on.n; i++)
        r->failed |= asks_for(s, r->values->fail_on.v[i]);
    return OK;
}

/* "percent=40"; one of "nan" would never be passed. */
static bool is_percent(struct str condition)
{
    double percent;
    return str_istarts(condition, STR("percent=")) &&
           str_double(str_sub(condition, 8, condition.n), &percent) && percent >= 0 &&
           percent <= 100;
}

static bool conditions_known(const struct exposure_values *v, struct str *ret_wrong)
{
    for (size_t i = 0; i < v->fail_on.n; i++) {
        struct str c = *ret_wrong = v->fail_on.v[i];
        if (!str_eq(c, STR("kev")) && !(str_istarts(c, STR("cve=")) && c.n > 4) && !is_percent(c))
            return false;
    }
    return true;
}

/* A CVE that no table has is open nowhere: a slip of the pen must not be an all clear. */
static enum err conditions_ask(const struct run *r, struct error *error)
{
    const struct tables *t = exposure_tables(r->exposure);
    for (size_t i = 0; i < r->values->fail_on.n; i++) {
        struct str c = r->values->fail_on.v[i], id = str_sub(c, STR("cve=").n, c.n);
        bool known = !str_istarts(c, STR("cve="));
        for (size_t k = 0; k < t->n_cves && !known; k++)
            known = str_ieq(t->cve[k].id, id);
        if (!known)
            return fail(error, ERR_USAGE, "--fail-on: no table has '%.*s'", STR_FMT(id));
    }
    return OK;
}

static enum status status_of_answer(struct run *r)
{
    struct exposure_count c;
    exposure_counts(r->exposure, &c);
    if (r->values->fail_on.n) {
        if (exposure_each_share(r->exposure, on_fail_share, r))
            return STATUS_INTERNAL;
    } else {
        r->failed = c.open_hosts > 0;
    }
    bool unsure = r->gaps || c.state[EXPOSURE_UNKNOWN] || c.unknown_hosts || !c.hosts;
    return r->failed ? STATUS_FOUND : unsure ? STATUS_INCOMPLETE : STATUS_OK;
}

static void say_foreign(const struct run *r)
{
    struct exposure_count c;
    exposure_counts(r->exposure, &c);
    if (c.kev_foreign && !r->cli->quiet)
        cli_say(r->cli, "%.*s: %" PRIu64 " entries are of products that no table knows",
                STR_FMT(r->values->kev), c.kev_foreign);
}

static enum err go(struct run *r, const struct io_tree *tree, struct str cve, struct error *error)
{
    struct exposure_options options = {.format = r->values->format,
                                       .host = r->values->host,
                                       .as_of_us = r->values->as_of_us,
                                       .now_us = clock_wall_us(),
                                       .gap = on_gap,
                                       .foreign = r->values->format.p ? NULL : on_foreign,
                                       .place = on_place,
                                       .batch = r->values->stream ? on_batch : NULL,
                                       .batch_hosts = BATCH_HOSTS,
                                       .ctx = r,
                                       .interrupted = cli_watch_interrupts()};
    TRY(load_dossiers(r, error));
    options.dossier = r->dossier;
    options.n_dossiers = r->n_dossiers;
    TRY(options_fill(r, &options, error));
    TRY(exposure_open(&options, &r->exposure, error));
    TRY(conditions_ask(r, error));
    enum err read = OK;
    if (r->values->live.live)
        read = live_ask(r->cli, &r->values->live, r->exposure, &r->hosts, error);
    if (!read)
        read = exposure_read(r->exposure, tree, error);
    if (!read)
        read = read_logs(r, error);
    if (read < 0)
        return read;
    TRY(exposure_end(r->exposure, error));
    say_foreign(r);
    TRY(r->values->explain.p ? write_explanation(r, cve, error) : write_answer(r, error));
    return read;
}

/* --dry-run: what would be asked. */
static enum status plan(struct run *r)
{
    struct buf out;
    buf_init(&out, PLAN_BYTES);
    live_plan(&out, &r->hosts);
    enum status status = cli_print(r->cli, &out);
    buf_done(&out);
    return status ? status : r->gaps ? STATUS_INCOMPLETE : STATUS_OK;
}

/* Says which there are, if the one that is asked for is none of them. */
static bool format_known(struct cli *cli, struct str wanted)
{
    struct buf names;
    struct str name, help;
    bool known = !wanted.p;
    buf_init(&names, 1024);
    for (size_t i = 0; observe_format(i, &name, &help); i++) {
        known |= str_eq(name, wanted);
        buf_printf(&names, "%s%.*s", i ? ", " : "", STR_FMT(name));
    }
    if (!known)
        cli_say(cli, "--format: '%.*s' is none of %.*s", STR_FMT(wanted),
                STR_FMT(buf_view(&names)));
    buf_done(&names);
    return known;
}

/* Without inputs: what the case knows of the fleet's course. */
static bool asks_for_course(const struct exposure_values *v, const struct str_list *operands)
{
    return v->case_file.p && !operands->n && !v->live.live;
}

/* On the page the affairs of the whole fleet, unless all is asked for. */
static enum err on_course(void *ctx, const struct exposure_share *s)
{
    struct run *r = ctx;
    bool page = r->writer.format == exposure_formats[0];
    bool first = s->affair && str_eq(str_of(s->part), STR("fleet"));
    return page && !first && !r->values->all ? OK : on_share(r, s);
}

static enum status tell_course(struct run *r)
{
    const struct exposure_format *f = r->writer.format;
    struct exposure_summary s = {.as_of_us = TIME_NONE,
                                 .tables_us = TIME_NONE,
                                 .elapsed_s = clock_seconds() - r->started_s,
                                 .version = r->cli->program->version};
    struct case_store store;
    struct error error = {0};
    enum status status = case_open_named(r->cli, r->values->case_file, &store);
    if (status)
        return status;
    enum err rc = course_each(&store, on_course, r, &error);
    if (!rc)
        f->end(&r->writer, &s);
    case_close(&store);
    enum err out = out_flush(&r->out, &error);
    if (!rc && !out && !r->any_share)
        cli_say(r->cli, "no run of `tocsin exposure` is in this case: give it inventories, "
                        "configuration or logs");
    return rc || out ? cli_error(r->cli, &error) : STATUS_OK;
}

/* False, and told, if the command line asks for what cannot be. */
static bool usage(struct cli *cli, const struct exposure_values *v, const struct str_list *operands)
{
    const struct exposure_format *format = format_of(v);
    struct str wrong;
    bool explain = v->explain.p != NULL, page = format == exposure_formats[0];
    if (asks_for_course(v, operands)) {
        if (format && format->share)
            return true;
        cli_say(cli, "the course of a case is told as a page or with --json");
    } else if (explain ? operands->n < (v->live.live ? 1 : 2) : !operands->n && !v->live.live)
        cli_say(cli, explain ? "--explain HOST CVE INPUT...: something is missing"
                             : "no inputs: name files or folders, or '-' for standard input");
    else if (!format)
        cli_say(cli, "--json, --csv, --ecs and --stix exclude each other");
    else if (v->stream && (explain || v->live.live || v->case_file.p))
        cli_say(cli, "--stream and --%s exclude each other",
                explain        ? "explain"
                : v->live.live ? "live"
                               : "case");
    else if (v->case_file.p && (explain || v->live.dry_run))
        cli_say(cli, "--case and --%s exclude each other", explain ? "explain" : "dry-run");
    else if ((explain || v->live.dry_run) && !page)
        cli_say(cli, "--%s is for people: it excludes --json, --csv, --ecs and --stix",
                explain ? "explain" : "dry-run");
    else if (!conditions_known(v, &wrong))
        cli_say(cli, "--fail-on: '%.*s' is none of kev, cve=ID, percent=N (0 to 100)",
                STR_FMT(wrong));
    else
        return format_known(cli, v->format) && live_usage(cli, &v->live);
    return false;
}

static enum err answer(struct run *r, const struct str_list *operands, enum status *ret_status,
                       struct error *error)
{
    const struct live_sink gaps = {on_gap, r};
    struct io_tree tree = {0};
    size_t first = r->values->explain.p ? 1 : 0;
    if (r->values->live.live)
        TRY(live_hosts(r->cli, &r->values->live, &gaps, &r->hosts, error));
    if (r->values->live.dry_run) {
        *ret_status = plan(r);
        return OK;
    }
    TRY(io_list(r->cli->arena, operands->v + first, operands->n - first, &tree, error));
    enum err rc = go(r, &tree, first ? operands->v[0] : STR_NONE, error);
    if (rc == OK)
        rc = keep(r, operands, error);
    if (rc >= 0)
        *ret_status = rc == OK ? status_of_answer(r) : STATUS_INTERRUPTED;
    io_tree_close(&tree);
    return rc;
}

enum status cmd_exposure(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct error error = {0};
    struct run r = {.cli = cli, .values = values, .started_s = clock_seconds()};
    enum status status = STATUS_INTERNAL;
    if (!usage(cli, r.values, operands))
        return STATUS_USAGE;
    out_open(&r.out, cli);
    writer_open(&r);
    bool course = asks_for_course(r.values, operands);
    enum err rc = course ? OK : case_take_open(&r.take, r.values->case_file, operands, &error);
    if (course)
        status = tell_course(&r);
    else if (!rc)
        rc = answer(&r, operands, &status, &error);
    case_take_close(&r.take);
    exposure_writer_close(&r.writer);
    out_close(&r.out);
    r.exposure = exposure_close(r.exposure);
    vec_done(&r.log);
    if (rc < 0 && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    return rc < 0 ? cli_error(cli, &error) : status;
}
