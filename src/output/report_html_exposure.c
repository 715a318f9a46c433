/* Exposure: how much of the fleet is open to what, how that went, and what to install first. */
#include "output/report_html.h"
#include "output/web_chart.h"

#include <inttypes.h>
#include <math.h>

enum { CURVES = 4, BAR = 220, TOP = 14, BASE = 190, HEIGHT = 216, LEFT = 44, RIGHT = 845 };

static bool of_fleet(const struct exposure_share *s)
{
    return strcmp(s->part, "fleet") == 0;
}

static bool has_open(const struct exposure_share *s)
{
    return s->affair || s->n[EXPOSURE_EXPOSED];
}

static uint64_t hosts_of(const struct exposure_share *s)
{
    uint64_t all = 0;
    for (int i = 0; i < EXPOSURE_STATES; i++)
        all += s->n[i];
    return all;
}

/* ---- bars ---- */

static const struct {
    enum exposure_state state;
    const char *klass;
} parts[] = {{EXPOSURE_EXPOSED, "ee"},
             {EXPOSURE_MITIGATED, "emp"},
             {EXPOSURE_FIXED_IF_CONFIGURED, "eif"},
             {EXPOSURE_UNKNOWN, "eu"},
             {EXPOSURE_FIXED, "ef"}};

static void put_bar(struct html_page *p, const struct exposure_share *s)
{
    uint64_t all = hosts_of(s), before = 0;
    buf_printf(p->h.b,
               "<td><svg class=\"share\" viewBox=\"0 0 %d 14\" width=\"%d\" height=\"14\" "
               "aria-hidden=\"true\">",
               BAR, BAR);
    for (size_t i = 0; all && i < ARRAY_LEN(parts); i++) {
        uint64_t n = s->n[parts[i].state];
        int x = (int)((double)before / (double)all * BAR),
            end = (int)((double)(before + n) / (double)all * BAR);
        if (n)
            buf_printf(p->h.b, "<rect class=\"%s\" x=\"%d\" y=\"0\" width=\"%d\" height=\"14\"/>",
                       parts[i].klass, x, end > x ? end - x : 1);
        before += n;
    }
    web_put(&p->h, "</svg></td>");
}

static void put_of(struct html_page *p, const struct exposure_share *s)
{
    struct web *h = &p->h;
    web_put(h, "<tr><th scope=\"row\">");
    if (s->affair)
        web_name(h, html_title(p, s->of));
    else
        web_cve(h, s->of);
    if (!s->affair && s->kev_us != TIME_NONE)
        web_put(h, s->ransomware ? "<br><small>exploited, by ransomware too</small>"
                                 : "<br><small>known to be exploited</small>");
    web_put(h, "</th>");
}

static void put_share(struct html_page *p, const struct exposure_share *s)
{
    struct web *h = &p->h;
    put_of(p, s);
    put_bar(p, s);
    web_put(h, "<td class=\"n\"><strong>");
    web_share(h, exposure_share_open(s));
    web_put(h, "</strong>");
    if (s->accepted) {
        web_put(h, "<br><small>");
        web_count(h, s->accepted, "accepted", "accepted");
        web_put(h, "</small>");
    }
    web_put(h, "</td>");
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        web_cell_number(h, s->n[parts[i].state]);
    web_row_end(h);
}

static void put_legend(struct html_page *p)
{
    web_put(&p->h, "<p class=\"legend\">");
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        buf_printf(p->h.b,
                   "<svg class=\"share\" width=\"22\" height=\"14\" aria-hidden=\"true\"><rect "
                   "class=\"%s\" width=\"22\" height=\"14\"/></svg> %s ",
                   parts[i].klass, exposure_words(parts[i].state));
    web_put(&p->h, "</p>\n");
}

