#include "codec/observe_rows.h"

/* The sign that stands most often in the first line that is no comment. */
static char sign_of(struct str head)
{
    size_t comma = 0, semicolon = 0, tab = 0;
    struct str line = STR("");
    while (str_cut(&head, '\n', &line) && (line.n == 0 || line.p[0] == '#' || line.p[0] == '\r'))
        ;
    for (size_t i = 0; i < line.n; i++) {
        comma += line.p[i] == ',';
        semicolon += line.p[i] == ';';
        tab += line.p[i] == '\t';
    }
    return tab > comma && tab >= semicolon ? '\t' : semicolon > comma ? ';' : ',';
}

void observe_rows_open(struct observe_rows *rows, struct observe_reader *r)
{
    *rows = (struct observe_rows){.r = r, .sign = sign_of(observe_view(r)), .line = 1};
}

bool observe_rows_header(struct str head, struct arena *arena, struct csv_row *ret_row)
{
    struct csv csv;
    csv_init(&csv, head, arena);
    csv.sign = sign_of(head);
    return csv_next(&csv, ret_row) == OK;
}

/* How long the row at the front is, with its line end outside quotes; 0: it does not end in the
 * view. */
static size_t row_bytes(struct str view, bool *ret_quoted)
{
    bool quoted = false;
    for (size_t i = 0; i < view.n; i++) {
        quoted ^= view.p[i] == '"';
        if (view.p[i] == '\n' && !quoted)
            return i + 1;
    }
    *ret_quoted = quoted;
    return 0;
}

/* A quote that is not closed spoils its own line only. */
static enum err leave_line(struct observe_rows *rows)
{
    struct str view = observe_view(rows->r);
    ptrdiff_t lf = str_chr(view, '\n');
    TRY(observe_gap(rows->r, rows->line, rows->r->offset,
                    lf < 0 ? OBSERVE_TOO_LONG : OBSERVE_DAMAGED,
                    lf < 0 ? STR("a row") : STR("a quote is not closed")));
    observe_take(rows->r, lf < 0 ? view.n : (size_t)lf + 1);
    rows->line++;
    return OK;
}

/* The text of the next row; it stands in the window until it is taken. END behind the last. */
static enum err next_text(struct observe_rows *rows, struct str *ret_text)
{
    enum err ended = OK;
    for (;;) {
        struct str view = observe_view(rows->r);
        bool quoted = false;
        size_t n = row_bytes(view, &quoted);
        if (!n && !ended && view.n < OBSERVE_RECORD_BYTES) {
            ended = observe_fill(rows->r);
            continue;
        }
        if (!n && !view.n)
            return ended;
        if (n || !quoted) {
            *ret_text = str_sub(view, 0, n ? n : view.n);
            return OK;
        }
        TRY(leave_line(rows));
    }
}

enum err observe_rows_next(struct observe_rows *rows, struct csv_row *ret_row, uint64_t *ret_line)
{
    for (;;) {
        struct str text;
        struct csv csv;
        enum err rc = next_text(rows, &text);
        if (rc) /* END as well: TRY would go on */
            return rc;
        arena_reset(&rows->r->arena);
        csv_init(&csv, text, &rows->r->arena);
        csv.sign = rows->sign;
        rc = csv_next(&csv, ret_row);
        *ret_line = rows->line;
        for (size_t i = 0; i < text.n; i++)
            rows->line += text.p[i] == '\n';
        observe_take(rows->r, text.n);
        if (rc == OK || rc == ERR_NOMEM)
            return rc;
        if (rc != END)
            TRY(observe_gap(rows->r, *ret_line, rows->r->offset - text.n, OBSERVE_DAMAGED,
                            STR("a row cannot be read")));
    }
}
