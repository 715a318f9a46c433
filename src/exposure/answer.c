#include "exposure/answer.h"

#include "base/time.h"

#include <stdlib.h>

enum { BUILDS_MAX = 1 << 20, SEARCHES = 16 /* told of one host and CVE */ };

struct asked_build {
    const struct table_product *product;
    struct build build;
    enum precision precision;
    struct decision *decision; /* by place in the family's CVEs */
};

void asker_init(struct asker *a, const struct fleet *f, int64_t until_us, size_t max_bytes)
{
    *a = (struct asker){.fleet = f, .until_us = until_us};
    arena_init(&a->arena, max_bytes);
    map_init(&a->by_build, &a->arena, BUILDS_MAX);
}

void asker_done(struct asker *a)
{
    map_done(&a->by_build);
    vec_done(&a->asked);
    arena_done(&a->arena);
}

void asked_host_done(struct asked_host *h)
{
    history_done(&h->history);
    free(h->held);
    h->held = NULL;
    h->held_cap = 0;
}

/* --- the CVEs of a family --- */

static bool in_family(const struct table_product *p, const struct table_product *q)
{
    return p == q || (p->facts->cpe.n && str_eq(p->facts->cpe, q->facts->cpe));
}

static bool not_yet(const struct asker *a, const struct table_cve *c)
{
    return a->until_us != TIME_NONE && c->published_us != TIME_NONE &&
           c->published_us > a->until_us;
}

static bool is_of_family(const struct asker *a, const struct table_product *p, uint32_t cve)
{
    const struct tables *t = a->fleet->tables;
    for (size_t i = 0; i < t->n_products; i++)
        if (in_family(p, &t->product[i]) && tables_fixes(&t->product[i], cve))
            return !not_yet(a, &t->cve[cve]);
    return false;
}

static enum err list_matters(struct asker *a, struct family *family, size_t n)
{
    const struct tables *t = a->fleet->tables;
    for (size_t m = 0; m < t->n_matters; m++) {
        uint32_t *place = arena_new_n(&a->arena, uint32_t, n + 1);
        size_t k = 0;
        if (!place)
            return ERR_NOMEM;
        for (uint32_t i = 0; i < n; i++)
            if (t->cve[family->cve[i]].matters >> m & 1)
                place[k++] = i;
        place[k] = FLEET_NONE;
        family->matter[m] = k ? place : NULL;
    }
    return OK;
}

static enum err make_family(struct asker *a, const struct table_product *p)
{
    const struct tables *t = a->fleet->tables;
    size_t n = 0;
    if (!a->family)
        a->family = arena_new_n(&a->arena, struct family, t->n_products + 1);
    if (!a->family)
        return ERR_NOMEM;
    struct family *family = &a->family[p - t->product];
    if (family->cve)
        return OK;
    family->cve = arena_new_n(&a->arena, uint32_t, t->n_cves + 1);
    if (!family->cve)
        return ERR_NOMEM;
    for (uint32_t cve = 0; cve < t->n_cves; cve++)
        if (is_of_family(a, p, cve))
            family->cve[n++] = cve;
    family->cve[n] = FLEET_NONE;
    return list_matters(a, family, n);
}

/* --- builds --- */

static enum err decide_all(struct asker *a, struct asked_build *b)
{
    const struct tables *t = a->fleet->tables;
    TRY(make_family(a, b->product));
    const uint32_t *cves = a->family[b->product - t->product].cve;
    size_t n = 0;
    while (cves[n] != FLEET_NONE)
        n++;
    b->decision = arena_new_n(&a->arena, struct decision, n + 1);
    if (!b->decision)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        b->decision[i] = decide_build(t, b->product, &b->build, b->precision, cves[i]);
    return OK;
}

