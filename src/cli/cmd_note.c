#include "cli/case_open.h"
#include "codec/json.h"
#include "os/clock.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "store/case_find.h"

/* What an analyst knows, kept in the case: verdicts are worked out with it, nothing is deleted. */

struct note_values {
    bool list, json;
    struct str case_file, state, by, why;
};
const size_t note_values_size = sizeof(struct note_values);

const struct option_def note_option_defs[] = {
    {.name = "case",
     TEXT(struct note_values, case_file),
     .arg = "FILE",
     .help = "the case; needed"},
    {.name = "state",
     TEXT(struct note_values, state),
     .arg = "STATE",
     .help = "own-scanner, false-positive, confirmed, or clear, which takes back what was said; "
             "without it a remark"},
    {.name = "by", TEXT(struct note_values, by), .arg = "WHO", .help = "who says so; needed"},
    {.name = "why", TEXT(struct note_values, why), .arg = "TEXT", .help = "and why; needed"},
    {.name = "list", FLAG(struct note_values, list), .help = "tell what was said"},
    {.name = "json", FLAG(struct note_values, json), .help = "print JSON Lines"},
    {0},
};

enum { ARENA_BYTES = 64 * 1024 * 1024, WORD_BYTES = 4096, ID_SHOWN = 12 };

/* of: what it can be said of; NULL: of everything. */
static const struct {
    const char *state, *of;
} states[] = {{"own-scanner", "finding"},
              {"false-positive", "finding or alert"},
              {"confirmed", NULL},
              {"clear", NULL}};

struct run {
    struct cli *cli;
    const struct note_values *values;
    struct case_store store;
    struct arena arena;
    struct str type, about; /* what one word was found to be */
    uint64_t found, told;
    struct buf out, line;
    struct error *error;
};

/* ---- saying ---- */

static enum err on_found(void *ctx, struct str type, struct str name, struct str body)
{
    struct run *r = ctx;
    (void)body;
    r->found++;
    r->type = arena_str(r->cli->arena, type);
    r->about = arena_str(r->cli->arena, name);
    return r->type.p && r->about.p ? OK : ERR_NOMEM;
}

static enum err find(struct run *r, struct str word)
{
    r->found = 0;
    if (!word.n || word.n > WORD_BYTES)
        return fail(r->error, ERR_USAGE, "an id or a name is needed");
    TRY(case_find(&r->store, word, on_found, r, r->error));
    if (!r->found)
        return fail(r->error, ERR_USAGE,
                    "'%.*s' is no finding, alert or host of this case; of an id at least %d "
                    "characters are needed",
                    STR_FMT(word), CASE_ID_LEAST);
    if (r->found > 1)
        return fail(r->error, ERR_USAGE, "'%.*s' may be several: give more of the id",
                    STR_FMT(word));
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (states[i].of && str_eq(r->values->state, str_of(states[i].state)) &&
            str_find(str_of(states[i].of), r->type) < 0)
            return fail(r->error, ERR_USAGE, "--state %s is said of a %s, not of a %.*s",
                        states[i].state, states[i].of, STR_FMT(r->type));
    return OK;
}

/* A remark stands beside others of the same thing: its time makes it one of its own. */
static void write_note(struct run *r, int64_t now_us)
{
    struct json j;
    buf_reset(&r->line);
    json_init(&j, &r->line);
    json_object(&j, NULL);
    json_text(&j, "type", "note");
    json_str(&j, "about", r->about);
    json_str(&j, "of", r->type);
    json_str(&j, "state", r->values->state);
    json_str(&j, "who", r->values->by);
    json_str(&j, "why", r->values->why);
    json_time(&j, "time", now_us);
    if (!r->values->state.p)
        json_time(&j, "remark", now_us);
    json_end(&j);
}

