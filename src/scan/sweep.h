/* scan/sweep.h — one pass over one input: hash, find, parse, match, count.
 *
 * What:   reads a unit block by block; one literal pass over the raw block says which lines can
 *         match anything; only those are parsed and judged by rules. Every line is counted, and
 *         time-stamped for coverage from the borders of the blocks.
 * Input:  hostile. Runs inside the sandbox.
 * Limits: LIMIT_BLOCK_BYTES, LIMIT_LINE_BYTES.
 * Owner:  sweep_new/sweep_free; keeps compiled programs from file to file.
 * Spec:   docs/internals/SCAN.md
 */
#ifndef SCAN_SWEEP_H
#define SCAN_SWEEP_H

#include "os/proc.h"
#include "scan/hits.h"
#include "scan/program.h"
#include "scan/unit.h"

struct sweep;

struct sweep_sink {
    void *ctx;
    enum err (*send)(void *ctx, enum message type, struct str body);
    atomic_int *stop;        /* may be NULL */
    _Atomic uint64_t *bytes; /* progress, may be NULL */
    _Atomic uint64_t *hits;
};

MUST_CHECK enum err sweep_new(const struct ruleset *set, const struct sweep_sink *sink,
                              struct sweep **ret_sweep);
struct sweep *sweep_free(struct sweep *s);
/* Sends hits, gaps, pivot counts and at last the result. A failure is one of the environment
 * (memory, socket); trouble with the input becomes gaps. */
struct sweep_input {
    int fd;
    /* Instead of fd, as in codec/stream.h; NULL: fd is read. */
    enum err (*read)(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error);
    void *ctx;
    /* Of an archive within another no more is read than its beginning. */
    bool part;
    uint64_t size_bytes; /* of all of it; UINT64_MAX: not known */
};
MUST_CHECK enum err sweep_unit(struct sweep *s, const struct unit *unit,
                               const struct sweep_input *input);

#endif
