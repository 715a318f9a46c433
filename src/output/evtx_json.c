#include "base/hash.h"
#include "codec/evtx_flat.h"
#include "output/escape.h"
#include "output/evtx_text.h"

#include <stdlib.h>
#include <sys/random.h>

void evtx_text_init(struct evtx_text *t, struct buf *out)
{
    *t = (struct evtx_text){.out = out};
    if (getrandom(&t->seed, sizeof t->seed, GRND_NONBLOCK) != sizeof t->seed)
        t->seed = 0x51ed270b7a1c3f27u;
    buf_init(&t->scratch, SIZE_MAX / 2);
}

void evtx_text_done(struct evtx_text *t)
{
    buf_done(&t->scratch);
    free(t->keys);
    t->keys = NULL;
}

/* ---- keys: none twice in an object ---- */

static struct evtx_key *key_find(const struct evtx_text *t, uint32_t object, struct str name)
{
    size_t mask = t->cap_keys - 1;
    for (size_t i = hash64(name, t->seed ^ object) & mask;; i = (i + 1) & mask) {
        struct evtx_key *key = &t->keys[i];
        if (!key->name.p || (key->object == object && str_eq(key->name, name)))
            return key;
    }
}

static enum err keys_grow(struct evtx_text *t)
{
    struct evtx_text old = *t;
    t->cap_keys = old.cap_keys ? old.cap_keys * 2 : 256;
    t->keys = calloc(t->cap_keys, sizeof *t->keys);
    if (!t->keys) {
        *t = old;
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < old.cap_keys; i++)
        if (old.keys[i].name.p)
            *key_find(t, old.keys[i].object, old.keys[i].name) = old.keys[i];
    free(old.keys);
    return OK;
}

/* How often the name was met in the object before; counts it. */
static enum err key_count(struct evtx_text *t, uint32_t object, struct str name, uint32_t *ret_n)
{
    if (2 * t->n_keys >= t->cap_keys)
        TRY(keys_grow(t));
    struct evtx_key *key = key_find(t, object, name);
    if (!key->name.p) {
        *key = (struct evtx_key){name, object, 0};
        t->n_keys++;
    }
    *ret_n = key->n++;
    return OK;
}

/* A table that one long record made is not cleared for each short one behind it. */
static void keys_forget(struct evtx_text *t)
{
    if (t->cap_keys > 1024) {
        free(t->keys);
        t->keys = NULL;
        t->cap_keys = 0;
    } else if (t->n_keys) {
        memset(t->keys, 0, t->cap_keys * sizeof *t->keys);
    }
    t->n_keys = 0;
    t->object = 0;
}

/* ---- an object that is being written ---- */

struct object {
    uint32_t number;
    bool more;
};

static struct object object_begin(struct evtx_text *t)
{
    buf_putc(t->out, '{');
    return (struct object){++t->object, false};
}

static void comma(struct evtx_text *t, bool *more)
{
    if (*more)
        buf_putc(t->out, ',');
    *more = true;
}

static void plain_key(struct evtx_text *t, struct object *o, const char *key)
{
    comma(t, &o->more);
    buf_putc(t->out, '"');
    buf_puts(t->out, key);
    buf_puts(t->out, "\":");
}

/* "Header", "Header_1", "Header_2"; what is a key already is passed over. */
static enum err key_json(struct evtx_text *t, struct object *o, struct str name)
{
    uint32_t n, taken = 0;
    struct str full = name;
    TRY(evtx_tree_work(t->tree, name.n + 1));
    TRY(key_count(t, o->number, name, &n));
    for (uint32_t i = n; n && (i == n || taken); i++) {
        char *p = arena_alloc(&t->tree->record, name.n + 12);
        if (!p)
            return evtx_tree_no_room(t->tree, &t->tree->record, name.n + 12);
        struct buf b = {.p = p, .cap = name.n + 12, .max = name.n + 12};
        buf_str(&b, name);
        buf_putc(&b, '_');
        buf_u64(&b, i);
        full = buf_view(&b);
        TRY(evtx_tree_work(t->tree, full.n));
        TRY(key_count(t, o->number, full, &taken));
    }
    comma(t, &o->more);
    buf_putc(t->out, '"');
    escape_json(t->out, full);
    buf_puts(t->out, "\":");
    return OK;
}

