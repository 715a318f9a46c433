#include "base/digest.h"
#include "base/hash.h"
#include "base/limits.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "dossier/baseline_file.h"
#include "os/errand.h"
#include "output/escape.h"

#include <inttypes.h>
#include <unistd.h>

/* A clean installation becomes a list of its scripts, programs and configurations. */

struct baseline_make_values {
    struct str product, build, below, output;
};
const size_t baseline_make_values_size = sizeof(struct baseline_make_values);

const struct option_def baseline_make_option_defs[] = {
    {.name = "product",
     TEXT(struct baseline_make_values, product),
     .arg = "NAME",
     .help = "what is installed there; becomes the source of each row"},
    {.name = "build",
     TEXT(struct baseline_make_values, build),
     .arg = "BUILD",
     .help = "its build, as four numbers"},
    {.name = "below",
     TEXT(struct baseline_make_values, below),
     .arg = "PATH",
     .help = "what to write in front of each path; without it the folder's own name, or the path "
             "from a web folder on that is known"},
    {.name = "output",
     .letter = 'o',
     TEXT(struct baseline_make_values, output),
     .arg = "FILE",
     .help = "write into this file instead of standard output"},
    {0},
};

enum { ADDRESS_SPACE_BYTES = 256 * 1024 * 1024, PIECE_BYTES = 128 * 1024 };

struct make {
    struct cli *cli;
    const struct baseline_make_values *values;
    struct str dir, name; /* name: of the folder */
    struct web_files kinds;
    struct baseline *known;
    struct str source; /* of every row */
    struct sink sink;
    struct out_target target;
    struct buf path;
    uint64_t of_kind[WEB_KINDS], gaps;
    struct digest *digest; /* made before the sandbox closes: libcrypto looks its methods up once */
};

/* ---- in the worker ---- */

static enum err hash_file(void *ctx, struct errand_out *to, struct str name, int file,
                          struct error *error)
{
    struct make *m = ctx;
    struct digests told;
    char piece[PIECE_BYTES];
    ssize_t n;
    (void)name;
    while ((n = io_read(file, piece, sizeof piece)) > 0) {
        digest_add(m->digest, piece, (size_t)n);
        to->bytes += (uint64_t)n;
    }
    digest_end(m->digest, &told);
    if (n < 0)
        return fail_at(error, ERR_IO, "", to->bytes, "cannot be read");
    for (size_t i = 0; i < SHA256_BYTES; i++)
        wr_u8(&to->batch, told.bytes[DIGEST_SHA256][i]);
    return errand_pace(to);
}

/* ---- in the coordinator ---- */

static enum err take_gap(void *ctx, const struct errand_gap *gap)
{
    struct make *m = ctx;
    m->gaps++;
    cli_say(m->cli, "%.*s: %.*s: %.*s", STR_FMT(gap->file), STR_FMT(gap->reason),
            STR_FMT(gap->detail));
    return OK;
}

/* Names of the file below the folder; in front what --below says, or else the folder's own name, of
 * which all is left out that stands before a web folder that is known. */
static struct str path_of(struct make *m, struct str file)
{
    size_t from = m->dir.n;
    while (from < file.n && file.p[from] == '/')
        from++;
    buf_reset(&m->path);
    buf_str(&m->path, m->values->below.p ? m->values->below : m->name);
    buf_putc(&m->path, '\\');
    buf_str(&m->path, str_sub(file, from, file.n));
    struct str path = buf_view(&m->path), tail = STR_NONE;
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '/')
            m->path.p[i] = '\\';
    if (!m->values->below.p)
        tail = baseline_tail(m->known, path);
    return tail.p ? tail : path;
}

static void add_cell(struct buf *out, struct str cell)
{
    const bool quote = str_chr(cell, ',') >= 0 || str_chr(cell, '"') >= 0;
    if (quote)
        buf_putc(out, '"');
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] == '"')
            buf_putc(out, '"');
        buf_putc(out, cell.p[i]);
    }
    if (quote)
        buf_putc(out, '"');
}

static enum err take_hash(void *ctx, struct str file, struct rd *r)
{
    struct make *m = ctx;
    unsigned char sha[SHA256_BYTES];
    char hex[SHA256_HEX + 1];
    for (size_t i = 0; i < sizeof sha; i++)
        sha[i] = rd_u8(r);
    if (r->rc)
        return OK;
    struct str path = path_of(m, file);
    if (m->path.rc || !escape_is_plain(path) || str_chr(path, '\n') >= 0) {
        const struct errand_gap gap = {file, 0, STR("left-out"),
                                       STR("its name holds what no reader can see")};
        buf_reset(&m->path);
        return take_gap(ctx, &gap);
    }
    hex_of(sha, sizeof sha, hex);
    struct buf *out = &m->sink.out;
    add_cell(out, path);
    buf_printf(out, ",%s,", hex);
    add_cell(out, m->values->build);
    buf_putc(out, ',');
    add_cell(out, m->values->build);
    buf_putc(out, ',');
    add_cell(out, m->source);
    buf_putc(out, '\n');
    m->of_kind[web_kind_of(&m->kinds, file)]++;
    sink_pace(&m->sink);
    return m->sink.rc;
}

