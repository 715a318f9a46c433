/* Where the time of watch goes: bench_watch POSTS [TABLE...], posts as JSON Lines, tables of names
 * beside the shipped ones. Seconds of the processor, of this process and of its workers, stage by
 * stage; each holds the ones before it except `read`, which is the reader alone. */
#include "watch/pass.h"
#include "watch/watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TABLE_BYTES = 64 * 1024 * 1024 };

static struct arena arena;
static struct extract_lists lists;
static struct lexicon lexicon;
static struct io_tree tree;
static double self_s, workers_s;

static void die(const char *why)
{
    fprintf(stderr, "bench_watch: %s\n", why);
    exit(2);
}

static double seconds(int who)
{
    struct rusage u;
    (void)getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void start(void)
{
    self_s = seconds(RUSAGE_SELF);
    workers_s = seconds(RUSAGE_CHILDREN);
}

static void tell(const char *stage)
{
    printf("%s\t%.4f\t%.4f\n", stage, seconds(RUSAGE_SELF) - self_s,
           seconds(RUSAGE_CHILDREN) - workers_s);
}

static enum err on_post(void *ctx, const struct post *post)
{
    *(uint64_t *)ctx += post->text.n > 0;
    return OK;
}

static enum err on_bad(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    (void)ctx;
    (void)detail;
    fprintf(stderr, "gap at %llu: %.*s\n", (unsigned long long)offset, STR_FMT(reason));
    return OK;
}

static void measure_read(const char *path)
{
    struct post_options options = {.name = STR("bench")};
    struct error error = {0};
    struct stream *s;
    uint64_t bytes, posts = 0;
    struct post_sink sink = {on_post, on_bad, &posts};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    start();
    if (fd < 0 || stream_open_fd(fd, &s, &error) || posts_read(s, &options, &sink, &bytes, &error))
        die(error.text);
    stream_close(s);
    tell("read");
    (void)close(fd);
    printf("posts\t%llu\nbytes\t%llu\n", (unsigned long long)posts, (unsigned long long)bytes);
}

static enum err on_gap(void *ctx, const struct errand_gap *gap)
{
    (void)ctx;
    fprintf(stderr, "gap: %.*s: %.*s\n", STR_FMT(gap->reason), STR_FMT(gap->detail));
    return OK;
}

static enum err on_site(void *ctx, struct str name, struct str source, uint32_t *ret_number)
{
    (void)ctx;
    (void)name;
    (void)source;
    *ret_number = 0;
    return OK;
}

static enum err on_volume(void *ctx, const struct volume_cell *cell)
{
    (void)ctx;
    (void)cell;
    return OK;
}

static enum err on_sighting(void *ctx, struct str file, const struct sighting *s)
{
    (void)ctx;
    (void)file;
    (void)s;
    return OK;
}

/* All that the worker does, and its records taken apart. */
static void measure_intake(int64_t now_us)
{
    struct error error = {0};
    struct gist_options options = {&lexicon, &lists, 2100};
    struct intake in = {.tree = &tree,
                        .now_us = now_us,
                        .sighting = on_sighting,
                        .site = on_site,
                        .volume = on_volume,
                        .gap = on_gap};
    if (gist_new(&arena, &options, &in.gist, &error))
        die(error.text);
    start();
    if (intake_files(&in, &error))
        die(error.text);
    tell("intake");
    printf("named\t%llu\n", (unsigned long long)in.count.named);
    in.gist = gist_free(in.gist);
    intake_done(&in);
}

static void measure_watch(int64_t now_us)
{
    struct watch_options options = {
        .lexicon = &lexicon, .lists = &lists, .gap = on_gap, .now_us = now_us, .year_max = 2100};
    struct error error = {0};
    struct watch *w;
    struct alert *alert;
    size_t n;
    start();
    if (watch_open(&options, &w, &error))
        die(error.text);
    tell("open");
    start();
    if (watch_read(w, &tree, &error))
        die(error.text);
    tell("store");
    if (watch_end(w, &error))
        die(error.text);
    tell("lanes");
    if (watch_alerts(w, &arena, &alert, &n, &error))
        die(error.text);
    tell("alerts");
    printf("told\t%zu\n", n);
    w = watch_close(w);
}

int main(int n, char **arg)
{
    const int64_t now_us = INT64_C(4102444800) * US_PER_S; /* 2100: no post is of the future */
    struct error error = {0};
    if (n < 2)
        die("usage: bench_watch POSTS [TABLE...]");
    arena_init(&arena, (size_t)1 << 30);
    lexicon_init(&lexicon, &arena);
    struct str path = str_of(arg[1]), text;
    if (extract_lists_load(&arena, &lists, &error) || lexicon_shipped(&lexicon, &error) ||
        io_list(&arena, &path, 1, &tree, &error))
        die(error.text);
    for (int i = 2; i < n; i++)
        if (io_read_file(&arena, str_of(arg[i]), TABLE_BYTES, &text, &error) ||
            lexicon_table(&lexicon, str_of(arg[i]), text, &error))
            die(error.text);
    measure_read(arg[1]);
    measure_intake(now_us);
    measure_watch(now_us);
    return 0;
}
