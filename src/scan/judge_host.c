#include "scan/hosts.h"
#include "scan/judge.h"

#include <stdlib.h>

struct str lower_copy(struct arena *arena, struct str s)
{
    char *p = arena_alloc(arena, s.n + 1);
    if (!p)
        return STR_NONE;
    for (size_t i = 0; i < s.n; i++)
        p[i] = (char)ascii_lower((unsigned char)s.p[i]);
    return str_make(p, s.n);
}

static bool is_address(struct str s)
{
    bool digits = true;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ':')
            return true;
        digits = digits && (ascii_digit((unsigned char)s.p[i]) || s.p[i] == '.');
    }
    return digits;
}

static struct str short_name(struct str key)
{
    ptrdiff_t dot = is_address(key) ? -1 : str_chr(key, '.');
    return dot > 0 ? str_sub(key, 0, (size_t)dot) : key;
}

static bool name_bytes(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (!ascii_alpha(c) && !ascii_digit(c) && c != '.' && c != '-' && c != '_' && c != ':')
            return false;
    }
    return s.n > 0 && s.n <= 253;
}

enum err target_short(struct arena *arena, struct str name, struct str *ret_name,
                      struct str *ret_short)
{
    static const char *const own[] = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "-", "."};
    *ret_short = STR_NONE;
    *ret_name = name;
    name = str_trim(name);
    if (name.n > 2 && name.p[0] == '[') {
        ptrdiff_t end = str_chr(name, ']');
        name = end > 0 ? str_sub(name, 1, (size_t)end) : name;
    } else {
        ptrdiff_t colon = str_chr(name, ':');
        if (colon >= 0 && colon == str_rchr(name, ':'))
            name = str_sub(name, 0, (size_t)colon);
    }
    if (!name_bytes(name))
        return OK;
    struct str key = lower_copy(arena, name);
    if (!key.p)
        return ERR_NOMEM;
    key = short_name(key);
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (str_eq(key, str_of(own[i])))
            return OK;
    if (str_starts(key, STR("127.")))
        return OK;
    *ret_name = name;
    *ret_short = key;
    return OK;
}

/* A host's name where it stands in the facts, with the file if it stands there. */
struct mention {
    struct str name, key;
    const struct file_fact *file;
};

static int mention_order(const void *a, const void *b)
{
    const struct mention *x = a, *y = b;
    int c = str_cmp(x->key, y->key);
    if (!c)
        c = str_cmp(x->name, y->name);
    if (!c && x->file && y->file)
        c = str_cmp(x->file->path, y->file->path);
    return c ? c : !x->file - !y->file;
}

static enum err add_mention(struct arena *arena, struct mention *v, size_t *n, struct str name,
                            const struct file_fact *file)
{
    struct str key = lower_copy(arena, name);
    if (!key.p)
        return ERR_NOMEM;
    v[(*n)++] = (struct mention){name, key, file};
    return OK;
}

static bool makes_host(const struct file_fact *f)
{
    return file_is_log(f) ||
           (f->kind.n ? file_in_server_tree(f->path) : host_in_server_tree(f->path));
}

static int key_order(const void *a, const void *b)
{
    const struct mention *x = a, *y = b;
    return str_cmp(x->key, y->key);
}

/* Files that are no logs count for the hosts that there are by other files and hits. */
static enum err add_files(struct trial *t, struct mention *v, size_t *n)
{
    const struct facts *f = t->facts;
    size_t known = *n, end = known;
    if (known)
        qsort(v, known, sizeof *v, key_order);
    for (size_t i = 0; known && i < f->n_files; i++) {
        if (!f->file[i].host.p || makes_host(&f->file[i]) || !f->file[i].kind.n)
            continue;
        TRY(add_mention(t->arena, v, &end, f->file[i].host, &f->file[i]));
        if (!bsearch(&v[end - 1], v, known, sizeof *v, key_order))
            end--;
    }
    *n = end;
    return OK;
}

/* Files that are no logs make a host where they lie in the tree of a server (an event log), else
 * only when nothing else does: a stray README is no server. */
