#include "cli/cmd.h"
#include "cli/out.h"
#include "codec/evtx.h"
#include "os/errand.h"
#include "output/escape.h"
#include "output/evtx_text.h"

#include <inttypes.h>

struct dump_values {
    bool xml, carve;
};
const size_t dump_values_size = sizeof(struct dump_values);

const struct option_def dump_option_defs[] = {
    {.name = "xml",
     FLAG(struct dump_values, xml),
     .help = "print XML, a record a line, instead of JSON"},
    {.name = "carve",
     FLAG(struct dump_values, carve),
     .help = "also look for records where the log says that nothing is; they are marked"},
    {0},
};

enum { ADDRESS_SPACE_BYTES = 512 * 1024 * 1024, PART_BYTES = 256 * 1024 };

/* What a worker tells of. */
enum { TOLD_TEXT, TOLD_RECORD, TOLD_GAP };

struct dump {
    struct cli *cli;
    bool xml, carve;
    struct out out;
    uint64_t records, gaps;
    /* In the worker: */
    struct errand_out *to;
    struct evtx_text text;
    struct buf line;
};

/* ---- in the worker ---- */

static enum err send(struct errand_out *to, unsigned kind, struct str text)
{
    wr_u8(&to->batch, (uint8_t)kind);
    wr_str(&to->batch, text);
    return errand_pace(to);
}

/* A line in parts, of which the last one ends the record. */
static enum err on_record(void *ctx, struct evtx_tree *tree, const struct evtx_node *nodes,
                          const struct evtx_record *record)
{
    struct dump *d = ctx;
    buf_reset(&d->line);
    TRY((d->xml ? evtx_xml : evtx_json)(&d->text, tree, nodes, record));
    struct str rest = buf_view(&d->line);
    for (; rest.n > PART_BYTES; rest = str_sub(rest, PART_BYTES, rest.n))
        TRY(send(d->to, TOLD_TEXT, str_sub(rest, 0, PART_BYTES)));
    return send(d->to, TOLD_RECORD, rest);
}

static enum err on_damage(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    struct dump *d = ctx;
    wr_u8(&d->to->batch, TOLD_GAP);
    wr_u64(&d->to->batch, offset);
    wr_str(&d->to->batch, reason);
    wr_str(&d->to->batch, detail);
    return errand_pace(d->to);
}

static enum err read_file(void *ctx, struct errand_out *to, struct str name, int file,
                          struct error *error)
{
    (void)name;
    struct dump *d = ctx;
    struct stream *stream = NULL;
    struct evtx *e = NULL;
    struct evtx_options options = {
        .sink = {.gap = on_damage, .ctx = d}, .record = on_record, .carve = d->carve};
    d->to = to;
    buf_init(&d->line, SIZE_MAX / 2);
    evtx_text_init(&d->text, &d->line);
    enum err rc = evtx_new(&options, &e);
    if (!rc)
        rc = stream_open_fd(file, &stream, error);
    if (!rc)
        rc = evtx_read(e, stream, &to->bytes, error);
    if (stream)
        stream = stream_close(stream);
    e = evtx_free(e);
    evtx_text_done(&d->text);
    buf_done(&d->line);
    return rc;
}

/* ---- in the coordinator ---- */

static enum err take_gap(void *ctx, const struct errand_gap *gap)
{
    struct dump *d = ctx;
    d->gaps++;
    cli_say(d->cli, "%.*s, byte %" PRIu64 ": %.*s: %.*s", STR_FMT(gap->file), gap->offset,
            STR_FMT(gap->reason), STR_FMT(gap->detail));
    return OK;
}

static enum err take(void *ctx, struct str file, struct rd *r)
{
    struct dump *d = ctx;
    uint8_t kind = rd_u8(r);
    if (kind == TOLD_GAP) {
        struct errand_gap gap = {.file = file, .offset = rd_u64(r)};
        gap.reason = rd_str(r);
        gap.detail = rd_str(r);
        return r->rc ? OK : take_gap(ctx, &gap);
    }
    struct str text = rd_str(r);
    /* A worker that was taken over prints no more than text, either. */
    if (kind > TOLD_GAP || !text.p || !escape_is_plain(text))
        r->rc = ERR_FORMAT;
    if (r->rc)
        return OK;
    d->records += kind == TOLD_RECORD;
    buf_str(&d->out.sink.out, text);
    sink_pace(&d->out.sink);
    return d->out.sink.rc;
}

enum status cmd_dump(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct dump_values *v = values;
    struct error error = {0};
    struct io_tree tree = {0};
    struct dump d = {.cli = cli, .xml = v->xml, .carve = v->carve};
    if (io_list(cli->arena, operands->v, operands->n, &tree, &error))
        return cli_error(cli, &error);
    out_open(&d.out, cli);
    struct errand errand = {.tree = &tree,
                            .address_space_bytes = ADDRESS_SPACE_BYTES,
                            .read = read_file,
                            .record = take,
                            .gap = take_gap,
                            .ctx = &d,
                            .interrupted = cli_watch_interrupts()};
    enum err rc = errand_run(&errand, &error);
    enum status status = STATUS_OK;
    if (rc < 0 && rc != d.out.sink.rc) {
        if (!error.code)
            (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
        status = cli_error(cli, &error);
    } else if (out_flush(&d.out, &error)) {
        status = cli_error(cli, &error);
    } else if (rc == END) {
        status = STATUS_INTERRUPTED;
    } else if (d.gaps) {
        cli_say(cli, "%" PRIu64 " records; %" PRIu64 " gap%s", d.records, d.gaps,
                d.gaps == 1 ? "" : "s");
        status = STATUS_INCOMPLETE;
    }
    out_close(&d.out);
    io_tree_close(&tree);
    return status;
}
