#include "scan/worker.h"

#include "base/limits.h"
#include "base/wr.h"
#include "codec/container.h"
#include "os/io.h"
#include "scan/pass.h"

enum {
    WHOLE_ARCHIVES = 16, /* within an archive, of a unit, that are read as they are, for a digest */
};

static enum err send_to(void *ctx, enum message type, struct str body)
{
    const int *fd = ctx;
    return proc_send(*fd, (uint8_t)type, body, -1);
}

/* ---- members of a container ---- */

static enum err read_member(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error)
{
    return container_read(ctx, p, n, ret_n, error);
}

/* For a member that the walk did not come to again. */
static enum err read_nothing(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error)
{
    (void)ctx, (void)p, (void)n;
    *ret_n = 0;
    return fail(error, ERR_FORMAT, "not where it was when the archive was listed");
}

/* What is left of a text. */
static enum err read_head(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error)
{
    struct str *left = ctx;
    (void)error;
    *ret_n = left->n < n ? left->n : n;
    if (*ret_n)
        memcpy(p, left->p, *ret_n);
    *left = str_sub(*left, *ret_n, left->n);
    return OK;
}

/* Passing over members is progress, too. */
static bool go_on(void *ctx, uint64_t taken_bytes)
{
    const struct worker_setup *w = ctx;
    (void)taken_bytes;
    atomic_fetch_add_explicit(&w->shared->bytes[w->slot], 1, memory_order_relaxed);
    return !atomic_load_explicit(&w->shared->stop, memory_order_relaxed);
}

/* Where the member's bytes come from; those of an archive within the archive: its beginning. */
static struct sweep_input input_of(struct container *c, const struct container_member *m,
                                   struct str *head)
{
    if (!m->container)
        return (struct sweep_input){
            .fd = -1, .read = m->skip.p ? read_nothing : read_member, .ctx = c};
    *head = container_head(c);
    return (struct sweep_input){
        .fd = -1, .read = read_head, .ctx = head, .part = true, .size_bytes = m->size_bytes};
}

/* An archive within the archive as it is: by a walk of its own, which stays before it. *ret_c is
 * NULL if it did not get there. */
static enum err walk_before(const struct worker_setup *w, int evidence, uint32_t ordinal,
                            struct container **ret_c)
{
    const struct container_pace pace = {go_on, (void *)(uintptr_t)w};
    struct container_member at = {0};
    struct error why;
    enum err rc = container_open(evidence, &pace, ret_c, &why);
    rc = rc ? rc : container_seek(*ret_c, ordinal, &at, &why);
    if (rc == OK && at.container && !at.encrypted) {
        container_stay(*ret_c);
        return OK;
    }
    *ret_c = container_close(*ret_c);
    return rc == ERR_NOMEM || rc == ERR_AGAIN ? rc : OK;
}

static enum err sweep_member(struct sweep *s, const struct worker_setup *w, int fd, int evidence,
                             struct container *c, uint32_t which, unsigned *whole)
{
    const struct unit_member *m = &w->member[which];
    struct unit unit = pass_unit(w->pass, m->file);
    struct sweep_input input = {.fd = -1, .read = read_nothing};
    struct container *own = NULL;
    struct container_member at = {0};
    struct str head;
    struct buf b;
    struct error why;
    enum err rc = c ? container_seek(c, m->ordinal, &at, &why) : END;
    if (rc == ERR_AGAIN || rc == ERR_NOMEM)
        return rc;
    if (rc == OK)
        input = input_of(c, &at, &head);
    if (input.part && *whole && (--*whole, walk_before(w, evidence, m->ordinal, &own)) == ERR_NOMEM)
        return ERR_NOMEM;
    if (own)
        input = (struct sweep_input){.fd = -1, .read = read_member, .ctx = own};
    buf_init(&b, sizeof which);
    wr_u32(&b, which);
    rc = b.rc ? b.rc : proc_send(fd, MESSAGE_MEMBER, buf_view(&b), -1);
    buf_done(&b);
    rc = rc ? rc : sweep_unit(s, &unit, &input);
    (void)container_close(own);
    return rc;
}

static enum err serve_container(struct sweep *s, const struct worker_setup *w, int fd,
                                const struct unit *unit, int evidence)
{
    const struct container_pace pace = {go_on, (void *)(uintptr_t)w};
    struct container *c = NULL;
    struct error why;
    enum err rc = container_open(evidence, &pace, &c, &why);
    if (rc != ERR_NOMEM) /* then none of its members can be read, and each of them tells so */
        rc = OK;
    unsigned whole = WHOLE_ARCHIVES;
    for (uint32_t i = 0; i < unit->n_members && !rc; i++)
        rc = sweep_member(s, w, fd, evidence, c, unit->first_member + i, &whole);
    (void)container_close(c);
    if (rc && rc != ERR_AGAIN)
        return rc;
    return proc_send(fd, MESSAGE_DONE, STR(""), -1);
}

static enum err serve(struct sweep *s, const struct worker_setup *w, int fd, struct buf *b)
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
    rc = unit.n_members ? serve_container(s, w, fd, &unit, evidence)
                        : sweep_unit(s, &unit, &(struct sweep_input){.fd = evidence});
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
    if (sweep_new(w->pass->set, &sink, &s) != OK)
        return PROC_NO_MEMORY;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    enum err rc;
    do
        rc = serve(s, w, fd, &b);
    while (rc == OK);
    buf_done(&b);
    (void)sweep_free(s);
    return rc == END ? 0 : rc == ERR_NOMEM ? PROC_NO_MEMORY : 70;
}
