/* match/yara_gate.h — what must be true of a file for a YARA rule to match it.
 *
 * What:   for each rule what its condition can come to, from literals that occur, the size, the
 *         first bytes, names, and answers of probes. That it cannot hold is proof; whatever is
 *         not understood can come to anything. A gate may let through what does not match, never
 *         the reverse.
 * Input:  gates are written by a worker and kept in a cache: yara_gate_take checks every number.
 * Limits: YARA_GATE_*.
 * Owner:  a gate lives in the arena given and borrows the bytes that it was taken from; it is
 *         read only.
 * Spec:   docs/internals/YARA.md
 */
#ifndef MATCH_YARA_GATE_H
#define MATCH_YARA_GATE_H

#include "base/rd.h"
#include "base/wr.h"
#include "match/yara_text.h"

enum {
    YARA_GATE_LITERAL_MIN = 2, /* bytes known in a row; see also yara_find.h */
    YARA_GATE_LITERAL_MAX = 48,
    YARA_GATE_NEAR_MAX = 16,
    YARA_GATE_NEAR_FAR = 256, /* bytes between a literal and what is near it */
    YARA_GATE_LITERALS = 4 * 1000 * 1000,
    YARA_GATE_NODES = 16 * 1000 * 1000,
    YARA_GATE_HEAD_BYTES = 512, /* of a file, kept for uint16(0) and the like */
    YARA_GATE_DEPTH = YARA_TEXT_DEPTH * 4,
    YARA_GATE_STEPS = 1024 * 1024, /* nodes looked at for one answer; beyond it may be anything */
};

/* What a part of a condition can come to: any of these bits. Undefined is what libyara calls a
 * comparison with something that is not there; "not" leaves it undefined. */
enum {
    YARA_CAN_FAIL = 1,
    YARA_CAN_HOLD = 2,
    YARA_CAN_LACK = 4, /* be undefined */
    YARA_ANYTHING = 7,
};

enum {
    YARA_LIT_WORD = 1,      /* no letter or digit beside it */
    YARA_LIT_WIDE_WORD = 2, /* the same of 16-bit characters */
};

/* It occurs where (byte & mask) == bytes throughout. 0xdf is the mask of a letter without case. */
struct yara_lit {
    struct str bytes, mask;
    uint8_t flags;
    uint8_t gram, at; /* by which of its bytes it is found: see yara_find_choose */
    uint8_t common;   /* how often these occur, as a power of two */
    /* Unless empty, it must stand so far from the beginning of the literal, or before it. */
    struct str near, near_mask;
    int32_t near_from, near_to;
};

/* All of a byte, but perhaps the case of a letter? */
static inline bool yara_mask_known(uint8_t mask)
{
    return mask == 0xff || mask == 0xdf;
}

struct yara_gate_node {
    uint8_t op;
    uint8_t unused[3];
    uint32_t n_kids, size; /* size: nodes of the whole part, itself included */
    uint32_t text;         /* TEXT: index; else 0 */
    int64_t value;
};

/* A string needs one of its literals; it may have none. */
struct yara_gate_string {
    uint32_t first, n; /* into gate->need */
};

enum {
    YARA_RULE_PRIVATE = 1,
    YARA_RULE_GLOBAL = 2,
    YARA_RULE_PROBES = 4,
    YARA_RULE_OPAQUE = 8,
    YARA_RULE_REFERS = 16 /* to other rules of its source */
};

struct yara_gate_rule {
    struct str name;
    uint32_t source, flags;
    uint32_t first_string, n_strings;
    uint32_t first_node;
};

/* A part of a condition that only libyara's modules can answer. */
struct yara_gate_probe {
    struct str text;
    uint32_t source; /* of the rule that had it first: its imports are needed */
    bool needs_body; /* false: it asks pe alone, and a file without MZ in front answers `else_` */
    uint8_t else_;   /* YARA_CAN_... */
};

struct yara_gate {
    struct yara_lit *lit;
    struct str *text;
    uint32_t *need;
    struct yara_gate_string *string;
    struct yara_gate_node *node;
    struct yara_gate_rule *rule;
    struct yara_gate_probe *probe;
    uint32_t *source_rule; /* first rule of each source, and the end */
    struct str *import;
    size_t n_lits, n_texts, n_needs, n_strings, n_nodes, n_rules, n_probes, n_sources, n_imports;
};

/* ---- making one, source by source ---- */

struct yara_gate_maker;
struct yara_gate_maker *yara_gate_maker_new(void);
struct yara_gate_maker *yara_gate_maker_free(struct yara_gate_maker *m);
/* Text like that which will be searched, to choose rare pieces of literals: that of the rules. */
void yara_gate_sample(struct yara_gate_maker *m, struct str text);
/* The rules of one source in libyara's order, as it names them. Where text is NULL or has other
 * names, nothing is known of them. */
MUST_CHECK enum err yara_gate_add(struct yara_gate_maker *m, const struct yara_text *text,
                                  const struct str *name, size_t n);
MUST_CHECK enum err yara_gate_put(struct yara_gate_maker *m, struct buf *b);
/* Probes found so far. */
size_t yara_gate_probes(const struct yara_gate_maker *m);
struct yara_gate_probe *yara_gate_probe_of(struct yara_gate_maker *m, size_t i);

/* ---- using one ---- */

/* ERR_FORMAT: it is none. Its texts are borrowed from the bytes read. */
MUST_CHECK enum err yara_gate_take(struct rd *r, struct arena *arena, struct yara_gate *ret_gate);

/* What is known of a file, or of all files of a class. */
struct yara_view {
    enum { YARA_SEEN_MAP, YARA_SEEN_ALL, YARA_SEEN_NONE } literals;
    const uint64_t *seen; /* MAP: a bit a literal */
    uint64_t size_min, size_max;
    const unsigned char *head;
    size_t head_n;
    bool not_mz, not_elf; /* of a class, where head_n is 0 */
    struct str external[YARA_EXTERNALS];
    bool external_known[YARA_EXTERNALS];
    const uint8_t *probe; /* YARA_CAN_... of each; NULL: anything */
};

/* false: it cannot match. */
bool yara_gate_ask(const struct yara_gate *g, size_t rule, const struct yara_view *v);

#endif
