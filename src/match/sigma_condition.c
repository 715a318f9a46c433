/* The condition of a rule:
 *   or    := and ("or" and)*
 *   and   := not ("and" not)*
 *   not   := "not"* primary
 *   primary := "(" or ")" | ("1" | "any" | "all") "of" ("them" | name pattern) | name
 * "x of pattern" is written out over the names known, so that later steps see names only. */
#include "match/sigma_priv.h"

struct tokens {
    struct sigma_reader *r;
    const struct sigma_detection *detection;
    uint32_t line;
    struct str rest;
    struct str word; /* the current token; empty at the end */
    size_t nodes;
    unsigned depth;
};

static bool word_char(char c)
{
    return ascii_alpha((unsigned char)c) || ascii_digit((unsigned char)c) || c == '_' || c == '-' ||
           c == '*' || c == '.';
}

/* What took the place of an aggregation: the first entry whose word the tail begins with. */
static const struct {
    const char *word, *what, *type;
} pipes[] = {
    {"near", "the 'near' search", "temporal, or temporal_ordered,"},
    {"count()", "the aggregation", "event_count"},
    {"count", "the aggregation", "value_count, its field in the condition,"},
    {"sum", "the aggregation", "value_sum"},
    {"avg", "the aggregation", "value_avg"},
    {"", "the aggregation", "event_count"},
};

static enum err refuse_pipe(struct tokens *t)
{
    struct str tail = str_trim(str_sub(t->rest, 1, t->rest.n));
    size_t i = 0;
    while (!str_istarts(tail, str_of(pipes[i].word)))
        i++;
    return sigma_fail(t->r, ERR_UNSUPPORTED, t->line,
                      "the condition uses %s '| %.*s', which Sigma replaced by correlation rules: "
                      "write a correlation of type %s with this rule in 'rules', 'group-by' and "
                      "'timespan'",
                      pipes[i].what, STR_FMT(str_sub(tail, 0, 80)), pipes[i].type);
}

static enum err next(struct tokens *t)
{
    while (t->rest.n && ascii_space((unsigned char)t->rest.p[0]))
        t->rest = str_sub(t->rest, 1, t->rest.n);
    size_t n = 0;
    if (t->rest.n && (t->rest.p[0] == '(' || t->rest.p[0] == ')'))
        n = 1;
    while (!n && n < t->rest.n && word_char(t->rest.p[n]))
        for (n = 1; n < t->rest.n && word_char(t->rest.p[n]);)
            n++;
    if (!n && t->rest.n && t->rest.p[0] == '|')
        return refuse_pipe(t);
    if (!n && t->rest.n)
        return sigma_fail(t->r, ERR_FORMAT, t->line, "the condition has an unexpected '%.*s'",
                          STR_FMT(str_sub(t->rest, 0, 20)));
    t->word = str_sub(t->rest, 0, n);
    t->rest = str_sub(t->rest, n, t->rest.n);
    return OK;
}

static bool is(const struct tokens *t, const char *word)
{
    return str_eq(t->word, str_of(word));
}

static enum err node(struct tokens *t, enum cond_kind kind, struct cond **ret)
{
    if (++t->nodes > SIGMA_MAX_NODES)
        return sigma_fail(t->r, ERR_LIMIT, t->line, "the condition has more than %d parts",
                          SIGMA_MAX_NODES);
    *ret = arena_new(t->r->arena, struct cond);
    if (!*ret)
        return sigma_nomem(t->r);
    (*ret)->kind = kind;
    return OK;
}

