#include "base/hash.h"
#include "match/ioc_set.h"

/* Sixteen filter bits an address, two of them set: one lookup in sixty-odd goes on to the table
 * for nothing, and the filter of 100,000 addresses (256 KiB) stays in the second-level cache. */
enum { FILTER_BITS_PER_KEY = 16, MIN_FILTER_WORDS_LOG2 = 4, NETS16 = 65536 };

static unsigned log2_at_least(size_t n)
{
    unsigned k = 0;
    while (((size_t)1 << k) < n)
        k++;
    return k;
}

static inline uint64_t hash_ip(const struct addresses *a, struct ip ip)
{
    uint64_t h = (ip.lo ^ (ip.hi * UINT64_C(0x9e3779b97f4a7c15))) * a->multiplier;
    return h ^ h >> 32;
}

static inline uint64_t hash_v4(const struct addresses *a, uint32_t v4)
{
    uint64_t h = v4 * a->multiplier;
    return h ^ h >> 32;
}

static inline uint64_t filter_bits(uint64_t h)
{
    return UINT64_C(1) << (h & 63) | UINT64_C(1) << (h >> 6 & 63);
}

static inline bool filter_has(const struct addresses *a, uint64_t h)
{
    uint64_t bits = filter_bits(h);
    return (a->filter[h >> a->filter_shift] & bits) == bits;
}

static struct v4_slot *v4_slot(const struct addresses *a, uint32_t key, uint64_t h)
{
    for (size_t i = (h >> 12) & a->v4_mask;; i = (i + 1) & a->v4_mask)
        if (a->v4[i].head == IOC_NONE || a->v4[i].key == key)
            return &a->v4[i];
}

static struct v6_slot *v6_slot(const struct addresses *a, struct ip key, uint64_t h)
{
    for (size_t i = (h >> 12) & a->v6_mask;; i = (i + 1) & a->v6_mask)
        if (a->v6[i].head == IOC_NONE || ip_eq(a->v6[i].key, key))
            return &a->v6[i];
}

static enum err tables_alloc(struct addresses *a, struct arena *arena, size_t n4, size_t n6)
{
    unsigned words = log2_at_least((n4 + n6) * FILTER_BITS_PER_KEY / 64);
    words = words < MIN_FILTER_WORDS_LOG2 ? MIN_FILTER_WORDS_LOG2 : words;
    a->filter_shift = 64 - words;
    a->v4_mask = ((size_t)1 << log2_at_least(2 * n4 + 2)) - 1;
    a->v6_mask = ((size_t)1 << log2_at_least(2 * n6 + 2)) - 1;
    a->filter = arena_new_n(arena, uint64_t, (size_t)1 << words);
    a->v4 = arena_new_n(arena, struct v4_slot, a->v4_mask + 1);
    a->v6 = arena_new_n(arena, struct v6_slot, a->v6_mask + 1);
    if (!a->filter || !a->v4 || !a->v6)
        return ERR_NOMEM;
    for (size_t i = 0; i <= a->v4_mask; i++)
        a->v4[i].head = IOC_NONE;
    for (size_t i = 0; i <= a->v6_mask; i++)
        a->v6[i].head = IOC_NONE;
    return OK;
}

/* Entries are put in from the last to the first, each at the head of its chain. */
static void exact_add(struct addresses *a, const struct address_entry *e, uint32_t *next)
{
    struct ip ip = e->net.first;
    uint64_t h;
    uint32_t *head;
    if (ip_is4(ip)) {
        h = hash_v4(a, (uint32_t)ip.lo);
        struct v4_slot *s = v4_slot(a, (uint32_t)ip.lo, h);
        s->key = (uint32_t)ip.lo;
        head = &s->head;
    } else {
        h = hash_ip(a, ip);
        struct v6_slot *s = v6_slot(a, ip, h);
        s->key = ip;
        head = &s->head;
    }
    next[e->index] = *head;
    *head = e->index;
    a->filter[h >> a->filter_shift] |= filter_bits(h);
}

