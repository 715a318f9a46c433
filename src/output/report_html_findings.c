/* Findings, the gravest first, each with its log line; chains of attack step by step; all of them
 * counted by rule. web/report.js sorts and filters the table of id "findings-table". */
#include "output/report_html.h"
#include "output/roles.h"
#include "output/web_chart.h"

#include <inttypes.h>

enum { FIELDS = 14, EVENTS = 10, EPISODES = 10, STEPS = 14, ID_DIGITS = 12, URL_BYTES = 300 };

static void put_id(struct web *h, const struct finding *f)
{
    struct str id = str_of(f->id);
    web_text(h, str_sub(id, 0, ID_DIGITS), ID_DIGITS);
}

static void put_term(struct web *h, const char *name)
{
    buf_printf(h->b, "<div><dt>%s</dt><dd>", name);
}

static void put_sentence(struct web *h, const char *name, struct str text)
{
    if (!text.n)
        return;
    put_term(h, name);
    web_text(h, text, WEB_SENTENCE);
    web_put(h, "</dd></div>");
}

static void put_fields(struct web *h, const struct finding *f)
{
    if (!f->n_fields)
        return;
    put_term(h, "Fields");
    web_put(h, "<ul class=\"fields\">");
    for (size_t i = 0; i < f->n_fields && i < FIELDS; i++) {
        web_put(h, "<li><code>");
        web_text(h, f->field[i].name, WEB_NAME);
        web_put(h, "</code> <code>");
        web_text(h, f->field[i].value, WEB_NAME);
        web_put(h, "</code></li>");
    }
    if (f->n_fields > FIELDS)
        buf_printf(h->b, "<li>and %zu more</li>", f->n_fields - FIELDS);
    web_put(h, "</ul></dd></div>");
}

/* Of a correlation: the first events that made it, on all hosts. */
static void put_events(struct web *h, const struct finding *f)
{
    if (!f->n_made)
        return;
    put_term(h, "Events");
    web_put(h, "<ul class=\"fields\">");
    for (size_t i = 0; i < f->n_made && i < EVENTS; i++) {
        const struct finding_event *e = &f->made[i];
        web_put(h, "<li>");
        web_time(h, e->time_us);
        web_put(h, " rule ");
        web_code(h, e->rule, WEB_NAME);
        if (e->host.n) {
            web_put(h, " on ");
            web_name(h, e->host);
        }
        web_put(h, ": ");
        web_code(h, e->file, WEB_LINE);
        if (e->record)
            buf_printf(h->b, "%s record %" PRIu64, e->carved ? " carved" : "", e->record);
        else if (e->line)
            buf_printf(h->b, " line %" PRIu64, e->line);
        web_put(h, "</li>");
    }
    uint64_t all = f->count > f->n_made ? f->count : f->n_made;
    if (all > EVENTS)
        buf_printf(h->b, "<li>and %" PRIu64 " more</li>", all - EVENTS);
    web_put(h, "</ul></dd></div>");
}

static void put_place(struct web *h, const struct finding *f)
{
    put_term(h, "Place");
    web_code(h, f->file, WEB_LINE);
    if (f->record)
        buf_printf(h->b, "%s record %" PRIu64, f->carved ? " carved" : "", f->record);
    else if (f->line)
        buf_printf(h->b, " line %" PRIu64, f->line);
    buf_printf(h->b, ", byte %" PRIu64 "</dd></div>", f->offset);
    if (f->sha256[0]) {
        put_term(h, "File, SHA-256");
        web_code(h, str_of(f->sha256), WEB_SHA);
        web_put(h, "</dd></div>");
    }
    put_term(h, "Finding");
    web_code(h, str_of(f->id), WEB_SHA);
    web_put(h, ", rule ");
    web_code(h, f->rule, WEB_NAME);
    web_put(h, "</dd></div>");
}

static void put_note(struct web *h, const struct note *n)
{
    if (!n)
        return;
    put_term(h, "Analyst");
    web_text(h, n->state.n ? n->state : STR("note"), WEB_NAME);
    web_put(h, " by ");
    web_name(h, n->who);
    web_put(h, ", ");
    web_time(h, n->time_us);
    web_put(h, ": ");
    web_text(h, n->why, WEB_SENTENCE);
    web_put(h, "</dd></div>");
}

