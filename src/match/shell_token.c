/* From code to tokens: comments go, escapes of strings are undone, names are numbered. One cutter
 * for PHP, VBScript, C# and JScript, Java: they differ in comments, strings and line ends. */
#include "match/shell_priv.h"

enum { PAYLOAD = 1200 }; /* so long a literal without blanks is data */
enum { PUSHED = 160 };   /* so many blanks hide what follows from who looks */

struct cut {
    struct look *k;
    struct str text;
    size_t at, end;
    enum shell_lang lang;
    uint8_t flags;
    bool script_ended;
};

static bool name_byte(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || c == '_' || c >= 0x80;
}

static unsigned char peek(const struct cut *c, size_t ahead)
{
    return c->at + ahead < c->end ? (unsigned char)c->text.p[c->at + ahead] : 0;
}

static struct tok *emit(struct cut *c, enum tok_kind kind, size_t from)
{
    struct look *k = c->k;
    if (k->n_tok == k->cap_tok)
        k->tok = shell_grow(k, k->tok, k->n_tok, &k->cap_tok, sizeof *k->tok);
    if (k->rc || k->n_tok >= SHELL_MAX_TOKENS) {
        k->cut = true;
        k->spill = (struct tok){0};
        return &k->spill;
    }
    struct tok *t = &k->tok[k->n_tok++];
    *t = (struct tok){.kind = (uint8_t)kind,
                      .flags = c->flags,
                      .lang = (uint8_t)c->lang,
                      .at = (uint32_t)from,
                      .len = (uint32_t)(c->at - from)};
    c->flags = 0;
    k->n_total++;
    return t;
}

static uint64_t name_hash(struct str name, bool fold)
{
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < name.n; i++) {
        unsigned char b = (unsigned char)name.p[i];
        h = (h ^ (fold ? ascii_lower(b) : b)) * 1099511628211u;
    }
    return h ^ h >> 31;
}

static void sym_slots(struct look *k)
{
    size_t mask = 2 * k->cap_sym - 1;
    k->sym_slot = arena_new_n(k->arena, uint32_t, mask + 1);
    if (!k->sym_slot) {
        k->rc = ERR_NOMEM;
        return;
    }
    for (size_t n = 0; n < k->n_sym; n++) {
        size_t i = k->sym[n].hash & mask;
        while (k->sym_slot[i])
            i = (i + 1) & mask;
        k->sym_slot[i] = (uint32_t)n + 1;
    }
}

uint32_t shell_sym(struct look *k, struct str name, enum shell_lang lang)
{
    bool fold = lang == SL_VB || (lang == SL_PHP && name.n && name.p[0] != '$');
    uint64_t h = name_hash(name, fold) + (uint64_t)lang * 0x9e3779b97f4a7c15u;
    if (k->n_sym >= SHELL_SYMBOLS) {
        k->cut = true;
        return 0;
    }
    if (k->n_sym == k->cap_sym) {
        k->sym = shell_grow(k, k->sym, k->n_sym, &k->cap_sym, sizeof *k->sym);
        if (!k->rc)
            sym_slots(k);
    }
    if (k->rc)
        return 0;
    size_t mask = 2 * k->cap_sym - 1, i = h & mask;
    for (; k->sym_slot[i]; i = (i + 1) & mask) {
        struct shell_sym *s = &k->sym[k->sym_slot[i] - 1];
        if (s->hash == h && (fold ? str_ieq(s->name, name) : str_eq(s->name, name)))
            return k->sym_slot[i] - 1;
    }
    k->sym[k->n_sym] = (struct shell_sym){name, h, shell_role_find(k->s, lang, name), 0};
    k->sym_slot[i] = (uint32_t)++k->n_sym;
    return (uint32_t)(k->n_sym - 1);
}

static bool joined_sink(struct look *k, struct str before, struct str name)
{
    char text[96];
    if (before.n + name.n > sizeof text)
        return false;
    memcpy(text, before.p, before.n);
    memcpy(text + before.n, name.p, name.n);
    const struct shell_role *r = shell_role_find(k->s, SL_PHP, str_make(text, before.n + name.n));
    return r && r->sink;
}

