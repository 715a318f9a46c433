#include "model/when.h"

#include <stdlib.h>

enum op {
    OP_AND,
    OP_OR,
    OP_NOT,
    OP_ANY,
    OP_BOOL,
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_IN,
    OP_HAS
};

struct when {
    enum op op;
    const struct when *a, *b; /* of AND, OR; a of NOT, ANY */
    enum fact fact;
    struct str_list value; /* of comparisons: one, but for IN */
    double number;
};

/* ---- words ---- */

enum token { T_END, T_NAME, T_TEXT, T_OPEN, T_CLOSE, T_COMMA, T_OP };

struct parse {
    struct arena *arena;
    struct str text;
    size_t at, start; /* behind the word at hand; where it begins */
    enum token token;
    struct str word;
    enum op op;
    unsigned depth, nodes;
    bool in_any;
    struct error *error;
};

static enum err wrong(const struct parse *p, const char *what)
{
    enum err rc = p->token == T_END
                      ? fail(p->error, ERR_FORMAT, "%s at the end of the condition", what)
                      : fail(p->error, ERR_FORMAT, "%s at \"%.*s\"", what,
                             STR_FMT(str_sub(p->text, p->start, p->at)));
    if (p->error)
        p->error->offset = p->start;
    return rc;
}

static bool in_name(char c)
{
    return ascii_alpha((unsigned char)c) || ascii_digit((unsigned char)c) || c == '.' || c == '-' ||
           c == '_' || c == '%';
}

static void take(struct parse *p, enum token token, size_t n)
{
    p->token = token;
    p->word = str_sub(p->text, p->at, p->at + n);
    p->at += n;
}

static enum err take_text(struct parse *p)
{
    ptrdiff_t end = str_chr(str_sub(p->text, p->at + 1, p->text.n), '"');
    if (end < 0) {
        p->at = p->text.n;
        p->token = T_TEXT;
        return wrong(p, "a quote without an end");
    }
    p->token = T_TEXT;
    p->word = str_sub(p->text, p->at + 1, p->at + 1 + (size_t)end);
    p->at += (size_t)end + 2;
    return OK;
}

static enum err next(struct parse *p)
{
    static const struct {
        const char *sign;
        enum op op;
    } signs[] = {{"==", OP_EQ}, {"!=", OP_NE}, {"<=", OP_LE},
                 {">=", OP_GE}, {"<", OP_LT},  {">", OP_GT}};
    while (p->at < p->text.n && ascii_space((unsigned char)p->text.p[p->at]))
        p->at++;
    p->start = p->at;
    struct str rest = str_sub(p->text, p->at, p->text.n);
    size_t n = 0;
    while (n < rest.n && in_name(rest.p[n]))
        n++;
    if (rest.n == 0)
        return take(p, T_END, 0), OK;
    if (n)
        return take(p, T_NAME, n), OK;
    if (rest.p[0] == '"')
        return take_text(p);
    if (rest.p[0] == '(' || rest.p[0] == ')' || rest.p[0] == ',')
        return take(p, rest.p[0] == '(' ? T_OPEN : rest.p[0] == ')' ? T_CLOSE : T_COMMA, 1), OK;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (str_starts(rest, str_of(signs[i].sign))) {
            p->op = signs[i].op;
            return take(p, T_OP, strlen(signs[i].sign)), OK;
        }
    p->at++;
    p->token = T_OP;
    return wrong(p, "no part of a condition");
}

static bool word_is(const struct parse *p, const char *word)
{
    return p->token == T_NAME && str_eq(p->word, str_of(word));
}

/* ---- grammar ---- */

static enum err node(struct parse *p, struct when like, struct when **ret)
{
    if (++p->nodes > WHEN_NODES)
        return fail(p->error, ERR_LIMIT, "a condition has more than %d parts", WHEN_NODES);
    *ret = arena_new(p->arena, struct when);
    if (!*ret)
        return fail(p->error, ERR_NOMEM, "out of memory");
    **ret = like;
    return OK;
}

/* "T1505" or "T1505.003": a mistyped number would never be found, and nobody would notice. */
static bool technique_shape(struct str s)
{
    bool ok = s.n >= 5 && s.p[0] == 'T' && (s.n == 5 || (s.n == 9 && s.p[5] == '.'));
    for (size_t i = 1; ok && i < s.n; i++)
        ok = i == 5 || ascii_digit((unsigned char)s.p[i]);
    return ok;
}

/* Where a word stands among those that a fact may be; -1: nowhere. */
static int rank(const struct fact_def *f, struct str word)
{
    for (int i = 0; f->words && f->words[i]; i++)
        if (str_eq(word, str_of(f->words[i])))
            return i;
    return -1;
}

