/* data/shell.yaml as tables: features, what names stand for in each language, rules. */
#include "base/vec.h"
#include "match/shell_priv.h"

#include <stdio.h>

static const char *const grade_name[5] = {"request", "remote", "input", "decoded", "unset"};
static const char *const sink_name[SINK_N] = {
    "",       "eval",     "command",    "callback", "include", "class",  "write",
    "upload", "database", "connection", "xsl",      "object",  "lookup", "read",
    "list",   "pattern",  "create",     "login",    "mail",
};
static const char *const op_name[OP_N] = {
    "",          "base64",  "hex",    "inflate", "rot13", "reverse", "url",
    "chr",       "replace", "substr", "lower",   "upper", "trim",    "join",
    "translate", "pack",    "split",  "strip",   "same",  "range",   "other",
};
static const char *const known_name[] = {
    [K_REQUEST_NAMES_FUNCTION] = "request-names-function",
    [K_REQUEST_CALLS_FUNCTION] = "request-calls-function",
    [K_REQUEST_TO_HIDDEN] = "request-to-hidden-function",
    [K_REQUEST_NAMES_CLASS] = "request-names-class",
    [K_HIDDEN_NAME] = "hidden-name",
    [K_SINK_AS_CALLBACK] = "sink-as-callback",
    [K_REQUEST_TO_SCRIPT] = "request-to-script",
    [K_CODE_TO_SCRIPT] = "code-to-script",
    [K_COMMENT_SPLITS] = "comment-splits-call",
    [K_PASSWORD_GATE] = "password-gate",
    [K_READS_REQUEST] = "reads-request",
    [K_IMPORTS_REQUEST] = "imports-request",
    [K_INCLUDES] = "includes-others",
    [K_DEFINES] = "defines-functions",
    [K_TINY] = "tiny-script",
    [K_SMALL] = "small-script",
    [K_ODD_FILE] = "script-in-odd-file",
    [K_IMAGE_HEAD] = "image-head",
    [K_WRAPPED_HEAD] = "wrapped-head",
    [K_AFTER_END] = "after-end",
    [K_PUSHED_RIGHT] = "pushed-right",
    [K_LONG_LITERAL] = "long-literal",
    [K_ESCAPES] = "text-in-escapes",
    [K_UNICODE_ESCAPES] = "code-in-unicode-escapes",
    [K_NO_LETTERS] = "names-without-letters",
    [K_LOADER_CLASS] = "class-loader-in-page",
    [K_DANGER_NAME] = "danger-by-reflection",
    [K_COMMAND_SHELL] = "names-command-shell",
    [K_DUMP_SCRIPT] = "dump-with-script",
    [K_DUMP] = "dump-of-virtual-directory",
    [K_HANDLER] = "handler-for-odd-ending",
    [K_PREPEND] = "prepends-odd-file",
    [K_ENCODED_SCRIPT] = "encoded-script",
    [K_ODD_NAMES] = "odd-names",
    [K_LAYERS] = "code-in-layers",
    [K_UNSEEN_CALL] = "request-to-unseen-function",
    [K_INTO_EVAL] = "request-into-eval",
    [K_INTO_COMMAND] = "request-into-command",
    [K_PAGE] = "script-in-page",
    [K_REQUEST_DECODED] = "request-decoded",
    [K_SILENCED] = "silenced-call",
    [K_INCLUDES_PICTURE] = "includes-picture",
    [K_NAMELESS_CALL] = "calls-nameless",
    [K_BY_LINE] = "runs-in-script",
    [K_PIECED_COMPONENT] = "pieced-component",
    [K_DECODED_SCRIPT] = "decoded-to-script",
    [K_HEADER_CONNECTION] = "header-to-connection",
};
_Static_assert(ARRAY_LEN(known_name) == K_COUNT, "a name for each");

/* What a name may stand for besides "sink-", "can-" and "decode-". */
static const struct {
    const char *name;
    uint32_t is;
} role_name[] = {
    {"source", ROLE_SOURCE},   {"source-call", ROLE_SOURCE_CALL},
    {"pass", ROLE_PASS},       {"clean", ROLE_CLEAN},
    {"fill", ROLE_FILL},       {"open", ROLE_OPEN},
    {"hash", ROLE_HASH},       {"remote", ROLE_REMOTE},
    {"import", ROLE_IMPORT},   {"feed", ROLE_FEED},
    {"input", ROLE_INPUT},     {"danger", ROLE_DANGER},
    {"reflect", ROLE_REFLECT}, {"keep", ROLE_KEEP},
    {"type", ROLE_TYPE},       {"loader", ROLE_LOADER},
    {"upload", ROLE_UPLOAD},   {"read-file", ROLE_READ},
    {"exposed", ROLE_EXPOSED},
};

