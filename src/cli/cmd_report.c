#include "base/limits.h"
#include "cli/case_open.h"
#include "cli/config.h"
#include "cli/out.h"
#include "dossier/warning.h"
#include "os/folder.h"
#include "os/io.h"
#include "output/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A case as a page for people or a file for other programs. */

struct report_values {
    struct str case_file, format, output, tlp;
    struct str_list dossier;
    bool with_victim_data;
};
const size_t report_values_size = sizeof(struct report_values);

const struct option_def report_option_defs[] = {
    {.name = "case",
     TEXT(struct report_values, case_file),
     .arg = "FILE",
     .help = "the case; needed, unless the configuration names one"},
    {.name = "format",
     TEXT(struct report_values, format),
     .arg = "NAME",
     .help = "what to write; without it the first of the list below"},
    {.name = "output",
     .letter = 'o',
     TEXT(struct report_values, output),
     .arg = "FILE",
     .help = "write there instead of standard output"},
    {.name = "with-victim-data",
     FLAG(struct report_values, with_victim_data),
     .help = "leave users, mailboxes, and internal names and addresses in files for others"},
    {.name = "tlp",
     TEXT(struct report_values, tlp),
     .arg = "MARK",
     .help = "clear, green, amber, amber+strict or red; without it that of the configuration, or "
             "amber"},
    {.name = "dossier",
     LIST(struct report_values, dossier),
     .arg = "DIR",
     .help = "a dossier of your own that the case speaks of; may be repeated"},
    {0},
};

static const struct report_format *format_of(struct cli *cli, struct str name)
{
    struct buf b;
    const struct report_format *f = name.p ? report_format_find(name) : report_formats;
    if (f)
        return f;
    buf_init(&b, 1024);
    for (f = report_formats; f->name; f++)
        buf_printf(&b, "%s%s", b.n ? ", " : "", f->name);
    cli_say(cli, "--format: no '%.*s'; one of %.*s", STR_FMT(name), STR_FMT(buf_view(&b)));
    buf_done(&b);
    return NULL;
}

static enum err put(const struct report_format *format, const struct report *r, int fd, bool file,
                    struct error *error)
{
    struct sink sink;
    struct out_target target = {fd, 0};
    sink_init(&sink, out_target_write, &target);
    enum err rc = file ? io_start_over(fd) : OK;
    if (!rc)
        rc = report_write(format, &sink, r, error);
    sink_done(&sink);
    if (file && io_finish(fd) && !rc) {
        target.why = errno;
        rc = ERR_IO;
    }
    if (rc && target.why)
        return fail(error, rc, "cannot write the report: %s", strerror(target.why));
    return rc && !error->code ? fail(error, rc, "cannot write the report: %s", err_name(rc)) : rc;
}

/* ---- a format of several files ---- */

struct folder_target {
    struct str folder;
    struct arena *arena;
    struct out_target file;
    struct error *error;
};

static enum err open_file(void *ctx, struct str name)
{
    struct folder_target *t = ctx;
    struct buf b;
    buf_init(&b, LIMIT_PATH_BYTES);
    buf_str(&b, t->folder);
    buf_putc(&b, '/');
    buf_str(&b, name);
    struct str path = b.rc ? STR_NONE : arena_str(t->arena, buf_view(&b));
    buf_done(&b);
    if (!path.p)
        return ERR_LIMIT;
    TRY(io_create(path, &t->file.fd, t->error));
    enum err rc = io_start_over(t->file.fd);
    if (rc) {
        t->file.why = errno;
        (void)close(t->file.fd);
    }
    return rc;
}

static enum err write_file(void *ctx, const void *p, size_t n)
{
    struct folder_target *t = ctx;
    return out_target_write(&t->file, p, n);
}

static enum err close_file(void *ctx)
{
    struct folder_target *t = ctx;
    enum err rc = io_finish(t->file.fd);
    if (rc && !t->file.why)
        t->file.why = errno;
    return rc;
}

static enum err put_folder(const struct report_format *format, const struct report *r,
                           struct str path, struct arena *arena, struct error *error)
{
    struct error why = {0};
    struct folder_target t = {path, arena, {-1, 0}, &why};
    struct report_folder folder = {open_file, write_file, close_file, &t};
    enum err rc = format->write_folder(&folder, r, error);
    if (rc && why.code)
        *error = why;
    else if (rc && t.file.why)
        return fail(error, rc, "cannot write the report: %s", strerror(t.file.why));
    return rc;
}

