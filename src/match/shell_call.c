/* Calls: what a function does with its arguments, and whether that is where they must not end up.
 */
#include "match/shell_priv.h"

enum grade { GRADE_REQUEST, GRADE_REMOTE, GRADE_INPUT, GRADE_DECODED, GRADE_UNSET };

enum { CODED = 16 }; /* so long is a literal that a function of the file decodes */

struct call {
    struct look *k;
    const struct shell_role *role;
    struct str name;
    const struct val *object;
    struct val *arg;
    size_t n;
    struct val all; /* of the arguments together */
    uint32_t at, len;
    bool is_new, hidden;
};

static void grade(struct look *k, enum shell_sink sink, enum grade g, uint32_t at, uint32_t len)
{
    shell_see(k, k->s->to_sink[g][sink], at, len);
    if (k->layer >= 2 && g == GRADE_REQUEST)
        shell_saw(k, K_LAYERS, at, len);
}

void shell_silenced(struct look *k, uint32_t at, uint32_t len)
{
    if (!k->pinned && k->lang == SL_PHP && at && at < k->text.n && k->text.p[at - 1] == '@')
        shell_saw(k, K_SILENCED, at, len);
}

/* How what a request brings is run: undone first, or with errors kept quiet. Pages that run what
 * their administrator types do neither. */
static void manner(struct look *k, enum shell_sink sink, const struct val *v, uint32_t at,
                   uint32_t len)
{
    if (sink != SINK_EVAL && sink != SINK_COMMAND)
        return;
    if (v->taint & T_DECODED)
        shell_saw(k, K_REQUEST_DECODED, at, len);
    shell_silenced(k, at, len);
}

/* Must the first bytes be the sender's too? A name with a constant before it is a choice. */
static bool by_front(enum shell_sink sink)
{
    return sink == SINK_READ || sink == SINK_LIST || sink == SINK_INCLUDE ||
           sink == SINK_CALLBACK || sink == SINK_UPLOAD;
}

void shell_hit(struct look *k, enum shell_sink sink, const struct val *v, uint32_t at, uint32_t len)
{
    uint32_t params = v->taint >> 16 & ((1u << SHELL_PARAMS) - 1);
    bool front = v->taint & T_FRONT || !by_front(sink);
    if (k->body && params && front)
        for (uint32_t i = 0; i < SHELL_PARAMS; i++)
            if (params >> i & 1)
                k->func[k->body - 1].to_sink[i] |= 1u << sink;
    if (k->pass == 1)
        return;
    if (sink == SINK_EVAL && v->text.p && !(v->taint & T_REQUEST)) {
        if (v->taint & T_DECODED && v->text.n >= 4)
            grade(k, sink, GRADE_DECODED, at, len);
        struct str code = v->text;
        shell_inner(k, code, at, len);
        return;
    }
    if (v->taint & T_REQUEST && !(v->taint & T_FRONT) &&
        (sink == SINK_EVAL || sink == SINK_COMMAND))
        shell_saw(k, sink == SINK_EVAL ? K_INTO_EVAL : K_INTO_COMMAND, at, len);
    else if (v->taint & T_REQUEST && front) {
        grade(k, sink, GRADE_REQUEST, at, len);
        manner(k, sink, v, at, len);
    }
    if (v->taint & T_HEADER && sink == SINK_CONNECTION)
        shell_saw(k, K_HEADER_CONNECTION, at, len);
    if (v->taint & T_REMOTE)
        grade(k, sink, GRADE_REMOTE, at, len);
    if (v->taint & T_CONTROL)
        grade(k, sink, GRADE_INPUT, at, len);
    if (v->taint & T_UNSET && !(v->taint & T_REQUEST))
        grade(k, sink, GRADE_UNSET, at, len);
    bool basic = sink == SINK_EVAL && k->lang == SL_VB; /* no template engine does so */
    if (v->taint & T_DECODED && (v->taint & T_LONG || basic) && !(v->taint & T_PARAMS))
        grade(k, sink, GRADE_DECODED, at, len);
}

static bool one(const struct call *c, struct str what)
{
    return str_ieq(c->name, what);
}

static struct val argument(const struct call *c, size_t i)
{
    return i < c->n ? c->arg[i] : (struct val){.at = c->at, .len = c->len};
}

