/* One "field|modifier|...: values" of a selection. The table below is the list of modifiers; what
 * may stand together is in allowed_with. */
#include "base/buf.h"
#include "base/limits.h"
#include "match/re.h"
#include "match/sigma_priv.h"

#include <math.h>

static const struct modifier {
    const char *name;
    unsigned bit;
    enum compare cmp;
    enum time_part part;
} modifiers[] = {
    {"all", MOD_ALL, CMP_EQ, PART_NONE},
    {"neq", MOD_NEQ, CMP_EQ, PART_NONE},
    {"contains", MOD_CONTAINS, CMP_EQ, PART_NONE},
    {"startswith", MOD_STARTS, CMP_EQ, PART_NONE},
    {"endswith", MOD_ENDS, CMP_EQ, PART_NONE},
    {"cased", MOD_CASED, CMP_EQ, PART_NONE},
    {"windash", MOD_WINDASH, CMP_EQ, PART_NONE},
    {"utf16le", MOD_UTF16LE, CMP_EQ, PART_NONE},
    {"wide", MOD_UTF16LE, CMP_EQ, PART_NONE},
    {"utf16be", MOD_UTF16BE, CMP_EQ, PART_NONE},
    {"utf16", MOD_UTF16, CMP_EQ, PART_NONE},
    {"base64", MOD_BASE64, CMP_EQ, PART_NONE},
    {"base64offset", MOD_SHIFTED, CMP_EQ, PART_NONE},
    {"expand", MOD_EXPAND, CMP_EQ, PART_NONE},
    {"re", MOD_RE, CMP_EQ, PART_NONE},
    {"i", MOD_I, CMP_EQ, PART_NONE},
    {"ignorecase", MOD_I, CMP_EQ, PART_NONE},
    {"m", MOD_M, CMP_EQ, PART_NONE},
    {"multiline", MOD_M, CMP_EQ, PART_NONE},
    {"s", MOD_S, CMP_EQ, PART_NONE},
    {"dotall", MOD_S, CMP_EQ, PART_NONE},
    {"cidr", MOD_CIDR, CMP_EQ, PART_NONE},
    {"exists", MOD_EXISTS, CMP_EQ, PART_NONE},
    {"fieldref", MOD_FIELDREF, CMP_EQ, PART_NONE},
    {"lt", MOD_COMPARE, CMP_LT, PART_NONE},
    {"lte", MOD_COMPARE, CMP_LTE, PART_NONE},
    {"gt", MOD_COMPARE, CMP_GT, PART_NONE},
    {"gte", MOD_COMPARE, CMP_GTE, PART_NONE},
    {"minute", MOD_TIME, CMP_EQ, PART_MINUTE},
    {"hour", MOD_TIME, CMP_EQ, PART_HOUR},
    {"day", MOD_TIME, CMP_EQ, PART_DAY},
    {"week", MOD_TIME, CMP_EQ, PART_WEEK},
    {"month", MOD_TIME, CMP_EQ, PART_MONTH},
    {"year", MOD_TIME, CMP_EQ, PART_YEAR},
};

/* The first bit present decides what kind of test an item is, and what else it may carry. */
static const struct {
    unsigned bit;
    enum item_op op;
    unsigned allowed;
    const char *name;
} kinds[] = {
    {MOD_RE, OP_RE, MOD_RE | MOD_I | MOD_M | MOD_S | MOD_POSITION | MOD_EXPAND | MOD_ALL | MOD_NEQ,
     "re"},
    {MOD_CIDR, OP_CIDR, MOD_CIDR | MOD_ALL | MOD_NEQ, "cidr"},
    {MOD_EXISTS, OP_EXISTS, MOD_EXISTS, "exists"},
    {MOD_FIELDREF, OP_FIELDREF, MOD_FIELDREF | MOD_POSITION | MOD_CASED | MOD_ALL | MOD_NEQ,
     "fieldref"},
    {MOD_TIME, OP_COMPARE, MOD_TIME | MOD_COMPARE | MOD_ALL | MOD_NEQ, "minute ... year"},
    {MOD_COMPARE, OP_COMPARE, MOD_COMPARE | MOD_ALL | MOD_NEQ, "lt ... gte"},
    {0, OP_TEXT, MOD_ALL | MOD_NEQ | MOD_POSITION | MOD_CASED | MOD_ENCODING | MOD_EXPAND, "text"},
};

