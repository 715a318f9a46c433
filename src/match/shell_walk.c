/* Statements: functions, loops and assignments, until the tokens are used up. */
#include "match/shell_priv.h"

static bool one_of(struct look *k, const struct tok *t, const struct str *words, size_t n)
{
    for (size_t i = 0; t->kind == TOK_NAME && i < n; i++)
        if (is_word(k, t, words[i]))
            return true;
    return false;
}

static void skip_statement(struct look *k)
{
    while (k->at < k->n_tok && cur(k)->kind != TOK_STOP && !is_op(cur(k), '{'))
        k->at++;
}

/* Where the method's name stands, if a method begins here: Type name(...) {. 0: none. */
static size_t method(struct look *k)
{
    static const struct str not [] = {
        STR("new"),          STR("return"),  STR("throw"), STR("else"),
        STR("await"),        STR("catch"),   STR("while"), STR("for"),
        STR("switch"),       STR("using"),   STR("lock"),  STR("if"),
        STR("synchronized"), STR("foreach"), STR("yield"), STR("case"),
    };
    size_t i = 0, names = 0;
    for (; i < 24; i++) {
        const struct tok *t = ahead(k, i);
        if (one_of(k, t, not, ARRAY_LEN(not )))
            return 0;
        if (t->kind == TOK_NAME)
            names++;
        else if (!is_op(t, '.') && !is_op(t, '[') && !is_op(t, ']') && !is_op(t, O_COMPARE) &&
                 !is_op(t, ',') && !is_op(t, '@') && !is_op(t, '?'))
            break;
    }
    if (!is_op(ahead(k, i), '(') || names < 2 || ahead(k, i - 1)->kind != TOK_NAME ||
        is_op(ahead(k, i - 2), '.'))
        return 0;
    size_t name = i - 1;
    int depth = 0;
    for (; i < name + 200; i++) {
        const struct tok *t = ahead(k, i);
        if (t->kind == TOK_END || t->kind == TOK_STOP || is_op(t, '{'))
            return 0;
        depth += is_op(t, '(');
        if (is_op(t, ')') && --depth == 0)
            break;
    }
    const struct tok *t = ahead(k, i + 1);
    bool opens = is_op(t, '{') || is_word(k, t, STR("throws")) || is_op(t, ':');
    return opens ? name : 0;
}

/* for (T x in list), for (T x : list), for each x in list. */
static bool loop_in(struct look *k)
{
    size_t i = 1;
    for (; i < 12; i++) {
        const struct tok *t = ahead(k, i);
        if (is_word(k, t, STR("in")) || (is_op(t, ':') && k->lang == SL_JAVA))
            break;
        if (t->kind == TOK_STOP || t->kind == TOK_END || is_op(t, '=') || t->kind == TOK_TEXT)
            return false;
    }
    if (i == 12 || ahead(k, i - 1)->kind != TOK_NAME)
        return false;
    uint32_t sym = ahead(k, i - 1)->sym;
    k->at += i + 1;
    struct val v = shell_expr(k);
    struct val to = {.slot = shell_slot(k, k->scope, sym)};
    struct val each = {.taint = v.taint, .at = v.at, .len = v.len};
    shell_assign(k, &to, &each, false);
    return true;
}

/* foreach (list as $k => $v) of PHP. */
static void foreach_php(struct look *k)
{
    k->at++;
    if (!is_op(cur(k), '('))
        return;
    k->at++;
    struct val v = shell_expr(k);
    struct val each = {
        .taint = v.taint | (v.taint & T_REQUEST ? T_FRONT : 0), .at = v.at, .len = v.len};
    if (!is_word(k, cur(k), STR("as")))
        return;
    k->at++;
    for (int i = 0; i < 2; i++) {
        if (is_op(cur(k), '&'))
            k->at++;
        struct val to = shell_unary(k);
        shell_assign(k, &to, &each, false);
        if (!is_op(cur(k), O_PAIR))
            break;
        k->at++;
    }
}

/* global $a, $b: the function's names are the page's. What the page gives them is not tracked from
 * here; what it gave them is taken over. */
static void globals(struct look *k)
{
    for (k->at++; k->at < k->n_tok && cur(k)->kind != TOK_STOP; k->at++) {
        if (cur(k)->kind != TOK_VAR)
            continue;
        uint32_t sym = cur(k)->sym, scope = k->scope;
        k->scope = 0;
        struct val v = shell_var_read(k, sym);
        k->scope = scope;
        struct val to = {.slot = shell_slot(k, scope, sym)};
        v.taint &= ~(uint32_t)T_UNSET;
        shell_assign(k, &to, &v, false);
    }
}

static void give_back(struct look *k)
{
    k->at++;
    if (cur(k)->kind == TOK_STOP)
        return;
    struct val v = shell_expr(k);
    if (k->body)
        k->func[k->body - 1].ret |= v.taint;
}

