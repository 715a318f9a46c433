#include "match/yara_text.h"

#include "base/vec.h"
#include "match/yara_lex.h"

const char *const yara_external_name[YARA_EXTERNALS] = {"filename", "filepath", "extension",
                                                        "filetype", "owner",    "md5"};

struct parser {
    struct arena *arena;
    struct yara_lex lex;
    VEC(struct yara_rule) rule;
    VEC(struct yara_string) string; /* of the rule being read */
    VEC(struct str) import;
    struct error *error;
};

static enum err odd(struct parser *p, const char *what)
{
    return fail_at(p->error, ERR_FORMAT, "", yara_lex_line(&p->lex), "%s", what);
}

/* ---- strings ---- */

/* Between the braces of a hexadecimal string: there are comments, but no braces in it. */
static enum err take_hex(struct parser *p, struct str *ret_value)
{
    const char *from = p->lex.p, *at = from, *end = p->lex.end;
    while (at < end && *at != '}') {
        const char *behind = yara_lex_blank(at, end);
        at = behind > at ? behind : at + 1;
    }
    if (at >= end)
        return odd(p, "a hexadecimal string does not end");
    *ret_value = str_make(from, (size_t)(at - from));
    p->lex.p = at + 1;
    yara_lex_next(&p->lex);
    return OK;
}

static bool take_byte(struct parser *p, uint8_t *ret_byte)
{
    bool is = p->lex.token == YARA_T_INT && p->lex.value >= 0 && p->lex.value <= 255;
    *ret_byte = (uint8_t)p->lex.value;
    yara_lex_next(&p->lex);
    return is;
}

static enum err take_xor(struct parser *p, struct yara_string *s)
{
    s->xor = true;
    s->xor_from = 0;
    s->xor_to = 255;
    if (!yara_lex_take(&p->lex, '('))
        return OK;
    if (!take_byte(p, &s->xor_from))
        return odd(p, "an odd key for xor");
    s->xor_to = s->xor_from;
    if (yara_lex_take(&p->lex, '-') && !take_byte(p, &s->xor_to))
        return odd(p, "an odd key for xor");
    return yara_lex_take(&p->lex, ')') ? OK : odd(p, "an odd range for xor");
}

static enum err take_alphabet(struct parser *p, struct yara_string *s)
{
    if (!yara_lex_take(&p->lex, '('))
        return OK;
    s->alphabet = true;
    yara_lex_next(&p->lex);
    return yara_lex_take(&p->lex, ')') ? OK : odd(p, "an odd alphabet for base64");
}

static enum err take_modifiers(struct parser *p, struct yara_string *s)
{
    struct yara_lex *lex = &p->lex;
    while (lex->token == YARA_T_WORD) {
        if (yara_lex_take_word(lex, "nocase"))
            s->nocase = true;
        else if (yara_lex_take_word(lex, "wide"))
            s->wide = true;
        else if (yara_lex_take_word(lex, "ascii"))
            s->ascii = true;
        else if (yara_lex_take_word(lex, "fullword"))
            s->fullword = true;
        else if (yara_lex_take_word(lex, "xor"))
            TRY(take_xor(p, s));
        else if (yara_lex_take_word(lex, "base64")) {
            s->base64 = true;
            TRY(take_alphabet(p, s));
        } else if (yara_lex_take_word(lex, "base64wide")) {
            s->base64wide = true;
            TRY(take_alphabet(p, s));
        } else if (!yara_lex_take_word(lex, "private"))
            return OK; /* "condition" */
    }
    return OK;
}

static enum err take_value(struct parser *p, struct yara_string *s)
{
    struct yara_lex *lex = &p->lex;
    if (lex->token == YARA_T_TEXT) {
        s->kind = YARA_STRING_TEXT;
        s->value = yara_lex_bytes(p->arena, lex->text);
        if (!s->value.p)
            return ERR_NOMEM;
    } else if (lex->token == YARA_T_REGEX) {
        s->kind = YARA_STRING_REGEX;
        s->value = lex->text;
        s->nocase = str_chr(lex->flags, 'i') >= 0;
        s->dot_all = str_chr(lex->flags, 's') >= 0;
    } else if (yara_lex_is(lex, '{')) {
        s->kind = YARA_STRING_HEX;
        return take_hex(p, &s->value);
    } else
        return odd(p, "a string of no known kind");
    yara_lex_next(lex);
    return OK;
}

