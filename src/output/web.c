#include "output/web.h"

#include "output/defang.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "output/roles.h"

#include <inttypes.h>
#include <math.h>

enum { PLAIN_BYTES = 64 * 1024, TECHNIQUES = 8, CONTEXT = 160 };

void web_init(struct web *h, struct sink *sink)
{
    *h = (struct web){.sink = sink, .b = &sink->out};
    buf_init(&h->plain, PLAIN_BYTES);
}

void web_done(struct web *h)
{
    if (h->plain.rc && !h->sink->rc)
        h->sink->rc = h->plain.rc;
    buf_done(&h->plain);
}

void web_pace(struct web *h)
{
    size_t before = h->b->n;
    sink_pace(h->sink);
    h->gone += before - h->b->n;
}

uint64_t web_written(const struct web *h)
{
    return h->gone + h->b->n;
}

/* ---- text ---- */

void web_put(struct web *h, const char *trusted)
{
    buf_puts(h->b, trusted);
}

void web_text(struct web *h, struct str text, size_t max)
{
    struct str head = text_head(text, max);
    buf_reset(&h->plain);
    defang(&h->plain, head);
    escape_html(h->b, buf_view(&h->plain));
    if (head.n < text.n)
        buf_printf(h->b, " \xe2\x80\xa6 (%zu more bytes)", text.n - head.n);
}

void web_short(struct web *h, struct str text, size_t columns)
{
    struct escape_unit u;
    struct str safe;
    size_t n = 0, used = 0;
    buf_reset(&h->plain);
    defang(&h->plain, text_head(text, WEB_NAME));
    safe = buf_view(&h->plain);
    while (n < safe.n) {
        size_t taken = escape_next(safe, n, false, &u);
        if (used + u.columns > columns)
            break;
        used += u.columns;
        n += taken;
    }
    escape_html(h->b, str_sub(safe, 0, n));
    web_put(h, n < safe.n ? "\xe2\x80\xa6" : "");
}

void web_name(struct web *h, struct str name)
{
    web_put(h, "<bdi>");
    web_text(h, name, WEB_NAME);
    web_put(h, "</bdi>");
}

void web_code(struct web *h, struct str text, size_t max)
{
    web_put(h, "<code>");
    web_text(h, text, max);
    web_put(h, "</code>");
}

void web_list(struct web *h, const struct str_list *l, size_t most)
{
    for (size_t i = 0; i < l->n && i < most; i++) {
        web_put(h, i == 0 ? "" : i + 1 == l->n ? " and " : ", ");
        web_name(h, l->v[i]);
    }
    if (l->n > most)
        buf_printf(h->b, " and %zu more", l->n - most);
}

/* ---- evidence ---- */

static bool in_mark(const struct finding *f, size_t from, size_t to)
{
    for (size_t i = 0; i < f->n_marks && i < ARRAY_LEN(f->mark); i++)
        if (to > f->mark[i].from && from < f->mark[i].to)
            return true;
    return false;
}

