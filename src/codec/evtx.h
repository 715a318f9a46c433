/* codec/evtx.h — Windows event logs: their records as rows of one shape, or as trees.
 *
 * What:   takes a file's bytes in order, chunk by chunk, and hands out what it holds. Needs one
 *         chunk in memory, so that it works on files, on parts of them (runs of whole chunks) and
 *         on streams. Header fields are believed only where the records bear them out.
 * Input:  hostile. A record that cannot be read is a gap with its offset; all others are as if it
 *         were not there, but for templates and names that stood inside it.
 * Limits: those of evtx_tree a record; EVTX_SHAPES shapes, which are forgotten where they become
 *         many, and EVTX_OPEN_BYTES of rows that were not handed out yet.
 * Owner:  evtx_new/evtx_free. Shapes live until then, or until the sink's forget.
 * Spec:   MS-EVEN6 2.2.12; docs/internals/EVTX.md
 */
#ifndef CODEC_EVTX_H
#define CODEC_EVTX_H

#include "codec/evtx_clock.h"
#include "codec/evtx_tree.h"
#include "codec/stream.h"
#include "model/rows.h"

enum {
    EVTX_HEADER_BYTES = 4096,
    EVTX_SHAPES = 32 * 1024,
    EVTX_OPEN_BYTES = 16 * 1024 * 1024,
};

struct evtx_record {
    struct row_place place;
    bool carved; /* found where the log says that nothing is */
};

/* What to do about records where the log says that nothing is. */
enum evtx_carve {
    EVTX_CARVE_NOTHING,
    EVTX_CARVE_IN_PLACE, /* they come where they stand */
    EVTX_CARVE_APART,    /* once the log is read, each once, and none that is alive in it */
};

struct evtx_options {
    struct rows_sink sink; /* rows may be NULL */
    /* If set, records are handed out as trees, and not as rows; ctx is the sink's. ERR_FORMAT and
     * ERR_LIMIT make a gap of it, anything else ends the reading. */
    enum err (*record)(void *ctx, struct evtx_tree *tree, const struct evtx_node *nodes,
                       const struct evtx_record *record);
    enum evtx_carve carve; /* look behind the records as well */
    bool one_path;         /* for tests: never take the short path to rows */
};

/* What one file told of itself and what was found in it; no judgement. Since evtx_header. */
struct evtx_facts {
    bool dirty; /* not closed in an orderly way: numbers in headers are old */
    uint64_t chunks, unused, unsigned_chunks; /* with records; all zero; without a signature */
    uint64_t uncounted; /* chunks with records that the header of an orderly file leaves out */
    uint64_t records, carved, gaps;
    uint64_t first_id, last_id; /* of records, carved ones apart: smallest and largest */
    /* Since evtx_end: numbers between them that no record has; records that have another's. */
    uint64_t missing_ids, twice_ids;
    uint64_t told_chunks, next_id; /* as an orderly file's header tells them; 0: it does not */
    int64_t first_us, last_us;     /* earliest and latest; TIME_NONE without records */
    struct evtx_clock clock;       /* unless records are handed out as trees */
};

struct evtx;

MUST_CHECK enum err evtx_new(const struct evtx_options *options, struct evtx **ret_evtx);
struct evtx *evtx_free(struct evtx *e);
/* From the next file on. */
void evtx_carve(struct evtx *e, enum evtx_carve how);
/* Begins a file with its first bytes, which may be fewer than EVTX_HEADER_BYTES. */
MUST_CHECK enum err evtx_header(struct evtx *e, struct str bytes);
/* At most EVTX_CHUNK_BYTES that stand at that offset of the file; fewer only at its end. */
MUST_CHECK enum err evtx_chunk(struct evtx *e, struct str bytes, uint64_t offset);
/* The chunks from here on stand so many bytes behind where the header lets expect them. */
void evtx_shift(struct evtx *e, uint64_t bytes);
/* Bytes that are no chunk, fewer than one has: only carving looks at them. */
MUST_CHECK enum err evtx_slack(struct evtx *e, struct str bytes, uint64_t offset);
/* Carves what was put off, and hands out the rows that are left. */
MUST_CHECK enum err evtx_end(struct evtx *e);
const struct evtx_facts *evtx_facts(const struct evtx *e);
/* Of a file that was read: tells the sink which numbers are missing or met twice, as gaps, and
 * where the clock went back. */
MUST_CHECK enum err evtx_facts_tell(const struct evtx_facts *f, const struct rows_sink *sink);

/* A whole file from a stream, and what evtx_facts_tell tells of it; ret_bytes (may be NULL) are
 * those that it had. ERR_FORMAT if it is no event log. */
MUST_CHECK enum err evtx_read(struct evtx *e, struct stream *stream, uint64_t *ret_bytes,
                              struct error *error);

#endif