/* "/x/e" of preg_replace: what is put in is run. */
static bool pattern_runs(struct str p)
{
    size_t i = p.n;
    bool e = false;
    while (i > 0 && ascii_alpha((unsigned char)p.p[i - 1]))
        e |= p.p[--i] == 'e';
    return i > 1 && e;
}

static void sink_pattern(const struct call *c)
{
    struct look *k = c->k;
    struct val pattern = argument(c, 0), code = argument(c, 1), subject = argument(c, 2);
    bool mb = str_istarts(c->name, STR("mb_")) || str_istarts(c->name, STR("ereg"));
    struct val option = argument(c, 3);
    bool runs = mb ? option.text.p && str_chr(option.text, 'e') >= 0
                   : pattern.text.p && pattern_runs(pattern.text);
    if (runs) {
        struct val both = shell_merge(&code, &subject);
        if (code.text.p && !(subject.taint & T_REQUEST))
            both.text = code.text, both.taint |= code.taint | T_PIECED;
        shell_hit(k, SINK_EVAL, &both, c->at, c->len);
    } else if (pattern.taint & T_REQUEST && pattern.taint & T_FRONT && !mb) {
        shell_hit(k, SINK_PATTERN, &pattern, c->at, c->len);
    }
}

static const struct shell_role *role_named(const struct call *c, struct str name)
{
    ptrdiff_t colon = str_rchr(name, ':');
    name = str_sub(name, colon < 0 ? 0 : (size_t)colon + 1, name.n);
    return shell_role_find(c->k->s, c->k->lang, name);
}

/* Which argument names the function: the last of array_udiff(), the second of usort(). */
static size_t callback_place(const struct call *c)
{
    static const struct str second[] = {STR("usort"),        STR("uasort"),
                                        STR("uksort"),       STR("array_filter"),
                                        STR("array_walk"),   STR("array_walk_recursive"),
                                        STR("array_reduce"), STR("preg_replace_callback")};
    for (size_t i = 0; i < ARRAY_LEN(second); i++)
        if (one(c, second[i]))
            return 1;
    if (one(c, STR("filter_var"))) /* the value comes first, the function is an option */
        return 2;
    bool last = str_istarts(c->name, STR("array_")) && !one(c, STR("array_map"));
    return last && c->n > 1 ? c->n - 1 : 0;
}

/* array_map('name', ...), call_user_func($name, ...): a function by its name, or one of this file.
 */
static void sink_callback(const struct call *c)
{
    struct look *k = c->k;
    for (size_t i = 0; i < c->n && i < SHELL_ARGS; i++) {
        const struct val *f = &c->arg[i];
        if (f->func && !f->text.p) {
            struct shell_func *func = &k->func[f->func - 1];
            for (size_t s = 1; s < SINK_N; s++)
                for (size_t p = 0; p < SHELL_PARAMS; p++)
                    if (func->to_sink[p] >> s & 1)
                        shell_hit(k, (enum shell_sink)s, &c->all, c->at, c->len);
        }
        const struct shell_role *r = f->text.p ? role_named(c, f->text) : NULL;
        for (uint32_t j = 0; !r && j < f->n_items && j < 8; j++)
            r = f->item[j].text.p ? role_named(c, f->item[j].text) : NULL;
        if (!r || (r->sink != SINK_EVAL && r->sink != SINK_COMMAND && r->sink != SINK_CREATE))
            continue;
        struct val others = {.taint = c->object ? c->object->taint : 0, .at = c->at, .len = c->len};
        for (size_t j = 0; j < c->n && j < SHELL_ARGS; j++)
            if (j != i || f->n_items)
                others = shell_merge(&others, &c->arg[j]);
        shell_hit(k, r->sink == SINK_COMMAND ? SINK_COMMAND : SINK_EVAL, &others, c->at, c->len);
        if (k->pass == 2 && (f->taint & (T_PIECED | T_DECODED)))
            shell_saw(k, K_HIDDEN_NAME, c->at, c->len);
        if (k->pass == 2)
            shell_saw(k, K_SINK_AS_CALLBACK, c->at, c->len);
    }
    struct val name = argument(c, callback_place(c));
    if (!name.n_items)
        shell_hit(k, SINK_CALLBACK, &name, c->at, c->len);
    if (name.taint & (T_DECODED | T_PIECED) && !name.text.p && !name.n_items &&
        c->all.taint & T_REQUEST)
        shell_saw(k, K_REQUEST_TO_HIDDEN, c->at, c->len);
}

