#include "scan/yara_priv.h"

#include <stdlib.h>

struct yara_watch {
    const struct yara_set *set;
    struct yara_find *find;
    const struct yara_class *kind; /* NULL until the first bytes are known */
    const struct yara_facts *facts;
    uint64_t size;
    unsigned char head[YARA_GATE_HEAD_BYTES];
    size_t head_n;
    uint32_t *mark; /* a rule each: the file that it was asked for last */
    uint32_t file;
    uint32_t *rule;
    size_t n_rules;
};

/* ---- names of files ---- */

static struct str upto_zero(struct str s)
{
    const char *zero = s.n ? memchr(s.p, 0, s.n) : NULL;
    return zero ? str_make(s.p, (size_t)(zero - s.p)) : s;
}

void yara_externals(const struct yara_facts *facts, struct str ret_external[YARA_EXTERNALS])
{
    ret_external[YARA_FILENAME] = upto_zero(facts->filename);
    ret_external[YARA_FILEPATH] = upto_zero(facts->filepath);
    ret_external[YARA_EXTENSION] = upto_zero(facts->extension);
    ret_external[YARA_FILETYPE] = upto_zero(facts->filetype);
    ret_external[YARA_OWNER] = upto_zero(facts->owner);
    ret_external[YARA_MD5] = upto_zero(facts->md5);
}

struct yara_facts yara_facts_of_path(struct str path)
{
    struct yara_facts facts = {.filepath = path,
                               .filename = path,
                               .extension = STR(""),
                               .filetype = STR(""),
                               .owner = STR(""),
                               .md5 = STR("")};
    ptrdiff_t slash = str_rchr(path, '/'), back = str_rchr(path, '\\');
    slash = slash > back ? slash : back;
    facts.filename = str_sub(path, (size_t)(slash + 1), path.n);
    ptrdiff_t dot = str_rchr(facts.filename, '.');
    if (dot >= 0)
        facts.extension = str_sub(facts.filename, (size_t)dot, facts.filename.n);
    return facts;
}

/* ---- reading ---- */

enum err yara_watch_new(const struct yara_set *set, struct yara_watch **ret_watch)
{
    struct yara_watch *w = *ret_watch = calloc(1, sizeof *w);
    if (!w)
        return ERR_NOMEM;
    w->set = set;
    w->mark = calloc(set->gate.n_rules + 1, sizeof *w->mark);
    w->rule = calloc(set->gate.n_rules + 1, sizeof *w->rule);
    if (!w->mark || !w->rule || yara_find_new(set->gate.n_lits, &w->find) != OK) {
        *ret_watch = yara_watch_free(w);
        return ERR_NOMEM;
    }
    return OK;
}

struct yara_watch *yara_watch_free(struct yara_watch *w)
{
    if (w) {
        yara_find_free(w->find);
        free(w->mark);
        free(w->rule);
    }
    free(w);
    return NULL;
}

void yara_watch_begin(struct yara_watch *w, const struct yara_facts *facts)
{
    w->facts = facts;
    w->kind = NULL;
    w->size = 0;
    w->head_n = w->n_rules = 0;
    w->find->n = 0;
}

/* Looks at what was taken; the first time it is known of which kind the file is. */
static void scan(struct yara_watch *w)
{
    if (!w->kind) {
        struct yara_find *find = w->find;
        size_t n = find->n;
        w->kind = w->set->kind[yara_kind_of(w->head, w->head_n)];
        yara_find_begin(find, w->kind->assumed);
        find->n = n;
    }
    yara_find_scan(w->find, w->kind->finder);
}

void yara_watch_bytes(struct yara_watch *w, struct str bytes)
{
    size_t head = sizeof w->head - w->head_n;
    head = bytes.n < head ? bytes.n : head;
    if (head)
        memcpy(w->head + w->head_n, bytes.p, head);
    w->head_n += head;
    w->size += bytes.n;
    while (bytes.n) {
        size_t n = yara_find_take(w->find, bytes);
        bytes = str_sub(bytes, n, bytes.n);
        if (bytes.n)
            scan(w);
    }
}

