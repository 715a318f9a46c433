#include "scan/removed.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/utf.h"
#include "base/wr.h"
#include "scan/sweep_priv.h"

/* Below /ecp/ or /owa/: HttpProxy keeps a log for each. */
enum protocol { ECP, OWA, PROTOCOLS };
static const struct {
    struct str kind, path;
} protocols[PROTOCOLS] = {{{"httpproxy-ecp", 13}, {"/ecp/", 5}},
                          {{"httpproxy-owa", 13}, {"/owa/", 5}}};
static const uint8_t tell_id = PROTOCOLS; /* of an HttpProxy row; else an IIS row, by protocol */
static const uint64_t seed = 0x7265716964;

/* One protocol of one host. */
struct side {
    struct str host;
    enum protocol protocol;
    bool used;   /* by an IIS log */
    bool unread; /* an HttpProxy log could not be read to its end */
    uint64_t unlike;
};

struct side_hour {
    uint32_t side;
    int64_t hour;
};

/* A row of IIS. */
struct request {
    uint64_t high, low; /* of its id */
    uint64_t key;       /* of rows like it, later of its file */
    uint64_t offset;
    int64_t time_us;
    uint32_t file, side;
    bool found; /* HttpProxy has it */
    bool aside; /* not to be told */
};

/* Rows that belong together: n of those from first to last, ranges of neighbouring hours. */
struct range {
    const struct request *first, *last;
    uint64_t n, ranges;
};

struct removed {
    struct arena *arena;
    struct facts *facts;
    size_t n_files;
    VEC(struct side) side;
    VEC(struct side_hour) hour;    /* in which HttpProxy has rows */
    int64_t (*side_of)[PROTOCOLS]; /* by file of IIS; below 0: none */
    bool *wanted;                  /* by file */
    VEC(uint64_t) id;
    VEC(struct request) request;
    VEC(struct range) range; /* of the side at hand */
    VEC(struct gap) gap;
    bool full;
};

/* The worker's part */

static bool applies(const struct sweep *s)
{
    return s->set->removed && s->now && removed_wants(s->set->removed, s->unit->file);
}

void removed_begin(struct sweep *s)
{
    if (applies(s))
        s->before = s->state;
}

/* An id of Exchange's form: 8-4-4-4-12 hexadecimal digits. */
static bool read_id(struct str s, uint64_t *ret_high, uint64_t *ret_low)
{
    uint64_t v[2] = {0, 0};
    size_t digits = 0;
    if (s.n != 36)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        int digit = ascii_hex((unsigned char)s.p[i]);
        if (dash != (s.p[i] == '-') || (!dash && digit < 0))
            return false;
        if (!dash) {
            v[digits / 16] = v[digits / 16] << 4 | (uint64_t)digit;
            digits++;
        }
    }
    *ret_high = v[0];
    *ret_low = v[1];
    return true;
}

static uint64_t id_hash(uint64_t high, uint64_t low)
{
    uint64_t v[2] = {high, low};
    return hash64(str_make((const char *)v, sizeof v), seed);
}

static enum protocol protocol_of_path(struct str path)
{
    enum protocol p = 0;
    while (p < PROTOCOLS && !str_istarts(path, protocols[p].path))
        p++;
    return p;
}

/* The columns that are needed by number. */
struct join_columns {
    int id, answer[3];
};

static struct join_columns find_columns(const struct log_state *state)
{
    return (struct join_columns){column_find(state, STR("RequestId")),
                                 {column_find(state, STR("sc-status")),
                                  column_find(state, STR("sc-substatus")),
                                  column_find(state, STR("sc-win32-status"))}};
}

/* Rows like this one: of the same protocol, answer and kind of file. What never reaches HttpProxy,
 * or is not logged by it, differs from the rest in these. */
