/* csv.h — small tables in text: one row at a time over a slice.
 *
 * What:   RFC 4180 cells: quoted or not, doubled quotes, line breaks inside quotes; the last row
 *         may lack its line end. Lines that start with "#" are comments, empty ones are skipped.
 * Input:  hostile; an unclosed quote is ERR_FORMAT, never a read past the end.
 * Limits: CSV_COLUMNS cells a row.
 * Owner:  cells are slices of the input; those with doubled quotes are copies in the arena given.
 * Spec:   RFC 4180.
 */
#ifndef CODEC_CSV_H
#define CODEC_CSV_H

#include "base/arena.h"
#include "base/str.h"

enum { CSV_COLUMNS = 64 };

struct csv {
    struct str rest;
    uint32_t line;      /* of the row last returned, from 1 */
    uint32_t next_line; /* of what comes next */
    char sign;          /* between cells: ',' unless set behind csv_init */
    struct arena *arena;
};

struct csv_row {
    size_t n;
    struct str cell[CSV_COLUMNS];
};

void csv_init(struct csv *c, struct str text, struct arena *arena);
/* OK, END, ERR_FORMAT (bad quoting: the rest of that line is skipped, the next call goes on),
 * ERR_LIMIT (too many cells, the rest of the row is skipped) or ERR_NOMEM. */
MUST_CHECK enum err csv_next(struct csv *c, struct csv_row *ret_row);
/* Index of a column in a header row, compared without ASCII case; -1 if absent. */
int csv_column(const struct csv_row *header, struct str name);
/* The cell with surrounding blanks cut; empty if the row is shorter or the column is -1. */
struct str csv_cell(const struct csv_row *row, int column);

#endif