static int cmp_group(const void *x, const void *y)
{
    const struct net_group *a = x, *b = y;
    int c = ip_cmp(a->net.first, b->net.first);
    if (c)
        return c;
    if (a->net.bits != b->net.bits)
        return a->net.bits < b->net.bits ? -1 : 1;
    return (a->parent > b->parent) - (a->parent < b->parent); /* here: the order of entries */
}

static void segment_start(struct addresses *a, struct ip start, uint32_t group)
{
    if (a->n_segments && ip_eq(a->segment[a->n_segments - 1].start, start))
        a->n_segments--;
    a->segment[a->n_segments++] = (struct segment){start, group};
}

static void net_end(struct addresses *a, struct ip_net net, uint32_t group_behind)
{
    struct ip after = ip_net_last(net);
    if (++after.lo == 0 && ++after.hi == 0)
        return; /* the net ends where addresses end */
    segment_start(a, after, group_behind);
}

/* Nets are disjoint or inside each other: one pass with a stack of those that are open. */
static void nets_flatten(struct addresses *a)
{
    uint32_t open[130];
    size_t depth = 0;
    segment_start(a, (struct ip){0, 0}, IOC_NONE);
    for (size_t i = 0; i < a->n_groups; i++) {
        struct net_group *g = &a->group[i];
        while (depth && !ip_in_net(g->net.first, a->group[open[depth - 1]].net)) {
            depth--;
            net_end(a, a->group[open[depth]].net, depth ? open[depth - 1] : IOC_NONE);
        }
        g->parent = depth ? open[depth - 1] : IOC_NONE;
        segment_start(a, g->net.first, (uint32_t)i);
        open[depth++] = (uint32_t)i;
    }
    while (depth) {
        depth--;
        net_end(a, a->group[open[depth]].net, depth ? open[depth - 1] : IOC_NONE);
    }
}

static enum err nets_index16(struct addresses *a, struct arena *arena)
{
    a->net16 = arena_new_n(arena, uint64_t, NETS16 / 64);
    a->first16 = arena_new_n(arena, uint32_t, NETS16 + 1);
    if (!a->net16 || !a->first16)
        return ERR_NOMEM;
    size_t at = 0;
    for (uint32_t t = 0; t <= NETS16; t++) {
        struct ip border = {0, IP4_MAPPED + ((uint64_t)t << 16)};
        while (at < a->n_segments && ip_cmp(a->segment[at].start, border) < 0)
            at++;
        a->first16[t] = (uint32_t)at;
    }
    for (uint32_t t = 0; t < NETS16; t++) {
        uint32_t from = a->first16[t], to = a->first16[t + 1];
        bool touched = from > 0 && a->segment[from - 1].group != IOC_NONE;
        for (uint32_t s = from; s < to && !touched; s++)
            touched = a->segment[s].group != IOC_NONE;
        if (touched)
            a->net16[t / 64] |= UINT64_C(1) << (t % 64);
    }
    return OK;
}

static enum err nets_build(struct addresses *a, struct arena *arena,
                           const struct address_entry *entry, size_t n, size_t n_nets,
                           uint32_t *next)
{
    size_t k = 0, groups = 0;
    a->group = arena_new_n(arena, struct net_group, n_nets);
    a->segment = arena_new_n(arena, struct segment, 2 * n_nets + 1);
    if (!a->group || !a->segment)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (entry[i].net.bits < 128) {
            a->group[k] = (struct net_group){entry[i].net, entry[i].index, (uint32_t)k};
            k++;
        }
    qsort(a->group, n_nets, sizeof *a->group, cmp_group);
    for (size_t from = 0, to; from < n_nets; from = to) {
        for (to = from + 1; to < n_nets; to++) {
            if (!ip_eq(a->group[to].net.first, a->group[from].net.first) ||
                a->group[to].net.bits != a->group[from].net.bits)
                break;
            next[a->group[to - 1].head] = a->group[to].head;
        }
        next[a->group[to - 1].head] = IOC_NONE;
        a->group[groups++] = a->group[from];
    }
    a->n_groups = groups;
    nets_flatten(a);
    return nets_index16(a, arena);
}

