#include "match/ioc_set.h"

static struct str fold_copy(struct arena *arena, struct str s)
{
    struct str copy = arena_str(arena, s);
    for (size_t i = 0; copy.p && i < copy.n; i++)
        ((char *)(uintptr_t)copy.p)[i] = (char)ascii_lower((unsigned char)copy.p[i]);
    return copy;
}

/* Percent-escapes undone once; malformed ones stay. */
static struct str decode_copy(struct arena *arena, struct str s)
{
    struct str copy = fold_copy(arena, s);
    char *out = (char *)(uintptr_t)copy.p;
    size_t n = 0;
    for (size_t i = 0; copy.p && i < s.n; i++) {
        int hi = i + 2 < s.n && s.p[i] == '%' ? ascii_hex((unsigned char)s.p[i + 1]) : -1;
        int lo = hi >= 0 ? ascii_hex((unsigned char)s.p[i + 2]) : -1;
        if (lo >= 0) {
            out[n++] = (char)ascii_lower((unsigned char)(hi << 4 | lo));
            i += 2;
        } else {
            out[n++] = (char)ascii_lower((unsigned char)s.p[i]);
        }
    }
    copy.n = n;
    return copy;
}

static bool item_address(struct item *item, struct str value)
{
    struct ip ip;
    if (ip_net_parse(value, &item->net))
        return true;
    if (!ip_parse_log(value, &ip, NULL))
        return false;
    item->net = (struct ip_net){ip, 128};
    return true;
}

static bool item_domain(struct item *item, struct str value)
{
    if (str_starts(value, STR("*.")))
        value = str_sub(value, 2, value.n);
    while (value.n && value.p[0] == '.')
        value = str_sub(value, 1, value.n);
    while (value.n && value.p[value.n - 1] == '.')
        value.n--;
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] <= ' ' || strchr("/\\:@?#*", value.p[i]))
            return false;
    item->key = value;
    return value.n > 0 && value.n <= MAX_DOMAIN_BYTES;
}

static bool item_name(struct item *item, struct str value)
{
    item->key = last_part(value, &item->folder);
    return item->key.n > 0 && item->key.n <= MAX_NAME_BYTES;
}

/* Host, path and query are joined into one key, as subjects are. */
static bool url_pattern(struct arena *arena, struct str value, struct pattern *p)
{
    struct str behind;
    p->form = has_scheme(value) ? URL_HOST : str_starts(value, STR("/")) ? URL_PATH : URL_ANYWHERE;
    if (p->form != URL_ANYWHERE && str_chr(value, '#') > 0)
        value = str_sub(value, 0, (size_t)str_chr(value, '#'));
    if (p->form != URL_HOST) {
        p->key = decode_copy(arena, value);
        return value.n > (p->form == URL_PATH);
    }
    struct str host = host_of(value, &p->port, &behind);
    if (!host.n)
        return false;
    if (str_eq(behind, STR("/")))
        behind.n = 0;
    behind = decode_copy(arena, behind);
    char *key = arena_alloc(arena, host.n + behind.n + 1);
    p->key = str_make(key, host.n + behind.n);
    if (!key || !behind.p)
        return true; /* the caller sees key.p == NULL */
    for (size_t i = 0; i < host.n; i++)
        key[i] = (char)ascii_lower((unsigned char)host.p[i]);
    if (behind.n)
        memcpy(key + host.n, behind.p, behind.n);
    p->host_n = (uint32_t)host.n;
    return true;
}

/* Patterns of one type while they are collected; equal ones share one. */
struct collector {
    struct pattern *pattern;
    size_t n;
    struct map seen;
    bool agent;
};

static enum err collect(struct collector *c, struct arena *arena, struct ioc_set *set, uint32_t i)
{
    struct item *item = &set->item[i];
    struct str value = set->indicator[i].value;
    struct pattern p = {.port = -1, .head = IOC_NONE, .form = URL_ANYWHERE};
    uint32_t id;
    bool is_new;
    item->bad = value.n == 0 || value.n > MAX_PATTERN_BYTES;
    if (item->bad)
        return OK;
    if (set->indicator[i].type == INDICATOR_URL) {
        item->bad = !url_pattern(arena, value, &p);
        if (item->bad)
            return OK;
    } else {
        p.key = fold_copy(arena, value);
    }
    if (!p.key.p)
        return ERR_NOMEM;
    for (size_t k = 0; c->agent && k < p.key.n; k++)
        if (p.key.p[k] == '+' || p.key.p[k] == ',')
            ((char *)(uintptr_t)p.key.p)[k] = ' ';
    /* The same text means another thing with another form or port. */
    struct str tagged = {arena_alloc(arena, p.key.n + 9), p.key.n + 9};
    if (!tagged.p)
        return ERR_NOMEM;
    char *t = (char *)(uintptr_t)tagged.p;
    t[0] = (char)p.form;
    memcpy(t + 1, &p.port, 4);
    memcpy(t + 5, &p.host_n, 4);
    memcpy(t + 9, p.key.p, p.key.n);
    TRY(map_intern(&c->seen, tagged, &id, &is_new));
    if (is_new)
        c->pattern[c->n++] = p;
    item->pattern = id;
    set->next[i] = c->pattern[id].head;
    c->pattern[id].head = i;
    return OK;
}

