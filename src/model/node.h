/* model/node.h — a tree of scalars, lists and maps: what YAML and JSON documents become.
 *
 * What:   plain nodes in an arena, and the getters that loaders need.
 * Input:  built by codec/yaml.c (and codec/json.c) from hostile text.
 * Limits: those of the codec that built it.
 * Owner:  nodes live in the caller's arena; texts are copies.
 * Spec:   YAML 1.2.2 core schema for plain scalars (node_is_null, node_bool).
 */
#ifndef MODEL_NODE_H
#define MODEL_NODE_H

#include "base/str.h"

enum node_type { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
    enum node_type type;
    bool plain;        /* scalar without quotes: null, booleans and numbers are typed so */
    uint32_t line;     /* from 1 */
    struct str text;   /* scalar */
    size_t n;          /* items of a list, pairs of a map */
    struct node *item; /* list items, or map values */
    struct str *key;   /* map keys, in file order; NULL for a list */
};

/* The value of a key of a map, or NULL. */
const struct node *node_get(const struct node *map, const char *key);
/* The scalar text of a key, or absent if missing, null or no scalar. */
struct str node_text(const struct node *map, const char *key);
/* A list as it stands, or a scalar or map as a list of one: items and count. NULL or null gives 0.
 */
size_t node_items(const struct node *node, const struct node **ret_items);
bool node_is_null(const struct node *node);
bool node_bool(const struct node *node, bool *ret_value);

#endif
