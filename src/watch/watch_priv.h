/* watch_priv.h — what the parts of watch share.
 *
 * What:   the state of a run.
 * Input:  none of its own.
 * Limits: WATCH_ARENA_BYTES of names.
 * Owner:  struct watch owns all of it.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_WATCH_PRIV_H
#define WATCH_WATCH_PRIV_H

#include "watch/cluster.h"
#include "watch/names.h"
#include "watch/volume.h"
#include "watch/watch.h"

struct watch {
    struct watch_options options;
    struct chatter store;
    bool writing;       /* a transaction is open */
    uint64_t runs;      /* that ended on the state, this one's included */
    struct arena arena; /* names and the dictionary */
    struct gist *gist;
    struct names sites, subjects;
    struct volume volume;
    struct clusters *clusters;
    struct trends *trends;
    struct buf scratch;
    unsigned char key[INTAKE_KEY_BYTES];
    int32_t clock_day;  /* up to which the detectors ran; INT32_MIN: not yet */
    uint64_t done_post; /* the last post that they saw */
    uint64_t last_post; /* that was kept: numbers are not given twice, dropped posts' neither */
    int32_t day;        /* that they are at */
    int32_t new_first, new_last; /* days of what came in since then; last < first: nothing did */
    int32_t pruned_day;          /* the clock, when old posts were dropped */
    bool tallied;                /* the worker counts the sites' threads */
    VEC(struct trend_silence) silence; /* by site; days == 0: it spoke */
    struct watch_count count;
    struct error *error;
};

/* As the detectors take it. */
struct unit watch_unit(const struct chatter_unit *u);

/* raise.c: the alert of a trend, kept; and what is told of it. */
MUST_CHECK enum err raise_keep(struct watch *w, const struct trend_alert *alert);
MUST_CHECK enum err raise_tell(struct watch *w, const struct chatter_alert *kept,
                               struct arena *arena, struct alert *ret_alert);

#endif
