#include "codec/evtx_tree.h"

enum token {
    TOKEN_END = 0x00,
    TOKEN_OPEN = 0x01,
    TOKEN_CLOSE_START = 0x02,
    TOKEN_CLOSE_EMPTY = 0x03,
    TOKEN_CLOSE = 0x04,
    TOKEN_VALUE = 0x05,
    TOKEN_ATTRIBUTE = 0x06,
    TOKEN_CDATA = 0x07,
    TOKEN_CHAR = 0x08,
    TOKEN_ENTITY = 0x09,
    TOKEN_PI_TARGET = 0x0a,
    TOKEN_PI_DATA = 0x0b,
    TOKEN_INSTANCE = 0x0c,
    TOKEN_SUB = 0x0d,
    TOKEN_SUB_OPTIONAL = 0x0e,
    TOKEN_FRAGMENT = 0x0f,
    TOKEN_MORE = 0x40, /* flag: attributes, or more of them, follow */
};

enum { TEMPLATE_HEAD = 24, ALL_TEMPLATES = EVTX_CHUNK_BYTES, DEPENDENCY_NONE = 0xffff };

/* Where reading is: at most the end of a fragment or of a template's definition. */
struct cursor {
    struct evtx_tree *t;
    const unsigned char *p, *end;
    bool in_template; /* elements have a dependency then */
};

static enum err bad(struct evtx_tree *t, enum err rc, const char *why)
{
    t->why = why;
    return rc;
}

void evtx_tree_init(struct evtx_tree *t)
{
    memset(t, 0, sizeof *t);
    arena_init(&t->chunk, EVTX_ARENA_BYTES);
    arena_init(&t->record, EVTX_ARENA_BYTES);
}

void evtx_tree_done(struct evtx_tree *t)
{
    arena_done(&t->chunk);
    arena_done(&t->record);
    vec_done(&t->names);
    vec_done(&t->name_used);
    vec_done(&t->templates);
}

void evtx_tree_chunk(struct evtx_tree *t, const unsigned char *p, uint32_t n)
{
    for (size_t i = 0; i < t->name_used.n; i++)
        t->name_at[t->name_used.v[i]] = 0;
    for (size_t i = 0; i < t->templates.n; i++)
        t->template_at[t->templates.v[i]->offset] = 0;
    t->names.n = t->name_used.n = t->templates.n = 0;
    arena_reset(&t->chunk);
    arena_reset(&t->record);
    t->p = p;
    t->n = n;
}

void evtx_tree_record(struct evtx_tree *t, size_t n_bytes)
{
    if (t->record.used_bytes)
        arena_reset(&t->record);
    t->work = EVTX_WORK_FREE + EVTX_WORK_RATIO * (int64_t)n_bytes;
    t->why = NULL;
    t->depth = 0;
}

enum err evtx_tree_work(struct evtx_tree *t, size_t n)
{
    if ((uint64_t)n <= (uint64_t)t->work) {
        t->work -= (int64_t)n;
        return OK;
    }
    t->work = 0;
    return bad(t, ERR_LIMIT, "more work than a record of its size may ask for");
}

enum err evtx_tree_no_room(struct evtx_tree *t, const struct arena *arena, size_t n)
{
    if (n + 16 < arena->max_bytes - arena->used_bytes)
        return ERR_NOMEM;
    return bad(t, ERR_LIMIT,
               arena == &t->chunk ? "the names and templates of its chunk take too much memory"
                                  : "it takes more memory than a record may");
}

/* ---- names ---- */

static enum err name_read(struct evtx_tree *t, uint32_t offset, uint32_t n_units, uint32_t *ret_id)
{
    size_t bound = 3 * (size_t)n_units + 16;
    char *text = arena_alloc(&t->chunk, bound);
    if (!text)
        return evtx_tree_no_room(t, &t->chunk, bound);
    char *end = evtx_utf16_put(text, t->p + offset + 8, n_units, t->p + t->n);
    *ret_id = (uint32_t)t->names.n + 1;
    TRY(vec_push(&t->names, str_make(text, (size_t)(end - text)), EVTX_CHUNK_BYTES - 1));
    TRY(vec_push(&t->name_used, offset, EVTX_CHUNK_BYTES));
    t->name_at[offset] = (uint16_t)*ret_id;
    return OK;
}

/* A name at an offset of the chunk: next (4), hash (2), units (2), UTF-16, 0 (2). */
static enum err name_at(struct evtx_tree *t, uint32_t offset, struct str *ret_name)
{
    if (offset >= t->n || t->n - offset < 8)
        return bad(t, ERR_FORMAT, "a name outside the chunk");
    uint32_t id = t->name_at[offset];
    if (!id) {
        uint32_t n_units = evtx_u16(t->p + offset + 6);
        if (2 * n_units > t->n - offset - 8)
            return bad(t, ERR_FORMAT, "a name that is longer than the chunk");
        TRY(evtx_tree_work(t, n_units));
        TRY(name_read(t, offset, n_units, &id));
    }
    *ret_name = t->names.v[id - 1];
    return OK;
}

