#include "match/yara_lex.h"

enum { MAX_LOOPS = 4 };

struct reader {
    struct arena *arena;
    struct yara_lex *lex;
    const struct yara_text *text;
    const struct yara_rule *rule;
    struct str loop_name[MAX_LOOPS][2]; /* variables of the loops around */
    int n_loops;
    int depth;
    bool broken; /* not understood */
    bool no_memory;
};

static struct yara_node *read_or(struct reader *r);
static struct yara_node *read_sum(struct reader *r);

/* ---- nodes ---- */

static struct yara_node *fresh(struct reader *r, enum yara_op op, int64_t value)
{
    struct yara_node *n = arena_new(r->arena, struct yara_node);
    static struct yara_node none; /* so that nobody has to look: all is dropped in the end */
    if (!n) {
        r->no_memory = r->broken = true;
        none = (struct yara_node){0};
        return &none;
    }
    n->op = op;
    n->value = value;
    n->span = str_make(r->lex->whole.p, 0);
    return n;
}

static struct yara_node *broken(struct reader *r)
{
    r->broken = true;
    return fresh(r, YARA_OP_OPAQUE, 0);
}

static void adopt(struct yara_node *parent, struct yara_node *kid)
{
    struct yara_node **at = &parent->kid;
    if (parent == kid) /* out of memory */
        return;
    while (*at)
        at = &(*at)->next;
    *at = kid;
    parent->n_kids++;
    parent->asks |= kid->asks;
}

/* As written, from its first token up to the one that was read last. */
static struct yara_node *spanned(struct reader *r, struct yara_node *n, const char *from)
{
    n->span = str_make(from, (size_t)(r->lex->last - from));
    return n;
}

static struct yara_node *pair(struct reader *r, enum yara_op op, struct yara_node *a,
                              struct yara_node *b, const char *from)
{
    struct yara_node *n = fresh(r, op, 0);
    if (!r->broken) {
        adopt(n, a);
        adopt(n, b);
    }
    return spanned(r, n, from);
}

static void expect(struct reader *r, uint16_t sign)
{
    if (!yara_lex_take(r->lex, sign))
        r->broken = true;
}

/* ---- references to strings ---- */

static int64_t string_index(struct reader *r, struct str name)
{
    if (!name.n)
        return YARA_THIS_STRING;
    for (size_t i = 0; i < r->rule->n_strings; i++) {
        struct str id = r->rule->string[i].id;
        if (str_eq(str_sub(id, 1, id.n), name))
            return (int64_t)i;
    }
    r->broken = true;
    return 0;
}

/* "(a..b)" behind "in": what it narrows stays true of the whole. */
static unsigned skip_range(struct reader *r)
{
    expect(r, '(');
    struct yara_node *a = read_sum(r);
    expect(r, YARA_SIGN2('.', '.'));
    struct yara_node *b = read_sum(r);
    expect(r, ')');
    return a->asks | b->asks;
}

static struct yara_node *read_reference(struct reader *r)
{
    const char *from = r->lex->whole.p;
    enum yara_token token = r->lex->token;
    enum yara_op op = token == YARA_T_STRING  ? YARA_OP_STRING
                      : token == YARA_T_COUNT ? YARA_OP_COUNT
                                              : YARA_OP_PLACE;
    struct yara_node *n = fresh(r, op, 0);
    n->value = string_index(r, r->lex->text);
    n->asks = YARA_ASKS_STRINGS;
    yara_lex_next(r->lex);
    if (op == YARA_OP_PLACE && yara_lex_take(r->lex, '[')) {
        n->asks |= read_sum(r)->asks;
        expect(r, ']');
    } else if (op == YARA_OP_STRING && yara_lex_take_word(r->lex, "at")) {
        struct yara_node *place = read_sum(r);
        if (!r->broken)
            adopt(n, place);
    } else if (op != YARA_OP_PLACE && yara_lex_take_word(r->lex, "in"))
        n->asks |= skip_range(r);
    return spanned(r, n, from);
}

