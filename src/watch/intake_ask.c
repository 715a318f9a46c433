#include "base/hash.h"
#include "watch/intake_priv.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    TEXT_BYTES = 2 * INTAKE_BATCH_BYTES,
};

enum err intake_begin(struct intake_reader *r, struct error *error)
{
    OSSL_PARAM size[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &(size_t){8}),
                         OSSL_PARAM_construct_end()};
    arena_init(&r->arena, ARENA_BYTES);
    r->earliest_us = intake_earliest_us();
    TRY(intake_tally_begin(r->intake));
    r->text = malloc(TEXT_BYTES);
    r->tallied = calloc(INTAKE_POSTS, sizeof *r->tallied);
    r->post = calloc(INTAKE_POSTS, sizeof *r->post);
    r->reading = calloc(INTAKE_POSTS, sizeof *r->reading);
    r->mac = EVP_MAC_fetch(NULL, "BLAKE2BMAC", NULL);
    r->mac_ctx = r->mac ? EVP_MAC_CTX_new(r->mac) : NULL;
    if (!r->text || !r->tallied || !r->post || !r->reading || !r->mac_ctx)
        return ERR_NOMEM;
    if (!EVP_MAC_init(r->mac_ctx, r->intake->key, INTAKE_KEY_BYTES, size))
        return fail(error, ERR_BUG, "BLAKE2b cannot be keyed");
    return OK;
}

/* A keyed hash of a name within its site: who wrote it cannot be told from it, only whether two are
 * the same. */
static uint64_t keyed(struct intake_reader *r, struct str site, struct str name)
{
    unsigned char out[8] = {0};
    uint64_t v = 0;
    size_t n = 0;
    if (!EVP_MAC_init(r->mac_ctx, NULL, 0, NULL) ||
        !EVP_MAC_update(r->mac_ctx, (const unsigned char *)site.p, site.n) ||
        !EVP_MAC_update(r->mac_ctx, (const unsigned char *)"\0", 1) ||
        !EVP_MAC_update(r->mac_ctx, (const unsigned char *)name.p, name.n) ||
        !EVP_MAC_final(r->mac_ctx, out, &n, sizeof out))
        return 0;
    memcpy(&v, out, sizeof v);
    return v;
}

static uint64_t seed_of(const struct intake *in)
{
    uint64_t seed;
    memcpy(&seed, in->key, sizeof seed);
    return seed;
}

static uint64_t hash_of(uint64_t seed, struct str a, struct str b)
{
    return hash64(b, hash64(a, seed));
}

/* The same post, read from another copy of its export, has the same key. */
static uint64_t key_of(const struct post *p, uint64_t site_hash)
{
    uint64_t seed = site_hash;
    if (p->id.n)
        return hash64(p->id, seed);
    seed ^= (uint64_t)p->time_us;
    return hash_of(hash_of(seed, p->url, p->author), p->title, p->text);
}

struct str intake_cut(struct str s, size_t max)
{
    if (s.n <= max)
        return s;
    while (max > 0 && ((unsigned char)s.p[max] & 0xC0) == 0x80)
        max--;
    return str_sub(s, 0, max);
}

/* All texts of the record, so that it fits into a message whatever the post is. Hashes are made
 * before. */
static void cut_fields(struct post *p)
{
    struct str *texts[] = {&p->id, &p->source, &p->site, &p->thread, &p->url, &p->lang};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = intake_cut(*texts[i], SIGHTING_FIELD_BYTES);
    p->title = intake_cut(p->title, SIGHTING_TEXT_BYTES);
    p->text = intake_cut(p->text, SIGHTING_TEXT_BYTES);
    p->author = (struct str){0};
}

bool intake_keeps(enum item_kind kind)
{
    /* Mail addresses in chatter are logins that were stolen, more often than not. */
    return !item_is_subject(kind) && kind != ITEM_EMAIL;
}

