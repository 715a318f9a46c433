/* The timeline: for each affair a picture with one lane a host, drawn over what its logs cover,
 * with the public events above; then all events as a table. */
#include "output/report_html.h"
#include "output/web_chart.h"

#include <inttypes.h>

enum {
    LEFT = 130,
    RIGHT = 990,
    LANE = 28,
    BAND = 14,
    LABEL_ROWS = 6,
    LABEL_ROW = 15,
    LABEL_COLUMNS = 34,
    HOST_COLUMNS = 15,
    BINS = RIGHT - LEFT + 1,
    PUBLIC_EVENTS = 200,
};

struct picture {
    struct html_page *p;
    struct chart c;
    const struct dossier *dossier; /* NULL: rules outside any */
    size_t lanes;
    int labels; /* rows of words above */
    bool alerts;
};

static bool is_of(const struct picture *k, const struct judgement *j)
{
    struct str id = k->dossier ? k->dossier->id : STR_NONE;
    return !j->verdict.ended_before && str_eq(j->verdict.dossier, id);
}

/* ---- what time it shows ---- */

static void stretch(struct chart *c, int64_t us)
{
    if (us == TIME_NONE || us < -US_PER_DAY * 25000 || us > US_PER_DAY * 75000)
        return;
    c->from_us = us < c->from_us ? us : c->from_us;
    c->to_us = us > c->to_us ? us : c->to_us;
}

static void stretch_over(struct picture *k, const struct judgement *j)
{
    stretch(&k->c, j->window.first_us);
    stretch(&k->c, j->window.last_us);
    stretch(&k->c, j->earliest_us);
    stretch(&k->c, j->latest_us);
    stretch(&k->c, j->verdict.earliest_us);
    for (size_t i = 0; i < j->n_covered; i++)
        stretch(&k->c, j->covered[i].last_us);
    if (!k->dossier) {
        stretch(&k->c, j->verdict.first_us);
        stretch(&k->c, j->verdict.last_us);
    }
}

static bool find_range(struct picture *k)
{
    const struct report *r = k->p->r;
    k->c.from_us = INT64_MAX;
    k->c.to_us = INT64_MIN;
    for (size_t i = 0; i < r->n_judgements; i++)
        if (is_of(k, &r->judgement[i])) {
            stretch_over(k, &r->judgement[i]);
            k->lanes += k->lanes < HTML_LANES;
        }
    if (k->lanes && k->dossier)
        stretch(&k->c, k->dossier->window_from_us);
    if (k->c.from_us > k->c.to_us)
        return false;
    int64_t margin = (k->c.to_us - k->c.from_us) / 40 + US_PER_DAY;
    for (size_t i = 0; k->dossier && i < k->dossier->n_events; i++) {
        int64_t us = k->dossier->event[i].time_us;
        if (us > k->c.from_us - 30 * US_PER_DAY && us < k->c.to_us + 30 * US_PER_DAY)
            stretch(&k->c, us);
    }
    k->c.from_us -= margin;
    k->c.to_us += margin;
    for (size_t i = 0; i < r->n_alerts; i++)
        k->alerts |= chart_shows(&k->c, r->alert[i].time_us);
    return true;
}

/* ---- public events ---- */

/* The first row in which the words do not lie on earlier ones; LABEL_ROWS: none. */
static int free_row(const int *end, int from)
{
    int row = 0;
    while (row < LABEL_ROWS && end[row] > from)
        row++;
    return row;
}

/* Where the words of one event stand; row == LABEL_ROWS: nowhere. */
struct words {
    const struct public_event *event;
    int x, row;
    bool left_of; /* of the mark: they would leave the picture on its right */
};

static struct words place_words(const struct chart *c, const struct public_event *e, int *end)
{
    struct words w = {.event = e, .x = chart_x(c, e->time_us)};
    size_t columns = e->text.n < LABEL_COLUMNS ? e->text.n : LABEL_COLUMNS;
    int width = 14 + (int)columns * 6;
    w.left_of = w.x + width > RIGHT;
    w.row = free_row(end, w.left_of ? w.x - width : w.x - 6);
    if (w.row < LABEL_ROWS)
        end[w.row] = w.left_of ? w.x + 6 : w.x + width;
    return w;
}

