/* grid.h — a small table that is printed for a terminal or as Markdown.
 *
 * What:   cells are added from left to right, row by row; then the whole is printed in columns, or
 *         with bars between them. The first row is the head.
 * Input:  cells may be hostile: they are made visible as for a terminal, bars too in Markdown.
 * Limits: GRID_COLUMNS columns, GRID_ROWS rows.
 * Owner:  the arena given to grid_start.
 * Spec:   docs/reference/backtest.md
 */
#ifndef OUTPUT_GRID_H
#define OUTPUT_GRID_H

#include "base/arena.h"
#include "base/buf.h"

enum { GRID_COLUMNS = 12, GRID_ROWS = 512 };

struct grid {
    struct arena *arena;
    struct str *cell;
    size_t columns, n; /* n: cells */
    bool left[GRID_COLUMNS];
    enum err rc; /* sticky */
};

/* left: how many columns from the first one are texts; the others are numbers. */
void grid_start(struct grid *g, struct arena *arena, size_t columns, size_t left);
void grid_text(struct grid *g, struct str text);
void grid_puts(struct grid *g, const char *trusted);
/* "-" if it is not finite. */
void grid_number(struct grid *g, double v, int decimals);
void grid_print(const struct grid *g, struct buf *b, bool markdown, bool ascii);

#endif
