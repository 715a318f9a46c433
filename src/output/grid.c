#include "output/grid.h"

#include "output/escape.h"

#include <math.h>
#include <stdio.h>

void grid_start(struct grid *g, struct arena *arena, size_t columns, size_t left)
{
    *g = (struct grid){.arena = arena, .columns = columns};
    g->cell = arena_new_n(arena, struct str, columns * GRID_ROWS);
    if (!g->cell || columns > GRID_COLUMNS)
        g->rc = g->cell ? ERR_LIMIT : ERR_NOMEM;
    for (size_t i = 0; i < left && i < GRID_COLUMNS; i++)
        g->left[i] = true;
}

void grid_text(struct grid *g, struct str text)
{
    if (g->rc)
        return;
    if (g->n == g->columns * GRID_ROWS) {
        g->rc = ERR_LIMIT;
        return;
    }
    g->cell[g->n] = arena_str(g->arena, text.p ? text : STR("-"));
    g->rc = g->cell[g->n].p ? OK : ERR_NOMEM;
    g->n += !g->rc;
}

void grid_puts(struct grid *g, const char *trusted)
{
    grid_text(g, str_of(trusted));
}

void grid_number(struct grid *g, double v, int decimals)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%.*f", decimals, v);
    grid_puts(g, isfinite(v) ? text : "-");
}

static void put_cell(struct buf *b, struct str s, bool markdown, bool ascii)
{
    struct str part;
    if (!markdown) {
        escape_terminal(b, s, ascii);
        return;
    }
    for (bool more = false; str_cut(&s, '|', &part); more = true) {
        buf_puts(b, more ? "\\|" : "");
        escape_terminal(b, part, ascii);
    }
}

static void put_row(const struct grid *g, struct buf *b, size_t row, const size_t *width,
                    bool markdown, bool ascii)
{
    for (size_t i = 0; i < g->columns; i++) {
        struct str s = g->cell[row * g->columns + i];
        size_t columns = escape_columns(s, ascii),
               pad = width[i] > columns ? width[i] - columns : 0;
        buf_puts(b, markdown ? "| " : i ? "  " : "");
        for (size_t k = 0; !markdown && !g->left[i] && k < pad; k++)
            buf_putc(b, ' ');
        put_cell(b, s, markdown, ascii);
        for (size_t k = 0; !markdown && g->left[i] && i + 1 < g->columns && k < pad; k++)
            buf_putc(b, ' ');
        buf_puts(b, markdown ? " " : "");
    }
    buf_puts(b, markdown ? "|\n" : "\n");
}

void grid_print(const struct grid *g, struct buf *b, bool markdown, bool ascii)
{
    size_t width[GRID_COLUMNS] = {0};
    if (g->rc) {
        b->rc = b->rc ? b->rc : g->rc;
        return;
    }
    for (size_t i = 0; i < g->n; i++) {
        size_t w = escape_columns(g->cell[i], ascii);
        width[i % g->columns] = w > width[i % g->columns] ? w : width[i % g->columns];
    }
    for (size_t row = 0; row < g->n / g->columns; row++) {
        put_row(g, b, row, width, markdown, ascii);
        for (size_t i = 0; markdown && row == 0 && i < g->columns; i++)
            buf_puts(b, g->left[i] ? "|---" : "|---:");
        buf_puts(b, markdown && row == 0 ? "|\n" : "");
    }
}
