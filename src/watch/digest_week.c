#include "watch/digest_priv.h"

#include "base/utf.h"
#include "watch/snippet.h"

#include <string.h>

enum {
    SET_MAX = 256,
    SITE_BYTES = 200,
    HAN_BYTES = 3,    /* of a character */
    BESIDE_BYTES = 30 /* of Chinese, to each side */
};

/* Distinct hashes, the smallest of them if there are many. */
struct set {
    uint64_t v[SET_MAX];
    uint32_t n;
};

/* A term of the week that may be told. */
struct seen {
    const struct novel_term *novel;
    struct digest_term told;
    struct set threads, voices, sites;
    bool secret; /* its snippet does not show it: a key, a password */
    bool with;   /* told with another one, or not at all */
    /* Of a piece of Chinese: what of its first post stands beside it wherever it stands. */
    struct str before, behind;
};

struct looking {
    struct digest *d;
    struct seen **by_hash;
    size_t n;
    size_t post; /* number within the week */
};

/* ---- sets ---- */

static bool set_add(struct set *s, uint64_t hash)
{
    uint32_t from = 0, to = s->n;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        *(s->v[mid] < hash ? &from : &to) = s->v[mid] < hash ? mid + 1 : mid;
    }
    if (from == SET_MAX || (from < s->n && s->v[from] == hash))
        return false;
    uint32_t last = s->n < SET_MAX ? s->n++ : SET_MAX - 1;
    memmove(s->v + from + 1, s->v + from, (last - from) * sizeof *s->v);
    s->v[from] = hash;
    return true;
}

/* Up to which hash does the set have them all? */
static uint64_t whole_to(const struct set *s)
{
    return s->n < SET_MAX ? UINT64_MAX : s->v[SET_MAX - 1];
}

/* Have both at least half of the smaller one in common? Judged by the hashes that both know. */
static bool mostly_same(const struct set *a, const struct set *b)
{
    uint64_t to = whole_to(a) < whole_to(b) ? whole_to(a) : whole_to(b);
    uint32_t i = 0, k = 0, common = 0;
    while (i < a->n && k < b->n && a->v[i] <= to && b->v[k] <= to) {
        common += a->v[i] == b->v[k];
        uint64_t x = a->v[i], y = b->v[k];
        i += x <= y;
        k += y <= x;
    }
    uint32_t of_a = 0, of_b = 0;
    while (of_a < a->n && a->v[of_a] <= to)
        of_a++;
    while (of_b < b->n && b->v[of_b] <= to)
        of_b++;
    return common && 2 * common >= (of_a < of_b ? of_a : of_b);
}

/* ---- the second pass ---- */

static int by_hash(const void *a, const void *b)
{
    const struct seen *x = *(const struct seen *const *)a, *y = *(const struct seen *const *)b;
    return (x->novel->hash > y->novel->hash) - (x->novel->hash < y->novel->hash);
}

static struct seen *find(const struct looking *l, uint64_t hash)
{
    size_t from = 0, to = l->n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        uint64_t at = l->by_hash[mid]->novel->hash;
        if (at == hash)
            return l->by_hash[mid];
        *(at < hash ? &from : &to) = at < hash ? mid + 1 : mid;
    }
    return NULL;
}

/* Chinese sets no blanks, so a piece of a name is in as many threads as the name. What stands
 * beside it every time belongs to it. */
static bool is_han(struct str s, size_t at)
{
    size_t used;
    int32_t cp = at < s.n ? utf8_next(s, at, &used) : 0;
    return (cp >= 0x3400 && cp < 0xa000) || (cp >= 0xf900 && cp < 0xfb00);
}

static struct str han_before(struct str text, size_t at)
{
    size_t from = at;
    while (from >= HAN_BYTES && at - from < BESIDE_BYTES && is_han(text, from - HAN_BYTES))
        from -= HAN_BYTES;
    return str_sub(text, from, at);
}

static struct str han_behind(struct str text, size_t at)
{
    size_t to = at;
    while (to - at < BESIDE_BYTES && is_han(text, to))
        to += HAN_BYTES;
    return str_sub(text, at, to);
}

/* What both end with; what both begin with: in whole characters. */
static struct str common_end(struct str a, struct str b)
{
    size_t n = 0;
    while (n < a.n && n < b.n &&
           memcmp(a.p + a.n - n - HAN_BYTES, b.p + b.n - n - HAN_BYTES, HAN_BYTES) == 0)
        n += HAN_BYTES;
    return str_sub(a, a.n - n, a.n);
}

static struct str common_start(struct str a, struct str b)
{
    size_t n = 0;
    while (n < a.n && n < b.n && memcmp(a.p + n, b.p + n, HAN_BYTES) == 0)
        n += HAN_BYTES;
    return str_sub(a, 0, n);
}

/* The words of the first post that has it. */
static enum err introduce(struct digest *d, struct seen *s, const struct worded *w,
                          const struct novel_span *t)
{
    struct str text = w->read.text, term = str_sub(text, t->from, (size_t)t->from + t->n);
    bool han = is_han(text, t->from);
    struct str before = han ? han_before(text, t->from) : STR("");
    struct str behind = han ? han_behind(text, (size_t)t->from + t->n) : STR("");
    buf_reset(&d->scratch);
    snippet_add(&d->scratch, text, t->from, t->n, SNIPPET_DEFAULT_BYTES);
    /* All three in one piece. */
    struct str all =
        arena_str(&d->week, str_sub(text, t->from - before.n, (size_t)t->from + t->n + behind.n));
    s->told.snippet = arena_str(&d->week, buf_view(&d->scratch));
    TRY(d->scratch.rc);
    if (!all.p || !s->told.snippet.p)
        return ERR_NOMEM;
    s->before = str_sub(all, 0, before.n);
    s->told.text = str_sub(all, before.n, before.n + term.n);
    s->behind = str_sub(all, before.n + term.n, all.n);
    s->secret = str_find(s->told.snippet, term) < 0;
    return OK;
}