static enum err bad(struct error *error, const struct node *n, const char *what, struct str name)
{
    return fail_at(error, ERR_FORMAT, "shell.yaml", n->line, "%s '%.*s'", what, STR_FMT(name));
}

static uint16_t feature_find(const struct shell *s, struct str id)
{
    for (size_t i = 1; i < s->n_features; i++)
        if (str_eq(s->feature[i].id, id))
            return (uint16_t)i;
    return 0;
}

static uint16_t feature_of(const struct shell *s, const char *a, const char *b, const char *c)
{
    char text[80];
    int n = snprintf(text, sizeof text, "%s%s%s", a, b, c);
    return feature_find(s, str_make(text, (size_t)n));
}

static uint64_t role_hash(uint8_t table, struct str name)
{
    uint64_t h = 14695981039346656037u ^ table;
    for (size_t i = 0; i < name.n; i++)
        h = (h ^ ascii_lower((unsigned char)name.p[i])) * 1099511628211u;
    return h ^ h >> 29;
}

static struct shell_role *role_at(const struct shell *s, uint8_t table, struct str name)
{
    size_t i = role_hash(table, name) & s->role_mask;
    while (s->role[i].name.p && (s->role[i].table != table || !str_ieq(s->role[i].name, name)))
        i = (i + 1) & s->role_mask;
    return &s->role[i];
}

const struct shell_role *shell_role_find(const struct shell *s, enum shell_lang lang,
                                         struct str name)
{
    uint8_t table = lang == SL_PHP ? 0 : lang == SL_JAVA ? 2 : 1;
    if (name.n > 80)
        return NULL;
    const struct shell_role *r = role_at(s, table, name);
    return r->name.p ? r : NULL;
}

static bool word_in(const char *const *list, size_t n, struct str word, uint8_t *ret)
{
    for (size_t i = 1; i < n; i++)
        if (str_eq(str_of(list[i]), word)) {
            *ret = (uint8_t)i;
            return true;
        }
    return false;
}

static bool can_bit(struct shell *s, struct str key, uint32_t *ret)
{
    uint16_t f = feature_find(s, key);
    size_t i = 0;
    while (i < s->n_cans && s->can[i] != f)
        i++;
    if (f == 0 || i == SHELL_CANS)
        return false;
    s->can[i] = f;
    if (i == s->n_cans)
        s->n_cans++;
    *ret |= 1u << i;
    return true;
}

/* One key of a language's map: what all names of its list stand for. */
static bool role_of_key(struct shell *s, struct str key, struct shell_role *r)
{
    struct str rest;
    if (str_starts(key, STR("sink-")))
        return word_in(sink_name, SINK_N, str_sub(key, 5, key.n), &r->sink);
    if (str_starts(key, STR("set-"))) {
        r->is |= ROLE_SET;
        return word_in(sink_name, SINK_N, str_sub(key, 4, key.n), &r->sink);
    }
    rest = str_sub(key, 7, key.n);
    if (str_starts(key, STR("decode-")))
        return word_in(op_name, OP_N, rest, &r->op);
    if (str_starts(key, STR("can-")))
        return can_bit(s, key, &r->can);
    for (size_t i = 0; i < ARRAY_LEN(role_name); i++)
        if (str_eq(str_of(role_name[i].name), key)) {
            r->is |= role_name[i].is;
            return true;
        }
    return false;
}

static enum err roles_parse(struct shell *s, uint8_t table, const struct node *map,
                            struct error *error)
{
    for (size_t i = 0; map && i < map->n; i++) {
        const struct node *item;
        struct shell_role add = {0};
        size_t n = node_items(&map->item[i], &item);
        if (!role_of_key(s, map->key[i], &add))
            return bad(error, &map->item[i], "not a role", map->key[i]);
        for (size_t k = 0; k < n; k++) {
            struct shell_role *r = role_at(s, table, item[k].text);
            if (!r->name.p && ++s->n_roles * 2 > s->role_mask)
                return bad(error, &item[k], "too many names", item[k].text);
            if (r->sink && add.sink && r->sink != add.sink)
                return bad(error, &item[k], "in two sinks", item[k].text);
            r->name = item[k].text;
            r->table = table;
            r->sink |= add.sink;
            r->op |= add.op;
            r->is |= add.is;
            r->can |= add.can;
        }
    }
    return OK;
}

static size_t words_of(const struct node *feature)
{
    const struct node *word;
    return node_items(node_get(feature, "words"), &word);
}

