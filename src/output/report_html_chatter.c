/* Chatter: threads a week of the subjects that rose, with the days that were alerted. */
#include "output/report_html.h"
#include "output/web_chart.h"

#include <inttypes.h>

enum { WEEKS = 530, TOP = 24, BASE = 170, HEIGHT = 196, LEFT = 44, RIGHT = 992, MARK_Y = 12 };
#define US_PER_WEEK (7 * US_PER_DAY)

/* The newest WEEKS of them. */
static struct chatter_course newest(const struct chatter_course *c)
{
    size_t skip = c->n_weeks > WEEKS ? c->n_weeks - WEEKS : 0;
    return (struct chatter_course){c->subject, c->week + skip, c->n_weeks - skip};
}

static uint64_t most_threads(const struct chatter_course *c)
{
    uint64_t most = 1;
    for (size_t i = 0; i < c->n_weeks; i++)
        most = c->week[i].threads > most ? c->week[i].threads : most;
    return most;
}

static int bar_height(uint64_t n, uint64_t most)
{
    return (int)((double)n / (double)most * (BASE - TOP) + 0.5);
}

static void put_scale(struct chart *c, uint64_t most)
{
    struct web *h = c->h;
    for (int i = 0; i <= 2; i++) {
        int y = BASE - i * (BASE - TOP) / 2;
        if (i == 1 && most % 2)
            continue;
        buf_printf(h->b,
                   "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/><text "
                   "class=\"y\" x=\"%d\" y=\"%d\">",
                   c->left, c->right, y, y, c->left - 6, y + 4);
        web_number(h, most * (uint64_t)i / 2);
        web_put(h, "</text>");
    }
}

static void put_bars(struct chart *c, const struct chatter_course *course, uint64_t most)
{
    for (size_t i = 0; i < course->n_weeks; i++) {
        const struct chatter_week *w = &course->week[i];
        int height = bar_height(w->threads, most);
        if (height)
            chart_band(c, "bar", w->from_us, w->from_us + US_PER_WEEK - US_PER_DAY, BASE - height,
                       height);
    }
}

static size_t put_marks(struct chart *c, const struct report *r, struct str subject)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_alerts; i++) {
        const struct alert *a = &r->alert[i];
        if (!str_eq(a->subject, subject))
            continue;
        if (n < HTML_ROWS && chart_shows(c, a->time_us)) {
            int x = chart_x(c, a->time_us);
            buf_printf(c->h->b, "<line class=\"at\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", x,
                       x, MARK_Y, BASE);
            chart_mark(c, "alert", a->time_us, MARK_Y);
        }
        n++;
    }
    return n;
}

static size_t alerts_of(const struct report *r, struct str subject)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_alerts; i++)
        n += str_eq(r->alert[i].subject, subject);
    return n;
}

static void put_weeks(struct html_page *p, const struct chatter_course *course)
{
    static const struct web_table table = {.caption = "Threads and posts by week",
                                           .head = {"Week from", "#Threads", "#Posts"}};
    struct web_rows rows = web_rows(&p->h, WEEKS, HTML_LIST_BYTES / 2);
    html_twin(p);
    web_table(&p->h, &table);
    for (size_t i = course->n_weeks; i-- > 0 && web_room(&rows);) {
        const struct chatter_week *w = &course->week[i];
        web_put(&p->h, "<tr><th scope=\"row\">");
        web_day(&p->h, w->from_us);
        web_put(&p->h, "</th>");
        web_cell_number(&p->h, w->threads);
        web_cell_number(&p->h, w->posts);
        web_row_end(&p->h);
    }
    web_table_end(&p->h);
    web_table_rest(&rows, course->n_weeks, "week", "weeks");
    web_put(&p->h, "</details>\n");
}

static void put_description(struct buf *b, const struct report *r,
                            const struct chatter_course *course, uint64_t most)
{
    buf_printf(b,
               "Bars: threads a week that name it, %" PRIu64 " at most. Flags: the days that were "
               "alerted, %zu in all. The table below has the numbers.",
               most, alerts_of(r, course->subject));
}

