/* How fast the readers of posts are, without anything behind them: bench_posts [FILE [FORMAT]].
 * Without a file: a million made-up posts with texts of 160 bytes as JSON Lines. The best of five
 * rounds is printed, in time of the processor: others may use the machine too. */
#include "codec/posts.h"
#include "os/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { POSTS = 1000 * 1000, ROUNDS = 5 };

static double cpu_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct tally {
    uint64_t posts, gaps, text_bytes;
};

static enum err on_post(void *ctx, const struct post *post)
{
    struct tally *t = ctx;
    t->posts++;
    t->text_bytes += post->text.n + post->title.n;
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    struct tally *t = ctx;
    if (t->gaps++ == 0)
        fprintf(stderr, "gap at %llu: %.*s: %.*s\n", (unsigned long long)offset, STR_FMT(reason),
                STR_FMT(detail));
    return OK;
}

static int made_up(void)
{
    int fd = memfd_create("posts", MFD_CLOEXEC);
    struct buf b;
    buf_init(&b, 1 << 30);
    for (int i = 0; i < POSTS; i++) {
        buf_printf(&b,
                   "{\"time\":\"2021-03-%02dT%02d:%02d:%02dZ\",\"site\":\"board-%d\","
                   "\"author\":\"u%d\",\"text\":\"",
                   i % 28 + 1, i % 24, i % 60, i % 59, i % 40, i % 9973);
        size_t from = b.n;
        while (b.n - from < 160)
            buf_printf(&b, "words about CVE-2021-%d and servers ", i % 9000 + 1000);
        b.n = from + 160;
        buf_puts(&b, "\"}\n");
    }
    if (fd < 0 || b.rc || io_write(fd, b.p, b.n) || lseek(fd, 0, SEEK_SET))
        return -1;
    buf_done(&b);
    return fd;
}

int main(int argc, char **argv)
{
    struct post_options options = {.name = STR("bench"), .format = str_of(argc > 2 ? argv[2] : 0)};
    int fd = argc > 1 ? open(argv[1], O_RDONLY | O_CLOEXEC) : made_up();
    double best_s = 1e9;
    uint64_t bytes = 0;
    struct tally t = {0};
    for (int i = 0; i < ROUNDS; i++) {
        struct stream *s;
        struct error error = {0};
        t = (struct tally){0};
        struct post_sink sink = {on_post, on_gap, &t};
        double from_s = cpu_seconds();
        if (fd < 0 || stream_open_fd(fd, &s, &error) ||
            posts_read(s, &options, &sink, &bytes, &error)) {
            fprintf(stderr, "cannot read: %s\n", error.text);
            return 1;
        }
        (void)stream_close(s);
        double took_s = cpu_seconds() - from_s;
        best_s = took_s < best_s ? took_s : best_s;
    }
    printf("%llu posts, %llu gaps, %.0f MB, %.0f MB/s, %.2f million posts a second\n",
           (unsigned long long)t.posts, (unsigned long long)t.gaps, (double)bytes / 1e6,
           (double)bytes / 1e6 / best_s, (double)t.posts / 1e6 / best_s);
    return 0;
}
