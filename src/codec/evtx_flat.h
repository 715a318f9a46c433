/* codec/evtx_flat.h — an event as names and values, one behind the other.
 *
 * What:   walks over the tree of an event, or of a template without values, and lists a name and
 *         the parts of a value for each text and attribute, in the order of the document.
 * Input:  hostile, through evtx_tree.
 * Limits: EVTX_DEPTH levels and the work of the record.
 * Owner:  names and values as in evtx_tree; composed names live in the arena given.
 * Spec:   docs/internals/EVTX.md, "Names of fields"
 */
#ifndef CODEC_EVTX_FLAT_H
#define CODEC_EVTX_FLAT_H

#include "codec/evtx_tree.h"

#define EVTX_NO_PART UINT32_MAX

struct evtx_part {
    enum {
        EVTX_PART_FIXED, /* value: of the template */
        EVTX_PART_NAMED, /* text: of an entity */
        EVTX_PART_VALUE, /* value: of the record */
        EVTX_PART_SUB,   /* sub, optional: a template without values */
    } is;
    bool begins; /* a value; else it goes on */
    bool optional;
    uint8_t level; /* EVTX_PART_SUB: 0 the event's template, 1 the one inside it */
    uint16_t sub;
    uint32_t next; /* of the same field; EVTX_NO_PART: the last */
    struct evtx_value value;
    struct str text;
};

struct evtx_entry {
    struct str name;
    bool keyed; /* of System, and mostly the same in all events of a kind */
    uint32_t first, last;
};

enum evtx_section { EVTX_ROOT, EVTX_EVENT, EVTX_SYSTEM, EVTX_EVENTDATA, EVTX_USERDATA, EVTX_OTHER };

struct evtx_flat {
    struct evtx_tree *tree;
    struct arena *arena;
    VEC(struct evtx_entry) entries;
    VEC(struct evtx_part) parts;
    bool symbolic; /* a template without values */
    /* What a symbolic walk met: */
    bool odd;                 /* something that can only be told with values */
    bool nests;               /* a value that is Binary XML, at entry nest_at */
    uint32_t nest_at, n_subs; /* n_subs: values that it asks for */
    uint16_t nest_sub;
};

void evtx_flat_done(struct evtx_flat *f);
/* Lists nodes that stand at the top (EVTX_ROOT) or inside an event (EVTX_EVENT). */
MUST_CHECK enum err evtx_flat(struct evtx_flat *f, const struct evtx_node *nodes,
                              struct evtx_bind bind, enum evtx_section where);
/* One list for each name: a name that is met again goes on in its first entry. At most `max`
 * names; what is beyond stands in the last one, "Others", with its name in front. */
MUST_CHECK enum err evtx_flat_merge(struct evtx_flat *f, size_t max);

/* The character of an entity that XML knows; else absent. */
struct str evtx_entity(struct str name);

#endif
