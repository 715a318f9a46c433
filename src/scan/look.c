#include "scan/look.h"

#include "base/limits.h"

enum err look_init(struct look *l)
{
    *l = (struct look){0};
    return sha256_init(&l->sha);
}

void look_done(struct look *l)
{
    sha256_done(&l->sha);
    free(l->body);
    l->body = NULL;
}

void look_begin(struct look *l, bool hash)
{
    l->hash = hash;
    l->sha256[0] = 0;
    l->n = l->bytes = 0;
    l->lost = false;
    if (l->cap > LOOK_SPARE_BYTES)
        look_away(l);
    l->keep = true;
    l->type = STR_NONE;
}

static void raw(void *ctx, const char *p, size_t n)
{
    struct look *l = ctx;
    if (l->hash)
        sha256_add(&l->sha, p, n);
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

void look_on(struct look *l, struct stream_source *source)
{
    source->raw = raw;
    source->content = content;
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
    unsigned char digest[SHA256_BYTES];
    find_type(l);
    if (!l->hash)
        return;
    sha256_end(&l->sha, digest);
    if (whole)
        hex_of(digest, sizeof digest, l->sha256);
}

struct str look_body(const struct look *l, bool *ret_whole)
{
    *ret_whole = l->keep && !l->lost && l->n == l->bytes;
    return str_make(l->body, l->n);
}
