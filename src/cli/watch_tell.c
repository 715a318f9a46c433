/* What a round of watch says: alerts, what joined one, sites that fell silent, the summary. */
#include "cli/watch_run.h"
#include "os/clock.h"
#include "os/sandbox.h"
#include "os/term.h"
#include "output/alert.h"
#include "output/escape.h"

#include <inttypes.h>
#include <string.h>

enum { ALERTS_BYTES = 1024 * 1024 * 1024 };

static const struct alert_format *format_of(const struct watch_values *v)
{
    const char *name = v->json   ? "json"
                       : v->rss  ? "rss"
                       : v->stix ? "stix"
                       : v->misp ? "misp"
                                 : "text";
    return alert_format_find(str_of(name));
}

static void summary_json(struct run *r, const struct watch_count *c, uint64_t n_alerts)
{
    struct json j;
    json_init(&j, &r->out.sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", "summary");
    json_text(&j, "verb", "watch");
    json_u64(&j, "records", c->posts.posts);
    json_u64(&j, "named", c->posts.named);
    json_u64(&j, "again", c->again);
    json_u64(&j, "undated", c->posts.undated);
    json_u64(&j, "future", c->posts.future);
    json_u64(&j, "ancient", c->posts.ancient);
    json_u64(&j, "quiet", c->quiet);
    json_u64(&j, "digest", c->digest);
    json_u64(&j, "together", c->together);
    json_u64(&j, "beyond", c->beyond);
    json_u64(&j, "bytes", c->bytes);
    json_u64(&j, "findings", n_alerts);
    json_u64(&j, "gaps", r->gaps);
    json_fixed(&j, "elapsed_s", clock_seconds() - r->started_s, 3);
    json_text(&j, "tocsin", r->cli->program->version);
    json_object(&j, "dossiers");
    json_end(&j);
    json_str(&j, "sandbox", sandbox_text(r->cli->arena));
    json_bool(&j, "interrupted", *r->interrupted != 0);
    json_end(&j);
    json_line(&j);
}

static void left_out(struct run *r, const char *what, uint64_t n)
{
    if (n)
        buf_printf(&r->out.sink.out, " %" PRIu64 " %s.", n, what);
}

static void summary_text(struct run *r, const struct watch_count *c, uint64_t n_alerts)
{
    char first[32], last[32];
    if (r->cli->quiet)
        return;
    buf_printf(&r->out.sink.out,
               "%s%" PRIu64 " alert%s from %" PRIu64 " post%s, %" PRIu64 " of which name a subject",
               n_alerts ? "\n" : "", n_alerts, n_alerts == 1 ? "" : "s", c->posts.posts,
               c->posts.posts == 1 ? "" : "s", c->posts.named);
    if (c->last_day >= c->first_day)
        buf_printf(&r->out.sink.out, ", %s to %s",
                   time_short(c->first_day * US_PER_DAY, false, first),
                   time_short(c->last_day * US_PER_DAY, false, last));
    buf_puts(&r->out.sink.out, ".");
    left_out(r, "were read before", c->again);
    left_out(r, "have no date and were left out", c->posts.undated);
    left_out(r, "are dated in the future and were left out", c->posts.future);
    left_out(r, "are dated before 1990 and were left out", c->posts.ancient);
    left_out(r, "alerts were withheld, as they are muted or acknowledged", c->quiet);
    left_out(r, "mentions were of subjects beyond the first million", c->beyond);
    left_out(r, "were beyond the alerts of their day (--pages)", c->digest);
    left_out(r, "rose in the threads of an alert and are told with it", c->together);
    buf_puts(&r->out.sink.out, "\n");
}

static void silence_json(struct run *r, const struct trend_silence *s, struct str site)
{
    struct json j;
    json_init(&j, &r->out.sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", "silence");
    json_str(&j, "site", site);
    json_time(&j, "since", s->since_day * US_PER_DAY);
    json_u64(&j, "days", s->days);
    json_real(&j, "expected", s->expected, 4);
    json_real(&j, "p", s->p, 4);
    json_end(&j);
    json_line(&j);
}

/* A feed that broke looks like peace and quiet. */
static void tell_silences(struct run *r, const struct watch *w)
{
    struct trend_silence s;
    struct str site;
    char since[32];
    for (uint32_t i = 0; watch_silence(w, i, &s, &site); i++) {
        if (!s.days)
            continue;
        if (r->values->json)
            silence_json(r, &s, site);
        else if (!r->cli->quiet)
            cli_say(r->cli, "%.*s: nothing since %s, where %.0f threads would be usual by now",
                    STR_FMT(site), time_short(s.since_day * US_PER_DAY, false, since), s.expected);
    }
}

static bool is_about(const struct alert *a, struct str subject)
{
    bool about = str_ieq(a->subject, subject);
    for (size_t i = 0; i < a->n_with && !about; i++)
        about = str_ieq(a->with[i].subject, subject);
    return about;
}

/* Keeps those about one subject. */
static void keep_about(const struct watch_values *v, struct alert *alert, size_t *n)
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (!v->about.p || is_about(&alert[i], v->about))
            alert[kept++] = alert[i];
    *n = kept;
}

static void joined_json(struct run *r, const struct alert_with *x)
{
    struct json j;
    json_init(&j, &r->out.sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", "joined");
    json_time(&j, "time", x->time_us);
    alert_json_with(&j, x);
    json_text(&j, "with", x->leader);
    json_end(&j);
    json_line(&j);
    sink_pace(&r->out.sink);
}

/* Beside the alerts, in the forms that can say it. */
static void tell_joined(struct run *r, struct alert_with *joined, size_t *n)
{
    const struct watch_values *v = r->values;
    struct buf b;
    size_t kept = 0;
    buf_init(&b, SINK_MAX_BYTES);
    for (size_t i = 0; i < *n; i++) {
        const struct alert_with *x = &joined[i];
        if (v->about.p && !str_ieq(x->subject, v->about))
            continue;
        joined[kept++] = *x;
        if (v->json)
            joined_json(r, x);
        if (v->json || v->rss || v->stix || v->misp)
            continue;
        buf_reset(&b);
        alert_with_text(&b, x);
        buf_puts(&r->out.sink.out, "\nTOGETHER  ");
        escape_terminal(&r->out.sink.out, buf_view(&b), false);
        buf_printf(&r->out.sink.out, "\n  rose in the threads of the alert %.12s\n", x->leader);
        sink_pace(&r->out.sink);
    }
    *n = kept;
    buf_done(&b);
}

/* Before they count as told: an alert that is kept twice is one. */
static enum err keep(struct run *r, struct watch *w, const struct alert *alert, size_t n,
                     struct error *error)
{
    const struct print_options options = {0};
    if (!r->take.on || !n)
        return OK;
    TRY(case_take_begin(&r->take, "watch", r->inputs, error));
    run_assets(r);
    enum err rc = alert_write(alert_format_find(STR("json")), &r->take.sink, alert, n, &options);
    if (!rc)
        rc = run_courses(r, w, alert, n, error);
    return case_take_end(&r->take, rc, error);
}

enum err run_tell(struct run *r, struct watch *w, struct error *error)
{
    const struct watch_values *v = r->values;
    int fd = fileno(r->cli->out);
    struct print_options options = {.colour = r->cli->color,
                                    .ascii = term_is(fd) && term_ascii(fd),
                                    .width = cli_columns(r->cli)};
    struct arena arena;
    struct alert *alert;
    struct alert_with *joined;
    size_t n = 0, n_joined = 0;
    arena_init(&arena, ALERTS_BYTES);
    enum err rc = watch_alerts(w, &arena, &alert, &n, error);
    if (!rc)
        rc = watch_joined(w, &arena, &joined, &n_joined, error);
    if (!rc)
        keep_about(v, alert, &n);
    if (!rc && v->draft.p && n)
        rc = run_draft(r, alert, n, error);
    if (!rc && (n || !r->alerts))
        rc = alert_write(format_of(v), &r->out.sink, alert, n, &options);
    if (!rc)
        tell_joined(r, joined, &n_joined);
    if (!rc || r->out.sink.rc)
        rc = out_flush(&r->out, error);
    if (!rc)
        rc = keep(r, w, alert, n, error);
    if (!rc)
        rc = run_post(r, w, alert, n, error);
    if (!rc)
        rc = watch_told(w, alert, n, joined, n_joined, error);
    if (!rc)
        rc = run_send(r, w, error);
    r->alerts += n;
    arena_done(&arena);
    return rc;
}

enum err run_summarise(struct run *r, const struct watch *w, struct error *error)
{
    const struct watch_values *v = r->values;
    struct watch_count count;
    watch_counts(w, &count);
    tell_silences(r, w);
    if (v->json)
        summary_json(r, &count, r->alerts);
    else if (!v->rss && !v->stix && !v->misp)
        summary_text(r, &count, r->alerts);
    return out_flush(&r->out, error);
}
