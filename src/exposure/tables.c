#include "exposure/tables.h"

#include "base/map.h"

#include <stdlib.h>

enum { PRODUCTS_MAX = 4096, CVES_MAX = 1 << 20 };

/* While the tables are made. */
struct making {
    struct tables *t;
    struct arena *arena;
    const struct dossier *dossier;
    size_t n;
    struct map product, cve;
};

static int64_t earlier(int64_t a, int64_t b)
{
    return a == TIME_NONE ? b : b == TIME_NONE ? a : a < b ? a : b;
}

/* --- products --- */

static enum err add_products(struct making *m)
{
    size_t most = 0;
    for (size_t i = 0; i < m->n; i++)
        most += m->dossier[i].n_products;
    m->t->product = arena_new_n(m->arena, struct table_product, most + 1);
    if (!m->t->product)
        return ERR_NOMEM;
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; k < m->dossier[i].n_products; k++) {
            const struct product *facts = &m->dossier[i].product[k];
            uint32_t id;
            bool is_new;
            TRY(map_intern(&m->product, facts->name, &id, &is_new));
            struct table_product *p = &m->t->product[id];
            if (is_new)
                *p = (struct table_product){.name = facts->name, .first_us = TIME_NONE};
            if (is_new || m->dossier[i].catalogue) /* a catalogue knows more of it */
                p->facts = facts;
            p->catalogued |= m->dossier[i].catalogue;
            m->t->n_products = m->product.n;
        }
    return OK;
}

static int by_build(const void *a, const void *b)
{
    const struct known_build *const *x = a, *const *y = b;
    return build_cmp(&(*x)->build, &(*y)->build);
}

/* Each build once, with its date if any table has one. */
static enum err add_builds(struct making *m, struct table_product *p)
{
    size_t most = 0, n = 0;
    for (size_t i = 0; i < m->n; i++)
        most += m->dossier[i].n_known;
    p->build = arena_new_n(m->arena, const struct known_build *, most + 1);
    if (!p->build)
        return ERR_NOMEM;
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; k < m->dossier[i].n_known; k++)
            if (str_eq(m->dossier[i].known[k].product, p->name))
                p->build[n++] = &m->dossier[i].known[k];
    qsort(p->build, n, sizeof(void *), by_build);
    for (size_t i = 0; i < n; i++) {
        p->first_us = earlier(p->first_us, p->build[i]->released_us);
        if (p->n_builds && !build_cmp(&p->build[p->n_builds - 1]->build, &p->build[i]->build)) {
            if (p->build[p->n_builds - 1]->released_us == TIME_NONE)
                p->build[p->n_builds - 1] = p->build[i];
            continue;
        }
        p->build[p->n_builds++] = p->build[i];
    }
    return OK;
}

/* --- CVEs --- */

static int by_id(const void *a, const void *b)
{
    const struct table_cve *x = a, *y = b;
    return str_cmp(x->id, y->id);
}

static enum err see_cve(struct making *m, struct str id)
{
    return map_intern(&m->cve, id, &(uint32_t){0}, NULL);
}

static enum err see_cves(struct making *m)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct dossier *d = &m->dossier[i];
        for (size_t k = 0; k < d->n_fixes; k++)
            TRY(see_cve(m, d->fix[k].cve));
        for (size_t k = 0; k < d->n_facts; k++)
            TRY(see_cve(m, d->fact[k].cve));
        for (size_t k = 0; k < d->cves.n; k++)
            TRY(see_cve(m, d->cves.v[k]));
    }
    return OK;
}

/* "9.1 (v3.1)": the number and its version. */
static void add_score(struct table_cve *c, struct str text)
{
    struct str number = STR(""), version = text;
    (void)str_cut(&version, ' ', &number);
    double score;
    if (c->cvss != 0 || !str_double(number, &score) || !(score > 0 && score <= 10))
        return;
    c->cvss = score;
    if (str_starts(version, STR("(v")) && version.p[version.n - 1] == ')')
        c->cvss_version = str_sub(version, 2, version.n - 1);
}