static uint64_t likeness(enum protocol protocol, struct str path, const struct join_columns *c,
                         const struct record *r)
{
    ptrdiff_t slash = str_rchr(path, '/'), dot = str_rchr(path, '.');
    struct str ending = dot > slash ? str_sub(path, (size_t)dot, path.n) : STR("");
    char low[16];
    size_t n = ending.n < sizeof low ? ending.n : sizeof low;
    ascii_lower_all(low, ending.p, n);
    uint64_t h = hash64(str_make(low, n), seed + (uint64_t)protocol);
    for (size_t i = 0; i < ARRAY_LEN(c->answer); i++)
        if (c->answer[i] >= 0 && c->answer[i] < r->n)
            h = hash64(r->value[c->answer[i]], h);
    return h;
}

/* Most rows are of neither path: cheaper than parsing them. */
static bool may_be_asked(struct str line)
{
    for (ptrdiff_t at; (at = str_chr(line, '/')) >= 0;) {
        line = str_sub(line, (size_t)at, line.n);
        if (protocol_of_path(line) < PROTOCOLS)
            return true;
        line = str_sub(line, 1, line.n);
    }
    return false;
}

static enum err iis_row(struct sweep *s, struct fields *f, const struct join_columns *c,
                        struct str line, uint64_t at, struct buf *b)
{
    struct record *r = &s->record;
    uint64_t high, low;
    arena_reset(&s->line_arena);
    if (s->codec->line(&s->before, line, &s->line_arena, r) != LINE_RECORD ||
        r->time_us == TIME_NONE)
        return OK;
    r->raw = line;
    fields_next(f, &s->before, r);
    struct str path = fields_role(f, ROLE_STEM);
    enum protocol protocol = protocol_of_path(path);
    if (protocol == PROTOCOLS || !read_id(fields_role(f, ROLE_REQUEST), &high, &low))
        return OK;
    wr_u8(b, (uint8_t)protocol);
    wr_u64(b, high);
    wr_u64(b, low);
    wr_u64(b, likeness(protocol, path, c, r));
    wr_u64(b, at);
    wr_u64(b, (uint64_t)r->time_us);
    return b->rc;
}

static enum err proxy_row(struct sweep *s, int column, struct str line, struct buf *b)
{
    uint64_t high, low;
    struct record *r = &s->record;
    if (column < 0 || !s->codec->front ||
        !s->codec->front(&s->before, line, (uint16_t)(column + 1), r) || column >= r->n ||
        !read_id(r->value[column], &high, &low))
        return OK;
    wr_u8(b, tell_id);
    wr_u64(b, id_hash(high, low));
    return b->rc;
}

/* Every line, with the columns that were in force at the start of the block. */
static enum err each_line(struct sweep *s, struct str text, struct buf *b)
{
    struct fields f;
    uint64_t at = s->utf16 ? s->utf16_offset : s->offset;
    struct join_columns c = find_columns(&s->before);
    uint32_t serial = s->before.schema_serial;
    bool iis = str_eq(str_of(s->before.kind), STR("iis"));
    fields_init(&f, s->now->kind, &s->line_arena);
    for (struct str whole, line; text.n; at += s->utf16 ? 2 * utf16_units(whole) : whole.n) {
        const char *nl = memchr(text.p, '\n', text.n);
        whole = str_sub(text, 0, nl ? (size_t)(nl + 1 - text.p) : text.n);
        text = str_sub(text, whole.n, text.n);
        line = str_sub(whole, 0, whole.n - (nl != NULL));
        line = str_sub(line, 0, line.n - (line.n && line.p[line.n - 1] == '\r'));
        if (line.n && line.p[0] == '#') {
            arena_reset(&s->line_arena);
            (void)s->codec->line(&s->before, line, &s->line_arena, &s->record);
            c = s->before.schema_serial == serial ? c : find_columns(&s->before);
            serial = s->before.schema_serial;
        } else if (!iis)
            TRY(proxy_row(s, c.id, line, b));
        else if (may_be_asked(line))
            TRY(iis_row(s, &f, &c, line, at, b));
    }
    return OK;
}

enum err removed_rows(struct sweep *s, struct str text)
{
    struct buf b;
    if (!applies(s))
        return OK;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    enum err rc = each_line(s, text, &b);
    if (!rc && buf_view(&b).n)
        rc = s->sink.send(s->sink.ctx, MESSAGE_REQUESTS, buf_view(&b));
    buf_done(&b);
    return rc;
}

