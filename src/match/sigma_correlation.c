/* Correlation documents: what is asked of several events. The events are joined in scan/. */
#include "match/sigma_priv.h"

#include <math.h>

static const struct {
    const char *name;
    enum sigma_correlation_type type;
} types[] = {
    {"event_count", SIGMA_EVENT_COUNT},
    {"value_count", SIGMA_VALUE_COUNT},
    {"temporal", SIGMA_TEMPORAL},
    {"temporal_ordered", SIGMA_TEMPORAL_ORDERED},
    {"value_sum", SIGMA_VALUE_SUM},
    {"value_avg", SIGMA_VALUE_AVG},
    {"value_percentile", SIGMA_VALUE_PERCENTILE},
    {"value_median", SIGMA_VALUE_PERCENTILE},
    {"temporal_extended", SIGMA_TEMPORAL}, /* what other programs call those with a text */
    {"temporal_ordered_extended", SIGMA_TEMPORAL_ORDERED},
};

static const char *const operators[] = {
    [SIGMA_GT] = "gt",   [SIGMA_GTE] = "gte", [SIGMA_LT] = "lt",
    [SIGMA_LTE] = "lte", [SIGMA_EQ] = "eq",   [SIGMA_NEQ] = "neq",
};

static bool is_temporal(const struct sigma_correlation *c)
{
    return c->type == SIGMA_TEMPORAL || c->type == SIGMA_TEMPORAL_ORDERED;
}

static enum err read_type(struct sigma_reader *r, const struct node *node,
                          struct sigma_correlation *c)
{
    c->type_name = node_text(node, "type");
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(c->type_name, str_of(types[i].name))) {
            c->type = types[i].type;
            return OK;
        }
    return sigma_fail(r, ERR_FORMAT, node->line, "correlation type '%.*s' does not exist",
                      STR_FMT(c->type_name));
}

static enum err read_timespan(struct sigma_reader *r, const struct node *node, int64_t *ret_us)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
    uint64_t count;
    struct str s = node->type == NODE_SCALAR ? node->text : STR_NONE;
    if (s.n > 1 && str_u64(str_sub(s, 0, s.n - 1), &count) && count > 0 && count < 1000000)
        for (size_t i = 0; i < ARRAY_LEN(units); i++)
            if (s.p[s.n - 1] == units[i].unit) {
                *ret_us = (int64_t)count * units[i].seconds * 1000000;
                return OK;
            }
    return sigma_fail(r, ERR_FORMAT, node->line, "timespan '%.*s' is not a number and a unit",
                      STR_FMT(s));
}

static bool find_operator(struct str s, enum sigma_operator *ret_op)
{
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        if (str_eq(s, str_of(operators[i]))) {
            *ret_op = (enum sigma_operator)i;
            return true;
        }
    return false;
}

static enum err read_bound(struct sigma_reader *r, struct str key, const struct node *v,
                           struct sigma_correlation *c)
{
    struct sigma_bound bound;
    bool percentile = str_eq(key, STR("percentile")) && c->type == SIGMA_VALUE_PERCENTILE;
    if (str_eq(key, STR("field")))
        return sigma_texts(r, v, "field", &c->fields, &c->n_fields);
    if (!percentile && !find_operator(key, &bound.op))
        return sigma_fail(r, ERR_FORMAT, v->line, "'%.*s' is no operator of a correlation",
                          STR_FMT(key));
    if (v->type != NODE_SCALAR || !sigma_number(v->text, &bound.number))
        return sigma_fail(r, ERR_FORMAT, v->line, "'%.*s' needs a number", STR_FMT(key));
    if (percentile) {
        c->percentile = bound.number;
        return OK;
    }
    if (c->n_bounds == SIGMA_MAX_BOUNDS)
        return sigma_fail(r, ERR_LIMIT, v->line, "more than %d operators in the condition",
                          SIGMA_MAX_BOUNDS);
    c->bound[c->n_bounds++] = bound;
    return OK;
}

/* The rules that a condition text names, where the document lists none. */
static enum err rules_of_text(struct sigma_reader *r, struct str text, struct sigma_correlation *c)
{
    static const char *const words[] = {"and", "or", "not", "of", "them", "all", "any", "1"};
    c->rules = arena_new_n(r->arena, struct str, SIGMA_MAX_CORRELATED);
    if (!c->rules)
        return sigma_nomem(r);
    for (size_t at = 0, to; at < text.n; at = to + (to == at)) {
        for (to = at; to < text.n && !ascii_space((unsigned char)text.p[to]) && text.p[to] != '(' &&
                      text.p[to] != ')';)
            to++;
        struct str word = str_sub(text, at, to);
        bool known = word.n == 0;
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
            known |= str_eq(word, str_of(words[i]));
        for (size_t i = 0; i < c->n_rules; i++)
            known |= str_eq(word, c->rules[i]);
        if (!known && c->n_rules < SIGMA_MAX_CORRELATED)
            c->rules[c->n_rules++] = word;
    }
    return OK;
}

