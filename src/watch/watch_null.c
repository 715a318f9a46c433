#include "watch/watch_priv.h"

#include <string.h>

enum { UNITS_MAX = 20 * 1000 * 1000 };

struct recorded {
    VEC(struct unit) units;
    VEC(struct selftest_exposure) exposures;
    VEC(enum subject_kind) kinds;
};

static enum err on_unit(void *ctx, const struct chatter_unit *u)
{
    struct recorded *r = ctx;
    struct unit unit = watch_unit(u);
    return vec_push(&r->units, unit, UNITS_MAX);
}

static enum err record(struct watch *w, struct recorded *r)
{
    const struct volume_cell *c;
    volume_sort(&w->volume);
    while ((c = volume_next(&w->volume, INT32_MAX))) {
        struct selftest_exposure e = {c->site, c->threads, c->event_day, c->ingest_day};
        TRY(vec_push(&r->exposures, e, VOLUME_CELLS));
    }
    for (size_t i = 0; i < w->subjects.list.n; i++)
        TRY(vec_push(&r->kinds, w->subjects.list.v[i].kind, CHATTER_NAMES));
    return chatter_units(&w->store, 0, on_unit, r, w->error);
}

enum err watch_null(struct watch *w, unsigned settle_days, unsigned block_days, unsigned runs,
                    struct selftest_result *ret_result, struct error *error)
{
    struct recorded r = {0};
    w->error = error;
    enum err rc = record(w, &r);
    struct selftest_input input = {.unit = r.units.v,
                                   .n_units = r.units.n,
                                   .exposure = r.exposures.v,
                                   .n_exposures = r.exposures.n,
                                   .kind = r.kinds.v,
                                   .n_subjects = (uint32_t)r.kinds.n,
                                   .count_from = w->count.first_day + (int32_t)settle_days,
                                   .block_days = block_days,
                                   .runs = runs,
                                   .seed = 1};
    if (!rc && w->count.last_day < input.count_from)
        rc = fail(error, ERR_USAGE, "posts of less than %u days: thresholds need so many to settle",
                  settle_days + 1);
    if (!rc)
        rc = selftest_null(&w->options.trend, &input, ret_result);
    vec_done(&r.units);
    vec_done(&r.exposures);
    vec_done(&r.kinds);
    return rc;
}
