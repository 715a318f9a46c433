#include "model/node.h"

const struct node *node_get(const struct node *map, const char *key)
{
    const struct str name = str_of(key);
    if (!map || map->type != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->n; i++)
        if (str_eq(map->key[i], name))
            return &map->item[i];
    return NULL;
}

struct str node_text(const struct node *map, const char *key)
{
    const struct node *v = node_get(map, key);
    return v && v->type == NODE_SCALAR && !node_is_null(v) ? v->text : STR_NONE;
}

size_t node_items(const struct node *node, const struct node **ret_items)
{
    *ret_items = NULL;
    if (!node || node_is_null(node))
        return 0;
    *ret_items = node->type == NODE_LIST ? node->item : node;
    return node->type == NODE_LIST ? node->n : 1;
}

bool node_is_null(const struct node *node)
{
    return node->type == NODE_SCALAR && node->plain &&
           (node->text.n == 0 || str_eq(node->text, STR("~")) || str_eq(node->text, STR("null")) ||
            str_eq(node->text, STR("Null")) || str_eq(node->text, STR("NULL")));
}

bool node_bool(const struct node *node, bool *ret_value)
{
    if (!node || node->type != NODE_SCALAR || !node->plain)
        return false;
    *ret_value = str_ieq(node->text, STR("true"));
    return *ret_value || str_ieq(node->text, STR("false"));
}
