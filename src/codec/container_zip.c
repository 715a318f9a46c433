#include "codec/container_zip.h"

#include "base/rd.h"
#include "base/time.h"
#include "base/vec.h"
#include "codec/container.h"
#include "os/io.h"

enum {
    END_SIGNATURE = 0x06054b50,
    END_BYTES = 22,
    END64_SIGNATURE = 0x06064b50,
    END64_BYTES = 56,
    LOCATOR_SIGNATURE = 0x07064b50,
    LOCATOR_BYTES = 20,
    COMMENT_BYTES = 65535,
    ENTRY_SIGNATURE = 0x02014b50,
    ENTRY_BYTES = 46,
    WINDOW_BYTES = 256 * 1024, /* more than an entry with name, extra fields and comment */
    LOCAL_BYTES = 30,
    LOCAL_SIGNATURE = 0x04034b50,
    MAX_TRIES = 8,
    EXTRA_ZIP64 = 0x0001,
    EXTRA_NTFS = 0x000a,
    EXTRA_UT = 0x5455,
};
#define NTFS_EPOCH_US INT64_C(11644473600000000) /* from 1601 to 1970 */

struct zip_directory {
    struct zip_source source;
    VEC(struct zip_place) places; /* by `at` */
    char *window;
    uint64_t window_at;
    size_t window_n;
};

/* Up to n bytes from there, less at the end of the file. */
static struct str window(struct zip_directory *d, uint64_t at, size_t n)
{
    const struct zip_source *s = &d->source;
    if (at >= s->size_bytes)
        return STR("");
    if (n > s->size_bytes - at)
        n = (size_t)(s->size_bytes - at);
    if (s->bytes.p)
        return str_sub(s->bytes, (size_t)at, (size_t)at + n);
    if (at < d->window_at || at + n > d->window_at + d->window_n) {
        ssize_t got = io_pread(s->fd, d->window, WINDOW_BYTES, at);
        d->window_at = at;
        d->window_n = got > 0 ? (size_t)got : 0;
    }
    size_t from = (size_t)(at - d->window_at);
    return str_sub(str_make(d->window, d->window_n), from, from + n);
}

struct directory_place {
    uint64_t at, bytes, entries;
    uint64_t shift; /* what stands before the archive: added to all places in it */
};

static bool find_end64(struct zip_directory *d, uint64_t end_at, struct directory_place *ret)
{
    if (end_at < LOCATOR_BYTES)
        return false;
    struct rd r = rd_of(window(d, end_at - LOCATOR_BYTES, LOCATOR_BYTES));
    if (rd_u32(&r) != LOCATOR_SIGNATURE)
        return false;
    (void)rd_u32(&r); /* number of the disk */
    uint64_t at = rd_u64(&r);
    r = rd_of(window(d, at, END64_BYTES));
    if (rd_u32(&r) != END64_SIGNATURE)
        return false;
    (void)rd_slice(&r, 28); /* its size, versions, disks, entries on this disk */
    ret->entries = rd_u64(&r);
    ret->bytes = rd_u64(&r);
    uint64_t from = rd_u64(&r);
    ret->at = at - ret->bytes;
    ret->shift = ret->at - from;
    return r.rc == OK && ret->bytes <= at;
}

static bool find_end(struct zip_directory *d, struct directory_place *ret)
{
    uint64_t size = d->source.size_bytes;
    uint64_t from = size > END_BYTES + COMMENT_BYTES ? size - END_BYTES - COMMENT_BYTES : 0;
    struct str tail = window(d, from, (size_t)(size - from));
    for (size_t at = tail.n < END_BYTES ? 0 : tail.n - END_BYTES + 1; at-- > 0;) {
        struct rd r = rd_of(str_sub(tail, at, at + END_BYTES));
        if (rd_u32(&r) != END_SIGNATURE)
            continue;
        (void)rd_slice(&r, 6); /* disks, entries on this disk */
        *ret = (struct directory_place){0};
        ret->entries = rd_u16(&r);
        ret->bytes = rd_u32(&r);
        uint32_t offset = rd_u32(&r);
        uint64_t end_at = from + at;
        if (offset == UINT32_MAX || ret->entries == UINT16_MAX || ret->bytes == UINT32_MAX)
            return find_end64(d, end_at, ret);
        if (ret->bytes > end_at)
            return false;
        ret->at = end_at - ret->bytes;
        ret->shift = ret->at - offset;
        return true;
    }
    return false;
}

