#include "watch/pass.h"

#include "dossier/load.h"
#include "os/errand.h"

enum { ADDRESS_SPACE_BYTES = 1024 * 1024 * 1024 };

enum err extract_lists_load(struct arena *arena, struct extract_lists *ret_lists,
                            struct error *error)
{
    TRY(words_load(arena, embedded_get("data/tlds.txt"), &ret_lists->tlds, error));
    TRY(words_load(arena, embedded_get("data/file-endings.txt"), &ret_lists->endings, error));
    TRY(words_load(arena, embedded_get("data/not-domains.txt"), &ret_lists->names, error));
    bool whole = ret_lists->tlds.n && ret_lists->endings.n && ret_lists->names.n;
    return whole ? OK : fail(error, ERR_BUG, "a list of words is missing in the program");
}

/* ---- in the worker ---- */

static enum err send_item(void *ctx, const struct item *item)
{
    struct errand_out *out = ctx;
    wr_u8(&out->batch, (uint8_t)item->kind);
    wr_u8(&out->batch, item->lookalike);
    wr_u64(&out->batch, item->offset);
    wr_str(&out->batch, item->value);
    wr_str(&out->batch, item->text);
    wr_str(&out->batch, item->host);
    return errand_pace(out);
}

static enum err read_file(void *ctx, struct errand_out *out, struct str name, int file,
                          struct error *error)
{
    (void)name;
    const struct extract_pass *pass = ctx;
    struct stream *stream;
    struct extract_options options = {pass->lists, pass->year_max, send_item, out, pass->gist};
    enum err rc = stream_open_fd(file, &stream, error);
    if (!rc)
        rc = extract_stream(&options, stream, EXTRACT_PART_BYTES, &out->bytes, error);
    if (stream)
        stream = stream_close(stream);
    return rc;
}

/* ---- in the coordinator ---- */

/* What a worker that was taken over may send is still items of kinds that exist. */
static enum err take_item(void *ctx, struct str file, struct rd *r)
{
    struct extract_pass *pass = ctx;
    struct item item = {.kind = (enum item_kind)rd_u8(r)};
    item.lookalike = rd_u8(r) != 0;
    item.offset = rd_u64(r);
    item.value = rd_str(r);
    item.text = rd_str(r);
    item.host = rd_str(r);
    if ((unsigned)item.kind >= ITEM_KINDS || !item.value.p || !item.text.p)
        r->rc = ERR_FORMAT;
    return r->rc ? OK : pass->found(pass->ctx, file, &item);
}

static enum err take_gap(void *ctx, const struct errand_gap *gap)
{
    struct extract_pass *pass = ctx;
    return pass->gap(pass->ctx, gap);
}

enum err extract_files(struct extract_pass *pass, struct error *error)
{
    struct errand errand = {.tree = pass->tree,
                            .address_space_bytes = ADDRESS_SPACE_BYTES,
                            .read = read_file,
                            .record = take_item,
                            .gap = take_gap,
                            .ctx = pass,
                            .interrupted = pass->interrupted};
    enum err rc = errand_run(&errand, error);
    pass->bytes = errand.bytes;
    return rc;
}