/* Not in the middle of a character. */
static size_t whole(struct str s, size_t at)
{
    while (at > 0 && at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* The first n bytes of what waits; the rest waits on. */
static void put_run(struct web *h, size_t n, bool marked)
{
    if (!n)
        return;
    web_put(h, marked ? "<mark>" : "");
    escape_html(h->b, str_sub(buf_view(&h->plain), 0, n));
    web_put(h, marked ? "</mark>" : "");
    memmove(h->plain.p, h->plain.p + n, h->plain.n - n);
    h->plain.n -= n;
}

/* Marks grow to whole characters, and to what defang changes as a whole. */
static void put_marked(struct web *h, const struct finding *f, size_t from, size_t to)
{
    struct str shown = str_sub(f->evidence, 0, to);
    bool marked = false;
    buf_reset(&h->plain);
    for (size_t i = from, n; i < to; i += n) {
        size_t before = h->plain.n, end = i + 1;
        n = defang_next(&h->plain, shown, i);
        if (i != whole(shown, i))
            continue;
        while (end < to && whole(shown, end) == i)
            end++;
        if (in_mark(f, i, n > 1 ? i + n : end) != marked) {
            put_run(h, before, marked);
            marked = !marked;
        }
    }
    put_run(h, h->plain.n, marked);
}

void web_evidence(struct web *h, const struct finding *f)
{
    struct str e = f->evidence;
    size_t from = f->n_marks && e.n > WEB_LINE && f->mark[0].from > CONTEXT
                      ? whole(e, f->mark[0].from - CONTEXT)
                      : 0;
    size_t to = whole(e, from + WEB_LINE < e.n ? from + WEB_LINE : e.n);
    size_t all = f->line_bytes > e.n ? f->line_bytes : e.n;
    web_put(h, from ? "\xe2\x80\xa6 " : "");
    put_marked(h, f, from, to);
    if (all > to - from)
        buf_printf(h->b, " \xe2\x80\xa6 (%zu of %zu bytes)", to - from, all);
}

/* ---- numbers and times ---- */

void web_number(struct web *h, uint64_t n)
{
    if (n >= 1000) {
        web_number(h, n / 1000);
        buf_printf(h->b, ",%03" PRIu64, n % 1000);
    } else {
        buf_u64(h->b, n);
    }
}

void web_count(struct web *h, uint64_t n, const char *one, const char *many)
{
    web_number(h, n);
    buf_printf(h->b, " %s", n == 1 ? one : many);
}

void web_size(struct web *h, uint64_t bytes)
{
    static const char *const unit[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    uint64_t tenths = bytes / 100;
    size_t i = 0;
    if (bytes < 1000) {
        web_count(h, bytes, "byte", "bytes");
        return;
    }
    for (; tenths >= 10000 && i + 1 < ARRAY_LEN(unit); i++)
        tenths /= 1000;
    buf_printf(h->b, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, unit[i]);
}

void web_share(struct web *h, double share)
{
    if (!(share >= 0 && share <= 1)) {
        web_put(h, "not known");
        return;
    }
    unsigned tenths = (unsigned)floor(share * 1000 + 1e-9);
    buf_printf(h->b, tenths % 10 ? "%u.%u %%" : "%u %%", tenths / 10, tenths % 10);
}

static void instant(struct web *h, int64_t time_us, bool seconds)
{
    char text[32];
    if (!time_printable(time_us))
        web_put(h, "<span class=\"none\">not known</span>");
    else
        buf_printf(h->b, "<time>%s</time>", time_short(time_us, seconds, text));
}

void web_day(struct web *h, int64_t time_us)
{
    instant(h, time_us, false);
}

void web_time(struct web *h, int64_t time_us)
{
    instant(h, time_us, true);
}

/* ---- links ---- */

static void link_to(struct web *h, const char *place, struct str path, struct str text)
{
    buf_printf(h->b, "<a rel=\"noreferrer noopener\" href=\"%s", place);
    escape_html(h->b, path);
    web_put(h, "\">");
    escape_html(h->b, text);
    web_put(h, "</a>");
}

void web_technique(struct web *h, struct str id)
{
    char path[16];
    bool sub = text_shaped(id, "T####.###");
    if (!sub && !text_shaped(id, "T####")) {
        web_name(h, id);
        return;
    }
    memcpy(path, id.p, id.n);
    if (sub)
        path[5] = '/';
    link_to(h, "https://attack.mitre.org/techniques/", str_make(path, id.n), id);
}

void web_techniques(struct web *h, const struct str_list *l)
{
    for (size_t i = 0; i < l->n && i < TECHNIQUES; i++) {
        web_put(h, i ? " " : "");
        web_technique(h, l->v[i]);
    }
    if (l->n > TECHNIQUES)
        buf_printf(h->b, " and %zu more", l->n - TECHNIQUES);
}

void web_cve(struct web *h, struct str id)
{
    if (text_is_cve(id) && id.n < 24)
        link_to(h, "https://www.cve.org/CVERecord?id=", id, id);
    else
        web_name(h, id);
}

/* ---- tables ---- */

void web_table(struct web *h, const struct web_table *t)
{
    const char *klass = t->klass ? t->klass : "plain";
    buf_printf(h->b,
               "<div class=\"scroll %s\" role=\"group\" tabindex=\"0\" aria-label=\"%s\"><table "
               "class=\"%s\"",
               klass, t->caption, klass);
    if (t->id)
        buf_printf(h->b, " id=\"%s\"", t->id);
    buf_printf(h->b, "><caption>%s</caption><thead><tr>", t->caption);
    for (size_t i = 0; i < WEB_COLUMNS && t->head[i]; i++) {
        bool number = t->head[i][0] == '#';
        buf_printf(h->b, "<th scope=\"col\"%s>%s</th>", number ? " class=\"n\"" : "",
                   t->head[i] + number);
    }
    web_put(h, t->bodies ? "</tr></thead>\n" : "</tr></thead><tbody>\n");
}

void web_table_end(struct web *h)
{
    web_put(h, "</tbody></table></div>\n");
    web_pace(h);
}

void web_row_name(struct web *h, struct str name)
{
    web_put(h, "<tr><th scope=\"row\">");
    web_name(h, name.n ? name : STR("-"));
    web_put(h, "</th>");
}

void web_cell(struct web *h, struct str text)
{
    web_put(h, "<td>");
    if (text.n)
        web_text(h, text, WEB_SENTENCE);
    else
        web_put(h, "<span class=\"none\">-</span>");
    web_put(h, "</td>");
}

void web_cell_code(struct web *h, struct str text)
{
    web_put(h, "<td>");
    web_code(h, text, WEB_LINE);
    web_put(h, "</td>");
}

void web_cell_number(struct web *h, uint64_t n)
{
    web_put(h, n ? "<td class=\"n\">" : "<td class=\"n none\">");
    web_number(h, n);
    web_put(h, "</td>");
}

void web_cell_day(struct web *h, int64_t time_us)
{
    web_put(h, "<td class=\"t\">");
    web_day(h, time_us);
    web_put(h, "</td>");
}

void web_cell_time(struct web *h, int64_t time_us)
{
    web_put(h, "<td class=\"t\">");
    web_time(h, time_us);
    web_put(h, "</td>");
}

void web_row_end(struct web *h)
{
    web_put(h, "</tr>\n");
    web_pace(h);
}

/* ---- lists that end ---- */

struct web_rows web_rows(struct web *h, uint64_t most, uint64_t most_bytes)
{
    return (struct web_rows){h, most, most_bytes, web_written(h), 0};
}

bool web_room(struct web_rows *rows)
{
    if (rows->n >= rows->most || web_written(rows->h) - rows->begun >= rows->most_bytes)
        return false;
    rows->n++;
    return true;
}

void web_rest(struct web_rows *rows, uint64_t all, const char *one, const char *many)
{
    if (all <= rows->n)
        return;
    web_put(rows->h, "<p class=\"rest\">and ");
    web_count(rows->h, all - rows->n, one, many);
    web_put(rows->h, " more, not listed here</p>\n");
}

void web_table_rest(struct web_rows *rows, uint64_t all, const char *one, const char *many)
{
    if (rows->n > WEB_PAPER_ROWS) {
        web_put(rows->h, "<p class=\"rest on-paper\">Printed are the first ");
        web_number(rows->h, WEB_PAPER_ROWS);
        web_put(rows->h, " of ");
        web_count(rows->h, all, one, many);
        web_put(rows->h, "; the file itself shows more</p>\n");
    }
    web_rest(rows, all, one, many);
}