/* TIME_NONE for what programs write that know none: no day, or the first moment that there is. */
static int64_t dos_time(uint16_t clock, uint16_t day)
{
    struct civil c = {.year = 1980 + (day >> 9),
                      .month = (day >> 5) & 15,
                      .day = day & 31,
                      .hour = clock >> 11,
                      .minute = (clock >> 5) & 63,
                      .second = 2 * (clock & 31)};
    bool first = c.year == 1980 && c.month == 1 && c.day == 1 && !clock;
    return !c.month || !c.day || first ? TIME_NONE : time_of_civil(&c);
}

static int64_t ntfs_time(uint64_t ticks)
{
    return ticks && ticks < (uint64_t)INT64_MAX ? (int64_t)(ticks / 10) - NTFS_EPOCH_US : TIME_NONE;
}

static void read_ntfs(struct rd r, struct zip_place *p)
{
    (void)rd_u32(&r); /* reserved */
    while (rd_left(&r) >= 4 && !r.rc) {
        uint16_t tag = rd_u16(&r);
        struct rd times = rd_sub(&r, rd_u16(&r));
        uint64_t modified = rd_u64(&times), accessed = rd_u64(&times), created = rd_u64(&times);
        if (tag != 1 || times.rc)
            continue;
        p->modified_us = ntfs_time(modified);
        p->accessed_us = ntfs_time(accessed);
        p->created_us = ntfs_time(created);
    }
}

static int64_t unix_time(struct rd *r)
{
    int64_t s = (int32_t)rd_u32(r);
    return r->rc || !s ? TIME_NONE : s * US_PER_S;
}

/* The directory has the first of them only, whatever the flags announce. */
static void read_ut(struct rd r, struct zip_place *p)
{
    uint8_t flags = rd_u8(&r);
    if (flags & 1) {
        int64_t t = unix_time(&r);
        p->modified_us = t != TIME_NONE ? t : p->modified_us;
    }
    if (flags & 2)
        p->accessed_us = unix_time(&r);
    if (flags & 4)
        p->created_us = unix_time(&r);
}

static void read_extra(struct rd r, struct zip_place *p, bool large, bool packed, bool far)
{
    bool ntfs = false;
    while (rd_left(&r) >= 4 && !r.rc) {
        uint16_t tag = rd_u16(&r);
        struct rd sub = rd_sub(&r, rd_u16(&r));
        if (tag == EXTRA_ZIP64) {
            if (large)
                (void)rd_u64(&sub);
            p->packed_bytes = packed ? rd_u64(&sub) : p->packed_bytes;
            p->at = far ? rd_u64(&sub) : p->at;
        } else if (tag == EXTRA_NTFS) {
            read_ntfs(sub, p);
            ntfs = p->modified_us != TIME_NONE;
        } else if (tag == EXTRA_UT && !ntfs) {
            read_ut(sub, p);
        }
    }
}

