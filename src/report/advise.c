#include "report/advise.h"

#include "base/vec.h"
#include "dossier/plays.h"
#include "report/facts.h"
#include "report/groups.h"

#include <stdlib.h>

/* A step, and the subjects for which its condition holds. */
struct chosen {
    const struct play_step *step;
    const struct play *play;
    struct str dossier; /* absent: a shared one */
    size_t place;       /* among all steps, as written */
    uint32_t *subject;  /* the worst first */
    size_t n;
};

enum { CHOSEN_MAX = 200 * 1000 };
/* Where a step does not say when it is due. */
enum { USUAL_DUE_HOURS = 24 };

struct advising {
    struct report *r;
    struct arena *arena;
    struct facts facts;
    struct when_memo memo;
    struct when_world world;
    VEC(struct chosen) chosen;
    size_t place;
    uint32_t *scratch; /* as many as there are subjects */
    size_t *told;      /* for each host the last step that named it, and one */
    struct error *error;
};

/* ---- choosing ---- */

static bool concerns(const struct subject_host *s, struct str dossier)
{
    return !dossier.p || str_eq(s->dossier, dossier);
}

static enum err choose(struct advising *a, const struct play *play, const struct play_step *step,
                       struct str dossier)
{
    struct chosen c = {.step = step, .play = play, .dossier = dossier, .place = a->place++};
    if (!step->per_host) {
        bool yes = when_true(step->when, &a->world, 0) == TRUTH_YES;
        return yes ? vec_push(&a->chosen, c, CHOSEN_MAX) : OK;
    }
    for (size_t i = 0; i < a->facts.n; i++)
        if (concerns(&a->facts.v[i], dossier) && when_true(step->when, &a->world, i) == TRUTH_YES)
            a->scratch[c.n++] = (uint32_t)i;
    if (c.n == 0)
        return OK;
    c.subject = arena_new_n(a->arena, uint32_t, c.n);
    if (!c.subject)
        return ERR_NOMEM;
    memcpy(c.subject, a->scratch, c.n * sizeof *c.subject);
    return vec_push(&a->chosen, c, CHOSEN_MAX);
}

static enum err choose_all(struct advising *a, const struct play_list *plays, struct str dossier)
{
    for (size_t i = 0; i < plays->n; i++)
        for (size_t k = 0; k < plays->v[i].n_steps; k++)
            TRY(choose(a, &plays->v[i], &plays->v[i].step[k], dossier));
    return OK;
}

/* ---- the exact form of a step instead of the general one ---- */

static bool replaces(const struct chosen *c, struct str id)
{
    for (size_t i = 0; i < c->step->instead_of.n; i++)
        if (str_eq(c->step->instead_of.v[i], id))
            return true;
    return false;
}

/* Both lists are in rising order. */
static void take_away(struct chosen *from, const struct chosen *those)
{
    size_t kept = 0, k = 0;
    for (size_t i = 0; i < from->n; i++) {
        while (k < those->n && those->subject[k] < from->subject[i])
            k++;
        if (k == those->n || those->subject[k] != from->subject[i])
            from->subject[kept++] = from->subject[i];
    }
    from->n = kept;
}

static void prefer_exact(struct advising *a)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->chosen.n; i++) {
        struct chosen *c = &a->chosen.v[i];
        bool gone = false;
        for (size_t k = 0; !c->dossier.p && k < a->chosen.n; k++) {
            const struct chosen *by = &a->chosen.v[k];
            if (!by->dossier.p || !replaces(by, c->step->id))
                continue;
            if (c->step->per_host)
                take_away(c, by);
            gone = !c->step->per_host || c->n == 0;
        }
        if (!gone)
            a->chosen.v[kept++] = *c;
    }
    a->chosen.n = kept;
}

/* ---- order ---- */

static uint32_t due_of(const struct chosen *c)
{
    return c->step->due_hours == DUE_NONE ? USUAL_DUE_HOURS : c->step->due_hours;
}

struct ordered {
    struct chosen c;
    unsigned badness; /* of its worst host */
};

/* What is due first; then the worst host first; then isolate before patch. */
static int by_urgency(const void *x, const void *y)
{
    const struct ordered *a = x, *b = y;
    if (due_of(&a->c) != due_of(&b->c))
        return due_of(&a->c) < due_of(&b->c) ? -1 : 1;
    if (a->badness != b->badness)
        return a->badness > b->badness ? -1 : 1;
    if (a->c.step->phase != b->c.step->phase)
        return a->c.step->phase < b->c.step->phase ? -1 : 1;
    return a->c.place < b->c.place ? -1 : a->c.place > b->c.place;
}

/* ---- items ---- */

static enum err hosts_of(struct advising *a, const struct chosen *c, struct str_list *ret)
{
    ret->v = arena_new_n(a->arena, struct str, c->n ? c->n : 1);
    if (!ret->v)
        return ERR_NOMEM;
    for (size_t i = 0; i < c->n; i++) {
        const struct subject_host *h = &a->facts.v[c->subject[i]];
        if (a->told[h->number] != c->place + 1)
            ret->v[ret->n++] = h->host;
        a->told[h->number] = c->place + 1;
    }
    return OK;
}

/* Of large fleets the worst hosts alone are asked for their reasons. */
enum { REASONS = 4, AFFAIRS = 4, REASON_SUBJECTS = 1000, REASON_BYTES = 64 * 1024 };

/* The same words for several hosts, and the affairs in which they hold. */
struct reason {
    struct str words, affair[AFFAIRS];
    size_t n;
};

