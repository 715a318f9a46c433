#include "cli/backtest_answer.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "dossier/load.h"
#include "os/io.h"
#include "os/term.h"
#include "watch/gist.h"
#include "watch/pass.h"

#include <string.h>

struct backtest_values {
    struct str_list labels, map;
    struct str label_map, per_week;
    int64_t train_us, test_us;
    bool json, markdown, any_age, unlisted, frozen, brief;
};
const size_t backtest_values_size = sizeof(struct backtest_values);

const struct option_def backtest_option_defs[] = {
    {.name = "labels",
     LIST(struct backtest_values, labels),
     .arg = "CSV",
     .help = "subjects with the dates on which they were listed; may be given again"},
    {.name = "label-map",
     TEXT(struct backtest_values, label_map),
     .arg = "date=COL,subject=COL",
     .help = "columns of the labels, if their names do not tell"},
    {.name = "train-until",
     TIME(struct backtest_values, train_us),
     .arg = "DATE",
     .help = "the last day of training; the test begins on the next"},
    {.name = "test-until",
     TIME(struct backtest_values, test_us),
     .arg = "DATE",
     .help = "the last day of the test; without it that of the last post"},
    {.name = "alerts-per-week",
     TEXT(struct backtest_values, per_week),
     .arg = "N",
     .help = "choose the threshold that gave so many before the test; 2 if not given"},
    {.name = "map",
     LIST(struct backtest_values, map),
     .arg = "time=COL,...",
     .help = "columns of the posts; one for all files, or one for each in their order"},
    {.name = "any-age",
     FLAG(struct backtest_values, any_age),
     .help = "CVEs of all years, not only those of a post's year and the one before"},
    {.name = "unlisted",
     FLAG(struct backtest_values, unlisted),
     .help = "tell, and learn from, only what was not listed yet on that day"},
    {.name = "freeze",
     FLAG(struct backtest_values, frozen),
     .help = "learn no weights from the days of the test; without it they are learnt anew every "
             "30 days, from what is known by then"},
    {.name = "brief",
     FLAG(struct backtest_values, brief),
     .help = "do not try what each source and group of signals is worth"},
    {.name = "json", FLAG(struct backtest_values, json), .help = "print JSON Lines"},
    {.name = "markdown",
     FLAG(struct backtest_values, markdown),
     .help = "print one Markdown document"},
    {0},
};

enum {
    HASH_BYTES = 64 * 1024,
    INPUTS_MAX = 100 * 1000,
    YEAR_MAX = 2099,  /* no clock: the same posts give the same answer in any year */
    BEYOND_DAYS = 366 /* posts later than that behind the labels are no posts of the period */
};

struct run {
    struct cli *cli;
    const struct backtest_values *v;
    struct corpus corpus;
    struct labels labels;
    struct backtest backtest;
    struct gist *gist;
    struct lexicon lexicon;
    struct extract_lists lists;
    VEC(struct backtest_input) input;
    struct backtest_answer answer;
    struct out out;
    struct intake_count count;
};

/* --- what was asked --- */

static int32_t day_of(int64_t time_us)
{
    return (int32_t)(time_us / US_PER_DAY - (time_us % US_PER_DAY < 0));
}

static enum err take_options(struct run *r, size_t n_posts, struct error *error)
{
    const struct backtest_values *v = r->v;
    struct backtest_options *o = &r->backtest.options;
    *o = (struct backtest_options){.alerts_per_week = 2,
                                   .any_age = v->any_age,
                                   .unlisted = v->unlisted,
                                   .frozen = v->frozen,
                                   .experiments = !v->brief};
    if (v->labels.n == 0)
        return fail(error, ERR_USAGE, "--labels is missing: a file with dated subjects");
    if (v->train_us == TIME_NONE)
        return fail(error, ERR_USAGE, "--train-until is missing: the last day of training");
    if (v->json && v->markdown)
        return fail(error, ERR_USAGE, "--json and --markdown exclude each other");
    if (v->per_week.p && (!str_double(v->per_week, &o->alerts_per_week) ||
                          !(o->alerts_per_week > 0 && o->alerts_per_week <= 10000)))
        return fail(error, ERR_USAGE, "--alerts-per-week wants a number above 0, not '%.*s'",
                    STR_FMT(v->per_week));
    if (v->map.n > 1 && v->map.n != n_posts)
        return fail(error, ERR_USAGE, "%zu --map for %zu inputs: give one, or one for each",
                    v->map.n, n_posts);
    o->train_until = day_of(v->train_us);
    o->test_until = v->test_us == TIME_NONE ? LABEL_NEVER - 1 : day_of(v->test_us);
    if (o->test_until <= o->train_until)
        return fail(error, ERR_USAGE, "--test-until must be later than --train-until");
    return OK;
}