static enum err chain_put(struct map *m, struct str key, uint32_t index, uint32_t *next)
{
    const uint32_t *head = map_get(m, key);
    next[index] = head ? *head : IOC_NONE;
    return map_put(m, key, index);
}

static enum err item_build(struct ioc_set *set, struct arena *arena, uint32_t i,
                           struct collector c[3])
{
    struct item *item = &set->item[i];
    struct str value = set->indicator[i].value;
    char bytes[32];
    struct map *map = &set->name;
    switch (set->indicator[i].type) {
    case INDICATOR_ADDRESS: item->bad = !item_address(item, value); return OK;
    case INDICATOR_AGENT: return collect(&c[0], arena, set, i);
    case INDICATOR_URL: return collect(&c[1], arena, set, i);
    case INDICATOR_TEXT: return collect(&c[2], arena, set, i);
    case INDICATOR_HASH:
        item->key = hash_bytes(value, bytes);
        item->bad = item->key.n == 0;
        map = &set->hash;
        break;
    case INDICATOR_DOMAIN:
        item->bad = !item_domain(item, value);
        map = &set->domain;
        break;
    case INDICATOR_NAME: item->bad = !item_name(item, value); break;
    default: item->bad = true;
    }
    if (item->bad)
        return OK;
    bool is_hash = map == &set->hash;
    item->key = is_hash ? arena_str(arena, item->key) : fold_copy(arena, item->key);
    item->folder = fold_copy(arena, item->folder);
    if (!item->key.p || !item->folder.p)
        return ERR_NOMEM;
    return chain_put(map, item->key, i, set->next);
}

static enum err build_occurs(struct ioc_set *set, struct arena *arena, struct collector c[3])
{
    TRY(occurs_build(&set->agent, arena, c[0].pattern, c[0].n, true));
    TRY(occurs_build(&set->url, arena, c[1].pattern, c[1].n, false));
    return occurs_build(&set->text, arena, c[2].pattern, c[2].n, false);
}

/* Strong ones first, then as given. Chains grow at their head: items are built in reverse. */
static void order_items(const struct ioc_set *set, uint32_t *order)
{
    size_t at = 0;
    for (int weak = 0; weak < 2; weak++)
        for (size_t i = 0; i < set->n; i++)
            if (set->indicator[i].weak == (weak == 1))
                order[at++] = (uint32_t)i;
}

static enum err build_items(struct ioc_set *set, struct arena *arena, const uint32_t *order,
                            struct collector c[3])
{
    size_t n_addresses = 0;
    for (size_t k = set->n; k-- > 0;)
        TRY(item_build(set, arena, order[k], c));
    for (size_t i = 0; i < set->n; i++)
        n_addresses += set->indicator[i].type == INDICATOR_ADDRESS && !set->item[i].bad;
    struct address_entry *entry = arena_new_n(arena, struct address_entry, n_addresses + 1);
    if (!entry)
        return ERR_NOMEM;
    size_t at = 0;
    for (size_t k = 0; k < set->n; k++) {
        const struct item *item = &set->item[order[k]];
        if (set->indicator[order[k]].type == INDICATOR_ADDRESS && !item->bad)
            entry[at++] = (struct address_entry){item->net, order[k]};
    }
    TRY(addresses_build(&set->addresses, arena, entry, at, set->next));
    return build_occurs(set, arena, c);
}

/* Words that nearly every agent holds: a sweep for them would find every line. */
static bool is_common_word(struct str s)
{
    static const char *const words[] = {
        "mozilla", "applewebkit", "gecko",   "khtml",      "chrome",   "safari",  "windows",
        "win64",   "firefox",     "537.36",  "compatible", "20100101", "like",    "linux",
        "msie",    "trident",     "android", "macintosh",  "intel",    "version", "x86_64",
        "mobile",  "iphone",      "http",    "https",      "www",      ".aspx",   "index",
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(s, str_of(words[i])))
            return true;
    return false;
}