static enum err ask_build(struct asker *a, const struct seen *s, const struct asked_build **ret)
{
    struct {
        struct build build;
        uint32_t product, precision;
    } key = {s->build, s->product, s->precision};
    uint32_t id;
    bool is_new;
    TRY(map_intern(&a->by_build, str_make((const char *)&key, sizeof key), &id, &is_new));
    if (is_new) {
        struct asked_build *b = arena_new(&a->arena, struct asked_build);
        if (!b)
            return ERR_NOMEM;
        *b = (struct asked_build){.build = s->build, .precision = s->precision};
        if (s->product)
            b->product = &a->fleet->tables->product[s->product - 1];
        TRY(vec_push(&a->asked, b, BUILDS_MAX));
        if (b->product)
            TRY(decide_all(a, b));
    }
    *ret = a->asked.v[id];
    return OK;
}

static bool has_more_than_builds(const struct asker *a, const struct host *host)
{
    for (uint32_t i = host->first; i != FLEET_NONE; i = a->fleet->seen.v[i].next)
        if (a->fleet->seen.v[i].kind != OBSERVED_BUILD)
            return true;
    return false;
}

enum err asker_host(struct asker *a, const struct host *host, const struct seen *one,
                    struct asked_host *h)
{
    h->fleet = a->fleet;
    h->host = host;
    TRY(history_make(a->fleet, host, one, a->until_us, &h->history));
    if (h->held_cap < h->history.n) {
        free(h->held);
        h->held_cap = h->history.n * 2;
        h->held = malloc(h->held_cap * sizeof(void *));
        if (!h->held) {
            h->held_cap = 0;
            return ERR_NOMEM;
        }
    }
    h->more = has_more_than_builds(a, host);
    for (size_t i = 0; i < h->history.n; i++)
        TRY(ask_build(a, h->history.step[i].by, &h->held[i]));
    return OK;
}

static const struct table_product *product_now(const struct asked_host *h)
{
    return h->history.n ? h->held[h->history.n - 1]->product : NULL;
}

static const struct family *family_now(const struct asker *a, const struct asked_host *h)
{
    const struct table_product *p = product_now(h);
    return p ? &a->family[p - a->fleet->tables->product] : NULL;
}

const uint32_t *asker_cves(const struct asker *a, const struct asked_host *h)
{
    const struct family *family = family_now(a, h);
    return family ? family->cve : NULL;
}

const uint32_t *asker_matter(const struct asker *a, const struct asked_host *h, size_t matter)
{
    const struct family *family = family_now(a, h);
    return family ? family->matter[matter] : NULL;
}

/* --- what came on top of the build --- */

static bool is_later(const struct asker *a, const struct seen *s)
{
    return a->until_us != TIME_NONE && s->time_us != TIME_NONE && s->time_us > a->until_us;
}

/* A sign of an attack by the CVE, or where such signs were looked for. */
static bool is_search(const struct asker *a, const struct seen *s, uint32_t cve)
{
    return (s->kind == OBSERVED_SIGN || s->kind == OBSERVED_LOOKED) && s->cve == cve &&
           !is_later(a, s);
}

static bool was_searched(const struct asker *a, const struct host *host, uint32_t cve)
{
    for (uint32_t i = host->first; i != FLEET_NONE; i = a->fleet->seen.v[i].next)
        if (is_search(a, &a->fleet->seen.v[i], cve))
            return true;
    return false;
}

/* The newest observation of a kind about this CVE, or about this setting; of two of the same time
 * the one that helps less. */
static const struct seen *newest(const struct asker *a, const struct host *host,
                                 enum observation_kind kind, uint32_t cve, struct str what)
{
    const struct seen *found = NULL;
    for (uint32_t i = host->first; i != FLEET_NONE; i = a->fleet->seen.v[i].next) {
        const struct seen *s = &a->fleet->seen.v[i];
        bool about = what.p ? str_ieq(fleet_word(a->fleet, s->what), what) : s->cve == cve;
        bool newer = !found || s->time_us > found->time_us ||
                     (s->time_us == found->time_us && s->off >= found->off);
        if (s->kind == kind && !is_later(a, s) && about && newer)
            found = s;
    }
    return found;
}