/* What there is to compare */

static enum protocol protocol_of_kind(struct str kind)
{
    enum protocol p = 0;
    while (p < PROTOCOLS && !str_eq(kind, protocols[p].kind))
        p++;
    return p;
}

/* Rows below /owa/ may also be in the log of a protocol with a longer name. */
static enum protocol protocol_of_log(struct str kind)
{
    enum protocol p = 0;
    while (p < PROTOCOLS && !str_starts(kind, protocols[p].kind))
        p++;
    return p;
}

static const uint32_t *find_side(const struct map *sides, struct buf *b, struct str host,
                                 enum protocol p)
{
    buf_reset(b);
    buf_putc(b, (char)('0' + p));
    buf_str(b, host);
    return map_get(sides, buf_view(b));
}

static enum err add_side(struct removed *r, struct map *sides, struct buf *b,
                         const struct file_fact *f)
{
    enum protocol p = protocol_of_kind(f->kind);
    const uint32_t *known;
    uint32_t side = (uint32_t)r->side.n;
    if (p == PROTOCOLS || f->copy)
        return OK;
    if ((known = find_side(sides, b, f->host, p)))
        side = *known;
    else {
        TRY(vec_push(&r->side, ((struct side){.host = f->host, .protocol = p}), UINT32_MAX));
        TRY(map_put(sides, buf_view(b), side));
    }
    for (size_t i = 0; i < f->n_hours; i++)
        if (f->hour[i].records)
            TRY(vec_push(&r->hour, ((struct side_hour){side, f->hour[i].hour}), SIZE_MAX / 64));
    return OK;
}

/* The IIS log's host. A file with rows of several names no row's. */
static void add_iis(struct removed *r, const struct map *sides, struct buf *b,
                    const struct file_fact *f)
{
    enum { NOT_YET = -1, SEVERAL = -2 };
    if (f->copy || !str_eq(f->kind, STR("iis")))
        return;
    for (enum protocol p = 0; p < PROTOCOLS; p++) {
        const uint32_t *side = find_side(sides, b, f->host, p);
        int64_t *of = &r->side_of[f->file][p];
        if (!side)
            continue;
        *of = *of == NOT_YET || *of == (int64_t)*side ? (int64_t)*side : SEVERAL;
        r->side.v[*side].used = r->wanted[f->file] = true;
    }
}

static void add_proxy(struct removed *r, const struct map *sides, struct buf *b,
                      const struct pass *first, const struct file_fact *f)
{
    enum protocol p = protocol_of_log(f->kind);
    const uint32_t *side = p < PROTOCOLS && !f->copy ? find_side(sides, b, f->host, p) : NULL;
    if (!side || !r->side.v[*side].used)
        return;
    r->wanted[f->file] = true;
    r->side.v[*side].unread |= first->file[f->file].in->entry->size_bytes == 0; /* a pipe */
}

static enum err find_sides(struct removed *r, const struct pass *first, struct map *sides,
                           struct buf *b)
{
    const struct facts *facts = r->facts;
    for (size_t i = 0; i < facts->n_files; i++)
        TRY(add_side(r, sides, b, &facts->file[i]));
    for (size_t i = 0; i < facts->n_files; i++)
        add_iis(r, sides, b, &facts->file[i]);
    for (size_t i = 0; i < facts->n_files; i++)
        add_proxy(r, sides, b, first, &facts->file[i]);
    return b->rc;
}

/* In the coverage of a side's HttpProxy log. */
static enum err note(struct removed *r, const struct side *side, uint64_t n, const char *text)
{
    struct facts *f = r->facts;
    struct buf b;
    if (!f->note && !(f->note = arena_new_n(r->arena, struct note, r->side.n + 1)))
        return ERR_NOMEM;
    buf_init(&b, 512);
    buf_puts(&b, "rows that were removed: ");
    if (n)
        buf_u64(&b, n);
    buf_puts(&b, text);
    struct str kept = arena_str(r->arena, buf_view(&b));
    buf_done(&b);
    f->note[f->n_notes++] = (struct note){side->host, protocols[side->protocol].kind, kept};
    return kept.p ? OK : ERR_NOMEM;
}