static enum err features_parse(struct arena *arena, struct shell *s, const struct node *list,
                               struct error *error)
{
    const struct node *item, *word;
    size_t n = node_items(list, &item), n_words = 0;
    if (n + 1 > SHELL_FEATURES)
        return fail_at(error, ERR_LIMIT, "shell.yaml", 0, "too many features");
    for (size_t i = 0; i < n; i++)
        n_words += words_of(&item[i]);
    struct str *lit = arena_new_n(arena, struct str, n_words + 1);
    s->word_feature = arena_new_n(arena, uint16_t, n_words + 1);
    if (!lit || !s->word_feature)
        return fail(error, ERR_NOMEM, "out of memory");
    s->n_features = 1;
    for (size_t i = 0; i < n; i++) {
        struct shell_feature *f = &s->feature[s->n_features];
        f->id = node_text(&item[i], "id");
        f->says = node_text(&item[i], "says");
        if (!f->id.p || !f->says.p || feature_find(s, f->id))
            return bad(error, &item[i], "a feature needs an id of its own and says", f->id);
        if (!str_double(node_text(&item[i], "weight"), &f->weight))
            return bad(error, &item[i], "no weight:", f->id);
        size_t m = node_items(node_get(&item[i], "words"), &word);
        for (size_t k = 0; k < m; k++) {
            s->word_feature[s->n_words] = (uint16_t)s->n_features;
            lit[s->n_words++] = word[k].text;
        }
        s->n_features++;
    }
    return lit_new(lit, s->n_words, NULL, &s->words, error);
}

static enum err ids_parse(const struct shell *s, const struct node *list, uint16_t *ret,
                          uint8_t *ret_n, size_t max, struct error *error)
{
    const struct node *item;
    size_t n = node_items(list, &item);
    for (size_t i = 0; i < n; i++) {
        uint16_t f = feature_find(s, item[i].text);
        if (f == 0 || i == max)
            return bad(error, &item[i], "not a feature, or too many:", item[i].text);
        ret[(*ret_n)++] = f;
    }
    return OK;
}

static bool tier_of(struct str word, enum shell_tier *ret)
{
    for (int t = SHELL_WEAK; t <= SHELL_CERTAIN; t++)
        if (str_eq(word, shell_tier_name((enum shell_tier)t))) {
            *ret = (enum shell_tier)t;
            return true;
        }
    return false;
}

static enum err rule_parse(struct shell *s, const struct node *n, struct error *error)
{
    struct shell_rule *r = &s->rule[s->n_rules++];
    uint64_t can = 0;
    r->id = node_text(n, "id");
    if (!r->id.p || !tier_of(node_text(n, "tier"), &r->tier))
        return bad(error, n, "a rule needs id and tier", r->id);
    TRY(ids_parse(s, node_get(n, "all"), r->all, &r->n_all, ARRAY_LEN(r->all), error));
    TRY(ids_parse(s, node_get(n, "any"), r->any, &r->n_any, ARRAY_LEN(r->any), error));
    TRY(ids_parse(s, node_get(n, "also"), r->also, &r->n_also, ARRAY_LEN(r->also), error));
    TRY(ids_parse(s, node_get(n, "none"), r->none, &r->n_none, ARRAY_LEN(r->none), error));
    if (node_get(n, "can") && !str_u64(node_text(n, "can"), &can))
        return bad(error, n, "can: a number", r->id);
    if (node_get(n, "score") && !str_double(node_text(n, "score"), &r->min_score))
        return bad(error, n, "score: a number", r->id);
    r->min_can = (uint32_t)can;
    if (r->n_all + r->n_any == 0)
        return bad(error, n, "a rule needs all or any", r->id);
    return OK;
}

static enum err rules_parse(struct shell *s, const struct node *doc, struct error *error)
{
    const struct node *item;
    size_t n = node_items(node_get(doc, "rules"), &item);
    if (n > SHELL_RULES)
        return fail_at(error, ERR_LIMIT, "shell.yaml", 0, "too many rules");
    for (size_t i = 0; i < n; i++)
        TRY(rule_parse(s, &item[i], error));
    for (int t = SHELL_WEAK; t <= SHELL_CERTAIN; t++) {
        struct str name = shell_tier_name((enum shell_tier)t);
        struct str score = node_text(node_get(doc, "score"), name.p);
        if (!str_double(score, &s->tier_score[t]))
            return fail_at(error, ERR_FORMAT, "shell.yaml", 0, "no score for %s", name.p);
    }
    return OK;
}

static enum err endings_parse(struct arena *arena, const struct node *list, struct str **ret,
                              size_t *ret_n)
{
    const struct node *item;
    *ret_n = node_items(list, &item);
    *ret = arena_new_n(arena, struct str, *ret_n + 1);
    for (size_t i = 0; *ret && i < *ret_n; i++)
        (*ret)[i] = item[i].text;
    return *ret ? OK : ERR_NOMEM;
}

