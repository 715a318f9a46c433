/* Variables: where their values are kept between the passes, and what reading one gives. */
#include "match/shell_priv.h"

static void var_slots(struct look *k)
{
    size_t mask = 2 * k->cap_var - 1;
    k->var_slot = arena_new_n(k->arena, uint32_t, mask + 1);
    if (!k->var_slot) {
        k->rc = ERR_NOMEM;
        return;
    }
    for (size_t n = 0; n < k->n_var; n++) {
        size_t i = (k->var[n].key * 0x9e3779b97f4a7c15u >> 32) & mask;
        while (k->var_slot[i])
            i = (i + 1) & mask;
        k->var_slot[i] = (uint32_t)n + 1;
    }
}

/* The number of a variable, + 1; 0: no more room. */
uint32_t shell_slot(struct look *k, uint32_t scope, uint32_t sym)
{
    uint64_t key = (uint64_t)scope << 32 | sym;
    if (k->n_var >= SHELL_SYMBOLS) {
        k->cut = true;
        return 0;
    }
    if (k->n_var == k->cap_var) {
        k->var = shell_grow(k, k->var, k->n_var, &k->cap_var, sizeof *k->var);
        if (!k->rc)
            var_slots(k);
    }
    if (k->rc)
        return 0;
    size_t mask = 2 * k->cap_var - 1, i = (key * 0x9e3779b97f4a7c15u >> 32) & mask;
    for (; k->var_slot[i]; i = (i + 1) & mask)
        if (k->var[k->var_slot[i] - 1].key == key)
            return k->var_slot[i];
    k->var[k->n_var] = (struct shell_var){.key = key};
    k->var_slot[i] = (uint32_t)++k->n_var;
    return (uint32_t)k->n_var;
}

static uint32_t var_scope(struct look *k, uint32_t sym)
{
    const struct shell_sym *s = &k->sym[sym];
    bool everywhere = s->role && s->role->is & ROLE_KEEP;
    if (k->scope == 0 || everywhere)
        return 0;
    uint32_t here = shell_slot(k, k->scope, sym);
    if (k->lang == SL_PHP || !here || k->var[here - 1].set)
        return k->scope;
    uint32_t outer = shell_slot(k, 0, sym); /* a field, or a variable of the page */
    return outer && k->var[outer - 1].set ? 0 : k->scope;
}

struct val shell_var_read(struct look *k, uint32_t sym)
{
    const struct shell_role *r = k->sym[sym].role;
    struct val v = {.last = sym + 1};
    uint32_t scope = var_scope(k, sym), slot = shell_slot(k, scope, sym);
    if (slot) {
        struct shell_var *var = &k->var[slot - 1];
        if (var->set)
            v = var->now;
        else if (scope == 0)
            v = var->before;
        if (!var->set && !var->before.taint && !var->before.text.p && scope == 0 && !r &&
            k->lang == SL_PHP && k->pass == 2 && k->var[slot - 1].before.slot == 0)
            v.taint |= k->imports ? T_REQUEST | T_FRONT : T_UNSET;
    }
    v.slot = slot;
    v.last = sym + 1;
    v.part = false;
    if (r && r->is & ROLE_SOURCE) {
        v.taint |= T_REQUEST | T_FRONT;
        shell_saw(k, K_READS_REQUEST, k->at < k->n_tok ? k->tok[k->at].at : 0, 1);
    }
    if (r && r->is & ROLE_UPLOAD)
        v.taint |= T_UPLOAD;
    return v;
}

/* The variable that a text names: $$x, ${'_POST'}, $GLOBALS['x']. */
struct val shell_named_read(struct look *k, struct str name)
{
    char *p = name.n < 128 ? arena_alloc(k->arena, name.n + 2) : NULL;
    if (!p || name.n == 0)
        return (struct val){0};
    p[0] = '$';
    memcpy(p + 1, name.p, name.n);
    uint32_t scope = k->scope;
    struct val v = shell_var_read(k, shell_sym(k, str_make(p, name.n + 1), SL_PHP));
    k->scope = scope;
    return v;
}

void shell_taint_slot(struct look *k, const struct val *to, uint32_t taint)
{
    if (to->slot) {
        struct shell_var *v = &k->var[to->slot - 1];
        v->now.taint |= taint;
        v->now.text = STR_NONE;
        v->set = true;
        v->before.slot = 1;
    }
}