static void add_fact(struct table_cve *c, const struct cve_fact *f)
{
    if (!c->title.n)
        c->title = f->title;
    add_score(c, f->cvss);
    c->published_us = earlier(c->published_us, f->published_us);
    c->kev_us = earlier(c->kev_us, f->kev_added_us);
    c->exploited_us = earlier(c->exploited_us, f->exploited_since_us);
    c->ransomware |= str_ieq(f->kev_ransomware, STR("Known"));
}

static struct table_cve *cve_of(const struct making *m, struct str id)
{
    int i = tables_cve(m->t, id);
    return i < 0 ? NULL : &m->t->cve[i];
}

/* The affairs, and what their dossiers say of CVEs. */
static void add_matters(struct making *m)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct dossier *d = &m->dossier[i];
        if (d->window_from_us == TIME_NONE || d->catalogue || m->t->n_matters == MATTERS_MAX)
            continue;
        uint32_t bit = 1u << m->t->n_matters;
        m->t->matter[m->t->n_matters++] = (struct matter){d, d->window_from_us};
        for (size_t k = 0; k < d->fix_cves.n; k++) {
            struct table_cve *c = cve_of(m, d->fix_cves.v[k]);
            if (c)
                c->matters |= bit;
        }
        for (size_t k = 0; k < d->cves.n; k++) {
            struct table_cve *c = cve_of(m, d->cves.v[k]);
            if (c && !c->title.n && k < d->cve_titles.n)
                c->title = d->cve_titles.v[k];
            if (c)
                c->exploited_us = earlier(c->exploited_us, d->window_from_us);
        }
    }
}

static enum err add_cves(struct making *m)
{
    struct tables *t = m->t;
    TRY(see_cves(m));
    t->cve = arena_new_n(m->arena, struct table_cve, m->cve.n + 1);
    if (!t->cve)
        return ERR_NOMEM;
    for (size_t i = 0; i < m->cve.cap; i++)
        if (m->cve.slot[i].key.p)
            t->cve[t->n_cves++] = (struct table_cve){.id = m->cve.slot[i].key,
                                                     .published_us = TIME_NONE,
                                                     .kev_us = TIME_NONE,
                                                     .due_us = TIME_NONE,
                                                     .exploited_us = TIME_NONE};
    qsort(t->cve, t->n_cves, sizeof *t->cve, by_id);
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; k < m->dossier[i].n_facts; k++)
            add_fact(cve_of(m, m->dossier[i].fact[k].cve), &m->dossier[i].fact[k]);
    add_matters(m);
    return OK;
}

/* --- fixes --- */

static int by_cve_and_build(const void *a, const void *b)
{
    const struct fix *x = *(const struct fix *const *)a, *y = *(const struct fix *const *)b;
    int by = str_cmp(x->cve, y->cve);
    return by ? by : build_cmp(&x->build, &y->build);
}

/* Since when the hole is there: of all rows the oldest. A row that does not say means always. */
static struct build oldest_affected(const struct fix **from, size_t n)
{
    struct build oldest = from[0]->affected_from;
    for (size_t i = 1; i < n; i++)
        if (build_cmp(&from[i]->affected_from, &oldest) < 0) /* unknown parts are below all */
            oldest = from[i]->affected_from;
    return oldest;
}

static enum err add_list(struct making *m, struct table_product *p, const struct fix **from,
                         size_t n)
{
    struct table_cve *c = cve_of(m, from[0]->cve);
    struct fix_list *list = &p->list[p->n_lists++];
    *list = (struct fix_list){.cve = (uint32_t)(c - m->t->cve),
                              .affected_from = oldest_affected(from, n)};
    list->fix = arena_new_n(m->arena, const struct fix *, n);
    if (!list->fix)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        if (list->n && !build_cmp(&list->fix[list->n - 1]->build, &from[i]->build)) {
            if (from[i]->needs.n && !list->fix[list->n - 1]->needs.n)
                list->fix[list->n - 1] = from[i];
            continue;
        }
        list->fix[list->n++] = from[i];
        c->published_us = earlier(c->published_us, from[i]->released_us);
        if (from[i]->released_us != TIME_NONE && from[i]->released_us > m->t->as_of_us)
            m->t->as_of_us = from[i]->released_us;
    }
    return OK;
}

