#include "codec/evtx_program.h"

#include "base/wr.h"

enum { KEY_BYTES = 8 * 1024 * 1024, TEXT_MAX_BYTES = 64 * 1024 * 1024 };

void evtx_known_init(struct evtx_known *k)
{
    memset(k, 0, sizeof *k);
    arena_init(&k->arena, EVTX_KNOWN_BYTES);
    map_init(&k->program_ids, &k->arena, EVTX_SHAPES);
    map_init(&k->kind_ids, &k->arena, EVTX_SHAPES);
    buf_init(&k->key, KEY_BYTES);
}

void evtx_known_done(struct evtx_known *k)
{
    for (size_t i = 0; i < k->kinds.n; i++) {
        buf_done(&k->kinds.v[i]->rows.text);
        vec_done(&k->kinds.v[i]->rows.end);
        vec_done(&k->kinds.v[i]->rows.place);
    }
    vec_done(&k->kinds);
    vec_done(&k->programs);
    map_done(&k->program_ids);
    map_done(&k->kind_ids);
    buf_done(&k->key);
    evtx_flat_done(&k->flat);
    arena_done(&k->arena);
}

bool evtx_known_full(const struct evtx_known *k, bool between_files)
{
    size_t part = between_files ? 8 : 4;
    return k->arena.used_bytes > EVTX_KNOWN_BYTES / part ||
           k->kinds.n > 4 * EVTX_SHAPES / part - 4 || k->programs.n > 4 * EVTX_SHAPES / part - 4;
}

/* A number for the key. What is made for a new one fits: half of the memory is kept for it. */
static enum err intern(struct evtx_known *k, struct map *ids, struct str key, uint32_t *ret_id,
                       bool *ret_new)
{
    return k->arena.used_bytes > EVTX_KNOWN_BYTES / 2 ? ERR_LIMIT
                                                      : map_intern(ids, key, ret_id, ret_new);
}

static enum err too_many(struct evtx_tree *tree)
{
    tree->why = "more kinds of events than are kept apart";
    return ERR_LIMIT;
}

/* ---- texts ---- */

size_t evtx_parts_bound(const struct evtx_part *parts, uint32_t first,
                        const struct evtx_values *values)
{
    size_t n = 64;
    for (uint32_t i = first; i != EVTX_NO_PART; i = parts[i].next) {
        const struct evtx_part *part = &parts[i];
        const struct evtx_value *v =
            part->is == EVTX_PART_SUB ? &values->v[part->level][part->sub] : &part->value;
        n += evtx_value_bound(v->n) + part->text.n + 1;
    }
    return n;
}

uint32_t evtx_parts_put(char **to, const struct evtx_part *parts, uint32_t first,
                        const struct evtx_values *values)
{
    bool any = false, here = false; /* a value of the field; a part of this value */
    char *cell = *to;
    uint32_t what = 0;
    for (uint32_t i = first; i != EVTX_NO_PART; i = parts[i].next) {
        const struct evtx_part *part = &parts[i];
        struct evtx_value v = part->value;
        if (part->begins)
            here = false;
        if (part->is == EVTX_PART_SUB) {
            v = values->v[part->level][part->sub];
            if (part->optional && v.type == EVTX_NULL)
                continue;
        }
        if (any && !here) {
            if (!what)
                row_one_line(cell, (size_t)(*to - cell));
            what = ROWS_LIST;
            *(*to)++ = '\n';
        }
        any = here = true;
        char *from = *to;
        bool list = v.type & EVTX_ARRAY && evtx_value_is_list(v);
        if (part->is == EVTX_PART_NAMED) {
            memcpy(*to, part->text.p, part->text.n);
            *to += part->text.n;
        } else {
            *to = evtx_value_put(*to, v, values->limit);
        }
        if (what && !list)
            row_one_line(from, (size_t)(*to - from));
        what |= list ? ROWS_LIST : 0;
    }
    return any ? what : ROWS_ABSENT;
}

/* ---- programs ---- */

/* Fixed values as texts: the chunk that they point into is soon gone. */
static enum err settle(struct evtx_flat *f)
{
    for (size_t i = 0; i < f->parts.n; i++) {
        struct evtx_part *part = &f->parts.v[i];
        if (part->is != EVTX_PART_FIXED)
            continue;
        size_t bound = evtx_value_bound(part->value.n);
        char *p = arena_alloc(f->arena, bound);
        if (!p)
            return evtx_tree_no_room(f->tree, f->arena, bound);
        char *end = evtx_value_put(p, part->value, f->tree->p + f->tree->n);
        part->is = EVTX_PART_NAMED;
        part->text = str_make(p, (size_t)(end - p));
        part->value = (struct evtx_value){0};
    }
    return OK;
}

