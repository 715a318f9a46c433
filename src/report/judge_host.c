#include "report/judge_priv.h"

#include <stdlib.h>

/* Which names are one host. */

enum { NAME_BYTES = 256 };
#define SEVERAL UINT32_MAX

static struct str first_label(struct str host)
{
    ptrdiff_t dot = str_chr(host, '.');
    return dot > 0 ? str_sub(host, 0, (size_t)dot) : host;
}

static struct str lowered(struct str label, char room[NAME_BYTES])
{
    label = str_sub(label, 0, NAME_BYTES);
    ascii_lower_all(room, label.p, label.n);
    return str_make(room, label.n);
}

/* Where the case has EX01.a.example and EX01.b.example, EX01 is neither of them: what is good news
 * of one host must not be taken for another's. */
bool judge_same_host(const struct judging *g, struct str a, struct str b)
{
    char room[NAME_BYTES];
    if (!a.n || !b.n || str_ieq(a, b))
        return a.n && b.n;
    bool bare = str_chr(a, '.') < 0 || str_chr(b, '.') < 0;
    if (!bare || !str_ieq(first_label(a), first_label(b)))
        return false;
    const uint32_t *full = map_get(&g->full, lowered(first_label(a), room));
    return !full || *full != SEVERAL;
}

static enum err learn_name(struct judging *g, struct str host)
{
    char room[NAME_BYTES];
    if (str_chr(host, '.') <= 0)
        return OK;
    struct str label = lowered(first_label(host), room);
    const uint32_t *old = map_get(&g->full, label);
    if (old) {
        bool same = *old != SEVERAL && str_ieq(g->name[*old], host);
        return same || *old == SEVERAL ? OK : map_put(&g->full, label, SEVERAL);
    }
    label = arena_str(g->arena, label);
    g->name[g->n_names] = host;
    return label.p ? map_put(&g->full, label, (uint32_t)g->n_names++) : ERR_NOMEM;
}

/* ---- rows by host ---- */

static int label_cmp(struct str a, struct str b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        int c = ascii_lower((unsigned char)a.p[i]) - ascii_lower((unsigned char)b.p[i]);
        if (c)
            return c;
    }
    return a.n < b.n ? -1 : a.n > b.n;
}

static int row_order(const void *a, const void *b)
{
    const struct host_row *x = a, *y = b;
    int c = label_cmp(x->label, y->label);
    return c ? c : (x->at > y->at) - (x->at < y->at);
}

const struct host_row *judge_rows(const struct host_index *x, struct str host, size_t *ret_n)
{
    struct str label = first_label(host);
    size_t lo = 0, hi = x->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (label_cmp(x->v[mid].label, label) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (hi = lo; hi < x->n && !label_cmp(x->v[hi].label, label); hi++)
        ;
    *ret_n = hi - lo;
    return x->v + lo;
}

/* name: the host of the first row; the next one is `step` bytes on. */
static enum err index_hosts(struct judging *g, struct host_index *x, const void *name, size_t step,
                            size_t n)
{
    *x = (struct host_index){arena_new_n(g->arena, struct host_row, n + 1), 0};
    if (!x->v)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct str *host = (const struct str *)(const void *)((const char *)name + i * step);
        x->v[x->n++] = (struct host_row){first_label(*host), (uint32_t)i};
        TRY(learn_name(g, *host));
    }
    if (n)
        qsort(x->v, n, sizeof *x->v, row_order);
    return OK;
}

#define INDEX(g, x, list, member, n)                                                               \
    ((n) ? index_hosts(g, x, &(list)->member, sizeof *(list), n) : OK)

/* ---- one host, one affair, one judgement ---- */

static bool is_spelling(const struct judging *g, const struct judgement *a,
                        const struct judgement *b)
{
    return str_eq(a->verdict.dossier, b->verdict.dossier) &&
           judge_same_host(g, a->verdict.host, b->verdict.host);
}

/* A scan may have spelled the host in another way: its verdict does not stand beside a worse one as
 * if it were that of another server. */
static void fold_spellings(struct judging *g)
{
    struct report *r = g->r;
    size_t kept = 0;
    for (size_t i = 0; i < r->n_judgements; i++) {
        size_t n;
        const struct judgement *j = &r->judgement[i];
        const struct host_row *row = judge_rows(&g->judgement, j->verdict.host, &n);
        bool worst = true;
        for (size_t k = 0; worst && k < n; k++) {
            const struct judgement *other = &r->judgement[row[k].at];
            if (other != j && is_spelling(g, j, other))
                worst = other->verdict.state < j->verdict.state ||
                        (other->verdict.state == j->verdict.state && row[k].at > i);
        }
        g->worst[i] = worst;
    }
    for (size_t i = 0; i < r->n_judgements; i++)
        if (g->worst[i])
            r->judgement[kept++] = r->judgement[i];
    r->n_judgements = kept;
}

enum err judge_hosts(struct judging *g)
{
    struct report *r = g->r;
    size_t most = r->n_coverage + r->n_windows + r->n_exposures + r->n_judgements + r->n_gaps;
    map_init(&g->full, g->arena, most + 1);
    g->name = arena_new_n(g->arena, struct str, most + 1);
    g->worst = arena_new_n(g->arena, bool, r->n_judgements + 1);
    if (!g->name || !g->worst)
        return ERR_NOMEM;
    TRY(INDEX(g, &g->coverage, r->coverage, host, r->n_coverage));
    TRY(INDEX(g, &g->window, r->window, host, r->n_windows));
    TRY(INDEX(g, &g->exposure, r->exposure, host, r->n_exposures));
    TRY(INDEX(g, &g->gap, r->gap, host, r->n_gaps));
    for (size_t i = 0; i < r->n_gaps; i++)
        g->unread += !r->gap[i].host.n && gap_of_reading(&r->gap[i]);
    TRY(INDEX(g, &g->judgement, r->judgement, verdict.host, r->n_judgements));
    fold_spellings(g);
    return INDEX(g, &g->judgement, r->judgement, verdict.host, r->n_judgements);
}

uint64_t judge_unread(const struct judging *g, struct str host)
{
    size_t n;
    uint64_t unread = g->unread;
    const struct host_row *row = judge_rows(&g->gap, host, &n);
    for (size_t i = 0; i < n; i++) {
        const struct gap *gap = &g->r->gap[row[i].at];
        unread += judge_same_host(g, gap->host, host) && gap_of_reading(gap);
    }
    return unread;
}
