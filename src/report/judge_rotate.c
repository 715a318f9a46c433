#include "codec/csv.h"
#include "dossier/load.h"
#include "report/judge_priv.h"

#include <stdlib.h>

/* What servers delete by themselves, and what to copy now: data/evidence.csv against the logs that
 * decide and those that were read. */

enum { KINDS_MAX = 100 };

struct kept_kind {
    struct str pattern, path;
    uint64_t days; /* 0: no limit is known */
};
struct kept_kinds {
    struct kept_kind v[KINDS_MAX];
    size_t n, most; /* most: rows that there is room for */
};

static enum err read_kinds(struct arena *arena, struct kept_kinds *k)
{
    struct csv csv;
    struct csv_row row;
    enum err rc;
    csv_init(&csv, embedded_get("data/evidence.csv"), arena);
    while (!(rc = csv_next(&csv, &row))) {
        struct kept_kind one = {.pattern = csv_cell(&row, 0), .path = csv_cell(&row, 2)};
        if (row.n < 3 || str_starts(one.pattern, STR("#")) || str_eq(one.pattern, STR("kind")))
            continue;
        if (!str_u64(csv_cell(&row, 1), &one.days))
            one.days = 0;
        if (k->n == KINDS_MAX)
            return ERR_BUG;
        k->v[k->n++] = one;
    }
    return rc == END ? OK : rc;
}

static const struct kept_kind *kept_as(const struct kept_kinds *k, struct str kind)
{
    for (size_t i = 0; i < k->n; i++)
        if (kind_match(k->v[i].pattern, kind))
            return &k->v[i];
    return NULL;
}

/* Logs that lie in one place go together; of several affairs the one whose rows go first counts. */
static struct rotating *listed(const struct judging *g, struct str host, struct str path)
{
    const struct report *r = g->r;
    for (size_t i = r->n_rotating; i-- > 0 && judge_same_host(g, r->rotating[i].host, host);)
        if (str_eq(r->rotating[i].path, path))
            return &r->rotating[i];
    return NULL;
}

/* The first row of the window that the server may have still, or of the log where no affair fits.
 */
static int64_t first_row(const struct opinion *o, const struct coverage *held)
{
    int64_t from = held ? held->first_us : TIME_NONE;
    if (!o->ended_before && o->j->window.first_us > from)
        from = o->j->window.first_us;
    return from;
}

/* Of a log that was read: unless its rows were older than that already. */
static enum err add(struct judging *g, const struct kept_kinds *kinds, const struct opinion *o,
                    struct str kind, const struct coverage *held)
{
    struct report *r = g->r;
    const struct kept_kind *k = kept_as(kinds, kind);
    int64_t from = first_row(o, held), gone = TIME_NONE;
    if (k && k->days && from != TIME_NONE)
        gone = from + (int64_t)k->days * US_PER_DAY;
    if (!k || (held && (gone == TIME_NONE || gone <= o->logs_last_us)))
        return OK;
    struct rotating *old = listed(g, o->j->verdict.host, k->path);
    if (old) {
        if (gone != TIME_NONE && (old->gone_us == TIME_NONE || gone < old->gone_us))
            old->gone_us = gone;
        if (held && (old->oldest_us == TIME_NONE || held->first_us < old->oldest_us))
            old->oldest_us = held->first_us;
        return OK;
    }
    if (r->n_rotating < kinds->most)
        r->rotating[r->n_rotating++] =
            (struct rotating){.host = o->j->verdict.host,
                              .kind = str_chr(k->pattern, '*') < 0 ? kind : k->pattern,
                              .path = k->path,
                              .oldest_us = held ? held->first_us : TIME_NONE,
                              .gone_us = gone};
    return OK;
}

static enum err add_host(struct judging *g, const struct kept_kinds *kinds, const struct opinion *o)
{
    const struct str_list none = {0}, *asked[2] = {&none, &none};
    size_t n;
    const struct host_row *row = judge_rows(&g->coverage, o->j->verdict.host, &n);
    for (size_t i = 0; i < n; i++) {
        const struct coverage *c = &g->r->coverage[row[i].at];
        if (judge_same_host(g, c->host, o->j->verdict.host))
            TRY(add(g, kinds, o, c->kind, c));
    }
    if (o->dossier) {
        asked[0] = &o->j->verdict.missing;
        asked[1] = o->supplied ? &none : &o->dossier->confirming;
    }
    for (size_t l = 0; l < ARRAY_LEN(asked); l++)
        for (size_t i = 0; i < asked[l]->n; i++)
            TRY(add(g, kinds, o, asked[l]->v[i], NULL));
    return OK;
}

/* What goes first stands first; what does not go by itself, last. */
static int by_day(const void *a, const void *b)
{
    const struct rotating *x = a, *y = b;
    bool no_x = x->gone_us == TIME_NONE, no_y = y->gone_us == TIME_NONE;
    if (no_x != no_y)
        return no_x - no_y;
    if (x->gone_us != y->gone_us)
        return x->gone_us < y->gone_us ? -1 : 1;
    int c = str_cmp(x->host, y->host);
    return c ? c : str_cmp(x->kind, y->kind);
}

enum err judge_rotating(struct judging *g)
{
    struct kept_kinds *kinds = arena_new(g->arena, struct kept_kinds);
    struct report *r = g->r;
    if (!kinds)
        return ERR_NOMEM;
    kinds->most = r->n_coverage;
    for (size_t i = 0; i < r->n_judgements; i++) {
        const struct opinion *o = &g->opinion[i];
        kinds->most += o->j->verdict.missing.n + (o->dossier ? o->dossier->confirming.n : 0);
    }
    r->n_rotating = 0;
    r->rotating = arena_new_n(g->arena, struct rotating, kinds->most + 1);
    if (!r->rotating)
        return ERR_NOMEM;
    TRY(read_kinds(g->arena, kinds));
    for (size_t i = 0; i < r->n_judgements; i++)
        TRY(add_host(g, kinds, &g->opinion[i]));
    if (r->n_rotating)
        qsort(r->rotating, r->n_rotating, sizeof *r->rotating, by_day);
    return OK;
}
