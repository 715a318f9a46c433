/* exposure/shares.h — how much of the fleet is open, by CVE and by affair.
 *
 * What:   counts hosts by state: of the whole fleet, by site, owner and facing; and of the affairs
 *         day by day, where observations have more than one date.
 * Input:  answers.
 * Limits: SHARES_MAX rows.
 * Owner:  shares_init/shares_done; texts are those of the fleet and the tables.
 * Spec:   docs/reference/exposure.md
 */
#ifndef EXPOSURE_SHARES_H
#define EXPOSURE_SHARES_H

#include "exposure/answer.h"

enum { SHARES_MAX = 1 << 20 };

struct shares {
    const struct tables *tables;
    struct arena arena;
    struct map by_key;
    struct exposure_share *by_cve; /* of the whole fleet; rows of parts would be too many to read */
    VEC(struct exposure_share) row;
    struct map by_day;
    VEC(struct share_day) day; /* changes of affairs' states on hosts, summed */
};

struct share_day {
    int64_t day; /* since 1970; INT64_MIN: undated */
    uint32_t matter;
    int64_t change[EXPOSURE_STATES];
};

MUST_CHECK enum err shares_init(struct shares *s, const struct tables *tables, size_t max_bytes);
void shares_done(struct shares *s);
/* Counts one answer of one host. */
void shares_add(struct shares *s, uint32_t cve, enum exposure_state state, bool accepted);
/* Counts an affair on a host. */
MUST_CHECK enum err shares_add_matter(struct shares *s, const struct fleet *f,
                                      const struct host *host, size_t matter,
                                      enum exposure_state state, bool accepted);
/* The state of an affair on a host changed on that day; from EXPOSURE_STATES: first seen. */
MUST_CHECK enum err shares_change(struct shares *s, size_t matter, int64_t time_us,
                                  enum exposure_state from, enum exposure_state to);
/* Sorts the rows: the fleet, its affairs first, then CVEs by urgency; then parts. Adds one row a
 * day and affair from the changes. */
MUST_CHECK enum err shares_end(struct shares *s);

#endif
