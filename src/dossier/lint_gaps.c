#include "dossier/lint_tables.h"

/* Rows of builds.csv looked at, over all CVEs: ten times the largest table there is. */
enum { WORK_MAX = 50 * 1000 * 1000, RUN_MAX = 2 };

/* Fixes of one CVE in one product, neighbours in tables.fix. */
struct group {
    const struct fix *const *fix;
    size_t n;
    const struct product *product;
};

/* When the first of them came out, and when the last. */
static bool released(const struct group *g, int64_t *ret_first)
{
    *ret_first = TIME_NONE;
    for (size_t i = 0; i < g->n; i++) {
        int64_t us = g->fix[i]->released_us;
        if (us != TIME_NONE && (*ret_first == TIME_NONE || us < *ret_first))
            *ret_first = us;
    }
    return *ret_first != TIME_NONE;
}

/* Builds are asked for in rising order: *at moves along with them. */
static bool has_line(const struct group *g, const struct build *b, size_t *at)
{
    while (*at < g->n && line_cmp(g->product, &g->fix[*at]->build, b) < 0)
        ++*at;
    return *at < g->n && line_cmp(g->product, &g->fix[*at]->build, b) == 0;
}

/* Lines without a row that follow one another. */
struct run {
    const struct known_build *line[RUN_MAX];
    size_t n;
};

static void run_lint(const struct tables *t, const struct group *g, const struct run *run)
{
    char text[BUILD_TEXT];
    const struct fix *f = g->fix[0];
    for (size_t i = 0; i < run->n && i < RUN_MAX; i++)
        ROW(t, "fixes.csv", f,
            "\"%.*s\" has no row for %s of \"%.*s\" (\"%.*s\"), which was out before the fix",
            STR_FMT(f->cve), build_text(&run->line[i]->build, text), STR_FMT(f->product),
            STR_FMT(run->line[i]->update));
}

/* Was the line surely out before the day of the fix, and in support on it? */
static bool due(const struct group *g, const struct known_build *k, int64_t fixed)
{
    int64_t end = k->eol_us != TIME_NONE ? k->eol_us : g->product->end_of_support_us;
    return k->released_us != TIME_NONE && at_latest(k->released_us, k->by_month) < fixed &&
           (end == TIME_NONE || end >= fixed);
}

/* A line without a row between two that have one would be judged as never fixed, above all that
 * have one as fixed. More than a few of them in a row are lines that were not served any more. */
static void group_lint(const struct tables *t, const struct group *g, size_t first, size_t n)
{
    int64_t fixed;
    size_t at = 0;
    struct run run = {.n = 0};
    if (!released(g, &fixed))
        return;
    for (size_t i = first; i < first + n; i++) {
        const struct known_build *k = t->build[i];
        bool starts = i == first || line_cmp(g->product, &t->build[i - 1]->build, &k->build) != 0;
        if (!starts || line_cmp(g->product, &k->build, &g->fix[0]->build) <= 0)
            continue;
        if (has_line(g, &k->build, &at)) {
            if (run.n <= RUN_MAX)
                run_lint(t, g, &run);
            run.n = 0;
        } else if (due(g, k, fixed)) {
            if (run.n < RUN_MAX)
                run.line[run.n] = k;
            run.n++;
        }
    }
    run_lint(t, g, &run);
}

void gaps_lint(const struct tables *t)
{
    size_t work = 0;
    for (size_t i = 0, n, first; i < t->n_fixes && work < WORK_MAX; i += n) {
        struct group g = {.fix = &t->fix[i],
                          .product = product_named(t->load->d, t->fix[i]->product)};
        for (n = 1; i + n < t->n_fixes && str_ieq(t->fix[i + n]->cve, t->fix[i]->cve) &&
                    str_ieq(t->fix[i + n]->product, t->fix[i]->product);
             n++)
            ;
        g.n = n;
        size_t n_builds = g.product ? tables_builds_of(t, g.product->name, &first) : 0;
        if (n_builds)
            group_lint(t, &g, first, n_builds);
        work += n_builds;
    }
}

/* ---- cves.csv ---- */

static void fact_lint(const struct tables *t, const struct cve_fact *f)
{
    bool in_kev = f->kev_added_us != TIME_NONE;
    if (f->title.n == 0)
        ROW(t, "cves.csv", f, "\"%.*s\" has no title", STR_FMT(f->cve));
    if (f->source.n == 0)
        ROW(t, "cves.csv", f, "\"%.*s\" has no source", STR_FMT(f->cve));
    if (in_kev && !f->kev_ransomware.p && !f->note.n)
        ROW(t, "cves.csv", f, "\"%.*s\": kev_added without kev_ransomware", STR_FMT(f->cve));
    if (!in_kev && f->kev_ransomware.p)
        ROW(t, "cves.csv", f, "\"%.*s\": kev_ransomware without kev_added", STR_FMT(f->cve));
    if (f->kev_ransomware.p && !str_eq(f->kev_ransomware, STR("Known")) &&
        !str_eq(f->kev_ransomware, STR("Unknown")))
        ROW(t, "cves.csv", f, "kev_ransomware is \"Known\" or \"Unknown\", not \"%.*s\"",
            STR_FMT(f->kev_ransomware));
    if (in_kev && f->exploited_since_us != TIME_NONE && f->exploited_since_us > f->kev_added_us)
        ROW(t, "cves.csv", f, "\"%.*s\" was in the list before it was exploited", STR_FMT(f->cve));
}

void facts_lint(const struct tables *t)
{
    for (size_t i = 0; i < t->n_facts; i++) {
        fact_lint(t, t->fact[i]);
        if (i > 0 && str_ieq(t->fact[i]->cve, t->fact[i - 1]->cve))
            ROW(t, "cves.csv", t->fact[i], "\"%.*s\" is listed twice, see line %u",
                STR_FMT(t->fact[i]->cve), (unsigned)t->fact[i - 1]->line);
    }
    for (size_t i = 0; i < t->n_fixes && t->load->d->catalogue; i++)
        if ((i == 0 || !str_ieq(t->fix[i]->cve, t->fix[i - 1]->cve)) &&
            !tables_fact(t, t->fix[i]->cve))
            ROW(t, "fixes.csv", t->fix[i], "\"%.*s\" is not in cves.csv", STR_FMT(t->fix[i]->cve));
}

/* ---- settings.csv ---- */

static bool is_needed(const struct tables *t, struct str setting)
{
    for (size_t i = 0; i < t->n_fixes; i++)
        if (str_eq(t->fix[i]->needs, setting))
            return true;
    return false;
}

void settings_lint(const struct tables *t)
{
    static const char *const checks[] = {"token-checking", "block", "pool-off"};
    const struct dossier *d = t->load->d;
    for (size_t i = 0; i < d->n_settings; i++) {
        const struct setting_row *s = &d->setting[i];
        size_t k = 0;
        while (k < ARRAY_LEN(checks) && !str_eq(s->what, str_of(checks[k])))
            k++;
        if (k == ARRAY_LEN(checks))
            ROW(t, "settings.csv", s, "there is no check \"%.*s\"", STR_FMT(s->what));
        if (!s->source.n)
            ROW(t, "settings.csv", s, "\"%.*s\" has no source", STR_FMT(s->setting));
        if (s->cve.n && !tables_fact(t, s->cve))
            ROW(t, "settings.csv", s, "\"%.*s\" is not in cves.csv", STR_FMT(s->cve));
        if (!s->cve.n && !is_needed(t, s->setting))
            ROW(t, "settings.csv", s, "no fix needs \"%.*s\"", STR_FMT(s->setting));
    }
}
