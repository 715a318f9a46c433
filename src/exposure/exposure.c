#include "exposure/exposure_priv.h"

#include "base/time.h"
#include "exposure/settings.h"

#include <stdlib.h>

enum { TEXT_BYTES = 64 * 1024 };
#define FLEET_BYTES ((size_t)4 * 1024 * 1024 * 1024)
#define TABLES_BYTES ((size_t)512 * 1024 * 1024)

static enum err kev_gap(struct exposure_run *run, struct str reason, struct str detail)
{
    struct errand_gap gap = {.file = run->options.kev_name, .reason = reason, .detail = detail};
    return run->options.gap ? run->options.gap(run->options.ctx, &gap) : OK;
}

static enum err add_kev(struct exposure_run *run, struct error *error)
{
    struct kev_told *told = &run->kev;
    TRY(kev_add(&run->tables, run->options.kev, run->options.kev_name, &run->arena, told, error));
    run->count.gaps += told->left_out;
    run->count.kev_foreign = told->foreign;
    return told->left_out
               ? kev_gap(run, STR("damaged"), STR("entries without a CVE or a date were left out"))
               : OK;
}

/* What is exploited in products that hosts run, and stands in no table: of it nothing was said. */
static enum err tell_lacks(struct exposure_run *run)
{
    struct buf text;
    enum err rc = OK;
    buf_init(&text, TEXT_BYTES);
    for (size_t i = 0; !rc && i < run->kev.n_lacks; i++) {
        const struct kev_lack *lack = &run->kev.lack[i];
        int64_t as_of = run->options.as_of_us;
        if (!run->seen[lack->product - run->tables.product] ||
            (as_of != TIME_NONE && lack->added_us > as_of))
            continue;
        buf_reset(&text);
        buf_printf(&text,
                   "%.*s is exploited and in no table: whether %.*s is open to it is not "
                   "known",
                   STR_FMT(lack->cve), STR_FMT(lack->name));
        run->count.gaps++;
        rc = text.rc ? text.rc : kev_gap(run, STR("not-examined"), buf_view(&text));
    }
    buf_done(&text);
    return rc;
}

/* What was listed later was not known on that day. */
static void forget_later(struct exposure_run *run)
{
    int64_t as_of = run->options.as_of_us;
    for (size_t i = 0; as_of != TIME_NONE && i < run->tables.n_cves; i++) {
        struct table_cve *c = &run->tables.cve[i];
        if (c->kev_us <= as_of)
            continue;
        c->kev_us = c->due_us = TIME_NONE;
        c->ransomware = false;
    }
}

/* A date without a time is the whole day. */
static int64_t day_end(int64_t us)
{
    return us == TIME_NONE || us % US_PER_DAY ? us : us + US_PER_DAY - 1;
}

enum err exposure_open(const struct exposure_options *options, struct exposure_run **ret_run,
                       struct error *error)
{
    struct exposure_run *run = calloc(1, sizeof *run);
    *ret_run = run;
    if (!run)
        return fail(error, ERR_NOMEM, "out of memory");
    run->options = *options;
    run->options.as_of_us = day_end(options->as_of_us);
    arena_init(&run->arena, TABLES_BYTES);
    enum err rc = tables_make(options->dossier, options->n_dossiers, &run->arena, &run->tables);
    if (!rc)
        run->seen = arena_new_n(&run->arena, bool, run->tables.n_products + 1);
    fleet_init(&run->fleet, &run->tables, FLEET_BYTES);
    asker_init(&run->asker, &run->fleet, run->options.as_of_us, TABLES_BYTES);
    if (rc || !run->seen)
        return fail(error, rc ? rc : ERR_NOMEM, "the tables need too much memory");
    if (options->kev.p)
        TRY(add_kev(run, error));
    forget_later(run);
    rc = shares_init(&run->shares, &run->tables, TABLES_BYTES);
    return rc ? fail(error, rc, "out of memory") : OK;
}

struct exposure_run *exposure_close(struct exposure_run *run)
{
    if (!run)
        return NULL;
    asked_host_done(&run->asked);
    vec_done(&run->turn);
    shares_done(&run->shares);
    asker_done(&run->asker);
    fleet_done(&run->fleet);
    arena_done(&run->arena);
    free(run);
    return NULL;
}

void exposure_counts(const struct exposure_run *run, struct exposure_count *ret)
{
    *ret = run->count;
}

const struct tables *exposure_tables(const struct exposure_run *run)
{
    return &run->tables;
}

/* --- the walk --- */

enum err exposure_walk_host(struct exposure_run *run, const struct host *host,
                            enum err (*visit)(void *ctx, struct exposure_run *run,
                                              const struct asked_host *h),
                            void *ctx)
{
    const struct seen *one[HISTORY_PRODUCTS];
    size_t n = history_products(&run->fleet, host, one);
    for (size_t i = 0; i < n; i++) {
        TRY(asker_host(&run->asker, host, one[i], &run->asked));
        if (run->asked.history.n)
            TRY(visit(ctx, run, &run->asked));
    }
    return OK;
}