/* ---- names ---- */

/* Behind the name of a module or a variable: .field, [index], (arguments). */
static unsigned skip_path(struct reader *r)
{
    unsigned asks = 0;
    for (;;) {
        if (yara_lex_take(r->lex, '.')) {
            if (r->lex->token != YARA_T_WORD)
                r->broken = true;
            yara_lex_next(r->lex);
        } else if (yara_lex_take(r->lex, '[')) {
            asks |= read_or(r)->asks;
            expect(r, ']');
        } else if (yara_lex_take(r->lex, '(')) {
            while (!r->broken && !yara_lex_is(r->lex, ')')) {
                asks |= read_or(r)->asks;
                if (!yara_lex_take(r->lex, ','))
                    break;
            }
            expect(r, ')');
        } else
            return asks;
        if (r->broken)
            return asks;
    }
}

/* uint32be(...): width and byte order; 0 if it is no such name. */
static int64_t read_width(struct str name)
{
    static const struct {
        const char *name;
        int width;
    } names[] = {{"uint8", 1},        {"uint16", 2},        {"uint32", 4},
                 {"uint8be", -1},     {"uint16be", -2},     {"uint32be", -4},
                 {"int8", 1 + 16},    {"int16", 2 + 16},    {"int32", 4 + 16},
                 {"int8be", -1 - 16}, {"int16be", -2 - 16}, {"int32be", -4 - 16}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(name, str_of(names[i].name)))
            return names[i].width;
    return 0;
}

static bool loop_variable(const struct reader *r, struct str name, unsigned *ret_asks)
{
    for (int i = r->n_loops; i-- > 0;)
        if (str_eq(name, r->loop_name[i][0]) || str_eq(name, r->loop_name[i][1])) {
            *ret_asks = 0x100u << i;
            return true;
        }
    return false;
}

static struct yara_node *name_node(struct reader *r, struct str name)
{
    unsigned asks;
    struct yara_node *n = fresh(r, YARA_OP_OPAQUE, 0);
    if (loop_variable(r, name, &asks)) {
        n->asks = asks;
        return n;
    }
    for (int i = 0; i < YARA_EXTERNALS; i++)
        if (str_eq(name, str_of(yara_external_name[i]))) {
            n->op = YARA_OP_EXTERNAL;
            n->value = i;
            n->asks = YARA_ASKS_EXTERNALS;
            return n;
        }
    for (size_t i = 0; i < r->text->n_imports; i++)
        if (str_eq(name, r->text->import[i])) {
            n->asks = YARA_ASKS_MODULES | (str_eq(name, STR("pe")) ? 0 : YARA_ASKS_BODY);
            return n;
        }
    for (size_t i = r->text->n_rules; i-- > 0;)
        if (str_eq(name, r->text->rule[i].name)) {
            n->op = YARA_OP_RULE;
            n->value = (int64_t)i;
            n->asks = YARA_ASKS_RULES;
            return n;
        }
    r->broken = true;
    return n;
}

static struct yara_node *read_name(struct reader *r)
{
    const char *from = r->lex->whole.p;
    struct str name = r->lex->text;
    struct yara_node *n;
    int64_t width = read_width(name);
    yara_lex_next(r->lex);
    if (str_eq(name, STR("true")) || str_eq(name, STR("false")))
        n = fresh(r, YARA_OP_CONST, name.n == 4);
    else if (str_eq(name, STR("filesize"))) {
        n = fresh(r, YARA_OP_FILESIZE, 0);
        n->asks = YARA_ASKS_BODY;
    } else if (str_eq(name, STR("entrypoint"))) {
        n = fresh(r, YARA_OP_OPAQUE, 0);
        n->asks = YARA_ASKS_BODY;
    } else if (width) {
        n = fresh(r, YARA_OP_READ, width);
        expect(r, '(');
        struct yara_node *offset = read_sum(r);
        expect(r, ')');
        if (!r->broken)
            adopt(n, offset);
        n->asks |= YARA_ASKS_BODY;
    } else {
        n = name_node(r, name);
        unsigned asks = r->broken ? 0 : skip_path(r);
        if (r->lex->last > name.p + name.n && n->op == YARA_OP_OPAQUE)
            n->asks |= asks;
    }
    return spanned(r, n, from);
}