enum err removed_plan(struct pass *first, struct facts *facts, struct removed **ret)
{
    struct removed *r = *ret = arena_new(first->arena, struct removed);
    struct map sides;
    struct buf b;
    uint64_t bytes = 0;
    size_t used = 0;
    if (!r)
        return ERR_NOMEM;
    *r = (struct removed){.arena = first->arena, .facts = facts, .n_files = first->n_files};
    r->side_of = arena_array(first->arena, first->n_files + 1, sizeof *r->side_of);
    r->wanted = arena_new_n(first->arena, bool, first->n_files + 1);
    if (!r->side_of || !r->wanted)
        return ERR_NOMEM;
    memset(r->side_of, 0xff, first->n_files * sizeof *r->side_of);
    map_init(&sides, first->arena, facts->n_files + 1);
    buf_init(&b, 4096);
    enum err rc = find_sides(r, first, &sides, &b);
    buf_done(&b);
    map_done(&sides);
    for (size_t i = 0; i < r->n_files; i++)
        bytes += r->wanted[i] ? facts->file[i].bytes : 0;
    for (size_t i = 0; i < r->side.n && !rc; i++) {
        used += r->side.v[i].used;
        if (r->side.v[i].used && bytes > REMOVED_BYTES)
            rc = note(r, &r->side.v[i], 0, "not looked for in more than 512 MiB of logs");
    }
    if (rc || !used || bytes > REMOVED_BYTES) {
        removed_done(r);
        *ret = NULL;
    }
    return rc;
}

bool removed_wants(const struct removed *r, uint32_t file)
{
    return file < r->n_files && r->wanted[file];
}

void removed_done(struct removed *r)
{
    if (!r)
        return;
    vec_done(&r->side);
    vec_done(&r->hour);
    vec_done(&r->id);
    vec_done(&r->request);
    vec_done(&r->range);
    vec_done(&r->gap);
}

/* What the workers tell */

static bool outside(const struct facts *f, int64_t time_us)
{
    return (f->since_us != TIME_NONE && time_us < f->since_us) ||
           (f->until_us != TIME_NONE && time_us >= f->until_us);
}

enum err removed_take(struct removed *r, uint32_t file, struct str body)
{
    struct rd rd = rd_of(body);
    if (!r || !removed_wants(r, file))
        return ERR_FORMAT;
    while (rd_left(&rd) && !rd.rc) {
        uint8_t what = rd_u8(&rd);
        struct request q = {.high = rd_u64(&rd), .file = file};
        enum err rc = OK;
        if (what == tell_id) {
            rc = vec_push(&r->id, q.high, REMOVED_IDS);
        } else {
            q.low = rd_u64(&rd);
            q.key = rd_u64(&rd);
            q.offset = rd_u64(&rd);
            q.time_us = (int64_t)rd_u64(&rd);
            if (what > tell_id || rd.rc || q.time_us == TIME_NONE)
                return ERR_FORMAT;
            int64_t side = r->side_of[file][what];
            q.side = (uint32_t)side;
            if (side >= 0 && !outside(r->facts, q.time_us))
                rc = vec_push(&r->request, q, REMOVED_REQUESTS);
        }
        if (rc == ERR_LIMIT)
            r->full = true;
        else if (rc)
            return rc;
    }
    return rd.rc;
}

/* What is told */

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int place_order(const struct request *x, const struct request *y)
{
    int c = compare(x->file, y->file);
    return c ? c : compare(x->offset, y->offset);
}

static int id_order(const void *a, const void *b)
{
    const struct request *x = a, *y = b;
    int c = compare(x->high, y->high);
    c = c ? c : compare(x->low, y->low);
    return c ? c : place_order(x, y);
}

static int key_order(const void *a, const void *b)
{
    const struct request *x = a, *y = b;
    int c = compare(x->side, y->side);
    c = c ? c : compare(x->key, y->key);
    return c ? c : place_order(x, y);
}

static int time_order(const void *a, const void *b)
{
    const struct request *x = a, *y = b;
    int c = compare(x->side, y->side);
    if (!c && x->time_us != y->time_us)
        c = x->time_us < y->time_us ? -1 : 1;
    return c ? c : place_order(x, y);
}

