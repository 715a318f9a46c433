#include "scan/pass.h"

#include "base/limits.h"
#include "base/wr.h"
#include "os/clock.h"
#include "scan/removed.h"
#include "scan/ruleset.h"

#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

enum {
    ADDRESS_SPACE_BYTES = 1024 * 1024 * 1024,
    POLL_MS = 100,
    STALL_S = 120,
    STOP_S = 3,
    MAX_EVENTS = 1000 * 1000,
    MAX_SHARES = 64, /* units that a container is cut into */
};

enum unit_phase { UNIT_WAITING, UNIT_RUNNING, UNIT_DONE, UNIT_LOST };

/* A message of a segment that may turn out to have started from wrong columns. */
struct held {
    struct held *next;
    uint8_t type;
    size_t n;
    char data[];
};

struct work {
    uint32_t file; /* of a container's members the one at hand */
    uint64_t from, to;
    uint32_t member, members_end; /* of run.member, those not done yet; none: 0, 0 */
    bool in_member;               /* the first of them was begun */
    enum unit_phase phase;
    unsigned gaps; /* told by its worker */
    uint8_t attempt;
    bool segment;
    const struct log_state *start; /* of a segment that is done again; NULL: it finds out */
    struct log_state *end;         /* what a segment left behind */
    struct held *first_held, **last_held;
    uint64_t lines;      /* line ends in it */
    uint64_t base_lines; /* line ends before it */
};

struct slot {
    struct proc proc;
    struct worker_setup setup;
    int work;     /* index, -1: idle */
    int evidence; /* the descriptor that the worker reads, -1: none */
    uint64_t last_bytes;
    double last_moved_s;
};

struct run {
    struct pass *pass;
    struct proc_shared *shared;
    struct slot slot[PROC_MAX_WORKERS];
    size_t n_slots;
    VEC(struct work) work;
    VEC(struct unit_member) member;
    size_t next; /* no unit before it is waiting */
    size_t left; /* units neither done nor lost */
    uint64_t bytes_total;
    double interrupted_s;
    struct buf message;
    struct error *error;
};

/* Of several members with one path the first comes first. */
static int by_path(const void *a, const void *b)
{
    const struct listed *x = *(const struct listed *const *)a,
                        *y = *(const struct listed *const *)b;
    int c = str_cmp(x->path, y->path);
    return c ? c : (x->member > y->member) - (x->member < y->member);
}

enum err pass_gap(struct pass *p, uint32_t file, uint64_t offset, struct str reason,
                  struct str detail)
{
    struct pass_gap g = {file,
                         {.offset = offset,
                          .reason = arena_str(p->arena, reason),
                          .detail = arena_str(p->arena, detail)}};
    if (file < p->n_files)
        g.gap.file = p->path[file];
    if (!g.gap.reason.p || !g.gap.detail.p)
        return ERR_NOMEM;
    enum err rc = vec_push(&p->gap, g, 1000 * 1000);
    return rc == ERR_LIMIT ? OK : rc; /* a million gaps tell enough */
}

static void add_file(struct pass *p, const struct listed *in)
{
    int64_t *newest = &p->newest_us[in->entry->root];
    if (in->modified_us != TIME_NONE && (*newest == TIME_NONE || in->modified_us > *newest))
        *newest = in->modified_us;
    struct pass_file *f = &p->file[p->n_files];
    size_t root = in->entry->path.n - in->entry->below.n;
    *f = (struct pass_file){.in = in,
                            .by_path = in->host.p ? in->host : host_of_path(in->path),
                            .by_file = in->host.p ? in->host
                                                  : host_of_file(in->path, root ? root - 1 : 0)};
    if (!in->member)
        p->of_entry[in->entry - p->tree->entry] = (uint32_t)p->n_files;
    f->fact.path = p->path[p->n_files] = in->path;
    f->fact.file = (uint32_t)p->n_files++;
    f->fact.first_us = f->fact.last_us = TIME_NONE;
}

