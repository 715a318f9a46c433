#include "output/web_chart.h"

#include <inttypes.h>

enum { MARK = 14, AXIS_WORDS = 18, YEAR_WORDS = 72, LEAST_US_HOURS = 1 };

void web_symbol(struct web *h, const char *symbol)
{
    buf_printf(h->b,
               "<svg class=\"i\" width=\"16\" height=\"16\" aria-hidden=\"true\"><use "
               "href=\"#%s\"/></svg>",
               symbol);
}

void chart_begin(struct chart *c, struct str title, struct str description)
{
    struct web *h = c->h;
    if (c->to_us - c->from_us < LEAST_US_HOURS * US_PER_HOUR)
        c->to_us = c->from_us + LEAST_US_HOURS * US_PER_HOUR;
    web_put(h, "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"");
    web_text(h, title, WEB_NAME);
    buf_printf(h->b,
               "\"><svg class=\"chart\" role=\"img\" viewBox=\"0 0 %d %d\" data-from=\"%" PRId64
               "\" data-to=\"%" PRId64 "\" data-left=\"%d\" data-right=\"%d\"><title>",
               CHART_WIDTH, c->height, c->from_us / US_PER_S, c->to_us / US_PER_S, c->left,
               c->right);
    web_text(h, title, WEB_NAME);
    web_put(h, "</title><desc>");
    web_text(h, description, WEB_SENTENCE);
    web_put(h, "</desc>\n");
}

void chart_end(struct chart *c)
{
    web_put(c->h, "</svg></div>\n");
    web_pace(c->h);
}

bool chart_shows(const struct chart *c, int64_t time_us)
{
    return time_us != TIME_NONE && time_us >= c->from_us && time_us <= c->to_us;
}

int chart_x(const struct chart *c, int64_t time_us)
{
    int64_t t = time_us < c->from_us ? c->from_us : time_us > c->to_us ? c->to_us : time_us;
    double share = (double)(t - c->from_us) / (double)(c->to_us - c->from_us);
    return c->left + (int)(share * (c->right - c->left) + 0.5);
}

/* ---- axis ---- */

/* Steps between ticks, the finest that gives no more than CHART_TICKS. */
static const struct step {
    int64_t us; /* 0: calendar months */
    int months;
} steps[] = {{US_PER_HOUR, 0},
             {3 * US_PER_HOUR, 0},
             {12 * US_PER_HOUR, 0},
             {US_PER_DAY, 0},
             {2 * US_PER_DAY, 0},
             {7 * US_PER_DAY, 0},
             {14 * US_PER_DAY, 0},
             {0, 1},
             {0, 3},
             {0, 6},
             {0, 12},
             {0, 24},
             {0, 60},
             {0, 120},
             {0, 600}};

static int64_t step_us(const struct step *s)
{
    return s->months ? s->months * 30 * US_PER_DAY : s->us;
}

static int64_t month_start(int64_t months)
{
    struct civil c = {(int)(months / 12), (int)(months % 12) + 1, 1, 0, 0, 0, 0};
    return time_of_civil(&c);
}

/* The first tick at or after t, and the ones after it. Weeks begin on Mondays. */
static int64_t tick_at(const struct step *s, int64_t from_us, int i)
{
    int64_t monday = 4 * US_PER_DAY; /* 1970-01-05 */
    if (s->months) {
        struct civil c = time_civil(from_us);
        int64_t month = (int64_t)c.year * 12 + c.month - 1;
        month = (month + s->months - 1) / s->months * s->months;
        if (month_start(month) < from_us)
            month += s->months;
        return month_start(month + (int64_t)i * s->months);
    }
    int64_t base = from_us - monday, k = base >= 0 ? (base + s->us - 1) / s->us : base / s->us;
    return monday + (k + i) * s->us;
}

static void tick_words(struct web *h, const struct step *s, int64_t us, bool first)
{
    static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct civil c = time_civil(us);
    if (s->months < 12 && !s->months)
        buf_printf(h->b, "%d ", c.day);
    if (s->months < 12)
        buf_printf(h->b, "%.3s ", month + 3 * (c.month - 1));
    if (s->us && s->us < US_PER_DAY)
        buf_printf(h->b, "%02d:00", c.hour);
    else if (first || s->months >= 12 || (s->months && c.month == 1))
        buf_printf(h->b, "%d", c.year);
}

void chart_axis(struct chart *c, int top, int bottom)
{
    struct web *h = c->h;
    size_t k = 0;
    int free_x = 0; /* where the words before end: the first ones have the year and are longer */
    while (k + 1 < ARRAY_LEN(steps) && (c->to_us - c->from_us) / step_us(&steps[k]) > CHART_TICKS)
        k++;
    web_put(h, "<g class=\"axis\">");
    for (int i = 0; i <= 2 * CHART_TICKS; i++) {
        int64_t us = tick_at(&steps[k], c->from_us, i);
        if (us == TIME_NONE || us > c->to_us)
            break;
        int x = chart_x(c, us);
        buf_printf(h->b, "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", x, x, top, bottom);
        if (x > c->right - 40 || x < free_x)
            continue;
        buf_printf(h->b, "<text x=\"%d\" y=\"%d\">", x + 3, bottom + AXIS_WORDS - 4);
        tick_words(h, &steps[k], us, i == 0);
        web_put(h, "</text>");
        free_x = i == 0 ? x + YEAR_WORDS : 0;
    }
    web_put(h, "</g>\n");
}

/* ---- what is on it ---- */

void chart_band(struct chart *c, const char *klass, int64_t from_us, int64_t to_us, int y,
                int height)
{
    if (from_us == TIME_NONE || to_us == TIME_NONE || to_us < c->from_us || from_us > c->to_us)
        return;
    int x = chart_x(c, from_us), end = chart_x(c, to_us);
    buf_printf(c->h->b, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", klass,
               x, y, end > x ? end - x : 1, height);
}

void chart_mark(struct chart *c, const char *symbol, int64_t time_us, int y)
{
    buf_printf(c->h->b,
               "<use href=\"#%s\" x=\"%d\" y=\"%d\" width=\""
               "%d\" height=\"%d\"/>",
               symbol, chart_x(c, time_us) - MARK / 2, y - MARK / 2, MARK, MARK);
}

void chart_label(struct chart *c, const char *klass, int x, int y, struct str text, size_t columns)
{
    buf_printf(c->h->b, "<text class=\"%s\" x=\"%d\" y=\"%d\">", klass, x, y);
    web_short(c->h, text, columns);
    web_put(c->h, "</text>");
}
