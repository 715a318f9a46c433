#include "dossier/lint_tables.h"

/* Without case, as str_ieq sees names: an order of its own, so that equal ones stand together. */
static int by_name(struct str a, struct str b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        int c = ascii_lower((unsigned char)a.p[i]) - ascii_lower((unsigned char)b.p[i]);
        if (c)
            return c;
    }
    return (a.n > b.n) - (a.n < b.n);
}

static int by_line(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int by_build(const void *a, const void *b)
{
    const struct known_build *x = *(const struct known_build *const *)a,
                             *y = *(const struct known_build *const *)b;
    int c = by_name(x->product, y->product);
    c = c ? c : build_cmp(&x->build, &y->build);
    return c ? c : by_line(x->line, y->line);
}

static int by_fix(const void *a, const void *b)
{
    const struct fix *x = *(const struct fix *const *)a, *y = *(const struct fix *const *)b;
    int c = by_name(x->cve, y->cve);
    c = c ? c : by_name(x->product, y->product);
    c = c ? c : build_cmp(&x->build, &y->build);
    return c ? c : by_line(x->line, y->line);
}

static int by_cve(const void *a, const void *b)
{
    const struct cve_fact *x = *(const struct cve_fact *const *)a,
                          *y = *(const struct cve_fact *const *)b;
    int c = by_name(x->cve, y->cve);
    return c ? c : by_line(x->line, y->line);
}

enum err tables_sort(struct load *load, struct tables *ret_tables)
{
    const struct dossier *d = load->d;
    struct tables *t = ret_tables;
    *t = (struct tables){
        .load = load, .n_builds = d->n_known, .n_fixes = d->n_fixes, .n_facts = d->n_facts};
    t->build = arena_new_n(load->arena, const struct known_build *, t->n_builds + 1);
    t->fix = arena_new_n(load->arena, const struct fix *, t->n_fixes + 1);
    t->fact = arena_new_n(load->arena, const struct cve_fact *, t->n_facts + 1);
    if (!t->build || !t->fix || !t->fact)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->n_builds; i++)
        t->build[i] = &d->known[i];
    for (size_t i = 0; i < t->n_fixes; i++)
        t->fix[i] = &d->fix[i];
    for (size_t i = 0; i < t->n_facts; i++)
        t->fact[i] = &d->fact[i];
    qsort(t->build, t->n_builds, sizeof(void *), by_build);
    qsort(t->fix, t->n_fixes, sizeof(void *), by_fix);
    qsort(t->fact, t->n_facts, sizeof(void *), by_cve);
    return OK;
}

/* The first row that is not before the product and build. */
static size_t build_at(const struct tables *t, struct str product, const struct build *build)
{
    struct known_build wanted = {.product = product, .build = *build};
    const struct known_build *key = &wanted;
    size_t low = 0, high = t->n_builds;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (by_build(&t->build[mid], &key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

size_t tables_builds_of(const struct tables *t, struct str product, size_t *ret_first)
{
    static const struct build lowest = {{-1, -1, -1, -1}},
                              above = {{INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX}};
    *ret_first = build_at(t, product, &lowest);
    return build_at(t, product, &above) - *ret_first;
}

const struct known_build *tables_build(const struct tables *t, struct str product,
                                       const struct build *build)
{
    size_t i = build_at(t, product, build);
    bool same = i < t->n_builds && str_ieq(t->build[i]->product, product) &&
                build_cmp(&t->build[i]->build, build) == 0;
    return same ? t->build[i] : NULL;
}

size_t tables_fix_at(const struct tables *t, const struct fix *key)
{
    size_t low = 0, high = t->n_fixes;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (by_fix(&t->fix[mid], &key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct cve_fact *tables_fact(const struct tables *t, struct str cve)
{
    size_t low = 0, high = t->n_facts;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (by_name(t->fact[mid]->cve, cve) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->n_facts && str_ieq(t->fact[low]->cve, cve) ? t->fact[low] : NULL;
}

const char *build_text(const struct build *b, char ret_text[BUILD_TEXT])
{
    size_t n = 0;
    ret_text[0] = 0;
    for (int i = 0; i < 4 && b->part[i] >= 0; i++)
        n += (size_t)snprintf(ret_text + n, BUILD_TEXT - n, i ? ".%d" : "%d", (int)b->part[i]);
    return ret_text;
}
