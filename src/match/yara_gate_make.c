#include "base/map.h"
#include "base/vec.h"
#include "match/yara_find.h"
#include "match/yara_needs.h"

enum { MAKER_BYTES = 1024 * 1024 * 1024, PROBE_BYTES = 16 * 1024, MAX_PROBES = 64 * 1024 };

struct yara_gate_maker {
    struct arena arena;
    struct map lits, probes;
    VEC(struct yara_lit) lit;
    VEC(struct str) text;
    VEC(uint32_t) need;
    VEC(struct yara_gate_string) string;
    VEC(struct yara_gate_node) node;
    VEC(struct yara_gate_rule) rule;
    VEC(struct yara_gate_probe) probe;
    VEC(uint32_t) source;
    VEC(struct str) import;
    struct yara_sample *sample;
    const struct yara_rule *now; /* the rule being made */
    bool has_probe;              /* it has one */
};

struct yara_gate_maker *yara_gate_maker_new(void)
{
    struct yara_gate_maker *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    arena_init(&m->arena, MAKER_BYTES);
    map_init(&m->lits, &m->arena, YARA_GATE_LITERALS);
    map_init(&m->probes, &m->arena, MAX_PROBES);
    m->sample = yara_sample_new();
    if (!m->sample || vec_push(&m->source, 0, YARA_GATE_NODES) != OK)
        return yara_gate_maker_free(m);
    return m;
}

struct yara_gate_maker *yara_gate_maker_free(struct yara_gate_maker *m)
{
    if (!m)
        return NULL;
    map_done(&m->lits);
    map_done(&m->probes);
    vec_done(&m->lit);
    vec_done(&m->text);
    vec_done(&m->need);
    vec_done(&m->string);
    vec_done(&m->node);
    vec_done(&m->rule);
    vec_done(&m->probe);
    vec_done(&m->source);
    vec_done(&m->import);
    yara_sample_free(m->sample);
    arena_done(&m->arena);
    free(m);
    return NULL;
}

/* ---- literals ---- */

static enum err intern_lit(struct yara_gate_maker *m, const struct yara_lit *lit, uint32_t *ret_id)
{
    struct buf key;
    bool fresh;
    if (lit->bytes.n > YARA_GATE_LITERAL_MAX || lit->near.n > YARA_GATE_NEAR_MAX)
        return ERR_BUG;
    buf_init(&key, 1024);
    wr_u8(&key, lit->flags);
    wr_str(&key, lit->bytes);
    wr_str(&key, lit->mask);
    wr_str(&key, lit->near);
    wr_str(&key, lit->near_mask);
    wr_u32(&key, (uint32_t)lit->near_from);
    wr_u32(&key, (uint32_t)lit->near_to);
    enum err rc = key.rc ? key.rc : map_intern(&m->lits, buf_view(&key), ret_id, &fresh);
    buf_done(&key);
    if (rc || !fresh)
        return rc;
    struct yara_lit own = *lit;
    own.bytes = arena_str(&m->arena, lit->bytes);
    own.mask = arena_str(&m->arena, lit->mask);
    own.near = arena_str(&m->arena, lit->near);
    own.near_mask = arena_str(&m->arena, lit->near_mask);
    if (!own.bytes.p || !own.mask.p || !own.near.p || !own.near_mask.p)
        return ERR_NOMEM;
    return vec_push(&m->lit, own, YARA_GATE_LITERALS);
}

static enum err add_string(struct yara_gate_maker *m, const struct yara_string *s)
{
    struct yara_gate_string own = {(uint32_t)m->need.n, 0};
    struct yara_needs needs;
    struct arena scratch;
    arena_init(&scratch, MAKER_BYTES);
    enum err rc = yara_string_needs(&scratch, s, &needs);
    for (size_t i = 0; i < needs.n && !rc; i++) {
        uint32_t id;
        rc = intern_lit(m, &needs.lit[i], &id);
        if (!rc)
            rc = vec_push(&m->need, id, YARA_GATE_LITERALS);
        own.n++;
    }
    arena_done(&scratch);
    return rc ? rc : vec_push(&m->string, own, YARA_GATE_NODES);
}

