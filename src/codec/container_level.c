#include "codec/container_level.h"

#include "os/io.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BLOCK_BYTES = 256 * 1024,
    FIRST_BLOCK_BYTES = 8 * 1024, /* behind a jump: a header and the beginning of a member */
    PROBE_BLOCK_BYTES = 4 * 1024,
    HELD_BLOCK_BYTES = 1024 * 1024,
    PACE_BYTES = 1024 * 1024,
    MAX_RETRIES = 1000,
};

/* ---- budgets ---- */

static enum err stop(struct level_walk *w, enum err rc, const char *why)
{
    if (!w->stop)
        w->stop = fail_at(&w->why, rc, "", w->at, "%s", why);
    return w->stop;
}

/* Counts work before more of it is done. */
static enum err count(struct level_walk *w, uint64_t taken, uint64_t unpacked)
{
    uint64_t before = w->taken + w->unpacked;
    w->taken += taken;
    w->unpacked += unpacked;
    if (w->pace && before / PACE_BYTES != (w->taken + w->unpacked) / PACE_BYTES &&
        !w->pace->go_on(w->pace->ctx, w->taken))
        return stop(w, ERR_AGAIN, "stopped");
    if (w->unpacked > w->most)
        return stop(w, ERR_LIMIT, "unpacks to more than an archive of its size may");
    return w->stop;
}

/* ---- what libarchive reads from ---- */

static la_ssize_t read_file(struct level *l, const void **ret)
{
    struct level_walk *w = l->walk;
    ssize_t n = io_pread(w->fd, l->block, l->block_bytes, l->at);
    if (n < 0) {
        (void)stop(w, ERR_IO, strerror(errno));
        return ARCHIVE_FATAL;
    }
    if (l->block_bytes < BLOCK_BYTES)
        l->block_bytes *= 2;
    w->at = l->at + (uint64_t)n;
    *ret = l->block;
    return count(w, (uint64_t)n, 0) ? ARCHIVE_FATAL : n;
}

static la_ssize_t read_outer(struct archive *a, struct level *l, const void **ret)
{
    struct error why = {0};
    size_t n = 0;
    if (nest_read(l->outer, l->block, BLOCK_BYTES, &n, &why) != OK) {
        archive_set_error(a, EILSEQ, "%s", why.text);
        return ARCHIVE_FATAL;
    }
    *ret = l->block;
    return (la_ssize_t)n;
}

static la_ssize_t on_read(struct archive *a, void *ctx, const void **ret)
{
    struct level *l = ctx;
    la_ssize_t n;
    *ret = NULL;
    if (l->walk->stop)
        return ARCHIVE_FATAL;
    if (l->held) {
        size_t left = l->bytes.n - (size_t)l->at;
        *ret = l->bytes.p + l->at;
        n = (la_ssize_t)(left < HELD_BLOCK_BYTES ? left : HELD_BLOCK_BYTES);
    } else {
        n = l->outer ? read_outer(a, l, ret) : read_file(l, ret);
    }
    if (n > 0) {
        l->at += (uint64_t)n;
        l->given += (uint64_t)n;
    }
    return n;
}

static la_int64_t on_seek(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
    struct level *l = ctx;
    int64_t end = (int64_t)(l->held ? l->bytes.n : l->walk->size_bytes);
    int64_t from = whence == SEEK_END ? end : whence == SEEK_CUR ? (int64_t)l->at : 0;
    (void)a;
    if (offset > end - from || offset < -from)
        return ARCHIVE_FAILED;
    l->at = (uint64_t)(from + offset);
    l->block_bytes = FIRST_BLOCK_BYTES;
    return (la_int64_t)l->at;
}

static la_int64_t on_skip(struct archive *a, void *ctx, la_int64_t n)
{
    struct level *l = ctx;
    uint64_t end = l->held ? l->bytes.n : l->walk->size_bytes;
    (void)a;
    uint64_t left = end > l->at ? end - l->at : 0;
    uint64_t skip = n < 0 ? 0 : (uint64_t)n < left ? (uint64_t)n : left;
    l->at += skip;
    return (la_int64_t)skip;
}

