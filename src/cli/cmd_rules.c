#include "base/limits.h"
#include "cli/cmd.h"
#include "dossier/load.h"
#include "dossier/placeholders.h"
#include "dossier/rules.h"
#include "os/io.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "scan/correlate.h"
#include "scan/ruleset.h"
#include "scan/yara_set.h"

#include <inttypes.h>

struct lint_values {
    bool json;
    struct str placeholders;
};
const size_t rules_lint_values_size = sizeof(struct lint_values);

const struct option_def rules_lint_option_defs[] = {
    {.name = "json", FLAG(struct lint_values, json), .help = "print one JSON object a document"},
    {.name = "placeholders",
     TEXT(struct lint_values, placeholders),
     .arg = "FILE",
     .help = "a YAML map with the values of %name% in rules with the modifier expand"},
    {0},
};

enum { MAX_KINDS = 256, OUT_BYTES = 64 * 1024 * 1024, FILE_ARENA_BYTES = 64 * 1024 * 1024 };

enum rule_status { RULE_OK, RULE_UNSUPPORTED, RULE_INVALID, RULE_STATUSES };
static const char *const status_names[] = {"ok", "unsupported", "invalid"};

/* What is said of one document. */
struct remark {
    struct str file, id, reason; /* reason: p == NULL if there is nothing to say */
    uint32_t line;
    enum rule_status status;
    struct str_list kinds; /* of log that it can be tried on */
};

struct lint {
    struct cli *cli;
    bool json;
    unsigned columns; /* of the terminal; 0: none */
    struct buf out;
    struct arena arena;                /* of one file, reset after it */
    struct ruleset set;                /* no rules: they are only tried on the kinds of log */
    size_t yara;                       /* rules of YARA, for files */
    size_t correlations;               /* met so far; they are judged when all rules are known */
    uint64_t rules_of_kind[MAX_KINDS]; /* by number of the kind */
    uint64_t count[RULE_STATUSES], files;
};

static void remark_json(struct lint *l, const struct remark *r)
{
    struct json j;
    json_init(&j, &l->out);
    json_object(&j, NULL);
    json_text(&j, "type", "rule");
    json_str(&j, "file", r->file);
    json_str(&j, "id", r->id.n ? r->id : STR_NONE);
    json_text(&j, "status", status_names[r->status]);
    json_str(&j, "reason", r->reason);
    json_array(&j, "kinds");
    for (size_t i = 0; i < r->kinds.n; i++)
        json_str(&j, NULL, r->kinds.v[i]);
    json_end(&j);
    json_u64(&j, "line", r->line);
    json_end(&j);
    json_line(&j);
}

static void remark_text(struct lint *l, const struct remark *r)
{
    if (!r->reason.p)
        return;
    struct buf line;
    buf_init(&line, OUT_BYTES);
    buf_str(&line, r->file);
    buf_printf(&line, ":%" PRIu32 ": ", r->line);
    if (r->status != RULE_OK)
        buf_printf(&line, "%s: ", status_names[r->status]);
    buf_str(&line, r->reason);
    cli_wrap(&l->out, l->columns, "", buf_view(&line));
    l->out.rc = l->out.rc ? l->out.rc : line.rc;
    buf_done(&line);
}

static void say(struct lint *l, const struct remark *r)
{
    l->count[r->status]++;
    if (l->json)
        remark_json(l, r);
    else
        remark_text(l, r);
}

/* Several channels may be one kind. */
static void add_kind(struct remark *r, struct str kind)
{
    for (size_t i = 0; i < r->kinds.n; i++)
        if (str_eq(r->kinds.v[i], kind))
            return;
    r->kinds.v[r->kinds.n++] = kind;
}

static enum err find_kinds(struct lint *l, const struct sigma_rule *rule, struct remark *r)
{
    r->kinds.v = arena_new_n(&l->arena, struct str, MAX_KINDS);
    if (!r->kinds.v)
        return ERR_NOMEM;
    struct error why = {.text = "no kind of log that tocsin reads has this logsource"};
    for (size_t i = 0; i < program_kinds(&l->set) && i < MAX_KINDS; i++) {
        bool is_for;
        enum err rc = program_try_rule(&l->set, i, rule, &l->arena, &is_for, &why);
        if (rc == ERR_NOMEM)
            return rc;
        if (rc || !is_for)
            continue;
        add_kind(r, program_kind_name(&l->set, i));
        l->rules_of_kind[i]++;
    }
    if (r->kinds.n)
        return OK;
    r->status = RULE_UNSUPPORTED;
    r->reason = arena_str(&l->arena, str_of(why.text));
    return r->reason.p ? OK : ERR_NOMEM;
}

