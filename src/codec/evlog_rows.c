#include "codec/evlog_rows.h"

enum {
    FOR_GOOD_BYTES = 256 * 1024 * 1024,
    SCRATCH_BYTES = 16 * 1024 * 1024,
    SAID_BYTES = 256, /* a longer value is no name of a kind of events */
    KEY_BYTES = 4096,
    HELD_BYTES = 64 * 1024 * 1024, /* of batches that are not full yet */
};

enum { NO_CELL = 0xffff };
enum { ROLE_CHANNEL, ROLE_PROVIDER, ROLE_ID, ROLE_KIND };
static const char *const roles[] = {"Channel", "Provider_Name", "EventID"};

struct maker_table {
    struct shape *shape;
    uint32_t *name; /* of its fields */
    struct rows rows;
    /* The fields of the event before, in their order, and the cell of each: as events of a kind are
     * written alike, mostly those of the next one, too. */
    VEC(uint32_t) last;
    uint16_t cell_of[LIMIT_FIELDS]; /* NO_CELL: the shape says it */
};

void maker_init(struct maker *m)
{
    *m = (struct maker){0};
    arena_init(&m->arena, FOR_GOOD_BYTES);
    arena_init(&m->scratch, SCRATCH_BYTES);
    map_init(&m->ids, &m->arena, MAKER_NAMES);
    map_init(&m->tables, &m->arena, EVLOG_SHAPES);
    buf_init(&m->key, KEY_BYTES);
}

void maker_done(struct maker *m)
{
    for (size_t i = 0; i < m->table.n; i++) {
        buf_done(&m->table.v[i]->rows.text);
        vec_done(&m->table.v[i]->rows.end);
        vec_done(&m->table.v[i]->rows.place);
        vec_done(&m->table.v[i]->last);
    }
    vec_done(&m->table);
    vec_done(&m->name);
    map_done(&m->ids);
    map_done(&m->tables);
    buf_done(&m->key);
    arena_done(&m->arena);
    arena_done(&m->scratch);
}

bool maker_full(const struct maker *m)
{
    return m->arena.used_bytes > FOR_GOOD_BYTES / 4 || m->table.n > EVLOG_SHAPES / 4 ||
           m->name.n > MAKER_NAMES / 4;
}

void maker_open(struct maker *m, const struct rows_sink *sink)
{
    m->sink = sink;
    maker_begin(m);
}

void maker_begin(struct maker *m)
{
    arena_reset(&m->scratch);
    m->n = m->n_roles = 0;
    m->kind = 0;
    m->too_many = m->names_full = m->raw = false;
    m->stamp++;
}

/* ---- names and values ---- */

enum err maker_name(struct maker *m, struct str name, uint32_t *ret_id)
{
    bool is_new;
    enum err rc = map_intern(&m->ids, name, ret_id, &is_new);
    m->names_full |= rc == ERR_LIMIT;
    TRY(rc);
    if (is_new) {
        struct maker_name new = {.text = arena_str(&m->arena, name), .role = -1};
        for (size_t i = 0; i < ARRAY_LEN(roles); i++)
            if (str_ieq(name, str_of(roles[i])))
                new.role = (int8_t)i;
        if (!new.text.p)
            return ERR_NOMEM;
        TRY(vec_push(&m->name, new, MAKER_NAMES));
    }
    ++*ret_id;
    return OK;
}

const char *maker_why(const struct maker *m, const char *otherwise)
{
    return m->names_full ? "an event with new names of fields: there is no room for more of them"
                         : otherwise;
}

static struct maker_name *name_of(const struct maker *m, uint32_t id)
{
    return &m->name.v[id - 1];
}

/* With a sign between the two values, or none. */
static enum err put_behind(struct maker *m, struct maker_pair *p, struct str between,
                           struct str value)
{
    size_t old = p->value.n, n = old + between.n + value.n;
    if (n > p->cap) {
        char *to = arena_alloc(&m->scratch, n * 2);
        if (!to)
            return ERR_LIMIT;
        memcpy(to, p->value.p, old);
        p->own = to;
        p->cap = n * 2;
    }
    memcpy(p->own + old, between.p, between.n);
    memcpy(p->own + old + between.n, value.p, value.n);
    p->value = str_make(p->own, n);
    return OK;
}

