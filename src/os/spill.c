#include "os/spill.h"

#include "base/limits.h"
#include "base/vec.h"
#include "os/io.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    LENGTH_BYTES = 4,
    READ_BYTES = 2 * (SPILL_RECORD_BYTES + LENGTH_BYTES), /* a whole record always fits */
    WRITE_BYTES = 256 * 1024,
    FIRST_BYTES = 64 * 1024,
    MAX_RUNS = 64 * 1024
};

/* A record in memory, by its first bytes: most comparisons end there. */
struct place {
    uint64_t head;
    uint32_t at, n;
};

struct span {
    uint64_t from, to;
};

struct spill {
    size_t memory_bytes;
    uint64_t most_bytes, bytes;
    char *text; /* the records in memory */
    size_t n, cap;
    VEC(struct place) place;
    VEC(struct span) run; /* sorted parts of the file */
    int fd;               /* -1: all is in memory */
    uint64_t end;         /* of the file */
    struct span sorted;
    char *out;
    size_t n_out;
};

enum err spill_new(size_t memory_bytes, uint64_t most_bytes, struct spill **ret)
{
    struct spill *s = *ret = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->memory_bytes = memory_bytes < UINT32_MAX ? memory_bytes : UINT32_MAX;
    s->most_bytes = most_bytes;
    s->fd = -1;
    return OK;
}

struct spill *spill_free(struct spill *s)
{
    if (!s)
        return NULL;
    io_close(s->fd);
    vec_done(&s->place);
    vec_done(&s->run);
    free(s->text);
    free(s->out);
    free(s);
    return NULL;
}

static uint64_t head_of(const char *p, size_t n)
{
    uint64_t head = 0;
    for (size_t i = 0; i < 8; i++)
        head = head << 8 | (i < n ? (unsigned char)p[i] : 0);
    return head;
}

static int by_bytes(const void *a, const void *b, void *text)
{
    const struct place *x = a, *y = b;
    if (x->head != y->head)
        return x->head < y->head ? -1 : 1;
    return str_cmp(str_make((const char *)text + x->at, x->n),
                   str_make((const char *)text + y->at, y->n));
}

