/* scan/worker.h — the sandboxed process: takes units, answers with messages, until the socket
 * closes.
 *
 * What:   the loop around scan/sweep.h.
 * Input:  units from the coordinator (trusted), evidence by descriptor (hostile).
 * Limits: the sandbox's.
 * Owner:  none.
 * Spec:   docs/internals/SCAN.md, "Processes"
 */
#ifndef SCAN_WORKER_H
#define SCAN_WORKER_H

#include "scan/sweep.h"

struct worker_setup {
    const struct ruleset *set;
    struct proc_shared *shared;
    unsigned slot;
};

/* For proc_start: the exit status. */
int worker_main(void *setup, int fd);

#endif