/* A file written: who chose its name, and who its bytes? */
static void sink_write(const struct call *c, const struct val *target, const struct val *content)
{
    struct look *k = c->k;
    struct val both = shell_merge(target, content);
    uint32_t asked = T_REQUEST | T_CONTROL;
    if (target->taint & T_PARAMS || content->taint & T_PARAMS)
        shell_hit(k, SINK_WRITE, &both, c->at, c->len);
    if (k->pass == 1)
        return;
    if (target->taint & T_UPLOAD)
        return;
    if (content->taint & T_REQUEST && target->slot && !c->object)
        shell_taint_slot(k, target, T_REQUEST | T_FRONT); /* including it runs the request */
    if (target->taint & asked && content->taint & asked)
        shell_hit(k, SINK_WRITE, &both, c->at, c->len);
    if (target->taint & T_SCRIPT && content->taint & (asked | T_REMOTE))
        shell_saw(k, K_REQUEST_TO_SCRIPT, c->at, c->len);
    if (target->taint & asked && content->taint & T_REMOTE)
        shell_hit(k, SINK_WRITE, content, c->at, c->len);
    if (target->taint & T_SCRIPT && content->text.p && content->text.n > 8 &&
        (str_ifind(content->text, STR("<?php")) >= 0 || str_ifind(content->text, STR("<%")) >= 0 ||
         str_ifind(content->text, STR("eval(")) >= 0))
        shell_saw(k, content->taint & T_DECODED ? K_DECODED_SCRIPT : K_CODE_TO_SCRIPT, c->at,
                  c->len);
}

static void sink_upload(const struct call *c)
{
    struct look *k = c->k;
    struct val to = c->k->lang == SL_PHP ? argument(c, 1) : argument(c, 0);
    if (k->lang == SL_PHP && one(c, STR("copy")) && !(argument(c, 0).taint & T_UPLOAD)) {
        if (argument(c, 0).taint & T_REQUEST && to.taint & T_REQUEST)
            shell_hit(k, SINK_WRITE, &to, c->at, c->len);
        if (argument(c, 0).taint & T_REMOTE)
            sink_write(c, &to, &c->arg[0]);
        return;
    }
    to.taint |= to.taint & (T_REQUEST | T_CONTROL | T_UPLOAD | T_PARAMS) ? T_FRONT : 0;
    if (to.taint & T_UPLOAD)
        to.taint |= T_REQUEST;
    shell_hit(k, SINK_UPLOAD, &to, c->at, c->len);
}

/* Whom, about what, and the text: only who sends to strangers takes all of it from a request. */
static void sink_mail(const struct call *c)
{
    struct val to = argument(c, 0);
    if (to.taint & argument(c, 1).taint & argument(c, 2).taint & T_REQUEST)
        shell_hit(c->k, SINK_MAIL, &to, c->at, c->len);
}

static void danger(const struct call *c)
{
    struct look *k = c->k;
    for (size_t i = 0; i < c->n; i++) {
        if (c->arg[i].text.n > 8 && c->arg[i].taint & T_PIECED && k->lang != SL_PHP)
            shell_saw(k, K_PIECED_COMPONENT, c->at, c->len);
        const struct shell_role *r =
            c->arg[i].text.p ? shell_role_find(k->s, k->lang, c->arg[i].text) : NULL;
        if (r && r->is & ROLE_DANGER) {
            c->arg[i].taint |= T_DANGER;
            k->can |= r->can;
            if (k->pass == 2) {
                shell_saw(k, K_DANGER_NAME, c->at, c->len);
                if (c->arg[i].taint & (T_PIECED | T_DECODED))
                    shell_saw(k, K_HIDDEN_NAME, c->at, c->len);
            }
        }
    }
}

