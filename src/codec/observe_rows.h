/* observe_rows.h — the rows of a table of any size, for readers of inventories.
 *
 * What:   codec/csv.h over the window: the sign between cells is told from the first row, each row
 *         has its line, and what cannot be read is a gap and left out.
 * Input:  hostile.
 * Limits: OBSERVE_RECORD_BYTES a row.
 * Owner:  cells live until the next row.
 * Spec:   RFC 4180
 */
#ifndef CODEC_OBSERVE_ROWS_H
#define CODEC_OBSERVE_ROWS_H

#include "codec/csv.h"
#include "codec/observe_priv.h"

struct observe_rows {
    struct observe_reader *r;
    char sign;
    uint64_t line; /* of the row at hand */
};

void observe_rows_open(struct observe_rows *rows, struct observe_reader *r);
/* The next row that has cells, and the line on which it begins; END behind the last. */
MUST_CHECK enum err observe_rows_next(struct observe_rows *rows, struct csv_row *ret_row,
                                      uint64_t *ret_line);
/* The first row of a text that may be cut anywhere; false if there is none. For telling formats. */
bool observe_rows_header(struct str head, struct arena *arena, struct csv_row *ret_row);

#endif
