#include "exposure/kev.h"

#include "base/time.h"
#include "codec/json.h"

/* False if the entry lacks what makes it one. CVEs of other products are none of ours. */
static bool add_entry(struct tables *t, const struct node *entry)
{
    struct str id = node_text(entry, "cveID"), added = node_text(entry, "dateAdded");
    int64_t added_us, due_us = TIME_NONE;
    if (!id.n || !time_parse_date(str_sub(added, 0, 10), &added_us))
        return false;
    int at = tables_cve(t, id);
    if (at < 0)
        return true;
    if (!time_parse_date(str_sub(node_text(entry, "dueDate"), 0, 10), &due_us))
        due_us = TIME_NONE;
    t->cve[at].kev_us = added_us;
    t->cve[at].due_us = due_us;
    t->cve[at].ransomware |= str_ieq(node_text(entry, "knownRansomwareCampaignUse"), STR("Known"));
    return true;
}

enum err kev_add(struct tables *t, struct str text, struct str name, size_t *ret_left_out,
                 struct error *error)
{
    struct arena arena;
    struct node *root = NULL;
    const struct node *entry = NULL;
    *ret_left_out = 0;
    arena_init(&arena, (size_t)8 * KEV_BYTES);
    enum err rc = json_parse(&arena, text, name, &root, error);
    const struct node *list = rc ? NULL : node_get(root, "vulnerabilities");
    if (!rc && !list)
        rc = fail(error, ERR_FORMAT, "%.*s: no list of known exploited vulnerabilities",
                  STR_FMT(name));
    for (size_t i = 0, n = node_items(list, &entry); !rc && i < n; i++)
        *ret_left_out += !add_entry(t, &entry[i]);
    arena_done(&arena);
    return rc;
}
