#include "scan/hits.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/wr.h"

enum {
    HITS_BYTES = 96 * 1024 * 1024,
    FLUSH_BYTES = 512 * 1024,
    TIGHT_BYTES = HITS_BYTES / 4 * 3,
    ROOMY_BYTES = HITS_BYTES / 3,
    CUT_AT = HITS_KEPT
};

void hits_init(struct hits *t)
{
    *t = (struct hits){.keep = HITS_KEPT};
    arena_init(&t->arena, HITS_BYTES);
}

void hits_done(struct hits *t)
{
    arena_done(&t->arena);
    free(t->slot);
    free(t->bucket);
    free(t->bucket_at);
    vec_done(&t->share);
    *t = (struct hits){0};
}

bool hit_earlier(const struct hits *t, const struct hit *a, const struct hit *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight;
    if (a->first_us != b->first_us) {
        if (a->first_us == TIME_NONE || b->first_us == TIME_NONE)
            return b->first_us == TIME_NONE;
        return a->first_us < b->first_us;
    }
    if (a->file != b->file)
        return t->path ? str_cmp(t->path[a->file], t->path[b->file]) < 0 : a->file < b->file;
    return a->offset < b->offset;
}

/* Copies every string of a hit into the table's arena. */
static enum err keep(struct hits *t, struct hit *to, const struct hit *from)
{
    struct hit h = *from;
    struct str *all[] = {&h.host, &h.kind, &h.target, &h.evidence};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (all[i]->p && !(*all[i] = arena_str(&t->arena, *all[i])).p)
            return ERR_NOMEM;
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (h.role[i].p && !(h.role[i] = arena_str(&t->arena, h.role[i])).p)
            return ERR_NOMEM;
    for (uint32_t i = 0; i < h.n_fields; i++) {
        h.field[i].name = arena_str(&t->arena, h.field[i].name);
        if (h.field[i].value.p)
            h.field[i].value = arena_str(&t->arena, h.field[i].value);
        if (!h.field[i].name.p)
            return ERR_NOMEM;
    }
    *to = h;
    return OK;
}

static int64_t later(int64_t a, int64_t b)
{
    return a == TIME_NONE || (b != TIME_NONE && b > a) ? b : a;
}

/* Adds the records of one row to another, which may be NULL yet: counts, last time, and the
 * earliest as representative. */
static enum err merge(struct hits *t, struct hit **row, const struct hit *hit)
{
    if (!*row && !(*row = arena_new(&t->arena, struct hit)))
        return ERR_NOMEM;
    struct hit *into = *row;
    uint64_t count = into->count + hit->count;
    int64_t last_us = into->count ? later(into->last_us, hit->last_us) : hit->last_us;
    struct few hours = {.n = 0}, requests = {.n = 0};
    if (into->count) {
        hours = into->hours;
        requests = into->requests;
    }
    few_merge(&hours, &hit->hours);
    few_merge(&requests, &hit->requests);
    bool own = into->own_scanner && hit->own_scanner, overflow = into->overflow;
    bool carved = hit->carved && (into->carved || !into->count);
    bool several = into->several_clients || hit->several_clients ||
                   (into->count && !str_eq(into->role[ROLE_CLIENT], hit->role[ROLE_CLIENT]));
    if (into->count == 0 || (!t->full && hit_earlier(t, hit, into)))
        TRY(keep(t, into, hit));
    own = count == hit->count ? hit->own_scanner : own;
    into->count = count;
    into->last_us = last_us;
    into->hours = hours;
    into->requests = requests;
    into->own_scanner = own;
    into->carved = carved;
    into->several_clients = several;
    into->overflow = overflow || hit->overflow;
    return OK;
}

static uint32_t *bucket_place(const struct hits *t, uint32_t rule, struct str host)
{
    size_t mask = t->cap_bucket_at - 1;
    for (size_t i = hash64(host, rule) & mask;; i = (i + 1) & mask) {
        uint32_t at = t->bucket_at[i];
        if (!at || (t->bucket[at - 1].rule == rule && str_eq(t->bucket[at - 1].host, host)))
            return &t->bucket_at[i];
    }
}