static enum err value_number(const struct parse *p, const struct fact_def *f, double *ret)
{
    struct str digits = p->word;
    bool percent = str_ends(digits, STR("%"));
    if (percent)
        digits.n--;
    if (!str_double(digits, ret) || !(*ret >= 0 && *ret <= 1e9))
        return wrong(p, "a number is expected");
    if (percent)
        *ret /= 100;
    if (percent ? !f->share : f->share && *ret > 1)
        return wrong(p, f->share ? "a share is between 0 and 1, or in %" : "this is no share");
    return OK;
}

/* The value at hand fits the fact. */
static enum err value_check(const struct parse *p, enum fact fact, double *ret_number)
{
    const struct fact_def *f = &fact_defs[fact];
    if (p->token != T_NAME && p->token != T_TEXT)
        return wrong(p, "a value is expected");
    if (f->type == FACT_NUMBER)
        return value_number(p, f, ret_number);
    if (f->words && rank(f, p->word) < 0)
        return wrong(p, "no value of this fact");
    if ((fact == FACT_TECHNIQUE || fact == FACT_CASE_TECHNIQUE) && !technique_shape(p->word))
        return wrong(p, "no technique of ATT&CK");
    return OK;
}

static enum err add_value(struct parse *p, struct when *w, size_t cap)
{
    TRY(value_check(p, w->fact, &w->number));
    if (w->value.n == cap)
        return fail(p->error, ERR_LIMIT, "a list of more than %zu values", cap);
    w->value.v[w->value.n++] = p->word;
    return next(p);
}

static enum err values(struct parse *p, struct when *w)
{
    enum { VALUES = 64 };
    bool list = w->op == OP_IN;
    w->value.v = arena_new_n(p->arena, struct str, list ? VALUES : 1);
    if (!w->value.v)
        return fail(p->error, ERR_NOMEM, "out of memory");
    if (!list)
        return add_value(p, w, 1);
    if (p->token != T_OPEN)
        return wrong(p, "\"(\" is expected behind \"in\"");
    do {
        TRY(next(p));
        TRY(add_value(p, w, VALUES));
    } while (p->token == T_COMMA);
    return p->token == T_CLOSE ? next(p) : wrong(p, "\")\" or \",\" is expected");
}

/* Which comparisons a type knows. */
static bool op_fits(const struct fact_def *f, enum op op)
{
    switch (f->type) {
    case FACT_NUMBER: return op >= OP_EQ && op <= OP_GE;
    case FACT_WORD:
        return op == OP_EQ || op == OP_NE || op == OP_IN ||
               (f->rising && op >= OP_LT && op <= OP_GE);
    case FACT_LIST: return op == OP_HAS;
    case FACT_BOOL: break;
    }
    return false;
}

static enum err comparison(struct parse *p, struct when **ret)
{
    enum fact fact;
    if (p->token != T_NAME)
        return wrong(p, "a fact is expected");
    if (!fact_find(p->word, &fact))
        return wrong(p, "unknown fact");
    TRY(next(p));
    if (fact_defs[fact].type == FACT_BOOL)
        return node(p, (struct when){.op = OP_BOOL, .fact = fact}, ret);
    if (p->token != T_OP && !word_is(p, "in") && !word_is(p, "has"))
        return wrong(p, "a comparison is expected");
    enum op op = p->token == T_OP ? p->op : word_is(p, "in") ? OP_IN : OP_HAS;
    if (!op_fits(&fact_defs[fact], op))
        return wrong(p, "this fact is not compared so");
    TRY(next(p));
    TRY(node(p, (struct when){.op = op, .fact = fact}, ret));
    return values(p, *ret);
}

static enum err disjunction(struct parse *p, struct when **ret);

static enum err within(struct parse *p, struct when **ret)
{
    if (++p->depth > WHEN_DEPTH)
        return fail(p->error, ERR_LIMIT, "a condition is nested deeper than %d", WHEN_DEPTH);
    TRY(next(p));
    TRY(disjunction(p, ret));
    p->depth--;
    return p->token == T_CLOSE ? next(p) : wrong(p, "\")\" is expected");
}

static enum err any(struct parse *p, struct when **ret)
{
    struct when *inner = NULL;
    if (p->in_any)
        return wrong(p, "case.any within itself");
    TRY(next(p));
    if (p->token != T_OPEN)
        return wrong(p, "\"(\" is expected behind \"case.any\"");
    p->in_any = true;
    TRY(within(p, &inner));
    p->in_any = false;
    return node(p, (struct when){.op = OP_ANY, .a = inner}, ret);
}

static enum err unary(struct parse *p, struct when **ret)
{
    struct when *inner = NULL;
    if (word_is(p, "not")) {
        if (++p->depth > WHEN_DEPTH)
            return fail(p->error, ERR_LIMIT, "a condition is nested deeper than %d", WHEN_DEPTH);
        TRY(next(p));
        TRY(unary(p, &inner));
        p->depth--;
        return node(p, (struct when){.op = OP_NOT, .a = inner}, ret);
    }
    if (p->token == T_OPEN)
        return within(p, ret);
    return word_is(p, "case.any") ? any(p, ret) : comparison(p, ret);
}

