/* Expressions: what is known of the value of each, and where it came from. One reader for all
 * languages, without precedence of operators: who joins strings joins them from left to right. */
#include "match/shell_priv.h"

#include <stdio.h>

static struct str word(struct look *k, const struct tok *t)
{
    return t->kind == TOK_NAME ? k->sym[t->sym].name : STR_NONE;
}

static struct val unary(struct look *k);
static struct val postfix(struct look *k, struct val v);

/* What stands between brackets up to the closing one, as one value with items. */
static struct val list(struct look *k, int close)
{
    struct val all = of_token(cur(k)), *item = NULL;
    bool known = true;
    uint32_t n = 0;
    while (k->at < k->n_tok && !is_op(cur(k), close) && cur(k)->kind != TOK_STOP) {
        size_t was = k->at;
        struct val v = shell_expr(k);
        if (is_op(cur(k), O_PAIR) || is_op(cur(k), ':')) {
            k->at++;
            struct val key = v;
            v = shell_expr(k);
            if (key.taint & T_REQUEST)
                v.taint |= key.taint;
        }
        if (!item)
            item = arena_new_n(k->arena, struct val, n = 4);
        else if (all.n_items == n && n < SHELL_ITEMS) {
            struct val *more = arena_new_n(k->arena, struct val, n * 4);
            if (more)
                memcpy(more, item, n * sizeof *item);
            item = more ? more : item;
            n = more ? n * 4 : n;
        }
        if (item && all.n_items < n)
            item[all.n_items++] = v;
        known = known && v.text.p;
        all.taint |= v.taint & ~(uint32_t)(T_PIECED | T_SCRIPT);
        if (v.func)
            all.func = v.func;
        if (!take_op(k, ',') && k->at == was)
            k->at++;
    }
    take_op(k, close);
    all.item = item;
    if (!item)
        all.n_items = 0;
    return all;
}

/* Arguments behind an opening parenthesis that was taken; what is beyond SHELL_ARGS joins the last.
 */
struct val shell_args(struct look *k, struct val *arg, size_t *ret_n)
{
    struct val all = of_token(cur(k));
    *ret_n = 0;
    while (k->at < k->n_tok && !is_op(cur(k), ')') && !(cur(k)->kind == TOK_STOP)) {
        size_t was = k->at;
        if (k->tok[k->at].kind == TOK_NAME && is_op(ahead(k, 1), ':') && k->lang == SL_PHP)
            k->at += 2; /* named arguments */
        struct val v = shell_expr(k);
        if (*ret_n < SHELL_ARGS)
            arg[(*ret_n)++] = v;
        else
            arg[SHELL_ARGS - 1].taint |= v.taint;
        all = shell_merge(&all, &v);
        if (!take_op(k, ',') && k->at == was)
            k->at++;
    }
    take_op(k, ')');
    return all;
}

/* (string) of PHP; (byte[]) and (Type) of the others, where an operand follows. */
static bool cast(struct look *k, bool *ret_number)
{
    static const struct str numbers[] = {STR("int"),     STR("integer"), STR("float"), STR("bool"),
                                         STR("boolean"), STR("double"),  STR("long")};
    size_t i = 1;
    if (ahead(k, 1)->kind != TOK_NAME)
        return false;
    struct str type = word(k, ahead(k, 1));
    while (i < 12 &&
           (ahead(k, i)->kind == TOK_NAME || is_op(ahead(k, i), '.') || is_op(ahead(k, i), '[') ||
            is_op(ahead(k, i), ']') || (is_op(ahead(k, i), O_COMPARE) && k->lang != SL_PHP)))
        i++;
    if (!is_op(ahead(k, i), ')'))
        return false;
    const struct tok *next = ahead(k, i + 1);
    bool operand = next->kind == TOK_NAME || next->kind == TOK_VAR || next->kind == TOK_TEXT ||
                   is_op(next, '(') || is_op(next, '@') || is_op(next, '$') ||
                   next->kind == TOK_SHELL;
    if (!operand || k->lang == SL_VB)
        return false;
    *ret_number = false;
    for (size_t n = 0; n < ARRAY_LEN(numbers); n++)
        *ret_number |= str_ieq(type, numbers[n]);
    if (k->lang == SL_PHP && !*ret_number && !str_ieq(type, STR("string")) &&
        !str_ieq(type, STR("array")) && !str_ieq(type, STR("object")) &&
        !str_ieq(type, STR("binary")))
        return false;
    if (k->lang != SL_PHP)
        *ret_number = *ret_number && i == 2;
    k->at += i + 1;
    return true;
}

