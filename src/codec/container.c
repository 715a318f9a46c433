#include "codec/container.h"

#include "base/time.h"
#include "codec/container_level.h"
#include "os/io.h"

#include <errno.h>
#include <iconv.h>
#include <locale.h>
#include <stdlib.h>

enum {
    PATH_BUFFER_BYTES = 1024 * 1024, /* a name of 64 KiB, decoded, behind a path */
    PACKED_PEEK_BYTES = 64 * 1024,   /* unpacks to a header of tar... */
    PACKED_PEEK_MORE = 1024 * 1024,  /* ...but for bzip2, whose blocks are as large */
};

struct container {
    struct level_walk walk;
    struct level level[CONTAINER_DEPTH]; /* outermost first */
    size_t depth;                        /* levels that are open */
    struct buf path;                     /* of the member at hand */
    uint32_t next_ordinal, nested;
    enum container_form descend; /* the member at hand is a container of that form */
    bool readable;               /* the member at hand has bytes */
    bool over;
    enum err early; /* what container_open met, told by the first container_next */
    struct error early_error;
};

/* libarchive turns names into the encoding of the locale. */
static locale_t utf8_locale;
static iconv_t names_of_7z;

void container_prepare(void)
{
    if (!utf8_locale) {
        utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
        names_of_7z = iconv_open("UTF-8", "UTF-16LE"); /* kept: its table stays loaded */
    }
}

static locale_t enter(void)
{
    container_prepare();
    errno = 0; /* as in nest_next */
    return utf8_locale ? uselocale(utf8_locale) : (locale_t)0;
}

static void leave(locale_t before)
{
    if (before)
        (void)uselocale(before);
}

/* ---- opening ---- */

static enum err first_level(struct container *c, struct error *error)
{
    char bytes[CONTAINER_HEAD_BYTES];
    ssize_t n = io_pread(c->walk.fd, bytes, sizeof bytes, 0);
    struct str head = str_make(bytes, n > 0 ? (size_t)n : 0);
    enum container_form form = container_form_of(head);
    if (container_look(head) == CONTAINER_FOREIGN)
        return fail(error, ERR_UNSUPPORTED, "%s", container_foreign(head));
    if (form == FORM_NONE || (form == FORM_PACKED && !nest_holds_tar(&c->walk, NULL)))
        return c->walk.stop ? c->walk.stop : fail(error, ERR_NOT_FOUND, "no archive");
    c->early = nest_open(&c->level[0], &c->walk, NULL, form, NULL, &c->early_error);
    c->depth = c->early ? 0 : 1;
    return c->early == ERR_NOMEM ? ERR_NOMEM : OK;
}

enum err container_open(int fd, const struct container_pace *pace, struct container **ret_container,
                        struct error *error)
{
    struct io_stamp stamp;
    *ret_container = NULL;
    if (io_stamp(fd, &stamp) != OK || !stamp.regular)
        return fail(error, ERR_NOT_FOUND, "no archive that can be read by offset");
    struct container *c = calloc(1, sizeof *c);
    if (!c)
        return fail(error, ERR_NOMEM, "out of memory");
    uint64_t most = stamp.size_bytes < UINT64_MAX / CONTAINER_RATIO
                        ? stamp.size_bytes * CONTAINER_RATIO
                        : UINT64_MAX;
    c->walk = (struct level_walk){.fd = fd,
                                  .size_bytes = stamp.size_bytes,
                                  .most = most > CONTAINER_FREE_BYTES ? most : CONTAINER_FREE_BYTES,
                                  .pace = pace && pace->go_on ? pace : NULL};
    buf_init(&c->path, PATH_BUFFER_BYTES);
    locale_t before = enter();
    enum err rc = first_level(c, error);
    leave(before);
    if (rc)
        c = container_close(c);
    *ret_container = c;
    return rc;
}

struct container *container_close(struct container *c)
{
    if (c) {
        while (c->depth)
            nest_close(&c->level[--c->depth]);
        buf_done(&c->path);
        free(c);
    }
    return NULL;
}

