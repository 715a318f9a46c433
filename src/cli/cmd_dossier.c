#include "cli/cmd.h"
#include "cli/suggest.h"
#include "dossier/lint.h"
#include "os/io.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "output/table.h"

#include <inttypes.h>

struct dossier_values {
    bool json, notes;
};
const size_t dossier_lint_values_size = sizeof(struct dossier_values);
const size_t dossier_list_values_size = sizeof(struct dossier_values);

const struct option_def dossier_lint_option_defs[] = {
    {.name = "json", FLAG(struct dossier_values, json), .help = "print one JSON object a problem"},
    {.name = "notes",
     FLAG(struct dossier_values, notes),
     .help = "list the rows with a note as well: what sources are known to disagree about"},
    {0},
};
const struct option_def dossier_list_option_defs[] = {
    {.name = "json", FLAG(struct dossier_values, json), .help = "print one JSON object a dossier"},
    {0},
};

enum { OUT_BYTES = 16 * 1024 * 1024 };

/* columns: of the terminal, for people; 0: none */
static void problem_json(struct buf *b, unsigned columns, struct str dossier,
                         const struct dossier_problem *p, bool note)
{
    struct json j;
    (void)columns;
    json_init(&j, b);
    json_object(&j, NULL);
    json_text(&j, "type", note ? "note" : "problem");
    json_str(&j, "dossier", dossier);
    json_str(&j, "file", p->file);
    json_u64(&j, "line", p->line);
    json_bool(&j, "fatal", p->fatal);
    json_str(&j, "reason", p->text);
    json_end(&j);
    json_line(&j);
}

static void problem_text(struct buf *b, unsigned columns, struct str dossier,
                         const struct dossier_problem *p, bool note)
{
    struct buf line;
    buf_init(&line, OUT_BYTES);
    buf_str(&line, dossier);
    if (p->file.n && !str_ends(dossier, p->file)) {
        buf_puts(&line, str_ends(dossier, STR("/")) ? "" : "/");
        buf_str(&line, p->file);
    }
    if (p->line)
        buf_printf(&line, ":%" PRIu32, p->line);
    buf_puts(&line, p->fatal ? ": cannot be used: " : note ? ": note: " : ": ");
    buf_str(&line, p->text);
    cli_wrap(b, columns, "", buf_view(&line));
    b->rc = b->rc ? b->rc : line.rc;
    buf_done(&line);
}

const char *dossier_meant(struct str word)
{
    const char *const *affairs, *const *catalogues;
    size_t n = dossier_shipped(&affairs), n_more = catalogue_shipped(&catalogues);
    struct suggestion near = {.word = word};
    if (str_chr(word, '/') >= 0 || io_exists(word))
        return NULL;
    for (size_t i = 0; i < n + n_more; i++) {
        const char *id = i < n ? affairs[i] : catalogues[i - n];
        if (str_eq(word, str_of(id)))
            return NULL;
        suggest_offer(&near, id);
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

/* One dossier being checked, and those checked before it. */
struct checked {
    struct str id;
    struct dossier d;
    struct dossier_problems problems;
    bool loaded;
};

static void say_all(struct cli *cli, const struct dossier_values *v, struct buf *b, struct str id,
                    const struct dossier_problems *problems, bool note)
{
    for (size_t i = 0; i < problems->n; i++)
        (v->json ? problem_json : problem_text)(b, cli_columns(cli), id, &problems->v[i], note);
}

/* How many things are wrong with the last of n dossiers, by itself and beside the others. */
static size_t lint_one(struct cli *cli, const struct dossier_values *v, struct checked *all,
                       size_t n, struct buf *b)
{
    struct checked *c = &all[n - 1];
    struct dossier_problems notes = {0};
    struct error error = {0};
    enum err rc = dossier_lint(cli->arena, c->id, &c->d, &c->problems, &error);
    c->loaded = rc == OK;
    for (size_t i = 0; i + 1 < n && !rc; i++)
        if (all[i].loaded && !str_eq(all[i].d.id, c->d.id))
            rc = dossier_compare(cli->arena, &c->d, &all[i].d, &c->problems);
    if (rc) {
        struct str text = c->loaded ? STR("out of memory") : broken_text(cli, c->id, &error);
        problem_add(cli->arena, &c->problems, str_of(error.input), (uint32_t)error.offset, true,
                    "%.*s", STR_FMT(text));
    }
    say_all(cli, v, b, c->id, &c->problems, false);
    if (v->notes && c->loaded)
        dossier_notes(cli->arena, &c->d, &notes);
    say_all(cli, v, b, c->id, &notes, true);
    if (c->problems.n == 0 && !v->json && !cli->quiet) {
        escape_terminal(b, c->id, false);
        buf_puts(b, ": good\n");
    }
    return c->problems.n;
}

/* The operands, or without any the dossiers and catalogues inside the program. */
static size_t chosen(struct cli *cli, const struct str_list *operands, const struct str **ret_ids)
{
    const char *const *affairs, *const *catalogues;
    size_t n = dossier_shipped(&affairs), n_more = catalogue_shipped(&catalogues);
    *ret_ids = operands->v;
    if (operands->n)
        return operands->n;
    struct str *ids = arena_new_n(cli->arena, struct str, n + n_more + 1);
    for (size_t i = 0; ids && i < n + n_more; i++)
        ids[i] = str_of(i < n ? affairs[i] : catalogues[i - n]);
    *ret_ids = ids;
    return ids ? n + n_more : 0;
}

enum status cmd_dossier_lint(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct dossier_values *v = values;
    const struct str *ids;
    size_t n = chosen(cli, operands, &ids), wrong = 0;
    struct checked *all = arena_new_n(cli->arena, struct checked, n + 1);
    struct buf b;
    if (!all) {
        struct error error = {0};
        (void)fail(&error, ERR_NOMEM, "out of memory");
        return cli_error(cli, &error);
    }
    buf_init(&b, OUT_BYTES);
    for (size_t i = 0; i < n; i++) {
        all[i].id = ids[i];
        wrong += lint_one(cli, v, all, i + 1, &b);
    }
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
    json_text(&j, "kind", d->catalogue ? "catalogue" : "affair");
    json_str(&j, "id", d->id);
    json_str(&j, "title", d->title);
    json_array(&j, "cves");
    for (size_t i = 0; i < d->cves.n; i++)
        json_str(&j, NULL, d->cves.v[i]);
    json_end(&j);
    json_time(&j, "window_from", d->window_from_us);
    json_u64(&j, "rules", d->n_rules);
    json_u64(&j, "indicators", d->n_indicators);
    json_u64(&j, "builds", d->n_known);
    json_u64(&j, "fixes", d->n_fixes);
    json_time(&j, "as_of", d->as_of_us);
    json_text(&j, "sha256", d->sha256);
    json_end(&j);
    json_line(&j);
}

static void list_text(struct buf *b, const struct dossier *d)
{
    char label[160];
    size_t n = d->catalogue ? d->n_facts : d->n_rules;
    (void)snprintf(label, sizeof label, "%-26.*s %3zu %s  ", STR_FMT(str_sub(d->id, 0, 100)), n,
                   d->catalogue ? "CVEs " : "rules");
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
