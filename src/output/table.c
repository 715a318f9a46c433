#include "output/table.h"

#include "output/escape.h"

void page_style(struct page *p, enum style style)
{
    static const char *const codes[] = {"0", "1", "2", "1;31", "1;35", "1;33", "32", "1;4;31"};
    if (!p->colour)
        return;
    buf_puts(&p->sink->out, "\033[");
    buf_puts(&p->sink->out, codes[style]);
    buf_putc(&p->sink->out, 'm');
}

void page_pad(struct page *p, size_t columns)
{
    while (columns--)
        buf_putc(&p->sink->out, ' ');
}

void page_puts(struct page *p, enum style style, const char *trusted)
{
    if (style != STYLE_PLAIN)
        page_style(p, style);
    buf_puts(&p->sink->out, trusted);
    if (style != STYLE_PLAIN)
        page_style(p, STYLE_PLAIN);
}

void page_newline(struct page *p)
{
    buf_putc(&p->sink->out, '\n');
    sink_pace(p->sink);
}

void page_title(struct page *p, const char *trusted)
{
    page_newline(p);
    page_puts(p, STYLE_BOLD, trusted);
    page_newline(p);
}

size_t page_cut(struct page *p, struct str text, size_t columns)
{
    struct escape_unit u;
    bool whole = escape_columns(text, p->ascii) <= columns;
    size_t used = 0, room = whole ? columns : columns > 3 ? columns - 3 : 0;
    for (size_t i = 0; i < text.n;) {
        i += escape_next(text, i, p->ascii, &u);
        if (used + u.columns > room)
            break;
        buf_add(&p->sink->out, u.text, u.n);
        used += u.columns;
    }
    if (whole || columns < 3)
        return used;
    buf_puts(&p->sink->out, "...");
    return used + 3;
}

size_t page_cut_front(struct page *p, struct str text, size_t columns)
{
    struct escape_unit u;
    size_t total = escape_columns(text, p->ascii), i = 0;
    if (total <= columns || columns < 4)
        return page_cut(p, text, columns);
    while (total > columns - 3) {
        i += escape_next(text, i, p->ascii, &u);
        total -= u.columns;
    }
    buf_puts(&p->sink->out, "...");
    return 3 + page_cut(p, str_sub(text, i, text.n), columns - 3);
}

/* Where a paragraph stands. */
struct wrap {
    struct page *p;
    size_t hang, column;
    unsigned lines;
    bool fresh; /* no word on this line yet */
};

static bool wrap_break(struct wrap *w)
{
    page_newline(w->p);
    page_pad(w->p, w->hang);
    w->column = w->hang;
    w->fresh = true;
    if (++w->lines < PAGE_LINES)
        return true;
    buf_puts(&w->p->sink->out, "...");
    return false;
}

static bool wrap_word(struct wrap *w, struct str word)
{
    struct escape_unit u;
    size_t columns = escape_columns(word, w->p->ascii);
    if (!w->fresh) {
        if (w->column + 1 + columns <= w->p->width) {
            buf_putc(&w->p->sink->out, ' ');
            w->column++;
        } else if (!wrap_break(w)) {
            return false;
        }
    }
    for (size_t i = 0; i < word.n;) {
        i += escape_next(word, i, w->p->ascii, &u);
        if (w->column + u.columns > w->p->width && !wrap_break(w))
            return false;
        buf_add(&w->p->sink->out, u.text, u.n);
        w->column += u.columns;
        w->fresh = false;
    }
    return true;
}

static bool is_blank(char c, bool prose)
{
    return c == ' ' || (prose && (c == '\t' || c == '\n' || c == '\r'));
}

static void wrap_text(struct page *p, size_t indent, enum style style, const char *label,
                      struct str text, bool prose)
{
    struct wrap w = {.p = p, .column = indent + strlen(label), .fresh = true};
    w.hang = w.column ? w.column : 2;
    page_pad(p, indent);
    page_puts(p, style, label);
    for (size_t i = 0; i < text.n;) {
        size_t from;
        while (i < text.n && is_blank(text.p[i], prose))
            i++;
        for (from = i; i < text.n && !is_blank(text.p[i], prose);)
            i++;
        if (i > from && !wrap_word(&w, str_sub(text, from, i)))
            break;
    }
    page_newline(p);
}

