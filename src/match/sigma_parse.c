#include "match/sigma_priv.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/wr.h"

#include <stdio.h>

enum err sigma_fail(struct sigma_reader *r, enum err code, uint32_t line, const char *fmt, ...)
{
    va_list ap;
    char text[sizeof r->error->text];
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return fail_at(r->error, code, "", line, "%s", text);
}

enum err sigma_nomem(struct sigma_reader *r)
{
    return fail(r->error, ERR_NOMEM, "out of memory while reading Sigma rules");
}

enum err sigma_texts(struct sigma_reader *r, const struct node *node, const char *what,
                     struct str **ret_texts, size_t *ret_n)
{
    const struct node *list;
    size_t n = node_items(node, &list);
    *ret_n = 0;
    *ret_texts = arena_new_n(r->arena, struct str, n + 1);
    if (!*ret_texts)
        return sigma_nomem(r);
    for (size_t i = 0; i < n; i++) {
        if (list[i].type != NODE_SCALAR)
            return sigma_fail(r, ERR_FORMAT, list[i].line, "'%s' must be a list of texts", what);
        if (!node_is_null(&list[i]))
            (*ret_texts)[(*ret_n)++] = list[i].text;
    }
    return OK;
}

static bool listed(struct str s, const char *const *list)
{
    for (; *list; list++)
        if (str_eq(s, str_of(*list)))
            return true;
    return false;
}

static enum err check_word(struct sigma_reader *r, const struct node *doc, const char *key,
                           const char *const *list, struct str *ret)
{
    const struct node *node = node_get(doc, key);
    *ret = node_text(doc, key);
    if (!node || node_is_null(node) || (node->type == NODE_SCALAR && listed(*ret, list)))
        return OK;
    return sigma_fail(r, ERR_FORMAT, node->line, "%s '%.*s' does not exist", key, STR_FMT(*ret));
}

static enum err read_logsource(struct sigma_reader *r, const struct node *doc,
                               struct sigma_rule *rule)
{
    const struct node *ls = node_get(doc, "logsource");
    if (!ls)
        return sigma_fail(r, ERR_FORMAT, rule->line, "the rule has no logsource");
    if (ls->type != NODE_MAP)
        return sigma_fail(r, ERR_FORMAT, ls->line, "'logsource' must be a map");
    rule->category = node_text(ls, "category");
    rule->product = node_text(ls, "product");
    rule->service = node_text(ls, "service");
    rule->definition = node_text(ls, "definition");
    if (!rule->category.n && !rule->product.n && !rule->service.n)
        return sigma_fail(r, ERR_FORMAT, ls->line,
                          "the logsource needs a category, product or service");
    return OK;
}

/* A map: every item must match. */
static enum err read_map(struct sigma_reader *r, const struct node *map, struct group *g)
{
    if (map->n == 0)
        return sigma_fail(r, ERR_FORMAT, map->line, "a selection is empty");
    g->kind = GROUP_AND;
    g->n = map->n;
    g->child = arena_new_n(r->arena, struct group, map->n);
    struct item *item = arena_new_n(r->arena, struct item, map->n);
    if (!g->child || !item)
        return sigma_nomem(r);
    for (size_t i = 0; i < map->n; i++) {
        const struct node *v = &map->item[i];
        bool list = v->type == NODE_LIST;
        if (v->type == NODE_MAP)
            return sigma_fail(r, ERR_FORMAT, v->line, "field '%.*s' has a map as its value",
                              STR_FMT(map->key[i]));
        TRY(sigma_item_parse(r, map->key[i], v->line, list ? v->item : v, list ? v->n : 1,
                             &item[i]));
        g->child[i] = (struct group){.kind = GROUP_ITEM, .item = &item[i]};
    }
    return OK;
}

/* The texts of a list are the keywords of one item. */
static enum err read_keywords(struct sigma_reader *r, const struct node *list, size_t n,
                              uint32_t line, struct group *g)
{
    struct node *word = arena_new_n(r->arena, struct node, n);
    struct item *item = arena_new(r->arena, struct item);
    size_t words = 0;
    if (!word || !item)
        return sigma_nomem(r);
    for (size_t i = 0; i < n; i++)
        if (list[i].type == NODE_SCALAR)
            word[words++] = list[i];
    *g = (struct group){.kind = GROUP_ITEM, .item = item};
    return sigma_item_parse(r, STR(""), line, word, words, item);
}

