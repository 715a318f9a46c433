#include "codec/evtx_flat.h"
#include "output/escape.h"
#include "output/evtx_text.h"

static enum err nodes_xml(struct evtx_text *t, const struct evtx_node *nodes, struct evtx_bind bind,
                          unsigned depth);

static enum err value_xml(struct evtx_text *t, struct evtx_value v)
{
    struct buf *b = &t->scratch;
    buf_reset(b);
    char *p = buf_reserve(b, evtx_value_bound(v.n));
    if (!p)
        return b->rc;
    char *end = evtx_value_put(p, v, t->tree->p + t->tree->n);
    escape_xml(t->out, str_make(p, (size_t)(end - p)));
    return OK;
}

/* An entity that XML knows stays one; any other becomes text. */
static void entity_xml(struct evtx_text *t, struct str name)
{
    if (!evtx_entity(name).p)
        buf_puts(t->out, "&amp;");
    else
        buf_putc(t->out, '&');
    escape_xml(t->out, name);
    buf_putc(t->out, ';');
}

static bool is_name_byte(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || c == '_' || c == '-' || c == '.' || c == ':';
}

/* Names come from the log as well: what cannot stand in one is written as '_'. */
static enum err name_xml(struct evtx_text *t, struct str name)
{
    TRY(evtx_tree_work(t->tree, name.n + 1));
    char *to = buf_reserve(t->out, name.n + 1);
    if (!to)
        return t->out->rc;
    char *from = to;
    if (!name.n || !(ascii_alpha((unsigned char)name.p[0]) || name.p[0] == '_'))
        *to++ = '_';
    for (size_t i = 0; i < name.n; i++)
        *to++ = (char)(is_name_byte((unsigned char)name.p[i]) ? name.p[i] : '_');
    t->out->n += (size_t)(to - from);
    return OK;
}

/* Is there anything to be said of the attribute? */
static enum err is_there(struct evtx_text *t, const struct evtx_node *pieces, struct evtx_bind bind,
                         bool *ret_there)
{
    for (; pieces; pieces = pieces->next) {
        TRY(evtx_tree_work(t->tree, 1));
        *ret_there = pieces->kind != EVTX_SUB || !pieces->optional || pieces->sub >= bind.n ||
                     bind.values[pieces->sub].type != EVTX_NULL;
        if (*ret_there)
            return OK;
    }
    return OK;
}

static enum err attributes_xml(struct evtx_text *t, const struct evtx_node *a,
                               struct evtx_bind bind, unsigned depth)
{
    for (; a; a = a->next) {
        bool there = false;
        TRY(evtx_tree_work(t->tree, 1));
        TRY(is_there(t, a->content, bind, &there));
        if (!there)
            continue;
        buf_putc(t->out, ' ');
        TRY(name_xml(t, a->name));
        buf_puts(t->out, "=\"");
        TRY(nodes_xml(t, a->content, bind, depth));
        buf_putc(t->out, '"');
    }
    return OK;
}

/* The array that is all there is in the element; else false. */
static bool lone_array(const struct evtx_node *content, struct evtx_bind bind,
                       struct evtx_value *ret_array)
{
    if (!content || content->next || content->kind != EVTX_SUB || content->sub >= bind.n)
        return false;
    *ret_array = bind.values[content->sub];
    return ret_array->type & EVTX_ARRAY && ret_array->n;
}

static enum err element_xml(struct evtx_text *t, const struct evtx_node *node,
                            struct evtx_bind bind, const struct evtx_value *member, unsigned depth)
{
    buf_putc(t->out, '<');
    TRY(name_xml(t, node->name));
    TRY(attributes_xml(t, node->attribute, bind, depth));
    if (!node->content) {
        buf_puts(t->out, "/>");
        return OK;
    }
    buf_putc(t->out, '>');
    if (member)
        TRY(value_xml(t, *member));
    else
        TRY(nodes_xml(t, node->content, bind, depth + 1));
    buf_puts(t->out, "</");
    TRY(name_xml(t, node->name));
    buf_putc(t->out, '>');
    return OK;
}

/* Once for each member of an array that is its content. */
static enum err elements_xml(struct evtx_text *t, const struct evtx_node *node,
                             struct evtx_bind bind, unsigned depth)
{
    struct evtx_value array, member;
    if (!lone_array(node->content, bind, &array))
        return element_xml(t, node, bind, NULL, depth);
    for (uint32_t at = 0; evtx_array_next(array, &at, &member);) {
        TRY(evtx_tree_work(t->tree, member.n + 1));
        TRY(element_xml(t, node, bind, &member, depth));
    }
    return OK;
}

static enum err nodes_xml(struct evtx_text *t, const struct evtx_node *nodes, struct evtx_bind bind,
                          unsigned depth)
{
    struct evtx_place place;
    if (depth >= EVTX_DEPTH) {
        t->tree->why = "nested too deeply";
        return ERR_LIMIT;
    }
    for (; nodes; nodes = nodes->next) {
        if (nodes->kind == EVTX_ELEMENT) {
            TRY(elements_xml(t, nodes, bind, depth));
            continue;
        }
        TRY(evtx_tree_place(t->tree, nodes, bind, &place));
        if (place.is == EVTX_IS_VALUE)
            TRY(value_xml(t, place.value));
        else if (place.is == EVTX_IS_NODES)
            TRY(nodes_xml(t, place.nodes, place.bind, depth + 1));
        else if (nodes->kind == EVTX_ENTITY)
            entity_xml(t, nodes->name);
    }
    return OK;
}

enum err evtx_xml(struct evtx_text *t, struct evtx_tree *tree, const struct evtx_node *nodes,
                  const struct evtx_record *record)
{
    t->tree = tree;
    if (record->carved)
        buf_puts(t->out, "<!-- carved -->");
    TRY(nodes_xml(t, nodes, (struct evtx_bind){0}, 0));
    buf_putc(t->out, '\n');
    return t->out->rc;
}
