#include "cli/case_open.h"
#include "codec/json.h"
#include "output/escape.h"
#include "output/json_writer.h"

#include <inttypes.h>
#include <string.h>

/* What changed in a case between two of its runs. */

struct diff_values {
    bool json;
    struct str case_file, type, host;
};
const size_t diff_values_size = sizeof(struct diff_values);

const struct option_def diff_option_defs[] = {
    {.name = "case",
     TEXT(struct diff_values, case_file),
     .arg = "FILE",
     .help = "the case; needed"},
    {.name = "json", FLAG(struct diff_values, json), .help = "print JSON Lines"},
    {.name = "type",
     TEXT(struct diff_values, type),
     .arg = "TYPE",
     .help = "only objects of this type: finding, verdict, exposure, alert, ..."},
    {.name = "host", TEXT(struct diff_values, host), .arg = "NAME", .help = "only of this host"},
    {0},
};

enum { ARENA_BYTES = 512 * 1024 * 1024, OUT_BYTES = 512 * 1024 * 1024 };

struct run {
    struct cli *cli;
    const struct diff_values *values;
    struct arena arena; /* of the change at hand */
    struct buf out;
    uint64_t last, added, changed, gone;
    struct error *error;
};

/* ---- one change ---- */

static enum err parse(struct run *r, struct str body, struct node **ret)
{
    *ret = NULL;
    return body.p ? json_parse(&r->arena, body, STR("case"), ret, r->error) : OK;
}

static bool same_node(const struct node *a, const struct node *b)
{
    if (!a || !b || a->type != b->type || a->n != b->n || !str_eq(a->text, b->text))
        return a == b;
    for (size_t i = 0; i < a->n; i++)
        if (!same_node(&a->item[i], &b->item[i]) || (a->key && !str_eq(a->key[i], b->key[i])))
            return false;
    return true;
}

/* Names of the members that say something else, or that one of them lacks. */
static size_t differing(const struct node *before, const struct node *now, struct str *ret,
                        size_t max)
{
    char name[64];
    size_t n = 0;
    for (size_t i = 0; now && before && i < now->n && n < max; i++) {
        if (now->key[i].n >= sizeof name)
            continue;
        memcpy(name, now->key[i].p, now->key[i].n);
        name[now->key[i].n] = 0;
        if (!same_node(node_get(before, name), &now->item[i]))
            ret[n++] = now->key[i];
    }
    return n;
}

/* What a person knows it by. */
static struct str title_of(const struct node *body)
{
    static const char *const names[] = {"title", "verdict", "cve", "kind", "of", "detail", "id"};
    struct str found = STR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(names) && !found.n; i++)
        found = node_text(body, names[i]);
    return found;
}

struct change {
    const char *what; /* "added", "changed", "gone" */
    const struct case_item *item;
    const struct node *before, *now;
    struct str name[64];
    size_t n;
};

static void put_json(struct run *r, const struct change *c)
{
    const struct node *body = c->now ? c->now : c->before;
    struct json j;
    json_init(&j, &r->out);
    json_object(&j, NULL);
    json_text(&j, "type", "change");
    json_text(&j, "what", c->what);
    json_str(&j, "of", c->item->type);
    json_str(&j, "host", c->item->host);
    json_str(&j, "dossier", c->item->dossier);
    json_time(&j, "time", c->item->time_us);
    json_str(&j, "title", title_of(body));
    json_str(&j, "id", node_text(body, "id"));
    json_array(&j, "members");
    for (size_t i = 0; i < c->n; i++)
        json_str(&j, NULL, c->name[i]);
    json_end(&j);
    json_u64(&j, "run", c->item->run);
    json_end(&j);
    json_line(&j);
}

static void put_text(struct run *r, const struct change *c)
{
    const struct node *body = c->now ? c->now : c->before;
    buf_printf(&r->out, "%-8s%-10.*s", c->what, STR_FMT(c->item->type));
    escape_terminal(&r->out, c->item->host.n ? c->item->host : STR("-"), false);
    buf_puts(&r->out, "  ");
    escape_terminal(&r->out, title_of(body), false);
    for (size_t i = 0; i < c->n; i++) {
        buf_puts(&r->out, i ? ", " : "  (");
        escape_terminal(&r->out, c->name[i], false);
    }
    buf_puts(&r->out, c->n ? ")\n" : "\n");
}