/* A class head: extends ClassLoader says what it is for. */
static void class_head(struct look *k)
{
    struct tok at = *cur(k);
    uint32_t sym = ahead(k, 1)->sym;
    bool named = ahead(k, 1)->kind == TOK_NAME;
    for (k->at++; k->at < k->n_tok && !is_op(cur(k), '{') && cur(k)->kind != TOK_STOP; k->at++) {
        const struct tok *t = cur(k);
        const struct shell_role *r = t->kind == TOK_NAME ? k->sym[t->sym].role : NULL;
        if (r && r->is & ROLE_LOADER && k->lang == SL_JAVA && (!named || t->sym != sym))
            shell_saw(k, K_LOADER_CLASS, at.at, at.len);
    }
}

static bool statement_php(struct look *k, const struct tok *t)
{
    static const struct str class_words[] = {STR("class"), STR("interface"), STR("trait"),
                                             STR("enum")};
    static const struct str modifiers[] = {STR("public"), STR("private"),  STR("protected"),
                                           STR("static"), STR("final"),    STR("abstract"),
                                           STR("var"),    STR("readonly"), STR("const")};
    if (is_word(k, t, STR("function")) &&
        (ahead(k, 1)->kind == TOK_NAME || is_op(ahead(k, 1), '&'))) {
        k->at += is_op(ahead(k, 1), '&') ? 2 : 1;
        if (cur(k)->kind != TOK_NAME)
            return true;
        uint32_t sym = cur(k)->sym;
        shell_saw(k, K_DEFINES, t->at, t->len);
        k->at++;
        shell_function(k, sym);
        return true;
    }
    if (is_word(k, t, STR("foreach")))
        foreach_php(k);
    else if (is_word(k, t, STR("global")))
        globals(k);
    else if (one_of(k, t, class_words, ARRAY_LEN(class_words)) && ahead(k, 1)->kind == TOK_NAME)
        class_head(k);
    else if (is_word(k, t, STR("namespace")) || is_word(k, t, STR("use")) ||
             is_word(k, t, STR("goto")) || is_word(k, t, STR("declare")))
        skip_statement(k);
    else if (one_of(k, t, modifiers, ARRAY_LEN(modifiers)) && !is_op(ahead(k, 1), '('))
        k->at++;
    else if (is_op(ahead(k, 1), ':') && t->kind == TOK_NAME && !is_word(k, t, STR("default")))
        k->at += 2; /* a label */
    else
        return false;
    return true;
}

static bool statement_c(struct look *k, const struct tok *t)
{
    size_t name;
    if (is_word(k, t, STR("class")) && ahead(k, 1)->kind == TOK_NAME) {
        class_head(k);
        return true;
    }
    if ((is_word(k, t, STR("for")) || is_word(k, t, STR("foreach"))) && is_op(ahead(k, 1), '(')) {
        k->at++;
        if (!loop_in(k))
            k->at++;
        return true;
    }
    if (is_word(k, t, STR("function")) && ahead(k, 1)->kind == TOK_NAME &&
        is_op(ahead(k, 2), '(')) {
        uint32_t sym = ahead(k, 1)->sym;
        k->at += 2;
        shell_function(k, sym);
        return true;
    }
    if (is_word(k, t, STR("import")) || is_word(k, t, STR("package"))) {
        skip_statement(k);
        return true;
    }
    if (t->kind == TOK_NAME && (name = method(k)) > 0) {
        uint32_t sym = ahead(k, name)->sym;
        k->at += name + 1;
        shell_function(k, sym);
        return true;
    }
    if (t->kind == TOK_NAME && (ahead(k, 1)->kind == TOK_NAME) && !is_word(k, t, STR("new")) &&
        !is_word(k, t, STR("return")) && !is_word(k, t, STR("else")) &&
        !is_word(k, t, STR("throw"))) {
        k->at++; /* a type before a name */
        return true;
    }
    return false;
}

/* Does an operand begin here? For calls without parentheses. */
static bool begins_operand(struct look *k, const struct tok *t)
{
    static const struct str not [] = {STR("then"), STR("and"), STR("or"), STR("to"),
                                      STR("as"),   STR("is"),  STR("in"), STR("mod"),
                                      STR("step"), STR("like")};
    return t->kind == TOK_TEXT || t->kind == TOK_NUMBER || is_op(t, '-') || is_op(t, '(') ||
           (t->kind == TOK_NAME && !one_of(k, t, not, ARRAY_LEN(not )));
}

static void call_basic(struct look *k, struct val v, const struct tok *t)
{
    struct val arg[SHELL_ARGS];
    size_t n = 0;
    struct tok at = *t;
    uint32_t sym = v.last ? v.last - 1 : at.sym;
    while (k->at < k->n_tok && cur(k)->kind != TOK_STOP) {
        size_t was = k->at;
        struct val a = shell_expr(k);
        if (n < SHELL_ARGS)
            arg[n++] = a;
        if (is_op(cur(k), ','))
            k->at++;
        else if (k->at == was || cur(k)->kind == TOK_STOP)
            break;
    }
    struct val object = v;
    shell_call(k, sym, NULL, sym == at.sym ? NULL : &object, arg, n, &at, false);
}

