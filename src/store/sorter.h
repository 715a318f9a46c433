/* store/sorter.h — records in an order, more of them than memory holds.
 *
 * What:   records come in any order and are read back group by group, in the order of their place,
 *         then of their bytes. They lie in a private file that is gone with the sorter.
 * Input:  records of the caller's own form.
 * Limits: SORTER_BYTES of records; DB_CACHE_KIB of memory.
 * Owner:  sorter_open/sorter_close. A record's bytes live until its callback returns.
 * Spec:   docs/internals/STORE.md
 */
#ifndef STORE_SORTER_H
#define STORE_SORTER_H

#include "store/sqlite.h"

#define SORTER_BYTES (INT64_C(16) << 30)

struct sorter {
    struct db db;
    int64_t bytes;
    bool sorted;
};

struct sorter_place {
    int64_t group, at;
    uint64_t mark; /* among those of one `at` */
};

MUST_CHECK enum err sorter_open(struct sorter *s, struct error *error);
void sorter_close(struct sorter *s);
/* ERR_LIMIT: there is no room for it. */
MUST_CHECK enum err sorter_add(struct sorter *s, const struct sorter_place *place,
                               struct str record, struct error *error);
/* The first group after that one; END: there is none. Nothing may be added from then on. */
MUST_CHECK enum err sorter_group(struct sorter *s, int64_t after, int64_t *ret_group,
                                 struct error *error);
/* All records of a group, in order. Stops with what the callback returned if that is not OK. */
MUST_CHECK enum err sorter_each(struct sorter *s, int64_t group,
                                enum err (*record)(void *ctx, struct str bytes), void *ctx,
                                struct error *error);

#endif
