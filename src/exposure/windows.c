#include "exposure/exposure_priv.h"

#include "base/time.h"

/* From the first known use of a hole to the fix of each host: when it could have happened. */

struct windows {
    enum err (*row)(void *ctx, const struct exposure_window *w);
    void *ctx;
};

static struct exposure_window window_of(const struct matter *m, const struct answer_of *r)
{
    struct exposure_window w = {.host = r->host->name,
                                .matter = m->dossier->id,
                                .state = r->state,
                                .from_us = m->from_us,
                                .until_us = TIME_NONE,
                                .open_us = TIME_NONE};
    bool fixed = r->state == EXPOSURE_FIXED || r->state == EXPOSURE_FIXED_IF_CONFIGURED;
    if (fixed) {
        w.until_us = r->since_us;
        w.open_us = r->other_until_us;
        if (r->since_us == TIME_NONE)
            w.because = STR("the source of the fixed build has no date");
        else if (r->other_until_us == TIME_NONE && r->since_us > m->from_us)
            w.because = STR("the first build that was seen holds the fix: since when is not known");
    } else if (r->state == EXPOSURE_UNKNOWN) {
        w.because = STR("whether the fix is in is not known");
    } else {
        w.open_us = r->by->time_us;
    }
    return w;
}

static enum err visit(void *ctx, struct exposure_run *run, const struct asked_host *h)
{
    return affairs_add(run, h, ctx);
}

static enum err tell_host(struct exposure_run *run, const struct host *host,
                          const struct windows *w)
{
    struct affairs affairs;
    affairs_init(&affairs);
    TRY(exposure_walk_host(run, host, visit, &affairs));
    for (size_t m = 0; m < run->tables.n_matters; m++) {
        if (!(affairs.any >> m & 1))
            continue;
        struct exposure_window one = window_of(&run->tables.matter[m], &affairs.worst[m]);
        TRY(w->row(w->ctx, &one));
    }
    return OK;
}

enum err exposure_each_window(struct exposure_run *run,
                              enum err (*row)(void *ctx, const struct exposure_window *w),
                              void *ctx)
{
    struct windows w = {row, ctx};
    for (size_t i = 0; i < run->fleet.host.n; i++)
        if (!run->fleet.host.v[i].merged)
            TRY(tell_host(run, &run->fleet.host.v[i], &w));
    return OK;
}
