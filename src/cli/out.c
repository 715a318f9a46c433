#include "cli/out.h"

#include "os/io.h"

#include <errno.h>
#include <string.h>

static enum err write_file(void *ctx, const void *p, size_t n)
{
    struct out *o = ctx;
    if (fwrite(p, 1, n, o->file) == n)
        return OK;
    o->why = errno;
    return ERR_IO;
}

void out_open(struct out *o, struct cli *cli)
{
    *o = (struct out){.file = cli->out};
    sink_init(&o->sink, write_file, o);
}

void out_close(struct out *o)
{
    sink_done(&o->sink);
}

enum err out_flush(struct out *o, struct error *error)
{
    enum err rc = sink_flush(&o->sink);
    if (rc && rc != ERR_IO)
        return fail(error, rc, "cannot go on: %s", err_name(rc));
    if (!rc && !fflush(o->file))
        return OK;
    return fail(error, ERR_IO, "cannot write the answer: %s", strerror(o->why ? o->why : errno));
}

enum err out_target_write(void *target, const void *p, size_t n)
{
    struct out_target *t = target;
    enum err rc = io_write(t->fd, p, n);
    if (rc)
        t->why = errno;
    return rc;
}