static bool statement_basic(struct look *k, const struct tok *t)
{
    static const struct str skip[] = {
        STR("set"),    STR("call"),     STR("let"),       STR("if"),        STR("elseif"),
        STR("else"),   STR("then"),     STR("while"),     STR("do"),        STR("until"),
        STR("public"), STR("private"),  STR("protected"), STR("shared"),    STR("dim"),
        STR("const"),  STR("case"),     STR("select"),    STR("loop"),      STR("wend"),
        STR("next"),   STR("with"),     STR("return"),    STR("overrides"), STR("friend"),
        STR("redim"),  STR("preserve"), STR("byval")};
    if ((is_word(k, t, STR("function")) || is_word(k, t, STR("sub"))) &&
        ahead(k, 1)->kind == TOK_NAME) {
        uint32_t sym = ahead(k, 1)->sym;
        k->at += 2;
        shell_function(k, sym);
        return true;
    }
    if (is_word(k, t, STR("end")) || is_word(k, t, STR("exit"))) {
        k->at += ahead(k, 1)->kind == TOK_NAME ? 2 : 1;
        return true;
    }
    if (is_word(k, t, STR("for"))) {
        if (is_word(k, ahead(k, 1), STR("each")))
            k->at++;
        if (!loop_in(k))
            k->at++;
        return true;
    }
    if (one_of(k, t, skip, ARRAY_LEN(skip))) {
        k->at++;
        return true;
    }
    struct tok at = *t;
    struct val v = shell_unary(k);
    if (is_op(cur(k), '=')) {
        k->at++;
        struct val r = shell_expr(k);
        const struct shell_role *role = v.last ? k->sym[v.last - 1].role : NULL;
        if (role && role->is & ROLE_SET)
            shell_hit(k, (enum shell_sink)role->sink, &r, at.at, at.len);
        if (k->body && v.last && v.last - 1 == k->func[k->body - 1].sym)
            k->func[k->body - 1].ret |= r.taint;
        shell_assign(k, &v, &r, false);
    } else if (at.kind == TOK_NAME && begins_operand(k, cur(k))) {
        call_basic(k, v, &at);
    } else {
        shell_operators(k, v);
    }
    return true;
}

void shell_statement(struct look *k)
{
    const struct tok *t = cur(k);
    size_t was = k->at;
    k->lang = (enum shell_lang)t->lang;
    if (t->kind == TOK_STOP || t->kind == TOK_END) {
        k->at++;
        return;
    }
    if (++k->steps > SHELL_MAX_STEPS) {
        k->cut = true;
        k->at = k->n_tok;
        return;
    }
    if (t->kind == TOK_NAME) {
        bool done = k->lang == SL_PHP  ? statement_php(k, t)
                    : k->lang == SL_VB ? statement_basic(k, t)
                                       : statement_c(k, t);
        if (done) {
            k->at += k->at == was;
            return;
        }
        if (is_word(k, t, STR("return"))) {
            give_back(k);
            return;
        }
    }
    if (!is_op(t, '{') && !is_op(t, '}'))
        shell_expr(k);
    k->at += k->at == was;
}

static void one_pass(struct look *k, int pass)
{
    k->pass = pass;
    k->scope = k->body = 0;
    k->at = 0;
    while (k->at < k->n_tok && !k->rc)
        shell_statement(k);
}

/* What the first pass left in a variable is what later code may see in it. */
static void between_passes(struct look *k)
{
    for (size_t i = 0; i < k->n_var; i++) {
        struct shell_var *v = &k->var[i];
        bool assigned = v->before.slot != 0 || v->set;
        if (v->set)
            v->before = v->now;
        v->before.slot = assigned;
        v->before.item = NULL;
        v->before.n_items = 0;
        v->before.roomy = false;
        v->now = (struct val){0};
        v->set = false;
    }
}

void shell_walk(struct look *k)
{
    uint32_t scope = k->scope, body = k->body;
    int pass = k->pass;
    enum shell_lang lang = k->lang;
    if (k->interesting && !k->rc && k->n_tok) {
        one_pass(k, 1);
        if (pass == 0)
            between_passes(k);
        one_pass(k, 2);
    }
    k->n_tok = k->at = 0;
    k->pass = pass;
    k->scope = scope;
    k->body = body;
    k->lang = lang;
}

void shell_inner(struct look *k, struct str code, uint32_t at, uint32_t len)
{
    if (k->layer >= SHELL_MAX_LAYERS || code.n < 4 || k->rc)
        return;
    if (++k->inners > SHELL_INNERS) {
        k->cut = true;
        return;
    }
    struct look *was = arena_new(k->arena, struct look);
    if (!was) {
        k->rc = ERR_NOMEM;
        return;
    }
    *was = *k;
    if (!k->pinned) {
        k->pinned = true;
        k->pin_at = at;
        k->pin_len = len;
    }
    k->tok = NULL;
    k->n_tok = k->cap_tok = k->at = 0;
    k->interesting = true;
    k->layer++;
    shell_page(k, code, STR(""), true);
    k->tok = was->tok;
    k->n_tok = was->n_tok;
    k->cap_tok = was->cap_tok;
    k->at = was->at;
    k->pinned = was->pinned;
    k->layer = was->layer;
    k->lang = was->lang;
    k->n_script_bytes = was->n_script_bytes;
}
