/* scan/removed.h — requests that IIS logged and HttpProxy did not: rows taken out of its logs.
 *
 * What:   in the second look, workers tell the request ids of all rows below /ecp/ and /owa/ of the
 *         front end's IIS logs, and those of the HttpProxy rows of these protocols; the coordinator
 *         joins them. What HttpProxy lacks is a gap; what cannot be judged is a note in coverage.
 * Input:  rows of hostile logs; messages of workers, read with base/rd.h.
 * Limits: REMOVED_*
 * Owner:  removed_plan makes it in the pass's arena, removed_done frees its lists.
 * Spec:   docs/internals/SCAN.md, "Removed rows"
 */
#ifndef SCAN_REMOVED_H
#define SCAN_REMOVED_H

#include "scan/pass.h"

enum {
    REMOVED_BYTES = 512 * 1024 * 1024, /* of logs that would have to be read once more */
    REMOVED_REQUESTS = 2 * 1000 * 1000,
    REMOVED_IDS = 4 * 1000 * 1000,
    REMOVED_RANGES = 16,   /* told one by one for each host and protocol */
    REMOVED_EXAMPLES = 3,  /* ids named in each */
    REMOVED_LIKE = 5,      /* rows like it that HttpProxy has, before one that it lacks is told, */
    REMOVED_LIKE_TO_1 = 4, /* and for each such row that it lacks */
    REMOVED_STRETCH_S = 10 * 60, /* nothing but missing rows for so long: a part of a file */
};

struct removed;
struct sweep;

/* What there is to compare. NULL: no host's IIS and HttpProxy logs go together, or they are too
 * large: then coverage says so. */
MUST_CHECK enum err removed_plan(struct pass *first, struct facts *facts, struct removed **ret);
/* Is the file to be read for it? */
bool removed_wants(const struct removed *r, uint32_t file);
/* A worker's part: before and after a block of whole lines was swept. */
void removed_begin(struct sweep *s);
MUST_CHECK enum err removed_rows(struct sweep *s, struct str text);
/* A worker's message about one file. */
MUST_CHECK enum err removed_take(struct removed *r, uint32_t file, struct str body);
/* Adds gaps and notes to the facts. */
MUST_CHECK enum err removed_tell(struct removed *r, const struct pass *second);
void removed_done(struct removed *r);

#endif