/* --- inputs and their hashes --- */

static enum err hash_file(int fd, struct backtest_input *in)
{
    char block[HASH_BYTES];
    unsigned char digest[SHA256_BYTES];
    struct sha256 h;
    ssize_t n;
    TRY(sha256_init(&h));
    while ((n = io_read(fd, block, sizeof block)) > 0) {
        sha256_add(&h, block, (size_t)n);
        in->bytes += (uint64_t)n;
    }
    sha256_end(&h, digest);
    sha256_done(&h);
    hex_of(digest, sizeof digest, in->sha256);
    in->hashed = n == 0;
    return OK;
}

/* What cannot be opened is told by the intake, which tries as well. */
static enum err note_inputs(struct run *r, const struct io_tree *tree)
{
    for (size_t i = 0; i < tree->n; i++) {
        struct backtest_input in = {.file = arena_str(r->cli->arena, tree->entry[i].path)};
        struct io_stamp stamp;
        int fd;
        if (!in.file.p)
            return ERR_NOMEM;
        if (!tree->entry[i].skip.p && !str_eq(in.file, STR("-")) &&
            io_open_entry(tree, &tree->entry[i], &fd, NULL) == OK) {
            enum err rc = io_stamp(fd, &stamp) == OK && stamp.regular ? hash_file(fd, &in) : OK;
            io_close(fd);
            TRY(rc);
        }
        TRY(vec_push(&r->input, in, INPUTS_MAX));
    }
    return OK;
}

static enum err read_labels(struct run *r, struct error *error)
{
    struct label_map map = {0};
    const struct str_list *files = &r->v->labels;
    if (r->v->label_map.p && !label_map_parse(r->v->label_map, &map))
        return fail(error, ERR_USAGE, "--label-map wants date=COL,subject=COL");
    for (size_t i = 0; i < files->n; i++) {
        struct backtest_input in = {.file = files->v[i], .labels = true, .hashed = true};
        unsigned char digest[SHA256_BYTES];
        struct str text;
        TRY(io_read_file(&r->labels.arena, files->v[i], LABEL_FILE_BYTES, &text, error));
        sha256_of(text, digest);
        hex_of(digest, sizeof digest, in.sha256);
        in.bytes = text.n;
        if (vec_push(&r->input, in, INPUTS_MAX))
            return fail(error, ERR_NOMEM, "out of memory");
        TRY(labels_read(&r->labels, text, files->v[i], &map, error));
    }
    TRY(labels_close(&r->labels));
    r->corpus.cves_only = r->labels.cves;
    return OK;
}

/* --- posts --- */

static enum err on_gap(void *ctx, const struct errand_gap *gap)
{
    struct run *r = ctx;
    r->answer.gaps++;
    cli_say(r->cli, "%.*s: %.*s: %.*s", STR_FMT(gap->file), STR_FMT(gap->reason),
            STR_FMT(gap->detail));
    return OK;
}

static enum err on_sighting(void *ctx, struct str file, const struct sighting *s)
{
    struct run *r = ctx;
    return corpus_sighting(&r->corpus, file, s);
}

static int64_t end_of_time(const struct run *r)
{
    int32_t last = r->labels.last > r->backtest.options.train_until
                       ? r->labels.last
                       : r->backtest.options.train_until;
    return (last + BEYOND_DAYS) * US_PER_DAY;
}

static enum err read_input(struct run *r, const struct str *operand, struct str map,
                           struct error *error)
{
    struct io_tree tree = {0};
    struct str wrong;
    struct intake in = {.tree = &tree,
                        .gist = r->gist,
                        .now_us = end_of_time(r),
                        .sighting = on_sighting,
                        .gap = on_gap,
                        .ctx = r,
                        .interrupted = cli_watch_interrupts()};
    if (map.p && !post_map_parse(map, &in.options.map, &wrong))
        return fail(error, ERR_USAGE, "--map: '%.*s' is not understood", STR_FMT(wrong));
    TRY(io_list(r->cli->arena, operand, 1, &tree, error));
    enum err rc = note_inputs(r, &tree);
    if (!rc)
        rc = intake_files(&in, error);
    io_tree_close(&tree);
    r->answer.bytes += in.bytes;
    intake_count_add(&r->count, &in.count);
    return rc;
}

