#include "report/judge_priv.h"

/* All findings: what counts, the first hour, and hosts that only others name. */

enum { NAMED_BY = 20, TOUCHED_FIRST = 8 };

/* ---- what the analyst said ---- */

static void keep_newest(const struct note **at, const struct note *n)
{
    if (!*at || n->time_us > (*at)->time_us)
        *at = n;
}

/* Takes part in no verdict any more. A scanner of one's own explains probes and tries alone. */
static bool aside_by_analyst(struct opinion *o, const struct finding_part *p, bool weighs)
{
    const struct note *n = p->note;
    const struct finding f = {.grade = p->of.grade};
    bool scanner = n && str_eq(n->state, STR("own-scanner"));
    if (n && str_eq(n->state, STR("confirmed")))
        keep_newest(&o->confirmed_by, n);
    o->kept += scanner && f.grade > GRADE_ATTEMPT;
    if (!n || !note_sets_aside(n, &f))
        return false;
    if (weighs) {
        o->by_analyst++;
        keep_newest(&o->lowered_by, n);
    }
    return true;
}

/* ---- what scan let it weigh ---- */

/* A finding that is graver than its verdict was explained by another affair, or came before this
 * one: scan knows, and the case does not hold why. */
static bool weighs(const struct opinion *o, enum grade grade, bool before)
{
    enum grade most = GRADE_COMPROMISE;
    if (o->supplied && o->j->verdict.dossier.p)
        most = o->j->said == VERDICT_COMPROMISED             ? GRADE_COMPROMISE
               : o->j->said == VERDICT_EXPLOITED_UNCONFIRMED ? GRADE_PROGRESSED
               : o->j->said == VERDICT_NO_SIGN               ? GRADE_PROBE
                                                             : GRADE_ATTEMPT;
    return grade <= most && !before;
}

static bool before_fix(const struct judgement *j, const struct case_group *f)
{
    if (f->grade < GRADE_PROGRESSED || f->first_us == TIME_NONE || !f->succeeded)
        return false;
    if (j->open == OPEN_FIXED)
        return j->window.last_us != TIME_NONE && f->first_us < j->window.last_us;
    return j->open == OPEN_STILL || j->open == OPEN_MITIGATED;
}

static bool end_is_seen(const struct opinion *o, const struct case_group *f)
{
    if (f->first_us == TIME_NONE || !f->answered)
        return false;
    for (size_t i = 0; i < o->covered.n; i++)
        if (o->covered.v[i].from <= time_hour(f->first_us) &&
            time_hour(f->last_us) < o->covered.v[i].to)
            return true;
    return o->j->open == OPEN_NEVER;
}

/* Were any of these hours read? */
static bool touches_covered(const struct opinion *o, const struct case_group *f)
{
    for (size_t i = 0; i < o->covered.n; i++)
        if (time_hour(f->first_us) < o->covered.v[i].to &&
            time_hour(f->last_us) >= o->covered.v[i].from)
            return true;
    return false;
}

/* ---- kinds ---- */

/* What may differ within a group: by the opinion of the host itself, and by that of the host that
 * is aimed at. */
enum { BEFORE = 1, UNSEEN = 2, AIMED = 2 /* bits on */, UNTIMED = 16 };

/* A verdict that stands asks for no ends. */
static bool asks_for_ends(const struct judging *g, const struct opinion *o)
{
    return !o->unsure && (o->j->said < VERDICT_EXPLOITED_UNCONFIRMED || g->r->n_notes);
}

static unsigned kind_by(const struct judging *g, const struct opinion *o,
                        const struct case_group *f)
{
    int64_t from = o && o->dossier ? o->dossier->window_from_us : TIME_NONE;
    if (!o || f->aside)
        return 0;
    if (from != TIME_NONE && f->timed && f->first_us < from) {
        if (f->last_us < from)
            return BEFORE;
        if (f->n > 1)
            return PARTS_MIXED;
    }
    if (f->grade != GRADE_ATTEMPT || !asks_for_ends(g, o) || end_is_seen(o, f))
        return 0;
    bool some = f->n > 1 && f->timed && f->answered && touches_covered(o, f);
    return some ? PARTS_MIXED : UNSEEN;
}