/* new Name(...), new Name[] {...}, new $x(...). */
static struct val new_object(struct look *k)
{
    const struct tok *t = cur(k);
    struct val arg[SHELL_ARGS], none = of_token(t), v = none;
    size_t n = 0;
    if (t->kind == TOK_VAR) {
        k->at++;
        struct val callee = shell_var_read(k, t->sym);
        while (is_op(cur(k), '[')) {
            k->at++;
            struct val index = shell_expr(k);
            take_op(k, ']');
            callee = shell_index(k, &callee, &index);
        }
        if (take_op(k, '('))
            v = shell_args(k, arg, &n);
        if (callee.taint & T_REQUEST && callee.taint & T_FRONT)
            shell_saw(k, K_REQUEST_NAMES_CLASS, t->at, t->len);
        if (callee.text.p)
            v = shell_call(k, shell_sym(k, callee.text, k->lang), NULL, NULL, arg, n, t, true);
        return v;
    }
    if (t->kind != TOK_NAME)
        return unary(k);
    if (is_word(k, t, STR("class"))) /* anonymous: its methods are found where they stand */
        return none;
    uint32_t sym = t->sym;
    for (k->at++; is_op(cur(k), '.') && ahead(k, 1)->kind == TOK_NAME; k->at += 2)
        sym = ahead(k, 1)->sym;
    if (is_op(cur(k), O_COMPARE)) { /* <String, Object> */
        size_t i = 0;
        while (i < 16 && !is_op(ahead(k, i), '(') && ahead(k, i)->kind != TOK_STOP)
            i++;
        k->at += is_op(ahead(k, i), '(') ? i : 0;
    }
    const struct tok *open = cur(k);
    if (take_op(k, '(')) {
        shell_args(k, arg, &n);
        return shell_call(k, sym, NULL, NULL, arg, n, open, true);
    }
    if (is_op(cur(k), '[')) {
        while (take_op(k, '[')) {
            if (!is_op(cur(k), ']'))
                shell_expr(k);
            take_op(k, ']');
        }
        return take_op(k, '{') ? list(k, '}') : none;
    }
    return shell_call(k, sym, NULL, NULL, arg, 0, t, true);
}

static void params(struct look *k, struct shell_func *f)
{
    int depth = 0;
    uint32_t last = UINT32_MAX;
    f->n_params = 0;
    for (; k->at < k->n_tok; k->at++) {
        const struct tok *t = cur(k);
        if (is_op(t, '(') || is_op(t, '['))
            depth++;
        if ((is_op(t, ')') || is_op(t, ']')) && depth-- == 0)
            break;
        if (t->kind == TOK_VAR || (t->kind == TOK_NAME && k->lang != SL_PHP)) {
            bool as = k->lang == SL_VB && is_word(k, t, STR("as"));
            last = as ? last : t->sym;
            k->at += as; /* ByVal x As Type */
        }
        if (is_op(t, ',') && depth == 0 && last != UINT32_MAX) {
            if (f->n_params < SHELL_PARAMS)
                f->param[f->n_params++] = last;
            last = UINT32_MAX;
        }
        if (is_op(t, ':') && depth == 0 && k->lang == SL_NET) /* name : Type of JScript */
            while (k->at + 1 < k->n_tok && !is_op(ahead(k, 1), ',') && !is_op(ahead(k, 1), ')'))
                k->at++;
        if (is_op(t, '=') && depth == 0) /* a default value is no name */
            while (k->at + 1 < k->n_tok && !is_op(ahead(k, 1), ',') && !is_op(ahead(k, 1), ')'))
                k->at++;
    }
    if (last != UINT32_MAX && f->n_params < SHELL_PARAMS)
        f->param[f->n_params++] = last;
    take_op(k, ')');
}

/* The function of a name, made on first sight; index + 1. */
static uint32_t func_of(struct look *k, uint32_t sym)
{
    if (sym != UINT32_MAX && k->sym[sym].func)
        return k->sym[sym].func;
    if (k->n_func >= SHELL_FUNCS)
        return 0;
    if (k->n_func == k->cap_func)
        k->func = shell_grow(k, k->func, k->n_func, &k->cap_func, sizeof *k->func);
    if (k->rc)
        return 0;
    k->func[k->n_func++] = (struct shell_func){.sym = sym};
    if (sym != UINT32_MAX)
        k->sym[sym].func = (uint32_t)k->n_func;
    return (uint32_t)k->n_func;
}

