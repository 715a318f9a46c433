/* scan/yara_pass.h — candidates proved by libyara in sandboxed workers of their own.
 *
 * What:   each candidate file is opened by the coordinator, read and held against its rules by a
 *         worker. One that dies, is killed for taking too long, or talks nonsense costs that
 *         file (a gap) and is replaced.
 * Input:  files are hostile, and so are workers: what they say is read with base/rd.h and names
 *         only rules of the set.
 * Limits: YARA_PASS_S for a file, LIMIT_IPC_MESSAGE_BYTES for what is told of a match.
 * Owner:  the caller owns all that struct yara_pass points to.
 * Spec:   docs/internals/YARA.md
 */
#ifndef SCAN_YARA_PASS_H
#define SCAN_YARA_PASS_H

#include "os/io.h"
#include "scan/yara_set.h"

#include <signal.h>

enum { YARA_PASS_S = 120 };

/* One file to be held against rules. */
struct yara_suspect {
    size_t entry; /* of the tree */
    struct yara_facts facts;
    struct yara_candidates candidates;
};

struct yara_pass {
    const struct yara_set *set;
    const struct io_tree *tree;
    const struct yara_suspect *suspect;
    size_t n_suspects;
    size_t n_workers;    /* 1 to PROC_MAX_WORKERS */
    unsigned patience_s; /* for one file; 0: YARA_PASS_S */
    /* In the coordinator, in no fixed order of files. What they return if not OK ends the pass.
     * match->rule names the rule, whose name and source are the set's. */
    enum err (*match)(void *ctx, const struct yara_suspect *suspect,
                      const struct yara_match *match);
    /* A rule (or UINT32_MAX: all of them) that was not held against the file: a reason of
     * yara_sink.gap, "worker-died", "not-examined", "too-large", "changed". */
    enum err (*gap)(void *ctx, const struct yara_suspect *suspect, uint32_t rule, struct str reason,
                    struct str detail);
    /* In the worker: gives the suspect's bytes, piece by piece. ERR_FORMAT and ERR_LIMIT: they end
     * there. NULL: they are those of the file. */
    enum err (*read)(void *ctx, const struct yara_suspect *suspect, int file,
                     enum err (*add)(void *to, const char *p, size_t n), void *to);
    /* In the worker, before it reads a file: for tests, which let it die there. NULL: nothing. */
    void (*before)(void *ctx, const struct yara_suspect *suspect);
    void *ctx;
    const volatile sig_atomic_t *interrupted; /* set by a signal: stop; may be NULL */
};

/* END when it was interrupted. */
MUST_CHECK enum err yara_pass_run(const struct yara_pass *pass, struct error *error);

#endif
