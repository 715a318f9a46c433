/* exposure/history.h — one product on one host through time: which build, as far as anybody saw.
 *
 * What:   puts what was observed in order and says after each observation which build holds. The
 *         more recent one decides; where it shows less and agrees, the more exact one stays; of two
 *         of the same day the more exact one, then the lower build. One without a date is older
 *         than all that have one.
 * Input:  observations from hostile files, contradictions among them.
 * Limits: those of the fleet.
 * Owner:  a history is the caller's and reused from host to host.
 * Spec:   docs/explain/how-exposure-decides.md
 */
#ifndef EXPOSURE_HISTORY_H
#define EXPOSURE_HISTORY_H

#include "exposure/fleet.h"

enum { HISTORY_PRODUCTS = 16 };

struct step {
    const struct seen *by;      /* the observation that decides from here on */
    const struct seen *against; /* one that says otherwise, of the same day or undated; NULL */
    int64_t time_us;            /* of the last observation looked at */
};

/* Steps of one line of products ("Exchange Server"), in order of time; the last one holds now. */
struct history {
    struct step *step;
    size_t n, cap;
};
void history_done(struct history *h);

/* Products of one family are one line, and so are builds that no table has. Those of a host, each
 * by one of its observations: at most HISTORY_PRODUCTS. Software of other names, of which an
 * inventory may list hundreds, is a line only where the host has no other. */
size_t history_products(const struct fleet *f, const struct host *h,
                        const struct seen *ret_one[HISTORY_PRODUCTS]);
/* until_us: later ones are not looked at; TIME_NONE: all. */
MUST_CHECK enum err history_make(const struct fleet *f, const struct host *h,
                                 const struct seen *one, int64_t until_us, struct history *ret);

#endif
