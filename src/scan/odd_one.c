#include "scan/odd_one.h"

#include <stdlib.h>

enum { SHA_BYTES = 32 };

/* A file, with its path made comparable. */
struct item {
    struct str path, folder;
    uint32_t group, host, file;
    const unsigned char *sha256;
};

/* A host has something in a folder: only then does it say anything that a file is missing there. */
struct presence {
    struct str folder;
    uint32_t group, host;
};

/* Hosts that agree on the bytes of one path. */
struct camp {
    const unsigned char *sha256;
    uint32_t hosts;
};

struct search {
    struct arena *arena;
    const struct odd_host *host;
    uint32_t *group; /* by host: those of one group are comparable */
    size_t n_hosts;
    struct item *item;
    size_t n_items;
    struct presence *presence;
    size_t n_presences;
    struct camp *camp; /* of the path at hand; the largest first */
    size_t n_camps;
    struct odd_one *odd;
    size_t n_odd;
};

static int cmp_u32(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

/* ---- groups: hosts of the same build; those without one are a group as well ---- */

static int by_build(const void *a, const void *b, void *ctx)
{
    const struct odd_host *host = ctx;
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int order = build_cmp(&host[x].build, &host[y].build);
    return order ? order : cmp_u32(x, y);
}

static enum err group_hosts(struct search *s)
{
    uint32_t *order = arena_new_n(s->arena, uint32_t, s->n_hosts + 1);
    s->group = arena_new_n(s->arena, uint32_t, s->n_hosts + 1);
    if (!order || !s->group)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < s->n_hosts; i++)
        order[i] = i;
    qsort_r(order, s->n_hosts, sizeof *order, by_build, (void *)(uintptr_t)s->host);
    for (size_t i = 1; i < s->n_hosts; i++)
        s->group[order[i]] =
            s->group[order[i - 1]] +
            (build_cmp(&s->host[order[i]].build, &s->host[order[i - 1]].build) != 0);
    return OK;
}

/* ---- files ---- */

static struct str comparable(struct arena *arena, struct str path)
{
    char *to = arena_alloc(arena, path.n + 1);
    if (!to)
        return STR_NONE;
    for (size_t i = 0; i < path.n; i++)
        to[i] = path.p[i] == '/' ? '\\' : (char)ascii_lower((unsigned char)path.p[i]);
    return str_make(to, path.n);
}

static int by_path(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = cmp_u32(x->group, y->group);
    order = order ? order : str_cmp(x->path, y->path);
    order = order ? order : cmp_u32(x->host, y->host);
    order = order ? order : memcmp(x->sha256, y->sha256, SHA_BYTES);
    return order ? order : cmp_u32(x->file, y->file);
}

static int by_folder(const void *a, const void *b)
{
    const struct presence *x = a, *y = b;
    int order = cmp_u32(x->group, y->group);
    order = order ? order : str_cmp(x->folder, y->folder);
    return order ? order : cmp_u32(x->host, y->host);
}

static enum err items_of(struct search *s, const struct odd_file *file, size_t n)
{
    s->item = arena_new_n(s->arena, struct item, n + 1);
    s->presence = arena_new_n(s->arena, struct presence, n + 1);
    s->camp = arena_new_n(s->arena, struct camp, n + 1);
    s->odd = arena_new_n(s->arena, struct odd_one, 2 * n + 1);
    if (!s->item || !s->presence || !s->camp || !s->odd)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        if (file[i].host >= s->n_hosts)
            return ERR_BUG;
        struct str path = comparable(s->arena, file[i].tail);
        if (!path.p)
            return ERR_NOMEM;
        ptrdiff_t cut = str_rchr(path, '\\');
        struct str folder = str_sub(path, 0, cut < 0 ? 0 : (size_t)cut);
        uint32_t group = s->group[file[i].host];
        s->item[s->n_items++] = (struct item){path, folder, group, file[i].host, i, file[i].sha256};
        s->presence[i] = (struct presence){folder, group, file[i].host};
    }
    qsort(s->item, s->n_items, sizeof *s->item, by_path);
    qsort(s->presence, n, sizeof *s->presence, by_folder);
    for (size_t i = 0; i < n; i++)
        if (!i || by_folder(&s->presence[i], &s->presence[i - 1]) != 0)
            s->presence[s->n_presences++] = s->presence[i];
    return OK;
}

