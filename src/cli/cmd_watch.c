#include "cli/gap.h"
#include "cli/watch_run.h"
#include "dossier/draft.h"
#include "dossier/warning.h"
#include "os/clock.h"
#include "os/sandbox.h"
#include "os/term.h"
#include "output/alert.h"
#include "output/escape.h"
#include "watch/pass.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

const size_t watch_values_size = sizeof(struct watch_values);

enum {
    MAX_EVERY_S = 7 * 86400,
    MAX_PER_WEEK = 1000,
    MAX_PAGES = 1000,
    LEXICON_BYTES = 64 * 1024 * 1024,
    ALERTS_BYTES = 1024 * 1024 * 1024
};

const struct option_def watch_option_defs[] = {
    {.name = "json", FLAG(struct watch_values, json), .help = "print JSON Lines"},
    {.name = "rss", FLAG(struct watch_values, rss), .help = "print the alerts as an RSS feed"},
    {.name = "stix", FLAG(struct watch_values, stix), .help = "print a STIX 2.1 bundle"},
    {.name = "misp", FLAG(struct watch_values, misp), .help = "print a MISP event"},
    {.name = "map",
     TEXT(struct watch_values, map),
     .arg = "time=COL,...",
     .help = "columns of CSV and TSV: time, ingest, site, text, author, thread, url, id, title"},
    {.name = "format",
     TEXT(struct watch_values, format),
     .arg = "NAME",
     .help = "the posts' format, where their first bytes do not tell it"},
    {.name = "state",
     TEXT(struct watch_values, state),
     .arg = "FILE",
     .help = "what was learnt is kept there, and what was told is not told again"},
    {.name = "assets",
     LIST(struct watch_values, assets),
     .arg = "FILE",
     .help = "what you run (CSV, CPE names, words, CycloneDX): it needs less evidence"},
    {.name = "lexicon",
     LIST(struct watch_values, lexicon),
     .arg = "FILE",
     .help = "further names of subjects; may be given several times"},
    {.name = "about",
     TEXT(struct watch_values, about),
     .arg = "SUBJECT",
     .help = "tell only the alerts about it; others wait for a run without"},
    {.name = "draft",
     TEXT(struct watch_values, draft),
     .arg = "DIR",
     .help =
         "write a draft dossier there, for scan --dossier: of the newest alert's subject, first "
         "of all of one that concerns your assets"},
    {.name = "own",
     LIST(struct watch_values, own),
     .arg = "VALUE",
     .help = "an address, net or domain of yours, left out of --draft as your assets are"},
    {.name = "warning-list",
     LIST(struct watch_values, warning_list),
     .arg = "FILE",
     .help = "a warning list of MISP: what it names is left out of --draft"},
    {.name = "epss",
     LIST(struct watch_values, epss),
     .arg = "FILE",
     .help = "scores of EPSS (CSV), told beside alerts about CVEs"},
    {.name = "kev",
     LIST(struct watch_values, kev),
     .arg = "FILE",
     .help = "CISA's list of exploited vulnerabilities (JSON or CSV): the same; a new entry lets "
             "an open episode speak again"},
    {.name = "channels",
     TEXT(struct watch_values, channels),
     .arg = "FILE",
     .help = "send the alerts there as well: webhook, mail, syslog, Alertmanager"},
    {.name = "spool",
     TEXT(struct watch_values, spool),
     .arg = "DIR",
     .help = "of --channels: where alerts wait until they are sent"},
    {.name = "per-week",
     NUMBER(struct watch_values, per_week),
     .arg = "N",
     .min = 1,
     .max = MAX_PER_WEEK,
     .help = "false alarms a week that you can bear; 2 without it"},
    {.name = "pages",
     NUMBER(struct watch_values, pages),
     .arg = "N",
     .min = 1,
     .max = MAX_PAGES,
     .help = "alerts of one day at most; 5 without it"},
    {.name = "follow",
     TEXT(struct watch_values, follow),
     .arg = "FILE",
     .help = "ask the feeds whose addresses stand there, one a line, until Ctrl-C"},
    {.name = "once", FLAG(struct watch_values, once), .help = "of --follow: ask each feed once"},
    {.name = "every",
     NUMBER(struct watch_values, every),
     .arg = "SECONDS",
     .min = 10,
     .max = MAX_EVERY_S,
     .help = "of --follow: between two requests to a feed; 900 without it"},
    {.name = "proxy",
     TEXT(struct watch_values, proxy),
     .arg = "URL",
     .help = "of --follow: ask through that proxy"},
    {.name = "allow-private",
     FLAG(struct watch_values, allow_private),
     .help = "of --follow: also feeds at private and loopback addresses"},
    {.name = "interest",
     TEXT(struct watch_values, interest),
     .arg = "SUBJECT",
     .help = "tell from the state where it was named within a year, since when, and how: asked "
             "for, shared, sold, used"},
    {.name = "ack",
     TEXT(struct watch_values, ack),
     .arg = "ID",
     .help = "the alert is dealt with: its episode speaks no more"},
    {.name = "mute",
     TEXT(struct watch_values, mute),
     .arg = "SUBJECT",
     .help = "no alert about it, for good or --until"},
    {.name = "until", TIME(struct watch_values, until_us), .arg = "TIME", .help = "end of --mute"},
    {.name = "reason",
     TEXT(struct watch_values, reason),
     .arg = "TEXT",
     .help = "why, kept with --ack and --mute"},
    {0},
};

