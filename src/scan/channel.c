#include "scan/channel.h"

#include "codec/yaml.h"

static enum err bad(struct error *error, const struct node *n, const char *what)
{
    return fail_at(error, ERR_FORMAT, "events.yaml", n->line, "%s", what);
}

static enum err ids_parse(const struct node *list, struct event_ids *ret, struct error *error)
{
    const struct node *item;
    size_t n = node_items(list, &item);
    for (size_t i = 0; i < n; i++) {
        uint64_t id;
        if (ret->n == CHANNEL_IDS || !str_u64(item[i].text, &id) || id >= SHAPE_NO_ID)
            return bad(error, &item[i], "not an event id, or too many");
        ret->id[ret->n++] = (uint32_t)id;
    }
    return OK;
}

bool event_ids_have(const struct event_ids *ids, uint32_t id)
{
    bool any = ids->n == 0;
    for (size_t i = 0; i < ids->n && !any; i++)
        any = ids->id[i] == id;
    return any;
}

static enum err categories_parse(struct arena *arena, struct channel_def *c, const struct node *map,
                                 struct error *error)
{
    size_t n = map ? map->n : 0;
    c->category = arena_new_n(arena, struct event_category, n + 1);
    if (!c->category)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        struct event_category *k = &c->category[c->n_categories++];
        k->name = map->key[i];
        TRY(ids_parse(&map->item[i], &k->ids, error));
    }
    return OK;
}

static enum err maps_parse(struct arena *arena, struct channel_def *c, const struct node *list,
                           struct error *error)
{
    const struct node *item;
    size_t n = node_items(list, &item);
    c->map = arena_new_n(arena, struct event_map, n + 1);
    if (!c->map)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        struct event_map *m = &c->map[c->n_maps++];
        TRY(ids_parse(node_get(&item[i], "id"), &m->ids, error));
        TRY(kind_fields_parse(arena, &c->kind, node_get(&item[i], "field"), &m->field, &m->n,
                              error));
    }
    return OK;
}

static enum err sources_add(struct channel_def *c, const struct node *n, struct error *error)
{
    const struct node *service;
    size_t n_services = node_items(node_get(n, "service"), &service);
    struct kind_def *k = &c->kind;
    if (n_services > CHANNEL_SERVICES)
        return bad(error, n, "too many services");
    for (size_t i = 0; i < n_services; i++)
        k->source[k->n_sources++] =
            (struct source){.product = c->product, .service = service[i].text};
    k->source[k->n_sources++] = (struct source){.product = c->product};
    return OK;
}

static enum err channel_parse(struct arena *arena, const struct node *doc, const struct node *n,
                              struct channel_def *c, struct error *error)
{
    const struct node *name;
    size_t n_names = node_items(node_get(n, "channel"), &name);
    struct str product = node_text(n, "product");
    c->product = product.p ? product : STR("windows");
    c->kind.arena = arena;
    c->kind.pattern = node_text(n, "kind");
    c->kind.title = node_text(n, "title");
    c->kind.family = STR("eventlog");
    c->kind.rows = true;
    if (n_names == 0 || n_names > CHANNEL_NAMES || !c->kind.pattern.p || !c->kind.title.p)
        return bad(error, n, "a channel needs channel, kind and title");
    for (size_t i = 0; i < n_names; i++)
        c->name[c->n_names++] = name[i].text;
    TRY(sources_add(c, n, error));
    TRY(kind_roles_parse(&c->kind, node_get(doc, "role"), error));
    TRY(categories_parse(arena, c, node_get(n, "category"), error));
    TRY(ids_parse(node_get(n, "cleared"), &c->cleared, error));
    return maps_parse(arena, c, node_get(n, "map"), error);
}

/* Kinds whose silence is natural; a word that is not known is an error. */
static enum err silence_parse(struct arena *arena, const struct node *channel, size_t n,
                              struct event_channels *ret, struct error *error)
{
    ret->natural.v = arena_new_n(arena, struct str, n + 1);
    if (!ret->natural.v)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        struct str how = node_text(&channel[i], "silence");
        if (how.p && !str_eq(how, STR("natural")))
            return bad(error, &channel[i], "silence: natural, or nothing");
        if (how.p)
            ret->natural.v[ret->natural.n++] = ret->channel[i].kind.pattern;
    }
    return OK;
}

/* The table that all channels share. */
static enum err codes_parse(struct arena *arena, const struct node *map, struct event_channels *ret,
                            struct error *error)
{
    size_t n = map ? map->n : 0;
    struct event_code *code = arena_new_n(arena, struct event_code, n + 1);
    if (!code)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        code[i] = (struct event_code){map->key[i], map->item[i].text};
    for (size_t i = 0; i < ret->n; i++) {
        ret->channel[i].kind.code = code;
        ret->channel[i].kind.n_codes = n;
    }
    return OK;
}