/* Names in YAML may hold anything; a pattern's only special character is the star. */
static bool fits(struct str pattern, struct str name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, back = 0;
    while (n < name.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            back = n;
        } else if (p < pattern.n && pattern.p[p] == name.p[n]) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++back;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

/* Names that begin with "_" are left out unless the pattern begins so. */
static bool chosen(struct str pattern, struct str name)
{
    bool hidden = str_starts(name, STR("_"));
    if (str_eq(pattern, STR("them")))
        return !hidden;
    return (!hidden || str_starts(pattern, STR("_"))) && fits(pattern, name);
}

static enum err parse_of(struct tokens *t, bool all, struct cond **ret)
{
    TRY(next(t));
    struct str pattern = t->word;
    if (pattern.n == 0 || is(t, "(") || is(t, ")"))
        return sigma_fail(t->r, ERR_FORMAT, t->line, "'of' in the condition needs a name pattern");
    TRY(node(t, all ? COND_AND : COND_OR, ret));
    struct cond **tail = &(*ret)->child;
    for (size_t i = 0; i < t->detection->n; i++) {
        if (!chosen(pattern, t->detection->selection[i].name))
            continue;
        TRY(node(t, COND_REF, tail));
        (*tail)->selection = i;
        tail = &(*tail)->next;
    }
    if (!(*ret)->child)
        return sigma_fail(t->r, ERR_FORMAT, t->line, "no selection fits '%.*s' in the condition",
                          STR_FMT(pattern));
    return next(t);
}

static enum err parse_name(struct tokens *t, struct str name, struct cond **ret)
{
    for (size_t i = 0; i < t->detection->n; i++) {
        if (!str_eq(t->detection->selection[i].name, name))
            continue;
        TRY(node(t, COND_REF, ret));
        (*ret)->selection = i;
        return OK;
    }
    bool shouted = str_ieq(name, STR("and")) || str_ieq(name, STR("or")) ||
                   str_ieq(name, STR("not")) || str_ieq(name, STR("of"));
    return sigma_fail(t->r, ERR_FORMAT, t->line,
                      shouted ? "'%.*s' in the condition must be written in lower case"
                              : "the condition names '%.*s', which is not defined",
                      STR_FMT(name));
}

static enum err parse_or(struct tokens *t, struct cond **ret);

static enum err parse_brackets(struct tokens *t, struct cond **ret)
{
    if (++t->depth > SIGMA_MAX_DEPTH)
        return sigma_fail(t->r, ERR_LIMIT, t->line,
                          "the condition has more than %d brackets inside each other",
                          SIGMA_MAX_DEPTH);
    TRY(next(t));
    TRY(parse_or(t, ret));
    if (!is(t, ")"))
        return sigma_fail(t->r, ERR_FORMAT, t->line, "a bracket in the condition is not closed");
    t->depth--;
    return next(t);
}

static bool reserved(const struct tokens *t)
{
    return is(t, "and") || is(t, "or") || is(t, "of") || is(t, "them");
}

static bool digits(struct str s)
{
    uint64_t v;
    return str_u64(s, &v);
}

static enum err parse_primary(struct tokens *t, struct cond **ret)
{
    if (is(t, "("))
        return parse_brackets(t, ret);
    if (t->word.n == 0)
        return sigma_fail(t->r, ERR_FORMAT, t->line, "the condition ends too early");
    if (is(t, ")") || reserved(t))
        return sigma_fail(t->r, ERR_FORMAT, t->line, "unexpected '%.*s' in the condition",
                          STR_FMT(t->word));
    struct str word = t->word;
    TRY(next(t));
    if (!is(t, "of"))
        return parse_name(t, word, ret);
    bool all = str_eq(word, STR("all"));
    if (all || str_eq(word, STR("1")) || str_eq(word, STR("any")))
        return parse_of(t, all, ret);
    return sigma_fail(t->r, digits(word) ? ERR_UNSUPPORTED : ERR_FORMAT, t->line,
                      "'%.*s of' in the condition: only '1 of', 'any of' and 'all of' exist",
                      STR_FMT(word));
}

static enum err parse_not(struct tokens *t, struct cond **ret)
{
    bool negate = false;
    while (is(t, "not")) {
        negate = !negate;
        TRY(next(t));
    }
    if (!negate)
        return parse_primary(t, ret);
    TRY(node(t, COND_NOT, ret));
    return parse_primary(t, &(*ret)->child);
}

/* A chain of one operator becomes one node; a chain of one operand no node at all. */
static enum err parse_chain(struct tokens *t, const char *word, enum cond_kind kind,
                            enum err (*part)(struct tokens *, struct cond **), struct cond **ret)
{
    struct cond *first;
    TRY(part(t, &first));
    *ret = first;
    if (!is(t, word))
        return OK;
    TRY(node(t, kind, ret));
    (*ret)->child = first;
    for (struct cond *last = first; is(t, word); last = last->next) {
        TRY(next(t));
        TRY(part(t, &last->next));
    }
    return OK;
}

static enum err parse_and(struct tokens *t, struct cond **ret)
{
    return parse_chain(t, "and", COND_AND, parse_not, ret);
}

static enum err parse_or(struct tokens *t, struct cond **ret)
{
    return parse_chain(t, "or", COND_OR, parse_and, ret);
}

static enum err parse_text(struct tokens *t, const struct node *text, struct cond **ret)
{
    if (text->type != NODE_SCALAR || str_trim(text->text).n == 0)
        return sigma_fail(t->r, ERR_FORMAT, text->line, "the condition is empty or no text");
    t->line = text->line;
    t->rest = text->text;
    TRY(next(t));
    TRY(parse_or(t, ret));
    if (t->word.n == 0)
        return OK;
    return sigma_fail(t->r, ERR_FORMAT, t->line,
                      "the condition has '%.*s' where 'and' or 'or' was expected",
                      STR_FMT(t->word));
}

enum err sigma_condition_parse(struct sigma_reader *r, const struct node *text,
                               struct sigma_detection *detection)
{
    struct tokens t = {.r = r, .detection = detection};
    const struct node *list;
    size_t n = node_items(text, &list);
    if (n == 0)
        return sigma_fail(r, ERR_FORMAT, text->line, "the condition is empty");
    if (n == 1)
        return parse_text(&t, list, &detection->cond);
    TRY(node(&t, COND_OR, &detection->cond));
    struct cond **tail = &detection->cond->child;
    for (size_t i = 0; i < n; i++) {
        TRY(parse_text(&t, &list[i], tail));
        tail = &(*tail)->next;
    }
    return OK;
}
