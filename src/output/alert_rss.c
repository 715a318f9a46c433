/* RSS 2.0: one item an alert. Texts are first made safe to see, then safe inside HTML where the
 * element holds HTML, then safe inside XML. No link leads to a post: who reads the feed is not
 * sent to the places that it warns of. */
#include "output/alert.h"
#include "output/escape.h"

static void xml(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&': buf_puts(b, "&amp;"); break;
        case '<': buf_puts(b, "&lt;"); break;
        case '>': buf_puts(b, "&gt;"); break;
        case '"': buf_puts(b, "&quot;"); break;
        default: buf_putc(b, s.p[i]);
        }
    }
}

/* As it is seen, with no sign that could start an element even for readers that take a title for
 * HTML: < and > become the quotation marks that look like them. */
static void plain(struct buf *b, struct str s)
{
    struct escape_unit u;
    for (size_t i = 0; i < s.n;) {
        i += escape_next(s, i, false, &u);
        for (size_t k = 0; k < u.n; k++) {
            if (u.text[k] == '<')
                buf_puts(b, "\xe2\x80\xb9");
            else if (u.text[k] == '>')
                buf_puts(b, "\xe2\x80\xba");
            else
                xml(b, str_make(&u.text[k], 1));
        }
    }
}

/* A paragraph of HTML inside XML; line breaks of ours stay. */
static void paragraph(struct buf *b, struct buf *tmp, const char *label, struct str s)
{
    struct escape_unit u;
    if (!s.n)
        return;
    buf_reset(tmp);
    buf_puts(tmp, "<p>");
    buf_puts(tmp, label);
    for (size_t i = 0; i < s.n;) {
        if (s.p[i] == '\n') {
            buf_puts(tmp, "<br>");
            i++;
            continue;
        }
        i += escape_next(s, i, false, &u);
        xml(tmp, str_make(u.text, u.n));
    }
    buf_puts(tmp, "</p>\n");
    xml(b, buf_view(tmp));
}

/* RFC 822 with the four-digit year of RFC 1123. */
static void rss_date(struct buf *b, const char *element, int64_t time_us)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (!time_printable(time_us))
        return;
    struct civil c = time_civil(time_us);
    int64_t day = (time_hour(time_us) - c.hour) / 24; /* whole days since a Thursday */
    buf_printf(b, "<%s>%s, %02d %s %04d %02d:%02d:%02d GMT</%s>\n", element,
               days[((day % 7) + 7) % 7], c.day, months[c.month - 1], c.year, c.hour, c.minute,
               c.second, element);
}

static void element(struct buf *b, const char *name, struct str s)
{
    buf_printf(b, "<%s>", name);
    plain(b, s);
    buf_printf(b, "</%s>\n", name);
}

static void description(struct sink *s, struct buf *tmp, struct buf *text, const struct alert *a)
{
    struct buf *b = &s->out;
    buf_puts(b, "<description>");
    if (a->customer.p) {
        buf_reset(text);
        buf_str(text, a->customer);
        for (size_t i = 0; i < a->asset.n; i++) {
            buf_puts(text, i ? ", " : ": ");
            buf_str(text, a->asset.v[i]);
        }
        paragraph(b, tmp, "Concerns ", buf_view(text));
    }
    buf_reset(text);
    alert_counts(text, a);
    buf_puts(text, "; p ");
    real_add(text, a->p, 2);
    buf_puts(text, " <= ");
    real_add(text, a->threshold, 2);
    paragraph(b, tmp, "", buf_view(text));
    buf_reset(text);
    alert_explain(text, a);
    paragraph(b, tmp, "", buf_view(text));
    for (size_t i = 0, shown = 0; i < a->n_posts && shown < ALERT_SNIPPETS; i++) {
        if (!a->post[i].snippet.p)
            continue;
        shown++;
        buf_reset(text);
        buf_str(text, a->post[i].site);
        buf_puts(text, ": ");
        buf_str(text, a->post[i].snippet);
        paragraph(b, tmp, "", buf_view(text));
        sink_pace(s);
    }
    buf_puts(b, "</description>\n");
}

static void item(struct sink *s, struct buf *tmp, struct buf *text, const struct alert *a)
{
    struct buf *b = &s->out;
    buf_puts(b, "<item>\n");
    element(b, "title", a->title.n ? a->title : a->subject);
    description(s, tmp, text, a);
    element(b, "category", str_of(subject_kind_name(a->kind)));
    element(b, "category", str_of(lane_name(a->lane)));
    /* An episode that speaks again is a new item. */
    buf_printf(b, "<guid isPermaLink=\"false\">%s-%lld</guid>\n", a->id,
               (long long)(a->time_us / US_PER_S));
    rss_date(b, "pubDate", a->time_us);
    buf_puts(b, "</item>\n");
}

enum err alert_rss_write(struct sink *s, const struct alert *a, size_t n,
                         const struct print_options *options)
{
    struct buf tmp, text;
    int64_t last_us = TIME_NONE;
    (void)options;
    for (size_t i = 0; i < n; i++)
        last_us = a[i].time_us > last_us ? a[i].time_us : last_us;
    buf_init(&tmp, SINK_MAX_BYTES);
    buf_init(&text, SINK_MAX_BYTES);
    buf_puts(&s->out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">\n<channel>\n"
             "<title>tocsin alerts</title>\n<link>urn:tocsin:alerts</link>\n"
             "<description>Subjects that posts name more than expected</description>\n"
             "<generator>tocsin " TOCSIN_VERSION "</generator>\n");
    rss_date(&s->out, "lastBuildDate", last_us);
    for (size_t i = n; i-- > 0 && !s->rc;) { /* the newest first */
        item(s, &tmp, &text, &a[i]);
        if ((tmp.rc || text.rc) && !s->rc)
            s->rc = tmp.rc ? tmp.rc : text.rc;
        sink_pace(s);
    }
    buf_puts(&s->out, "</channel>\n</rss>\n");
    buf_done(&text);
    buf_done(&tmp);
    return s->rc;
}