/* One entry; false where the directory ends. */
static bool read_entry(struct zip_directory *d, uint64_t *at, struct zip_place *ret)
{
    struct rd r = rd_of(window(d, *at, ENTRY_BYTES));
    if (rd_u32(&r) != ENTRY_SIGNATURE)
        return false;
    (void)rd_slice(&r, 8); /* versions, flags, method */
    uint16_t clock = rd_u16(&r), day = rd_u16(&r);
    (void)rd_u32(&r); /* checksum */
    uint32_t packed = rd_u32(&r), size = rd_u32(&r);
    uint16_t name = rd_u16(&r), extra = rd_u16(&r), comment = rd_u16(&r);
    (void)rd_slice(&r, 8); /* disk, attributes */
    uint32_t local = rd_u32(&r);
    if (r.rc)
        return false;
    *ret = (struct zip_place){.at = local,
                              .name_at = *at + ENTRY_BYTES,
                              .name_n = name,
                              .packed_bytes = packed,
                              .modified_us = dos_time(clock, day),
                              .created_us = TIME_NONE,
                              .accessed_us = TIME_NONE};
    struct rd more = rd_of(window(d, ret->name_at + name, extra));
    read_extra(more, ret, size == UINT32_MAX, packed == UINT32_MAX, local == UINT32_MAX);
    *at += (uint64_t)ENTRY_BYTES + name + extra + comment;
    return true;
}

static int by_at(const void *a, const void *b)
{
    const struct zip_place *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

static enum err read_all(struct zip_directory *d)
{
    struct directory_place where;
    struct zip_place place;
    if (!find_end(d, &where))
        return ERR_FORMAT;
    bool sorted = true;
    for (uint64_t at = where.at; read_entry(d, &at, &place);) {
        place.at += where.shift;
        sorted = sorted && (!d->places.n || d->places.v[d->places.n - 1].at <= place.at);
        enum err rc = vec_push(&d->places, place, CONTAINER_MEMBERS);
        if (rc == ERR_LIMIT)
            break;
        TRY(rc);
    }
    if (!sorted)
        qsort(d->places.v, d->places.n, sizeof *d->places.v, by_at);
    return OK;
}

enum err zip_directory_open(const struct zip_source *source, struct zip_directory **ret_directory)
{
    struct zip_directory *d = calloc(1, sizeof *d);
    enum err rc = d ? OK : ERR_NOMEM;
    if (d)
        d->source = *source;
    if (d && !source->bytes.p) {
        d->window = malloc(WINDOW_BYTES);
        rc = d->window ? OK : ERR_NOMEM;
    }
    if (!rc)
        rc = read_all(d);
    if (rc)
        d = zip_directory_close(d);
    *ret_directory = d;
    return rc;
}

struct zip_directory *zip_directory_close(struct zip_directory *d)
{
    if (d) {
        vec_done(&d->places);
        free(d->window);
        free(d);
    }
    return NULL;
}

/* Where the local header ends that begins there; 0: there is none. */
static uint64_t local_end(const struct zip_directory *d, uint64_t at)
{
    const struct zip_source *s = &d->source;
    char bytes[LOCAL_BYTES];
    struct str head = str_sub(s->bytes, (size_t)at, (size_t)at + sizeof bytes);
    if (!s->bytes.p) {
        ssize_t got = io_pread(s->fd, bytes, sizeof bytes, at);
        head = str_make(bytes, got > 0 ? (size_t)got : 0);
    }
    struct rd r = rd_of(head);
    bool local = rd_u32(&r) == LOCAL_SIGNATURE;
    (void)rd_slice(&r, 22); /* what the directory says as well */
    uint64_t end = at + LOCAL_BYTES;
    end += rd_u16(&r); /* the name */
    end += rd_u16(&r); /* what is extra */
    return local && !r.rc ? end : 0;
}

const struct zip_place *zip_directory_find(const struct zip_directory *d, uint64_t header_end)
{
    size_t low = 0, high = d ? d->places.n : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->places.v[middle].at < header_end)
            low = middle + 1;
        else
            high = middle;
    }
    /* Mostly the last that begins before; others may lie within a header that was made for it. */
    for (int tries = 0; tries < MAX_TRIES && low; tries++)
        if (local_end(d, d->places.v[--low].at) == header_end)
            return &d->places.v[low];
    return NULL;
}

struct str zip_directory_name(struct zip_directory *d, const struct zip_place *place)
{
    return window(d, place->name_at, place->name_n);
}