/* All that makes a program another one. */
static void program_key(struct buf *b, const struct evtx_flat *f, uint32_t work)
{
    buf_reset(b);
    wr_u32(b, work);
    wr_u8(b, (uint8_t)(f->odd | f->nests << 1));
    wr_u32(b, f->nest_at | (uint32_t)f->nest_sub << 16);
    wr_u32(b, f->n_subs);
    for (size_t i = 0; i < f->entries.n; i++) {
        const struct evtx_entry *entry = &f->entries.v[i];
        wr_str(b, entry->name);
        wr_u8(b, entry->keyed);
        for (uint32_t at = entry->first; at != EVTX_NO_PART; at = f->parts.v[at].next) {
            const struct evtx_part *part = &f->parts.v[at];
            wr_u8(b, (uint8_t)(1 | part->begins << 1 | part->optional << 2));
            wr_u32(b, part->sub | (uint32_t)part->is << 16);
            wr_str(b, part->text);
        }
        wr_u8(b, 0);
    }
}

/* Names and texts as copies. */
static enum err copy_parts(struct arena *arena, const struct evtx_flat *f,
                           struct evtx_entry **ret_entries, struct evtx_part **ret_parts)
{
    struct evtx_entry *entries = arena_new_n(arena, struct evtx_entry, f->entries.n + 1);
    struct evtx_part *parts = arena_new_n(arena, struct evtx_part, f->parts.n + 1);
    if (!entries || !parts)
        return ERR_NOMEM;
    for (size_t i = 0; i < f->entries.n; i++) {
        entries[i] = f->entries.v[i];
        entries[i].name = arena_str(arena, entries[i].name);
        if (!entries[i].name.p)
            return ERR_NOMEM;
    }
    for (size_t i = 0; i < f->parts.n; i++) {
        parts[i] = f->parts.v[i];
        if (parts[i].text.p)
            parts[i].text = arena_str(arena, parts[i].text);
        if (!parts[i].text.p && f->parts.v[i].text.p)
            return ERR_NOMEM;
    }
    *ret_entries = entries;
    *ret_parts = parts;
    return OK;
}

static enum err program_new(struct evtx_known *k, const struct evtx_flat *f,
                            struct evtx_program **ret_program)
{
    struct evtx_program *p = *ret_program = arena_new(&k->arena, struct evtx_program);
    uint16_t *keyed = arena_new_n(&k->arena, uint16_t, f->parts.n + 1);
    struct evtx_entry *entries;
    struct evtx_part *parts;
    if (!p || !keyed)
        return ERR_NOMEM;
    TRY(copy_parts(&k->arena, f, &entries, &parts));
    for (size_t i = 0; i < f->entries.n; i++)
        for (uint32_t at = entries[i].first; at != EVTX_NO_PART; at = parts[at].next)
            if (entries[i].keyed && parts[at].is == EVTX_PART_SUB)
                keyed[p->n_keyed++] = parts[at].sub;
    p->serial = (uint32_t)k->programs.n;
    p->odd = f->odd;
    p->nests = f->nests;
    p->nest_sub = f->nest_sub;
    p->nest_at = f->nest_at;
    p->n_subs = f->n_subs;
    p->n_entries = (uint32_t)f->entries.n;
    p->n_parts = (uint32_t)f->parts.n;
    p->entries = entries;
    p->parts = parts;
    p->keyed = keyed;
    return vec_push(&k->programs, p, EVTX_SHAPES);
}

enum err evtx_program_of(struct evtx_known *k, struct evtx_tree *tree,
                         struct evtx_template *template, enum evtx_section where,
                         const struct evtx_program **ret_program)
{
    struct evtx_flat *f = &k->flat;
    uint32_t id;
    bool is_new;
    f->tree = tree;
    f->arena = &tree->record;
    f->symbolic = true;
    int64_t work = tree->work;
    TRY(evtx_flat(f, template->root, (struct evtx_bind){0}, where));
    uint32_t used = (uint32_t)(work - tree->work);
    tree->work = work;
    /* What is Binary XML in one place cannot be text in another. */
    for (size_t i = 0; i < f->parts.n && f->nests; i++)
        f->odd |= f->parts.v[i].is == EVTX_PART_SUB && f->parts.v[i].sub == f->nest_sub;
    TRY(settle(f));
    program_key(&k->key, f, used);
    enum err rc = k->key.rc;
    if (!rc)
        rc = intern(k, &k->program_ids, buf_view(&k->key), &id, &is_new);
    if (!rc && is_new) {
        struct evtx_program *program;
        TRY(program_new(k, f, &program));
        program->work = used;
    }
    if (rc)
        return too_many(tree);
    if (id >= k->programs.n)
        return ERR_NOMEM;
    *ret_program = template->program[where == EVTX_EVENT] = k->programs.v[id];
    return OK;
}

