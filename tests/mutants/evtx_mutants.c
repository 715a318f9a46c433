/* evtx_mutants N [FIRST] <LIST: damages event logs N times, each time in one record, name,
 * template, or in the head of a chunk, and looks at what is read then:
 *
 *   a record that uses nothing of what was damaged comes out as it was, byte for byte;
 *   one that does, and the damaged one, come out or are a gap at their own place;
 *   nothing else is told to be damaged, and no record stands where none was.
 *
 * LIST names files, one a line; without any, logs are made. The mutants are the same each time;
 * FIRST is the number of the first one. Exits with 1 if one of them did not pass. */
#include "gen/evtx_make.h"
#include "gen/evtx_told.h"
#include "os/io.h"

#include <inttypes.h>
#include <stdio.h>

enum { BATCH = 20, CHUNK = EVTX_CHUNK_BYTES, HEADER = EVTX_HEADER_BYTES, TABLES = 128, HEAD = 512 };

/* What is damaged, and how often of a hundred. */
enum area { RECORD, STRING, TEMPLATE, TABLE, CHUNK_HEAD, N_AREAS };
static const struct {
    const char *name;
    unsigned percent;
} areas[N_AREAS] = {{"records", 60},
                    {"names", 10},
                    {"templates", 15},
                    {"tables of chunks", 5},
                    {"heads of chunks", 10}};

/* A file of one chunk, and what is read of it as it is. */
struct log {
    struct str name;
    uint32_t chunk; /* number in the file */
    unsigned char file[HEADER + CHUNK];
    struct evtx_told told;
    struct evtx_tree all, one; /* all records read, and one at a time */
};

struct damage {
    enum area area;
    uint32_t behind;   /* the end of the record before: a gap there may go on into this one */
    uint32_t from, to; /* of the record, or the chunk's head; offsets in the chunk */
    uint32_t at, end;  /* bytes that may be changed */
};

struct totals {
    uint64_t run[N_AREAS], passed[N_AREAS], gone, changed, batches;
};

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static uint32_t below(uint64_t *seed, uint64_t n)
{
    return (uint32_t)(n ? next_random(seed) % n : 0);
}

/* The numbers of a seed are spread by the first few steps only. */
static uint64_t seed_of(uint64_t number)
{
    uint64_t seed = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    for (int i = 0; i < 4; i++)
        (void)next_random(&seed);
    return seed;
}

/* ---- logs ---- */

static void make_log(struct log *log, uint64_t *seed)
{
    static const struct make_value data[] = {
        {1, "a\0b\0c", 6}, {8, "\1\2\3", 4}, {0x0e, "xyz", 3}, {0x81, "a\0\0\0b\0\0", 8}};
    static struct make m;
    struct buf b;
    uint32_t stale = 0; /* an end that was right when the log was still open */
    make_chunk(&m, 1 + below(seed, 1000));
    for (uint32_t n = 5 + below(seed, 40); n; n--) {
        make_event(&m, 4624 + below(seed, 3), data, below(seed, 5));
        stale = below(seed, n) == 0 && n > 1 ? m.at : stale;
    }
    make_chunk_end(&m);
    if (below(seed, 3) == 0 && stale)
        memcpy(m.p + 48, &stale, sizeof stale);
    buf_init(&b, HEADER);
    make_file_header(&b, 1, below(seed, 2));
    memcpy(log->file, b.p, HEADER);
    memcpy(log->file + HEADER, m.p, CHUNK);
    buf_done(&b);
    log->name = STR("made");
    log->chunk = 0;
}

/* One chunk of a file, by itself; false if it cannot be had. */
static bool take_log(struct log *log, struct str path, uint64_t *seed)
{
    struct arena arena;
    struct error error;
    struct str file;
    arena_init(&arena, (size_t)1 << 30);
    bool good = io_read_file(&arena, path, (size_t)1 << 29, &file, &error) == OK &&
                file.n >= sizeof log->file;
    if (good) {
        log->name = path;
        log->chunk = below(seed, (file.n - HEADER) / CHUNK);
        memcpy(log->file, file.p, HEADER);
        memcpy(log->file + HEADER, file.p + HEADER + (size_t)log->chunk * CHUNK, CHUNK);
    }
    arena_done(&arena);
    return good;
}

static struct str bytes_of(const unsigned char *file)
{
    return str_make((const char *)file, HEADER + CHUNK);
}

