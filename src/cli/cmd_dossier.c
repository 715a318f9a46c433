#include "cli/cmd.h"
#include "cli/suggest.h"
#include "dossier/lint.h"
#include "os/io.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "output/table.h"

#include <inttypes.h>

struct dossier_values {
    bool json;
};
const size_t dossier_lint_values_size = sizeof(struct dossier_values);
const size_t dossier_list_values_size = sizeof(struct dossier_values);

const struct option_def dossier_lint_option_defs[] = {
    {.name = "json", FLAG(struct dossier_values, json), .help = "print one JSON object a problem"},
    {0},
};
const struct option_def dossier_list_option_defs[] = {
    {.name = "json", FLAG(struct dossier_values, json), .help = "print one JSON object a dossier"},
    {0},
};

enum { OUT_BYTES = 16 * 1024 * 1024 };

/* columns: of the terminal, for people; 0: none */
static void problem_json(struct buf *b, unsigned columns, struct str dossier,
                         const struct dossier_problem *p)
{
    struct json j;
    (void)columns;
    json_init(&j, b);
    json_object(&j, NULL);
    json_text(&j, "type", "problem");
    json_str(&j, "dossier", dossier);
    json_str(&j, "file", p->file);
    json_u64(&j, "line", p->line);
    json_bool(&j, "fatal", p->fatal);
    json_str(&j, "reason", p->text);
    json_end(&j);
    json_line(&j);
}

static void problem_text(struct buf *b, unsigned columns, struct str dossier,
                         const struct dossier_problem *p)
{
    struct buf line;
    buf_init(&line, OUT_BYTES);
    buf_str(&line, p->file.n ? p->file : dossier);
    if (p->line)
        buf_printf(&line, ":%" PRIu32, p->line);
    buf_puts(&line, p->fatal ? ": cannot be used: " : ": ");
    buf_str(&line, p->text);
    cli_wrap(b, columns, "", buf_view(&line));
    b->rc = b->rc ? b->rc : line.rc;
    buf_done(&line);
}

const char *dossier_meant(struct str word)
{
    const char *const *shipped;
    size_t n = dossier_shipped(&shipped);
    struct suggestion near = {.word = word};
    if (str_chr(word, '/') >= 0 || io_exists(word))
        return NULL;
    for (size_t i = 0; i < n; i++) {
        if (str_eq(word, str_of(shipped[i])))
            return NULL;
        suggest_offer(&near, shipped[i]);
    }
    return near.best;
}

/* It could not be loaded: why, and what was probably meant. */
static struct str broken_text(struct cli *cli, struct str id, const struct error *error)
{
    const char *meant = dossier_meant(id);
    struct buf b;
    if (!meant)
        return str_of(error->text);
    buf_init(&b, 1024);
    buf_printf(&b, "%s; did you mean '%s'?", error->text, meant);
    struct str text = arena_str(cli->arena, buf_view(&b));
    buf_done(&b);
    return text;
}

/* How many things are wrong with one dossier. */
static size_t lint_one(struct cli *cli, const struct dossier_values *v, struct str id,
                       struct buf *b)
{
    void (*say)(struct buf *, unsigned, struct str, const struct dossier_problem *) =
        v->json ? problem_json : problem_text;
    unsigned columns = cli_columns(cli);
    struct dossier_problems problems = {0};
    struct error error;
    enum err rc = dossier_lint(cli->arena, id, &problems, &error);
    for (size_t i = 0; i < problems.n; i++)
        say(b, columns, id, &problems.v[i]);
    if (rc) {
        struct dossier_problem broken = {.file = str_of(error.input), .fatal = true};
        broken.text = broken_text(cli, id, &error);
        broken.line = (uint32_t)error.offset;
        say(b, columns, id, &broken);
        return problems.n + 1;
    }
    if (problems.n == 0 && !v->json && !cli->quiet) {
        escape_terminal(b, id, false);
        buf_puts(b, ": good\n");
    }
    return problems.n;
}

/* The operands, or without any the dossiers inside the program. */
static size_t chosen(struct cli *cli, const struct str_list *operands, const struct str **ret_ids)
{
    const char *const *shipped;
    size_t n = dossier_shipped(&shipped);
    *ret_ids = operands->v;
    if (operands->n)
        return operands->n;
    struct str *ids = arena_new_n(cli->arena, struct str, n ? n : 1);
    for (size_t i = 0; ids && i < n; i++)
        ids[i] = str_of(shipped[i]);
    *ret_ids = ids;
    return ids ? n : 0;
}

enum status cmd_dossier_lint(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct dossier_values *v = values;
    const struct str *ids;
    size_t n = chosen(cli, operands, &ids), wrong = 0;
    struct buf b;
    buf_init(&b, OUT_BYTES);
    for (size_t i = 0; i < n; i++)
        wrong += lint_one(cli, v, ids[i], &b);
    enum status status = cli_print(cli, &b);
    buf_done(&b);
    return status ? status : wrong ? STATUS_FOUND : STATUS_OK;
}

static void list_json(struct buf *b, const struct dossier *d)
{
    struct json j;
    json_init(&j, b);
    json_object(&j, NULL);
    json_text(&j, "type", "dossier");
    json_str(&j, "id", d->id);
    json_str(&j, "title", d->title);
    json_array(&j, "cves");
    for (size_t i = 0; i < d->cves.n; i++)
        json_str(&j, NULL, d->cves.v[i]);
    json_end(&j);
    json_time(&j, "window_from", d->window_from_us);
    json_u64(&j, "rules", d->n_rules);
    json_u64(&j, "indicators", d->n_indicators);
    json_text(&j, "sha256", d->sha256);
    json_end(&j);
    json_line(&j);
}

static void list_text(struct buf *b, const struct dossier *d)
{
    char label[160];
    (void)snprintf(label, sizeof label, "%-26.*s %3zu rules  ", STR_FMT(str_sub(d->id, 0, 100)),
                   d->n_rules);
    cli_wrap(b, PAGE_DEFAULT, label, d->title);
}

enum status cmd_dossier_list(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct dossier_values *v = values;
    const struct str *ids;
    size_t n = chosen(cli, operands, &ids);
    enum status status = STATUS_OK;
    struct buf b;
    buf_init(&b, OUT_BYTES);
    for (size_t i = 0; i < n; i++) {
        struct dossier d = {0};
        struct dossier_problems problems = {0};
        struct error error;
        if (dossier_load(cli->arena, ids[i], &d, &problems, &error))
            status = cli_error(cli, &error);
        else
            (v->json ? list_json : list_text)(&b, &d);
    }
    enum status printed = cli_print(cli, &b);
    buf_done(&b);
    return printed ? printed : status;
}
