/* watch --new-terms: terms of each week that nobody listed, to extend the lexicon by. */
#include "cli/watch_run.h"
#include "os/clock.h"
#include "os/sandbox.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "watch/digest.h"
#include "watch/pass.h"

#include <inttypes.h>
#include <string.h>

struct telling {
    struct run *run;
    uint64_t weeks, terms;
};

static void term_json(struct run *r, const struct digest_week *week, const struct digest_term *t)
{
    struct json j;
    json_init(&j, &r->out.sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", "term");
    json_str(&j, "term", t->text);
    json_time(&j, "week", week->first_day * US_PER_DAY);
    json_time(&j, "until", week->last_day * US_PER_DAY);
    json_real(&j, "z", t->z, 4);
    json_u64(&j, "threads", t->threads);
    json_real(&j, "expected", t->expected, 4);
    json_real(&j, "before", t->before, 4);
    json_u64(&j, "sites", t->sites);
    json_u64(&j, "voices", t->voices);
    json_time(&j, "first", t->first_day * US_PER_DAY);
    json_array(&j, "site");
    for (size_t i = 0; i < t->n_site; i++)
        json_str(&j, NULL, t->site[i]);
    json_end(&j);
    json_array(&j, "with");
    for (size_t i = 0; i < t->n_with; i++)
        json_str(&j, NULL, t->with[i]);
    json_end(&j);
    json_str(&j, "snippet", t->snippet);
    json_end(&j);
    json_line(&j);
}

static void week_json(struct run *r, const struct digest_week *week)
{
    struct json j;
    json_init(&j, &r->out.sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", "week");
    json_time(&j, "week", week->first_day * US_PER_DAY);
    json_time(&j, "until", week->last_day * US_PER_DAY);
    json_bool(&j, "warm", week->warm);
    json_u64(&j, "posts", week->posts);
    json_u64(&j, "repeated", week->repeated);
    json_u64(&j, "threads", week->threads);
    json_u64(&j, "terms", week->n);
    json_u64(&j, "more", week->more);
    json_end(&j);
    json_line(&j);
}

static void list_text(struct buf *out, const char *before, const struct str *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_puts(out, i ? ", " : before);
        escape_terminal(out, list[i], false);
    }
}

static void term_text(struct run *r, const struct digest_term *t)
{
    struct buf *out = &r->out.sink.out;
    char first[32];
    buf_printf(out, "%6.1f %7u %8.1f %6.1f %5u %6u  %s  ", t->z, t->threads, t->expected, t->before,
               t->sites, t->voices, time_short(t->first_day * US_PER_DAY, false, first));
    escape_terminal(out, t->text, false);
    list_text(out, "  with ", t->with, t->n_with);
    list_text(out, "\n         on ", t->site, t->n_site);
    buf_puts(out, t->sites > t->n_site ? ", ...\n         " : "\n         ");
    escape_terminal(out, t->snippet, false);
    buf_putc(out, '\n');
}

static void week_text(struct run *r, const struct digest_week *week, bool first)
{
    struct buf *out = &r->out.sink.out;
    char from[32], to[32];
    buf_printf(out, "%sweek of %s to %s: ", first || !week->n ? "" : "\n",
               time_short(week->first_day * US_PER_DAY, false, from),
               time_short(week->last_day * US_PER_DAY, false, to));
    if (!week->warm)
        buf_printf(out, "learnt from %" PRIu64 " threads\n", week->threads);
    else
        buf_printf(out, "%zu term%s from %" PRIu64 " threads\n", week->n, week->n == 1 ? "" : "s",
                   week->threads);
    if (week->n)
        buf_puts(out, "     z threads expected before sites voices  first       term\n");
    for (size_t i = 0; i < week->n; i++)
        term_text(r, &week->term[i]);
    if (week->more)
        buf_printf(out, "       and %zu more (--top)\n", week->more);
}

static enum err on_week(void *ctx, const struct digest_week *week)
{
    struct telling *t = ctx;
    struct run *r = t->run;
    if (r->values->json) {
        week_json(r, week);
        for (size_t i = 0; i < week->n; i++)
            term_json(r, week, &week->term[i]);
    } else {
        week_text(r, week, !t->weeks);
    }
    t->weeks++;
    t->terms += week->n;
    sink_pace(&r->out.sink);
    return r->out.sink.rc;
}

/* ---- the summary ---- */

static void summary_json(const struct telling *t, const struct digest_count *c)
{
    struct run *r = t->run;
    struct json j;
    json_init(&j, &r->out.sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", "summary");
    json_text(&j, "verb", "watch");
    json_u64(&j, "records", c->posts.posts);
    json_u64(&j, "undated", c->posts.undated);
    json_u64(&j, "future", c->posts.future);
    json_u64(&j, "ancient", c->posts.ancient);
    json_u64(&j, "weeks", t->weeks);
    json_u64(&j, "terms", t->terms);
    json_u64(&j, "bytes", c->bytes);
    json_u64(&j, "findings", 0);
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

static void left_out(struct buf *out, const char *what, uint64_t n)
{
    if (n)
        buf_printf(out, " %" PRIu64 " %s and were left out.", n, what);
}

static void summary_text(const struct telling *t, const struct digest_count *c)
{
    struct buf *out = &t->run->out.sink.out;
    if (t->run->cli->quiet)
        return;
    buf_printf(out,
               "%s%" PRIu64 " term%s in %" PRIu64 " week%s, from the %" PRIu64
               " post%s of this run alone.",
               t->weeks ? "\n" : "", t->terms, t->terms == 1 ? "" : "s", t->weeks,
               t->weeks == 1 ? "" : "s", c->posts.posts, c->posts.posts == 1 ? "" : "s");
    left_out(out, "have no date", c->posts.undated);
    left_out(out, "are dated in the future", c->posts.future);
    left_out(out, "are dated before 1990", c->posts.ancient);
    buf_puts(out, "\n");
}

/* ---- the run ---- */

static struct digest_options options_of(struct run *r)
{
    const struct watch_values *v = r->values;
    return (struct digest_options){
        .novel = {.warm_up = (unsigned)v->warm_up, .threads = (unsigned)v->least_threads},
        .least_sites = (unsigned)v->least_sites,
        .least_voices = (unsigned)v->least_voices,
        .top = (size_t)v->top,
        .format = v->format,
        .gap = run_gap,
        .ctx = r,
        .interrupted = r->interrupted,
        .now_us = clock_wall_us(),
        .year_max = run_year_max(clock_wall_us())};
}

static enum err go(struct run *r, struct digest *d, const struct io_tree *tree, struct error *error)
{
    struct telling telling = {.run = r};
    struct digest_count count;
    enum err rc = digest_read(d, tree, error);
    if (!rc)
        rc = digest_tell(d, on_week, &telling, error);
    if (rc < 0)
        return rc;
    digest_counts(d, &count);
    if (r->values->json)
        summary_json(&telling, &count);
    else
        summary_text(&telling, &count);
    TRY(out_flush(&r->out, error));
    return rc;
}

enum err run_terms(struct run *r, const struct io_tree *tree, struct error *error)
{
    struct extract_lists lists;
    struct lexicon lexicon;
    struct digest *d = NULL;
    struct digest_options options = options_of(r);
    options.lexicon = &lexicon;
    options.lists = &lists;
    TRY(run_parse_map(r, &options.map, error));
    TRY(extract_lists_load(r->cli->arena, &lists, error));
    enum err rc = run_load_lexicon(r, &lexicon, error);
    if (!rc)
        rc = digest_open(&options, &d, error);
    if (!rc)
        rc = go(r, d, tree, error);
    d = digest_close(d);
    lexicon_done(&lexicon);
    return rc;
}