enum err exposure_walk(struct exposure_run *run,
                       enum err (*visit)(void *ctx, struct exposure_run *run,
                                         const struct asked_host *h),
                       void *ctx)
{
    for (size_t i = 0; i < run->fleet.host.n; i++)
        if (!run->fleet.host.v[i].merged)
            TRY(exposure_walk_host(run, &run->fleet.host.v[i], visit, ctx));
    return OK;
}

const struct accepted_risk *exposure_accepted(const struct exposure_run *run,
                                              const struct host *host, uint32_t cve)
{
    const struct table_cve *c = &run->tables.cve[cve];
    int64_t now = run->options.as_of_us != TIME_NONE ? run->options.as_of_us : run->options.now_us;
    for (size_t i = 0; i < run->options.n_accepted; i++) { /* nearly always none */
        const struct accepted_risk *a = &run->options.accepted[i];
        bool of = str_eq(a->of, STR("*")) || str_ieq(a->of, c->id);
        for (size_t m = 0; m < run->tables.n_matters && !of; m++)
            of = (c->matters >> m & 1) && str_eq(run->tables.matter[m].dossier->id, a->of);
        bool lasts = a->until_us == TIME_NONE || day_end(a->until_us) >= now;
        if (of && lasts &&
            (str_eq(a->host, STR("*")) || fleet_is_called(&run->fleet, host, a->host)))
            return a;
    }
    return NULL;
}

/* --- counting --- */

/* Siblings are one product to those who list holes. */
static void see_product(struct exposure_run *run, const struct asked_host *h)
{
    uint16_t product = h->history.step[h->history.n - 1].by->product;
    const struct table_product *all = run->tables.product, *p = product ? &all[product - 1] : NULL;
    if (!p || run->seen[product - 1])
        return;
    for (size_t i = 0; i < run->tables.n_products; i++)
        run->seen[i] |=
            &all[i] == p || (p->facts->cpe.n && str_eq(all[i].facts->cpe, p->facts->cpe));
    run->seen[product - 1] = true;
}

/* Of a host's lines of products. */
struct counted {
    bool any, all_known, open;
    struct affairs affairs;
};

static enum err count_line(void *ctx, struct exposure_run *run, const struct asked_host *h)
{
    const uint32_t *cves = asker_cves(&run->asker, h);
    struct counted *counted = ctx;
    see_product(run, h);
    counted->any = true;
    counted->all_known &= cves != NULL;
    for (uint32_t i = 0; cves && cves[i] != FLEET_NONE; i++) {
        enum exposure_state s;
        if (!asker_state(&run->asker, h, i, &s))
            continue;
        bool accepted = s == EXPOSURE_EXPOSED && exposure_accepted(run, h->host, cves[i]) != NULL;
        run->count.state[s]++;
        run->count.accepted += accepted;
        counted->open |= s == EXPOSURE_EXPOSED && !accepted;
        shares_add(&run->shares, cves[i], s, accepted);
    }
    return affairs_add(run, h, &counted->affairs);
}

static bool has_sign(const struct exposure_run *run, const struct host *host)
{
    int64_t until = run->options.as_of_us;
    for (uint32_t i = host->first; i != FLEET_NONE; i = run->fleet.seen.v[i].next) {
        const struct seen *s = &run->fleet.seen.v[i];
        bool later = until != TIME_NONE && s->time_us != TIME_NONE && s->time_us > until;
        if (s->kind == OBSERVED_SIGN && !later)
            return true;
    }
    return false;
}

static enum err count_host(struct exposure_run *run, const struct host *host)
{
    struct counted counted;
    counted.any = counted.open = false;
    counted.all_known = true;
    affairs_init(&counted.affairs);
    TRY(exposure_walk_host(run, host, count_line, &counted));
    run->count.hosts++;
    run->count.open_hosts += counted.open;
    run->count.unknown_hosts += !counted.any || !counted.all_known;
    return affairs_count(run, host, &counted.affairs);
}

/* What is known of hosts is joined, counted and told. */
static enum err end_batch(struct exposure_run *run)
{
    TRY(fleet_join(&run->fleet));
    for (size_t i = 0; i < run->fleet.host.n; i++) {
        struct host *h = &run->fleet.host.v[i];
        if (h->merged)
            continue;
        TRY(settings_settle(&run->fleet, h));
        TRY(count_host(run, h));
        run->count.sign_hosts += has_sign(run, h);
    }
    return run->options.batch ? run->options.batch(run->options.ctx) : OK;
}