static enum err read_posts(struct run *r, const struct str_list *operands, struct error *error)
{
    struct gist_options options = {&r->lexicon, &r->lists, YEAR_MAX};
    TRY(extract_lists_load(r->cli->arena, &r->lists, error));
    lexicon_init(&r->lexicon, r->cli->arena);
    enum err rc = lexicon_shipped(&r->lexicon, error);
    if (!rc)
        rc = gist_new(r->cli->arena, &options, &r->gist, error);
    for (size_t i = 0; rc == OK && i < operands->n; i++) {
        const struct str_list *maps = &r->v->map;
        struct str map = maps->n == 0 ? STR_NONE : maps->v[maps->n == 1 ? 0 : i];
        rc = read_input(r, &operands->v[i], map, error);
    }
    return rc;
}

/* --- the answer --- */

struct str backtest_day(const struct backtest_answer *a, int32_t day)
{
    char text[32];
    return arena_str(a->arena, str_of(time_short(day * US_PER_DAY, false, text)));
}

/* A hash of all that decides the answer beside the inputs: options and the policy that is data. */
static void hash_config(struct run *r)
{
    unsigned char digest[SHA256_BYTES];
    const struct backtest_options *o = &r->backtest.options;
    struct buf b;
    buf_init(&b, 1024 * 1024);
    buf_printf(&b, "%d %d %.17g %d %d %d %d %d %d %d\n", o->train_until, o->test_until,
               o->alerts_per_week, o->any_age, o->unlisted, o->frozen, o->experiments,
               REGULAR_POSTS, REFIT_DAYS, SIGNALS);
    for (size_t i = 0; i < r->v->map.n; i++)
        buf_printf(&b, "%.*s\n", STR_FMT(r->v->map.v[i]));
    buf_printf(&b, "%.*s\n", STR_FMT(r->v->label_map));
    buf_str(&b, embedded_get("data/wording.tsv"));
    buf_str(&b, embedded_get("data/forges.txt"));
    sha256_of(buf_view(&b), digest);
    hex_of(digest, sizeof digest, r->answer.config);
    buf_done(&b);
}

static enum status answer(struct run *r)
{
    struct error error = {0};
    int fd = fileno(r->cli->out);
    r->answer.backtest = &r->backtest;
    r->answer.arena = r->cli->arena;
    r->answer.input = r->input.v;
    r->answer.n_inputs = r->input.n;
    r->answer.version = r->cli->program->version;
    r->answer.ascii = !r->v->markdown && term_is(fd) && term_ascii(fd);
    r->answer.undated = r->count.undated;
    r->answer.future = r->count.future;
    r->answer.ancient = r->count.ancient;
    hash_config(r);
    out_open(&r->out, r->cli);
    if (r->v->json)
        backtest_json(&r->answer, &r->out.sink);
    else
        backtest_page(&r->answer, &r->out.sink, r->v->markdown);
    enum err rc = out_flush(&r->out, &error);
    out_close(&r->out);
    if (rc)
        return cli_error(r->cli, &error);
    return r->answer.gaps || r->corpus.over ? STATUS_INCOMPLETE : STATUS_OK;
}

static enum err run_all(struct run *r, const struct str_list *operands, struct error *error)
{
    TRY(take_options(r, operands->n, error));
    TRY(corpus_init(&r->corpus, error));
    TRY(read_labels(r, error));
    enum err rc = read_posts(r, operands, error);
    if (rc)
        return rc;
    corpus_order(&r->corpus);
    r->backtest.corpus = &r->corpus;
    r->backtest.labels = &r->labels;
    return backtest_run(&r->backtest, error);
}

enum status cmd_backtest(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct error error = {0};
    struct run *r = arena_new(cli->arena, struct run);
    if (!r) {
        (void)fail(&error, ERR_NOMEM, "out of memory");
        return cli_error(cli, &error);
    }
    r->cli = cli;
    r->v = values;
    labels_init(&r->labels);
    enum err rc = run_all(r, operands, &error);
    if (rc < 0 && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    enum status status = rc < 0      ? cli_error(cli, &error)
                         : rc == END ? STATUS_INTERRUPTED
                                     : answer(r);
    backtest_done(&r->backtest);
    corpus_done(&r->corpus);
    labels_done(&r->labels);
    if (r->lexicon.arena)
        lexicon_done(&r->lexicon);
    r->gist = gist_free(r->gist);
    vec_done(&r->input);
    return status;
}
