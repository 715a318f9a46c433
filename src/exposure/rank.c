#include "exposure/exposure_priv.h"
#include "exposure/updates.h"

#include <stdlib.h>

/* What to install where, the most urgent host first. */

struct ranking {
    VEC(struct exposure_update) v;
};

static enum err count_open(struct exposure_run *run, const struct asked_host *h,
                           struct exposure_update *u)
{
    const uint32_t *cves = asker_cves(&run->asker, h);
    for (uint32_t i = 0; cves && cves[i] != FLEET_NONE; i++) {
        enum exposure_state s;
        if (!asker_state(&run->asker, h, i, &s) || s != EXPOSURE_EXPOSED ||
            exposure_accepted(run, h->host, cves[i]))
            continue;
        const struct table_cve *c = &run->tables.cve[cves[i]];
        u->open++;
        u->open_kev += c->kev_us != TIME_NONE;
        u->open_ransomware += c->ransomware;
    }
    return OK;
}

static enum err visit(void *ctx, struct exposure_run *run, const struct asked_host *h)
{
    struct ranking *ranking = ctx;
    const struct seen *by = h->history.step[h->history.n - 1].by;
    const struct table_product *p = by->product ? &run->tables.product[by->product - 1] : NULL;
    struct exposure_update u = {.host = h->host->name,
                                .site = fleet_word(&run->fleet, h->host->site),
                                .owner = fleet_word(&run->fleet, h->host->owner),
                                .facing = h->host->facing,
                                .product = p ? p->name : STR_NONE,
                                .build = by->build,
                                .first_us = TIME_NONE,
                                .then_us = TIME_NONE};
    int64_t now = run->options.as_of_us != TIME_NONE ? run->options.as_of_us : run->options.now_us;
    TRY(count_open(run, h, &u));
    if (!u.open)
        return OK;
    update_find(p, &by->build, now, &u);
    return vec_push(&ranking->v, u, FLEET_HOSTS_MAX);
}

/* What stands on the Internet, then what blackmailers use, then what anybody is known to use. */
static int by_urgency(const void *a, const void *b)
{
    const struct exposure_update *x = a, *y = b;
    bool out = x->facing == FACING_INTERNET, other = y->facing == FACING_INTERNET;
    if (out != other)
        return out ? -1 : 1;
    if (x->open_ransomware != y->open_ransomware)
        return x->open_ransomware > y->open_ransomware ? -1 : 1;
    if (x->open_kev != y->open_kev)
        return x->open_kev > y->open_kev ? -1 : 1;
    if (x->open != y->open)
        return x->open > y->open ? -1 : 1;
    return str_cmp(x->host, y->host);
}

enum err exposure_each_update(struct exposure_run *run,
                              enum err (*row)(void *ctx, const struct exposure_update *u),
                              void *ctx)
{
    struct ranking ranking = {0};
    enum err rc = exposure_walk(run, visit, &ranking);
    if (!rc && ranking.v.n)
        qsort(ranking.v.v, ranking.v.n, sizeof *ranking.v.v, by_urgency);
    for (size_t i = 0; !rc && i < ranking.v.n; i++)
        rc = row(ctx, &ranking.v.v[i]);
    vec_done(&ranking.v);
    return rc;
}
