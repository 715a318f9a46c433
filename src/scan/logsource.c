#include "scan/logsource.h"

#include "base/limits.h"
#include "codec/yaml.h"

static const char *const roles[ROLE_COUNT] = {
    "client", "user",  "method",  "stem",    "query",  "status", "agent", "referer",
    "host",   "build", "request", "mailbox", "cmdlet", "port",   "bytes",
};

const char *role_name(enum role r)
{
    return roles[r];
}

static const char *const hows[] = {"raw",   "text",      "path",     "url",    "rawurl",
                                   "query", "rawquery",  "client",   "commas", "cafe",
                                   "build", "plainpath", "plainurl", "key",    "coded"};

bool how_decodes(enum how how)
{
    return how == HOW_PATH || how == HOW_URL || how == HOW_QUERY || how == HOW_PLAINPATH ||
           how == HOW_PLAINURL;
}

static bool view_same(const struct view *a, const struct view *b)
{
    if (a->how != b->how || a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!str_ieq(a->column[i], b->column[i]))
            return false;
    return true;
}

struct kind_def kind_copy(const struct kind_def *kind, struct arena *arena)
{
    struct kind_def copy = *kind;
    copy.max_views = copy.n_views; /* the next one is put elsewhere */
    copy.arena = arena;
    return copy;
}

static bool views_grow(struct kind_def *k)
{
    enum { FIRST = 8 };
    size_t max = k->n_views < FIRST ? FIRST : 2 * k->n_views;
    struct view *grown = arena_new_n(k->arena, struct view, max);
    if (!grown)
        return false;
    if (k->n_views)
        memcpy(grown, k->view, k->n_views * sizeof *grown);
    k->view = grown;
    k->max_views = max;
    return true;
}

/* The number of a view, given on first sight; -1 when the table is full. */
static int view_intern(struct kind_def *k, const struct view *v)
{
    for (size_t i = 0; i < k->n_views; i++)
        if (view_same(&k->view[i], v))
            return (int)i;
    if (k->n_views == LOGSOURCE_VIEWS || (k->n_views == k->max_views && !views_grow(k)))
        return -1;
    k->view[k->n_views] = *v;
    return (int)k->n_views++;
}

/* "url cs-uri-stem cs-uri-query" */
static bool view_parse(struct str text, struct view *ret_view)
{
    struct str word;
    size_t how = ARRAY_LEN(hows);
    *ret_view = (struct view){0};
    if (!str_cut(&text, ' ', &word))
        return false;
    for (how = 0; how < ARRAY_LEN(hows) && !str_eq(word, str_of(hows[how])); how++)
        ;
    if (how == ARRAY_LEN(hows))
        return false;
    ret_view->how = (enum how)how;
    while (str_cut(&text, ' ', &word))
        if (word.n && ret_view->n < VIEW_COLUMNS)
            ret_view->column[ret_view->n++] = word;
    return ret_view->n > 0;
}

static enum err bad(struct error *error, const struct node *n, const char *what)
{
    return fail_at(error, ERR_FORMAT, "logsources.yaml", n->line, "%s", what);
}

static enum err views_parse(struct kind_def *k, const struct node *list, size_t max,
                            uint16_t *ret_view, size_t *ret_n, struct error *error)
{
    const struct node *item;
    size_t n = node_items(list, &item);
    *ret_n = 0;
    for (size_t i = 0; i < n; i++) {
        struct view v;
        int id = view_parse(item[i].text, &v) ? view_intern(k, &v) : -1;
        if (id < 0 || *ret_n == max)
            return bad(error, &item[i], "not a view");
        ret_view[(*ret_n)++] = (uint16_t)id;
    }
    return OK;
}

enum err kind_roles_parse(struct kind_def *k, const struct node *map, struct error *error)
{
    for (size_t i = 0; map && i < map->n; i++) {
        size_t r = 0;
        while (r < ROLE_COUNT && !str_eq(map->key[i], str_of(roles[r])))
            r++;
        if (r == ROLE_COUNT)
            return bad(error, &map->item[i], "unknown role");
        TRY(views_parse(k, &map->item[i], ROLE_VIEWS, k->role[r], &k->n_role[r], error));
    }
    return OK;
}

enum err kind_fields_parse(struct arena *arena, struct kind_def *k, const struct node *map,
                           struct field_map **ret_field, size_t *ret_n, struct error *error)
{
    size_t n = map ? map->n : 0;
    *ret_n = 0;
    *ret_field = arena_new_n(arena, struct field_map, n + 1);
    if (!*ret_field)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        struct field_map *f = &(*ret_field)[(*ret_n)++];
        f->name = map->key[i];
        TRY(views_parse(k, &map->item[i], SIGMA_MAX_VIEWS, f->view, &f->n, error));
    }
    return OK;
}