static enum err conjunction(struct parse *p, struct when **ret)
{
    TRY(unary(p, ret));
    while (word_is(p, "and")) {
        struct when *more = NULL;
        TRY(next(p));
        TRY(unary(p, &more));
        TRY(node(p, (struct when){.op = OP_AND, .a = *ret, .b = more}, ret));
    }
    return OK;
}

static enum err disjunction(struct parse *p, struct when **ret)
{
    TRY(conjunction(p, ret));
    while (word_is(p, "or")) {
        struct when *more = NULL;
        TRY(next(p));
        TRY(conjunction(p, &more));
        TRY(node(p, (struct when){.op = OP_OR, .a = *ret, .b = more}, ret));
    }
    return OK;
}

enum err when_parse(struct arena *arena, struct str text, struct when **ret_when,
                    struct error *error)
{
    struct parse p = {.arena = arena, .text = text, .error = error};
    *ret_when = NULL;
    if (text.n > WHEN_BYTES)
        return fail(error, ERR_LIMIT, "a condition is longer than %d bytes", WHEN_BYTES);
    TRY(next(&p));
    TRY(disjunction(&p, ret_when));
    return p.token == T_END ? OK : wrong(&p, "\"and\" or \"or\" is expected");
}

enum err when_both(struct arena *arena, const struct when *a, const struct when *b,
                   const struct when **ret_when)
{
    *ret_when = a ? a : b;
    if (!a || !b)
        return OK;
    struct when *w = arena_new(arena, struct when);
    if (!w)
        return ERR_NOMEM;
    *w = (struct when){.op = OP_AND, .a = a, .b = b};
    *ret_when = w;
    return OK;
}

bool when_per_host(const struct when *w)
{
    if (!w || w->op == OP_ANY)
        return false;
    if (w->op == OP_AND || w->op == OP_OR)
        return when_per_host(w->a) || when_per_host(w->b);
    return w->op == OP_NOT ? when_per_host(w->a) : fact_of_host(w->fact);
}

/* ---- answers ---- */

static enum truth truth_of(bool yes)
{
    return yes ? TRUTH_YES : TRUTH_NO;
}

static bool ordered(enum op op, double a, double b)
{
    return op == OP_EQ   ? a == b
           : op == OP_NE ? a != b
           : op == OP_LT ? a < b
           : op == OP_LE ? a <= b
           : op == OP_GT ? a > b
                         : a >= b;
}

/* "T1003" is met by "T1003.001" as well. */
static bool has(const struct str_list *list, struct str asked)
{
    for (size_t i = 0; i < list->n; i++) {
        struct str s = list->v[i];
        if (str_ieq(s, asked) || (s.n > asked.n && s.p[asked.n] == '.' &&
                                  str_ieq(str_sub(s, 0, asked.n), asked) && asked.n == 5))
            return true;
    }
    return false;
}

static bool one_of(const struct when *w, struct str word)
{
    for (size_t i = 0; i < w->value.n; i++)
        if (str_ieq(word, w->value.v[i]))
            return true;
    return false;
}

static enum truth compare(const struct when *w, const struct when_world *world, size_t host)
{
    struct fact_value v = {0};
    world->value(world->ctx, host, w->fact, &v);
    const struct fact_def *f = &fact_defs[w->fact];
    if (!v.known)
        return TRUTH_UNKNOWN;
    if (w->op == OP_BOOL)
        return truth_of(v.number != 0);
    if (w->op == OP_HAS)
        return truth_of(has(&v.list, w->value.v[0]));
    if (f->type == FACT_NUMBER)
        return truth_of(ordered(w->op, v.number, w->number));
    if (w->op == OP_EQ || w->op == OP_IN)
        return truth_of(one_of(w, v.word));
    if (w->op == OP_NE)
        return truth_of(!one_of(w, v.word));
    return truth_of(ordered(w->op, rank(f, v.word), rank(f, w->value.v[0])));
}

static enum truth worse(enum truth a, enum truth b)
{
    return a < b ? a : b;
}

/* ret_host: the first for which it holds. */
static enum truth any_true(const struct when *w, const struct when_world *world, size_t *ret_host)
{
    struct when_memo *m = world->memo;
    enum truth best = TRUTH_NO;
    for (size_t i = 0; m && i < m->n; i++)
        if (m->v[i].asked == w) {
            *ret_host = m->v[i].host;
            return (enum truth)m->v[i].truth;
        }
    *ret_host = 0;
    for (size_t i = 0; i < world->n_hosts && best != TRUTH_YES; i++) {
        enum truth t = when_true(w->a, world, i);
        if (t == TRUTH_YES)
            *ret_host = i;
        best = t > best ? t : best;
    }
    if (m && m->n < ARRAY_LEN(m->v)) {
        m->v[m->n].asked = w;
        m->v[m->n].truth = best;
        m->v[m->n++].host = *ret_host;
    }
    return best;
}

