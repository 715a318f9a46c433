#include "exposure/kev.h"

#include "base/time.h"
#include "codec/json.h"

/* "exchange_server" of a CPE and "Exchange Server" of the list; the list may say less. */
static bool begins_with(struct str whole, struct str part)
{
    size_t i = 0;
    for (size_t k = 0; k < part.n; k++) {
        unsigned char c = (unsigned char)part.p[k];
        if (!ascii_alpha(c) && !ascii_digit(c))
            continue;
        while (i < whole.n && whole.p[i] == '_')
            i++;
        if (i == whole.n || ascii_lower((unsigned char)whole.p[i++]) != ascii_lower(c))
            return false;
    }
    return i > 0;
}

/* What a maker calls after himself he may call anything. */
static const struct table_product *product_of(const struct tables *t, const struct node *entry)
{
    struct str maker = node_text(entry, "vendorProject"), name = node_text(entry, "product");
    for (size_t i = 0; i < t->n_products; i++) {
        struct str product = t->product[i].facts->cpe, vendor = STR("");
        if (!t->product[i].catalogued || !product.n || !str_cut(&product, ':', &vendor))
            continue;
        if (begins_with(vendor, maker) && (begins_with(product, name) || str_eq(vendor, product)))
            return &t->product[i];
    }
    return NULL;
}

/* What no table has: told if it is of a product of ours, else counted. */
static enum err lacks(const struct tables *t, const struct node *entry, struct kev_lack lack,
                      struct arena *arena, struct kev_told *told)
{
    lack.product = product_of(t, entry);
    if (!lack.product) {
        told->foreign++;
        return OK;
    }
    lack.cve = arena_str(arena, lack.cve);
    lack.name = arena_str(arena, node_text(entry, "product"));
    told->lack[told->n_lacks++] = lack;
    return lack.cve.p && lack.name.p ? OK : ERR_NOMEM;
}

static enum err add_entry(struct tables *t, const struct node *entry, struct arena *arena,
                          struct kev_told *told)
{
    struct str id = str_trim(node_text(entry, "cveID")), added = node_text(entry, "dateAdded");
    int64_t added_us, due_us = TIME_NONE;
    if (!id.n || !time_parse_date(str_sub(added, 0, 10), &added_us)) {
        told->left_out++;
        return OK;
    }
    int at = tables_cve(t, id);
    if (at < 0)
        return lacks(t, entry, (struct kev_lack){.cve = id, .added_us = added_us}, arena, told);
    if (!time_parse_date(str_sub(node_text(entry, "dueDate"), 0, 10), &due_us))
        due_us = TIME_NONE;
    t->cve[at].kev_us = added_us;
    t->cve[at].due_us = due_us;
    struct str use = node_text(entry, "knownRansomwareCampaignUse");
    if (use.n) /* older copies have no word on it */
        t->cve[at].ransomware = str_ieq(use, STR("Known"));
    return OK;
}

static enum err add_list(struct tables *t, const struct node *list, struct arena *arena,
                         struct kev_told *told)
{
    const struct node *entry = NULL;
    told->entries = node_items(list, &entry);
    told->lack = arena_new_n(arena, struct kev_lack, told->entries + 1);
    if (!told->lack)
        return ERR_NOMEM;
    for (size_t i = 0; i < told->entries; i++)
        TRY(add_entry(t, &entry[i], arena, told));
    return OK;
}

enum err kev_add(struct tables *t, struct str text, struct str name, struct arena *arena,
                 struct kev_told *ret_told, struct error *error)
{
    struct arena parsed;
    struct node *root = NULL;
    *ret_told = (struct kev_told){0};
    arena_init(&parsed, (size_t)8 * KEV_BYTES);
    enum err rc = json_parse(&parsed, text, name, &root, error);
    const struct node *list = rc ? NULL : node_get(root, "vulnerabilities");
    if (!rc && (!list || list->type != NODE_LIST))
        rc = fail(error, ERR_FORMAT, "%.*s: no list of known exploited vulnerabilities",
                  STR_FMT(name));
    if (!rc && add_list(t, list, arena, ret_told))
        rc = fail(error, ERR_NOMEM, "%.*s: out of memory", STR_FMT(name));
    arena_done(&parsed);
    return rc;
}
