/* codec/evtx_tree.h — Binary XML of a chunk of an event log as a tree.
 *
 * What:   reads fragments, templates and names of one chunk. A template is read once; a record is
 *         a tree with its own values beside it, which whoever walks over it puts in their places.
 * Input:  hostile: any bytes. Offsets that point outside, sizes that lie, templates in templates.
 * Limits: EVTX_DEPTH levels; a budget of work a record, EVTX_WORK_FREE + EVTX_WORK_RATIO times its
 *         size, which reading and walking share.
 * Owner:  nodes of templates live as long as the chunk, those of a record until the next one;
 *         names and values point into the chunk or its arena.
 * Spec:   MS-EVEN6 2.2.12; docs/internals/EVTX.md
 */
#ifndef CODEC_EVTX_TREE_H
#define CODEC_EVTX_TREE_H

#include "base/arena.h"
#include "base/vec.h"
#include "codec/evtx_value.h"

enum {
    EVTX_CHUNK_BYTES = 64 * 1024,
    EVTX_DEPTH = 24,
    EVTX_WORK_FREE = 4096,
    EVTX_WORK_RATIO = 64,
    EVTX_WORK_REAL = 6, /* a byte of a real number; evtx_value_bound has as many for any byte */
    EVTX_ARENA_BYTES = 64 * 1024 * 1024,
};

enum evtx_kind {
    EVTX_ELEMENT,  /* name, attributes, content */
    EVTX_TEXT,     /* a fixed value, mostly UTF-16 */
    EVTX_ENTITY,   /* name, without & and ; */
    EVTX_CHAR,     /* one character */
    EVTX_SUB,      /* value `sub` of the instance goes here */
    EVTX_INSTANCE, /* a template with its values */
    EVTX_PI,       /* name, value: a processing instruction */
};

struct evtx_template;

struct evtx_node {
    uint8_t kind;
    bool optional; /* EVTX_SUB: nothing at all if the value is null */
    uint16_t sub;  /* EVTX_SUB; of EVTX_CHAR the character */
    struct evtx_node *next;
    struct str name;
    union {
        struct evtx_value value; /* of EVTX_SUB only the type, as the template declares it */
        struct {
            struct evtx_node *attribute; /* EVTX_ELEMENT nodes whose content is the value */
            struct evtx_node *content;
        };
        struct {
            const struct evtx_template *of;
            const struct evtx_value *values;
            uint32_t n_values;
        };
    };
};

struct evtx_template {
    uint32_t offset, id, end; /* in the chunk: of the definition, and behind it */
    const char *why;          /* NULL: it could be read */
    struct evtx_node *root;
    struct evtx_program *program[2]; /* of evtx_rows: as an event, as a part of one */
};

/* One chunk, while it is read. */
struct evtx_tree {
    const unsigned char *p; /* all of it */
    uint32_t n;
    struct arena chunk, record;
    VEC(struct str) names;
    VEC(struct evtx_template *) templates;
    int64_t work;    /* left of the record's budget */
    unsigned depth;  /* of what is being read */
    const char *why; /* the last failure, for people */
    uint16_t name_at[EVTX_CHUNK_BYTES], template_at[EVTX_CHUNK_BYTES]; /* number + 1 */
    VEC(uint32_t) name_used;
};

void evtx_tree_init(struct evtx_tree *t);
void evtx_tree_done(struct evtx_tree *t);
/* A new chunk: forgets the one before. */
void evtx_tree_chunk(struct evtx_tree *t, const unsigned char *p, uint32_t n);
/* A new record of so many bytes. */
void evtx_tree_record(struct evtx_tree *t, size_t n_bytes);

/* Reads a fragment: of a record, or of a value that is Binary XML. ERR_FORMAT, ERR_LIMIT with
 * t->why, or ERR_NOMEM. */
MUST_CHECK enum err evtx_tree_fragment(struct evtx_tree *t, const unsigned char *p, size_t n,
                                       struct evtx_node **ret_nodes);
/* The template at that offset, read now if it was not before. */
MUST_CHECK enum err evtx_tree_template(struct evtx_tree *t, uint32_t offset,
                                       struct evtx_template **ret_template);
/* The values of an instance: descriptors at *p, then the values. Moves *p behind them. */
MUST_CHECK enum err evtx_tree_values(struct evtx_tree *t, const unsigned char **p,
                                     const unsigned char *end, struct evtx_value *values,
                                     uint32_t n_values);
/* Takes from the budget. */
MUST_CHECK enum err evtx_tree_work(struct evtx_tree *t, size_t n);
/* Why one of its arenas had no room for n bytes: ERR_LIMIT with t->why if what was read asked for
 * too much, ERR_NOMEM if the machine has no more. */
MUST_CHECK enum err evtx_tree_no_room(struct evtx_tree *t, const struct arena *arena, size_t n);

/* Where a walk is: the values that substitutions stand for; none in a fragment without template. */
struct evtx_bind {
    const struct evtx_value *values;
    uint32_t n;
};
/* What a node stands for: itself, or what is put in its place. */
struct evtx_place {
    enum { EVTX_IS_NODE, EVTX_IS_VALUE, EVTX_IS_NODES, EVTX_IS_NOTHING } is;
    struct evtx_value value; /* EVTX_IS_VALUE: never null or Binary XML */
    struct evtx_node *nodes; /* EVTX_IS_NODES: to be walked over with bind */
    struct evtx_bind bind;
};
MUST_CHECK enum err evtx_tree_place(struct evtx_tree *t, const struct evtx_node *node,
                                    struct evtx_bind bind, struct evtx_place *ret_place);

#endif