static void put_words(struct picture *k, const struct words *w, int y)
{
    struct web *h = k->c.h;
    web_put(h, "<g><title>");
    web_text(h, w->event->text, WEB_SENTENCE);
    web_put(h, "</title>");
    if (w->row < LABEL_ROWS)
        chart_label(&k->c, w->left_of ? "ev-words end" : "ev-words",
                    w->left_of ? w->x - 5 : w->x + 5, w->row * LABEL_ROW + 12, w->event->text,
                    LABEL_COLUMNS);
    chart_mark(&k->c, "public", w->event->time_us, y);
    web_put(h, "</g>");
}

/* All lines first: none is drawn over words. */
static void put_public(struct picture *k)
{
    struct words words[PUBLIC_EVENTS];
    int end[LABEL_ROWS] = {0}, y = k->labels * LABEL_ROW + 8;
    size_t n = 0;
    for (size_t i = 0; k->dossier && i < k->dossier->n_events && n < PUBLIC_EVENTS; i++)
        if (chart_shows(&k->c, k->dossier->event[i].time_us))
            words[n++] = place_words(&k->c, &k->dossier->event[i], end);
    for (size_t i = 0; i < n; i++)
        if (words[i].row < LABEL_ROWS)
            buf_printf(k->c.h->b, "<line class=\"lead\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
                       words[i].x, words[i].x, words[i].row * LABEL_ROW + 12, y);
    for (size_t i = 0; i < n; i++)
        put_words(k, &words[i], y);
    web_put(k->c.h, "\n");
}

static void put_alerts(struct picture *k, int y)
{
    const struct report *r = k->p->r;
    for (size_t i = 0; i < r->n_alerts && i < HTML_ROWS; i++)
        if (chart_shows(&k->c, r->alert[i].time_us))
            chart_mark(&k->c, "alert", r->alert[i].time_us, y);
}

/* ---- lanes ---- */

static void put_logs(struct picture *k, struct str host, int y)
{
    const struct report *r = k->p->r;
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    for (size_t i = 0; i < r->n_coverage; i++) {
        const struct coverage *v = &r->coverage[i];
        if (!str_eq(v->host, host) || v->first_us == TIME_NONE)
            continue;
        first_us = v->first_us < first_us ? v->first_us : first_us;
        last_us = v->last_us > last_us ? v->last_us : last_us;
    }
    if (first_us <= last_us)
        chart_band(&k->c, "logs", first_us, last_us, y - BAND / 2, BAND);
}

static void put_bands(struct picture *k, const struct judgement *j, int y)
{
    put_logs(k, j->verdict.host, y);
    for (size_t i = 0; i < j->n_covered && i < HTML_ROWS; i++)
        chart_band(&k->c, "cov", j->covered[i].first_us, j->covered[i].last_us, y - BAND / 2, BAND);
    for (size_t i = 0; i < j->n_blind && i < HTML_ROWS; i++)
        chart_band(&k->c, "blind", j->blind[i].first_us, j->blind[i].last_us, y - BAND / 2, BAND);
    if (j->window.first_us != TIME_NONE)
        chart_band(&k->c, "win", j->window.first_us,
                   j->window.last_us == TIME_NONE ? k->c.to_us : j->window.last_us,
                   y - BAND / 2 - 3, BAND + 6);
}

/* One mark where many would lie on each other: the gravest. */
static void put_signs(struct picture *k, const struct judgement *j, int y)
{
    static const char *const symbol[GRADES] = {"g0", "g1", "g2", "g3", "g4"};
    const struct report *r = k->p->r;
    unsigned char grade[BINS] = {0};
    int64_t when[BINS];
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct finding *f = &r->finding[i];
        if (k->p->aside[i] || !str_eq(f->host, j->verdict.host) ||
            !chart_shows(&k->c, f->time_us) ||
            (k->dossier && !str_eq(f->dossier, j->verdict.dossier)))
            continue;
        int bin = chart_x(&k->c, f->time_us) - LEFT;
        if (grade[bin] < f->grade + 1) {
            grade[bin] = (unsigned char)(f->grade + 1);
            when[bin] = f->time_us;
        }
    }
    for (int g = 1; g <= GRADES; g++)
        for (int bin = 0; bin < BINS; bin++)
            if (grade[bin] == g)
                chart_mark(&k->c, symbol[g - 1], when[bin], y);
}