static enum err add_fixes(struct making *m, struct table_product *p)
{
    size_t most = 0, n = 0;
    for (size_t i = 0; i < m->n; i++)
        most += m->dossier[i].n_fixes;
    const struct fix **all = arena_new_n(m->arena, const struct fix *, most + 1);
    p->list = arena_new_n(m->arena, struct fix_list, m->t->n_cves + 1);
    if (!all || !p->list)
        return ERR_NOMEM;
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; k < m->dossier[i].n_fixes; k++)
            if (str_eq(m->dossier[i].fix[k].product, p->name))
                all[n++] = &m->dossier[i].fix[k];
    qsort(all, n, sizeof(void *), by_cve_and_build);
    for (size_t from = 0, to; from < n; from = to) {
        to = from + 1;
        while (to < n && str_eq(all[to]->cve, all[from]->cve))
            to++;
        TRY(add_list(m, p, all + from, to - from));
    }
    return OK;
}

/* --- settings --- */

static int by_setting(const void *a, const void *b)
{
    const struct setting_row *const *x = a, *const *y = b;
    int by = str_cmp((*x)->setting, (*y)->setting);
    by = by ? by : str_cmp((*x)->cve, (*y)->cve);
    return by ? by : str_cmp((*x)->where, (*y)->where);
}

static enum err add_settings(struct making *m)
{
    size_t most = 0, n = 0;
    for (size_t i = 0; i < m->n; i++)
        most += m->dossier[i].n_settings;
    m->t->setting = arena_new_n(m->arena, const struct setting_row *, most + 1);
    if (!m->t->setting)
        return ERR_NOMEM;
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; k < m->dossier[i].n_settings; k++)
            m->t->setting[n++] = &m->dossier[i].setting[k];
    qsort(m->t->setting, n, sizeof(void *), by_setting);
    m->t->n_settings = n;
    return OK;
}

enum err tables_make(const struct dossier *dossier, size_t n, struct arena *arena,
                     struct tables *ret_tables)
{
    struct making m = {.t = ret_tables, .arena = arena, .dossier = dossier, .n = n};
    *ret_tables = (struct tables){.as_of_us = TIME_NONE};
    map_init(&m.product, arena, PRODUCTS_MAX);
    map_init(&m.cve, arena, CVES_MAX);
    enum err rc = add_products(&m);
    if (!rc)
        rc = add_cves(&m);
    if (!rc)
        rc = add_settings(&m);
    for (size_t i = 0; !rc && i < n; i++)
        if (dossier[i].as_of_us != TIME_NONE && dossier[i].as_of_us > ret_tables->as_of_us)
            ret_tables->as_of_us = dossier[i].as_of_us;
    for (size_t i = 0; !rc && i < ret_tables->n_products; i++) {
        rc = add_builds(&m, &ret_tables->product[i]);
        if (!rc)
            rc = add_fixes(&m, &ret_tables->product[i]);
    }
    map_done(&m.product);
    map_done(&m.cve);
    return rc;
}

/* --- finding --- */

/* Versions of three numbers are too common to tell a product by. */
static bool tells_itself(const struct table_product *p)
{
    return p->facts->from.part[0] >= 0 && p->facts->from.part[3] >= 0;
}

/* Has it a build that begins so? Its range alone is wider than what was ever released. */
static bool begins_so(const struct table_product *p, const struct build *b)
{
    for (size_t i = 0; i < p->n_builds; i++)
        if (p->build[i]->build.part[0] == b->part[0] && p->build[i]->build.part[1] == b->part[1])
            return true;
    return false;
}

