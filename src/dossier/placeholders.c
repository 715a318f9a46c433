#include "dossier/placeholders.h"

#include "base/limits.h"
#include "codec/yaml.h"
#include "os/io.h"

enum err placeholders_read(struct arena *arena, const struct node *map, struct placeholder **ret,
                           size_t *ret_n)
{
    size_t n = map->n < PLACEHOLDERS_MAX ? map->n : PLACEHOLDERS_MAX;
    *ret_n = 0;
    *ret = arena_new_n(arena, struct placeholder, n + 1);
    if (!*ret)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct node *item;
        size_t n_values = node_items(&map->item[i], &item);
        struct placeholder *p = &(*ret)[(*ret_n)++];
        p->name = map->key[i];
        p->values.v = arena_new_n(arena, struct str, n_values + 1);
        if (!p->values.v)
            return ERR_NOMEM;
        for (size_t k = 0; k < n_values; k++)
            if (item[k].type == NODE_SCALAR)
                p->values.v[p->values.n++] = item[k].text;
    }
    return OK;
}

static enum err check(const struct node *doc, size_t n_docs, struct str path, struct error *error)
{
    if (n_docs != 1 || doc->type != NODE_MAP)
        return fail(error, ERR_FORMAT, "\"%.*s\" is no map from names to lists", STR_FMT(path));
    if (doc->n > PLACEHOLDERS_MAX)
        return fail(error, ERR_LIMIT, "\"%.*s\" has more than %d lists", STR_FMT(path),
                    PLACEHOLDERS_MAX);
    for (size_t i = 0; i < doc->n; i++) {
        const struct node *item;
        size_t n = node_items(&doc->item[i], &item);
        bool texts = n > 0;
        for (size_t k = 0; k < n; k++)
            texts &= item[k].type == NODE_SCALAR && !node_is_null(&item[k]);
        if (!texts)
            return fail(error, ERR_FORMAT, "\"%.*s\", line %u: \"%.*s\" is no list of texts",
                        STR_FMT(path), (unsigned)doc->item[i].line, STR_FMT(doc->key[i]));
    }
    return OK;
}

enum err placeholders_load(struct arena *arena, struct str path, struct placeholder **ret,
                           size_t *ret_n, struct error *error)
{
    struct node *doc;
    size_t n_docs;
    struct str text;
    TRY(io_read_file(arena, path, LIMIT_RULE_FILE_BYTES, &text, error));
    TRY(yaml_parse(arena, text, path, 2, &doc, &n_docs, error));
    TRY(check(doc, n_docs, path, error));
    return placeholders_read(arena, doc, ret, ret_n) ? fail(error, ERR_NOMEM, "out of memory") : OK;
}

const struct placeholder *placeholders_find(const struct placeholder *list, size_t n,
                                            struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].name, name))
            return &list[i];
    return NULL;
}