enum err pass_init(struct pass *p, struct arena *arena, const struct scan_options *options,
                   const struct ruleset *set, const struct io_tree *tree,
                   const struct listing *listing, struct error *error)
{
    *p = (struct pass){.arena = arena,
                       .options = options,
                       .set = set,
                       .tree = tree,
                       .listing = listing,
                       .started_s = clock_seconds()};
    hits_init(&p->hits);
    map_init(&p->counted, arena, MAX_EVENTS);
    const struct listed **order = arena_array(arena, listing->n + 1, sizeof(const struct listed *));
    p->file = arena_new_n(arena, struct pass_file, listing->n + 1);
    p->path = arena_new_n(arena, struct str, listing->n + 1);
    p->of_entry = arena_new_n(arena, uint32_t, tree->n + 1);
    p->newest_us = arena_new_n(arena, int64_t, tree->n_roots + 1);
    if (!order || !p->file || !p->path || !p->of_entry || !p->newest_us)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < tree->n_roots; i++)
        p->newest_us[i] = TIME_NONE;
    for (size_t i = 0; i < listing->n; i++)
        order[i] = &listing->file[i];
    qsort(order, listing->n, sizeof *order, by_path);
    for (size_t i = 0; i < listing->n; i++)
        if (!i || order[i]->member || !str_eq(order[i]->path, order[i - 1]->path))
            add_file(p, order[i]); /* else it was given twice */
    p->hits.path = p->path;
    p->hits.keep_shares = true;
    if (set->correlations && events_new(set, &p->events) != OK)
        return fail(error, ERR_NOMEM, "out of memory");
    if (listing->n == 0 && pass_gap(p, UINT32_MAX, 0, STR("not-examined"),
                                    STR("there are no files in what was given")) != OK)
        return fail(error, ERR_NOMEM, "out of memory");
    return OK;
}

void pass_done(struct pass *p)
{
    hits_done(&p->hits);
    map_done(&p->counted);
    vec_done(&p->census);
    vec_done(&p->suspect);
    vec_done(&p->gap);
    p->events = events_free(p->events);
}

/* Packed files, event logs and pipes are read from front to end. */
static bool can_be_cut(struct run *r, uint32_t file)
{
    unsigned char head[6] = {0};
    int fd;
    const struct pass *p = r->pass;
    const struct listed *in = p->file[file].in;
    if (in->container || in->about || (p->set->files && yara_set_rules(p->set->files->yara)) ||
        in->size_bytes < 2u * UNIT_SEGMENT_BYTES ||
        io_open_entry(p->tree, in->entry, &fd, NULL) != OK)
        return false;
    ssize_t n = io_pread(fd, head, sizeof head, 0);
    io_close(fd);
    if (memcmp(head, "Elf", 3) == 0 || head[0] == '{' || head[0] == '[')
        return false;
    return n == sizeof head && head[0] >= 9 && head[0] < 0x7f && head[1] >= 9 && head[1] < 0x7f;
}

static enum err plan_file(struct run *r, uint32_t file)
{
    const struct pass *p = r->pass;
    uint64_t size = p->file[file].in->size_bytes;
    struct work w = {.file = file, .to = UINT64_MAX};
    r->bytes_total += size;
    if (!p->options->no_hash || !can_be_cut(r, file))
        return vec_push(&r->work, w, 100u * 1000 * 1000);
    w.segment = true;
    for (uint64_t at = 0; at < size; at += UNIT_SEGMENT_BYTES) {
        w.from = at;
        w.to = at + UNIT_SEGMENT_BYTES < size ? at + UNIT_SEGMENT_BYTES : UINT64_MAX;
        TRY(vec_push(&r->work, w, 100u * 1000 * 1000));
    }
    return OK;
}

static enum err plan_member(struct run *r, uint32_t file)
{
    const struct listed *in = r->pass->file[file].in;
    struct unit_member m = {(uint32_t)(in->entry - r->pass->tree->entry), in->member - 1, file};
    r->bytes_total += in->size_bytes == UINT64_MAX ? 0 : in->size_bytes;
    return vec_push(&r->member, m, LIMIT_WALK_FILES);
}

