#include "watch/gist_priv.h"

/* The text as the only post of the block, so that places can be looked up. */
static struct folded_post whole(const struct gist *g)
{
    return (struct folded_post){.text_end = (uint32_t)g->folded.n,
                                .to = (uint32_t)g->folded.n,
                                .n_seams = (uint32_t)g->folded.seams.n};
}

static enum err find_phrases(struct gist *g, struct str text)
{
    const struct matcher *m = &g->phrases;
    g->near.n = g->technique.n = 0;
    TRY(terms_scan(m->set, text, &g->phrases.spots));
    for (size_t i = 0; i < m->spots.n; i++) {
        struct term_spot s = m->spots.v[i];
        for (uint32_t r = m->first[s.term]; r < m->first[s.term + 1]; r++) {
            struct hit hit = {&m->row[r], s.from, s.from + m->row[r].n, 0};
            bool wanted = hit.row->use == ROW_CONTEXT ||
                          (hit.row->use == ROW_TECHNIQUE && hit.row->confidence > CONFIDENCE_LOW);
            if (wanted && row_stands(g, hit.row, text, hit.from, hit.to))
                TRY(vec_push(hit.row->use == ROW_CONTEXT ? &g->near : &g->technique, hit,
                             UINT32_MAX));
        }
    }
    return OK;
}

static enum err find_hits(struct gist *g, struct str text)
{
    g->hit.n = 0;
    TRY(terms_scan(g->names.set, text, &g->names.spots));
    for (size_t i = 0; i < g->names.spots.n; i++)
        if (g->names.spots.v[i].term < g->id_first)
            TRY(take_names(g, text, g->names.spots.v[i], TIME_NONE, UINT32_MAX));
    return g->hit.n ? OK : END;
}

static enum err tell_all(struct gist *g, const hits *found)
{
    struct folded_post p = whole(g);
    for (size_t i = 0; i < found->n; i++) {
        const struct hit *h = &found->v[i];
        if (h->row->use == ROW_GUARD)
            continue;
        bool technique = h->row->use == ROW_TECHNIQUE;
        struct gist_name name = {
            technique ? SUBJECT_TECHNIQUE : (enum subject_kind)h->row->kind,
            g->name.v[h->row->name].text,
            raw_at(g, &p, h->from).raw,
            raw_at(g, &p, h->to).raw,
        };
        TRY(vec_push(&g->told, name, UINT32_MAX));
    }
    return OK;
}

static int by_place(const void *a, const void *b)
{
    const struct gist_name *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return str_cmp(x->name, y->name);
}

static enum err choose(struct gist *g, bool topics)
{
    g->kept.n = 0;
    for (size_t i = 0; i < g->hit.n; i++) {
        const struct hit *h = &g->hit.v[i];
        bool topic = h->row->use == ROW_SUBJECT && h->row->kind == SUBJECT_TOPIC;
        if ((topic == topics || h->row->use == ROW_GUARD) &&
            (!h->row->needs_context || in_context(g, h, 0)))
            TRY(vec_push(&g->kept, *h, UINT32_MAX));
    }
    TRY(longest_win(&g->kept, &g->longest));
    return tell_all(g, &g->longest);
}

enum err gist_names(struct gist *g, struct str text, const struct gist_name **ret_names,
                    size_t *ret_n)
{
    g->told.n = 0;
    TRY(fold_text_of(g->letters, text, &g->folded));
    struct str folded = str_make(g->folded.p, g->folded.n);
    TRY(find_hits(g, folded));
    TRY(find_phrases(g, folded));
    TRY(choose(g, false));
    TRY(choose(g, true));
    TRY(longest_win(&g->technique, &g->longest));
    TRY(tell_all(g, &g->longest));
    if (g->told.n)
        qsort(g->told.v, g->told.n, sizeof *g->told.v, by_place);
    *ret_names = g->told.v;
    *ret_n = g->told.n;
    return OK;
}
