#include "match/ioc_set.h"

void hits_add_chain(struct hits *hits, const uint32_t *next, uint32_t head)
{
    for (size_t i = 0; i < hits->n; i++)
        if (hits->v[i] == head)
            return;
    for (uint32_t i = head; i != IOC_NONE && hits->n < hits->max; i = next[i])
        hits->v[hits->n++] = i;
}

size_t ioc_rejected(const struct ioc_set *set, const uint32_t **ret_index)
{
    *ret_index = set->rejected;
    return set->n_rejected;
}

size_t ioc_count(const struct ioc_set *set, enum indicator_type type)
{
    return set->count[type];
}

size_t ioc_literals(const struct ioc_set *set, const struct ioc_literal **ret_literals)
{
    *ret_literals = set->literal;
    return set->n_literals;
}

struct str hash_bytes(struct str hex, char out[32])
{
    hex = str_trim(hex);
    if (hex.n != 32 && hex.n != 40 && hex.n != 64)
        return STR_NONE;
    for (size_t i = 0; i < hex.n; i += 2) {
        int hi = ascii_hex((unsigned char)hex.p[i]), lo = ascii_hex((unsigned char)hex.p[i + 1]);
        if (hi < 0 || lo < 0)
            return STR_NONE;
        out[i / 2] = (char)(hi << 4 | lo);
    }
    return str_make(out, hex.n / 2);
}

bool has_scheme(struct str s)
{
    size_t i = 0;
    while (i < s.n && i < 16 && (ascii_alpha((unsigned char)s.p[i]) || s.p[i] == '+'))
        i++;
    return i > 0 && str_starts(str_sub(s, i, s.n), STR("://"));
}

struct str host_of(struct str text, int32_t *ret_port, struct str *ret_behind)
{
    *ret_port = -1;
    if (has_scheme(text))
        text = str_sub(text, (size_t)str_find(text, STR("://")) + 3, text.n);
    size_t end = 0;
    while (end < text.n && !strchr("/?#\\", text.p[end] ? text.p[end] : 'x'))
        end++;
    *ret_behind = str_sub(text, end, text.n);
    struct str host = str_trim(str_sub(text, 0, end));
    ptrdiff_t at = str_rchr(host, '@');
    if (at >= 0)
        host = str_sub(host, (size_t)at + 1, host.n);
    ptrdiff_t colon = str_rchr(host, ':'), bracket = str_rchr(host, ']');
    uint64_t port;
    if (colon > bracket &&
        str_chr(str_sub(host, (size_t)(bracket + 1), host.n), ':') + bracket + 1 == colon) {
        if (str_u64(str_sub(host, (size_t)colon + 1, host.n), &port) && port < 65536)
            *ret_port = (int32_t)port;
        host.n = (size_t)colon;
    }
    while (host.n && host.p[host.n - 1] == '.')
        host.n--;
    return host;
}

bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

struct str last_part(struct str path, struct str *ret_folder)
{
    size_t end = path.n;
    while (end > 0 && !is_separator(path.p[end - 1]))
        end--;
    struct str name = str_sub(path, end, path.n);
    while (end > 0 && is_separator(path.p[end - 1]))
        end--;
    size_t from = end;
    while (from > 0 && !is_separator(path.p[from - 1]))
        from--;
    struct str folder = str_sub(path, from, end);
    /* A drive or a variable names no folder that another log would write the same way. */
    if (folder.n && (folder.p[folder.n - 1] == ':' || folder.p[0] == '%'))
        folder.n = 0;
    *ret_folder = folder.p ? folder : STR("");
    return name;
}

static size_t fold_into(struct str s, char *out)
{
    for (size_t i = 0; i < s.n; i++)
        out[i] = (char)ascii_lower((unsigned char)s.p[i]);
    return s.n;
}

static void find_chain(const struct ioc_set *set, const struct map *map, struct str key,
                       struct hits *hits)
{
    const uint32_t *head = map_get(map, key);
    if (head)
        hits_add_chain(hits, set->next, *head);
}

static void find_domain(const struct ioc_set *set, struct str text, struct hits *hits)
{
    char low[MAX_DOMAIN_BYTES];
    struct str behind;
    int32_t port;
    struct str host = host_of(text, &port, &behind);
    if (!host.n || host.n > MAX_DOMAIN_BYTES)
        return;
    host = str_make(low, fold_into(host, low));
    for (ptrdiff_t dot = 0; dot >= 0 && hits->n < hits->max; dot = str_chr(host, '.')) {
        if (dot || host.p[0] == '.')
            host = str_sub(host, (size_t)dot + 1, host.n);
        find_chain(set, &set->domain, host, hits);
    }
}

