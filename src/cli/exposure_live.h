/* exposure_live.h — the part of `tocsin exposure` that asks servers.
 *
 * What:   its options, the list of hosts, the plan that --dry-run prints, the asking.
 * Input:  the user's command line and list.
 * Limits: exposure/ask_hosts.h, exposure/ask.h.
 * Owner:  hosts live in the arena of the run.
 * Spec:   docs/how-to/ask-your-servers.md
 */
#ifndef CLI_EXPOSURE_LIVE_H
#define CLI_EXPOSURE_LIVE_H

#include "cli/cmd.h"
#include "exposure/exposure.h"

struct live_values {
    bool live, dry_run;
    struct str hosts, ca, save;
    struct str_list pin;
    uint64_t timeout_s;
};

struct live_sink {
    enum err (*gap)(void *ctx, const struct errand_gap *gap);
    void *ctx;
};

/* False, and told, if the options do not fit together. */
bool live_usage(struct cli *cli, const struct live_values *v);
/* The list; each line that is no host is a gap. */
MUST_CHECK enum err live_hosts(struct cli *cli, const struct live_values *v,
                               const struct live_sink *sink, struct ask_hosts *ret,
                               struct error *error);
/* What would be asked; nothing is sent. */
void live_plan(struct buf *out, const struct ask_hosts *hosts);
MUST_CHECK enum err live_ask(struct cli *cli, const struct live_values *v, struct exposure_run *run,
                             const struct ask_hosts *hosts, struct error *error);

#endif
