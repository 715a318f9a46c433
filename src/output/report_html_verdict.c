/* The answer in one sentence, the matrix, and each host with why. */
#include "output/report_html.h"
#include "output/web_chart.h"

#include <inttypes.h>

enum { AFFAIRS = 3 };

/* ---- headline ---- */

static void put_worst(struct html_page *p, enum verdict_state v, const char *one, const char *many)
{
    struct web *h = &p->h;
    size_t n = p->hosts_of[v];
    if (p->n_hosts == 1) {
        web_name(h, p->host[0].name);
    } else {
        web_number(h, n);
        buf_printf(h->b, " of %zu hosts", p->n_hosts);
    }
    web_put(h, n == 1 ? one : many);
    if (p->n_hosts > 1) {
        web_put(h, ": ");
        html_hosts_of(p, v);
    }
    web_put(h, ".");
}

/* Of a negative: is there anything that could not be read? */
static bool is_blind(const struct html_page *p)
{
    for (size_t i = 0; i < p->n_hosts; i++)
        if (p->host[i].worst->verdict.state == VERDICT_NO_SIGN && p->host[i].worst->unread)
            return true;
    return false;
}

/* What no other sentence may hide: the worst that was found, and whether it can be trusted. */
static void put_answer(struct html_page *p)
{
    struct web *h = &p->h;
    const size_t *of = p->hosts_of;
    if (!p->n_hosts)
        web_put(h, "No host was examined.");
    else if (of[VERDICT_COMPROMISED])
        put_worst(p, VERDICT_COMPROMISED, " is compromised", " are compromised");
    else if (of[VERDICT_EXPLOITED_UNCONFIRMED])
        put_worst(p, VERDICT_EXPLOITED_UNCONFIRMED, " must be treated as compromised",
                  " must be treated as compromised");
    else if (of[VERDICT_ATTEMPTED])
        put_worst(p, VERDICT_ATTEMPTED, " was attacked, no break-in seen",
                  " were attacked, no break-in seen");
    else if (of[VERDICT_NOT_ENOUGH_EVIDENCE])
        put_worst(p, VERDICT_NOT_ENOUGH_EVIDENCE, " cannot be cleared", " cannot be cleared");
    else if (is_blind(p))
        put_worst(p, VERDICT_NO_SIGN,
                  ": no sign in what could be read of the logs; not everything could",
                  ": no sign in what could be read of the logs; not everything could");
    else
        put_worst(p, VERDICT_NO_SIGN, ": no sign in the logs that were supplied",
                  ": no sign in the logs that were supplied");
}

static size_t count_judgements(const struct html_page *p, bool (*is)(const struct judgement *j),
                               struct str_list *names, size_t most)
{
    size_t n = 0;
    names->n = 0;
    for (size_t i = 0; i < p->n_hosts; i++)
        if (is(p->host[i].worst)) {
            if (n < most)
                names->v[names->n++] = p->host[i].name;
            n++;
        }
    return n;
}

static bool is_before_fix(const struct judgement *j)
{
    return j->before_fix;
}

static bool is_to_isolate(const struct judgement *j)
{
    return j->isolate_why.n || j->verdict.isolate;
}

static bool is_open(const struct judgement *j)
{
    return j->open == OPEN_STILL;
}

static void put_fact(struct html_page *p, bool (*is)(const struct judgement *j), const char *before,
                     const char *after)
{
    struct str name[HTML_NAMES];
    struct str_list names = {name, 0};
    size_t n = count_judgements(p, is, &names, HTML_NAMES);
    if (!n)
        return;
    buf_printf(p->h.b, "<li>%s", before);
    names.n = n; /* web_list reads no more than HTML_NAMES */
    web_list(&p->h, &names, HTML_NAMES);
    buf_printf(p->h.b, "%s</li>\n", after);
}

static void put_open_share(struct html_page *p, const struct exposure_share *s)
{
    struct web *h = &p->h;
    uint64_t all = 0;
    for (int i = 0; i < EXPOSURE_STATES; i++)
        all += s->n[i];
    web_number(h, s->n[EXPOSURE_EXPOSED]);
    web_put(h, " of ");
    web_count(h, all, "host", "hosts");
    web_put(h, " (");
    web_share(h, exposure_share_open(s));
    web_put(h, ") to ");
    web_name(h, html_title(p, s->of));
}

