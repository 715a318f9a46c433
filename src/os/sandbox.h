/* os/sandbox.h — what a worker may still do: nothing but read its descriptors and answer.
 *
 * What:   Landlock (no file system, no TCP), seccomp (a short list of calls, anything else kills),
 *         rlimits. Entered once, right after fork; there is no way back.
 * Input:  none.
 * Limits: the address space given, beside what was inherited; 0 bytes of new files; no new
 *         processes.
 * Owner:  none.
 * Spec:   landlock(7), seccomp(2), docs/internals/OS.md
 */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct sandbox_state {
    int landlock_abi; /* 0: the kernel has none, or it is switched off */
    bool seccomp;
    bool rlimits;
};

/* Locks the calling process in. What the kernel lacks is left out and told in *ret_state; a
 * protection that exists but fails to start is an error. */
MUST_CHECK enum err sandbox_enter(size_t address_space_bytes, struct sandbox_state *ret_state,
                                  struct error *error);
/* Starts a child, locks it in, and lets it try: what it reports is really active. */
MUST_CHECK enum err sandbox_probe(struct sandbox_state *ret_state, struct error *error);
/* What sandbox_probe says, for people: "landlock 4, seccomp, rlimits". Never fails but for memory.
 */
struct str sandbox_text(struct arena *arena);
/* True in builds whose sanitizers need calls that the list refuses. */
bool sandbox_relaxed(void);

#endif
