#include "report/parts.h"

#include "base/arena.h"
#include "base/vec.h"

#include <stdlib.h>

enum { NOTED_MAX = 8 * 1000 * 1000, WAITING_MAX = 8 * 1000 * 1000 };

struct noted {
    uint64_t group, item;
    const struct note *note;
};

struct splitting {
    struct case_store *store;
    const struct parts_ask *ask;
    VEC(struct noted) noted;          /* in order of group and item */
    VEC(struct finding_part) waiting; /* in order of their first ones, from `at` on */
    size_t at;
    struct arena texts;                 /* of those that wait */
    const struct case_group *group;     /* the one that is split */
    const struct noted *to;             /* the end of those of it */
    struct case_group sum[PARTS_KINDS]; /* its findings by kind; n 0: none */
    struct error *error;
};

/* ---- what the analyst spoke of ---- */

static int noted_order(const void *a, const void *b)
{
    const struct noted *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static enum err find_noted(struct splitting *s)
{
    const struct parts_ask *ask = s->ask;
    for (size_t i = 0; i < ask->n_notes; i++) {
        const uint32_t *holds = map_get(ask->noted, ask->note[i].about);
        struct noted n = {.note = &ask->note[i]};
        if (!holds || *holds != i)
            continue;
        enum err rc = case_group_of(s->store, n.note->about, &n.group, &n.item, s->error);
        if (rc && rc != END)
            return rc;
        if (!rc)
            TRY(vec_push(&s->noted, n, NOTED_MAX));
    }
    if (s->noted.n)
        qsort(s->noted.v, s->noted.n, sizeof *s->noted.v, noted_order);
    return OK;
}

/* The first that is not before that one. */
static const struct noted *seek(const struct splitting *s, uint64_t group, uint64_t item)
{
    const struct noted key = {.group = group, .item = item};
    size_t lo = 0, hi = s->noted.n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (noted_order(&s->noted.v[mid], &key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return s->noted.v ? s->noted.v + lo : NULL;
}

/* ---- parts that wait for their turn ---- */

static int64_t begins(const struct case_group *g)
{
    return g->timed < g->n ? TIME_NONE : g->first_us;
}

static int in_order(const struct case_group *x, const struct case_group *y)
{
    if (begins(x) != begins(y))
        return begins(x) < begins(y) ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static int part_order(const void *a, const void *b)
{
    const struct finding_part *x = a, *y = b;
    return in_order(&x->of, &y->of);
}

/* Those whose turn comes before that group; NULL: all. */
static enum err tell_until(struct splitting *s, const struct case_group *next)
{
    for (; s->at < s->waiting.n; s->at++) {
        const struct finding_part *p = &s->waiting.v[s->at];
        if (next && in_order(&p->of, next) > 0)
            return OK;
        TRY(s->ask->tell(s->ask->ctx, p));
    }
    s->at = s->waiting.n = 0;
    arena_reset(&s->texts);
    return OK;
}

/* ---- splitting ---- */

static void add(struct case_group *sum, const struct case_group *one)
{
    if (!sum->n) {
        *sum = *one;
        return;
    }
    sum->n++;
    sum->timed += one->timed;
    sum->records += one->records;
    sum->bytes += one->bytes;
    if (one->first_us != TIME_NONE && (sum->first_us == TIME_NONE || one->first_us < sum->first_us))
        sum->first_us = one->first_us;
    if (one->last_us > sum->last_us)
        sum->last_us = one->last_us;
}

static enum err on_member(void *ctx, const struct case_group *member)
{
    struct splitting *s = ctx;
    struct case_group one = *s->group;
    one.n = 1;
    one.timed = member->timed;
    one.item = member->item;
    one.first_us = member->first_us;
    one.last_us = member->last_us;
    one.records = member->records;
    one.bytes = member->bytes;
    struct finding_part p = {.of = one, .kind = s->ask->kind(s->ask->ctx, &one)};
    const struct noted *n = seek(s, one.number, one.item);
    if (n && n < s->to && n->item == one.item) {
        p.note = n->note;
        return vec_push(&s->waiting, p, WAITING_MAX);
    }
    add(&s->sum[p.kind % PARTS_KINDS], &one);
    return OK;
}

static enum err keep_texts(struct splitting *s, struct case_group *g)
{
    struct str *texts[] = {&g->host,        &g->dossier, &g->rule,   &g->title,
                           &g->target_host, &g->account, &g->mailbox};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i]->p && !(*texts[i] = arena_str(&s->texts, *texts[i])).p)
            return ERR_NOMEM;
    return OK;
}

static enum err split(struct splitting *s, const struct case_group *group)
{
    struct case_group kept = *group;
    TRY(keep_texts(s, &kept));
    s->group = &kept;
    for (size_t i = 0; i < PARTS_KINDS; i++)
        s->sum[i].n = 0;
    TRY(case_members(s->store, group->number, on_member, s, s->error));
    for (unsigned i = 0; i < PARTS_KINDS; i++)
        if (s->sum[i].n)
            TRY(vec_push(&s->waiting, ((struct finding_part){.of = s->sum[i], .kind = i}),
                         WAITING_MAX));
    if (s->waiting.n > s->at)
        qsort(s->waiting.v + s->at, s->waiting.n - s->at, sizeof *s->waiting.v, part_order);
    return OK;
}

static enum err on_group(void *ctx, const struct case_group *group)
{
    struct splitting *s = ctx;
    TRY(tell_until(s, group));
    struct finding_part all = {.of = *group, .kind = s->ask->kind(s->ask->ctx, group)};
    s->to = seek(s, group->number, UINT64_MAX);
    if (all.kind == PARTS_MIXED || seek(s, group->number, 0) != s->to)
        return split(s, group);
    return s->ask->tell(s->ask->ctx, &all);
}

static enum err each(void *ctx, const struct parts_ask *ask, struct error *error)
{
    struct splitting s = {.store = ctx, .ask = ask, .error = error};
    arena_init(&s.texts, PARTS_BYTES);
    enum err rc = find_noted(&s);
    rc = rc ? rc : case_groups(s.store, on_group, &s, error);
    rc = rc ? rc : tell_until(&s, NULL);
    vec_done(&s.noted);
    vec_done(&s.waiting);
    arena_done(&s.texts);
    return rc;
}

struct parts parts_of_case(struct case_store *store)
{
    return (struct parts){.each = each, .ctx = store};
}
