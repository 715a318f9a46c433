/* Correlation documents: read and checked, so that a broken one is told from one that this program
 * does not evaluate. */
#include "match/sigma_priv.h"

static bool one_of(struct str s, const char *const *list)
{
    for (; *list; list++)
        if (str_eq(s, str_of(*list)))
            return true;
    return false;
}

static const char *const types[] = {"event_count",
                                    "value_count",
                                    "temporal",
                                    "value_sum",
                                    "temporal_ordered",
                                    "value_avg",
                                    "value_percentile",
                                    "value_median",
                                    "temporal_extended",
                                    "temporal_ordered_extended",
                                    NULL};
static const char *const operators[] = {"gt", "gte", "lt", "lte", "eq", "neq", NULL};

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

static enum err read_condition(struct sigma_reader *r, const struct node *node,
                               struct sigma_correlation *c)
{
    bool text = node->type == NODE_SCALAR;
    size_t n = text ? 1 : node->n;
    if (node->type == NODE_LIST || n == 0)
        return sigma_fail(r, ERR_FORMAT, node->line, "a correlation's condition must be a map");
    c->condition = arena_new_n(r->arena, struct sigma_pair, n);
    if (!c->condition)
        return sigma_nomem(r);
    if (text) {
        c->condition[c->n_condition++] = (struct sigma_pair){STR(""), node->text};
        return OK;
    }
    for (size_t i = 0; i < n; i++) {
        double number;
        if (str_eq(node->key[i], STR("field"))) {
            TRY(sigma_texts(r, &node->item[i], "field", &c->fields, &c->n_fields));
            continue;
        }
        if (str_eq(node->key[i], STR("percentile")) || str_eq(node->key[i], STR("value")))
            ;
        else if (!one_of(node->key[i], operators))
            return sigma_fail(r, ERR_FORMAT, node->item[i].line,
                              "'%.*s' is no operator of a correlation", STR_FMT(node->key[i]));
        if (node->item[i].type != NODE_SCALAR || !str_double(node->item[i].text, &number))
            return sigma_fail(r, ERR_FORMAT, node->item[i].line, "'%.*s' needs a number",
                              STR_FMT(node->key[i]));
        c->condition[c->n_condition++] = (struct sigma_pair){node->key[i], node->item[i].text};
    }
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
    c->type = node_text(node, "type");
    if (!one_of(c->type, types))
        return sigma_fail(r, ERR_FORMAT, node->line, "correlation type '%.*s' does not exist",
                          STR_FMT(c->type));
    TRY(sigma_texts(r, node_get(node, "rules"), "rules", &c->rules, &c->n_rules));
    TRY(sigma_texts(r, node_get(node, "group-by"), "group-by", &c->group_by, &c->n_group_by));
    bool temporal = str_starts(c->type, STR("temporal"));
    if (c->n_rules == 0 && !(temporal && condition))
        return sigma_fail(r, ERR_FORMAT, node->line, "the correlation names no rules");
    if (!timespan)
        return sigma_fail(r, ERR_FORMAT, node->line, "the correlation has no timespan");
    TRY(read_timespan(r, timespan, &c->timespan_us));
    if (!condition && !temporal)
        return sigma_fail(r, ERR_FORMAT, node->line, "the correlation has no condition");
    if (condition)
        TRY(read_condition(r, condition, c));
    return aliases ? read_aliases(r, aliases, c) : OK;
}
