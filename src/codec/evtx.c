#include "codec/evtx.h"

#include "codec/evtx_held.h"
#include "codec/evtx_ids.h"
#include "codec/evtx_rows.h"

#include <isa-l/crc.h>
#include <stdio.h>

enum {
    CHUNK_HEAD = 512,
    RECORD_HEAD = 24,
    RECORD_MIN = RECORD_HEAD + 4, /* with the copy of its size */
    DIRTY = 1,
    REASON_BYTES = 200,
};
#define FILE_SIGNATURE STR("ElfFile\0")
#define CHUNK_SIGNATURE STR("ElfChnk\0")
#define RECORD_SIGNATURE STR("**\0\0")

struct evtx {
    struct evtx_options options;
    struct evtx_tree tree;
    struct evtx_rows *rows;
    struct evtx_facts facts;
    struct evtx_ids ids;
    struct evtx_held held; /* where records are carved apart */
    uint64_t n_counted;    /* chunks that the header counts; UINT64_MAX: it is not believed */
    uint64_t shift;        /* of the first chunk, behind where a file's would stand */
    uint64_t offset;       /* of the chunk */
};

/* A stretch of a chunk with records in it. */
struct stretch {
    uint32_t at, end; /* where the next record begins; where they are told to end */
    bool is_told;     /* end is; else it is the chunk's */
    bool damaged;     /* a gap was told */
    uint64_t n;       /* records so far */
    /* The last two whose sizes were right, and where they end, as one number may be wrong; at first
     * what the chunk's header tells. */
    struct {
        uint64_t id;
        uint32_t end;
    } seen[2];
};

enum err evtx_new(const struct evtx_options *options, struct evtx **ret_evtx)
{
    struct evtx *e = *ret_evtx = calloc(1, sizeof *e);
    if (!e)
        return ERR_NOMEM;
    e->options = *options;
    evtx_tree_init(&e->tree);
    enum err rc = options->record ? OK : evtx_rows_new(options, &e->rows);
    if (rc)
        *ret_evtx = evtx_free(e);
    return rc;
}

struct evtx *evtx_free(struct evtx *e)
{
    if (!e)
        return NULL;
    evtx_tree_done(&e->tree);
    evtx_ids_done(&e->ids);
    evtx_held_done(&e->held);
    e->rows = evtx_rows_free(e->rows);
    free(e);
    return NULL;
}

const struct evtx_facts *evtx_facts(const struct evtx *e)
{
    return &e->facts;
}

void evtx_carve(struct evtx *e, enum evtx_carve how)
{
    e->options.carve = how;
}

static enum err gap(struct evtx *e, uint64_t offset, const char *reason, const char *detail)
{
    e->facts.gaps++;
    return e->options.sink.gap(e->options.sink.ctx, offset, str_of(reason), str_of(detail));
}