static void sinks(struct call *c)
{
    struct look *k = c->k;
    enum shell_sink sink = (enum shell_sink)c->role->sink;
    struct val first = argument(c, 0), second = argument(c, 1);
    struct val all = c->all;
    switch (sink) {
    case SINK_NONE: return;
    case SINK_EVAL:
        if (k->lang != SL_PHP && c->n > 1)
            first.taint |= all.taint & (T_PARAMS | T_REQUEST | T_FRONT | T_CONTROL);
        shell_hit(k, sink, &first, c->at, c->len);
        break;
    case SINK_CREATE: shell_hit(k, SINK_EVAL, &second, c->at, c->len); break;
    case SINK_PATTERN: sink_pattern(c); break;
    case SINK_CALLBACK: sink_callback(c); break;
    case SINK_WRITE:
        if (c->object)
            sink_write(c, c->object->taint & T_HANDLE || c->n < 2 ? c->object : &first,
                       c->object->taint & T_HANDLE || c->n < 2 ? &all : &second);
        else
            sink_write(c, &first, &second);
        break;
    case SINK_UPLOAD: sink_upload(c); break;
    case SINK_MAIL: sink_mail(c); break;
    case SINK_DATABASE:
        if (k->lang != SL_PHP || all.taint & (T_FRONT | T_PARAMS)) /* or only a value of it */
            shell_hit(k, sink, &all, c->at, c->len);
        break;
    case SINK_CLASS:
    case SINK_COMMAND:
        if (c->object && c->object->taint & T_HANDLE)
            return;
        if (c->object && sink == SINK_CLASS)
            all = shell_merge(&all, c->object);
        if (k->lang == SL_PHP && !c->object && !one(c, STR("pcntl_exec")) &&
            !one(c, STR("ssh2_exec")))
            all = first; /* exec($command, $output): the others are filled */
        shell_hit(k, sink, &all, c->at, c->len);
        break;
    case SINK_LIST:
        if (c->object && k->lang != SL_PHP)
            all = shell_merge(&all, c->object);
        shell_hit(k, sink, &all, c->at, c->len);
        break;
    default: shell_hit(k, sink, &all, c->at, c->len);
    }
    if (c->hidden && k->pass == 2 && sink != SINK_WRITE && sink != SINK_DATABASE &&
        sink != SINK_READ && sink != SINK_LIST)
        shell_saw(k, K_HIDDEN_NAME, c->at, c->len);
}

/* A function of this file: what its parameters reach, its arguments reach. */
static struct val user_call(const struct call *c, uint32_t func)
{
    struct look *k = c->k;
    struct shell_func *f = &k->func[func - 1];
    struct val r = {.taint = f->ret & 0xffff, .at = c->at, .len = c->len};
    uint32_t ret = f->ret;
    for (size_t i = 0; i < c->n && i < SHELL_PARAMS; i++) {
        uint32_t reaches = k->func[func - 1].to_sink[i];
        for (uint32_t s = 1; reaches && s < SINK_N; s++)
            if (reaches >> s & 1) {
                struct val v = c->arg[i];
                if (s == SINK_WRITE && !(c->all.taint & T_REQUEST && c->n > 1))
                    continue;
                shell_hit(k, (enum shell_sink)s, &v, c->arg[i].len ? c->arg[i].at : c->at,
                          c->arg[i].len ? c->arg[i].len : c->len);
            }
        uint32_t slot = k->func[func - 1].to_slot[i],
                 kept = c->arg[i].taint & (T_REQUEST | T_FRONT);
        if (slot && kept & T_REQUEST)
            shell_taint_slot(k, &(struct val){.slot = slot}, kept);
        if (ret >> 16 >> i & 1)
            r.taint |= c->arg[i].taint | (ret & T_DECODED);
        if (k->lang != SL_PHP && k->func[func - 1].decodes && c->arg[i].text.n >= CODED)
            r.taint |= T_DECODED | (c->arg[i].taint & T_LONG);
    }
    if (c->object)
        r.taint |= c->object->taint & (T_REQUEST | T_FRONT | T_CONTROL);
    if (k->pass == 1 && f->ret == 0 && f->n_params == 0)
        r.taint |= c->all.taint;
    return r;
}

