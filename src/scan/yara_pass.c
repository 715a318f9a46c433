#include "scan/yara_pass.h"

#include "base/limits.h"
#include "os/clock.h"
#include "os/proc.h"

#include <poll.h>

enum {
    POLL_MS = 100,
    READ_BYTES = 1024 * 1024,
    KEPT_BYTES = 16 * 1024 * 1024,
    TEXT_BYTES = 4096,
    MOST = 64
};

enum message {
    MESSAGE_FILE,  /* to the worker: which suspect, with the descriptor */
    MESSAGE_MATCH, /* from it */
    MESSAGE_GAP,
    MESSAGE_END, /* of a file */
};

/* ---- in the worker ---- */

struct worker {
    const struct yara_pass *pass;
    struct yara_check *check;
    struct buf out;
    char *body;
    size_t body_cap, body_n;
    int fd;
};

static enum err send_out(struct worker *w, enum message type)
{
    return w->out.rc ? w->out.rc : proc_send(w->fd, (uint8_t)type, buf_view(&w->out), -1);
}

static struct str short_text(struct str s)
{
    return str_sub(s, 0, TEXT_BYTES);
}

static enum err on_match(void *ctx, const struct yara_match *match)
{
    struct worker *w = ctx;
    struct buf *b = &w->out;
    size_t n_tags = match->n_tags < MOST ? match->n_tags : MOST;
    size_t n_metas = match->n_metas < MOST ? match->n_metas : MOST;
    buf_reset(b);
    wr_u32(b, match->rule);
    wr_u64(b, match->n_occurrences);
    wr_u32(b, (uint32_t)n_tags);
    for (size_t i = 0; i < n_tags; i++)
        wr_str(b, short_text(match->tag[i]));
    wr_u32(b, (uint32_t)n_metas);
    for (size_t i = 0; i < n_metas; i++) {
        wr_str(b, short_text(match->meta[i].name));
        wr_str(b, short_text(match->meta[i].text));
    }
    wr_u32(b, (uint32_t)match->n_spots);
    for (size_t i = 0; i < match->n_spots; i++) {
        wr_str(b, short_text(match->spot[i].id));
        wr_u64(b, match->spot[i].offset);
        wr_u64(b, match->spot[i].length);
        wr_str(b, match->spot[i].bytes);
    }
    return send_out(w, MESSAGE_MATCH);
}

static enum err tell_gap(struct worker *w, uint32_t rule, struct str reason, struct str detail)
{
    buf_reset(&w->out);
    wr_u32(&w->out, rule);
    wr_str(&w->out, short_text(reason));
    wr_str(&w->out, short_text(detail));
    return send_out(w, MESSAGE_GAP);
}

static enum err on_gap(void *ctx, uint32_t rule, struct str source, struct str reason)
{
    return tell_gap(ctx, rule, reason, source);
}

static enum err make_room(struct worker *w, size_t n)
{
    if (n <= w->body_cap)
        return OK;
    char *p = realloc(w->body, n);
    if (!p)
        return ERR_NOMEM;
    w->body = p;
    w->body_cap = n;
    return OK;
}

/* libyara wants all of it at once. END: it is too large. */
static enum err read_body(struct worker *w, int file, size_t *ret_n)
{
    struct io_stamp stamp;
    size_t n = 0;
    if (w->body_cap > KEPT_BYTES) {
        free(w->body);
        w->body = NULL;
        w->body_cap = 0;
    }
    if (io_stamp(file, &stamp) == OK && stamp.regular && stamp.size_bytes <= YARA_BODY_BYTES)
        TRY(make_room(w, (size_t)stamp.size_bytes + 1));
    for (;;) {
        if (w->body_cap == n)
            TRY(make_room(w, n + n / 2 + READ_BYTES));
        ssize_t got = io_read(file, w->body + n, w->body_cap - n);
        if (got < 0)
            return ERR_IO;
        if (got == 0)
            break;
        n += (size_t)got;
        if (n > YARA_BODY_BYTES)
            return END;
    }
    *ret_n = n;
    return OK;
}

static enum err add_piece(void *to, const char *p, size_t n)
{
    struct worker *w = to;
    if (n > YARA_BODY_BYTES - w->body_n)
        return END;
    if (w->body_cap - w->body_n < n)
        TRY(make_room(w, w->body_n + w->body_n / 2 + n));
    memcpy(w->body + w->body_n, p, n);
    w->body_n += n;
    return OK;
}

/* What can be read of it is held against rules; that it ends early was told when it was swept. */
static enum err take_body(struct worker *w, const struct yara_suspect *suspect, int file,
                          size_t *ret_n)
{
    if (!w->pass->read)
        return read_body(w, file, ret_n);
    w->body_n = 0;
    enum err rc = w->pass->read(w->pass->ctx, suspect, file, add_piece, w);
    *ret_n = w->body_n;
    return rc == ERR_FORMAT || rc == ERR_LIMIT ? OK : rc;
}

