#include "scan/episode.h"

#include "base/hash.h"

#include <stdlib.h>

static const int64_t gap_us = EPISODE_GAP_HOURS * US_PER_HOUR;
static const int64_t identity_us = EPISODE_IDENTITY_DAYS * US_PER_DAY;

/* One finding of a group: host and dossier are the same, items are in order of time. */
struct item {
    const struct sign *sign;
    const struct finding *finding;
    size_t parent;   /* of the union of items; the smallest index is the root */
    size_t near;     /* the core item that a lesser one joins, SIZE_MAX if none */
    int64_t near_us; /* how far away that one is */
    bool core;       /* an attempt or more, and it decides */
};

struct identity {
    struct str key;
    size_t item;
};

struct group {
    struct arena *arena;
    struct item *item;
    size_t n;
};

static size_t root_of(struct item *item, size_t i)
{
    while (item[i].parent != i) {
        item[i].parent = item[item[i].parent].parent;
        i = item[i].parent;
    }
    return i;
}

static void join(struct item *item, size_t a, size_t b)
{
    a = root_of(item, a);
    b = root_of(item, b);
    if (a < b)
        item[b].parent = a;
    else
        item[a].parent = b;
}

static int64_t apart(const struct group *g, size_t a, size_t b)
{
    int64_t d = g->item[a].finding->time_us - g->item[b].finding->time_us;
    return d < 0 ? -d : d;
}

/* Two neighbours of a chain: cores are joined, a lesser item remembers the nearest core. */
static void link(struct group *g, size_t core, size_t other, int64_t max_us)
{
    int64_t d = apart(g, core, other);
    if (d > max_us)
        return;
    if (g->item[other].core) {
        join(g->item, core, other);
        return;
    }
    struct item *o = &g->item[other];
    if (o->near == SIZE_MAX || d < o->near_us || (d == o->near_us && core < o->near)) {
        o->near = core;
        o->near_us = d;
    }
}

/* Walks a chain of items both ways, each linked with the last core before it. */
static void link_chain(struct group *g, const struct identity *chain, size_t n, int64_t max_us)
{
    size_t core = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        if (core != SIZE_MAX)
            link(g, core, chain[i].item, max_us);
        if (g->item[chain[i].item].core)
            core = chain[i].item;
    }
    core = SIZE_MAX;
    for (size_t i = n; i-- > 0;) {
        if (core != SIZE_MAX && !g->item[chain[i].item].core)
            link(g, core, chain[i].item, max_us);
        if (g->item[chain[i].item].core)
            core = chain[i].item;
    }
}

static bool telling(struct str value)
{
    static const char *const nobody[] = {"-", "::1", "127.0.0.1", "localhost"};
    for (size_t i = 0; i < ARRAY_LEN(nobody); i++)
        if (str_ieq(value, str_of(nobody[i])))
            return false;
    return value.n > 0;
}

static enum err add_identity(struct group *g, struct identity *v, size_t *n, char what,
                             struct str value, size_t item)
{
    if (!telling(value))
        return OK;
    char *p = arena_alloc(g->arena, value.n + 1);
    if (!p)
        return ERR_NOMEM;
    p[0] = what;
    for (size_t i = 0; i < value.n; i++)
        p[i + 1] = (char)ascii_lower((unsigned char)value.p[i]);
    v[(*n)++] = (struct identity){str_make(p, value.n + 1), item};
    return OK;
}

static int identity_order(const void *a, const void *b)
{
    const struct identity *x = a, *y = b;
    int c = str_cmp(x->key, y->key);
    return c ? c : x->item < y->item ? -1 : x->item > y->item;
}

/* Same client, user, session or target. */
static enum err link_identities(struct group *g)
{
    size_t n = 0;
    struct identity *v = arena_array(g->arena, g->n + 1, 4 * sizeof *v);
    if (!v)
        return ERR_NOMEM;
    for (size_t i = 0; i < g->n; i++) {
        const struct sign *s = g->item[i].sign;
        TRY(add_identity(g, v, &n, 'c', s->hit->role[ROLE_CLIENT], i));
        TRY(add_identity(g, v, &n, 'u', s->hit->role[ROLE_USER], i));
        TRY(add_identity(g, v, &n, 'r', s->hit->role[ROLE_REQUEST], i));
        TRY(add_identity(g, v, &n, 't', s->target_key, i));
    }
    if (n)
        qsort(v, n, sizeof *v, identity_order);
    for (size_t i = 0, to; i < n; i = to) {
        for (to = i + 1; to < n && str_eq(v[i].key, v[to].key);)
            to++;
        link_chain(g, v + i, to - i, identity_us);
    }
    return OK;
}