static void put_request(struct html_page *p, const struct finding *f)
{
    struct web *h = &p->h;
    struct str method = role_of(f, ROLE_METHOD), status = role_of(f, ROLE_STATUS);
    struct buf url;
    buf_init(&url, 1024 * 1024);
    web_put(h, "<td>");
    if (role_url(&url, f)) {
        web_put(h, "<code>");
        web_text(h, method, WEB_NAME);
        web_put(h, method.n ? " " : "");
        web_text(h, buf_view(&url), URL_BYTES);
        web_put(h, "</code>");
        if (status.n) {
            web_put(h, " <small>answered ");
            web_text(h, status, WEB_NAME);
            web_put(h, "</small>");
        }
    } else {
        web_put(h, "<small>");
        web_text(h, f->kind, WEB_NAME);
        web_put(h, "</small>");
    }
    web_put(h, "</td>");
    buf_done(&url);
}

static void put_first_row(struct html_page *p, const struct finding *f, const struct note *n)
{
    struct web *h = &p->h;
    struct str client = role_of(f, ROLE_CLIENT);
    web_put(h, "<tr>");
    web_cell_time(h, f->time_us);
    buf_printf(h->b, "<td data-s=\"%d\">", (int)f->grade);
    html_grade(p, f->grade);
    web_put(h, "</td><td>");
    web_name(h, f->host);
    if (f->target_host.n && !str_ieq(f->target_host, f->host)) {
        web_put(h, "<br><small>aimed at ");
        web_name(h, f->target_host);
        web_put(h, "</small>");
    }
    web_put(h, "</td><th scope=\"row\">");
    web_text(h, f->title.n ? f->title : f->rule, WEB_NAME);
    web_put(h, "<br><small>");
    web_techniques(h, &f->technique);
    if (f->tlp)
        buf_printf(h->b, "%s%s", f->technique.n ? ", " : "", tlp_name(f->tlp));
    web_put(h, "</small>");
    if (f->note.n || (n && n->state.n)) {
        web_put(h, " <span class=\"aside\">");
        web_text(h, n && n->state.n ? n->state : f->note, WEB_NAME);
        web_put(h, "</span>");
    }
    web_put(h, "</th>");
    web_cell(h, client);
    put_request(p, f);
    buf_printf(h->b, "<td class=\"n\" data-s=\"%" PRIu64 "\">", f->count);
    web_number(h, f->count);
    web_put(h, "</td></tr>\n");
}

static void put_finding(struct html_page *p, size_t at)
{
    struct web *h = &p->h;
    const struct finding *f = &p->r->finding[at];
    const struct note *n = p->note[at];
    web_put(h, p->aside[at] ? "<tbody class=\"is-aside\" id=\"f-" : "<tbody id=\"f-");
    put_id(h, f);
    web_put(h, "\">");
    put_first_row(p, f, n);
    web_put(h, "<tr class=\"ev\"><td colspan=\"7\">");
    if (f->evidence.n) {
        web_put(h, "<pre><code>");
        web_evidence(h, f);
        web_put(h, "</code></pre>");
    }
    web_put(h, "<details><summary>What it means, and where it stands</summary><dl>");
    put_sentence(h, "Means", f->meaning);
    put_sentence(h, "Next", f->next);
    put_sentence(h, "Does not decide", f->note);
    put_note(h, n);
    put_fields(h, f);
    put_events(h, f);
    put_place(h, f);
    web_put(h, "</dl></details></td></tr></tbody>\n");
    web_pace(h);
}

static void put_findings(struct html_page *p)
{
    static const struct web_table table = {
        .klass = "findings",
        .id = "findings-table",
        .caption = "Findings, the gravest first",
        .head = {"Time (UTC)", "Grade", "Host", "Finding", "Client", "Request", "#Times"},
        .bodies = true};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, REPORT_FINDINGS, HTML_FINDINGS_BYTES);
    web_put(&p->h, "<div id=\"findings-tools\"></div>\n");
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_findings && web_room(&rows); i++)
        put_finding(p, i);
    web_put(&p->h, "</table></div>\n");
    web_table_rest(&rows, rows.n, "finding", "findings");
    uint64_t all = r->all_findings > r->n_findings ? r->all_findings : r->n_findings;
    if (all > rows.n) {
        web_put(&p->h, "<p class=\"rest\"><strong>");
        web_number(&p->h, rows.n);
        web_put(&p->h, " of ");
        web_count(&p->h, all, "finding", "findings");
        web_put(&p->h, "</strong> are shown here, the gravest; the table below counts all of "
                       "them, and <code>tocsin report --format csv</code> lists them.</p>\n");
    }
}