/* An open server is open as it was last seen: the reader has to know how long ago that is. */
static void put_last_seen(struct html_page *p)
{
    int64_t first_us = TIME_NONE, last_us = TIME_NONE;
    for (size_t i = 0; i < p->r->n_exposures; i++) {
        const struct exposure *e = &p->r->exposure[i];
        if (e->state != EXPOSURE_EXPOSED || e->seen_us == TIME_NONE)
            continue;
        first_us = first_us == TIME_NONE || e->seen_us < first_us ? e->seen_us : first_us;
        last_us = e->seen_us > last_us ? e->seen_us : last_us;
    }
    if (last_us == TIME_NONE)
        return;
    web_put(&p->h, "; by builds last seen ");
    web_put(&p->h, time_day(first_us) == time_day(last_us) ? "on " : "from ");
    web_day(&p->h, first_us);
    if (time_day(first_us) != time_day(last_us)) {
        web_put(&p->h, " to ");
        web_day(&p->h, last_us);
    }
}

/* Of the fleet, whether its logs were read or not. */
static void put_open(struct html_page *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->r->n_shares && n < AFFAIRS; i++) {
        const struct exposure_share *s = &p->r->share[i];
        if (!s->affair || s->time_us != TIME_NONE || strcmp(s->part, "fleet") != 0 ||
            !s->n[EXPOSURE_EXPOSED])
            continue;
        web_put(&p->h, n++ ? "; " : "<li>Open in the fleet: ");
        put_open_share(p, s);
    }
    if (!n)
        return;
    put_last_seen(p);
    web_put(&p->h, ". <a href=\"#exposure\">What to install</a></li>\n");
}

static void put_unclear(struct html_page *p)
{
    size_t n = p->hosts_of[VERDICT_NOT_ENOUGH_EVIDENCE];
    if (!n || n == p->n_hosts)
        return;
    web_put(&p->h, "<li>");
    web_count(&p->h, n, "host", "hosts");
    web_put(&p->h, " cannot be cleared, since the logs do not cover the time: ");
    html_hosts_of(p, VERDICT_NOT_ENOUGH_EVIDENCE);
    web_put(&p->h, ".</li>\n");
}

static void put_named(struct html_page *p)
{
    if (!p->r->n_named)
        return;
    web_put(&p->h, "<li>");
    web_count(&p->h, p->r->n_named, "host is", "hosts are");
    web_put(&p->h, " named in the logs of others, but no logs of it were supplied: see "
                   "<a href=\"#named\">below</a>.</li>\n");
}

static void put_first_step(struct html_page *p)
{
    for (size_t i = 0; i < p->r->n_advice; i++)
        if (p->r->advice[i].done.time_us == TIME_NONE && p->r->advice[i].step.n) {
            web_put(&p->h, "<li>First thing to do: ");
            web_text(&p->h, p->r->advice[i].step, WEB_SENTENCE);
            if (p->r->advice[i].host.n) {
                web_put(&p->h, " (");
                web_list(&p->h, &p->r->advice[i].host, HTML_NAMES);
                web_put(&p->h, ")");
            }
            web_put(&p->h, " <a href=\"#steps\">All steps</a></li>\n");
            return;
        }
}

void html_headline(struct html_page *p)
{
    web_put(&p->h, "<h1>");
    put_answer(p);
    web_put(&p->h, "</h1>\n<ul class=\"facts\">\n");
    put_fact(p, is_to_isolate, "<strong>Isolate now:</strong> ", ".");
    put_fact(p, is_before_fix, "A request succeeded before the update on ",
             ". Installing the update does not undo that.");
    put_fact(p, is_open, "Still open to the affair: ", ".");
    put_open(p);
    put_unclear(p);
    put_named(p);
    put_first_step(p);
    web_put(&p->h, "</ul>\n");
}

/* ---- matrix ---- */

static const enum open_side columns[] = {OPEN_STILL, OPEN_MITIGATED, OPEN_FIXED, OPEN_NEVER,
                                         OPEN_UNKNOWN};