/* What a walk would read: templates, and Binary XML inside of values. */
static void read_inside(struct evtx_tree *tree, const struct evtx_node *node)
{
    struct evtx_node *inner;
    for (; node; node = node->next) {
        if (node->kind == EVTX_ELEMENT) {
            read_inside(tree, node->attribute);
            read_inside(tree, node->content);
        }
        if (node->kind != EVTX_INSTANCE)
            continue;
        read_inside(tree, node->of->root);
        for (uint32_t i = 0; i < node->n_values; i++)
            if (node->values[i].type == EVTX_BINXML &&
                evtx_tree_fragment(tree, node->values[i].p, node->values[i].n, &inner) == OK)
                read_inside(tree, inner);
    }
}

static uint32_t size_at(const struct log *log, uint32_t at)
{
    const unsigned char *chunk = log->file + HEADER;
    uint32_t size = at <= CHUNK - 28 ? evtx_u32(chunk + at + 4) : 0;
    return size >= 28 && size <= CHUNK - at && evtx_u32(chunk + at + size - 4) == size ? size : 0;
}

static uint32_t place(const struct told_record *r)
{
    return (uint32_t)(r->offset - HEADER);
}

/* Record k of the log, or what was read of it although its sizes are wrong: up to the next one. */
static void read_record(struct evtx_tree *tree, const struct log *log, size_t k)
{
    const struct told_record *r = &log->told.records.v[k];
    bool is_last = k + 1 == log->told.records.n;
    uint32_t at = place(r), size = size_at(log, at);
    struct evtx_node *nodes;
    size = size ? size : (is_last ? CHUNK : place(r + 1)) - at;
    evtx_tree_record(tree, CHUNK); /* with the budget of a large one: for its names */
    if (evtx_tree_fragment(tree, log->file + HEADER + at + 24, size - 28, &nodes) == OK)
        read_inside(tree, nodes);
}

static void read_log(struct log *log)
{
    evtx_told_read(&log->told, bytes_of(log->file), false, false);
    evtx_tree_chunk(&log->all, log->file + HEADER, CHUNK);
    for (size_t i = 0; i < log->told.records.n; i++)
        read_record(&log->all, log, i);
}

/* ---- damage ---- */

static uint32_t name_end(const struct evtx_tree *tree, uint32_t at)
{
    return at + 10 + 2 * (uint32_t)evtx_u16(tree->p + at + 6);
}

/* A whole record; false if its sizes are wrong already. */
static bool aim_at_record(const struct log *log, size_t k, struct damage *d)
{
    const struct told_record *r = &log->told.records.v[k];
    d->from = d->at = place(r);
    d->to = d->end = d->from + size_at(log, d->from);
    d->behind =
        k && size_at(log, place(r - 1)) ? place(r - 1) + size_at(log, place(r - 1)) : d->from;
    return d->to > d->from;
}

/* Something in a record. */
static bool aim_inside(const struct log *log, uint32_t at, uint32_t end, struct damage *d)
{
    for (size_t k = 0; k < log->told.records.n; k++)
        if (aim_at_record(log, k, d) && at >= d->from && end <= d->to) {
            d->at = at;
            d->end = end;
            return true;
        }
    return false;
}

static bool aim(const struct log *log, uint64_t *seed, struct damage *d)
{
    const struct evtx_tree *all = &log->all;
    uint32_t percent = below(seed, 100), at;
    *d = (struct damage){RECORD, 0, 0, HEAD, 0, TABLES};
    while (percent >= areas[d->area].percent)
        percent -= areas[d->area++].percent;
    switch (d->area) {
    case STRING:
        at = all->name_used.n ? all->name_used.v[below(seed, all->name_used.n)] : 0;
        return at && aim_inside(log, at, name_end(all, at), d);
    case TEMPLATE:
        if (!all->templates.n)
            return false;
        at = below(seed, all->templates.n);
        return aim_inside(log, all->templates.v[at]->offset, all->templates.v[at]->end, d);
    case TABLE:
        d->at = TABLES;
        d->end = HEAD;
        return true;
    case CHUNK_HEAD: return true;
    default: return aim_at_record(log, below(seed, log->told.records.n), d);
    }
}

/* Numbers that sizes, counts and offsets go wrong with. */
static uint32_t odd_number(const struct damage *d, uint64_t *seed)
{
    const uint32_t odd[] = {0,          1,         27,         28,
                            0x7fff,     0x8000,    0xffff,     0x10000,
                            0x7fffffff, 1u << 31,  UINT32_MAX, 0xfffffff0,
                            d->from,    d->to,     d->at,      d->to - d->from,
                            CHUNK - 1,  CHUNK - 4, HEAD,       d->to - d->from - 8};
    return odd[below(seed, ARRAY_LEN(odd))] + below(seed, 3) - 1;
}

