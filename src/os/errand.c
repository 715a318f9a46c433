#include "os/errand.h"

#include "base/limits.h"
#include "os/proc.h"

#include <poll.h>

enum {
    POLL_MS = 100,
    BATCH_BYTES = 64 * 1024,
};

enum message {
    MESSAGE_FILE,    /* to the worker: its name, with the descriptor */
    MESSAGE_RECORDS, /* from it */
    MESSAGE_END,     /* of a file: bytes, damaged, offset, text */
};

/* ---- in the worker ---- */

static enum err flush(struct errand_out *out)
{
    enum err rc = out->batch.rc;
    if (!rc && out->batch.n)
        rc = proc_send(out->fd, MESSAGE_RECORDS, buf_view(&out->batch), -1);
    buf_reset(&out->batch);
    return rc;
}

enum err errand_pace(struct errand_out *out)
{
    return out->batch.n >= BATCH_BYTES ? flush(out) : out->batch.rc;
}

static enum err one_of_worker(const struct errand *errand, struct errand_out *out, int file,
                              struct buf *b)
{
    struct error error = {0};
    out->bytes = 0;
    enum err rc = errand->read(errand->ctx, out, buf_view(b), file, &error);
    if (rc == ERR_NOMEM)
        return rc;
    TRY(flush(out));
    buf_reset(b);
    wr_u64(b, out->bytes);
    wr_u8(b, rc != OK);
    wr_u64(b, error.offset);
    wr_str(b, str_of(rc && !error.text[0] ? err_name(rc) : error.text));
    return b->rc ? b->rc : proc_send(out->fd, MESSAGE_END, buf_view(b), -1);
}

static int worker_run(void *ctx, int fd)
{
    const struct errand *errand = ctx;
    struct errand_out out = {.fd = fd};
    struct buf b;
    uint8_t type;
    int file;
    enum err rc;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    buf_init(&out.batch, LIMIT_IPC_MESSAGE_BYTES);
    while ((rc = proc_recv(fd, &type, &b, &file)) == OK) {
        if (type != MESSAGE_FILE || file < 0)
            rc = ERR_BUG;
        else
            rc = one_of_worker(errand, &out, file, &b);
        io_close(file);
        if (rc)
            break;
    }
    buf_done(&b);
    buf_done(&out.batch);
    return rc == END ? 0 : rc == ERR_NOMEM ? PROC_NO_MEMORY : 70;
}

/* ---- in the coordinator ---- */

struct coordinator {
    struct errand *errand;
    struct proc worker;
    struct buf message;
    const struct io_entry *entry;
};

static enum err tell_gap(struct coordinator *c, uint64_t offset, struct str reason,
                         struct str detail)
{
    struct errand_gap gap = {c->entry->path, offset, reason, detail};
    return c->errand->gap(c->errand->ctx, &gap);
}

static enum err take_records(struct coordinator *c, bool *ret_nonsense)
{
    struct rd r = rd_of(buf_view(&c->message));
    while (rd_left(&r) > 0) {
        size_t before = rd_left(&r);
        enum err rc = c->errand->record(c->errand->ctx, c->entry->path, &r);
        *ret_nonsense = r.rc != OK || rd_left(&r) == before;
        if (rc || *ret_nonsense)
            return rc;
    }
    return OK;
}

static enum err take_end(struct coordinator *c, bool *ret_nonsense)
{
    struct rd r = rd_of(buf_view(&c->message));
    c->errand->bytes += rd_u64(&r);
    bool damaged = rd_u8(&r) != 0;
    uint64_t offset = rd_u64(&r);
    struct str text = rd_str(&r);
    *ret_nonsense = r.rc != OK;
    return damaged && !r.rc ? tell_gap(c, offset, STR("damaged"), text) : OK;
}

static bool interrupted(const struct coordinator *c)
{
    return c->errand->interrupted && *c->errand->interrupted;
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
        if (type == MESSAGE_RECORDS) {
            TRY(take_records(c, ret_lost));
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
        TRY(proc_start(&c->worker, NULL, 0, c->errand->address_space_bytes, worker_run, c->errand,
                       error));
    lost = proc_send(c->worker.fd, MESSAGE_FILE, c->entry->path, file) != OK;
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
    if (io_open_entry(c->errand->tree, c->entry, &file, &why) != OK)
        return tell_gap(c, 0, STR("not-examined"), str_of(why.text));
    enum err rc = hand_over(c, file, error);
    io_close(file);
    return rc;
}

enum err errand_run(struct errand *errand, struct error *error)
{
    struct coordinator c = {.errand = errand, .worker = {.fd = -1}};
    char how[64];
    enum err rc = OK;
    buf_init(&c.message, LIMIT_IPC_MESSAGE_BYTES);
    for (size_t i = 0; i < errand->tree->n && !rc; i++) {
        c.entry = &errand->tree->entry[i];
        rc = one_file(&c, error);
    }
    proc_end(&c.worker, rc != OK, how);
    buf_done(&c.message);
    return rc;
}

enum err errand_file(struct errand *errand, struct str name, int file, struct error *error)
{
    struct io_entry entry = {.path = name};
    struct coordinator c = {.errand = errand, .worker = {.fd = -1}, .entry = &entry};
    char how[64];
    buf_init(&c.message, LIMIT_IPC_MESSAGE_BYTES);
    enum err rc = hand_over(&c, file, error);
    proc_end(&c.worker, rc != OK, how);
    buf_done(&c.message);
    return rc;
}