/* ---- tokens ---- */

static size_t left(const struct cursor *c)
{
    return (size_t)(c->end - c->p);
}

static enum err short_of(struct cursor *c)
{
    return bad(c->t, ERR_FORMAT, "ends in the middle");
}

/* A reference to a name; a name that stands right behind it is skipped. */
static enum err name(struct cursor *c, struct str *ret_name)
{
    if (left(c) < 4)
        return short_of(c);
    uint32_t offset = evtx_u32(c->p);
    c->p += 4;
    TRY(name_at(c->t, offset, ret_name));
    if (offset == (uint32_t)(c->p - c->t->p)) {
        size_t n = 10 + 2 * (size_t)evtx_u16(c->t->p + offset + 6);
        if (n > left(c))
            return short_of(c);
        c->p += n;
    }
    return OK;
}

static struct arena *arena_of(const struct cursor *c)
{
    return c->in_template ? &c->t->chunk : &c->t->record;
}

static enum err node_new(struct cursor *c, enum evtx_kind kind, struct evtx_node **ret_node)
{
    TRY(evtx_tree_work(c->t, 1));
    *ret_node = arena_new(arena_of(c), struct evtx_node);
    if (!*ret_node)
        return evtx_tree_no_room(c->t, arena_of(c), sizeof **ret_node);
    (*ret_node)->kind = (uint8_t)kind;
    return OK;
}

/* UTF-16 behind its number of units. */
static enum err counted_text(struct cursor *c, struct evtx_node *node)
{
    if (left(c) < 2)
        return short_of(c);
    uint32_t n = 2 * (uint32_t)evtx_u16(c->p);
    if (n > left(c) - 2)
        return short_of(c);
    node->value = (struct evtx_value){c->p + 2, n, EVTX_STRING};
    c->p += 2 + n;
    return OK;
}

static enum err value(struct cursor *c, struct evtx_node **ret_node)
{
    if (left(c) < 1)
        return short_of(c);
    uint8_t type = *c->p++;
    TRY(node_new(c, EVTX_TEXT, ret_node));
    if (type == EVTX_STRING)
        return counted_text(c, *ret_node);
    uint32_t n = evtx_fixed_bytes(type);
    if (!n)
        return bad(c->t, ERR_FORMAT, "a fixed value of a type that has no size");
    if (n > left(c))
        return short_of(c);
    (*ret_node)->value = (struct evtx_value){c->p, n, type};
    c->p += n;
    return OK;
}

static enum err sub(struct cursor *c, bool optional, struct evtx_node **ret_node)
{
    if (left(c) < 3)
        return short_of(c);
    TRY(node_new(c, EVTX_SUB, ret_node));
    (*ret_node)->optional = optional;
    (*ret_node)->sub = evtx_u16(c->p);
    (*ret_node)->value.type = c->p[2];
    c->p += 3;
    return OK;
}

static enum err instance(struct cursor *c, struct evtx_node **ret_node);

/* What may stand in an attribute as well as in an element; *ret_node NULL: something else. */
static enum err text_piece(struct cursor *c, uint8_t token, struct evtx_node **ret_node)
{
    *ret_node = NULL;
    switch (token & ~TOKEN_MORE) {
    case TOKEN_VALUE: return value(c, ret_node);
    case TOKEN_SUB: return sub(c, false, ret_node);
    case TOKEN_SUB_OPTIONAL: return sub(c, true, ret_node);
    case TOKEN_CDATA: TRY(node_new(c, EVTX_TEXT, ret_node)); return counted_text(c, *ret_node);
    case TOKEN_CHAR:
        if (left(c) < 2)
            return short_of(c);
        TRY(node_new(c, EVTX_CHAR, ret_node));
        (*ret_node)->sub = evtx_u16(c->p);
        (*ret_node)->value = (struct evtx_value){c->p, 2, EVTX_STRING};
        c->p += 2;
        return OK;
    case TOKEN_ENTITY: TRY(node_new(c, EVTX_ENTITY, ret_node)); return name(c, &(*ret_node)->name);
    default: return OK;
    }
}

static enum err attributes(struct cursor *c, struct evtx_node **tail)
{
    while (left(c) && (*c->p & ~TOKEN_MORE) == TOKEN_ATTRIBUTE) {
        struct evtx_node *attribute, *piece, **piece_tail;
        c->p++;
        TRY(node_new(c, EVTX_ELEMENT, &attribute));
        TRY(name(c, &attribute->name));
        piece_tail = &attribute->content;
        while (left(c)) {
            const unsigned char *before = c->p++;
            TRY(text_piece(c, *before, &piece));
            if (!piece) {
                c->p = before;
                break;
            }
            *piece_tail = piece;
            piece_tail = &piece->next;
        }
        *tail = attribute;
        tail = &attribute->next;
    }
    return OK;
}