static enum err write_out(void *ctx, const void *p, size_t n)
{
    struct run *r = ctx;
    if (fwrite(p, 1, n, r->cli->out) == n)
        return OK;
    r->why = errno;
    return ERR_IO;
}

static enum err on_gap(void *ctx, const struct errand_gap *gap)
{
    struct run *r = ctx;
    r->gaps++;
    cli_say(r->cli, "%.*s: at %" PRIu64 ": %.*s: %.*s", STR_FMT(gap->file), gap->offset,
            STR_FMT(gap->reason), STR_FMT(gap->detail));
    if (!r->values->json)
        return OK;
    gap_json(&r->sink.out, gap);
    sink_pace(&r->sink);
    return r->sink.rc;
}

/* ---- the answer ---- */

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
    json_init(&j, &r->sink.out);
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
        buf_printf(&r->sink.out, " %" PRIu64 " %s.", n, what);
}

static void summary_text(struct run *r, const struct watch_count *c, uint64_t n_alerts)
{
    char first[32], last[32];
    if (r->cli->quiet)
        return;
    buf_printf(&r->sink.out,
               "%s%" PRIu64 " alert%s from %" PRIu64 " post%s, %" PRIu64 " of which name a subject",
               n_alerts ? "\n" : "", n_alerts, n_alerts == 1 ? "" : "s", c->posts.posts,
               c->posts.posts == 1 ? "" : "s", c->posts.named);
    if (c->last_day >= c->first_day)
        buf_printf(&r->sink.out, ", %s to %s", time_short(c->first_day * US_PER_DAY, false, first),
                   time_short(c->last_day * US_PER_DAY, false, last));
    buf_puts(&r->sink.out, ".");
    left_out(r, "were read before", c->again);
    left_out(r, "have no date and were left out", c->posts.undated);
    left_out(r, "are dated in the future and were left out", c->posts.future);
    left_out(r, "are dated before 1990 and were left out", c->posts.ancient);
    left_out(r, "alerts were withheld, as they are muted or acknowledged", c->quiet);
    left_out(r, "mentions were of subjects beyond the first million", c->beyond);
    left_out(r, "were beyond the alerts of their day (--pages)", c->digest);
    left_out(r, "rose in the threads of an alert and are told with it", c->together);
    buf_puts(&r->sink.out, "\n");
}