static enum err rule(struct lint *l, const struct sigma_rule *rule)
{
    struct remark r = {.file = rule->file, .id = rule->id, .line = rule->line};
    if (rule->type == SIGMA_CORRELATION) {
        l->correlations++;
        return OK;
    }
    if (rule->type == SIGMA_DETECTION)
        TRY(find_kinds(l, rule, &r));
    say(l, &r);
    return OK;
}

/* One line a remark for people; for programs all of a document in one. */
static enum err correlation(struct lint *l, const struct correlation *c)
{
    struct remark r = {.file = c->sigma->file, .id = c->sigma->id, .line = c->sigma->line};
    struct buf all;
    r.status = c->evaluated ? RULE_OK : RULE_UNSUPPORTED;
    buf_init(&all, OUT_BYTES);
    for (size_t i = 0; i < c->n_remarks; i++) {
        buf_puts(&all, i ? "; " : "");
        buf_str(&all, c->remark[i]);
    }
    if (c->n_remarks)
        r.reason = l->json ? buf_view(&all) : c->remark[0];
    say(l, &r);
    for (size_t i = 1; i < c->n_remarks && !l->json; i++) {
        r.reason = c->remark[i];
        remark_text(l, &r);
    }
    enum err rc = all.rc;
    buf_done(&all);
    return rc;
}

/* What correlations refer to may stand in any file, or in a dossier: all is loaded as for a scan.
 */
static enum err correlations(struct lint *l, const struct str_list *paths, struct error *error)
{
    const struct scan_options options = {
        .rules = *paths, .since_us = TIME_NONE, .until_us = TIME_NONE};
    struct ruleset set;
    if (!l->correlations)
        return OK;
    enum err rc = ruleset_load(l->cli->arena, &options, &set, error);
    const struct correlations *all = set.correlations;
    for (size_t i = 0; !rc && all && i < all->n; i++)
        if (!set.rule[all->v[i].rule].dossier && !set.rule[all->v[i].rule].shipped)
            rc = correlation(l, &all->v[i]);
    ruleset_done(&set);
    return rc;
}

static void problem(struct lint *l, const struct sigma_problem *p)
{
    struct remark r = {.file = p->file, .id = p->id, .line = p->line, .reason = p->reason};
    r.status = p->code == ERR_FORMAT ? RULE_INVALID : RULE_UNSUPPORTED;
    say(l, &r);
}

/* A file that could not be read: it counts as one invalid document. */
static void unreadable(struct lint *l, struct str file, struct str reason)
{
    struct remark r = {.file = file, .reason = reason, .status = RULE_INVALID};
    say(l, &r);
}

static enum err read_entry(struct lint *l, const struct io_tree *tree, const struct io_entry *e,
                           struct str *ret_text, struct error *error)
{
    int fd;
    char *p = arena_alloc(&l->arena, LIMIT_RULE_FILE_BYTES + 1);
    if (!p)
        return fail(error, ERR_NOMEM, "out of memory");
    TRY(io_open_entry(tree, e, &fd, error));
    ssize_t n = io_read(fd, p, LIMIT_RULE_FILE_BYTES + 1);
    io_close(fd);
    if (n < 0)
        return fail(error, ERR_IO, "cannot be read");
    if (n > LIMIT_RULE_FILE_BYTES)
        return fail(error, ERR_LIMIT, "larger than %d bytes", LIMIT_RULE_FILE_BYTES);
    *ret_text = str_make(p, (size_t)n);
    return OK;
}

/* Fails only when memory runs out. */
static enum err lint_file(struct lint *l, const struct io_tree *tree, const struct io_entry *e)
{
    struct error error;
    struct str text;
    struct sigma_rule *rules;
    struct sigma_problem *problems;
    size_t n_rules, n_problems;
    l->files++;
    if (e->skip.p) {
        unreadable(l, e->path, e->skip);
        return OK;
    }
    if (read_entry(l, tree, e, &text, &error)) {
        unreadable(l, e->path, str_of(error.text));
        return OK;
    }
    TRY(rules_parse(&l->arena, text, e->path, &rules, &n_rules, &problems, &n_problems));
    for (size_t i = 0; i < n_rules; i++)
        TRY(rule(l, &rules[i]));
    for (size_t i = 0; i < n_problems; i++)
        problem(l, &problems[i]);
    return OK;
}