static void edit(unsigned char *chunk, const struct damage *d, uint64_t *seed)
{
    uint32_t n = d->end - d->at, near = n < 48 ? n : 48;
    uint32_t at = d->at + below(seed, next_random(seed) & 1 ? near : n), left = d->end - at;
    uint32_t some = 1 + below(seed, left), number = odd_number(d, seed);
    unsigned char copy[CHUNK];
    switch (below(seed, 7)) {
    case 0: chunk[at] = (unsigned char)next_random(seed); break;
    case 1: chunk[at] ^= (unsigned char)(1u << below(seed, 8)); break;
    case 2:
        for (uint32_t i = 0; i < 4 && i < left; i++)
            chunk[at + i] = (unsigned char)(number >> (8 * i));
        break;
    case 3: memset(chunk + at, next_random(seed) & 1 ? 0 : 0xff, some); break;
    case 4: memset(chunk + at, 0, left); break;
    case 5: /* bytes of another place */
        memcpy(copy, chunk, sizeof copy);
        memcpy(chunk + at, copy + below(seed, CHUNK - some + 1), some);
        break;
    default: /* the beginning of the record once more */
        memcpy(copy, chunk + d->from, d->to - d->from);
        memcpy(chunk + at, copy, left < d->to - d->from ? left : d->to - d->from);
    }
}

/* ---- what came of it ---- */

static bool within(uint64_t offset, const struct damage *d)
{
    return offset >= HEADER + d->from && offset < HEADER + d->to;
}

static bool has_gap(const struct evtx_told *t, const struct told_record *gap)
{
    for (size_t i = 0; i < t->gaps.n; i++)
        if (t->gaps.v[i].offset == gap->offset && str_eq(t->gaps.v[i].text, gap->text))
            return true;
    return false;
}

/* Does a record of the log use a name or a template of the damaged one? */
static bool uses(struct log *log, const struct told_record *r, const struct damage *d)
{
    struct evtx_tree *one = &log->one;
    bool found = false;
    if (d->area >= TABLE)
        return false;
    evtx_tree_chunk(one, log->file + HEADER, CHUNK);
    read_record(one, log, (size_t)(r - log->told.records.v));
    for (size_t i = 0; i < one->name_used.n; i++)
        found |= one->name_used.v[i] < d->to && name_end(one, one->name_used.v[i]) > d->from;
    for (size_t i = 0; i < one->templates.n; i++)
        found |= one->templates.v[i]->offset < d->to && one->templates.v[i]->end > d->from;
    return found;
}

/* NULL: all is well with this record of the log, given what is read now. */
static const char *judge_record(struct log *log, const struct told_record *r,
                                const struct evtx_told *after, const struct damage *d,
                                struct totals *totals)
{
    const struct told_record *now = evtx_told_at(after, r->offset);
    bool is_it = within(r->offset, d),
         its_gap = evtx_told_gap(after, r->offset, r->offset + 1, false);
    if (now && str_eq(now->text, r->text))
        return NULL;
    /* Behind an old end only its number and the one behind it say that there was a record. */
    if (is_it && d->from >= evtx_u32(log->file + HEADER + 48))
        return evtx_told_gap(after, HEADER, HEADER + d->to, true) ? NULL : "nothing is told";
    if (is_it)
        return now || evtx_told_gap(after, HEADER + d->behind, HEADER + d->to, false)
                   ? NULL
                   : "the damaged record is gone without a word";
    if (d->area == CHUNK_HEAD && !now) {
        totals->gone++;
        return evtx_told_gap(after, HEADER, r->offset + 1, false)
                   ? NULL
                   : "records are gone without a word";
    }
    if (!uses(log, r, d))
        return now ? "another record came out changed" : "another record is gone";
    totals->gone += !now;
    totals->changed += now != NULL;
    if (!now && !its_gap)
        return "a record that used a damaged name or template is gone without a word";
    return evtx_told_gap(after, HEADER, HEADER + HEAD + 1, true)
               ? NULL
               : "a damaged name or template was used without a word";
}

static uint32_t last_end(const struct log *log)
{
    uint32_t at = place(&log->told.records.v[log->told.records.n - 1]);
    return at + size_at(log, at);
}

/* The same of a gap that was not there before. */
static const char *judge_gap(struct log *log, const struct told_record *gap, const struct damage *d)
{
    /* Old records, where the head does not say any more that they are. */
    if (d->area >= TABLE && gap->offset >= HEADER + last_end(log))
        return NULL;
    if (within(gap->offset, d) || gap->offset == HEADER + d->behind || gap->offset == HEADER ||
        gap->offset == HEADER + HEAD)
        return NULL;
    const struct told_record *r = evtx_told_at(&log->told, gap->offset);
    return r && uses(log, r, d) ? NULL : "a gap where nothing was damaged";
}

