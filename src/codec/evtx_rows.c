#include "codec/evtx_rows.h"

#include "base/hash.h"
#include "base/wr.h"
#include "codec/evtx_program.h"

enum { MAX_VALUES = 512, ROWS_MAX = 4096, KEY_MAX = 16 * 1024 };

struct evtx_rows {
    struct evtx_options options;
    struct evtx_known known;
    struct evtx_flat flat;
    struct buf key;
    size_t open_bytes;                      /* of all kinds */
    struct evtx_source source;              /* of the last record, */
    const struct evtx_kind_of *source_kind; /* and its kind; NULL: forgotten */
    unsigned char short_key[KEY_MAX];
    struct evtx_value values[2][MAX_VALUES];
};

enum err evtx_rows_new(const struct evtx_options *options, struct evtx_rows **ret_rows)
{
    struct evtx_rows *r = *ret_rows = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    r->options = *options;
    evtx_known_init(&r->known);
    buf_init(&r->key, 16 * 1024 * 1024);
    return OK;
}

struct evtx_rows *evtx_rows_free(struct evtx_rows *r)
{
    if (!r)
        return NULL;
    evtx_known_done(&r->known);
    evtx_flat_done(&r->flat);
    buf_done(&r->key);
    free(r);
    return NULL;
}

/* ---- handing out ---- */

static enum err hand_out(struct evtx_rows *r, struct evtx_kind_of *kind)
{
    enum err rc = OK;
    if (kind->rows.place.n && r->options.sink.rows)
        rc = r->options.sink.rows(r->options.sink.ctx, &kind->rows);
    buf_reset(&kind->rows.text);
    kind->rows.end.n = kind->rows.place.n = 0;
    return rc;
}

enum err evtx_rows_end(struct evtx_rows *r)
{
    enum err rc = OK;
    for (size_t i = 0; i < r->known.kinds.n && !rc; i++) {
        struct evtx_kind_of *kind = r->known.kinds.v[i];
        if (!kind->open_bytes)
            continue;
        rc = hand_out(r, kind);
        buf_done(&kind->rows.text);
        vec_done(&kind->rows.end);
        vec_done(&kind->rows.place);
        r->open_bytes -= kind->open_bytes;
        kind->open_bytes = 0;
    }
    return rc;
}

/* Hands out what is open, and begins anew. */
static enum err forget(struct evtx_rows *r)
{
    enum err rc = evtx_rows_end(r);
    if (rc)
        return rc;
    if (r->options.sink.forget)
        r->options.sink.forget(r->options.sink.ctx);
    evtx_known_done(&r->known);
    evtx_known_init(&r->known);
    r->source_kind = NULL;
    return OK;
}

enum err evtx_rows_begin(struct evtx_rows *r)
{
    return evtx_known_full(&r->known, true) ? forget(r) : OK;
}

/* Between two records of a chunk, whose templates know their programs. */
static enum err forget_within(struct evtx_rows *r, struct evtx_tree *tree)
{
    enum err rc = forget(r);
    for (size_t i = 0; i < tree->templates.n; i++)
        tree->templates.v[i]->program[0] = tree->templates.v[i]->program[1] = NULL;
    return rc;
}

/* That the row names which was added last. */
static struct str host_of(const struct evtx_kind_of *kind)
{
    if (kind->host_cell == EVTX_NO_CELL)
        return kind->host;
    return row_cell(&kind->rows, rows_n(&kind->rows) - 1, kind->host_cell);
}

/* Most records are of the kind and computer of the one before. */
static void note_source(struct evtx_rows *r, const struct evtx_kind_of *kind)
{
    struct evtx_source *s = &r->source;
    struct str host = host_of(kind);
    bool known = host.n && host.n == s->n && memcmp(host.p, s->host, s->n) == 0;
    if (known && kind == r->source_kind)
        return;
    s->hash = hash64(host, hash64(kind->shape->channel, 1));
    s->n = host.n < sizeof s->host ? host.n : 0;
    if (s->n)
        memcpy(s->host, host.p, s->n);
    r->source_kind = kind;
}

const struct evtx_source *evtx_rows_source(const struct evtx_rows *r)
{
    return &r->source;
}

/* A row was added: hands out what is enough, or all of it where it is too much together. */
static enum err pace(struct evtx_rows *r, struct evtx_kind_of *kind)
{
    const struct rows *rows = &kind->rows;
    note_source(r, kind);
    size_t bytes = rows->text.cap + rows->end.cap * sizeof *rows->end.v +
                   rows->place.cap * sizeof *rows->place.v;
    r->open_bytes += bytes - kind->open_bytes;
    kind->open_bytes = bytes;
    if (rows->text.n >= ROWS_BYTES || rows->place.n >= ROWS_MAX) {
        enum err rc = hand_out(r, kind);
        if (rc)
            return rc;
    }
    return r->open_bytes > EVTX_OPEN_BYTES ? evtx_rows_end(r) : OK;
}

