/* What was not examined, and how the report was made: what another analyst needs in order to trust
 * it, or to make it again. */
#include "output/report_html.h"

#include <inttypes.h>

enum { ARGUMENTS = 20 };

/* ---- what was not examined ---- */

static void put_gaps(struct html_page *p)
{
    static const struct web_table table = {
        .caption = "Files, parts of files and stretches of time that were not examined",
        .head = {"Host", "Reason", "File", "Detail"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, HTML_LIST_BYTES);
    web_put(&p->h, "<h3>Gaps</h3>\n");
    if (!r->n_gaps) {
        web_put(&p->h, "<p class=\"note\">Nothing that was supplied was left out.</p>\n");
        return;
    }
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_gaps && web_room(&rows); i++) {
        const struct gap *g = &r->gap[i];
        web_row_name(&p->h, g->host);
        web_cell(&p->h, g->reason);
        web_put(&p->h, "<td>");
        if (g->file.n)
            web_code(&p->h, g->file, WEB_LINE);
        if (g->offset)
            buf_printf(p->h.b, " from byte %" PRIu64, g->offset);
        web_put(&p->h, "</td>");
        web_cell(&p->h, g->detail);
        web_row_end(&p->h);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_gaps, "gap", "gaps");
}

static void put_missing(struct html_page *p)
{
    static const struct web_table table = {
        .caption = "Logs that would decide and were not supplied",
        .head = {"Host", "Affair", "Missing", "What would change the verdict most"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, HTML_LIST_BYTES);
    uint64_t all = 0;
    for (size_t i = 0; i < r->n_judgements; i++)
        all += r->judgement[i].verdict.missing.n && !r->judgement[i].verdict.ended_before;
    if (!all)
        return;
    web_put(&p->h, "<h3>Missing logs</h3>\n");
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_judgements; i++) {
        const struct verdict *v = &r->judgement[i].verdict;
        if (!v->missing.n || v->ended_before || !web_room(&rows))
            continue;
        web_row_name(&p->h, v->host);
        web_cell(&p->h, v->dossier);
        web_put(&p->h, "<td>");
        web_list(&p->h, &v->missing, 2 * HTML_NAMES);
        web_put(&p->h, "</td>");
        web_cell(&p->h, v->next_evidence);
        web_row_end(&p->h);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, all, "host", "hosts");
}

/* Of an affair that began after the logs end it is no news that they cover none of it. */
static bool says_something(const struct report *r, const struct coverage *c,
                           const struct window_share *share)
{
    for (size_t i = 0; i < r->n_dossiers; i++)
        if (str_eq(r->dossier[i].id, share->dossier))
            return c->last_us == TIME_NONE || r->dossier[i].window_from_us <= c->last_us;
    return true;
}

static void put_shares(struct html_page *p, const struct coverage *c)
{
    struct web *h = &p->h;
    size_t n = 0;
    web_put(h, "<td>");
    for (size_t i = 0; i < c->n_shares && n < HTML_NAMES; i++) {
        if (!says_something(p->r, c, &c->share[i]))
            continue;
        web_put(h, n++ ? "<br>" : "");
        web_share(h, c->share[i].share);
        web_put(h, " <small>");
        web_name(h, c->share[i].dossier);
        web_put(h, "</small>");
    }
    web_put(h, "</td>");
}

static void put_covered(struct html_page *p, const struct coverage *c)
{
    struct web *h = &p->h;
    web_row_name(h, c->host);
    web_cell(h, c->kind);
    web_cell_day(h, c->first_us);
    web_cell_day(h, c->last_us);
    web_cell_number(h, c->records);
    web_cell_number(h, c->unparsed);
    web_put(h, c->n_gaps ? "<td>" : "<td class=\"none\">none");
    for (size_t i = 0; i < c->n_gaps && i < 3; i++) {
        web_put(h, i ? "; " : "");
        web_time(h, c->gap[i].first_us);
        web_put(h, " to ");
        web_time(h, c->gap[i].last_us);
    }
    if (c->n_gaps > 3)
        buf_printf(h->b, " and %zu more", c->n_gaps - 3);
    web_put(h, "</td>");
    put_shares(p, c);
    web_row_end(h);
}