static void weigh_setting(const struct asker *a, struct answer_of *r)
{
    const struct fix *fix = r->decision.fix;
    if (r->state != EXPOSURE_FIXED_IF_CONFIGURED || !fix)
        return;
    r->setting = r->changed = newest(a, r->host, OBSERVED_SETTING, FLEET_NONE, fix_needs(fix));
    if (r->setting)
        r->state = r->setting->off ? EXPOSURE_EXPOSED : EXPOSURE_FIXED;
}

static bool is_fixed(enum exposure_state s)
{
    return s == EXPOSURE_FIXED || s == EXPOSURE_FIXED_IF_CONFIGURED;
}

/* When what makes it fixed was seen last. */
static int64_t shown_us(const struct answer_of *r)
{
    return r->setting && r->setting->time_us > r->by->time_us ? r->setting->time_us
                                                              : r->by->time_us;
}

/* A scanner that met the hole knows more than a build that does not show its update, or than what
 * was not seen later: the build, and the setting that it needs. One that did not meet it clears
 * nobody: a mitigation looks the same. */
static void weigh_scanner(const struct asker *a, struct answer_of *r)
{
    const struct seen *open = newest(a, r->host, OBSERVED_OPEN, r->cve, STR_NONE);
    const struct seen *closed = newest(a, r->host, OBSERVED_CLOSED, r->cve, STR_NONE);
    r->scanner = !open ? closed : !closed || open->time_us >= closed->time_us ? open : closed;
    if (r->scanner != open || !open || r->state == EXPOSURE_EXPOSED)
        return;
    if (is_fixed(r->state) && open->time_us < shown_us(r))
        return;
    if (r->state == EXPOSURE_FIXED && open->time_us == TIME_NONE)
        return;
    r->state = EXPOSURE_EXPOSED;
    r->changed = open;
}

/* Who tried it knows more than configuration of an earlier or of no known day, which may not be in
 * force any more. HealthChecker goes by the build, and names mitigated holes as well. */
static bool passed_by(const struct asker *a, const struct answer_of *r)
{
    return r->scanner && r->scanner->kind == OBSERVED_OPEN &&
           !str_eq(fleet_word(a->fleet, r->scanner->source), STR("healthchecker")) &&
           r->scanner->time_us >= r->mitigation->time_us;
}

static void weigh_mitigation(const struct asker *a, struct answer_of *r)
{
    r->mitigation = newest(a, r->host, OBSERVED_MITIGATION, r->cve, STR_NONE);
    if (!r->mitigation || r->mitigation->off || passed_by(a, r))
        return;
    if (r->state != EXPOSURE_EXPOSED &&
        (r->state != EXPOSURE_UNKNOWN || r->decision.why != WHY_COARSE))
        return;
    r->state = EXPOSURE_MITIGATED;
    r->changed = r->mitigation;
}

/* --- since when --- */

static bool same_by_build(enum exposure_state a, enum exposure_state b)
{
    return a == b || (is_fixed(a) && is_fixed(b));
}

/* Has that step, by its build, another state than the answer? What was not known is none. */
static bool was_otherwise(const struct asked_host *h, size_t step, size_t place,
                          const struct answer_of *r)
{
    enum exposure_state s = h->held[step]->decision[place].state;
    return s != EXPOSURE_UNKNOWN && !same_by_build(s, r->decision.state) &&
           h->history.step[step].time_us <= r->since_us;
}

/* By builds alone. What was not known breaks what was seen. */
static void since_build(const struct asked_host *h, size_t place, struct answer_of *r)
{
    size_t i = h->history.n;
    while (i && same_by_build(h->held[i - 1]->decision[place].state, r->decision.state))
        i--;
    r->since_us = h->history.step[i].time_us;
    while (i && !was_otherwise(h, i - 1, place, r))
        i--;
    r->other_until_us = i ? h->history.step[i - 1].time_us : TIME_NONE;
}

