#include "watch/pass.h"

#include "base/limits.h"
#include "base/rd.h"
#include "base/wr.h"
#include "dossier/load.h"
#include "os/proc.h"

#include <poll.h>

enum {
    ADDRESS_SPACE_BYTES = 1024 * 1024 * 1024,
    POLL_MS = 100,
    BATCH_BYTES = 64 * 1024,
};

enum message {
    MESSAGE_FILE,  /* to the worker, with the descriptor */
    MESSAGE_ITEMS, /* from it */
    MESSAGE_END,   /* of a file: bytes, error code, offset, text */
};

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

struct worker {
    const struct extract_pass *pass;
    int fd;
    struct buf batch;
};

static enum err flush(struct worker *w)
{
    enum err rc = w->batch.rc;
    if (!rc && w->batch.n)
        rc = proc_send(w->fd, MESSAGE_ITEMS, buf_view(&w->batch), -1);
    buf_reset(&w->batch);
    return rc;
}

static enum err send_item(void *ctx, const struct item *item)
{
    struct worker *w = ctx;
    wr_u8(&w->batch, (uint8_t)item->kind);
    wr_u8(&w->batch, item->lookalike);
    wr_u64(&w->batch, item->offset);
    wr_str(&w->batch, item->value);
    wr_str(&w->batch, item->text);
    wr_str(&w->batch, item->host);
    return w->batch.n >= BATCH_BYTES ? flush(w) : w->batch.rc;
}

static enum err read_file(struct worker *w, int file, struct buf *b)
{
    struct stream *stream;
    struct error error = {0};
    uint64_t bytes = 0;
    struct extract_options options = {w->pass->lists, w->pass->year_max, send_item, w};
    enum err rc = stream_open(file, 0, UINT64_MAX, NULL, &stream, &error);
    if (!rc)
        rc = extract_stream(&options, stream, EXTRACT_PART_BYTES, &bytes, &error);
    if (stream)
        stream = stream_close(stream);
    if (rc == ERR_NOMEM)
        return rc;
    TRY(flush(w));
    buf_reset(b);
    wr_u64(b, bytes);
    wr_u8(b, rc != OK);
    wr_u64(b, error.offset);
    wr_str(b, str_of(error.text));
    return b->rc ? b->rc : proc_send(w->fd, MESSAGE_END, buf_view(b), -1);
}

static int worker_run(void *ctx, int fd)
{
    struct worker w = {.pass = ctx, .fd = fd};
    struct buf b;
    uint8_t type;
    int file;
    enum err rc;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    buf_init(&w.batch, LIMIT_IPC_MESSAGE_BYTES);
    while ((rc = proc_recv(fd, &type, &b, &file)) == OK) {
        if (type != MESSAGE_FILE || file < 0)
            rc = ERR_BUG;
        else
            rc = read_file(&w, file, &b);
        io_close(file);
        if (rc)
            break;
    }
    buf_done(&b);
    buf_done(&w.batch);
    return rc == END ? 0 : rc == ERR_NOMEM ? PROC_NO_MEMORY : 70;
}

/* ---- in the coordinator ---- */

struct coordinator {
    struct extract_pass *pass;
    struct proc worker;
    struct buf message;
    const struct io_entry *entry;
};

static enum err tell_gap(struct coordinator *c, uint64_t offset, struct str reason,
                         struct str detail)
{
    struct extract_gap gap = {c->entry->path, offset, reason, detail};
    return c->pass->gap(c->pass->ctx, &gap);
}

/* What a worker that was taken over may send is still items of kinds that exist. */
static enum err take_items(struct coordinator *c, bool *ret_nonsense)
{
    struct rd r = rd_of(buf_view(&c->message));
    while (rd_left(&r) > 0) {
        struct item item = {.kind = (enum item_kind)rd_u8(&r)};
        item.lookalike = rd_u8(&r) != 0;
        item.offset = rd_u64(&r);
        item.value = rd_str(&r);
        item.text = rd_str(&r);
        item.host = rd_str(&r);
        if (r.rc || (unsigned)item.kind >= ITEM_KINDS || !item.value.p || !item.text.p) {
            *ret_nonsense = true;
            return OK;
        }
        TRY(c->pass->found(c->pass->ctx, c->entry->path, &item));
    }
    return OK;
}

static enum err take_end(struct coordinator *c, bool *ret_nonsense)
{
    struct rd r = rd_of(buf_view(&c->message));
    c->pass->bytes += rd_u64(&r);
    bool damaged = rd_u8(&r) != 0;
    uint64_t offset = rd_u64(&r);
    struct str text = rd_str(&r);
    *ret_nonsense = r.rc != OK;
    return damaged && !r.rc ? tell_gap(c, offset, STR("damaged"), text) : OK;
}

static bool interrupted(const struct coordinator *c)
{
    return c->pass->interrupted && *c->pass->interrupted;
}

/* Reads the worker's answers about a file until its last. *ret_lost: it will not come. */
static enum err answers(struct coordinator *c, bool *ret_lost)
{
    struct pollfd p = {.fd = c->worker.fd, .events = POLLIN};
    for (;;) {
        uint8_t type;
        int fd;
        if (interrupted(c))
            return END;
        if (poll(&p, 1, POLL_MS) <= 0)
            continue;
        if (proc_recv(c->worker.fd, &type, &c->message, &fd) != OK) {
            *ret_lost = true;
            return OK;
        }
        io_close(fd);
        if (type == MESSAGE_ITEMS) {
            TRY(take_items(c, ret_lost));
        } else {
            *ret_lost = type != MESSAGE_END;
            return *ret_lost ? OK : take_end(c, ret_lost);
        }
        if (*ret_lost)
            return OK;
    }
}

static enum err hand_over(struct coordinator *c, int file, struct error *error)
{
    char how[64];
    bool lost = false;
    if (c->worker.pid <= 0)
        TRY(proc_start(&c->worker, NULL, 0, ADDRESS_SPACE_BYTES, worker_run, c->pass, error));
    lost = proc_send(c->worker.fd, MESSAGE_FILE, STR(""), file) != OK;
    /* END, of an interrupted run, is to be handed on as well: TRY would not. */
    enum err rc = lost ? OK : answers(c, &lost);
    if (rc || !lost)
        return rc;
    proc_end(&c->worker, true, how);
    return tell_gap(c, 0, STR("worker-died"), str_of(how));
}

static enum err one_file(struct coordinator *c, struct error *error)
{
    int file;
    struct error why;
    if (c->entry->skip.p)
        return tell_gap(c, 0, STR("not-examined"), c->entry->skip);
    if (io_open_entry(c->pass->tree, c->entry, &file, &why) != OK)
        return tell_gap(c, 0, STR("not-examined"), str_of(why.text));
    enum err rc = hand_over(c, file, error);
    io_close(file);
    return rc;
}

enum err extract_files(struct extract_pass *pass, struct error *error)
{
    struct coordinator c = {.pass = pass, .worker = {.fd = -1}};
    char how[64];
    enum err rc = OK;
    buf_init(&c.message, LIMIT_IPC_MESSAGE_BYTES);
    for (size_t i = 0; i < pass->tree->n && !rc; i++) {
        c.entry = &pass->tree->entry[i];
        rc = one_file(&c, error);
    }
    proc_end(&c.worker, rc != OK, how);
    buf_done(&c.message);
    return rc;
}