bool name_fits(const struct item *item, struct str folder)
{
    return !item->folder.n || !folder.n || str_ieq(item->folder, folder);
}

/* Servers run "/x.aspx/more" as x.aspx: every part with a dot is asked for, besides the last. */
static void find_name(const struct ioc_set *set, struct str path, struct hits *hits)
{
    char low[MAX_NAME_BYTES];
    bool last = true;
    while (path.n && hits->n < hits->max) {
        struct str folder, name = last_part(path, &folder);
        if (name.n && name.n <= MAX_NAME_BYTES && (last || str_chr(name, '.') >= 0)) {
            const uint32_t *head = map_get(&set->name, str_make(low, fold_into(name, low)));
            for (uint32_t i = head ? *head : IOC_NONE; i != IOC_NONE; i = set->next[i])
                if (hits->n < hits->max && name_fits(&set->item[i], folder))
                    hits->v[hits->n++] = i;
        }
        last = last && !name.n; /* behind a closing "/" comes nothing */
        path.n -= name.n;
        while (path.n && is_separator(path.p[path.n - 1]))
            path.n--;
    }
}

struct view view_of_request(const struct ioc_request *r, int32_t *ret_port)
{
    struct str behind, stem = r->stem, query = r->query;
    struct str host = host_of(r->host, ret_port, &behind);
    if (has_scheme(stem))
        host = host_of(stem, ret_port, &stem);
    if (query.n && query.p[0] == '?')
        query = str_sub(query, 1, query.n);
    struct view v = {{host, stem, query.n ? STR("?") : STR_NONE, query}, 0};
    v.n = host.n + stem.n + v.part[2].n + query.n;
    return v;
}

size_t ioc_find_url(const struct ioc_set *set, const struct ioc_request *request,
                    uint32_t *ret_index, size_t max)
{
    struct hits hits = {ret_index, 0, max};
    int32_t port;
    struct view v = view_of_request(request, &port);
    occurs_find(&set->url, set->next, &v, port, &hits);
    return hits.n;
}

size_t ioc_find(const struct ioc_set *set, enum indicator_type type, struct str subject,
                uint32_t *ret_index, size_t max)
{
    struct hits hits = {ret_index, 0, max};
    struct view v = view_of(subject);
    struct ioc_request request = {STR_NONE, subject, STR_NONE};
    char bytes[32];
    struct str key;
    if (!subject.n || !set->count[type])
        return 0;
    switch (type) {
    case INDICATOR_ADDRESS: addresses_find_text(&set->addresses, set->next, subject, &hits); break;
    case INDICATOR_HASH:
        key = hash_bytes(subject, bytes);
        if (key.n)
            find_chain(set, &set->hash, key, &hits);
        break;
    case INDICATOR_DOMAIN: find_domain(set, subject, &hits); break;
    case INDICATOR_NAME: find_name(set, subject, &hits); break;
    case INDICATOR_AGENT: occurs_find(&set->agent, set->next, &v, -1, &hits); break;
    case INDICATOR_TEXT: occurs_find(&set->text, set->next, &v, -1, &hits); break;
    case INDICATOR_URL: return ioc_find_url(set, &request, ret_index, max);
    }
    return hits.n;
}

bool ioc_address(const struct ioc_set *set, struct str text, uint32_t *ret_index)
{
    struct hits hits = {ret_index, 0, 1};
    addresses_find_text(&set->addresses, set->next, text, &hits);
    return hits.n > 0;
}

bool ioc_hash(const struct ioc_set *set, struct str hex, uint32_t *ret_index)
{
    return ioc_find(set, INDICATOR_HASH, hex, ret_index, 1) > 0;
}

bool ioc_domain(const struct ioc_set *set, struct str host, uint32_t *ret_index)
{
    return ioc_find(set, INDICATOR_DOMAIN, host, ret_index, 1) > 0;
}

bool ioc_name(const struct ioc_set *set, struct str path, uint32_t *ret_index)
{
    return ioc_find(set, INDICATOR_NAME, path, ret_index, 1) > 0;
}

bool ioc_agent(const struct ioc_set *set, struct str agent, uint32_t *ret_index)
{
    return ioc_find(set, INDICATOR_AGENT, agent, ret_index, 1) > 0;
}

bool ioc_url(const struct ioc_set *set, const struct ioc_request *request, uint32_t *ret_index)
{
    return ioc_find_url(set, request, ret_index, 1) > 0;
}

bool ioc_text(const struct ioc_set *set, struct str text, uint32_t *ret_index)
{
    return ioc_find(set, INDICATOR_TEXT, text, ret_index, 1) > 0;
}