/* A list: maps and keywords, any of which is enough. */
static enum err read_list(struct sigma_reader *r, const struct node *list, struct group *g)
{
    bool keywords = false;
    g->kind = GROUP_OR;
    g->child = arena_new_n(r->arena, struct group, list->n + 1);
    if (!g->child)
        return sigma_nomem(r);
    if (list->n == 0)
        return sigma_fail(r, ERR_FORMAT, list->line, "a selection is empty");
    for (size_t i = 0; i < list->n; i++) {
        const struct node *v = &list->item[i];
        if (v->type == NODE_LIST)
            return sigma_fail(r, ERR_FORMAT, v->line, "a list in a selection holds a list");
        keywords |= v->type == NODE_SCALAR;
        if (v->type == NODE_MAP)
            TRY(read_map(r, v, &g->child[g->n++]));
    }
    if (keywords)
        TRY(read_keywords(r, list->item, list->n, list->line, &g->child[g->n++]));
    return OK;
}

static enum err read_selection(struct sigma_reader *r, struct str name, const struct node *v,
                               struct selection *s)
{
    s->name = name;
    s->line = v->line;
    if (v->type == NODE_MAP)
        return read_map(r, v, &s->group);
    if (v->type == NODE_LIST)
        return read_list(r, v, &s->group);
    if (node_is_null(v))
        return sigma_fail(r, ERR_FORMAT, v->line, "selection '%.*s' is empty", STR_FMT(name));
    return read_keywords(r, v, 1, v->line, &s->group);
}

static void put_text(struct buf *b, struct str text)
{
    wr_u64(b, text.n);
    buf_str(b, text);
}

/* As deep as the YAML reader lets a document be. */
static void put_node(struct buf *b, const struct node *node)
{
    wr_u8(b, (uint8_t)node->type);
    wr_u8(b, node->plain);
    wr_u64(b, node->n);
    put_text(b, node->text);
    for (size_t i = 0; i < node->n; i++) {
        if (node->type == NODE_MAP)
            put_text(b, node->key[i]);
        put_node(b, &node->item[i]);
    }
}

static enum err read_fingerprint(struct sigma_reader *r, const struct node *detection,
                                 struct sigma_rule *rule)
{
    enum { NODE_BYTES = 64 }; /* more than is put beside a node's texts */
    struct buf b;
    buf_init(&b, 2 * LIMIT_RULE_FILE_BYTES + (size_t)NODE_BYTES * LIMIT_YAML_EVENTS);
    put_node(&b, detection);
    enum err rc = b.rc;
    sha256_of(buf_view(&b), rule->fingerprint);
    buf_done(&b);
    return rc ? sigma_nomem(r) : OK;
}

/* Selections and condition; skip names the keys that are something else. */
static enum err read_detection(struct sigma_reader *r, const struct node *map,
                               const char *const *skip, struct sigma_detection **ret)
{
    struct sigma_detection *d = arena_new(r->arena, struct sigma_detection);
    const struct node *condition = node_get(map, "condition");
    const struct node *timeframe = node_get(map, "timeframe");
    if (!d)
        return sigma_nomem(r);
    *ret = d;
    if (map->n > SIGMA_MAX_SELECTIONS)
        return sigma_fail(r, ERR_LIMIT, map->line, "more than %d selections", SIGMA_MAX_SELECTIONS);
    if (!condition)
        return sigma_fail(r, ERR_FORMAT, map->line, "the rule has no condition");
    d->selection = arena_new_n(r->arena, struct selection, map->n);
    if (!d->selection)
        return sigma_nomem(r);
    for (size_t i = 0; i < map->n; i++)
        if (!listed(map->key[i], skip))
            TRY(read_selection(r, map->key[i], &map->item[i], &d->selection[d->n++]));
    if (d->n == 0)
        return sigma_fail(r, ERR_FORMAT, map->line, "the rule has no selection");
    TRY(sigma_condition_parse(r, condition, d));
    if (timeframe)
        return sigma_fail(r, ERR_UNSUPPORTED, timeframe->line,
                          "'timeframe' belongs to aggregations, which Sigma replaced by "
                          "correlation rules: write it as 'timespan' there");
    return OK;
}

