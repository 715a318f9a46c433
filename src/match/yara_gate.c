#include "match/yara_gate.h"

enum { FAIL_OR_HOLD = YARA_CAN_FAIL | YARA_CAN_HOLD };

/* ---- numbers: a range, undefined, or anything ---- */

struct number {
    bool undefined, vague; /* vague: nothing is known, not even whether it is defined */
    int64_t min, max;
};

static const struct number UNKNOWN = {.vague = true, .min = INT64_MIN, .max = INT64_MAX};

struct ask {
    const struct yara_gate *g;
    const struct yara_gate_rule *rule;
    const struct yara_view *v;
    int64_t this_string; /* in the body of for...of */
    int depth;
    uint32_t *left; /* nodes that may still be looked at: loops in loops, rules of rules */
};

static unsigned truth_of(struct ask *a, uint32_t at);

static unsigned negate(unsigned can)
{
    return (can & YARA_CAN_LACK) | (can & YARA_CAN_FAIL ? YARA_CAN_HOLD : 0) |
           (can & YARA_CAN_HOLD ? YARA_CAN_FAIL : 0);
}

static struct number exactly(int64_t value)
{
    return (struct number){.min = value, .max = value};
}

static bool is_exact(struct number n)
{
    return !n.undefined && !n.vague && n.min == n.max;
}

/* It fails if no literal of it occurs. */
static unsigned string_truth(const struct ask *a, int64_t index)
{
    if (index == YARA_THIS_STRING)
        index = a->this_string;
    if (index < 0)
        return YARA_ANYTHING;
    const struct yara_gate_string *s = &a->g->string[a->rule->first_string + (uint32_t)index];
    if (!s->n || a->v->literals == YARA_SEEN_ALL)
        return FAIL_OR_HOLD;
    if (a->v->literals == YARA_SEEN_NONE)
        return YARA_CAN_FAIL;
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t lit = a->g->need[s->first + i];
        if (a->v->seen[lit / 64] >> (lit % 64) & 1)
            return FAIL_OR_HOLD;
    }
    return YARA_CAN_FAIL;
}

static uint64_t assemble(const unsigned char *p, size_t n, bool big)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)p[big ? n - 1 - i : i] << (8 * i);
    return v;
}

static void unpack_width(int64_t value, size_t *ret_n, bool *ret_big, bool *ret_signed)
{
    *ret_big = value < 0;
    value = value < 0 ? -value : value;
    *ret_signed = value > 16;
    *ret_n = (size_t)(value & 15);
}

static struct number read_number(const struct ask *a, int64_t width, struct number offset)
{
    size_t n;
    bool big, is_signed;
    unpack_width(width, &n, &big, &is_signed);
    if (offset.undefined)
        return offset;
    if (!is_exact(offset) || offset.min < 0 || offset.min > INT64_MAX - 8)
        return UNKNOWN;
    uint64_t end = (uint64_t)offset.min + n;
    if (end > a->v->size_max)
        return (struct number){.undefined = true};
    if (end > a->v->head_n)
        return UNKNOWN;
    uint64_t v = assemble(a->v->head + offset.min, n, big);
    if (!is_signed)
        return exactly((int64_t)v);
    unsigned shift = (unsigned)(64 - 8 * n);
    return exactly((int64_t)(v << shift) >> shift);
}

static struct number clamp_size(const struct yara_view *v)
{
    uint64_t max = v->size_max > INT64_MAX ? INT64_MAX : v->size_max;
    uint64_t min = v->size_min > max ? max : v->size_min;
    return (struct number){.min = (int64_t)min, .max = (int64_t)max};
}

static struct number calculate(enum yara_op op, struct number x, struct number y)
{
    int64_t r = 0;
    bool over = false;
    if (x.undefined || y.undefined)
        return (struct number){.undefined = true};
    if (!is_exact(x) || !is_exact(y))
        return UNKNOWN;
    if (op == YARA_OP_ADD)
        over = __builtin_add_overflow(x.min, y.min, &r);
    else if (op == YARA_OP_SUB)
        over = __builtin_sub_overflow(x.min, y.min, &r);
    else if (op == YARA_OP_MUL)
        over = __builtin_mul_overflow(x.min, y.min, &r);
    else if (op == YARA_OP_BIT_AND)
        r = x.min & y.min;
    else if (op == YARA_OP_BIT_OR)
        r = x.min | y.min;
    else if (op == YARA_OP_BIT_XOR)
        r = x.min ^ y.min;
    else if (op == YARA_OP_MIX || y.min < 0 || y.min > 63 || x.min < 0)
        over = true;
    else
        r = op == YARA_OP_LEFT ? (int64_t)((uint64_t)x.min << y.min) : x.min >> y.min;
    return over ? UNKNOWN : exactly(r);
}