static enum err grow_buckets(struct hits *t)
{
    size_t cap = t->cap_buckets ? t->cap_buckets * 2 : 64;
    void *bucket = realloc(t->bucket, cap * sizeof *t->bucket);
    if (!bucket)
        return ERR_NOMEM;
    t->bucket = bucket;
    t->cap_buckets = cap;
    uint32_t *at = calloc(cap * 2, sizeof *at);
    if (!at)
        return ERR_NOMEM;
    free(t->bucket_at);
    t->bucket_at = at;
    t->cap_bucket_at = cap * 2;
    for (size_t i = 0; i < t->n_buckets; i++)
        *bucket_place(t, t->bucket[i].rule, t->bucket[i].host) = (uint32_t)i + 1;
    return OK;
}

static struct hit_bucket *bucket_of(struct hits *t, uint32_t rule, struct str host)
{
    if (t->n_buckets == t->cap_buckets && grow_buckets(t))
        return NULL;
    uint32_t *at = bucket_place(t, rule, host);
    if (*at)
        return &t->bucket[*at - 1];
    if ((t->n_buckets >= HITS_BUCKETS || t->full) && !str_eq(host, STR(HITS_FURTHER)))
        return bucket_of(t, rule, STR(HITS_FURTHER));
    struct str copy = host.p ? arena_str(&t->arena, host) : STR_NONE;
    if (host.p && !copy.p)
        return NULL;
    t->bucket[t->n_buckets] = (struct hit_bucket){.rule = rule, .host = copy, .limit = UINT64_MAX};
    *at = (uint32_t)++t->n_buckets;
    return &t->bucket[t->n_buckets - 1];
}

static struct hit_slot *slot_of(const struct hits *t, uint64_t key)
{
    size_t mask = t->cap - 1;
    for (size_t i = key & mask;; i = (i + 1) & mask)
        if (t->slot[i].key == key || t->slot[i].key == 0)
            return &t->slot[i];
}

static enum err copy_hit(struct hits *t, struct hit **to, const struct hit *from)
{
    *to = arena_new(&t->arena, struct hit);
    return *to ? keep(t, *to, from) : ERR_NOMEM;
}

/* Into a table of cap slots, in a fresh arena: what was cut or replaced is given back. */
static enum err rebuild(struct hits *t, size_t cap)
{
    struct hits old = *t;
    arena_init(&t->arena, HITS_BYTES);
    t->slot = calloc(cap, sizeof *t->slot);
    t->cap = t->slot ? cap : 0;
    t->n = 0;
    enum err rc = t->slot ? OK : ERR_NOMEM;
    for (size_t i = 0; !rc && i < t->n_buckets; i++) {
        struct hit_bucket *b = &t->bucket[i];
        if (b->host.p && !(b->host = arena_str(&t->arena, b->host)).p)
            rc = ERR_NOMEM;
        if (!rc && b->more)
            rc = copy_hit(t, &b->more, b->more);
    }
    for (size_t i = 0; !rc && i < old.cap; i++)
        if (old.slot[i].hit) {
            struct hit_slot *s = slot_of(t, old.slot[i].key);
            s->key = old.slot[i].key;
            rc = copy_hit(t, &s->hit, old.slot[i].hit);
            t->n++;
        }
    arena_done(&old.arena);
    free(old.slot);
    return rc;
}

struct kept_key {
    const struct hit_bucket *bucket;
    uint64_t key;
};

