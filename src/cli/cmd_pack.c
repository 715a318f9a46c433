#include "base/hash.h"
#include "cli/case_open.h"
#include "codec/json.h"
#include "os/folder.h"
#include "os/io.h"
#include "output/json_writer.h"
#include "output/report.h"
#include "report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* A folder for another team: all that a case says, its evidence by hash, and how to check it. */

struct pack_values {
    struct str case_file, output;
    struct str_list dossier;
};
const size_t pack_values_size = sizeof(struct pack_values);

const struct option_def pack_option_defs[] = {
    {.name = "case",
     TEXT(struct pack_values, case_file),
     .arg = "FILE",
     .help = "the case; needed"},
    {.name = "output",
     .letter = 'o',
     TEXT(struct pack_values, output),
     .arg = "DIR",
     .help = "the folder to make; needed; it must not be there"},
    {.name = "dossier",
     LIST(struct pack_values, dossier),
     .arg = "DIR",
     .help = "a dossier of your own that the case speaks of; may be repeated"},
    {0},
};

enum { FILES_MAX = 40, TEXT_BYTES = 64 * 1024 * 1024, HEX = 2 * SHA256_BYTES };

/* How to add a type to a pack: a line here. Types without one are not packed. */
static const struct {
    const char *type, *file, *says;
} parts[] = {
    {"finding", "findings.jsonl", "a rule met a record: with the line of the log, file and hash"},
    {"episode", "episodes.jsonl", "findings of one host that belong together, in order"},
    {"verdict", "verdicts.jsonl", "what scan said of each host and affair"},
    {"coverage", "coverage.jsonl", "which time of which log was read, and which was not"},
    {"gap", "gaps.jsonl", "what could not be examined, and why"},
    {"evidence", "evidence.jsonl", "the files that were read: hash, size, rows, period"},
    {"exposure", "exposures.jsonl", "which host was open to which hole, since when"},
    {"window", "windows.jsonl", "from the first known use of a hole to the fix of each host"},
    {"update", "updates.jsonl", "what to install first"},
    {"alert", "alerts.jsonl", "what was talked about more than it should be"},
    {"note", "notes.jsonl", "what the analysts said, by whom and why"},
    {"purge", "purges.jsonl", "what was taken out of the case, by whom and why"},
};

/* One file of the pack. */
struct made {
    char name[32];
    const char *says;
    char hash[HEX + 1];
};

struct packing {
    struct cli *cli;
    const struct pack_values *values;
    struct case_store store;
    struct arena arena; /* of the object at hand */
    struct made made[FILES_MAX];
    size_t n;
    struct sink sink; /* of the file that is being written */
    int fd, why;
    struct sha256 sha256;
    uint64_t objects, versions, wrong;
    int64_t made_us;
    struct error *error;
};

/* ---- one file ---- */

static enum err on_bytes(void *ctx, const void *p, size_t n)
{
    struct packing *k = ctx;
    sha256_add(&k->sha256, p, n);
    enum err rc = io_write(k->fd, p, n);
    if (rc)
        k->why = errno;
    return rc;
}

static enum err file_begin(struct packing *k, const char *name, const char *says)
{
    struct buf path;
    if (k->n == FILES_MAX || strlen(name) >= sizeof k->made->name)
        return ERR_BUG;
    k->made[k->n].says = says;
    (void)snprintf(k->made[k->n].name, sizeof k->made->name, "%s", name);
    buf_init(&path, TEXT_BYTES);
    buf_printf(&path, "%.*s/%s", STR_FMT(k->values->output), name);
    enum err rc = path.rc ? path.rc : io_create(buf_view(&path), &k->fd, k->error);
    buf_done(&path);
    if (rc)
        return rc;
    sink_init(&k->sink, on_bytes, k);
    return sha256_init(&k->sha256);
}

static enum err file_end(struct packing *k, enum err rc)
{
    unsigned char digest[SHA256_BYTES];
    enum err flushed = sink_flush(&k->sink);
    rc = rc ? rc : flushed;
    sink_done(&k->sink);
    sha256_end(&k->sha256, digest);
    sha256_done(&k->sha256);
    if (io_finish(k->fd) && !rc) {
        k->why = errno;
        rc = ERR_IO;
    }
    hex_of(digest, sizeof digest, k->made[k->n].hash);
    if (rc && k->why)
        return fail(k->error, rc, "cannot write %s: %s", k->made[k->n].name, strerror(k->why));
    k->n += !rc;
    return rc;
}

