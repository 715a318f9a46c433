/* report/timeline.h — the events of a case in order of time.
 *
 * What:   findings, alerts, patch dates, what changed from run to run, where logs begin, end and
 * are silent, what the analyst says, and the public events of the dossiers that the case speaks of.
 * Input:  the objects of a case; dossiers, which users write too.
 * Limits: TIMELINE_BESIDE_BYTES of everything but findings, which stream.
 * Owner:  an event's texts live until the callback returns.
 * Spec:   docs/reference/timeline.md
 */
#ifndef REPORT_TIMELINE_H
#define REPORT_TIMELINE_H

#include "model/answer.h"
#include "model/dossier.h"
#include "model/event.h"
#include "store/case.h"

enum { TIMELINE_BESIDE_BYTES = 256 * 1024 * 1024 };

struct timeline_query {
    struct str host, dossier;    /* absent: all; public events are of all hosts */
    int64_t since_us, until_us;  /* TIME_NONE */
    enum grade least;            /* of findings */
    struct str kind;             /* of timeline_kinds; absent: all */
    const struct dossier *known; /* whose public events are told, if the case speaks of them */
    size_t n_known;
};

extern const char *const timeline_kinds[]; /* ended by NULL */
bool timeline_has_kind(struct str kind);

MUST_CHECK enum err timeline_each(struct case_store *c, const struct timeline_query *query,
                                  enum err (*tell)(void *ctx, const struct event *event), void *ctx,
                                  struct error *error);
/* How many findings are left out because they have no time: a state, a file without times. */
MUST_CHECK enum err timeline_timeless(struct case_store *c, const struct timeline_query *query,
                                      uint64_t *ret_n, struct error *error);
/* At most `most` of them, in order of time: the gravest findings; where logs begin, end and are
 * silent gives way first. ret_all: how many there are. */
MUST_CHECK enum err timeline_gravest(struct case_store *c, const struct timeline_query *query,
                                     uint64_t most,
                                     enum err (*tell)(void *ctx, const struct event *event),
                                     void *ctx, uint64_t *ret_all, struct error *error);

#endif