static enum err read_filter(struct sigma_reader *r, const struct node *filter,
                            struct sigma_rule *rule)
{
    static const char *const skip[] = {"rules", "condition", "timeframe", NULL};
    const struct node *rules = node_get(filter, "rules");
    if (filter->type != NODE_MAP)
        return sigma_fail(r, ERR_FORMAT, filter->line, "'filter' must be a map");
    if (!rules || node_is_null(rules))
        return sigma_fail(r, ERR_FORMAT, filter->line, "the filter names no rules");
    TRY(read_detection(r, filter, skip, &rule->detection));
    TRY(sigma_texts(r, rules, "rules", &rule->detection->target, &rule->detection->n_targets));
    if (rules->type == NODE_SCALAR && str_eq(rules->text, STR("any")))
        rule->detection->n_targets = 0;
    else if (rule->detection->n_targets == 0)
        return sigma_fail(r, ERR_FORMAT, rules->line, "the filter names no rules");
    return OK;
}

static enum err read_body(struct sigma_reader *r, const struct node *doc, struct sigma_rule *rule)
{
    static const char *const skip[] = {"condition", "timeframe", NULL};
    const struct node *correlation = node_get(doc, "correlation");
    const struct node *filter = node_get(doc, "filter");
    const struct node *detection = node_get(doc, "detection");
    if (correlation) {
        rule->type = SIGMA_CORRELATION;
        rule->correlation = arena_new(r->arena, struct sigma_correlation);
        if (!rule->correlation)
            return sigma_nomem(r);
        TRY(sigma_correlation_parse(r, correlation, rule->correlation));
        rule->correlation->generate |= str_ieq(node_text(doc, "generate"), STR("true"));
        return OK;
    }
    TRY(read_logsource(r, doc, rule));
    if (filter) {
        rule->type = SIGMA_FILTER;
        return read_filter(r, filter, rule);
    }
    rule->type = SIGMA_DETECTION;
    if (!detection)
        return sigma_fail(r, ERR_FORMAT, rule->line, "the rule has no detection");
    if (detection->type != NODE_MAP)
        return sigma_fail(r, ERR_FORMAT, detection->line, "'detection' must be a map");
    TRY(read_fingerprint(r, detection, rule));
    return read_detection(r, detection, skip, &rule->detection);
}

static enum err join_lines(struct sigma_reader *r, const struct node *v, struct str *ret)
{
    struct buf b;
    buf_init(&b, LIMIT_RULE_FILE_BYTES);
    for (size_t i = 0; i < v->n; i++) {
        if (i)
            buf_putc(&b, '\n');
        buf_str(&b, v->item[i].text);
    }
    *ret = b.rc ? STR_NONE : arena_str(r->arena, buf_view(&b));
    buf_done(&b);
    return ret->p ? OK : sigma_nomem(r);
}

static bool all_scalars(const struct node *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->item[i].type != NODE_SCALAR)
            return false;
    return v->type == NODE_LIST;
}

/* Keys outside the specification: kept as text for whoever knows them. */
static enum err read_extra(struct sigma_reader *r, const struct node *doc, struct sigma_rule *rule)
{
    static const char *const known[] = {"title",          "id",        "name",        "taxonomy",
                                        "related",        "status",    "description", "license",
                                        "references",     "author",    "date",        "modified",
                                        "tags",           "logsource", "detection",   "fields",
                                        "falsepositives", "level",     "scope",       "correlation",
                                        "filter",         "generate",  NULL};
    rule->extra = arena_new_n(r->arena, struct sigma_pair, doc->n + 1);
    if (!rule->extra)
        return sigma_nomem(r);
    for (size_t i = 0; i < doc->n; i++) {
        const struct node *v = &doc->item[i];
        struct sigma_pair *pair = &rule->extra[rule->n_extra];
        if (listed(doc->key[i], known) || node_is_null(v))
            continue;
        pair->key = doc->key[i];
        if (v->type == NODE_SCALAR)
            pair->value = v->text;
        else if (all_scalars(v))
            TRY(join_lines(r, v, &pair->value));
        else
            continue;
        rule->n_extra++;
    }
    return OK;
}

