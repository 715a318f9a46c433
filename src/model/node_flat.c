#include "model/node_flat.h"

#include "base/limits.h"
#include "base/wr.h"

enum { TAG_TYPE = 3, TAG_PLAIN = 4 };

static void put_text(struct buf *b, struct str text)
{
    wr_u32(b, (uint32_t)text.n);
    buf_str(b, text);
    buf_putc(b, 0);
}

void node_put(struct buf *b, const struct node *tree)
{
    wr_u8(b, (uint8_t)((unsigned)tree->type | (tree->plain ? TAG_PLAIN : 0u)));
    wr_u32(b, tree->line);
    if (tree->type == NODE_SCALAR) {
        put_text(b, tree->text);
        return;
    }
    wr_u32(b, (uint32_t)tree->n);
    for (size_t i = 0; i < tree->n; i++) {
        if (tree->type == NODE_MAP)
            put_text(b, tree->key[i]);
        node_put(b, &tree->item[i]);
    }
}

struct taking {
    struct rd *r;
    struct arena *arena;
    size_t nodes; /* that the tree may still have */
};

static enum err take_text(struct rd *r, struct str *ret_text)
{
    uint32_t n = rd_u32(r);
    struct str s = n < UINT32_MAX ? rd_slice(r, (size_t)n + 1) : STR_NONE;
    if (r->rc || !s.n || s.p[n])
        return ERR_FORMAT;
    *ret_text = str_make(s.p, n);
    return OK;
}

static enum err take_node(struct taking *t, unsigned depth, struct node *ret)
{
    unsigned tag = rd_u8(t->r);
    *ret = (struct node){.type = (enum node_type)(tag & TAG_TYPE),
                         .plain = (tag & TAG_PLAIN) != 0,
                         .line = rd_u32(t->r)};
    if (tag > (NODE_MAP | TAG_PLAIN) || (tag & TAG_TYPE) > NODE_MAP || t->r->rc)
        return ERR_FORMAT;
    if (ret->type == NODE_SCALAR)
        return take_text(t->r, &ret->text);
    ret->n = rd_u32(t->r);
    if (t->r->rc || depth == LIMIT_YAML_DEPTH || ret->n > t->nodes || ret->n > rd_left(t->r))
        return ERR_FORMAT;
    t->nodes -= ret->n;
    ret->item = arena_new_n(t->arena, struct node, ret->n ? ret->n : 1);
    bool map = ret->type == NODE_MAP;
    ret->key = map ? arena_new_n(t->arena, struct str, ret->n ? ret->n : 1) : NULL;
    if (!ret->item || (map && !ret->key))
        return ERR_NOMEM;
    for (size_t i = 0; i < ret->n; i++) {
        if (map)
            TRY(take_text(t->r, &ret->key[i]));
        TRY(take_node(t, depth + 1, &ret->item[i]));
    }
    return OK;
}

enum err node_take(struct rd *r, struct arena *arena, struct node *ret_tree)
{
    struct taking t = {r, arena, LIMIT_YAML_EVENTS};
    return take_node(&t, 0, ret_tree);
}