/* ---- accounts and mailboxes ---- */

/* Twice as long when it is full; the arena gives nothing back before the report is done. */
static enum err make_room(struct arena *arena, struct touched **list, size_t n)
{
    if (n && (n < TOUCHED_FIRST || (n & (n - 1))))
        return OK;
    struct touched *more = arena_new_n(arena, struct touched, n ? 2 * n : TOUCHED_FIRST);
    if (!more)
        return ERR_NOMEM;
    if (n)
        memcpy(more, *list, n * sizeof *more);
    *list = more;
    return OK;
}

static enum err touch(struct judging *g, struct map *map, struct touched **list, size_t *n,
                      struct str name, const struct case_group *f)
{
    uint32_t at;
    bool is_new = false;
    if (name.n < 2)
        return OK;
    const uint32_t *old = map_get(map, name);
    if (!old && *n >= JUDGE_TOUCHED) { /* the rest goes together */
        name = STR("(further ones)");
        old = map_get(map, name);
    }
    if (old) {
        at = *old;
    } else {
        name = arena_str(g->arena, name);
        if (!name.p)
            return ERR_NOMEM;
        TRY(make_room(g->arena, list, *n));
        TRY(map_intern(map, name, &at, &is_new));
        (*list)[(*n)++] =
            (struct touched){.name = name, .first_us = TIME_NONE, .last_us = TIME_NONE};
    }
    struct touched *t = &(*list)[at];
    t->bytes += f->bytes;
    t->records += f->records;
    if (f->first_us == TIME_NONE)
        return OK;
    if (t->first_us == TIME_NONE || f->first_us < t->first_us)
        t->first_us = f->first_us;
    if (f->last_us > t->last_us)
        t->last_us = f->last_us;
    return OK;
}

/* ---- one part ---- */

static enum err take_gravest(struct judging *g, struct opinion *o, const struct case_group *f)
{
    struct gravest *w = &o->gravest;
    bool earlier =
        f->first_us != TIME_NONE && (w->time_us == TIME_NONE || f->first_us < w->time_us);
    if (w->any && f->grade <= w->grade && !(f->grade == w->grade && earlier))
        return OK;
    struct str title =
        w->any && str_eq(w->title, f->title) ? w->title : arena_str(g->arena, f->title);
    *w = (struct gravest){.grade = f->grade, .any = true, .title = title, .time_us = f->first_us};
    return f->title.p && !title.p ? ERR_NOMEM : OK;
}

static void widen(int64_t *first, int64_t *last, const struct case_group *f)
{
    if (f->first_us == TIME_NONE)
        return;
    if (*first == TIME_NONE || f->first_us < *first)
        *first = f->first_us;
    if (f->last_us > *last)
        *last = f->last_us;
}

static enum err count_it(struct judging *g, struct opinion *o, const struct finding_part *p,
                         unsigned kind)
{
    struct judgement *j = o->j;
    const struct case_group *f = &p->of;
    bool counts = weighs(o, f->grade, kind & BEFORE);
    if (f->aside || aside_by_analyst(o, p, counts)) {
        j->aside += f->n;
        return OK;
    }
    if (!counts) {
        j->elsewhere += f->n;
        return OK;
    }
    j->findings[f->grade] += f->n;
    if (f->grade > GRADE_WEAK)
        TRY(take_gravest(g, o, f));
    if (f->grade >= GRADE_ATTEMPT)
        widen(&j->earliest_us, &j->latest_us, f);
    if (f->grade == GRADE_ATTEMPT)
        o->unsure |= (kind & UNSEEN) != 0;
    if (f->grade < GRADE_PROGRESSED)
        return OK;
    j->before_fix |= before_fix(j, f);
    widen(&o->first_us, &o->last_us, f);
    TRY(touch(g, &o->account, &j->account, &j->n_accounts, f->account, f));
    return touch(g, &o->mailbox, &j->mailbox, &j->n_mailboxes, f->mailbox, f);
}