/* ---- conditions ---- */

static enum err put_value(struct yara_gate_maker *m, const struct yara_node *n);
static enum err put_truth(struct yara_gate_maker *m, const struct yara_node *n);

static enum err open_node(struct yara_gate_maker *m, enum yara_op op, int64_t value,
                          uint32_t *ret_at)
{
    struct yara_gate_node own = {.op = (uint8_t)op, .value = value};
    *ret_at = (uint32_t)m->node.n;
    return vec_push(&m->node, own, YARA_GATE_NODES);
}

static enum err close_node(struct yara_gate_maker *m, uint32_t at, uint32_t n_kids)
{
    m->node.v[at].n_kids = n_kids;
    m->node.v[at].size = (uint32_t)m->node.n - at;
    return OK;
}

static enum err put_leaf(struct yara_gate_maker *m, enum yara_op op, int64_t value)
{
    uint32_t at;
    TRY(open_node(m, op, value, &at));
    return close_node(m, at, 0);
}

static enum err put_text(struct yara_gate_maker *m, struct str text)
{
    uint32_t at;
    struct str own = arena_str(&m->arena, text);
    if (!own.p)
        return ERR_NOMEM;
    TRY(open_node(m, YARA_OP_TEXT, 0, &at));
    m->node.v[at].text = (uint32_t)m->text.n;
    TRY(vec_push(&m->text, own, YARA_GATE_NODES));
    return close_node(m, at, 0);
}

static enum err put_matches(struct yara_gate_maker *m, const struct yara_node *n)
{
    uint32_t at;
    struct str *text;
    size_t n_texts;
    struct arena scratch;
    TRY(open_node(m, n->op, 0, &at));
    TRY(put_value(m, n->kid));
    arena_init(&scratch, MAKER_BYTES);
    enum err rc = yara_regex_needs(&scratch, n->kid->next->text, &text, &n_texts);
    for (size_t i = 0; i < n_texts && !rc; i++)
        rc = put_text(m, text[i]);
    arena_done(&scratch);
    return rc ? rc : close_node(m, at, 1 + (uint32_t)n_texts);
}

static enum err put_set(struct yara_gate_maker *m, const struct yara_node *set)
{
    uint32_t at;
    TRY(open_node(m, YARA_OP_SET, 0, &at));
    for (const struct yara_node *kid = set->kid; kid; kid = kid->next)
        TRY(put_leaf(m, YARA_OP_STRING, kid->value));
    return close_node(m, at, set->n_kids);
}

static enum err put_probe(struct yara_gate_maker *m, const struct yara_node *n)
{
    bool fresh;
    uint32_t id;
    if (n->span.n > PROBE_BYTES)
        return put_leaf(m, YARA_OP_OPAQUE, 0);
    TRY(map_intern(&m->probes, n->span, &id, &fresh));
    if (fresh) {
        struct yara_gate_probe own = {.text = arena_str(&m->arena, n->span),
                                      .source = (uint32_t)m->source.n - 1,
                                      .needs_body =
                                          n->asks & (YARA_ASKS_BODY | YARA_ASKS_EXTERNALS),
                                      .else_ = YARA_ANYTHING};
        if (!own.text.p)
            return ERR_NOMEM;
        TRY(vec_push(&m->probe, own, MAX_PROBES));
    }
    m->has_probe = true;
    return put_leaf(m, YARA_OP_PROBE, id);
}

