/* Subjects that rise in the same threads are one event: the strongest is told, the others with it.
 *
 * Compared is what counted: the threads of the alert's window, as the detectors know them on that
 * evening. Order is by strength, then by name, never by number: numbers follow the order of posts.
 * Each alert is compared with those that are told, not with those that are told with another one,
 * so that what is told says of each of its companions how much they share. */
#include "watch/watch_priv.h"

#include <math.h>
#include <string.h>

enum {
    EARLIER_DAYS = 400,
    EARLIER_MAX = 200, /* open episodes that are looked at, the latest ones */
    PAGES = 5,         /* as trend.c has it */
    OTHERS = 100,      /* products of a CVE */
    DAY_BYTES = 64 * 1024 * 1024,
};

struct rising {
    struct trend_alert a;
    double over; /* ln p - ln threshold: below 0, and the lower the stronger */
    char id[SHA256_HEX + 1];
    const struct name *subject;
    uint64_t *thread; /* ascending, each once */
    size_t n;
    bool asked;
    struct asset_match match; /* if asked */
};

struct grouping {
    struct watch *w;
    struct arena arena;
    VEC(struct rising) today;
    VEC(struct rising) earlier; /* open episodes */
    VEC(struct rising *) told;  /* of today */
    bool loaded;                /* earlier */
};

static double over_of(const struct trend_alert *a)
{
    return log(a->p) - log(a->alpha / a->g);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static enum err load_threads(struct grouping *g, struct rising *r, int32_t until_day)
{
    uint64_t post[TREND_EVIDENCE];
    size_t n = trends_evidence(g->w->trends, r->a.subject, r->a.since_day, until_day, post),
           kept = 0;
    r->thread = arena_new_n(&g->arena, uint64_t, n + 1);
    if (!r->thread)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        TRY(chatter_thread(&g->w->store, post[i], &r->thread[kept], g->w->error));
        kept += r->thread[kept] != 0;
    }
    if (kept)
        qsort(r->thread, kept, sizeof *r->thread, by_number);
    for (size_t i = 0; i < kept; i++)
        if (!r->n || r->thread[r->n - 1] != r->thread[i])
            r->thread[r->n++] = r->thread[i];
    return OK;
}

static uint32_t shared(const struct rising *x, const struct rising *y)
{
    uint32_t n = 0;
    for (size_t i = 0, k = 0; i < x->n && k < y->n;) {
        n += x->thread[i] == y->thread[k];
        bool both = x->thread[i] <= y->thread[k];
        k += x->thread[i] >= y->thread[k];
        i += both;
    }
    return n;
}

/* ---- assets ---- */

struct others {
    struct arena *arena;
    VEC(struct str) name;
};

static enum err on_other(void *ctx, const struct chatter_near *near)
{
    struct others *o = ctx;
    if (!str_eq(near->kind, STR("product")) || o->name.n == OTHERS)
        return OK;
    struct str copy = arena_str(o->arena, near->value);
    return copy.p ? vec_push(&o->name, copy, OTHERS) : ERR_NOMEM;
}

/* The question that is asked when the alert is told. */
static enum err ask_assets(struct grouping *g, struct rising *r)
{
    struct watch *w = g->w;
    const struct name *subject = r->subject;
    struct others others = {.arena = &g->arena};
    if (r->asked || !w->options.assets)
        return OK;
    r->asked = true;
    enum err rc = OK;
    if (subject->kind == SUBJECT_CVE)
        rc = chatter_beside_subjects(&w->store, r->a.subject, r->a.since_day, r->a.day, on_other,
                                     &others, w->error);
    struct str_list list = {others.name.v, others.name.n};
    struct asset_question q = {subject->kind, subject->text, {0}, &list};
    if (!rc)
        rc = assets_match(w->options.assets, &q, &g->arena, &r->match);
    vec_done(&others.name);
    return rc;
}

/* Does y tell everybody whom x concerns? Nobody's asset disappears into a subject that is not
 * theirs. */
static enum err covers(struct grouping *g, struct rising *y, struct rising *x, bool *ret_covers)
{
    TRY(ask_assets(g, x));
    TRY(ask_assets(g, y));
    *ret_covers = !x->match.customer.p;
    if (*ret_covers || !y->match.customer.p || !str_eq(x->match.customer, y->match.customer) ||
        x->match.n > y->match.n)
        return OK;
    for (size_t i = 0; i < x->match.labels.n; i++) {
        size_t k = 0;
        while (k < y->match.labels.n && !str_eq(x->match.labels.v[i], y->match.labels.v[k]))
            k++;
        if (k == y->match.labels.n)
            return OK;
    }
    *ret_covers = true;
    return OK;
}

/* Is x the event that y is? ret_shared counts if so. */
static enum err same_event(struct grouping *g, struct rising *y, struct rising *x, bool *ret_same,
                           uint32_t *ret_shared)
{
    size_t smaller = x->n < y->n ? x->n : y->n;
    *ret_shared = shared(x, y);
    *ret_same = smaller && 2 * (size_t)*ret_shared >= smaller;
    return *ret_same ? covers(g, y, x, ret_same) : OK;
}

/* ---- episodes that were told ---- */

