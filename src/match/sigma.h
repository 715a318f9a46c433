/* sigma.h — Sigma rules: loading, compiling for one kind of log, evaluating.
 *
 * What:   text -> struct sigma_rule (parsed, all document types) -> struct sigma_plan (bound to the
 *         fields of one log kind) -> yes or no for a record, with what matched.
 * Input:  rules are hostile: nesting, size, regexes are capped. Records are hostile.
 * Limits: base/limits.h LIMIT_RULE_*, LIMIT_YAML_*, LIMIT_REGEX_*.
 * Owner:  rules and plans live in the caller's arena (regex code is freed by sigma_plan_done).
 *         sigma_eval allocates nothing.
 * Spec:   Sigma specification 2.1.0 (sigma-rules, sigma-modifiers, sigma-filters, correlations).
 */
#ifndef MATCH_SIGMA_H
#define MATCH_SIGMA_H

#include "base/arena.h"
#include "model/node.h"

enum sigma_type { SIGMA_DETECTION, SIGMA_CORRELATION, SIGMA_FILTER };

struct sigma_pair {
    struct str key, value;
};

struct sigma_detection; /* the parsed selections and condition; private to match/sigma*.c */

enum sigma_correlation_type {
    SIGMA_EVENT_COUNT,
    SIGMA_VALUE_COUNT,
    SIGMA_TEMPORAL,
    SIGMA_TEMPORAL_ORDERED,
    SIGMA_VALUE_SUM,
    SIGMA_VALUE_AVG,
    SIGMA_VALUE_PERCENTILE, /* a median is the percentile 50 */
};
enum sigma_operator { SIGMA_GT, SIGMA_GTE, SIGMA_LT, SIGMA_LTE, SIGMA_EQ, SIGMA_NEQ };
struct sigma_bound {
    enum sigma_operator op;
    double number;
};
enum { SIGMA_MAX_BOUNDS = 8, SIGMA_MAX_CORRELATED = 64, SIGMA_MAX_GROUP_BY = 16 };

/* A correlation document: what it asks of the events that the rules it names met. */
struct sigma_correlation {
    enum sigma_correlation_type type;
    struct str type_name;                  /* as written */
    struct str *rules, *group_by, *fields; /* rules by id or name */
    size_t n_rules, n_group_by, n_fields;
    int64_t timespan_us;
    struct sigma_bound bound[SIGMA_MAX_BOUNDS]; /* all must hold; none: all rules must occur */
    size_t n_bounds;
    double percentile;
    const struct cond *text;    /* "a and not b" over the rules by index, or NULL; private */
    bool negates;               /* text holds a "not": more events may break it */
    struct sigma_pair *aliases; /* "alias/rule" -> field */
    size_t n_aliases;
    bool generate; /* the rules that it names report by themselves as well */
};

struct sigma_rule {
    enum sigma_type type;
    struct str file;
    uint32_t line;
    struct str id, name, title, status, level, description, author, date;
    struct str category, product, service, definition; /* logsource */
    struct str *tags, *references, *falsepositives;
    size_t n_tags, n_references, n_falsepositives;
    struct sigma_pair *extra; /* top-level scalars outside the specification: grade, meaning, ... */
    size_t n_extra;
    struct sigma_detection *detection;     /* detections and filters */
    unsigned char fingerprint[32];         /* SHA-256 of the detection as written: equal ones agree
                                            * about every record, but for placeholders and filters */
    struct sigma_correlation *correlation; /* correlations */
    struct str text; /* the document as written; borrowed from the file's text. Absent: not known */
};

/* What could not be loaded, one per document. */
struct sigma_problem {
    struct str file;
    uint32_t line;
    struct str id; /* "" if the document has none */
    enum err code; /* ERR_FORMAT: invalid; ERR_UNSUPPORTED, ERR_LIMIT */
    struct str reason;
};

/* The rules of one file's documents (model/node.h). Broken ones become problems, the others rules.
 * Fails only when memory runs out. Texts are borrowed from the nodes, which must live as long. */
MUST_CHECK enum err sigma_parse(struct arena *arena, const struct node *docs, size_t n_docs,
                                struct str file, struct sigma_rule **ret_rules, size_t *ret_n,
                                struct sigma_problem **ret_problems, size_t *ret_n_problems);

/* The top-level custom key, or absent. */
struct str sigma_extra(const struct sigma_rule *rule, const char *key);

enum {
    SIGMA_MAX_VIEWS = 6,
    SIGMA_VIEW_RAW = 0xffff, /* the whole raw record, for keywords */
    SIGMA_VIEW_UNQUOTED =
        0xfffe, /* the same with doubled quotes made one; absent if there are none */
};

/* How one log kind answers a rule. A view is a number that stands for "this column, read in that
 * way" (raw, URL-decoded, ...); the caller gives out the numbers. */