/* ---- sets, quantifiers, loops ---- */

static void add_members(struct reader *r, struct yara_node *set, struct str name)
{
    bool star = name.n && name.p[name.n - 1] == '*';
    struct str stem = star ? str_sub(name, 0, name.n - 1) : name;
    bool any = false;
    for (size_t i = 0; i < r->rule->n_strings && !r->broken; i++) {
        struct str id = r->rule->string[i].id;
        id = str_sub(id, 1, id.n);
        if (!(star ? str_starts(id, stem) : str_eq(id, stem)))
            continue;
        any = true;
        struct yara_node *member = fresh(r, YARA_OP_STRING, (int64_t)i);
        member->asks = YARA_ASKS_STRINGS;
        /* In front: the order does not matter, and a list of thousands is made in one go. */
        member->next = set->kid;
        set->kid = member;
        set->n_kids++;
    }
    r->broken = r->broken || !any;
}

/* A set of rules is not gone into: *ret_rules. */
static struct yara_node *read_set(struct reader *r, bool *ret_rules)
{
    struct yara_node *set = fresh(r, YARA_OP_SET, 0);
    *ret_rules = false;
    set->asks = YARA_ASKS_STRINGS;
    if (yara_lex_take_word(r->lex, "them")) {
        add_members(r, set, STR("*"));
        return set;
    }
    expect(r, '(');
    while (!r->broken && !yara_lex_is(r->lex, ')')) {
        if (r->lex->token == YARA_T_STRING)
            add_members(r, set, r->lex->text);
        else if (r->lex->token == YARA_T_WORD)
            *ret_rules = true;
        else
            r->broken = true;
        yara_lex_next(r->lex);
        if (*ret_rules)
            (void)yara_lex_take(r->lex, '*');
        if (!yara_lex_take(r->lex, ','))
            break;
    }
    expect(r, ')');
    return set;
}

static struct yara_node *read_quantifier(struct reader *r)
{
    enum yara_op op = yara_lex_word(r->lex, "any")    ? YARA_OP_ANY
                      : yara_lex_word(r->lex, "all")  ? YARA_OP_ALL
                      : yara_lex_word(r->lex, "none") ? YARA_OP_NONE
                                                      : YARA_OPS;
    if (op != YARA_OPS) {
        yara_lex_next(r->lex);
        return fresh(r, op, 0);
    }
    return read_sum(r);
}

/* Behind a quantifier: "of" is the next word. */
static struct yara_node *read_of(struct reader *r, struct yara_node *quantifier, const char *from)
{
    bool rules;
    if (!yara_lex_take_word(r->lex, "of"))
        return broken(r);
    struct yara_node *set = read_set(r, &rules);
    struct yara_node *n = fresh(r, rules ? YARA_OP_OPAQUE : YARA_OP_OF, 0);
    if (rules)
        n->asks = YARA_ASKS_RULES;
    else if (!r->broken) {
        adopt(n, quantifier);
        adopt(n, set);
    }
    if (yara_lex_take_word(r->lex, "in"))
        n->asks |= skip_range(r);
    return spanned(r, n, from);
}

static struct yara_node *read_loop_body(struct reader *r)
{
    expect(r, ':');
    expect(r, '(');
    struct yara_node *body = r->broken ? broken(r) : read_or(r);
    expect(r, ')');
    return body;
}