static int by_bucket(const void *a, const void *b)
{
    const struct kept_key *x = a, *y = b;
    if (x->bucket != y->bucket)
        return x->bucket < y->bucket ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

/* Counts a hit in its bucket's overflow row. */
static enum err count_further(struct hits *t, struct hit_bucket *b, const struct hit *hit)
{
    struct hit h = *hit;
    h.host = b->host;
    TRY(merge(t, &b->more, &h));
    b->more->overflow = true;
    return OK;
}

/* Of one bucket's keys, in order: the first t->keep stay, the rest goes into its overflow row. */
static enum err cut_bucket(struct hits *t, struct hit_bucket *b, const struct kept_key *key,
                           size_t n)
{
    b->kept = n;
    if (n <= t->keep)
        return OK;
    b->limit = key[t->keep].key;
    for (size_t i = t->keep; i < n; i++) {
        struct hit_slot *s = slot_of(t, key[i].key);
        TRY(count_further(t, b, s->hit));
        s->hit = NULL; /* a tombstone until the next rebuild */
    }
    b->kept = t->keep;
    return OK;
}

static bool too_many(const struct hits *t)
{
    for (size_t i = 0; i < t->n_buckets; i++)
        if (t->bucket[i].kept > t->keep)
            return true;
    return false;
}

/* Cuts every bucket to its t->keep smallest keys. */
static enum err cut(struct hits *t)
{
    size_t n = 0, end;
    struct kept_key *keys = too_many(t) ? calloc(t->n + 1, sizeof *keys) : NULL;
    if (!keys)
        return too_many(t) ? ERR_NOMEM : OK;
    for (size_t i = 0; i < t->cap; i++)
        if (t->slot[i].hit) {
            const struct hit *h = t->slot[i].hit;
            uint32_t at = *bucket_place(t, h->rule, h->host);
            if (!at)
                at = *bucket_place(t, h->rule, STR(HITS_FURTHER));
            if (at)
                keys[n++] = (struct kept_key){&t->bucket[at - 1], t->slot[i].key};
        }
    qsort(keys, n, sizeof *keys, by_bucket);
    enum err rc = OK;
    for (size_t i = 0; !rc && i < n; i = end) {
        for (end = i; end < n && keys[end].bucket == keys[i].bucket; end++)
            ;
        rc = cut_bucket(t, &t->bucket[keys[i].bucket - t->bucket], keys + i, end - i);
    }
    free(keys);
    return rc ? rc : rebuild(t, t->cap);
}

/* Gives back what was replaced; if that is not enough, fewer rows a bucket, in the end none but
 * those that are there. */
static enum err make_room(struct hits *t)
{
    TRY(rebuild(t, t->cap));
    while (t->arena.used_bytes > ROOMY_BYTES && t->keep > 1) {
        t->keep = (t->keep + 1) / 2;
        TRY(cut(t));
    }
    t->full = t->full || t->arena.used_bytes > ROOMY_BYTES;
    t->tight_bytes = t->arena.used_bytes + HITS_BYTES / 8;
    return OK;
}

static enum err prepare(struct hits *t)
{
    if (t->n * 2 >= t->cap)
        TRY(rebuild(t, t->cap ? t->cap * 2 : 256));
    return t->arena.used_bytes > TIGHT_BYTES && t->arena.used_bytes > t->tight_bytes ? make_room(t)
                                                                                     : OK;
}

/* Shares follow one another by file, and a file often adds to the same row again. */
static enum err note_share(struct hits *t, const struct hit_bucket *b, uint64_t key,
                           const struct hit *hit)
{
    struct hit_share share = {key, hit->count, hit->file, (uint32_t)(b - t->bucket)};
    struct hit_share *last = t->share.n ? &t->share.v[t->share.n - 1] : NULL;
    if (!t->keep_shares || t->shares_lost)
        return OK;
    if (last && last->key == key && last->file == share.file && last->bucket == share.bucket) {
        last->count += share.count;
        return OK;
    }
    enum err rc = vec_push(&t->share, share, HITS_SHARES);
    if (rc != ERR_LIMIT)
        return rc;
    t->shares_lost = true;
    vec_done(&t->share);
    return OK;
}

enum err hits_add(struct hits *t, uint64_t key, const struct hit *hit)
{
    key |= key == 0;
    TRY(prepare(t));
    struct hit_bucket *b = bucket_of(t, hit->rule, hit->host);
    if (!b)
        return ERR_NOMEM;
    TRY(note_share(t, b, hit->overflow ? 0 : key, hit));
    struct hit_slot *s = slot_of(t, key);
    bool is_new = !s->hit;
    if (hit->overflow || key >= b->limit || (is_new && t->full))
        return count_further(t, b, hit);
    t->n += !s->key;
    s->key = key;
    TRY(merge(t, &s->hit, hit));
    b->kept += is_new;
    return b->kept > t->keep + CUT_AT ? cut(t) : OK;
}

static void take_back(struct hit *row, const struct hit_share *share)
{
    if (row)
        row->count -= share->count < row->count ? share->count : row->count;
}

/* Everything but the count of a row is the same with and without a copy: the earliest and the last
 * record, and whether clients differ. */
enum err hits_take_back(struct hits *t, const uint32_t *first, bool *ret_taken)
{
    *ret_taken = !t->shares_lost;
    if (t->shares_lost)
        return OK;
    TRY(cut(t));
    for (size_t i = 0; i < t->share.n; i++) {
        const struct hit_share *share = &t->share.v[i];
        struct hit_slot *s = share->key ? slot_of(t, share->key) : NULL;
        if (first[share->file] == share->file)
            continue;
        take_back(s && s->hit ? s->hit : t->bucket[share->bucket].more, share);
    }
    for (size_t i = 0; i < t->cap; i++)
        if (t->slot[i].hit)
            t->slot[i].hit->file = first[t->slot[i].hit->file];
    for (size_t i = 0; i < t->n_buckets; i++)
        if (t->bucket[i].more)
            t->bucket[i].more->file = first[t->bucket[i].more->file];
    vec_done(&t->share);
    return OK;
}

enum err hits_list(struct hits *t, struct arena *arena, struct hit **ret_hits, size_t *ret_n)
{
    TRY(cut(t));
    *ret_n = 0;
    *ret_hits = arena_new_n(arena, struct hit, t->n + t->n_buckets + 1);
    if (!*ret_hits)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->cap; i++)
        if (t->slot[i].hit && t->slot[i].hit->count)
            (*ret_hits)[(*ret_n)++] = *t->slot[i].hit;
    for (size_t i = 0; i < t->n_buckets; i++)
        if (t->bucket[i].more && t->bucket[i].more->count)
            (*ret_hits)[(*ret_n)++] = *t->bucket[i].more;
    arena_adopt(arena, &t->arena); /* their strings outlive the table */
    struct hits empty;
    free(t->slot);
    free(t->bucket);
    free(t->bucket_at);
    vec_done(&t->share);
    hits_init(&empty);
    empty.path = t->path;
    empty.keep_shares = t->keep_shares;
    *t = empty;
    return OK;
}