/* ---- opening ---- */

/* Packing is looked for in tars alone, and what is no tar is nothing else: of the formats and
 * filters that libarchive has, some run programs and some take any text for theirs. */
static void choose(struct archive *a, const struct level *l)
{
    switch (l->form) {
    case FORM_ZIP:
        if (l->seeks)
            (void)archive_read_support_format_zip(a);
        else
            (void)archive_read_support_format_zip_streamable(a);
        break;
    case FORM_7Z: (void)archive_read_support_format_7zip(a); break;
    case FORM_PACKED:
        (void)archive_read_support_filter_gzip(a);
        (void)archive_read_support_filter_xz(a);
        (void)archive_read_support_filter_zstd(a);
        (void)archive_read_support_filter_bzip2(a);
        (void)archive_read_support_format_tar(a);
        break;
    case FORM_NONE:
    case FORM_TAR: (void)archive_read_support_format_tar(a); break;
    }
}

/* "Truncated ZIP file header" reads "truncated ZIP file header" here. */
static enum err failed(struct level *l, struct archive *a, struct error *error)
{
    struct level_walk *w = l->walk;
    if (w->stop) {
        if (error)
            *error = w->why;
        return w->stop;
    }
    const char *text = archive_error_string(a);
    struct str t = str_trim(str_of(text ? text : "damaged"));
    if (archive_errno(a) == ENOMEM)
        return fail_at(error, ERR_LIMIT, "", w->at, "takes more memory to unpack than is allowed");
    if (str_has(t, STR("ncrypted")) || str_has(t, STR("assphrase")))
        return fail_at(error, ERR_UNSUPPORTED, "", w->at,
                       "encrypted, unpack it with its password first");
    bool unknown = str_has(t, STR("nsupported")) || str_has(t, STR("not supported"));
    bool word = t.n > 1 && t.p[1] >= 'a';
    return fail_at(error, unknown ? ERR_UNSUPPORTED : ERR_FORMAT, "", w->at, "%c%.*s",
                   word ? ascii_lower((unsigned char)t.p[0]) : t.p[0], STR_FMT(str_sub(t, 1, t.n)));
}

static enum err start(struct level *l, struct error *error)
{
    struct archive *a = l->archive;
    (void)archive_read_set_read_callback(a, on_read);
    if (l->seeks) {
        (void)archive_read_set_seek_callback(a, on_seek);
        (void)archive_read_set_skip_callback(a, on_skip);
    }
    (void)archive_read_set_callback_data(a, l);
    return archive_read_open1(a) < ARCHIVE_WARN ? failed(l, a, error) : OK;
}

static enum err prepare(struct level *l, struct level_walk *walk, struct level *outer,
                        const struct str *bytes)
{
    *l = (struct level){.walk = walk,
                        .outer = outer,
                        .seeks = !outer || bytes,
                        .held = bytes != NULL,
                        .bytes = bytes ? *bytes : STR_NONE,
                        .block_bytes = FIRST_BLOCK_BYTES,
                        .archive = archive_read_new()};
    if (!bytes)
        l->block = malloc(BLOCK_BYTES);
    return l->archive && (bytes || l->block) ? OK : ERR_NOMEM;
}

enum err nest_open(struct level *l, struct level_walk *walk, struct level *outer,
                   enum container_form form, const struct str *bytes, struct error *error)
{
    enum err rc = prepare(l, walk, outer, bytes);
    l->form = form;
    if (!rc && form == FORM_ZIP && l->seeks) {
        struct zip_source s = {walk->fd, l->bytes, l->held ? l->bytes.n : walk->size_bytes};
        rc = zip_directory_open(&s, &l->directory);
        rc = rc == ERR_FORMAT ? OK : rc; /* libarchive says what is wrong, or reads it without */
    }
    if (!rc) {
        choose(l->archive, l);
        rc = start(l, error);
    } else {
        (void)fail(error, rc, "out of memory");
    }
    if (rc)
        nest_close(l);
    return rc;
}