/* What is gone through: from..to, or anything else as OPAQUE twice. */
static void read_iterator(struct reader *r, struct yara_node *n)
{
    struct yara_node *from = NULL, *to = NULL;
    unsigned asks = 0;
    if (yara_lex_take(r->lex, '(')) {
        from = read_sum(r);
        if (yara_lex_take(r->lex, YARA_SIGN2('.', '.')))
            to = read_sum(r);
        else
            while (!r->broken && yara_lex_take(r->lex, ','))
                asks |= read_sum(r)->asks;
        expect(r, ')');
    } else
        from = read_sum(r);
    if (r->broken)
        return;
    if (!to) {
        asks |= from->asks;
        from = fresh(r, YARA_OP_OPAQUE, 0);
        to = fresh(r, YARA_OP_OPAQUE, 0);
        from->asks = asks;
    }
    if (!r->broken) {
        adopt(n, from);
        adopt(n, to);
    }
}

static struct yara_node *read_for_in(struct reader *r, struct yara_node *quantifier)
{
    struct yara_node *n = fresh(r, YARA_OP_FOR_IN, 0);
    struct str name[2] = {STR_NONE, STR_NONE};
    for (int i = 0; i < 2 && r->lex->token == YARA_T_WORD; i++) {
        name[i] = r->lex->text;
        yara_lex_next(r->lex);
        if (!yara_lex_take(r->lex, ','))
            break;
    }
    if (!yara_lex_take_word(r->lex, "in") || r->n_loops == MAX_LOOPS || !name[0].p)
        return broken(r);
    adopt(n, quantifier);
    read_iterator(r, n);
    if (r->broken)
        return n;
    r->loop_name[r->n_loops][0] = name[0];
    r->loop_name[r->n_loops][1] = name[1].p ? name[1] : name[0];
    unsigned own = 0x100u << r->n_loops++;
    struct yara_node *body = read_loop_body(r);
    r->n_loops--;
    if (!r->broken)
        adopt(n, body);
    n->asks &= ~own;
    return n;
}

static struct yara_node *read_for(struct reader *r)
{
    const char *from = r->lex->whole.p;
    bool rules;
    yara_lex_next(r->lex);
    struct yara_node *quantifier = read_quantifier(r);
    if (r->broken)
        return quantifier;
    if (!yara_lex_take_word(r->lex, "of"))
        return spanned(r, read_for_in(r, quantifier), from);
    struct yara_node *n = fresh(r, YARA_OP_FOR_OF, 0);
    struct yara_node *set = read_set(r, &rules);
    if (rules || r->broken)
        return broken(r);
    adopt(n, quantifier);
    adopt(n, set);
    struct yara_node *body = read_loop_body(r);
    if (!r->broken)
        adopt(n, body);
    return spanned(r, n, from);
}

/* ---- expressions, from the tightest binding to the loosest ---- */

static struct yara_node *read_regex(struct reader *r)
{
    struct yara_node *n = fresh(r, YARA_OP_TEXT, str_chr(r->lex->flags, 'i') >= 0);
    n->text = r->lex->text;
    yara_lex_next(r->lex);
    return n;
}

static struct yara_node *read_text(struct reader *r)
{
    const char *from = r->lex->whole.p;
    struct yara_node *n = fresh(r, YARA_OP_TEXT, 0);
    n->text = yara_lex_bytes(r->arena, r->lex->text);
    if (!n->text.p)
        r->no_memory = r->broken = true;
    yara_lex_next(r->lex);
    return spanned(r, n, from);
}

static struct yara_node *read_primary(struct reader *r)
{
    struct yara_lex *lex = r->lex;
    const char *from = lex->whole.p;
    struct yara_node *n;
    if (r->broken)
        return broken(r);
    switch (lex->token) {
    case YARA_T_WORD: return read_name(r);
    case YARA_T_STRING:
    case YARA_T_COUNT:
    case YARA_T_OFFSET:
    case YARA_T_LENGTH: return read_reference(r);
    case YARA_T_TEXT: return read_text(r);
    case YARA_T_REGEX: return read_regex(r);
    case YARA_T_INT:
    case YARA_T_FLOAT:
        n = fresh(r, lex->token == YARA_T_INT ? YARA_OP_INT : YARA_OP_OPAQUE, lex->value);
        yara_lex_next(lex);
        return spanned(r, n, from);
    default: break;
    }
    if (yara_lex_take(lex, '(')) {
        n = read_or(r);
        expect(r, ')');
        return spanned(r, n, from);
    }
    return broken(r);
}

