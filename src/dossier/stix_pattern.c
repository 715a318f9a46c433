#include "dossier/stix_pattern.h"

#include "base/ip.h"

enum token_type {
    TOK_END,
    TOK_OPEN,
    TOK_CLOSE,
    TOK_LPAREN,
    TOK_RPAREN,
    TOK_COMMA,
    TOK_OPERATOR,
    TOK_STRING,
    TOK_WORD,
    TOK_BAD
};

struct token {
    enum token_type type;
    struct str text; /* string: unescaped; word: a path, keyword, number or typed literal */
};

/* What one side of a comparison expression comes to. */
struct side {
    struct stix_terms terms;
    bool whole;  /* nothing of it was refused */
    bool hashes; /* whole, and hashes of files only: they decide without their neighbours */
    bool type;   /* says only of what type a reference is: goes without saying beside its value */
};

struct parser {
    struct arena *arena;
    struct str text;
    size_t at;
    struct token now;
    struct stix_pattern *out;
    struct error *error;
    unsigned depth;
    size_t n_terms;
    enum err rc; /* sticky */
};

static void stop(struct parser *p, enum err rc, const char *why)
{
    if (p->rc)
        return;
    p->rc = fail(p->error, rc, "pattern, byte %zu: %s", p->at, why);
    p->now.type = TOK_BAD;
}

/* ---- tokens */

static bool word_byte(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || strchr("_-:.+*", c ? c : ' ') || c >= 0x80;
}

static size_t quoted_end(struct str text, size_t at)
{
    for (at++; at < text.n; at++) {
        if (text.p[at] == '\\')
            at++;
        else if (text.p[at] == '\'')
            return at + 1;
    }
    return 0;
}

static void lex_string(struct parser *p)
{
    size_t end = quoted_end(p->text, p->at), n = 0;
    if (!end) {
        stop(p, ERR_FORMAT, "a string does not end");
        return;
    }
    char *out = arena_alloc(p->arena, end - p->at);
    if (!out) {
        stop(p, ERR_NOMEM, "no memory");
        return;
    }
    for (size_t i = p->at + 1; i + 1 < end; i++) {
        if (p->text.p[i] == '\\')
            i++;
        out[n++] = p->text.p[i];
    }
    p->now = (struct token){TOK_STRING, str_make(out, n)};
    p->at = end;
}

/* A path goes on over quoted steps and indices: file:hashes.'SHA-256', a:b_refs[*].value */
static void lex_word(struct parser *p)
{
    size_t from = p->at, end;
    bool in_path = false;
    while (p->at < p->text.n) {
        char c = p->text.p[p->at];
        in_path |= c == ':';
        if (c == '\'' && p->at > from &&
            (p->text.p[p->at - 1] == '.' || p->text.p[p->at - 1] == '[')) {
            end = quoted_end(p->text, p->at);
            if (!end) {
                stop(p, ERR_FORMAT, "a quoted step does not end");
                return;
            }
            p->at = end;
        } else if (word_byte((unsigned char)c) || (in_path && (c == '[' || c == ']'))) {
            p->at++;
        } else {
            break;
        }
        if (p->at - from > 512) {
            stop(p, ERR_LIMIT, "a path or number is too long");
            return;
        }
    }
    /* "[a:b=1]": the closing bracket belongs to the observation, not to the word. */
    size_t open = 0, close = 0;
    for (size_t i = from; i < p->at; i++) {
        open += p->text.p[i] == '[';
        close += p->text.p[i] == ']';
    }
    if (close > open)
        p->at = from + (size_t)str_chr(str_sub(p->text, from, p->at), ']');
    p->now = (struct token){TOK_WORD, str_sub(p->text, from, p->at)};
    /* Typed literals: t'...', h'...', b'...' */
    if (p->now.text.n == 1 && p->at < p->text.n && p->text.p[p->at] == '\'')
        lex_string(p);
}

