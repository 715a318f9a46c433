#include "scan/judge.h"

#include "scan/episode.h"

#include <stdlib.h>

/* The second phase, in order: hosts and what was read of them, windows, hits weighed by
 * themselves and then against each other, and only then what is said. */

static int finding_order(const void *a, const void *b)
{
    const struct sign *x = *(const struct sign *const *)a, *y = *(const struct sign *const *)b;
    const struct finding *f = &x->f, *g = &y->f;
    int c = str_cmp(f->host, g->host);
    if (!c)
        c = (f->time_us == TIME_NONE) - (g->time_us == TIME_NONE);
    if (!c && f->time_us != g->time_us)
        c = f->time_us < g->time_us ? -1 : 1;
    if (!c)
        c = str_cmp(f->file, g->file);
    if (!c && f->offset != g->offset)
        c = f->offset < g->offset ? -1 : 1;
    if (!c)
        c = str_cmp(f->rule, g->rule);
    return c ? c : strcmp(f->id, g->id);
}

static enum err say_findings(struct trial *t, struct answer *a)
{
    struct sign **sorted = arena_new_n(t->arena, struct sign *, t->n_signs + 1);
    a->finding = arena_new_n(t->arena, struct finding, t->n_signs + 1);
    if (!sorted || !a->finding)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->n_signs; i++)
        if (!t->sign[i].ordinary)
            sorted[a->n_findings++] = &t->sign[i];
    if (a->n_findings)
        qsort(sorted, a->n_findings, sizeof *sorted, finding_order);
    for (size_t i = 0; i < a->n_findings; i++)
        a->finding[i] = sorted[i]->f;
    return episodes_find(t->arena, sorted, a->finding, a->n_findings, &a->episode, &a->n_episodes);
}

static enum err kind_shares(struct trial *t, const struct host *h, const struct cover *k,
                            struct coverage *c)
{
    size_t n = t->facts->n_dossiers, lacks = 0;
    for (size_t i = 0; i < n; i++)
        lacks += h->matter[i].n_lacks;
    c->share = arena_new_n(t->arena, struct window_share, n + 1);
    c->not_tested.v = arena_new_n(t->arena, struct str, lacks + t->facts->n_notes + 1);
    if (!c->share || !c->not_tested.v)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct matter *m = &h->matter[i];
        struct hour_set both;
        if (!m->seen)
            continue;
        TRY(hours_intersect(t->arena, &k->covered, &m->in_window, &both));
        int64_t whole = hours_count(&m->in_window);
        c->share[c->n_shares++] = (struct window_share){
            m->dossier->id, whole ? (double)hours_count(&both) / (double)whole : 1.0};
        for (size_t j = 0; j < m->n_lacks; j++)
            if (kind_match(m->lack[j].kind, k->kind))
                c->not_tested.v[c->not_tested.n++] = m->lack[j].text;
    }
    for (size_t i = 0; i < t->facts->n_notes; i++) {
        const struct note *note = &t->facts->note[i];
        if (str_eq(note->kind, k->kind) && str_eq(note->host, h->name))
            c->not_tested.v[c->not_tested.n++] = note->text;
    }
    return OK;
}

static enum err say_coverage(struct trial *t, struct answer *a)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_hosts; i++)
        n += t->host[i].n_covers;
    a->coverage = arena_new_n(t->arena, struct coverage, n + 1);
    if (!a->coverage)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->n_hosts; i++) {
        const struct host *h = &t->host[i];
        for (size_t k = 0; k < h->n_covers; k++) {
            const struct cover *v = &h->cover[k];
            struct coverage *c = &a->coverage[a->n_coverage++];
            *c = (struct coverage){.host = h->name,
                                   .kind = v->kind,
                                   .first_us = v->first_us,
                                   .last_us = v->last_us,
                                   .records = v->records,
                                   .unparsed = v->unparsed,
                                   .files = v->files,
                                   .sampled = v->sampled};
            c->gap = arena_new_n(t->arena, struct span_us, v->n_gaps + 1);
            if (!c->gap)
                return ERR_NOMEM;
            for (size_t j = 0; j < v->n_gaps; j++)
                c->gap[c->n_gaps++] = (struct span_us){v->gap[j].from_us, v->gap[j].to_us};
            TRY(kind_shares(t, h, v, c));
        }
    }
    return OK;
}

static int coverage_order(const void *a, const void *b)
{
    const struct coverage *x = a, *y = b;
    int c = str_cmp(x->host, y->host);
    return c ? c : str_cmp(x->kind, y->kind);
}

static int gap_order(const void *a, const void *b)
{
    const struct gap *x = a, *y = b;
    int c = str_cmp(x->host, y->host);
    if (!c)
        c = str_cmp(x->file, y->file);
    if (!c && x->offset != y->offset)
        c = x->offset < y->offset ? -1 : 1;
    if (!c)
        c = str_cmp(x->reason, y->reason);
    return c ? c : str_cmp(x->detail, y->detail);
}

