/* exposure/ask_hosts.h — the list of hosts that may be asked for their build.
 *
 * What:   one host a line: a name or an address, perhaps with a port, or its https:// address.
 *         Never more than one host: no ranges, networks, wildcards.
 * Input:  written by the user, perhaps by accident something else.
 * Limits: ASK_HOSTS_MAX hosts, ASK_LIST_BYTES.
 * Owner:  hosts live in the arena given.
 * Spec:   docs/how-to/ask-your-servers.md
 */
#ifndef EXPOSURE_ASK_HOSTS_H
#define EXPOSURE_ASK_HOSTS_H

#include "base/arena.h"

enum { ASK_HOSTS_MAX = 10000, ASK_LIST_BYTES = 4 * 1024 * 1024 };

struct ask_host {
    struct str name;   /* without a port or brackets: as observations call it */
    struct str server; /* "https://name", "https://name:8443", "https://[2001:db8::1]" */
    uint32_t line;
    uint32_t clock; /* hosts of one name have one, whatever their port; from 0 */
};

struct ask_hosts {
    struct ask_host *v;
    size_t n, clocks;
};

/* A line that is no host is told, and left out. One that stands there twice is taken once. */
MUST_CHECK enum err ask_hosts_read(struct str text, struct arena *arena,
                                   enum err (*wrong)(void *ctx, uint32_t line, struct str text,
                                                     const char *why),
                                   void *ctx, struct ask_hosts *ret, struct error *error);

#endif
