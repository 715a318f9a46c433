#include "base/ip.h"
#include "cli/case_take.h"
#include "cli/cmd.h"
#include "cli/config.h"
#include "cli/out.h"
#include "os/io.h"
#include "os/term.h"
#include "output/writer.h"
#include "scan/scan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct scan_values {
    bool json, csv, timesketch, ecs, no_hash, full, carve, no_dossiers;
    struct str output, host, case_file, placeholders;
    uint64_t jobs;
    struct str_list dossier, rules, indicators, known, baseline, own_scanner, pivot;
    int64_t since_us, until_us;
};
const size_t scan_values_size = sizeof(struct scan_values);

enum { MAX_JOBS = 64 };

const struct option_def scan_option_defs[] = {
    {.name = "json", FLAG(struct scan_values, json), .help = "print JSON Lines"},
    {.name = "csv", FLAG(struct scan_values, csv), .help = "print the findings as CSV"},
    {.name = "timesketch",
     FLAG(struct scan_values, timesketch),
     .help = "print the findings as JSON Lines that Timesketch imports"},
    {.name = "ecs",
     FLAG(struct scan_values, ecs),
     .help = "print JSON Lines in the fields of the Elastic Common Schema"},
    {.name = "output",
     .letter = 'o',
     TEXT(struct scan_values, output),
     .arg = "FILE",
     .help = "write there instead of standard output"},
    {.name = "case",
     TEXT(struct scan_values, case_file),
     .arg = "FILE",
     .help = "keep the answer in this case as well; it is made if it is not there"},
    {.name = "dossier",
     LIST(struct scan_values, dossier),
     .arg = "ID|DIR",
     .help = "use this dossier only; may be given several times"},
    {.name = "no-dossiers",
     FLAG(struct scan_values, no_dossiers),
     .help = "use only the rules and indicators given"},
    {.name = "rules",
     LIST(struct scan_values, rules),
     .arg = "PATH",
     .help =
         "also try the Sigma and YARA rules of this file or folder; may be given several times"},
    {.name = "placeholders",
     TEXT(struct scan_values, placeholders),
     .arg = "FILE",
     .help = "a YAML map with the values of %name% in rules with the modifier expand"},
    {.name = "indicators",
     LIST(struct scan_values, indicators),
     .arg = "FILE",
     .help = "also look for the indicators of this list; may be given several times"},
    {.name = "known",
     LIST(struct scan_values, known),
     .arg = "FILE",
     .help =
         "files whose hash is in this list are harmless: NSRL, or one hash a line; may be given "
         "several times"},
    {.name = "baseline",
     LIST(struct scan_values, baseline),
     .arg = "FILE",
     .help = "also hold files against what `tocsin baseline make` wrote; may be given several "
             "times"},
    {.name = "host",
     TEXT(struct scan_values, host),
     .arg = "NAME",
     .help = "one host for everything in the run, whatever paths and rows say"},
    {.name = "since",
     TIME(struct scan_values, since_us),
     .arg = "TIME",
     .help = "only rows from this time on, UTC: 2021-02-26 or 2021-02-26T08:00:00Z"},
    {.name = "until",
     TIME(struct scan_values, until_us),
     .arg = "TIME",
     .help = "only rows before this time, UTC"},
    {.name = "own-scanner",
     LIST(struct scan_values, own_scanner),
     .arg = "IP|NET|AGENT",
     .help = "a vulnerability scanner of my own: its probes and attempts weigh less; may be given "
             "several times"},
    {.name = "pivot",
     LIST(struct scan_values, pivot),
     .arg = "VALUE",
     .help = "follow this address, account or session over all hosts; may be given several times"},
    {.name = "full",
     FLAG(struct scan_values, full),
     .help = "take every row by itself, not only those that a rule can match (slower)"},
    {.name = "carve",
     FLAG(struct scan_values, carve),
     .help = "look in the slack of Windows event logs, too, for records that were cleared or "
             "overwritten"},
    {.name = "no-hash",
     FLAG(struct scan_values, no_hash),
     .help = "do not compute the SHA-256 of the inputs"},
    {.name = "jobs",
     .letter = 'j',
     NUMBER(struct scan_values, jobs),
     .arg = "N",
     .help = "worker processes; without it, one a processor",
     .min = 1,
     .max = MAX_JOBS},
    {0},
};