static void body(struct look *k, bool basic)
{
    int depth = 0;
    while (k->at < k->n_tok && !k->rc) {
        const struct tok *t = cur(k);
        if (basic && is_word(k, t, STR("end")) &&
            (is_word(k, ahead(k, 1), STR("sub")) || is_word(k, ahead(k, 1), STR("function")))) {
            k->at += 2;
            return;
        }
        if (is_op(t, '{'))
            depth++;
        if (is_op(t, '}') && --depth <= 0 && !basic) {
            k->at++;
            return;
        }
        shell_statement(k);
    }
}

/* [WebMethod] and its like before the function's head: a request brings the arguments. */
static bool exposed(struct look *k)
{
    enum { HEAD = 40 };
    if (k->lang == SL_PHP || k->lang == SL_JAVA)
        return false;
    for (size_t i = 1; i <= HEAD && i <= k->at; i++) {
        const struct tok *t = &k->tok[k->at - i];
        if (t->kind == TOK_STOP || is_op(t, '{') || is_op(t, '}'))
            return false;
        const struct shell_role *r = t->kind == TOK_NAME ? k->sym[t->sym].role : NULL;
        if (r && r->is & ROLE_EXPOSED) {
            shell_saw(k, K_READS_REQUEST, t->at, t->len);
            return true;
        }
    }
    return false;
}

/* From the opening parenthesis of its parameters. */
static struct val function(struct look *k, uint32_t sym)
{
    struct val v = of_token(cur(k));
    uint32_t index = func_of(k, sym), outer_scope = k->scope, outer_body = k->body;
    uint32_t use[SHELL_PARAMS * 2], n_use = 0;
    if (!index || k->bodies >= SHELL_BODIES)
        return v;
    v.func = index;
    uint32_t brought = exposed(k) ? T_REQUEST : 0;
    struct shell_func *f = &k->func[index - 1];
    if (take_op(k, '('))
        params(k, f);
    if (is_word(k, cur(k), STR("use")) && is_op(ahead(k, 1), '('))
        for (k->at += 2; k->at < k->n_tok && !take_op(k, ')'); k->at++)
            if (cur(k)->kind == TOK_VAR && n_use < ARRAY_LEN(use))
                use[n_use++] = cur(k)->sym;
    struct val outer[ARRAY_LEN(use)];
    for (uint32_t i = 0; i < n_use; i++)
        outer[i] = shell_var_read(k, use[i]);
    for (int i = 0; i < 12 && k->lang != SL_VB && !is_op(cur(k), '{') && !is_op(cur(k), O_PAIR) &&
                    cur(k)->kind != TOK_STOP && k->at < k->n_tok;
         i++)
        k->at++; /* : type, throws X */
    if (k->lang != SL_VB && !is_op(cur(k), '{') && !is_op(cur(k), O_PAIR))
        return v;
    k->scope = k->body = index;
    k->bodies++;
    f = &k->func[index - 1];
    for (uint32_t i = 0; i < f->n_params; i++) {
        struct val p = {.taint = (uint32_t)T_PARAM << i | T_FRONT | brought};
        struct val to = {.slot = shell_slot(k, k->scope, f->param[i])};
        if (to.slot)
            k->var[to.slot - 1].now = (struct val){0};
        shell_assign(k, &to, &p, false);
    }
    for (uint32_t i = 0; i < n_use; i++) {
        struct val to = {.slot = shell_slot(k, k->scope, use[i])};
        outer[i].slot = 0;
        shell_assign(k, &to, &outer[i], false);
    }
    if (take_op(k, O_PAIR)) {
        struct val ret = shell_expr(k);
        k->func[index - 1].ret |= ret.taint;
    } else {
        body(k, k->lang == SL_VB);
    }
    k->bodies--;
    k->scope = outer_scope;
    k->body = outer_body;
    return v;
}

static struct val literal(struct look *k, const struct tok *t)
{
    struct val v = of_token(t);
    if (t->flags & TOK_INTERP) {
        struct tok copy = *t;
        return shell_interpolate(k, &copy);
    }
    v.text = t->text;
    if (v.text.n >= SHELL_LONG)
        v.taint |= T_LONG;
    if (v.text.n && shell_script_name(k->s, v.text))
        v.taint |= T_SCRIPT;
    return v;
}

