#include "match/yara_find.h"

/* ---- what a rule's nodes must look like, so that nobody has to look again ---- */

struct checker {
    const struct yara_gate *g;
    uint32_t rule;
    int depth;
};

static bool check_node(struct checker *c, uint32_t at, uint32_t end);

static bool is_string(const struct checker *c, int64_t value)
{
    return value >= 0 && (uint64_t)value < c->g->rule[c->rule].n_strings;
}

/* Kids that each operator has; UINT32_MAX: one or more. */
static uint32_t kids_of(enum yara_op op)
{
    switch (op) {
    case YARA_OP_AND:
    case YARA_OP_OR:
    case YARA_OP_MATCHES: return UINT32_MAX;
    case YARA_OP_NOT:
    case YARA_OP_READ:
    case YARA_OP_PERCENT: return 1;
    case YARA_OP_OF:
    case YARA_OP_EQ:
    case YARA_OP_NE:
    case YARA_OP_LT:
    case YARA_OP_LE:
    case YARA_OP_GT:
    case YARA_OP_GE:
    case YARA_OP_CONTAINS:
    case YARA_OP_ICONTAINS:
    case YARA_OP_STARTS:
    case YARA_OP_ISTARTS:
    case YARA_OP_ENDS:
    case YARA_OP_IENDS:
    case YARA_OP_IEQUALS:
    case YARA_OP_ADD:
    case YARA_OP_SUB:
    case YARA_OP_MUL:
    case YARA_OP_BIT_AND:
    case YARA_OP_BIT_OR:
    case YARA_OP_BIT_XOR:
    case YARA_OP_LEFT:
    case YARA_OP_RIGHT:
    case YARA_OP_MIX: return 2;
    case YARA_OP_FOR_OF: return 3;
    case YARA_OP_FOR_IN: return 4;
    default: return 0;
    }
}

static bool check_value(const struct checker *c, const struct yara_gate_node *n)
{
    int64_t v = n->value;
    switch ((enum yara_op)n->op) {
    case YARA_OP_STRING:
    case YARA_OP_COUNT:
    case YARA_OP_PLACE: return v == YARA_THIS_STRING || is_string(c, v);
    case YARA_OP_RULE: /* an earlier one of the same source */
        return v >= 0 && v < c->rule && c->g->rule[v].source == c->g->rule[c->rule].source;
    case YARA_OP_PROBE: return v >= 0 && (uint64_t)v < c->g->n_probes;
    case YARA_OP_EXTERNAL: return v >= 0 && v < YARA_EXTERNALS;
    case YARA_OP_TEXT: return n->text < c->g->n_texts;
    case YARA_OP_READ:
        v = v < 0 ? -v : v;
        return v == 1 || v == 2 || v == 4 || v == 17 || v == 18 || v == 20;
    default: return true;
    }
}

/* Kids of a set are strings by number, nothing else. */
static bool check_set(const struct checker *c, uint32_t at)
{
    const struct yara_gate_node *set = &c->g->node[at];
    if (set->size != set->n_kids + 1)
        return false;
    for (uint32_t i = 1; i < set->size; i++)
        if (set[i].op != YARA_OP_STRING || set[i].size != 1 || set[i].n_kids ||
            !is_string(c, set[i].value))
            return false;
    return true;
}

static bool check_kids(struct checker *c, uint32_t at, uint32_t end)
{
    const struct yara_gate_node *n = &c->g->node[at];
    bool has_set = n->op == YARA_OP_OF || n->op == YARA_OP_FOR_OF;
    uint32_t kid = at + 1;
    for (uint32_t i = 0; i < n->n_kids; i++) {
        bool set = has_set && i == 1;
        if (!check_node(c, kid, end) || (c->g->node[kid].op == YARA_OP_SET) != set)
            return false;
        if (n->op == YARA_OP_MATCHES && i && c->g->node[kid].op != YARA_OP_TEXT)
            return false;
        kid += c->g->node[kid].size;
    }
    return kid == end;
}