static const char *format_name(struct cli *cli, const struct scan_values *v)
{
    const char *name = v->json         ? "json"
                       : v->csv        ? "csv"
                       : v->timesketch ? "timesketch"
                       : v->ecs        ? "ecs"
                                       : "text";
    if (v->json + v->csv + v->timesketch + v->ecs > 1) {
        cli_say(cli, "--json, --csv, --timesketch and --ecs exclude each other");
        return NULL;
    }
    return name;
}

static enum status print(struct cli *cli, const struct scan_values *v, int fd, const char *format,
                         const struct answer *answer)
{
    struct error error;
    struct sink sink;
    bool terminal = !v->output.p && term_is(fd);
    struct print_options options = {.colour = cli->color && !v->output.p,
                                    .width = terminal ? term_width(fd) : 0,
                                    .ascii = terminal && term_ascii(fd)};
    struct out_target target = {fd, 0};
    sink_init(&sink, out_target_write, &target);
    enum err rc = v->output.p ? io_start_over(fd) : OK;
    if (!rc)
        rc = writer_write(writer_find(str_of(format)), &sink, answer, &options);
    sink_done(&sink);
    if (v->output.p && io_finish(fd) && !rc) {
        target.why = errno;
        rc = ERR_IO;
    }
    if (!rc)
        return STATUS_OK;
    (void)fail(&error, rc, "cannot write the answer%s%s", target.why ? ": " : "",
               target.why ? strerror(target.why) : "");
    return cli_error(cli, &error);
}

/* Nothing of a scan that was cut short: what it did not read would look as if it were gone. */
static enum status keep(struct cli *cli, struct case_take *take, const struct str_list *inputs,
                        const struct answer *answer, bool cut_short)
{
    const struct print_options options = {.manifest = true};
    struct error error;
    if (!take->on || cut_short)
        return STATUS_OK;
    if (case_take_begin(take, "scan", inputs, &error))
        return cli_error(cli, &error);
    enum err rc = writer_write(writer_find(STR("json")), &take->sink, answer, &options);
    return case_take_end(take, rc, &error) ? cli_error(cli, &error) : STATUS_OK;
}

/* Opened before the work begins; never a file of the evidence. */
static enum status open_output(struct cli *cli, const struct scan_values *v,
                               const struct str_list *inputs, int *ret_fd)
{
    struct error error;
    *ret_fd = STDOUT_FILENO;
    if (!v->output.p)
        return STATUS_OK;
    for (size_t i = 0; i < inputs->n; i++)
        if (io_inside(v->output, inputs->v[i])) {
            cli_say(cli, "-o would write into the evidence: '%.*s'", STR_FMT(v->output));
            return STATUS_USAGE;
        }
    return io_create(v->output, ret_fd, &error) ? cli_error(cli, &error) : STATUS_OK;
}

/* What a script wants to know of an answer: found something, or was something left out? */
static enum status verdict_status(const struct answer *a)
{
    bool incomplete = a->n_gaps > 0;
    for (size_t i = 0; i < a->n_findings; i++)
        if (a->finding[i].grade > GRADE_PROBE && !a->finding[i].note.p)
            return STATUS_FOUND;
    for (size_t i = 0; i < a->n_verdicts; i++)
        if (a->verdict[i].state >= VERDICT_ATTEMPTED)
            return STATUS_FOUND;
    for (size_t i = 0; i < a->n_verdicts; i++)
        incomplete |= a->verdict[i].state == VERDICT_NOT_ENOUGH_EVIDENCE;
    return incomplete ? STATUS_INCOMPLETE : STATUS_OK;
}

/* What the scan says while it runs. */
struct listener {
    struct cli *cli;
    struct progress line;
    bool on;
};

static void on_progress(void *ctx, const struct scan_progress *p)
{
    struct listener *l = ctx;
    l->line.done_bytes = p->bytes_done;
    l->line.total_bytes = p->bytes_total;
    l->line.findings = p->findings;
    term_progress(&l->line);
}

static void on_warning(void *ctx, struct str text)
{
    struct listener *l = ctx;
    if (l->on)
        term_progress_end(&l->line);
    if (!l->cli->quiet)
        cli_say(l->cli, "%.*s", STR_FMT(text));
}

/* What is made of the signs of addresses and nets only must be one: 198.51.100.300 is none. */
static bool scanner_usable(struct str s)
{
    bool address = s.n && !s.p[strspn(s.p, "0123456789./")];
    address |= s.n && str_chr(s, ':') >= 0 && !s.p[strspn(s.p, "0123456789abcdefABCDEF.:/")];
    struct ip_net net;
    return !address || ip_net_parse(s, &net);
}