static void put_lane(struct picture *k, const struct judgement *j, int y)
{
    struct web *h = k->c.h;
    buf_printf(h->b, "<g class=\"lane s%d\">", (int)j->verdict.state);
    chart_label(&k->c, "host", 22, y + 4, j->verdict.host, HOST_COLUMNS);
    buf_printf(h->b, "<use href=\"#v%d\" x=\"0\" y=\"%d\" width=\"16\" height=\"16\"/>",
               (int)j->verdict.state, y - 8);
    web_put(h, "<g class=\"plot\">");
    put_bands(k, j, y);
    put_signs(k, j, y);
    int64_t fixed_us = j->verdict.fixed_since_us;
    if (fixed_us != TIME_NONE && chart_shows(&k->c, fixed_us))
        chart_mark(&k->c, "fix", fixed_us, y);
    web_put(h, "</g></g>\n");
    web_pace(h);
}

static void put_lanes(struct picture *k, int y)
{
    const struct report *r = k->p->r;
    struct web_rows rows = web_rows(k->c.h, HTML_LANES, HTML_LANES_BYTES);
    for (size_t i = 0; i < r->n_judgements; i++)
        if (is_of(k, &r->judgement[i]) && web_room(&rows)) {
            put_lane(k, &r->judgement[i], y);
            y += LANE;
        }
}

static void put_heading(struct picture *k)
{
    struct web *h = k->c.h;
    web_put(h, "<h3>");
    if (k->dossier)
        web_text(h, k->dossier->title.n ? k->dossier->title : k->dossier->id, WEB_NAME);
    else
        web_put(h, "Outside the known affairs");
    web_put(h, "</h3>\n<figure>\n");
}

static void put_left_words(struct picture *k, const char *words, int y)
{
    buf_printf(k->c.h->b, "<text class=\"host\" x=\"0\" y=\"%d\">%s</text>", y + 4, words);
}

static void put_picture(struct picture *k)
{
    int labels = k->labels * LABEL_ROW, alerts_y = labels + 8 + LANE,
        first = (k->alerts ? alerts_y : labels + 8) + LANE,
        bottom = first + (int)(k->lanes - 1) * LANE + LANE / 2 + 4;
    k->c.height = bottom + 24;
    put_heading(k);
    chart_begin(&k->c, k->dossier ? k->dossier->title : STR("Outside the known affairs"),
                STR("One lane a host. Shaded: what its logs cover. Hatched: a part of the window "
                    "without logs. Outlined: the window, from the first known use of the hole to "
                    "the fix. The table of events at the end of this section has all of it in "
                    "words."));
    chart_axis(&k->c, labels, bottom);
    if (k->labels) {
        put_left_words(k, "in public", labels + 8);
        web_put(k->c.h, "<g class=\"plot\">");
        put_public(k);
        web_put(k->c.h, "</g>");
    }
    if (k->alerts) {
        put_left_words(k, "chatter", alerts_y);
        web_put(k->c.h, "<g class=\"plot\">");
        put_alerts(k, alerts_y);
        web_put(k->c.h, "</g>\n");
    }
    put_lanes(k, first);
    chart_end(&k->c);
    web_put(k->c.h, "</figure>\n");
}

static bool put_affair(struct html_page *p, const struct dossier *d)
{
    struct picture k = {.p = p, .dossier = d, .c = {.h = &p->h, .left = LEFT, .right = RIGHT}};
    if (!find_range(&k))
        return false;
    k.labels = d && d->n_events ? LABEL_ROWS : 0;
    put_picture(&k);
    return true;
}

/* ---- the table ---- */

