#include "cli/case_open.h"
#include "os/clock.h"
#include "output/json_writer.h"
#include "store/case_merge.h"
#include "store/case_purge.h"

#include <inttypes.h>

/* Several cases into one; and what may not be kept any longer out of it. */

struct case_merge_values {
    struct str into;
};
const size_t case_merge_values_size = sizeof(struct case_merge_values);

const struct option_def case_merge_option_defs[] = {
    {.name = "into",
     TEXT(struct case_merge_values, into),
     .arg = "FILE",
     .help = "the case that takes the others in; made if it is not there; needed"},
    {0},
};

struct case_purge_values {
    struct str case_file, source, by, why;
    struct str_list person;
    int64_t before_us;
    bool yes;
};
const size_t case_purge_values_size = sizeof(struct case_purge_values);

const struct option_def case_purge_option_defs[] = {
    {.name = "case",
     TEXT(struct case_purge_values, case_file),
     .arg = "FILE",
     .help = "the case; needed"},
    {.name = "before",
     TIME(struct case_purge_values, before_us),
     .arg = "TIME",
     .help = "findings, episodes, alerts and evidence that end before this time, UTC"},
    {.name = "source",
     TEXT(struct case_purge_values, source),
     .arg = "SHA256",
     .help = "a file of the evidence, what was found in it, and the episodes of that"},
    {.name = "person",
     LIST(struct case_purge_values, person),
     .arg = "NAME",
     .help = "mask a name everywhere; may be repeated, for each spelling"},
    {.name = "by", TEXT(struct case_purge_values, by), .arg = "WHO", .help = "who says so; needed"},
    {.name = "why",
     TEXT(struct case_purge_values, why),
     .arg = "TEXT",
     .help = "and why; needed; it stays in the case"},
    {.name = "yes",
     FLAG(struct case_purge_values, yes),
     .help = "do it; without it only how much it would be is told"},
    {0},
};

enum { OUT_BYTES = 1024 * 1024, OTHERS_MAX = 1000 };

/* ---- merge ---- */

/* Which cases, and the ends of their chains: what verify said of them. */
static void add_source(struct buf *b, struct str path, const struct case_store *c)
{
    char end[2 * SHA256_BYTES + 1];
    hex_of(c->chain, SHA256_BYTES, end);
    buf_str(b, path);
    buf_printf(b, " %s\n", end);
}

static enum err merge(struct cli *cli, struct case_store *into, struct case_store *other,
                      const struct str_list *paths, struct buf *out, struct error *error)
{
    struct buf sources;
    struct case_merged m;
    buf_init(&sources, OUT_BYTES);
    for (size_t i = 0; i < paths->n; i++)
        add_source(&sources, paths->v[i], &other[i]);
    int64_t now_us = clock_wall_us();
    struct case_run said = {.verb = STR("case merge"),
                            .arguments = buf_view(&sources),
                            .program = str_of(cli->program->version),
                            .started_us = now_us,
                            .ended_us = now_us};
    enum err rc = sources.rc ? sources.rc : case_merge(into, other, paths->n, &said, &m, error);
    buf_done(&sources);
    if (rc)
        return rc;
    buf_printf(out,
               "%" PRIu64 " runs taken in, %" PRIu64 " were there: %" PRIu64 " objects added, "
               "%" PRIu64 " changed\n",
               m.runs, m.known, m.added, m.changed);
    if (m.restored)
        buf_printf(out, "%" PRIu64 " of them stay as a later run said\n", m.restored);
    if (m.left_out)
        buf_printf(out, "%" PRIu64 " were purged there and are not taken\n", m.left_out);
    return OK;
}