static bool remote_name(const struct val *v)
{
    return v->taint & T_REQUEST ||
           (v->text.p && (str_istarts(v->text, STR("http")) ||
                          str_istarts(v->text, STR("ftp://")) || str_starts(v->text, STR("//"))));
}

static bool writes(const struct call *c)
{
    struct val mode = argument(c, 1);
    return mode.text.p && mode.text.n &&
           (str_chr(STR("waxc"), mode.text.p[0]) >= 0 || str_chr(mode.text, '+') >= 0);
}

static struct val opened(const struct call *c, struct val r)
{
    struct val mode = argument(c, 1);
    bool reads = mode.text.p && mode.text.n && ascii_lower((unsigned char)mode.text.p[0]) == 'r' &&
                 str_chr(mode.text, '+') < 0 && c->k->lang == SL_PHP;
    if (argument(c, 0).text.p && shell_script_name(c->k->s, argument(c, 0).text))
        r.taint |= T_SCRIPT;
    if (reads)
        r.taint = (r.taint & ~(uint32_t)(T_REQUEST | T_SCRIPT | T_FRONT)) | T_FILE;
    else
        r.taint |= T_HANDLE;
    return r;
}

static struct val source_value(const struct call *c, struct val r)
{
    struct val first = argument(c, 0);
    uint32_t is = c->role->is;
    bool own = first.text.p &&
               (str_ieq(first.text, STR("php://input")) || str_istarts(first.text, STR("HTTP_")) ||
                str_ieq(first.text, STR("QUERY_STRING")));
    if ((is & ROLE_SOURCE_CALL && !(is & ROLE_READ)) || (is & ROLE_READ && own)) {
        r.taint |= T_REQUEST | T_FRONT;
        if (str_ifind(c->name, STR("header")) >= 0)
            r.taint |= T_HEADER;
        shell_saw(c->k, K_READS_REQUEST, c->at, c->len);
    } else if (is & ROLE_REMOTE && remote_name(&first)) {
        r.taint = T_REMOTE;
    } else if (is & ROLE_READ) {
        r.taint = T_FILE;
    }
    return r;
}

/* What comes out, by what the function stands for. */
static struct val outcome(struct call *c)
{
    struct look *k = c->k;
    struct val r = {.taint = c->all.taint, .at = c->at, .len = c->len};
    uint32_t is = c->role->is;
    if (c->object)
        r.taint |= c->object->taint;
    r.taint &= ~(uint32_t)(T_PIECED | T_SCRIPT);
    if (c->role->op) {
        struct val arg[SHELL_ARGS + 1] = {0};
        size_t n = 0;
        bool method = c->object && k->lang != SL_PHP && !c->object->taint && !c->object->text.p;
        if (c->object && k->lang != SL_PHP && c->object->text.p)
            arg[n++] = *c->object; /* "abc".replace(...) */
        (void)method;
        for (size_t i = 0; i < c->n && n < SHELL_ARGS; i++)
            arg[n++] = c->arg[i];
        if (!(r.taint & T_REQUEST) &&
            shell_const_op(k, (enum shell_op)c->role->op, arg, n, k->lang, &r))
            r.taint |= T_PIECED;
        bool undoes = c->role->op <= OP_CHR || c->role->op == OP_PACK || c->role->op == OP_OTHER ||
                      c->role->op == OP_TRANSLATE;
        if (undoes && k->body)
            k->func[k->body - 1].decodes = true;
        if (undoes)
            r.taint |= r.taint & (T_REQUEST | T_LONG | T_PARAMS) || r.text.p ? T_DECODED : 0;
        if (r.text.n >= SHELL_LONG)
            r.taint |= T_LONG;
        return r;
    }
    if (is & ROLE_HASH)
        r.taint = c->all.taint & T_REQUEST ? T_HASH : 0;
    else if (is & ROLE_SOURCE && k->lang != SL_PHP)
        r.taint |= T_REQUEST | T_FRONT, shell_saw(k, K_READS_REQUEST, c->at, c->len);
    else if (is & ROLE_OPEN && (!(is & ROLE_READ) || writes(c)))
        r = opened(c, r);
    else if (is & (ROLE_SOURCE_CALL | ROLE_REMOTE | ROLE_READ))
        r = source_value(c, r);
    else if (is & ROLE_CLEAN)
        r.taint = 0;
    else if (is & ROLE_REFLECT && c->object && c->object->taint & T_DANGER)
        r.taint |= T_DANGER;
    else if (!(is & (ROLE_PASS | ROLE_FEED | ROLE_FILL | ROLE_REFLECT)) && k->lang == SL_PHP)
        r.taint = c->object ? c->object->taint : 0;
    return r;
}

