/* bench_events FILE...: how fast event logs of any format become rows, over data in memory. Best of
 * several passes, in processor time; packed files are not unpacked. */
#include "gen/given.h"
#include "os/io.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { PASSES = 9, HEAD_BYTES = 64 * 1024 };

struct totals {
    uint64_t bytes, rows, cells, text_bytes, gaps;
};

static enum err on_rows(void *ctx, const struct rows *rows)
{
    struct totals *t = ctx;
    t->rows += rows_n(rows);
    t->cells += rows->end.n;
    t->text_bytes += rows->text.n;
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    (void)offset, (void)reason, (void)detail;
    ((struct totals *)ctx)->gaps++;
    return OK;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One reader over all files, as a scan has it. */
static enum err pass(const struct str *file, size_t n, struct totals *ret)
{
    struct evlog *e;
    struct error error = {0};
    struct rows_sink sink = {on_rows, on_gap, ret};
    *ret = (struct totals){0};
    TRY(evlog_new(&e));
    enum err rc = OK;
    for (size_t i = 0; i < n && !rc; i++) {
        struct str head = str_sub(file[i], 0, HEAD_BYTES);
        struct given g = {file[i], 0};
        struct evlog_source source = {give, &g, STR("")};
        if (!evlog_knows(head, STR_NONE))
            continue;
        ret->bytes += file[i].n;
        rc = evlog_read(e, head, &source, &sink, &error);
        rc = rc == ERR_FORMAT ? OK : rc;
    }
    e = evlog_free(e);
    return rc;
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct error error = {0};
    struct totals t = {0};
    double best = 1e9;
    size_t n = 0;
    arena_init(&arena, (size_t)4 << 30);
    struct str *file = arena_new_n(&arena, struct str, (size_t)argc);
    for (int i = 1; file && i < argc; i++)
        if (io_read_file(&arena, str_of(argv[i]), (size_t)1 << 30, &file[n++], &error)) {
            fprintf(stderr, "bench_events: %s: %s\n", argv[i], error.text);
            return 74;
        }
    for (int i = 0; i < PASSES; i++) {
        double began = now();
        enum err rc = pass(file, n, &t);
        double took = now() - began;
        if (rc) {
            fprintf(stderr, "bench_events: %s\n", err_name(rc));
            return 70;
        }
        best = took < best ? took : best;
    }
    printf("events as rows     %8.1f ms  %6.0f MB/s       %9.0f records/s  (%" PRIu64
           " records, %" PRIu64 " cells, %.1f MB in, %.1f MB out, %" PRIu64 " gaps)\n",
           best * 1e3, (double)t.bytes / best / 1e6, (double)t.rows / best, t.rows, t.cells,
           (double)t.bytes / 1e6, (double)t.text_bytes / 1e6, t.gaps);
    arena_done(&arena);
    return 0;
}
