/* model/event.h — anything with a time, as a timeline tells it.
 *
 * What:   plain data: one's own findings, patch dates, gaps of logs and alerts, and what was known
 *         in public, side by side.
 * Input:  texts of hostile files: output escapes.
 * Limits: none.
 * Owner:  texts live where their maker says.
 * Spec:   docs/reference/timeline.md, docs/reference/schema/event.json
 */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include "base/str.h"
#include "base/time.h"

struct event {
    int64_t time_us;
    struct str host; /* absent: of no host */
    /* "finding", "alert", "fixed", "exposure", "note", "logs-begin", "logs-end", "silence-begin",
     * "silence-end", "public" */
    struct str kind;
    struct str message;
    struct str source;         /* file and line, sites, or who published it */
    struct str ref;            /* id of the finding or alert; absent: none */
    struct str dossier, grade; /* absent: none */
};

#endif