static enum err names_parse(struct arena *arena, const struct node *list, struct str_list *ret)
{
    const struct node *item;
    size_t n = node_items(list, &item);
    ret->v = arena_new_n(arena, struct str, n + 1);
    for (size_t i = 0; ret->v && i < n; i++)
        ret->v[ret->n++] = item[i].text;
    return ret->v ? OK : ERR_NOMEM;
}

static enum err cleared_parse(struct arena *arena, const struct node *map,
                              struct event_cleared *ret)
{
    TRY(names_parse(arena, node_get(map, "provider"), &ret->provider));
    TRY(names_parse(arena, node_get(map, "log"), &ret->log));
    TRY(names_parse(arena, node_get(map, "domain"), &ret->domain));
    return names_parse(arena, node_get(map, "user"), &ret->user);
}

enum err event_channels_load(struct arena *arena, struct str text, struct event_channels *ret,
                             struct error *error)
{
    struct node *doc;
    const struct node *item;
    size_t n_docs;
    *ret = (struct event_channels){0};
    TRY(yaml_parse(arena, text, STR("events.yaml"), 1, &doc, &n_docs, error));
    if (n_docs == 0)
        return fail_at(error, ERR_FORMAT, "events.yaml", 0, "empty");
    size_t n = node_items(node_get(doc, "channels"), &item);
    ret->channel = arena_new_n(arena, struct channel_def, n + 1);
    if (!ret->channel || names_parse(arena, node_get(doc, "fold"), &ret->fold) ||
        names_parse(arena, node_get(doc, "hash"), &ret->hash) ||
        cleared_parse(arena, node_get(doc, "cleared"), &ret->cleared))
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        TRY(channel_parse(arena, doc, &item[i], &ret->channel[ret->n++], error));
    if (n == 0 || !str_eq(ret->channel[n - 1].name[0], STR("*")))
        return fail_at(error, ERR_FORMAT, "events.yaml", 0, "the last channel is not *");
    TRY(silence_parse(arena, item, n, ret, error));
    return codes_parse(arena, node_get(doc, "code"), ret, error);
}

const struct channel_def *channel_find(const struct event_channels *c, struct str channel)
{
    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < c->channel[i].n_names; k++)
            if (kind_fits(c->channel[i].name[k], channel))
                return &c->channel[i];
    return &c->channel[c->n - 1];
}

enum err channel_kind(const struct channel_def *c, uint32_t event_id, struct arena *arena,
                      struct kind_def **ret_kind)
{
    struct kind_def *k = arena_new(arena, struct kind_def);
    size_t n = 0;
    *ret_kind = k;
    if (!k)
        return ERR_NOMEM;
    *k = kind_copy(&c->kind, arena);
    for (size_t i = 0; i < c->n_categories && k->n_sources < LOGSOURCE_SOURCES; i++)
        if (event_ids_have(&c->category[i].ids, event_id))
            k->source[k->n_sources++] =
                (struct source){.category = c->category[i].name, .product = c->product};
    for (size_t i = 0; i < c->n_maps; i++)
        n += c->map[i].n;
    k->field = arena_new_n(arena, struct field_map, n + 1);
    if (!k->field)
        return ERR_NOMEM;
    for (size_t i = 0; i < c->n_maps; i++)
        for (size_t f = 0; event_ids_have(&c->map[i].ids, event_id) && f < c->map[i].n; f++)
            k->field[k->n_fields++] = c->map[i].field[f];
    return OK;
}

const struct event_ids *channel_ids(const struct channel_def *c, struct str category)
{
    for (size_t i = 0; i < c->n_categories; i++)
        if (str_ieq(c->category[i].name, category))
            return &c->category[i].ids;
    return NULL;
}

bool channel_answers(const struct channel_def *c, const struct sigma_rule *rule)
{
    bool service = !rule->service.n;
    for (size_t i = 0; i < c->kind.n_sources; i++)
        service |= c->kind.source[i].service.p && str_ieq(rule->service, c->kind.source[i].service);
    return service && (rule->category.n || rule->product.n || rule->service.n) &&
           (!rule->product.n || str_ieq(rule->product, c->product)) &&
           (!rule->category.n || channel_ids(c, rule->category));
}

uint32_t channel_id_for(const struct channel_def *c, const struct sigma_rule *rule)
{
    const struct event_ids *ids = rule->category.n ? channel_ids(c, rule->category) : NULL;
    return ids && ids->n ? ids->id[0] : SHAPE_NO_ID;
}