/* Is there a "(" that makes the walk worth its time? Known sinks and calls of what is no name. */
static void note_call(struct look *k)
{
    if (k->n_tok < 2)
        return;
    const struct tok *t = &k->tok[k->n_tok - 2], *b = k->n_tok > 2 ? t - 1 : t;
    const struct shell_role *r = t->kind == TOK_NAME ? k->sym[t->sym].role : NULL;
    if (r && ((r->sink && r->sink != SINK_READ && r->sink != SINK_LIST) ||
              r->is & (ROLE_IMPORT | ROLE_DANGER | ROLE_REFLECT)))
        k->interesting = true;
    if (t->lang != SL_PHP)
        return;
    if (t->kind == TOK_VAR || t->kind == TOK_TEXT ||
        (t->kind == TOK_OP && (t->op == ']' || t->op == '}' || t->op == ')')))
        k->interesting = true;
    if (t->kind != TOK_NAME)
        return;
    struct str name = k->sym[t->sym].name;
    if (b->kind == TOK_OP && b->op == O_ARROW && joined_sink(k, STR("-."), name))
        k->interesting = true;
    if (b->kind == TOK_NAME && b->len == 3 && joined_sink(k, STR("new."), name))
        k->interesting = true;
}

static void op_emit(struct cut *c, uint8_t op, size_t n)
{
    size_t from = c->at;
    c->at += n;
    emit(c, TOK_OP, from)->op = op;
    if (op == '(')
        note_call(c->k);
}

/* The bytes of "\x41", "\101", "\n", "\u0041", "\u{41}"; *at is behind the backslash. */
static size_t escape(struct str s, size_t *at, char *to)
{
    char c = s.p[(*at)++];
    unsigned v = 0, n = 0;
    static const char plain[] = "n\nr\rt\tv\vf\fa\ab\be\33";
    if (c == 'x' || c == 'u' || c == 'X') {
        unsigned max = c == 'u' ? 4 : 2;
        bool brace = *at < s.n && s.p[*at] == '{';
        size_t i = *at + brace;
        for (; i < s.n && n < (brace ? 6 : max) && ascii_hex((unsigned char)s.p[i]) >= 0; i++, n++)
            v = v * 16 + (unsigned)ascii_hex((unsigned char)s.p[i]);
        *at = n ? i + (brace && i < s.n) : *at;
        *to = n ? (char)v : c;
        return 1;
    }
    if (c >= '0' && c <= '7') {
        v = (unsigned)(c - '0');
        for (n = 1; n < 3 && *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '7'; n++)
            v = v * 8 + (unsigned)(s.p[(*at)++] - '0');
        *to = (char)v;
        return 1;
    }
    for (size_t i = 0; i + 1 < sizeof plain; i += 2)
        if (plain[i] == c) {
            *to = plain[i + 1];
            return 1;
        }
    *to = c;
    return 1;
}

static struct str unescape(struct cut *c, struct str raw)
{
    struct look *k = c->k;
    char *to = memchr(raw.p, '\\', raw.n) ? arena_alloc(k->arena, raw.n + 1) : NULL;
    size_t n = 0;
    if (!to)
        return raw;
    for (size_t i = 0; i < raw.n;) {
        if (raw.p[i] != '\\' || i + 1 == raw.n) {
            to[n++] = raw.p[i++];
            continue;
        }
        i++;
        size_t was = i;
        n += escape(raw, &i, to + n);
        k->n_escapes += i - was > 2;
    }
    return str_make(to, n);
}

/* 'it\'s' of PHP: only the quote and the backslash are escaped. */
static struct str unquote(struct cut *c, struct str raw, char quote)
{
    char *to = memchr(raw.p, c->lang == SL_PHP ? '\\' : quote, raw.n)
                   ? arena_alloc(c->k->arena, raw.n + 1)
                   : NULL;
    char mark = c->lang == SL_PHP ? '\\' : quote;
    size_t n = 0;
    if (!to)
        return raw;
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == mark && i + 1 < raw.n &&
            (raw.p[i + 1] == quote || (mark == '\\' && raw.p[i + 1] == '\\')))
            i++;
        to[n++] = raw.p[i];
    }
    return str_make(to, n);
}

/* Base64, hexadecimal or bytes that are no text: no blanks. */
static bool coded(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ' ' || s.p[i] == '<')
            return false;
    return true;
}

