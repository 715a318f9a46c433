/* codec/stream.h — the bytes of an evidence file, unpacked and in UTF-8.
 *
 * What:   gzip, zstd and xz are recognised by their first bytes and unpacked; UTF-16 (with a byte
 *         order mark, or by its NUL pattern) becomes UTF-8; a UTF-8 byte order mark is dropped.
 * Input:  hostile: bombs, cut and damaged archives. What came out before the damage is delivered.
 * Limits: output at most STREAM_MAX_RATIO times the input, once beyond STREAM_FREE_BYTES; memory
 *         for unpacking STREAM_WINDOW_LOG, STREAM_XZ_BYTES.
 * Owner:  stream_open/stream_close. The descriptor stays the caller's.
 * Spec:   RFC 1952, RFC 8878, the .xz file format 1.2.0.
 */
#ifndef CODEC_STREAM_H
#define CODEC_STREAM_H

#include "base/hash.h"

#include <sys/types.h>

enum {
    STREAM_MAX_RATIO = 1000,
    STREAM_FREE_BYTES = 64 * 1024 * 1024,
    STREAM_WINDOW_LOG = 26,             /* zstd: 64 MiB to unpack, what zstd -19 --long=26 asks */
    STREAM_XZ_BYTES = 72 * 1024 * 1024, /* xz -9 asks for 65 MiB */
};

struct stream;

/* Every byte read from fd is added to hash (may be NULL). from/to bound a plain file's segment, in
 * bytes; to == UINT64_MAX reads to the end, from == 0 && to == UINT64_MAX also serves pipes. */
MUST_CHECK enum err stream_open(int fd, uint64_t from, uint64_t to, struct sha256 *hash,
                                struct stream **ret_stream, struct error *error);
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
/* Reads the rest of a packed or damaged file for the hash only. */
MUST_CHECK enum err stream_drain(struct stream *s);

#endif