static enum err on_earlier(void *ctx, const struct chatter_alert *kept)
{
    struct grouping *g = ctx;
    struct rising r = {.a = {.subject = kept->subject,
                             .lane = (enum lane)kept->lane,
                             .episode = kept->episode,
                             .day = kept->day}};
    if (g->earlier.n == EARLIER_MAX || kept->id.n >= sizeof r.id ||
        !trends_open(g->w->trends, r.a.subject, r.a.lane, r.a.episode))
        return OK;
    if (kept->subject >= g->w->subjects.list.n || numbers_take(kept->numbers, &r.a))
        return fail(g->w->error, ERR_FORMAT, "an alert in the state is damaged");
    memcpy(r.id, kept->id.p, kept->id.n);
    r.subject = &g->w->subjects.list.v[kept->subject];
    r.over = over_of(&r.a);
    return vec_push(&g->earlier, r, EARLIER_MAX);
}

/* What was muted or acknowledged since then speaks for nobody. */
static enum err is_quiet(struct watch *w, const struct trend_alert *a, int32_t day, bool *ret_quiet)
{
    return chatter_quiet(&w->store, a->subject, a->lane, a->episode,
                         w->subjects.list.v[a->subject].text, (day + INT64_C(1)) * US_PER_DAY,
                         ret_quiet, w->error);
}

static enum err load_earlier(struct grouping *g, int32_t day)
{
    size_t kept = 0;
    if (g->loaded)
        return OK;
    g->loaded = true;
    TRY(chatter_earlier(&g->w->store, day - EARLIER_DAYS, day, on_earlier, g, g->w->error));
    for (size_t i = 0; i < g->earlier.n; i++) {
        bool quiet;
        TRY(is_quiet(g->w, &g->earlier.v[i].a, day, &quiet));
        if (quiet)
            continue;
        g->earlier.v[kept] = g->earlier.v[i];
        TRY(load_threads(g, &g->earlier.v[kept++], day));
    }
    g->earlier.n = kept;
    return OK;
}

/* Those of today that are told were asked before; others of today are a run's before this one.
 * A weaker subject joins an episode that goes on. What is new about one that spoke before (an
 * intent, a kind of site, an asset, an entry in KEV) is told by itself. */
static enum err find_earlier(struct grouping *g, struct rising *x, struct rising **ret_of,
                             uint32_t *ret_shared)
{
    if (x->a.again != TREND_FIRST && x->a.again != TREND_STRONGER)
        return OK;
    TRY(load_earlier(g, x->a.day));
    for (size_t i = 0; i < g->earlier.n; i++) {
        struct rising *y = &g->earlier.v[i];
        bool same = false;
        if (y->a.subject == x->a.subject || y->over > x->over)
            continue;
        TRY(same_event(g, y, x, &same, ret_shared));
        if (same)
            return *ret_of = y, OK;
    }
    return OK;
}

/* ---- the day ---- */

static int by_name(const struct rising *x, const struct rising *y)
{
    const struct name *a = x->subject, *b = y->subject;
    if (a->kind != b->kind)
        return (int)a->kind - (int)b->kind;
    size_t n = a->text.n < b->text.n ? a->text.n : b->text.n;
    int order = memcmp(a->text.p, b->text.p, n);
    return order ? order : (a->text.n > b->text.n) - (a->text.n < b->text.n);
}

static int by_strength(const void *a, const void *b)
{
    const struct rising *x = a, *y = b;
    if (x->over < y->over || x->over > y->over)
        return x->over < y->over ? -1 : 1;
    int order = by_name(x, y);
    return order ? order : (int)x->a.lane - (int)y->a.lane;
}

static enum err load_today(struct grouping *g)
{
    struct watch *w = g->w;
    for (size_t i = 0; i < w->today.n; i++) {
        struct rising r = {.a = w->today.v[i]};
        bool quiet;
        r.subject = &w->subjects.list.v[r.a.subject];
        TRY(is_quiet(w, &r.a, r.a.day, &quiet));
        w->count.quiet += quiet;
        if (quiet)
            continue;
        r.over = over_of(&r.a);
        raise_id(w, &r.a, r.id);
        TRY(load_threads(g, &r, r.a.day));
        TRY(vec_push(&g->today, r, w->today.n));
    }
    if (g->today.n)
        qsort(g->today.v, g->today.n, sizeof *g->today.v, by_strength);
    return OK;
}

static enum err keep_one(struct grouping *g, struct rising *x)
{
    struct watch *w = g->w;
    unsigned pages = w->options.trend.alerts_a_day ? w->options.trend.alerts_a_day : PAGES;
    struct rising *of = NULL;
    uint32_t n_shared = 0;
    bool same = false, later = false;
    for (size_t i = 0; i < g->told.n && !of; i++) {
        TRY(same_event(g, g->told.v[i], x, &same, &n_shared));
        of = same ? g->told.v[i] : NULL;
    }
    if (!of) {
        TRY(find_earlier(g, x, &of, &n_shared));
        later = of != NULL;
    }
    if (of) {
        struct raise_with with = {str_of(of->id), n_shared, (uint32_t)x->n, later};
        w->count.together++;
        return raise_keep(w, &x->a, &with);
    }
    if (g->told.n >= pages)
        return w->count.digest++, OK;
    TRY(vec_push(&g->told, x, w->today.n));
    return raise_keep(w, &x->a, NULL);
}

enum err together_day(struct watch *w)
{
    struct grouping g = {.w = w};
    if (!w->today.n)
        return OK;
    arena_init(&g.arena, DAY_BYTES);
    enum err rc = load_today(&g);
    for (size_t i = 0; i < g.today.n && !rc; i++)
        rc = keep_one(&g, &g.today.v[i]);
    vec_done(&g.today);
    vec_done(&g.earlier);
    vec_done(&g.told);
    arena_done(&g.arena);
    return rc;
}