static void effects(const struct call *c)
{
    struct look *k = c->k;
    uint32_t is = c->role->is, told = c->all.taint;
    if (is & ROLE_FILL) {
        told |= c->object ? c->object->taint : 0;
        for (size_t i = 0; i < c->n; i++)
            shell_taint_slot(k, &c->arg[i], told & ~(uint32_t)(T_PIECED | T_HANDLE | T_SCRIPT));
    }
    if (is & ROLE_FEED && c->object)
        shell_taint_slot(k, c->object, told & ~(uint32_t)(T_PIECED | T_SCRIPT));
    if (is & ROLE_IMPORT && told & T_REQUEST && (c->n < 2 || c->n > 3 || c->role->sink == 0)) {
        if (k->pass == 1 && c->n < 2)
            k->imports = true;
        shell_saw(k, K_IMPORTS_REQUEST, c->at, c->len);
    }
    if (is & ROLE_REFLECT) {
        uint32_t object = c->object ? c->object->taint : 0;
        if ((object | told) & T_DANGER && told & (T_REQUEST | T_PARAMS))
            shell_hit(k, SINK_COMMAND, &c->all, c->at, c->len);
        else if (c->n && c->arg[0].taint & T_REQUEST && c->arg[0].taint & T_FRONT)
            shell_saw(k, K_REQUEST_NAMES_CLASS, c->at, c->len);
    }
    if (c->role->can) {
        k->can |= k->pass == 2 ? c->role->can : 0;
        for (size_t i = 0; i < k->s->n_cans && k->pass == 2; i++)
            if (c->role->can >> i & 1)
                shell_see(k, k->s->can[i], c->at, c->len);
    }
}

static struct val known_call(struct call *c)
{
    static const struct shell_role nothing = {0};
    struct look *k = c->k;
    if (!c->role)
        c->role = &nothing;
    if (c->role->is & ROLE_REFLECT)
        danger(c);
    for (size_t i = 0; i < c->n; i++)
        c->all.taint |= c->arg[i].taint & T_DANGER;
    if (c->role->sink == SINK_COMMAND && k->pass == 2)
        for (size_t i = 0; i < c->n; i++)
            if (c->arg[i].text.p && (str_ifind(c->arg[i].text, STR("cmd.exe")) >= 0 ||
                                     str_ifind(c->arg[i].text, STR("/bin/")) >= 0))
                shell_saw(k, K_COMMAND_SHELL, c->at, c->len);
    struct val r = outcome(c);
    effects(c);
    sinks(c);
    return r;
}

static bool nameless(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] != '_' && name.p[i] != '$' && !ascii_digit((unsigned char)name.p[i]))
            return false;
    return name.n > 0;
}

/* A call of a value: $f(...), $_GET['f'](...), ('a'.'b')(...). */
static struct val value_call(struct call *c, const struct val *callee)
{
    struct look *k = c->k;
    struct val r = {
        .taint = callee->taint & ~(uint32_t)(T_PIECED | T_FRONT), .at = c->at, .len = c->len};
    r.taint |= c->all.taint;
    if (callee->func && !callee->text.p)
        return user_call(c, callee->func);
    if (k->lang != SL_PHP)
        return r;
    if (callee->last && !callee->text.p && nameless(k->sym[callee->last - 1].name))
        shell_saw(k, K_NAMELESS_CALL, c->at, c->len);
    if (callee->taint & T_REQUEST && callee->taint & T_FRONT) {
        shell_saw(k, c->all.taint & T_REQUEST ? K_REQUEST_CALLS_FUNCTION : K_REQUEST_NAMES_FUNCTION,
                  c->at, c->len);
    } else if (callee->taint & T_PARAMS && k->body && callee->taint & T_FRONT) {
        shell_hit(k, SINK_CALLBACK, callee, c->at, c->len);
    } else if (!callee->text.p && c->all.taint & T_REQUEST) {
        shell_saw(k,
                  callee->taint & (T_DECODED | T_PIECED | T_LONG) ? K_REQUEST_TO_HIDDEN
                                                                  : K_UNSEEN_CALL,
                  c->at, c->len);
    }
    return r;
}

