/* progress.h — one line on a terminal that says how far a long run is.
 *
 * What:   bytes, rate, time left and findings so far, rewritten in place a few times a second.
 * Input:  numbers only: nothing of the evidence is shown here.
 * Limits: PROGRESS_INTERVAL_S between two lines.
 * Owner:  struct progress is the caller's.
 * Spec:   ECMA-48, "erase in line".
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/cmd.h"
#include "scan/scan.h"

#define PROGRESS_INTERVAL_S 0.2

struct progress {
    struct cli *cli;
    bool on;       /* standard error is a terminal, and --quiet was not given */
    bool shown;    /* there is a line to erase */
    double last_s; /* when the line was written */
};

void progress_init(struct progress *p, struct cli *cli);
void progress_show(struct progress *p, const struct scan_progress *now);
void progress_clear(struct progress *p);
/* The line without its control codes. */
void progress_text(struct buf *b, const struct scan_progress *now);

#endif
