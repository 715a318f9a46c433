/* model/record.h — one log line as named fields, and what its meaning depends on.
 *
 * What:   struct record (time, raw line, values by column) and struct log_state (the columns in
 *         force, the kind of log, what the header told about host and build).
 * Input:  filled by codecs from hostile bytes; nothing here trusts them.
 * Limits: LIMIT_FIELDS columns; column names together at most sizeof names bytes.
 * Owner:  values point into the raw line or the arena of the line. log_state holds no pointers:
 *         it may be copied, compared with memcmp and sent to another process.
 * Spec:   docs/internals/MODEL.md
 */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include "base/limits.h"
#include "base/str.h"
#include "base/time.h"

enum { KIND_BYTES = 32, HOST_BYTES = 128, NAMES_BYTES = 6144 };

struct log_state {
    uint16_t codec;         /* index in the codec table (codec/codec.h) */
    uint16_t columns;       /* number of columns in force, 0 = none known yet */
    uint32_t schema_serial; /* grows whenever the columns change: readers re-bind then */
    char kind[KIND_BYTES];  /* log kind as in data/logsources.yaml: "iis", "httpproxy-ecp", ... */
    char host[HOST_BYTES];  /* host named by the header or the rows, "" if none */
    char version[32];       /* #Version or #Software version of the header, "" if none */
    int64_t date_us;        /* of the last #Date or the file name: for rows without a date */
    uint32_t flags;         /* the codec's own (separator, quoting, sub-format) */
    uint16_t time_column, date_column; /* the codec's own; 0xffff = none */
    uint16_t kind_column;              /* the codec's own: tells the kind of a row; 0xffff = none */
    uint16_t name_at[LIMIT_FIELDS + 1]; /* column i is names[name_at[i] .. name_at[i + 1]) */
    char names[NAMES_BYTES];
};

struct record {
    struct str raw;                          /* the line without its line end */
    uint64_t offset;                         /* of raw in the input, in bytes (decompressed) */
    uint64_t line;                           /* from 1 */
    int64_t time_us;                         /* TIME_NONE if the row has none */
    uint16_t n;                              /* values; may be below state->columns for a cut row */
    bool lists;                              /* some are, those that list tells */
    uint64_t list[(LIMIT_FIELDS + 63) / 64]; /* as bits: each line is a value of its own */
    struct str value[LIMIT_FIELDS];          /* p == NULL: absent (IIS "-"); n == 0: empty */
};

static inline void record_add_list(struct record *r, uint16_t i)
{
    if (!r->lists)
        memset(r->list, 0, sizeof r->list);
    r->lists = true;
    r->list[i / 64] |= UINT64_C(1) << (i % 64);
}

static inline bool record_is_list(const struct record *r, uint16_t i)
{
    return r->lists && (r->list[i / 64] >> (i % 64) & 1);
}

static inline struct str column_name(const struct log_state *s, uint16_t i)
{
    return str_make(s->names + s->name_at[i], (size_t)(s->name_at[i + 1] - s->name_at[i]));
}

/* Column of that name, compared without ASCII case, or -1. */
int column_find(const struct log_state *s, struct str name);
/* The value of the named column, or absent. */
struct str record_get(const struct log_state *s, const struct record *r, struct str name);
/* Forgets all columns; the serial grows. */
void columns_clear(struct log_state *s);
/* Appends a column; false when there are too many or the names too long. */
bool column_add(struct log_state *s, struct str name);

#endif