static void text_token(struct cut *c, size_t from, struct str s, bool interp, enum tok_kind kind)
{
    struct tok *t = emit(c, kind, from);
    t->text = s;
    if (interp)
        t->flags |= TOK_INTERP;
    if (kind == TOK_SHELL)
        c->k->interesting = true;
    c->k->n_string_bytes += c->at - from;
    if (s.n >= PAYLOAD && coded(str_sub(s, 0, PAYLOAD / 2)))
        shell_saw(c->k, K_LONG_LITERAL, (uint32_t)from, (uint32_t)(c->at - from));
}

/* A string that ends at the quote; a backslash keeps the next byte, or the quote is doubled. */
static void string(struct cut *c, char quote, bool backslash, bool doubled)
{
    size_t from = c->at++, start = c->at;
    while (c->at < c->end) {
        char b = c->text.p[c->at];
        if (backslash && b == '\\' && c->at + 1 < c->end) {
            c->at += 2;
            continue;
        }
        if (b == '\n' && doubled && c->lang == SL_VB)
            break;
        if (b == quote) {
            if (!doubled || peek(c, 1) != (unsigned char)quote)
                break;
            c->at++;
        }
        c->at++;
    }
    c->at = c->at < c->end ? c->at : c->end;
    struct str raw = str_sub(c->text, start, c->at);
    c->at += c->at < c->end;
    bool php_double = c->lang == SL_PHP && quote != '\'';
    bool interp = php_double && memchr(raw.p, '$', raw.n);
    struct str s =
        doubled || (c->lang == SL_PHP && quote == '\'') ? unquote(c, raw, quote) : unescape(c, raw);
    text_token(c, from, s, interp, quote == '`' && c->lang == SL_PHP ? TOK_SHELL : TOK_TEXT);
}

/* <<<NAME ... NAME */
static bool heredoc(struct cut *c)
{
    size_t from = c->at, i = c->at + 3;
    while (i < c->end && (c->text.p[i] == ' ' || c->text.p[i] == '\t'))
        i++;
    char quote = i < c->end ? c->text.p[i] : 0;
    bool quoted = quote == '\'' || quote == '"';
    i += quoted;
    size_t name = i;
    while (i < c->end && name_byte((unsigned char)c->text.p[i]))
        i++;
    struct str mark = str_sub(c->text, name, i);
    if (mark.n == 0 || mark.n > 64 || c->k->lost_heredocs >= SHELL_LOST_HEREDOCS)
        return false;
    i += quoted;
    ptrdiff_t line = str_chr(str_sub(c->text, i, c->end), '\n');
    if (line < 0)
        return false;
    size_t body = i + (size_t)line + 1, at = body;
    while (at < c->end) {
        size_t s = at;
        while (s < c->end && (c->text.p[s] == ' ' || c->text.p[s] == '\t'))
            s++;
        if (str_starts(str_sub(c->text, s, c->end), mark) &&
            (s + mark.n >= c->end || !name_byte((unsigned char)c->text.p[s + mark.n]))) {
            struct str raw = str_sub(c->text, body, at);
            c->at = s + mark.n;
            bool plain = quote == '\'';
            text_token(c, from, plain ? raw : unescape(c, raw), !plain && memchr(raw.p, '$', raw.n),
                       TOK_TEXT);
            return true;
        }
        const char *nl = memchr(c->text.p + at, '\n', c->end - at);
        at = nl ? (size_t)(nl - c->text.p) + 1 : c->end;
    }
    c->k->lost_heredocs++;
    return false;
}

static void line_comment(struct cut *c)
{
    while (c->at < c->end && c->text.p[c->at] != '\n' && c->text.p[c->at] != '\r') {
        if (c->lang == SL_PHP && c->text.p[c->at] == '?' && peek(c, 1) == '>')
            return;
        c->at++;
    }
}

static bool comment(struct cut *c)
{
    unsigned char a = peek(c, 0), b = peek(c, 1);
    if (c->lang == SL_VB) {
        if (a != '\'')
            return false;
        line_comment(c);
        return true;
    }
    if ((a == '/' && b == '/') || (c->lang == SL_PHP && a == '#' && b != '[')) {
        line_comment(c);
        return true;
    }
    if (a != '/' || b != '*')
        return false;
    ptrdiff_t close = str_find(str_sub(c->text, c->at + 2, c->end), STR("*/"));
    c->at = close < 0 ? c->end : c->at + (size_t)close + 4;
    c->flags |= TOK_COMMENT;
    return true;
}

