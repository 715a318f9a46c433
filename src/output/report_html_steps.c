/* Next steps as a checklist to work through on paper or screen; who is behind it; what the analyst
 * noted. */
#include "output/report_html.h"

enum { STEPS = 120, HOW_LINES = 12 };

static void put_term(struct web *h, const char *name, struct str text)
{
    if (!text.n)
        return;
    buf_printf(h->b, "<div><dt>%s</dt><dd>", name);
    web_text(h, text, WEB_SENTENCE);
    web_put(h, "</dd></div>");
}

/* Lines: one thing to do each. */
static void put_how(struct web *h, struct str how)
{
    struct str rest = how, line;
    size_t n = 0;
    if (!how.n)
        return;
    web_put(h, "<div><dt>How</dt><dd><ul class=\"how\">");
    while (n < HOW_LINES && str_cut(&rest, '\n', &line))
        if (str_trim(line).n) {
            web_put(h, "<li>");
            web_text(h, line, WEB_SENTENCE);
            web_put(h, "</li>");
            n++;
        }
    web_put(h, rest.n ? "<li>and more</li></ul></dd></div>" : "</ul></dd></div>");
}

static void put_techniques(struct web *h, const struct advice_item *a)
{
    if (a->technique.n) {
        web_put(h, "<div><dt>ATT&amp;CK</dt><dd>");
        web_techniques(h, &a->technique);
        web_put(h, "</dd></div>");
    }
    if (a->d3fend.n) {
        web_put(h, "<div><dt>D3FEND</dt><dd>");
        web_list(h, &a->d3fend, HTML_NAMES);
        web_put(h, "</dd></div>");
    }
}

static void put_done(struct html_page *p, const struct note *done)
{
    struct web *h = &p->h;
    if (done->time_us == TIME_NONE) {
        web_put(h, "<p class=\"sign-here\" aria-hidden=\"true\">Done by <span></span> on "
                   "<span></span></p>");
        return;
    }
    web_put(h, "<p class=\"done\">Done by ");
    web_name(h, done->who.n ? done->who : STR("somebody"));
    web_put(h, " on ");
    web_time(h, done->time_us);
    if (done->why.n) {
        web_put(h, ": ");
        web_text(h, done->why, WEB_SENTENCE);
    }
    web_put(h, "</p>");
}

static void put_step(struct html_page *p, const struct advice_item *a)
{
    struct web *h = &p->h;
    bool done = a->done.time_us != TIME_NONE;
    buf_printf(h->b, "<li class=\"step%s\"><h4><span class=\"box\" aria-hidden=\"true\">%s</span>",
               done ? " is-done" : "", done ? "\xe2\x9c\x93" : "");
    if (a->phase) {
        web_put(h, "<span class=\"phase\">");
        web_put(h, a->phase);
        web_put(h, "</span> ");
    }
    web_text(h, a->step, WEB_SENTENCE);
    web_put(h, done ? " <small>(done)</small></h4>" : "</h4>");
    web_put(h, "<p class=\"for\">");
    if (a->host.n)
        web_list(h, &a->host, 2 * HTML_NAMES);
    else
        web_put(h, "the organisation");
    if (a->play.n) {
        web_put(h, " \xc2\xb7 ");
        web_name(h, a->play);
    }
    if (a->audience.n) {
        web_put(h, " \xc2\xb7 for ");
        web_name(h, a->audience);
    }
    web_put(h, " \xc2\xb7 ");
    web_code(h, a->id, WEB_NAME); /* what advice --done takes */
    web_put(h, "</p><dl>");
    put_term(h, "Why", a->why);
    put_how(h, a->how);
    put_term(h, "Because", a->because);
    put_term(h, "Source", a->source);
    put_techniques(h, a);
    web_put(h, "</dl>");
    put_done(p, &a->done);
    web_put(h, "</li>\n");
    web_pace(h);
}

/* "now", "4h", "7d" in words; what is none of them as it stands. */
static void put_due(struct web *h, struct str due)
{
    uint64_t n;
    char unit = due.n ? due.p[due.n - 1] : 0;
    if (str_eq(due, STR("now"))) {
        web_put(h, "Now");
    } else if ((unit == 'h' || unit == 'd') && str_u64(str_sub(due, 0, due.n - 1), &n)) {
        web_put(h, "Within ");
        web_count(h, n, unit == 'h' ? "hour" : "day", unit == 'h' ? "hours" : "days");
    } else {
        web_text(h, due.n ? due : STR("What to do, in this order"), WEB_NAME);
    }
}

