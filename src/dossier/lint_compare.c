#include "dossier/lint.h"
#include "dossier/lint_tables.h"

/* Two dossiers, one looked through row by row, the other sorted. */
struct comparison {
    struct arena *arena;
    struct dossier_problems *problems;
    const struct dossier *a;
    struct load other; /* of b: what tables_sort wants */
    struct tables b;
};

#define DIFFERS(c, name, at, ...)                                                                  \
    problem_add((c)->arena, (c)->problems, STR(name), at, false, __VA_ARGS__)

static void product_compare(const struct comparison *c, const struct product *p)
{
    const struct product *q = product_named(c->other.d, p->name);
    if (!q || q->from.part[0] < 0 || p->from.part[0] < 0)
        return;
    if (build_cmp(&p->from, &q->from) != 0 || build_cmp(&p->to, &q->to) != 0)
        DIFFERS(c, "dossier.yaml", p->line, "product \"%.*s\" has other builds than in %.*s",
                STR_FMT(p->name), STR_FMT(c->other.d->id));
    if (p->end_of_support_us != q->end_of_support_us && p->end_of_support_us != TIME_NONE &&
        q->end_of_support_us != TIME_NONE)
        DIFFERS(c, "dossier.yaml", p->line,
                "product \"%.*s\" has another end_of_support than in %.*s", STR_FMT(p->name),
                STR_FMT(c->other.d->id));
}

static void build_compare(const struct comparison *c, const struct known_build *k)
{
    char text[BUILD_TEXT];
    const struct known_build *same = tables_build(&c->b, k->product, &k->build);
    if (!same || k->note.n || same->note.n || k->by_month || same->by_month ||
        k->released_us == same->released_us || k->released_us == TIME_NONE ||
        same->released_us == TIME_NONE)
        return;
    DIFFERS(c, "builds.csv", k->line, "%s has another date than in %.*s, line %u",
            build_text(&k->build, text), STR_FMT(c->other.d->id), (unsigned)same->line);
}

/* The other's rows of the CVE and product: the first of them. */
static size_t fix_at(const struct tables *t, const struct fix *f)
{
    struct fix key = *f;
    key.build = (struct build){{-1, -1, -1, -1}};
    key.line = 0;
    return tables_fix_at(t, &key);
}

/* In the same line another build, and none that agrees. */
static void fix_compare(const struct comparison *c, const struct fix *f)
{
    char mine[BUILD_TEXT], theirs[BUILD_TEXT];
    const struct product *p = product_named(c->a, f->product);
    const struct fix *other = NULL;
    for (size_t i = fix_at(&c->b, f); p && i < c->b.n_fixes; i++) {
        const struct fix *g = c->b.fix[i];
        if (!str_ieq(g->cve, f->cve) || !str_ieq(g->product, f->product))
            break;
        if (build_cmp(&g->build, &f->build) == 0)
            return;
        if (line_cmp(p, &g->build, &f->build) == 0 && !g->note.n)
            other = g;
    }
    if (other && !f->note.n)
        DIFFERS(c, "fixes.csv", f->line, "\"%.*s\" is fixed in %s, but in %s in %.*s, line %u",
                STR_FMT(f->cve), build_text(&f->build, mine), build_text(&other->build, theirs),
                STR_FMT(c->other.d->id), (unsigned)other->line);
}

enum err dossier_compare(struct arena *arena, const struct dossier *a, const struct dossier *b,
                         struct dossier_problems *problems)
{
    struct dossier copy = *b; /* struct load would write to it */
    struct comparison c = {.arena = arena, .problems = problems, .a = a};
    c.other = (struct load){.arena = arena, .d = &copy};
    TRY(tables_sort(&c.other, &c.b));
    for (size_t i = 0; i < a->n_products; i++)
        product_compare(&c, &a->product[i]);
    for (size_t i = 0; i < a->n_known; i++)
        build_compare(&c, &a->known[i]);
    for (size_t i = 0; i < a->n_fixes; i++)
        fix_compare(&c, &a->fix[i]);
    return OK;
}

void dossier_notes(struct arena *arena, const struct dossier *d, struct dossier_problems *notes)
{
    for (size_t i = 0; i < d->n_known; i++)
        if (d->known[i].note.n)
            problem_add(arena, notes, STR("builds.csv"), d->known[i].line, false, "%.*s",
                        STR_FMT(d->known[i].note));
    for (size_t i = 0; i < d->n_fixes; i++)
        if (d->fix[i].note.n)
            problem_add(arena, notes, STR("fixes.csv"), d->fix[i].line, false, "%.*s: %.*s",
                        STR_FMT(d->fix[i].cve), STR_FMT(d->fix[i].note));
    for (size_t i = 0; i < d->n_facts; i++)
        if (d->fact[i].note.n)
            problem_add(arena, notes, STR("cves.csv"), d->fact[i].line, false, "%.*s: %.*s",
                        STR_FMT(d->fact[i].cve), STR_FMT(d->fact[i].note));
}
