#include "exposure/exposure_priv.h"
#include "exposure/updates.h"

#include <stdlib.h>

/* What to install where, the most urgent host first. */

/* Enough to sort by; what is told is found again. */
struct ranked {
    const struct host *host;
    const struct seen *by;
    uint32_t open, open_kev, open_ransomware;
};

struct ranking {
    VEC(struct ranked) v;
};

static void count_open(struct exposure_run *run, const struct asked_host *h, struct ranked *r)
{
    const uint32_t *cves = asker_cves(&run->asker, h);
    for (uint32_t i = 0; cves && cves[i] != FLEET_NONE; i++) {
        enum exposure_state s;
        if (!asker_state(&run->asker, h, i, &s) || s != EXPOSURE_EXPOSED ||
            exposure_accepted(run, h->host, cves[i]))
            continue;
        const struct table_cve *c = &run->tables.cve[cves[i]];
        r->open++;
        r->open_kev += c->kev_us != TIME_NONE;
        r->open_ransomware += c->ransomware;
    }
}

static enum err visit(void *ctx, struct exposure_run *run, const struct asked_host *h)
{
    struct ranking *ranking = ctx;
    struct ranked r = {.host = h->host, .by = h->history.step[h->history.n - 1].by};
    count_open(run, h, &r);
    return r.open ? vec_push(&ranking->v, r, FLEET_HOSTS_MAX) : OK;
}

static struct exposure_update update_of(const struct exposure_run *run, const struct ranked *r)
{
    const struct table_product *p =
        r->by->product ? &run->tables.product[r->by->product - 1] : NULL;
    int64_t as_of = run->options.as_of_us;
    struct exposure_update u = {.host = r->host->name,
                                .site = fleet_word(&run->fleet, r->host->site),
                                .owner = fleet_word(&run->fleet, r->host->owner),
                                .facing = r->host->facing,
                                .product = p ? p->name : STR_NONE,
                                .build = r->by->build,
                                .open = r->open,
                                .open_kev = r->open_kev,
                                .open_ransomware = r->open_ransomware,
                                .first_build = {{-1, -1, -1, -1}},
                                .first_us = TIME_NONE,
                                .then_build = {{-1, -1, -1, -1}},
                                .then_us = TIME_NONE};
    if (r->by->precision == PRECISION_NONE) {
        u.product = STR_NONE;
        u.advice = STR("no source tells its build: find it out first");
        return u;
    }
    update_find(p, &r->by->build, as_of != TIME_NONE ? as_of : run->options.now_us, &u);
    return u;
}

/* What stands on the Internet, then what blackmailers use, then what anybody is known to use. */
static int by_urgency(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    bool out = x->host->facing == FACING_INTERNET, other = y->host->facing == FACING_INTERNET;
    if (out != other)
        return out ? -1 : 1;
    if (x->open_ransomware != y->open_ransomware)
        return x->open_ransomware > y->open_ransomware ? -1 : 1;
    if (x->open_kev != y->open_kev)
        return x->open_kev > y->open_kev ? -1 : 1;
    if (x->open != y->open)
        return x->open > y->open ? -1 : 1;
    return str_cmp(x->host->name, y->host->name);
}

enum err exposure_each_update(struct exposure_run *run,
                              enum err (*row)(void *ctx, const struct exposure_update *u),
                              void *ctx)
{
    struct ranking ranking = {0};
    enum err rc = exposure_walk(run, visit, &ranking);
    if (!rc && ranking.v.n)
        qsort(ranking.v.v, ranking.v.n, sizeof *ranking.v.v, by_urgency);
    for (size_t i = 0; !rc && i < ranking.v.n; i++) {
        struct exposure_update u = update_of(run, &ranking.v.v[i]);
        rc = row(ctx, &u);
    }
    vec_done(&ranking.v);
    return rc;
}