/* ---- values ---- */

static bool is_number(struct evtx_value v)
{
    return v.n > 0 && v.n <= 8 && v.type >= EVTX_INT8 && v.type <= EVTX_UINT64;
}

/* Forms that hold neither quotes nor letters that need escaping. */
static bool is_safe(struct evtx_value v)
{
    return v.type >= EVTX_INT8 && v.type <= EVTX_HEX64;
}

static enum err put_raw(struct buf *b, struct evtx_value v, const unsigned char *limit)
{
    char *p = buf_reserve(b, evtx_value_bound(v.n));
    if (!p)
        return b->rc;
    b->n += (size_t)(evtx_value_put(p, v, limit) - p);
    return OK;
}

static enum err scalar_json(struct evtx_text *t, struct evtx_value v)
{
    const unsigned char *limit = t->tree->p + t->tree->n;
    if (v.type == EVTX_NULL || (v.n == 0 && v.type != EVTX_STRING && v.type != EVTX_ANSI)) {
        buf_puts(t->out, "null");
        return OK;
    }
    if (is_number(v) || (v.type == EVTX_BOOL && v.n <= 8))
        return put_raw(t->out, v, limit);
    buf_putc(t->out, '"');
    if (is_safe(v)) {
        TRY(put_raw(t->out, v, limit));
    } else {
        buf_reset(&t->scratch);
        TRY(put_raw(&t->scratch, v, limit));
        escape_json(t->out, buf_view(&t->scratch));
    }
    buf_putc(t->out, '"');
    return OK;
}

static enum err members_json(struct evtx_text *t, struct evtx_value array, bool *more)
{
    struct evtx_value member;
    for (uint32_t at = 0; evtx_array_next(array, &at, &member);) {
        TRY(evtx_tree_work(t->tree, 1));
        comma(t, more);
        TRY(scalar_json(t, member));
    }
    return OK;
}

static enum err value_json(struct evtx_text *t, struct evtx_value v)
{
    bool more = false;
    if (!(v.type & EVTX_ARRAY))
        return scalar_json(t, v);
    buf_putc(t->out, '[');
    TRY(members_json(t, v, &more));
    buf_putc(t->out, ']');
    return OK;
}

/* What there is between two tags, without looking into it. */
struct survey {
    unsigned texts, others, n;    /* others: elements, or what may become some; n: all */
    const struct evtx_node *text; /* the last one */
};

static struct survey survey_of(const struct evtx_node *nodes, struct evtx_bind bind)
{
    struct survey s = {0};
    for (; nodes; nodes = nodes->next) {
        uint8_t type = EVTX_STRING;
        s.n++;
        if (nodes->kind == EVTX_SUB && nodes->sub < bind.n)
            type = bind.values[nodes->sub].type;
        if (nodes->kind == EVTX_ELEMENT || nodes->kind == EVTX_INSTANCE || type == EVTX_BINXML) {
            s.others++;
        } else if (nodes->kind != EVTX_PI &&
                   !(nodes->kind == EVTX_SUB && type == EVTX_NULL && nodes->optional)) {
            s.texts++;
            s.text = nodes;
        }
    }
    return s;
}

/* The pieces of text among the nodes, as one string. */
static enum err pieces_text(struct evtx_text *t, const struct evtx_node *nodes,
                            struct evtx_bind bind, struct buf *to)
{
    struct evtx_place place;
    for (; nodes; nodes = nodes->next) {
        if (nodes->kind == EVTX_ENTITY) {
            struct str is = evtx_entity(nodes->name);
            TRY(evtx_tree_work(t->tree, nodes->name.n));
            buf_str(to, is.p ? is : nodes->name);
        }
        if (nodes->kind != EVTX_TEXT && nodes->kind != EVTX_CHAR && nodes->kind != EVTX_SUB)
            continue;
        if (nodes->kind == EVTX_SUB && nodes->sub < bind.n &&
            bind.values[nodes->sub].type == EVTX_BINXML)
            continue;
        TRY(evtx_tree_place(t->tree, nodes, bind, &place));
        if (place.is == EVTX_IS_VALUE)
            TRY(put_raw(to, place.value, t->tree->p + t->tree->n));
    }
    return to->rc;
}