static enum err say_all(struct run *r, const struct str_list *words, struct error *error)
{
    int64_t now_us = clock_wall_us();
    struct case_run run = {.verb = STR("note"),
                           .arguments = r->values->state.p ? r->values->state : STR(""),
                           .program = STR(TOCSIN_VERSION),
                           .started_us = now_us};
    TRY(case_begin(&r->store, &run, error));
    enum err rc = OK;
    for (size_t i = 0; !rc && i < words->n; i++) {
        if ((rc = find(r, words->v[i])))
            break;
        write_note(r, now_us);
        rc = r->line.rc ? r->line.rc : case_add(&r->store, buf_view(&r->line), error);
        if (r->values->json) {
            buf_str(&r->out, buf_view(&r->line));
            buf_putc(&r->out, '\n');
        }
    }
    if (!rc)
        return case_end(&r->store, now_us, error);
    case_give_up(&r->store);
    return rc;
}

/* ---- listing ---- */

static enum err on_note(void *ctx, const struct case_item *item)
{
    struct run *r = ctx;
    struct node *body;
    char day[32];
    r->told++;
    if (r->values->json) {
        buf_str(&r->out, item->body);
        buf_putc(&r->out, '\n');
        return r->out.rc;
    }
    arena_reset(&r->arena);
    TRY(json_parse(&r->arena, item->body, item->type, &body, r->error));
    struct str about = node_text(body, "about"), of = node_text(body, "of");
    bool cut = !str_eq(of, STR("host")) && about.n > ID_SHOWN;
    escape_terminal(&r->out, of.n ? of : STR("step"), false);
    buf_putc(&r->out, ' ');
    escape_terminal(&r->out, cut ? str_sub(about, 0, ID_SHOWN) : about, false);
    buf_puts(&r->out, ": ");
    escape_terminal(&r->out, node_text(body, "state").n ? node_text(body, "state") : STR("remark"),
                    false);
    buf_puts(&r->out, ", ");
    escape_terminal(&r->out, node_text(body, "who"), false);
    if (item->time_us != TIME_NONE)
        buf_printf(&r->out, " on %s", time_short(item->time_us, true, day));
    buf_puts(&r->out, ": ");
    escape_terminal(&r->out, node_text(body, "why"), false);
    buf_putc(&r->out, '\n');
    return r->out.rc;
}

static enum err list(struct run *r, struct error *error)
{
    struct case_query q = {.type = "note", .since_us = TIME_NONE, .until_us = TIME_NONE};
    TRY(case_each(&r->store, &q, on_note, r, error));
    if (!r->told && !r->values->json)
        buf_puts(&r->out, "no notes\n");
    return r->out.rc;
}

/* ---- the command ---- */

static const char *misuse(const struct note_values *v, const struct str_list *words)
{
    bool known = !v->state.p;
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        known |= str_eq(v->state, str_of(states[i].state));
    if (!known)
        return "--state: own-scanner, false-positive, confirmed or clear";
    if (v->list)
        return words->n || v->state.p || v->by.p || v->why.p ? "--list takes nothing beside it"
                                                             : NULL;
    if (!words->n)
        return "what the note is about is needed: a finding's id, an alert's, or a host";
    return str_trim(v->by).n && str_trim(v->why).n ? NULL : "--by WHO and --why TEXT are needed";
}

enum status cmd_note(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct error error = {0};
    struct run r = {.cli = cli, .values = values, .error = &error};
    const char *wrong = misuse(r.values, operands);
    if (wrong) {
        cli_say(cli, "%s", wrong);
        return STATUS_USAGE;
    }
    enum status status = case_open_named(cli, r.values->case_file, &r.store);
    if (status)
        return status;
    arena_init(&r.arena, ARENA_BYTES);
    buf_init(&r.out, ARENA_BYTES);
    buf_init(&r.line, ARENA_BYTES);
    enum err rc = r.values->list ? list(&r, &error) : say_all(&r, operands, &error);
    if (!rc)
        status = cli_print(cli, &r.out);
    else if (!error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    buf_done(&r.line);
    buf_done(&r.out);
    arena_done(&r.arena);
    case_close(&r.store);
    return rc ? cli_error(cli, &error) : status;
}
