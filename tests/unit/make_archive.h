/* make_archive.h — archives for tests, in memory.
 *
 * What:   zips written by hand, so that every byte of them can be odd; tars and 7zs by libarchive.
 * Input:  what a test says.
 * Limits: MAKE_BYTES.
 * Owner:  buffers are the test's.
 * Spec:   PKWARE APPNOTE 6.3.10
 */
#ifndef TESTS_MAKE_ARCHIVE_H
#define TESTS_MAKE_ARCHIVE_H

#include "base/wr.h"
#include "os/io.h"
#include "unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAKE_BYTES = 512 * 1024 * 1024, MAKE_DOS_DAY = (2021 - 1980) << 9 | 3 << 5 | 5 };

struct made_zip {
    struct buf bytes, directory;
    uint16_t n, flags; /* flags: 1 encrypted, 0x800 names are UTF-8 */
    struct str extra;  /* of the entries in the directory */
    uint32_t wrong;    /* added to the checksum */
    uint32_t lie;      /* added to the sizes that are told */
};

static inline void made_u16(struct buf *b, unsigned v)
{
    wr_u8(b, (uint8_t)v);
    wr_u8(b, (uint8_t)(v >> 8));
}

static inline uint32_t made_crc(struct str s)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= (unsigned char)s.p[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static inline void made_begin(struct made_zip *z)
{
    *z = (struct made_zip){.extra = STR("")};
    buf_init(&z->bytes, MAKE_BYTES);
    buf_init(&z->directory, MAKE_BYTES);
}

/* What header and directory say alike: noon of 5 March 2021, stored. */
static inline void made_common(struct made_zip *z, struct buf *b, struct str name, struct str data)
{
    made_u16(b, 20);
    made_u16(b, z->flags);
    made_u16(b, 0);
    made_u16(b, 12 << 11);
    made_u16(b, MAKE_DOS_DAY);
    wr_u32(b, made_crc(data) + z->wrong);
    wr_u32(b, (uint32_t)data.n);
    wr_u32(b, (uint32_t)data.n + z->lie);
    made_u16(b, (unsigned)name.n);
}

static inline void made_add(struct made_zip *z, struct str name, struct str data)
{
    uint32_t at = (uint32_t)z->bytes.n;
    wr_u32(&z->bytes, 0x04034b50);
    made_common(z, &z->bytes, name, data);
    made_u16(&z->bytes, 0);
    buf_str(&z->bytes, name);
    buf_str(&z->bytes, data);
    wr_u32(&z->directory, 0x02014b50);
    made_u16(&z->directory, 20);
    made_common(z, &z->directory, name, data);
    made_u16(&z->directory, (unsigned)z->extra.n);
    buf_add(&z->directory, "\0\0\0\0\0\0\0\0\0\0", 10);
    wr_u32(&z->directory, at);
    buf_str(&z->directory, name);
    buf_str(&z->directory, z->extra);
    z->n++;
}

/* Lives as long as the zip. */
static inline struct str made_end(struct made_zip *z)
{
    uint32_t at = (uint32_t)z->bytes.n;
    buf_str(&z->bytes, buf_view(&z->directory));
    wr_u32(&z->bytes, 0x06054b50);
    wr_u32(&z->bytes, 0);
    made_u16(&z->bytes, z->n);
    made_u16(&z->bytes, z->n);
    wr_u32(&z->bytes, (uint32_t)z->directory.n);
    wr_u32(&z->bytes, at);
    made_u16(&z->bytes, 0);
    assert_int_equal(z->bytes.rc, OK);
    return buf_view(&z->bytes);
}

static inline void made_done(struct made_zip *z)
{
    buf_done(&z->bytes);
    buf_done(&z->directory);
}

static inline la_ssize_t made_write(struct archive *a, void *ctx, const void *p, size_t n)
{
    (void)a;
    buf_add(ctx, p, n);
    return (la_ssize_t)n;
}

/* Into b (initialised): packing "gzip", "none", ... */
static inline struct archive *made_open(struct buf *b, const char *format, const char *packing)
{
    struct archive *a = archive_write_new();
    assert_int_equal(archive_write_set_format_by_name(a, format), ARCHIVE_OK);
    if (strcmp(packing, "none") != 0)
        assert_int_equal(archive_write_add_filter_by_name(a, packing), ARCHIVE_OK);
    (void)archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open2(a, b, NULL, made_write, NULL, NULL), ARCHIVE_OK);
    return a;
}

/* link: p == NULL for a file; modified 2021-03-05T12:00:00.5Z. */
static inline void made_member(struct archive *a, const char *name, struct str data,
                               const char *link)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, link ? AE_IFLNK : AE_IFREG);
    if (link)
        archive_entry_set_symlink(e, link);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_size(e, (la_int64_t)data.n);
    archive_entry_set_mtime(e, 1614945600, 500000000);
    assert_true(archive_write_header(a, e) >= ARCHIVE_WARN);
    if (data.n)
        assert_int_equal(archive_write_data(a, data.p, data.n), data.n);
    archive_entry_free(e);
}

static inline void made_close(struct archive *a)
{
    assert_int_equal(archive_write_free(a), ARCHIVE_OK);
}

static inline int made_file(struct str bytes)
{
    int fd = memfd_create("archive", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(io_write(fd, bytes.p, bytes.n), OK);
    return fd;
}

#endif