static enum err on_change(void *ctx, const struct case_item *before, const struct case_item *now)
{
    struct run *r = ctx;
    const struct diff_values *v = r->values;
    struct change c = {.item = now};
    struct node *a, *b;
    if ((v->type.p && !str_eq(v->type, now->type)) || (v->host.p && !str_ieq(v->host, now->host)))
        return OK;
    arena_reset(&r->arena);
    TRY(parse(r, before->body, &a));
    TRY(parse(r, now->body, &b));
    c.before = a;
    c.now = b;
    c.what = !b ? "gone" : !a ? "added" : "changed";
    c.n = differing(a, b, c.name, ARRAY_LEN(c.name));
    if (a && b && !c.n && a->n == b->n)
        return OK; /* it was gone in between, and is back */
    r->gone += !b;
    r->added += b && !a;
    r->changed += a && b;
    (v->json ? put_json : put_text)(r, &c);
    return r->out.rc;
}

/* ---- all ---- */

static enum err on_run(void *ctx, const struct case_run *run)
{
    struct run *r = ctx;
    r->last = run->number;
    return OK;
}

static void put_summary(struct run *r, uint64_t after, uint64_t until)
{
    struct json j;
    if (!r->values->json) {
        buf_printf(&r->out,
                   "from run %" PRIu64 " to run %" PRIu64 ": %" PRIu64 " added, %" PRIu64
                   " changed, %" PRIu64 " gone\n",
                   after, until, r->added, r->changed, r->gone);
        return;
    }
    json_init(&j, &r->out);
    json_object(&j, NULL);
    json_text(&j, "type", "summary");
    json_text(&j, "verb", "diff");
    json_u64(&j, "from", after);
    json_u64(&j, "to", until);
    json_u64(&j, "added", r->added);
    json_u64(&j, "changed", r->changed);
    json_u64(&j, "gone", r->gone);
    json_end(&j);
    json_line(&j);
}

/* Without operands: what the last run changed. */
static bool runs_of(struct run *r, const struct str_list *operands, uint64_t *ret_after,
                    uint64_t *ret_until)
{
    *ret_until = r->last;
    *ret_after = r->last ? r->last - 1 : 0;
    for (size_t i = 0; i < operands->n; i++) {
        uint64_t *to = i ? ret_until : ret_after;
        if (!str_u64(operands->v[i], to) || *to > r->last) {
            cli_say(r->cli, "'%.*s' is no run of this case: 0 to %" PRIu64, STR_FMT(operands->v[i]),
                    r->last);
            return false;
        }
    }
    return true;
}

static enum status compare(struct run *r, struct case_store *store, const struct str_list *operands)
{
    uint64_t after, until;
    enum err rc = case_runs(store, on_run, r, r->error);
    if (!rc && !runs_of(r, operands, &after, &until))
        return STATUS_USAGE;
    if (!rc)
        rc = case_changes(store, after, until, on_change, r, r->error);
    if (!rc) {
        put_summary(r, after, until);
        return cli_print(r->cli, &r->out);
    }
    if (!r->error->code)
        (void)fail(r->error, rc, "cannot go on: %s", err_name(rc));
    return cli_error(r->cli, r->error);
}

enum status cmd_diff(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct error error = {0};
    struct case_store store;
    struct run r = {.cli = cli, .values = values, .error = &error};
    enum status status = case_open_named(cli, r.values->case_file, &store);
    if (status)
        return status;
    arena_init(&r.arena, ARENA_BYTES);
    buf_init(&r.out, OUT_BYTES);
    status = compare(&r, &store, operands);
    buf_done(&r.out);
    arena_done(&r.arena);
    case_close(&store);
    bool any = r.added || r.changed || r.gone;
    return status ? status : any ? STATUS_FOUND : STATUS_OK;
}
