#include "cli/cmd.h"
#include "cli/gap.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "scan/survey.h"

#include <inttypes.h>

struct profile_values {
    bool json, no_dossiers;
    struct str_list dossier, rules;
    uint64_t jobs, top;
};
const size_t rules_profile_values_size = sizeof(struct profile_values);

enum { MAX_JOBS = 64, TOP = 20, OUT_BYTES = 64 * 1024 * 1024 };

const struct option_def rules_profile_option_defs[] = {
    {.name = "json",
     FLAG(struct profile_values, json),
     .help = "print one JSON object a rule that was tried"},
    {.name = "dossier",
     LIST(struct profile_values, dossier),
     .arg = "ID|DIR",
     .help = "use this dossier only; may be given several times"},
    {.name = "no-dossiers",
     FLAG(struct profile_values, no_dossiers),
     .help = "use only the rules given"},
    {.name = "rules",
     LIST(struct profile_values, rules),
     .arg = "PATH",
     .help = "also try Sigma rules of this file or folder; may be given several times"},
    {.name = "top",
     NUMBER(struct profile_values, top),
     .arg = "N",
     .help = "so many rules in the table; without it, 20",
     .min = 1},
    {.name = "jobs",
     .letter = 'j',
     NUMBER(struct profile_values, jobs),
     .arg = "N",
     .help = "worker processes; without it, one a processor",
     .min = 1,
     .max = MAX_JOBS},
    {0},
};

static void use_json(struct buf *out, const struct rule_use *u)
{
    struct json j;
    json_init(&j, out);
    json_object(&j, NULL);
    json_text(&j, "type", "rule_profile");
    json_str(&j, "id", u->id.n ? u->id : STR_NONE);
    json_str(&j, "title", u->title);
    json_str(&j, "file", u->file);
    json_str(&j, "dossier", u->dossier);
    json_u64(&j, "evaluations", u->evaluations);
    json_u64(&j, "matches", u->matches);
    json_u64(&j, "untried", u->untried);
    json_fixed(&j, "seconds", u->seconds, 9);
    json_fixed(&j, "share", u->share, 6);
    json_end(&j);
    json_line(&j);
}

static void use_text(struct buf *b, const struct rule_use *u)
{
    buf_printf(b, "%10.3f %5.1f %% %10.2f %12" PRIu64 " %10" PRIu64 "  ", u->seconds,
               u->share * 100, u->seconds / (double)u->evaluations * 1e6, u->evaluations,
               u->matches);
    escape_terminal(b, u->title, false);
    if (u->untried)
        buf_printf(b, " (cut: not tried on %" PRIu64 " rows)", u->untried);
    buf_putc(b, '\n');
}

static void table(struct buf *b, const struct rule_profile *p, uint64_t top)
{
    size_t shown = top && top < p->n ? (size_t)top : p->n;
    if (shown)
        buf_puts(b, "   seconds   share us a piece  evaluations    matches  rule\n");
    for (size_t i = 0; i < shown; i++)
        use_text(b, &p->use[i]);
    buf_printf(b, "%zu of %zu rules were tried, %" PRIu64 " times: %.3f s of %.3f s in all\n", p->n,
               p->n_rules, p->evaluations, p->seconds, p->all_seconds);
    if (shown < p->n)
        buf_printf(b, "%zu more rules: --top N, or --json\n", p->n - shown);
}

static enum status print(struct cli *cli, const struct profile_values *v,
                         const struct rule_profile *p)
{
    struct buf b;
    buf_init(&b, OUT_BYTES);
    for (size_t i = 0; v->json && i < p->n; i++)
        use_json(&b, &p->use[i]);
    if (!v->json)
        table(&b, p, v->top ? v->top : TOP);
    enum status status = cli_print(cli, &b);
    buf_done(&b);
    return status ? status : gap_survey(cli, p->gap, p->n_gaps, p->interrupted);
}

enum status cmd_rules_profile(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct profile_values *v = values;
    struct rule_profile profile;
    struct error error = {0};
    if (v->no_dossiers && (v->dossier.n || !v->rules.n)) {
        cli_say(cli, v->dossier.n ? "--dossier and --no-dossiers exclude each other"
                                  : "--no-dossiers leaves no rule to try without --rules");
        return STATUS_USAGE;
    }
    struct scan_options options = {.paths = *operands,
                                   .dossiers = v->dossier,
                                   .rules = v->rules,
                                   .no_dossiers = v->no_dossiers,
                                   .jobs = (unsigned)v->jobs,
                                   .since_us = TIME_NONE,
                                   .until_us = TIME_NONE,
                                   .warn = cli_warning,
                                   .ctx = cli,
                                   .interrupted = cli_watch_interrupts()};
    if (profile_run(&options, cli->arena, &profile, &error))
        return cli_error(cli, &error);
    return print(cli, v, &profile);
}