static bool holds_kind(const struct cond *cond, enum cond_kind kind)
{
    for (; cond; cond = cond->next)
        if (cond->kind == kind || holds_kind(cond->child, kind))
            return true;
    return false;
}

static uint64_t named(const struct cond *cond)
{
    uint64_t all = 0;
    for (; cond; cond = cond->next)
        all |= cond->kind == COND_REF ? UINT64_C(1) << (cond->selection & 63) : named(cond->child);
    return all;
}

/* A text is read as the condition of a detection whose selections are the rules. */
static enum err read_text(struct sigma_reader *r, const struct node *node,
                          struct sigma_correlation *c)
{
    struct sigma_detection d = {0};
    if (!is_temporal(c))
        return sigma_fail(r, ERR_FORMAT, node->line, "a correlation's condition must be a map");
    if (!c->n_rules)
        TRY(rules_of_text(r, node->text, c));
    d.n = c->n_rules;
    d.selection = arena_new_n(r->arena, struct selection, d.n + 1);
    if (!d.selection)
        return sigma_nomem(r);
    for (size_t i = 0; i < d.n; i++)
        d.selection[i].name = c->rules[i];
    TRY(sigma_condition_parse(r, node, &d));
    c->text = d.cond;
    c->negates = holds_kind(d.cond, COND_NOT);
    if (c->type != SIGMA_TEMPORAL_ORDERED)
        return OK;
    if (c->negates || holds_kind(d.cond, COND_OR) || d.n > 63 ||
        named(d.cond) != (UINT64_C(1) << d.n) - 1)
        return sigma_fail(r, ERR_UNSUPPORTED, node->line,
                          "an order is known for all of the rules, joined by 'and', only");
    return OK;
}

static enum err read_condition(struct sigma_reader *r, const struct node *node,
                               struct sigma_correlation *c)
{
    c->percentile = -1;
    if (str_eq(c->type_name, STR("value_median")))
        c->percentile = 50;
    if (node->type == NODE_SCALAR)
        return read_text(r, node, c);
    if (node->type == NODE_LIST || node->n == 0)
        return sigma_fail(r, ERR_FORMAT, node->line, "a correlation's condition must be a map");
    for (size_t i = 0; i < node->n; i++)
        TRY(read_bound(r, node->key[i], &node->item[i], c));
    if (c->n_bounds == 0)
        return sigma_fail(r, ERR_FORMAT, node->line, "the condition compares with no number");
    if (c->type == SIGMA_TEMPORAL_ORDERED)
        return sigma_fail(r, ERR_UNSUPPORTED, node->line,
                          "an order is known for all of the rules, not for a number of them");
    return OK;
}

/* What a type asks for besides rules and a timespan. */
static enum err check_fields(struct sigma_reader *r, const struct node *node,
                             const struct sigma_correlation *c)
{
    bool counts = c->type != SIGMA_EVENT_COUNT && !is_temporal(c);
    if (counts && c->n_fields == 0)
        return sigma_fail(r, ERR_FORMAT, node->line, "'%.*s' needs a field in its condition",
                          STR_FMT(c->type_name));
    if (counts && c->type != SIGMA_VALUE_COUNT && c->n_fields > 1)
        return sigma_fail(r, ERR_FORMAT, node->line, "'%.*s' is about one field",
                          STR_FMT(c->type_name));
    if (c->type == SIGMA_VALUE_PERCENTILE && !(c->percentile >= 0 && c->percentile <= 100))
        return sigma_fail(r, ERR_FORMAT, node->line,
                          "'value_percentile' needs a percentile from 0 to 100");
    if (c->n_rules > SIGMA_MAX_CORRELATED)
        return sigma_fail(r, ERR_LIMIT, node->line, "more than %d rules", SIGMA_MAX_CORRELATED);
    if (c->n_group_by > SIGMA_MAX_GROUP_BY || c->n_fields > SIGMA_MAX_GROUP_BY)
        return sigma_fail(r, ERR_LIMIT, node->line, "more than %d fields", SIGMA_MAX_GROUP_BY);
    return OK;
}

static enum err read_alias(struct sigma_reader *r, struct str alias, const struct node *map,
                           struct sigma_correlation *c)
{
    for (size_t i = 0; i < map->n; i++) {
        struct str rule = map->key[i];
        char *name = arena_alloc(r->arena, alias.n + 1 + rule.n + 1);
        if (!name)
            return sigma_nomem(r);
        if (map->item[i].type != NODE_SCALAR)
            return sigma_fail(r, ERR_FORMAT, map->item[i].line, "an alias must name a field");
        memcpy(name, alias.p, alias.n);
        name[alias.n] = '/';
        memcpy(name + alias.n + 1, rule.p, rule.n);
        c->aliases[c->n_aliases++] =
            (struct sigma_pair){str_make(name, alias.n + 1 + rule.n), map->item[i].text};
    }
    return OK;
}