static enum err one_file(struct worker *w, const struct yara_suspect *suspect, int file)
{
    struct yara_sink sink = {on_match, on_gap, w};
    size_t n = 0;
    if (w->pass->before)
        w->pass->before(w->pass->ctx, suspect);
    enum err rc = take_body(w, suspect, file, &n);
    if (rc == END)
        rc = tell_gap(w, UINT32_MAX, STR("too-large"), STR(""));
    else if (rc == ERR_IO)
        rc = tell_gap(w, UINT32_MAX, STR("not-examined"), STR("it cannot be read"));
    else if (!rc)
        rc = yara_check_body(w->check, &suspect->facts, str_make(w->body, n), &suspect->candidates,
                             &sink);
    if (rc)
        return rc;
    buf_reset(&w->out);
    return send_out(w, MESSAGE_END);
}

static int worker_run(void *ctx, int fd)
{
    struct worker w = {.pass = ctx, .fd = fd};
    struct buf b;
    uint8_t type;
    int file;
    enum err rc = yara_check_new(w.pass->set, &w.check);
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    buf_init(&w.out, LIMIT_IPC_MESSAGE_BYTES);
    while (!rc && (rc = proc_recv(fd, &type, &b, &file)) == OK) {
        struct rd r = rd_of(buf_view(&b));
        uint32_t i = rd_u32(&r);
        rc = file < 0 || r.rc || i >= w.pass->n_suspects ? ERR_BUG
                                                         : one_file(&w, &w.pass->suspect[i], file);
        io_close(file);
    }
    yara_check_free(w.check);
    free(w.body);
    buf_done(&b);
    buf_done(&w.out);
    return rc == END ? 0 : rc == ERR_NOMEM ? PROC_NO_MEMORY : 70;
}

/* ---- in the coordinator ---- */

struct slot {
    struct proc worker;
    const struct yara_suspect *suspect; /* that it is at; NULL: none */
    uint64_t since_ns;
};

struct run {
    const struct yara_pass *pass;
    struct slot slot[PROC_MAX_WORKERS];
    size_t n_slots, next; /* next: suspect that nobody has yet */
    struct buf message;
    struct error *error;
};

static enum err gap_of(struct run *run, const struct slot *slot, struct str reason,
                       struct str detail)
{
    return run->pass->gap(run->pass->ctx, slot->suspect, UINT32_MAX, reason, detail);
}

static enum err take_match(struct run *run, const struct slot *slot, struct rd *r)
{
    struct yara_match m = {.rule = rd_u32(r), .n_occurrences = rd_u64(r)};
    struct str tag[MOST];
    struct yara_meta meta[MOST];
    struct yara_spot spot[YARA_SPOTS_TOLD];
    m.n_tags = rd_u32(r);
    if (r->rc || m.rule >= yara_set_rules(run->pass->set) || m.n_tags > MOST)
        return ERR_FORMAT;
    for (size_t i = 0; i < m.n_tags; i++)
        tag[i] = rd_str(r);
    m.n_metas = rd_u32(r);
    if (r->rc || m.n_metas > MOST)
        return ERR_FORMAT;
    for (size_t i = 0; i < m.n_metas; i++) {
        meta[i].name = rd_str(r);
        meta[i].text = rd_str(r);
    }
    m.n_spots = rd_u32(r);
    if (r->rc || m.n_spots > YARA_SPOTS_TOLD)
        return ERR_FORMAT;
    for (size_t i = 0; i < m.n_spots; i++) {
        spot[i].id = rd_str(r);
        spot[i].offset = rd_u64(r);
        spot[i].length = rd_u64(r);
        spot[i].bytes = rd_str(r);
    }
    if (r->rc || rd_left(r))
        return ERR_FORMAT;
    struct yara_rule_info info = yara_set_rule(run->pass->set, m.rule);
    m.name = info.name;
    m.source = info.source;
    m.tag = tag;
    m.meta = meta;
    m.spot = spot;
    return run->pass->match(run->pass->ctx, slot->suspect, &m);
}

static enum err take_gap(struct run *run, const struct slot *slot, struct rd *r)
{
    uint32_t rule = rd_u32(r);
    struct str reason = rd_str(r), detail = rd_str(r);
    if (r->rc || !reason.p || !detail.p ||
        (rule != UINT32_MAX && rule >= yara_set_rules(run->pass->set)))
        return ERR_FORMAT;
    return run->pass->gap(run->pass->ctx, slot->suspect, rule, reason, detail);
}