/* ---- kinds ---- */

bool evtx_entry_fixed(const struct evtx_flat *f, const struct evtx_entry *entry)
{
    bool fixed = f->symbolic;
    for (uint32_t i = entry->first; fixed && i != EVTX_NO_PART; i = f->parts.v[i].next)
        fixed = f->parts.v[i].is != EVTX_PART_SUB;
    return fixed || entry->keyed;
}

static enum err fixed_text(struct evtx_known *k, const struct evtx_part *parts, uint32_t first,
                           const struct evtx_values *values, struct shape_field *field)
{
    char *p = malloc(evtx_parts_bound(parts, first, values)), *end = p;
    if (!p)
        return ERR_NOMEM;
    uint32_t what = evtx_parts_put(&end, parts, first, values);
    if (what != ROWS_ABSENT)
        field->fixed = arena_str(&k->arena, str_make(p, (size_t)(end - p)));
    field->list = what == ROWS_LIST;
    free(p);
    return what != ROWS_ABSENT && !field->fixed.p ? ERR_NOMEM : OK;
}

static void told(struct shape *shape, const struct shape_field *field)
{
    uint64_t id;
    if (str_eq(field->name, STR("Channel")))
        shape->channel = field->fixed;
    if (str_eq(field->name, STR("Provider_Name")))
        shape->provider = field->fixed;
    if (str_eq(field->name, STR("EventID")) && str_u64(field->fixed, &id) && id < SHAPE_NO_ID)
        shape->event_id = (uint32_t)id;
}

static struct evtx_cell cell_of(const struct evtx_part *parts, uint32_t first)
{
    const struct evtx_part *part = &parts[first];
    bool single = part->is == EVTX_PART_SUB && part->next == EVTX_NO_PART;
    return (struct evtx_cell){first, part->sub, part->level, part->optional, single};
}

/* One field: a text that all rows share, or the next cell. */
static enum err add_field(struct evtx_known *k, const struct evtx_flat *f,
                          struct evtx_kind_of *kind, struct evtx_cell *cells,
                          const struct evtx_entry *entry, const struct evtx_values *values)
{
    struct shape *shape = kind->shape;
    struct shape_field *field = &shape->field[shape->n];
    if (evtx_entry_fixed(f, entry)) {
        TRY(fixed_text(k, f->parts.v, entry->first, values, field));
        if (!field->fixed.p)
            return OK;
    } else {
        cells[shape->n_cells++] = cell_of(f->parts.v, entry->first);
        struct evtx_cell *cell = &cells[shape->n_cells - 1];
        kind->single &= cell->single;
        if (cell->single && str_eq(entry->name, STR("SystemTime")))
            kind->time = cell;
    }
    if (str_eq(entry->name, STR("Computer")) && field->fixed.p)
        kind->host = field->fixed;
    else if (str_eq(entry->name, STR("Computer")))
        kind->host_cell = shape->n_cells - 1;
    field->name = arena_str(&k->arena, entry->name);
    if (!field->name.p)
        return ERR_NOMEM;
    told(shape, field);
    shape->n++;
    return OK;
}

/* Does a value stand in two cells? */
static bool twice(const struct evtx_kind_of *kind)
{
    for (uint16_t i = 0; i < kind->shape->n_cells; i++)
        for (uint16_t j = 0; j < i; j++)
            if (kind->cells[i].sub == kind->cells[j].sub &&
                kind->cells[i].level == kind->cells[j].level)
                return true;
    return false;
}

static enum err kind_new(struct evtx_known *k, struct evtx_flat *f,
                         const struct evtx_values *values, bool carved,
                         struct evtx_kind_of **ret_kind)
{
    struct evtx_kind_of *kind = *ret_kind = arena_new(&k->arena, struct evtx_kind_of);
    struct shape *shape = arena_new(&k->arena, struct shape);
    size_t n = f->entries.n;
    struct evtx_cell *cells = arena_new_n(&k->arena, struct evtx_cell, n + 1);
    struct shape_field *fields = arena_new_n(&k->arena, struct shape_field, n + 2);
    if (!kind || !shape || !cells || !fields)
        return ERR_NOMEM;
    *shape = (struct shape){(uint32_t)k->kinds.n, .event_id = SHAPE_NO_ID, .field = fields};
    kind->shape = shape;
    kind->cells = cells;
    kind->single = true;
    kind->host_cell = EVTX_NO_CELL;
    for (size_t i = 0; i < n; i++)
        TRY(add_field(k, f, kind, cells, &f->entries.v[i], values));
    shape->carved = carved;
    if (carved)
        fields[shape->n++] = (struct shape_field){STR("Carved"), STR("yes")};
    kind->single = kind->single && !twice(kind);
    kind->rows.shape = shape;
    buf_init(&kind->rows.text, TEXT_MAX_BYTES);
    return vec_push(&k->kinds, kind, EVTX_SHAPES);
}