static void put_shares(struct html_page *p)
{
    static const struct web_table table = {
        .caption = "Hosts by affair and by CVE; open is the share of those whose state is known",
        .head = {"Affair or CVE", "Fleet", "#Open", "#exposed", "#mitigated",
                 "#fixed if configured", "#not known", "#fixed"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, HTML_LIST_BYTES);
    uint64_t all = 0, closed = 0;
    web_table(&p->h, &table);
    for (int cves = 0; cves < 2; cves++)
        for (size_t i = 0; i < r->n_shares; i++) {
            const struct exposure_share *s = &r->share[i];
            if (!of_fleet(s) || s->time_us != TIME_NONE || s->affair == (cves == 1))
                continue;
            closed += !has_open(s);
            all += has_open(s);
            if (has_open(s) && web_room(&rows))
                put_share(p, s);
        }
    web_table_end(&p->h);
    web_table_rest(&rows, all, "CVE", "CVEs");
    put_legend(p);
    if (closed) {
        web_put(&p->h, "<p class=\"note\">Nothing is known to be open to ");
        web_count(&p->h, closed, "further CVE", "further CVEs");
        web_put(&p->h, ".</p>\n");
    }
}

/* ---- the fleet over time ---- */

static bool in_course(const struct exposure_share *s, struct str of)
{
    return of_fleet(s) && s->time_us != TIME_NONE && str_eq(s->of, of) &&
           isfinite(exposure_share_open(s));
}

struct curves {
    struct str of[CURVES];
    size_t n;
    int64_t from_us, to_us;
};

/* Affairs with two points and more; CVEs only where there is no such affair. */
static struct curves find_curves(const struct report *r)
{
    struct curves k = {.from_us = INT64_MAX, .to_us = INT64_MIN};
    for (int cves = 0; cves < 2 && !k.n; cves++)
        for (size_t i = 0; i < r->n_course && k.n < CURVES; i++) {
            const struct exposure_share *s = &r->course[i];
            size_t seen = 0, points = 0;
            if (!in_course(s, s->of) || s->affair != (cves == 0))
                continue;
            while (seen < k.n && !str_eq(k.of[seen], s->of))
                seen++;
            for (size_t j = i; seen == k.n && j < r->n_course && points < 2; j++)
                points += in_course(&r->course[j], s->of);
            if (seen == k.n && points > 1)
                k.of[k.n++] = s->of;
        }
    for (size_t i = 0; i < r->n_course; i++)
        for (size_t j = 0; j < k.n; j++)
            if (in_course(&r->course[i], k.of[j])) {
                int64_t us = r->course[i].time_us;
                k.from_us = us < k.from_us ? us : k.from_us;
                k.to_us = us > k.to_us ? us : k.to_us;
            }
    return k;
}

static int y_of(double share)
{
    return BASE - (int)(share * (BASE - TOP) + 0.5);
}

static int put_curve(struct html_page *p, struct chart *c, struct str of, size_t which)
{
    int y = BASE, n = 0;
    buf_printf(p->h.b, "<polyline class=\"curve k%zu\" points=\"", which);
    for (size_t i = 0; i < p->r->n_course && n < HTML_ROWS; i++)
        if (in_course(&p->r->course[i], of)) {
            y = y_of(exposure_share_open(&p->r->course[i]));
            buf_printf(p->h.b, "%s%d,%d", n++ ? " " : "", chart_x(c, p->r->course[i].time_us), y);
        }
    web_put(&p->h, "\"/>");
    n = 0;
    for (size_t i = 0; i < p->r->n_course && n < HTML_ROWS; i++)
        if (in_course(&p->r->course[i], of)) {
            buf_printf(p->h.b, "<circle class=\"dot k%zu\" cx=\"%d\" cy=\"%d\" r=\"3\"/>", which,
                       chart_x(c, p->r->course[i].time_us),
                       y_of(exposure_share_open(&p->r->course[i])));
            n++;
        }
    return y;
}

/* At the ends of the lines; a name that would lie on an earlier one moves away from it. */
static void put_names(struct chart *c, const struct curves *k, int *y)
{
    for (size_t i = 0; i < k->n; i++) {
        char klass[] = "name k0";
        for (size_t j = 0; j < i; j++)
            if (y[i] > y[j] - 14 && y[i] < y[j] + 14)
                y[i] = y[j] + (y[0] > (TOP + BASE) / 2 ? -14 : 14);
        klass[6] = (char)('0' + i);
        chart_label(c, klass, RIGHT + 8, y[i] + 4, k->of[i], 22);
    }
}

static void put_percent(struct chart *c)
{
    for (int i = 0; i <= 4; i += 2) {
        int y = BASE - i * (BASE - TOP) / 4;
        buf_printf(c->h->b,
                   "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/><text "
                   "class=\"y\" x=\"%d\" y=\"%d\">%d %%</text>",
                   c->left, c->right, y, y, c->left - 6, y + 4, i * 25);
    }
}

static void put_course_table(struct html_page *p, const struct curves *k)
{
    static const struct web_table table = {
        .caption = "The share that is open, run by run",
        .head = {"As of", "Affair or CVE", "#Open", "#exposed", "#not known", "#fixed"}};
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, HTML_LIST_BYTES);
    uint64_t all = 0;
    html_twin(p);
    web_table(&p->h, &table);
    for (size_t j = 0; j < k->n; j++)
        for (size_t i = 0; i < p->r->n_course; i++) {
            const struct exposure_share *s = &p->r->course[i];
            if (!in_course(s, k->of[j]))
                continue;
            all++;
            if (!web_room(&rows))
                continue;
            web_put(&p->h, "<tr>");
            web_cell_day(&p->h, s->time_us);
            web_put(&p->h, "<th scope=\"row\">");
            web_name(&p->h, s->of);
            web_put(&p->h, "</th><td class=\"n\">");
            web_share(&p->h, exposure_share_open(s));
            web_put(&p->h, "</td>");
            web_cell_number(&p->h, s->n[EXPOSURE_EXPOSED]);
            web_cell_number(&p->h, s->n[EXPOSURE_UNKNOWN]);
            web_cell_number(&p->h, s->n[EXPOSURE_FIXED]);
            web_row_end(&p->h);
        }
    web_table_end(&p->h);
    web_table_rest(&rows, all, "point", "points");
    web_put(&p->h, "</details>\n");
}

