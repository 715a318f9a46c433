/* The first hour: what a person who was woken up has to know of each host, and what is lost next.
 */
#include "output/report_html.h"

#include <inttypes.h>

static void put_touched(struct html_page *p, const char *what, const struct touched *t, size_t n)
{
    struct web *h = &p->h;
    if (!n)
        return;
    buf_printf(h->b, "<div><dt>%s</dt><dd><ul class=\"touched\">", what);
    for (size_t i = 0; i < n && i < HTML_NAMES; i++) {
        web_put(h, "<li>");
        web_code(h, t[i].name, WEB_NAME);
        web_put(h, " <small>");
        web_count(h, t[i].records, "record", "records");
        if (t[i].bytes) {
            web_put(h, ", ");
            web_size(h, t[i].bytes);
        }
        web_put(h, "</small></li>");
    }
    if (n > HTML_NAMES)
        buf_printf(h->b, "<li>and %zu more</li>", n - HTML_NAMES);
    web_put(h, "</ul></dd></div>\n");
}

static void put_isolate(struct html_page *p, const struct judgement *j)
{
    struct web *h = &p->h;
    bool isolate = j->isolate_why.n || j->verdict.isolate;
    web_put(h, "<div><dt>Isolate</dt><dd>");
    web_put(h, isolate ? "<strong class=\"yes\">Yes, now.</strong> " : "No need seen.");
    web_text(h, j->isolate_why, WEB_SENTENCE);
    web_put(h, "</dd></div>\n");
}

static void put_host(struct html_page *p, const struct judgement *j)
{
    struct web *h = &p->h;
    web_put(h, "<article class=\"hour\"><h4>");
    web_name(h, j->verdict.host);
    web_put(h, " ");
    html_badge(p, j->verdict.state);
    web_put(h, "</h4>\n<dl>\n<div><dt>Earliest sign</dt><dd>");
    web_time(h, j->earliest_us);
    web_put(h, "</dd></div>\n<div><dt>Dwell time</dt><dd>");
    if (j->earliest_us == TIME_NONE)
        web_put(h, "<span class=\"none\">not known</span>");
    else if (j->dwell_days)
        web_count(h, j->dwell_days, "day", "days");
    else
        web_put(h, "less than a day, as far as the logs show");
    if (j->latest_us != TIME_NONE) {
        web_put(h, ", last sign ");
        web_time(h, j->latest_us);
    }
    web_put(h, "</dd></div>\n");
    put_isolate(p, j);
    put_touched(p, "Accounts touched", j->account, j->n_accounts);
    put_touched(p, "Mailboxes touched", j->mailbox, j->n_mailboxes);
    if (j->verdict.next_evidence.n) {
        web_put(h, "<div><dt>Would change the verdict most</dt><dd>");
        web_text(h, j->verdict.next_evidence, WEB_SENTENCE);
        web_put(h, "</dd></div>\n");
    }
    web_put(h, "</dl></article>\n");
    web_pace(h);
}

static void put_rotating(struct html_page *p)
{
    static const struct web_table table = {
        .caption = "Evidence that its server deletes by itself: copy it now",
        .head = {"Host", "Logs", "Oldest row", "Gone by", "Path on the server"}};
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, HTML_LIST_BYTES);
    const struct report *r = p->r;
    if (!r->n_rotating)
        return;
    web_put(&p->h, "<h4>What rotates away next</h4>\n");
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_rotating && web_room(&rows); i++) {
        web_row_name(&p->h, r->rotating[i].host);
        web_cell(&p->h, r->rotating[i].kind);
        web_cell_day(&p->h, r->rotating[i].oldest_us);
        web_cell_day(&p->h, r->rotating[i].gone_us);
        web_cell_code(&p->h, r->rotating[i].path);
        web_row_end(&p->h);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_rotating, "place", "places");
}

static void put_named(struct html_page *p)
{
    static const struct web_table table = {
        .id = "named",
        .caption =
            "Hosts that are named in the logs of others, and whose own logs were not supplied",
        .head = {"Host", "Gravest finding that aims at it", "#Findings", "Named by"}};
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, HTML_LIST_BYTES);
    const struct report *r = p->r;
    if (!r->n_named)
        return;
    web_put(&p->h, "<h4>Named, not supplied</h4>\n");
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_named && web_room(&rows); i++) {
        web_row_name(&p->h, r->named[i].host);
        web_put(&p->h, "<td>");
        html_grade(p, r->named[i].worst);
        web_put(&p->h, "</td>");
        web_cell_number(&p->h, r->named[i].findings);
        web_put(&p->h, "<td>");
        web_list(&p->h, &r->named[i].by, HTML_NAMES);
        web_put(&p->h, "</td>");
        web_row_end(&p->h);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_named, "host", "hosts");
}

/* Nobody has to be woken up for attempts. */
static bool is_urgent(const struct judgement *j)
{
    return j->verdict.state >= VERDICT_EXPLOITED_UNCONFIRMED || j->isolate_why.n;
}

void html_first_hour(struct html_page *p)
{
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_HOUR_HOSTS, HTML_LIST_BYTES);
    uint64_t all = 0;
    for (size_t i = 0; i < r->n_judgements; i++)
        all += is_urgent(&r->judgement[i]);
    if (!all && !r->n_rotating && !r->n_named)
        return;
    web_put(&p->h, "<h3>First hour</h3>\n<div class=\"hours\">\n");
    for (size_t i = 0; i < r->n_judgements; i++)
        if (is_urgent(&r->judgement[i]) && web_room(&rows))
            put_host(p, &r->judgement[i]);
    web_put(&p->h, "</div>\n");
    web_rest(&rows, all, "host", "hosts");
    put_rotating(p);
    put_named(p);
}