/* Kids one after the other; the last n_truths of them are truths, the others values. */
static enum err put_kids(struct yara_gate_maker *m, const struct yara_node *n, uint32_t n_truths)
{
    uint32_t at, i = 0;
    TRY(open_node(m, n->op, n->value, &at));
    for (const struct yara_node *kid = n->kid; kid; kid = kid->next, i++) {
        if (kid->op == YARA_OP_SET)
            TRY(put_set(m, kid));
        else if (i + n_truths >= n->n_kids)
            TRY(put_truth(m, kid));
        else
            TRY(put_value(m, kid));
    }
    return close_node(m, at, n->n_kids);
}

static enum err put_value(struct yara_gate_maker *m, const struct yara_node *n)
{
    switch (n->op) {
    case YARA_OP_TEXT: return put_text(m, n->text);
    case YARA_OP_READ:
    case YARA_OP_ADD:
    case YARA_OP_SUB:
    case YARA_OP_MUL:
    case YARA_OP_BIT_AND:
    case YARA_OP_BIT_OR:
    case YARA_OP_BIT_XOR:
    case YARA_OP_LEFT:
    case YARA_OP_RIGHT:
    case YARA_OP_MIX:
    case YARA_OP_PERCENT: return put_kids(m, n, 0);
    case YARA_OP_INT:
    case YARA_OP_FILESIZE:
    case YARA_OP_COUNT:
    case YARA_OP_PLACE:
    case YARA_OP_EXTERNAL:
    case YARA_OP_ANY:
    case YARA_OP_ALL:
    case YARA_OP_NONE: return put_leaf(m, n->op, n->value);
    default: return put_leaf(m, YARA_OP_OPAQUE, 0);
    }
}

/* byte & mask == byte at that place, both from byte[0] on. */
static enum err put_bytes(struct yara_gate_maker *m, int64_t place, const uint8_t *byte,
                          const uint8_t *mask, size_t n)
{
    uint32_t at, sum, read;
    int64_t wanted = 0, kept = 0;
    for (size_t i = 0; i < n; i++) {
        wanted = wanted << 8 | byte[i];
        kept = kept << 8 | mask[i];
    }
    bool whole = kept == (INT64_C(1) << 8 * n) - 1;
    TRY(open_node(m, YARA_OP_EQ, 0, &at));
    if (!whole)
        TRY(open_node(m, YARA_OP_BIT_AND, 0, &sum));
    TRY(open_node(m, YARA_OP_READ, -(int64_t)n, &read));
    TRY(put_leaf(m, YARA_OP_INT, place));
    TRY(close_node(m, read, 1));
    if (!whole) {
        TRY(put_leaf(m, YARA_OP_INT, kept));
        TRY(close_node(m, sum, 2));
    }
    TRY(put_leaf(m, YARA_OP_INT, wanted));
    return close_node(m, at, 2);
}

static enum err put_beginning(struct yara_gate_maker *m, int64_t place,
                              const struct yara_beginning *b)
{
    uint32_t at, kids = 0;
    TRY(open_node(m, YARA_OP_AND, 0, &at));
    for (size_t i = 0, n; i < b->n; i += n, kids++) {
        n = b->n - i >= 4 ? 4 : b->n - i >= 2 ? 2 : 1;
        TRY(put_bytes(m, place + (int64_t)i, b->byte + i, b->mask + i, n));
    }
    return close_node(m, at, kids);
}

/* $a at 0: it occurs, and the file begins as it does. */
static enum err put_string(struct yara_gate_maker *m, const struct yara_node *n)
{
    uint32_t at, any;
    struct yara_beginning begins[YARA_BEGINNINGS];
    struct arena scratch;
    if (!n->kid || n->kid->op != YARA_OP_INT || n->value == YARA_THIS_STRING || n->kid->value < 0 ||
        n->kid->value > UINT32_MAX)
        return put_leaf(m, n->op, n->value);
    arena_init(&scratch, MAKER_BYTES);
    size_t n_begins = yara_string_begins(&scratch, &m->now->string[n->value], begins);
    arena_done(&scratch);
    if (!n_begins)
        return put_leaf(m, n->op, n->value);
    TRY(open_node(m, YARA_OP_AND, 0, &at));
    TRY(put_leaf(m, n->op, n->value));
    TRY(open_node(m, YARA_OP_OR, 0, &any));
    for (size_t i = 0; i < n_begins; i++)
        TRY(put_beginning(m, n->kid->value, &begins[i]));
    TRY(close_node(m, any, (uint32_t)n_begins));
    return close_node(m, at, 2);
}

