#include "exposure/fleet.h"

#include "base/ip.h"

#include <stdlib.h>

enum { NAME_BYTES = 512 };

void fleet_init(struct fleet *f, const struct tables *tables, size_t max_bytes)
{
    *f = (struct fleet){.tables = tables};
    arena_init(&f->arena, max_bytes);
    map_init(&f->by_name, &f->arena, FLEET_HOSTS_MAX);
    arena_init(&f->words, max_bytes);
    map_init(&f->by_word, &f->words, FLEET_HOSTS_MAX);
}

void fleet_clear(struct fleet *f)
{
    map_done(&f->by_name);
    arena_reset(&f->arena);
    map_init(&f->by_name, &f->arena, FLEET_HOSTS_MAX);
    f->host.n = f->seen.n = 0;
}

void fleet_done(struct fleet *f)
{
    map_done(&f->by_name);
    map_done(&f->by_word);
    vec_done(&f->host);
    vec_done(&f->seen);
    vec_done(&f->word);
    arena_done(&f->arena);
    arena_done(&f->words);
}

struct str fleet_word(const struct fleet *f, uint32_t word)
{
    return word < f->word.n ? f->word.v[word] : STR_NONE;
}

static enum err word_of(struct fleet *f, struct str text, uint32_t *ret)
{
    bool is_new;
    *ret = FLEET_NONE;
    text = str_trim(text);
    if (!text.n)
        return OK;
    TRY(map_intern(&f->by_word, text, ret, &is_new));
    if (!is_new)
        return OK;
    struct str copy = arena_str(&f->words, text);
    return copy.p ? vec_push(&f->word, copy, FLEET_HOSTS_MAX) : ERR_NOMEM;
}

/* --- hosts --- */

/* Without case, and an address in its one form. The name loses the root's dot. */
static struct str key_of(struct str *name, char lower[NAME_BYTES])
{
    struct ip ip;
    *name = str_sub(*name, 0, NAME_BYTES);
    if (name->n > 1 && name->p[name->n - 1] == '.')
        name->n--;
    if (str_chr(*name, ':') >= 0 && str_chr(*name, '%') < 0 && ip_parse_log(*name, &ip, NULL))
        return str_of(ip_text(ip, lower));
    ascii_lower_all(lower, name->p, name->n);
    return str_make(lower, name->n);
}

/* Two spellings of one host, as far as they show it by themselves. */
static bool same_name(struct str a, struct str b)
{
    char one[NAME_BYTES], other[NAME_BYTES];
    return str_eq(key_of(&a, one), key_of(&b, other));
}

bool fleet_knows(const struct fleet *f, struct str host)
{
    char lower[NAME_BYTES];
    return map_get(&f->by_name, key_of(&host, lower)) != NULL;
}

static enum err host_of(struct fleet *f, struct str name, uint32_t *ret)
{
    char lower[NAME_BYTES];
    bool is_new;
    TRY(map_intern(&f->by_name, key_of(&name, lower), ret, &is_new));
    if (!is_new)
        return OK;
    struct host h = {.first = FLEET_NONE,
                     .last = FLEET_NONE,
                     .site = FLEET_NONE,
                     .owner = FLEET_NONE,
                     .name = arena_str(&f->arena, name)};
    return h.name.p ? vec_push(&f->host, h, FLEET_HOSTS_MAX) : ERR_NOMEM;
}

static enum err tell_host(struct fleet *f, struct host *h, const struct observation *o)
{
    uint32_t site, owner;
    TRY(word_of(f, o->site, &site));
    TRY(word_of(f, o->owner, &owner));
    if (site != FLEET_NONE)
        h->site = site;
    if (owner != FLEET_NONE)
        h->owner = owner;
    if (o->facing > h->facing) /* one source that sees it from outside is enough */
        h->facing = (uint8_t)o->facing;
    return OK;
}

static void append(struct fleet *f, struct host *h, uint32_t from, uint32_t to)
{
    if (h->first == FLEET_NONE)
        h->first = from;
    else
        f->seen.v[h->last].next = from;
    h->last = to;
}

/* --- observations --- */

/* The build says which product it is. One that the source names and whose builds do not look so is
 * known by its name alone: either may be wrong. A sibling that the build tells is that one. */
static const struct table_product *product_of_observation(const struct tables *t,
                                                          struct observation *o)
{
    const struct table_product *named = o->product.n ? tables_by_name(t, o->product) : NULL;
    if (o->build.part[0] < 0 || (named && tables_has(named, &o->build)))
        return named;
    const struct table_product *told = tables_by_build(t, &o->build);
    if (o->product.n && !named)
        return told && tables_may_mean(t, told, o->product) ? told : NULL;
    if (!named || (told && told->facts->cpe.n && str_eq(told->facts->cpe, named->facts->cpe)))
        return told;
    o->build = (struct build){{-1, -1, -1, -1}};
    o->precision = PRECISION_PRODUCT;
    return named;
}

/* Three numbers are all that some products have, and of some the last one is not shown rightly. */
static enum precision precision_for(const struct table_product *p, const struct observation *o)
{
    if (p && o->shown && p->facts->exact_to_cu && o->precision == PRECISION_SU)
        return PRECISION_CU;
    bool all = p && p->facts->from.part[3] < 0 && o->build.part[2] >= 0;
    return all && o->precision == PRECISION_CU ? PRECISION_SU : o->precision;
}