bool tables_has(const struct table_product *p, const struct build *build)
{
    struct build b = *build, from = p->facts->from, to = p->facts->to;
    for (int i = 0; i < 4; i++) {
        if (b.part[i] >= 0 && from.part[i] < 0)
            return false; /* more numbers than its builds have */
        b.part[i] = b.part[i] < 0 ? 0 : b.part[i];
        from.part[i] = from.part[i] < 0 ? 0 : from.part[i];
        to.part[i] = to.part[i] < 0 ? 0 : to.part[i];
    }
    return build_cmp(&from, &b) <= 0 && build_cmp(&b, &to) < 0;
}

const struct table_product *tables_by_build(const struct tables *t, const struct build *build)
{
    for (size_t i = 0; build->part[0] >= 0 && i < t->n_products; i++) {
        const struct table_product *p = &t->product[i];
        if (tells_itself(p) && tables_has(p, build) && begins_so(p, build))
            return p;
    }
    return NULL;
}

static bool word_byte(char c)
{
    return ascii_alpha((unsigned char)c) || ascii_digit((unsigned char)c) ||
           (unsigned char)c >= 0x80;
}

/* Letters and digits only, without case: "Exchange_Server-2016" is "exchange server 2016". */
static bool same_words(struct str a, struct str b)
{
    size_t i = 0, k = 0;
    for (;;) {
        while (i < a.n && !word_byte(a.p[i]))
            i++;
        while (k < b.n && !word_byte(b.p[k]))
            k++;
        if (i == a.n || k == b.n)
            return i == a.n && k == b.n;
        if (ascii_lower((unsigned char)a.p[i++]) != ascii_lower((unsigned char)b.p[k++]))
            return false;
    }
}

static bool is_called(const struct table_product *p, struct str name)
{
    if (same_words(p->name, name))
        return true;
    for (size_t i = 0; i < p->facts->names.n; i++)
        if (same_words(p->facts->names.v[i], name))
            return true;
    return false;
}

const struct table_product *tables_by_name(const struct tables *t, struct str name)
{
    const struct table_product *found = NULL;
    for (size_t i = 0; i < t->n_products; i++)
        if (is_called(&t->product[i], name)) {
            if (found)
                return NULL;
            found = &t->product[i];
        }
    return found;
}

/* The next word of letters and digits; false behind the last. */
static bool next_word(struct str *rest, struct str *ret_word)
{
    size_t from = 0, to;
    while (from < rest->n && !word_byte(rest->p[from]))
        from++;
    for (to = from; to < rest->n && word_byte(rest->p[to]);)
        to++;
    *ret_word = str_sub(*rest, from, to);
    *rest = str_sub(*rest, to, rest->n);
    return ret_word->n > 0;
}

/* Is one the beginning of the other, word by word? */
static bool begin_alike(struct str a, struct str b)
{
    struct str one, other;
    bool any = false;
    while (next_word(&a, &one) && next_word(&b, &other)) {
        if (!str_ieq(one, other))
            return false;
        any = true;
    }
    return any;
}

bool tables_may_mean(const struct tables *t, const struct table_product *p, struct str name)
{
    for (size_t i = 0; i < t->n_products; i++) {
        const struct product *q = t->product[i].facts;
        bool sibling = q == p->facts || (q->cpe.n && str_eq(q->cpe, p->facts->cpe));
        if (sibling && begin_alike(q->name, name))
            return true;
        for (size_t k = 0; sibling && k < q->names.n; k++)
            if (begin_alike(q->names.v[k], name))
                return true;
    }
    return false;
}

int tables_cve(const struct tables *t, struct str id)
{
    char upper[32];
    size_t low = 0, high = t->n_cves;
    if (id.n > sizeof upper)
        return -1;
    for (size_t i = 0; i < id.n; i++)
        upper[i] = id.p[i] >= 'a' && id.p[i] <= 'z' ? (char)(id.p[i] - 'a' + 'A') : id.p[i];
    id = str_make(upper, id.n);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int by = str_cmp(t->cve[middle].id, id);
        if (by == 0)
            return (int)middle;
        if (by < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

const struct fix_list *tables_fixes(const struct table_product *p, uint32_t cve)
{
    size_t low = 0, high = p->n_lists;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->list[middle].cve == cve)
            return &p->list[middle];
        if (p->list[middle].cve < cve)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