static void put_coverage(struct html_page *p)
{
    static const struct web_table table = {.caption = "What was read of each host and kind of log",
                                           .head = {"Host", "Logs", "From", "To", "#Rows",
                                                    "#Not understood", "Silent",
                                                    "Share of the window"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, 2 * HTML_LIST_BYTES);
    web_put(&p->h, "<h3>Coverage</h3>\n");
    if (!r->n_coverage) {
        web_put(&p->h, "<p class=\"note\">No logs were read.</p>\n");
        return;
    }
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_coverage && web_room(&rows); i++)
        put_covered(p, &r->coverage[i]);
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_coverage, "kind of log", "kinds of log");
}

static void put_not_tested(struct html_page *p)
{
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, HTML_LIST_BYTES / 2);
    uint64_t all = 0;
    for (size_t i = 0; i < r->n_coverage; i++)
        all += r->coverage[i].not_tested.n;
    if (!all)
        return;
    web_put(&p->h, "<h3>Tests that a log could not answer</h3>\n<ul>\n");
    for (size_t i = 0; i < r->n_coverage; i++)
        for (size_t k = 0; k < r->coverage[i].not_tested.n && web_room(&rows); k++) {
            web_put(&p->h, "<li>");
            web_name(&p->h, r->coverage[i].host);
            web_put(&p->h, ", ");
            web_name(&p->h, r->coverage[i].kind);
            web_put(&p->h, ": ");
            web_text(&p->h, r->coverage[i].not_tested.v[k], WEB_SENTENCE);
            web_put(&p->h, "</li>\n");
            web_pace(&p->h);
        }
    web_put(&p->h, "</ul>\n");
    web_rest(&rows, all, "test", "tests");
}

void html_unseen(struct html_page *p)
{
    web_put(&p->h, "<p>A verdict is worth what its logs cover. What stands here could hide what "
                   "was not found.</p>\n");
    put_missing(p);
    put_gaps(p);
    put_coverage(p);
    put_not_tested(p);
}

/* ---- how it was made ---- */

/* One a line in the case. */
static void put_arguments(struct web *h, struct str arguments)
{
    struct str rest = str_trim(arguments), one;
    size_t n = 0;
    web_put(h, "<td><code>");
    while (n < ARGUMENTS && str_cut(&rest, '\n', &one)) {
        web_put(h, n++ ? " " : "");
        web_text(h, one, WEB_NAME);
    }
    web_put(h, rest.n ? "</code> and more</td>" : "</code></td>");
}

static void put_runs(struct html_page *p)
{
    static const struct web_table table = {
        .caption = "Runs that filled the case",
        .head = {"#Run", "Command", "Arguments", "tocsin", "Started", "Ended"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS / 2, HTML_LIST_BYTES);
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_runs && web_room(&rows); i++) {
        const struct report_run *run = &r->run[i];
        web_put(&p->h, "<tr>");
        web_cell_number(&p->h, run->number);
        web_cell(&p->h, run->verb);
        put_arguments(&p->h, run->arguments);
        web_cell(&p->h, run->program);
        web_cell_time(&p->h, run->started_us);
        web_cell_time(&p->h, run->ended_us);
        web_row_end(&p->h);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_runs, "run", "runs");
}

static void put_dossiers(struct html_page *p)
{
    static const struct web_table table = {.caption = "Dossiers that were used, by their hash",
                                           .head = {"Dossier", "SHA-256 over its files"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS / 2, HTML_LIST_BYTES / 2);
    if (!r->n_dossier_hashes)
        return;
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_dossier_hashes && web_room(&rows); i++) {
        web_row_name(&p->h, r->dossier_hash[i].id);
        web_cell_code(&p->h, r->dossier_hash[i].sha256);
        web_row_end(&p->h);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_dossier_hashes, "dossier", "dossiers");
}