static enum err content(struct cursor *c, bool in_element, struct evtx_node **tail);

static enum err element(struct cursor *c, uint8_t token, struct evtx_node **ret_node)
{
    size_t head = c->in_template ? 6 : 4; /* dependency, size */
    if (c->t->depth >= EVTX_DEPTH)
        return bad(c->t, ERR_LIMIT, "nested too deeply");
    if (left(c) < head)
        return short_of(c);
    c->p += head;
    TRY(node_new(c, EVTX_ELEMENT, ret_node));
    TRY(name(c, &(*ret_node)->name));
    if (token & TOKEN_MORE) {
        if (left(c) < 4)
            return short_of(c);
        c->p += 4;
        TRY(attributes(c, &(*ret_node)->attribute));
    }
    if (!left(c))
        return short_of(c);
    token = *c->p++;
    if (token == TOKEN_CLOSE_EMPTY)
        return OK;
    if (token != TOKEN_CLOSE_START)
        return bad(c->t, ERR_FORMAT, "a start tag without an end");
    c->t->depth++;
    TRY(content(c, true, &(*ret_node)->content));
    c->t->depth--;
    return OK;
}

static enum err instruction(struct cursor *c, struct evtx_node **ret_node)
{
    TRY(node_new(c, EVTX_PI, ret_node));
    TRY(name(c, &(*ret_node)->name));
    if (!left(c) || *c->p != TOKEN_PI_DATA)
        return OK;
    c->p++;
    return counted_text(c, *ret_node);
}

/* Something else than text; *ret_node NULL: nothing that is kept. */
static enum err other_piece(struct cursor *c, uint8_t token, struct evtx_node **ret_node)
{
    switch (token & ~TOKEN_MORE) {
    case TOKEN_OPEN: return element(c, token, ret_node);
    case TOKEN_INSTANCE: return instance(c, ret_node);
    case TOKEN_PI_TARGET: return instruction(c, ret_node);
    case TOKEN_FRAGMENT:
        if (left(c) < 3)
            return short_of(c);
        c->p += 3;
        return OK;
    default: return bad(c->t, ERR_FORMAT, "an unknown token");
    }
}

/* Up to the end tag, or to the end of the fragment. */
static enum err content(struct cursor *c, bool in_element, struct evtx_node **tail)
{
    while (left(c)) {
        struct evtx_node *node;
        uint8_t token = *c->p++;
        if (token == TOKEN_CLOSE && in_element)
            return OK;
        if (token == TOKEN_END)
            break;
        TRY(text_piece(c, token, &node));
        if (!node)
            TRY(other_piece(c, token, &node));
        if (!node)
            continue;
        *tail = node;
        tail = &node->next;
    }
    return in_element ? bad(c->t, ERR_FORMAT, "an element without an end") : OK;
}

/* ---- templates ---- */

static enum err template_read(struct evtx_tree *t, struct evtx_template *template)
{
    uint32_t size = evtx_u32(t->p + template->offset + 20);
    if (size > t->n - template->offset - TEMPLATE_HEAD)
        return bad(t, ERR_FORMAT, "a template that is longer than the chunk");
    const unsigned char *p = t->p + template->offset + TEMPLATE_HEAD;
    struct cursor c = {t, p, p + size, true};
    template->end = template->offset + TEMPLATE_HEAD + size;
    return content(&c, false, &template->root);
}

/* A definition: next (4), GUID (16), size (4), tokens. */
enum err evtx_tree_template(struct evtx_tree *t, uint32_t offset,
                            struct evtx_template **ret_template)
{
    if (offset >= t->n || t->n - offset < TEMPLATE_HEAD)
        return bad(t, ERR_FORMAT, "a template outside the chunk");
    if (t->template_at[offset]) {
        *ret_template = t->templates.v[t->template_at[offset] - 1];
        return (*ret_template)->why ? bad(t, ERR_FORMAT, (*ret_template)->why) : OK;
    }
    struct evtx_template *template = arena_new(&t->chunk, struct evtx_template);
    if (!template)
        return evtx_tree_no_room(t, &t->chunk, sizeof *template);
    *ret_template = template;
    template->offset = offset;
    template->id = evtx_u32(t->p + offset + 4);
    enum err rc = template_read(t, template);
    /* What was too much for one record need not be for a longer one. */
    if (rc == ERR_NOMEM || rc == ERR_LIMIT)
        return rc;
    TRY(vec_push(&t->templates, template, ALL_TEMPLATES - 1));
    t->template_at[offset] = (uint16_t)t->templates.n;
    template->why = rc ? t->why : NULL;
    return rc;
}