/* ---- one row ---- */

/* A row that is being written. Room was made for all of it. */
struct row {
    struct rows *rows;
    char *base, *to;
    uint32_t *end;
};

static enum err row_begin_at(struct evtx_kind_of *kind, size_t bound, struct row *ret_row)
{
    struct rows *rows = &kind->rows;
    size_t n = kind->shape->n_cells;
    char *to = buf_reserve(&rows->text, bound + n + 1);
    if (!to)
        return rows->text.rc;
    while (rows->end.cap - rows->end.n <= n)
        TRY(vec_grow((void **)&rows->end.v, rows->end.cap, &rows->end.cap, sizeof *rows->end.v,
                     SIZE_MAX / 8));
    *ret_row = (struct row){rows, rows->text.p, to, rows->end.v + rows->end.n};
    return OK;
}

/* what: 0, ROWS_ABSENT or ROWS_LIST */
static inline void cell_end(struct row *row, uint32_t what)
{
    *row->end++ = (uint32_t)(row->to - row->base) | what;
    *row->to++ = '\n';
}

static enum err row_end(struct row *row, const struct row_place *place)
{
    struct rows *rows = row->rows;
    TRY(vec_push(&rows->place, *place, SIZE_MAX / sizeof *place));
    rows->text.n = (size_t)(row->to - row->base);
    rows->end.n = (size_t)(row->end - rows->end.v);
    return OK;
}

/* When the event happened by its own word; the record's time, which is when it was written, if it
 * does not tell. Exported logs tell it as text. */
static struct row_place place_of(const struct evtx_record *record, const struct evtx_value *time,
                                 const unsigned char *limit)
{
    struct row_place place = record->place;
    char text[128] UNCLEARED;
    int64_t time_us;
    if (!time || time->n > 64)
        return place;
    if (time->type == EVTX_FILETIME && time->n == 8) {
        place.time_us = evtx_time(evtx_u64(time->p));
    } else if (time->type == EVTX_STRING) {
        char *end = evtx_value_put(text, *time, limit);
        if (time_parse(str_make(text, (size_t)(end - text)), &time_us))
            place.time_us = time_us;
    }
    return place;
}

/* ---- the long way: over a tree ---- */

static const struct evtx_value *time_of_flat(const struct evtx_flat *f)
{
    for (size_t i = 0; i < f->entries.n; i++)
        if (str_eq(f->entries.v[i].name, STR("SystemTime")))
            return &f->parts.v[f->entries.v[i].first].value;
    return NULL;
}

/* Names, and texts that all events of the kind have; 1 in front: no key of the short way. */
static enum err flat_key(struct evtx_rows *r, const struct evtx_values *values, bool carved)
{
    struct evtx_flat *f = &r->flat;
    buf_reset(&r->key);
    wr_u8(&r->key, (uint8_t)(1 | carved << 1));
    for (size_t i = 0; i < f->entries.n; i++) {
        const struct evtx_entry *entry = &f->entries.v[i];
        wr_str(&r->key, entry->name);
        wr_u8(&r->key, entry->keyed);
        if (!entry->keyed)
            continue;
        size_t bound = evtx_parts_bound(f->parts.v, entry->first, values);
        char *from = buf_reserve(&r->key, bound), *to = from;
        if (!from)
            break;
        (void)evtx_parts_put(&to, f->parts.v, entry->first, values);
        r->key.n += (size_t)(to - from);
        wr_u32(&r->key, (uint32_t)(to - from));
    }
    return r->key.rc;
}

static enum err row_of_flat(struct evtx_rows *r, struct evtx_kind_of *kind,
                            const struct evtx_values *values, const struct evtx_record *record)
{
    const struct evtx_flat *f = &r->flat;
    struct row row;
    size_t bound = 0;
    for (size_t i = 0; i < f->entries.n; i++)
        if (!evtx_entry_fixed(f, &f->entries.v[i]))
            bound += evtx_parts_bound(f->parts.v, f->entries.v[i].first, values);
    TRY(row_begin_at(kind, bound, &row));
    for (size_t i = 0; i < f->entries.n; i++)
        if (!evtx_entry_fixed(f, &f->entries.v[i]))
            cell_end(&row, evtx_parts_put(&row.to, f->parts.v, f->entries.v[i].first, values));
    struct row_place place = place_of(record, time_of_flat(f), values->limit);
    return row_end(&row, &place);
}

