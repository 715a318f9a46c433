/* codec/evtx_ids.h — which numbers the records of a log have, and which are missing or met twice.
 *
 * What:   keeps runs of numbers that follow each other, and counts over the sorted runs.
 * Input:  hostile numbers. Those that are met twice do not pay for others that are missing, unless
 *         EVTX_RUNS was reached: then both counts are the least that can be.
 * Limits: EVTX_RUNS runs; what comes behind them widens the last one.
 * Owner:  evtx_ids_done.
 * Spec:   docs/internals/EVTX.md, "Records that are not there"
 */
#ifndef CODEC_EVTX_IDS_H
#define CODEC_EVTX_IDS_H

#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

enum { EVTX_RUNS = 128 * 1024 };

struct evtx_run {
    uint64_t first, last, n;
};

struct evtx_ids {
    VEC(struct evtx_run) run;
};

void evtx_ids_done(struct evtx_ids *ids);
void evtx_ids_clear(struct evtx_ids *ids);
MUST_CHECK enum err evtx_ids_add(struct evtx_ids *ids, uint64_t id);
/* Numbers between the smallest and the largest that no record has; records whose number another
 * one has. Sorts the runs: nothing may be added behind it. */
void evtx_ids_count(struct evtx_ids *ids, uint64_t *ret_missing, uint64_t *ret_twice);

#endif