static const struct modifier *modifier_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(modifiers); i++)
        if (str_eq(name, str_of(modifiers[i].name)))
            return &modifiers[i];
    return NULL;
}

/* Order matters for three of them: they define what the value is, so they come first. */
static enum err check_order(struct sigma_reader *r, const struct item *it, const struct modifier *m,
                            bool first)
{
    if (it->mods & m->bit)
        return sigma_fail(r, ERR_FORMAT, it->line,
                          "modifier '%s' stands twice, or beside one that excludes it", m->name);
    if (!first && m->bit & (MOD_RE | MOD_CIDR | MOD_EXISTS))
        return sigma_fail(r, ERR_FORMAT, it->line, "modifier '%s' must be the first one", m->name);
    if (m->bit & (MOD_I | MOD_M | MOD_S) && !(it->mods & MOD_RE))
        return sigma_fail(r, ERR_FORMAT, it->line, "modifier '%s' is for 're' only", m->name);
    if (m->bit & MOD_BASE64S && it->mods & MOD_POSITION)
        return sigma_fail(r, ERR_FORMAT, it->line,
                          "modifier '%s' must stand before contains, startswith or endswith",
                          m->name);
    if (m->bit & MOD_POSITION && it->mods & MOD_POSITION)
        return sigma_fail(r, ERR_FORMAT, it->line,
                          "only one of contains, startswith and endswith can be used");
    if (m->bit & MOD_BASE64S && it->mods & MOD_BASE64S)
        return sigma_fail(r, ERR_FORMAT, it->line, "base64 and base64offset exclude each other");
    return OK;
}

static enum err read_modifiers(struct sigma_reader *r, struct str chain, struct item *it)
{
    struct str name;
    bool first = true;
    while (str_cut(&chain, '|', &name)) {
        const struct modifier *m = modifier_find(name);
        if (!m)
            return sigma_fail(r, ERR_UNSUPPORTED, it->line, "unknown modifier '%.*s'",
                              STR_FMT(name));
        TRY(check_order(r, it, m, first));
        it->mods |= m->bit;
        if (m->bit & (MOD_ENCODING | MOD_EXPAND) && it->n_steps < ITEM_MAX_STEPS)
            it->step[it->n_steps++] = m->bit;
        if (m->bit == MOD_COMPARE)
            it->cmp = m->cmp;
        if (m->bit == MOD_TIME)
            it->part = m->part;
        first = false;
    }
    return OK;
}

static const char *name_of_bit(unsigned bit)
{
    for (size_t i = 0; i < ARRAY_LEN(modifiers); i++)
        if (modifiers[i].bit & bit)
            return modifiers[i].name;
    return "?";
}

static enum err decide_kind(struct sigma_reader *r, struct item *it)
{
    size_t k = 0;
    while (kinds[k].bit && !(it->mods & kinds[k].bit))
        k++;
    it->op = kinds[k].op;
    unsigned wrong = it->mods & ~kinds[k].allowed;
    if (wrong)
        return sigma_fail(r, ERR_FORMAT, it->line, "modifier '%s' cannot be combined with '%s'",
                          name_of_bit(wrong), kinds[k].name);
    if (it->field.p)
        return OK;
    unsigned keyword = MOD_ALL | MOD_NEQ | MOD_CONTAINS | MOD_CASED | MOD_ENCODING | MOD_EXPAND |
                       MOD_RE | MOD_I | MOD_M | MOD_S;
    if (it->mods & ~keyword)
        return sigma_fail(r, ERR_FORMAT, it->line, "modifier '%s' needs a field",
                          name_of_bit(it->mods & ~keyword));
    return OK;
}

static bool name_char(char c)
{
    return ascii_alpha((unsigned char)c) || ascii_digit((unsigned char)c) || c == '_';
}

/* Length of the %name% at s[at], or 0. */
static size_t hole_at(struct str s, size_t at)
{
    size_t end = at + 1;
    while (end < s.n && name_char(s.p[end]))
        end++;
    return s.p[at] == '%' && end < s.n && s.p[end] == '%' && end > at + 1 ? end + 1 - at : 0;
}

static bool escapes(struct str s, size_t at, bool holes)
{
    if (s.p[at] != '\\' || at + 1 >= s.n)
        return false;
    char c = s.p[at + 1];
    return c == '*' || c == '?' || c == '\\' || (holes && c == '%');
}