enum err addresses_build(struct addresses *a, struct arena *arena, struct address_entry *entry,
                         size_t n, uint32_t *next)
{
    size_t n4 = 0, n6 = 0, n_nets = 0;
    uint64_t where = (uint64_t)(uintptr_t)a; /* load addresses are random */
    *a = (struct addresses){0};
    a->multiplier = hash64(str_make((const char *)&where, sizeof where), 0) | 1;
    for (size_t i = 0; i < n; i++) {
        n_nets += entry[i].net.bits < 128;
        n4 += entry[i].net.bits == 128 && ip_is4(entry[i].net.first);
        n6 += entry[i].net.bits == 128 && !ip_is4(entry[i].net.first);
    }
    TRY(tables_alloc(a, arena, n4, n6));
    for (size_t i = n; i-- > 0;)
        if (entry[i].net.bits == 128)
            exact_add(a, &entry[i], next);
    return n_nets ? nets_build(a, arena, entry, n, n_nets, next) : OK;
}

static void nets_find(const struct addresses *a, const uint32_t *next, struct ip ip,
                      struct hits *hits)
{
    size_t lo = 0, hi = a->n_segments; /* the last segment that starts at or before ip */
    if (ip_is4(ip)) {
        uint32_t t = (uint32_t)ip.lo >> 16;
        lo = a->first16[t] ? a->first16[t] - 1 : 0;
        hi = a->first16[t + 1];
    }
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (ip_cmp(a->segment[mid].start, ip) <= 0)
            lo = mid;
        else
            hi = mid;
    }
    for (uint32_t g = a->segment[lo].group; g != IOC_NONE; g = a->group[g].parent)
        hits_add_chain(hits, next, a->group[g].head);
}

static inline void find_v4(const struct addresses *a, const uint32_t *next, uint32_t v4,
                           struct hits *hits)
{
    uint64_t h = hash_v4(a, v4);
    if (filter_has(a, h))
        hits_add_chain(hits, next, v4_slot(a, v4, h)->head);
    if (a->net16 && (a->net16[v4 >> 22] >> (v4 >> 16 & 63) & 1))
        nets_find(a, next, ip_of4(v4), hits);
}

void addresses_find(const struct addresses *a, const uint32_t *next, struct ip ip,
                    struct hits *hits)
{
    if (ip_is4(ip)) {
        find_v4(a, next, (uint32_t)ip.lo, hits);
        return;
    }
    uint64_t h = hash_ip(a, ip);
    if (filter_has(a, h))
        hits_add_chain(hits, next, v6_slot(a, ip, h)->head);
    if (a->n_segments)
        nets_find(a, next, ip, hits);
}

/* One element of a list: IIS writes the blank behind a comma as "+". */
static void find_element(const struct addresses *a, const uint32_t *next, struct str text,
                         struct hits *hits)
{
    struct ip ip;
    text = str_trim(text);
    while (text.n && (text.p[0] == '+' || text.p[0] == '"'))
        text = str_sub(text, 1, text.n);
    while (text.n && text.p[text.n - 1] == '"')
        text.n--;
    if (ip_parse_log(text, &ip, NULL))
        addresses_find(a, next, ip, hits);
}

void addresses_find_text(const struct addresses *a, const uint32_t *next, struct str text,
                         struct hits *hits)
{
    uint32_t v4;
    struct str part;
    if (ip4_parse(text, &v4)) {
        find_v4(a, next, v4, hits);
        return;
    }
    while (hits->n < hits->max && str_cut(&text, ',', &part))
        find_element(a, next, part, hits);
}