static void advance(struct parser *p)
{
    if (p->rc)
        return;
    while (p->at < p->text.n && ascii_space((unsigned char)p->text.p[p->at]))
        p->at++;
    if (p->at == p->text.n) {
        p->now = (struct token){TOK_END, STR("")};
        return;
    }
    char c = p->text.p[p->at];
    const char *single = "[](),", *found = c ? strchr(single, c) : NULL;
    if (found) {
        p->now = (struct token){TOK_OPEN + (enum token_type)(found - single), STR("")};
        p->at++;
    } else if (c == '\'') {
        lex_string(p);
    } else if (c == '=' || c == '!' || c == '<' || c == '>') {
        size_t n =
            p->at + 1 < p->text.n && strchr("=>", p->text.p[p->at + 1] ? p->text.p[p->at + 1] : ' ')
                ? 2
                : 1;
        p->now = (struct token){TOK_OPERATOR, str_sub(p->text, p->at, p->at + n)};
        p->at += n;
    } else if (word_byte((unsigned char)c)) {
        lex_word(p);
    } else {
        stop(p, ERR_FORMAT, "unexpected character");
    }
}

static bool is_word(const struct parser *p, struct str word)
{
    return p->now.type == TOK_WORD && str_eq(p->now.text, word);
}

static void expect(struct parser *p, enum token_type type, const char *what)
{
    if (p->now.type != type)
        stop(p, ERR_FORMAT, what);
    advance(p);
}

/* ---- what was understood */

static void refuse(struct parser *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void refuse(struct parser *p, const char *fmt, ...)
{
    char text[256];
    va_list args;
    struct stix_pattern *out = p->out;
    if (out->n_refused == STIX_MAX_REFUSALS) {
        out->more_refused++;
        return;
    }
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    struct str copy = arena_str(p->arena, str_make(text, len));
    if (copy.p)
        out->refused[out->n_refused++] = copy.p;
    else
        stop(p, ERR_NOMEM, "no memory");
}

static void term_add(struct parser *p, struct side *side, enum indicator_type type,
                     struct str value)
{
    struct stix_term *t = arena_new(p->arena, struct stix_term);
    if (!t) {
        stop(p, ERR_NOMEM, "no memory");
        return;
    }
    if (++p->n_terms > STIX_MAX_TERMS) {
        stop(p, ERR_LIMIT, "too many values");
        return;
    }
    *t = (struct stix_term){type, value, NULL};
    if (side->terms.last)
        side->terms.last->next = t;
    else
        side->terms.first = t;
    side->terms.last = t;
    side->terms.n++;
}

static struct stix_terms join(struct stix_terms a, struct stix_terms b)
{
    if (!a.first)
        return b;
    if (!b.first)
        return a;
    a.last->next = b.first;
    return (struct stix_terms){a.first, b.last, a.n + b.n};
}

/* ---- properties: object paths in lower case without quotes */

static const struct property {
    const char *path;
    enum indicator_type type;
} properties[] = {
    {"ipv4-addr:value", INDICATOR_ADDRESS},
    {"ipv6-addr:value", INDICATOR_ADDRESS},
    {"network-traffic:src_ref.value", INDICATOR_ADDRESS}, /* or a domain: see term_of */
    {"network-traffic:dst_ref.value", INDICATOR_ADDRESS},
    {"domain-name:value", INDICATOR_DOMAIN},
    {"url:value", INDICATOR_URL},
    {"file:name", INDICATOR_NAME},
    {"file:hashes.md5", INDICATOR_HASH},
    {"file:hashes.sha-1", INDICATOR_HASH},
    {"file:hashes.sha1", INDICATOR_HASH},
    {"file:hashes.sha-256", INDICATOR_HASH},
    {"file:hashes.sha256", INDICATOR_HASH},
    {"artifact:hashes.md5", INDICATOR_HASH},
    {"artifact:hashes.sha-1", INDICATOR_HASH},
    {"artifact:hashes.sha-256", INDICATOR_HASH},
    {"network-traffic:extensions.http-request-ext.request_value", INDICATOR_URL},
    {"network-traffic:extensions.http-request-ext.request_header.user-agent", INDICATOR_AGENT},
};

static const struct property *property_of(struct str path)
{
    char low[256];
    size_t n = 0;
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '\'' || path.p[i] == ']')
            continue;
        if (n == sizeof low)
            return NULL;
        char c = (char)ascii_lower((unsigned char)path.p[i]);
        low[n++] = c == '[' ? '.' : c; /* hashes['MD5'] is hashes.MD5 */
    }
    for (size_t i = 0; i < ARRAY_LEN(properties); i++)
        if (str_eq(str_make(low, n), str_of(properties[i].path)))
            return &properties[i];
    return NULL;
}

/* ---- values */

