/* Inventory and scan formats on any bytes: what observe.h promises of observations and gaps. The
 * first byte may choose the format instead of the content, and the input's name. */
#include "codec/observe.h"
#include "os/io.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    TOLD_MAX = 1 << 20,
    FORMATS = 12,  /* what is beyond them is told by the content */
    CHOICE = 0x80, /* no text begins with this one, or with the next ones */
};

/* Some formats are told by names. */
static const char *const names[] = {"inetpub/wwwroot/web.config", "EX01-Cve-2021-26855.csv",
                                    "a/EX01-Cve-2021-27065.log", "EX01-LogAgeDays.csv"};

/* The sanitizer sees whether the bytes are there. */
static void touch(struct str s)
{
    volatile char sum = 0;
    assert(s.p || !s.n);
    for (size_t i = 0; i < s.n; i++)
        sum = (char)(sum ^ s.p[i]);
}

static enum err on_observation(void *ctx, const struct observation *o)
{
    const struct str all[] = {o->host, o->product, o->cve,    o->what,
                              o->site, o->owner,   o->source, o->file};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        touch(all[i]);
    assert(o->source.n && o->kind < OBSERVED_KINDS && o->precision < PRECISIONS);
    assert(o->host.n || (o->kind != OBSERVED_OPEN && o->kind != OBSERVED_CLOSED));
    assert(o->facing <= FACING_INTERNET && ++*(uint64_t *)ctx < TOLD_MAX);
    return OK;
}

static enum err on_gap(void *ctx, uint64_t line, uint64_t offset, struct str reason,
                       struct str detail)
{
    (void)line;
    (void)offset;
    touch(detail);
    assert(reason.n && ++*(uint64_t *)ctx < TOLD_MAX);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct observe_options options = {.name = STR("inetpub/wwwroot/web.config")};
    struct str help, text = str_make((const char *)data, size);
    uint64_t told = 0, bytes;
    bool foreign;
    struct observe_sink sink = {on_observation, on_gap, &told};
    struct stream *s;
    if (size && data[0] >= CHOICE && data[0] < CHOICE + FORMATS * ARRAY_LEN(names)) {
        size_t choice = data[0] - CHOICE;
        (void)observe_format(choice % FORMATS, &options.format, &help);
        options.name = str_of(names[choice / FORMATS]);
        text = str_sub(text, 1, size);
    }
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || io_write(fd, text.p, text.n) || lseek(fd, 0, SEEK_SET))
        abort();
    if (stream_open_fd(fd, &s, NULL) == OK) {
        struct error error;
        enum err rc = observe_read(s, &options, &sink, &bytes, &foreign, &error);
        assert(rc <= OK && rc != ERR_BUG && rc != ERR_AGAIN);
        s = stream_close(s);
    }
    (void)close(fd);
    return 0;
}