enum err exposure_observe(struct exposure_run *run, const struct observation *o)
{
    run->count.observations++;
    if (run->options.batch && run->fleet.host.n >= run->options.batch_hosts &&
        !fleet_knows(&run->fleet, o->host)) {
        TRY(end_batch(run));
        fleet_clear(&run->fleet);
    }
    return fleet_add(&run->fleet, o);
}

enum err exposure_end(struct exposure_run *run, struct error *error)
{
    enum err rc = end_batch(run);
    if (!rc)
        rc = shares_end(&run->shares);
    if (!rc)
        rc = tell_lacks(run);
    return rc ? fail(error, rc, "cannot go on: %s", err_name(rc)) : OK;
}

/* --- rows --- */

struct telling {
    enum err (*row)(void *ctx, const struct exposure *e);
    void *ctx;
    struct buf build, because, fixed_build;
    struct str matters[MATTERS_MAX];
};

static void fill_facts(struct exposure_run *run, struct telling *t, const struct answer_of *r,
                       struct exposure *e)
{
    const struct table_cve *c = &run->tables.cve[r->cve];
    e->cve = c->id;
    e->title = c->title;
    e->kev_us = c->kev_us;
    e->due_us = c->due_us;
    e->ransomware = c->ransomware;
    e->cvss = c->cvss;
    e->cvss_version = c->cvss_version;
    e->matters.v = t->matters;
    for (size_t m = 0; m < run->tables.n_matters; m++)
        if (c->matters >> m & 1)
            t->matters[e->matters.n++] = run->tables.matter[m].dossier->id;
}

static void fill_risk(const struct exposure_run *run, const struct answer_of *r, struct exposure *e)
{
    const struct accepted_risk *a =
        r->state == EXPOSURE_EXPOSED ? exposure_accepted(run, r->host, r->cve) : NULL;
    e->accepted_until_us = TIME_NONE;
    if (!a)
        return;
    e->accepted_by = a->owner;
    e->accepted_why = a->reason;
    e->accepted_until_us = a->until_us;
}

static void fill_host(const struct exposure_run *run, const struct answer_of *r, struct exposure *e)
{
    const struct fleet *f = &run->fleet;
    e->host = r->host->name;
    e->site = fleet_word(f, r->host->site);
    e->owner = fleet_word(f, r->host->owner);
    e->facing = r->host->facing;
    if (r->by->precision != PRECISION_NONE)
        e->product = r->product ? r->product->name : fleet_word(f, r->by->what);
    e->source = fleet_word(f, r->by->source);
    e->file = fleet_word(f, r->by->file);
    e->line = r->by->line;
    e->seen_us = r->by->time_us;
    e->precision = r->by->precision;
}

static enum err tell(struct exposure_run *run, struct telling *t, const struct answer_of *r)
{
    struct exposure e = {
        .state = r->state, .since_us = r->since_us, .other_until_us = r->other_until_us};
    buf_reset(&t->build);
    buf_reset(&t->because);
    buf_reset(&t->fixed_build);
    build_add(&t->build, &r->by->build);
    answer_because(&t->because, &run->asker, r);
    e.build = buf_view(&t->build);
    e.because = buf_view(&t->because);
    if (r->decision.fix) {
        build_add(&t->fixed_build, &r->decision.fix->build);
        e.fixed_by = r->decision.fix->update;
        e.fixed_build = buf_view(&t->fixed_build);
    }
    fill_host(run, r, &e);
    fill_facts(run, t, r, &e);
    fill_risk(run, r, &e);
    return t->row(t->ctx, &e);
}

static enum err tell_host(void *ctx, struct exposure_run *run, const struct asked_host *h)
{
    struct telling *t = ctx;
    const uint32_t *cves = asker_cves(&run->asker, h);
    struct answer_of r;
    for (uint32_t i = 0; cves && cves[i] != FLEET_NONE; i++)
        if (asker_ask(&run->asker, h, i, &r))
            TRY(tell(run, t, &r));
    return OK;
}

enum err exposure_each(struct exposure_run *run,
                       enum err (*row)(void *ctx, const struct exposure *e), void *ctx)
{
    struct telling t = {.row = row, .ctx = ctx};
    buf_init(&t.build, TEXT_BYTES);
    buf_init(&t.because, TEXT_BYTES);
    buf_init(&t.fixed_build, TEXT_BYTES);
    enum err rc = exposure_walk(run, tell_host, &t);
    buf_done(&t.build);
    buf_done(&t.because);
    buf_done(&t.fixed_build);
    return rc;
}

enum err exposure_each_share(struct exposure_run *run,
                             enum err (*row)(void *ctx, const struct exposure_share *s), void *ctx)
{
    for (size_t i = 0; i < run->shares.row.n; i++)
        TRY(row(ctx, &run->shares.row.v[i]));
    return OK;
}