static enum err read_aliases(struct sigma_reader *r, const struct node *node,
                             struct sigma_correlation *c)
{
    size_t total = 0;
    if (node->type != NODE_MAP)
        return sigma_fail(r, ERR_FORMAT, node->line, "aliases must be a map");
    for (size_t i = 0; i < node->n; i++) {
        if (node->item[i].type != NODE_MAP)
            return sigma_fail(r, ERR_FORMAT, node->item[i].line, "alias '%.*s' must be a map",
                              STR_FMT(node->key[i]));
        total += node->item[i].n;
    }
    c->aliases = arena_new_n(r->arena, struct sigma_pair, total + 1);
    if (!c->aliases)
        return sigma_nomem(r);
    for (size_t i = 0; i < node->n; i++)
        TRY(read_alias(r, node->key[i], &node->item[i], c));
    return OK;
}

enum err sigma_correlation_parse(struct sigma_reader *r, const struct node *node,
                                 struct sigma_correlation *c)
{
    const struct node *timespan = node_get(node, "timespan");
    const struct node *condition = node_get(node, "condition");
    const struct node *aliases = node_get(node, "aliases");
    if (node->type != NODE_MAP)
        return sigma_fail(r, ERR_FORMAT, node->line, "'correlation' must be a map");
    TRY(read_type(r, node, c));
    TRY(sigma_texts(r, node_get(node, "rules"), "rules", &c->rules, &c->n_rules));
    TRY(sigma_texts(r, node_get(node, "group-by"), "group-by", &c->group_by, &c->n_group_by));
    bool text = condition && condition->type == NODE_SCALAR;
    if (c->n_rules == 0 && !(is_temporal(c) && text))
        return sigma_fail(r, ERR_FORMAT, node->line, "the correlation names no rules");
    if (!timespan)
        return sigma_fail(r, ERR_FORMAT, node->line, "the correlation has no timespan");
    TRY(read_timespan(r, timespan, &c->timespan_us));
    if (!condition && !is_temporal(c))
        return sigma_fail(r, ERR_FORMAT, node->line, "the correlation has no condition");
    if (condition)
        TRY(read_condition(r, condition, c));
    TRY(check_fields(r, node, c));
    c->generate = str_ieq(node_text(node, "generate"), STR("true"));
    return aliases ? read_aliases(r, aliases, c) : OK;
}

bool sigma_correlation_grows(const struct sigma_correlation *c)
{
    bool counts = c->type == SIGMA_EVENT_COUNT || c->type == SIGMA_VALUE_COUNT || is_temporal(c);
    for (size_t i = 0; i < c->n_bounds; i++)
        counts &= c->bound[i].op == SIGMA_GT || c->bound[i].op == SIGMA_GTE;
    return counts && !c->negates;
}

long double sigma_bound_micro(const struct sigma_bound *bound)
{
    return roundl((long double)bound->number * 1000000);
}

bool sigma_correlation_bounds(const struct sigma_correlation *c, long double micro, uint64_t times)
{
    bool all = true;
    for (size_t i = 0; i < c->n_bounds && all; i++) {
        long double bound = sigma_bound_micro(&c->bound[i]) * (long double)times;
        switch (c->bound[i].op) {
        case SIGMA_GT: all = micro > bound; break;
        case SIGMA_GTE: all = micro >= bound; break;
        case SIGMA_LT: all = micro < bound; break;
        case SIGMA_LTE: all = micro <= bound; break;
        case SIGMA_EQ: all = micro >= bound && micro <= bound; break;
        case SIGMA_NEQ: all = micro < bound || micro > bound; break;
        }
    }
    return all;
}

/* As deep as brackets may lie in each other. */
static bool holds(const struct cond *cond, uint64_t present)
{
    switch (cond->kind) {
    case COND_REF: return present >> cond->selection & 1;
    case COND_NOT: return !holds(cond->child, present);
    case COND_AND:
        for (const struct cond *c = cond->child; c; c = c->next)
            if (!holds(c, present))
                return false;
        return true;
    case COND_OR:
        for (const struct cond *c = cond->child; c; c = c->next)
            if (holds(c, present))
                return true;
        return false;
    }
    return false;
}

bool sigma_correlation_text(const struct sigma_correlation *c, uint64_t present)
{
    return holds(c->text, present);
}

struct str sigma_correlation_field(const struct sigma_correlation *c, size_t rule, struct str name,
                                   struct str field)
{
    bool alias = false;
    for (size_t i = 0; i < c->n_aliases; i++) {
        struct str key = c->aliases[i].key;
        if (!str_starts(key, field) || key.n <= field.n || key.p[field.n] != '/')
            continue;
        struct str of = str_sub(key, field.n + 1, key.n);
        alias = true;
        if (str_eq(of, c->rules[rule]) || (name.n && str_eq(of, name)))
            return c->aliases[i].value;
    }
    return alias ? STR_NONE : field;
}