/* Says the second one what the first one says, or the contrary? */
static bool same_matter(const struct seen *a, const struct seen *b)
{
    bool scanners = (a->kind == OBSERVED_OPEN || a->kind == OBSERVED_CLOSED) &&
                    (b->kind == OBSERVED_OPEN || b->kind == OBSERVED_CLOSED);
    return (scanners || a->kind == b->kind) &&
           (a->kind == OBSERVED_SETTING ? a->what == b->what : a->cve == b->cve);
}

/* When the contrary was seen last. */
static int64_t contrary_us(const struct asker *a, const struct answer_of *r)
{
    int64_t last_us = TIME_NONE;
    for (uint32_t i = r->host->first; i != FLEET_NONE; i = a->fleet->seen.v[i].next) {
        const struct seen *s = &a->fleet->seen.v[i];
        bool contrary = s->kind != r->changed->kind || s->off != r->changed->off;
        if (same_matter(s, r->changed) && contrary && !is_later(a, s) && s->time_us > last_us)
            last_us = s->time_us;
    }
    return last_us;
}

/* Since when, without a break, what changed the answer was seen. */
static int64_t unbroken_us(const struct asker *a, const struct answer_of *r, int64_t contrary)
{
    int64_t first_us = r->changed->time_us;
    for (uint32_t i = r->host->first; i != FLEET_NONE; i = a->fleet->seen.v[i].next) {
        const struct seen *s = &a->fleet->seen.v[i];
        bool same = s->kind == r->changed->kind && s->off == r->changed->off;
        if (same_matter(s, r->changed) && same && s->time_us > contrary && s->time_us < first_us)
            first_us = s->time_us;
    }
    return first_us;
}

/* The last step up to then that shows another state, without the help of a setting. */
static int64_t other_step_us(const struct asked_host *h, size_t place, const struct answer_of *r,
                             int64_t until_us)
{
    for (size_t i = h->history.n; i > 0; i--) {
        enum exposure_state s = h->held[i - 1]->decision[place].state;
        bool shown = s == EXPOSURE_EXPOSED || s == EXPOSURE_FIXED;
        if (shown && s != r->state && h->history.step[i - 1].time_us <= until_us)
            return h->history.step[i - 1].time_us;
    }
    return TIME_NONE;
}

static void find_since(const struct asker *a, const struct asked_host *h, size_t place,
                       struct answer_of *r)
{
    since_build(h, place, r);
    if (!r->changed)
        return;
    if (r->changed->time_us == TIME_NONE) { /* configuration has no date */
        r->since_us = r->other_until_us = TIME_NONE;
        return;
    }
    int64_t contrary = contrary_us(a, r), from = unbroken_us(a, r, contrary);
    if (from <= r->since_us)
        return;
    int64_t other = other_step_us(h, place, r, from);
    r->since_us = from;
    r->other_until_us = contrary > other ? contrary : other;
}

bool asker_ask(const struct asker *a, const struct asked_host *h, uint32_t place,
               struct answer_of *ret)
{
    size_t last = h->history.n - 1;
    const struct asked_build *held = h->held[last];
    struct decision d = held->decision[place];
    if (d.why == WHY_NOT_NAMED)
        return false;
    *ret = (struct answer_of){.host = h->host,
                              .product = held->product,
                              .cve = asker_cves(a, h)[place],
                              .state = d.state,
                              .decision = d,
                              .by = h->history.step[last].by,
                              .against = h->history.step[last].against};
    if (h->more) {
        weigh_setting(a, ret);
        weigh_scanner(a, ret);
        weigh_mitigation(a, ret);
        ret->searched = was_searched(a, h->host, ret->cve);
        if (ret->by->precision == PRECISION_NONE && !ret->scanner && !ret->searched)
            return false; /* nothing is known but what somebody looked at */
    }
    find_since(a, h, place, ret);
    return true;
}

enum exposure_state asked_matter_then(const struct asker *a, const struct asked_host *h,
                                      size_t step, size_t matter)
{
    const struct tables *t = a->fleet->tables;
    const struct asked_build *b = h->held[step];
    enum exposure_state worst = EXPOSURE_STATES;
    const uint32_t *place = b->product ? a->family[b->product - t->product].matter[matter] : NULL;
    for (; place && *place != FLEET_NONE; place++) {
        const struct decision *d = &b->decision[*place];
        if (d->why == WHY_NOT_NAMED)
            continue;
        if (worst == EXPOSURE_STATES || exposure_badness(d->state) > exposure_badness(worst))
            worst = d->state;
    }
    return worst;
}