static int u64_order(const void *a, const void *b)
{
    return compare(*(const uint64_t *)a, *(const uint64_t *)b);
}

static int hour_order(const void *a, const void *b)
{
    const struct side_hour *x = a, *y = b;
    if (x->side != y->side)
        return x->side < y->side ? -1 : 1;
    return (x->hour > y->hour) - (x->hour < y->hour);
}

static void sort(struct removed *r, int (*order)(const void *, const void *))
{
    if (r->request.n)
        qsort(r->request.v, r->request.n, sizeof *r->request.v, order);
}

/* HttpProxy must have logged in that hour, the one before and the one after: elsewhere a row that
 * is not there may be in a file that was not copied, or was never written. */
static bool logged(const struct removed *r, const struct request *q)
{
    int64_t hour = time_hour(q->time_us);
    for (int64_t h = hour - 1; h <= hour + 1; h++) {
        struct side_hour want = {q->side, h};
        if (!r->hour.n || !bsearch(&want, r->hour.v, r->hour.n, sizeof *r->hour.v, hour_order))
            return false;
    }
    return true;
}

/* Requests that rules met were looked up by themselves, and are told by themselves. */
static enum err told_elsewhere(const struct removed *r, uint64_t **ret_id, size_t *ret_n)
{
    const struct facts *f = r->facts;
    uint64_t high, low;
    *ret_n = 0;
    if (!(*ret_id = arena_new_n(r->arena, uint64_t, f->n_hits + 1)))
        return ERR_NOMEM;
    for (size_t i = 0; i < f->n_hits; i++)
        if (f->hit[i].proxy_row < 0 && read_id(f->hit[i].role[ROLE_REQUEST], &high, &low))
            (*ret_id)[(*ret_n)++] = id_hash(high, low);
    if (*ret_n)
        qsort(*ret_id, *ret_n, sizeof **ret_id, u64_order);
    return OK;
}

/* Which requests does HttpProxy have? true: not all. */
static bool join(struct removed *r)
{
    bool missing = false;
    if (r->id.n)
        qsort(r->id.v, r->id.n, sizeof *r->id.v, u64_order);
    for (size_t i = 0; i < r->request.n; i++) {
        struct request *q = &r->request.v[i];
        uint64_t id = id_hash(q->high, q->low);
        q->found = r->id.n && bsearch(&id, r->id.v, r->id.n, sizeof id, u64_order);
        missing = missing || !q->found;
    }
    return missing;
}

/* Of those that it lacks only the ones stay that it should have, and that are not told by others.
 */
static enum err keep(struct removed *r)
{
    uint64_t *told;
    size_t n_told, n = 0;
    struct request *v = r->request.v;
    TRY(told_elsewhere(r, &told, &n_told));
    if (r->hour.n)
        qsort(r->hour.v, r->hour.n, sizeof *r->hour.v, hour_order);
    for (size_t i = 0; i < r->request.n; i++) {
        uint64_t id = id_hash(v[i].high, v[i].low);
        if (v[i].found || (!r->side.v[v[i].side].unread && logged(r, &v[i]) &&
                           !bsearch(&id, told, n_told, sizeof id, u64_order)))
            v[n++] = v[i];
    }
    r->request.n = n;
    return OK;
}

/* A log that was copied twice while it grew holds requests twice. */
static void once_each(struct removed *r)
{
    struct request *v = r->request.v;
    size_t n = 0;
    sort(r, id_order);
    for (size_t i = 0; i < r->request.n; i++)
        if (!n || v[n - 1].high != v[i].high || v[n - 1].low != v[i].low)
            v[n++] = v[i];
    r->request.n = n;
}

/* Missing rows say nothing where most rows with the same key are missing: they are not logged, or
 * the ids do not belong together. */
