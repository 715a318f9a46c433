#include "scan/listing_priv.h"

#include "base/time.h"

#include <stdlib.h>

/* In the worker: one file, its members, and what the lists of collectors in it tell. */

enum { READ_BYTES = 256 * 1024, LIST_ARENA_BYTES = 256 * 1024 * 1024 };

static void put_text(struct buf *b, struct str s)
{
    wr_str(b, s.p ? str_sub(s, 0, LISTING_TEXT_BYTES) : s);
}

static struct str reason_of(enum err rc)
{
    return rc == ERR_FORMAT ? STR("damaged") : rc == ERR_LIMIT ? STR("limit") : STR("not-examined");
}

static enum err put_gap(struct errand_out *out, struct str path, enum err rc,
                        const struct error *why)
{
    wr_u8(&out->batch, LISTING_GAP);
    put_text(&out->batch, path);
    wr_u64(&out->batch, why->offset);
    put_text(&out->batch, reason_of(rc));
    put_text(&out->batch, str_of(why->text[0] ? why->text : err_name(rc)));
    return errand_pace(out);
}

static enum err put_fact(void *ctx, const struct collection_fact *f)
{
    struct errand_out *out = ctx;
    wr_u8(&out->batch, LISTING_FACT);
    wr_u8(&out->batch, (uint8_t)f->tells);
    wr_u8(&out->batch, f->twin);
    put_text(&out->batch, f->tells == COLLECTION_HOST ? f->host : f->original);
    put_text(&out->batch, f->why);
    wr_u64(&out->batch, (uint64_t)f->created_us);
    wr_u64(&out->batch, (uint64_t)f->modified_us);
    wr_u64(&out->batch, (uint64_t)f->accessed_us);
    return errand_pace(out);
}

/* What of a list could be read, and why no more. */
static enum err put_list(struct errand_out *out, struct str path, enum collection_file what,
                         struct str text, enum err rc, struct error *why)
{
    struct arena arena;
    arena_init(&arena, LIST_ARENA_BYTES);
    wr_u8(&out->batch, LISTING_LIST);
    wr_u8(&out->batch, (uint8_t)what);
    put_text(&out->batch, path);
    struct error damage = {0};
    enum err told = collection_read(what, text, &arena, put_fact, out, &damage);
    arena_done(&arena);
    if (!rc && told < 0) {
        rc = told == ERR_NOMEM ? ERR_LIMIT : told;
        *why = damage;
    }
    return rc ? put_gap(out, path, rc, why) : out->batch.rc;
}

typedef enum err read_piece(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error);

/* All of a list, up to its most. */
static enum err read_list(struct errand_out *out, struct str path, read_piece *read, void *ctx)
{
    struct buf text;
    struct error why = {0};
    enum err rc = OK;
    size_t n = 1;
    buf_init(&text, COLLECTION_LIST_BYTES);
    while (!rc && n) {
        char *p = buf_reserve(&text, READ_BYTES);
        n = 0;
        rc = p ? read(ctx, p, READ_BYTES, &n, &why) : fail(&why, ERR_LIMIT, "too long");
        text.n += n;
    }
    struct str all = str_make(text.p ? text.p : "", text.n);
    rc = put_list(out, path, collection_file_of(path), all, rc, &why);
    buf_done(&text);
    return rc;
}

static enum err read_member(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error)
{
    return container_read(ctx, p, n, ret_n, error);
}

struct plain {
    int fd;
    uint64_t at;
};

static enum err read_plain(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error)
{
    struct plain *plain = ctx;
    ssize_t got = io_pread(plain->fd, p, n, plain->at);
    *ret_n = got > 0 ? (size_t)got : 0;
    plain->at += *ret_n;
    return got < 0 ? fail_at(error, ERR_IO, "", plain->at, "cannot be read") : OK;
}

/* Velociraptor hides a whole collection in a zip of this name. */
static bool is_sealed(const struct container_member *m)
{
    return m->encrypted &&
           (str_eq(m->path, STR("data.zip")) || str_ends(m->path, STR("/data.zip")));
}

static struct str skip_of(const struct container_member *m)
{
    if (is_sealed(m))
        return STR("encrypted collection, unpack it with `velociraptor unzip` or on its server "
                   "first");
    if (m->kind == CONTAINER_LINK)
        return STR("link");
    return m->kind == CONTAINER_OTHER ? STR("not a regular file") : m->skip;
}

static enum err put_member(struct errand_out *out, struct container *c,
                           const struct container_member *m)
{
    struct buf *b = &out->batch;
    bool link = m->kind == CONTAINER_LINK || m->kind == CONTAINER_OTHER;
    struct str skip = skip_of(m);
    if (m->kind == CONTAINER_FOLDER)
        return OK;
    wr_u8(b, LISTING_MEMBER);
    wr_u32(b, m->ordinal);
    wr_u8(b, (uint8_t)((m->container ? LISTING_HAS_MEMBERS : 0) | (link ? LISTING_LINK : 0)));
    put_text(b, m->path);
    put_text(b, skip);
    wr_u64(b, m->size_bytes);
    wr_u64(b, (uint64_t)m->created_us);
    wr_u64(b, (uint64_t)m->modified_us);
    wr_u64(b, (uint64_t)m->changed_us);
    wr_u64(b, (uint64_t)m->accessed_us);
    TRY(errand_pace(out));
    if (skip.p || m->container || !collection_is_list(collection_file_of(m->path)))
        return OK;
    return read_list(out, m->path, read_member, c);
}

static enum err walk(struct errand_out *out, struct container *c)
{
    struct container_member m;
    struct error why = {0};
    enum err rc;
    wr_u8(&out->batch, LISTING_CONTAINER);
    while ((rc = container_next(c, &m, &why)) != END) {
        if (rc == ERR_NOMEM)
            return rc;
        TRY(rc ? put_gap(out, m.path, rc, &why) : put_member(out, c, &m));
        out->bytes = container_taken(c);
    }
    return out->batch.rc;
}

enum err listing_read(void *ctx, struct errand_out *out, struct str name, int file,
                      struct error *error)
{
    struct container *c = NULL;
    struct plain plain = {.fd = file};
    (void)ctx;
    /* Of a plain file the coordinator has seen by its folders that it is one. */
    struct str own = str_sub(name, (size_t)(str_rchr(name, '/') + 1), name.n);
    enum err rc = container_open(file, NULL, &c, error);
    if (rc == ERR_NOT_FOUND && collection_is_list(collection_file_of(own)))
        rc = read_list(out, own, read_plain, &plain);
    else if (rc == OK)
        rc = walk(out, c);
    container_close(c);
    return rc == ERR_NOT_FOUND ? OK : rc;
}