size_t hits_bytes(const struct hits *t)
{
    return t->arena.used_bytes + t->cap * sizeof *t->slot + t->cap_buckets * sizeof *t->bucket;
}

static void few_write(struct buf *b, const struct few *few)
{
    wr_u8(b, (uint8_t)few->n);
    wr_u8(b, few->more);
    for (uint32_t i = 0; i < few->n; i++)
        wr_u64(b, few->v[i]);
}

static bool few_read(struct rd *r, struct few *ret_few)
{
    *ret_few = (struct few){.n = rd_u8(r)};
    ret_few->more = rd_u8(r) & 1;
    for (uint32_t i = 0; i < ret_few->n && ret_few->n <= FEW_MAX; i++)
        ret_few->v[i] = rd_u64(r);
    return few_valid(ret_few);
}

void hit_write(struct buf *b, uint64_t key, const struct hit *h)
{
    wr_u64(b, key);
    wr_u32(b, h->rule);
    wr_u32(b, h->file);
    wr_u64(b, h->count);
    wr_u64(b, h->weight);
    wr_u64(b, (uint64_t)h->first_us);
    wr_u64(b, (uint64_t)h->last_us);
    few_write(b, &h->hours);
    few_write(b, &h->requests);
    wr_u64(b, h->line);
    wr_u8(b, h->event);
    wr_u64(b, h->offset);
    wr_str(b, h->host);
    wr_str(b, h->kind);
    wr_str(b, h->target);
    for (size_t i = 0; i < ROLE_COUNT; i++)
        wr_str(b, h->role[i]);
    wr_u32(b, h->n_fields);
    for (uint32_t i = 0; i < h->n_fields; i++) {
        wr_str(b, h->field[i].name);
        wr_str(b, h->field[i].value);
    }
    wr_str(b, h->evidence);
    wr_u32(b, h->line_bytes);
    wr_u32(b, h->n_marks);
    for (uint32_t i = 0; i < h->n_marks; i++) {
        wr_u32(b, h->mark[i].from);
        wr_u32(b, h->mark[i].to);
    }
    buf_add(b, h->raw_sha256, sizeof h->raw_sha256);
    wr_u8(b,
          (uint8_t)(h->own_scanner | h->overflow << 1 | h->several_clients << 2 | h->carved << 3));
}