static void put_event(struct html_page *p, const struct event *e)
{
    struct web *h = &p->h;
    web_put(h, "<tr>");
    web_cell_time(h, e->time_us);
    web_cell(h, e->host);
    web_put(h, "<td>");
    enum grade g;
    if (e->grade.n && grade_parse(e->grade, &g))
        html_grade(p, g);
    else
        web_text(h, e->kind, WEB_NAME);
    web_put(h, "</td>");
    web_cell(h, e->message);
    web_cell(h, e->source);
    web_row_end(h);
}

static void put_events(struct html_page *p)
{
    static const struct web_table table = {
        .id = "events-table",
        .caption =
            "Events in order of time: findings, fixes, where logs begin, end and are silent, "
            "alerts, and what was public",
        .head = {"Time (UTC)", "Host", "What", "Event", "Source"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, REPORT_EVENTS, HTML_EVENTS_BYTES);
    html_details(p, "All events as a table");
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_events && web_room(&rows); i++)
        put_event(p, &r->event[i]);
    web_table_end(&p->h);
    web_table_rest(&rows, r->all_events > r->n_events ? r->all_events : r->n_events, "event",
                   "events");
    web_put(&p->h, "</details>\n");
}

static const char legend[] =
    "<p class=\"legend\"><svg class=\"i\" width=\"16\" height=\"16\" aria-hidden=\"true\"><use "
    "href=\"#g4\"/></svg> compromise <svg class=\"i\" width=\"16\" height=\"16\" "
    "aria-hidden=\"true\"><use href=\"#g3\"/></svg> progressed <svg class=\"i\" width=\"16\" "
    "height=\"16\" aria-hidden=\"true\"><use href=\"#g2\"/></svg> attempt <svg class=\"i\" "
    "width=\"16\" height=\"16\" aria-hidden=\"true\"><use href=\"#g1\"/></svg> probe <svg "
    "class=\"i\" width=\"16\" height=\"16\" aria-hidden=\"true\"><use href=\"#g0\"/></svg> weak "
    "sign "
    "<svg class=\"i\" width=\"16\" height=\"16\" aria-hidden=\"true\"><use href=\"#fix\"/></svg> "
    "fixed <svg class=\"i\" width=\"16\" height=\"16\" aria-hidden=\"true\"><use "
    "href=\"#alert\"/></svg> alert <svg class=\"i\" width=\"16\" height=\"16\" "
    "aria-hidden=\"true\"><use href=\"#public\"/></svg> in public</p>\n"
    "<p class=\"legend\"><svg class=\"strip\" width=\"26\" height=\"14\" "
    "aria-hidden=\"true\"><rect "
    "class=\"logs\" x=\"1\" y=\"1\" width=\"24\" height=\"12\"/></svg> some logs <svg "
    "class=\"strip\" width=\"26\" height=\"14\" aria-hidden=\"true\"><rect class=\"cov\" x=\"1\" "
    "y=\"1\" width=\"24\" height=\"12\"/></svg> logs that decide <svg class=\"strip\" width=\"26\" "
    "height=\"14\" aria-hidden=\"true\"><rect class=\"blind\" x=\"1\" y=\"1\" width=\"24\" "
    "height=\"12\"/></svg> what happened here nobody can see <svg class=\"strip\" width=\"26\" "
    "height=\"14\" aria-hidden=\"true\"><rect class=\"win\" x=\"1\" y=\"1\" width=\"24\" "
    "height=\"12\"/></svg> the window</p>\n";

void html_timeline(struct html_page *p)
{
    size_t n = 0;
    if (!p->r->n_events && !p->n_hosts) {
        web_put(&p->h, "<p class=\"note\">The case holds no event.</p>\n");
        return;
    }
    web_put(&p->h, legend);
    for (size_t i = 0; i < p->r->n_dossiers && n < HTML_PICTURES; i++)
        n += put_affair(p, &p->r->dossier[i]);
    n += put_affair(p, NULL);
    if (p->r->n_dossiers > HTML_PICTURES)
        web_put(&p->h, "<p class=\"rest\">Pictures are drawn of four affairs at most; the table "
                       "has the events of all.</p>\n");
    put_events(p);
}