static enum err long_way(struct evtx_rows *r, struct evtx_tree *tree, const unsigned char *p,
                         size_t n, const struct evtx_record *record)
{
    struct evtx_node *nodes;
    struct evtx_kind_of *kind;
    struct evtx_values values = {.limit = tree->p + tree->n};
    TRY(evtx_tree_fragment(tree, p, n, &nodes));
    r->flat.tree = tree;
    r->flat.arena = &tree->record;
    r->flat.symbolic = false;
    TRY(evtx_flat(&r->flat, nodes, (struct evtx_bind){0}, EVTX_ROOT));
    TRY(evtx_flat_merge(&r->flat, LIMIT_FIELDS - 1));
    TRY(flat_key(r, &values, record->carved));
    TRY(evtx_kind_flat(&r->known, tree, buf_view(&r->key), &r->flat, &values, record->carved,
                       &kind));
    TRY(row_of_flat(r, kind, &values, record));
    return pace(r, kind);
}

/* ---- the short way: values into cells ---- */

/* An instance of a template that was compiled. */
struct head {
    const struct evtx_program *program;
    const unsigned char *p, *end; /* what follows it */
    uint32_t n_values, n_nested;  /* of those, Binary XML */
    uint32_t nested;              /* the last one of them */
};

static bool read_values(struct head *h, struct evtx_value *values)
{
    if (h->end - h->p < 4)
        return false;
    uint32_t n = evtx_u32(h->p);
    const unsigned char *descriptor = h->p + 4;
    if (n > MAX_VALUES || (size_t)n * 4 > (size_t)(h->end - descriptor))
        return false;
    const unsigned char *at = descriptor + 4 * (size_t)n;
    size_t left = (size_t)(h->end - at);
    h->n_values = n;
    h->n_nested = h->nested = 0;
    for (uint32_t i = 0; i < n; i++, descriptor += 4) {
        uint32_t size = evtx_u16(descriptor);
        if (size > left)
            return false;
        values[i].p = at;
        values[i].n = size;
        values[i].type = descriptor[2];
        if (descriptor[2] == EVTX_BINXML) {
            h->n_nested++;
            h->nested = i;
        }
        at += size;
        left -= size;
    }
    h->p = at;
    /* Anything else behind it is for the long way. */
    return left == 0 || *at == 0;
}

/* END: this is for the long way, which finds out what is wrong with it, if anything is. */
static enum err read_head(struct evtx_rows *r, struct evtx_tree *tree, struct head *h,
                          unsigned level)
{
    const unsigned char *p = h->p;
    struct evtx_template *template;
    if (h->end - p >= 4 && p[0] == 0x0f)
        p += 4;
    if (h->end - p < 10 || p[0] != 0x0c)
        return END;
    uint32_t named = evtx_u32(p + 2), offset = evtx_u32(p + 6);
    uint32_t id = offset < tree->n ? tree->template_at[offset] : 0;
    p += 10;
    if (id)
        template = tree->templates.v[id - 1];
    else if (tree->depth = 1, evtx_tree_template(tree, offset, &template))
        return END;
    if (template->why || template->id != named)
        return END;
    if (offset == (uint32_t)(p - tree->p)) {
        if (template->end - offset > (size_t)(h->end - p))
            return END;
        p += template->end - offset;
    }
    h->p = p;
    if (!read_values(h, r->values[level]))
        return END;
    h->program = template->program[level];
    if (!h->program) {
        enum err rc =
            evtx_program_of(&r->known, tree, template, level ? EVTX_EVENT : EVTX_ROOT, &h->program);
        if (rc)
            return rc == ERR_NOMEM ? rc : END;
    }
    return h->program->odd || h->program->n_subs > h->n_values ? END : OK;
}

/* Both instances, of the event and of what is inside it. */
static enum err read_heads(struct evtx_rows *r, struct evtx_tree *tree, struct head *outer,
                           struct head *inner)
{
    enum err rc = read_head(r, tree, outer, 0);
    if (rc)
        return rc;
    inner->program = NULL;
    if (outer->n_nested == 0)
        return outer->program->nests && r->values[0][outer->program->nest_sub].type != EVTX_NULL
                   ? END
                   : OK;
    if (outer->n_nested > 1 || !outer->program->nests || outer->nested != outer->program->nest_sub)
        return END;
    const struct evtx_value *v = &r->values[0][outer->nested];
    if (v->n == 0)
        return OK;
    inner->p = v->p;
    inner->end = v->p + v->n;
    rc = read_head(r, tree, inner, 1);
    return !rc && (inner->n_nested || inner->program->nests) ? END : rc;
}

/* Would the long way end within its budget, too? At least: it decides where that is not certain. */
static bool cheap(const struct evtx_tree *tree, const struct head *outer, const struct head *inner,
                  size_t n_bytes)
{
    uint64_t work =
        16 + (EVTX_WORK_REAL + 2) * (uint64_t)n_bytes + outer->program->work + 2 * outer->n_values;
    if (inner->program)
        work += inner->program->work + 2 * inner->n_values;
    return work <= (uint64_t)tree->work;
}