static enum err mentions(struct trial *t, struct mention **ret_v, size_t *ret_n)
{
    const struct facts *f = t->facts;
    struct mention *v = arena_new_n(t->arena, struct mention, f->n_files + f->n_hits + 1);
    size_t n = 0;
    if (!v)
        return ERR_NOMEM;
    for (size_t i = 0; i < f->n_files; i++)
        if (f->file[i].host.p && makes_host(&f->file[i]))
            TRY(add_mention(t->arena, v, &n, f->file[i].host, &f->file[i]));
    for (size_t i = 0; i < f->n_hits; i++)
        if (f->hit[i].host.p)
            TRY(add_mention(t->arena, v, &n, f->hit[i].host, NULL));
    TRY(add_files(t, v, &n));
    bool none = !n;
    for (size_t i = 0; none && i < f->n_files; i++)
        if (f->file[i].host.n)
            TRY(add_mention(t->arena, v, &n, f->file[i].host, &f->file[i]));
    if (n)
        qsort(v, n, sizeof *v, mention_order);
    *ret_v = v;
    *ret_n = n;
    return OK;
}

static int file_order(const void *a, const void *b)
{
    const struct file_fact *x = *(const struct file_fact *const *)a;
    const struct file_fact *y = *(const struct file_fact *const *)b;
    return str_cmp(x->path, y->path);
}

static enum err make_host(struct trial *t, const struct mention *v, size_t n, struct host *ret_host)
{
    uint64_t clients = 0, private_clients = 0;
    struct host *h = ret_host;
    *h = (struct host){.name = v[0].name,
                       .key = v[0].key,
                       .short_key = short_name(v[0].key),
                       .first_us = TIME_NONE,
                       .last_us = TIME_NONE};
    h->file = arena_new_n(t->arena, const struct file_fact *, n + 1);
    if (!h->file)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct file_fact *f = v[i].file;
        h->supplied |= !f || file_is_log(f);
        if (!f)
            continue;
        h->file[h->n_files++] = f;
        clients += f->sampled_clients;
        private_clients += f->private_clients;
    }
    if (h->n_files)
        qsort(h->file, h->n_files, sizeof(struct file_fact *), file_order);
    h->balancer = clients && private_clients * 100 >= clients * JUDGE_BALANCER_PERCENT;
    TRY(cover_host(t->arena, t->facts, h->file, h->n_files, &h->cover, &h->n_covers));
    for (size_t i = 0; i < h->n_covers; i++) {
        if (h->cover[i].first_us == TIME_NONE)
            continue;
        if (h->first_us == TIME_NONE || h->cover[i].first_us < h->first_us)
            h->first_us = h->cover[i].first_us;
        if (h->cover[i].last_us > h->last_us)
            h->last_us = h->cover[i].last_us;
    }
    return OK;
}

static enum err index_host(struct trial *t, uint32_t i)
{
    const struct host *h = &t->host[i];
    TRY(map_put(&t->host_by_key, h->key, i));
    return map_get(&t->host_by_short, h->short_key) ? OK
                                                    : map_put(&t->host_by_short, h->short_key, i);
}

/* Parts of logs that were not read, or not as they were written. One of a file that tells no host,
 * or several, may have been any's; a file that is no log was none's. */
static enum err count_unread(struct trial *t)
{
    struct map owner;
    uint64_t of_any = 0;
    t->gap_host = arena_new_n(t->arena, uint32_t, t->facts->n_gaps + 1);
    if (!t->gap_host)
        return ERR_NOMEM;
    map_init(&owner, t->arena, t->facts->n_files + 1);
    for (uint32_t i = 0; i < t->n_hosts; i++)
        for (size_t k = 0; k < t->host[i].n_files; k++) {
            struct str path = t->host[i].file[k]->path;
            const uint32_t *known = map_get(&owner, path);
            TRY(map_put(&owner, path, !known || *known == i ? i : NO_HOST));
        }
    for (size_t i = 0; i < t->facts->n_gaps; i++) {
        const struct gap *g = &t->facts->gap[i];
        const uint32_t *known = map_get(&owner, g->file.p ? g->file : STR(""));
        uint32_t host = t->gap_host[i] = known ? *known : NO_HOST;
        if (gap_of_reading(g))
            (*(host != NO_HOST ? &t->host[host].unread : &of_any))++;
    }
    for (size_t i = 0; i < t->n_hosts; i++)
        t->host[i].unread += of_any;
    map_done(&owner);
    return OK;
}

