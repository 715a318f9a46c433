#include "output/roles.h"
#include "report/judge_priv.h"

/* All findings, one by one: what counts, the first hour, and hosts that only others name. */

enum { NAMED_BY = 20, TOUCHED_FIRST = 8 };

/* ---- what the analyst said ---- */

static void keep_newest(const struct note **at, const struct note *n)
{
    if (!*at || n->time_us > (*at)->time_us)
        *at = n;
}

/* Takes part in no verdict any more. A scanner of one's own explains probes and tries alone. */
static bool aside_by_analyst(const struct judging *g, struct opinion *o, const struct finding *f,
                             bool weighs)
{
    const uint32_t *at = map_get(&g->note, str_of(f->id));
    const struct note *n = at ? &g->r->note[*at] : NULL;
    bool scanner = n && str_eq(n->state, STR("own-scanner"));
    if (n && str_eq(n->state, STR("confirmed")))
        keep_newest(&o->confirmed_by, n);
    o->kept += scanner && f->grade > GRADE_ATTEMPT;
    if (!n || !note_sets_aside(n, f))
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
static bool weighs(const struct opinion *o, const struct finding *f)
{
    enum grade most = GRADE_COMPROMISE;
    if (o->supplied && o->j->verdict.dossier.p)
        most = o->j->said == VERDICT_COMPROMISED             ? GRADE_COMPROMISE
               : o->j->said == VERDICT_EXPLOITED_UNCONFIRMED ? GRADE_PROGRESSED
               : o->j->said == VERDICT_NO_SIGN               ? GRADE_PROBE
                                                             : GRADE_ATTEMPT;
    bool before = o->dossier && f->last_us != TIME_NONE &&
                  o->dossier->window_from_us != TIME_NONE &&
                  f->last_us < o->dossier->window_from_us;
    return f->grade <= most && !before;
}

static bool succeeded(const struct finding *f)
{
    struct str status = role_of(f, ROLE_STATUS);
    return !status.n || (status.n == 3 && status.p[0] == '2');
}

static bool before_fix(const struct judgement *j, const struct finding *f)
{
    if (f->grade < GRADE_PROGRESSED || f->time_us == TIME_NONE || !succeeded(f))
        return false;
    if (j->open == OPEN_FIXED)
        return j->window.last_us != TIME_NONE && f->time_us < j->window.last_us;
    return j->open == OPEN_STILL || j->open == OPEN_MITIGATED;
}

static bool end_is_seen(const struct opinion *o, const struct finding *f)
{
    bool answered = role_of(f, ROLE_STATUS).n || !role_of(f, ROLE_PATH).n;
    if (f->time_us == TIME_NONE || !answered)
        return false;
    for (size_t i = 0; i < o->covered.n; i++)
        if (o->covered.v[i].from <= time_hour(f->time_us) &&
            time_hour(f->last_us) < o->covered.v[i].to)
            return true;
    return o->j->open == OPEN_NEVER;
}

/* ---- accounts and mailboxes ---- */

/* "Smtp~a@b" and "Sid~S-1-5-..." name a mailbox, "ServerInfo~..." a server, and a forged request
 * whatever it likes. */
static struct str mailbox_name(struct str s)
{
    ptrdiff_t tilde = str_chr(s, '~');
    if (tilde >= 0 && !str_istarts(s, STR("smtp~")) && !str_istarts(s, STR("sid~")))
        return STR_NONE;
    if (tilde >= 0)
        s = str_sub(s, (size_t)tilde + 1, s.n);
    return s.n > 1 && str_chr(s, '/') < 0 && str_chr(s, '?') < 0 ? s : STR_NONE;
}

static uint64_t bytes_of(const struct finding *f)
{
    static const char *const names[] = {"ResponseBytes", "sc-bytes"};
    uint64_t n;
    for (size_t i = 0; i < f->n_fields; i++)
        for (size_t k = 0; k < ARRAY_LEN(names); k++)
            if (str_ieq(f->field[i].name, str_of(names[k])) && str_u64(f->field[i].value, &n))
                return n;
    return 0;
}

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
                      struct str name, const struct finding *f)
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
    t->bytes += bytes_of(f);
    t->records += f->count ? f->count : 1;
    if (f->time_us == TIME_NONE)
        return OK;
    if (t->first_us == TIME_NONE || f->time_us < t->first_us)
        t->first_us = f->time_us;
    if (f->last_us > t->last_us)
        t->last_us = f->last_us;
    return OK;
}