void nest_close(struct level *l)
{
    (void)archive_read_free(l->archive);
    l->directory = zip_directory_close(l->directory);
    free(l->block);
    free(l->head);
    l->walk->held -= l->head_cap;
    l->archive = NULL;
    l->block = l->head = NULL;
    l->head_cap = 0;
}

bool nest_holds_tar(struct level_walk *walk, const struct str *bytes)
{
    struct level l;
    char head[CONTAINER_HEAD_BYTES];
    la_ssize_t n = 0;
    enum err rc = prepare(&l, walk, NULL, bytes);
    l.block_bytes = PROBE_BLOCK_BYTES;
    if (!rc) {
        (void)archive_read_support_filter_gzip(l.archive);
        (void)archive_read_support_filter_xz(l.archive);
        (void)archive_read_support_filter_zstd(l.archive);
        (void)archive_read_support_filter_bzip2(l.archive);
        (void)archive_read_support_format_raw(l.archive);
        rc = start(&l, NULL);
    }
    if (!rc && archive_read_next_header(l.archive, &l.entry) >= ARCHIVE_WARN)
        n = archive_read_data(l.archive, head, sizeof head);
    nest_close(&l);
    return n == sizeof head && container_is_tar(str_make(head, sizeof head));
}

/* ---- members ---- */

/* Bytes that have to be unpacked to come to the next header are unpacked here, piece by piece, so
 * that the budgets hold. */
static enum err drain(struct level *l, struct error *error)
{
    bool costs = l->form == FORM_PACKED || (l->form == FORM_ZIP && !l->seeks);
    while (costs && l->entry) {
        const void *p;
        size_t n = 0;
        la_int64_t at = 0;
        int rc = archive_read_data_block(l->archive, &p, &n, &at);
        if (rc == ARCHIVE_EOF || rc == ARCHIVE_FAILED)
            break;
        if (rc < ARCHIVE_WARN || count(l->walk, 0, n))
            return failed(l, l->archive, error);
    }
    return OK;
}

static void forget_member(struct level *l)
{
    if (l->form == FORM_7Z && l->entry && archive_entry_size_is_set(l->entry)) {
        int64_t size = archive_entry_size(l->entry);
        if (size > 0 && (uint64_t)size > l->unpacked)
            l->passed += (uint64_t)size - l->unpacked;
    }
    free(l->head);
    l->walk->held -= l->head_cap;
    l->head = NULL;
    l->head_n = l->head_cap = l->head_at = 0;
    l->piece = NULL;
    l->piece_n = 0;
    l->hole = l->unpacked = 0;
    l->data_rc = OK;
    l->place = NULL;
}

enum err nest_next(struct level *l, struct error *error)
{
    if (l->walk->stop)
        return failed(l, l->archive, error);
    TRY(drain(l, error));
    forget_member(l);
    l->entry = NULL;
    for (int tries = 0; tries < MAX_RETRIES; tries++) {
        /* libarchive ends the process over a name that it cannot turn if errno says ENOMEM, though
         * it be of a dictionary that was refused long ago. */
        errno = 0;
        int rc = archive_read_next_header(l->archive, &l->entry);
        if (rc == ARCHIVE_EOF)
            return END;
        if (rc == ARCHIVE_FATAL) {
            l->entry = NULL;
            return failed(l, l->archive, error);
        }
        if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN) {
            l->given_before = l->given;
            l->place =
                zip_directory_find(l->directory, (uint64_t)archive_filter_bytes(l->archive, 0));
            return OK;
        }
    }
    return fail_at(error, ERR_FORMAT, "", l->walk->at, "headers of members are damaged");
}

