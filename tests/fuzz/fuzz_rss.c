/* Any bytes as a feed: posts are valid UTF-8, and stand where they say. */
#include "base/utf.h"
#include "codec/posts.h"
#include "os/io.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err on_post(void *ctx, const struct post *p)
{
    const struct str all[] = {p->id,    p->source, p->site, p->thread, p->author,
                              p->title, p->text,   p->url,  p->lang};
    const size_t *size = ctx;
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (all[i].n && !utf8_valid(all[i]))
            __builtin_trap();
    if (p->offset > *size)
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
    struct post_options options = {.name = STR("in"), .format = STR("rss")};
    struct post_sink sink = {on_post, on_gap, &size};
    struct stream *s;
    uint64_t bytes;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || io_write(fd, data, size) || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    /* Packed and UTF-16 texts have offsets of their own. */
    if (!stream_open_fd(fd, &s, NULL) && !stream_packed(s) && !stream_utf16(s))
        (void)posts_read(s, &options, &sink, &bytes, NULL);
    (void)stream_close(s);
    io_close(fd);
    return 0;
}
