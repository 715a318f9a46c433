/* report/timeline_priv.h — what the files of the timeline share.
 *
 * What:   timeline.c has what an event is made of and tells them; timeline_change.c has the events
 *         between two runs.
 * Input:  as report/timeline.h.
 * Limits: as report/timeline.h.
 * Owner:  as report/timeline.h.
 * Spec:   docs/reference/timeline.md
 */
#ifndef REPORT_TIMELINE_PRIV_H
#define REPORT_TIMELINE_PRIV_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "model/node.h"
#include "report/timeline.h"

enum {
    TIMELINE_EVENTS = 4 * 1000 * 1000,
    TIMELINE_BODY_BYTES = 256 * 1024 * 1024,
    TIMELINE_DOSSIERS = 64
};

struct timeline {
    const struct timeline_query *query;
    struct arena beside, body; /* of events that are kept; of the object at hand */
    struct buf said, place;    /* of the event at hand */
    VEC(struct event) event;
    size_t at; /* told so far */
    const struct dossier *spoken[TIMELINE_DOSSIERS];
    size_t n_spoken;
    enum err (*tell)(void *ctx, const struct event *event);
    void *ctx;
    struct error *error;
};

/* A copy of it, if it is wanted. */
MUST_CHECK enum err timeline_keep(struct timeline *t, const struct event *e);
MUST_CHECK enum err timeline_parse(struct timeline *t, struct str text, struct node **ret);
int64_t timeline_time(const struct node *body, const char *key);
/* "A, B, C and 4 more" */
void timeline_list(struct buf *b, const struct str *v, size_t n, uint64_t all);

/* What exposure says of a host now and said otherwise in an earlier run. */
MUST_CHECK enum err timeline_changes(struct timeline *t, struct case_store *c);

#endif
