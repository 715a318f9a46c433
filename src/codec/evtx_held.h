/* codec/evtx_held.h — carving once a log was read: which records are alive, and chunks kept till
 * then.
 *
 * What:   a set of records by number and time, and copies of chunks that hold records to carve. A
 *         record that the log still has may stand in slack as well, before it or behind it.
 * Input:  hostile numbers and times.
 * Limits: EVTX_SEEN records, EVTX_HELD chunks; who meets them goes on without.
 * Owner:  evtx_held_done.
 * Spec:   docs/internals/EVTX.md, "Carving"
 */
#ifndef CODEC_EVTX_HELD_H
#define CODEC_EVTX_HELD_H

#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

enum { EVTX_SEEN = 4 * 1024 * 1024, EVTX_HELD = 1024 };

struct evtx_held_chunk {
    unsigned char *p;
    uint64_t offset; /* of the chunk, in the file */
    uint32_t n, at;  /* its bytes; from where on it is carved */
};

struct evtx_seen {
    uint64_t id, mark; /* both 0: empty */
};

struct evtx_held {
    struct evtx_seen *seen; /* a hash table */
    size_t n_seen, cap;
    bool full; /* EVTX_SEEN was reached: not all that is alive is known */
    VEC(struct evtx_held_chunk) chunk;
};

void evtx_held_done(struct evtx_held *h);
void evtx_held_clear(struct evtx_held *h);
/* The record was handed out; time: FILETIME. If the set is full, it is not known later. */
MUST_CHECK enum err evtx_held_add(struct evtx_held *h, uint64_t id, uint64_t time);
bool evtx_held_has(const struct evtx_held *h, uint64_t id, uint64_t time);
/* Keeps a copy. ERR_LIMIT: EVTX_HELD are kept already. */
MUST_CHECK enum err evtx_held_keep(struct evtx_held *h, const unsigned char *p, uint32_t n,
                                   uint32_t at, uint64_t offset);
/* Drops all copies, and remembers what was met. */
void evtx_held_drop(struct evtx_held *h);

#endif
