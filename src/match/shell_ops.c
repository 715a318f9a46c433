/* Operators: what joins, compares, chooses or assigns values. */
#include "match/shell_priv.h"

static struct val arithmetic(struct val a, struct val b, uint8_t op)
{
    struct val v = {
        .taint = (a.taint | b.taint) & (T_PARAMS | T_LONG | T_DECODED), .at = a.at, .len = a.len};
    v.is_num = a.is_num && b.is_num;
    if (!v.is_num)
        return v;
    uint64_t x = (uint64_t)a.num, y = (uint64_t)b.num;
    switch (op) {
    case '+': v.num = (int64_t)(x + y); break;
    case '-': v.num = (int64_t)(x - y); break;
    case '*': v.num = (int64_t)(x * y); break;
    case '/':
    case '\\': v.num = b.num > 0 ? a.num / b.num : 0; break;
    case '%': v.num = b.num > 0 ? a.num % b.num : 0; break;
    default: v.is_num = false;
    }
    return v;
}

/* A password compared: what a request brought, or its digest, with a constant. */
static void gate(struct look *k, const struct val *a, const struct val *b, const struct tok *t)
{
    const struct val *c = a->text.p ? a : b, *v = a->text.p ? b : a;
    if (!c->text.p || c->text.n < 3)
        return;
    bool digest = c->text.n == 32 || c->text.n == 40 || c->text.n == 64;
    for (size_t i = 0; digest && i < c->text.n; i++)
        digest = ascii_hex((unsigned char)c->text.p[i]) >= 0;
    if (v->taint & T_HASH || (digest && v->taint & T_REQUEST))
        shell_saw(k, K_PASSWORD_GATE, t->at, t->len);
}

static bool stops(struct look *k, const struct tok *t, bool *ret_logic)
{
    static const struct str logic[] = {STR("and"),     STR("or"),     STR("xor"),
                                       STR("mod"),     STR("is"),     STR("like"),
                                       STR("andalso"), STR("orelse"), STR("instanceof")};
    *ret_logic = false;
    for (size_t i = 0; i < ARRAY_LEN(logic); i++)
        *ret_logic |= is_word(k, t, logic[i]);
    return !*ret_logic;
}

static struct val assigned(struct look *k, struct val to, uint8_t op, const struct tok *t)
{
    struct tok at = *t;
    struct val v;
    take_op(k, '&');
    v = shell_expr(k);
    const struct shell_role *r = to.last ? k->sym[to.last - 1].role : NULL;
    if (r && r->is & ROLE_SET && k->lang != SL_PHP)
        shell_hit(k, (enum shell_sink)r->sink, &v, at.at, at.len);
    if (op == O_XOR_IS) {
        v = shell_xor(k, &to, &v, '^');
        shell_assign(k, &to, &v, false);
    } else if (op == O_OTHER_IS) {
        v = shell_merge(&to, &v);
        shell_assign(k, &to, &v, false);
    } else if (op == O_PLUS_IS && k->lang == SL_PHP) {
        v = shell_merge(&to, &v);
        shell_assign(k, &to, &v, false);
    } else {
        if (to.part && to.last && k->lang == SL_PHP &&
            str_eq(k->sym[to.last - 1].name, STR("$GLOBALS")))
            return v;
        shell_assign(k, &to, &v, op == O_APPEND || op == O_PLUS_IS);
    }
    v.slot = to.slot;
    v.last = to.last;
    return v;
}

static struct val choice(struct look *k, struct val v)
{
    if (take_op(k, ':')) {
        struct val b = shell_expr(k);
        return shell_merge(&v, &b);
    }
    struct val a = shell_expr(k);
    if (!take_op(k, ':'))
        return a;
    struct val b = shell_expr(k);
    return shell_merge(&a, &b);
}

/* Joins what is joined with it before the value is used otherwise: 'a' == 'b' . 'c'. */
static struct val operand(struct look *k)
{
    struct val v = shell_unary(k);
    while (k->lang == SL_PHP && is_op(cur(k), '.')) {
        k->at++;
        struct val b = shell_unary(k);
        v = shell_concat(k, &v, &b);
    }
    return v;
}

static struct val plus(struct look *k, struct val v)
{
    struct val b = shell_unary(k);
    if ((v.is_num && b.is_num) || k->lang == SL_PHP)
        return v.text.p && b.text.p && k->lang != SL_PHP ? shell_concat(k, &v, &b)
                                                         : arithmetic(v, b, '+');
    return shell_concat(k, &v, &b);
}

/* Operators that take what stands right of them as a whole. */
static bool loose_step(struct look *k, struct val *v, const struct tok at)
{
    struct val b;
    switch (at.op) {
    case O_APPEND:
    case O_PLUS_IS:
    case O_XOR_IS:
    case O_OTHER_IS:
        k->at++;
        *v = assigned(k, *v, at.op, &at);
        return true;
    case O_LOGIC:
        k->at++;
        shell_expr(k);
        *v = of_token(&at);
        return true;
    case '?':
        k->at++;
        *v = choice(k, *v);
        return true;
    case O_ELSE:
        k->at++;
        b = shell_expr(k);
        *v = shell_merge(v, &b);
        return true;
    default: return false;
    }
}

static bool equals_step(struct look *k, struct val *v, const struct tok at)
{
    k->at++;
    if (k->lang != SL_VB) {
        *v = assigned(k, *v, '=', &at);
        return true;
    }
    struct val b = shell_unary(k);
    gate(k, v, &b, &at);
    *v = of_token(&at);
    return true;
}

static bool and_step(struct look *k, struct val *v, const struct tok at)
{
    k->at++;
    if (k->lang == SL_VB && take_op(k, '=')) {
        *v = assigned(k, *v, O_APPEND, &at);
        return true;
    }
    struct val b = shell_unary(k);
    *v = k->lang == SL_VB ? shell_concat(k, v, &b) : shell_xor(k, v, &b, '&');
    return true;
}

static bool operator_step(struct look *k, struct val *v, const struct tok at)
{
    struct val b;
    switch (at.op) {
    case '=': return equals_step(k, v, at);
    case '&': return and_step(k, v, at);
    case '.':
        if (k->lang != SL_PHP)
            return false;
        k->at++;
        b = shell_unary(k);
        *v = shell_concat(k, v, &b);
        return true;
    case '^':
    case '|':
        k->at++;
        b = operand(k);
        *v = shell_xor(k, v, &b, (char)at.op);
        return true;
    case '+':
        k->at++;
        *v = plus(k, *v);
        return true;
    case '-':
    case '*':
    case '/':
    case '%':
    case '\\':
    case O_SHIFT:
        k->at++;
        b = shell_unary(k);
        *v = arithmetic(*v, b, at.op);
        return true;
    case O_COMPARE:
        k->at++;
        b = operand(k);
        gate(k, v, &b, &at);
        *v = of_token(&at);
        return true;
    default: return loose_step(k, v, at);
    }
}

struct val shell_operators(struct look *k, struct val v)
{
    for (;;) {
        const struct tok *t = cur(k);
        bool logic;
        if (k->rc || k->steps > SHELL_MAX_STEPS)
            return v;
        if (t->kind == TOK_NAME) {
            struct tok at = *t;
            if (stops(k, t, &logic))
                return v;
            k->at++;
            if (k->lang == SL_VB && is_word(k, &at, STR("xor"))) {
                struct val b = shell_unary(k);
                v = shell_xor(k, &v, &b, '^');
                continue;
            }
            shell_expr(k);
            v = of_token(&at);
        } else if (t->kind != TOK_OP || !operator_step(k, &v, *t)) {
            return v;
        }
    }
}
