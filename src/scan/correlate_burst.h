/* scan/correlate_burst.h — windows that overlap and hold, as one finding a host.
 *
 * What:   gathers the events of a burst one by one, and makes hits of it.
 * Input:  events of one group, in order.
 * Limits: CORRELATE_LISTED, CORRELATE_HOSTS, CORRELATE_KEPT, CORRELATE_MAX_KEPT.
 * Owner:  hits live in the arena given; finds_done frees the rest.
 * Spec:   docs/adr/0012-windows-that-cannot-grow.md
 */
#ifndef SCAN_CORRELATE_BURST_H
#define SCAN_CORRELATE_BURST_H

#include "base/map.h"
#include "base/vec.h"
#include "scan/correlate_window.h"

struct burst_event {
    int64_t time_us;
    uint32_t file;
    uint64_t line, offset;
    uint8_t member, host;
    bool event, carved;
};

struct burst_host {
    char name[CORRELATE_HOST_BYTES], client[CORRELATE_HOST_BYTES];
    uint8_t n_name, n_client;
    uint64_t n;
    int64_t first_us, last_us;
    uint32_t file; /* of the first event */
    uint64_t line, offset;
    struct few hours;
    bool event;        /* that is one of an event log, */
    bool carved;       /* which no longer counts it */
    bool own, several; /* all from the owner's scanner; from several clients */
};

struct burst {
    bool open;
    uint64_t end; /* number of the first event behind it */
    uint64_t n;
    struct burst_event head[CORRELATE_LISTED], tail[CORRELATE_LISTED];
    struct burst_host host[CORRELATE_HOSTS];
    size_t n_hosts;
    uint64_t elsewhere; /* events of further hosts */
    long double peak;   /* of what is counted, in one window */
    bool valued;
};

/* All findings of a run. */
struct finds {
    struct arena *arena;
    const struct correlations *all;
    const struct scan_rule *rule;
    VEC(struct hit) hit;
    struct map bucket_of; /* correlation and host */
    VEC(struct find_bucket {
        uint32_t kept;
        size_t more; /* index of the hit for all others, + 1 */
    })
    bucket;
    uint64_t unkept;    /* bursts that were not even counted in a row of their own */
    uint64_t elsewhere; /* events of more hosts than a finding names */
};

void finds_init(struct finds *f, struct arena *arena, const struct correlations *all,
                const struct scan_rule *rule);
void finds_done(struct finds *f);

void burst_open(struct burst *b);
/* A window of it, for what was counted. */
void burst_note(struct burst *b, const struct window *w, bool grows);
/* The next event of it; host: the final name. */
void burst_add(struct burst *b, const struct event *e, struct str host);
MUST_CHECK enum err burst_close(struct burst *b, const struct correlation *c, struct str group,
                                struct finds *f);

#endif
