#include "output/text_group.h"

#include "output/roles.h"

#include <stdlib.h>

enum { SAME_REQUEST_US = 2 * 1000 * 1000 };

/* Unknown times come last. */
static int time_cmp(int64_t a, int64_t b)
{
    uint64_t x = (uint64_t)a - 1 - (uint64_t)INT64_MIN, y = (uint64_t)b - 1 - (uint64_t)INT64_MIN;
    return (x > y) - (x < y);
}

static int index_cmp(const struct row *a, const struct row *b)
{
    return (a->index > b->index) - (a->index < b->index);
}

static int by_weight(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    if (a->host != b->host)
        return a->host < b->host ? -1 : 1;
    if (a->f->grade != b->f->grade)
        return a->f->grade > b->f->grade ? -1 : 1;
    int c = time_cmp(a->f->time_us, b->f->time_us);
    return c ? c : index_cmp(a, b);
}

int row_by_time(const void *pa, const void *pb)
{
    const struct row *const *qa = pa, *const *qb = pb;
    const struct row *a = *qa, *b = *qb;
    if (a->episode != b->episode) {
        if (!a->episode || !b->episode)
            return a->episode ? -1 : 1;
        int c = time_cmp(a->episode->first_us, b->episode->first_us);
        return c ? c : a->episode < b->episode ? -1 : 1;
    }
    int c = time_cmp(a->f->time_us, b->f->time_us);
    return c ? c : index_cmp(a, b);
}

int row_by_rule(const void *pa, const void *pb)
{
    const struct row *const *qa = pa, *const *qb = pb;
    const struct row *a = *qa, *b = *qb;
    if (a->f->grade != b->f->grade)
        return a->f->grade > b->f->grade ? -1 : 1;
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    int c = str_cmp(a->client, b->client);
    return c ? c : index_cmp(a, b);
}

int row_by_note(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    if (a->host != b->host)
        return a->host < b->host ? -1 : 1;
    int c = str_cmp(a->f->note, b->f->note);
    return c ? c : (a->rule > b->rule) - (a->rule < b->rule);
}

static int by_note(const void *pa, const void *pb)
{
    int c = row_by_note(pa, pb);
    return c ? c : index_cmp(pa, pb);
}

/* Which episode each finding of the answer is in; the first one that names it. */
static void episodes(const struct answer *a, const struct episode **of)
{
    uintptr_t first = (uintptr_t)a->finding, end = (uintptr_t)(a->finding + a->n_findings);
    for (size_t e = 0; e < a->n_episodes; e++)
        for (size_t i = 0; i < a->episode[e].n; i++) {
            uintptr_t at = (uintptr_t)a->episode[e].finding[i];
            if (at < first || at >= end)
                continue;
            size_t k = (size_t)(a->episode[e].finding[i] - a->finding);
            if (!of[k])
                of[k] = &a->episode[e];
        }
}

/* Keys hold lengths: no text can pass for two. */
static void key_part(struct buf *key, struct str s)
{
    buf_u64(key, s.n);
    buf_putc(key, ' ');
    buf_str(key, s);
}

/* The row of a log, or nothing if the finding does not name one. */
static bool record_key(struct buf *key, const struct row *r)
{
    buf_reset(key);
    buf_printf(key, "r%u:%llu ", r->host, (unsigned long long)r->f->line);
    key_part(key, r->f->file);
    return r->f->file.n && r->f->line;
}

/* What two logs of one request agree on, but for the second. */
static void request_key(struct buf *key, const struct row *r)
{
    struct str path = role_of(r->f, ROLE_PATH);
    buf_reset(key);
    buf_printf(key, "q%u:%u:%u ", r->host, r->rule, r->f->grade);
    key_part(key, r->client.n ? r->client : role_of(r->f, ROLE_USER));
    for (size_t i = 0; i < path.n; i++)
        buf_putc(key, (char)ascii_lower((unsigned char)path.p[i]));
}

/* The row that the map has under the key, or NULL. */
static struct row *row_get(const struct map *m, const struct buf *key, const struct rows *rows)
{
    const uint32_t *at = map_get(m, buf_view(key));
    return at ? &rows->v[*at] : NULL;
}

static void join(struct row *main, struct row *r, enum row_role role)
{
    r->role = role;
    *(main->end ? &main->end->next : &main->next) = r;
    main->end = r;
}

static bool one_request(const struct row *a, const struct row *b)
{
    if (str_eq(a->f->kind, b->f->kind) || a->f->time_us == TIME_NONE || b->f->time_us == TIME_NONE)
        return false;
    uint64_t apart = (uint64_t)b->f->time_us - (uint64_t)a->f->time_us; /* sorted by time */
    return b->f->time_us >= a->f->time_us && apart <= SAME_REQUEST_US;
}