static void put_course(struct html_page *p, const struct chatter_course *whole)
{
    struct web *h = &p->h;
    struct chatter_course course = newest(whole);
    uint64_t most = most_threads(&course);
    struct buf words;
    if (!course.n_weeks)
        return;
    struct chart c = {.h = h,
                      .left = LEFT,
                      .right = RIGHT,
                      .height = HEIGHT,
                      .from_us = course.week[0].from_us,
                      .to_us = course.week[course.n_weeks - 1].from_us + US_PER_WEEK};
    for (size_t i = 0; i < p->r->n_alerts; i++) /* one is raised when its week is over */
        if (str_eq(p->r->alert[i].subject, course.subject) && p->r->alert[i].time_us > c.to_us &&
            p->r->alert[i].time_us < c.to_us + 8 * US_PER_WEEK)
            c.to_us = p->r->alert[i].time_us + US_PER_WEEK / 2;
    buf_init(&words, WEB_SENTENCE);
    put_description(&words, p->r, &course, most);
    web_put(h, "<h3>");
    web_name(h, course.subject);
    web_put(h,
            "</h3>\n<figure>\n<figcaption>Threads a week; <svg class=\"i\" width=\"16\" "
            "height=\"16\" aria-hidden=\"true\"><use href=\"#alert\"/></svg> alert</figcaption>\n");
    chart_begin(&c, course.subject, buf_view(&words));
    chart_axis(&c, TOP, BASE);
    put_scale(&c, most);
    web_put(h, "<g class=\"plot\">");
    put_bars(&c, &course, most);
    (void)put_marks(&c, p->r, course.subject);
    web_put(h, "</g>");
    chart_end(&c);
    web_put(h, "</figure>\n");
    put_weeks(p, &course);
    buf_done(&words);
}

/* Subjects with alerts first. */
static void put_courses(struct html_page *p)
{
    const struct report *r = p->r;
    size_t n = 0;
    for (int silent = 0; silent < 2; silent++)
        for (size_t i = 0; i < r->n_chatter && n < HTML_PICTURES; i++)
            if ((alerts_of(r, r->chatter[i].subject) == 0) == silent) {
                put_course(p, &r->chatter[i]);
                n++;
            }
    if (r->n_chatter > n)
        buf_printf(p->h.b, "<p class=\"rest\">and %zu more subjects without a picture</p>\n",
                   r->n_chatter - n);
}

/* ---- alerts ---- */

static void put_alert(struct html_page *p, const struct alert *a)
{
    struct web *h = &p->h;
    web_put(h, "<tr>");
    web_cell_day(h, a->time_us);
    web_put(h, "<th scope=\"row\">");
    web_name(h, a->subject);
    web_put(h, "</th><td class=\"n\">");
    web_number(h, a->observed);
    web_put(h, "</td><td class=\"n\">");
    if (a->expected >= 0 && a->expected < 1e9)
        buf_printf(h->b, "%u.%u", (unsigned)a->expected, (unsigned)(a->expected * 10) % 10);
    web_put(h, "</td>");
    web_cell_day(h, a->since_us);
    web_put(h, "<td>");
    web_list(h, &a->asset, HTML_NAMES);
    web_put(h, a->asset.n ? "</td><td>" : "<span class=\"none\">none of mine</span></td><td>");
    web_text(h, a->title, WEB_SENTENCE);
    if (a->why.n) {
        web_put(h, "<details><summary>why</summary><p>");
        web_text(h, a->why, WEB_SENTENCE);
        web_put(h, "</p><p>");
        web_text(h, a->silenced, WEB_SENTENCE);
        web_put(h, "</p></details>");
    }
    web_put(h, "</td>");
    web_row_end(h);
}

static void put_alerts(struct html_page *p)
{
    static const struct web_table table = {
        .caption = "Alerts, in order of time: subjects that rose beyond their own past",
        .head = {"Raised", "Subject", "#Observed", "#Expected", "First mention", "Concerns",
                 "What rose"}};
    const struct report *r = p->r;
    struct web_rows rows = web_rows(&p->h, HTML_ROWS, 2 * HTML_LIST_BYTES);
    web_put(&p->h, "<h3>Alerts</h3>\n");
    if (!r->n_alerts) {
        web_put(&p->h, "<p class=\"note\">No subject rose beyond what its own past lets expect."
                       "</p>\n");
        return;
    }
    web_table(&p->h, &table);
    for (size_t i = 0; i < r->n_alerts && web_room(&rows); i++)
        put_alert(p, &r->alert[i]);
    web_table_end(&p->h);
    web_table_rest(&rows, r->n_alerts, "alert", "alerts");
}

void html_chatter(struct html_page *p)
{
    if (!p->r->n_alerts && !p->r->n_chatter) {
        web_put(&p->h, "<p class=\"note\">The case holds no posts: <code>tocsin watch --case"
                       "</code> adds what is said in feeds, forums and channels.</p>\n");
        return;
    }
    put_courses(p);
    put_alerts(p);
}
