#include "report/judge_priv.h"

/* When a host was open, and which of that time its logs cover. */

/* ---- what exposure knows ---- */

static bool is_worse(const struct exposure_window *a, const struct exposure_window *b)
{
    int c = exposure_badness(a->state) - exposure_badness(b->state);
    return c ? c > 0 : a->until_us > b->until_us;
}

/* Of a host that is spelled in several ways, the worst. */
static const struct exposure_window *told_window(const struct judging *g, const struct judgement *j)
{
    size_t n;
    const struct host_row *row = judge_rows(&g->window, j->verdict.host, &n);
    const struct exposure_window *worst = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct exposure_window *w = &g->r->window[row[i].at];
        if (str_eq(w->matter, j->verdict.dossier) && judge_same_host(g, w->host, j->verdict.host) &&
            (!worst || is_worse(w, worst)))
            worst = w;
    }
    return worst;
}

static bool fixes(const struct dossier *d, struct str cve)
{
    for (size_t i = 0; i < d->fix_cves.n; i++)
        if (str_ieq(d->fix_cves.v[i], cve))
            return true;
    return false;
}

/* Of the CVEs whose fix closes the window: the worst state, the latest fix. */
static bool window_of_exposures(const struct judging *g, const struct opinion *o,
                                struct exposure_window *ret)
{
    size_t n;
    const struct host_row *row = judge_rows(&g->exposure, o->j->verdict.host, &n);
    bool any = false;
    *ret = (struct exposure_window){.state = EXPOSURE_FIXED,
                                    .from_us = o->dossier->window_from_us,
                                    .until_us = TIME_NONE,
                                    .open_us = TIME_NONE};
    for (size_t i = 0; i < n; i++) {
        const struct exposure *e = &g->r->exposure[row[i].at];
        if (!fixes(o->dossier, e->cve) || !judge_same_host(g, e->host, o->j->verdict.host))
            continue;
        if (!any || exposure_badness(e->state) > exposure_badness(ret->state))
            ret->state = e->state;
        if (e->since_us != TIME_NONE && e->since_us > ret->until_us)
            ret->until_us = e->since_us;
        if (e->other_until_us != TIME_NONE && e->other_until_us > ret->open_us)
            ret->open_us = e->other_until_us;
        any = true;
    }
    if (ret->state != EXPOSURE_FIXED) {
        ret->open_us = ret->until_us;
        ret->until_us = TIME_NONE;
    }
    return any;
}

/* ---- the open side ---- */

/* Two sources of one fix: the earlier sight of it counts, unless the other saw the hole after it.
 */
static int64_t fix_of(const struct opinion *o, const struct exposure_window *w)
{
    int64_t scan = o->j->verdict.fixed_since_us, told = w ? w->until_us : TIME_NONE;
    if (w && w->state == EXPOSURE_FIXED_IF_CONFIGURED)
        told = TIME_NONE; /* the update alone is not the fix */
    if (scan == TIME_NONE || told == TIME_NONE)
        return scan == TIME_NONE ? told : scan;
    if (told > scan)
        return w->open_us != TIME_NONE && w->open_us >= scan ? told : scan;
    /* The logs were there on the day of the fix and showed it later: they know better. */
    return o->logs_first_us != TIME_NONE && o->logs_first_us < told ? scan : told;
}

static enum open_side side_of(const struct opinion *o, const struct exposure_window *w,
                              int64_t fixed_us)
{
    enum exposure_state s = w ? w->state : EXPOSURE_UNKNOWN;
    if (s == EXPOSURE_EXPOSED)
        return OPEN_STILL;
    if (s == EXPOSURE_MITIGATED)
        return OPEN_MITIGATED;
    if (s == EXPOSURE_FIXED_IF_CONFIGURED)
        return OPEN_UNKNOWN;
    if (fixed_us == TIME_NONE)
        return s == EXPOSURE_FIXED ? OPEN_FIXED : OPEN_UNKNOWN;
    return o->j->window.first_us != TIME_NONE && fixed_us <= o->j->window.first_us ? OPEN_NEVER
                                                                                   : OPEN_FIXED;
}

/* Where a window without a known end is cut: the end of the affair, or of the logs; who was seen
 * open at least the weeks of the mass wave. */