/* Leaves the entries that are of a kind, and folders that could not be listed. */
static void only_kinds(const struct make *m, struct io_tree *tree)
{
    size_t left = 0;
    for (size_t i = 0; i < tree->n; i++)
        if (tree->entry[i].hides || web_kind_of(&m->kinds, tree->entry[i].path) != WEB_OTHER)
            tree->entry[left++] = tree->entry[i];
    tree->n = left;
}

static enum err run(struct make *m, struct io_tree *tree, struct error *error)
{
    struct errand errand = {.tree = tree,
                            .address_space_bytes = ADDRESS_SPACE_BYTES,
                            .read = hash_file,
                            .record = take_hash,
                            .gap = take_gap,
                            .ctx = m,
                            .interrupted = cli_watch_interrupts()};
    buf_puts(&m->sink.out, "path,sha256,first_build,last_build,source\n");
    enum err rc = errand_run(&errand, error);
    enum err last = sink_flush(&m->sink);
    if (last)
        return fail(error, last, "cannot write the baseline: %s", strerror(m->target.why));
    return rc;
}

/* What is fixed before the first file is opened. */
static enum err prepare(struct make *m, struct io_tree *tree, struct error *error)
{
    struct str dir = m->dir;
    while (dir.n > 1 && dir.p[dir.n - 1] == '/')
        dir.n--;
    ptrdiff_t cut = str_rchr(dir, '/');
    m->name = str_sub(dir, (size_t)(cut + 1), dir.n);
    if (str_eq(m->name, STR(".")) || str_eq(m->name, STR("..")) || !m->name.n)
        m->name = STR("root");
    m->source = m->values->product.p ? m->values->product : STR("tocsin baseline make");
    TRY(web_files_load(m->cli->arena, &m->kinds, error));
    TRY(baseline_load(m->cli->arena, NULL, 0, NULL, &m->known, NULL, error));
    enum err rc = digest_new(DIGEST_SHA256_ALSO, &m->digest);
    if (rc)
        return fail(error, rc, "cannot compute SHA-256");
    TRY(io_list(m->cli->arena, &m->dir, 1, tree, error));
    only_kinds(m, tree);
    if (!tree->n)
        return fail(error, ERR_NOT_FOUND, "no scripts, programs or configurations in '%.*s'",
                    STR_FMT(m->dir));
    if (m->values->output.p) {
        TRY(io_create(m->values->output, &m->target.fd, error));
        if (io_start_over(m->target.fd))
            return fail(error, ERR_IO, "cannot write '%.*s'", STR_FMT(m->values->output));
    }
    return OK;
}

static bool options_fit(struct cli *cli, const struct baseline_make_values *v, struct str dir)
{
    struct build build;
    if (v->build.p && (!build_parse(v->build, &build) || !build_exact(&build))) {
        cli_say(cli, "--build '%.*s': a build has four numbers", STR_FMT(v->build));
        return false;
    }
    if (!io_is_folder(dir)) {
        cli_say(cli, "'%.*s' is no folder", STR_FMT(dir));
        return false;
    }
    if (v->output.p && io_inside(v->output, dir)) {
        cli_say(cli, "-o would write into what is read: '%.*s'", STR_FMT(v->output));
        return false;
    }
    return true;
}

enum status cmd_baseline_make(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct error error = {0};
    struct io_tree tree = {0};
    struct make m = {
        .cli = cli, .values = values, .dir = operands->v[0], .target = {.fd = STDOUT_FILENO}};
    if (!options_fit(cli, m.values, m.dir))
        return STATUS_USAGE;
    sink_init(&m.sink, out_target_write, &m.target);
    buf_init(&m.path, 2 * LIMIT_PATH_BYTES);
    enum err rc = prepare(&m, &tree, &error);
    if (!rc)
        rc = run(&m, &tree, &error);
    if (rc == OK)
        cli_say(cli,
                "%" PRIu64 " scripts, %" PRIu64 " programs, %" PRIu64 " configurations; %" PRIu64
                " gap%s",
                m.of_kind[WEB_SCRIPT], m.of_kind[WEB_PROGRAM], m.of_kind[WEB_CONFIG], m.gaps,
                m.gaps == 1 ? "" : "s");
    io_tree_close(&tree);
    sink_done(&m.sink);
    buf_done(&m.path);
    digest_done(m.digest);
    if (m.target.fd != STDOUT_FILENO && io_finish(m.target.fd) && !rc)
        rc = fail(&error, ERR_IO, "cannot write '%.*s'", STR_FMT(m.values->output));
    if (rc < 0)
        return cli_error(cli, &error);
    return rc == END ? STATUS_INTERRUPTED : m.gaps ? STATUS_INCOMPLETE : STATUS_OK;
}