static void add_affair(struct reason *r, struct str dossier)
{
    for (size_t i = 0; i < r->n; i++)
        if (str_eq(r->affair[i], dossier))
            return;
    if (dossier.n && r->n < AFFAIRS)
        r->affair[r->n++] = dossier;
}

static enum err collect_reasons(struct advising *a, const struct chosen *c, struct buf *one,
                                struct reason reason[REASONS], size_t *ret_n)
{
    size_t n = 0;
    for (size_t i = 0; i < (c->n ? c->n : 1) && i < REASON_SUBJECTS; i++) {
        size_t at = 0;
        buf_reset(one);
        when_say(c->step->when, &a->world, c->n ? c->subject[i] : 0, one);
        while (at < n && !str_eq(reason[at].words, buf_view(one)))
            at++;
        if (at == REASONS)
            continue;
        if (at == n)
            reason[n++] = (struct reason){.words = arena_str(a->arena, buf_view(one))};
        if (!reason[at].words.p)
            return ERR_NOMEM;
        if (c->n && !c->dossier.p)
            add_affair(&reason[at], a->facts.v[c->subject[i]].dossier);
    }
    *ret_n = n;
    return one->rc;
}

/* "hafnium-exchange-2021: the verdict is no-sign; proxyshell-2021: ..."; where the step is of one
 * affair, without its name. */
static enum err reasons_of(struct advising *a, const struct chosen *c, struct str *ret)
{
    struct reason reason[REASONS];
    struct buf b;
    size_t n = 0;
    buf_init(&b, REASON_BYTES);
    enum err rc = collect_reasons(a, c, &b, reason, &n);
    buf_reset(&b);
    for (size_t i = 0; i < n; i++) {
        buf_puts(&b, i ? "; " : "");
        for (size_t k = 0; k < reason[i].n; k++) {
            buf_str(&b, reason[i].affair[k]);
            buf_puts(&b, k + 1 < reason[i].n ? ", " : ": ");
        }
        buf_str(&b, reason[i].words);
    }
    *ret = b.n ? arena_str(a->arena, buf_view(&b)) : STR("it holds for everybody");
    rc = rc ? rc : b.rc ? b.rc : ret->p ? OK : ERR_NOMEM;
    buf_done(&b);
    return rc;
}

/* The last word on whether it is done: "clear" takes it back. */
static struct note done_of(const struct report *r, struct str id)
{
    const struct note *last = NULL;
    for (size_t i = 0; i < r->n_notes; i++) {
        const struct note *n = &r->note[i];
        bool says = str_eq(n->state, STR("done")) || str_eq(n->state, STR("clear"));
        if (says && str_eq(n->about, id) && n->time_us != TIME_NONE &&
            (!last || n->time_us > last->time_us))
            last = n;
    }
    return last && str_eq(last->state, STR("done")) ? *last : (struct note){.time_us = TIME_NONE};
}

static enum err item_of(struct advising *a, const struct chosen *c, struct advice_item *ret)
{
    const struct play_step *s = c->step;
    *ret = (struct advice_item){.id = s->id,
                                .play = c->play->title,
                                .step = s->step,
                                .why = s->why,
                                .how = s->how,
                                .source = s->source,
                                .technique = s->technique,
                                .d3fend = s->d3fend,
                                .phase = phase_name(s->phase),
                                .dossier = c->dossier,
                                .audience = s->audience,
                                .due = s->due,
                                .done = done_of(a->r, s->id)};
    TRY(hosts_of(a, c, &ret->host));
    return reasons_of(a, c, &ret->because);
}

static enum err write_items(struct advising *a)
{
    size_t n = a->chosen.n;
    struct ordered *o = arena_new_n(a->arena, struct ordered, n ? n : 1);
    a->r->advice = arena_new_n(a->arena, struct advice_item, n ? n : 1);
    if (!o || !a->r->advice)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct chosen *c = &a->chosen.v[i];
        o[i] = (struct ordered){*c, c->n ? facts_badness(&a->facts.v[c->subject[0]]) : 0};
    }
    if (n)
        qsort(o, n, sizeof *o, by_urgency);
    for (size_t i = 0; i < n; i++)
        TRY(item_of(a, &o[i].c, &a->r->advice[a->r->n_advice++]));
    return OK;
}

static enum err advise(struct advising *a)
{
    struct play_list shared;
    TRY(facts_make(&a->facts, a->r, a->arena, a->error));
    a->world = (struct when_world){
        .n_hosts = a->facts.n, .value = facts_value, .ctx = &a->facts, .memo = &a->memo};
    a->told = arena_new_n(a->arena, size_t, a->facts.n_hosts + 1);
    a->scratch = arena_new_n(a->arena, uint32_t, a->facts.n + 1);
    if (!a->told || !a->scratch)
        return ERR_NOMEM;
    TRY(plays_shared(a->arena, &shared, NULL, a->error));
    TRY(choose_all(a, &shared, STR_NONE));
    for (size_t i = 0; i < a->r->n_dossiers; i++)
        TRY(choose_all(a, &a->r->dossier[i].plays, a->r->dossier[i].id));
    prefer_exact(a);
    TRY(write_items(a));
    return groups_rank(a->r, &a->facts, a->arena, a->error);
}

enum err report_advise(struct report *r, struct arena *arena, struct error *error)
{
    struct advising a = {.r = r, .arena = arena, .error = error};
    r->advice = NULL;
    r->n_advice = 0;
    enum err rc = advise(&a);
    vec_done(&a.chosen);
    return rc && !error->code ? fail(error, rc, "cannot work out the advice: %s", err_name(rc))
                              : rc;
}
