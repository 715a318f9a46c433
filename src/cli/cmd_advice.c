#include "cli/advice_page.h"
#include "cli/case_open.h"
#include "cli/suggest.h"
#include "os/clock.h"
#include "output/json_writer.h"
#include "output/parts.h"
#include "output/report.h"

/* What to do next, for people and programs; and what is done, kept in the case. */

struct advice_values {
    struct str case_file, host, template, done, by, why;
    struct str_list dossier;
    bool json, cacao, with_victim_data;
};
const size_t advice_values_size = sizeof(struct advice_values);

const struct option_def advice_option_defs[] = {
    {.name = "case",
     TEXT(struct advice_values, case_file),
     .arg = "FILE",
     .help = "the case; needed, unless the configuration names one"},
    {.name = "host",
     TEXT(struct advice_values, host),
     .arg = "NAME",
     .help = "only the steps of this host"},
    {.name = "json", FLAG(struct advice_values, json), .help = "print JSON Lines"},
    {.name = "cacao",
     FLAG(struct advice_values, cacao),
     .help = "print a CACAO 2.0 playbook, as report --format cacao does"},
    {.name = "with-victim-data",
     FLAG(struct advice_values, with_victim_data),
     .help = "of --cacao: leave the names of hosts in"},
    {.name = "template",
     TEXT(struct advice_values, template),
     .arg = "NAME",
     .help = "fill this template of a report from the case: ed-21-02"},
    {.name = "done",
     TEXT(struct advice_values, done),
     .arg = "ID",
     .help = "keep in the case that this step is done; needs --by and --why"},
    {.name = "by", TEXT(struct advice_values, by), .arg = "WHO", .help = "who did it"},
    {.name = "why", TEXT(struct advice_values, why), .arg = "TEXT", .help = "what was done"},
    {.name = "dossier",
     LIST(struct advice_values, dossier),
     .arg = "DIR",
     .help = "a dossier of your own that the case speaks of; may be repeated"},
    {0},
};

enum { PAGE_BYTES = 256 * 1024 * 1024 };

struct run {
    struct cli *cli;
    const struct advice_values *v;
    struct case_store store;
    struct report report;
    struct buf out;
    struct error error;
};

/* ---- JSON ---- */

static void put_done(struct json *j, const struct note *done)
{
    if (done->time_us == TIME_NONE) {
        json_null(j, "done");
        return;
    }
    json_object(j, "done");
    json_str(j, "who", done->who);
    json_str(j, "why", done->why);
    json_time(j, "time", done->time_us);
    json_end(j);
}

static void put_item(struct json *j, const struct advice_item *a)
{
    json_object(j, NULL);
    json_text(j, "type", "advice");
    json_str(j, "id", a->id);
    json_str(j, "play", a->play);
    json_text(j, "phase", a->phase);
    json_str(j, "step", a->step);
    json_str(j, "why", a->why);
    json_str(j, "how", a->how);
    json_str(j, "source", a->source);
    json_strings(j, "technique", &a->technique);
    json_strings(j, "d3fend", &a->d3fend);
    json_strings(j, "hosts", &a->host);
    json_str(j, "dossier", a->dossier);
    json_str(j, "audience", a->audience);
    json_str(j, "due", a->due);
    json_str(j, "because", a->because);
    put_done(j, &a->done);
    json_end(j);
    json_line(j);
}

static void put_actor(struct json *j, const struct actor_rank *a)
{
    json_object(j, NULL);
    json_text(j, "type", "actor");
    json_str(j, "name", a->name);
    json_str(j, "attack_id", a->attack_id);
    json_fixed(j, "score", a->score, 3);
    json_strings(j, "reasons", &a->reason);
    json_str(j, "dossier", a->dossier);
    json_str(j, "source", a->source);
    json_end(j);
    json_line(j);
}

static void put_summary(struct run *r, struct json *j, uint64_t told, double elapsed_s)
{
    json_object(j, NULL);
    json_text(j, "type", "summary");
    json_text(j, "verb", "advice");
    json_u64(j, "records", told);
    json_u64(j, "bytes", 0);
    json_u64(j, "findings", 0);
    json_u64(j, "gaps", 0);
    json_fixed(j, "elapsed_s", elapsed_s, 3);
    json_text(j, "tocsin", r->cli->program->version);
    json_object(j, "dossiers");
    json_end(j);
    json_end(j);
    json_line(j);
}

static void put_json(struct run *r, double started_s)
{
    struct json j;
    uint64_t told = 0;
    json_init(&j, &r->out);
    for (size_t i = 0; i < r->report.n_advice; i++)
        if (advice_of_host(&r->report.advice[i], r->v->host)) {
            put_item(&j, &r->report.advice[i]);
            told++;
        }
    for (size_t i = 0; i < r->report.n_actors && !r->v->host.p; i++)
        put_actor(&j, &r->report.actor[i]);
    put_summary(r, &j, told, clock_seconds() - started_s);
}

