/* scan/tally.h — what a sweep counts besides hits: rows by hour, builds, hosts, columns.
 *
 * What:   accumulates a file_fact row by row or block by block, for the rows of one host and kind.
 * Input:  hostile times and builds; bounded by UNIT_MAX_*.
 * Limits: UNIT_MAX_HOURS, UNIT_MAX_BUILDS, UNIT_MAX_COLUMNS.
 * Owner:  tally_init/tally_done; tally_fact borrows.
 * Spec:   docs/internals/SCAN.md, "Coverage"
 */
#ifndef SCAN_TALLY_H
#define SCAN_TALLY_H

#include "base/vec.h"
#include "scan/unit.h"

struct tally {
    struct arena arena;          /* hosts and column names */
    VEC(struct hour_count) hour; /* sorted */
    size_t last; /* where the previous row went: the next one is nearly always there */
    VEC(struct build_seen) build;
    VEC(struct str) column;
    struct str kind, row_host; /* row_host: "" while no row has named one */
    uint32_t columns_serial;   /* of the columns noted last */
    bool hours_full;           /* rows of further hours are counted, but not by hour */
    int64_t first_us, last_us;
    uint64_t records, unparsed, about_unparsed;
    uint64_t judged; /* records up to the block at hand (sweep_try_begin) */
    uint32_t sampled_clients, private_clients;
    uint64_t seen_dossiers;
};

/* host may be "". */
void tally_init(struct tally *t, struct str kind, struct str host);
void tally_done(struct tally *t);
/* count rows at one time (TIME_NONE: without a time). */
MUST_CHECK enum err tally_rows(struct tally *t, int64_t time_us, uint64_t count);
void tally_span(struct tally *t, int64_t time_us);
void tally_build(struct tally *t, struct str build, int64_t time_us);
/* Are these rows of the same log? A row that names no host belongs to the one before it. */
bool tally_is(const struct tally *t, struct str kind, struct str host);
/* Notes kind and host where the tally is still empty or without a host. */
void tally_name(struct tally *t, struct str kind, struct str host);
void tally_client(struct tally *t, struct str address);
void tally_columns(struct tally *t, const struct log_state *state);
void tally_fact(const struct tally *t, struct file_fact *ret_fact);

#endif