int64_t intake_earliest_us(void)
{
    static const struct civil earliest = {1990, 1, 1, 0, 0, 0, 0};
    return time_of_civil(&earliest);
}

static void tell_subjects(const struct reading *reading, struct sighting *s,
                          struct sighted subject[SIGHTING_SUBJECTS])
{
    s->subject = subject;
    s->named = reading->n_subjects;
    for (size_t i = 0; i < reading->n_subjects && i < SIGHTING_SUBJECTS; i++) {
        const struct reading_subject *from = &reading->subject[i];
        subject[s->n_subjects++] = (struct sighted){
            from->kind, intake_cut(from->name, SIGHTING_FIELD_BYTES), from->at, from->in_title};
    }
}

/* The items of one post, each once; their texts live in the batch's arena. */
struct items {
    struct intake_reader *r;
    struct sighted_item item[SIGHTING_ITEMS];
    size_t n;
};

static enum err on_item(void *ctx, const struct item *item, bool in_title)
{
    struct items *x = ctx;
    (void)in_title;
    for (size_t i = 0; i < x->n; i++)
        if (x->item[i].kind == item->kind && str_eq(x->item[i].value, item->value))
            return OK;
    if (x->n == SIGHTING_ITEMS || !intake_keeps(item->kind))
        return OK;
    struct str value = arena_str(&x->r->arena, intake_cut(item->value, SIGHTING_ITEM_BYTES));
    if (!value.p)
        return ERR_NOMEM;
    x->item[x->n++] = (struct sighted_item){item->kind, value};
    return OK;
}

/* Key and thread; a post without a thread is one of its own. */
static void identify(const struct intake *in, const struct post *p, uint64_t site_hash,
                     uint64_t *ret_key, uint64_t *ret_thread)
{
    bool keyed = !in->volume || !p->thread.n;
    *ret_key = keyed ? key_of(p, site_hash) : 0;
    *ret_thread = p->thread.n ? hash64(p->thread, site_hash) : *ret_key;
}

static enum err tell_named(struct intake_reader *r, const struct post *post,
                           const struct reading *reading, struct sighting *s)
{
    UNCLEARED struct items items;
    UNCLEARED struct sighted subject[SIGHTING_SUBJECTS];
    UNCLEARED struct str technique[SIGHTING_TECHNIQUES];
    items.r = r;
    items.n = 0;
    tell_subjects(reading, s, subject);
    s->voiced = post->author.n > 0;
    s->voice = keyed(r, post->site, s->voiced ? post->author : STR(""));
    cut_fields(&s->post);
    s->intent = reading->intent;
    s->intent_phrase = intake_cut(reading->intent_phrase, SIGHTING_FIELD_BYTES);
    s->technique.v = technique;
    for (size_t i = 0; i < reading->n_techniques && i < SIGHTING_TECHNIQUES; i++)
        technique[s->technique.n++] = reading->technique[i].id;
    s->list = reading->list_dump;
    if (!s->list)
        TRY(gist_items(r->intake->gist, post, on_item, &items));
    s->item = items.item;
    s->n_items = items.n;
    s->weight = reading->weight;
    s->sketch = reading->sketch;
    return r->told(r, s);
}

static enum err tell(struct intake_reader *r, const struct post *post,
                     const struct reading *reading)
{
    struct sighting s = {.post = *post};
    identify(r->intake, post, hash64(post->site, seed_of(r->intake)), &s.key, &s.thread);
    if (reading->n_subjects)
        return tell_named(r, post, reading, &s);
    cut_fields(&s.post);
    return r->told(r, &s);
}

static enum err tell_words(struct intake_reader *r, const struct post *post)
{
    struct worded w = {.site = intake_cut(post->site, SIGHTING_FIELD_BYTES),
                       .time_us = post->time_us,
                       .repost = post->repost};
    identify(r->intake, post, hash64(post->site, seed_of(r->intake)), &w.key, &w.thread);
    w.voice = post->author.n ? keyed(r, post->site, post->author) : 0;
    TRY(novel_words_read(r->intake->words, post, &w.read));
    wr_u8(&r->out->batch, RECORD_WORDED);
    intake_put_worded(&r->out->batch, &w);
    return errand_pace(r->out);
}