static enum err put_below(struct maker *m, struct maker_pair *p, struct str value)
{
    size_t old = p->value.n;
    TRY(put_behind(m, p, STR("\n"), value));
    if (!p->list)
        row_one_line(p->own, old);
    row_one_line(p->own + old + 1, value.n);
    p->list = true;
    return OK;
}

enum err maker_put(struct maker *m, uint32_t name, struct str value)
{
    struct maker_name *k = name_of(m, name);
    if (!value.p)
        return OK;
    if (k->stamp == m->stamp)
        return put_below(m, &m->pair[k->pair], value);
    if (m->n == LIMIT_FIELDS || k->text.n > LIMIT_FIELD_NAME_BYTES || k->text.n == 0) {
        m->too_many = true;
        return OK;
    }
    k->stamp = m->stamp;
    k->pair = (uint16_t)m->n;
    if (k->role >= 0)
        m->role[m->n_roles++] = k->pair;
    m->name_of[m->n] = name;
    m->pair[m->n++] = (struct maker_pair){.name = name, .value = value};
    return OK;
}

enum err maker_join(struct maker *m, uint32_t name, struct str value)
{
    const struct maker_name *k = name_of(m, name);
    return k->stamp == m->stamp ? put_behind(m, &m->pair[k->pair], STR(""), value)
                                : maker_put(m, name, value);
}

enum err maker_put_named(struct maker *m, const char *name, struct str value)
{
    uint32_t id;
    if (!value.p)
        return OK;
    TRY(maker_name(m, str_of(name), &id));
    return maker_put(m, id, value);
}

void maker_drop(struct maker *m)
{
    name_of(m, m->pair[--m->n].name)->stamp = 0;
    m->n_roles -= m->n_roles && m->role[m->n_roles - 1] == m->n;
}

static const struct maker_pair *pair_of(const struct maker *m, uint32_t name)
{
    const struct maker_name *k = name_of(m, name);
    return k->stamp == m->stamp ? &m->pair[k->pair] : NULL;
}

struct str maker_value_of(const struct maker *m, uint32_t name)
{
    const struct maker_pair *p = pair_of(m, name);
    return p ? p->value : STR_NONE;
}

struct str maker_value(const struct maker *m, struct str name)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_ieq(name_of(m, m->pair[i].name)->text, name))
            return m->pair[i].value;
    return STR_NONE;
}

/* ---- shapes ---- */

static int role_of(const struct maker *m, uint32_t name)
{
    return name == m->kind ? ROLE_KIND : name_of(m, name)->role;
}

static void say(struct maker *m, int role, const struct maker_pair *p)
{
    uint64_t number;
    struct str v = p->value;
    if (v.n > 0 && v.n <= SAID_BYTES &&
        (role != ROLE_ID || (str_u64(v, &number) && number < SHAPE_NO_ID)))
        m->said[role] = v;
}

/* What the shape says of the event: the first value of each role, if it can be. Not of several: the
 * event would be taken for one of another kind. */
static enum err look_up(struct maker *m)
{
    bool several[MAKER_FIXED] = {false};
    const struct maker_pair *kind = m->kind ? pair_of(m, m->kind) : NULL;
    memset(m->said, 0, sizeof m->said);
    if (kind && !kind->list)
        say(m, ROLE_KIND, kind);
    for (size_t i = 0; i < m->n_roles; i++) {
        const struct maker_pair *p = &m->pair[m->role[i]];
        int role = role_of(m, p->name);
        several[role] |= p->list && !m->said[role].p;
        if (role != ROLE_KIND && !several[role] && !m->said[role].p)
            say(m, role, p);
    }
    buf_reset(&m->key);
    for (size_t i = 0; i < MAKER_FIXED; i++) {
        uint32_t head[] = {i == ROLE_KIND ? m->kind : m->raw, (uint32_t)m->said[i].n};
        buf_add(&m->key, head, sizeof head);
        buf_str(&m->key, m->said[i]);
    }
    return m->key.rc;
}

static bool says(const struct maker *m, uint32_t name)
{
    int role = role_of(m, name);
    return role >= 0 && m->said[role].p;
}

static enum err add_field(struct maker *m, struct maker_table *t, uint32_t name, struct str fixed)
{
    struct shape *s = t->shape;
    if (s->n == LIMIT_FIELDS)
        return ERR_LIMIT;
    t->name[s->n] = name;
    s->field[s->n++] = (struct shape_field){name_of(m, name)->text, fixed};
    s->n_cells += !fixed.p;
    return OK;
}