static enum err say_limit(struct trial *t, struct answer *a, uint64_t n, const char *what)
{
    struct buf b;
    if (!n)
        return OK;
    buf_init(&b, 512);
    buf_u64(&b, n);
    buf_puts(&b, what);
    struct str text = arena_str(t->arena, buf_view(&b));
    buf_done(&b);
    if (!text.p)
        return ERR_NOMEM;
    a->gap[a->n_gaps++] = (struct gap){.reason = STR("limit"), .detail = text};
    return OK;
}

/* HttpProxy wrote in those minutes, but not this request: somebody may have taken the row out. */
static enum err say_removed(struct trial *t, struct answer *a)
{
    for (size_t i = 0; i < t->n_signs; i++) {
        const struct sign *s = &t->sign[i];
        struct buf b;
        if (s->hit->proxy_row >= 0)
            continue;
        buf_init(&b, 1024);
        buf_puts(&b, "IIS logged request ");
        buf_str(&b, str_sub(s->hit->role[ROLE_REQUEST], 0, 100));
        buf_puts(&b,
                 ", HttpProxy logged at that time but has no such row: it may have been removed");
        struct str detail = arena_str(t->arena, buf_view(&b));
        buf_done(&b);
        if (!detail.p)
            return ERR_NOMEM;
        a->gap[a->n_gaps++] = (struct gap){.host = s->f.host,
                                           .file = s->f.file,
                                           .offset = s->f.offset,
                                           .reason = STR("removed-row"),
                                           .detail = detail};
    }
    return OK;
}

static struct str reason_of(const struct cover_gap *g)
{
    if (g->file.p)
        return STR("not-understood");
    return g->missing_file ? STR("missing-file") : STR("silent");
}

static enum err say_gaps(struct trial *t, struct answer *a)
{
    size_t n = t->facts->n_gaps + t->facts->n_hits + 3;
    for (size_t i = 0; i < t->n_hosts; i++)
        for (size_t k = 0; k < t->host[i].n_covers; k++)
            n += t->host[i].cover[k].n_gaps;
    a->gap = arena_new_n(t->arena, struct gap, n + 1);
    if (!a->gap)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->facts->n_gaps; i++) {
        struct gap *g = &a->gap[a->n_gaps++];
        *g = t->facts->gap[i];
        if (!g->host.p && t->gap_host[i] != NO_HOST)
            g->host = t->host[t->gap_host[i]].name;
    }
    for (size_t i = 0; i < t->n_hosts; i++)
        for (size_t k = 0; k < t->host[i].n_covers; k++) {
            const struct cover *c = &t->host[i].cover[k];
            for (size_t j = 0; j < c->n_gaps; j++)
                a->gap[a->n_gaps++] = (struct gap){.host = t->host[i].name,
                                                   .file = c->gap[j].file,
                                                   .reason = reason_of(&c->gap[j]),
                                                   .detail = c->gap[j].detail};
        }
    TRY(say_removed(t, a));
    TRY(say_limit(t, a, t->overflow_rows,
                  " further records that rules met were counted, not kept"));
    TRY(say_limit(t, a, t->unasked,
                  " changes by cmdlets were not checked for a request of their user"));
    TRY(say_limit(t, a, t->named_left_out,
                  " further hosts named in the logs and not supplied are not listed"));
    qsort(a->gap, a->n_gaps, sizeof *a->gap, gap_order);
    return OK;
}

static enum err run(struct trial *t, struct answer *a)
{
    TRY(trial_hosts(t));
    TRY(trial_windows(t));
    TRY(trial_signs(t));
    TRY(trial_confirm(t));
    TRY(trial_targets(t));
    TRY(say_findings(t, a));
    TRY(trial_verdicts(t, a));
    TRY(say_coverage(t, a));
    if (a->n_coverage)
        qsort(a->coverage, a->n_coverage, sizeof *a->coverage, coverage_order);
    return say_gaps(t, a);
}

enum err judge(struct arena *arena, const struct facts *facts, struct answer *ret_answer,
               struct error *error)
{
    struct trial t = {.arena = arena, .facts = facts};
    size_t max = facts->n_files + facts->n_hits + JUDGE_NAMED_HOSTS + 1;
    *ret_answer = (struct answer){0};
    map_init(&t.host_by_key, arena, max);
    map_init(&t.host_by_short, arena, max);
    map_init(&t.own_request, arena, facts->n_hits * FEW_MAX + 1);
    enum err rc = run(&t, ret_answer);
    map_done(&t.own_request);
    map_done(&t.host_by_short);
    map_done(&t.host_by_key);
    return rc ? fail(error, rc, "judging the findings failed: %s", err_name(rc)) : OK;
}
