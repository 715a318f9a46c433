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

#include "base/hash.h"
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
    VEC(struct trend_alert) today;     /* of the day that ends */
    struct watch_count count;
    struct error *error;
};

/* As the detectors take it. */
struct unit watch_unit(const struct chatter_unit *u);

/* raise_numbers.c */
enum { NUMBERS_BYTES = 16 * 1024 };
void numbers_put(struct buf *b, const struct trend_alert *a);
MUST_CHECK enum err numbers_take(struct str bytes, struct trend_alert *a);

/* together.c: the alerts of the day that ended, grouped and kept. */
MUST_CHECK enum err together_day(struct watch *w);

/* The alert that another one is told with. */
struct raise_with {
    struct str id;
    uint32_t shared, threads;
    bool later;
};

/* raise.c: the alert of a trend, kept; and what is told of it. with == NULL: by itself. */
void raise_id(const struct watch *w, const struct trend_alert *alert, char ret_hex[SHA256_HEX + 1]);
MUST_CHECK enum err raise_keep(struct watch *w, const struct trend_alert *alert,
                               const struct raise_with *with);
MUST_CHECK enum err raise_with(struct watch *w, const struct chatter_alert *kept,
                               struct arena *arena, struct alert_with *ret_with);
MUST_CHECK enum err raise_tell(struct watch *w, const struct chatter_alert *kept,
                               struct arena *arena, struct alert *ret_alert);

#endif
