/* sigma_log.h — a small log for the tests of match/sigma*.c.
 *
 * What:   columns f, g, h, u1 and u2; rules know the last two as one field u with two views. Field
 *         "gone" does not exist. The raw line holds every value as it is, but u2 as "~a~b~c".
 * Input:  none.
 * Limits: values together below 4 KiB, or they are left out of the raw line.
 * Owner:  values are borrowed.
 * Spec:   none
 */
#ifndef TESTS_SIGMA_LOG_H
#define TESTS_SIGMA_LOG_H

#include "match/sigma.h"

enum { COLUMNS = 5 };
struct row {
    struct str value[COLUMNS];
    char raw[4096];
    size_t n;
    int64_t time_us;
};

/* Shorter literals are refused as anchors. */
extern size_t log_min_anchor;
extern const struct sigma_env log_env;

/* A rule with that detection, and its plan. The test fails if it cannot be read. */
struct sigma_rule *log_rule(struct arena *arena, const char *detection);
struct sigma_plan *log_plan(struct arena *arena, const char *detection);
size_t log_views(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS]);
/* ctx is a struct row. */
struct str log_value(void *ctx, uint16_t view);
struct sigma_subject log_subject(struct row *row);
void log_make_raw(struct row *row);
/* The raw line holds one of the plan's anchors, or the plan has none; and its gate is open. */
bool log_anchored(const struct sigma_plan *plan, const struct row *row);

#endif
