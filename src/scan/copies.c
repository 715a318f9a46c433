#include "scan/copies.h"

#include <stdlib.h>

/* A file with what must be equal in copies; text is the SHA-256 of its text, "" if not known. */
struct candidate {
    const struct file_fact *fact;
    struct str path; /* on its host, of what is no log: elsewhere it is another one */
    uint32_t file;
    bool read_again;
    const char *text;
};

static int order_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* 0 if one may be a copy of the other. Nothing that depends on the borders of blocks, which differ
 * for packed files, is compared. */
static int alike(const struct candidate *a, const struct candidate *b)
{
    const struct file_fact *x = a->fact, *y = b->fact;
    int c = str_cmp(x->host, y->host);
    if (!c)
        c = str_cmp(x->kind, y->kind);
    if (!c)
        c = str_cmp(a->path, b->path);
    if (!c)
        c = order_u64(x->lines, y->lines);
    if (!c)
        c = order_u64((uint64_t)x->first_us, (uint64_t)y->first_us);
    if (!c)
        c = order_u64((uint64_t)x->last_us, (uint64_t)y->last_us);
    return c ? c : order_u64(x->n_hours, y->n_hours);
}

static int by_likeness(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    int c = alike(x, y);
    if (!c)
        c = strcmp(x->text, y->text);
    return c ? c : order_u64(x->file, y->file);
}

static size_t run_end(const struct candidate *v, size_t n, size_t from)
{
    size_t to = from + 1;
    while (to < n && alike(&v[from], &v[to]) == 0)
        to++;
    return to;
}

/* Of files that look alike: are their hashes those of their texts, or all the same anyway? */
static bool hashes_tell(const struct candidate *v, size_t n)
{
    bool plain = true, same = true;
    for (size_t i = 0; i < n; i++) {
        plain = plain && v[i].fact->sha256[0] && !v[i].fact->packed;
        same = same && v[i].fact->sha256[0] && !strcmp(v[i].fact->sha256, v[0].fact->sha256);
    }
    return plain || same;
}

static bool wanted(void *ctx, const struct pass_file *f)
{
    const bool *again = ctx;
    return again[f->fact.file]; /* both passes list the same files */
}

/* Reads candidates once more, for the hashes of their texts. */
static enum err read_texts(struct pass *first, struct candidate *v, size_t n, struct error *error)
{
    struct pass second = {0};
    struct ruleset set = {.logsources = first->set->logsources,
                          .since_us = TIME_NONE,
                          .until_us = TIME_NONE,
                          .digest = true};
    struct scan_options options = *first->options;
    bool *again = arena_new_n(first->arena, bool, first->n_files + 1);
    if (!again)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        again[v[i].file] = v[i].read_again;
    options.no_hash = false;
    enum err rc =
        pass_init(&second, first->arena, &options, &set, first->tree, first->listing, error);
    if (!rc)
        rc = pass_run(&second, wanted, again, error);
    for (size_t i = 0; i < n && !rc; i++) {
        const struct pass_file *f = &second.file[v[i].file];
        struct str sha = f->recognised && !f->changed ? str_of(f->fact.sha256) : STR("");
        if (v[i].read_again && !(v[i].text = arena_str(first->arena, sha).p))
            rc = ERR_NOMEM;
    }
    first->interrupted |= second.interrupted;
    pass_done(&second);
    return rc;
}

static enum err candidates(struct pass *p, const struct facts *facts, struct candidate **ret_v,
                           size_t *ret_n, bool *ret_unsure)
{
    struct candidate *v = *ret_v = calloc(p->n_files + 1, sizeof *v);
    size_t n = 0;
    if (!v)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < p->n_files; i++) {
        const struct file_fact *f = &facts->file[i];
        struct str path = kind_is_state(f->kind) ? listed_path(p->file[i].in) : STR("");
        if (f->kind.n && f->records)
            v[n++] = (struct candidate){f, path, i, false, f->sha256};
    }
    if (n)
        qsort(v, n, sizeof *v, by_likeness);
    *ret_unsure = false;
    for (size_t i = 0, to; i < n; i = to) {
        to = run_end(v, n, i);
        if (to == i + 1 || hashes_tell(v + i, to - i))
            continue;
        *ret_unsure = true;
        for (size_t k = i; k < to; k++) {
            v[k].read_again = p->file[v[k].file].in->entry->size_bytes > 0; /* 0: a pipe */
            v[k].text = "";
        }
    }
    *ret_n = n;
    return OK;
}

/* Marks copies; first[i] becomes the file that file i repeats. */
static size_t mark_copies(struct facts *facts, struct candidate *v, size_t n, uint32_t *first)
{
    size_t copies = 0;
    if (n)
        qsort(v, n, sizeof *v, by_likeness);
    for (size_t i = 1; i < n; i++) {
        if (!v[i].text[0] || alike(&v[i - 1], &v[i]) != 0 || strcmp(v[i - 1].text, v[i].text) != 0)
            continue;
        first[v[i].file] = first[v[i - 1].file];
        facts->file[v[i].file].copy = true;
        copies++;
    }
    return copies;
}

static enum err tell_uncounted(struct pass *p)
{
    struct pass_gap g = {UINT32_MAX,
                         {.reason = STR("limit"),
                          .detail = STR("very many findings: files that were supplied more than "
                                        "once are counted more than once in them")}};
    enum err rc = vec_push(&p->gap, g, 1000 * 1000);
    return rc == ERR_LIMIT ? OK : rc;
}

/* What each file repeats, itself at first. *ret_n: of how many that is another one. */
static enum err find(struct pass *p, struct facts *facts, uint32_t *first, size_t *ret_n,
                     struct error *error)
{
    struct candidate *v;
    size_t n;
    bool unsure;
    enum err rc = candidates(p, facts, &v, &n, &unsure);
    if (!rc && unsure && !p->interrupted)
        rc = read_texts(p, v, n, error);
    if (!rc)
        *ret_n = mark_copies(facts, v, n, first);
    free(v);
    return rc;
}

enum err copies_find(struct pass *p, struct facts *facts, struct error *error)
{
    size_t n;
    bool taken = true;
    uint32_t *first = arena_new_n(p->arena, uint32_t, p->n_files + 1);
    if (!first)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < p->n_files; i++)
        first[i] = i;
    TRY(find(p, facts, first, &n, error));
    if (!n)
        return OK;
    for (size_t i = p->n_files; i < facts->n_files; i++)
        facts->file[i].copy = facts->file[facts->file[i].file].copy;
    TRY(hits_take_back(&p->hits, first, &taken));
    return taken ? OK : tell_uncounted(p);
}
