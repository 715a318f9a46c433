/* output/evtx_text.h — a record of a Windows event log as JSON or XML.
 *
 * What:   walks over the tree of a record with its values and writes one line.
 * Input:  hostile, through codec/evtx_tree.h. Texts are escaped for their medium.
 * Limits: the work of the record; the buffer's maximum.
 * Owner:  evtx_text_init/evtx_text_done; appends to the caller's buffer, which keeps what was
 *         written before a failure.
 * Spec:   docs/reference/dump.md; XML 1.0, RFC 8259
 */
#ifndef OUTPUT_EVTX_TEXT_H
#define OUTPUT_EVTX_TEXT_H

#include "codec/evtx.h"

/* A key of an object, and how often it was met there. */
struct evtx_key {
    struct str name;
    uint32_t object, n;
};

struct evtx_text {
    struct buf *out;
    struct evtx_tree *tree;
    struct buf scratch;
    struct evtx_key *keys; /* open addressing */
    size_t n_keys, cap_keys;
    uint64_t seed;   /* of their hashes: names are hostile */
    uint32_t object; /* the last one that was begun */
};

void evtx_text_init(struct evtx_text *t, struct buf *out);
void evtx_text_done(struct evtx_text *t);
/* {"Event":{...}} and a line break. */
MUST_CHECK enum err evtx_json(struct evtx_text *t, struct evtx_tree *tree,
                              const struct evtx_node *nodes, const struct evtx_record *record);
/* <Event ...>...</Event> and a line break. */
MUST_CHECK enum err evtx_xml(struct evtx_text *t, struct evtx_tree *tree,
                             const struct evtx_node *nodes, const struct evtx_record *record);

#endif