enum truth when_true(const struct when *w, const struct when_world *world, size_t host)
{
    if (!w)
        return TRUTH_YES;
    switch (w->op) {
    case OP_AND: return worse(when_true(w->a, world, host), when_true(w->b, world, host));
    case OP_OR: {
        enum truth a = when_true(w->a, world, host), b = when_true(w->b, world, host);
        return a > b ? a : b;
    }
    case OP_NOT: return (enum truth)(TRUTH_YES - when_true(w->a, world, host));
    case OP_ANY: return any_true(w, world, &host);
    default: return compare(w, world, host);
    }
}

/* ---- words for people ---- */

struct say {
    const struct when_world *world;
    size_t host;
    struct buf *b;
    size_t from; /* of b, where the sentence begins */
};

static void say_number(struct buf *b, const struct when *w, enum op op)
{
    static const char *const words[] = {
        [OP_EQ] = "",         [OP_NE] = "other than ", [OP_LT] = "less than ",
        [OP_LE] = "at most ", [OP_GT] = "more than ",  [OP_GE] = "at least "};
    bool share = fact_defs[w->fact].share;
    buf_puts(b, words[op]);
    buf_printf(b, "%.10g%s", share ? w->number * 100 : w->number, share ? " %" : "");
}

/* The comparison that holds where this one does not. */
static enum op opposite(enum op op)
{
    static const enum op other[] = {[OP_EQ] = OP_NE, [OP_NE] = OP_EQ, [OP_LT] = OP_GE,
                                    [OP_LE] = OP_GT, [OP_GT] = OP_LE, [OP_GE] = OP_LT};
    return other[op];
}

/* Of a word what it is, of a number and a list what was asked of it. */
static void say_compare(const struct say *s, const struct when *w, bool yes)
{
    const struct fact_def *f = &fact_defs[w->fact];
    struct fact_value v = {0};
    s->world->value(s->world->ctx, s->host, w->fact, &v);
    bool held = yes || f->type == FACT_NUMBER || f->type == FACT_WORD;
    const char *sentence = held ? f->yes : f->no, *mark = strchr(sentence, '%');
    if (!mark) {
        buf_puts(s->b, sentence);
        return;
    }
    buf_add(s->b, sentence, (size_t)(mark - sentence));
    if (f->type == FACT_NUMBER)
        say_number(s->b, w, yes ? w->op : opposite(w->op));
    else
        buf_str(s->b, f->type == FACT_WORD ? v.word : w->value.v[0]);
    buf_puts(s->b, mark + 1);
}

static void say_part(const struct say *s, const struct when *w, bool yes);

static void say_any(const struct say *s, const struct when *w, bool yes)
{
    struct say inner = *s;
    if (!yes) {
        buf_puts(s->b, "no host meets the condition");
        return;
    }
    (void)any_true(w, s->world, &inner.host);
    buf_puts(s->b, "of at least one host ");
    inner.from = s->b->n;
    say_part(&inner, w->a, true);
}

/* Behind what stands there already; what was said before is not said again. */
static void say_new(const struct say *s, const struct when *w, bool yes)
{
    struct buf *b = s->b;
    size_t before = b->n;
    if (before > s->from)
        buf_puts(b, ", ");
    size_t at = b->n;
    if (w->op == OP_ANY)
        say_any(s, w, yes);
    else
        say_compare(s, w, yes);
    struct str said = str_make(b->p + s->from, before - s->from);
    if (!b->rc && before > s->from && str_find(said, str_sub(buf_view(b), at, b->n)) >= 0)
        b->n = before;
}

/* Those parts that made the whole what it is; yes: it holds, else its opposite. */
static void say_part(const struct say *s, const struct when *w, bool yes)
{
    enum truth wanted = yes ? TRUTH_YES : TRUTH_NO;
    switch (w->op) {
    case OP_AND:
    case OP_OR: {
        bool all = (w->op == OP_AND) == yes;
        if (all || when_true(w->a, s->world, s->host) == wanted) {
            say_part(s, w->a, yes);
            if (!all)
                return; /* one reason is enough */
        }
        say_part(s, w->b, yes);
        return;
    }
    case OP_NOT: say_part(s, w->a, !yes); return;
    default: say_new(s, w, yes);
    }
}

void when_say(const struct when *w, const struct when_world *world, size_t host, struct buf *b)
{
    struct say s = {world, host, b, b->n};
    if (w)
        say_part(&s, w, true);
}