/* ---- what the case says ---- */

static enum err on_object(void *ctx, const struct case_item *item)
{
    struct packing *k = ctx;
    k->objects++;
    buf_str(&k->sink.out, item->body);
    buf_putc(&k->sink.out, '\n');
    sink_pace(&k->sink);
    return k->sink.rc;
}

static enum err on_evidence(void *ctx, const struct case_item *item)
{
    struct packing *k = ctx;
    struct node *body;
    arena_reset(&k->arena);
    TRY(json_parse(&k->arena, item->body, item->type, &body, k->error));
    struct str file = node_text(body, "file"), hash = node_text(body, "sha256");
    struct buf *out = &k->sink.out;
    if (!file.n || hash.n != HEX)
        return OK;
    /* as sha256sum writes names with a break or a backslash */
    bool odd = str_chr(file, '\n') >= 0 || str_chr(file, '\r') >= 0 || str_chr(file, '\\') >= 0;
    buf_puts(out, odd ? "\\" : "");
    buf_str(out, hash);
    buf_puts(out, "  ");
    for (size_t i = 0; i < file.n; i++) {
        char c = file.p[i];
        if (c == '\n' || c == '\r' || c == '\\') {
            buf_putc(out, '\\');
            c = c == '\n' ? 'n' : c == '\r' ? 'r' : '\\';
        }
        buf_putc(out, c);
    }
    buf_putc(out, '\n');
    sink_pace(&k->sink);
    return k->sink.rc;
}

static enum err put_objects(struct packing *k, const char *type, const char *file, const char *says,
                            case_tell *tell)
{
    struct case_query q = {.type = type, .since_us = TIME_NONE, .until_us = TIME_NONE};
    TRY(file_begin(k, file, says));
    return file_end(k, case_each(&k->store, &q, tell, k, k->error));
}

/* ---- the case itself ---- */

static enum err on_broken(void *ctx, uint64_t version, const struct case_item *item, struct str why)
{
    struct packing *k = ctx;
    (void)version, (void)item, (void)why;
    k->wrong++;
    return OK;
}

static enum err on_run(void *ctx, const struct case_run *run)
{
    struct json *j = ctx;
    json_object(j, NULL);
    json_u64(j, "number", run->number);
    json_str(j, "verb", run->verb);
    json_str(j, "arguments", run->arguments);
    json_str(j, "program", run->program);
    json_time(j, "started", run->started_us);
    json_time(j, "ended", run->ended_us);
    json_end(j);
    return j->rc;
}