enum err sigma_pattern_parse(struct sigma_reader *r, struct str text, bool holes,
                             struct pattern *ret_pattern)
{
    /* Every special character splits the text in at most two more pieces. */
    size_t special = 0;
    for (size_t i = 0; i < text.n; i++)
        special += text.p[i] == '*' || text.p[i] == '?' || (holes && text.p[i] == '%');
    struct piece *piece = arena_new_n(r->arena, struct piece, 2 * special + 1);
    char *out = arena_alloc(r->arena, text.n + 1);
    if (!piece || !out)
        return sigma_nomem(r);
    size_t n = 0, from = 0, to = 0;
    for (size_t i = 0; i < text.n;) {
        size_t hole = holes ? hole_at(text, i) : 0;
        if (text.p[i] != '*' && text.p[i] != '?' && !hole) {
            i += escapes(text, i, holes);
            out[to++] = text.p[i++];
            continue;
        }
        if (to > from)
            piece[n++] = (struct piece){PIECE_TEXT, str_make(out + from, to - from)};
        from = to;
        if (hole)
            piece[n++] = (struct piece){PIECE_HOLE, str_sub(text, i + 1, i + hole - 1)};
        else if (text.p[i] == '?')
            piece[n++] = (struct piece){PIECE_ONE, STR_NONE};
        else if (!n || piece[n - 1].kind != PIECE_MANY) /* "**" says no more than "*" */
            piece[n++] = (struct piece){PIECE_MANY, STR_NONE};
        i += hole ? hole : 1;
    }
    if (to > from)
        piece[n++] = (struct piece){PIECE_TEXT, str_make(out + from, to - from)};
    *ret_pattern = (struct pattern){piece, n};
    return OK;
}

bool sigma_number(struct str s, double *ret_value)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ascii_digit((unsigned char)s.p[i]) && !memchr("+-.eE", s.p[i], 5))
            return false;
    return str_double(s, ret_value) && isfinite(*ret_value);
}

static enum err read_text(struct sigma_reader *r, const struct item *it, const struct node *node,
                          struct value *v)
{
    if (node->plain && !(it->mods & ~(MOD_ALL | MOD_NEQ))) {
        v->integer = str_i64(node->text, &v->i64);
        v->real = !v->integer && sigma_number(node->text, &v->number);
    }
    TRY(sigma_pattern_parse(r, node->text, it->mods & MOD_EXPAND, &v->pattern));
    if (!(it->mods & MOD_BASE64S))
        return OK;
    for (size_t i = 0; i < v->pattern.n; i++)
        if (v->pattern.piece[i].kind == PIECE_ONE || v->pattern.piece[i].kind == PIECE_MANY)
            return sigma_fail(r, ERR_FORMAT, v->line,
                              "value '%.*s' has wildcards, which cannot be encoded in base64",
                              STR_FMT(node->text));
    if (v->pattern.n == 0)
        return sigma_fail(r, ERR_FORMAT, v->line, "an empty value cannot be encoded in base64");
    return OK;
}

static bool has_hole(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (hole_at(s, i))
            return true;
    return false;
}

static enum err read_regex(struct sigma_reader *r, const struct item *it, const struct node *node,
                           struct value *v)
{
    v->text = node->text;
    if (it->mods & MOD_EXPAND && has_hole(v->text))
        return OK; /* checked when the placeholder is known */
    struct re *re;
    struct error why;
    enum err rc = re_new(v->text, RE_CHECK_ONLY, &re, &why);
    (void)re_free(re);
    return rc ? sigma_fail(r, rc, v->line, "%s", why.text) : OK;
}

static enum err read_net(struct sigma_reader *r, const struct node *node, struct value *v)
{
    if (ip_net_parse(node->text, &v->net))
        return OK;
    return sigma_fail(r, ERR_FORMAT, v->line, "'%.*s' is not an IP network in CIDR form",
                      STR_FMT(node->text));
}