/* The host's judgement of that affair; without one, that of no affair. */
static struct opinion *opinion_of(const struct judging *g, struct str host, struct str dossier,
                                  bool or_none)
{
    size_t n;
    const struct host_row *row = judge_rows(&g->judgement, host, &n);
    struct opinion *none = NULL;
    for (size_t i = 0; i < n; i++) {
        struct opinion *o = &g->opinion[row[i].at];
        const struct verdict *v = &o->j->verdict;
        if (!judge_same_host(g, v->host, host))
            continue;
        if (dossier.p && v->dossier.p && str_eq(v->dossier, dossier))
            return o;
        if (!v->dossier.p)
            none = o;
    }
    return or_none || !dossier.p ? none : NULL;
}

static enum err name_it(struct judging *g, const struct case_group *f)
{
    struct report *r = g->r;
    uint32_t at;
    bool is_new;
    if (!f->target_host.n || f->grade <= GRADE_WEAK || f->aside ||
        judge_same_host(g, f->target_host, f->host) || judge_read_host(g, f->target_host))
        return OK;
    if (!map_get(&g->named, f->target_host) && r->n_named == JUDGE_NAMED)
        return OK;
    struct str host = arena_str(g->arena, f->target_host);
    if (!r->named)
        r->named = arena_new_n(g->arena, struct named_host, JUDGE_NAMED);
    if (!host.p || !r->named)
        return ERR_NOMEM;
    TRY(map_intern(&g->named, host, &at, &is_new));
    struct named_host *h = &r->named[at];
    if (is_new) {
        *h = (struct named_host){.host = host, .by.v = arena_new_n(g->arena, struct str, NAMED_BY)};
        r->n_named++;
    }
    h->findings += f->n;
    h->worst = f->grade > h->worst ? f->grade : h->worst;
    for (size_t i = 0; i < h->by.n; i++)
        if (str_ieq(h->by.v[i], f->host))
            return OK;
    if (h->by.v && h->by.n < NAMED_BY && !(h->by.v[h->by.n++] = arena_str(g->arena, f->host)).p)
        return ERR_NOMEM;
    return h->by.v ? OK : ERR_NOMEM;
}

static struct opinion *own_opinion(const struct judging *g, const struct case_group *f)
{
    return opinion_of(g, f->host, f->dossier, true);
}

/* Of the host that is aimed at, if it is another one. */
static struct opinion *aimed_opinion(const struct judging *g, const struct case_group *f)
{
    struct opinion *aimed =
        f->target_host.n ? opinion_of(g, f->target_host, f->dossier, false) : NULL;
    return aimed == own_opinion(g, f) ? NULL : aimed;
}

static unsigned kind_of(void *ctx, const struct case_group *f)
{
    const struct judging *g = ctx;
    unsigned own = kind_by(g, own_opinion(g, f), f), aimed = kind_by(g, aimed_opinion(g, f), f);
    if (own == PARTS_MIXED || aimed == PARTS_MIXED || (f->timed && f->timed < f->n))
        return PARTS_MIXED;
    return own | aimed << AIMED | (f->timed ? 0 : UNTIMED);
}

static enum err on_part(void *ctx, const struct finding_part *p)
{
    struct judging *g = ctx;
    struct opinion *own = own_opinion(g, &p->of), *aimed = aimed_opinion(g, &p->of);
    if (own)
        TRY(count_it(g, own, p, p->kind));
    if (aimed)
        TRY(count_it(g, aimed, p, p->kind >> AIMED));
    return name_it(g, &p->of);
}

enum err judge_findings(struct judging *g, const struct parts *parts)
{
    const struct parts_ask ask = {.note = g->r->note,
                                  .n_notes = g->r->n_notes,
                                  .noted = &g->note,
                                  .kind = kind_of,
                                  .tell = on_part,
                                  .ctx = g};
    return parts->each(parts->ctx, &ask, g->error);
}