static int by_ordinal(const void *a, const void *b)
{
    const struct unit_member *x = a, *y = b;
    if (x->entry != y->entry)
        return x->entry < y->entry ? -1 : 1;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

/* Members of a zip are reached without those before them: several workers share it. */
static bool can_be_shared(const struct run *r, const struct io_entry *entry)
{
    char head[2] = {0};
    int fd;
    if (io_open_entry(r->pass->tree, entry, &fd, NULL) != OK)
        return false;
    ssize_t n = io_pread(fd, head, sizeof head, 0);
    io_close(fd);
    return n == sizeof head && memcmp(head, "PK", 2) == 0;
}

/* The members [from, to) are of one container. */
static enum err plan_container(struct run *r, size_t from, size_t to)
{
    const struct pass *p = r->pass;
    uint64_t bytes = 0, part = UINT64_MAX;
    for (size_t i = from; i < to; i++)
        bytes += p->file[r->member.v[i].file].in->size_bytes / 2 + 1; /* it may be unknown */
    if (bytes > UNIT_SEGMENT_BYTES && can_be_shared(r, p->file[r->member.v[from].file].in->entry))
        part = bytes / MAX_SHARES > UNIT_SEGMENT_BYTES / 2 ? bytes / MAX_SHARES
                                                           : UNIT_SEGMENT_BYTES / 2;
    for (size_t i = from, next; i < to; i = next) {
        uint64_t have = 0;
        for (next = i; next < to && have < part; next++)
            have += p->file[r->member.v[next].file].in->size_bytes / 2 + 1;
        struct work w = {.file = r->member.v[i].file,
                         .to = UINT64_MAX,
                         .member = (uint32_t)i,
                         .members_end = (uint32_t)next};
        TRY(vec_push(&r->work, w, 100u * 1000 * 1000));
    }
    return OK;
}

static enum err plan_containers(struct run *r)
{
    if (r->member.n)
        qsort(r->member.v, r->member.n, sizeof *r->member.v, by_ordinal);
    for (size_t i = 0, to; i < r->member.n; i = to) {
        for (to = i + 1; to < r->member.n && r->member.v[to].entry == r->member.v[i].entry;)
            to++;
        TRY(plan_container(r, i, to));
    }
    return OK;
}

static enum err plan(struct run *r, bool (*wanted)(void *, const struct pass_file *), void *ctx)
{
    struct pass *p = r->pass;
    for (uint32_t f = 0; f < p->n_files; f++) {
        const struct listed *in = p->file[f].in;
        if (wanted && !wanted(ctx, &p->file[f]))
            continue;
        if (in->skip.p)
            TRY(pass_gap(p, f, 0, in->hides ? STR("unreadable") : STR("not-examined"), in->skip));
        if (in->skip.p && (!in->container || in->entry->skip.p))
            continue; /* an archive that cannot be opened is still a file */
        TRY(in->member ? plan_member(r, f) : plan_file(r, f));
    }
    TRY(plan_containers(r));
    for (size_t i = 0; i < r->work.n; i++)
        r->work.v[i].last_held = &r->work.v[i].first_held;
    r->left = r->work.n;
    return OK;
}

static enum err start_worker(struct run *r, size_t i)
{
    int others[PROC_MAX_WORKERS];
    size_t n = 0;
    for (size_t k = 0; k < r->n_slots; k++)
        if (k != i && r->slot[k].proc.pid > 0)
            others[n++] = r->slot[k].proc.fd;
    struct slot *s = &r->slot[i];
    s->work = s->evidence = -1;
    s->setup = (struct worker_setup){r->pass, r->member.v, r->shared, (unsigned)i};
    return proc_start(&s->proc, others, n, ADDRESS_SPACE_BYTES, worker_main, &s->setup, r->error);
}

static int next_work(struct run *r)
{
    while (r->next < r->work.n && r->work.v[r->next].phase != UNIT_WAITING)
        r->next++;
    return r->next < r->work.n ? (int)r->next : -1;
}

/* The file that the unit's bytes come from: of a container's members that is the container. */
static uint32_t opened(const struct run *r, int work)
{
    const struct pass *p = r->pass;
    uint32_t file = r->work.v[work].file;
    return p->file[file].in->member ? p->of_entry[p->file[file].in->entry - p->tree->entry] : file;
}

/* A file whose size or times are not what they were when it was opened. That of a live log is no
 * surprise, but nobody can say then that the whole of it was read. */
static enum err compare_stamp(struct pass *p, uint32_t file, int fd)
{
    struct pass_file *f = &p->file[file];
    struct io_stamp now, was = f->stamp;
    char detail[160];
    if (fd < 0 || io_stamp(fd, &now) != OK || !now.regular)
        return OK;
    if (!f->stamped) {
        f->stamped = true;
        f->stamp = now;
        return OK;
    }
    if (f->changed || (now.size_bytes == was.size_bytes && now.mtime_ns == was.mtime_ns &&
                       now.ctime_ns == was.ctime_ns))
        return OK;
    f->changed = true;
    if (now.size_bytes != was.size_bytes)
        (void)snprintf(
            detail, sizeof detail, "%s from %" PRIu64 " to %" PRIu64 " bytes while it was read: %s",
            now.size_bytes > was.size_bytes ? "grew" : "shrank", was.size_bytes, now.size_bytes,
            now.size_bytes > was.size_bytes ? "a log in use; its last rows may be missing"
                                            : "rows may be missing");
    else
        (void)snprintf(detail, sizeof detail, "%s while it was read",
                       now.mtime_ns != was.mtime_ns
                           ? "written to"
                           : "renamed, replaced or given other attributes");
    return pass_gap(p, file, was.size_bytes < now.size_bytes ? was.size_bytes : now.size_bytes,
                    STR("changed-while-read"), str_of(detail));
}

/* The unit ends without a result: what it would have told is a gap. */
static enum err lose(struct run *r, int work, struct str reason, struct str detail)
{
    struct work *w = &r->work.v[work];
    char text[UNIT_DETAIL_BYTES];
    w->phase = UNIT_LOST;
    r->left--;
    if (w->members_end > w->member + 1) {
        (void)snprintf(text, sizeof text, "%.*s; likewise %u further files of the archive",
                       STR_FMT(str_sub(detail, 0, 512)), w->members_end - w->member - 1);
        detail = str_of(text);
    }
    return pass_gap(r->pass, w->file, w->from, reason, detail);
}

/* One member costs no other: the next worker goes on behind it. */
static enum err lose_member(struct run *r, int work, struct str reason, struct str detail)
{
    struct work *w = &r->work.v[work];
    TRY(pass_gap(r->pass, w->file, 0, reason, detail));
    w->file = r->member.v[++w->member].file;
    w->in_member = false;
    w->phase = UNIT_WAITING;
    r->next = (size_t)work < r->next ? (size_t)work : r->next;
    return OK;
}

static enum err settle_file(struct run *r, uint32_t file);

/* When a file was copied from its host: an archive was written then; of a tree that is not known
 * better than by the newest file in it. */
static int64_t collected(const struct pass *p, const struct listed *in)
{
    return in->member ? (int64_t)(in->entry->mtime_ns / 1000) : p->newest_us[in->entry->root];
}

struct unit pass_unit(const struct pass *p, uint32_t file)
{
    const struct pass_file *f = &p->file[file];
    const struct listed *in = f->in;
    struct str host = p->options->host.p ? p->options->host : f->by_path;
    return (struct unit){.file = file,
                         .to = UINT64_MAX,
                         .hash = !p->options->no_hash,
                         .path = listed_path(in),
                         .host = host,
                         .file_host = p->options->host.p ? host : f->by_file,
                         .times = {in->created_us, in->modified_us, in->changed_us},
                         .collected_us = collected(p, in),
                         .about = in->about || in->container,
                         .archive = in->container,
                         .asked = in->entry->below.n == 0 && !in->member};
}

static enum err hand_out(struct run *r, size_t i, int work)
{
    struct work *w = &r->work.v[work];
    struct pass_file *f = &r->pass->file[w->file];
    struct unit u = pass_unit(r->pass, w->file);
    u.id = (uint32_t)work;
    u.from = w->from;
    u.to = w->to;
    u.known_state = w->start != NULL;
    u.first_member = w->member;
    u.n_members = w->members_end - w->member;
    struct error why;
    int fd;
    if (w->start)
        u.state = *w->start;
    if (io_open_entry(r->pass->tree, f->in->entry, &fd, &why) != OK) {
        TRY(lose(r, work, STR("unreadable"), str_of(why.text)));
        return w->segment ? settle_file(r, w->file) : OK;
    }
    r->slot[i].evidence = fd;
    TRY(compare_stamp(r->pass, opened(r, work), fd));
    buf_reset(&r->message);
    unit_write(&r->message, &u);
    enum err rc = r->message.rc;
    if (!rc)
        rc = proc_send(r->slot[i].proc.fd, MESSAGE_UNIT, buf_view(&r->message), fd);
    w->phase = UNIT_RUNNING;
    r->slot[i].work = work;
    r->slot[i].last_moved_s = clock_seconds();
    return rc == ERR_IO ? OK : rc; /* a dead worker is noticed when its socket closes */
}

static enum err take_hits(struct run *r, const struct work *w, struct str body)
{
    struct rd rd = rd_of(body);
    while (rd_left(&rd)) {
        uint64_t key;
        struct hit h;
        TRY(hit_read(&rd, &key, &h));
        if (h.rule >= r->pass->set->n_rules || h.file != w->file)
            return ERR_FORMAT;
        h.line += w->base_lines;
        TRY(hits_add(&r->pass->hits, key, &h));
    }
    return OK;
}

static enum err take_events(struct run *r, int work)
{
    const struct work *w = &r->work.v[work];
    if (!r->pass->events)
        return ERR_FORMAT;
    return events_take(r->pass->events, buf_view(&r->message), (uint32_t)work, w->attempt, w->file);
}

/* Of which units the events count: a segment whose worker died has told nothing. */
static enum err note_units(struct run *r)
{
    struct pass *p = r->pass;
    if (!p->events)
        return OK;
    p->unit = arena_new_n(p->arena, struct event_unit, r->work.n + 1);
    if (!p->unit)
        return ERR_NOMEM;
    p->n_units = r->work.n;
    for (size_t i = 0; i < r->work.n; i++) {
        const struct work *w = &r->work.v[i];
        p->unit[i] =
            (struct event_unit){w->base_lines, w->attempt, w->segment && w->phase == UNIT_LOST};
    }
    return OK;
}

static enum err take_pivots(struct run *r, const struct work *w, struct str body)
{
    struct pass_file *f = &r->pass->file[w->file];
    size_t n = r->pass->set->n_pivots;
    struct rd rd = rd_of(body);
    if (!f->pivot_rows && !(f->pivot_rows = arena_new_n(r->pass->arena, uint64_t, n + 1)))
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        f->pivot_rows[i] += rd_u64(&rd);
    return rd.rc;
}

static enum err take_gap(struct run *r, struct work *w, struct str body)
{
    struct rd rd = rd_of(body);
    struct gap gap;
    uint32_t file;
    TRY(gap_read(&rd, &file, &gap));
    if (++w->gaps > UNIT_MAX_GAPS)
        return OK;
    if (w->gaps == UNIT_MAX_GAPS)
        return pass_gap(r->pass, w->file, gap.offset, STR("limit"),
                        STR("more gaps than are told one by one"));
    return pass_gap(r->pass, w->file, gap.offset, gap.reason, gap.detail);
}

/* What the next segment starts from. */
static enum err keep_end(struct run *r, struct work *w, const struct unit_result *res)
{
    if (w->segment != res->segment)
        return ERR_FORMAT;
    if (!w->segment)
        return OK;
    if (!w->end && !(w->end = arena_new(r->pass->arena, struct log_state)))
        return ERR_NOMEM;
    *w->end = res->end;
    return OK;
}

/* The next member of a container that the worker has reached: they come in order, and none is left
 * out. */
static enum err take_member(struct run *r, struct work *w, struct str body)
{
    struct rd rd = rd_of(body);
    uint32_t which = rd_u32(&rd);
    if (rd.rc || w->in_member || which != w->member || which >= w->members_end)
        return ERR_FORMAT;
    w->member = which;
    w->file = r->member.v[which].file;
    w->in_member = true;
    w->gaps = 0;
    return OK;
}

/* The worker went as far as it could. */
static enum err members_done(struct run *r, const struct work *w)
{
    char detail[96];
    size_t left = w->members_end - w->member;
    if (!w->members_end || w->in_member)
        return ERR_FORMAT;
    if (!left)
        return OK;
    (void)snprintf(detail, sizeof detail,
                   "stopped before this and %zu further files of the archive", left - 1);
    return pass_gap(r->pass, r->member.v[w->member].file, 0, STR("interrupted"), str_of(detail));
}

/* One message whose unit is known to have started right. */
static enum err apply(struct run *r, struct work *w, uint8_t type, struct str body)
{
    struct rd rd = rd_of(body);
    struct unit_result res;
    switch (type) {
    case MESSAGE_HITS: return take_hits(r, w, body);
    case MESSAGE_PIVOTS: return take_pivots(r, w, body);
    case MESSAGE_GAP: return take_gap(r, w, body);
    case MESSAGE_REQUESTS: return removed_take(r->pass->set->removed, w->file, body);
    case MESSAGE_COSTS: return pass_take_costs(r->pass, w->file, body);
    case MESSAGE_CENSUS: return pass_take_census(r->pass, body);
    case MESSAGE_SUSPECT: return pass_take_suspect(r->pass, w->file, body);
    case MESSAGE_MEMBER: return take_member(r, w, body);
    case MESSAGE_DONE: return members_done(r, w);
    case MESSAGE_PART:
        TRY(result_read(&rd, r->pass->arena, &res));
        return pass_merge_part(r->pass, &r->pass->file[w->file], &res);
    case MESSAGE_RESULT:
        TRY(result_read(&rd, r->pass->arena, &res));
        if (w->members_end && !w->in_member)
            return ERR_FORMAT;
        w->lines = res.lines;
        w->member += w->in_member;
        w->in_member = false;
        TRY(keep_end(r, w, &res));
        return pass_merge_fact(r->pass, &r->pass->file[w->file], &res);
    default: return ERR_FORMAT;
    }
}

static enum err hold(struct work *w, uint8_t type, struct str body)
{
    struct held *h = malloc(sizeof *h + body.n);
    if (!h)
        return ERR_NOMEM;
    *h = (struct held){.type = type, .n = body.n};
    if (body.n)
        memcpy(h->data, body.p, body.n);
    *w->last_held = h;
    w->last_held = &h->next;
    return OK;
}

static void drop_held(struct work *w)
{
    while (w->first_held) {
        struct held *next = w->first_held->next;
        free(w->first_held);
        w->first_held = next;
    }
    w->last_held = &w->first_held;
}

/* Do two states read rows alike? The serial only counts changes. */
static bool same_state(const struct log_state *a, const struct log_state *b)
{
    bool dateless = a->date_column == 0xffff;
    return a->codec == b->codec && a->columns == b->columns && a->flags == b->flags &&
           a->time_column == b->time_column && a->date_column == b->date_column &&
           (!dateless || a->date_us == b->date_us) &&
           memcmp(a->name_at, b->name_at, sizeof a->name_at) == 0 &&
           memcmp(a->names, b->names, sizeof a->names) == 0 &&
           strncmp(a->kind, b->kind, sizeof a->kind) == 0;
}

static enum err apply_held(struct run *r, struct work *w)
{
    enum err rc = OK;
    for (struct held *h = w->first_held; h && !rc; h = h->next)
        rc = apply(r, w, h->type, str_make(h->data, h->n));
    drop_held(w);
    return rc;
}

/* The state that the segment assumed: in its result, the last message held. */
static bool assumed(struct run *r, const struct work *w, struct log_state *ret_state)
{
    for (const struct held *h = w->first_held; h; h = h->next) {
        struct rd rd = rd_of(str_make(h->data, h->n));
        struct unit_result res;
        if (h->type == MESSAGE_RESULT && result_read(&rd, r->pass->arena, &res) == OK &&
            res.segment) {
            *ret_state = res.begin;
            return true;
        }
    }
    return false;
}

/* Segments are taken in order; one that assumed other columns than its predecessor left behind is
 * done again with the right ones. */
static enum err settle_file(struct run *r, uint32_t file)
{
    const struct work *before = NULL;
    for (size_t i = 0; i < r->work.n; i++) {
        struct work *w = &r->work.v[i];
        struct log_state begin;
        if (w->file != file || !w->segment)
            continue;
        if (w->phase != UNIT_DONE && w->phase != UNIT_LOST)
            return OK;
        if (!w->first_held) {
            before = w;
            continue;
        }
        if (before) {
            w->base_lines = before->base_lines + before->lines;
            if (before->phase == UNIT_DONE && before->end && assumed(r, w, &begin) &&
                !same_state(&begin, before->end)) {
                drop_held(w);
                w->start = before->end;
                w->attempt++;
                r->left++;
                if (r->pass->interrupted)
                    return lose(r, (int)i, STR("interrupted"), STR("not begun"));
                w->phase = UNIT_WAITING;
                r->next = i < r->next ? i : r->next;
                return OK;
            }
        }
        TRY(apply_held(r, w));
        before = w;
    }
    return OK;
}

/* The slot's unit is over, well or badly. */
static enum err let_go(struct run *r, size_t i)
{
    struct slot *s = &r->slot[i];
    enum err rc = OK;
    if (s->work >= 0)
        rc = compare_stamp(r->pass, opened(r, s->work), s->evidence);
    io_close(s->evidence);
    s->work = s->evidence = -1;
    return rc;
}

static enum err unit_done(struct run *r, size_t i)
{
    struct work *w = &r->work.v[r->slot[i].work];
    TRY(let_go(r, i));
    w->phase = UNIT_DONE;
    r->left--;
    return w->segment ? settle_file(r, w->file) : OK;
}

static enum err worker_died(struct run *r, size_t i, const char *why)
{
    struct slot *s = &r->slot[i];
    char how[64] = "", detail[160];
    int work = s->work;
    proc_end(&s->proc, true, how);
    TRY(let_go(r, i));
    if (work >= 0) {
        struct work *w = &r->work.v[work];
        drop_held(w);
        (void)snprintf(detail, sizeof detail, "%s (%s); the rest of the input was not examined",
                       why, how);
        TRY(w->in_member && w->member + 1 < w->members_end
                ? lose_member(r, work, STR("worker-died"), str_of(detail))
                : lose(r, work, STR("worker-died"), str_of(detail)));
        if (w->segment)
            TRY(settle_file(r, w->file));
    }
    return r->left ? start_worker(r, i) : OK;
}

static enum err hear(struct run *r, size_t i)
{
    struct slot *s = &r->slot[i];
    uint8_t type;
    int fd;
    enum err rc = proc_recv(s->proc.fd, &type, &r->message, &fd);
    io_close(fd);
    if (rc == END || rc == ERR_IO)
        return worker_died(r, i, "the worker ended");
    if (rc || s->work < 0)
        return worker_died(r, i, "the worker sent nonsense");
    struct work *w = &r->work.v[s->work];
    if (type == MESSAGE_EVENTS) /* too many to be held: what becomes of the unit is asked later */
        rc = take_events(r, s->work);
    else
        rc = w->segment ? hold(w, type, buf_view(&r->message))
                        : apply(r, w, type, buf_view(&r->message));
    if (rc == ERR_FORMAT)
        return worker_died(r, i, "the worker sent nonsense");
    if (!rc && type == (w->members_end ? MESSAGE_DONE : MESSAGE_RESULT))
        rc = unit_done(r, i);
    return rc;
}

static void report(struct run *r)
{
    const struct scan_options *o = r->pass->options;
    struct scan_progress p = {.bytes_total = r->bytes_total,
                              .files_total = r->work.n,
                              .files_done = r->work.n - r->left,
                              .elapsed_s = clock_seconds() - r->pass->started_s,
                              .findings = r->pass->hits.n};
    for (size_t i = 0; i < r->n_slots; i++)
        p.bytes_done += atomic_load_explicit(&r->shared->bytes[i], memory_order_relaxed);
    if (o->progress)
        o->progress(o->ctx, &p);
}

/* A pipe may be silent for as long as it likes. */
static bool from_pipe(const struct run *r, const struct slot *s)
{
    return s->work >= 0 && r->pass->file[r->work.v[s->work].file].in->entry->size_bytes == 0;
}

/* A worker that has read nothing for minutes is stuck in hostile input; one that does not stop when
 * told to is not waited for. */
static enum err watch(struct run *r)
{
    double now = clock_seconds();
    for (size_t i = 0; i < r->n_slots; i++) {
        struct slot *s = &r->slot[i];
        uint64_t bytes = atomic_load_explicit(&r->shared->bytes[i], memory_order_relaxed);
        if (s->work < 0 || bytes != s->last_bytes)
            s->last_moved_s = now;
        s->last_bytes = bytes;
        if (r->pass->interrupted && s->work >= 0 && now - r->interrupted_s > STOP_S)
            TRY(worker_died(r, i, "interrupted"));
        else if (now - s->last_moved_s > STALL_S && !from_pipe(r, s))
            TRY(worker_died(r, i, "the worker made no progress"));
    }
    return OK;
}

static enum err give_work(struct run *r)
{
    for (size_t i = 0; i < r->n_slots; i++) {
        int work;
        while (r->slot[i].proc.pid > 0 && r->slot[i].work < 0 && !r->pass->interrupted &&
               (work = next_work(r)) >= 0)
            TRY(hand_out(r, i, work));
    }
    return OK;
}

static bool busy(const struct run *r)
{
    for (size_t i = 0; i < r->n_slots; i++)
        if (r->slot[i].work >= 0)
            return true;
    return false;
}

/* Told to stop: workers end their units early, the rest is not begun. */
static enum err interrupt(struct run *r)
{
    r->pass->interrupted = true;
    r->interrupted_s = clock_seconds();
    atomic_store(&r->shared->stop, 1);
    for (size_t i = 0; i < r->work.n; i++)
        if (r->work.v[i].phase == UNIT_WAITING)
            TRY(lose(r, (int)i, STR("interrupted"), STR("not begun")));
    return OK;
}

static enum err loop(struct run *r)
{
    const struct scan_options *o = r->pass->options;
    while (r->left) {
        struct pollfd fds[PROC_MAX_WORKERS];
        if (o->interrupted && *o->interrupted && !r->pass->interrupted)
            TRY(interrupt(r));
        TRY(give_work(r));
        if (!busy(r))
            continue;
        for (size_t i = 0; i < r->n_slots; i++)
            fds[i] = (struct pollfd){.fd = r->slot[i].work >= 0 ? r->slot[i].proc.fd : -1,
                                     .events = POLLIN};
        int n = poll(fds, r->n_slots, POLL_MS);
        for (size_t i = 0; n > 0 && i < r->n_slots; i++)
            if (fds[i].revents)
                TRY(hear(r, i));
        report(r);
        TRY(watch(r));
    }
    return OK;
}

static size_t workers_for(const struct run *r)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = r->pass->options->jobs ? r->pass->options->jobs : cores > 0 ? (size_t)cores : 1;
    if (n > r->work.n)
        n = r->work.n;
    return n < 1 ? 1 : n > PROC_MAX_WORKERS ? PROC_MAX_WORKERS : n;
}

