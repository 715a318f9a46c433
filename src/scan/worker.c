#include "scan/worker.h"

#include "base/limits.h"
#include "os/io.h"

static enum err send_to(void *ctx, enum message type, struct str body)
{
    const int *fd = ctx;
    return proc_send(*fd, (uint8_t)type, body, -1);
}

static enum err serve(struct sweep *s, int fd, struct buf *b)
{
    uint8_t type;
    int evidence;
    enum err rc = proc_recv(fd, &type, b, &evidence);
    if (rc)
        return rc;
    struct rd r = rd_of(buf_view(b));
    struct unit unit;
    if (type != MESSAGE_UNIT || unit_read(&r, &unit) != OK || evidence < 0)
        return ERR_BUG;
    rc = sweep_unit(s, &unit, &(struct sweep_input){.fd = evidence});
    io_close(evidence);
    return rc;
}

int worker_main(void *setup, int fd)
{
    const struct worker_setup *w = setup;
    struct sweep_sink sink = {&fd, send_to, &w->shared->stop, &w->shared->bytes[w->slot],
                              &w->shared->hits[w->slot]};
    struct sweep *s;
    struct buf b;
    if (sweep_new(w->set, &sink, &s) != OK)
        return PROC_NO_MEMORY;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    enum err rc;
    do
        rc = serve(s, fd, &b);
    while (rc == OK);
    buf_done(&b);
    (void)sweep_free(s);
    return rc == END ? 0 : rc == ERR_NOMEM ? PROC_NO_MEMORY : 70;
}