static void put_matrix_row(struct html_page *p, enum verdict_state v)
{
    size_t n[OPEN_SIDES] = {0};
    for (size_t i = 0; i < p->n_hosts; i++)
        if (p->host[i].worst->verdict.state == v)
            n[p->host[i].worst->open]++;
    web_put(&p->h, "<tr><th scope=\"row\">");
    html_badge(p, v);
    web_put(&p->h, "</th>");
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        buf_printf(p->h.b, n[columns[i]] ? "<td class=\"n s%d\">" : "<td class=\"n none\">",
                   (int)v);
        web_number(&p->h, n[columns[i]]);
        web_put(&p->h, "</td>");
    }
    web_put(&p->h, "<td class=\"n sum\">");
    web_number(&p->h, p->hosts_of[v]);
    web_put(&p->h, "</td>");
    web_row_end(&p->h);
}

static void put_matrix(struct html_page *p)
{
    static const struct web_table table = {
        .klass = "matrix",
        .caption = "Hosts by verdict, and whether the hole is open; each host by its worst affair",
        .head = {"Verdict", "#still open", "#mitigated", "#fixed", "#never open", "#not known",
                 "#all"}};
    web_table(&p->h, &table);
    for (int v = VERDICT_COMPROMISED; v >= VERDICT_NO_SIGN; v--)
        put_matrix_row(p, (enum verdict_state)v);
    web_table_end(&p->h);
}

/* ---- hosts ---- */

/* The window with what the logs cover of it; the words stand beside it. */
static void put_strip(struct html_page *p, const struct judgement *j)
{
    struct web *h = &p->h;
    struct chart c = {.h = h, .left = 1, .right = 159};
    c.from_us = j->window.first_us;
    c.to_us = j->window.last_us;
    if (c.to_us == TIME_NONE)
        c.to_us = j->n_covered ? j->covered[j->n_covered - 1].last_us : TIME_NONE;
    if (c.to_us == TIME_NONE || c.to_us <= c.from_us)
        return;
    web_put(h, "<svg class=\"strip\" viewBox=\"0 0 160 14\" width=\"160\" height=\"14\" "
               "aria-hidden=\"true\">");
    for (size_t i = 0; i < j->n_covered && i < HTML_ROWS; i++)
        chart_band(&c, "cov", j->covered[i].first_us, j->covered[i].last_us, 1, 12);
    for (size_t i = 0; i < j->n_blind && i < HTML_ROWS; i++)
        chart_band(&c, "blind", j->blind[i].first_us, j->blind[i].last_us, 1, 12);
    web_put(h, "<rect class=\"win\" x=\"1\" y=\"1\" width=\"158\" height=\"12\"/>");
    if (chart_shows(&c, j->earliest_us)) {
        int x = chart_x(&c, j->earliest_us);
        buf_printf(h->b, "<path class=\"sign\" d=\"M%d 0v14\"/>", x);
    }
    web_put(h, "</svg>");
}

static void put_days(struct html_page *p, const struct judgement *j)
{
    struct web *h = &p->h;
    web_put(h, "<td class=\"c\">");
    if (j->open == OPEN_NEVER) {
        web_put(h, "never open");
    } else if (j->window_days) {
        put_strip(p, j);
        buf_printf(h->b, "<span>%u of %u days</span>", j->covered_days, j->window_days);
    } else if (j->verdict.first_us != TIME_NONE && j->verdict.dossier.p) {
        web_share(h, j->verdict.window_share);
        web_put(h, " of the window");
    } else if (j->verdict.first_us != TIME_NONE) {
        web_day(h, j->verdict.first_us);
        web_put(h, " to ");
        web_day(h, j->verdict.last_us);
    } else {
        web_put(h, "<span class=\"none\">no logs</span>");
    }
    web_put(h, "</td>");
}

static void put_hole(struct html_page *p, const struct judgement *j)
{
    struct web *h = &p->h;
    buf_printf(h->b, "<td class=\"%s\">%s", j->open == OPEN_STILL ? "still" : "hole",
               open_words(j->open));
    if (j->open == OPEN_FIXED && j->verdict.fixed_since_us != TIME_NONE) {
        web_put(h, "<br><small>since ");
        web_day(h, j->verdict.fixed_since_us);
        web_put(h, "</small>");
    }
    if (j->verdict.build.n) {
        web_put(h, "<br><small>build ");
        web_name(h, j->verdict.build);
        web_put(h, "</small>");
    }
    web_put(h, "</td>");
}

/* Without "EX01: compromised: ", which the row says already. */
static struct str short_sentence(const struct judgement *j)
{
    struct str s = j->sentence.n ? j->sentence : j->verdict.because;
    struct str said[] = {j->verdict.host, str_of(verdict_words(j->verdict.state))};
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        struct str rest = str_sub(s, said[i].n, s.n);
        if (str_starts(s, said[i]) && str_starts(rest, STR(": ")))
            s = str_sub(rest, 2, rest.n);
    }
    return s;
}

