/* codec/evtx_program.h — what of a template is a field, and the kinds of events made of them.
 *
 * What:   a program is a template's list of fields, the same one for all templates that say the
 *         same, in whatever chunk or file. A kind is a program, perhaps one inside it, and the
 *         values of System that its events share: it has a shape and the rows that are open.
 * Input:  hostile, through evtx_flat.
 * Limits: EVTX_SHAPES programs and kinds; EVTX_KNOWN_BYTES for all of them. evtx_rows forgets them
 *         before that, so that a flood of kinds leaves room for what comes behind it.
 * Owner:  struct evtx_known owns them; evtx_known_done.
 * Spec:   docs/internals/EVTX.md, "From records to rows"
 */
#ifndef CODEC_EVTX_PROGRAM_H
#define CODEC_EVTX_PROGRAM_H

#include "base/map.h"
#include "codec/evtx.h"
#include "codec/evtx_flat.h"

enum { EVTX_KNOWN_BYTES = 128 * 1024 * 1024, EVTX_RECENT = 256, EVTX_NO_CELL = 0xffff };

struct evtx_program {
    uint32_t serial;
    bool odd; /* its records take the long way */
    bool nests;
    uint16_t nest_sub;
    uint32_t nest_at, n_subs; /* as in struct evtx_flat */
    uint32_t work;            /* that the long way does, but for the values */
    uint32_t n_entries, n_parts, n_keyed;
    const struct evtx_entry *entries;
    const struct evtx_part *parts; /* no EVTX_PART_FIXED, no EVTX_PART_VALUE */
    const uint16_t *keyed;         /* values that the kind of an event depends on */
};

struct evtx_cell {
    uint32_t first; /* part */
    uint16_t sub; /* if it is one value and nothing else; its level and whether it may be absent */
    uint8_t level, optional;
    bool single;
};

struct evtx_kind_of {
    struct str key;
    struct shape *shape;
    struct rows rows;
    size_t open_bytes; /* that its rows take */
    const struct evtx_cell *cells;
    const struct evtx_part *parts;
    bool single;                  /* all its cells are, and no value stands in two of them */
    const struct evtx_cell *time; /* SystemTime; NULL if it is no single value */
    struct str host;              /* Computer, if all its events have the same; else its cell, */
    uint16_t host_cell;           /* or EVTX_NO_CELL */
};

struct evtx_known {
    struct arena arena;
    struct map program_ids, kind_ids;
    VEC(struct evtx_program *) programs;
    VEC(struct evtx_kind_of *) kinds;
    struct evtx_kind_of *recent[EVTX_RECENT]; /* by a few bytes of their keys */
    struct buf key;
    struct evtx_flat flat;
};

void evtx_known_init(struct evtx_known *k);
void evtx_known_done(struct evtx_known *k);
/* Is it time to forget all of it? Sooner between two files than between two records. */
bool evtx_known_full(const struct evtx_known *k, bool between_files);

/* The program of a template at the top (EVTX_ROOT) or inside an event (EVTX_EVENT). */
MUST_CHECK enum err evtx_program_of(struct evtx_known *k, struct evtx_tree *tree,
                                    struct evtx_template *template, enum evtx_section where,
                                    const struct evtx_program **ret_program);

/* The values of an event, those of its template and of the one inside it. */
struct evtx_values {
    const struct evtx_value *v[2];
    const unsigned char *limit; /* the chunk's end */
};
/* The text of a field, from its first part. There must be room. ROWS_ABSENT if there is none,
 * ROWS_LIST if it is several; else 0. */
uint32_t evtx_parts_put(char **to, const struct evtx_part *parts, uint32_t first,
                        const struct evtx_values *values);
/* Room that it needs. */
size_t evtx_parts_bound(const struct evtx_part *parts, uint32_t first,
                        const struct evtx_values *values);

/* Is it the same text in all events of the kind? */
bool evtx_entry_fixed(const struct evtx_flat *f, const struct evtx_entry *entry);
/* The kind with that key; a new one is made of the programs (inner may be NULL), or of merged
 * entries. */
MUST_CHECK enum err evtx_kind(struct evtx_known *k, struct evtx_tree *tree, struct str key,
                              const struct evtx_program *outer, const struct evtx_program *inner,
                              const struct evtx_values *values, bool carved,
                              struct evtx_kind_of **ret_kind);
MUST_CHECK enum err evtx_kind_flat(struct evtx_known *k, struct evtx_tree *tree, struct str key,
                                   struct evtx_flat *flat, const struct evtx_values *values,
                                   bool carved, struct evtx_kind_of **ret_kind);

#endif
