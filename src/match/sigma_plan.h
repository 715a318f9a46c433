/* sigma_plan.h — the compiled form of a rule, shared by sigma_plan.c, _anchor.c, _eval.c, _wild.c.
 *
 * What:   the condition as a tree whose leaves test the views of one kind of log.
 * Input:  built from struct sigma_detection; no constants are left in it.
 * Limits: those of sigma_priv.h; depth at most some 3 * SIGMA_MAX_DEPTH.
 * Owner:  the arena given to sigma_compile; regular expressions are freed by sigma_plan_done.
 * Spec:   docs/internals/MATCH.md
 */
#ifndef MATCH_SIGMA_PLAN_H
#define MATCH_SIGMA_PLAN_H

#include "match/re.h"
#include "match/sigma_priv.h"

enum match_kind {
    MATCH_NULL,    /* absent */
    MATCH_PRESENT, /* there, whatever it holds */
    MATCH_SOME,    /* present and not empty: "*" */
    MATCH_EQUAL,   /* lit, which may be empty */
    MATCH_PREFIX,
    MATCH_SUFFIX,
    MATCH_INSIDE,
    MATCH_WILD, /* the pattern piece by piece */
    MATCH_INTEGER,
    MATCH_REAL,
    MATCH_RE,
    MATCH_NET,
    MATCH_COMPARE,
    MATCH_FIELD,
};

struct matcher {
    enum match_kind kind;
    bool cased;
    bool ascii;             /* lit has no byte above 0x7f */
    bool indexed;           /* found by the item's index */
    struct str lit;         /* folded unless cased */
    struct pattern pattern; /* texts folded unless cased */
    int64_t i64;
    double number;
    struct ip_net net;
    struct re *re;
    struct str regex;               /* its text */
    bool regex_folds;               /* it ignores case */
    unsigned position;              /* MATCH_FIELD: MOD_POSITION bits */
    uint16_t view[SIGMA_MAX_VIEWS]; /* MATCH_FIELD: the other field */
    size_t n_views;
};

/* Finds which of many literals a value contains in one pass: literals by their first two bytes. */
enum { INDEX_SLOTS = 1024, INDEX_MIN = 16, INDEX_MAX = 60000 };
struct lit_index {
    uint16_t head[INDEX_SLOTS]; /* matcher number + 1 */
    uint16_t *next;
};

/* All values of "field: values" for one field. group i is matcher[group[i]] up to group[i + 1]:
 * what one value became; any of its matchers is enough. */
struct plan_item {
    uint32_t number; /* in the plan */
    struct str field;
    bool all;
    bool record_time; /* a time test on the record's own time */
    enum compare cmp;
    enum time_part part;
    uint16_t view[SIGMA_MAX_VIEWS];
    size_t n_views;
    struct matcher *matcher;
    uint32_t *group;
    size_t n_groups;
    struct lit_index *index; /* NULL unless there are many literals to look for */
    bool foreign;            /* some matcher holds characters that are not ASCII */
};

enum plan_kind { PLAN_CONST, PLAN_ITEM, PLAN_REF, PLAN_AND, PLAN_OR, PLAN_NOT };
struct plan_node {
    enum plan_kind kind;
    bool truth;       /* PLAN_CONST */
    struct str cause; /* PLAN_CONST: the field that is missing */
    struct plan_item *item;
    uint32_t ref; /* index of a selection */
    struct plan_node **child;
    size_t n;
};

struct plan_re {
    struct re *re;
    struct plan_re *next;
};

struct sigma_plan {
    struct plan_node *root;
    struct plan_node **selection; /* by ref */
    size_t n_selections;
    struct plan_re *re;
    struct str *missing;
    size_t n_missing, cap_missing;
    const struct str *anchor;
    size_t n_anchors;
    double cost;
    struct sigma_gate gate;
    struct sigma_views views; /* all that items and matchers look at */
    size_t n_items;           /* items are numbered from 0 */
};

static inline void sigma_add_view(struct sigma_views *v, uint16_t view)
{
    if (view / 64 < ARRAY_LEN(v->bit))
        v->bit[view / 64] |= UINT64_C(1) << (view % 64);
    else
        v->whole = true;
}

/* What a value becomes by the item's encodings and placeholders: one or more patterns. */
MUST_CHECK enum err sigma_value_patterns(struct sigma_reader *r, const struct item *it,
                                         const struct value *v, const struct sigma_env *env,
                                         struct pattern **ret_patterns, size_t *ret_n);
/* The same for a regular expression with placeholders: regex texts. */
MUST_CHECK enum err sigma_value_regexes(struct sigma_reader *r, const struct item *it,
                                        const struct value *v, const struct sigma_env *env,
                                        struct str **ret_texts, size_t *ret_n);

/* Comparison of a matcher's text with a value; ret_from and ret_to become the place. */
bool sigma_text_matches(const struct matcher *m, struct str s, size_t *ret_from, size_t *ret_to);
bool sigma_lit_at(const struct matcher *m, struct str lit, struct str s, size_t at);
/* Index of lit in s at or behind from, or -1. */
ptrdiff_t sigma_lit_find(const struct matcher *m, struct str lit, struct str s, size_t from);
/* Two values of one record against each other; kind is EQUAL, PREFIX, SUFFIX or INSIDE. */
bool sigma_fields_match(enum match_kind kind, bool cased, struct str s, struct str other,
                        size_t *ret_from, size_t *ret_to);
bool sigma_wild_matches(const struct matcher *m, struct str s);

MUST_CHECK enum err sigma_plan_anchors(struct sigma_reader *r, struct sigma_plan *plan,
                                       const struct sigma_env *env);
static inline size_t sigma_index_slot(unsigned char a, unsigned char b)
{
    return ((size_t)a * 31 + b) % INDEX_SLOTS;
}
/* The item's answer where the values of all its views are known: env->fixed tells them. */
bool sigma_item_on_fixed(const struct plan_item *it, const struct sigma_env *env);
/* The item's answer where the value is absent. */
bool sigma_item_on_absent(const struct plan_item *it);

#endif
