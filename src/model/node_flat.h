/* model/node_flat.h — trees of nodes as bytes, to be kept between runs.
 *
 * What:   a tree written in the order in which it is read, and read again without parsing anything.
 * Input:  bytes are hostile: lengths, counts, depth and the number of nodes are checked.
 * Limits: LIMIT_YAML_DEPTH levels, LIMIT_YAML_EVENTS nodes of one tree.
 * Owner:  nodes read live in the arena given; their texts are borrowed from the bytes, and a NUL
 *         that is not counted stands behind each.
 * Spec:   docs/adr/0013-rules-are-kept-as-trees.md
 */
#ifndef MODEL_NODE_FLAT_H
#define MODEL_NODE_FLAT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/rd.h"
#include "model/node.h"

/* The buffer's sticky error tells of too little room. */
void node_put(struct buf *b, const struct node *tree);
/* ERR_FORMAT for bytes that are no tree. */
MUST_CHECK enum err node_take(struct rd *r, struct arena *arena, struct node *ret_tree);

#endif