static void put_course(struct html_page *p)
{
    struct web *h = &p->h;
    struct curves k = find_curves(p->r);
    if (!k.n || k.to_us <= k.from_us)
        return;
    struct chart c = {.h = h,
                      .left = LEFT,
                      .right = RIGHT,
                      .height = HEIGHT,
                      .from_us = k.from_us,
                      .to_us = k.to_us};
    int last[CURVES];
    web_put(h, "<h3>How it went</h3>\n<figure>\n<figcaption>Share of the fleet that is open"
               "</figcaption>\n");
    chart_begin(&c, STR("Share of the fleet that is open, over time"),
                STR("One line for each affair or CVE, from 0 to 100 percent. The table below has "
                    "the numbers."));
    chart_axis(&c, TOP, BASE);
    put_percent(&c);
    web_put(h, "<g class=\"plot\">");
    for (size_t i = 0; i < k.n; i++)
        last[i] = put_curve(p, &c, k.of[i], i);
    web_put(h, "</g>");
    put_names(&c, &k, last);
    chart_end(&c);
    web_put(h, "</figure>\n");
    put_course_table(p, &k);
}

/* ---- what to install, and every host ---- */

static void put_install(struct html_page *p, const struct exposure_update *u)
{
    struct web *h = &p->h;
    web_put(h, "<td>");
    web_text(h, u->first, WEB_NAME);
    web_put(h, u->first.n && u->then.n ? ", then " : "");
    web_text(h, u->then, WEB_NAME);
    web_put(h, (u->first.n || u->then.n) && u->advice.n ? "; " : "");
    web_text(h, u->advice, WEB_SENTENCE);
    web_put(h, "</td>");
}

static void put_updates(struct html_page *p)
{
    static const struct web_table table = {.caption = "Hosts, the most urgent first",
                                           .head = {"Host", "Product", "Build", "Reachable",
                                                    "#Open CVEs", "#Known exploited", "Install",
                                                    "Owner"}};
    static const char *const facing[] = {"not known", "inside", "from the Internet"};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, HTML_LIST_BYTES);
    if (!r->n_updates)
        return;
    web_put(&p->h, "<h3>What to install first</h3>\n");
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_updates && web_room(&rows); i++) {
        const struct exposure_update *u = &r->update[i];
        web_row_name(&p->h, u->host);
        web_cell(&p->h, u->product);
        web_put(&p->h, "<td class=\"t\">");
        build_add(p->h.b, &u->build);
        buf_printf(p->h.b, "</td><td>%s</td>", facing[u->facing]);
        web_cell_number(&p->h, u->open);
        web_cell_number(&p->h, u->open_kev);
        put_install(p, u);
        web_cell(&p->h, u->owner);
        web_row_end(&p->h);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_updates, "host", "hosts");
}

static void put_exposure_row(struct html_page *p, const struct exposure *e)
{
    struct web *h = &p->h;
    web_row_name(h, e->host);
    web_put(h, "<td>");
    web_cve(h, e->cve);
    buf_printf(h->b, "</td><td class=\"%s\">%s</td>",
               e->state == EXPOSURE_EXPOSED ? "still" : "hole", exposure_words(e->state));
    web_cell(h, e->product);
    web_cell(h, e->build);
    web_cell_day(h, e->since_us);
    web_cell(h, e->fixed_by);
    web_cell(h, e->source);
    web_cell(h, e->because);
    web_row_end(h);
}

static void put_exposures(struct html_page *p)
{
    static const struct web_table table = {.caption = "Hosts and CVEs that are not fixed",
                                           .head = {"Host", "CVE", "State", "Product", "Build",
                                                    "Since", "Fixed by", "Known from", "Because"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, 3 * HTML_LIST_BYTES / 2);
    uint64_t all = 0;
    for (size_t i = 0; i < r->n_exposures; i++)
        all += r->exposure[i].state != EXPOSURE_FIXED;
    if (!all)
        return;
    html_details(p, "Every host and CVE that is not fixed");
    web_table(&p->h, &table);
    for (int s = 0; s < EXPOSURE_FIXED; s++)
        for (size_t i = 0; i < r->n_exposures; i++)
            if (r->exposure[i].state == (enum exposure_state)s && web_room(&rows))
                put_exposure_row(p, &r->exposure[i]);
    web_table_end(&p->h);
    web_table_rest(&rows, all, "row", "rows");
    web_put(&p->h, "</details>\n");
}

void html_exposure(struct html_page *p)
{
    if (!p->r->n_shares && !p->r->n_exposures && !p->r->n_course) {
        web_put(&p->h, "<p class=\"note\">The case holds no inventory: <code>tocsin exposure "
                       "--case</code> adds which servers are open to what.</p>\n");
        return;
    }
    put_shares(p);
    put_course(p);
    put_updates(p);
    put_exposures(p);
}