static struct yara_node *read_unary(struct reader *r)
{
    const char *from = r->lex->whole.p;
    bool minus = yara_lex_is(r->lex, '-');
    if (!minus && !yara_lex_is(r->lex, '~'))
        return read_primary(r);
    if (++r->depth > YARA_TEXT_DEPTH)
        return broken(r);
    yara_lex_next(r->lex);
    struct yara_node *of = read_unary(r);
    r->depth--;
    struct yara_node *n = fresh(r, YARA_OP_OPAQUE, 0);
    n->asks = of->asks;
    if (minus && of->op == YARA_OP_INT) {
        n->op = YARA_OP_INT;
        n->value = -of->value;
    }
    return spanned(r, n, from);
}

/* Operators between numbers, from the loosest to the tightest; 0: none of them. */
static int rank_of(const struct yara_lex *lex)
{
    if (lex->token != YARA_T_SIGN)
        return 0;
    switch (lex->sign) {
    case '|': return 1;
    case '^': return 2;
    case '&': return 3;
    case YARA_SIGN2('<', '<'):
    case YARA_SIGN2('>', '>'): return 4;
    case '+':
    case '-': return 5;
    case '*':
    case '\\':
    case '%': return 6;
    default: return 0;
    }
}

static enum yara_op sum_op(uint16_t sign)
{
    switch (sign) {
    case '+': return YARA_OP_ADD;
    case '-': return YARA_OP_SUB;
    case '*': return YARA_OP_MUL;
    case '&': return YARA_OP_BIT_AND;
    case '|': return YARA_OP_BIT_OR;
    case '^': return YARA_OP_BIT_XOR;
    case YARA_SIGN2('<', '<'): return YARA_OP_LEFT;
    case YARA_SIGN2('>', '>'): return YARA_OP_RIGHT;
    default: return YARA_OP_MIX;
    }
}

static struct yara_node *read_rank(struct reader *r, int rank)
{
    const char *from = r->lex->whole.p;
    struct yara_node *left = rank > 6 ? read_unary(r) : read_rank(r, rank + 1);
    while (rank <= 6 && !r->broken && rank_of(r->lex) == rank) {
        uint16_t sign = r->lex->sign;
        yara_lex_next(r->lex);
        if (sign == '%' && yara_lex_word(r->lex, "of")) {
            struct yara_node *n = fresh(r, YARA_OP_PERCENT, 0);
            if (!r->broken)
                adopt(n, left);
            return n;
        }
        struct yara_node *right = read_rank(r, rank + 1);
        left = pair(r, sum_op(sign), left, right, from);
    }
    return left;
}

static struct yara_node *read_sum(struct reader *r)
{
    if (++r->depth > YARA_TEXT_DEPTH)
        return broken(r);
    struct yara_node *n = read_rank(r, 1);
    r->depth--;
    return n;
}