static bool usable(struct cli *cli, const struct scan_values *v)
{
    if (v->since_us != TIME_NONE && v->until_us != TIME_NONE && v->since_us >= v->until_us) {
        cli_say(cli, "--since must be before --until");
        return false;
    }
    if (v->no_dossiers && v->dossier.n) {
        cli_say(cli, "--dossier and --no-dossiers exclude each other");
        return false;
    }
    if (v->no_dossiers && !v->rules.n && !v->indicators.n) {
        cli_say(cli, "--no-dossiers leaves nothing to look for without --rules or --indicators");
        return false;
    }
    for (size_t i = 0; i < v->own_scanner.n; i++) {
        struct str own = v->own_scanner.v[i];
        bool too_short = own.n < SCANNER_AGENT_BYTES && str_chr(own, ':') < 0;
        if (!scanner_usable(own) || too_short) {
            cli_say(cli, "--own-scanner: \"%.*s\" is no address or net%s", STR_FMT(own),
                    too_short ? ", and too short for a part of an agent" : "");
            return false;
        }
    }
    return true;
}

/* The nearest dossier's name where an unknown one was given. */
static bool dossiers_known(struct cli *cli, const struct scan_values *v)
{
    for (size_t i = 0; i < v->dossier.n; i++) {
        const char *meant = dossier_meant(v->dossier.v[i]);
        if (!meant)
            continue;
        cli_say(cli, "no dossier \"%.*s\"; did you mean '%s'?", STR_FMT(v->dossier.v[i]), meant);
        return false;
    }
    return true;
}

/* Where rules are cached, and, without --own-scanner, the scanners of the configuration: what they
 * are is said, for they lower what is found. */
static enum err settings(struct cli *cli, struct scan_values *v, struct str *ret_cache,
                         struct error *error)
{
    struct config config;
    const struct config_value *own = &config.value[CONFIG_SCANNERS];
    TRY(config_load(cli->arena, &config, error));
    *ret_cache = config_cache(&config, cli->arena);
    if (v->own_scanner.n)
        return OK;
    v->own_scanner = own->list;
    if (own->list.n && !cli->quiet)
        cli_say(cli, "%zu own scanner%s of %.*s", own->list.n, own->list.n == 1 ? "" : "s",
                STR_FMT(own->origin));
    return OK;
}

enum status cmd_scan(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct scan_values own = *(const struct scan_values *)values;
    const struct scan_values *v = &own;
    struct error error = {0};
    struct answer answer = {0};
    bool cut_short = false;
    struct listener listener = {.cli = cli, .on = !cli->quiet && term_is(STDERR_FILENO)};
    const char *format = format_name(cli, v);
    struct str cache = STR_NONE;
    if (format && settings(cli, &own, &cache, &error))
        return cli_error(cli, &error);
    if (!format || !usable(cli, v))
        return STATUS_USAGE;
    if (!dossiers_known(cli, v))
        return STATUS_IO;
    if (listener.on)
        term_progress_begin(&listener.line, STDERR_FILENO);
    struct scan_options options = {
        .paths = *operands,
        .dossiers = v->dossier,
        .rules = v->rules,
        .cache = cache,
        .indicators = v->indicators,
        .known = v->known,
        .baselines = v->baseline,
        .placeholders = v->placeholders,
        .own_scanners = v->own_scanner,
        .pivots = v->pivot,
        .host = v->host,
        .since_us = v->since_us,
        .until_us = v->until_us,
        .jobs = (unsigned)v->jobs,
        .no_hash = v->no_hash,
        .full = v->full,
        .carve = v->carve,
        .no_dossiers = v->no_dossiers,
        .progress = listener.on ? on_progress : NULL,
        .warn = on_warning,
        .ctx = &listener,
    };
    int out;
    enum status status = open_output(cli, v, operands, &out);
    if (status)
        return status;
    struct case_take take;
    if (case_take_open(&take, v->case_file, operands, &error))
        return cli_error(cli, &error);
    options.interrupted = cli_watch_interrupts();
    enum err rc = scan_run(&options, cli->arena, &answer, &cut_short, &error);
    if (listener.on)
        term_progress_end(&listener.line);
    if (rc >= 0)
        status = keep(cli, &take, operands, &answer, cut_short);
    case_take_close(&take);
    if (rc < 0)
        return cli_error(cli, &error);
    if (!status)
        status = print(cli, v, out, format, &answer);
    return status ? status : cut_short ? STATUS_INTERRUPTED : verdict_status(&answer);
}