/* Steps that are due at the same time stand together, in their order. */
static void put_steps(struct html_page *p)
{
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, STEPS, 3 * HTML_LIST_BYTES);
    struct str due = STR_NONE;
    bool open = false;
    for (size_t i = 0; i < r->n_advice && web_room(&rows); i++) {
        const struct advice_item *a = &r->advice[i];
        if (!open || (a->due.n && !str_eq(a->due, due))) {
            due = a->due;
            web_put(&p->h, open ? "</ol>\n<h3>" : "<h3>");
            put_due(&p->h, due);
            web_put(&p->h, "</h3>\n<ol class=\"steps\">\n");
            open = true;
        }
        put_step(p, a);
    }
    web_put(&p->h, open ? "</ol>\n" : "");
    web_rest(&rows, r->n_advice, "step", "steps");
}

/* Without worked-out advice the verdicts still say what to do now. */
static void put_next_of_verdicts(struct html_page *p)
{
    struct web_rows rows = web_rows(&p->h, STEPS / 4, HTML_LIST_BYTES);
    uint64_t all = 0;
    web_put(&p->h, "<ul class=\"steps\">\n");
    for (size_t i = 0; i < p->n_hosts; i++) {
        const struct judgement *j = p->host[i].worst;
        all += j->verdict.next.n > 0;
        if (!j->verdict.next.n || !web_room(&rows))
            continue;
        web_put(&p->h, "<li class=\"step\"><h3><span class=\"box\" aria-hidden=\"true\"></span>");
        web_name(&p->h, j->verdict.host);
        web_put(&p->h, " ");
        html_badge(p, j->verdict.state);
        web_put(&p->h, "</h3><p>");
        web_text(&p->h, j->verdict.next, WEB_SENTENCE);
        web_put(&p->h, "</p></li>\n");
    }
    web_put(&p->h, "</ul>\n");
    web_rest(&rows, all, "host", "hosts");
}

static void put_actors(struct html_page *p)
{
    static const struct web_table table = {
        .caption = "Who is known to use these holes, by how far their targets match you",
        .head = {"Actor", "#Match", "Because", "Source"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS / 4, HTML_LIST_BYTES / 2);
    if (!r->n_actors)
        return;
    web_put(&p->h, "<h3>Who may be behind it</h3>\n");
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_actors && web_room(&rows); i++) {
        const struct actor_rank *a = &r->actor[i];
        web_put(&p->h, "<tr><th scope=\"row\">");
        web_name(&p->h, a->name);
        if (a->attack_id.n) {
            web_put(&p->h, " <small>");
            web_name(&p->h, a->attack_id);
            web_put(&p->h, "</small>");
        }
        web_put(&p->h, "</th><td class=\"n\">");
        web_share(&p->h, a->score);
        web_put(&p->h, "</td><td>");
        web_list(&p->h, &a->reason, 2 * HTML_NAMES);
        web_put(&p->h, "</td>");
        web_cell(&p->h, a->source);
        web_row_end(&p->h);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_actors, "actor", "actors");
}

static void put_notes(struct html_page *p)
{
    static const struct web_table table = {.caption = "What the analyst decided and noted",
                                           .head = {"About", "Decision", "By", "When", "Why"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, HTML_LIST_BYTES);
    if (!r->n_notes)
        return;
    web_put(&p->h, "<h3>The analyst's notes</h3>\n");
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_notes && web_room(&rows); i++) {
        const struct note *n = &r->note[i];
        web_put(&p->h, "<tr><th scope=\"row\"><code>");
        web_short(&p->h, n->about, 40);
        web_put(&p->h, "</code></th>");
        web_cell(&p->h, n->state);
        web_cell(&p->h, n->who);
        web_cell_time(&p->h, n->time_us);
        web_cell(&p->h, n->why);
        web_row_end(&p->h);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_notes, "note", "notes");
}

void html_steps(struct html_page *p)
{
    if (p->r->n_advice)
        put_steps(p);
    else if (p->n_hosts)
        put_next_of_verdicts(p);
    else
        web_put(&p->h, "<p class=\"note\">Scan the logs of your servers: <code>tocsin scan --case"
                       "</code>.</p>\n");
    put_actors(p);
    put_notes(p);
}