static enum yara_op comparison(const struct yara_lex *lex)
{
    static const struct {
        const char *word;
        enum yara_op op;
    } words[] = {{"contains", YARA_OP_CONTAINS}, {"icontains", YARA_OP_ICONTAINS},
                 {"startswith", YARA_OP_STARTS}, {"istartswith", YARA_OP_ISTARTS},
                 {"endswith", YARA_OP_ENDS},     {"iendswith", YARA_OP_IENDS},
                 {"iequals", YARA_OP_IEQUALS},   {"matches", YARA_OP_MATCHES}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (yara_lex_word(lex, words[i].word))
            return words[i].op;
    if (lex->token != YARA_T_SIGN)
        return YARA_OPS;
    return lex->sign == YARA_SIGN2('=', '=')   ? YARA_OP_EQ
           : lex->sign == YARA_SIGN2('!', '=') ? YARA_OP_NE
           : lex->sign == YARA_SIGN2('<', '=') ? YARA_OP_LE
           : lex->sign == YARA_SIGN2('>', '=') ? YARA_OP_GE
           : lex->sign == '<'                  ? YARA_OP_LT
           : lex->sign == '>'                  ? YARA_OP_GT
                                               : YARA_OPS;
}

static struct yara_node *read_comparison(struct reader *r)
{
    const char *from = r->lex->whole.p;
    if (yara_lex_word(r->lex, "for"))
        return read_for(r);
    bool word = yara_lex_word(r->lex, "any") || yara_lex_word(r->lex, "all") ||
                yara_lex_word(r->lex, "none");
    struct yara_node *left = word ? read_quantifier(r) : read_sum(r);
    if (word || yara_lex_word(r->lex, "of"))
        return read_of(r, left, from);
    enum yara_op op = comparison(r->lex);
    if (op == YARA_OPS || r->broken)
        return left;
    yara_lex_next(r->lex);
    struct yara_node *right = read_sum(r);
    struct yara_node *n = pair(r, op, left, right, from);
    /* a == b < c: nobody writes it, and it need not be understood. */
    if (comparison(r->lex) != YARA_OPS)
        return broken(r);
    return n;
}

static struct yara_node *read_not(struct reader *r)
{
    const char *from = r->lex->whole.p;
    bool negates = yara_lex_word(r->lex, "not");
    if (!negates && !yara_lex_word(r->lex, "defined"))
        return read_comparison(r);
    if (++r->depth > YARA_TEXT_DEPTH)
        return broken(r);
    yara_lex_next(r->lex);
    struct yara_node *of = read_not(r);
    r->depth--;
    struct yara_node *n = fresh(r, negates ? YARA_OP_NOT : YARA_OP_OPAQUE, 0);
    if (negates && !r->broken)
        adopt(n, of);
    n->asks = of->asks;
    return spanned(r, n, from);
}

static struct yara_node *read_chain(struct reader *r, const char *word, enum yara_op op,
                                    struct yara_node *(*tighter)(struct reader *))
{
    const char *from = r->lex->whole.p;
    struct yara_node *first = tighter(r);
    if (r->broken || !yara_lex_word(r->lex, word))
        return first;
    struct yara_node *n = fresh(r, op, 0), *tail = first;
    if (r->broken)
        return n;
    n->kid = first;
    n->n_kids = 1;
    n->asks = first->asks;
    while (!r->broken && yara_lex_take_word(r->lex, word)) {
        struct yara_node *kid = tighter(r);
        if (r->broken)
            return n;
        tail = tail->next = kid;
        n->n_kids++;
        n->asks |= kid->asks;
    }
    return spanned(r, n, from);
}

static struct yara_node *read_and(struct reader *r)
{
    return read_chain(r, "and", YARA_OP_AND, read_not);
}

static struct yara_node *read_or(struct reader *r)
{
    if (++r->depth > YARA_TEXT_DEPTH)
        return broken(r);
    struct yara_node *n = read_chain(r, "or", YARA_OP_OR, read_and);
    r->depth--;
    return n;
}

struct yara_node *yara_condition_parse(struct arena *arena, struct yara_lex *lex,
                                       const struct yara_text *text, const struct yara_rule *rule)
{
    struct reader r = {.arena = arena, .lex = lex, .text = text, .rule = rule};
    const char *from = lex->whole.p;
    struct yara_node *n = read_or(&r);
    if (!r.no_memory && (r.broken || !yara_lex_is(lex, '}'))) {
        /* There are no braces in a condition: the next one ends it. */
        while (lex->token != YARA_T_END && !yara_lex_is(lex, '}'))
            yara_lex_next(lex);
        r.broken = false;
        n = fresh(&r, YARA_OP_OPAQUE, 0);
        n->asks = YARA_ASKS_STRINGS | YARA_ASKS_RULES | YARA_ASKS_BODY;
        n = spanned(&r, n, from);
    }
    return r.no_memory ? NULL : n;
}