static bool never_encoded(unsigned char c, bool slash)
{
    return ascii_alpha(c) || ascii_digit(c) || c == '.' || c == '-' || c == '_' || c == '~' ||
           (slash && c == '/');
}

/* The longest run; common words count as one character. */
static struct str best_run(struct str key, bool slash)
{
    struct str best = {key.p, 0};
    size_t best_score = 0;
    for (size_t from = 0, to; from < key.n; from = to + 1) {
        to = from;
        while (to < key.n && never_encoded((unsigned char)key.p[to], slash))
            to++;
        struct str run = str_sub(key, from, to);
        size_t score = run.n && is_common_word(run) ? 1 : run.n;
        if (score > best_score) {
            best = run;
            best_score = score;
        }
    }
    return best;
}

/* Host and path stand in different columns of most logs: no run goes over both. */
static struct str url_literal(const struct pattern *p)
{
    struct str host = best_run(str_sub(p->key, 0, p->host_n), false);
    struct str path = best_run(str_sub(p->key, p->host_n, p->key.n), p->form != URL_ANYWHERE);
    return path.n >= host.n ? path : host;
}

static struct str literal_of(const struct ioc_set *set, uint32_t i)
{
    const struct item *item = &set->item[i];
    switch (set->indicator[i].type) {
    case INDICATOR_AGENT: return best_run(set->agent.pattern[item->pattern].key, false);
    case INDICATOR_TEXT: return best_run(set->text.pattern[item->pattern].key, false);
    case INDICATOR_URL: return url_literal(&set->url.pattern[item->pattern]);
    default: return best_run(item->key, false);
    }
}

static enum err finish(struct ioc_set *set, struct arena *arena)
{
    set->rejected = arena_new_n(arena, uint32_t, set->n + 1);
    set->literal = arena_new_n(arena, struct ioc_literal, set->n + 1);
    if (!set->rejected || !set->literal)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < set->n; i++) {
        enum indicator_type type = set->indicator[i].type;
        if (set->item[i].bad) {
            set->rejected[set->n_rejected++] = i;
            continue;
        }
        set->count[type]++;
        if (type != INDICATOR_ADDRESS && type != INDICATOR_HASH)
            set->literal[set->n_literals++] = (struct ioc_literal){literal_of(set, i), i};
    }
    return OK;
}

static enum err compile(struct ioc_set *set, struct arena *arena, struct collector c[3])
{
    size_t n = set->n;
    set->item = arena_new_n(arena, struct item, n + 1);
    set->next = arena_new_n(arena, uint32_t, n + 1);
    uint32_t *order = arena_new_n(arena, uint32_t, n + 1);
    if (!set->item || !set->next || !order)
        return ERR_NOMEM;
    memset(set->next, 0xff, sizeof *set->next * (n + 1));
    for (int k = 0; k < 3; k++) {
        static const enum indicator_type type[3] = {INDICATOR_AGENT, INDICATOR_URL, INDICATOR_TEXT};
        size_t of_type = 0;
        for (size_t i = 0; i < n; i++)
            of_type += set->indicator[i].type == type[k];
        map_init(&c[k].seen, arena, n);
        c[k].agent = k == 0;
        c[k].pattern = arena_new_n(arena, struct pattern, of_type + 1);
        if (!c[k].pattern)
            return ERR_NOMEM;
    }
    order_items(set, order);
    TRY(build_items(set, arena, order, c));
    return finish(set, arena);
}

enum err ioc_compile(struct arena *arena, const struct indicator *indicator, size_t n,
                     struct ioc_set **ret_set, struct error *error)
{
    struct collector c[3] = {{0}};
    *ret_set = NULL;
    if (n >= IOC_NONE)
        return fail(error, ERR_LIMIT, "%zu indicators are too many", n);
    struct ioc_set *set = arena_new(arena, struct ioc_set);
    if (!set)
        return fail(error, ERR_NOMEM, "no memory for %zu indicators", n);
    set->indicator = indicator;
    set->n = n;
    map_init(&set->hash, arena, n);
    map_init(&set->domain, arena, n);
    map_init(&set->name, arena, n);
    enum err rc = compile(set, arena, c);
    for (int k = 0; k < 3; k++)
        map_done(&c[k].seen);
    if (rc) {
        ioc_done(set);
        return fail(error, rc, "no memory for %zu indicators", n);
    }
    *ret_set = set;
    return OK;
}

void ioc_done(struct ioc_set *set)
{
    if (!set)
        return;
    map_done(&set->hash);
    map_done(&set->domain);
    map_done(&set->name);
}