enum err container_seek(struct container *c, uint32_t ordinal, struct container_member *ret_member,
                        struct error *error)
{
    enum err rc;
    do
        rc = container_next(c, ret_member, error);
    while ((rc == OK && ret_member->ordinal < ordinal) || rc == ERR_FORMAT || rc == ERR_LIMIT ||
           rc == ERR_UNSUPPORTED);
    return rc == OK && ret_member->ordinal != ordinal ? END : rc;
}

void container_stay(struct container *c)
{
    c->descend = FORM_NONE;
    c->readable = true;
}

struct str container_head(const struct container *c)
{
    const struct level *l = &c->level[c->depth - 1];
    return str_make((const char *)l->head, l->head_n);
}

uint64_t container_taken(const struct container *c)
{
    return c->walk.taken;
}

uint64_t container_unpacked(const struct container *c)
{
    return c->walk.unpacked;
}

/* ---- walking ---- */

static struct level *top(struct container *c)
{
    return &c->level[c->depth - 1];
}

static void set_path(struct container *c, struct container_member *m)
{
    struct level *l = top(c);
    c->path.n = l->path_bytes;
    m->cut = !nest_name(l, m->ordinal, &c->path);
    if (c->path.rc) { /* no memory for a name: it goes without */
        buf_reset(&c->path);
        m->cut = true;
    }
    while (c->path.n > l->path_bytes && c->path.p[c->path.n - 1] == '/')
        c->path.n--;
    if (c->path.n > CONTAINER_PATH_BYTES) {
        m->cut = true;
        c->path.n = CONTAINER_PATH_BYTES;
        while (c->path.n && ((unsigned char)c->path.p[c->path.n] & 0xc0) == 0x80)
            c->path.n--;
    }
    m->path = buf_view(&c->path);
}

static enum container_kind kind_of(struct archive_entry *e)
{
    if (archive_entry_hardlink(e))
        return CONTAINER_LINK;
    switch (archive_entry_filetype(e)) {
    case AE_IFREG:
    case 0: return CONTAINER_FILE;
    case AE_IFDIR: return CONTAINER_FOLDER;
    case AE_IFLNK: return CONTAINER_LINK;
    default: return CONTAINER_OTHER;
    }
}

/* gzip, xz, zstd or bzip2: does a tar come out? The bytes looked at stay to be read. */
static enum err holds_tar(struct level *l, bool *ret)
{
    static const size_t steps[] = {PACKED_PEEK_BYTES, PACKED_PEEK_MORE};
    *ret = false;
    for (size_t i = 0; i < ARRAY_LEN(steps) && !*ret; i++) {
        if (i && l->head_n && l->head[0] != 'B')
            break;
        TRY(nest_peek(l, steps[i]));
        struct str bytes = str_make((const char *)l->head, l->head_n);
        *ret = nest_holds_tar(l->walk, &bytes);
    }
    return OK;
}

static enum err look_inside(struct container *c, struct container_member *m)
{
    struct level *l = top(c);
    bool tar = true;
    TRY(nest_peek(l, CONTAINER_HEAD_BYTES));
    struct str head = str_make((const char *)l->head, l->head_n);
    enum container_look look = container_look(head);
    enum container_form form = container_form_of(head);
    if (look == CONTAINER_PACKED)
        TRY(holds_tar(l, &tar));
    if (look == CONTAINER_NONE || !tar)
        return OK;
    m->container = true;
    if (look == CONTAINER_FOREIGN)
        m->skip = str_of(container_foreign(str_make((const char *)l->head, l->head_n)));
    else if (c->depth == CONTAINER_DEPTH)
        m->skip = STR("archives nested too deep, unpack it first");
    else if (c->nested++ >= CONTAINER_NESTED)
        m->skip = STR("too many archives in one, unpack it first");
    else
        c->descend = form;
    return OK;
}