static bool check_node(struct checker *c, uint32_t at, uint32_t end)
{
    if (at >= end || c->depth > YARA_GATE_DEPTH)
        return false;
    const struct yara_gate_node *n = &c->g->node[at];
    if (n->op >= YARA_OPS || !n->size || n->size > end - at || !check_value(c, n))
        return false;
    if (n->op == YARA_OP_SET)
        return check_set(c, at);
    uint32_t kids = kids_of((enum yara_op)n->op);
    if (kids == UINT32_MAX ? !n->n_kids : n->n_kids != kids)
        return false;
    c->depth++;
    bool ok = check_kids(c, at, at + n->size);
    c->depth--;
    return ok;
}

static bool check_rules(const struct yara_gate *g)
{
    for (uint32_t i = 0; i < g->n_rules; i++) {
        const struct yara_gate_rule *r = &g->rule[i];
        struct checker c = {.g = g, .rule = i};
        if (r->source >= g->n_sources || i < g->source_rule[r->source] ||
            i >= g->source_rule[r->source + 1] || r->first_string > g->n_strings ||
            r->n_strings > g->n_strings - r->first_string)
            return false;
        if (r->flags & YARA_RULE_OPAQUE)
            continue;
        if (r->first_node >= g->n_nodes || !check_node(&c, r->first_node, (uint32_t)g->n_nodes))
            return false;
    }
    return true;
}

static bool check_literal(const struct yara_lit *lit)
{
    if (lit->bytes.n != lit->mask.n || lit->bytes.n > YARA_GATE_LITERAL_MAX)
        return false;
    for (size_t i = 0; i < lit->bytes.n; i++)
        if ((uint8_t)lit->bytes.p[i] & ~(uint8_t)lit->mask.p[i])
            return false;
    if (lit->near.n != lit->near_mask.n || lit->near.n > YARA_GATE_NEAR_MAX ||
        lit->near_from < -YARA_GATE_NEAR_FAR || lit->near_to > YARA_GATE_NEAR_FAR)
        return false;
    return yara_find_chosen(lit);
}

static bool check(const struct yara_gate *g)
{
    for (size_t i = 0; i < g->n_lits; i++)
        if (!check_literal(&g->lit[i]))
            return false;
    for (size_t i = 0; i < g->n_needs; i++)
        if (g->need[i] >= g->n_lits)
            return false;
    for (size_t i = 0; i < g->n_strings; i++)
        if (g->string[i].first > g->n_needs || g->string[i].n > g->n_needs - g->string[i].first)
            return false;
    for (size_t i = 0; i < g->n_sources; i++)
        if (g->source_rule[i] > g->source_rule[i + 1])
            return false;
    for (size_t i = 0; i < g->n_probes; i++)
        if (g->probe[i].source >= g->n_sources || g->probe[i].else_ > YARA_ANYTHING)
            return false;
    return g->source_rule[0] == 0 && g->source_rule[g->n_sources] == g->n_rules && check_rules(g);
}

/* ---- reading ---- */

/* Room for as many things as the input can hold, at `least` bytes each. */
static void *room(struct rd *r, struct arena *arena, size_t least, size_t size, size_t *ret_n,
                  enum err *rc)
{
    *ret_n = rd_u32(r);
    if (r->rc || *ret_n > rd_left(r) / least)
        *rc = *rc ? *rc : ERR_FORMAT;
    if (*rc) {
        *ret_n = 0;
        return NULL;
    }
    void *p = arena_array(arena, *ret_n + 1, size);
    if (!p)
        *rc = ERR_NOMEM;
    return p;
}

static enum err take_texts(struct rd *r, struct arena *arena, struct str **ret_text, size_t *ret_n)
{
    enum err rc = OK;
    *ret_text = room(r, arena, 4, sizeof **ret_text, ret_n, &rc);
    for (size_t i = 0; i < *ret_n && !rc; i++) {
        (*ret_text)[i] = rd_str(r);
        if (!(*ret_text)[i].p)
            rc = ERR_FORMAT;
    }
    return rc;
}