/* Joins row i, all graver or earlier ones being joined; weak ones are counted by rule instead. */
static enum err join_row(struct rows *rows, size_t i, struct map *m, struct buf *key)
{
    struct row *r = &rows->v[i], *main;
    uint32_t at = (uint32_t)i;
    if (r->f->grade == GRADE_WEAK)
        return OK;
    request_key(key, r);
    main = row_get(m, key, rows);
    if (main && one_request(main, r)) {
        join(main, r, ROW_SAME);
        at = (uint32_t)(main - rows->v);
    } else {
        struct buf record;
        buf_init(&record, SINK_MAX_BYTES);
        main = record_key(&record, r) ? row_get(m, &record, rows) : NULL;
        buf_done(&record);
        if (main) {
            join(main, r, ROW_WITH);
            return OK;
        }
        TRY(key->rc);
        TRY(map_put(m, buf_view(key), at));
    }
    if (!record_key(key, r) || map_get(m, buf_view(key)))
        return key->rc;
    TRY(key->rc);
    return map_put(m, buf_view(key), at);
}

bool row_is_pivot(const struct row *r)
{
    return str_starts(r->f->rule, STR("pivot:"));
}

/* Takes out of aside what stands on a record that a row has too. */
static enum err without_doubled(struct rows *aside, const struct rows *rows, struct map *m,
                                struct buf *key)
{
    size_t kept = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (rows->v[i].f->grade == GRADE_WEAK && record_key(key, &rows->v[i])) {
            TRY(key->rc);
            if (!map_get(m, buf_view(key)))
                TRY(map_put(m, buf_view(key), (uint32_t)i));
        }
    for (size_t i = 0; i < aside->n; i++)
        if (row_is_pivot(&aside->v[i]) || !record_key(key, &aside->v[i]) ||
            !map_get(m, buf_view(key)))
            aside->v[kept++] = aside->v[i];
    aside->n = kept;
    return key->rc;
}

static enum err fill(struct text *t, struct rows *rows, struct rows *aside, struct map *m,
                     const struct episode **episode)
{
    const struct answer *a = t->answer;
    struct buf key;
    uint32_t host, rule;
    enum err rc = OK;
    buf_init(&key, SINK_MAX_BYTES);
    for (size_t i = 0; i < a->n_verdicts + a->n_findings && !rc; i++) {
        const struct finding *f = i < a->n_verdicts ? NULL : &a->finding[i - a->n_verdicts];
        buf_reset(&key);
        buf_putc(&key, 'h');
        buf_str(&key, f ? f->host : t->order[i]->host);
        rc = key.rc ? key.rc : map_intern(m, buf_view(&key), &host, NULL);
        if (!f || rc)
            continue;
        buf_reset(&key);
        buf_putc(&key, 'n');
        key_part(&key, f->rule);
        buf_str(&key, f->title);
        rc = key.rc ? key.rc : map_intern(m, buf_view(&key), &rule, NULL);
        struct rows *to = f->note.p ? aside : rows;
        size_t index = i - a->n_verdicts;
        to->v[to->n++] = (struct row){.f = f,
                                      .episode = episode[index],
                                      .client = role_of(f, ROLE_CLIENT),
                                      .index = index,
                                      .host = host,
                                      .rule = rule};
    }
    buf_done(&key);
    return rc;
}

enum err rows_sort_out(struct text *t, struct rows *rows, struct rows *aside, size_t *ret_doubled)
{
    const struct answer *a = t->answer;
    const struct episode **episode = calloc(a->n_findings + 1, sizeof *episode);
    struct map ranks, joined;
    struct buf key;
    if (!episode)
        return ERR_NOMEM;
    map_init(&ranks, &t->arena, 2 * a->n_findings + a->n_verdicts);
    map_init(&joined, &t->arena, 3 * a->n_findings + 1);
    buf_init(&key, SINK_MAX_BYTES);
    episodes(a, episode);
    enum err rc = fill(t, rows, aside, &ranks, episode);
    qsort(rows->v, rows->n, sizeof *rows->v, by_weight);
    for (size_t i = 0; i < rows->n && !rc; i++)
        rc = join_row(rows, i, &joined, &key);
    size_t all = aside->n;
    if (!rc)
        rc = without_doubled(aside, rows, &joined, &key);
    *ret_doubled = all - aside->n;
    qsort(aside->v, aside->n, sizeof *aside->v, by_note);
    buf_done(&key);
    map_done(&joined);
    map_done(&ranks);
    free(episode);
    return rc;
}

static void choose(struct row *r, struct row **ret_chosen, size_t *n)
{
    ret_chosen[(*n)++] = r;
    for (; r; r = r->next)
        r->shown = true;
}

static bool has_rule(struct row *const *v, size_t n, uint32_t rule)
{
    for (size_t i = 0; i < n; i++)
        if (v[i]->rule == rule)
            return true;
    return false;
}

size_t rows_choose(struct row *v, size_t n, unsigned limit, bool fill, struct row **ret_chosen)
{
    enum { VARIETY = 16 };
    size_t chosen = 0;
    bool graded = n && v[0].f->grade >= GRADE_ATTEMPT;
    enum grade least = graded ? GRADE_ATTEMPT : GRADE_PROBE;
    /* One of each rule tells more than the same again. */
    for (size_t i = 0; i < n && chosen < limit && chosen < VARIETY; i++)
        if (v[i].role == ROW_MAIN && v[i].f->grade >= least &&
            !has_rule(ret_chosen, chosen, v[i].rule))
            choose(&v[i], ret_chosen, &chosen);
    for (size_t i = 0; i < n && fill && chosen < limit; i++)
        if (v[i].role == ROW_MAIN && !v[i].shown && v[i].f->grade >= least)
            choose(&v[i], ret_chosen, &chosen);
    return chosen;
}