static enum err check_ratio(struct level *l)
{
    uint64_t packed = l->place ? l->place->packed_bytes : l->given - l->given_before + BLOCK_BYTES;
    if (l->unpacked > CONTAINER_MEMBER_FREE_BYTES && l->unpacked / CONTAINER_MEMBER_RATIO > packed)
        return fail_at(&l->data_error, ERR_LIMIT, "", l->walk->at,
                       "unpacks to more than %d times its size", CONTAINER_MEMBER_RATIO);
    return OK;
}

/* The next piece that libarchive has unpacked; a hole of a sparse file lies before it. What comes
 * along with an error (a wrong checksum) is given out before the error is. */
static enum err fetch(struct level *l)
{
    const void *p = NULL;
    size_t n = 0;
    la_int64_t at = 0;
    uint64_t passed = l->passed;
    l->passed = 0;
    if (count(l->walk, 0, passed))
        return l->data_rc = failed(l, l->archive, &l->data_error);
    int rc = archive_read_data_block(l->archive, &p, &n, &at);
    if (rc == ARCHIVE_EOF)
        l->data_rc = END;
    else if (rc < ARCHIVE_OK)
        l->data_rc = failed(l, l->archive, &l->data_error);
    if (rc == ARCHIVE_EOF || rc == ARCHIVE_FATAL || !p)
        return l->data_rc;
    l->piece = p;
    l->piece_n = n;
    l->hole = at > 0 && (uint64_t)at > l->unpacked ? (uint64_t)at - l->unpacked : 0;
    return OK;
}

static enum err give(struct level *l, unsigned char *p, size_t n, size_t *ret_n)
{
    size_t got;
    if (l->hole) {
        got = l->hole < n ? (size_t)l->hole : n;
        memset(p, 0, got);
        l->hole -= got;
    } else {
        got = l->piece_n < n ? l->piece_n : n;
        memcpy(p, l->piece, got);
        l->piece += got;
        l->piece_n -= got;
    }
    *ret_n = got;
    l->unpacked += got;
    if (count(l->walk, 0, got))
        return failed(l, l->archive, &l->data_error);
    return check_ratio(l);
}

static enum err read_on(struct level *l, unsigned char *p, size_t n, size_t *ret_n)
{
    *ret_n = 0;
    for (int tries = 0; !l->piece_n && !l->hole && !l->data_rc; tries++)
        if (tries == MAX_RETRIES)
            l->data_rc = fail(&l->data_error, ERR_FORMAT, "no bytes come out");
        else if (fetch(l))
            break;
    if (!l->piece_n && !l->hole)
        return l->data_rc;
    enum err rc = give(l, p, n, ret_n);
    if (rc) {
        l->piece_n = 0;
        l->hole = 0;
        l->data_rc = rc;
    }
    return rc;
}

enum err nest_read(struct level *l, void *p, size_t n, size_t *ret_n, struct error *error)
{
    *ret_n = 0;
    if (l->head_at < l->head_n) {
        size_t left = l->head_n - l->head_at;
        *ret_n = left < n ? left : n;
        memcpy(p, l->head + l->head_at, *ret_n);
        l->head_at += *ret_n;
        return OK;
    }
    enum err rc = n ? read_on(l, p, n, ret_n) : OK;
    if (rc < 0 && *ret_n)
        return OK; /* told by the next call */
    if (rc < 0 && error)
        *error = l->data_error;
    return rc < 0 ? rc : OK;
}

enum err nest_peek(struct level *l, size_t n)
{
    while (l->head_n < n) {
        if (l->head_n == l->head_cap) {
            size_t cap = l->head_cap ? 2 * l->head_cap : 4096;
            cap = cap < n ? cap : n;
            unsigned char *more = realloc(l->head, cap);
            if (!more)
                return ERR_NOMEM;
            l->walk->held += cap - l->head_cap;
            l->head = more;
            l->head_cap = cap;
        }
        size_t got = 0;
        enum err rc = read_on(l, l->head + l->head_n, l->head_cap - l->head_n, &got);
        l->head_n += got;
        if (rc || !got)
            return OK; /* what is wrong is told when it is read */
    }
    return OK;
}