static bool all_zero(const unsigned char *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static struct str slice(const unsigned char *p, size_t n)
{
    return str_make((const char *)p, n);
}

/* ---- the file ---- */

enum err evtx_header(struct evtx *e, struct str bytes)
{
    const unsigned char *p = (const unsigned char *)bytes.p;
    e->facts = (struct evtx_facts){.first_us = TIME_NONE, .last_us = TIME_NONE};
    e->n_counted = UINT64_MAX;
    e->shift = 0;
    evtx_ids_clear(&e->ids);
    evtx_held_clear(&e->held);
    enum err rc = e->rows ? evtx_rows_begin(e->rows) : OK;
    if (rc)
        return rc;
    if (bytes.n < 128)
        return gap(e, 0, "header", "the file ends inside its header");
    if (!str_starts(bytes, FILE_SIGNATURE))
        return gap(e, 0, "header", "the file's signature is missing");
    e->facts.dirty = evtx_u32(p + 120) & DIRTY;
    if (crc32_gzip_refl(0, p, 120) != evtx_u32(p + 124))
        return gap(e, 0, "crc", "the file's header is not what was written");
    if (!e->facts.dirty) {
        uint64_t last = evtx_u64(p + 16), n = evtx_u16(p + 42);
        e->n_counted = last < UINT64_MAX && last + 1 > n ? last + 1 : n;
        e->facts.told_chunks = n;
        e->facts.next_id = evtx_u64(p + 24);
    }
    return OK;
}

void evtx_shift(struct evtx *e, uint64_t bytes)
{
    e->shift += bytes;
}

static bool is_counted(const struct evtx *e, uint64_t offset)
{
    uint64_t begin = EVTX_HEADER_BYTES + e->shift;
    return offset < begin || (offset - begin) / EVTX_CHUNK_BYTES < e->n_counted;
}

/* ---- records ---- */

static enum err note(struct evtx *e, const struct evtx_record *record)
{
    struct evtx_facts *f = &e->facts;
    uint64_t id = record->place.record_id;
    int64_t time_us = record->place.time_us;
    if (record->carved) {
        f->carved++;
        return OK;
    }
    f->first_id = f->records && f->first_id < id ? f->first_id : id;
    f->last_id = f->records && f->last_id > id ? f->last_id : id;
    f->records++;
    if (time_us != TIME_NONE) {
        bool first = f->first_us == TIME_NONE;
        f->first_us = !first && f->first_us < time_us ? f->first_us : time_us;
        f->last_us = !first && f->last_us > time_us ? f->last_us : time_us;
    }
    return evtx_ids_add(&e->ids, id);
}

static enum err hand_out(struct evtx *e, const unsigned char *p, uint32_t n,
                         const struct evtx_record *record)
{
    struct evtx_node *nodes;
    if (!e->options.record) {
        enum err rc = evtx_rows_take(e->rows, &e->tree, p, n, record);
        if (!rc && !record->carved)
            evtx_clock_note(&e->facts.clock, &record->place, evtx_rows_source(e->rows));
        return rc;
    }
    TRY(evtx_tree_fragment(&e->tree, p, n, &nodes));
    return e->options.record(e->options.sink.ctx, &e->tree, nodes, record);
}

/* ERR_FORMAT and ERR_LIMIT: it cannot be read, and tree.why tells. */
static enum err decode(struct evtx *e, uint32_t at, uint32_t size, bool carved)
{
    const unsigned char *p = e->tree.p + at;
    uint64_t id = evtx_u64(p + 8), time = evtx_u64(p + 16);
    struct evtx_record record = {{e->offset + at, id, time ? evtx_time(time) : TIME_NONE}, carved};
    evtx_tree_record(&e->tree, size);
    TRY(note(e, &record));
    enum err rc = hand_out(e, p + RECORD_HEAD, size - RECORD_MIN, &record);
    return rc || e->options.carve != EVTX_CARVE_APART ? rc : evtx_held_add(&e->held, id, time);
}

static bool is_damage(enum err rc)
{
    return rc == ERR_FORMAT || rc == ERR_LIMIT;
}

/* The same; what cannot be read is a gap. */
static enum err decode_or_tell(struct evtx *e, uint32_t at, uint32_t size, bool carved)
{
    enum err rc = decode(e, at, size, carved);
    if (!is_damage(rc))
        return rc;
    return gap(e, e->offset + at, carved ? "carved-record" : "record",
               e->tree.why ? e->tree.why : err_name(rc));
}

/* Is there a record's head, and does its size stay inside the chunk? The end that the chunk tells
 * may be wrong: in the middle of a record. */
static uint32_t record_size(const struct evtx *e, uint32_t at)
{
    const unsigned char *p = e->tree.p + at;
    uint32_t n = e->tree.n;
    if (at > n || n - at < RECORD_MIN || !str_starts(slice(p, 4), RECORD_SIGNATURE))
        return 0;
    uint32_t size = evtx_u32(p + 4);
    return size >= RECORD_MIN && size <= n - at ? size : 0;
}

static uint64_t record_id(const struct evtx *e, uint32_t at)
{
    return evtx_u64(e->tree.p + at + 8);
}

static bool sizes_agree(const struct evtx *e, uint32_t at, uint32_t size)
{
    return evtx_u32(e->tree.p + at + size - 4) == size;
}

/* Both sizes vouch for it; sound: and another record, nothing yet, or the end is where they lead
 * to. */
static bool vouched(const struct evtx *e, uint32_t at, uint32_t end, bool sound)
{
    uint32_t size = record_size(e, at), behind = at + size, left = e->tree.n - behind;
    if (!size || !sizes_agree(e, at, size))
        return false;
    return !sound || behind == end ||
           str_starts(slice(e->tree.p + behind, left), RECORD_SIGNATURE) ||
           all_zero(e->tree.p + behind, left < RECORD_MIN ? left : RECORD_MIN);
}

/* The first place from at, before `before`, where a record is vouched for; `before` if there is
 * none. */
static uint32_t search(const struct evtx *e, uint32_t at, uint32_t before, uint32_t end, bool sound)
{
    uint32_t far = e->tree.n - before < 3 ? e->tree.n : before + 3; /* a signature may end there */
    while (at < before) {
        ptrdiff_t found = str_find(slice(e->tree.p + at, far - at), RECORD_SIGNATURE);
        if (found < 0)
            break;
        at += (uint32_t)found;
        if (vouched(e, at, end, sound))
            return at;
        at++;
    }
    return before;
}

/* The next record from at; end if there is none. A damaged one can be such that its second size is
 * a number in the record behind it, which it would swallow: a sound one inside it is better. */
static uint32_t next_record(const struct evtx *e, uint32_t at, uint32_t end)
{
    at = search(e, at, end, end, false);
    if (at == end || vouched(e, at, end, true))
        return at;
    uint32_t behind = at + record_size(e, at);
    uint32_t inside = search(e, at + 1, behind, end, true);
    return inside < behind ? inside : at;
}

/* Bytes up to the next record, which may still be one whose sizes were lost. */
static enum err skip(struct evtx *e, struct stretch *s, uint32_t next)
{
    char why[REASON_BYTES];
    uint32_t at = s->at, n = next - at;
    s->at = next;
    if (s->at == s->end && !s->is_told && all_zero(e->tree.p + at, n))
        return OK;
    s->damaged = true;
    /* The next record vouches for its end, or one of its sizes does. */
    if (n >= RECORD_MIN && str_starts(slice(e->tree.p + at, n), RECORD_SIGNATURE) &&
        (s->at < s->end || evtx_u32(e->tree.p + at + 4) == n || sizes_agree(e, at, n))) {
        enum err rc = decode(e, at, n, false);
        s->n++;
        if (!rc)
            rc = gap(e, e->offset + at, "size", "its two sizes differ; read up to the next record");
        if (!is_damage(rc))
            return rc;
    }
    (void)snprintf(why, sizeof why, "%u bytes up to the next record cannot be read", n);
    return gap(e, e->offset + at, "record", why);
}

static enum err one_record(struct evtx *e, struct stretch *s)
{
    uint32_t at = s->at, next = next_record(e, at, s->end);
    if (next != at)
        return skip(e, s, next);
    uint32_t size = record_size(e, at);
    s->at += size;
    s->n++;
    s->seen[1] = s->seen[0];
    s->seen[0].id = record_id(e, at);
    s->seen[0].end = s->at;
    return decode_or_tell(e, at, size, false);
}

/* Can a record with the number there follow those that were seen, with as many as fit between them
 * damaged? Old records have smaller numbers. */
static bool follows(const struct evtx *e, const struct stretch *s, uint32_t at)
{
    uint64_t id = record_id(e, at);
    for (size_t i = 0; i < ARRAY_LEN(s->seen); i++)
        if (id > s->seen[i].id && id - s->seen[i].id - 1 <= (at - s->seen[i].end) / RECORD_MIN)
            return true;
    return false;
}

/* Is it the next one? As the last number may be wrong, the one before it may tell. */
static bool is_next(const struct evtx *e, const struct stretch *s)
{
    uint64_t id = record_id(e, s->at);
    return id == s->seen[0].id + 1 || (s->n > 1 && id == s->seen[1].id + 2);
}

/* The first record from s->at that can follow; s->end if there is none. */
static uint32_t successor(const struct evtx *e, const struct stretch *s)
{
    uint32_t at = s->at;
    while ((at = next_record(e, at, s->end)) < s->end && !follows(e, s, at))
        at += record_size(e, at);
    return at;
}

/* Behind the end that the header tells: records go on while their numbers do. If nothing vouches
 * for the end, what was damaged is passed over, and told if its number stands there or another
 * record follows. */
static enum err went_on(struct evtx *e, struct stretch *s, bool end_is_true)
{
    s->end = e->tree.n;
    while ((s->n || !end_is_true) && s->end - s->at >= RECORD_MIN) {
        bool here = vouched(e, s->at, s->end, false), good = follows(e, s, s->at);
        if (end_is_true && !(here && is_next(e, s)))
            break;
        uint32_t next = here && good ? s->at : successor(e, s);
        if (next == s->end && !good)
            break;
        if (next == s->end)
            next = next_record(e, s->at, s->end);
        TRY(here ? one_record(e, s) : skip(e, s, next));
    }
    return OK;
}

/* ---- carving ---- */

/* Of records that are carved apart, one that was handed out before is passed over. Those that could
 * not be read were not: a copy of theirs is welcome. */
static bool known(const struct evtx *e, uint32_t at)
{
    const unsigned char *p = e->tree.p + at;
    return e->options.carve == EVTX_CARVE_APART &&
           evtx_held_has(&e->held, evtx_u64(p + 8), evtx_u64(p + 16));
}

static enum err carve_here(struct evtx *e, uint32_t at)
{
    uint32_t n = e->tree.n;
    while ((at = next_record(e, at, n)) < n) {
        uint32_t size = record_size(e, at);
        enum err rc = known(e, at) ? OK : decode_or_tell(e, at, size, true);
        if (rc)
            return rc;
        at += size;
    }
    return OK;
}

static enum err carve_held(struct evtx *e)
{
    enum err rc = OK;
    for (size_t i = 0; !rc && i < e->held.chunk.n; i++) {
        const struct evtx_held_chunk *c = &e->held.chunk.v[i];
        e->offset = c->offset;
        evtx_tree_chunk(&e->tree, c->p, c->n);
        rc = carve_here(e, c->at);
    }
    evtx_held_drop(&e->held);
    return rc;
}

/* What is behind `at` in the chunk, now or once the log is read. Where more chunks wait than are
 * held, those are carved at once: then a record may be alive further on. */
static enum err carve(struct evtx *e, uint32_t at)
{
    const unsigned char *p = e->tree.p;
    uint32_t n = e->tree.n;
    if (e->options.carve != EVTX_CARVE_APART)
        return carve_here(e, at);
    if (next_record(e, at, n) == n)
        return OK;
    enum err rc = evtx_held_keep(&e->held, p, n, at, e->offset);
    if (rc != ERR_LIMIT)
        return rc;
    e->held.full = true;
    uint64_t offset = e->offset;
    rc = carve_held(e);
    return rc ? rc : evtx_held_keep(&e->held, p, n, at, offset);
}

enum err evtx_slack(struct evtx *e, struct str bytes, uint64_t offset)
{
    if (bytes.n > EVTX_CHUNK_BYTES)
        return ERR_BUG;
    if (!e->options.carve)
        return OK;
    e->offset = offset;
    evtx_tree_chunk(&e->tree, (const unsigned char *)bytes.p, (uint32_t)bytes.n);
    return carve(e, 0);
}

enum err evtx_end(struct evtx *e)
{
    evtx_ids_count(&e->ids, &e->facts.missing_ids, &e->facts.twice_ids);
    enum err rc = carve_held(e);
    if (!rc && e->held.full)
        rc =
            gap(e, 0, "limit",
                "the log is too large to hold all records at hand while carving: one that is alive "
                "may be found once more");
    evtx_held_clear(&e->held);
    return !rc && e->rows ? evtx_rows_end(e->rows) : rc;
}

/* ---- chunks ---- */

/* Are the sums of the chunk right? One of them vouches for the end. */
static enum err check_sums(struct evtx *e, uint32_t end, bool *ret_either)
{
    const unsigned char *p = e->tree.p;
    uint32_t head = crc32_gzip_refl(crc32_gzip_refl(0, p, 120), p + 128, CHUNK_HEAD - 128);
    uint32_t records = crc32_gzip_refl(0, p + CHUNK_HEAD, end - CHUNK_HEAD);
    enum err rc = OK;
    *ret_either = head == evtx_u32(p + 124) || (end > CHUNK_HEAD && records == evtx_u32(p + 52));
    if (head != evtx_u32(p + 124))
        rc = gap(e, e->offset, "crc", "the chunk's header is not what was written");
    if (!rc && records != evtx_u32(p + 52))
        rc = gap(e, e->offset + CHUNK_HEAD, "crc", "the chunk's records are not what was written");
    return rc;
}

/* Are as many records there as the header counts, and none behind an end that nothing vouches for?
 * Behind a true one there may be old ones. */
static enum err check_numbers(struct evtx *e, const struct stretch *s, bool end_is_true)
{
    char why[REASON_BYTES];
    uint64_t first = evtx_u64(e->tree.p + 24), last = evtx_u64(e->tree.p + 32);
    if (!end_is_true && !e->options.carve && next_record(e, s->at, e->tree.n) < e->tree.n)
        TRY(gap(e, e->offset + s->at, "chunk",
                "records behind the end that its damaged header tells; carving reads them"));
    if (s->damaged || last < first || last == UINT64_MAX || last - first < s->n)
        return OK;
    (void)snprintf(why, sizeof why, "its header counts %llu records, %llu are there",
                   (unsigned long long)(last - first) + 1, (unsigned long long)s->n);
    return gap(e, e->offset, "chunk", why);
}

static enum err live(struct evtx *e)
{
    uint32_t free_at = evtx_u32(e->tree.p + 48);
    bool is_told = free_at >= CHUNK_HEAD && free_at <= e->tree.n, is_true = false;
    struct stretch s = {.at = CHUNK_HEAD, .end = is_told ? free_at : e->tree.n, .is_told = is_told};
    s.seen[0].id = s.seen[1].id = evtx_u64(e->tree.p + 24) - 1;
    s.seen[0].end = s.seen[1].end = CHUNK_HEAD;
    e->facts.chunks++;
    enum err rc =
        is_told ? check_sums(e, free_at, &is_true)
                : gap(e, e->offset, "chunk", "its header tells an end that is outside the chunk");
    while (!rc && s.at < s.end)
        rc = one_record(e, &s);
    if (!rc)
        rc = went_on(e, &s, is_true);
    if (!rc)
        rc = check_numbers(e, &s, is_true);
    return rc || !e->options.carve ? rc : carve(e, s.at);
}

/* A chunk that is not wholly there, or not one at all. */
static enum err unusual(struct evtx *e, struct str bytes, uint64_t offset, bool *ret_done)
{
    bool is_chunk = bytes.n >= CHUNK_HEAD && str_starts(bytes, CHUNK_SIGNATURE);
    *ret_done = !is_chunk;
    if (is_chunk && bytes.n == EVTX_CHUNK_BYTES)
        return OK;
    e->facts.unsigned_chunks += !is_chunk;
    enum err rc =
        gap(e, offset, "chunk",
            bytes.n < EVTX_CHUNK_BYTES ? "the file ends inside it" : "its signature is missing");
    return rc || is_chunk || !e->options.carve ? rc : carve(e, 0);
}

enum err evtx_chunk(struct evtx *e, struct str bytes, uint64_t offset)
{
    bool done;
    if (bytes.n > EVTX_CHUNK_BYTES)
        return ERR_BUG;
    if (all_zero((const unsigned char *)bytes.p, bytes.n)) {
        e->facts.unused++;
        return OK;
    }
    e->offset = offset;
    evtx_tree_chunk(&e->tree, (const unsigned char *)bytes.p, (uint32_t)bytes.n);
    enum err rc = unusual(e, bytes, offset, &done);
    if (rc || done)
        return rc;
    if (is_counted(e, offset))
        return live(e);
    e->facts.uncounted++;
    if (e->options.carve != EVTX_CARVE_IN_PLACE)
        rc =
            gap(e, offset, "uncounted",
                e->options.carve ? "the file's header does not count this chunk; it was carved"
                                 : "the file's header does not count this chunk; carving reads it");
    return !rc && e->options.carve ? carve(e, CHUNK_HEAD) : rc;
}

/* ---- from a stream ---- */

static enum err fill(struct stream *s, char *p, size_t n, size_t *ret_n, struct error *error)
{
    *ret_n = 0;
    while (*ret_n < n) {
        size_t got;
        TRY(stream_read(s, p + *ret_n, n - *ret_n, &got, error));
        if (!got)
            break;
        *ret_n += got;
    }
    return OK;
}

/* What follows the header, in chunks. */
static enum err read_chunks(struct evtx *e, struct stream *stream, char *p, bool *is_log,
                            uint64_t *at, struct error *error)
{
    for (;;) {
        size_t n;
        enum err rc = fill(stream, p, EVTX_CHUNK_BYTES, &n, error), chunk = OK;
        *is_log |= str_starts(str_make(p, n), CHUNK_SIGNATURE);
        if (!*is_log)
            return fail(error, ERR_FORMAT, "this is no Windows event log");
        if (n && rc != ERR_NOMEM)
            chunk = evtx_chunk(e, str_make(p, n), *at);
        *at += n;
        if (chunk || rc || n < EVTX_CHUNK_BYTES)
            return chunk ? chunk : rc;
    }
}

enum err evtx_read(struct evtx *e, struct stream *stream, uint64_t *ret_bytes, struct error *error)
{
    size_t n = 0;
    char *p = malloc(EVTX_CHUNK_BYTES);
    enum err rc = p ? fill(stream, p, EVTX_HEADER_BYTES, &n, error) : ERR_NOMEM;
    bool is_log = str_starts(str_make(p, n), FILE_SIGNATURE);
    uint64_t at = n;
    if (!rc && (is_log || n == EVTX_HEADER_BYTES))
        rc = evtx_header(e, str_make(p, n));
    else if (!rc)
        rc = fail(error, ERR_FORMAT, "this is no Windows event log");
    if (!rc && n == EVTX_HEADER_BYTES)
        rc = read_chunks(e, stream, p, &is_log, &at, error);
    if (!rc && is_log)
        rc = evtx_end(e);
    if (!rc && is_log)
        rc = evtx_facts_tell(&e->facts, &e->options.sink);
    if (ret_bytes)
        *ret_bytes = at;
    free(p);
    return rc;
}