static enum err take_literals(struct rd *r, struct arena *arena, struct yara_gate *g)
{
    enum err rc = OK;
    g->lit = room(r, arena, 28, sizeof *g->lit, &g->n_lits, &rc);
    for (size_t i = 0; i < g->n_lits && !rc; i++) {
        g->lit[i].flags = rd_u8(r);
        g->lit[i].gram = rd_u8(r);
        g->lit[i].at = rd_u8(r);
        g->lit[i].common = rd_u8(r);
        g->lit[i].bytes = rd_str(r);
        g->lit[i].mask = rd_str(r);
        g->lit[i].near = rd_str(r);
        g->lit[i].near_mask = rd_str(r);
        g->lit[i].near_from = (int32_t)rd_u32(r);
        g->lit[i].near_to = (int32_t)rd_u32(r);
    }
    g->need = room(r, arena, 4, sizeof *g->need, &g->n_needs, &rc);
    for (size_t i = 0; i < g->n_needs && !rc; i++)
        g->need[i] = rd_u32(r);
    g->string = room(r, arena, 8, sizeof *g->string, &g->n_strings, &rc);
    for (size_t i = 0; i < g->n_strings && !rc; i++) {
        g->string[i].first = rd_u32(r);
        g->string[i].n = rd_u32(r);
    }
    return rc;
}

static enum err take_nodes(struct rd *r, struct arena *arena, struct yara_gate *g)
{
    enum err rc = OK;
    g->node = room(r, arena, 21, sizeof *g->node, &g->n_nodes, &rc);
    for (size_t i = 0; i < g->n_nodes && !rc; i++) {
        struct yara_gate_node *n = &g->node[i];
        n->op = rd_u8(r);
        n->n_kids = rd_u32(r);
        n->size = rd_u32(r);
        n->text = rd_u32(r);
        n->value = (int64_t)rd_u64(r);
    }
    g->rule = room(r, arena, 24, sizeof *g->rule, &g->n_rules, &rc);
    for (size_t i = 0; i < g->n_rules && !rc; i++) {
        struct yara_gate_rule *rule = &g->rule[i];
        rule->name = rd_str(r);
        rule->source = rd_u32(r);
        rule->flags = rd_u32(r);
        rule->first_string = rd_u32(r);
        rule->n_strings = rd_u32(r);
        rule->first_node = rd_u32(r);
    }
    return rc;
}

static enum err take_sources(struct rd *r, struct arena *arena, struct yara_gate *g)
{
    enum err rc = OK;
    size_t n;
    g->source_rule = room(r, arena, 4, sizeof *g->source_rule, &n, &rc);
    if (!rc && !n)
        rc = ERR_FORMAT;
    for (size_t i = 0; i < n && !rc; i++)
        g->source_rule[i] = rd_u32(r);
    g->n_sources = n ? n - 1 : 0;
    g->probe = room(r, arena, 10, sizeof *g->probe, &g->n_probes, &rc);
    for (size_t i = 0; i < g->n_probes && !rc; i++) {
        g->probe[i].text = rd_str(r);
        g->probe[i].source = rd_u32(r);
        g->probe[i].needs_body = rd_u8(r) != 0;
        g->probe[i].else_ = rd_u8(r);
    }
    return rc;
}

enum err yara_gate_take(struct rd *r, struct arena *arena, struct yara_gate *ret_gate)
{
    struct yara_gate *g = ret_gate;
    *g = (struct yara_gate){0};
    TRY(take_literals(r, arena, g));
    TRY(take_texts(r, arena, &g->text, &g->n_texts));
    TRY(take_nodes(r, arena, g));
    TRY(take_sources(r, arena, g));
    TRY(take_texts(r, arena, &g->import, &g->n_imports));
    return r->rc || !check(g) ? ERR_FORMAT : OK;
}