enum { KEPT = T_REQUEST | T_FRONT | T_REMOTE | T_CONTROL | T_UPLOAD | T_PARAMS };

static void assign_item(struct look *k, struct shell_var *var, const struct val *v, int64_t index)
{
    if (!var->now.roomy) {
        struct val *own = arena_new_n(k->arena, struct val, SHELL_GROWN);
        uint32_t n = var->now.n_items < SHELL_GROWN ? var->now.n_items : SHELL_GROWN;
        if (own && n)
            memcpy(own, var->now.item, n * sizeof *own);
        var->now.n_items = own ? n : 0;
        var->now.item = own;
        var->now.roomy = own != NULL;
    }
    if (!var->now.item || index < 0 || index > var->now.n_items || index >= SHELL_GROWN)
        return;
    var->now.item[index] = *v;
    if (index == var->now.n_items)
        var->now.n_items++;
}

/* A parameter kept in a property: who calls the function fills the property. */
static uint32_t keep_params(struct look *k, uint32_t slot, uint32_t taint)
{
    if (k->var[slot - 1].key >> 32 != SCOPE_PROPERTY || !k->body)
        return taint;
    for (uint32_t i = 0; i < SHELL_PARAMS; i++)
        if (taint >> 16 >> i & 1)
            k->func[k->body - 1].to_slot[i] = slot;
    return taint & ~(uint32_t)T_PARAMS;
}

void shell_assign(struct look *k, const struct val *to, const struct val *v, bool append)
{
    if (!to->slot)
        return;
    struct shell_var *var = &k->var[to->slot - 1];
    struct val new = *v;
    bool constant = v->text.p || v->is_num;
    if (append) {
        struct val old = var->set ? var->now : var->before;
        new = shell_concat(k, &old, v);
        if (!var->set && !old.text.p)
            new.text = STR_NONE;
        var = &k->var[to->slot - 1];
    } else if (to->part) {
        if (var->now.n_items < SHELL_GROWN && (constant || v->func))
            assign_item(k, var, v, to->num);
        var->now.taint |= keep_params(k, to->slot, v->taint);
        var->now.text = STR_NONE;
        var->set = true;
        var->before.slot = 1;
        return;
    } else if (constant) {
        new.taint |= var->now.taint &KEPT; /* if (isset(..)) $c = $_GET[..]; else $c = 'ls'; */
        if (new.taint & KEPT)
            new.text = STR_NONE;
    }
    new.slot = 0;
    new.taint = keep_params(k, to->slot, new.taint);
    new.roomy = false; /* two variables must not share what grows */
    var->now = new;
    var->set = true;
    var->before.slot = 1; /* assigned somewhere: no longer of unknown origin */
}

/* One "$name" of a text, with "[key]" or "->x" behind it. */
static struct val simple_var(struct look *k, struct str s, size_t *at)
{
    size_t i = *at + 1;
    while (i < s.n && (ascii_alpha((unsigned char)s.p[i]) || ascii_digit((unsigned char)s.p[i]) ||
                       s.p[i] == '_' || (unsigned char)s.p[i] >= 0x80))
        i++;
    struct val v = shell_var_read(k, shell_sym(k, str_sub(s, *at, i), SL_PHP));
    if (i < s.n && s.p[i] == '[') {
        ptrdiff_t close = str_chr(str_sub(s, i, i + 80), ']');
        struct str key = str_sub(s, i + 1, close < 0 ? i + 1 : i + (size_t)close);
        struct val index = {.text = key};
        index.is_num = str_i64(key, &index.num);
        v = shell_index(k, &v, &index);
        i += close < 0 ? 1 : (size_t)close + 1;
    }
    *at = i;
    return v;
}

