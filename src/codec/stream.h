/* codec/stream.h — the bytes of an evidence file, unpacked and in UTF-8.
 *
 * What:   gzip, zstd and xz are recognised by their first bytes and unpacked; UTF-16 (with a byte
 *         order mark, or by its NUL pattern) becomes UTF-8; a UTF-8 byte order mark is dropped.
 * Input:  hostile: bombs, cut and damaged archives. What came out before the damage is delivered.
 * Limits: output at most STREAM_MAX_RATIO times the input, once beyond STREAM_FREE_BYTES; memory
 *         for unpacking STREAM_WINDOW_LOG, STREAM_XZ_BYTES.
 * Owner:  stream_open/stream_close. The descriptor and the ctx stay the caller's.
 * Spec:   RFC 1952, RFC 8878, the .xz file format 1.2.0.
 */
#ifndef CODEC_STREAM_H
#define CODEC_STREAM_H

#include "base/err.h"
#include "base/str.h"

#include <sys/types.h>

enum {
    STREAM_MAX_RATIO = 1000,
    STREAM_FREE_BYTES = 64 * 1024 * 1024,
    STREAM_WINDOW_LOG = 26,             /* zstd: 64 MiB to unpack, what zstd -19 --long=26 asks */
    STREAM_XZ_BYTES = 72 * 1024 * 1024, /* xz -9 asks for 65 MiB */
};

struct stream;

/* Where the bytes come from, and who sees them on their way. */
struct stream_source {
    int fd;
    uint64_t from, to; /* bytes of a plain file's segment; to == UINT64_MAX: to the end. From 0 to
                        * the end also serves pipes */
    /* Instead of fd: fills p with up to n bytes, *ret_n == 0 at the end. NULL: fd is read */
    enum err (*read)(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error);
    /* Bytes as they stand in the file; and unpacked, before they become UTF-8. Each may be NULL */
    void (*raw)(void *look, const char *p, size_t n);
    void (*content)(void *look, const char *p, size_t n);
    void *ctx, *look;
};
MUST_CHECK enum err stream_open(const struct stream_source *source, struct stream **ret_stream,
                                struct error *error);
/* A file or pipe from its start on, that nobody else looks at. */
MUST_CHECK enum err stream_open_fd(int fd, struct stream **ret_stream, struct error *error);
struct stream *stream_close(struct stream *s);
/* Fills p with up to n bytes; *ret_n == 0 at the end. On damage the error tells the offset in the
 * packed file; the bytes before it were delivered by earlier calls, and every later call fails in
 * the same way. */
MUST_CHECK enum err stream_read(struct stream *s, char *p, size_t n, size_t *ret_n,
                                struct error *error);
/* Bytes taken from fd so far. */
uint64_t stream_taken(const struct stream *s);
/* True if offsets in the text are not offsets in the file because it was unpacked. */
bool stream_packed(const struct stream *s);
/* 0, or the bytes per code unit (2) of a file that is UTF-16; its offsets count from *ret_bom. */
int stream_utf16(const struct stream *s);
/* Bytes of the byte order mark that was dropped from the front of the text. */
unsigned stream_mark(const struct stream *s);
/* Reads the rest for those who look on: what can be unpacked of it, then what stands behind. */
MUST_CHECK enum err stream_drain(struct stream *s);

#endif
