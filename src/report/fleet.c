#include "report/fleet.h"

#include "base/map.h"
#include "base/vec.h"

#include <stdlib.h>

enum { OF_MAX = 100 * 1000, DAYS_MAX = 100 * 1000 };

struct fleet_shares {
    struct map of;
    VEC(struct exposure_share) v;
};

/* ---- as it is ---- */

static enum err share_of(struct fleet_shares *s, struct str of, bool affair,
                         struct exposure_share **ret)
{
    uint32_t id;
    bool first;
    struct exposure_share fresh = {
        .of = of, .affair = affair, .part = "fleet", .time_us = TIME_NONE, .kev_us = TIME_NONE};
    TRY(map_intern(&s->of, of, &id, &first));
    if (first)
        TRY(vec_push(&s->v, fresh, OF_MAX));
    *ret = &s->v.v[id];
    return OK;
}

static enum err count_exposure(struct fleet_shares *s, const struct exposure *e)
{
    struct exposure_share *share;
    TRY(share_of(s, e->cve, false, &share));
    share->n[e->state]++;
    share->accepted += e->state == EXPOSURE_EXPOSED && (e->accepted_by.n || e->accepted_why.n);
    share->kev_us = e->kev_us;
    share->ransomware |= e->ransomware;
    return OK;
}

static enum err count_window(struct fleet_shares *s, const struct exposure_window *w)
{
    struct exposure_share *share;
    TRY(share_of(s, w->matter, true, &share));
    share->n[w->state]++;
    return OK;
}

/* Affairs first; then what is open on most hosts; of equals what is known to be exploited, and the
 * newest by name. */
static int by_weight(const void *a, const void *b)
{
    const struct exposure_share *x = a, *y = b;
    bool x_kev = x->kev_us != TIME_NONE, y_kev = y->kev_us != TIME_NONE;
    if (x->affair != y->affair)
        return x->affair ? -1 : 1;
    if (x->n[EXPOSURE_EXPOSED] != y->n[EXPOSURE_EXPOSED])
        return x->n[EXPOSURE_EXPOSED] > y->n[EXPOSURE_EXPOSED] ? -1 : 1;
    return x_kev != y_kev ? x_kev ? -1 : 1 : -str_cmp(x->of, y->of);
}

static enum err count_all(struct report *r, struct arena *arena, struct fleet_shares *s)
{
    for (size_t i = 0; i < r->n_windows; i++)
        TRY(count_window(s, &r->window[i]));
    for (size_t i = 0; i < r->n_exposures; i++)
        TRY(count_exposure(s, &r->exposure[i]));
    r->n_shares = s->v.n;
    r->share = arena_new_n(arena, struct exposure_share, s->v.n + 1);
    if (!r->share)
        return ERR_NOMEM;
    if (s->v.n) {
        memcpy(r->share, s->v.v, s->v.n * sizeof *s->v.v);
        qsort(r->share, r->n_shares, sizeof *r->share, by_weight);
    }
    return OK;
}

/* ---- how it went ---- */

struct course_days {
    VEC(int64_t) v; /* starts of days on which something changed */
};

static int by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Before the affair began there was nothing to be open to. */
static enum err add_day(struct course_days *d, int64_t from_us, int64_t time_us)
{
    return time_us == TIME_NONE || time_us < from_us
               ? OK
               : vec_push(&d->v, time_day(time_us) * US_PER_DAY, DAYS_MAX);
}

/* A server that was seen open was so from the start: builds do not go back. Until it is seen fixed
 * it counts as open; one that was never seen open is not known until then. */
static enum exposure_state state_on(const struct exposure_window *w, int64_t end_us)
{
    bool fixed = w->state == EXPOSURE_FIXED || w->state == EXPOSURE_FIXED_IF_CONFIGURED;
    if (!fixed)
        return w->state == EXPOSURE_MITIGATED && w->open_us != TIME_NONE && end_us <= w->open_us
                   ? EXPOSURE_EXPOSED
                   : w->state;
    if (w->until_us == TIME_NONE)
        return w->state;
    return end_us > w->until_us      ? w->state
           : w->open_us != TIME_NONE ? EXPOSURE_EXPOSED
                                     : EXPOSURE_UNKNOWN;
}

static enum err take_days(const struct report *r, struct str of, struct course_days *d)
{
    d->v.n = 0;
    for (size_t i = 0; i < r->n_windows; i++) {
        const struct exposure_window *w = &r->window[i];
        if (!str_eq(w->matter, of))
            continue;
        TRY(add_day(d, w->from_us, w->from_us));
        TRY(add_day(d, w->from_us, w->until_us));
        TRY(add_day(d, w->from_us, w->open_us));
    }
    if (d->v.n)
        qsort(d->v.v, d->v.n, sizeof *d->v.v, by_time);
    return OK;
}

static struct exposure_share share_on(const struct report *r, struct str of, int64_t day_us)
{
    struct exposure_share s = {
        .of = of, .affair = true, .part = "fleet", .time_us = day_us, .kev_us = TIME_NONE};
    for (size_t i = 0; i < r->n_windows; i++)
        if (str_eq(r->window[i].matter, of))
            s.n[state_on(&r->window[i], day_us + US_PER_DAY)]++;
    return s;
}

static enum err count_days(struct report *r, struct arena *arena, struct course_days *d)
{
    VEC(struct exposure_share) out = {0};
    enum err rc = OK;
    for (size_t k = 0; !rc && k < r->n_shares && r->share[k].affair; k++) {
        rc = take_days(r, r->share[k].of, d);
        for (size_t i = 0; !rc && i < d->v.n; i++)
            if (!i || d->v.v[i] != d->v.v[i - 1])
                rc = vec_push(&out, share_on(r, r->share[k].of, d->v.v[i]), DAYS_MAX);
    }
    r->n_course = out.n;
    r->course = rc ? NULL : arena_new_n(arena, struct exposure_share, out.n + 1);
    if (!rc && !r->course)
        rc = ERR_NOMEM;
    if (!rc && out.n)
        memcpy(r->course, out.v, out.n * sizeof *out.v);
    vec_done(&out);
    return rc;
}

enum err report_fleet(struct report *r, struct arena *arena)
{
    struct fleet_shares shares = {0};
    struct course_days days = {0};
    map_init(&shares.of, arena, OF_MAX);
    enum err rc = count_all(r, arena, &shares);
    if (!rc)
        rc = count_days(r, arena, &days);
    map_done(&shares.of);
    vec_done(&shares.v);
    vec_done(&days.v);
    return rc;
}