/* "{$...}" and "${...}": an expression of its own. */
static struct val braced(struct look *k, struct str s, size_t *at)
{
    ptrdiff_t close = str_chr(str_sub(s, *at, *at + 1024), '}');
    struct str code = str_sub(s, *at, close < 0 ? s.n : *at + (size_t)close);
    if (s.p[*at] == '$') { /* ${name} or ${expression} */
        code = str_sub(s, *at + 2, *at + code.n);
        *at += code.n + 2 + (close >= 0);
        bool name = code.n > 0;
        for (size_t i = 0; i < code.n; i++)
            name = name && (ascii_alpha((unsigned char)code.p[i]) || code.p[i] == '_');
        if (name)
            return shell_named_read(k, code);
    } else {
        code = str_sub(code, 1, code.n);
        *at += code.n + 1 + (close >= 0);
    }
    if (k->layer >= SHELL_MAX_LAYERS)
        return (struct val){0};
    const struct {
        struct tok *tok;
        size_t n_tok, cap_tok, at, n_script_bytes;
        int layer;
    } was = {k->tok, k->n_tok, k->cap_tok, k->at, k->n_script_bytes, k->layer};
    size_t from = 0;
    k->tok = k->scratch[k->layer];
    k->cap_tok = k->cap_scratch[k->layer];
    k->n_tok = k->at = 0;
    k->layer++;
    shell_tokens(k, code, &from, code.n, SL_PHP);
    struct val v = shell_expr(k);
    k->scratch[was.layer] = k->tok;
    k->cap_scratch[was.layer] = k->cap_tok;
    k->tok = was.tok;
    k->n_tok = was.n_tok;
    k->cap_tok = was.cap_tok;
    k->at = was.at;
    k->layer = was.layer;
    k->n_script_bytes = was.n_script_bytes;
    return v;
}

struct val shell_interpolate(struct look *k, const struct tok *t)
{
    struct str s = t->text;
    struct val v = {.text = STR(""), .at = t->at, .len = t->len};
    size_t at = 0, parts = 0;
    while (at < s.n && parts++ < 256) {
        ptrdiff_t d = str_chr(str_sub(s, at, s.n), '$');
        size_t to = d < 0 ? s.n : at + (size_t)d;
        bool brace = to > at && to < s.n && s.p[to - 1] == '{';
        struct val piece = {.text = str_sub(s, at, to - brace), .at = t->at, .len = t->len};
        v = shell_concat(k, &v, &piece);
        if (to >= s.n)
            break;
        at = to - brace;
        if (brace || (to + 1 < s.n && s.p[to + 1] == '{')) {
            piece = braced(k, s, &at);
        } else if (to + 1 < s.n && (ascii_alpha((unsigned char)s.p[to + 1]) || s.p[to + 1] == '_' ||
                                    (unsigned char)s.p[to + 1] >= 0x80)) {
            piece = simple_var(k, s, &at);
        } else {
            at = to + 1;
            piece = (struct val){.text = STR("$")};
        }
        piece.at = t->at;
        piece.len = t->len;
        v = shell_concat(k, &v, &piece);
    }
    v.slot = 0;
    if (v.text.n < 2)
        v.taint &= ~(uint32_t)T_PIECED;
    return v;
}

/* $_SERVER holds what a request says beside what it does not. */
static bool server_key(struct str key)
{
    return !key.p || str_istarts(key, STR("HTTP_")) || str_ieq(key, STR("QUERY_STRING")) ||
           str_ieq(key, STR("REQUEST_URI")) || str_istarts(key, STR("PHP_AUTH")) ||
           str_ieq(key, STR("PATH_INFO")) || str_ieq(key, STR("argv"));
}

struct val shell_index(struct look *k, const struct val *v, const struct val *index)
{
    struct val r = *v;
    struct str name = v->last ? k->sym[v->last - 1].name : STR_NONE;
    r.text = STR_NONE;
    r.is_num = false;
    r.item = NULL;
    r.n_items = 0;
    r.roomy = false;
    r.part = true;
    r.func = v->func;
    r.num = index->is_num ? index->num : -1;
    if (str_eq(name, STR("$GLOBALS")) && index->text.p)
        return shell_named_read(k, index->text);
    if (str_eq(name, STR("$_SERVER")))
        r.taint = server_key(index->text) && !(index->is_num) ? T_REQUEST | T_FRONT | T_HEADER : 0;
    if (v->n_items && index->is_num && index->num >= 0 && index->num < v->n_items) {
        uint32_t slot = r.slot;
        r = v->item[index->num];
        r.slot = slot;
        r.part = true;
        r.num = index->num;
        return r;
    }
    int64_t at = index->is_num ? index->num : -1;
    if (v->text.p && index->is_num && at < 0)
        at += (int64_t)v->text.n;
    if (v->text.p && at >= 0 && (size_t)at < v->text.n) {
        r.text = str_sub(v->text, (size_t)at, (size_t)at + 1);
        r.taint |= T_PIECED;
        r.taint &= ~(uint32_t)T_LONG;
    }
    return r;
}