static const char *judge(struct log *log, const struct evtx_told *after, const struct damage *d,
                         struct totals *totals, uint64_t *ret_at)
{
    const char *why = NULL;
    for (size_t i = 0; i < log->told.records.n && !why; i++) {
        *ret_at = log->told.records.v[i].offset;
        why = judge_record(log, &log->told.records.v[i], after, d, totals);
    }
    for (size_t i = 0; i < after->gaps.n && !why; i++) {
        *ret_at = after->gaps.v[i].offset;
        if (!has_gap(&log->told, &after->gaps.v[i]))
            why = judge_gap(log, &after->gaps.v[i], d);
    }
    for (size_t i = 0; i < after->records.n && !why; i++) {
        *ret_at = after->records.v[i].offset;
        if (d->area != CHUNK_HEAD && !within(*ret_at, d) && !evtx_told_at(&log->told, *ret_at))
            why = "a record where none was";
    }
    return why;
}

static void mutate(struct log *log, uint64_t number, struct totals *totals)
{
    static unsigned char changed[HEADER + CHUNK];
    uint64_t seed = seed_of(number), at;
    struct damage d;
    struct evtx_told after;
    while (!aim(log, &seed, &d))
        ;
    memcpy(changed, log->file, sizeof changed);
    for (uint32_t edits = 1 + below(&seed, 3); edits; edits--)
        edit(changed + HEADER, &d, &seed);
    evtx_told_read(&after, bytes_of(changed), false, next_random(&seed) % 4 == 0);
    const char *why = judge(log, &after, &d, totals, &at);
    totals->run[d.area]++;
    totals->passed[d.area] += !why;
    if (why)
        printf("mutant %" PRIu64 ", %.*s, chunk %u: %s damaged at %u to %u: %s: %" PRIu64 "\n",
               number, STR_FMT(log->name), log->chunk, areas[d.area].name, HEADER + d.at,
               HEADER + d.end, why, at);
    evtx_told_done(&after);
}

/* ---- all of them ---- */

/* Mutants of a batch are made of one chunk. */
static void batch(struct log *log, struct str list, size_t n_files, uint64_t number,
                  struct totals *totals, uint64_t first, uint64_t end)
{
    uint64_t seed = seed_of(~number);
    do {
        if (log->told.arena.max_bytes)
            evtx_told_done(&log->told);
        struct str rest = list, path = STR("");
        for (size_t k = n_files ? below(&seed, n_files) + 1 : 0; k; k--)
            (void)str_cut(&rest, '\n', &path);
        if (!n_files)
            make_log(log, &seed);
        else if (!take_log(log, path, &seed))
            memset(log->file, 0, sizeof log->file);
        read_log(log);
    } while (log->told.records.n == 0 || !size_at(log, place(&log->told.records.v[0])));
    for (uint64_t i = number * BATCH; i < (number + 1) * BATCH; i++)
        if (i >= first && i < end)
            mutate(log, i, totals);
    totals->batches++;
}

static struct str read_list(struct buf *b)
{
    size_t got;
    char *p;
    buf_init(b, 64 << 20);
    while ((p = buf_reserve(b, 1 << 16)) && (got = fread(p, 1, 1 << 16, stdin)))
        b->n += got;
    return buf_view(b);
}

int main(int argc, char **argv)
{
    static struct log log;
    struct totals totals = {0};
    struct buf b;
    uint64_t n, first = 0, run = 0, passed = 0;
    if (argc < 2 || !str_u64(str_of(argv[1]), &n) ||
        (argc > 2 && !str_u64(str_of(argv[2]), &first))) {
        fprintf(stderr, "usage: evtx_mutants N [FIRST] <LIST\n");
        return 64;
    }
    struct str list = read_list(&b);
    size_t n_files = str_count(list, '\n');
    evtx_tree_init(&log.all);
    evtx_tree_init(&log.one);
    for (uint64_t k = first / BATCH; k * BATCH < first + n; k++)
        batch(&log, list, n_files, k, &totals, first, first + n);
    for (size_t i = 0; i < N_AREAS; i++) {
        run += totals.run[i];
        passed += totals.passed[i];
        printf("%s: %" PRIu64 " of %" PRIu64 "\n", areas[i].name, totals.passed[i], totals.run[i]);
    }
    printf("%" PRIu64 " records gone with what they used, each told; %" PRIu64
           " changed with it, told by the sum\n",
           totals.gone, totals.changed);
    printf("%" PRIu64 " mutants of %" PRIu64 " chunks from %zu files, %" PRIu64 " passed\n", run,
           totals.batches, n_files, passed);
    evtx_told_done(&log.told);
    evtx_tree_done(&log.all);
    evtx_tree_done(&log.one);
    buf_done(&b);
    return passed != run;
}