/* It stands in a further post. */
static void narrow(struct seen *s, struct str text, const struct novel_span *t)
{
    if (s->before.n)
        s->before = common_end(s->before, han_before(text, t->from));
    if (s->behind.n)
        s->behind = common_start(s->behind, han_behind(text, (size_t)t->from + t->n));
}

static enum err see(struct digest *d, struct seen *s, const struct worded *w,
                    const struct novel_span *t)
{
    if (!s->told.text.p)
        TRY(introduce(d, s, w, t));
    narrow(s, w->read.text, t);
    (void)set_add(&s->threads, w->thread);
    (void)set_add(&s->voices, digest_voice(w));
    if (set_add(&s->sites, hash64(w->site, 0)) && s->told.n_site < DIGEST_SITES) {
        struct str site = arena_str(&d->week, intake_cut(w->site, SITE_BYTES));
        s->told.site[s->told.n_site++] = site;
        return site.p ? OK : ERR_NOMEM;
    }
    return OK;
}

static enum err look_at(void *ctx, struct str bytes)
{
    struct looking *l = ctx;
    struct novel_span term[NOVEL_TERMS];
    struct worded w;
    struct rd r = rd_of(bytes);
    if (l->d->counts.v[l->post++] != COUNTS)
        return OK;
    intake_take_worded(&r, &w, term);
    for (size_t i = 0; i < w.read.n && !r.rc; i++) {
        struct seen *s = find(l, novel_key(str_make(w.read.text.p + term[i].from, term[i].n)));
        if (s)
            TRY(see(l->d, s, &w, &term[i]));
    }
    return OK;
}

/* ---- what is told ---- */

static int by_rank(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    if (x->novel->z != y->novel->z)
        return x->novel->z > y->novel->z ? -1 : 1;
    if (x->told.text.n != y->told.text.n) /* a name before its parts */
        return x->told.text.n > y->told.text.n ? -1 : 1;
    return str_cmp(x->told.text, y->told.text);
}

static bool may_be_told(const struct digest *d, const struct seen *s)
{
    return s->sites.n >= d->options.least_sites && s->voices.n >= d->options.least_voices &&
           !s->secret;
}

/* A part of a name that stands there says nothing more. */
static bool says_more(const struct digest_term *t, struct str text)
{
    bool more = str_ifind(t->text, text) < 0;
    for (size_t i = 0; i < t->n_with; i++)
        more &= str_ifind(t->with[i], text) < 0;
    return more;
}

/* Terms of the same threads are one event: told with the strongest. */
static void join(struct seen *s, struct seen *all, size_t n)
{
    for (size_t i = 0; i < n && !s->with; i++) {
        if (all[i].with || !mostly_same(&all[i].threads, &s->threads))
            continue;
        s->with = true;
        struct digest_term *t = &all[i].told;
        if (t->n_with < DIGEST_WITH && says_more(t, s->told.text))
            t->with[t->n_with++] = s->told.text;
    }
}

static void fill(struct digest_term *t, const struct seen *s)
{
    *t = s->told;
    t->z = s->novel->z;
    t->expected = s->novel->expected;
    t->threads = s->novel->week;
    t->before = s->novel->before;
    t->first_day = s->novel->first_day;
    t->sites = s->sites.n;
    t->voices = s->voices.n;
}

static void widen(struct seen *s)
{
    s->told.text.p -= s->before.n;
    s->told.text.n += s->before.n + s->behind.n;
}

static enum err choose(struct digest *d, struct seen *seen, size_t n, struct digest_week *week)
{
    struct digest_term *told = arena_new_n(&d->week, struct digest_term, d->options.top);
    if (!told)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        widen(&seen[i]);
    qsort(seen, n, sizeof *seen, by_rank);
    for (size_t i = 0; i < n; i++) {
        seen[i].with = !may_be_told(d, &seen[i]);
        if (!seen[i].with)
            join(&seen[i], seen, i);
    }
    for (size_t i = 0; i < n; i++) {
        if (seen[i].with)
            continue;
        if (week->n < d->options.top)
            fill(&told[week->n++], &seen[i]);
        else
            week->more++;
    }
    week->term = told;
    return OK;
}

static enum err look(struct digest *d, struct looking *l, struct seen *seen,
                     const struct novel_term *candidate, size_t n, struct digest_week *week)
{
    for (size_t i = 0; i < n; i++) {
        seen[i].novel = &candidate[i];
        l->by_hash[i] = &seen[i];
    }
    l->n = n;
    qsort(l->by_hash, n, sizeof(struct seen *), by_hash);
    TRY(sorter_each(&d->sorter, d->group, look_at, l, d->error));
    return choose(d, seen, n, week);
}

enum err digest_look(struct digest *d, const struct novel_term *candidate, size_t n,
                     struct digest_week *week)
{
    struct looking l = {.d = d};
    struct seen *seen = calloc(n + 1, sizeof *seen);
    l.by_hash = calloc(n + 1, sizeof(struct seen *));
    enum err rc = ERR_NOMEM;
    if (seen && l.by_hash)
        rc = n ? look(d, &l, seen, candidate, n, week) : OK;
    free(l.by_hash);
    free(seen);
    return rc;
}
