/* codec/evlog_rows.h — events told by name and value, sorted into rows of one shape.
 *
 * What:   a reader names the fields of one event after the other; the maker finds the shape that
 *         has them all, or makes it, and hands out rows by the batch.
 * Input:  hostile names and values.
 * Limits: LIMIT_FIELDS fields an event, EVLOG_SHAPES shapes, MAKER_NAMES names in all.
 * Owner:  names and shapes live as long as the maker; values are borrowed until maker_end.
 * Spec:   docs/adr/0011
 */
#ifndef CODEC_EVLOG_ROWS_H
#define CODEC_EVLOG_ROWS_H

#include "base/map.h"
#include "codec/evlog.h"

enum { MAKER_NAMES = 128 * 1024, MAKER_FIXED = 4 };

struct maker_name {
    struct str text;
    uint32_t stamp; /* of the event that has it; then pair is where */
    uint16_t pair;
    int8_t role; /* of MAKER_FIXED, -1: none */
};

struct maker_pair {
    uint32_t name;
    struct str value;
    char *own; /* of value, if it is a copy: room for cap bytes */
    size_t cap;
    bool list; /* several values */
};

struct maker_table;

struct maker {
    struct arena arena, scratch; /* for good; for the event at hand: readers may use it too */
    struct map ids, tables;
    VEC(struct maker_name) name;
    VEC(struct maker_table *) table;
    const struct rows_sink *sink;
    struct maker_pair pair[LIMIT_FIELDS];
    uint32_t name_of[LIMIT_FIELDS]; /* the names of pairs once more, close together */
    uint16_t role[LIMIT_FIELDS];    /* pairs whose names have one, or could */
    size_t n, n_roles;
    uint32_t stamp;
    uint32_t kind;                /* see maker_kind */
    bool too_many;                /* fields of the event were left out */
    bool names_full;              /* it has a name for which there is no room */
    bool raw;                     /* see maker_raw */
    size_t held;                  /* bytes of batches */
    struct buf key;               /* of the shape looked for */
    struct str said[MAKER_FIXED]; /* what is the same in all events of the shape looked for */
};

/* "Channel", "Provider_Name" and "EventID" of an event are said by its shape, and the value of the
 * field that maker_kind names. */
void maker_init(struct maker *m);
void maker_done(struct maker *m);
/* Does what it has met take a quarter of the room? */
bool maker_full(const struct maker *m);
/* What comes next is of a new file, or is the next event. */
void maker_open(struct maker *m, const struct rows_sink *sink);
void maker_begin(struct maker *m);

/* The number of a name, from 1; the same for good. ERR_LIMIT: there are MAKER_NAMES others. */
MUST_CHECK enum err maker_name(struct maker *m, struct str name, uint32_t *ret_id);
/* The gap's text for an event that met a limit: `otherwise`, unless it was that of names. */
const char *maker_why(const struct maker *m, const char *otherwise);
/* A second value of a name goes below the first: the two are a list (model/rows.h). Absent values
 * are left out. */
MUST_CHECK enum err maker_put(struct maker *m, uint32_t name, struct str value);
/* A value that goes on with what it was. */
MUST_CHECK enum err maker_join(struct maker *m, uint32_t name, struct str value);
MUST_CHECK enum err maker_put_named(struct maker *m, const char *name, struct str value);
/* Takes the field put last out again. */
void maker_drop(struct maker *m);
/* Absent if the event has no such field; case does not count in maker_value. */
struct str maker_value_of(const struct maker *m, uint32_t name);
struct str maker_value(const struct maker *m, struct str name);
/* Events at hand that differ in that field are of shapes of their own: what rules ask first. */
static inline void maker_kind(struct maker *m, uint32_t name)
{
    m->kind = name;
}

/* The event at hand is a text that was not understood. */
static inline void maker_raw(struct maker *m)
{
    m->raw = true;
}

/* The event is whole. What cannot be kept of it is a gap. */
MUST_CHECK enum err maker_end(struct maker *m, const struct row_place *place);
/* Hands out what is left. */
MUST_CHECK enum err maker_flush(struct maker *m);

#endif