static uint32_t next_kid(const struct ask *a, uint32_t at)
{
    return at + a->g->node[at].size;
}

static struct number number_of(struct ask *a, uint32_t at)
{
    const struct yara_gate_node *n = &a->g->node[at];
    switch ((enum yara_op)n->op) {
    case YARA_OP_INT: return exactly(n->value);
    case YARA_OP_FILESIZE: return clamp_size(a->v);
    case YARA_OP_READ: return read_number(a, n->value, number_of(a, at + 1));
    case YARA_OP_COUNT:
        return string_truth(a, n->value) == YARA_CAN_FAIL ? exactly(0)
                                                          : (struct number){.max = INT64_MAX};
    case YARA_OP_PLACE:
        if (string_truth(a, n->value) == YARA_CAN_FAIL)
            return (struct number){.undefined = true};
        return UNKNOWN;
    case YARA_OP_ADD:
    case YARA_OP_SUB:
    case YARA_OP_MUL:
    case YARA_OP_BIT_AND:
    case YARA_OP_BIT_OR:
    case YARA_OP_BIT_XOR:
    case YARA_OP_LEFT:
    case YARA_OP_RIGHT:
    case YARA_OP_MIX:
        return calculate((enum yara_op)n->op, number_of(a, at + 1),
                         number_of(a, next_kid(a, at + 1)));
    default: return UNKNOWN;
    }
}

/* ---- comparisons ---- */

static unsigned certain(bool yes, bool no)
{
    return yes ? YARA_CAN_HOLD : no ? YARA_CAN_FAIL : FAIL_OR_HOLD;
}

static unsigned compare_numbers(enum yara_op op, struct number x, struct number y)
{
    if (x.undefined || y.undefined)
        return YARA_CAN_LACK;
    if (x.vague || y.vague)
        return YARA_ANYTHING;
    switch (op) {
    case YARA_OP_EQ:
        return certain(is_exact(x) && is_exact(y) && x.min == y.min,
                       x.max < y.min || y.max < x.min);
    case YARA_OP_NE: return negate(compare_numbers(YARA_OP_EQ, x, y));
    case YARA_OP_LT: return certain(x.max < y.min, x.min >= y.max);
    case YARA_OP_LE: return certain(x.max <= y.min, x.min > y.max);
    case YARA_OP_GT: return compare_numbers(YARA_OP_LT, y, x);
    case YARA_OP_GE: return compare_numbers(YARA_OP_LE, y, x);
    default: return YARA_ANYTHING;
    }
}

/* uint16(0) == 0x5a4d in a class of files that begin otherwise. */
static bool begins_otherwise(const struct ask *a, uint32_t at)
{
    const struct yara_gate_node *n = a->g->node, *read = &n[at + 1];
    uint32_t second = next_kid(a, at + 1);
    if (read->op != YARA_OP_READ) {
        read = &n[second];
        second = at + 1;
    }
    if (read->op != YARA_OP_READ || n[second].op != YARA_OP_INT || read[1].op != YARA_OP_INT ||
        read[1].value != 0)
        return false;
    size_t width;
    bool big, is_signed;
    unpack_width(read->value, &width, &big, &is_signed);
    unsigned char bytes[8] = {0};
    for (size_t i = 0; i < width; i++)
        bytes[big ? width - 1 - i : i] = (unsigned char)((uint64_t)n[second].value >> (8 * i));
    return (a->v->not_mz && width >= 2 && memcmp(bytes, "MZ", 2) == 0) ||
           (a->v->not_elf && width >= 4 &&
            memcmp(bytes,
                   "\x7f"
                   "ELF",
                   4) == 0);
}

/* p == NULL: not known. */
static struct str text_of(const struct ask *a, uint32_t at)
{
    const struct yara_gate_node *n = &a->g->node[at];
    if (n->op == YARA_OP_TEXT)
        return a->g->text[n->text];
    if (n->op == YARA_OP_EXTERNAL && a->v->external_known[n->value]) {
        struct str s = a->v->external[n->value];
        return s.p ? s : STR("");
    }
    return STR_NONE;
}

static bool is_text(const struct ask *a, uint32_t at)
{
    uint8_t op = a->g->node[at].op;
    return op == YARA_OP_TEXT || op == YARA_OP_EXTERNAL;
}