enum status cmd_case_merge(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct case_merge_values *v = values;
    struct error error = {0};
    struct case_store into = {0};
    struct buf out;
    size_t opened = 0;
    if (!v->into.p || operands->n > OTHERS_MAX) {
        cli_say(cli, v->into.p ? "too many cases at once" : "--into FILE is needed");
        return STATUS_USAGE;
    }
    struct case_store *other = arena_new_n(cli->arena, struct case_store, operands->n + 1);
    enum err rc = other ? OK : fail(&error, ERR_NOMEM, "out of memory");
    while (!rc && opened < operands->n)
        if (!(rc = case_open(&other[opened], operands->v[opened], false, &error)))
            opened++;
    buf_init(&out, OUT_BYTES);
    if (!rc && !(rc = case_open(&into, v->into, true, &error)))
        rc = merge(cli, &into, other, operands, &out, &error);
    enum status status = rc ? STATUS_INTERNAL : cli_print(cli, &out);
    case_close(&into);
    while (opened)
        case_close(&other[--opened]);
    buf_done(&out);
    if (rc && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    return rc ? cli_error(cli, &error) : status;
}

/* ---- purge ---- */

struct purging {
    const struct case_purge_values *v;
    int64_t now_us;
};

/* The name itself is not said: it is what goes. */
static void say(void *ctx, const struct case_purged *purged, struct buf *line)
{
    const struct purging *p = ctx;
    struct json j;
    json_init(&j, line);
    json_object(&j, NULL);
    json_text(&j, "type", "purge");
    json_text(&j, "what", p->v->person.n ? "person" : p->v->source.p ? "source" : "before");
    json_time(&j, "before", p->v->before_us);
    json_str(&j, "source", p->v->source);
    json_str(&j, "who", p->v->by);
    json_str(&j, "why", p->v->why);
    json_time(&j, "time", p->now_us);
    json_u64(&j, "versions", purged->versions);
    json_u64(&j, "objects", purged->items);
    json_u64(&j, "runs", purged->runs);
    json_text(&j, "digest", purged->digest);
    json_end(&j);
}

static bool is_sha256(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (ascii_hex((unsigned char)s.p[i]) < 0)
            return false;
    return s.n == SHA256_HEX;
}

static bool names_person(const struct case_purge_values *v)
{
    for (size_t i = 0; i < v->person.n; i++)
        if (v->person.v[i].n &&
            (str_ifind(v->why, v->person.v[i]) >= 0 || str_ifind(v->by, v->person.v[i]) >= 0))
            return true;
    return false;
}

static const char *misuse(const struct case_purge_values *v)
{
    if ((v->before_us != TIME_NONE) + (v->source.p != NULL) + (v->person.n > 0) != 1)
        return "one of --before, --source and --person is needed";
    if (v->source.p && !is_sha256(v->source))
        return "--source: the SHA-256 of a file, 64 hexadecimal digits";
    if (!str_trim(v->by).n || !str_trim(v->why).n)
        return "--by WHO and --why TEXT are needed";
    return names_person(v) ? "--by and --why stay in the case: they must not hold the name" : NULL;
}

static enum err purge(struct cli *cli, struct case_store *store, struct purging *p, struct buf *out,
                      struct error *error)
{
    struct case_purged done;
    struct case_purge what = {.before_us = p->v->before_us,
                              .source = p->v->source,
                              .person = p->v->person,
                              .run = {.verb = STR("case purge"),
                                      .arguments = STR(""),
                                      .program = str_of(cli->program->version),
                                      .started_us = p->now_us,
                                      .ended_us = p->now_us},
                              .say = p->v->yes ? say : NULL,
                              .ctx = p};
    TRY(case_purge(store, &what, &done, error));
    buf_printf(out, "%s %" PRIu64 " objects in %" PRIu64 " versions\n",
               p->v->person.n ? (p->v->yes ? "masked:" : "would mask:")
               : p->v->yes    ? "purged:"
                              : "would purge:",
               done.items, done.versions);
    if (!p->v->yes)
        buf_puts(out, "nothing was changed: add --yes\n");
    return OK;
}

enum status cmd_case_purge(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct purging p = {.v = values, .now_us = clock_wall_us()};
    struct error error = {0};
    struct case_store store;
    struct buf out;
    const char *wrong = misuse(p.v);
    (void)operands;
    if (wrong) {
        cli_say(cli, "%s", wrong);
        return STATUS_USAGE;
    }
    if (!p.v->case_file.p) { /* the configuration's is not enough for what goes for good */
        cli_say(cli, "--case FILE is needed");
        return STATUS_USAGE;
    }
    enum status status = case_open_named(cli, p.v->case_file, &store);
    if (status)
        return status;
    buf_init(&out, OUT_BYTES);
    enum err rc = purge(cli, &store, &p, &out, &error);
    case_close(&store);
    if (!rc)
        status = cli_print(cli, &out);
    else if (!error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    buf_done(&out);
    return rc ? cli_error(cli, &error) : status;
}