static void term_equal(struct parser *p, struct side *side, const struct property *property,
                       struct str value)
{
    struct ip_net net;
    enum indicator_type type = property->type;
    if (str_ends(str_of(property->path), STR("_ref.value")) && !ip_net_parse(value, &net))
        type = INDICATOR_DOMAIN;
    term_add(p, side, type, value);
}

static void refuse_value(struct parser *p, struct side *side, const char *op, struct str value,
                         const char *why)
{
    struct str shown = str_sub(value, 0, 80);
    side->whole = false;
    refuse(p, "%s \"%.*s\" %s", op, STR_FMT(shown), why);
}

/* A value that may stand anywhere in the property. */
static void term_contains(struct parser *p, struct side *side, const struct property *property,
                          const char *op, struct str value)
{
    bool agent = property->type == INDICATOR_AGENT;
    if (property->type == INDICATOR_URL || property->type == INDICATOR_NAME || agent)
        term_add(p, side, agent ? INDICATOR_AGENT : INDICATOR_TEXT, value);
    else
        refuse_value(p, side, op, value, "looks for a part of the value");
}

static bool closes_part(char c)
{
    return c == '/' || c == '?' || c == '=' || c == '&';
}

/* "%" at the ends is what our types can say: a domain's suffix, the beginning of a URL, a path
 * before a name, anything around a part. "_" stands for one character and cannot be said. */
static void term_like(struct parser *p, struct side *side, const struct property *property,
                      struct str value)
{
    struct str core = value;
    bool open_before = core.n && core.p[0] == '%', open_behind;
    core = str_sub(core, open_before, core.n);
    open_behind = core.n && core.p[core.n - 1] == '%';
    core.n -= open_behind;
    if (!core.n || str_chr(core, '%') >= 0 || str_chr(core, '_') >= 0)
        refuse_value(p, side, "LIKE", value, "has wildcards inside");
    else if (!open_before && !open_behind)
        term_equal(p, side, property, core);
    else if (open_before && open_behind)
        term_contains(p, side, property, "LIKE", core);
    else if (property->type == INDICATOR_AGENT)
        term_add(p, side, INDICATOR_AGENT, core);
    else if (open_before && property->type == INDICATOR_DOMAIN && core.p[0] == '.')
        term_add(p, side, INDICATOR_DOMAIN, str_sub(core, 1, core.n));
    else if (open_before && property->type == INDICATOR_NAME &&
             (core.p[0] == '/' || core.p[0] == '\\'))
        term_add(p, side, INDICATOR_NAME, str_sub(core, 1, core.n));
    else if (open_behind && property->type == INDICATOR_URL && closes_part(core.p[core.n - 1]))
        term_add(p, side, INDICATOR_URL, core);
    else
        refuse_value(p, side, "LIKE", value, "ends within a word");
}

/* A regular expression without operators is a plain text with escapes and perhaps anchors. */
static void term_matches(struct parser *p, struct side *side, const struct property *property,
                         struct str value)
{
    struct str re = value;
    bool from_start = re.n && re.p[0] == '^', to_end;
    re = str_sub(re, from_start, re.n);
    to_end = re.n && re.p[re.n - 1] == '$' && (re.n < 2 || re.p[re.n - 2] != '\\');
    re.n -= to_end;
    char *out = arena_alloc(p->arena, re.n + 1);
    size_t n = 0;
    if (!out) {
        stop(p, ERR_NOMEM, "no memory");
        return;
    }
    for (size_t i = 0; i < re.n; i++) {
        char c = re.p[i];
        bool escaped = c == '\\' && i + 1 < re.n && !ascii_alpha((unsigned char)re.p[i + 1]) &&
                       !ascii_digit((unsigned char)re.p[i + 1]);
        if (escaped) {
            c = re.p[++i];
        } else if (strchr("\\.[]{}()*+?|^$", c ? c : '*')) {
            refuse_value(p, side, "MATCHES", value, "is a regular expression");
            return;
        }
        out[n++] = c;
    }
    if (from_start && to_end)
        term_equal(p, side, property, str_make(out, n));
    else
        term_contains(p, side, property, "MATCHES", str_make(out, n));
}