static enum err link_group(struct group *g)
{
    struct identity *all = arena_new_n(g->arena, struct identity, g->n + 1);
    if (!all)
        return ERR_NOMEM;
    for (size_t i = 0; i < g->n; i++)
        all[i].item = i;
    link_chain(g, all, g->n, gap_us);
    TRY(link_identities(g));
    for (size_t i = 0; i < g->n; i++)
        if (!g->item[i].core && g->item[i].near != SIZE_MAX)
            join(g->item, g->item[i].near, i);
    return OK;
}

static enum err episode_id(const struct finding *const *finding, size_t n, char ret_hex[65])
{
    unsigned char digest[SHA256_BYTES];
    struct sha256 h;
    TRY(sha256_init(&h));
    for (size_t i = 0; i < n; i++)
        sha256_add(&h, finding[i]->id, strlen(finding[i]->id) + 1);
    sha256_end(&h, digest);
    sha256_done(&h);
    hex_of(digest, sizeof digest, ret_hex);
    return OK;
}

/* Adds a name that is not in the list yet. */
static enum err add_name(struct arena *arena, struct str_list *list, struct str name)
{
    if (!name.n || list->n == EPISODE_NAMES)
        return OK;
    if (!list->v && !(list->v = arena_new_n(arena, struct str, EPISODE_NAMES)))
        return ERR_NOMEM;
    for (size_t i = 0; i < list->n; i++)
        if (str_ieq(list->v[i], name))
            return OK;
    list->v[list->n++] = name;
    return OK;
}

/* Who came, as whom, and what was touched. */
static enum err add_names(struct arena *arena, const struct item *item, struct episode *e)
{
    const struct hit *h = item->sign->hit;
    if (item->finding->grade < GRADE_ATTEMPT)
        return OK;
    TRY(add_name(arena, &e->clients, h->role[ROLE_CLIENT]));
    TRY(add_name(arena, &e->accounts, h->role[ROLE_USER]));
    for (size_t i = 0; i < item->finding->n_fields; i++)
        if (str_eq(item->finding->field[i].name, STR("X-Rps-CAT user")))
            TRY(add_name(arena, &e->accounts, item->finding->field[i].value));
    if (str_istarts(h->role[ROLE_MAILBOX], STR("ServerInfo~"))) /* a host, see target */
        return OK;
    return add_name(arena, &e->mailboxes, h->role[ROLE_MAILBOX]);
}

static enum err make_episode(struct arena *arena, const struct item *const *member, size_t n,
                             struct episode *e)
{
    *e = (struct episode){.host = member[0]->finding->host,
                          .dossier = member[0]->finding->dossier,
                          .first_us = member[0]->finding->time_us,
                          .last_us = member[0]->finding->last_us,
                          .n = n};
    e->finding = arena_new_n(arena, const struct finding *, n + 1);
    if (!e->finding)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        e->finding[i] = member[i]->finding;
        if (!e->dossier.p) /* the others are of no affair */
            e->dossier = member[i]->finding->dossier;
        if (member[i]->finding->last_us > e->last_us)
            e->last_us = member[i]->finding->last_us;
        TRY(add_names(arena, member[i], e));
    }
    return episode_id(e->finding, n, e->id);
}