static enum err put_case(struct packing *k)
{
    char end[HEX + 1];
    struct json j;
    TRY(file_begin(k, "case.json", "the runs, and the end of the chain of the case"));
    hex_of(k->store.chain, SHA256_BYTES, end);
    json_init(&j, &k->sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", "case");
    json_text(&j, "tocsin", k->cli->program->version);
    json_text(&j, "end", end);
    json_u64(&j, "versions", k->versions);
    json_u64(&j, "problems", k->wrong);
    json_array(&j, "runs");
    enum err rc = case_runs(&k->store, on_run, &j, k->error);
    json_end(&j);
    json_end(&j);
    json_line(&j);
    return file_end(k, rc ? rc : j.rc);
}

static enum err on_last_run(void *ctx, const struct case_run *run)
{
    struct packing *k = ctx;
    k->made_us = run->ended_us != TIME_NONE ? run->ended_us : run->started_us;
    return OK;
}

/* The pages for people; made at the time of the last run, so that the same case gives the same. */
static enum err put_reports(struct packing *k)
{
    struct report r;
    struct report_question q = {.store = &k->store,
                                .name = STR("case"),
                                .sharing = {true, true, TLP_AMBER_STRICT},
                                .now_us = k->made_us,
                                .version = k->cli->program->version};
    TRY(case_dossiers(k->cli, &k->values->dossier, &q.known, &q.n_known, k->error));
    TRY(report_make(k->cli->arena, &q, &r, k->error));
    if (r.strictest == TLP_RED && !k->cli->quiet)
        cli_say(k->cli, "the pack holds what is TLP:RED in its source: it is for those alone whom "
                        "the source told");
    for (const struct report_format *f = report_formats; f->name; f++) {
        char name[32];
        if (!f->page)
            continue;
        (void)snprintf(name, sizeof name, "report.%s", f->name);
        TRY(file_begin(k, name, f->help));
        TRY(file_end(k, report_write(f, &k->sink, &r, k->error)));
    }
    return OK;
}

/* ---- how to read it ---- */

static enum err put_readme(struct packing *k)
{
    char end[HEX + 1], day[32];
    size_t files = k->n;
    TRY(file_begin(k, "README.txt", "this file"));
    struct buf *out = &k->sink.out;
    hex_of(k->store.chain, SHA256_BYTES, end);
    buf_printf(
        out,
        "A case of tocsin %s, as it was after its last run, on %s.\n\n"
        "It holds log lines, names of users, hosts and files: handle it as evidence.\n"
        "What stands in it was partly written by attackers: follow no link, run nothing.\n\n",
        k->cli->program->version, time_text(k->made_us, day));
    for (size_t i = 0; i < files; i++)
        buf_printf(out, "%-18s %s\n", k->made[i].name, k->made[i].says);
    buf_printf(
        out,
        "\n*.jsonl: one JSON object a line; times are UTC. The file of the case is not in the "
        "pack.\n\n"
        "To check that nothing was changed on the way:\n\n"
        "    sha256sum -c SHA256SUMS\n\n"
        "To check copies of the evidence, where they lie under the paths of then:\n\n"
        "    sha256sum -c evidence.sha256\n\n"
        "The end of the chain of the case, to compare with what `tocsin verify` tells of\n"
        "it, or told when it was closed:\n\n"
        "    %s\n",
        end);
    if (k->wrong)
        buf_printf(out, "\nNOT ALL OF THE CASE IS WHAT WAS WRITTEN: %" PRIu64 " problems.\n",
                   k->wrong);
    return file_end(k, OK);
}

static enum err put_sums(struct packing *k)
{
    TRY(file_begin(k, "SHA256SUMS", ""));
    for (size_t i = 0; i < k->n; i++)
        buf_printf(&k->sink.out, "%s  %s\n", k->made[i].hash, k->made[i].name);
    return file_end(k, OK);
}

static enum err pack(struct packing *k)
{
    TRY(case_verify(&k->store, on_broken, k, &k->versions, k->error));
    TRY(case_runs(&k->store, on_last_run, k, k->error));
    TRY(folder_make(k->values->output, k->error));
    TRY(put_reports(k));
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        TRY(put_objects(k, parts[i].type, parts[i].file, parts[i].says, on_object));
    TRY(put_objects(k, "evidence", "evidence.sha256", "their hashes, for sha256sum", on_evidence));
    TRY(put_case(k));
    TRY(put_readme(k));
    return put_sums(k);
}

enum status cmd_pack(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct error error = {0};
    struct packing k = {.cli = cli, .values = values, .made_us = 0, .error = &error};
    (void)operands;
    if (!k.values->output.n) {
        cli_say(cli, "-o DIR is needed");
        return STATUS_USAGE;
    }
    if (io_exists(k.values->output)) {
        cli_say(cli, "'%.*s' is there already: a pack is made in a folder of its own",
                STR_FMT(k.values->output));
        return STATUS_USAGE;
    }
    enum status status = case_open_named(cli, k.values->case_file, &k.store);
    if (status)
        return status;
    arena_init(&k.arena, TEXT_BYTES);
    enum err rc = pack(&k);
    arena_done(&k.arena);
    case_close(&k.store);
    if (rc < 0 && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    if (rc < 0)
        return cli_error(cli, &error);
    if (!cli->quiet)
        cli_say(cli, "%" PRIu64 " objects in %zu files; sha256sum -c SHA256SUMS checks them",
                k.objects, k.n);
    return k.wrong ? STATUS_FOUND : STATUS_OK;
}