struct sigma_env {
    void *ctx;
    /* The views of a rule's field, best first; 0 if this kind of log never has the field. */
    size_t (*views)(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS]);
    /* The values of a %placeholder% for |expand; 0 if unknown (the rule is then unsupported). */
    size_t (*placeholder)(void *ctx, struct str name, const struct str **ret_values);
    /* Of a literal that a view's value must contain, the part that the raw line must contain too
     * (without ASCII case), and what it costs: expected hits per million lines. false if none. */
    bool (*anchor)(void *ctx, uint16_t view, struct str literal, struct str *ret_raw,
                   double *ret_cost);
    /* What reading a view costs against a column as it is (1): cheap tests are made first. NULL:
     * all the same. */
    unsigned (*weight)(void *ctx, uint16_t view);
    /* Where a field's views show it together with others: the views that show it alone, for
     * questions whether it is there at all. 0, or NULL here: those of `views` will do. */
    size_t (*alone)(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS]);
    /* The value that a view has in all records of this kind; false if it is not known. Items that
     * look at such views alone are answered when the rule is compiled, and a rule may then be true
     * of every record. NULL: none is known. */
    bool (*fixed)(void *ctx, uint16_t view, struct str *ret_value);
    /* Rows are CSV: keywords with a quote are looked for in SIGMA_VIEW_UNQUOTED as well. */
    bool quoted_rows;
};

struct sigma_plan;
struct sigma_filter_set;

/* ERR_UNSUPPORTED with the reason in error when the rule cannot run on this kind of log at all. */
MUST_CHECK enum err sigma_compile(struct arena *arena, const struct sigma_rule *rule,
                                  const struct sigma_filter_set *filters,
                                  const struct sigma_env *env, struct sigma_plan **ret_plan,
                                  struct error *error);
void sigma_plan_done(struct sigma_plan *plan);

/* The cheapest set of literals of which every matching record's raw line contains at least one
 * (ASCII case folded). 0 literals: the rule must see every record. */
size_t sigma_anchors(const struct sigma_plan *plan, const struct str **ret_literals,
                     double *ret_cost);
/* The same, finer: leaf i is a set of literals of which one is enough, a term is a set of leaves
 * (bits) that must all be in the line. A line that fulfils no term cannot match. No terms: the rule
 * must see every record. Leaves that no term names are empty. */
enum { SIGMA_GATE_LEAVES = 24, SIGMA_GATE_TERMS = 16 };
struct sigma_views { /* as bits; whole: the raw record as well, or a view beyond them */
    uint64_t bit[4];
    bool whole;
};
struct sigma_leaf {
    const struct str *literal;
    size_t n;
    struct sigma_views views; /* of which the literals are required */
    double cost;              /* expected hits per million lines, of all its literals together */
};
struct sigma_gate {
    struct sigma_leaf leaf[SIGMA_GATE_LEAVES];
    size_t n_leaves;
    uint32_t term[SIGMA_GATE_TERMS];
    size_t n_terms;
};
const struct sigma_gate *sigma_gate(const struct sigma_plan *plan);
/* All views that the rule may look at; whole also for one that asks for the record's time. */
const struct sigma_views *sigma_views(const struct sigma_plan *plan);
/* The rule's fields that have no view in this kind of log. */
size_t sigma_missing_fields(const struct sigma_plan *plan, const struct str **ret_fields);

struct sigma_subject {
    void *ctx;
    struct str raw;  /* for keywords */
    int64_t time_us; /* for the time modifiers; TIME_NONE if unknown */
    /* The value of a view: p == NULL when absent. */
    struct str (*value)(void *ctx, uint16_t view);
    /* Is each line of the view's value a value of its own? NULL: none is a list. */
    bool (*is_list)(void *ctx, uint16_t view);
};

/* Which values made the rule match: views and byte ranges, for highlighting. */
enum { SIGMA_MAX_MARKS = 16 };
struct sigma_mark {
    uint16_t view;
    uint32_t from, to; /* in the view's value */
};
struct sigma_hit {
    size_t n;
    struct sigma_mark mark[SIGMA_MAX_MARKS];
};

/* ret_hit may be NULL. A regex that exceeds its limits counts as no match and sets
 * *ret_limited (may be NULL): the caller reports it. */
bool sigma_eval(const struct sigma_plan *plan, const struct sigma_subject *subject,
                struct sigma_hit *ret_hit, bool *ret_limited);

/* Can further events only help a condition that holds? */
bool sigma_correlation_grows(const struct sigma_correlation *c);
/* Do all bounds hold for a number, given in whole millionths and `times` as large as it is? Numbers
 * of logs are decimal: so nothing is rounded. */
bool sigma_correlation_bounds(const struct sigma_correlation *c, long double micro, uint64_t times);
/* The bound's number in millionths. */
long double sigma_bound_micro(const struct sigma_bound *bound);
/* The condition text; bit i of present: an event of rules[i] is there. */
bool sigma_correlation_text(const struct sigma_correlation *c, uint64_t present);
/* What a field of group-by is called in the events of rules[rule]: itself, unless it is an alias.
 * Absent: an alias that says nothing about that rule. name is the rule's own name, if it has one.
 */
struct str sigma_correlation_field(const struct sigma_correlation *c, size_t rule, struct str name,
                                   struct str field);

/* Filters (SIGMA_FILTER documents), applied to the rules that they name when these are compiled. */
/* The rules that a filter names, by id or name; 0: it stands for all of its log source. */
size_t sigma_filter_targets(const struct sigma_rule *filter, const struct str **ret_targets);
struct sigma_filter_set {
    const struct sigma_rule *const *filter;
    size_t n;
};

#endif
