/* tests/gen/evtx_told.h — all that the reader of event logs told, as text that can be compared.
 *
 * What:   each record's names and values by its offset, however its shape holds them; gaps.
 * Input:  whatever the reader hands out.
 * Limits: none; for tests.
 * Owner:  evtx_told_done.
 * Spec:   model/rows.h
 */
#ifndef GEN_EVTX_TOLD_H
#define GEN_EVTX_TOLD_H

#include "codec/evtx.h"

struct told_record {
    uint64_t offset;
    struct str text; /* "name=value\0" in the order of names */
};

struct evtx_told {
    struct arena arena;
    VEC(struct told_record) records; /* sorted by evtx_told_read */
    VEC(struct told_record) gaps;    /* "reason: detail" */
    struct evtx_facts facts;
};

/* Reads all of a file's bytes. */
void evtx_told_read(struct evtx_told *t, struct str file, bool carve, bool one_path);
void evtx_told_done(struct evtx_told *t);
/* NULL if there is none. */
const struct told_record *evtx_told_at(const struct evtx_told *t, uint64_t offset);
/* The value of a name, absent if it has none. */
struct str evtx_told_value(const struct told_record *r, const char *name);
/* The offset of the first record that differs; UINT64_MAX if all are alike. */
uint64_t evtx_told_differ(const struct evtx_told *a, const struct evtx_told *b);
/* Damage between two offsets of the file: the offset of the first record elsewhere that is not as
 * it was; UINT64_MAX if all are. */
uint64_t evtx_told_hurt(const struct evtx_told *before, const struct evtx_told *after,
                        uint64_t from, uint64_t to);
/* The first gap between two offsets, of sums that are wrong only if asked for; NULL: there is none.
 */
const struct told_record *evtx_told_gap(const struct evtx_told *t, uint64_t from, uint64_t to,
                                        bool sums);

#endif