static enum err kind_parse(struct arena *arena, struct kind_def *k, const struct node *n,
                           struct error *error)
{
    const struct node *src;
    size_t n_src = node_items(node_get(n, "logsource"), &src);
    k->arena = arena;
    k->pattern = node_text(n, "kind");
    k->title = node_text(n, "title");
    k->family = node_text(n, "family");
    k->path = node_text(n, "path");
    (void)node_bool(node_get(n, "steady"), &k->steady);
    if (!k->pattern.p || !k->title.p || !k->family.p || n_src > LOGSOURCE_SOURCES)
        return bad(error, n, "a kind needs kind, title, family and at most six log sources");
    for (size_t i = 0; i < n_src; i++)
        k->source[k->n_sources++] =
            (struct source){node_text(&src[i], "category"), node_text(&src[i], "product"),
                            node_text(&src[i], "service")};
    TRY(kind_roles_parse(k, node_get(n, "role"), error));
    return kind_fields_parse(arena, k, node_get(n, "field"), &k->field, &k->n_fields, error);
}

enum err logsources_load(struct arena *arena, struct str text, struct logsources *ret,
                         struct error *error)
{
    struct node *doc;
    const struct node *kind, *proxy;
    size_t n_docs;
    *ret = (struct logsources){0};
    TRY(yaml_parse(arena, text, STR("logsources.yaml"), 1, &doc, &n_docs, error));
    if (n_docs == 0)
        return fail_at(error, ERR_FORMAT, "logsources.yaml", 0, "empty");
    size_t n = node_items(node_get(doc, "kinds"), &kind);
    ret->kind = arena_new_n(arena, struct kind_def, n + 1);
    size_t n_proxy = node_items(node_get(doc, "proxy_rules"), &proxy);
    ret->proxy_rules.v = arena_new_n(arena, struct str, n_proxy + 1);
    if (!ret->kind || !ret->proxy_rules.v)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        TRY(kind_parse(arena, &ret->kind[ret->n++], &kind[i], error));
    for (size_t i = 0; i < n_proxy; i++)
        ret->proxy_rules.v[ret->proxy_rules.n++] = node_text(&proxy[i], "id");
    return OK;
}

bool kind_fits(struct str pattern, struct str kind)
{
    if (pattern.n && pattern.p[pattern.n - 1] == '*')
        return str_istarts(kind, str_sub(pattern, 0, pattern.n - 1));
    return str_ieq(pattern, kind);
}

struct kind_def *logsources_kind(const struct logsources *ls, struct str kind)
{
    for (size_t i = 0; i < ls->n; i++)
        if (kind_fits(ls->kind[i].pattern, kind))
            return &ls->kind[i];
    return NULL;
}

static bool part_fits(struct str wanted, struct str given)
{
    return !wanted.p || wanted.n == 0 || (given.p && str_ieq(wanted, given));
}

static bool source_fits(const struct source *s, struct str category, struct str product,
                        struct str service)
{
    /* A rule that names a product alone means all of its logs: only where the kind says so. */
    bool product_only = !category.n && !service.n;
    if (product_only && (s->category.p || s->service.p) && !str_ieq(product, STR("exchange")))
        return false;
    return part_fits(category, s->category) && part_fits(product, s->product) &&
           part_fits(service, s->service);
}

static bool reviewed(const struct logsources *ls, struct str id)
{
    for (size_t i = 0; i < ls->proxy_rules.n; i++)
        if (str_ieq(ls->proxy_rules.v[i], id))
            return true;
    return false;
}

/* An event is of a service and of categories at once: each part of the rule's log source must be
 * one of them. */
static bool event_answers(const struct kind_def *k, const struct sigma_rule *rule)
{
    bool category = !rule->category.n, product = !rule->product.n, service = !rule->service.n;
    for (size_t i = 0; i < k->n_sources; i++) {
        const struct source *s = &k->source[i];
        product = product || str_ieq(rule->product, s->product);
        category = category || (s->category.p && str_ieq(rule->category, s->category));
        service = service || (s->service.p && str_ieq(rule->service, s->service));
    }
    return category && product && service;
}

bool kind_answers(const struct logsources *ls, const struct kind_def *k,
                  const struct sigma_rule *rule)
{
    struct str category = rule->category;
    if (!category.n && !rule->product.n && !rule->service.n)
        return false;
    if (k->rows)
        return event_answers(k, rule);
    if (str_ieq(category, STR("proxy"))) {
        if (!reviewed(ls, rule->id))
            return false;
        category = STR("webserver");
    }
    for (size_t i = 0; i < k->n_sources; i++)
        if (source_fits(&k->source[i], category, rule->product, rule->service))
            return true;
    return false;
}

size_t kind_views(struct kind_def *k, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    for (size_t i = 0; i < k->n_fields; i++)
        if (str_ieq(k->field[i].name, field)) {
            memcpy(ret_view, k->field[i].view, k->field[i].n * sizeof *ret_view);
            return k->field[i].n;
        }
    struct view v = {.how = HOW_RAW, .column = {field}, .n = 1};
    int id = view_intern(k, &v);
    if (id < 0)
        return 0;
    ret_view[0] = (uint16_t)id;
    return 1;
}

size_t kind_views_alone(struct kind_def *k, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    uint16_t view[SIGMA_MAX_VIEWS];
    size_t n = kind_views(k, field, view), alone = 0;
    for (size_t i = 0; i < n; i++)
        if (k->view[view[i]].how == HOW_QUERY || k->view[view[i]].how == HOW_RAWQUERY)
            ret_view[alone++] = view[i];
    return alone;
}