static enum err put_truth(struct yara_gate_maker *m, const struct yara_node *n)
{
    if (n->op == YARA_OP_AND || n->op == YARA_OP_OR || n->op == YARA_OP_NOT)
        return put_kids(m, n, n->n_kids);
    if (n->asks & YARA_ASKS_MODULES &&
        !(n->asks & (YARA_ASKS_STRINGS | YARA_ASKS_RULES | YARA_ASKS_LOOPS)))
        return put_probe(m, n);
    switch (n->op) {
    case YARA_OP_CONST: return put_leaf(m, n->op, n->value);
    case YARA_OP_STRING: return put_string(m, n);
    case YARA_OP_RULE: return put_leaf(m, n->op, n->value + m->source.v[m->source.n - 1]);
    case YARA_OP_OF: return put_kids(m, n, 0);
    case YARA_OP_FOR_OF:
    case YARA_OP_FOR_IN: return put_kids(m, n, 1);
    case YARA_OP_MATCHES:
        return n->n_kids == 2 && n->kid->next->op == YARA_OP_TEXT ? put_matches(m, n)
                                                                  : put_leaf(m, YARA_OP_OPAQUE, 0);
    case YARA_OP_EXTERNAL:
    case YARA_OP_TEXT: return put_leaf(m, YARA_OP_OPAQUE, 0);
    default: break;
    }
    if (n->op >= YARA_OP_EQ && n->op <= YARA_OP_IEQUALS)
        return put_kids(m, n, 0);
    return put_value(m, n);
}

/* ---- rules ---- */

static enum err add_rule(struct yara_gate_maker *m, const struct yara_rule *rule, struct str name)
{
    struct yara_gate_rule own = {.name = arena_str(&m->arena, name),
                                 .source = (uint32_t)m->source.n - 1,
                                 .flags = rule ? 0 : YARA_RULE_OPAQUE,
                                 .first_string = (uint32_t)m->string.n};
    if (!own.name.p)
        return ERR_NOMEM;
    if (rule) {
        own.flags |=
            (rule->is_private ? YARA_RULE_PRIVATE : 0u) | (rule->is_global ? YARA_RULE_GLOBAL : 0u);
        for (size_t i = 0; i < rule->n_strings; i++)
            TRY(add_string(m, &rule->string[i]));
        own.n_strings = (uint32_t)rule->n_strings;
        own.first_node = (uint32_t)m->node.n;
        m->now = rule;
        m->has_probe = false;
        TRY(put_truth(m, rule->condition));
        own.flags |= m->has_probe ? YARA_RULE_PROBES : 0u;
        own.flags |= rule->condition->asks & YARA_ASKS_RULES ? YARA_RULE_REFERS : 0u;
    }
    return vec_push(&m->rule, own, YARA_GATE_NODES);
}

static enum err add_import(struct yara_gate_maker *m, struct str name)
{
    for (size_t i = 0; i < m->import.n; i++)
        if (str_eq(m->import.v[i], name))
            return OK;
    struct str own = arena_str(&m->arena, name);
    return own.p ? vec_push(&m->import, own, 1024) : ERR_NOMEM;
}

static bool same_names(const struct yara_text *text, const struct str *name, size_t n)
{
    if (!text || text->n_rules != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!str_eq(text->rule[i].name, name[i]))
            return false;
    return true;
}

void yara_gate_sample(struct yara_gate_maker *m, struct str text)
{
    yara_sample_add(m->sample, text);
}