/* ---- CACAO ---- */

static enum err add_bytes(void *ctx, const void *p, size_t n)
{
    struct run *r = ctx;
    buf_add(&r->out, p, n);
    return r->out.rc;
}

static enum err put_cacao(struct run *r)
{
    struct sink sink;
    sink_init(&sink, add_bytes, r);
    enum err rc = report_write(report_format_find(STR("cacao")), &sink, &r->report, &r->error);
    sink_done(&sink);
    return rc;
}

/* ---- done ---- */

static const struct advice_item *step_of(struct run *r, struct str id)
{
    struct suggestion near = {.word = id};
    for (size_t i = 0; i < r->report.n_advice; i++) {
        const struct advice_item *a = &r->report.advice[i];
        if (str_eq(a->id, id))
            return a;
        struct str name = arena_str(r->cli->arena, a->id);
        if (name.p)
            suggest_offer(&near, name.p);
    }
    (void)fail(&r->error, ERR_USAGE, "this case has no step '%.*s'%s%s%s", STR_FMT(id),
               near.best ? "; did you mean '" : "", near.best ? near.best : "",
               near.best ? "'?" : "");
    return NULL;
}

static enum err keep_done(struct run *r)
{
    const struct advice_values *v = r->v;
    int64_t now_us = clock_wall_us();
    struct json j;
    const struct advice_item *step = step_of(r, v->done);
    struct case_run run = {.verb = STR("advice"),
                           .arguments = v->done,
                           .program = STR(TOCSIN_VERSION),
                           .started_us = now_us};
    if (!step)
        return ERR_USAGE;
    json_init(&j, &r->out);
    json_object(&j, NULL);
    json_text(&j, "type", "note");
    json_str(&j, "about", step->id);
    json_text(&j, "of", "note");
    json_text(&j, "state", "done");
    json_str(&j, "who", v->by);
    json_str(&j, "why", v->why);
    json_time(&j, "time", now_us);
    json_end(&j);
    TRY(r->out.rc);
    TRY(case_begin(&r->store, &run, &r->error));
    enum err rc = case_add(&r->store, buf_view(&r->out), &r->error);
    if (!rc)
        rc = case_end(&r->store, now_us, &r->error);
    else
        case_give_up(&r->store);
    if (!v->json)
        buf_reset(&r->out);
    else
        buf_putc(&r->out, '\n');
    return rc;
}

/* ---- the command ---- */

static const char *misuse(const struct advice_values *v)
{
    if (v->json + v->cacao + (v->template.p != NULL) > 1)
        return "--json, --cacao and --template: one of them";
    if (v->template.p && !str_eq(v->template, STR("ed-21-02")))
        return "--template: the only one is ed-21-02";
    if (v->host.p && (v->cacao || v->template.p || v->done.p))
        return "--host goes with the checklist and --json; a step is done for all of its hosts";
    if (v->done.p && (v->cacao || v->template.p))
        return "--done goes with --by, --why and --json";
    if (v->done.p && (!str_trim(v->by).n || !str_trim(v->why).n))
        return "--done needs --by WHO and --why TEXT";
    if (!v->done.p && (v->by.p || v->why.p))
        return "--by and --why go with --done ID";
    return NULL;
}

static enum err work(struct run *r)
{
    const struct advice_values *v = r->v;
    double started_s = clock_seconds();
    struct sharing sharing = {!v->cacao || v->with_victim_data, !v->cacao, TLP_UNKNOWN};
    TRY(case_report(r->cli, &r->store, v->case_file, &v->dossier, sharing, NULL, &r->report,
                    &r->error));
    if (v->done.p)
        return keep_done(r);
    if (v->cacao)
        return put_cacao(r);
    if (v->json)
        put_json(r, started_s);
    else if (v->template.p)
        return advice_ed_21_02(&r->out, &r->report, r->cli->arena, &r->error);
    else
        advice_page(&r->out, &r->report, v->host, cli_columns(r->cli));
    return r->out.rc;
}

enum status cmd_advice(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct run r = {.cli = cli, .v = values};
    const char *wrong = misuse(r.v);
    (void)operands;
    if (wrong) {
        cli_say(cli, "%s", wrong);
        return STATUS_USAGE;
    }
    enum status status = case_open_named(cli, r.v->case_file, &r.store);
    if (status)
        return status;
    buf_init(&r.out, PAGE_BYTES);
    enum err rc = work(&r);
    case_close(&r.store);
    if (rc < 0 && !r.error.code)
        (void)fail(&r.error, rc, "cannot go on: %s", err_name(rc));
    status = rc < 0 ? cli_error(cli, &r.error) : cli_print(cli, &r.out);
    if (!rc && r.v->done.p && !r.v->json && !cli->quiet)
        cli_say(cli, "kept: %.*s is done", STR_FMT(r.v->done));
    buf_done(&r.out);
    return status;
}