static void put_evidence(struct html_page *p)
{
    static const struct web_table table = {
        .caption = "Evidence: every file that was read",
        .head = {"File", "Host", "Kind", "#Bytes", "#Rows", "SHA-256"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, 2 * HTML_ROWS, 2 * HTML_LIST_BYTES);
    if (!r->n_evidence)
        return;
    html_details(p, "Evidence: every file that was read, with its hash");
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_evidence && web_room(&rows); i++) {
        const struct evidence_file *e = &r->evidence[i];
        web_put(&p->h, "<tr><th scope=\"row\">");
        web_code(&p->h, e->file, WEB_LINE);
        web_put(&p->h, e->copy ? " <small>a copy, counted once</small></th>" : "</th>");
        web_cell(&p->h, e->host);
        web_cell(&p->h, e->kind);
        web_cell_number(&p->h, e->bytes);
        web_cell_number(&p->h, e->records);
        web_cell_code(&p->h, e->sha256[0] ? str_of(e->sha256) : STR("not taken"));
        web_row_end(&p->h);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_evidence, "file", "files");
    web_put(&p->h, "</details>\n");
}

static void put_sources(struct html_page *p)
{
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, HTML_LIST_BYTES / 2);
    uint64_t all = 0;
    for (size_t i = 0; i < r->n_dossiers; i++)
        all += r->dossier[i].sources.n;
    if (!all)
        return;
    web_put(&p->h, "<h3>Sources</h3>\n");
    for (size_t i = 0; i < r->n_dossiers; i++) {
        const struct dossier *d = &r->dossier[i];
        if (!d->sources.n || rows.n >= rows.most)
            continue;
        web_put(&p->h, "<h4>");
        web_text(&p->h, d->title.n ? d->title : d->id, WEB_NAME);
        web_put(&p->h, d->draft ? " <small>(a draft: checked by nobody)</small></h4>\n<ul>\n"
                                : "</h4>\n<ul>\n");
        for (size_t k = 0; k < d->sources.n && web_room(&rows); k++) {
            web_put(&p->h, "<li>");
            web_text(&p->h, d->sources.v[k], WEB_SENTENCE);
            web_put(&p->h, "</li>\n");
        }
        web_put(&p->h, "</ul>\n");
        web_pace(&p->h);
    }
    web_rest(&rows, all, "source", "sources");
}

static void put_words(struct html_page *p)
{
    static const struct {
        const char *word, *says;
    } grades[GRADES] = {{"weak", "worth a look, proves nothing"},
                        {"probe", "somebody looked whether the hole is there"},
                        {"attempt", "an attack was tried; it was refused or proves nothing"},
                        {"progressed", "it went further than a refused attack can"},
                        {"compromise", "only somebody who was in can have done this"}};
    static const char *const says[] = {
        "nothing was found, and the logs that decide cover at least 90 % of the window",
        "the logs do not cover enough of the window to say that nothing happened",
        "attacks were tried, none is seen to have gone through",
        "the hole was used; whether the last step was taken cannot be seen", "somebody was in"};
    struct web *h = &p->h;
    web_put(h, "<h3>Words</h3>\n<dl class=\"words\">\n");
    for (int v = VERDICT_COMPROMISED; v >= VERDICT_NO_SIGN; v--) {
        web_put(h, "<div><dt>");
        html_badge(p, (enum verdict_state)v);
        buf_printf(h->b, "</dt><dd>%s</dd></div>\n", says[v]);
    }
    for (int g = GRADE_COMPROMISE; g >= GRADE_WEAK; g--) {
        web_put(h, "<div><dt>");
        html_grade(p, (enum grade)g);
        buf_printf(h->b, "</dt><dd>%s</dd></div>\n", grades[g].says);
    }
    web_put(h, "</dl>\n");
}

void html_making(struct html_page *p)
{
    struct web *h = &p->h;
    web_put(h, "<p>tocsin ");
    web_text(h, str_of(p->r->version), WEB_NAME);
    web_put(h, ", from a case whose runs are chained by hashes: <code>tocsin verify --case FILE"
               "</code> recomputes them.</p>\n");
    put_runs(p);
    put_dossiers(p);
    put_evidence(p);
    put_sources(p);
    put_words(p);
}