static enum err describe(struct container *c, struct container_member *m)
{
    struct level *l = top(c);
    struct archive_entry *e = l->entry;
    *m = (struct container_member){.ordinal = c->next_ordinal++,
                                   .depth = (uint32_t)c->depth - 1,
                                   .kind = kind_of(e),
                                   .size_bytes = UINT64_MAX,
                                   .modified_us = TIME_NONE,
                                   .created_us = TIME_NONE,
                                   .changed_us = TIME_NONE,
                                   .accessed_us = TIME_NONE};
    set_path(c, m);
    nest_times(l, m);
    if (archive_entry_size_is_set(e) && archive_entry_size(e) >= 0)
        m->size_bytes = (uint64_t)archive_entry_size(e);
    if (m->kind != CONTAINER_FILE)
        return OK;
    m->encrypted = archive_entry_is_data_encrypted(e) || archive_entry_is_metadata_encrypted(e);
    if (m->encrypted)
        m->skip = STR("encrypted, unpack it with its password first");
    else if (!container_is_plain_name(m->path))
        TRY(look_inside(c, m));
    c->readable = !m->container && !m->skip.p;
    return OK;
}

/* Into the member at hand. Formats that are read from their end are held in memory whole. */
static enum err descend(struct container *c, enum container_form form, struct error *error)
{
    struct level *outer = top(c), *inner = &c->level[c->depth];
    const struct str *bytes = NULL;
    struct str held;
    if (form == FORM_ZIP || form == FORM_7Z) {
        uint64_t others = c->walk.held - outer->head_cap;
        size_t room = others < CONTAINER_HELD_BYTES ? (size_t)(CONTAINER_HELD_BYTES - others) : 0;
        TRY(nest_peek(outer, room));
        held = str_make((const char *)outer->head, outer->head_n);
        if (outer->data_rc && !outer->piece_n && !outer->hole)
            bytes = &held;
        else if (form == FORM_7Z)
            return fail(error, ERR_UNSUPPORTED,
                        "a 7z within an archive, larger than %d MiB: "
                        "unpack it first",
                        CONTAINER_HELD_BYTES / 1024 / 1024);
    }
    TRY(nest_open(inner, &c->walk, outer, form, bytes, error));
    c->depth++;
    buf_putc(&c->path, '/');
    inner->path_bytes = c->path.n;
    return OK;
}

/* The rest of a container is given up; of which one, ret->path tells. */
static enum err give_up(struct container *c, enum err rc, struct container_member *ret)
{
    *ret = (struct container_member){.path = STR("")};
    if (c->walk.stop || !c->depth) {
        c->over = true;
        return rc;
    }
    struct level *l = top(c);
    c->path.n = l->path_bytes ? l->path_bytes - 1 : 0;
    ret->path = buf_view(&c->path);
    nest_close(l);
    c->depth--;
    return rc;
}

static enum err next(struct container *c, struct container_member *ret, struct error *error)
{
    enum container_form form = c->descend;
    c->descend = FORM_NONE;
    c->readable = false;
    if (c->early) {
        if (error)
            *error = c->early_error;
        return give_up(c, c->early, ret);
    }
    if (form != FORM_NONE) {
        enum err rc = descend(c, form, error);
        *ret = (struct container_member){.path = buf_view(&c->path)};
        if (rc)
            return c->walk.stop ? give_up(c, rc, ret) : rc;
    }
    while (c->depth) {
        enum err rc = nest_next(top(c), error);
        if (rc < 0)
            return give_up(c, rc, ret);
        if (rc == OK && c->next_ordinal == CONTAINER_MEMBERS) {
            c->walk.stop = fail(error, ERR_LIMIT, "more than %d members", CONTAINER_MEMBERS);
            return give_up(c, ERR_LIMIT, ret);
        }
        if (rc == OK)
            return describe(c, ret);
        nest_close(top(c));
        c->depth--;
    }
    c->over = true;
    return END;
}

enum err container_next(struct container *c, struct container_member *ret_member,
                        struct error *error)
{
    if (c->over)
        return END;
    locale_t before = enter();
    enum err rc = next(c, ret_member, error);
    leave(before);
    return rc;
}

enum err container_read(struct container *c, void *p, size_t n, size_t *ret_n, struct error *error)
{
    *ret_n = 0;
    if (!c->readable || c->over)
        return fail(error, ERR_BUG, "no member with bytes is at hand");
    locale_t before = enter();
    enum err rc = nest_read(top(c), p, n, ret_n, error);
    leave(before);
    return rc;
}
