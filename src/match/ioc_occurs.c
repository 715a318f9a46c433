#include "match/ioc_set.h"

enum { GRAM = 4, GATE_BITS_PER_PATTERN_LOG2 = 4, MIN_GATE_LOG2 = 9, MAX_TABLE_LOG2 = 24 };

static inline uint32_t gram_hash(uint32_t gram)
{
    uint32_t h = gram * UINT32_C(0x9e3779b1);
    return h ^ h >> 15;
}

static uint32_t gram_of(const char *p)
{
    uint32_t w = 0;
    for (int i = 0; i < GRAM; i++)
        w = w << 8 | (unsigned char)p[i];
    return w;
}

static unsigned clamp_log2(size_t n, unsigned low)
{
    unsigned k = low;
    while (k < MAX_TABLE_LOG2 && ((size_t)1 << k) < n)
        k++;
    return k;
}

/* Of all four-byte pieces of a pattern the one that the fewest patterns share is looked for: lists
 * of agents that all start with the same words must not end in one bucket. */
static enum err grams_choose(struct occurs *o, struct arena *arena)
{
    size_t total = 0;
    for (size_t i = 0; i < o->n; i++)
        total += o->pattern[i].key.n;
    unsigned bits = clamp_log2(2 * total, MIN_GATE_LOG2);
    uint32_t *count = arena_new_n(arena, uint32_t, (size_t)1 << bits);
    if (!count)
        return ERR_NOMEM;
    uint32_t mask = (UINT32_C(1) << bits) - 1;
    for (size_t i = 0; i < o->n; i++)
        for (size_t k = 0; k + GRAM <= o->pattern[i].key.n; k++)
            count[gram_hash(gram_of(o->pattern[i].key.p + k)) & mask]++;
    for (size_t i = 0; i < o->n; i++) {
        struct pattern *p = &o->pattern[i];
        uint32_t best = UINT32_MAX;
        for (size_t k = 0; k + GRAM <= p->key.n; k++) {
            uint32_t c = count[gram_hash(gram_of(p->key.p + k)) & mask];
            if (c >= best)
                continue;
            best = c;
            p->gram = gram_of(p->key.p + k);
            p->gram_at = (uint32_t)k;
        }
    }
    return OK;
}

enum err occurs_build(struct occurs *o, struct arena *arena, struct pattern *pattern, size_t n,
                      bool agent)
{
    o->pattern = pattern;
    o->n = n;
    o->shorts = IOC_NONE;
    for (int c = 0; c < 256; c++)
        o->fold[c] = ascii_lower((unsigned char)c);
    if (agent) /* IIS writes blanks as "+", Exchange commas as blanks */
        o->fold['+'] = o->fold[','] = ' ';
    if (!n)
        return OK;
    TRY(grams_choose(o, arena));
    unsigned gate_bits = clamp_log2(n << GATE_BITS_PER_PATTERN_LOG2, MIN_GATE_LOG2);
    unsigned bucket_bits = clamp_log2(2 * n, MIN_GATE_LOG2);
    o->gate_shift = 32 - gate_bits;
    o->bucket_shift = 32 - bucket_bits;
    o->gate = arena_new_n(arena, uint64_t, (size_t)1 << (gate_bits - 6));
    o->bucket = arena_new_n(arena, uint32_t, (size_t)1 << bucket_bits);
    if (!o->gate || !o->bucket)
        return ERR_NOMEM;
    memset(o->bucket, 0xff, sizeof(uint32_t) << bucket_bits);
    for (size_t i = n; i-- > 0;) {
        struct pattern *p = &pattern[i];
        uint32_t h = gram_hash(p->gram), bit = h >> o->gate_shift;
        uint32_t *head = p->key.n < GRAM ? &o->shorts : &o->bucket[h >> o->bucket_shift];
        p->bucket_next = *head;
        *head = (uint32_t)i;
        if (p->key.n >= GRAM)
            o->gate[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
    return OK;
}

struct view view_of(struct str s)
{
    return (struct view){{s}, s.n};
}

static unsigned char view_at(const struct view *v, size_t i)
{
    for (size_t k = 0; k < ARRAY_LEN(v->part); k++) {
        if (i < v->part[k].n)
            return (unsigned char)v->part[k].p[i];
        i -= v->part[k].n;
    }
    return 0;
}

static bool equal_at(const struct occurs *o, const struct pattern *p, const struct view *v,
                     size_t at)
{
    if (at > v->n || p->key.n > v->n - at)
        return false;
    for (size_t i = 0; i < p->key.n; i++)
        if (o->fold[view_at(v, at + i)] != (unsigned char)p->key.p[i])
            return false;
    return true;
}

/* The beginning of a path counts only where a part of the URL ends. */
static bool at_border(const struct pattern *p, const struct view *v, size_t end)
{
    if (end == v->n || end == v->part[0].n)
        return true;
    char last = p->key.p[p->key.n - 1];
    unsigned char c = view_at(v, end);
    return last == '/' || last == '?' || last == '=' || last == '&' || c == '/' || c == '?' ||
           c == '&' || c == ';' || c == '#';
}

static bool match_at(const struct occurs *o, const struct pattern *p, const struct view *v,
                     int32_t port, size_t at)
{
    if (p->form == URL_ANYWHERE)
        return equal_at(o, p, v, at);
    if (p->form == URL_PATH && at != v->part[0].n)
        return false;
    if (p->form == URL_HOST &&
        (at != 0 || v->part[0].n != p->host_n || (p->port >= 0 && port >= 0 && port != p->port)))
        return false;
    return equal_at(o, p, v, at) && at_border(p, v, at + p->key.n);
}

bool occurs_check(const struct occurs *o, const struct pattern *p, const struct view *v,
                  int32_t port)
{
    if (p->form == URL_PATH)
        return match_at(o, p, v, port, v->part[0].n);
    if (p->form == URL_HOST)
        return match_at(o, p, v, port, 0);
    for (size_t at = 0; at + p->key.n <= v->n; at++)
        if (match_at(o, p, v, port, at))
            return true;
    return false;
}

static void bucket_try(const struct occurs *o, const uint32_t *next, const struct view *v,
                       int32_t port, uint32_t gram, size_t at, struct hits *hits)
{
    uint32_t i = o->bucket[gram_hash(gram) >> o->bucket_shift];
    for (; i != IOC_NONE; i = o->pattern[i].bucket_next) {
        const struct pattern *p = &o->pattern[i];
        if (p->gram == gram && at >= p->gram_at && match_at(o, p, v, port, at - p->gram_at))
            hits_add_chain(hits, next, p->head);
    }
}

void occurs_find(const struct occurs *o, const uint32_t *next, const struct view *v, int32_t port,
                 struct hits *hits)
{
    if (!o->n)
        return;
    uint32_t gram = 0;
    size_t seen = 0;
    for (size_t k = 0; k < ARRAY_LEN(v->part); k++) {
        struct str part = v->part[k];
        for (size_t i = 0; i < part.n; i++) {
            gram = gram << 8 | o->fold[(unsigned char)part.p[i]];
            uint32_t bit = gram_hash(gram) >> o->gate_shift;
            if (++seen < GRAM || !(o->gate[bit / 64] >> (bit % 64) & 1))
                continue;
            bucket_try(o, next, v, port, gram, seen - GRAM, hits);
            if (hits->n == hits->max)
                return;
        }
    }
    for (uint32_t i = o->shorts; i != IOC_NONE; i = o->pattern[i].bucket_next)
        if (occurs_check(o, &o->pattern[i], v, port))
            hits_add_chain(hits, next, o->pattern[i].head);
}