/* The entries of both programs in the order of the document. */
static enum err both(struct evtx_flat *f, const struct evtx_program *program, uint8_t level,
                     uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        struct evtx_entry entry = program->entries[i], copy = entry;
        copy.first = EVTX_NO_PART;
        for (uint32_t at = entry.first; at != EVTX_NO_PART; at = program->parts[at].next) {
            struct evtx_part part = program->parts[at];
            uint32_t here = (uint32_t)f->parts.n;
            part.level = level;
            part.next = EVTX_NO_PART;
            TRY(vec_push(&f->parts, part, SIZE_MAX / sizeof part));
            if (copy.first == EVTX_NO_PART)
                copy.first = here;
            else
                f->parts.v[copy.last].next = here;
            copy.last = here;
        }
        TRY(vec_push(&f->entries, copy, SIZE_MAX / sizeof entry));
    }
    return OK;
}

static enum err kind_of_programs(struct evtx_known *k, struct evtx_tree *tree,
                                 const struct evtx_program *outer, const struct evtx_program *inner,
                                 const struct evtx_values *values, bool carved,
                                 struct evtx_kind_of **ret_kind)
{
    struct evtx_flat *f = &k->flat;
    uint32_t nest_at = outer->nests ? outer->nest_at : outer->n_entries;
    f->tree = tree;
    f->arena = &k->arena;
    f->symbolic = true;
    f->entries.n = f->parts.n = 0;
    TRY(both(f, outer, 0, 0, nest_at));
    if (inner)
        TRY(both(f, inner, 1, 0, inner->n_entries));
    TRY(both(f, outer, 0, nest_at, outer->n_entries));
    TRY(evtx_flat_merge(f, LIMIT_FIELDS - 1));
    TRY(kind_new(k, f, values, carved, ret_kind));
    struct evtx_part *parts = arena_new_n(&k->arena, struct evtx_part, f->parts.n + 1);
    if (!parts)
        return ERR_NOMEM;
    if (f->parts.n)
        memcpy(parts, f->parts.v, f->parts.n * sizeof *parts);
    (*ret_kind)->parts = parts;
    return OK;
}

/* Where a kind is looked for first: programs and the first byte of the first value tell most apart.
 */
static struct evtx_kind_of **recent(struct evtx_known *k, struct str key)
{
    const unsigned char *p = (const unsigned char *)key.p;
    uint32_t mix = evtx_u32(p + 4) * 0x9e3779b1u ^ evtx_u32(p + 8) * 0x85ebca77u;
    mix ^= key.n > 16 ? p[16] * 0x27d4eb2fu : 0;
    return &k->recent[mix >> 24];
}

enum err evtx_kind(struct evtx_known *k, struct evtx_tree *tree, struct str key,
                   const struct evtx_program *outer, const struct evtx_program *inner,
                   const struct evtx_values *values, bool carved, struct evtx_kind_of **ret_kind)
{
    uint32_t id;
    bool is_new;
    struct evtx_kind_of **last = recent(k, key);
    if (*last && str_eq((*last)->key, key)) {
        *ret_kind = *last;
        return OK;
    }
    enum err rc = intern(k, &k->kind_ids, key, &id, &is_new);
    if (rc)
        return too_many(tree);
    if (is_new) {
        TRY(kind_of_programs(k, tree, outer, inner, values, carved, ret_kind));
        (*ret_kind)->key = arena_str(&k->arena, key);
    } else {
        *ret_kind = id < k->kinds.n ? k->kinds.v[id] : NULL;
    }
    if (!*ret_kind || !(*ret_kind)->key.p)
        return ERR_NOMEM;
    *last = *ret_kind;
    return OK;
}

enum err evtx_kind_flat(struct evtx_known *k, struct evtx_tree *tree, struct str key,
                        struct evtx_flat *flat, const struct evtx_values *values, bool carved,
                        struct evtx_kind_of **ret_kind)
{
    uint32_t id;
    bool is_new;
    enum err rc = intern(k, &k->kind_ids, key, &id, &is_new);
    if (rc)
        return too_many(tree);
    if (is_new) {
        /* Its parts are those of one record: cells are written from the parts of each. */
        return kind_new(k, flat, values, carved, ret_kind);
    }
    *ret_kind = id < k->kinds.n ? k->kinds.v[id] : NULL;
    return *ret_kind ? OK : ERR_NOMEM;
}