static int64_t counted_until(const struct opinion *o)
{
    const struct dossier *d = o->dossier;
    int64_t from = o->j->window.first_us, until = o->j->window.last_us;
    if (d && d->window_until_us != TIME_NONE && (until == TIME_NONE || d->window_until_us < until))
        until = d->window_until_us;
    if (until != TIME_NONE)
        return until;
    until = from + WINDOW_MIN_HOURS * US_PER_HOUR;
    if (o->logs_last_us != TIME_NONE && o->logs_last_us >= until)
        until = o->logs_last_us + 1;
    int64_t wave = d && d->window_narrow_us != TIME_NONE
                       ? d->window_narrow_us + WINDOW_WAVE_DAYS * US_PER_DAY
                       : TIME_NONE;
    return o->was_open && wave > until ? wave : until;
}

static void set_window(const struct judging *g, struct opinion *o)
{
    struct judgement *j = o->j;
    struct exposure_window made;
    const struct exposure_window *w = told_window(g, j);
    if (!w && o->dossier && window_of_exposures(g, o, &made))
        w = &made;
    if (w && w->from_us != TIME_NONE)
        j->window.first_us = w->from_us;
    else if (o->dossier)
        j->window.first_us = o->dossier->window_from_us;
    int64_t fixed_us = fix_of(o, w);
    j->open = side_of(o, w, fixed_us);
    j->window.last_us = j->open == OPEN_FIXED || j->open == OPEN_NEVER || j->open == OPEN_UNKNOWN
                            ? fixed_us
                            : TIME_NONE;
    if (j->open == OPEN_NEVER)
        j->window.last_us = j->window.first_us;
    o->was_open =
        w && (w->open_us != TIME_NONE || j->open == OPEN_STILL || j->open == OPEN_MITIGATED);
    o->needs_setting = w && w->state == EXPOSURE_FIXED_IF_CONFIGURED;
    o->moved = w && (j->window.last_us != j->verdict.fixed_since_us);
    o->until_us = j->window.first_us == TIME_NONE ? TIME_NONE : counted_until(o);
}

/* ---- which of it was read ---- */

/* Hours of both; several kinds that fit one pattern stand in for each other. */
static enum err join(struct arena *arena, struct hour_set *all, const struct hour_set *more)
{
    size_t n = all->n + more->n;
    struct hour_span *v = arena_new_n(arena, struct hour_span, n + 1);
    if (!v)
        return ERR_NOMEM;
    if (all->n)
        memcpy(v, all->v, all->n * sizeof *v);
    if (more->n)
        memcpy(v + all->n, more->v, more->n * sizeof *v);
    *all = hours_normal(v, n);
    return OK;
}

static enum err hours_of_log(struct arena *arena, const struct coverage *c, struct hour_set *ret)
{
    struct hour_span span = hours_of(c->first_us, c->last_us + 1);
    struct hour_span *hole = arena_new_n(arena, struct hour_span, c->n_gaps + 1);
    struct hour_set whole = {&span, 1};
    if (!hole)
        return ERR_NOMEM;
    for (size_t k = 0; k < c->n_gaps; k++)
        hole[k] = hours_of(c->gap[k].first_us, c->gap[k].last_us);
    struct hour_set holes = hours_normal(hole, c->n_gaps);
    return hours_subtract(arena, &whole, &holes, ret);
}

static enum err hours_of_kind(struct judging *g, struct str host, struct str pattern,
                              struct hour_set *ret)
{
    size_t n;
    const struct host_row *row = judge_rows(&g->coverage, host, &n);
    *ret = (struct hour_set){0};
    for (size_t i = 0; i < n; i++) {
        const struct coverage *c = &g->r->coverage[row[i].at];
        struct hour_set one;
        if (c->first_us == TIME_NONE || !judge_same_host(g, c->host, host) ||
            !kind_match(pattern, c->kind))
            continue;
        TRY(hours_of_log(g->arena, c, &one));
        TRY(join(g->arena, ret, &one));
    }
    return OK;
}

static enum err read_hours(struct judging *g, struct opinion *o)
{
    static struct str anything[] = {{"*", 1}};
    struct str_list kinds = o->dossier ? o->dossier->deciding : (struct str_list){0};
    if (!kinds.n)
        kinds = (struct str_list){anything, 1};
    struct hour_set all = o->in_window;
    for (size_t i = 0; i < kinds.n; i++) {
        struct hour_set one, both;
        TRY(hours_of_kind(g, o->j->verdict.host, kinds.v[i], &one));
        TRY(hours_intersect(g->arena, &all, &one, &both));
        all = both;
    }
    o->covered = all;
    return OK;
}