/* ---- one finding ---- */

static enum err take_gravest(struct judging *g, struct opinion *o, const struct finding *f)
{
    struct gravest *w = &o->gravest;
    bool earlier = f->time_us != TIME_NONE && (w->time_us == TIME_NONE || f->time_us < w->time_us);
    if (w->any && f->grade <= w->grade && !(f->grade == w->grade && earlier))
        return OK;
    struct str title =
        w->any && str_eq(w->title, f->title) ? w->title : arena_str(g->arena, f->title);
    *w = (struct gravest){.grade = f->grade, .any = true, .title = title, .time_us = f->time_us};
    return f->title.p && !title.p ? ERR_NOMEM : OK;
}

static void widen(int64_t *first, int64_t *last, const struct finding *f)
{
    int64_t end = f->last_us != TIME_NONE ? f->last_us : f->time_us;
    if (f->time_us == TIME_NONE)
        return;
    if (*first == TIME_NONE || f->time_us < *first)
        *first = f->time_us;
    if (end > *last)
        *last = end;
}

static enum err count_it(struct judging *g, struct opinion *o, const struct finding *f)
{
    struct judgement *j = o->j;
    bool counts = weighs(o, f);
    if (finding_aside(f) || aside_by_analyst(g, o, f, counts)) {
        j->aside++;
        return OK;
    }
    if (!counts) {
        j->elsewhere++;
        return OK;
    }
    j->findings[f->grade]++;
    if (f->grade > GRADE_WEAK)
        TRY(take_gravest(g, o, f));
    if (f->grade >= GRADE_ATTEMPT)
        widen(&j->earliest_us, &j->latest_us, f);
    if (f->grade == GRADE_ATTEMPT)
        o->unsure += !end_is_seen(o, f);
    if (f->grade < GRADE_PROGRESSED)
        return OK;
    j->before_fix |= before_fix(j, f);
    widen(&o->first_us, &o->last_us, f);
    TRY(touch(g, &o->account, &j->account, &j->n_accounts, role_of(f, ROLE_ACCOUNT), f));
    return touch(g, &o->mailbox, &j->mailbox, &j->n_mailboxes,
                 mailbox_name(role_of(f, ROLE_MAILBOX)), f);
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
        if (!judge_same_host(v->host, host))
            continue;
        if (dossier.p && v->dossier.p && str_eq(v->dossier, dossier))
            return o;
        if (!v->dossier.p)
            none = o;
    }
    return or_none || !dossier.p ? none : NULL;
}

static enum err name_it(struct judging *g, const struct finding *f)
{
    struct report *r = g->r;
    uint32_t at;
    bool is_new;
    if (!f->target_host.n || f->grade <= GRADE_WEAK || finding_aside(f) ||
        judge_same_host(f->target_host, f->host) || judge_read_host(g, f->target_host))
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
    h->findings++;
    h->worst = f->grade > h->worst ? f->grade : h->worst;
    for (size_t i = 0; i < h->by.n; i++)
        if (str_ieq(h->by.v[i], f->host))
            return OK;
    if (h->by.v && h->by.n < NAMED_BY && !(h->by.v[h->by.n++] = arena_str(g->arena, f->host)).p)
        return ERR_NOMEM;
    return h->by.v ? OK : ERR_NOMEM;
}

static enum err on_finding(void *ctx, const struct finding *f)
{
    struct judging *g = ctx;
    struct opinion *own = opinion_of(g, f->host, f->dossier, true);
    if (own)
        TRY(count_it(g, own, f));
    struct opinion *aimed =
        f->target_host.n ? opinion_of(g, f->target_host, f->dossier, false) : NULL;
    if (aimed && aimed != own)
        TRY(count_it(g, aimed, f));
    return name_it(g, f);
}

enum err judge_findings(struct judging *g)
{
    struct report *r = g->r;
    return r->each_finding ? r->each_finding(r, on_finding, g, g->error) : OK;
}
