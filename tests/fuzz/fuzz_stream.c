/* Any bytes as an evidence file: plain, gzip, zstd, xz, UTF-16. It comes to an end, within its
 * ratio, and the hash is that of the bytes given. */
#include "base/hash.h"
#include "codec/stream.h"
#include "os/io.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void add_to_hash(void *ctx, const char *p, size_t n)
{
    sha256_add(ctx, p, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char out[128 * 1024];
    struct stream *s;
    struct sha256 hash;
    struct error error;
    unsigned char read[SHA256_BYTES], all[SHA256_BYTES];
    size_t n = 1;
    uint64_t given = 0;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || io_write(fd, data, size) || lseek(fd, 0, SEEK_SET) || sha256_init(&hash))
        abort();
    struct stream_source source = {.fd = fd, .to = UINT64_MAX, .raw = add_to_hash, .look = &hash};
    enum err rc = stream_open(&source, &s, &error);
    assert(rc == OK);
    while (!rc && n) {
        rc = stream_read(s, out, sizeof out, &n, &error);
        given += n;
        assert(n <= sizeof out && (!rc || n == 0));
        assert(given < STREAM_FREE_BYTES + 2 * (uint64_t)STREAM_MAX_RATIO * (size + 1));
    }
    if (rc) {
        assert(rc == ERR_FORMAT || rc == ERR_LIMIT);
        assert(error.text[0] && error.offset <= size);
        assert(stream_read(s, out, 1, &n, NULL) == rc && n == 0);
    }
    assert(stream_drain(s) == OK && stream_taken(s) == size);
    sha256_end(&hash, read);
    sha256_of(str_make((const char *)data, size), all);
    assert(memcmp(read, all, sizeof all) == 0);
    (void)stream_close(s);
    sha256_done(&hash);
    close(fd);
    return 0;
}