static void set_aside(struct removed *r, uint64_t least, uint64_t to_1)
{
    struct request *v = r->request.v;
    sort(r, key_order);
    for (size_t i = 0, end; i < r->request.n; i = end) {
        uint64_t found = 0, missing = 0;
        for (end = i; end < r->request.n && v[end].side == v[i].side && v[end].key == v[i].key;
             end++) {
            found += v[end].found;
            missing += !v[end].found && !v[end].aside;
        }
        bool proven = found >= least && found >= missing * to_1;
        for (size_t k = i; k < end && !proven; k++)
            if (!v[k].found && !v[k].aside) {
                v[k].aside = true;
                r->side.v[v[k].side].unlike++;
            }
    }
}

static void add_id(struct buf *b, const struct request *q)
{
    buf_printf(b, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(q->high >> 32),
               (unsigned)(q->high >> 16 & 0xffff), (unsigned)(q->high & 0xffff),
               (unsigned)(q->low >> 48), (unsigned long long)(q->low & 0xffffffffffff));
}

static void add_times(struct buf *b, const struct request *first, const struct request *last)
{
    char text[32];
    buf_printf(b, " %s %s", first->time_us == last->time_us ? "at" : "from",
               time_short(first->time_us, true, text));
    if (first->time_us != last->time_us)
        buf_printf(b, " to %s", time_short(last->time_us, true, text));
}

static void add_range(struct buf *b, const struct removed *r, const struct range *g, bool stretch)
{
    enum protocol p = r->side.v[g->first->side].protocol;
    struct str kind = protocols[p].kind, path = protocols[p].path;
    size_t told = 0;
    buf_printf(b, "IIS logged %llu %s below %.*s", (unsigned long long)g->n,
               g->n == 1 ? "request" : "requests", STR_FMT(path));
    add_times(b, g->first, g->last);
    if (stretch) {
        buf_printf(b,
                   " of which %.*s has none, though it logged before and after: part of a log "
                   "may be missing",
                   STR_FMT(kind));
        return;
    }
    buf_printf(b, " that %.*s, which logged at that time, has no row of: it may have been removed",
               STR_FMT(kind));
    if (g->ranges > 1)
        buf_printf(b, "; in %llu stretches, so many may also be how this server logs",
                   (unsigned long long)g->ranges);
    for (const struct request *q = g->first; q <= g->last && told < REMOVED_EXAMPLES; q++)
        if (!q->found && !q->aside) {
            buf_puts(b, told++ ? ", " : g->n > REMOVED_EXAMPLES ? "; the first ids: " : "; ids: ");
            add_id(b, q);
        }
}

static enum err add_gap(struct removed *r, const struct range *g, bool stretch)
{
    struct buf b;
    buf_init(&b, 2048);
    add_range(&b, r, g, stretch);
    struct gap gap = {.host = r->side.v[g->first->side].host,
                      .file = r->facts->file[g->first->file].path,
                      .offset = g->first->offset,
                      .reason = stretch ? STR("silent") : STR("removed-row"),
                      .detail = arena_str(r->arena, buf_view(&b))};
    buf_done(&b);
    return gap.detail.p ? vec_push(&r->gap, gap, 1000 * 1000) : ERR_NOMEM;
}

/* Where for minutes no row but missing ones stands between those that HttpProxy has, a part of its
 * log is missing: a file, or the end of one. Nobody picked rows out. */
static enum err tell_stretches(struct removed *r)
{
    struct request *v = r->request.v;
    for (size_t i = 0, end; i < r->request.n; i = end) {
        struct range g = {&v[i], &v[i], 0, 1};
        for (end = i; end < r->request.n && v[end].side == v[i].side && !v[end].found &&
                      v[end].time_us - g.last->time_us < US_PER_HOUR;
             end++)
            if (!v[end].aside) {
                g.first = g.n ? g.first : &v[end];
                g.last = &v[end];
                g.n++;
            }
        if (end == i)
            end++;
        if (!g.n || g.last->time_us - g.first->time_us < REMOVED_STRETCH_S * US_PER_S)
            continue;
        TRY(add_gap(r, &g, true));
        for (size_t k = i; k < end; k++)
            v[k].aside = true;
    }
    return OK;
}

/* The missing rows of one side, those of neighbouring hours together; all of them where a loss goes
 * on and on, as no single hand's does. */
