/* output/web_chart.h — SVG pictures with a time axis.
 *
 * What:   frame with name and description, axis of days to years, marks whose shape says what they
 *         are. web/report.js zooms what is inside the group of class "plot".
 * Input:  times of hostile logs: clamped to the picture.
 * Limits: CHART_WIDTH units; some 14 ticks.
 * Owner:  appends to the page's buffer.
 * Spec:   docs/internals/OUTPUT.md "The HTML report"; SVG 2
 */
#ifndef OUTPUT_WEB_CHART_H
#define OUTPUT_WEB_CHART_H

#include "output/web.h"

enum { CHART_WIDTH = 1000, CHART_TICKS = 14 };

struct chart {
    struct web *h;
    int64_t from_us, to_us; /* what the plot shows; at least an hour */
    int left, right;        /* x of both */
    int height;
};

/* <figure><svg> up to the plot's contents. The texts become the picture's title and description. */
void chart_begin(struct chart *c, struct str title, struct str description);
void chart_end(struct chart *c);
int chart_x(const struct chart *c, int64_t time_us); /* clamped to left..right */
bool chart_shows(const struct chart *c, int64_t time_us);
/* Lines and dates of the axis, from y = top down to bottom. */
void chart_axis(struct chart *c, int top, int bottom);
void chart_band(struct chart *c, const char *klass, int64_t from_us, int64_t to_us, int y,
                int height);
/* One of the symbols of the page's frame; the text is what a pointer on it shows. */
void chart_mark(struct chart *c, const char *symbol, int64_t time_us, int y);
void chart_label(struct chart *c, const char *klass, int x, int y, struct str text, size_t columns);
/* The symbol by itself, beside words. */
void web_symbol(struct web *h, const char *symbol);

#endif