enum err trial_hosts(struct trial *t)
{
    struct mention *v;
    size_t n, hosts = 0;
    TRY(mentions(t, &v, &n));
    for (size_t i = 0; i < n; i++)
        hosts += !i || !str_eq(v[i - 1].key, v[i].key);
    t->host = arena_new_n(t->arena, struct host, hosts + JUDGE_NAMED_HOSTS + 1);
    if (!t->host)
        return ERR_NOMEM;
    for (size_t i = 0, to; i < n; i = to) {
        for (to = i + 1; to < n && str_eq(v[i].key, v[to].key);)
            to++;
        TRY(make_host(t, v + i, to - i, &t->host[t->n_hosts]));
        TRY(index_host(t, (uint32_t)t->n_hosts++));
    }
    return count_unread(t);
}

/* The host a sign aims at: by full name, then by its first label. */
static uint32_t find_target(const struct trial *t, const struct sign *s)
{
    const uint32_t *i = map_get(&t->host_by_key, s->target_key);
    if (!i)
        i = map_get(&t->host_by_short, s->target_key);
    return i ? *i : NO_HOST;
}

static int target_order(const void *a, const void *b)
{
    const struct sign *x = *(const struct sign *const *)a, *y = *(const struct sign *const *)b;
    int c = str_cmp(x->target_key, y->target_key);
    return c ? c : str_cmp(x->f.target_host, y->f.target_host);
}

static enum err name_host(struct trial *t, const struct sign *s)
{
    t->host[t->n_hosts] = (struct host){.name = s->f.target_host,
                                        .key = s->target_key,
                                        .short_key = s->target_key,
                                        .first_us = TIME_NONE,
                                        .last_us = TIME_NONE};
    t->host[t->n_hosts].matter = arena_new_n(t->arena, struct matter, t->facts->n_dossiers + 1);
    if (!t->host[t->n_hosts].matter)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->facts->n_dossiers; i++)
        t->host[t->n_hosts].matter[i] = (struct matter){.dossier = &t->facts->dossier[i],
                                                        .window = {.fixed_since_us = TIME_NONE}};
    return index_host(t, (uint32_t)t->n_hosts++);
}

/* Hosts that signs name and that nobody supplied. */
static enum err add_named(struct trial *t)
{
    struct sign **v = arena_new_n(t->arena, struct sign *, t->n_signs + 1);
    size_t n = 0;
    struct str last = STR_NONE;
    if (!v)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->n_signs; i++) {
        struct sign *s = &t->sign[i];
        if (s->target_key.p && s->decides && s->f.grade > GRADE_WEAK)
            v[n++] = s;
    }
    if (n)
        qsort(v, n, sizeof *v, target_order);
    for (size_t i = 0, added = 0; i < n; i++) {
        if (find_target(t, v[i]) != NO_HOST || (last.p && str_eq(last, v[i]->target_key)))
            continue;
        last = v[i]->target_key;
        if (added++ < JUDGE_NAMED_HOSTS)
            TRY(name_host(t, v[i]));
        else
            t->named_left_out++;
    }
    return OK;
}

static enum err hand_out(struct trial *t)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; pass && i < t->n_hosts; i++) {
            t->host[i].sign = arena_new_n(t->arena, struct sign *, t->host[i].n_signs + 1);
            t->host[i].n_signs = 0;
            if (!t->host[i].sign)
                return ERR_NOMEM;
        }
        for (size_t i = 0; i < t->n_signs; i++) {
            struct sign *s = &t->sign[i];
            uint32_t at[2] = {s->host, s->target != s->host ? s->target : NO_HOST};
            for (size_t k = 0; k < 2; k++) {
                struct host *h = at[k] == NO_HOST ? NULL : &t->host[at[k]];
                if (h && pass)
                    h->sign[h->n_signs] = s;
                if (h)
                    h->n_signs++;
            }
        }
    }
    return OK;
}

enum err trial_targets(struct trial *t)
{
    TRY(add_named(t));
    for (size_t i = 0; i < t->n_signs; i++) {
        struct sign *s = &t->sign[i];
        s->target = s->target_key.p ? find_target(t, s) : NO_HOST;
        if (s->target != NO_HOST)
            s->f.target_host = t->host[s->target].name;
    }
    return hand_out(t);
}