/* Two rounds: what the second one looks at in memory is fetched in the first. */
static enum err tally(struct intake_reader *r)
{
    uint64_t seed = seed_of(r->intake), key, thread;
    for (size_t i = 0; i < r->n; i++) {
        uint64_t site_hash = hash64(r->post[i].site, seed);
        identify(r->intake, &r->post[i], site_hash, &key, &thread);
        TRY(intake_tally_soon(r, &r->post[i], site_hash, thread, &r->tallied[i]));
    }
    for (size_t i = 0; i < r->n; i++)
        TRY(intake_tally_add(r, &r->tallied[i]));
    return OK;
}

static enum err tell_all(struct intake_reader *r)
{
    enum err rc = gist_batch(r->intake->gist, r->post, r->n, r->reading);
    if (!rc && r->intake->volume)
        rc = tally(r);
    for (size_t i = 0; i < r->n && !rc; i++)
        if (r->reading[i].n_subjects || !r->intake->volume)
            rc = tell(r, &r->post[i], &r->reading[i]);
    return rc;
}

static enum err tell_all_words(struct intake_reader *r)
{
    enum err rc = OK;
    for (size_t i = 0; i < r->n && !rc; i++)
        rc = tell_words(r, &r->post[i]);
    return rc;
}

static enum err batch(struct intake_reader *r)
{
    enum err rc = r->intake->words ? tell_all_words(r) : tell_all(r);
    r->n = r->bytes = 0;
    r->lasting = false;
    if (r->arena.used_bytes)
        arena_reset(&r->arena);
    return rc;
}

/* Room for n bytes that lasts as long as the batch. */
static char *room(struct intake_reader *r, size_t n)
{
    size_t at = r->bytes;
    r->bytes += n;
    return n <= TEXT_BYTES - at ? r->text + at : arena_alloc(&r->arena, n);
}

static enum err copy(struct intake_reader *r, struct post *p)
{
    struct str *texts[] = {&p->id,    &p->source, &p->site, &p->thread, &p->author,
                           &p->title, &p->text,   &p->url,  &p->lang};
    size_t n = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        n += texts[i]->n;
    char *to = room(r, n);
    if (!to)
        return ERR_NOMEM;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i]->n) {
            memcpy(to, texts[i]->p, texts[i]->n);
            texts[i]->p = to;
            to += texts[i]->n;
        }
    return OK;
}

static bool too_long(const struct post *p)
{
    const size_t n[] = {p->id.n, p->source.n, p->site.n, p->thread.n, p->url.n, p->lang.n};
    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        if (n[i] > SIGHTING_FIELD_BYTES)
            return true;
    return false;
}

enum err intake_ask(struct intake_reader *r, const struct post *post)
{
    struct post *p = &r->post[r->n];
    *p = *post;
    if (too_long(post) && !r->cut++)
        r->first_cut = post->offset;
    if (post->lasting) {
        r->lasting = true;
        r->bytes += post->title.n + post->text.n;
    } else {
        TRY(copy(r, p));
    }
    r->n++;
    return r->n == INTAKE_POSTS || r->bytes >= INTAKE_BATCH_BYTES ? batch(r) : OK;
}

enum err intake_settle(struct intake_reader *r)
{
    return r->lasting ? batch(r) : OK;
}

enum err intake_end(struct intake_reader *r)
{
    enum err rc = r->n && r->mac_ctx ? batch(r) : OK;
    enum err last = intake_tally_tell(r);
    EVP_MAC_CTX_free(r->mac_ctx);
    EVP_MAC_free(r->mac);
    free(r->text);
    free(r->tallied);
    free(r->post);
    free(r->reading);
    arena_done(&r->arena);
    return rc ? rc : last;
}
