/* os/errand.h — files handed one after the other to a worker that can do nothing but answer.
 *
 * What:   each file of a tree is opened by the coordinator, read by a worker in the sandbox, and
 *         told about in records. A worker that dies is a gap, and the next file gets a new one.
 * Input:  hostile files; records are read with base/rd.h, and one that makes no sense ends its
 *         worker.
 * Limits: LIMIT_IPC_MESSAGE_BYTES a message, which holds many records.
 * Owner:  the caller owns all that struct errand points to.
 * Spec:   docs/internals/OS.md
 */
#ifndef OS_ERRAND_H
#define OS_ERRAND_H

#include "base/rd.h"
#include "base/wr.h"
#include "os/io.h"

#include <signal.h>

/* In the worker: a record is appended to the batch, then errand_pace is called. */
struct errand_out {
    struct buf batch;
    int fd;
    uint64_t bytes; /* of the file, unpacked, read so far */
};
MUST_CHECK enum err errand_pace(struct errand_out *out);

struct errand_gap {
    struct str file; /* p == NULL: the whole run */
    uint64_t offset;
    struct str reason, detail;
};

struct errand {
    const struct io_tree *tree;
    size_t address_space_bytes; /* of the worker */
    /* In the worker, for each file. ERR_NOMEM ends it; any other failure is damage of the file. */
    enum err (*read)(void *ctx, struct errand_out *out, struct str name, int file,
                     struct error *error);
    /* In the coordinator, for each record; ctx is the same one. Leaves r->rc set if it makes no
     * sense. What it returns if not OK ends the run. */
    enum err (*record)(void *ctx, struct str file, struct rd *r);
    enum err (*gap)(void *ctx, const struct errand_gap *gap);
    void *ctx;
    const volatile sig_atomic_t *interrupted; /* set by a signal: stop; may be NULL */
    uint64_t bytes;                           /* read so far, unpacked */
};

/* END when it was interrupted. */
MUST_CHECK enum err errand_run(struct errand *errand, struct error *error);
/* The same for one file that is open already; tree is not asked. */
MUST_CHECK enum err errand_file(struct errand *errand, struct str name, int file,
                                struct error *error);

#endif
