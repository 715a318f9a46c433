#include "dossier/actors.h"

#include "codec/yaml.h"
#include "model/node.h"

static const char actors_name[] = "data/actors.yaml";

/* ---- words ---- */

/* The next row of a table of two columns; comments and empty lines are passed over. */
static bool next_row(struct str *rest, struct str *ret_word, struct str *ret_more)
{
    struct str line;
    while (str_cut(rest, '\n', &line)) {
        *ret_more = line;
        if (line.n && line.p[0] != '#' && str_cut(ret_more, '\t', ret_word))
            return true;
    }
    return false;
}

static bool among(struct str list, struct str word)
{
    struct str part;
    while (str_cut(&list, ',', &part))
        if (str_ieq(str_trim(part), word))
            return true;
    return false;
}

struct str sector_of(struct str word)
{
    struct str rest = embedded_get("data/sectors.tsv"), name, others;
    word = str_trim(word);
    while (next_row(&rest, &name, &others))
        if (str_ieq(name, word) || among(others, word))
            return name;
    return STR_NONE;
}

struct str sector_at(size_t n)
{
    struct str rest = embedded_get("data/sectors.tsv"), name, others;
    while (next_row(&rest, &name, &others))
        if (n-- == 0)
            return name;
    return STR_NONE;
}

struct str country_of(struct str word)
{
    struct str rest = embedded_get("data/countries.tsv"), code, name;
    word = str_trim(word);
    while (next_row(&rest, &code, &name))
        if (str_ieq(code, word) || str_ieq(name, word))
            return code;
    return STR_NONE;
}

struct str country_name(struct str code)
{
    struct str rest = embedded_get("data/countries.tsv"), at, name;
    while (next_row(&rest, &at, &name))
        if (str_eq(at, code))
            return name;
    return STR_NONE;
}

/* ---- groups ---- */

struct reading {
    struct arena *arena;
    struct dossier_problems *problems;
};

#define PROBLEM(r, line, ...)                                                                      \
    problem_add((r)->arena, (r)->problems, str_of(actors_name), line, false, __VA_ARGS__)

static enum err texts(const struct reading *r, const struct node *map, const char *key,
                      struct str_list *ret)
{
    const struct node *item;
    size_t n = node_items(node_get(map, key), &item);
    *ret = (struct str_list){.v = arena_new_n(r->arena, struct str, n ? n : 1)};
    for (size_t i = 0; ret->v && i < n; i++)
        if (item[i].type == NODE_SCALAR)
            ret->v[ret->n++] = item[i].text;
    return ret->v ? OK : ERR_NOMEM;
}

static bool truth(const struct node *map, const char *key)
{
    bool value = false;
    const struct node *node = node_get(map, key);
    return node && node_bool(node, &value) && value;
}

static void check(const struct reading *r, const struct node *map, const struct actor_profile *a)
{
    static const char *const keys[] = {"name",       "attack_id",  "aliases",   "sectors",
                                       "countries",  "takes_any",  "products",  "cves",
                                       "techniques", "ransomware", "last_seen", "source"};
    for (size_t i = 0; i < map->n; i++) {
        size_t k = 0;
        while (k < ARRAY_LEN(keys) && !str_eq(map->key[i], str_of(keys[k])))
            k++;
        if (k == ARRAY_LEN(keys))
            PROBLEM(r, map->item[i].line, "unknown key \"%.*s\"", STR_FMT(map->key[i]));
    }
    if (!a->name.n || !a->source.n || !a->products.n || !a->techniques.n || !a->last_seen)
        PROBLEM(r, map->line, "\"%.*s\" lacks source, products, techniques or last_seen",
                STR_FMT(a->name));
    for (size_t i = 0; i < a->sectors.n; i++)
        if (!str_eq(sector_of(a->sectors.v[i]), a->sectors.v[i]))
            PROBLEM(r, map->line, "no sector of STIX: \"%.*s\"", STR_FMT(a->sectors.v[i]));
    for (size_t i = 0; i < a->countries.n; i++)
        if (!str_eq(country_of(a->countries.v[i]), a->countries.v[i]))
            PROBLEM(r, map->line, "no country: \"%.*s\"", STR_FMT(a->countries.v[i]));
}

static enum err actor_read(const struct reading *r, const struct node *map,
                           struct actor_profile *ret)
{
    uint64_t year = 0;
    struct str seen = node_text(map, "last_seen");
    *ret = (struct actor_profile){.name = node_text(map, "name"),
                                  .attack_id = node_text(map, "attack_id"),
                                  .source = node_text(map, "source"),
                                  .takes_any = truth(map, "takes_any"),
                                  .ransomware = truth(map, "ransomware")};
    if (seen.p && str_u64(seen, &year) && year > 1990 && year < 3000)
        ret->last_seen = (unsigned)year;
    const struct {
        const char *key;
        struct str_list *list;
    } lists[] = {{"aliases", &ret->aliases},     {"sectors", &ret->sectors},
                 {"countries", &ret->countries}, {"products", &ret->products},
                 {"cves", &ret->cves},           {"techniques", &ret->techniques}};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        TRY(texts(r, map, lists[i].key, lists[i].list));
    check(r, map, ret);
    return OK;
}

enum err actors_load(struct arena *arena, struct actor_list *ret_actors,
                     struct dossier_problems *problems, struct error *error)
{
    struct reading r = {arena, problems};
    struct node *doc = NULL;
    const struct node *item;
    size_t n = 0;
    *ret_actors = (struct actor_list){0};
    enum err rc =
        yaml_parse(arena, embedded_get(actors_name), str_of(actors_name), 1, &doc, &n, error);
    if (rc < 0)
        return rc;
    n = node_items(n ? node_get(doc, "actors") : NULL, &item);
    if (n == 0 || n > ACTORS_MAX)
        return fail(error, ERR_BUG, "the program holds no groups");
    ret_actors->v = arena_new_n(arena, struct actor_profile, n);
    if (!ret_actors->v)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n && !rc; i++)
        if (item[i].type == NODE_MAP)
            rc = actor_read(&r, &item[i], &ret_actors->v[ret_actors->n++]);
    return rc ? fail(error, rc, "the groups cannot be read") : OK;
}