static void term_net(struct parser *p, struct side *side, const struct property *property,
                     struct str op, struct str value)
{
    struct ip_net net;
    if (property->type != INDICATOR_ADDRESS || !ip_net_parse(value, &net))
        refuse_value(p, side, "ISSUBSET or ISSUPERSET", value, "is not about addresses");
    else if (str_eq(op, STR("ISSUPERSET")) && net.bits < 128)
        refuse_value(p, side, "ISSUPERSET", value, "asks for nets, logs hold single addresses");
    else
        term_add(p, side, INDICATOR_ADDRESS, value);
}

static void term_of(struct parser *p, struct side *side, const struct property *property,
                    struct str op, struct str value)
{
    if (str_eq(op, STR("=")) || str_eq(op, STR("==")) || str_eq(op, STR("IN")))
        term_equal(p, side, property, value);
    else if (str_eq(op, STR("LIKE")))
        term_like(p, side, property, value);
    else if (str_eq(op, STR("MATCHES")))
        term_matches(p, side, property, value);
    else if (str_starts(op, STR("ISSU")))
        term_net(p, side, property, op, value);
    else
        refuse_value(p, side, "comparison with", value,
                     "is none of =, IN, LIKE, MATCHES, ISSUBSET");
}

/* ---- grammar */

#define TYPE_ALONE "a type without a value"

/* One value or, after IN, a list of them. */
static void parse_values(struct parser *p, struct side *side, const struct property *property,
                         struct str op)
{
    bool list = p->now.type == TOK_LPAREN;
    if (list)
        advance(p);
    while (!p->rc) {
        if (p->now.type != TOK_STRING && p->now.type != TOK_WORD) {
            stop(p, ERR_FORMAT, "a value is missing");
            return;
        }
        if (property && p->now.type == TOK_STRING)
            term_of(p, side, property, op, p->now.text);
        else if (property)
            refuse_value(p, side, "comparison with", p->now.text, "is not with a text");
        advance(p);
        if (!list)
            return;
        if (p->now.type == TOK_RPAREN) {
            advance(p);
            return;
        }
        expect(p, TOK_COMMA, "a list goes on with a comma");
    }
}

/* network-traffic:dst_ref.type = 'ipv4-addr' */
static bool is_reference_type(struct str path)
{
    return str_istarts(path, STR("network-traffic:")) && str_iends(path, STR("_ref.type"));
}

static struct side refused_side(struct parser *p, const char *what)
{
    refuse(p, "%s", what);
    return (struct side){.whole = false};
}

static struct side parse_comparison(struct parser *p)
{
    struct side side = {.whole = true};
    struct str path = p->now.text, op;
    if (p->now.type != TOK_WORD || str_chr(path, ':') <= 0) {
        stop(p, ERR_FORMAT, "an object path is missing");
        return side;
    }
    const struct property *property = property_of(path);
    advance(p);
    bool negated = is_word(p, STR("NOT"));
    if (negated)
        advance(p);
    op = p->now.text;
    static const char *const operators[] = {"IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"};
    bool known = p->now.type == TOK_OPERATOR;
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        known |= is_word(p, str_of(operators[i]));
    if (!known) {
        stop(p, ERR_FORMAT, "an operator is missing");
        return side;
    }
    advance(p);
    bool equal = str_eq(op, STR("=")) || str_eq(op, STR("==")) || str_ieq(op, STR("IN"));
    side.type = equal && !negated && is_reference_type(path);
    if (negated || (!property && !side.type)) {
        struct str shown = str_sub(path, 0, 100);
        side.whole = false;
        refuse(p, negated ? "NOT with %.*s" : "%.*s is not a property that logs or files show",
               STR_FMT(shown));
        property = NULL;
    }
    parse_values(p, &side, property, op);
    side.hashes = property && property->type == INDICATOR_HASH && side.whole;
    return side;
}

static struct side parse_or(struct parser *p);

static struct side parse_operand(struct parser *p)
{
    struct side side = {.whole = true};
    if (p->now.type != TOK_LPAREN)
        return parse_comparison(p);
    if (++p->depth > STIX_MAX_DEPTH)
        stop(p, ERR_LIMIT, "nested too deeply");
    advance(p);
    if (!p->rc)
        side = parse_or(p);
    expect(p, TOK_RPAREN, "a parenthesis is not closed");
    p->depth--;
    return side;
}

static struct side both(struct parser *p, struct side a, struct side b)
{
    if (a.type || b.type)
        return a.type ? b : a;
    if (a.hashes && b.hashes)
        return (struct side){join(a.terms, b.terms), true, true, false};
    if (a.hashes || b.hashes)
        return a.hashes ? a : b;
    if (a.whole || b.whole)
        refuse(p, "AND of conditions none of which decides alone");
    return (struct side){.whole = false};
}