static void number(struct cut *c)
{
    size_t from = c->at;
    int64_t v = 0;
    bool hex = peek(c, 0) == '0' && (peek(c, 1) | 32) == 'x';
    bool binary = peek(c, 0) == '0' && (peek(c, 1) | 32) == 'b';
    unsigned base = hex ? 16 : binary ? 2 : peek(c, 0) == '0' && ascii_digit(peek(c, 1)) ? 8 : 10;
    c->at += hex || binary ? 2 : 0;
    for (; c->at < c->end; c->at++) {
        int d = ascii_hex((unsigned char)c->text.p[c->at]);
        if (c->text.p[c->at] == '_')
            continue;
        if (d < 0 || (unsigned)d >= (base == 8 ? 10 : base))
            break;
        v = v < (INT64_MAX >> 6) ? v * base + d : v;
    }
    if (base == 10 && peek(c, 0) == '.' && ascii_digit(peek(c, 1)))
        for (c->at++; ascii_digit(peek(c, 0));)
            c->at++;
    emit(c, TOK_NUMBER, from)->num = v;
}

static const struct {
    const char *text;
    uint8_t op;
} ops[] = {
    {"!==", O_COMPARE},  {"===", O_COMPARE},  {"<=>", O_COMPARE},  {"?->", O_ARROW},
    {"**=", O_OTHER_IS}, {"<<=", O_OTHER_IS}, {">>=", O_OTHER_IS}, {"?\?=", O_OTHER_IS},
    {"...", ' '},        {"==", O_COMPARE},   {"!=", O_COMPARE},   {"<=", O_COMPARE},
    {">=", O_COMPARE},   {"<>", O_COMPARE},   {"&&", O_LOGIC},     {"||", O_LOGIC},
    {"->", O_ARROW},     {"::", O_SCOPE},     {"=>", O_PAIR},      {"+=", O_PLUS_IS},
    {"-=", O_OTHER_IS},  {"*=", O_OTHER_IS},  {"/=", O_OTHER_IS},  {"%=", O_OTHER_IS},
    {"|=", O_OTHER_IS},  {"&=", O_OTHER_IS},  {"^=", O_XOR_IS},    {"++", O_STEP},
    {"--", O_STEP},      {"<<", O_SHIFT},     {"??", O_ELSE},
};

static void operator_token(struct cut *c)
{
    unsigned char a = peek(c, 0);
    if (c->lang == SL_PHP && a == '.' && peek(c, 1) == '=') {
        op_emit(c, O_APPEND, 2);
        return;
    }
    if (!strchr("!=<>?*.&|-:+/%^", a))
        goto one;
    for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
        const char *o = ops[i].text;
        if ((unsigned char)o[0] != a || (unsigned char)o[1] != peek(c, 1) ||
            (o[2] && (unsigned char)o[2] != peek(c, 2)))
            continue;
        if (c->lang == SL_VB && ops[i].op != O_COMPARE && ops[i].op != O_PLUS_IS)
            continue;
        if (ops[i].op == ' ') {
            c->at += 3;
            return;
        }
        op_emit(c, ops[i].op, o[2] ? 3 : 2);
        return;
    }
    if (a == '<' || a == '>')
        a = O_COMPARE;
one:
    op_emit(c, a, 1);
}

static bool only_line(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '_' && !ascii_digit((unsigned char)s.p[i]))
            return (unsigned char)s.p[i] >= 0x80;
    return true;
}

/* A name such as O0OO0O or l1I1l: letters that look alike, a digit among them. */
static bool odd_name(struct str s)
{
    size_t alike = 0, high = 0;
    for (size_t i = 0; i < s.n; i++) {
        alike += strchr("O0Il1", s.p[i]) && s.p[i];
        high += (unsigned char)s.p[i] >= 0x80;
    }
    return s.n >= 4 && (alike + 1 >= s.n || high * 2 > s.n);
}