static int member_order(const void *a, const void *b)
{
    const struct item *x = *(const struct item *const *)a, *y = *(const struct item *const *)b;
    if (x->parent != y->parent)
        return x->parent < y->parent ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* Unions of at least two items become episodes. */
static enum err take_episodes(struct group *g, struct episode *episode, size_t *n_episodes)
{
    const struct item **member = arena_new_n(g->arena, const struct item *, g->n + 1);
    if (!member)
        return ERR_NOMEM;
    for (size_t i = 0; i < g->n; i++)
        member[i] = &g->item[i];
    for (size_t i = 0; i < g->n; i++)
        g->item[i].parent = root_of(g->item, i);
    if (g->n)
        qsort(member, g->n, sizeof(struct item *), member_order);
    for (size_t i = 0, to; i < g->n; i = to) {
        for (to = i + 1; to < g->n && member[to]->parent == member[i]->parent;)
            to++;
        if (to - i >= 2)
            TRY(make_episode(g->arena, member + i, to - i, &episode[(*n_episodes)++]));
    }
    return OK;
}

/* An item to be sorted into its group; position keeps the order of time. */
struct slot {
    uint32_t host, dossier;
    size_t position;
    uint32_t affair; /* of a finding of no dossier: that of the nearest core, or NO_DOSSIER */
    int64_t affair_us;
};

static void offer(struct slot *s, const struct slot *core, const struct finding *finding)
{
    int64_t d = finding[s->position].time_us - finding[core->position].time_us;
    d = d < 0 ? -d : d;
    if (d <= gap_us && (s->affair == NO_DOSSIER || d < s->affair_us)) {
        s->affair = core->dossier;
        s->affair_us = d;
    }
}

/* A rule that belongs to no affair tells a stage of the one that was under way: a file found on
 * the disk beside the request that wrote it. Slots are in order of host and time. */
static void adopt(struct slot *slot, size_t n, const struct finding *finding)
{
    for (int back = 0; back < 2; back++) {
        const struct slot *core = NULL;
        for (size_t k = 0; k < n; k++) {
            struct slot *s = &slot[back ? n - 1 - k : k];
            if (s->dossier != NO_DOSSIER)
                core = finding[s->position].grade >= GRADE_ATTEMPT ? s : core;
            else if (core && core->host == s->host)
                offer(s, core, finding);
        }
    }
    for (size_t i = 0; i < n; i++)
        if (slot[i].dossier == NO_DOSSIER)
            slot[i].dossier = slot[i].affair;
}

static int slot_order(const void *a, const void *b)
{
    const struct slot *x = a, *y = b;
    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    if (x->dossier != y->dossier)
        return x->dossier < y->dossier ? -1 : 1;
    return x->position < y->position ? -1 : x->position > y->position;
}

static int episode_order(const void *a, const void *b)
{
    const struct episode *x = a, *y = b;
    int c = str_cmp(x->host, y->host);
    if (!c && x->first_us != y->first_us)
        c = x->first_us < y->first_us ? -1 : 1;
    if (!c)
        c = str_cmp(x->dossier, y->dossier);
    return c ? c : strcmp(x->id, y->id);
}

enum err episodes_find(struct arena *arena, struct sign *const *sign, const struct finding *finding,
                       size_t n, struct episode **ret_episodes, size_t *ret_n)
{
    struct slot *slot = arena_new_n(arena, struct slot, n + 1);
    struct item *item = arena_new_n(arena, struct item, n + 1);
    struct episode *episode = arena_new_n(arena, struct episode, n / 2 + 1);
    size_t slots = 0;
    *ret_n = 0;
    if (!slot || !item || !episode)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (sign[i]->decides && !sign[i]->outside && finding[i].time_us != TIME_NONE)
            slot[slots++] = (struct slot){sign[i]->host, sign[i]->dossier, i, NO_DOSSIER, 0};
    adopt(slot, slots, finding);
    if (slots)
        qsort(slot, slots, sizeof *slot, slot_order);
    for (size_t i = 0, to; i < slots; i = to) {
        struct group g = {arena, item + i, 0};
        for (to = i;
             to < slots && slot[to].host == slot[i].host && slot[to].dossier == slot[i].dossier;
             to++) {
            size_t at = slot[to].position;
            item[to] = (struct item){.sign = sign[at],
                                     .finding = &finding[at],
                                     .parent = g.n,
                                     .near = SIZE_MAX,
                                     .core = finding[at].grade >= GRADE_ATTEMPT};
            g.n++;
        }
        TRY(link_group(&g));
        TRY(take_episodes(&g, episode, ret_n));
    }
    if (*ret_n)
        qsort(episode, *ret_n, sizeof *episode, episode_order);
    *ret_episodes = episode;
    return OK;
}
