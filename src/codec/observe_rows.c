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

/* A line that is too long, or that has a quote which is not closed, spoils itself only: passes over
 * it. */
static enum err leave_line(struct observe_rows *rows, bool quoted, enum err *ret_ended)
{
    struct observe_reader *r = rows->r;
    ptrdiff_t lf = str_chr(observe_view(r), '\n');
    bool whole = lf >= 0, too_long = !whole && observe_view(r).n >= OBSERVE_RECORD_BYTES;
    TRY(observe_gap(r, rows->line, r->offset,
                    whole      ? OBSERVE_DAMAGED
                    : too_long ? OBSERVE_TOO_LONG
                               : OBSERVE_CUT,
                    too_long || !quoted ? STR("a row") : STR("a quote is not closed")));
    while (lf < 0 && !*ret_ended) {
        observe_take(r, observe_view(r).n);
        *ret_ended = observe_fill(r);
        lf = str_chr(observe_view(r), '\n');
    }
    observe_take(r, lf < 0 ? observe_view(r).n : (size_t)lf + 1);
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
        if (n || (ended && !quoted)) {
            *ret_text = str_sub(view, 0, n ? n : view.n);
            return OK;
        }
        TRY(leave_line(rows, quoted, &ended));
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