static void name_token(struct cut *c, bool var)
{
    size_t from = c->at;
    c->at++;
    while (c->at < c->end && name_byte((unsigned char)c->text.p[c->at]))
        c->at++;
    if (c->lang == SL_PHP && !var) /* namespaces: the last part counts */
        while (peek(c, 0) == '\\' && name_byte(peek(c, 1))) {
            c->at++;
            from = c->at;
            while (c->at < c->end && name_byte((unsigned char)c->text.p[c->at]))
                c->at++;
        }
    struct str name = str_sub(c->text, from, c->at);
    if (c->lang == SL_VB && str_ieq(name, STR("rem"))) {
        line_comment(c);
        return;
    }
    uint32_t sym = shell_sym(c->k, name, c->lang);
    struct tok *t = emit(c, var ? TOK_VAR : TOK_NAME, from);
    t->sym = sym;
    const struct shell_role *r = c->k->sym[sym].role;
    if (r && (c->lang != SL_PHP || r->sink == SINK_EVAL || r->sink == SINK_INCLUDE ||
              r->is & ROLE_LOADER))
        c->k->interesting = true;
    if (var) {
        c->k->n_vars++;
        c->k->n_bare_vars += only_line(str_sub(name, 1, name.n));
        c->k->n_odd += odd_name(str_sub(name, 1, name.n));
    } else if (c->lang == SL_NET || c->lang == SL_JAVA) {
        c->k->n_odd += odd_name(name);
    }
}

static void quote_token(struct cut *c, unsigned char a)
{
    bool verbatim = c->lang == SL_NET && c->at > 0 && c->text.p[c->at - 1] == '@' && a == '"';
    if (c->lang == SL_VB)
        string(c, '"', false, true);
    else
        string(c, (char)a, !verbatim, verbatim);
}

static void newline(struct cut *c)
{
    size_t from = c->at++;
    if (c->lang != SL_VB)
        return;
    struct look *k = c->k;
    if (k->n_tok && k->tok[k->n_tok - 1].kind == TOK_NAME && k->tok[k->n_tok - 1].len == 1 &&
        c->text.p[k->tok[k->n_tok - 1].at] == '_')
        k->n_tok--; /* the line goes on */
    else
        emit(c, TOK_STOP, from);
}

static void blanks(struct cut *c)
{
    size_t from = c->at;
    while (c->at < c->end && (c->text.p[c->at] == ' ' || c->text.p[c->at] == '\t'))
        c->at++;
    if (c->at - from >= PUSHED && c->at < c->end && !ascii_space(peek(c, 0)) && peek(c, 0) != '/' &&
        peek(c, 0) != '*' && peek(c, 0) != '?')
        shell_saw(c->k, K_PUSHED_RIGHT, (uint32_t)c->at, 1);
    c->at += c->at == from;
}

static void one_token(struct cut *c)
{
    unsigned char a = peek(c, 0);
    if (a == '\n' || (a == '\r' && peek(c, 1) != '\n'))
        newline(c);
    else if (ascii_space(a) || a == 0)
        blanks(c);
    else if (c->lang == SL_PHP && a == '?' && peek(c, 1) == '>') {
        size_t from = c->at;
        c->at += 2;
        emit(c, TOK_STOP, from);
        c->script_ended = true;
    } else if (comment(c))
        return;
    else if (c->lang == SL_PHP && a == '$' && (name_byte(peek(c, 1))))
        name_token(c, true);
    else if (name_byte(a) || (c->lang != SL_PHP && a == '$' && name_byte(peek(c, 1))))
        ascii_digit(a) ? number(c) : name_token(c, false);
    else if (a == '"' || (a == '\'' && c->lang != SL_VB) || (a == '`' && c->lang == SL_PHP))
        quote_token(c, a);
    else if (c->lang == SL_PHP && a == '<' && peek(c, 1) == '<' && peek(c, 2) == '<' && heredoc(c))
        return;
    else if (a == ';' || (a == ':' && c->lang == SL_VB)) {
        size_t from = c->at++;
        emit(c, TOK_STOP, from);
    } else
        operator_token(c);
}

void shell_tokens(struct look *k, struct str text, size_t *at, size_t end, enum shell_lang lang)
{
    struct cut c = {k, text, *at, end, lang, 0, false};
    size_t was = *at;
    while (c.at < c.end && !c.script_ended && k->rc == OK) {
        one_token(&c);
        if (k->n_tok > SHELL_MAX_TOKENS - 8 ||
            (k->n_tok > SHELL_MAX_TOKENS / 2 && k->tok[k->n_tok - 1].kind == TOK_STOP))
            shell_walk(k);
    }
    size_t from = c.at;
    if (!c.script_ended)
        emit(&c, TOK_STOP, from);
    k->n_script_bytes += c.at - was;
    *at = c.at;
}