static struct side parse_and(struct parser *p)
{
    struct side side = parse_operand(p);
    while (!p->rc && is_word(p, STR("AND"))) {
        advance(p);
        side = both(p, side, parse_operand(p));
    }
    return side;
}

static struct side either(struct parser *p, struct side a, struct side b)
{
    bool type = a.type && b.type;
    if (a.type && !type)
        a = refused_side(p, TYPE_ALONE);
    if (b.type && !type)
        b = refused_side(p, TYPE_ALONE);
    return (struct side){join(a.terms, b.terms), a.whole && b.whole, a.hashes && b.hashes, type};
}

static struct side parse_or(struct parser *p)
{
    struct side side = parse_and(p);
    while (!p->rc && is_word(p, STR("OR"))) {
        advance(p);
        side = either(p, side, parse_and(p));
    }
    return side;
}

/* WITHIN 5 SECONDS, REPEATS 2 TIMES, START t'..' STOP t'..' */
static struct side parse_qualifiers(struct parser *p, struct side side)
{
    while (!p->rc && p->now.type == TOK_WORD) {
        bool within = is_word(p, STR("WITHIN")), repeats = is_word(p, STR("REPEATS"));
        if (!within && !repeats && !is_word(p, STR("START")))
            break;
        advance(p);
        if (p->now.type != TOK_WORD && p->now.type != TOK_STRING)
            stop(p, ERR_FORMAT, "a qualifier lacks its value");
        advance(p);
        if (!is_word(p, within ? STR("SECONDS") : repeats ? STR("TIMES") : STR("STOP")))
            stop(p, ERR_FORMAT, "a qualifier is not complete");
        advance(p);
        if (!within && !repeats)
            expect(p, TOK_STRING, "a qualifier lacks its end");
        if (!within)
            side = refused_side(p, repeats ? "REPEATS" : "START ... STOP");
    }
    return side;
}

static struct side parse_observations(struct parser *p);

static struct side parse_observation(struct parser *p)
{
    struct side side = {.whole = true};
    bool group = p->now.type == TOK_LPAREN;
    if (!group && p->now.type != TOK_OPEN) {
        stop(p, ERR_FORMAT, "an observation starts with a bracket");
        return side;
    }
    if (++p->depth > STIX_MAX_DEPTH)
        stop(p, ERR_LIMIT, "nested too deeply");
    advance(p);
    if (!p->rc)
        side = group ? parse_observations(p) : parse_or(p);
    expect(p, group ? TOK_RPAREN : TOK_CLOSE, "an observation is not closed");
    p->depth--;
    if (side.type)
        side = refused_side(p, TYPE_ALONE);
    side.hashes = false; /* another observation is another object */
    return parse_qualifiers(p, side);
}

static struct side parse_observations_and(struct parser *p)
{
    struct side side = parse_observation(p);
    while (!p->rc && is_word(p, STR("AND"))) {
        advance(p);
        (void)parse_observation(p);
        side = refused_side(p, "AND of observations");
    }
    return side;
}

static struct side parse_observations_or(struct parser *p)
{
    struct side side = parse_observations_and(p);
    while (!p->rc && is_word(p, STR("OR"))) {
        advance(p);
        side = either(p, side, parse_observations_and(p));
    }
    return side;
}

static struct side parse_observations(struct parser *p)
{
    struct side side = parse_observations_or(p);
    while (!p->rc && is_word(p, STR("FOLLOWEDBY"))) {
        advance(p);
        (void)parse_observations_or(p);
        side = refused_side(p, "FOLLOWEDBY");
    }
    return side;
}

enum err stix_pattern_parse(struct arena *arena, struct str text, struct stix_pattern *ret_pattern,
                            struct error *error)
{
    struct parser p = {.arena = arena, .text = text, .out = ret_pattern, .error = error};
    *ret_pattern = (struct stix_pattern){.terms = {0}};
    advance(&p);
    struct side side = parse_observations(&p);
    if (!p.rc && p.now.type != TOK_END)
        stop(&p, ERR_FORMAT, "something stands behind the pattern");
    if (!p.rc)
        ret_pattern->terms = side.terms;
    return p.rc;
}
