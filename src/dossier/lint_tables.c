#include "dossier/lint_tables.h"

#define PRODUCT(l, p, ...)                                                                         \
    problem_add((l)->arena, (l)->problems, STR("dossier.yaml"), (p)->line, false, __VA_ARGS__)

/* Two dates of the same thing. A month agrees with each of its days. */
static bool dates_differ(int64_t a, bool a_month, int64_t b, bool b_month)
{
    if (a == TIME_NONE || b == TIME_NONE)
        return false;
    return at_latest(a, a_month) < b || at_latest(b, b_month) < a;
}

/* ---- products ---- */

static bool overlap(const struct product *a, const struct product *b)
{
    return build_cmp(&a->from, &b->to) < 0 && build_cmp(&b->from, &a->to) < 0;
}

static void products_lint(struct load *l)
{
    const struct dossier *d = l->d;
    for (size_t i = 0; i < d->n_products; i++) {
        const struct product *p = &d->product[i];
        if (p->esu_until_us != TIME_NONE && p->esu_until_us < p->end_of_support_us)
            PRODUCT(l, p, "product \"%.*s\": esu_until lies before end_of_support",
                    STR_FMT(p->name));
        if (p->follows.p && !product_named(d, p->follows))
            PRODUCT(l, p, "product \"%.*s\" follows \"%.*s\", which is not among the products",
                    STR_FMT(p->name), STR_FMT(p->follows));
        for (size_t k = 0; k < i && !d->draft; k++)
            if (overlap(p, &d->product[k]))
                PRODUCT(l, p, "products \"%.*s\" and \"%.*s\" overlap", STR_FMT(p->name),
                        STR_FMT(d->product[k].name));
    }
}

/* ---- builds.csv ---- */

static void build_pair(const struct tables *t, const struct product *p,
                       const struct known_build *low, const struct known_build *high)
{
    char a[BUILD_TEXT], b[BUILD_TEXT];
    bool noted = low->note.n || high->note.n;
    if (build_cmp(&low->build, &high->build) == 0) {
        if (!noted)
            ROW(t, "builds.csv", high, "%s of \"%.*s\" is listed twice, as \"%.*s\" in line %u",
                build_text(&high->build, a), STR_FMT(high->product), STR_FMT(low->update),
                (unsigned)low->line);
        return;
    }
    if (line_cmp(p, &low->build, &high->build) == 0 && !noted && high->released_us != TIME_NONE &&
        low->released_us != TIME_NONE &&
        at_latest(high->released_us, high->by_month) < low->released_us)
        ROW(t, "builds.csv", high, "%s was released before the lower %s (line %u)",
            build_text(&high->build, a), build_text(&low->build, b), (unsigned)low->line);
}

static void build_lint(const struct tables *t, const struct product *p, const struct known_build *k)
{
    char text[BUILD_TEXT];
    if (!p)
        ROW(t, "builds.csv", k, "\"%.*s\" is not among the products", STR_FMT(k->product));
    else if (product_of(t->load->d, &k->build) != p)
        ROW(t, "builds.csv", k, "%s lies outside the builds of \"%.*s\"",
            build_text(&k->build, text), STR_FMT(k->product));
    if (t->load->d->catalogue && k->source.n == 0)
        ROW(t, "builds.csv", k, "%s has no source", build_text(&k->build, text));
}

void builds_lint(const struct tables *t)
{
    const struct product *p = NULL;
    for (size_t i = 0; i < t->n_builds; i++) {
        const struct known_build *k = t->build[i];
        bool same = i > 0 && str_ieq(k->product, t->build[i - 1]->product);
        if (!same)
            p = product_named(t->load->d, k->product);
        build_lint(t, p, k);
        if (same && p)
            build_pair(t, p, t->build[i - 1], k);
    }
}

/* ---- fixes.csv ---- */

static void fix_needs(const struct tables *t, const struct fix *f)
{
    bool more = !str_eq(f->rule, STR("build"));
    if (more == (f->needs.p != NULL))
        return;
    ROW(t, "fixes.csv", f,
        more ? "rule \"%.*s\" without a word on what it needs"
             : "rule \"%.*s\" needs nothing else, but the row does",
        STR_FMT(f->rule));
}

/* Against builds.csv, where there is one. */
static void fix_build(const struct tables *t, const struct fix *f)
{
    char text[BUILD_TEXT];
    size_t first, n = tables_builds_of(t, f->product, &first);
    const struct known_build *k = tables_build(t, f->product, &f->build);
    int64_t earliest = TIME_NONE;
    for (size_t i = first; i < first + n && i < first + 16; i++) /* the lowest are the oldest */
        if (t->build[i]->released_us != TIME_NONE &&
            (earliest == TIME_NONE || t->build[i]->released_us < earliest))
            earliest = t->build[i]->released_us;
    (void)build_text(&f->build, text);
    if (!k)
        ROW(t, "fixes.csv", f, "%s of \"%.*s\" is not in builds.csv", text, STR_FMT(f->product));
    else if (!f->note.n && !k->note.n &&
             dates_differ(f->released_us, f->by_month, k->released_us, k->by_month))
        ROW(t, "fixes.csv", f, "%s has another date in builds.csv, line %u", text,
            (unsigned)k->line);
    if (f->released_us != TIME_NONE && earliest != TIME_NONE &&
        at_latest(f->released_us, f->by_month) < earliest)
        ROW(t, "fixes.csv", f, "the fix of \"%.*s\" is older than \"%.*s\" itself", STR_FMT(f->cve),
            STR_FMT(f->product));
}

static void fix_pair(const struct tables *t, const struct fix *low, const struct fix *high)
{
    const struct product *p = product_named(t->load->d, high->product);
    char a[BUILD_TEXT], b[BUILD_TEXT];
    bool same = str_ieq(low->cve, high->cve) && str_ieq(low->product, high->product);
    if (!same || !p || line_cmp(p, &low->build, &high->build) != 0)
        return;
    if (build_cmp(&low->build, &high->build) == 0)
        ROW(t, "fixes.csv", high, "the fix of \"%.*s\" is listed twice, see line %u",
            STR_FMT(high->cve), (unsigned)low->line);
    else if (!low->note.n || !high->note.n)
        ROW(t, "fixes.csv", high, "\"%.*s\" is fixed in %s, and in %s of the same line (line %u)",
            STR_FMT(high->cve), build_text(&high->build, a), build_text(&low->build, b),
            (unsigned)low->line);
}

static void fixes_lint(const struct tables *t)
{
    bool catalogue = t->load->d->catalogue;
    for (size_t i = 0; i < t->n_fixes; i++) {
        const struct fix *f = t->fix[i];
        if (t->n_builds)
            fix_build(t, f);
        if (i > 0)
            fix_pair(t, t->fix[i - 1], f);
        if (catalogue)
            fix_needs(t, f);
        if (catalogue && f->source.n == 0)
            ROW(t, "fixes.csv", f, "the fix of \"%.*s\" has no source", STR_FMT(f->cve));
    }
}

enum err tables_lint(struct load *l)
{
    struct tables t;
    TRY(tables_sort(l, &t));
    products_lint(l);
    builds_lint(&t);
    fixes_lint(&t);
    facts_lint(&t);
    settings_lint(&t);
    gaps_lint(&t);
    return OK;
}
