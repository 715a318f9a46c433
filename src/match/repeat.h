/* match/repeat.h — literals over lines whose cells repeat.
 *
 * What:   of a log's row little is new: the time, the query. Cells that were searched before are
 *         recognised as a whole and bring the spots that they had then; only the rest is searched.
 *         What is reported is what lit_scan reports, less what a judge calls idle.
 * Input:  the text is hostile: cells are compared in full, never by their hash alone.
 * Limits: no literal may hold a line end, or a cut but as its first byte. Memory: REPEAT_BYTES and
 *         some megabytes of tables.
 * Owner:  repeat_new/repeat_free; the set must outlive it. It changes with every scan.
 * Spec:   docs/internals/MATCH.md, "Cells that repeat"
 */
#ifndef MATCH_REPEAT_H
#define MATCH_REPEAT_H

#include "match/lit.h"

struct repeat;

enum { REPEAT_BYTES = 2 * 1024 * 1024 }; /* of cells and their spots */

/* A line, and where its cells end. */
struct repeat_line {
    size_t at;           /* in the text that is scanned */
    struct str text;     /* without its end, but with a carriage return */
    const uint16_t *cut; /* that many bytes behind `from`; NULL: cells may not be columns here */
    const char *from;
};

static inline struct str repeat_cell(const struct repeat_line *line, size_t column)
{
    const char *p = column ? line->from + line->cut[column - 1] + 1 : line->text.p;
    return str_make(p, (size_t)(line->from + line->cut[column] - p));
}

/* Who knows what cells mean may tell that spots lead nowhere whatever the rest of the line holds:
 * these are then left out. */
struct repeat_judge {
    void *ctx;
    /* cell[i].p is NULL for cells that are not known; the literals are all of those in known ones,
     * the line is one of the lines with such cells. */
    bool (*idle)(void *ctx, struct str line, const struct str *cell, const uint32_t *literal,
                 size_t n);
    /* Of the literals those that matter in cells that are not known, when all with known[i] are, as
     * a subset of the set that is searched for; sample is such text. NULL: all matter. Asked for
     * after so many chunks of 64 KiB, because it takes time to make. */
    struct lit_set *(*rest)(void *ctx, const bool *known, struct str sample);
    unsigned rest_after;
    const bool *asks;   /* by cell: it matters for what is idle */
    const bool *marker; /* by literal: behind it cells may mean something else, as behind "#" */
    uint16_t cells;     /* of a line that can be judged */
    bool may_be_empty;  /* cells, in such a line; then it has none but the first kind of cut */
    bool header;        /* the text starts with lines that tell what cells mean */
    uint64_t meaning;   /* another one: what was judged is forgotten */
    /* Is told every line, in order; NULL: need not be. */
    enum err (*line)(void *line_ctx, const struct repeat_line *line);
    void *line_ctx;
};

/* cuts: one or two bytes between the cells of a line. */
MUST_CHECK enum err repeat_new(const struct lit_set *set, const char *cuts,
                               struct repeat **ret_repeat);
struct repeat *repeat_free(struct repeat *r);
/* As lit_scan. The text starts at the start of a line. judge may be NULL. */
MUST_CHECK enum err repeat_scan(struct repeat *r, const struct repeat_judge *judge, struct str text,
                                struct lit_spots *spots);

#endif
