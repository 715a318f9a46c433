#include "cli/cmd.h"
#include "os/clock.h"
#include "output/json_writer.h"
#include "output/sink.h"
#include "watch/pass.h"
#include "watch/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct selftest_values {
    bool null, json;
    struct str map, format;
    uint64_t runs, settle, block;
};
const size_t selftest_values_size = sizeof(struct selftest_values);

enum {
    DEFAULT_RUNS = 20,
    DEFAULT_SETTLE_DAYS = 180,
    MAX_RUNS = 10000,
    LEXICON_BYTES = 64 * 1024 * 1024,
};

const struct option_def selftest_option_defs[] = {
    {.name = "null",
     FLAG(struct selftest_values, null),
     .help = "exchange the subjects of posts, so that every alert is a false one"},
    {.name = "json", FLAG(struct selftest_values, json), .help = "print one JSON object"},
    {.name = "runs",
     NUMBER(struct selftest_values, runs),
     .arg = "N",
     .min = 1,
     .max = MAX_RUNS,
     .help = "how often to exchange them; 20 without it"},
    {.name = "settle",
     NUMBER(struct selftest_values, settle),
     .arg = "DAYS",
     .min = 1,
     .max = 3650,
     .help = "alerts of the first days are not counted, as thresholds settle; 180 without it"},
    {.name = "block",
     NUMBER(struct selftest_values, block),
     .arg = "DAYS",
     .min = 1,
     .max = 365,
     .help = "subjects are exchanged within a site and so many days; 7 without it"},
    {.name = "map",
     TEXT(struct selftest_values, map),
     .arg = "time=COL,...",
     .help = "columns of CSV and TSV, as of watch"},
    {.name = "format",
     TEXT(struct selftest_values, format),
     .arg = "NAME",
     .help = "the posts' format, where their first bytes do not tell it"},
    {0},
};

struct run {
    struct cli *cli;
    const struct selftest_values *values;
    struct arena lexicons;
    uint64_t gaps;
};

static enum err on_gap(void *ctx, const struct errand_gap *gap)
{
    struct run *r = ctx;
    r->gaps++;
    cli_say(r->cli, "%.*s: at %" PRIu64 ": %.*s: %.*s", STR_FMT(gap->file), gap->offset,
            STR_FMT(gap->reason), STR_FMT(gap->detail));
    return OK;
}

static const struct {
    const char *name;
    enum lane lane;
    double budget;
} lanes[TREND_LANES] = {
    {"burst", LANE_BURST, 1}, {"rise", LANE_RISE, 0.5}, {"breadth", LANE_BREADTH, 0.5}};

static void lane_json(struct json *j, const char *name, double budget,
                      const struct selftest_lane *l)
{
    json_object(j, name);
    json_fixed(j, "budget", budget, 3);
    json_fixed(j, "a_week", l->a_week, 3);
    json_fixed(j, "low", l->low, 3);
    json_fixed(j, "high", l->high, 3);
    json_end(j);
}

static void put_json(struct buf *out, const struct selftest_result *result)
{
    struct json j;
    json_init(&j, out);
    json_object(&j, NULL);
    json_text(&j, "type", "selftest");
    json_u64(&j, "runs", result->runs);
    json_fixed(&j, "weeks", result->weeks, 1);
    for (int i = 0; i < TREND_LANES; i++)
        lane_json(&j, lanes[i].name, lanes[i].budget, &result->lane[lanes[i].lane]);
    lane_json(&j, "all", 2, &result->all);
    json_end(&j);
    json_line(&j);
}

static void put_lane(struct buf *out, const char *name, double budget,
                     const struct selftest_lane *l)
{
    buf_printf(out, "%-8s  %6.2f  %6.2f   %.2f to %.2f\n", name, budget, l->a_week, l->low,
               l->high);
}

static void put_text(struct buf *out, const struct selftest_result *result)
{
    buf_printf(out,
               "False alarms a week, of posts whose subjects were exchanged: %u runs of %.0f "
               "weeks.\n\nlane      budget  a week   nine of ten runs\n",
               result->runs, result->weeks);
    for (int i = 0; i < TREND_LANES; i++)
        put_lane(out, lanes[i].name, lanes[i].budget, &result->lane[lanes[i].lane]);
    put_lane(out, "all", 2, &result->all);
}

static enum err measure(struct run *r, struct watch *w, const struct io_tree *tree,
                        struct selftest_result *ret_result, struct error *error)
{
    const struct selftest_values *v = r->values;
    enum err rc = watch_read(w, tree, error);
    if (rc)
        return rc;
    return watch_null(w, v->settle ? (unsigned)v->settle : DEFAULT_SETTLE_DAYS, (unsigned)v->block,
                      v->runs ? (unsigned)v->runs : DEFAULT_RUNS, ret_result, error);
}

static enum err open_and_measure(struct run *r, const struct io_tree *tree,
                                 struct selftest_result *ret_result, struct error *error)
{
    struct extract_lists lists;
    struct lexicon lexicon;
    struct watch *w = NULL;
    struct watch_options options = {.format = r->values->format,
                                    .lexicon = &lexicon,
                                    .lists = &lists,
                                    .gap = on_gap,
                                    .ctx = r,
                                    .interrupted = cli_watch_interrupts(),
                                    .now_us = clock_wall_us(),
                                    .year_max = (unsigned)time_civil(clock_wall_us()).year + 1};
    struct str wrong;
    if (r->values->map.p && !post_map_parse(r->values->map, &options.map, &wrong))
        return fail(error, ERR_USAGE, "--map: '%.*s' is no column's role", STR_FMT(wrong));
    for (int i = 0; i < TREND_LANES; i++)
        options.trend.budget[lanes[i].lane] = lanes[i].budget;
    TRY(extract_lists_load(r->cli->arena, &lists, error));
    lexicon_init(&lexicon, &r->lexicons);
    enum err rc = lexicon_shipped(&lexicon, error);
    if (!rc)
        rc = watch_open(&options, &w, error);
    if (!rc)
        rc = measure(r, w, tree, ret_result, error);
    w = watch_close(w);
    lexicon_done(&lexicon);
    return rc;
}

static enum status answer(struct run *r, const struct selftest_result *result)
{
    struct buf out;
    buf_init(&out, 64 * 1024);
    if (r->values->json)
        put_json(&out, result);
    else
        put_text(&out, result);
    enum status status = cli_print(r->cli, &out);
    buf_done(&out);
    return status != STATUS_OK ? status : r->gaps ? STATUS_INCOMPLETE : STATUS_OK;
}

enum status cmd_selftest(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct error error = {0};
    struct io_tree tree = {0};
    struct selftest_result result;
    struct run r = {.cli = cli, .values = values};
    if (!r.values->null) {
        cli_say(cli, "say which test: --null");
        return STATUS_USAGE;
    }
    if (io_list(cli->arena, operands->v, operands->n, &tree, &error))
        return cli_error(cli, &error);
    arena_init(&r.lexicons, LEXICON_BYTES);
    enum err rc = open_and_measure(&r, &tree, &result, &error);
    arena_done(&r.lexicons);
    io_tree_close(&tree);
    if (rc == END)
        return STATUS_INTERRUPTED;
    if (rc && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    return rc ? cli_error(cli, &error) : answer(&r, &result);
}