static unsigned compare_texts(enum yara_op op, struct str x, struct str y)
{
    if (!x.p || !y.p || (!y.n && op >= YARA_OP_CONTAINS))
        return YARA_ANYTHING;
    bool is;
    switch (op) {
    case YARA_OP_EQ: is = str_eq(x, y); break;
    case YARA_OP_NE: is = !str_eq(x, y); break;
    case YARA_OP_CONTAINS: is = str_find(x, y) >= 0; break;
    case YARA_OP_ICONTAINS: is = str_ifind(x, y) >= 0; break;
    case YARA_OP_STARTS: is = str_starts(x, y); break;
    case YARA_OP_ISTARTS: is = str_istarts(x, y); break;
    case YARA_OP_ENDS: is = str_ends(x, y); break;
    case YARA_OP_IENDS: is = str_iends(x, y); break;
    case YARA_OP_IEQUALS: is = str_ieq(x, y); break;
    default: return YARA_ANYTHING;
    }
    return is ? YARA_CAN_HOLD : YARA_CAN_FAIL;
}

static unsigned comparison_truth(struct ask *a, uint32_t at)
{
    enum yara_op op = (enum yara_op)a->g->node[at].op;
    uint32_t x = at + 1, y = next_kid(a, x);
    if (op >= YARA_OP_CONTAINS || is_text(a, x) || is_text(a, y))
        return compare_texts(op, text_of(a, x), text_of(a, y));
    if ((a->v->not_mz || a->v->not_elf) && (op == YARA_OP_EQ || op == YARA_OP_NE) &&
        begins_otherwise(a, at))
        return YARA_CAN_LACK | (op == YARA_OP_EQ ? YARA_CAN_FAIL : YARA_CAN_HOLD);
    return compare_numbers(op, number_of(a, x), number_of(a, y));
}

/* Kids behind the first are texts of which one must occur. */
static unsigned matches_truth(const struct ask *a, uint32_t at)
{
    const struct yara_gate_node *n = &a->g->node[at];
    uint32_t kid = at + 1;
    struct str subject = text_of(a, kid);
    if (!subject.p || n->n_kids < 2)
        return YARA_ANYTHING;
    for (uint32_t i = 1; i < n->n_kids; i++) {
        kid = next_kid(a, kid);
        if (str_ifind(subject, text_of(a, kid)) >= 0)
            return FAIL_OR_HOLD;
    }
    return YARA_CAN_FAIL;
}

/* ---- how many ---- */

struct tally {
    int64_t yes, maybe, all;
};

static void count_one(struct tally *t, unsigned can)
{
    t->all++;
    t->yes += can == YARA_CAN_HOLD;
    t->maybe += can != YARA_CAN_HOLD && can & YARA_CAN_HOLD;
}

static unsigned at_least(const struct tally *t, int64_t low, int64_t high)
{
    return certain(t->yes >= high, t->yes + t->maybe < low);
}

static unsigned enough(struct ask *a, uint32_t quantifier, const struct tally *t)
{
    const struct yara_gate_node *q = &a->g->node[quantifier];
    struct number n;
    switch ((enum yara_op)q->op) {
    case YARA_OP_ANY: return at_least(t, 1, 1);
    case YARA_OP_ALL: return at_least(t, t->all, t->all);
    case YARA_OP_NONE: return negate(at_least(t, 1, 1));
    case YARA_OP_PERCENT:
        n = number_of(a, quantifier + 1);
        if (!is_exact(n) || n.min < 1 || n.min > 100)
            return YARA_ANYTHING;
        n.max = (t->all * n.min + 99) / 100 + 1;
        n.min = t->all * n.min / 100;
        return n.min < 1 ? YARA_ANYTHING : at_least(t, n.min, n.max);
    default:
        n = number_of(a, quantifier);
        /* "0 of" has a meaning of its own. */
        return n.undefined || n.vague || n.min < 1 ? YARA_ANYTHING : at_least(t, n.min, n.max);
    }
}

static unsigned of_truth(struct ask *a, uint32_t at)
{
    struct tally t = {0};
    uint32_t quantifier = at + 1, set = next_kid(a, quantifier), body = next_kid(a, set);
    bool has_body = a->g->node[at].op == YARA_OP_FOR_OF;
    int64_t outer = a->this_string;
    for (uint32_t i = 0; i < a->g->node[set].n_kids; i++) {
        int64_t string = a->g->node[set + 1 + i].value;
        if (has_body) {
            a->this_string = string;
            count_one(&t, truth_of(a, body));
            a->this_string = outer;
        } else
            count_one(&t, string_truth(a, string));
    }
    unsigned can = enough(a, quantifier, &t);
    /* "in" may narrow it: only a lack of what is needed counts. */
    return can == YARA_CAN_HOLD ? YARA_ANYTHING : can;
}