/* It died, talks nonsense or takes too long: that file is a gap, and another takes its place. */
static enum err replace(struct run *run, struct slot *slot, struct str detail)
{
    char how[64] = "";
    proc_end(&slot->worker, true, how);
    enum err rc = gap_of(run, slot, STR("worker-died"), detail.p ? detail : str_of(how));
    slot->suspect = NULL;
    return rc;
}

static enum err answer(struct run *run, struct slot *slot)
{
    uint8_t type;
    int other;
    enum err rc = proc_recv(slot->worker.fd, &type, &run->message, &other);
    if (rc == ERR_NOMEM)
        return rc;
    if (rc)
        return replace(run, slot, STR_NONE);
    io_close(other);
    struct rd r = rd_of(buf_view(&run->message));
    if (type == MESSAGE_MATCH)
        rc = take_match(run, slot, &r);
    else if (type == MESSAGE_GAP)
        rc = take_gap(run, slot, &r);
    else if (type == MESSAGE_END)
        slot->suspect = NULL;
    else
        rc = ERR_FORMAT;
    return rc == ERR_FORMAT ? replace(run, slot, STR("it talks nonsense")) : rc;
}

static enum err hand_over(struct run *run, struct slot *slot)
{
    const struct yara_pass *pass = run->pass;
    struct error why = {0};
    int file;
    slot->suspect = &pass->suspect[run->next];
    const struct io_entry *entry = &pass->tree->entry[slot->suspect->entry];
    enum err rc = io_open_entry(pass->tree, entry, &file, &why);
    if (rc) {
        rc = gap_of(run, slot, STR("not-examined"), str_of(why.text));
        slot->suspect = NULL;
        run->next++;
        return rc;
    }
    if (slot->worker.pid <= 0)
        rc = proc_start(&slot->worker, NULL, 0, YARA_WORKER_BYTES, worker_run,
                        (void *)(uintptr_t)pass, run->error);
    if (!rc) {
        buf_reset(&run->message);
        wr_u32(&run->message, (uint32_t)run->next++);
        slot->since_ns = clock_ns();
        if (proc_send(slot->worker.fd, MESSAGE_FILE, buf_view(&run->message), file) != OK)
            rc = replace(run, slot, STR_NONE);
    }
    io_close(file);
    return rc;
}

static enum err late(struct run *run)
{
    uint64_t patience_s = run->pass->patience_s ? run->pass->patience_s : YARA_PASS_S;
    for (size_t i = 0; i < run->n_slots; i++) {
        struct slot *slot = &run->slot[i];
        if (slot->suspect && clock_ns() - slot->since_ns > patience_s * 1000000000u)
            TRY(replace(run, slot, STR("it took too long")));
    }
    return OK;
}

static enum err give_work(struct run *run, size_t *ret_busy)
{
    *ret_busy = 0;
    for (size_t i = 0; i < run->n_slots; i++) {
        struct slot *slot = &run->slot[i];
        while (!slot->suspect && run->next < run->pass->n_suspects)
            TRY(hand_over(run, slot));
        *ret_busy += slot->suspect != NULL;
    }
    return OK;
}

static enum err go_round(struct run *run)
{
    struct pollfd fd[PROC_MAX_WORKERS];
    for (;;) {
        size_t busy;
        if (run->pass->interrupted && *run->pass->interrupted)
            return END;
        TRY(give_work(run, &busy));
        if (!busy)
            return OK;
        for (size_t i = 0; i < run->n_slots; i++)
            fd[i] = (struct pollfd){.fd = run->slot[i].suspect ? run->slot[i].worker.fd : -1,
                                    .events = POLLIN};
        int n = poll(fd, run->n_slots, POLL_MS);
        for (size_t i = 0; n > 0 && i < run->n_slots; i++)
            if (fd[i].revents) {
                /* END is the callback's, and is to be handed on: TRY would not. */
                enum err rc = answer(run, &run->slot[i]);
                if (rc)
                    return rc;
            }
        TRY(late(run));
    }
}

enum err yara_pass_run(const struct yara_pass *pass, struct error *error)
{
    struct run run = {.pass = pass, .error = error};
    char how[64];
    if (pass->n_workers < 1 || pass->n_workers > PROC_MAX_WORKERS)
        return fail(error, ERR_USAGE, "%zu workers", pass->n_workers);
    run.n_slots = pass->n_workers;
    for (size_t i = 0; i < run.n_slots; i++)
        run.slot[i].worker.fd = -1;
    buf_init(&run.message, LIMIT_IPC_MESSAGE_BYTES);
    enum err rc = go_round(&run);
    for (size_t i = 0; i < run.n_slots; i++)
        proc_end(&run.slot[i].worker, rc != OK, how);
    buf_done(&run.message);
    return rc;
}