static enum err text_json(struct evtx_text *t, const struct evtx_node *nodes, struct evtx_bind bind,
                          const struct survey *s)
{
    struct evtx_place place;
    if (s->texts == 0) {
        buf_puts(t->out, "null");
        return OK;
    }
    if (s->texts == 1 && s->text->kind != EVTX_ENTITY) {
        TRY(evtx_tree_place(t->tree, s->text, bind, &place));
        return value_json(t, place.value);
    }
    buf_reset(&t->scratch);
    TRY(pieces_text(t, nodes, bind, &t->scratch));
    buf_putc(t->out, '"');
    escape_json(t->out, buf_view(&t->scratch));
    buf_putc(t->out, '"');
    return OK;
}

/* ---- elements ---- */

static enum err too_deep(struct evtx_text *t)
{
    t->tree->why = "nested too deeply";
    return ERR_LIMIT;
}

static bool is_data(const struct evtx_node *node)
{
    return node->kind == EVTX_ELEMENT && str_eq(node->name, STR("Data"));
}

static const struct evtx_node *name_of_data(const struct evtx_node *node)
{
    for (const struct evtx_node *a = node->attribute; a; a = a->next)
        if (str_eq(a->name, STR("Name")))
            return a;
    return NULL;
}

static enum err attributes_json(struct evtx_text *t, const struct evtx_node *node,
                                const struct evtx_node *without, struct evtx_bind bind,
                                bool *ret_any, struct object *around)
{
    struct object o = {0};
    *ret_any = false;
    for (const struct evtx_node *a = node->attribute; a; a = a->next) {
        struct survey s = survey_of(a->content, bind);
        TRY(evtx_tree_work(t->tree, s.n + 1));
        if (a == without || s.texts == 0)
            continue;
        if (!*ret_any) {
            *around = object_begin(t);
            plain_key(t, around, "#attributes");
            o = object_begin(t);
            *ret_any = true;
        }
        TRY(key_json(t, &o, a->name));
        TRY(text_json(t, a->content, bind, &s));
    }
    if (*ret_any)
        buf_putc(t->out, '}');
    return OK;
}

static enum err content_json(struct evtx_text *t, const struct evtx_node *nodes,
                             struct evtx_bind bind, bool in_data, unsigned depth, struct object *o);

/* The value of an element: null, a text, or an object. */
static enum err element_json(struct evtx_text *t, const struct evtx_node *node,
                             const struct evtx_node *without, struct evtx_bind bind, unsigned depth)
{
    bool is_object;
    struct object o;
    struct survey s = survey_of(node->content, bind);
    if (depth >= EVTX_DEPTH)
        return too_deep(t);
    TRY(evtx_tree_work(t->tree, s.n));
    TRY(attributes_json(t, node, without, bind, &is_object, &o));
    if (!is_object && !s.others)
        return text_json(t, node->content, bind, &s);
    if (!is_object)
        o = object_begin(t);
    TRY(content_json(t, node->content, bind, str_eq(node->name, STR("EventData")), depth + 1, &o));
    if (s.texts) {
        plain_key(t, &o, "#text");
        TRY(text_json(t, node->content, bind, &s));
    }
    buf_putc(t->out, '}');
    return OK;
}

