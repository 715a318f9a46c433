#include "scan/listing_priv.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/time.h"

#include <stdlib.h>

enum {
    ADDRESS_SPACE_BYTES = 1024 * 1024 * 1024,
    SMALLEST_CONTAINER_BYTES = 20,
};

/* ---- which files are asked about ---- */

/* The first bytes of a file, as far as they can be read. Pipes are not looked at, nor files called
 * like logs unless the user named them: opening 100,000 of them takes two seconds. */
static struct str head_of(const struct io_tree *tree, const struct io_entry *e,
                          char bytes[CONTAINER_HEAD_BYTES])
{
    int fd;
    struct error why;
    if (e->skip.p || !e->inode || e->size_bytes < SMALLEST_CONTAINER_BYTES ||
        (e->below.n && container_is_plain_name(e->below)) ||
        io_open_entry(tree, e, &fd, &why) != OK)
        return STR("");
    ssize_t n = io_pread(fd, bytes, CONTAINER_HEAD_BYTES, 0);
    io_close(fd);
    return str_make(bytes, n > 0 ? (size_t)n : 0);
}

static struct listed listed_of(const struct io_entry *e)
{
    return (struct listed){.entry = e,
                           .path = e->path,
                           .original = STR_NONE,
                           .host = STR_NONE,
                           .skip = e->skip,
                           .hides = e->hides,
                           .size_bytes = e->inode ? e->size_bytes : UINT64_MAX,
                           .created_us = TIME_NONE,
                           .modified_us = e->inode ? (int64_t)(e->mtime_ns / 1000) : TIME_NONE,
                           .changed_us = TIME_NONE,
                           .accessed_us = TIME_NONE};
}

/* Where in the path of a plain file the part begins that was not given by the user. */
static size_t own_part(const struct io_entry *e)
{
    ptrdiff_t slash = str_rchr(e->path, '/');
    return e->below.n ? e->path.n - e->below.n : (size_t)(slash + 1);
}

static bool is_list(const struct io_entry *e)
{
    struct str own = str_sub(e->path, own_part(e), e->path.n);
    return !e->skip.p && e->inode && collection_is_list(collection_file_of(own));
}

/* What the tree's files are by their first bytes and names; those that are to be read are asked. */
static enum err look(struct listing_making *m, struct listed *plain)
{
    const struct io_tree *tree = m->tree;
    char bytes[CONTAINER_HEAD_BYTES];
    m->asked = arena_new_n(m->arena, struct listing_asked, tree->n + 1);
    m->sub = *tree;
    m->sub.n = 0;
    m->sub.entry = arena_new_n(m->arena, struct io_entry, tree->n + 1);
    if (!m->asked || !m->sub.entry)
        return ERR_NOMEM;
    for (size_t i = 0; i < tree->n && !(m->calls->interrupted && *m->calls->interrupted); i++) {
        const struct io_entry *e = &tree->entry[i];
        struct str head = head_of(tree, e, bytes);
        enum container_look looks = container_look(head);
        plain[i] = listed_of(e);
        if (looks == CONTAINER_FOREIGN) {
            plain[i].skip = str_of(container_foreign(head));
            plain[i].container = plain[i].hides = true;
        } else if (looks != CONTAINER_NONE || is_list(e)) {
            m->asked[m->sub.n].entry = e;
            m->sub.entry[m->sub.n++] = *e;
        }
    }
    return OK;
}

static enum err take_gap(void *ctx, const struct errand_gap *gap)
{
    struct listing_making *m = ctx;
    struct errand_gap copy = *gap;
    copy.reason = arena_str(m->arena, gap->reason);
    copy.detail = arena_str(m->arena, gap->detail);
    if (!copy.reason.p || !copy.detail.p)
        return ERR_NOMEM;
    return m->calls->gap ? m->calls->gap(m->calls->ctx, &copy) : OK;
}

static enum err ask(struct listing_making *m, struct error *error)
{
    struct errand errand = {.tree = &m->sub,
                            .address_space_bytes = ADDRESS_SPACE_BYTES,
                            .read = listing_read,
                            .record = listing_take,
                            .gap = take_gap,
                            .ctx = m,
                            .interrupted = m->calls->interrupted};
    container_prepare();
    return m->sub.n ? errand_run(&errand, error) : OK;
}

/* ---- the list ---- */

struct hashed {
    uint64_t hash;
    struct listed *file;
};

static int by_hash(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->file < y->file ? -1 : x->file > y->file;
}

/* A name may stand in an archive twice; unpackers keep the last one. */
static enum err mark_twins(struct listed *file, size_t n)
{
    struct hashed *h = calloc(n + 1, sizeof *h);
    if (!h)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        h[i] = (struct hashed){hash64(file[i].path, 0), &file[i]};
    qsort(h, n, sizeof *h, by_hash);
    for (size_t i = 1; i < n; i++)
        h[i].file->twin =
            h[i - 1].hash == h[i].hash && str_eq(h[i - 1].file->path, h[i].file->path);
    free(h);
    return OK;
}

static enum err put_together(struct listing_making *m, const struct listed *plain,
                             struct listing *ret)
{
    const struct listing_asked *a = m->asked, *end = m->asked + m->sub.n;
    ret->file = arena_new_n(m->arena, struct listed, m->tree->n + m->member.n + 1);
    if (!ret->file)
        return ERR_NOMEM;
    for (size_t i = 0; i < m->tree->n; i++) {
        const struct io_entry *e = &m->tree->entry[i];
        bool asked = a < end && a->entry == e;
        if (!plain[i].entry) /* interrupted before it was looked at */
            break;
        ret->file[ret->n] = plain[i];
        ret->file[ret->n].container |= asked && a->container;
        TRY(listing_place(m, &ret->file[ret->n++], own_part(e)));
        if (!asked)
            continue;
        struct listed *members = &ret->file[ret->n];
        for (size_t k = 0; k < a->n; k++, ret->n++) {
            members[k] = m->member.v[a->from + k];
            TRY(listing_place(m, &members[k], e->path.n + 1));
        }
        TRY(mark_twins(members, a->n));
        a++;
    }
    return OK;
}

enum err listing_make(struct arena *arena, const struct io_tree *tree,
                      const struct listing_calls *calls, struct listing *ret_listing,
                      struct error *error)
{
    struct listing_making m = {.arena = arena, .tree = tree, .calls = calls};
    struct listed *plain = calloc(tree->n + 1, sizeof *plain);
    *ret_listing = (struct listing){0};
    map_init(&m.root_of, arena, LISTING_FACTS);
    map_init(&m.fact_of, arena, LISTING_FACTS);
    enum err rc = plain ? look(&m, plain) : ERR_NOMEM;
    if (!rc)
        rc = ask(&m, error);
    bool ended = rc == END;
    if (rc >= 0)
        rc = listing_know(&m);
    if (!rc)
        rc = put_together(&m, plain, ret_listing);
    if (!rc && !ended)
        rc = listing_missing(&m);
    vec_done(&m.member);
    vec_done(&m.list);
    vec_done(&m.root);
    vec_done(&m.fact);
    map_done(&m.root_of);
    map_done(&m.fact_of);
    free(plain);
    if (rc == ERR_NOMEM)
        return fail(error, rc, "out of memory");
    return rc ? rc : ended || (calls->interrupted && *calls->interrupted) ? END : OK;
}