static struct str joined(struct look *k, struct str a, struct str b, char *to, size_t max)
{
    (void)k;
    if (a.n + b.n + 1 > max)
        return STR_NONE;
    memcpy(to, a.p ? a.p : "", a.n);
    to[a.n] = '.';
    memcpy(to + a.n + 1, b.p, b.n);
    return str_make(to, a.n + b.n + 1);
}

/* What the name stands for: "object.name" before "name"; of PHP's methods "->name". */
static const struct shell_role *role_of(const struct call *c, uint32_t sym)
{
    struct look *k = c->k;
    char text[96];
    struct str name = STR_NONE;
    const struct shell_role *r = NULL;
    if (c->is_new)
        name = joined(k, STR("new"), c->name, text, sizeof text);
    else if (c->object && k->lang == SL_PHP)
        name = joined(k, STR("-"), c->name, text, sizeof text);
    else if (c->object && c->object->last)
        name = joined(k, k->sym[c->object->last - 1].name, c->name, text, sizeof text);
    if (name.p)
        r = shell_role_find(k->s, k->lang, name);
    if (r || (k->lang == SL_PHP && (c->object || c->is_new)))
        return r;
    (void)sym;
    return shell_role_find(k->s, k->lang, c->name);
}

static uint32_t own_function(const struct call *c, uint32_t sym)
{
    struct look *k = c->k;
    uint32_t func = k->sym[sym].func;
    if (k->lang == SL_PHP && c->is_new) {
        uint32_t made = shell_sym(k, STR("__construct"), SL_PHP);
        func = k->sym[made].func ? k->sym[made].func : k->sym[sym].func;
    }
    if (k->lang == SL_PHP && !c->object && !c->is_new && c->role)
        return 0;
    return func;
}

struct val shell_call(struct look *k, uint32_t sym, const struct val *callee,
                      const struct val *object, struct val *arg, size_t n, const struct tok *open,
                      bool is_new)
{
    struct call c = {.k = k,
                     .object = object,
                     .arg = arg,
                     .n = n,
                     .is_new = is_new,
                     .at = open->at,
                     .len = open->len};
    c.all = (struct val){.at = c.at, .len = c.len};
    if (k->rc)
        return c.all;
    for (size_t i = 0; i < n; i++)
        c.all = shell_merge(&c.all, &arg[i]);
    c.all.func = 0;
    if (callee) {
        struct str name = callee->text;
        if (!name.p || name.n == 0 || name.n > 80 || k->lang != SL_PHP || callee->taint & T_REQUEST)
            return value_call(&c, callee);
        if (name.p[0] == '\\')
            name = str_sub(name, 1, name.n);
        sym = shell_sym(k, name, k->lang);
        c.hidden = callee->taint & (T_PIECED | T_DECODED | T_LONG);
    }
    c.name = k->sym[sym].name;
    c.role = object || is_new ? role_of(&c, sym) : k->sym[sym].role;
    if (object && !c.role && k->lang != SL_PHP)
        c.role = k->sym[sym].role;
    if (open->flags & TOK_COMMENT && c.role && c.role->sink && k->pass == 2)
        shell_saw(k, K_COMMENT_SPLITS, c.at, c.len);
    uint32_t func = own_function(&c, sym);
    struct val r;
    if (func && !(c.role && is_new && k->lang != SL_PHP)) {
        r = user_call(&c, func);
    } else {
        r = known_call(&c);
        if (object && k->lang == SL_PHP && !c.role)
            r.taint = object->taint;
        else if (callee && !c.role)
            r.taint |= c.all.taint; /* a name put together to what is not known */
    }
    if (is_new && k->lang == SL_PHP) {
        uint32_t invoke = shell_sym(k, STR("__invoke"), SL_PHP);
        r.func = k->sym[invoke].func;
    }
    r.last = sym + 1;
    r.slot = 0;
    return r;
}
