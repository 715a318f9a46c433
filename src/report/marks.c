/* One value may stand in several lists, and findings of earlier runs in the case: the strictest
 * mark counts for all findings of it. */
#include "report/marks.h"

#include "base/map.h"
#include "codec/json.h"
#include "model/role.h"
#include "report/read.h"

#include <stdlib.h>

enum { BODY_BYTES = 256 * 1024 * 1024, RULES_MAX = 8 * 1000 * 1000 };

struct looking {
    const struct marks *m;
    struct map rules, titles; /* enum tlp */
    struct arena body;
    struct error *error;
};

static bool hidden(const struct marks *m, enum tlp tlp)
{
    return tlp == TLP_RED && !m->sharing.red;
}

/* ---- texts and their marks ---- */

static int by_text(const void *a, const void *b)
{
    return str_cmp(((const struct marked *)a)->text, ((const struct marked *)b)->text);
}

static enum tlp look_up(const struct marked *v, size_t n, struct str text)
{
    const struct marked key = {.text = text};
    const struct marked *found = n && text.n ? bsearch(&key, v, n, sizeof *v, by_text) : NULL;
    return found ? found->tlp : TLP_UNKNOWN;
}

static enum tlp mark_of(const struct marks *m, struct str rule)
{
    return look_up(m->rule, m->n_rules, rule);
}

static enum err raise_mark(struct map *map, struct str text, enum tlp tlp)
{
    const uint32_t *had = text.n ? map_get(map, text) : NULL;
    return !text.n || (had && *had >= (uint32_t)tlp) ? OK : map_put(map, text, (uint32_t)tlp);
}

/* From a map, whose keys are of the arena, into an array there. */
static enum err settle(const struct map *map, struct arena *arena, struct marked **ret,
                       size_t *ret_n)
{
    struct marked *v = arena_new_n(arena, struct marked, map->n + 1);
    size_t n = 0;
    if (!v)
        return ERR_NOMEM;
    for (size_t i = 0; i < map->cap; i++)
        if (map->slot[i].key.p)
            v[n++] = (struct marked){map->slot[i].key, (enum tlp)map->slot[i].value};
    qsort(v, n, sizeof *v, by_text);
    *ret = v;
    *ret_n = n;
    return OK;
}

/* ---- the case ---- */

/* Most findings have no mark, and a look at the text tells: what stands in a text has its quotes
 * escaped. */
static enum err on_finding(void *ctx, const struct case_item *item)
{
    struct looking *l = ctx;
    struct node *body;
    struct finding f;
    if (str_find(item->body, STR("\"tlp\":\"TLP:")) < 0)
        return OK;
    arena_reset(&l->body);
    TRY(json_parse(&l->body, item->body, item->type, &body, l->error));
    TRY(read_finding(&l->body, body, &f));
    if (!f.tlp)
        return OK;
    if (hidden(l->m, f.tlp))
        TRY(raise_mark(&l->titles, f.title, f.tlp));
    return raise_mark(&l->rules, f.rule, f.tlp);
}

static enum err on_group(void *ctx, const struct case_group *g)
{
    struct marks *m = ctx;
    if (!marks_tell_rule(m, g->rule)) {
        m->left_out += g->n;
        m->timed += g->timed;
    }
    return OK;
}

static enum err look(struct marks *m, struct arena *arena, struct case_store *store,
                     struct error *error)
{
    struct case_query query = {.type = "finding", .since_us = TIME_NONE, .until_us = TIME_NONE};
    struct looking l = {.m = m, .error = error};
    arena_init(&l.body, BODY_BYTES);
    map_init(&l.rules, arena, RULES_MAX);
    map_init(&l.titles, arena, RULES_MAX);
    enum err rc = case_each(store, &query, on_finding, &l, error);
    rc = rc ? rc : settle(&l.rules, arena, &m->rule, &m->n_rules);
    rc = rc ? rc : settle(&l.titles, arena, &m->title, &m->n_titles);
    map_done(&l.rules);
    map_done(&l.titles);
    arena_done(&l.body);
    return rc;
}

enum err marks_find(struct marks *m, struct arena *arena, struct case_store *store,
                    const struct finding_count *count, size_t n_counts, struct sharing sharing,
                    struct error *error)
{
    bool any = false, hides = false;
    *m = (struct marks){.sharing = sharing};
    for (size_t i = 0; i < n_counts; i++)
        any |= str_starts(count[i].rule, STR("indicator:"));
    if (!any)
        return OK;
    TRY(look(m, arena, store, error));
    for (size_t i = 0; i < m->n_rules; i++) {
        bool hide = hidden(m, m->rule[i].tlp);
        m->strictest = hide ? m->strictest : tlp_stricter(m->strictest, m->rule[i].tlp);
        hides |= hide;
    }
    return hides ? case_groups(store, on_group, m, error) : OK;
}

/* ---- what is told ---- */

bool marks_tell_rule(const struct marks *m, struct str rule)
{
    return !hidden(m, mark_of(m, rule));
}

bool marks_tell(const struct marks *m, struct finding *f)
{
    enum tlp tlp = mark_of(m, f->rule);
    if (hidden(m, tlp))
        return false;
    f->tlp = tlp ? tlp_stricter(tlp, m->sharing.tlp) : TLP_UNKNOWN;
    return true;
}

bool marks_tell_event(const struct marks *m, const struct event *e)
{
    return !str_eq(e->kind, STR("finding")) || !look_up(m->title, m->n_titles, e->message);
}

/* Those of findings that are told. */
static void keep_clients(struct episode *e)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->clients.n; i++) {
        bool told = false;
        for (size_t k = 0; k < e->n && !told; k++)
            told = str_eq(role_of(e->finding[k], ROLE_CLIENT), e->clients.v[i]);
        if (told)
            e->clients.v[kept++] = e->clients.v[i];
    }
    e->clients.n = kept;
}

void marks_leave_out(const struct marks *m, struct report *r)
{
    size_t kept = 0;
    if (!m->left_out)
        return;
    for (size_t i = 0; i < r->n_counts; i++)
        if (marks_tell_rule(m, r->count[i].rule))
            r->count[kept++] = r->count[i];
    r->n_counts = kept;
    kept = 0;
    for (size_t i = 0; i < r->n_episodes; i++) {
        keep_clients(&r->episode[i]);
        if (r->episode[i].n)
            r->episode[kept++] = r->episode[i];
    }
    r->n_episodes = kept;
    /* They name what a verdict rests on, perhaps that of another host. */
    for (size_t i = 0; i < r->n_judgements; i++) {
        struct judgement *j = &r->judgement[i];
        j->sentence = j->verdict.because = j->isolate_why = STR_NONE;
    }
    r->all_findings -= m->left_out < r->all_findings ? m->left_out : r->all_findings;
    r->all_events -= m->timed < r->all_events ? m->timed : r->all_events;
}