/* A file that is new or empty is no evidence, and nothing of it can be lost. */
static enum err not_evidence(const struct report *r, struct str output, int fd, struct error *error)
{
    struct stat st;
    if (!output.p || fstat(fd, &st) || st.st_size == 0)
        return OK;
    for (size_t i = 0; i < r->n_evidence; i++)
        if (io_same(output, r->evidence[i].file))
            return fail(error, ERR_USAGE, "-o would write over evidence of the case: '%.*s'",
                        STR_FMT(output));
    return OK;
}

/* The case, or one of the files that its database keeps beside it. */
static bool is_of_case(struct str output, struct str case_file)
{
    static const char *const beside[] = {"-wal", "-shm", "-journal"};
    struct str end =
        str_starts(output, case_file) ? str_sub(output, case_file.n, output.n) : STR_NONE;
    bool is = io_inside(output, case_file);
    for (size_t i = 0; i < ARRAY_LEN(beside); i++)
        is |= str_eq(end, str_of(beside[i]));
    return is;
}

static enum err tell(struct cli *cli, const struct report_values *v,
                     const struct report_format *format, const struct report *r, int fd,
                     struct error *error)
{
    if (!r->sharing.victim_data && !cli->quiet)
        cli_say(cli, "hosts are called host-1, host-2, ...; users, mailboxes, and internal names "
                     "and addresses are left out: --with-victim-data keeps them");
    if (format->unmarked && (v->tlp.p || r->strictest) && !cli->quiet)
        cli_say(cli, "%s has no place for a mark of the whole: say %s where you hand it on",
                format->name, tlp_name(report_mark(r)));
    if (r->left_out && !cli->quiet)
        cli_say(cli,
                "findings left out, as their source says TLP:RED: %" PRIu64
                "; --tlp red keeps them",
                r->left_out);
    return format->write_folder ? put_folder(format, r, v->output, cli->arena, error)
                                : put(format, r, fd, v->output.p, error);
}

static enum err work(struct cli *cli, const struct report_values *v,
                     const struct report_format *format, struct case_store *store, int fd,
                     struct error *error)
{
    struct report r;
    struct warnings warnings;
    struct sharing sharing = {.victim_data = format->page || v->with_victim_data,
                              .red = format->page};
    (void)tlp_parse(v->tlp, &sharing.tlp);
    TRY(warnings_init(cli->arena, &warnings, error));
    enum err rc = case_report(cli, store, v->case_file, &v->dossier, sharing, &warnings, &r, error);
    if (!rc && !format->write_folder)
        rc = not_evidence(&r, v->output, fd, error);
    if (!rc)
        rc = tell(cli, v, format, &r, fd, error);
    warnings_done(&warnings);
    return rc;
}

enum status cmd_report(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct report_values own = *(const struct report_values *)values;
    const struct report_values *v = &own;
    struct error error = {0};
    struct case_store store;
    int fd = STDOUT_FILENO;
    const struct report_format *format = format_of(cli, v->format);
    (void)operands;
    if (!format)
        return STATUS_USAGE;
    if (v->tlp.p && !tlp_parse(v->tlp, &(enum tlp){TLP_UNKNOWN})) {
        cli_say(cli, "--tlp: clear, green, amber, amber+strict or red");
        return STATUS_USAGE;
    }
    if (format->write_folder && !v->output.p) {
        cli_say(cli, "--format %s: -o names the folder for it", format->name);
        return STATUS_USAGE;
    }
    if (case_path(cli, &own.case_file, &error))
        return cli_error(cli, &error);
    if (v->output.p && v->case_file.p && is_of_case(v->output, v->case_file)) {
        cli_say(cli, "-o would write into the case: '%.*s'", STR_FMT(v->output));
        return STATUS_USAGE;
    }
    enum status status = case_open_named(cli, v->case_file, &store);
    if (status)
        return status;
    enum err rc = format->write_folder ? folder_make(v->output, &error)
                  : v->output.p        ? io_create(v->output, &fd, &error)
                                       : OK;
    if (!rc)
        rc = work(cli, v, format, &store, fd, &error);
    case_close(&store);
    return rc < 0 ? cli_error(cli, &error) : STATUS_OK;
}