static bool same_path(const struct item *a, const struct item *b)
{
    return a->group == b->group && str_eq(a->path, b->path);
}

/* One past the items of the same host. */
static const struct item *host_end(const struct item *at, const struct item *end)
{
    const struct item *i = at;
    while (i < end && i->host == at->host)
        i++;
    return i;
}

static uint32_t hosts_of(const struct item *from, const struct item *end)
{
    uint32_t n = 0;
    for (const struct item *i = from; i < end; i = host_end(i, end))
        n++;
    return n;
}

/* The hosts that have the folder of an item. */
static const struct presence *present(const struct search *s, const struct item *of, size_t *ret_n)
{
    const struct presence key = {of->folder, of->group, 0};
    size_t low = 0, high = s->n_presences;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_folder(&s->presence[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < s->n_presences && s->presence[end].group == of->group &&
           str_eq(s->presence[end].folder, of->folder))
        end++;
    *ret_n = end - low;
    return &s->presence[low];
}

/* ---- camps ---- */

static int by_sha(const void *a, const void *b)
{
    return memcmp(((const struct camp *)a)->sha256, ((const struct camp *)b)->sha256, SHA_BYTES);
}

static int by_size(const void *a, const void *b)
{
    const struct camp *x = a, *y = b;
    return x->hosts != y->hosts ? cmp_u32(y->hosts, x->hosts) : by_sha(a, b);
}

static void camps_of(struct search *s, const struct item *from, const struct item *end)
{
    size_t all = 0;
    for (const struct item *i = from; i < end; i++)
        if (i == from || i->host != i[-1].host || memcmp(i->sha256, i[-1].sha256, SHA_BYTES) != 0)
            s->camp[all++] = (struct camp){i->sha256, 1};
    qsort(s->camp, all, sizeof *s->camp, by_sha);
    s->n_camps = 0;
    for (size_t i = 0; i < all; i++)
        if (s->n_camps && by_sha(&s->camp[s->n_camps - 1], &s->camp[i]) == 0)
            s->camp[s->n_camps - 1].hosts++;
        else
            s->camp[s->n_camps++] = s->camp[i];
    qsort(s->camp, s->n_camps, sizeof *s->camp, by_size);
}

/* Of one host's items, which are in order of their hashes. */
static bool holds(const struct item *from, const struct item *end, const unsigned char *sha256)
{
    while (from < end) {
        const struct item *middle = from + (end - from) / 2;
        int order = memcmp(middle->sha256, sha256, SHA_BYTES);
        if (order == 0)
            return true;
        if (order < 0)
            from = middle + 1;
        else
            end = middle;
    }
    return false;
}

/* ---- telling ---- */

static enum err tell(struct search *s, struct odd_one odd, const uint32_t *agree, size_t n)
{
    odd.n_listed = n < ODD_LISTED ? n : ODD_LISTED;
    uint32_t *list = arena_new_n(s->arena, uint32_t, odd.n_listed + 1);
    if (!list)
        return ERR_NOMEM;
    if (odd.n_listed)
        memcpy(list, agree, odd.n_listed * sizeof *list);
    odd.agree = list;
    s->odd[s->n_odd++] = odd;
    return OK;
}

static uint32_t camp_size(const struct search *s, const unsigned char *sha256)
{
    for (size_t i = 0; i < s->n_camps; i++)
        if (memcmp(s->camp[i].sha256, sha256, SHA_BYTES) == 0)
            return s->camp[i].hosts;
    return 0;
}

/* A few have the file; more have the folder, and not the file. */
static enum err alone(struct search *s, const struct item *from, const struct item *end)
{
    uint32_t missing[ODD_LISTED], n_missing = 0, have = hosts_of(from, end);
    size_t n, listed = 0;
    const struct presence *p = present(s, from, &n);
    const struct item *at = from;
    if (n - have < have || (n - have == have && have > 1))
        return OK;
    n_missing = (uint32_t)n - have;
    for (size_t i = 0; i < n && listed < ODD_LISTED; i++) {
        while (at < end && at->host < p[i].host)
            at++;
        if (at == end || at->host != p[i].host)
            missing[listed++] = p[i].host;
    }
    for (const struct item *i = from; n_missing && i < end; i = host_end(i, end)) {
        struct odd_one odd = {.kind = ODD_ALONE,
                              .weak = n_missing < 2 || 2 * have > n_missing,
                              .file = i->file,
                              .host = i->host,
                              .twins = camp_size(s, i->sha256) - 1,
                              .n_agree = n_missing};
        TRY(tell(s, odd, missing, listed));
    }
    return OK;
}

static enum err differs(struct search *s, const struct item *from, const struct item *end,
                        const struct item *own, const struct item *own_end)
{
    uint32_t mine = 0, agree[ODD_LISTED];
    size_t listed = 0, best = s->n_camps;
    for (size_t c = 0; c < s->n_camps && (best == s->n_camps || !mine); c++) {
        bool held = holds(own, own_end, s->camp[c].sha256);
        if (held && !mine)
            mine = s->camp[c].hosts;
        if (!held && best == s->n_camps)
            best = c;
    }
    if (best == s->n_camps || s->camp[best].hosts < mine)
        return OK;
    const struct camp *others = &s->camp[best];
    for (const struct item *i = from; i < end && listed < ODD_LISTED; i = host_end(i, end))
        if (holds(i, host_end(i, end), others->sha256))
            agree[listed++] = i->host;
    struct odd_one odd = {.kind = ODD_DIFFERS,
                          .weak = others->hosts < 2 || 2 * mine > others->hosts,
                          .file = own->file,
                          .host = own->host,
                          .twins = camp_size(s, own->sha256) - 1,
                          .n_agree = others->hosts};
    memcpy(odd.agreed, others->sha256, SHA_BYTES);
    return tell(s, odd, agree, listed);
}

static enum err one_path(struct search *s, const struct item *from, const struct item *end)
{
    const uint32_t hosts = hosts_of(from, end);
    camps_of(s, from, end);
    TRY(alone(s, from, end));
    if (s->n_camps < 2 || (s->camp[0].hosts < 2 && hosts != 2))
        return OK;
    for (const struct item *i = from; i < end; i = host_end(i, end))
        TRY(differs(s, from, end, i, host_end(i, end)));
    return OK;
}

static int by_host(const void *a, const void *b, void *ctx)
{
    const struct odd_one *x = a, *y = b;
    const struct str *path = ctx; /* by file */
    int order = cmp_u32(x->host, y->host);
    order = order ? order : str_cmp(path[x->file], path[y->file]);
    order = order ? order : cmp_u32(x->file, y->file);
    return order ? order : (int)x->kind - (int)y->kind;
}

static enum err in_order(struct search *s)
{
    struct str *path = arena_new_n(s->arena, struct str, s->n_items + 1);
    if (!path)
        return ERR_NOMEM;
    for (size_t i = 0; i < s->n_items; i++)
        path[s->item[i].file] = s->item[i].path;
    qsort_r(s->odd, s->n_odd, sizeof *s->odd, by_host, path);
    return OK;
}

enum err odd_one_find(struct arena *arena, const struct odd_host *host, size_t n_hosts,
                      const struct odd_file *file, size_t n_files, struct odd_one **ret_odd,
                      size_t *ret_n)
{
    struct search s = {.arena = arena, .host = host, .n_hosts = n_hosts};
    *ret_n = 0;
    *ret_odd = NULL;
    TRY(group_hosts(&s));
    TRY(items_of(&s, file, n_files));
    for (const struct item *at = s.item, *all = s.item + s.n_items, *end; at < all; at = end) {
        for (end = at; end < all && same_path(at, end);)
            end++;
        TRY(one_path(&s, at, end));
    }
    TRY(in_order(&s));
    *ret_odd = s.odd;
    *ret_n = s.n_odd;
    return OK;
}
