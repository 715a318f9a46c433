#include "output/alert.h"

/* How to add an alert output:
 * 1. Write src/output/alert_NAME.c with `enum err alert_NAME_write(sink, alert, n, options)`.
 *    Append to sink->out, call sink_pace() after each alert, and return sink->rc. Build JSON with
 *    output/json_writer.h; anything else that comes from an alert goes through output/escape.h.
 * 2. Declare it in output/alert.h, name it in the table below and in src/output/meson.build.
 * 3. Describe it in docs/reference/alerts.md. tests/unit/test_alert.c runs its hostile texts and
 *    its failing sinks over every line of this table; add what is special about yours. */
const struct alert_format alert_formats[] = {
    {"text", "for people", "text/plain; charset=utf-8", alert_text_write},
    {"json", "JSON Lines, all that is known", "application/x-ndjson", alert_json_write},
    {"rss", "RSS 2.0, to subscribe to", "application/rss+xml", alert_rss_write},
    {"stix", "a STIX 2.1 bundle", "application/stix+json;version=2.1", alert_stix_write},
    {"misp", "MISP events", "application/json", alert_misp_write},
    {NULL, NULL, NULL, NULL},
};

const struct alert_format *alert_format_find(struct str name)
{
    for (const struct alert_format *f = alert_formats; f->name; f++)
        if (str_eq(name, str_of(f->name)))
            return f;
    return NULL;
}

enum err alert_write(const struct alert_format *format, struct sink *sink,
                     const struct alert *alert, size_t n, const struct print_options *options)
{
    static const struct print_options plain;
    TRY(format->write(sink, alert, n, options ? options : &plain));
    return sink_flush(sink);
}

/* What a lane counts. */
static const char *unit_of(enum lane lane)
{
    switch (lane) {
    case LANE_BREADTH: return " sites, ";
    case LANE_RECORD: return " voices, ";
    default: return " threads, ";
    }
}

void alert_counts(struct buf *b, const struct alert *a)
{
    buf_puts(b, lane_name(a->lane));
    buf_puts(b, " over ");
    buf_u64(b, a->window_days);
    buf_puts(b, a->window_days == 1 ? " day: " : " days: ");
    buf_u64(b, a->observed);
    buf_puts(b, unit_of(a->lane));
    real_add(b, a->expected, 3);
    buf_puts(b, " expected");
}

void alert_with_text(struct buf *b, const struct alert_with *with)
{
    buf_str(b, with->subject);
    buf_printf(b, " (%s, p ", lane_name(with->lane));
    real_add(b, with->p, 2);
    buf_puts(b, ", ");
    buf_u64(b, with->shared);
    buf_puts(b, " of ");
    buf_u64(b, with->threads);
    buf_puts(b, with->threads == 1 ? " thread)" : " threads)");
}

void alert_explain(struct buf *b, const struct alert *a)
{
    buf_str(b, a->why);
    if (a->silenced.n) {
        buf_puts(b, b->n ? "\n" : "");
        buf_str(b, a->silenced);
    }
    if (a->again.n) {
        buf_puts(b, b->n ? "\n" : "");
        buf_str(b, a->again);
    }
    for (size_t i = 0; i < a->n_with; i++) {
        buf_puts(b, i ? ", " : b->n ? "\nIn the same threads rose " : "In the same threads rose ");
        alert_with_text(b, &a->with[i]);
    }
}

bool alert_url_ok(struct str url)
{
    static const char other[] = "-._~:/?#[]@!$&'()*+,;=%";
    size_t scheme = str_starts(url, STR("https://")) ? 8 : str_starts(url, STR("http://")) ? 7 : 0;
    if (!scheme || url.n == scheme || url.n > 2048)
        return false;
    for (size_t i = scheme; i < url.n; i++) {
        unsigned char c = (unsigned char)url.p[i];
        if (c == '%' && (i + 2 >= url.n || ascii_hex((unsigned char)url.p[i + 1]) < 0 ||
                         ascii_hex((unsigned char)url.p[i + 2]) < 0))
            return false;
        if (!ascii_alpha(c) && !ascii_digit(c) && (!c || !strchr(other, c)))
            return false;
    }
    unsigned char first = (unsigned char)url.p[scheme];
    return ascii_alpha(first) || ascii_digit(first) || first == '[';
}
