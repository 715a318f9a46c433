#include "watch/gist_priv.h"

#include <math.h>

enum { NEAR_BYTES = 120 }; /* how far words that make a name unambiguous may stand */

/* They come nearly in order: each sinks past the few that begin before it and end behind it. */
static void order_by_end(hits *all)
{
    for (size_t i = 1; i < all->n; i++) {
        struct hit h = all->v[i];
        size_t k = i;
        for (; k > 0 && (all->v[k - 1].to > h.to ||
                         (all->v[k - 1].to == h.to && all->v[k - 1].from > h.from));
             k--)
            all->v[k] = all->v[k - 1];
        all->v[k] = h;
    }
}

enum err longest_win(hits *all, hits *ret_chosen)
{
    hits *c = ret_chosen;
    c->n = 0;
    order_by_end(all);
    for (size_t i = 0; i < all->n; i++) {
        const struct hit *h = &all->v[i];
        bool lost = false;
        while (c->n && c->v[c->n - 1].to > h->from && !lost) {
            const struct hit *last = &c->v[c->n - 1];
            if (last->from == h->from && last->to == h->to)
                break; /* the same words may name two things */
            lost = last->to - last->from >= h->to - h->from;
            c->n -= !lost;
        }
        if (!lost)
            TRY(vec_push(c, *h, UINT32_MAX));
    }
    return OK;
}

/* The first of the words of contexts that may lie near a place. They come in order of a word in
 * them, and are short. */
static size_t near_from(const hits *near, uint32_t place)
{
    size_t from = 0, to = near->n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (near->v[mid].from + NEAR_BYTES + 2 * LEXICON_ALIAS_BYTES < place)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

bool in_context(const struct gist *g, const struct hit *h, uint32_t any)
{
    const hits *near = &g->near;
    for (size_t i = near_from(near, h->from); i < near->n; i++) {
        const struct hit *n = &near->v[i];
        if (n->from > h->to + NEAR_BYTES + LEXICON_ALIAS_BYTES)
            break;
        bool close = n->from <= h->to + NEAR_BYTES && h->from <= n->to + NEAR_BYTES;
        bool itself = n->from < h->to && h->from < n->to;
        if (close && !itself)
            any |= n->row->name;
    }
    return (!h->row->near_any || (any & h->row->near_any)) && !(any & h->row->no_near);
}

/* The same, where words in a title count wherever the name stands. Other readings of words stand
 * behind the text: every word of it is near them. */
static bool in_post_context(const struct gist *g, const struct folded_post *p, const struct hit *h)
{
    uint32_t any = 0;
    for (size_t i = 0; i < g->title_near.n; i++) {
        const struct hit *n = &g->title_near.v[i];
        if (n->from >= h->to || h->from >= n->to)
            any |= n->row->name;
    }
    return in_context(g, h, any | (h->from >= p->text_end ? g->near_all : 0));
}

static bool is_topic(const struct hit *h)
{
    return h->row->use == ROW_SUBJECT && h->row->kind == SUBJECT_TOPIC;
}

/* The longest of the topics, or of the names, that a guard leaves. */
static enum err choose_of(struct gist *g, const struct folded_post *p, const struct hit *hit,
                          size_t n, bool topics, hits *found)
{
    g->kept.n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct hit *h = &hit[i];
        bool of_kind = h->row && (h->row->use == ROW_GUARD || is_topic(h) == topics);
        if (of_kind && (!h->row->needs_context || in_post_context(g, p, h)))
            TRY(vec_push(&g->kept, *h, UINT32_MAX));
    }
    TRY(longest_win(&g->kept, &g->longest));
    for (size_t i = 0; i < g->longest.n; i++)
        if (g->longest.v[i].row->use == ROW_SUBJECT)
            TRY(vec_push(found, g->longest.v[i], UINT32_MAX));
    return OK;
}

/* "RDP access" is a topic, and names a product; ids come behind both. */
static enum err choose(struct gist *g, const struct folded_post *p, const struct hit *hit, size_t n)
{
    g->chosen.n = 0;
    TRY(choose_of(g, p, hit, n, false, &g->chosen));
    TRY(choose_of(g, p, hit, n, true, &g->chosen));
    for (size_t i = 0; i < n; i++)
        if (!hit[i].row)
            TRY(vec_push(&g->chosen, hit[i], UINT32_MAX));
    return OK;
}

static int by_place(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    uint32_t name_x = x->row ? x->row->name : 0, name_y = y->row ? y->row->name : 0;
    return (name_x > name_y) - (name_x < name_y);
}

static bool is_known(struct gist *g, const struct reading *r, const struct hit *h)
{
    if (h->row) {
        bool known = g->seen[h->row->name] == g->posts;
        g->seen[h->row->name] = g->posts;
        return known;
    }
    for (size_t i = 0; i < r->n_subjects; i++)
        if (r->subject[i].row == GIST_NO_ROW && str_eq(r->subject[i].name, g->id.v[h->id].name))
            return true;
    return false;
}

static void add_subject(struct gist *g, const struct post *post, const struct folded_post *p,
                        const struct hit *h, struct reading *r)
{
    struct reading_subject *s = &r->subject[r->n_subjects++];
    *s = (struct reading_subject){.row = GIST_NO_ROW, .lookalike = h->from >= p->text_end};
    if (h->row) {
        s->kind = (enum subject_kind)h->row->kind;
        s->row = h->row->name;
        s->name = g->name.v[h->row->name].text;
    } else {
        s->kind = g->id.v[h->id].kind;
        s->name = g->id.v[h->id].name;
    }
    s->text = as_written(g, p, post, h->from, h->to, &s->at, &s->in_title);
}

