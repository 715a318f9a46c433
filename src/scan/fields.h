/* scan/fields.h — the values of one record as rules want to see them.
 *
 * What:   a view (raw, URL-decoded, ...) of a record is made when a rule first asks for it and
 *         kept until the next record.
 * Input:  hostile records.
 * Limits: the arena given; a view that does not fit is absent and sets `short_of_memory`.
 * Owner:  values point into the record or the arena: valid until fields_next.
 * Spec:   docs/internals/SCAN.md, "Views"; exchange-specific tokens as logged by the CAFE module.
 */
#ifndef SCAN_FIELDS_H
#define SCAN_FIELDS_H

#include "base/arena.h"
#include "base/limits.h"
#include "model/record.h"
#include "scan/logsource.h"

/* Columns as bits. any: others as well, as far as is known. */
struct columns {
    uint64_t bit[(LIMIT_FIELDS + 63) / 64];
    bool any;
};

/* Columns by other names, or in other letters, of what a view or a fold asks for: that of the two
 * which a row has counts. */
enum { FIELD_CHOICES = 16, FIELD_OF_FOLD = 0xffff };
struct field_choice {
    uint16_t view, at, n;      /* at: which column of the view, or of FIELD_OF_FOLD */
    int16_t of[FIELD_CHOICES]; /* best first */
};

struct fields {
    const struct kind_def *kind;
    const struct log_state *state;
    const struct record *record;
    struct arena *arena;
    const uint16_t *order; /* of an event's columns in its text; NULL: as they come */
    int16_t *fold;         /* columns by which events fold, -1: not there; NULL: no events */
    const struct field_choice *choice; /* of rows of events, which do not all have all columns */
    size_t n_choices;
    uint32_t serial; /* of the columns that `column` was bound to */
    bool bound, short_of_memory;
    int16_t column[LOGSOURCE_VIEWS][VIEW_COLUMNS];
    uint64_t done[(LOGSOURCE_VIEWS + 63) / 64];
    struct str value[LOGSOURCE_VIEWS];
};

/* "a|b": the number of the first of the names that is a column, or -1. */
int16_t fields_column(const struct log_state *state, struct str names);
/* All columns that the names may mean, best first; the first is that of fields_column. */
uint16_t fields_candidates(const struct log_state *state, struct str names,
                           int16_t ret_column[FIELD_CHOICES]);
/* After fields_bind, for rows of events: prepares that each is looked at where it has a value. */
MUST_CHECK enum err fields_choose(struct fields *f, struct arena *arena,
                                  const struct str_list *fold);
/* Starts a file: no columns bound yet. */
void fields_init(struct fields *f, const struct kind_def *kind, struct arena *arena);
/* Binds the views to the columns, unless they are. fields_next does so as well. */
void fields_bind(struct fields *f, const struct log_state *state);
/* Adds the columns that a view is made of; after fields_bind. */
void fields_columns(const struct fields *f, uint16_t view, struct columns *c);
/* The next record; binds the views anew when the columns changed. */
void fields_next(struct fields *f, const struct log_state *state, const struct record *record);
struct str fields_view(struct fields *f, uint16_t view);
/* Is each line of that view's value a value of its own? Not of the row as a whole. */
bool fields_is_list(const struct fields *f, uint16_t view);
/* The raw line with doubled quotes made one, absent if there are none. */
struct str fields_unquoted(struct fields *f);
/* The first present view of a role, or absent. */
struct str fields_role(struct fields *f, enum role role);

/* Removes what Exchange appends to a query: &CorrelationID=...; &cafeReqId=...; &encoding=;
 * &ActID= &request_id=. A token whose value does not look like Exchange's stays. */
struct str exchange_strip(struct arena *arena, struct str query);
/* Decoded at most twice; the input itself when there is nothing to decode. */
struct str decode_twice(struct arena *arena, struct str s, bool plus_is_blank);
/* See url_tidy; the input itself when there is nothing to collapse, absent when out of memory. */
struct str tidy(struct arena *arena, struct str s);

#endif