static enum err tell_side(struct removed *r, const struct request *from, const struct request *end)
{
    struct range *v;
    r->range.n = 0;
    for (const struct request *q = from; q < end; q++) {
        if (q->found || q->aside)
            continue;
        v = r->range.v + r->range.n;
        if (!r->range.n || time_hour(q->time_us) - time_hour(v[-1].last->time_us) > 1)
            TRY(vec_push(&r->range, ((struct range){q, q, 0, 1}), REMOVED_REQUESTS));
        v = r->range.v + r->range.n;
        v[-1].last = q;
        v[-1].n++;
    }
    v = r->range.v;
    for (size_t i = 1; r->range.n > REMOVED_RANGES && i < r->range.n; i++) {
        v->last = v[i].last;
        v->n += v[i].n;
        v->ranges++;
    }
    for (size_t i = 0; i < r->range.n && (i == 0 || v->ranges == 1); i++)
        TRY(add_gap(r, &v[i], false));
    return OK;
}

static enum err tell_rows(struct removed *r)
{
    struct request *v = r->request.v;
    sort(r, time_order);
    TRY(tell_stretches(r));
    for (size_t i = 0, end; i < r->request.n; i = end) {
        for (end = i; end < r->request.n && v[end].side == v[i].side;)
            end++;
        TRY(tell_side(r, v + i, v + end));
    }
    return OK;
}

/* A log that was not read to its end in the second look lacks rows that nobody removed. One that
 * grew lacks none: of its last hour nothing is said. */
static enum err find_unread(struct removed *r, const struct pass *second)
{
    bool *cut = arena_new_n(r->arena, bool, r->n_files + 1);
    if (!cut)
        return ERR_NOMEM;
    for (size_t i = 0; i < second->gap.n; i++) {
        const struct pass_gap *g = &second->gap.v[i];
        if (g->file < r->n_files && !str_eq(g->gap.reason, STR("changed-while-read")))
            cut[g->file] = true;
    }
    for (size_t i = 0; i < r->facts->n_files; i++) {
        const struct file_fact *f = &r->facts->file[i];
        enum protocol p = protocol_of_log(f->kind);
        for (size_t k = 0; cut[f->file] && k < r->side.n; k++) {
            struct side *side = &r->side.v[k];
            side->unread |= side->protocol == p && str_eq(side->host, f->host);
        }
    }
    return OK;
}

static enum err tell_notes(struct removed *r)
{
    for (size_t i = 0; i < r->side.n; i++) {
        const struct side *side = &r->side.v[i];
        if (side->used && side->unread)
            TRY(note(r, side, 0, "not looked for, as a log could not be read twice to its end"));
        else if (side->unlike)
            TRY(note(r, side, side->unlike,
                     " requests in the IIS log have none here and were not told, as too few "
                     "requests like them have one"));
    }
    return OK;
}

static enum err add_gaps(struct removed *r)
{
    struct facts *f = r->facts;
    struct gap *all = arena_new_n(r->arena, struct gap, f->n_gaps + r->gap.n + 2);
    if (!all)
        return ERR_NOMEM;
    if (f->n_gaps)
        memcpy(all, f->gap, f->n_gaps * sizeof *all);
    if (r->gap.n)
        memcpy(all + f->n_gaps, r->gap.v, r->gap.n * sizeof *all);
    f->gap = all;
    f->n_gaps += r->gap.n;
    if (r->full)
        f->gap[f->n_gaps++] = (struct gap){
            .reason = STR("limit"),
            .detail = STR("more requests below /ecp/ and /owa/ than are compared: rows "
                          "that were removed from HttpProxy were not looked for")};
    return OK;
}

enum err removed_tell(struct removed *r, const struct pass *second)
{
    TRY(find_unread(r, second));
    if (!r->full && join(r)) {
        TRY(keep(r));
        once_each(r);
        set_aside(r, REMOVED_LIKE, REMOVED_LIKE_TO_1);
        for (size_t i = 0; i < r->request.n; i++)
            r->request.v[i].key = r->request.v[i].file;
        set_aside(r, 1, 1);
        TRY(tell_rows(r));
    }
    TRY(tell_notes(r));
    return add_gaps(r);
}
