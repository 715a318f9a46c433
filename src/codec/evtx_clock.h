/* codec/evtx_clock.h — where the clock behind a log went back.
 *
 * What:   compares each record with the one before it by number, where both are of one computer and
 *         channel, and keeps the widest step of each computer and day. A log to which several
 *         computers or channels send has the order of arrival: it has no steps.
 * Input:  hostile names, numbers and times.
 * Limits: EVTX_STEPS steps a log, the widest ones; EVTX_SOURCES sources.
 * Owner:  plain data.
 * Spec:   docs/internals/EVTX.md, "Where the clock went back"
 */
#ifndef CODEC_EVTX_CLOCK_H
#define CODEC_EVTX_CLOCK_H

#include "model/rows.h"

enum { EVTX_STEPS = 32, EVTX_SOURCES = 8, EVTX_HOST_BYTES = 256 };

/* Whose record it is. */
struct evtx_source {
    uint64_t hash; /* of computer and channel */
    size_t n;
    char host[EVTX_HOST_BYTES]; /* n bytes, 0 if the record names none, or one that is too long */
};

/* Two records that follow each other by number, the second one earlier. */
struct evtx_step {
    struct row_place before, after;
    struct evtx_source source;
};

/* All zero at the beginning of a log. */
struct evtx_clock {
    struct row_place last;         /* of the records that have a time */
    uint64_t source[EVTX_SOURCES]; /* met so far, the last one is that of `last` */
    size_t n_sources;
    bool collected; /* they are several, by turns */
    struct evtx_step step[EVTX_STEPS];
    size_t n_steps;
};

/* The next record; one without a time is passed over. */
void evtx_clock_note(struct evtx_clock *c, const struct row_place *place,
                     const struct evtx_source *source);
/* At the end of the log: each step to sink->back. */
MUST_CHECK enum err evtx_clock_tell(const struct evtx_clock *c, const struct rows_sink *sink);

#endif
