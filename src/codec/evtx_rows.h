/* codec/evtx_rows.h — records of event logs sorted into rows of one shape.
 *
 * What:   each template of a chunk is compiled once into the list of its fields. Of a record that
 *         fits, only the values are looked at: no tree is made. All others take the long way, over
 *         evtx_tree and evtx_flat, and come out the same.
 * Input:  hostile.
 * Limits: EVTX_SHAPES, EVTX_OPEN_BYTES; what evtx_tree says.
 * Owner:  shapes, programs and open rows are its own until evtx_rows_free, or the sink's forget.
 * Spec:   docs/internals/EVTX.md, "From records to rows"
 */
#ifndef CODEC_EVTX_ROWS_H
#define CODEC_EVTX_ROWS_H

#include "codec/evtx.h"

struct evtx_rows;

MUST_CHECK enum err evtx_rows_new(const struct evtx_options *options, struct evtx_rows **ret_rows);
struct evtx_rows *evtx_rows_free(struct evtx_rows *r);
/* A file begins: forgets shapes if they are many. */
MUST_CHECK enum err evtx_rows_begin(struct evtx_rows *r);
/* One record; ERR_FORMAT or ERR_LIMIT with tree->why if it cannot be read. */
MUST_CHECK enum err evtx_rows_take(struct evtx_rows *r, struct evtx_tree *tree,
                                   const unsigned char *p, size_t n,
                                   const struct evtx_record *record);
/* Whose the record is that was taken last; until the next one. */
const struct evtx_source *evtx_rows_source(const struct evtx_rows *r);
MUST_CHECK enum err evtx_rows_end(struct evtx_rows *r);

#endif