/* ---- judging ---- */

static void ask(struct yara_watch *w, const struct yara_view *view, uint32_t rule)
{
    if (w->mark[rule] == w->file || !w->kind->in[rule])
        return;
    w->mark[rule] = w->file;
    if (yara_gate_ask(&w->set->gate, rule, view))
        w->rule[w->n_rules++] = rule;
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void all_rules(struct yara_watch *w)
{
    w->n_rules = 0;
    for (uint32_t i = 0; i < w->set->gate.n_rules; i++)
        w->rule[w->n_rules++] = i;
}

static void next_file(struct yara_watch *w)
{
    if (++w->file == 0) { /* after four thousand million files */
        memset(w->mark, 0, w->set->gate.n_rules * sizeof *w->mark);
        w->file = 1;
    }
}

enum err yara_watch_end(struct yara_watch *w, bool whole, struct yara_candidates *ret_candidates)
{
    struct yara_find *find = w->find;
    scan(w);
    next_file(w);
    if (!whole)
        all_rules(w);
    else {
        struct yara_view view = {.literals = YARA_SEEN_MAP,
                                 .seen = find->seen,
                                 .size_min = w->size,
                                 .size_max = w->size,
                                 .head = w->head,
                                 .head_n = w->head_n,
                                 .probe = w->kind->probe};
        yara_externals(w->facts, view.external);
        for (int i = 0; i < YARA_EXTERNALS; i++)
            view.external_known[i] = view.external[i].p != NULL;
        for (size_t i = 0; i < w->kind->n_undecided; i++)
            ask(w, &view, w->kind->undecided[i]);
        for (size_t i = 0; i < find->n_list; i++)
            for (uint32_t k = w->set->rules_at[find->list[i]];
                 k < w->set->rules_at[find->list[i] + 1]; k++)
                ask(w, &view, w->set->rules_of[k]);
    }
    qsort(w->rule, w->n_rules, sizeof *w->rule, compare);
    if (w->n_rules)
        qsort(find->list, find->n_list, sizeof *find->list, compare);
    *ret_candidates = (struct yara_candidates){w->rule, w->n_rules, find->list,
                                               w->n_rules ? find->n_list : 0, !whole};
    return OK;
}

/* ---- messages ---- */

static void put_numbers(struct buf *b, const uint32_t *v, size_t n)
{
    wr_u32(b, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        wr_u32(b, v[i]);
}

void yara_candidates_put(struct buf *b, const struct yara_candidates *c)
{
    wr_u8(b, c->unread);
    put_numbers(b, c->rule, c->n_rules);
    put_numbers(b, c->seen, c->n_seen);
}

static enum err take_numbers(struct rd *r, struct arena *arena, size_t below,
                             const uint32_t **ret_v, size_t *ret_n)
{
    *ret_n = rd_u32(r);
    if (r->rc || *ret_n > rd_left(r) / 4 || *ret_n > below)
        return ERR_FORMAT;
    uint32_t *v = arena_new_n(arena, uint32_t, *ret_n + 1);
    if (!v)
        return ERR_NOMEM;
    for (size_t i = 0; i < *ret_n; i++) {
        v[i] = rd_u32(r);
        if (v[i] >= below || (i && v[i] <= v[i - 1]))
            return ERR_FORMAT;
    }
    *ret_v = v;
    return OK;
}

enum err yara_candidates_take(struct rd *r, struct arena *arena, const struct yara_set *set,
                              struct yara_candidates *ret_candidates)
{
    struct yara_candidates *c = ret_candidates;
    *c = (struct yara_candidates){.unread = rd_u8(r) != 0};
    TRY(take_numbers(r, arena, set->gate.n_rules, &c->rule, &c->n_rules));
    TRY(take_numbers(r, arena, set->gate.n_lits, &c->seen, &c->n_seen));
    return r->rc;
}