static enum err line_words(const struct node *n, const char *key, struct shell_words *ret,
                           struct error *error)
{
    const struct node *item;
    size_t count = node_items(node_get(n, key), &item);
    for (size_t i = 0; i < count; i++) {
        if (i == ARRAY_LEN(ret->word) || item[i].text.n == 0)
            return bad(error, &item[i], "too many words, or an empty one", item[i].text);
        ret->word[ret->n++] = item[i].text;
    }
    return OK;
}

static bool yes(const struct node *n, const char *key)
{
    return str_eq(node_text(n, key), STR("yes"));
}

static enum err line_sink_parse(const struct node *n, struct shell_line_sink *ret,
                                struct error *error)
{
    struct str to = node_text(n, "to");
    if (!word_in(sink_name, SINK_N, to, &ret->sink))
        return bad(error, n, "no sink", to);
    ret->with = node_text(n, "with");
    ret->without = node_text(n, "without");
    ret->second = yes(n, "second");
    ret->anywhere = yes(n, "anywhere");
    ret->bare = yes(n, "bare");
    ret->own = yes(n, "own");
    return line_words(n, "words", &ret->words, error);
}

static enum err script_parse(const struct node *n, struct shell_script *ret, struct error *error)
{
    const struct node *item;
    size_t count = node_items(node_get(n, "sinks"), &item);
    ret->language = node_text(n, "language");
    ret->cut = node_text(n, "cut");
    ret->comment = node_text(n, "comment");
    ret->needs = node_text(n, "needs");
    ret->sigils = yes(n, "sigils");
    ret->plain = yes(n, "plain");
    ret->pages = yes(n, "pages");
    if (!ret->language.p || count > ARRAY_LEN(ret->sink))
        return bad(error, n, "no language, or too many sinks", ret->language);
    TRY(line_words(n, "endings", &ret->endings, error));
    TRY(line_words(n, "interpreters", &ret->interpreters, error));
    TRY(line_words(n, "sources", &ret->sources, error));
    TRY(line_words(n, "fills", &ret->fills, error));
    TRY(line_words(n, "checks", &ret->checks, error));
    for (; ret->n_sinks < count; ret->n_sinks++)
        TRY(line_sink_parse(&item[ret->n_sinks], &ret->sink[ret->n_sinks], error));
    return OK;
}

static enum err scripts_parse(struct shell *s, const struct node *list, struct error *error)
{
    const struct node *item;
    size_t n = node_items(list, &item);
    if (n > ARRAY_LEN(s->script))
        return fail_at(error, ERR_LIMIT, "shell.yaml", 0, "too many scripts");
    for (; s->n_scripts < n; s->n_scripts++)
        TRY(script_parse(&item[s->n_scripts], &s->script[s->n_scripts], error));
    return OK;
}

static void features_name(struct shell *s)
{
    for (size_t g = 0; g < 5; g++)
        for (size_t k = 1; k < SINK_N; k++)
            s->to_sink[g][k] = feature_of(s, grade_name[g], "-to-", sink_name[k]);
    for (size_t i = 0; i < K_COUNT; i++)
        s->known[i] = feature_find(s, str_of(known_name[i]));
}

enum err shell_new(struct arena *arena, const struct node *doc, struct shell **ret_shell,
                   struct error *error)
{
    static const char *const table[] = {"php", "asp", "java"};
    struct shell *s = arena_new(arena, struct shell);
    *ret_shell = s;
    if (!s)
        return fail(error, ERR_NOMEM, "out of memory");
    s->role_mask = 4095;
    s->role = arena_new_n(arena, struct shell_role, s->role_mask + 1);
    if (!s->role)
        return fail(error, ERR_NOMEM, "out of memory");
    TRY(features_parse(arena, s, node_get(doc, "features"), error));
    features_name(s);
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        TRY(roles_parse(s, (uint8_t)i, node_get(doc, table[i]), error));
    TRY(scripts_parse(s, node_get(doc, "scripts"), error));
    TRY(endings_parse(arena, node_get(doc, "script-endings"), &s->script_ending,
                      &s->n_script_endings));
    TRY(endings_parse(arena, node_get(doc, "odd-endings"), &s->odd_ending, &s->n_odd_endings));
    TRY(endings_parse(arena, node_get(doc, "picture-endings"), &s->picture_ending,
                      &s->n_picture_endings));
    return rules_parse(s, doc, error);
}

void shell_free(struct shell *s)
{
    if (s)
        s->words = lit_free(s->words);
}