/* A file without a name, in the first folder that takes one. */
static int scratch(void)
{
    const char *const folders[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
    int fd = -1;
    for (size_t i = 0; i < ARRAY_LEN(folders) && fd < 0; i++) {
        char name[LIMIT_PATH_BYTES];
        if (!folders[i])
            continue;
        fd = open(folders[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        int n = snprintf(name, sizeof name, "%s/tocsin-XXXXXX", folders[i]);
        if (fd >= 0 || n < 0 || (size_t)n >= sizeof name)
            continue;
        fd = mkostemp(name, O_CLOEXEC); /* the file system knows no nameless ones */
        if (fd >= 0)
            (void)unlink(name);
    }
    return fd;
}

static enum err flush(struct spill *s, struct error *error)
{
    if (io_write(s->fd, s->out, s->n_out) != OK)
        return fail(error, ERR_IO, "no room for a temporary file: %s", strerror(errno));
    s->end += s->n_out;
    s->n_out = 0;
    return OK;
}

static enum err write_record(struct spill *s, struct str record, struct error *error)
{
    const unsigned char n[LENGTH_BYTES] = {(unsigned char)record.n, (unsigned char)(record.n >> 8),
                                           (unsigned char)(record.n >> 16)};
    if (s->n_out + LENGTH_BYTES + record.n > WRITE_BYTES)
        TRY(flush(s, error));
    memcpy(s->out + s->n_out, n, LENGTH_BYTES);
    if (record.n)
        memcpy(s->out + s->n_out + LENGTH_BYTES, record.p, record.n);
    s->n_out += LENGTH_BYTES + record.n;
    return OK;
}

static void sort_memory(struct spill *s)
{
    if (s->place.n)
        qsort_r(s->place.v, s->place.n, sizeof *s->place.v, by_bytes, s->text);
}

/* What is in memory becomes a sorted run of the file. */
static enum err write_run(struct spill *s, struct error *error)
{
    struct span run = {.from = s->end};
    if (s->fd < 0 && (s->fd = scratch()) < 0)
        return fail(error, ERR_IO, "cannot make a temporary file: %s", strerror(errno));
    if (!s->out && !(s->out = malloc(WRITE_BYTES)))
        return fail(error, ERR_NOMEM, "out of memory");
    sort_memory(s);
    for (size_t i = 0; i < s->place.n; i++)
        TRY(write_record(s, str_make(s->text + s->place.v[i].at, s->place.v[i].n), error));
    TRY(flush(s, error));
    run.to = s->end;
    s->n = s->place.n = 0;
    return vec_push(&s->run, run, MAX_RUNS);
}

static enum err make_room(struct spill *s, size_t n, struct error *error)
{
    size_t used = s->n + s->place.n * sizeof *s->place.v;
    if (s->n && used + n + sizeof *s->place.v > s->memory_bytes)
        TRY(write_run(s, error));
    if (n <= s->cap - s->n)
        return OK;
    size_t cap = s->cap ? s->cap * 2 : FIRST_BYTES;
    while (cap < s->n + n)
        cap *= 2;
    char *text = realloc(s->text, cap);
    if (!text)
        return fail(error, ERR_NOMEM, "out of memory");
    s->text = text;
    s->cap = cap;
    return OK;
}

enum err spill_add(struct spill *s, struct str record, struct error *error)
{
    if (record.n > SPILL_RECORD_BYTES || record.n > s->most_bytes - s->bytes)
        return fail(error, ERR_LIMIT, "more than %llu bytes", (unsigned long long)s->most_bytes);
    TRY(make_room(s, record.n, error));
    struct place place = {head_of(record.p, record.n), (uint32_t)s->n, (uint32_t)record.n};
    enum err rc = vec_push(&s->place, place, UINT32_MAX);
    if (rc)
        return fail(error, rc, "out of memory");
    if (record.n)
        memcpy(s->text + s->n, record.p, record.n);
    s->n += record.n;
    s->bytes += record.n;
    return OK;
}

/* The next record of a part of the file that ends at `to`. */
static enum err read_record(struct spill *s, struct spill_at *at, uint64_t to,
                            struct str *ret_record, struct error *error)
{
    for (bool again = true;; again = false) {
        size_t have = at->to - at->from, n = 0;
        const unsigned char *p = (const unsigned char *)at->buffer + at->from;
        if (have >= LENGTH_BYTES)
            n = (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16;
        if (have >= LENGTH_BYTES && have - LENGTH_BYTES >= n) {
            *ret_record = str_make(at->buffer + at->from + LENGTH_BYTES, n);
            at->from += LENGTH_BYTES + n;
            return OK;
        }
        if (!have && at->file == to)
            return END;
        if (!again)
            return fail(error, ERR_IO, "a temporary file ends too early");
        memmove(at->buffer, at->buffer + at->from, have);
        uint64_t left = to - at->file;
        size_t want = READ_BYTES - have < left ? READ_BYTES - have : (size_t)left;
        ssize_t got = io_pread(s->fd, at->buffer + have, want, at->file);
        if (got < 0 || (size_t)got != want)
            return fail(error, ERR_IO, "a temporary file cannot be read: %s", strerror(errno));
        at->file += want;
        at->from = 0;
        at->to = have + want;
    }
}

struct source {
    struct spill_at at;
    uint64_t to;
    struct str record;
};

static bool before(const struct source *a, const struct source *b)
{
    return str_cmp(a->record, b->record) < 0;
}

/* A heap with the smallest record on top: lets the one at i sink. */
static void sink(struct source *v, size_t n, size_t i)
{
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && before(&v[child + 1], &v[child]))
            child++;
        if (!before(&v[child], &v[i]))
            return;
        struct source swap = v[i];
        v[i] = v[child];
        v[child] = swap;
    }
}

static enum err merge_sources(struct spill *s, struct source *v, size_t n, struct error *error)
{
    for (size_t i = n / 2; i-- > 0;)
        sink(v, n, i);
    while (n) {
        TRY(write_record(s, v[0].record, error));
        enum err rc = read_record(s, &v[0].at, v[0].to, &v[0].record, error);
        TRY(rc);
        if (rc == END) {
            struct source done = v[0];
            v[0] = v[--n];
            v[n] = done;
        }
        sink(v, n, 0);
    }
    return flush(s, error);
}

/* All runs of the file become one more, behind them. */
static enum err merge(struct spill *s, struct error *error)
{
    size_t n = s->run.n;
    struct source *v = calloc(n, sizeof *v);
    enum err rc = v ? OK : fail(error, ERR_NOMEM, "out of memory");
    s->sorted.from = s->end;
    for (size_t i = 0; !rc && i < n; i++) {
        v[i].at.file = s->run.v[i].from;
        v[i].to = s->run.v[i].to;
        v[i].at.buffer = malloc(READ_BYTES);
        rc = v[i].at.buffer ? read_record(s, &v[i].at, v[i].to, &v[i].record, error)
                            : fail(error, ERR_NOMEM, "out of memory");
    }
    if (!rc)
        rc = merge_sources(s, v, n, error);
    for (size_t i = 0; v && i < n; i++)
        free(v[i].at.buffer);
    free(v);
    s->sorted.to = s->end;
    return rc;
}

enum err spill_sort(struct spill *s, struct error *error)
{
    if (!s->run.n) {
        sort_memory(s);
        return OK;
    }
    if (s->place.n)
        TRY(write_run(s, error));
    free(s->text);
    s->text = NULL;
    s->cap = 0;
    vec_done(&s->place);
    if (s->run.n > 1)
        return merge(s, error);
    s->sorted = s->run.v[0];
    return OK;
}

enum err spill_start(struct spill *s, struct spill_at *ret_at)
{
    *ret_at = (struct spill_at){.file = s->sorted.from};
    if (s->run.n)
        ret_at->buffer = malloc(READ_BYTES);
    return s->run.n && !ret_at->buffer ? ERR_NOMEM : OK;
}

void spill_stop(struct spill_at *at)
{
    free(at->buffer);
    *at = (struct spill_at){0};
}

enum err spill_next(struct spill *s, struct spill_at *at, struct str *ret_record,
                    struct error *error)
{
    if (s->run.n)
        return read_record(s, at, s->sorted.to, ret_record, error);
    if (at->next == s->place.n)
        return END;
    const struct place *place = &s->place.v[at->next++];
    *ret_record = str_make(s->text + place->at, place->n);
    return OK;
}
