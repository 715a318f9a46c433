/* Any bytes as a mailbox and as a mail: posts are valid UTF-8, and stand where they say. */
#include "base/utf.h"
#include "codec/posts.h"
#include "os/io.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err on_post(void *ctx, const struct post *p)
{
    const struct str read[] = {p->author, p->title, p->text};
    const size_t *size = ctx;
    for (size_t i = 0; i < ARRAY_LEN(read); i++)
        if (i && read[i].n && !utf8_valid(read[i]))
            __builtin_trap();
    if (p->offset > *size || p->text.n > POSTS_RECORD_BYTES)
        __builtin_trap();
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    const size_t *size = ctx;
    if (offset > *size || !reason.n || !detail.n)
        __builtin_trap();
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"mbox", "eml"};
    struct post_sink sink = {on_post, on_gap, &size};
    struct stream *s;
    uint64_t bytes;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || io_write(fd, data, size))
        abort();
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct post_options options = {.name = STR("in"), .format = str_of(formats[i])};
        if (lseek(fd, 0, SEEK_SET) == 0 && !stream_open_fd(fd, &s, NULL) && !stream_packed(s) &&
            !stream_utf16(s))
            (void)posts_read(s, &options, &sink, &bytes, NULL);
        (void)stream_close(s);
    }
    io_close(fd);
    return 0;
}