static struct val shell_command(struct look *k, const struct tok *t)
{
    struct tok copy = *t;
    struct val v = memchr(t->text.p, '$', t->text.n) ? shell_interpolate(k, &copy) : of_token(t);
    if (v.taint & T_PARAMS || v.taint & (T_REQUEST | T_UNSET | T_REMOTE))
        shell_hit(k, SINK_COMMAND, &v, copy.at, copy.len);
    return of_token(&copy);
}

/* $$x and ${...}. */
static struct val variable_variable(struct look *k)
{
    struct val name;
    const struct tok *t = cur(k);
    k->at++;
    if (take_op(k, '{')) {
        name = shell_expr(k);
        take_op(k, '}');
    } else if (is_op(cur(k), '$')) {
        name = variable_variable(k);
    } else {
        name = cur(k)->kind == TOK_VAR ? shell_var_read(k, cur(k)->sym) : of_token(t);
        k->at += cur(k)->kind == TOK_VAR;
    }
    if (name.text.p)
        return shell_named_read(k, name.text);
    struct val v = of_token(t);
    if (name.taint & T_REQUEST && is_op(cur(k), '=')) {
        if (name.taint & T_FRONT && k->pass == 1)
            k->imports = true;
        shell_saw(k, K_IMPORTS_REQUEST, t->at, t->len);
    }
    return v;
}

static struct val name_value(struct look *k, const struct tok *t)
{
    struct val v;
    k->at++;
    if (is_op(cur(k), '(')) {
        const struct tok *open = cur(k);
        struct val arg[SHELL_ARGS];
        size_t n;
        uint32_t sym = t->sym;
        struct tok keep = *open;
        k->at++;
        if (k->lang == SL_PHP && is_word(k, t, STR("array")))
            return list(k, ')');
        shell_args(k, arg, &n);
        keep.at = t->at;
        keep.len = t->len;
        if (k->lang != SL_PHP && k->sym[sym].role && k->sym[sym].role->is & ROLE_KEEP) {
            v = shell_var_read(k, sym); /* session("x") of VBScript is no call */
            v.part = true;
            v.num = -1;
            return v;
        }
        if (k->lang == SL_VB && !k->sym[sym].role && !k->sym[sym].func) { /* a(0): an array */
            v = shell_var_read(k, sym);
            v.taint |= n ? arg[0].taint & (T_REQUEST | T_PARAMS) : 0;
            v.text = STR_NONE;
            v.part = true;
            v.num = -1;
            return v;
        }
        return shell_call(k, sym, NULL, NULL, arg, n, &keep, false);
    }
    v = shell_var_read(k, t->sym);
    v.at = t->at;
    v.len = t->len;
    if (k->lang == SL_PHP) {
        v.taint &= ~(uint32_t)T_UNSET;
        if (!v.text.p && !v.taint && !k->sym[t->sym].role && !k->sym[t->sym].func)
            v.text = k->sym[t->sym].name; /* a bare word, or a constant */
        if (v.text.p && v.taint & T_REQUEST)
            v.text = STR_NONE;
    }
    return v;
}

static bool closure(struct look *k, struct val *ret)
{
    const struct tok *t = cur(k);
    size_t at = k->at;
    if (!is_word(k, t, STR("function")) && !is_word(k, t, STR("fn")))
        return false;
    k->at++;
    take_op(k, '&');
    uint32_t sym = UINT32_MAX;
    if (cur(k)->kind == TOK_NAME)
        sym = cur(k)->sym, k->at++;
    if (!is_op(cur(k), '(')) {
        k->at = at;
        return false;
    }
    if (sym == UINT32_MAX) { /* the same closure in both passes */
        char *name = arena_alloc(k->arena, 24);
        if (name)
            sym = shell_sym(
                k, str_make(name, (size_t)snprintf(name, 24, " %d-%u", k->layer, t->at)), SL_JAVA);
    }
    *ret = function(k, sym);
    return true;
}