/* A column that no file holds: in which hours that mattered the case does not tell. */
static bool not_tested(const struct judging *g, const struct opinion *o)
{
    size_t n;
    const struct host_row *row = judge_rows(&g->coverage, o->j->verdict.host, &n);
    for (size_t i = 0; i < n; i++) {
        const struct coverage *c = &g->r->coverage[row[i].at];
        if (c->not_tested.n && judge_same_host(g, c->host, o->j->verdict.host))
            for (size_t k = 0; o->dossier && k < o->dossier->deciding.n; k++)
                if (kind_match(o->dossier->deciding.v[k], c->kind))
                    return true;
    }
    return false;
}

static enum err spans_of(struct judging *g, const struct opinion *o, const struct hour_set *set,
                         struct span_us **ret, size_t *ret_n)
{
    int64_t from = o->j->window.first_us, until = o->until_us;
    struct span_us *v = arena_new_n(g->arena, struct span_us, set->n + 1);
    if (!v)
        return ERR_NOMEM;
    for (size_t i = 0; i < set->n; i++) {
        v[i] = (struct span_us){set->v[i].from * US_PER_HOUR, set->v[i].to * US_PER_HOUR};
        v[i].first_us = v[i].first_us < from ? from : v[i].first_us;
        v[i].last_us = v[i].last_us > until ? until : v[i].last_us;
    }
    *ret = v;
    *ret_n = set->n;
    return OK;
}

static enum err find_lacking(struct judging *g, struct opinion *o)
{
    const struct str_list *kinds = o->dossier ? &o->dossier->deciding : NULL;
    struct hour_set hole = {&o->hole, o->hole.to > o->hole.from};
    o->lacking.v = arena_new_n(g->arena, struct str, (kinds ? kinds->n : 0) + 1);
    if (!o->lacking.v)
        return ERR_NOMEM;
    for (size_t i = 0; hole.n && kinds && i < kinds->n; i++) {
        struct hour_set have, both;
        TRY(hours_of_kind(g, o->j->verdict.host, kinds->v[i], &have));
        TRY(hours_intersect(g->arena, &hole, &have, &both));
        if (hours_count(&both) < o->hole.to - o->hole.from)
            o->lacking.v[o->lacking.n++] = kinds->v[i];
    }
    return OK;
}

/* Days as people count them: a hole is never rounded away. */
static void count_days(struct opinion *o)
{
    int64_t whole = hours_count(&o->in_window), have = hours_count(&o->covered);
    o->share = whole ? (double)have / (double)whole : 1.0;
    o->j->window_days = (unsigned)((whole + 23) / 24);
    o->j->covered_days = have == whole ? o->j->window_days : (unsigned)(have / 24);
    /* Scan also left out hours whose rows lack a column; which, the case does not tell. */
    if (!o->moved && o->j->open != OPEN_NEVER && o->j->verdict.window_share + 0.001 < o->share) {
        o->share = o->j->verdict.window_share;
        o->j->covered_days = (unsigned)(o->share * o->j->window_days);
    }
}

enum err judge_window(struct judging *g, struct opinion *o)
{
    struct hour_set blind;
    struct hour_span *span = arena_new(g->arena, struct hour_span);
    set_window(g, o);
    if (!span)
        return ERR_NOMEM;
    o->untested = not_tested(g, o);
    if (o->j->window.first_us == TIME_NONE)
        return OK;
    *span = hours_of(o->j->window.first_us, o->until_us);
    o->in_window = (struct hour_set){span, span->to > span->from};
    TRY(read_hours(g, o));
    TRY(hours_subtract(g->arena, &o->in_window, &o->covered, &blind));
    count_days(o);
    for (size_t i = 0; i < blind.n; i++)
        if (blind.v[i].to - blind.v[i].from > o->hole.to - o->hole.from)
            o->hole = blind.v[i];
    TRY(find_lacking(g, o));
    TRY(spans_of(g, o, &o->covered, &o->j->covered, &o->j->n_covered));
    TRY(spans_of(g, o, &blind, &o->j->blind, &o->j->n_blind));
    o->ended_before = o->supplied && o->j->open != OPEN_NEVER && o->logs_last_us != TIME_NONE &&
                      o->logs_last_us < o->j->window.first_us;
    return OK;
}