/* Three numbers, then values that all events of the kind have; absent if they are too long. */
static struct str key_of(struct evtx_rows *r, const struct head *outer, const struct head *inner,
                         bool carved)
{
    const struct evtx_program *program = outer->program;
    uint32_t head[3] = {(uint32_t)carved << 1, program->serial,
                        inner->program ? inner->program->serial : UINT32_MAX};
    unsigned char *to = r->short_key, *end = to + sizeof r->short_key - 16;
    memcpy(to, head, sizeof head);
    to += sizeof head;
    for (uint32_t i = 0; i < program->n_keyed; i++) {
        struct evtx_value v = r->values[0][program->keyed[i]];
        uint32_t what = v.n << 8 | v.type;
        if ((size_t)(end - to) < v.n + sizeof what)
            return STR_NONE;
        memcpy(to, &what, sizeof what);
        to += sizeof what;
        switch (v.n) {
        case 1: *to = *v.p; break;
        case 2: memcpy(to, v.p, 2); break;
        case 4: memcpy(to, v.p, 4); break;
        case 8: memcpy(to, v.p, 8); break;
        default: memcpy(to, v.p, v.n);
        }
        to += v.n;
    }
    return str_make((const char *)r->short_key, (size_t)(to - r->short_key));
}

/* A substitution of a kind whose cells are more than one value each. */
static enum err row_of_parts(struct evtx_kind_of *kind, const struct evtx_values *values,
                             const struct evtx_tree *tree, const struct row_place *place)
{
    struct row row;
    size_t bound = 0;
    for (uint16_t i = 0; i < kind->shape->n_cells; i++)
        bound += evtx_parts_bound(kind->parts, kind->cells[i].first, values);
    if (bound > (uint64_t)tree->work)
        return END;
    TRY(row_begin_at(kind, bound, &row));
    for (uint16_t i = 0; i < kind->shape->n_cells; i++)
        cell_end(&row, evtx_parts_put(&row.to, kind->parts, kind->cells[i].first, values));
    return row_end(&row, place);
}

static enum err row_of_values(struct evtx_kind_of *kind, const struct evtx_values *values, size_t n,
                              const struct row_place *place)
{
    struct row row;
    TRY(row_begin_at(kind, 6 * n + 64 * (size_t)kind->shape->n_cells + 64, &row));
    const struct evtx_cell *cell = kind->cells, *end = cell + kind->shape->n_cells;
    for (; cell < end; cell++) {
        struct evtx_value v = values->v[cell->level][cell->sub];
        row.to = evtx_value_put(row.to, v, values->limit);
        cell_end(&row, v.type == EVTX_NULL && cell->optional          ? ROWS_ABSENT
                       : v.type & EVTX_ARRAY && evtx_value_is_list(v) ? ROWS_LIST
                                                                      : 0);
    }
    return row_end(&row, place);
}

/* *ret_done stays false if this is for the long way. */
static enum err short_way(struct evtx_rows *r, struct evtx_tree *tree, const unsigned char *p,
                          size_t n, const struct evtx_record *record, bool *ret_done)
{
    struct head outer = {.p = p, .end = p + n}, inner;
    struct evtx_values values = {{r->values[0], r->values[1]}, tree->p + tree->n};
    struct evtx_kind_of *kind;
    enum err rc = read_heads(r, tree, &outer, &inner);
    if (rc || !cheap(tree, &outer, &inner, n))
        return rc == END ? OK : rc;
    struct str key = key_of(r, &outer, &inner, record->carved);
    if (!key.p)
        return OK;
    TRY(evtx_kind(&r->known, tree, key, outer.program, inner.program, &values, record->carved,
                  &kind));
    struct row_place place = place_of(
        record, kind->time ? &values.v[kind->time->level][kind->time->sub] : NULL, values.limit);
    rc = kind->single ? row_of_values(kind, &values, n, &place)
                      : row_of_parts(kind, &values, tree, &place);
    if (rc)
        return rc == END ? OK : rc;
    *ret_done = true;
    return pace(r, kind);
}

enum err evtx_rows_take(struct evtx_rows *r, struct evtx_tree *tree, const unsigned char *p,
                        size_t n, const struct evtx_record *record)
{
    bool done = false;
    enum err rc = evtx_known_full(&r->known, false) ? forget_within(r, tree) : OK;
    if (rc)
        return rc;
    if (!r->options.one_path) {
        rc = short_way(r, tree, p, n, record, &done);
        if (rc || done)
            return rc;
        arena_reset(&tree->record); /* as if there was no short way */
    }
    return long_way(r, tree, p, n, record);
}
