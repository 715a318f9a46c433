/* scan/worker.h — the sandboxed process: takes units, answers with messages, until the socket
 * closes.
 *
 * What:   the loop around scan/sweep.h; members of a container are swept one after the other.
 * Input:  units from the coordinator (trusted), evidence by descriptor (hostile).
 * Limits: the sandbox's.
 * Owner:  none.
 * Spec:   docs/internals/SCAN.md, "Processes"
 */
#ifndef SCAN_WORKER_H
#define SCAN_WORKER_H

#include "scan/sweep.h"

struct pass;

/* A file within a container. */
struct unit_member {
    uint32_t entry;   /* which container: index of its entry in the tree */
    uint32_t ordinal; /* in the order of the walk */
    uint32_t file;
};

struct worker_setup {
    const struct pass *pass;
    const struct unit_member *member; /* all of them; a unit names a range */
    struct proc_shared *shared;
    unsigned slot;
};

/* For proc_start: the exit status. */
int worker_main(void *setup, int fd);

#endif