/* Other readings of words stand behind the text: what they name goes to its place in it. */
static void order_subjects(struct reading *r)
{
    for (size_t i = 1; i < r->n_subjects; i++) {
        struct reading_subject s = r->subject[i];
        size_t k = i;
        for (; k > 0 && (s.in_title > r->subject[k - 1].in_title ||
                         (s.in_title == r->subject[k - 1].in_title && s.at < r->subject[k - 1].at));
             k--)
            r->subject[k] = r->subject[k - 1];
        r->subject[k] = s;
    }
}

static enum err add_subjects(struct gist *g, const struct post *post, const struct folded_post *p,
                             struct reading *r)
{
    size_t cves = 0, n = g->chosen.n < GIST_SUBJECTS ? g->chosen.n : GIST_SUBJECTS;
    if (g->chosen.n > 1)
        qsort(g->chosen.v, g->chosen.n, sizeof *g->chosen.v, by_place);
    r->subject = arena_new_n(&g->scratch, struct reading_subject, n ? n : 1);
    if (!r->subject)
        return ERR_NOMEM;
    g->posts++;
    for (size_t i = 0; i < g->chosen.n; i++) {
        if (is_known(g, r, &g->chosen.v[i]))
            continue;
        if (r->n_subjects == n) {
            r->more = true;
            break;
        }
        add_subject(g, post, p, &g->chosen.v[i], r);
        cves += r->subject[r->n_subjects - 1].kind == SUBJECT_CVE;
    }
    order_subjects(r);
    r->list_dump = cves > GIST_LIST_CVES;
    r->weight = r->list_dump || !r->n_subjects ? 0 : 1 / sqrtf((float)r->n_subjects);
    return OK;
}

static struct reading_technique *technique_of(struct reading *r, struct str id)
{
    for (size_t i = 0; i < r->n_techniques; i++)
        if (str_eq(r->technique[i].id, id))
            return &r->technique[i];
    return NULL;
}

static void add_technique(struct reading *r, struct str id, enum confidence confidence,
                          struct str text)
{
    struct reading_technique *t = technique_of(r, id);
    if (t && t->confidence >= confidence)
        return;
    if (!t)
        t = &r->technique[r->n_techniques++];
    *t = (struct reading_technique){id, confidence, text};
}

/* By phrases, and by ids in the text. */
static enum err add_techniques(struct gist *g, const struct post *post, const struct folded_post *p,
                               struct reading *r)
{
    uint32_t at;
    bool in_title;
    size_t n = 0;
    TRY(longest_win(&g->technique, &g->chosen));
    for (size_t i = 0; i < r->n_subjects; i++)
        n += r->subject[i].kind == SUBJECT_TECHNIQUE;
    n += g->chosen.n;
    if (n == 0)
        return OK;
    n = n < GIST_SUBJECTS ? n : GIST_SUBJECTS;
    r->technique = arena_new_n(&g->scratch, struct reading_technique, n);
    if (!r->technique)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->n_subjects && r->n_techniques < n; i++)
        if (r->subject[i].kind == SUBJECT_TECHNIQUE)
            add_technique(r, r->subject[i].name, CONFIDENCE_HIGH, r->subject[i].text);
    for (size_t i = 0; i < g->chosen.n && r->n_techniques < n; i++) {
        const struct hit *h = &g->chosen.v[i];
        add_technique(r, g->name.v[h->row->name].text, (enum confidence)h->row->confidence,
                      as_written(g, p, post, h->from, h->to, &at, &in_title));
    }
    return OK;
}

enum err gist_sketch(struct gist *g, struct str folded, struct sketch *ret_sketch)
{
    size_t n = folded.n, to = 0, chars = 0;
    const unsigned char *text = (const unsigned char *)folded.p;
    if (n > g->plain_cap) {
        char *grown = realloc(g->plain, 2 * n + 64);
        if (!grown)
            return ERR_NOMEM;
        g->plain = grown;
        g->plain_cap = 2 * n + 64;
    }
    /* Signs beside signs are one blank: it is overwritten as long as no letter follows. */
    size_t after_word = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = g->plain_of[text[i]];
        size_t word = c != ' ';
        g->plain[to] = (char)c;
        to += word | after_word;
        chars += (word | after_word) & ((c & 0xc0) != 0x80);
        after_word = word;
    }
    sketch_make(str_make(g->plain, to), chars, ret_sketch);
    return OK;
}

enum err read_post(struct gist *g, const struct post *post, const struct folded_post *p,
                   const struct hit *hit, size_t n_hits, struct reading *ret)
{
    struct hit phrase;
    uint32_t at;
    bool in_title;
    TRY(choose(g, p, hit, n_hits));
    if (g->chosen.n == 0)
        return OK;
    TRY(add_subjects(g, post, p, ret));
    uint32_t first = g->chosen.v[0].from;
    TRY(decide_intent(g, p, first, &phrase, &ret->intent, &ret->intent_confidence));
    if (phrase.to)
        ret->intent_phrase = as_written(g, p, post, phrase.from, phrase.to, &at, &in_title);
    TRY(add_techniques(g, post, p, ret));
    return gist_sketch(g, str_make(g->folded.p + p->from, p->text_end - p->from), &ret->sketch);
}