enum err pass_run(struct pass *p, bool (*wanted)(void *ctx, const struct pass_file *f), void *ctx,
                  struct error *error)
{
    struct run *r = calloc(1, sizeof *r);
    if (!r)
        return fail(error, ERR_NOMEM, "out of memory");
    r->pass = p;
    r->error = error;
    buf_init(&r->message, LIMIT_IPC_MESSAGE_BYTES);
    r->shared = proc_shared_new();
    enum err rc = r->shared ? plan(r, wanted, ctx) : ERR_NOMEM;
    r->n_slots = rc || r->left == 0 ? 0 : workers_for(r);
    for (size_t i = 0; i < PROC_MAX_WORKERS; i++)
        r->slot[i].proc.fd = r->slot[i].work = r->slot[i].evidence = -1;
    for (size_t i = 0; !rc && i < r->n_slots; i++)
        rc = start_worker(r, i);
    if (!rc)
        rc = give_work(r);
    if (!rc)
        rc = ruleset_check(p->set, p->options);
    if (!rc)
        rc = loop(r);
    if (!rc)
        rc = note_units(r);
    if (!rc)
        rc = pass_cut_gaps(p);
    for (size_t i = 0; i < r->n_slots; i++) {
        char how[64];
        proc_end(&r->slot[i].proc, rc != OK, how);
        io_close(r->slot[i].evidence);
    }
    for (size_t i = 0; i < r->work.n; i++)
        drop_held(&r->work.v[i]);
    vec_done(&r->work);
    vec_done(&r->member);
    buf_done(&r->message);
    proc_shared_free(r->shared);
    free(r);
    if (rc && error && !error->text[0])
        return fail(error, rc, "%s", err_name(rc));
    return rc;
}