enum err evtx_tree_values(struct evtx_tree *t, const unsigned char **p, const unsigned char *end,
                          struct evtx_value *values, uint32_t n_values)
{
    const unsigned char *descriptor = *p;
    if (n_values > (size_t)(end - descriptor) / 4)
        return bad(t, ERR_FORMAT, "more values than the record holds");
    const unsigned char *at = descriptor + 4 * (size_t)n_values;
    for (uint32_t i = 0; i < n_values; i++, descriptor += 4) {
        uint32_t n = evtx_u16(descriptor);
        if (n > (size_t)(end - at))
            return bad(t, ERR_FORMAT, "a value that is longer than the record");
        values[i] = (struct evtx_value){at, n, descriptor[2]};
        at += n;
    }
    *p = at;
    return OK;
}

/* 1 (1), id (4), offset of the definition (4), perhaps the definition, number of values (4). */
static enum err instance(struct cursor *c, struct evtx_node **ret_node)
{
    struct evtx_template *template;
    if (c->t->depth >= EVTX_DEPTH)
        return bad(c->t, ERR_LIMIT, "nested too deeply");
    if (left(c) < 9)
        return short_of(c);
    uint32_t id = evtx_u32(c->p + 1), offset = evtx_u32(c->p + 5);
    c->p += 9;
    TRY(node_new(c, EVTX_INSTANCE, ret_node));
    c->t->depth++;
    TRY(evtx_tree_template(c->t, offset, &template));
    c->t->depth--;
    if (template->id != id)
        return bad(c->t, ERR_FORMAT, "another template stands where its own was");
    if (offset == (uint32_t)(c->p - c->t->p)) {
        if (template->end - offset > left(c))
            return short_of(c);
        c->p += template->end - offset;
    }
    if (left(c) < 4)
        return short_of(c);
    uint32_t n = evtx_u32(c->p);
    c->p += 4;
    if (n > left(c) / 4)
        return bad(c->t, ERR_FORMAT, "more values than the record holds");
    TRY(evtx_tree_work(c->t, n));
    struct evtx_value *values = arena_new_n(arena_of(c), struct evtx_value, n ? n : 1);
    if (!values)
        return evtx_tree_no_room(c->t, arena_of(c), (size_t)n * sizeof *values);
    TRY(evtx_tree_values(c->t, &c->p, c->end, values, n));
    (*ret_node)->of = template;
    (*ret_node)->values = values;
    (*ret_node)->n_values = n;
    return OK;
}

enum err evtx_tree_fragment(struct evtx_tree *t, const unsigned char *p, size_t n,
                            struct evtx_node **ret_nodes)
{
    struct cursor c = {t, p, p + n, false};
    *ret_nodes = NULL;
    t->depth = 0;
    return content(&c, false, ret_nodes);
}

/* ---- walking ---- */

/* What a value costs: reals are written by printf, and compared. */
static size_t cost(struct evtx_value v)
{
    uint8_t type = v.type & (uint8_t)~EVTX_ARRAY;
    return type == EVTX_REAL32 || type == EVTX_REAL64 ? EVTX_WORK_REAL * (size_t)v.n : v.n;
}

enum err evtx_tree_place(struct evtx_tree *t, const struct evtx_node *node, struct evtx_bind bind,
                         struct evtx_place *ret_place)
{
    TRY(evtx_tree_work(t, 1));
    *ret_place = (struct evtx_place){.is = EVTX_IS_NODE};
    if (node->kind == EVTX_INSTANCE) {
        ret_place->is = EVTX_IS_NODES;
        ret_place->nodes = node->of->root;
        ret_place->bind = (struct evtx_bind){node->values, node->n_values};
        return OK;
    }
    if (node->kind == EVTX_TEXT || node->kind == EVTX_CHAR) {
        ret_place->is = EVTX_IS_VALUE;
        ret_place->value = node->value;
        return evtx_tree_work(t, cost(node->value));
    }
    if (node->kind != EVTX_SUB)
        return evtx_tree_work(t, node->kind == EVTX_ENTITY ? node->name.n : 0);
    if (node->sub >= bind.n)
        return bad(t, ERR_FORMAT, "a value that the template asks for is missing");
    struct evtx_value v = bind.values[node->sub];
    TRY(evtx_tree_work(t, cost(v)));
    ret_place->value = v;
    if (v.type == EVTX_BINXML) {
        ret_place->is = EVTX_IS_NODES;
        return evtx_tree_fragment(t, v.p, v.n, &ret_place->nodes);
    }
    ret_place->is = v.type == EVTX_NULL && node->optional ? EVTX_IS_NOTHING : EVTX_IS_VALUE;
    return OK;
}