static void silence_json(struct run *r, const struct trend_silence *s, struct str site)
{
    struct json j;
    json_init(&j, &r->sink.out);
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

static enum err flush(struct run *r, struct error *error)
{
    if (!sink_flush(&r->sink) && !fflush(r->cli->out))
        return OK;
    return fail(error, ERR_IO, "cannot write the answer: %s", strerror(r->why ? r->why : errno));
}

/* ---- the draft ---- */

/* The newest one, first of all of those that concern an asset. */
static const struct alert *draft_of(const struct alert *alert, size_t n)
{
    const struct alert *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (!best || (alert[i].customer.p != NULL) >= (best->customer.p != NULL))
            best = &alert[i];
    return best;
}

static enum err left_out_of_draft(struct run *r, const struct assets *assets,
                                  struct warnings *warnings, struct error *error)
{
    const struct watch_values *v = r->values;
    TRY(warnings_init(r->cli->arena, warnings, error));
    for (size_t i = 0; i < v->warning_list.n; i++) {
        struct str text;
        TRY(io_read_file(r->cli->arena, v->warning_list.v[i], WARNING_LIST_BYTES, &text, error));
        TRY(warnings_add_misp(warnings, text, v->warning_list.v[i], error));
    }
    for (size_t i = 0; assets && i < assets->asset.n; i++)
        TRY(warnings_add_own(warnings, &(struct str_list){&assets->asset.v[i].label, 1}));
    return warnings_add_own(warnings, &v->own);
}

/* All alerts of one subject, whatever their lane, make one draft. */
static enum err draft(struct run *r, const struct alert *alert, size_t n, struct error *error)
{
    struct warnings warnings = {0};
    struct draft_options options = {.warnings = &warnings};
    struct draft_told told;
    const struct alert *of = draft_of(alert, n);
    struct alert *same = arena_new_n(r->cli->arena, struct alert, n);
    size_t n_same = 0;
    if (!same)
        return ERR_NOMEM;
    for (size_t i = n; i-- > 0;) /* the newest one gives the draft its title */
        if (alert[i].kind == of->kind && str_eq(alert[i].subject, of->subject))
            same[n_same++] = alert[i];
    enum err rc = left_out_of_draft(r, r->assets, &warnings, error);
    if (!rc)
        rc = dossier_draft(same, n_same, &options, r->values->draft, r->cli->arena, &told, error);
    warnings_done(&warnings);
    if (!rc && !r->cli->quiet)
        cli_say(
            r->cli,
            "draft dossier about %.*s in %.*s: %zu CVEs, %zu products, %zu indicators; %zu left "
            "out",
            STR_FMT(of->subject), STR_FMT(r->values->draft), told.cves, told.products,
            told.indicators, told.left_out + told.unusable + told.too_many);
    return rc;
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
    json_init(&j, &r->sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", "joined");
    json_time(&j, "time", x->time_us);
    alert_json_with(&j, x);
    json_text(&j, "with", x->leader);
    json_end(&j);
    json_line(&j);
    sink_pace(&r->sink);
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
        buf_puts(&r->sink.out, "\nTOGETHER  ");
        escape_terminal(&r->sink.out, buf_view(&b), false);
        buf_printf(&r->sink.out, "\n  rose in the threads of the alert %.12s\n", x->leader);
        sink_pace(&r->sink);
    }
    *n = kept;
    buf_done(&b);
}

struct sending {
    struct run *run;
    struct watch *w;
};

static void on_problem(void *ctx, struct str channel, struct str why)
{
    const struct sending *s = ctx;
    cli_say(s->run->cli, "channel %.*s: %.*s", STR_FMT(channel), STR_FMT(why));
}

static enum deliver_episode on_episode(void *ctx, struct str id)
{
    const struct sending *s = ctx;
    struct error error = {0};
    bool on;
    enum err rc = watch_goes_on(s->w, id, &on, &error);
    return rc ? EPISODE_UNKNOWN : on ? EPISODE_OPEN : EPISODE_OVER;
}

/* What could not be sent stays in the spool, and the next run tries again. Without a state no later
 * run knows whether an alert goes on. */
static enum err send_waiting(struct run *r, struct watch *w, struct error *error)
{
    struct sending sending = {r, w};
    struct deliver_count count = {0};
    struct deliver_options options = {.now_us = clock_wall_us(),
                                      .interrupted = r->interrupted,
                                      .problem = on_problem,
                                      .episode = r->values->state.p ? on_episode : NULL,
                                      .ctx = &sending};
    if (!r->channels.n)
        return OK;
    enum err rc = deliver_run(&r->channels, r->values->spool, &options, &count, error);
    if (!rc && count.given_up + count.orphans + count.broken)
        cli_say(r->cli,
                "%.*s: %zu alerts were given up, %zu are for channels that are gone, %zu "
                "files are no alerts",
                STR_FMT(r->values->spool), count.given_up, count.orphans, count.broken);
    return rc;
}

/* From now on they are in the spool, on disk. What is due goes first, so that there is room. */
static enum err post(struct run *r, struct watch *w, const struct alert *alert, size_t n,
                     struct error *error)
{
    if (!r->channels.n || !n)
        return OK;
    TRY(send_waiting(r, w, error));
    return deliver_post(&r->channels, alert, n, r->values->spool, error);
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
        rc = draft(r, alert, n, error);
    if (!rc && (n || !r->alerts))
        rc = alert_write(format_of(v), &r->sink, alert, n, &options);
    if (!rc)
        tell_joined(r, joined, &n_joined);
    if (!rc || r->sink.rc)
        rc = flush(r, error);
    if (!rc)
        rc = post(r, w, alert, n, error);
    if (!rc)
        rc = watch_told(w, alert, n, joined, n_joined, error);
    if (!rc)
        rc = send_waiting(r, w, error);
    r->alerts += n;
    arena_done(&arena);
    return rc;
}

static enum err summarise(struct run *r, const struct watch *w, struct error *error)
{
    const struct watch_values *v = r->values;
    struct watch_count count;
    watch_counts(w, &count);
    tell_silences(r, w);
    if (v->json)
        summary_json(r, &count, r->alerts);
    else if (!v->rss && !v->stix && !v->misp)
        summary_text(r, &count, r->alerts);
    return flush(r, error);
}

/* ---- what it starts from ---- */

static enum err load_lexicon(struct run *r, struct lexicon *lexicon, struct error *error)
{
    lexicon_init(lexicon, &r->lexicons);
    TRY(lexicon_shipped(lexicon, error));
    for (size_t i = 0; i < r->values->lexicon.n; i++) {
        struct str text, path = r->values->lexicon.v[i];
        TRY(io_read_file(&r->lexicons, path, LEXICON_BYTES, &text, error));
        TRY(lexicon_table(lexicon, path, text, error));
    }
    for (size_t i = 0; i < lexicon->problems.n; i++) {
        const struct lexicon_problem *p = &lexicon->problems.v[i];
        cli_say(r->cli, "%.*s:%u: %.*s", STR_FMT(p->name), p->line, STR_FMT(p->text));
    }
    return OK;
}

static enum err load_assets(struct run *r, struct assets *assets, struct error *error)
{
    TRY(assets_init(r->cli->arena, assets, error));
    for (size_t i = 0; i < r->values->assets.n; i++)
        TRY(assets_load(assets, r->values->assets.v[i], error));
    return OK;
}

static enum err load_known(struct run *r, struct known *known, struct error *error)
{
    const struct str_list *lists[] = {&r->values->epss, &r->values->kev};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < lists[i]->n; k++)
            TRY(known_load(known, lists[i]->v[k], error));
    if (known->left_out)
        cli_say(r->cli, "%zu rows of --epss and --kev could not be used", known->left_out);
    return OK;
}