enum err yara_gate_add(struct yara_gate_maker *m, const struct yara_text *text,
                       const struct str *name, size_t n)
{
    bool known = same_names(text, name, n);
    for (size_t i = 0; i < n; i++)
        TRY(add_rule(m, known ? &text->rule[i] : NULL, name[i]));
    for (size_t i = 0; known && i < text->n_imports; i++)
        TRY(add_import(m, text->import[i]));
    return vec_push(&m->source, (uint32_t)m->rule.n, YARA_GATE_NODES);
}

size_t yara_gate_probes(const struct yara_gate_maker *m)
{
    return m->probe.n;
}

struct yara_gate_probe *yara_gate_probe_of(struct yara_gate_maker *m, size_t i)
{
    return &m->probe.v[i];
}

/* ---- writing ---- */

static void put_texts(struct buf *b, const struct str *text, size_t n)
{
    wr_u32(b, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        wr_str(b, text[i]);
}

static void put_literals(struct buf *b, const struct yara_gate_maker *m)
{
    wr_u32(b, (uint32_t)m->lit.n);
    for (size_t i = 0; i < m->lit.n; i++) {
        wr_u8(b, m->lit.v[i].flags);
        wr_u8(b, m->lit.v[i].gram);
        wr_u8(b, m->lit.v[i].at);
        wr_u8(b, m->lit.v[i].common);
        wr_str(b, m->lit.v[i].bytes);
        wr_str(b, m->lit.v[i].mask);
        wr_str(b, m->lit.v[i].near);
        wr_str(b, m->lit.v[i].near_mask);
        wr_u32(b, (uint32_t)m->lit.v[i].near_from);
        wr_u32(b, (uint32_t)m->lit.v[i].near_to);
    }
    wr_u32(b, (uint32_t)m->need.n);
    for (size_t i = 0; i < m->need.n; i++)
        wr_u32(b, m->need.v[i]);
    wr_u32(b, (uint32_t)m->string.n);
    for (size_t i = 0; i < m->string.n; i++) {
        wr_u32(b, m->string.v[i].first);
        wr_u32(b, m->string.v[i].n);
    }
}

static void put_nodes(struct buf *b, const struct yara_gate_maker *m)
{
    wr_u32(b, (uint32_t)m->node.n);
    for (size_t i = 0; i < m->node.n; i++) {
        const struct yara_gate_node *n = &m->node.v[i];
        wr_u8(b, n->op);
        wr_u32(b, n->n_kids);
        wr_u32(b, n->size);
        wr_u32(b, n->text);
        wr_u64(b, (uint64_t)n->value);
    }
    wr_u32(b, (uint32_t)m->rule.n);
    for (size_t i = 0; i < m->rule.n; i++) {
        const struct yara_gate_rule *r = &m->rule.v[i];
        wr_str(b, r->name);
        wr_u32(b, r->source);
        wr_u32(b, r->flags);
        wr_u32(b, r->first_string);
        wr_u32(b, r->n_strings);
        wr_u32(b, r->first_node);
    }
}

enum err yara_gate_put(struct yara_gate_maker *m, struct buf *b)
{
    for (size_t i = 0; i < m->lit.n; i++)
        if (!yara_find_choose(&m->lit.v[i], m->sample))
            return ERR_BUG; /* two known bytes in a row are sure: yara_needs.c */
    put_literals(b, m);
    put_texts(b, m->text.v, m->text.n);
    put_nodes(b, m);
    wr_u32(b, (uint32_t)m->source.n);
    for (size_t i = 0; i < m->source.n; i++)
        wr_u32(b, m->source.v[i]);
    wr_u32(b, (uint32_t)m->probe.n);
    for (size_t i = 0; i < m->probe.n; i++) {
        wr_str(b, m->probe.v[i].text);
        wr_u32(b, m->probe.v[i].source);
        wr_u8(b, m->probe.v[i].needs_body);
        wr_u8(b, m->probe.v[i].else_);
    }
    put_texts(b, m->import.v, m->import.n);
    return b->rc;
}