static enum err add_said(struct maker *m, struct maker_table *t)
{
    struct shape *s = t->shape;
    uint64_t number;
    s->event_id = SHAPE_NO_ID;
    s->raw = m->raw;
    for (int role = 0; role < MAKER_FIXED; role++) {
        uint32_t name = m->kind;
        if (!m->said[role].p)
            continue;
        struct str value = arena_str(&m->arena, m->said[role]);
        if (!value.p)
            return ERR_LIMIT;
        if (role == ROLE_CHANNEL)
            s->channel = value;
        if (role == ROLE_PROVIDER)
            s->provider = value;
        if (role == ROLE_ID && str_u64(value, &number))
            s->event_id = (uint32_t)number;
        if (role != ROLE_KIND)
            TRY(maker_name(m, str_of(roles[role]), &name));
        TRY(add_field(m, t, name, value));
    }
    return OK;
}

static bool has_field(const struct maker_table *t, uint32_t name)
{
    for (uint16_t i = 0; i < t->shape->n; i++)
        if (t->name[i] == name)
            return true;
    return false;
}

static enum err add_fields(struct maker *m, struct maker_table *t)
{
    for (size_t i = 0; i < m->n; i++)
        if (!says(m, m->pair[i].name) && !has_field(t, m->pair[i].name))
            TRY(add_field(m, t, m->pair[i].name, STR_NONE));
    return OK;
}

/* A shape with the fields of the old one, if any, and those of the event. */
static enum err new_table(struct maker *m, const struct maker_table *old, struct maker_table **ret)
{
    size_t n = m->n + MAKER_FIXED + (old ? old->shape->n : 0);
    struct maker_table *t = *ret = arena_new(&m->arena, struct maker_table);
    n = n < LIMIT_FIELDS ? n : LIMIT_FIELDS;
    if (m->table.n == EVLOG_SHAPES || !t || !(t->shape = arena_new(&m->arena, struct shape)) ||
        !(t->shape->field = arena_new_n(&m->arena, struct shape_field, n)) ||
        !(t->name = arena_new_n(&m->arena, uint32_t, n)))
        return ERR_LIMIT;
    if (old) {
        struct shape_field *field = t->shape->field;
        memcpy(field, old->shape->field, old->shape->n * sizeof *field);
        memcpy(t->name, old->name, old->shape->n * sizeof *t->name);
        *t->shape = *old->shape;
        t->shape->field = field;
    } else {
        TRY(add_said(m, t));
    }
    TRY(add_fields(m, t));
    t->shape->serial = (uint32_t)m->table.n;
    t->rows.shape = t->shape;
    buf_init(&t->rows.text, (size_t)EVLOG_EVENT_BYTES * 4 + ROWS_BYTES);
    TRY(vec_push(&m->table, t, EVLOG_SHAPES));
    return map_put(&m->tables, buf_view(&m->key), t->shape->serial);
}

/* The values of the event in the order of the cells; false if it has fields that the shape has
 * not. */
static bool arrange(const struct maker *m, const struct maker_table *t,
                    const struct maker_pair **ret_cells)
{
    const struct shape *s = t->shape;
    size_t met = 0, said = 0, k = 0;
    for (uint16_t i = 0; i < s->n; i++) {
        if (s->field[i].fixed.p)
            continue;
        ret_cells[k] = pair_of(m, t->name[i]);
        met += ret_cells[k++] != NULL;
    }
    if (met == m->n)
        return true;
    for (size_t i = 0; i < m->n; i++)
        said += says(m, m->pair[i].name);
    return met + said == m->n;
}

/* The same for an event with the very fields of the one before; false for any other. */
static bool arrange_again(const struct maker *m, const struct maker_table *t,
                          const struct maker_pair **ret_cells)
{
    if (m->n != t->last.n || memcmp(m->name_of, t->last.v, m->n * sizeof *t->last.v) != 0)
        return false;
    memset((void *)ret_cells, 0, t->shape->n_cells * sizeof *ret_cells);
    for (size_t i = 0; i < m->n; i++)
        if (t->cell_of[i] != NO_CELL)
            ret_cells[t->cell_of[i]] = &m->pair[i];
    return true;
}

static enum err note_order(const struct maker *m, struct maker_table *t,
                           const struct maker_pair *const *cell)
{
    for (size_t i = 0; i < m->n; i++)
        t->cell_of[i] = NO_CELL;
    for (uint16_t i = 0; i < t->shape->n_cells; i++)
        if (cell[i])
            t->cell_of[cell[i] - m->pair] = i;
    t->last.n = 0;
    for (size_t i = 0; i < m->n; i++)
        TRY(vec_push(&t->last, m->name_of[i], LIMIT_FIELDS));
    return OK;
}

