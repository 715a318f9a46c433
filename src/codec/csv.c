#include "codec/csv.h"

void csv_init(struct csv *c, struct str text, struct arena *arena)
{
    static const char bom[] = "\xef\xbb\xbf";
    if (str_starts(text, str_make(bom, 3)))
        text = str_sub(text, 3, text.n);
    *c = (struct csv){.rest = text, .next_line = 1, .sign = ',', .arena = arena};
}

static void advance(struct csv *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        c->next_line += c->rest.p[i] == '\n';
    c->rest = str_sub(c->rest, n, c->rest.n);
}

static void skip_line(struct csv *c)
{
    ptrdiff_t at = str_chr(c->rest, '\n');
    advance(c, at < 0 ? c->rest.n : (size_t)at + 1);
}

/* What follows a cell: a separator is eaten and means that the row goes on. */
static enum err after_cell(struct csv *c, bool *ret_more)
{
    *ret_more = false;
    if (c->rest.n == 0)
        return OK;
    if (c->rest.p[0] == c->sign) {
        *ret_more = true;
        advance(c, 1);
        return OK;
    }
    if (c->rest.p[0] == '\r' && c->rest.n > 1 && c->rest.p[1] == '\n')
        advance(c, 1);
    if (c->rest.p[0] != '\n' && c->rest.p[0] != '\r')
        return ERR_FORMAT;
    advance(c, 1);
    return OK;
}

static struct str undouble(struct arena *a, struct str s)
{
    char *to = arena_alloc(a, s.n + 1);
    size_t n = 0;
    if (!to)
        return STR_NONE;
    for (size_t i = 0; i < s.n; i++) {
        to[n++] = s.p[i];
        if (s.p[i] == '"')
            i++; /* the second of a pair */
    }
    return str_make(to, n);
}

/* The opening quote is at the front. */
static enum err quoted_cell(struct csv *c, struct str *ret_cell)
{
    bool doubled = false;
    size_t i = 1;
    for (;; i++) {
        if (i >= c->rest.n)
            return ERR_FORMAT;
        if (c->rest.p[i] != '"')
            continue;
        if (i + 1 >= c->rest.n || c->rest.p[i + 1] != '"')
            break;
        doubled = true;
        i++;
    }
    *ret_cell = str_sub(c->rest, 1, i);
    if (doubled) {
        *ret_cell = undouble(c->arena, *ret_cell);
        if (!ret_cell->p)
            return ERR_NOMEM;
    }
    advance(c, i + 1);
    return OK;
}

static enum err plain_cell(struct csv *c, struct str *ret_cell)
{
    size_t i = 0;
    while (i < c->rest.n && c->rest.p[i] != c->sign && c->rest.p[i] != '\n' && c->rest.p[i] != '\r')
        i++;
    *ret_cell = str_sub(c->rest, 0, i);
    advance(c, i);
    return OK;
}

static bool blank_line(struct str rest)
{
    return rest.p[0] == '#' || rest.p[0] == '\n' ||
           (rest.p[0] == '\r' && (rest.n == 1 || rest.p[1] == '\n'));
}

enum err csv_next(struct csv *c, struct csv_row *ret_row)
{
    bool more = true;
    while (c->rest.n && blank_line(c->rest))
        skip_line(c);
    ret_row->n = 0;
    if (c->rest.n == 0)
        return END;
    c->line = c->next_line;
    while (more) {
        struct str cell = STR("");
        enum err rc =
            c->rest.n && c->rest.p[0] == '"' ? quoted_cell(c, &cell) : plain_cell(c, &cell);
        if (!rc && ret_row->n == CSV_COLUMNS)
            rc = ERR_LIMIT;
        if (!rc)
            rc = after_cell(c, &more);
        if (rc) {
            skip_line(c);
            return rc;
        }
        ret_row->cell[ret_row->n++] = cell;
    }
    return OK;
}

int csv_column(const struct csv_row *header, struct str name)
{
    for (size_t i = 0; i < header->n; i++)
        if (str_ieq(str_trim(header->cell[i]), name))
            return (int)i;
    return -1;
}

struct str csv_cell(const struct csv_row *row, int column)
{
    if (column < 0 || (size_t)column >= row->n)
        return STR("");
    return str_trim(row->cell[column]);
}