/* for any i in (1..#a): nothing to go through, or a body that can never hold. */
static unsigned for_in_truth(struct ask *a, uint32_t at)
{
    uint32_t quantifier = at + 1, from = next_kid(a, quantifier), to = next_kid(a, from);
    enum yara_op op = (enum yara_op)a->g->node[quantifier].op;
    struct number low = number_of(a, from), high = number_of(a, to);
    bool one = op == YARA_OP_ANY || (op == YARA_OP_INT && a->g->node[quantifier].value > 0);
    if (!one)
        return YARA_ANYTHING;
    if (low.undefined || high.undefined || high.max < low.min)
        return YARA_CAN_FAIL | YARA_CAN_LACK;
    bool holds = truth_of(a, next_kid(a, to)) & YARA_CAN_HOLD;
    return holds ? YARA_ANYTHING : YARA_CAN_FAIL | YARA_CAN_LACK;
}

/* ---- truth ---- */

/* What is undefined counts as false on either side, or makes the whole undefined: both are taken
 * for possible. */
static unsigned chain_truth(struct ask *a, uint32_t at)
{
    bool all = a->g->node[at].op == YARA_OP_AND;
    unsigned hold_all = YARA_CAN_HOLD, fail_all = YARA_CAN_FAIL, any = 0;
    uint32_t kid = at + 1;
    for (uint32_t i = 0; i < a->g->node[at].n_kids; i++, kid = next_kid(a, kid)) {
        unsigned can = truth_of(a, kid);
        any |= can;
        hold_all &= can;
        fail_all &= can & (YARA_CAN_FAIL | YARA_CAN_LACK) ? YARA_CAN_FAIL : 0;
        /* Nothing behind it changes whether the whole can hold; but it may lack something. */
        if (all && can == YARA_CAN_FAIL)
            return YARA_CAN_FAIL | YARA_CAN_LACK;
    }
    unsigned lack = any & YARA_CAN_LACK;
    if (all)
        return hold_all | lack | (any & (YARA_CAN_FAIL | YARA_CAN_LACK) ? YARA_CAN_FAIL : 0);
    return (any & YARA_CAN_HOLD) | fail_all | lack;
}

static unsigned rule_truth(const struct ask *a, int64_t rule)
{
    struct ask other = *a;
    other.rule = &a->g->rule[rule];
    other.this_string = -1;
    if (other.rule->flags & YARA_RULE_OPAQUE)
        return YARA_ANYTHING;
    /* A global rule that fails takes the others with it. */
    return truth_of(&other, other.rule->first_node) | YARA_CAN_FAIL | YARA_CAN_LACK;
}

static unsigned number_truth(struct number n)
{
    if (n.undefined)
        return YARA_CAN_LACK;
    if (n.vague)
        return YARA_ANYTHING;
    return certain(n.min > 0 || n.max < 0, n.min == 0 && n.max == 0);
}

static unsigned one_truth(struct ask *a, uint32_t at)
{
    const struct yara_gate_node *n = &a->g->node[at];
    switch ((enum yara_op)n->op) {
    case YARA_OP_CONST: return n->value ? YARA_CAN_HOLD : YARA_CAN_FAIL;
    case YARA_OP_AND:
    case YARA_OP_OR: return chain_truth(a, at);
    case YARA_OP_NOT: return negate(truth_of(a, at + 1));
    case YARA_OP_STRING: return string_truth(a, n->value);
    case YARA_OP_RULE: return rule_truth(a, n->value);
    case YARA_OP_OF:
    case YARA_OP_FOR_OF: return of_truth(a, at);
    case YARA_OP_FOR_IN: return for_in_truth(a, at);
    case YARA_OP_PROBE: return a->v->probe ? a->v->probe[n->value] : YARA_ANYTHING;
    case YARA_OP_MATCHES: return matches_truth(a, at);
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
    case YARA_OP_IEQUALS: return comparison_truth(a, at);
    case YARA_OP_INT:
    case YARA_OP_FILESIZE:
    case YARA_OP_READ:
    case YARA_OP_COUNT:
    case YARA_OP_PLACE:
    case YARA_OP_ADD:
    case YARA_OP_SUB:
    case YARA_OP_MUL: return number_truth(number_of(a, at));
    default: return YARA_ANYTHING;
    }
}

static unsigned truth_of(struct ask *a, uint32_t at)
{
    if (!*a->left || a->depth > YARA_GATE_DEPTH)
        return YARA_ANYTHING;
    --*a->left;
    a->depth++;
    unsigned can = one_truth(a, at);
    a->depth--;
    return can;
}

bool yara_gate_ask(const struct yara_gate *g, size_t rule, const struct yara_view *v)
{
    uint32_t left = YARA_GATE_STEPS;
    struct ask a = {.g = g, .rule = &g->rule[rule], .v = v, .this_string = -1, .left = &left};
    if (a.rule->flags & YARA_RULE_OPAQUE)
        return true;
    return truth_of(&a, a.rule->first_node) & YARA_CAN_HOLD;
}