/* Words before an operand. */
static bool prefix_word(struct look *k, const struct tok *t, struct val *ret)
{
    static const struct str skip[] = {
        STR("print"), STR("echo"),  STR("throw"),  STR("return"), STR("not"),   STR("typeof"),
        STR("else"),  STR("yield"), STR("await"),  STR("delete"), STR("void"),  STR("clone"),
        STR("ref"),   STR("out"),   STR("static"), STR("async"),  STR("byval"), STR("do"),
        STR("then"),  STR("set"),   STR("call"),
    };
    enum { BEFORE_PAREN = 11 }; /* so many of them are no functions even before "(" */
    if (t->len == 3 && is_word(k, t, STR("new"))) {
        k->at++;
        *ret = new_object(k);
        return true;
    }
    if (k->sym[t->sym].role && k->sym[t->sym].role->sink == SINK_INCLUDE && k->lang == SL_PHP) {
        struct tok at = *t;
        k->at++;
        *ret = shell_expr(k);
        struct val v = *ret;
        if (!(v.taint & (T_REQUEST | T_REMOTE | T_PARAMS | T_UNSET)))
            shell_saw(k, K_INCLUDES, at.at, at.len);
        shell_hit(k, SINK_INCLUDE, &v, at.at, at.len);
        if (v.text.p && shell_picture_name(k->s, v.text)) {
            shell_saw(k, K_INCLUDES_PICTURE, at.at, at.len);
            shell_silenced(k, at.at, at.len);
        }
        *ret = of_token(&at);
        return true;
    }
    if (closure(k, ret))
        return true;
    const struct tok *next = ahead(k, 1);
    if (next->kind == TOK_STOP || is_op(next, '.') || is_op(next, '='))
        return false;
    for (size_t i = 0; i < (is_op(next, '(') ? BEFORE_PAREN : ARRAY_LEN(skip)); i++)
        if (is_word(k, t, skip[i])) {
            k->at++;
            *ret = unary(k);
            return true;
        }
    return false;
}

static struct val number_of(const struct tok *t)
{
    struct val v = of_token(t);
    v.is_num = true;
    v.num = t->num;
    return v;
}

static struct val negated(struct look *k, struct val v)
{
    char *p = v.text.p && v.text.n < 65536 ? arena_alloc(k->arena, v.text.n + 1) : NULL;
    for (size_t i = 0; p && i < v.text.n; i++)
        p[i] = (char)~v.text.p[i];
    v.text = p ? str_make(p, v.text.n) : STR_NONE;
    v.taint |= T_PIECED;
    if (v.is_num)
        v.num = ~v.num;
    v.slot = 0;
    return v;
}

static struct val prefix_op(struct look *k, const struct tok *t)
{
    struct val v;
    bool number;
    switch (t->op) {
    case '(':
        if (cast(k, &number)) {
            v = unary(k);
            if (number)
                v.taint = 0;
            return v;
        }
        k->at++;
        v = shell_expr(k);
        while (take_op(k, ','))
            v = shell_expr(k);
        take_op(k, ')');
        return postfix(k, v);
    case '[': k->at++; return postfix(k, list(k, ']'));
    case '{':
        if (k->lang == SL_PHP)
            break;
        k->at++;
        return list(k, '}');
    case '$':
        if (k->lang != SL_PHP)
            break;
        return postfix(k, variable_variable(k));
    case '!':
        k->at++;
        v = unary(k);
        return of_token(t);
    case '~': k->at++; return negated(k, unary(k));
    case '-':
        k->at++;
        v = unary(k);
        v.num = -v.num;
        v.text = STR_NONE;
        return v;
    case '@':
    case '+':
    case '&':
    case O_STEP: k->at++; return unary(k);
    case ')':
    case ']':
    case '}':
    case ',':
    case O_PAIR: return of_token(t);
    default: break;
    }
    k->at++;
    return of_token(t);
}

static struct val unary(struct look *k)
{
    const struct tok *t = cur(k);
    struct val v = of_token(t);
    if (++k->steps > SHELL_MAX_STEPS || k->depth >= SHELL_DEPTH || k->rc) {
        k->cut |= k->steps > SHELL_MAX_STEPS;
        k->at = k->steps > SHELL_MAX_STEPS ? k->n_tok : k->at + (k->at < k->n_tok);
        return v;
    }
    k->depth++;
    switch (t->kind) {
    case TOK_TEXT:
        k->at++;
        v = postfix(k, literal(k, t));
        break;
    case TOK_NUMBER:
        k->at++;
        v = number_of(t);
        break;
    case TOK_SHELL:
        k->at++;
        v = shell_command(k, t);
        break;
    case TOK_VAR: {
        struct tok at = *t;
        k->at++;
        v = shell_var_read(k, at.sym);
        v.at = at.at;
        v.len = at.len;
        v = postfix(k, v);
        break;
    }
    case TOK_NAME: {
        struct tok at = *t;
        if (!prefix_word(k, t, &v))
            v = name_value(k, &at);
        v = postfix(k, v);
        break;
    }
    case TOK_OP: v = prefix_op(k, t); break;
    default: break;
    }
    k->depth--;
    return v;
}

