/* bench_evtx: how fast event logs become rows. bench_evtx [--check] FILE... */
#include "codec/evtx.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct file {
    unsigned char *p;
    size_t n;
};

static uint64_t n_rows, n_cells, n_bytes, n_batches, n_gaps;
static bool verbose;

static enum err on_rows(void *ctx, const struct rows *rows)
{
    (void)ctx;
    n_batches++;
    n_rows += rows_n(rows);
    n_cells += rows->end.n;
    n_bytes += rows->text.n;
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    n_gaps++;
    if (verbose)
        printf("%s: %llu: %.*s: %.*s\n", (const char *)ctx, (unsigned long long)offset,
               STR_FMT(reason), STR_FMT(detail));
    return OK;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run(struct evtx *e, const struct file *f)
{
    if (evtx_header(e, str_make((char *)f->p, f->n < 4096 ? f->n : 4096)))
        exit(1);
    for (size_t at = 4096; at < f->n; at += EVTX_CHUNK_BYTES) {
        size_t n = f->n - at < EVTX_CHUNK_BYTES ? f->n - at : EVTX_CHUNK_BYTES;
        if (evtx_chunk(e, str_make((char *)f->p + at, n), at))
            exit(1);
    }
}

int main(int argc, char **argv)
{
    struct file *files = calloc((size_t)argc, sizeof *files);
    uint64_t used = 0;
    int n = 0, from = 1;
    bool one_path = false;
    for (; from < argc && argv[from][0] == '-'; from++) {
        verbose |= !strcmp(argv[from], "-v");
        one_path |= !strcmp(argv[from], "-1");
    }
    for (int i = from; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY);
        struct stat st;
        fstat(fd, &st);
        files[n].p = malloc((size_t)st.st_size);
        files[n].n = (size_t)read(fd, files[n].p, (size_t)st.st_size);
        close(fd);
        for (size_t at = 4096; at + 65536 <= files[n].n; at += 65536)
            if (!memcmp(files[n].p + at, "ElfChnk", 8))
                used += evtx_u32(files[n].p + at + 48);
        n++;
    }
    double best = 1e9;
    for (int pass = 0; pass < (verbose ? 1 : 10); pass++) {
        struct evtx_options o = {.sink = {on_rows, on_gap, NULL}, .one_path = one_path};
        struct evtx *e;
        n_rows = n_cells = n_bytes = n_batches = n_gaps = 0;
        double t = now();
        if (evtx_new(&o, &e))
            return 1;
        for (int i = 0; i < n; i++) {
            if (verbose)
                printf("# %s\n", argv[from + i]);
            run(e, &files[i]);
        }
        if (evtx_end(e))
            return 1;
        e = evtx_free(e);
        t = now() - t;
        best = t < best ? t : best;
    }
    printf("%llu rows in %llu batches, %llu cells, %llu bytes, %llu gaps; %.1f ms: %.0f MB/s used, "
           "%.0f k records/s\n",
           (unsigned long long)n_rows, (unsigned long long)n_batches, (unsigned long long)n_cells,
           (unsigned long long)n_bytes, (unsigned long long)n_gaps, best * 1e3,
           (double)used / best / 1e6, (double)n_rows / best / 1e3);
    return 0;
}
