#include "cli/gap.h"
#include "cli/watch_run.h"
#include "os/clock.h"
#include "watch/pass.h"

#include <inttypes.h>
#include <string.h>

const size_t watch_values_size = sizeof(struct watch_values);

enum {
    MAX_EVERY_S = 7 * 86400,
    MAX_PER_WEEK = 1000,
    MAX_PAGES = 1000,
    MAX_TOP = 1000,
    MAX_LEAST = 200,
    MAX_WARM_UP = 104,
    LEXICON_BYTES = 64 * 1024 * 1024
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
    {.name = "case",
     TEXT(struct watch_values, case_file),
     .arg = "FILE",
     .help = "keep the alerts in this case as well; it is made if it is not there"},
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
    {.name = "new-terms",
     FLAG(struct watch_values, new_terms),
     .help = "tell instead, week by week, terms that are in no lexicon and rise: never an alert"},
    {.name = "top",
     NUMBER(struct watch_values, top),
     .arg = "N",
     .min = 1,
     .max = MAX_TOP,
     .help = "of --new-terms: terms of a week at most; 20 without it"},
    {.name = "least-threads",
     NUMBER(struct watch_values, least_threads),
     .arg = "N",
     .min = 2,
     .max = MAX_LEAST,
     .help = "of --new-terms: in so many threads of the week; 3 without it"},
    {.name = "least-sites",
     NUMBER(struct watch_values, least_sites),
     .arg = "N",
     .min = 1,
     .max = MAX_LEAST,
     .help = "of --new-terms: on so many sites; 2 without it"},
    {.name = "least-voices",
     NUMBER(struct watch_values, least_voices),
     .arg = "N",
     .min = 1,
     .max = MAX_LEAST,
     .help = "of --new-terms: by so many voices; 3 without it"},
    {.name = "warm-up",
     NUMBER(struct watch_values, warm_up),
     .arg = "WEEKS",
     .min = 1,
     .max = MAX_WARM_UP,
     .help = "of --new-terms: weeks that are learnt from before any is told; 4 without it"},
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

enum err run_gap(void *ctx, const struct errand_gap *gap)
{
    struct run *r = ctx;
    r->gaps++;
    cli_say(r->cli, "%.*s: at %" PRIu64 ": %.*s: %.*s", STR_FMT(gap->file), gap->offset,
            STR_FMT(gap->reason), STR_FMT(gap->detail));
    if (!r->values->json)
        return OK;
    gap_json(&r->out.sink.out, gap);
    sink_pace(&r->out.sink);
    return r->out.sink.rc;
}

/* ---- what it starts from ---- */

enum err run_load_lexicon(struct run *r, struct lexicon *lexicon, struct error *error)
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

enum err run_parse_map(struct run *r, struct post_map *ret_map, struct error *error)
{
    struct str wrong;
    if (!r->values->map.p || post_map_parse(r->values->map, ret_map, &wrong))
        return OK;
    return fail(error, ERR_USAGE,
                "--map: '%.*s' is none of time=, ingest=, site=, text=, author=, "
                "thread=, url=, id=, title=, lang=, source=",
                STR_FMT(wrong));
}

unsigned run_year_max(int64_t now_us)
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
    TRY(run_summarise(r, w, error));
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
                                    .gap = run_gap,
                                    .ctx = r,
                                    .interrupted = r->interrupted,
                                    .now_us = clock_wall_us(),
                                    .year_max = run_year_max(clock_wall_us())};
    set_budget(r->values, &options.trend);
    TRY(run_parse_map(r, &options.map, error));
    TRY(extract_lists_load(r->cli->arena, &lists, error));
    enum err rc = run_load_lexicon(r, &lexicon, error);
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
    out_open(&r->out, r->cli);
    enum err rc = run_ledger(r, &error);
    if (!rc)
        rc = out_flush(&r->out, &error);
    out_close(&r->out);
    if (rc && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    return rc ? cli_error(r->cli, &error) : STATUS_OK;
}

/* Options of alerts, which a digest has none of. */
static bool asks_for_alerts(const struct watch_values *v)
{
    return v->rss || v->stix || v->misp || v->state.p || v->assets.n || v->about.p || v->draft.p ||
           v->own.n || v->warning_list.n || v->epss.n || v->kev.n || v->channels.p || v->spool.p ||
           v->per_week || v->pages || v->follow.p || v->interest.p || v->ack.p || v->mute.p ||
           v->reason.p || v->case_file.p;
}

static bool asks_for_terms(const struct watch_values *v)
{
    return v->top || v->least_threads || v->least_sites || v->least_voices || v->warm_up;
}

/* The first pair of options that cannot both be meant; NULL: all can. */
static const char *contradiction(const struct watch_values *v, const struct str_list *operands)
{
    if (v->json + v->rss + v->stix + v->misp > 1)
        return "--json, --rss, --stix and --misp: one of them";
    if (v->new_terms && asks_for_alerts(v))
        return "--new-terms reads posts and raises no alert: of the other options it takes --json, "
               "--map, --format and --lexicon";
    if (asks_for_terms(v) && !v->new_terms)
        return "--top, --least-threads, --least-sites, --least-voices and --warm-up are for "
               "--new-terms";
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
    out_open(&r.out, cli);
    arena_init(&r.lexicons, 4 * (size_t)LEXICON_BYTES);
    r.inputs = operands;
    enum err rc = case_take_open(&r.take, r.values->case_file, operands, &error);
    if (!rc)
        rc = r.values->new_terms ? run_terms(&r, &tree, &error) : open_and_go(&r, &tree, &error);
    case_take_close(&r.take);
    arena_done(&r.lexicons);
    out_close(&r.out);
    io_tree_close(&tree);
    if (rc < 0 && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    if (rc < 0)
        return cli_error(cli, &error);
    if (rc == END)
        return STATUS_INTERRUPTED;
    return r.alerts ? STATUS_FOUND : r.gaps ? STATUS_INCOMPLETE : STATUS_OK;
}
