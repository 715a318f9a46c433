/* volume.h — how much each site says: accepted threads a day.
 *
 * What:   counts distinct threads by site, day of the event and day of ingest.
 * Input:  hashes of threads, in any order.
 * Limits: a table of VOLUME_THREADS recent threads: one that comes again after as many others may
 *         be counted twice. VOLUME_CELLS site-days a run.
 * Owner:  volume_init/volume_done.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_VOLUME_H
#define WATCH_VOLUME_H

#include "base/vec.h"

#include <stdbool.h>

enum { VOLUME_THREADS = 1 << 20, VOLUME_CELLS = 8 * 1000 * 1000 };

struct volume_cell {
    int32_t ingest_day, event_day;
    uint32_t site, threads;
};

struct volume {
    uint32_t *thread; /* parts of hashes, in buckets: the latest stay */
    uint32_t *slot;   /* cells by hash, as number + 1 */
    size_t n_slots;
    VEC(struct volume_cell) cells;
    size_t next; /* of volume_next */
};

MUST_CHECK enum err volume_init(struct volume *v);
void volume_done(struct volume *v);
MUST_CHECK enum err volume_add(struct volume *v, uint32_t site, int32_t event_day,
                               int32_t ingest_day, uint64_t thread);
/* The same in steps, for many posts at once. */
struct volume_place {
    uint64_t cell, thread; /* hashes: of the cell; of the thread in it */
    uint32_t at;           /* where the cell was found the last time; or 0 */
};
uint64_t volume_cell_hash(uint32_t site, int32_t event_day, int32_t ingest_day);
/* place->cell is set. What volume_add_at looks at is fetched meanwhile. */
void volume_soon(const struct volume *v, uint64_t thread, struct volume_place *place);
/* Of the cell only site and days are read. */
MUST_CHECK enum err volume_add_at(struct volume *v, const struct volume_cell *cell,
                                  struct volume_place *place);
/* Threads that were counted elsewhere. */
MUST_CHECK enum err volume_put(struct volume *v, const struct volume_cell *cell);
/* From now on cells are told in order of ingest day; then volume_clear. */
void volume_sort(struct volume *v);
/* The next cell of that ingest day or before; NULL: none. */
const struct volume_cell *volume_next(struct volume *v, int32_t ingest_day);
/* The last ingest day; INT32_MIN if nothing was added. */
int32_t volume_last(const struct volume *v);
void volume_clear(struct volume *v);

#endif
