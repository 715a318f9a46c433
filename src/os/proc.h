/* os/proc.h — worker processes and the messages between them and the coordinator.
 *
 * What:   fork a locked-in worker with a socket; length-prefixed messages that may carry one
 *         descriptor; a page of memory shared by all for progress and the stop flag.
 * Input:  the coordinator does not trust what workers send: lengths are capped here, contents are
 *         read with base/rd.h.
 * Limits: LIMIT_IPC_MESSAGE_BYTES a message, PROC_MAX_WORKERS.
 * Owner:  the coordinator owns struct proc until proc_end.
 * Spec:   docs/internals/OS.md
 */
#ifndef OS_PROC_H
#define OS_PROC_H

#include "base/buf.h"
#include "os/sandbox.h"

#include <stdatomic.h>
#include <sys/types.h>

enum {
    PROC_MAX_WORKERS = 64,
    PROC_NO_MEMORY = 71, /* exit status of a worker that ran out of it */
};

struct proc_shared {
    atomic_int stop;                          /* workers finish early */
    _Atomic uint64_t bytes[PROC_MAX_WORKERS]; /* read so far, by worker slot */
    _Atomic uint64_t hits[PROC_MAX_WORKERS];
};

struct proc {
    pid_t pid; /* 0: not running */
    int fd;    /* the coordinator's end */
};

/* Memory that survives fork in both directions; NULL when there is none. */
struct proc_shared *proc_shared_new(void);
void proc_shared_free(struct proc_shared *s);

/* Forks. In the child, run(ctx, fd) is called inside the sandbox and its result is the exit
 * status; it never returns there. close_fds are the coordinator's other worker sockets. */
MUST_CHECK enum err proc_start(struct proc *ret_proc, const int *close_fds, size_t n_close,
                               size_t address_space_bytes, int (*run)(void *ctx, int fd), void *ctx,
                               struct error *error);
/* Reaps the worker (killing it first if kill is set) and says how it ended, for people. */
void proc_end(struct proc *p, bool kill, char ret_how[64]);

/* Sends one message; send_fd < 0 for none. ERR_IO when the other side is gone. */
MUST_CHECK enum err proc_send(int fd, uint8_t type, struct str body, int send_fd);
/* Receives one message into b (emptied first); *ret_fd is -1 if none came along. END when the
 * other side closed, ERR_FORMAT for a length beyond the cap. */
MUST_CHECK enum err proc_recv(int fd, uint8_t *ret_type, struct buf *b, int *ret_fd);

#endif
