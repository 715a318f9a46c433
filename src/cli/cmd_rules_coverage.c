#include "cli/cmd.h"
#include "cli/gap.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "scan/survey.h"

struct coverage_values {
    bool json;
    struct str_list rules;
    uint64_t jobs;
};
const size_t rules_coverage_values_size = sizeof(struct coverage_values);

enum { MAX_JOBS = 64, OUT_BYTES = 16 * 1024 * 1024 };

const struct option_def rules_coverage_option_defs[] = {
    {.name = "json",
     FLAG(struct coverage_values, json),
     .help = "print one JSON object a log source, and one a kind of log to supply"},
    {.name = "rules",
     LIST(struct coverage_values, rules),
     .arg = "PATH",
     .help = "Sigma rules of this file or folder; may be given several times; without it, those of "
             "the dossiers inside the program"},
    {.name = "jobs",
     .letter = 'j',
     NUMBER(struct coverage_values, jobs),
     .arg = "N",
     .help = "worker processes; without it, one a processor",
     .min = 1,
     .max = MAX_JOBS},
    {0},
};

static void texts_json(struct json *j, const char *key, const struct str_list *list)
{
    json_array(j, key);
    for (size_t i = 0; i < list->n; i++)
        json_str(j, NULL, list->v[i]);
    json_end(j);
}

static void source_json(struct buf *b, const struct source_cover *s)
{
    struct json j;
    json_init(&j, b);
    json_object(&j, NULL);
    json_text(&j, "type", "rule_coverage");
    json_str(&j, "category", s->category.n ? s->category : STR_NONE);
    json_str(&j, "product", s->product.n ? s->product : STR_NONE);
    json_str(&j, "service", s->service.n ? s->service : STR_NONE);
    json_u64(&j, "rules", s->rules);
    json_u64(&j, "run", s->run);
    json_u64(&j, "lack", s->lack);
    json_u64(&j, "never", s->never);
    texts_json(&j, "kinds", &s->kinds);
    json_end(&j);
    json_line(&j);
}

static void supply_json(struct buf *b, const struct supply *s)
{
    struct json j;
    json_init(&j, b);
    json_object(&j, NULL);
    json_text(&j, "type", "rule_supply");
    json_str(&j, "kind", s->kind);
    json_str(&j, "title", s->title);
    json_str(&j, "path", s->path);
    json_u64(&j, "rules", s->rules);
    json_bool(&j, "present", s->present);
    texts_json(&j, "events", &s->category);
    json_end(&j);
    json_line(&j);
}

static void list_text(struct buf *b, const struct str_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        buf_puts(b, i ? ", " : "");
        escape_terminal(b, list->v[i], false);
    }
}

static void source_text(struct buf *b, const struct source_cover *s)
{
    const struct str part[] = {s->category, s->product, s->service};
    static const char *const name[] = {"category ", "product ", "service "};
    const char *between = "";
    buf_printf(b, "%7zu %7zu %7zu %7zu  ", s->rules, s->run, s->lack, s->never);
    for (size_t i = 0; i < ARRAY_LEN(part); i++) {
        if (!part[i].n)
            continue;
        buf_puts(b, between);
        buf_puts(b, name[i]);
        escape_terminal(b, part[i], false);
        between = ", ";
    }
    if (s->kinds.n) {
        buf_puts(b, ": on ");
        list_text(b, &s->kinds);
    }
    buf_putc(b, '\n');
}

static void supply_text(struct buf *b, const struct supply *s)
{
    buf_printf(b, "%7zu  ", s->rules);
    escape_terminal(b, s->title, false);
    buf_puts(b, " (");
    escape_terminal(b, s->kind, false);
    buf_putc(b, ')');
    if (s->present) {
        buf_puts(b, s->category.n ? ": is there, without events of " : ": is there");
        list_text(b, &s->category);
    } else if (s->path.p) {
        buf_puts(b, ": ");
        escape_terminal(b, s->path, false);
    }
    buf_putc(b, '\n');
}

static void table(struct buf *b, const struct rule_cover *c)
{
    if (c->n_sources)
        buf_puts(b, "  rules     run    lack   never  log source\n");
    for (size_t i = 0; i < c->n_sources; i++)
        source_text(b, &c->source[i]);
    buf_printf(b,
               "%zu of %zu rules run on what was given, %zu lack a log, %zu run on no kind of log "
               "that is read\n",
               c->run, c->rules, c->lack, c->never);
    if (c->n_supplies)
        buf_puts(b, "\nWHAT TO SUPPLY NEXT, with the number of rules that each would make run\n");
    for (size_t i = 0; i < c->n_supplies; i++)
        supply_text(b, &c->supply[i]);
}

static enum status print(struct cli *cli, const struct coverage_values *v,
                         const struct rule_cover *c)
{
    struct buf b;
    buf_init(&b, OUT_BYTES);
    for (size_t i = 0; v->json && i < c->n_sources; i++)
        source_json(&b, &c->source[i]);
    for (size_t i = 0; v->json && i < c->n_supplies; i++)
        supply_json(&b, &c->supply[i]);
    if (!v->json)
        table(&b, c);
    enum status status = cli_print(cli, &b);
    buf_done(&b);
    return status ? status : gap_survey(cli, c->gap, c->n_gaps, c->interrupted);
}

enum status cmd_rules_coverage(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct coverage_values *v = values;
    struct rule_cover cover;
    struct error error = {0};
    struct scan_options options = {.paths = *operands,
                                   .rules = v->rules,
                                   .no_dossiers = v->rules.n > 0,
                                   .no_hash = true,
                                   .jobs = (unsigned)v->jobs,
                                   .since_us = TIME_NONE,
                                   .until_us = TIME_NONE,
                                   .warn = cli_warning,
                                   .ctx = cli,
                                   .interrupted = cli_watch_interrupts()};
    if (cover_run(&options, cli->arena, &cover, &error))
        return cli_error(cli, &error);
    return print(cli, v, &cover);
}
