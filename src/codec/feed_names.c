#include "codec/feed_names.h"

/* Part of the address, the first that is found in it. */
static const struct {
    const char *part;
    enum feed_space space;
} addresses[] = {
    {"purl.org/dc/", SPACE_DC},
    {"purl.org/rss/1.0/modules/content", SPACE_CONTENT},
    {"purl.org/rss/1.0/modules/", SPACE_OTHER},
    {"purl.org/rss/", SPACE_CORE},
    {"purl.org/syndication/thread", SPACE_THREAD},
    {"search.yahoo.com/mrss", SPACE_MEDIA},
    {"www.itunes.com", SPACE_ITUNES},
    {"w3.org/2005/Atom", SPACE_CORE},
    {"purl.org/atom/ns", SPACE_CORE},
    {"backend.userland.com", SPACE_CORE},
    {"22-rdf-syntax-ns", SPACE_RDF},
    {"w3.org/XML/1998", SPACE_XML},
    {"w3.org/1999/xhtml", SPACE_HTML},
    {"feedburner", SPACE_BURNER},
};

static const struct {
    const char *prefix;
    enum feed_space space;
} usual[] = {
    {"dc", SPACE_DC},           {"dcterms", SPACE_DC},        {"dct", SPACE_DC},
    {"content", SPACE_CONTENT}, {"media", SPACE_MEDIA},       {"itunes", SPACE_ITUNES},
    {"atom", SPACE_CORE},       {"atom10", SPACE_CORE},       {"a10", SPACE_CORE},
    {"rss", SPACE_CORE},        {"rdf", SPACE_RDF},           {"xml", SPACE_XML},
    {"xhtml", SPACE_HTML},      {"feedburner", SPACE_BURNER}, {"thr", SPACE_THREAD},
};

static const struct {
    enum feed_space space;
    const char *name;
    enum feed_field field;
    unsigned rank;
} fields[] = {
    {SPACE_CORE, "title", FIELD_TITLE, 3},
    {SPACE_DC, "title", FIELD_TITLE, 2},
    {SPACE_MEDIA, "title", FIELD_TITLE, 1},
    {SPACE_CORE, "content", FIELD_TEXT, 5},
    {SPACE_CONTENT, "encoded", FIELD_TEXT, 5},
    {SPACE_HTML, "body", FIELD_TEXT, 5},
    {SPACE_CORE, "encoded", FIELD_TEXT, 4},
    {SPACE_CORE, "body", FIELD_TEXT, 4},
    {SPACE_CORE, "fullitem", FIELD_TEXT, 4},
    {SPACE_CORE, "description", FIELD_TEXT, 3},
    {SPACE_CORE, "summary", FIELD_TEXT, 3},
    {SPACE_DC, "description", FIELD_TEXT, 2},
    {SPACE_DC, "abstract", FIELD_TEXT, 2},
    {SPACE_MEDIA, "description", FIELD_TEXT, 1},
    {SPACE_ITUNES, "summary", FIELD_TEXT, 1},
    {SPACE_BURNER, "origLink", FIELD_URL, 5},
    {SPACE_CORE, "link", FIELD_URL, 4},
    {SPACE_CORE, "guid", FIELD_ID, 4},
    {SPACE_CORE, "id", FIELD_ID, 4},
    {SPACE_DC, "identifier", FIELD_ID, 2},
    {SPACE_CORE, "pubDate", FIELD_TIME, 5},
    {SPACE_CORE, "published", FIELD_TIME, 5},
    {SPACE_CORE, "issued", FIELD_TIME, 5},
    {SPACE_DC, "created", FIELD_TIME, 4},
    {SPACE_DC, "issued", FIELD_TIME, 4},
    {SPACE_DC, "date", FIELD_TIME, 3},
    {SPACE_CORE, "date", FIELD_TIME, 3},
    {SPACE_CORE, "created", FIELD_TIME, 3},
    {SPACE_CORE, "updated", FIELD_TIME, 2},
    {SPACE_CORE, "modified", FIELD_TIME, 2},
    {SPACE_DC, "modified", FIELD_TIME, 1},
    {SPACE_DC, "creator", FIELD_AUTHOR, 4},
    {SPACE_CORE, "author", FIELD_AUTHOR, 3},
    {SPACE_ITUNES, "author", FIELD_AUTHOR, 2},
    {SPACE_MEDIA, "credit", FIELD_AUTHOR, 1},
    {SPACE_CORE, "source", FIELD_SITE, 1},
    {SPACE_CORE, "language", FIELD_LANG, 2},
    {SPACE_DC, "language", FIELD_LANG, 2},
    {SPACE_THREAD, "in-reply-to", FIELD_THREAD, 1},
};

static enum feed_space space_of_address(struct str address, enum feed_space otherwise)
{
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
        if (str_ifind(address, str_of(addresses[i].part)) >= 0)
            return addresses[i].space;
    return otherwise;
}

static enum feed_space space_of_prefix(struct str prefix)
{
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        if (str_ieq(prefix, str_of(usual[i].prefix)))
            return usual[i].space;
    return SPACE_OTHER;
}

static const struct feed_prefix *learned(const struct feed_prefixes *p, struct str prefix)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(str_of(p->prefix[i].name), prefix))
            return &p->prefix[i];
    return NULL;
}

void feed_prefix_learn(struct feed_prefixes *p, struct str attribute, struct str address)
{
    struct str prefix = str_sub(attribute, STR("xmlns:").n, attribute.n);
    if (!str_starts(attribute, STR("xmlns:")) || prefix.n >= FEED_PREFIX_BYTES ||
        p->n == FEED_PREFIXES || learned(p, prefix))
        return;
    struct feed_prefix *to = &p->prefix[p->n++];
    memcpy(to->name, prefix.p, prefix.n);
    to->name[prefix.n] = 0;
    to->space = space_of_address(str_sub(address, 0, 256), space_of_prefix(prefix));
}

struct feed_name feed_name_of(const struct feed_prefixes *p, struct str name)
{
    ptrdiff_t colon = str_chr(name, ':');
    if (colon < 0)
        return (struct feed_name){SPACE_CORE, name};
    struct str prefix = str_sub(name, 0, (size_t)colon);
    const struct feed_prefix *known = learned(p, prefix);
    return (struct feed_name){known ? known->space : space_of_prefix(prefix),
                              str_sub(name, (size_t)colon + 1, name.n)};
}

enum feed_field feed_field_of(struct feed_name name, unsigned *ret_rank)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (fields[i].space != name.space || !str_ieq(str_of(fields[i].name), name.local))
            continue;
        *ret_rank = fields[i].rank;
        return fields[i].field;
    }
    return FIELD_NONE;
}