/* ->name, ::name, .name, with or without a call. */
static struct val member(struct look *k, struct val v)
{
    const struct tok *t = cur(k);
    struct val arg[SHELL_ARGS], r = v;
    size_t n;
    if (t->kind == TOK_VAR || is_op(t, '{') || is_op(t, '$')) {
        struct val name = t->kind == TOK_VAR ? shell_var_read(k, t->sym) : (struct val){0};
        k->at++;
        if (is_op(t, '{')) {
            name = shell_expr(k);
            take_op(k, '}');
        }
        if (take_op(k, '('))
            return name.text.p
                       ? (shell_args(k, arg, &n), shell_call(k, shell_sym(k, name.text, k->lang),
                                                             NULL, &v, arg, n, cur(k), false))
                       : shell_args(k, arg, &n);
        r.slot = t->kind == TOK_VAR ? shell_slot(k, SCOPE_PROPERTY, t->sym) : 0;
        return r;
    }
    if (t->kind != TOK_NAME)
        return v;
    struct tok at = *t;
    k->at++;
    if (is_op(cur(k), '(')) {
        struct tok open = *cur(k);
        k->at++;
        shell_args(k, arg, &n);
        open.at = at.at;
        open.len = at.len;
        return shell_call(k, at.sym, NULL, &v, arg, n, &open, false);
    }
    const struct shell_role *role = k->sym[at.sym].role;
    uint32_t slot = shell_slot(k, SCOPE_PROPERTY, at.sym);
    r.text = STR_NONE;
    r.is_num = false;
    r.slot = slot;
    r.last = at.sym + 1;
    r.part = false;
    if (slot) {
        const struct shell_var *held = &k->var[slot - 1];
        const struct val *value = held->set ? &held->now : &held->before;
        r.taint |= held->now.taint | held->before.taint; /* other methods may have filled it */
        r.text = value->text;
        r.func = value->func;
    }
    if (k->lang != SL_PHP && role) {
        if (role->is & ROLE_CLEAN)
            r.taint = 0;
        if (role->is & ROLE_SOURCE) {
            r.taint |= T_REQUEST | T_FRONT;
            shell_saw(k, K_READS_REQUEST, at.at, at.len);
        }
        if (role->is & ROLE_INPUT)
            r.taint |= T_CONTROL | T_FRONT;
    }
    return r;
}

static struct val postfix(struct look *k, struct val v)
{
    struct val arg[SHELL_ARGS];
    size_t n;
    for (;;) {
        const struct tok *t = cur(k);
        if (++k->steps > SHELL_MAX_STEPS || t->kind != TOK_OP)
            return v;
        if (t->op == '[') {
            k->at++;
            struct val index = {.num = -1};
            if (is_op(cur(k), ']')) {
                v.part = true;
                v.num = v.n_items;
                k->at++;
                continue;
            }
            index = shell_expr(k);
            take_op(k, ']');
            uint32_t at = v.at, len = v.len;
            v = shell_index(k, &v, &index);
            v.at = at;
            v.len = len;
        } else if (t->op == '{' && k->lang == SL_PHP && v.last && is_op(ahead(k, 2), '}') &&
                   (ahead(k, 1)->kind == TOK_NUMBER || ahead(k, 1)->kind == TOK_VAR)) {
            k->at++;
            struct val index = shell_expr(k);
            take_op(k, '}');
            v = shell_index(k, &v, &index);
        } else if (t->op == '(') {
            struct tok open = *t;
            k->at++;
            shell_args(k, arg, &n);
            v = shell_call(k, 0, &v, NULL, arg, n, &open, false);
        } else if (t->op == O_ARROW || t->op == O_SCOPE || (t->op == '.' && k->lang != SL_PHP)) {
            k->at++;
            v = member(k, v);
        } else if (t->op == O_STEP) {
            k->at++;
        } else {
            return v;
        }
    }
}

struct val shell_expr(struct look *k)
{
    struct val v;
    if (k->depth >= SHELL_DEPTH) {
        v = of_token(cur(k));
        k->at += k->at < k->n_tok;
        return v;
    }
    k->depth++;
    v = unary(k);
    v = shell_operators(k, v);
    k->depth--;
    return v;
}

struct val shell_unary(struct look *k)
{
    return unary(k);
}

struct val shell_function(struct look *k, uint32_t sym)
{
    return function(k, sym);
}