static enum err read_number(struct sigma_reader *r, const struct item *it, const struct node *node,
                            struct value *v)
{
    static const struct {
        int min, max;
    } range[] = {[PART_MINUTE] = {0, 59}, [PART_HOUR] = {0, 23},  [PART_DAY] = {1, 31},
                 [PART_WEEK] = {1, 53},   [PART_MONTH] = {1, 12}, [PART_YEAR] = {1601, 9999}};
    if (!sigma_number(node->text, &v->number))
        return sigma_fail(r, ERR_FORMAT, v->line, "'%.*s' is not a number", STR_FMT(node->text));
    if (it->part != PART_NONE && (v->number < range[it->part].min ||
                                  v->number > range[it->part].max || v->number != floor(v->number)))
        return sigma_fail(r, ERR_FORMAT, v->line, "'%.*s' is not a number from %d to %d",
                          STR_FMT(node->text), range[it->part].min, range[it->part].max);
    return OK;
}

static enum err read_truth(struct sigma_reader *r, const struct node *node, struct value *v)
{
    if (node_bool(node, &v->truth))
        return OK;
    v->truth = node->plain && str_ieq(node->text, STR("yes"));
    if (v->truth || (node->plain && str_ieq(node->text, STR("no"))))
        return OK;
    return sigma_fail(r, ERR_FORMAT, v->line, "'exists' needs true or false, not '%.*s'",
                      STR_FMT(node->text));
}

static enum err read_field(struct sigma_reader *r, const struct node *node, struct value *v)
{
    struct pattern p;
    TRY(sigma_pattern_parse(r, node->text, false, &p));
    if (p.n != 1 || p.piece[0].kind != PIECE_TEXT)
        return sigma_fail(r, ERR_FORMAT, v->line, "'%.*s' is not the name of a field",
                          STR_FMT(node->text));
    v->text = p.piece[0].text;
    return OK;
}

static enum err read_value(struct sigma_reader *r, const struct item *it, const struct node *node,
                           struct value *v)
{
    v->line = node->line;
    if (node->type != NODE_SCALAR)
        return sigma_fail(r, ERR_FORMAT, node->line, "a value must be text, a number or null");
    if (node->text.n > SIGMA_MAX_VALUE_BYTES)
        return sigma_fail(r, ERR_LIMIT, node->line, "a value is longer than %d bytes",
                          SIGMA_MAX_VALUE_BYTES);
    v->null = node_is_null(node);
    if (v->null) {
        if (!it->field.p)
            return sigma_fail(r, ERR_FORMAT, node->line, "a keyword cannot be null");
        if (it->mods & ~(MOD_ALL | MOD_NEQ))
            return sigma_fail(r, ERR_FORMAT, node->line, "modifier '%s' cannot be used with null",
                              name_of_bit(it->mods & ~(MOD_ALL | MOD_NEQ)));
        return OK;
    }
    switch (it->op) {
    case OP_TEXT: return read_text(r, it, node, v);
    case OP_RE: return read_regex(r, it, node, v);
    case OP_CIDR: return read_net(r, node, v);
    case OP_COMPARE: return read_number(r, it, node, v);
    case OP_EXISTS: return read_truth(r, node, v);
    case OP_FIELDREF: return read_field(r, node, v);
    }
    return ERR_BUG;
}

enum err sigma_item_parse(struct sigma_reader *r, struct str key, uint32_t line,
                          const struct node *values, size_t n_values, struct item *ret_item)
{
    *ret_item = (struct item){.line = line};
    ptrdiff_t bar = str_chr(key, '|');
    struct str field = bar < 0 ? key : str_sub(key, 0, (size_t)bar);
    if (field.n)
        ret_item->field = field;
    if (field.n > LIMIT_FIELD_NAME_BYTES)
        return sigma_fail(r, ERR_LIMIT, line, "a field name is longer than %d bytes",
                          LIMIT_FIELD_NAME_BYTES);
    if (bar >= 0)
        TRY(read_modifiers(r, str_sub(key, (size_t)bar + 1, key.n), ret_item));
    TRY(decide_kind(r, ret_item));
    if (n_values == 0)
        return sigma_fail(r, ERR_FORMAT, line, "field '%.*s' has an empty list of values",
                          STR_FMT(key));
    if (ret_item->op == OP_EXISTS && n_values != 1)
        return sigma_fail(r, ERR_FORMAT, line, "'exists' takes one value");
    ret_item->value = arena_new_n(r->arena, struct value, n_values);
    if (!ret_item->value)
        return sigma_nomem(r);
    ret_item->n = n_values;
    for (size_t i = 0; i < n_values; i++)
        TRY(read_value(r, ret_item, &values[i], &ret_item->value[i]));
    return OK;
}