enum err fleet_add(struct fleet *f, const struct observation *observed)
{
    struct observation copy = *observed, *o = &copy;
    const struct table_product *p = product_of_observation(f->tables, o);
    o->precision = precision_for(p, o);
    struct seen s = {.time_us = o->time_us,
                     .build = o->build,
                     .next = FLEET_NONE,
                     .line = o->line < UINT32_MAX ? (uint32_t)o->line : 0,
                     .cve = FLEET_NONE,
                     .kind = (uint8_t)o->kind,
                     .precision = (uint8_t)o->precision,
                     .off = o->off};
    uint32_t host;
    TRY(host_of(f, o->host, &host));
    TRY(tell_host(f, &f->host.v[host], o));
    TRY(word_of(f, o->source, &s.source));
    TRY(word_of(f, o->file, &s.file));
    s.product = p ? (uint16_t)(p - f->tables->product + 1) : 0;
    TRY(word_of(f, o->kind == OBSERVED_BUILD ? (p ? STR_NONE : o->product) : o->what, &s.what));
    if (o->cve.n) {
        int cve = tables_cve(f->tables, o->cve);
        s.cve = cve < 0 ? FLEET_NONE : (uint32_t)cve;
    }
    TRY(vec_push(&f->seen, s, FLEET_SEEN_MAX));
    uint32_t at = (uint32_t)(f->seen.n - 1);
    append(f, &f->host.v[host], at, at);
    return OK;
}

enum err fleet_follow(struct fleet *f, struct host *h, const struct seen *from,
                      const struct observation *what)
{
    struct seen s = *from;
    int cve = what->cve.n ? tables_cve(f->tables, what->cve) : -1;
    s.kind = (uint8_t)what->kind;
    s.off = what->off;
    s.cve = cve < 0 ? FLEET_NONE : (uint32_t)cve;
    s.next = FLEET_NONE;
    TRY(word_of(f, what->what, &s.what));
    TRY(vec_push(&f->seen, s, FLEET_SEEN_MAX));
    append(f, h, (uint32_t)(f->seen.n - 1), (uint32_t)(f->seen.n - 1));
    return OK;
}

/* --- short and full names --- */

static bool is_short(struct str name)
{
    return str_chr(name, '.') < 0;
}

static struct str first_label(struct str name)
{
    ptrdiff_t dot = str_chr(name, '.');
    return str_sub(name, 0, dot < 0 ? name.n : (size_t)dot);
}

bool fleet_is_called(const struct fleet *f, const struct host *h, struct str name)
{
    char lower[NAME_BYTES];
    struct str key = key_of(&name, lower);
    if (same_name(h->name, name))
        return true;
    if (!is_short(name) || !str_ieq(first_label(h->name), name))
        return false;
    const uint32_t *at = map_get(&f->by_name, key);
    return at && f->host.v[*at].merged;
}

static void merge(struct fleet *f, struct host *into, struct host *from)
{
    if (from->first != FLEET_NONE)
        append(f, into, from->first, from->last);
    if (into->site == FLEET_NONE)
        into->site = from->site;
    if (into->owner == FLEET_NONE)
        into->owner = from->owner;
    if (from->facing > into->facing)
        into->facing = from->facing;
    from->merged = true;
}

/* What a scanner or a search for signs says of a host whose build nobody tells: it stands for a
 * build of which nothing is known, of the first product that has the hole. */
static enum err stand_in(struct fleet *f, struct host *h)
{
    const struct seen *told = NULL;
    for (uint32_t i = h->first; i != FLEET_NONE; i = f->seen.v[i].next) {
        const struct seen *s = &f->seen.v[i];
        if (s->kind == OBSERVED_BUILD && !seen_nothing(s))
            return OK;
        if (s->cve != FLEET_NONE && (s->kind == OBSERVED_OPEN || s->kind == OBSERVED_CLOSED ||
                                     s->kind == OBSERVED_SIGN || s->kind == OBSERVED_LOOKED))
            told = s;
    }
    for (size_t i = 0; told && i < f->tables->n_products; i++) {
        if (!tables_fixes(&f->tables->product[i], told->cve))
            continue;
        struct seen s = *told;
        s.kind = OBSERVED_BUILD;
        s.precision = PRECISION_NONE;
        s.product = (uint16_t)(i + 1);
        s.what = s.cve = s.next = FLEET_NONE;
        TRY(vec_push(&f->seen, s, FLEET_SEEN_MAX));
        append(f, h, (uint32_t)(f->seen.n - 1), (uint32_t)(f->seen.n - 1));
        return OK;
    }
    return OK;
}

/* A short name with one full name is that host; with two it may be either, and stays apart. */
enum err fleet_join(struct fleet *f)
{
    char lower[NAME_BYTES];
    uint32_t *full = NULL;
    size_t n = f->host.n;
    if (n == 0)
        return OK;
    full = malloc(n * sizeof *full);
    if (!full)
        return ERR_NOMEM;
    memset(full, 0xff, n * sizeof *full);
    for (size_t i = 0; i < n; i++) {
        struct str name = f->host.v[i].name;
        struct ip ip;
        if (is_short(name) || ip_parse(name, &ip))
            continue;
        struct str label = first_label(name);
        ascii_lower_all(lower, label.p, label.n);
        const uint32_t *at = map_get(&f->by_name, str_make(lower, label.n));
        if (at)
            full[*at] = full[*at] == FLEET_NONE ? (uint32_t)i : FLEET_NONE - 1;
    }
    for (size_t i = 0; i < n; i++)
        if (full[i] < n)
            merge(f, &f->host.v[full[i]], &f->host.v[i]);
    free(full);
    for (size_t i = 0; i < n; i++)
        if (!f->host.v[i].merged)
            TRY(stand_in(f, &f->host.v[i]));
    return OK;
}