static enum err load_channels(struct run *r, struct error *error)
{
    if (!r->values->channels.p)
        return OK;
    if (!r->values->spool.p)
        return fail(error, ERR_USAGE, "--channels needs a --spool, where alerts wait");
    return channels_load(r->cli->arena, r->values->channels, &r->channels, error);
}

/* Half of the budget is for bursts, a quarter each for slow rises and for breadth. */
static void set_budget(const struct watch_values *v, struct trend_options *trend)
{
    double week = v->per_week ? (double)v->per_week : 2;
    trend->budget[LANE_BURST] = week / 2;
    trend->budget[LANE_RISE] = week / 4;
    trend->budget[LANE_BREADTH] = week / 4;
    trend->alerts_a_day = (unsigned)v->pages;
}

static enum err parse_map(struct run *r, struct post_map *ret_map, struct error *error)
{
    struct str wrong;
    if (!r->values->map.p || post_map_parse(r->values->map, ret_map, &wrong))
        return OK;
    return fail(error, ERR_USAGE,
                "--map: '%.*s' is none of time=, ingest=, site=, text=, author=, "
                "thread=, url=, id=, title=, lang=, source=",
                STR_FMT(wrong));
}

static unsigned year_max(int64_t now_us)
{
    return (unsigned)time_civil(now_us).year + 1;
}

static enum err go(struct run *r, struct watch *w, const struct io_tree *tree, struct error *error)
{
    enum err read = tree->n ? watch_read(w, tree, error) : OK;
    if (read < 0)
        return read;
    TRY(watch_end(w, error));
    TRY(run_tell(r, w, error));
    if (!read && r->values->follow.p)
        read = run_follow(r, w, error);
    if (read < 0)
        return read;
    TRY(summarise(r, w, error));
    return read;
}

