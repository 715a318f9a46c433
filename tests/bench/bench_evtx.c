/* bench_evtx FILE...: how fast event logs become rows, JSON and XML, over data in memory. Best of
 * several passes, in processor time. "Used" bytes are those of chunks up to their free space. */
#include "codec/evtx.h"
#include "os/io.h"
#include "output/evtx_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { PASSES = 9 };

struct work {
    struct str *files;
    size_t n_files;
    uint64_t used_bytes, records, out_bytes, cells, gaps;
    bool xml;
    struct evtx_text text;
    struct buf line;
};

static enum err on_rows(void *ctx, const struct rows *rows)
{
    struct work *w = ctx;
    w->records += rows_n(rows);
    w->cells += rows->end.n;
    w->out_bytes += rows->text.n;
    return OK;
}

static enum err on_record(void *ctx, struct evtx_tree *tree, const struct evtx_node *nodes,
                          const struct evtx_record *record)
{
    struct work *w = ctx;
    buf_reset(&w->line);
    TRY((w->xml ? evtx_xml : evtx_json)(&w->text, tree, nodes, record));
    w->records++;
    w->out_bytes += w->line.n;
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    (void)offset, (void)reason, (void)detail;
    ((struct work *)ctx)->gaps++;
    return OK;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One reader over all files, as a scan has it. */
static void pass(struct work *w, const struct evtx_options *options)
{
    struct evtx *e;
    w->records = w->out_bytes = w->cells = w->gaps = 0;
    enum err rc = evtx_new(options, &e);
    for (size_t i = 0; i < w->n_files && !rc; i++) {
        struct str file = w->files[i];
        rc = evtx_header(e, str_sub(file, 0, EVTX_HEADER_BYTES));
        for (size_t at = EVTX_HEADER_BYTES; at < file.n && !rc; at += EVTX_CHUNK_BYTES)
            rc = evtx_chunk(e, str_sub(file, at, at + EVTX_CHUNK_BYTES), at);
    }
    if (rc || evtx_end(e)) {
        fprintf(stderr, "bench_evtx: %s\n", err_name(rc));
        exit(70);
    }
    e = evtx_free(e);
}

static void measure(struct work *w, const char *name, const struct evtx_options *options)
{
    double best = 1e9;
    for (int i = 0; i < PASSES; i++) {
        double began = now();
        pass(w, options);
        double took = now() - began;
        best = took < best ? took : best;
    }
    printf("%-18s %8.1f ms  %6.0f MB/s used  %9.0f records/s  (%" PRIu64 " records, %.1f MB out, "
           "%" PRIu64 " gaps)\n",
           name, best * 1e3, (double)w->used_bytes / best / 1e6, (double)w->records / best,
           w->records, (double)w->out_bytes / 1e6, w->gaps);
}

static uint64_t used_of(struct str file)
{
    uint64_t n = 0;
    for (size_t at = EVTX_HEADER_BYTES; at < file.n && file.n - at >= EVTX_CHUNK_BYTES;
         at += EVTX_CHUNK_BYTES)
        if (str_starts(str_sub(file, at, file.n), STR("ElfChnk")))
            n += evtx_u32((const unsigned char *)file.p + at + 48);
    return n;
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct error error = {0};
    struct work w = {0};
    arena_init(&arena, (size_t)4 << 30);
    w.files = arena_new_n(&arena, struct str, (size_t)argc);
    for (int i = 1; i < argc; i++) {
        if (io_read_file(&arena, str_of(argv[i]), (size_t)1 << 30, &w.files[i - 1], &error)) {
            fprintf(stderr, "bench_evtx: %s: %s\n", argv[i], error.text);
            return 74;
        }
        w.n_files++;
        w.used_bytes += used_of(w.files[i - 1]);
    }
    buf_init(&w.line, SIZE_MAX / 2);
    evtx_text_init(&w.text, &w.line);
    struct evtx_options options = {.sink = {on_rows, on_gap, &w}};
    measure(&w, "rows", &options);
    options.one_path = true;
    measure(&w, "rows, long way", &options);
    options.record = on_record;
    measure(&w, "JSON", &options);
    w.xml = true;
    measure(&w, "XML", &options);
    evtx_text_done(&w.text);
    buf_done(&w.line);
    arena_done(&arena);
    return 0;
}