static enum err table_of(struct maker *m, const struct maker_pair **ret_cells,
                         struct maker_table **ret)
{
    TRY(look_up(m));
    const uint32_t *known = map_get(&m->tables, buf_view(&m->key));
    struct maker_table *t = *ret = known ? m->table.v[*known] : NULL;
    if (t && arrange_again(m, t, ret_cells))
        return OK;
    if (t && arrange(m, t, ret_cells))
        return note_order(m, t, ret_cells);
    enum err rc = new_table(m, t, ret);
    if (rc == ERR_LIMIT && t) /* all fields of such events together are too many */
        rc = new_table(m, NULL, ret);
    TRY(rc);
    (void)arrange(m, *ret, ret_cells);
    return note_order(m, *ret, ret_cells);
}

/* ---- rows ---- */

static enum err hand_out(struct maker *m, struct maker_table *t)
{
    enum err rc = rows_n(&t->rows) ? m->sink->rows(m->sink->ctx, &t->rows) : OK;
    buf_reset(&t->rows.text);
    t->rows.end.n = t->rows.place.n = 0;
    return rc;
}

/* Most cells are short: they take no call. */
static inline void copy_cell(char *to, struct str s)
{
    uint64_t a, b;
    if (s.n < sizeof a || s.n > sizeof a + sizeof b) {
        if (s.n)
            memcpy(to, s.p, s.n);
        return;
    }
    memcpy(&a, s.p, sizeof a);
    memcpy(&b, s.p + s.n - sizeof b, sizeof b);
    memcpy(to, &a, sizeof a);
    memcpy(to + s.n - sizeof b, &b, sizeof b);
}

static enum err add_row(struct maker *m, struct rows *rows, const struct maker_pair *const *cell,
                        const struct row_place *place)
{
    size_t n = rows->shape->n_cells, bytes = n;
    for (size_t i = 0; i < n; i++)
        bytes += cell[i] ? cell[i]->value.n : 0;
    size_t cap = rows->text.cap;
    char *p = buf_reserve(&rows->text, bytes ? bytes : 1);
    if (!p)
        return rows->text.rc;
    m->held += rows->text.cap - cap;
    TRY(vec_push(&rows->place, *place, (size_t)ROWS_BYTES));
    for (size_t i = 0; i < n; i++) {
        uint32_t what = cell[i] ? cell[i]->list ? ROWS_LIST : 0 : ROWS_ABSENT;
        if (cell[i]) {
            copy_cell(p, cell[i]->value);
            p += cell[i]->value.n;
        }
        *p++ = '\n';
        TRY(vec_push(&rows->end, (uint32_t)(p - 1 - rows->text.p) | what,
                     (size_t)LIMIT_FIELDS * ROWS_BYTES));
    }
    rows->text.n += bytes;
    return OK;
}

static enum err gap(const struct maker *m, uint64_t offset, const char *detail)
{
    return m->sink->gap(m->sink->ctx, offset, STR("limit"), str_of(detail));
}

enum err maker_end(struct maker *m, const struct row_place *place)
{
    const struct maker_pair *cell[LIMIT_FIELDS];
    struct maker_table *t;
    if (m->n == 0)
        return OK;
    enum err rc = table_of(m, cell, &t);
    if (rc == ERR_LIMIT)
        return gap(m, place->offset, maker_why(m, "too many kinds of events in one run"));
    TRY(rc);
    TRY(add_row(m, &t->rows, cell, place));
    if (t->rows.text.n >= ROWS_BYTES || rows_n(&t->rows) == ROWS_BYTES)
        TRY(hand_out(m, t));
    if (m->held > HELD_BYTES) {
        TRY(maker_flush(m));
        for (size_t i = 0; i < m->table.n; i++)
            buf_done(&m->table.v[i]->rows.text);
        m->held = 0;
    }
    return m->too_many ? gap(m, place->offset, "further fields of the event were not read") : OK;
}

enum err maker_flush(struct maker *m)
{
    enum err rc = OK;
    for (size_t i = 0; i < m->table.n; i++) {
        enum err flushed = hand_out(m, m->table.v[i]);
        rc = rc ? rc : flushed;
    }
    return rc;
}