/* All <Data> without a name that stand beside each other: {"#text":"..."} or a list. */
static enum err unnamed_json(struct evtx_text *t, const struct evtx_node *nodes,
                             struct evtx_bind bind, struct object *o)
{
    bool more = false, list = false;
    unsigned n = 0;
    for (const struct evtx_node *node = nodes; node; node = node->next) {
        struct survey s = survey_of(node->content, bind);
        TRY(evtx_tree_work(t->tree, s.n + 1));
        if (!is_data(node) || node->attribute)
            continue;
        n++;
        list = n > 1 || (s.texts == 1 && s.text->kind == EVTX_SUB && s.text->sub < bind.n &&
                         bind.values[s.text->sub].type & EVTX_ARRAY);
    }
    TRY(key_json(t, o, STR("Data")));
    buf_puts(t->out, list ? "{\"#text\":[" : "{\"#text\":");
    for (const struct evtx_node *node = nodes; node; node = node->next) {
        struct survey s = survey_of(node->content, bind);
        struct evtx_place place;
        TRY(evtx_tree_work(t->tree, s.n + 1));
        if (!is_data(node) || node->attribute)
            continue;
        if (s.texts == 1 && s.text->kind == EVTX_SUB) {
            TRY(evtx_tree_place(t->tree, s.text, bind, &place));
            if (place.value.type & EVTX_ARRAY) {
                TRY(members_json(t, place.value, &more));
                continue;
            }
        }
        comma(t, &more);
        if (list && s.texts == 0)
            buf_puts(t->out, "\"\"");
        else
            TRY(text_json(t, node->content, bind, &s));
    }
    buf_puts(t->out, list ? "]}" : "}");
    return OK;
}

/* <Data Name="Image">: its name is the key. */
static enum err named_json(struct evtx_text *t, const struct evtx_node *node,
                           const struct evtx_node *name, struct evtx_bind bind, unsigned depth,
                           struct object *o)
{
    buf_reset(&t->scratch);
    TRY(pieces_text(t, name->content, bind, &t->scratch));
    struct str key = arena_str(&t->tree->record, buf_view(&t->scratch));
    if (!key.p)
        return evtx_tree_no_room(t->tree, &t->tree->record, t->scratch.n + 1);
    TRY(key_json(t, o, key));
    return element_json(t, node, name, bind, depth);
}

static enum err content_json(struct evtx_text *t, const struct evtx_node *nodes,
                             struct evtx_bind bind, bool in_data, unsigned depth, struct object *o)
{
    bool unnamed = false;
    struct evtx_place place;
    if (depth >= EVTX_DEPTH)
        return too_deep(t);
    for (const struct evtx_node *node = nodes; node; node = node->next) {
        const struct evtx_node *name = is_data(node) && in_data ? name_of_data(node) : NULL;
        TRY(evtx_tree_work(t->tree, 1));
        if (name) {
            TRY(named_json(t, node, name, bind, depth, o));
        } else if (in_data && is_data(node) && !node->attribute) {
            if (!unnamed)
                TRY(unnamed_json(t, node, bind, o));
            unnamed = true;
        } else if (node->kind == EVTX_ELEMENT) {
            TRY(key_json(t, o, node->name));
            TRY(element_json(t, node, NULL, bind, depth));
        } else if (node->kind == EVTX_INSTANCE || (node->kind == EVTX_SUB && node->sub < bind.n &&
                                                   bind.values[node->sub].type == EVTX_BINXML)) {
            TRY(evtx_tree_place(t->tree, node, bind, &place));
            TRY(content_json(t, place.nodes, place.bind, in_data, depth + 1, o));
        } else if (node->kind == EVTX_SUB) {
            /* Text is written by whoever knows the element; a missing value is told here. */
            TRY(evtx_tree_place(t->tree, node, bind, &place));
        }
    }
    return OK;
}

enum err evtx_json(struct evtx_text *t, struct evtx_tree *tree, const struct evtx_node *nodes,
                   const struct evtx_record *record)
{
    t->tree = tree;
    keys_forget(t);
    struct object o = object_begin(t);
    TRY(content_json(t, nodes, (struct evtx_bind){0}, false, 0, &o));
    if (record->carved) {
        TRY(key_json(t, &o, STR("carved")));
        buf_puts(t->out, "true");
    }
    buf_puts(t->out, "}\n");
    return t->out->rc;
}