/* YARA's rules: each file that libyara does not take is named as a whole. */
static enum err lint_yara(struct lint *l, const struct str_list *paths, struct error *error)
{
    struct str kind = STR("file");
    struct yara_source *source;
    struct yara_set *set;
    size_t n;
    TRY(yara_sources(l->cli->arena, paths->v, paths->n, &source, &n, error));
    TRY(yara_set_load(source, n, STR_NONE, &set, error));
    l->files += n;
    l->yara = yara_set_rules(set);
    for (size_t i = 0; i < l->yara; i++) {
        struct yara_rule_info info = yara_set_rule(set, i);
        struct remark r = {.file = info.source, .id = info.name, .kinds = {&kind, 1}};
        say(l, &r);
    }
    for (size_t i = 0; i < yara_set_problems(set); i++) {
        struct yara_problem p = yara_set_problem(set, i);
        struct remark r = {
            .file = p.source, .line = p.line, .reason = p.reason, .status = RULE_INVALID};
        say(l, &r);
    }
    (void)yara_set_free(set);
    return OK;
}

static void summary(struct lint *l)
{
    struct buf *b = &l->out;
    uint64_t all = l->count[RULE_OK] + l->count[RULE_UNSUPPORTED] + l->count[RULE_INVALID];
    buf_printf(b, "%" PRIu64 " of %" PRIu64 " rules in %" PRIu64 " files run", l->count[RULE_OK],
               all, l->files);
    if (l->count[RULE_UNSUPPORTED])
        buf_printf(b, ", %" PRIu64 " do not", l->count[RULE_UNSUPPORTED]);
    if (l->count[RULE_INVALID])
        buf_printf(b, ", %" PRIu64 " are invalid", l->count[RULE_INVALID]);
    buf_putc(b, '\n');
    for (size_t i = 0; i < program_kinds(&l->set) && i < MAX_KINDS; i++)
        if (l->rules_of_kind[i])
            buf_printf(b, "  %8" PRIu64 " on %.*s\n", l->rules_of_kind[i],
                       STR_FMT(program_kind_name(&l->set, i)));
    if (l->yara)
        buf_printf(b, "  %8zu on files (YARA)\n", l->yara);
}

/* Folders are searched for rule files; a file that was named is read whatever it is called. */
static bool is_rule_file(const struct io_entry *e)
{
    if (str_eq(e->below, STR("dossier.yaml")) || str_ends(e->below, STR("/dossier.yaml")))
        return false; /* a dossier's own description, no rule */
    if (str_iends(e->path, STR(".yar")) || str_iends(e->path, STR(".yara")))
        return false; /* lint_yara */
    return e->below.n == 0 || e->hides || str_iends(e->path, STR(".yml")) ||
           str_iends(e->path, STR(".yaml"));
}

static enum status lint_tree(struct lint *l, const struct io_tree *tree,
                             const struct str_list *paths)
{
    enum status status = STATUS_OK;
    struct error error;
    for (size_t i = 0; i < tree->n && !status; i++) {
        if (!is_rule_file(&tree->entry[i]))
            continue;
        if (lint_file(l, tree, &tree->entry[i])) {
            (void)fail(&error, ERR_NOMEM, "out of memory");
            return cli_error(l->cli, &error);
        }
        status = cli_print(l->cli, &l->out);
        buf_reset(&l->out);
        arena_reset(&l->arena);
    }
    if (!status && (correlations(l, paths, &error) || lint_yara(l, paths, &error)))
        return cli_error(l->cli, &error);
    if (status)
        return status;
    if (!l->json)
        summary(l);
    status = cli_print(l->cli, &l->out);
    if (!status && l->files == 0) {
        cli_say(l->cli, "no *.yml, *.yaml, *.yar or *.yara file there");
        return STATUS_INCOMPLETE;
    }
    return status ? status : l->count[RULE_INVALID] ? STATUS_FOUND : STATUS_OK;
}

static enum err prepare(struct lint *l, const struct str_list *paths, struct io_tree *ret_tree,
                        struct error *error)
{
    struct arena *arena = l->cli->arena;
    TRY(logsources_load(arena, embedded_get("data/logsources.yaml"), &l->set.logsources, error));
    TRY(event_channels_load(arena, embedded_get("data/events.yaml"), &l->set.channels, error));
    return io_list(arena, paths->v, paths->n, ret_tree, error);
}

enum status cmd_rules_lint(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct lint_values *v = values;
    struct io_tree tree = {0};
    struct error error;
    struct lint l = {.cli = cli, .json = v->json, .columns = cli_columns(cli)};
    enum err rc = v->placeholders.p
                      ? placeholders_load(cli->arena, v->placeholders, &l.set.placeholder,
                                          &l.set.n_placeholders, &error)
                      : OK;
    if (rc || prepare(&l, operands, &tree, &error))
        return cli_error(cli, &error);
    buf_init(&l.out, OUT_BYTES);
    arena_init(&l.arena, FILE_ARENA_BYTES);
    enum status status = lint_tree(&l, &tree, operands);
    arena_done(&l.arena);
    buf_done(&l.out);
    io_tree_close(&tree);
    return status;
}