/* ---- step by step ---- */

static void put_step(struct html_page *p, const struct finding *f)
{
    struct web *h = &p->h;
    web_put(h, "<li>");
    web_time(h, f->time_us);
    web_put(h, " ");
    html_grade(p, f->grade);
    web_put(h, " <a href=\"#f-");
    put_id(h, f);
    web_put(h, "\">");
    web_text(h, f->title.n ? f->title : f->rule, WEB_NAME);
    web_put(h, "</a></li>\n");
}

/* Each rule once, by its first row; weak signs tell no story. */
static bool is_step(const struct episode *e, size_t at)
{
    const struct finding *f = e->finding[at];
    for (size_t i = 0; i < at; i++)
        if (str_eq(e->finding[i]->rule, f->rule))
            return false;
    return f->grade > GRADE_WEAK;
}

static void put_episode(struct html_page *p, const struct episode *e)
{
    struct web *h = &p->h;
    size_t n = 0;
    web_put(h, "<h4>");
    web_name(h, e->host);
    web_put(h, " <small>");
    web_time(h, e->first_us);
    web_put(h, " to ");
    web_time(h, e->last_us);
    web_put(h, "</small></h4>\n");
    if (e->clients.n) {
        web_put(h, "<p class=\"note\">From ");
        web_list(h, &e->clients, HTML_NAMES);
        web_put(h, "</p>\n");
    }
    web_put(h, "<ol class=\"chain\">\n");
    for (size_t i = 0; i < e->n && n < STEPS; i++)
        if (is_step(e, i)) {
            put_step(p, e->finding[i]);
            n++;
        }
    web_put(h, "</ol>\n");
    if (e->n > n) {
        web_put(h, "<p class=\"rest\">");
        web_count(h, e->n - n, "finding", "findings");
        web_put(h, " more of the same rules, or weaker</p>\n");
    }
    web_pace(h);
}

static void put_episodes(struct html_page *p)
{
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, EPISODES, HTML_LIST_BYTES);
    uint64_t all = 0;
    for (size_t i = 0; i < r->n_episodes; i++)
        all += r->episode[i].n > 1;
    if (!all)
        return;
    web_put(&p->h, "<h3>Step by step</h3>\n");
    for (size_t i = 0; i < r->n_episodes; i++)
        if (r->episode[i].n > 1 && web_room(&rows))
            put_episode(p, &r->episode[i]);
    web_rest(&rows, all, "chain of steps", "chains of steps");
}

/* ---- all of them, counted ---- */

static void put_counts(struct html_page *p)
{
    static const struct web_table table = {
        .caption = "All findings of the case by host and rule",
        .head = {"Host", "Grade", "Finding", "Rule", "Affair", "#Findings"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, 2 * HTML_ROWS, HTML_LIST_BYTES);
    if (!r->n_counts)
        return;
    html_details(p, "All findings, counted by host and rule");
    web_table(&p->h, &table);
    for (int g = GRADE_COMPROMISE; g >= GRADE_WEAK; g--)
        for (size_t i = 0; i < r->n_counts; i++) {
            const struct finding_count *c = &r->count[i];
            if (c->grade != (enum grade)g || !web_room(&rows))
                continue;
            web_row_name(&p->h, c->host);
            web_put(&p->h, "<td>");
            html_grade(p, c->grade);
            web_put(&p->h, "</td>");
            web_cell(&p->h, c->title);
            web_cell_code(&p->h, c->rule);
            web_cell(&p->h, c->dossier);
            web_cell_number(&p->h, c->n);
            web_row_end(&p->h);
        }
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_counts, "row", "rows");
    web_put(&p->h, "</details>\n");
}

void html_findings(struct html_page *p)
{
    if (!p->r->n_findings) {
        web_put(&p->h, "<p class=\"note\">No rule met anything. What that is worth stands under "
                       "<a href=\"#unseen\">what was not examined</a>.</p>\n");
        return;
    }
    put_findings(p);
    put_counts(p);
    put_episodes(p);
}