static enum err read_header(struct sigma_reader *r, const struct node *doc, struct sigma_rule *rule)
{
    static const char *const statuses[] = {"stable",     "test",        "experimental",
                                           "deprecated", "unsupported", NULL};
    static const char *const levels[] = {"informational", "low",      "medium",
                                         "high",          "critical", NULL};
    if (node_get(doc, "action"))
        return sigma_fail(r, ERR_UNSUPPORTED, node_get(doc, "action")->line,
                          "'action' collections are not supported: Sigma 2 dropped them");
    rule->title = node_text(doc, "title");
    rule->name = node_text(doc, "name");
    rule->description = node_text(doc, "description");
    rule->author = node_text(doc, "author");
    rule->date = node_text(doc, "date");
    if (str_trim(rule->title).n == 0)
        return sigma_fail(r, ERR_FORMAT, rule->line, "the rule has no title");
    TRY(check_word(r, doc, "status", statuses, &rule->status));
    TRY(check_word(r, doc, "level", levels, &rule->level));
    TRY(sigma_texts(r, node_get(doc, "tags"), "tags", &rule->tags, &rule->n_tags));
    TRY(sigma_texts(r, node_get(doc, "references"), "references", &rule->references,
                    &rule->n_references));
    return sigma_texts(r, node_get(doc, "falsepositives"), "falsepositives", &rule->falsepositives,
                       &rule->n_falsepositives);
}

static enum err read_rule(struct sigma_reader *r, const struct node *doc, struct sigma_rule *rule)
{
    if (doc->type != NODE_MAP)
        return sigma_fail(r, ERR_FORMAT, doc->line, "not a Sigma rule: the document is no map");
    rule->id = node_text(doc, "id");
    TRY(read_header(r, doc, rule));
    TRY(read_body(r, doc, rule));
    return read_extra(r, doc, rule);
}

enum err sigma_parse(struct arena *arena, const struct node *docs, size_t n_docs, struct str file,
                     struct sigma_rule **ret_rules, size_t *ret_n,
                     struct sigma_problem **ret_problems, size_t *ret_n_problems)
{
    *ret_n = *ret_n_problems = 0;
    *ret_rules = arena_new_n(arena, struct sigma_rule, n_docs + 1);
    *ret_problems = NULL;
    if (!*ret_rules)
        return ERR_NOMEM;
    for (size_t i = 0; i < n_docs; i++) {
        struct error error = {0};
        struct sigma_reader r = {arena, &error};
        struct sigma_rule *rule = &(*ret_rules)[*ret_n];
        if (node_is_null(&docs[i]))
            continue;
        *rule = (struct sigma_rule){.file = file, .line = docs[i].line};
        enum err rc = read_rule(&r, &docs[i], rule);
        if (rc == ERR_NOMEM)
            return rc;
        if (!rc) {
            ++*ret_n;
            continue;
        }
        if (!*ret_problems)
            *ret_problems = arena_new_n(arena, struct sigma_problem, n_docs);
        struct str reason = arena_str(arena, str_of(error.text));
        if (!*ret_problems || !reason.p)
            return ERR_NOMEM;
        (*ret_problems)[(*ret_n_problems)++] =
            (struct sigma_problem){file, error.offset ? (uint32_t)error.offset : docs[i].line,
                                   rule->id.p ? rule->id : STR(""), rc, reason};
    }
    return OK;
}

struct str sigma_extra(const struct sigma_rule *rule, const char *key)
{
    for (size_t i = 0; i < rule->n_extra; i++)
        if (str_eq(rule->extra[i].key, str_of(key)))
            return rule->extra[i].value;
    return STR_NONE;
}