enum err hit_read(struct rd *r, uint64_t *ret_key, struct hit *h)
{
    *h = (struct hit){0};
    *ret_key = rd_u64(r);
    h->rule = rd_u32(r);
    h->file = rd_u32(r);
    h->count = rd_u64(r);
    h->weight = rd_u64(r);
    h->first_us = (int64_t)rd_u64(r);
    h->last_us = (int64_t)rd_u64(r);
    if (!few_read(r, &h->hours) || !few_read(r, &h->requests))
        return ERR_FORMAT;
    h->line = rd_u64(r);
    h->event = rd_u8(r);
    h->offset = rd_u64(r);
    h->host = rd_str(r);
    h->kind = rd_str(r);
    h->target = rd_str(r);
    for (size_t i = 0; i < ROLE_COUNT; i++)
        h->role[i] = rd_str(r);
    h->n_fields = rd_u32(r);
    if (h->n_fields > FACT_FIELDS)
        return ERR_FORMAT;
    for (uint32_t i = 0; i < h->n_fields; i++) {
        h->field[i].name = rd_str(r);
        h->field[i].value = rd_str(r);
        if (!h->field[i].name.p)
            return ERR_FORMAT;
    }
    h->evidence = rd_str(r);
    h->line_bytes = rd_u32(r);
    h->n_marks = rd_u32(r);
    if (h->n_marks > SIGMA_MAX_MARKS)
        return ERR_FORMAT;
    for (uint32_t i = 0; i < h->n_marks; i++) {
        h->mark[i].from = rd_u32(r);
        h->mark[i].to = rd_u32(r);
        if (h->mark[i].from > h->mark[i].to || h->mark[i].to > h->evidence.n)
            return ERR_FORMAT;
    }
    struct str sha = rd_slice(r, sizeof h->raw_sha256);
    if (sha.n == sizeof h->raw_sha256)
        memcpy(h->raw_sha256, sha.p, sha.n);
    uint8_t flags = rd_u8(r);
    h->own_scanner = flags & 1;
    h->overflow = flags >> 1 & 1;
    h->several_clients = flags >> 2 & 1;
    h->carved = flags >> 3 & 1;
    return r->rc ? r->rc : h->count ? OK : ERR_FORMAT;
}

static enum err flush_row(struct buf *b, uint64_t key, const struct hit *hit,
                          enum err (*send)(void *, struct str), void *ctx)
{
    if (b->n > FLUSH_BYTES) {
        TRY(send(ctx, buf_view(b)));
        buf_reset(b);
    }
    hit_write(b, key, hit);
    return b->rc;
}

enum err hits_flush(struct hits *t, enum err (*send)(void *ctx, struct str message), void *ctx)
{
    struct buf b;
    enum err rc = OK;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    for (size_t i = 0; !rc && i < t->cap; i++)
        if (t->slot[i].hit)
            rc = flush_row(&b, t->slot[i].key, t->slot[i].hit, send, ctx);
    for (size_t i = 0; !rc && i < t->n_buckets; i++)
        if (t->bucket[i].more)
            rc = flush_row(&b, 0, t->bucket[i].more, send, ctx);
    if (!rc && b.n)
        rc = send(ctx, buf_view(&b));
    buf_done(&b);
    hits_done(t);
    hits_init(t);
    return rc;
}
