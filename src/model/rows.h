/* model/rows.h — events of one shape as rows: what an event log is cut into before it is searched.
 *
 * What:   struct shape: channel, provider, number and fields that some events share; struct rows: a
 *         batch of such events, their values one behind the other. A reader sorts its events by
 *         shape, so that rules are chosen once a shape and not once an event.
 * Input:  filled by codecs from hostile bytes. A value is told by its place, never by what stands
 *         around it: none can pass for two.
 * Limits: LIMIT_FIELDS fields a shape; ROWS_BYTES of text a batch, or one event that is longer.
 * Owner:  shapes live as long as their reader, or until it tells to forget them; rows are the
 *         reader's and change after the call that hands them out.
 * Spec:   docs/internals/MODEL.md, "Rows"
 */
#ifndef MODEL_ROWS_H
#define MODEL_ROWS_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/time.h"
#include "base/vec.h"

enum { ROWS_BYTES = 64 * 1024 };
#define ROWS_ABSENT 0x80000000u /* in an end: the event has no such value */
#define ROWS_LIST 0x40000000u   /* in an end: each line of the cell is a value of its own */
#define ROWS_END 0x3fffffffu    /* what is left of an end without the two */
#define SHAPE_NO_ID UINT32_MAX

struct shape_field {
    struct str name;  /* flat: "Image", "EventRecordID", "Provider_Name" */
    struct str fixed; /* p != NULL: the value in all events of the shape; there is no cell then */
    bool list;        /* each line of fixed is a value of its own */
};

struct shape {
    uint32_t serial; /* from 0, in the order in which the reader met them */
    uint32_t event_id;
    struct str channel, provider; /* absent if the events do not tell, or not alike */
    uint16_t n, n_cells;          /* fields; those of them that have cells */
    bool raw;                     /* texts that were not understood, to be searched all the same */
    bool carved;                  /* the log no longer counts these events: they cover nothing */
    struct shape_field *field;
};

struct row_place {
    uint64_t offset;    /* of the event in its file, in bytes */
    uint64_t record_id; /* its own number, or from 1 */
    int64_t time_us;    /* of the event, or when it was written; TIME_NONE if it tells neither */
};

/* Cell k of row i ends at end[i * n_cells + k] & ROWS_END and begins one byte behind the end of the
 * one before it: a '\n' stands behind every cell, part of none. Where a field has several values
 * they stand in lines, and a '\n' inside one of them is written as '\r': none can pass for two. */
struct rows {
    const struct shape *shape;
    struct buf text;
    VEC(uint32_t) end;
    VEC(struct row_place) place;
};

static inline size_t rows_n(const struct rows *r)
{
    return r->place.n;
}

/* Where the text of row i begins; i may be rows_n. */
static inline uint32_t row_begin(const struct rows *r, size_t i)
{
    size_t at = i * r->shape->n_cells;
    return at ? (r->end.v[at - 1] & ROWS_END) + 1 : 0;
}

static inline bool row_cell_is_list(const struct rows *r, size_t i, uint16_t cell)
{
    return r->end.v[i * r->shape->n_cells + cell] & ROWS_LIST;
}

/* The cell, p == NULL if absent. */
static inline struct str row_cell(const struct rows *r, size_t i, uint16_t cell)
{
    size_t at = i * r->shape->n_cells + cell;
    uint32_t end = r->end.v[at], from = at ? (r->end.v[at - 1] & ROWS_END) + 1 : 0;
    return end & ROWS_ABSENT ? (struct str){0}
                             : str_make(r->text.p + from, (end & ROWS_END) - from);
}

/* The value of a field, in its cell or in all events of the shape; p == NULL if absent. */
static inline struct str row_value(const struct rows *r, size_t i, uint16_t field)
{
    const struct shape_field *f = r->shape->field;
    uint16_t cell = 0;
    if (f[field].fixed.p)
        return f[field].fixed;
    for (uint16_t k = 0; k < field; k++)
        cell += !f[k].fixed.p;
    return row_cell(r, i, cell);
}

/* What a reader of event logs hands out. rows and gap may end the reading by what they return.
 * forget (may be NULL): all shapes that were handed out so far are gone, and others may get their
 * addresses. back (may be NULL): the event after follows the event before by its number, both are
 * of that computer (absent: they name none), and it is earlier; both have a time. */
struct rows_sink {
    enum err (*rows)(void *ctx, const struct rows *rows);
    enum err (*gap)(void *ctx, uint64_t offset, struct str reason, struct str detail);
    void *ctx;
    void (*forget)(void *ctx);
    enum err (*back)(void *ctx, struct str host, const struct row_place *before,
                     const struct row_place *after);
};

/* Writes lines as one, for a value that joins others. */
static inline void row_one_line(char *p, size_t n)
{
    for (char *lf; (lf = n ? memchr(p, '\n', n) : NULL); n -= (size_t)(lf + 1 - p), p = lf + 1)
        *lf = '\r';
}

#endif
