/* Post formats on any bytes: what posts.h promises of posts and gaps. The first byte may choose the
 * format instead of the content. */
#include "codec/posts.h"
#include "os/io.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TOLD_MAX = 1 << 20 };

struct check {
    size_t size;
    uint64_t told;
    bool packed;
};

/* The sanitizer sees whether the bytes are there. */
static void touch(struct str s)
{
    volatile char sum = 0;
    assert(s.p || !s.n);
    for (size_t i = 0; i < s.n; i++)
        sum = (char)(sum ^ s.p[i]);
}

static enum err on_post(void *ctx, const struct post *p)
{
    struct check *c = ctx;
    const struct str all[] = {p->id,    p->source, p->site, p->thread, p->author,
                              p->title, p->text,   p->url,  p->lang};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        touch(all[i]);
    assert(c->packed || p->offset < c->size);
    assert(p->site.n && ++c->told < TOLD_MAX);
    assert(p->time_us != TIME_NONE || !p->day_only);
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    struct check *c = ctx;
    touch(detail);
    assert(reason.n && (c->packed || offset <= c->size) && ++c->told < TOLD_MAX);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct post_options options = {.name = STR("fuzz")};
    struct str help, text = str_make((const char *)data, size);
    if (size && posts_format(data[0], &options.format, &help))
        text = str_sub(text, 1, size);
    struct check check = {.size = text.n};
    struct post_sink sink = {on_post, on_gap, &check};
    struct stream *s;
    uint64_t bytes;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || io_write(fd, text.p, text.n) || lseek(fd, 0, SEEK_SET))
        abort();
    if (stream_open_fd(fd, &s, NULL) == OK) {
        struct error error;
        check.packed = stream_packed(s) || stream_utf16(s);
        enum err rc = posts_read(s, &options, &sink, &bytes, &error);
        assert(rc <= OK && rc != ERR_BUG && rc != ERR_AGAIN);
        s = stream_close(s);
    }
    (void)close(fd);
    return 0;
}