static void put_host(struct html_page *p, const struct judgement *j)
{
    struct web *h = &p->h;
    struct str affair = j->title.n ? j->title : j->verdict.dossier;
    web_put(h, "<tr><th scope=\"row\">");
    web_name(h, j->verdict.host);
    web_put(h, "<br><small>");
    web_text(h, affair.n ? affair : STR("outside the known affairs"), WEB_NAME);
    web_put(h, "</small></th><td>");
    html_badge(p, j->verdict.state);
    if (j->lowered)
        buf_printf(h->b, "<br><small>by the analyst's decision; the evidence alone says %s</small>",
                   verdict_words(j->said));
    web_put(h, "</td>");
    put_hole(p, j);
    put_days(p, j);
    web_cell(h, short_sentence(j));
    web_row_end(h);
}

/* Affairs that began after a host's logs end: one line for each, not one for each host. */
static bool is_other(const struct html_page *p, const struct judgement *j)
{
    const uint32_t *at = map_get(&p->by_name, j->verdict.host);
    return j->verdict.ended_before && at && p->host[*at].worst != j;
}

static void put_ended(struct html_page *p, const struct dossier *d)
{
    struct str name[HTML_NAMES];
    struct str_list names = {name, 0};
    for (size_t i = 0; i < p->r->n_judgements; i++) {
        const struct judgement *j = &p->r->judgement[i];
        if (!is_other(p, j) || !str_eq(j->verdict.dossier, d->id))
            continue;
        if (names.n < HTML_NAMES)
            name[names.n] = j->verdict.host;
        names.n++;
    }
    if (!names.n)
        return;
    web_put(&p->h, "<p class=\"note\">");
    web_text(&p->h, d->title, WEB_NAME);
    web_put(&p->h, ": began after the logs of these hosts end, which say nothing about it: ");
    web_list(&p->h, &names, HTML_NAMES);
    web_put(&p->h, ".</p>\n");
}

static void put_hosts(struct html_page *p)
{
    static const struct web_table table = {
        .klass = "hosts",
        .caption = "Each host and affair, the worst first: what the verdict rests on",
        .head = {"Host and affair", "Verdict", "Hole", "Window covered", "Why"}};
    struct web_rows rows = web_rows(&p->h, HTML_HOSTS, 4 * HTML_LIST_BYTES);
    uint64_t all = 0;
    web_table(&p->h, &table);
    for (size_t i = 0; i < p->r->n_judgements; i++) {
        const struct judgement *j = &p->r->judgement[i];
        if (is_other(p, j))
            continue;
        if (all++ == rows.n && web_room(&rows))
            put_host(p, j);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, all, "line", "lines");
    for (size_t i = 0; i < p->r->n_dossiers && i < HTML_ROWS; i++)
        put_ended(p, &p->r->dossier[i]);
}

void html_verdict(struct html_page *p)
{
    if (!p->n_hosts) {
        web_put(&p->h, "<p class=\"note\">The case holds no scan: no host was judged.</p>\n");
        html_first_hour(p);
        return;
    }
    put_matrix(p);
    web_put(&p->h, "<h3>Host by host</h3>\n");
    put_hosts(p);
    web_put(&p->h,
            "<p class=\"legend\"><svg class=\"strip\" width=\"26\" height=\"14\" "
            "aria-hidden=\"true\"><rect class=\"cov\" x=\"1\" y=\"1\" width=\"24\" "
            "height=\"12\"/></svg> logs that decide <svg class=\"strip\" width=\"26\" "
            "height=\"14\" aria-hidden=\"true\"><rect class=\"blind\" x=\"1\" y=\"1\" width=\"24\" "
            "height=\"12\"/></svg> none <svg class=\"strip\" width=\"26\" height=\"14\" "
            "aria-hidden=\"true\"><rect class=\"win\" x=\"1\" y=\"1\" width=\"24\" "
            "height=\"12\"/></svg> window: from the first known use of the hole to the fix "
            "<svg class=\"strip\" width=\"8\" height=\"14\" aria-hidden=\"true\"><path "
            "class=\"sign\" d=\"M4 0v14\"/></svg> earliest sign</p>\n");
    html_first_hour(p);
}
