#include "codec/json.h"
#include "watch/assets_row.h"

enum { NESTED_MAX = 16, TREE_BYTES = 1024 * 1024 * 1024 };

/* "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar" -> log4j-core, 2.14.1 */
static void purl_read(struct str purl, struct asset_row *row)
{
    if (!str_istarts(purl, STR("pkg:")))
        return;
    for (size_t i = 0; i < purl.n; i++)
        if (purl.p[i] == '?' || purl.p[i] == '#')
            purl.n = i;
    ptrdiff_t at = str_rchr(purl, '@'), slash = str_rchr(purl, '/');
    if (at > slash && !row->version.n)
        row->version = str_sub(purl, (size_t)at + 1, purl.n);
    if (!row->product.n)
        row->product = str_sub(purl, (size_t)(slash + 1), at > slash ? (size_t)at : purl.n);
}

static enum err components_read(struct assets *a, const struct node *list, struct str customer,
                                unsigned depth)
{
    const struct node *item;
    size_t n = node_items(list, &item);
    for (size_t i = 0; i < n; i++) {
        const struct node *supplier = node_get(&item[i], "supplier");
        struct asset_row row = {
            .customer = customer,
            .vendor = node_text(&item[i], "publisher"),
            .product = node_text(&item[i], "name"),
            .version = node_text(&item[i], "version"),
            .cpe = node_text(&item[i], "cpe"),
        };
        if (item[i].type != NODE_MAP)
            continue;
        if (!row.vendor.n && supplier && supplier->type == NODE_MAP)
            row.vendor = node_text(supplier, "name");
        purl_read(node_text(&item[i], "purl"), &row);
        TRY(assets_row(a, &row));
        const struct node *inner = node_get(&item[i], "components");
        if (inner && depth < NESTED_MAX)
            TRY(components_read(a, inner, customer, depth + 1));
    }
    return OK;
}

enum err assets_read_cyclonedx(struct assets *a, struct str text, struct str name,
                               struct error *error)
{
    struct arena arena;
    struct node *doc = NULL;
    arena_init(&arena, TREE_BYTES);
    enum err rc = json_parse(&arena, text, name, &doc, error);
    if (rc == ERR_LIMIT)
        rc = fail_at(error, ERR_FORMAT, name.p, 0, "is nested too deeply, or too large");
    const struct node *components = !rc ? node_get(doc, "components") : NULL;
    if (!rc && !str_eq(node_text(doc, "bomFormat"), STR("CycloneDX")) && !components)
        rc = fail_at(error, ERR_FORMAT, name.p, 0, "is JSON, but no CycloneDX document");
    if (!rc) {
        const struct node *metadata = node_get(doc, "metadata");
        const struct node *whole = metadata ? node_get(metadata, "component") : NULL;
        struct str customer = whole ? node_text(whole, "name") : STR("");
        rc = components_read(a, components, customer, 0);
    }
    arena_done(&arena);
    return rc;
}
