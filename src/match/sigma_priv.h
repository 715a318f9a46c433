/* sigma_priv.h — what the sigma_*.c files share: the parsed form of a rule.
 *
 * What:   selections as groups of items, items as values, the condition as a tree. Texts are the
 *         rule's own; placeholders and encodings are worked out by sigma_value.c when a rule is
 *         compiled.
 * Input:  built from hostile YAML by sigma_parse.c, sigma_item.c and sigma_condition.c.
 * Limits: the enum below.
 * Owner:  everything lives in the arena of the rule.
 * Spec:   Sigma specification 2.1.0
 */
#ifndef MATCH_SIGMA_PRIV_H
#define MATCH_SIGMA_PRIV_H

#include "base/ip.h"
#include "match/sigma.h"

enum {
    SIGMA_MAX_DEPTH = 64,           /* open brackets in a condition */
    SIGMA_MAX_NODES = 20 * 1000,    /* of a condition, patterns written out */
    SIGMA_MAX_SELECTIONS = 1000,    /* of a rule */
    SIGMA_MAX_ALTERNATIVES = 10000, /* that one value may become by placeholders and dashes */
    SIGMA_MAX_VALUE_BYTES = 16 * 1024,
};

/* Modifiers, as bits: sets of them are compared with what an operation allows. */
enum {
    MOD_ALL = 1u << 0,
    MOD_NEQ = 1u << 1,
    MOD_CONTAINS = 1u << 2,
    MOD_STARTS = 1u << 3,
    MOD_ENDS = 1u << 4,
    MOD_CASED = 1u << 5,
    MOD_WINDASH = 1u << 6,
    MOD_UTF16LE = 1u << 7,
    MOD_UTF16BE = 1u << 8,
    MOD_UTF16 = 1u << 9,
    MOD_BASE64 = 1u << 10,
    MOD_SHIFTED = 1u << 11, /* base64offset */
    MOD_EXPAND = 1u << 12,
    MOD_RE = 1u << 13,
    MOD_I = 1u << 14,
    MOD_M = 1u << 15,
    MOD_S = 1u << 16,
    MOD_CIDR = 1u << 17,
    MOD_EXISTS = 1u << 18,
    MOD_FIELDREF = 1u << 19,
    MOD_COMPARE = 1u << 20, /* lt, lte, gt, gte */
    MOD_TIME = 1u << 21,    /* minute ... year */
    MOD_POSITION = MOD_CONTAINS | MOD_STARTS | MOD_ENDS,
    MOD_BASE64S = MOD_BASE64 | MOD_SHIFTED,
    MOD_ENCODING = MOD_WINDASH | MOD_UTF16LE | MOD_UTF16BE | MOD_UTF16 | MOD_BASE64S,
};

enum item_op { OP_TEXT, OP_RE, OP_CIDR, OP_COMPARE, OP_EXISTS, OP_FIELDREF };
enum compare { CMP_EQ, CMP_LT, CMP_LTE, CMP_GT, CMP_GTE };
enum time_part { PART_NONE, PART_MINUTE, PART_HOUR, PART_DAY, PART_WEEK, PART_MONTH, PART_YEAR };

/* A text with its wildcards: "a*b" is TEXT a, MANY, TEXT b. */
enum piece_kind {
    PIECE_TEXT,
    PIECE_ONE,  /* exactly one character */
    PIECE_MANY, /* any number of them */
    PIECE_DASH, /* one of the characters that Windows takes for a dash before an option */
    PIECE_HOLE, /* the name of a placeholder */
};
struct piece {
    enum piece_kind kind;
    struct str text;
};
struct pattern {
    struct piece *piece;
    size_t n;
};

struct value {
    uint32_t line;
    bool null;
    bool integer, real;     /* written without quotes as a number: compared as one, too */
    bool truth;             /* OP_EXISTS */
    int64_t i64;            /* integer */
    double number;          /* real, OP_COMPARE */
    struct ip_net net;      /* OP_CIDR */
    struct str text;        /* OP_RE: the regex; OP_FIELDREF: the other field */
    struct pattern pattern; /* OP_TEXT */
};

enum { ITEM_MAX_STEPS = 8 };
struct item {
    struct str field; /* p == NULL: keywords, looked for in the whole record */
    uint32_t line;
    enum item_op op;
    unsigned mods;
    unsigned step[ITEM_MAX_STEPS]; /* MOD_ENCODING and MOD_EXPAND in the order written */
    size_t n_steps;
    enum compare cmp;
    enum time_part part;
    struct value *value;
    size_t n;
};

enum group_kind { GROUP_ITEM, GROUP_AND, GROUP_OR };
struct group {
    enum group_kind kind;
    struct item *item;
    struct group *child;
    size_t n;
};

struct selection {
    struct str name;
    uint32_t line;
    struct group group;
};

enum cond_kind { COND_REF, COND_AND, COND_OR, COND_NOT };
struct cond {
    enum cond_kind kind;
    size_t selection; /* COND_REF */
    struct cond *child, *next;
};

struct sigma_detection {
    struct selection *selection;
    size_t n;
    struct cond *cond;
    /* SIGMA_FILTER only */
    struct str *target; /* ids or names of rules; none: every rule that the log source fits */
    size_t n_targets;
};

/* The document being read: where errors go and what they name. */
struct sigma_reader {
    struct arena *arena;
    struct error *error;
};

/* ERR_FORMAT and friends with the line of the document in error->offset. */
enum err sigma_fail(struct sigma_reader *r, enum err code, uint32_t line, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
enum err sigma_nomem(struct sigma_reader *r);

/* One "field|modifier|...: values" of a selection; key is empty for bare keywords. */
MUST_CHECK enum err sigma_item_parse(struct sigma_reader *r, struct str key, uint32_t line,
                                     const struct node *values, size_t n_values,
                                     struct item *ret_item);
/* A decimal number and nothing else: no hexadecimal, no "inf". */
bool sigma_number(struct str s, double *ret_value);
/* A Sigma string: * and ? are wildcards, a backslash escapes these and itself. With holes,
 * %name% is a placeholder and \% a percent sign. */
MUST_CHECK enum err sigma_pattern_parse(struct sigma_reader *r, struct str text, bool holes,
                                        struct pattern *ret_pattern);
/* The condition of a detection whose selections are known. node is a text or a list of them. */
MUST_CHECK enum err sigma_condition_parse(struct sigma_reader *r, const struct node *node,
                                          struct sigma_detection *detection);
MUST_CHECK enum err sigma_correlation_parse(struct sigma_reader *r, const struct node *node,
                                            struct sigma_correlation *ret_correlation);
/* All scalars of a list (or the one scalar); what names it in the message. */
MUST_CHECK enum err sigma_texts(struct sigma_reader *r, const struct node *node, const char *what,
                                struct str **ret_texts, size_t *ret_n);

#endif