static bool known_is_given(const struct run *r)
{
    return r->values->epss.n || r->values->kev.n;
}

static enum err open_and_go(struct run *r, const struct io_tree *tree, struct error *error)
{
    struct extract_lists lists;
    struct lexicon lexicon;
    struct assets assets = {0};
    struct known known = {0};
    struct watch *w = NULL;
    struct watch_options options = {.state = r->values->state,
                                    .format = r->values->format,
                                    .lexicon = &lexicon,
                                    .lists = &lists,
                                    .assets = r->values->assets.n ? &assets : NULL,
                                    .known = known_is_given(r) ? &known : NULL,
                                    .gap = on_gap,
                                    .ctx = r,
                                    .interrupted = r->interrupted,
                                    .now_us = clock_wall_us(),
                                    .year_max = year_max(clock_wall_us())};
    set_budget(r->values, &options.trend);
    TRY(parse_map(r, &options.map, error));
    TRY(extract_lists_load(r->cli->arena, &lists, error));
    enum err rc = load_lexicon(r, &lexicon, error);
    if (!rc && r->values->assets.n)
        rc = load_assets(r, &assets, error);
    r->assets = options.assets;
    if (!rc)
        rc = load_known(r, &known, error);
    if (!rc)
        rc = load_channels(r, error);
    if (!rc)
        rc = watch_open(&options, &w, error);
    if (!rc)
        rc = go(r, w, tree, error);
    w = watch_close(w);
    channels_done(&r->channels);
    known_done(&known);
    assets_done(&assets);
    lexicon_done(&lexicon);
    return rc;
}

static enum status tell_interest(struct run *r)
{
    struct error error = {0};
    if (!r->values->state.p || !io_exists(r->values->state)) {
        cli_say(r->cli, "--interest needs a --state that a run has written");
        return STATUS_USAGE;
    }
    sink_init(&r->sink, write_out, r);
    enum err rc = run_ledger(r, &error);
    if (!rc)
        rc = flush(r, &error);
    sink_done(&r->sink);
    if (rc && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    return rc ? cli_error(r->cli, &error) : STATUS_OK;
}

/* The first pair of options that cannot both be meant; NULL: all can. */
static const char *contradiction(const struct watch_values *v, const struct str_list *operands)
{
    if (v->json + v->rss + v->stix + v->misp > 1)
        return "--json, --rss, --stix and --misp: one of them";
    if (v->until_us != TIME_NONE && !v->mute.p)
        return "--until is for --mute";
    if ((v->ack.p || v->mute.p || v->interest.p) && (operands->n || v->follow.p))
        return "--ack, --mute and --interest read no posts";
    if ((v->once || v->every || v->proxy.p) && !v->follow.p)
        return "--once, --every and --proxy are for --follow";
    return NULL;
}

enum status cmd_watch(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct error error = {0};
    struct io_tree tree = {0};
    struct run r = {.cli = cli, .values = values, .started_s = clock_seconds()};
    r.interrupted = cli_watch_interrupts();
    const char *wrong = contradiction(r.values, operands);
    if (wrong) {
        cli_say(cli, "%s", wrong);
        return STATUS_USAGE;
    }
    if (r.values->ack.p || r.values->mute.p)
        return run_say(&r);
    if (r.values->interest.p)
        return tell_interest(&r);
    if (!operands->n && !r.values->follow.p) {
        cli_say(cli, "no posts: name files or folders, or '-' for standard input");
        return STATUS_USAGE;
    }
    if (io_list(cli->arena, operands->v, operands->n, &tree, &error))
        return cli_error(cli, &error);
    sink_init(&r.sink, write_out, &r);
    arena_init(&r.lexicons, 4 * (size_t)LEXICON_BYTES);
    enum err rc = open_and_go(&r, &tree, &error);
    arena_done(&r.lexicons);
    sink_done(&r.sink);
    io_tree_close(&tree);
    if (rc < 0 && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    if (rc < 0)
        return cli_error(cli, &error);
    if (rc == END)
        return STATUS_INTERRUPTED;
    return r.alerts ? STATUS_FOUND : r.gaps ? STATUS_INCOMPLETE : STATUS_OK;
}