bool asker_state(const struct asker *a, const struct asked_host *h, uint32_t place,
                 enum exposure_state *ret)
{
    struct answer_of full;
    const struct decision *d = &h->held[h->history.n - 1]->decision[place];
    *ret = d->state;
    if (!h->more || d->why == WHY_NOT_NAMED)
        return d->why != WHY_NOT_NAMED;
    bool named = asker_ask(a, h, place, &full);
    *ret = full.state;
    return named;
}

/* --- in words --- */

static void add_where(struct buf *out, const struct fleet *f, const struct seen *s)
{
    char day[32];
    struct str file = fleet_word(f, s->file);
    buf_printf(out, "%.*s (%.*s", STR_FMT(fleet_word(f, s->source)), STR_FMT(file));
    if (s->line)
        buf_printf(out, ":%u", s->line);
    buf_puts(out, s->time_us == TIME_NONE ? ", undated)" : ", ");
    if (s->time_us != TIME_NONE)
        buf_printf(out, "%s)", time_short(s->time_us, false, day));
}

static void add_remark(struct buf *out, const struct fleet *f, const char *words,
                       const struct seen *s)
{
    buf_printf(out, "; %s ", words);
    add_where(out, f, s);
}

/* Signs first: they matter more than how much was looked at. */
static void add_searches(struct buf *out, const struct asker *a, const struct answer_of *r)
{
    static const struct {
        enum observation_kind kind;
        const char *words;
    } kinds[] = {{OBSERVED_SIGN, "signs of an attack"},
                 {OBSERVED_LOOKED, "signs of an attack were looked for"}};
    const struct fleet *f = a->fleet;
    for (size_t k = 0, n = 0; k < ARRAY_LEN(kinds); k++)
        for (uint32_t i = r->host->first; i != FLEET_NONE && n < SEARCHES; i = f->seen.v[i].next) {
            const struct seen *s = &f->seen.v[i];
            if (s->kind != kinds[k].kind || !is_search(a, s, r->cve))
                continue;
            buf_printf(out, "; %s: %.*s, by ", kinds[k].words, STR_FMT(fleet_word(f, s->what)));
            add_where(out, f, s);
            n++;
        }
}

void answer_because(struct buf *out, const struct asker *a, const struct answer_of *r)
{
    const struct fleet *f = a->fleet;
    decide_why(out, f->tables, r->product, &r->by->build, r->by->precision, &r->decision);
    buf_puts(out, ", by ");
    add_where(out, f, r->by);
    if (r->decision.state == EXPOSURE_FIXED_IF_CONFIGURED && !r->setting)
        buf_printf(out, "; needs %.*s as well, of which nothing was seen",
                   STR_FMT(fix_needs(r->decision.fix)));
    if (r->setting) {
        buf_printf(out, "; %.*s is %s by ", STR_FMT(fleet_word(f, r->setting->what)),
                   r->setting->off ? "off" : "on");
        add_where(out, f, r->setting);
    }
    if (r->mitigation) {
        buf_printf(out, "; the mitigation %.*s is %s by ",
                   STR_FMT(fleet_word(f, r->mitigation->what)),
                   r->mitigation->off ? "there only in part, or undone," : "in force");
        add_where(out, f, r->mitigation);
    }
    if (r->scanner)
        add_remark(out, f,
                   r->scanner->kind == OBSERVED_OPEN ? "a scanner found it vulnerable:"
                                                     : "a scanner did not find it vulnerable:",
                   r->scanner);
    if (r->against) {
        buf_puts(out, "; ");
        add_where(out, f, r->against);
        buf_puts(out, " says otherwise: ");
        build_add(out, &r->against->build);
    }
    if (r->searched)
        add_searches(out, a, r);
}
