#include "scan/look.h"

#include "base/limits.h"

enum err look_init(struct look *l, const struct yara_set *yara)
{
    *l = (struct look){0};
    return yara && yara_set_rules(yara) ? yara_watch_new(yara, &l->watch) : OK;
}

void look_done(struct look *l)
{
    l->watch = yara_watch_free(l->watch);
    digest_done(l->digest);
    l->digest = NULL;
    free(l->body);
    l->body = NULL;
}

enum err look_begin(struct look *l, unsigned kinds, const struct yara_facts *facts)
{
    l->watching = l->watch && facts;
    if (l->watching)
        yara_watch_begin(l->watch, facts);
    l->hash = kinds;
    if (kinds && !l->digest)
        TRY(digest_new(kinds, &l->digest));
    if (kinds)
        TRY(digest_want(l->digest, kinds));
    l->sha256[0] = 0;
    l->digests.kinds = 0;
    l->n = l->bytes = 0;
    l->lost = false;
    if (l->cap > LOOK_SPARE_BYTES)
        look_away(l);
    l->keep = true;
    l->type = STR_NONE;
    return OK;
}

void look_raw(void *look, const char *p, size_t n)
{
    struct look *l = look;
    if (l->hash)
        digest_add(l->digest, p, n);
}

static bool make_room(struct look *l, size_t more)
{
    size_t cap = l->cap ? l->cap : 64 * 1024;
    while (cap < l->n + more)
        cap *= 2;
    if (cap == l->cap)
        return true;
    char *p = realloc(l->body, cap);
    if (p) {
        l->body = p;
        l->cap = cap;
    }
    return p;
}

static void content(void *ctx, const char *p, size_t n)
{
    struct look *l = ctx;
    l->bytes += n;
    if (l->watching)
        yara_watch_bytes(l->watch, str_make(p, n));
    if (!l->keep || l->lost)
        return;
    if (n > LOOK_BODY_BYTES - l->n)
        n = LOOK_BODY_BYTES - l->n;
    l->lost = n && !make_room(l, n);
    if (n && !l->lost) {
        memcpy(l->body + l->n, p, n);
        l->n += n;
    }
}

static void both(void *ctx, const char *p, size_t n)
{
    look_raw(ctx, p, n);
    content(ctx, p, n);
}

void look_on(struct look *l, struct stream_source *source, bool as_it_is)
{
    source->raw = as_it_is ? both : look_raw;
    source->content = as_it_is ? NULL : content;
    source->look = l;
}

static void find_type(struct look *l)
{
    if (!l->type.p)
        l->type = magic_of(str_make(l->body, l->n));
}

void look_away(struct look *l)
{
    find_type(l);
    l->keep = false;
    free(l->body);
    l->body = NULL;
    l->n = l->cap = 0;
}

void look_end(struct look *l, bool whole)
{
    find_type(l);
    if (!l->hash)
        return;
    digest_end(l->digest, &l->digests);
    l->hash = false;
    if (!whole)
        l->digests.kinds = 0;
    if (l->digests.kinds & DIGEST_SHA256_ALSO)
        hex_of(l->digests.bytes[DIGEST_SHA256], SHA256_BYTES, l->sha256);
}

struct str look_body(const struct look *l, bool *ret_whole)
{
    *ret_whole = l->keep && !l->lost && l->n == l->bytes;
    return str_make(l->body, l->n);
}