void page_wrap(struct page *p, size_t indent, enum style style, const char *label, struct str text)
{
    wrap_text(p, indent, style, label, text, false);
}

void page_prose(struct page *p, size_t indent, enum style style, const char *label, struct str text)
{
    wrap_text(p, indent, style, label, text, true);
}

void table_see(struct table *t, const struct page *p, const struct str *cells)
{
    for (size_t i = 0; i < t->n; i++) {
        size_t columns = escape_columns(cells[i], p->ascii), title = strlen(t->column[i].title);
        if (columns < title)
            columns = title;
        if (columns > p->width)
            columns = p->width;
        if (t->column[i].width < columns)
            t->column[i].width = (unsigned)columns;
    }
}

static size_t table_width(const struct table *t)
{
    size_t width = t->indent + t->gap * (t->n - 1);
    for (size_t i = 0; i < t->n; i++)
        width += t->column[i].width;
    return width;
}

/* Takes one column from the widest cell that can give one; false if none can. */
static bool table_shrink(struct table *t)
{
    struct column *widest = NULL;
    for (size_t i = 0; i < t->n; i++) {
        struct column *c = &t->column[i];
        if (c->min && c->width > c->min && (!widest || c->width > widest->width))
            widest = c;
    }
    if (widest)
        widest->width--;
    return widest;
}

void table_fit(struct table *t, const struct page *p)
{
    t->gap = 2;
    if (table_width(t) > p->width)
        t->gap = 1; /* rather close than cut */
    while (table_width(t) > p->width && table_shrink(t))
        ;
}

static void table_cells(const struct table *t, struct page *p, const struct str *cells,
                        size_t styled, enum style style)
{
    page_pad(p, t->indent);
    for (size_t i = 0; i < t->n; i++) {
        const struct column *c = &t->column[i];
        size_t need = escape_columns(cells[i], p->ascii), used;
        if (c->right && need < c->width)
            page_pad(p, c->width - need);
        if (i == styled)
            page_style(p, style);
        used = page_cut(p, cells[i], c->width);
        if (i == styled)
            page_style(p, STYLE_PLAIN);
        if (i + 1 < t->n)
            page_pad(p, (c->right ? 0 : c->width - used) + t->gap);
    }
    page_newline(p);
}

void table_head(const struct table *t, struct page *p)
{
    struct str cells[TABLE_COLUMNS];
    for (size_t i = 0; i < t->n; i++)
        cells[i] = str_of(t->column[i].title);
    page_style(p, STYLE_DIM);
    table_cells(t, p, cells, SIZE_MAX, STYLE_PLAIN);
    page_style(p, STYLE_PLAIN);
}

void table_row(const struct table *t, struct page *p, const struct str *cells, size_t styled,
               enum style style)
{
    table_cells(t, p, cells, styled, style);
}

void text_grouped(struct buf *b, uint64_t value)
{
    char tmp[28];
    size_t at = sizeof tmp, digits = 0;
    do {
        if (digits && digits % 3 == 0)
            tmp[--at] = ',';
        tmp[--at] = (char)('0' + value % 10);
        value /= 10;
        digits++;
    } while (value);
    buf_add(b, tmp + at, sizeof tmp - at);
}

void text_share(struct buf *b, double share)
{
    /* The small step undoes what 0.3 loses as a binary fraction. */
    unsigned tenths = share >= 1 ? 1000 : share > 0 ? (unsigned)(share * 1000 + 1e-6) : 0;
    buf_u64(b, tenths / 10);
    if (tenths % 10) {
        buf_putc(b, '.');
        buf_u64(b, tenths % 10);
    }
    buf_puts(b, " %");
}