static enum err take_strings(struct parser *p)
{
    struct yara_lex *lex = &p->lex;
    if (!yara_lex_take(lex, ':'))
        return odd(p, "no colon behind strings");
    while (lex->token == YARA_T_STRING) {
        struct yara_string s = {.id = str_make(lex->text.p - 1, lex->text.n + 1)};
        yara_lex_next(lex);
        if (!yara_lex_is(lex, '='))
            return odd(p, "a string without a value");
        /* Not yara_lex_take: a brace is to be left where it is. */
        yara_lex_next(lex);
        TRY(take_value(p, &s));
        TRY(take_modifiers(p, &s));
        TRY(vec_push(&p->string, s, YARA_TEXT_STRINGS));
    }
    return OK;
}

/* ---- rules ---- */

/* Metas are libyara's to tell; here they are stepped over. */
static enum err skip_meta(struct parser *p)
{
    struct yara_lex *lex = &p->lex;
    if (!yara_lex_take(lex, ':'))
        return odd(p, "no colon behind meta");
    while (lex->token == YARA_T_WORD && !yara_lex_word(lex, "strings") &&
           !yara_lex_word(lex, "condition")) {
        yara_lex_next(lex);
        if (!yara_lex_take(lex, '='))
            return odd(p, "a meta without a value");
        (void)yara_lex_take(lex, '-');
        if (lex->token != YARA_T_TEXT && lex->token != YARA_T_INT && lex->token != YARA_T_WORD)
            return odd(p, "an odd value of a meta");
        yara_lex_next(lex);
    }
    return OK;
}

static enum err take_body(struct parser *p, struct yara_rule *rule)
{
    struct yara_lex *lex = &p->lex;
    struct yara_text so_far = {p->rule.v, p->rule.n, p->import.v, p->import.n};
    p->string.n = 0;
    if (yara_lex_take_word(lex, "meta"))
        TRY(skip_meta(p));
    if (yara_lex_take_word(lex, "strings"))
        TRY(take_strings(p));
    rule->n_strings = p->string.n;
    rule->string = arena_new_n(p->arena, struct yara_string, p->string.n + 1);
    if (!rule->string)
        return ERR_NOMEM;
    if (p->string.n)
        memcpy(rule->string, p->string.v, p->string.n * sizeof *rule->string);
    if (!yara_lex_take_word(lex, "condition") || !yara_lex_take(lex, ':'))
        return odd(p, "a rule without a condition");
    rule->condition = yara_condition_parse(p->arena, lex, &so_far, rule);
    if (!rule->condition)
        return ERR_NOMEM;
    return yara_lex_take(lex, '}') ? OK : odd(p, "a rule does not end");
}

static enum err take_rule(struct parser *p)
{
    struct yara_lex *lex = &p->lex;
    struct yara_rule rule = {0};
    for (;;) {
        if (yara_lex_take_word(lex, "global"))
            rule.is_global = true;
        else if (yara_lex_take_word(lex, "private"))
            rule.is_private = true;
        else
            break;
    }
    rule.line = yara_lex_line(lex);
    if (!yara_lex_take_word(lex, "rule") || lex->token != YARA_T_WORD)
        return odd(p, "no rule where one was expected");
    rule.name = lex->text;
    yara_lex_next(lex);
    if (yara_lex_take(lex, ':'))
        while (lex->token == YARA_T_WORD)
            yara_lex_next(lex);
    if (!yara_lex_take(lex, '{'))
        return odd(p, "a rule without a body");
    TRY(take_body(p, &rule));
    return vec_push(&p->rule, rule, YARA_TEXT_RULES);
}

static enum err take_all(struct parser *p)
{
    struct yara_lex *lex = &p->lex;
    yara_lex_next(lex);
    while (lex->token != YARA_T_END) {
        if (yara_lex_take_word(lex, "import")) {
            if (lex->token != YARA_T_TEXT)
                return odd(p, "an odd import");
            TRY(vec_push(&p->import, lex->text, 1024));
            yara_lex_next(lex);
        } else
            TRY(take_rule(p));
    }
    return OK;
}

enum err yara_text_parse(struct arena *arena, struct str source, struct yara_text *ret_text,
                         struct error *error)
{
    struct parser p = {.arena = arena, .error = error};
    *ret_text = (struct yara_text){0};
    yara_lex_start(&p.lex, source.p ? source : STR(""));
    enum err rc = take_all(&p);
    if (!rc) {
        struct yara_text t = {arena_new_n(arena, struct yara_rule, p.rule.n + 1), p.rule.n,
                              arena_new_n(arena, struct str, p.import.n + 1), p.import.n};
        if (!t.rule || !t.import)
            rc = ERR_NOMEM;
        for (size_t i = 0; i < p.rule.n && !rc; i++)
            t.rule[i] = p.rule.v[i];
        for (size_t i = 0; i < p.import.n && !rc; i++)
            t.import[i] = p.import.v[i];
        if (!rc)
            *ret_text = t;
    }
    vec_done(&p.rule);
    vec_done(&p.string);
    vec_done(&p.import);
    return rc;
}
