/* evtx_paths FILE...: reads event logs the short and the long way to rows, and says where they
 * differ. Exits with 1 if there is such a place. */
#include "gen/evtx_told.h"
#include "os/io.h"

#include <inttypes.h>
#include <stdio.h>

static void print(const char *what, const struct told_record *r)
{
    printf("  %s:", what);
    for (size_t i = 0; r && i < r->text.n; i++)
        putchar(r->text.p[i] ? r->text.p[i] : '\n');
    putchar('\n');
}

/* The offset of a record that differs; UINT64_MAX if none does. */
static uint64_t both_ways(const char *name, struct str file, bool carve, uint64_t *records)
{
    struct evtx_told a, b;
    evtx_told_read(&a, file, carve, false);
    evtx_told_read(&b, file, carve, true);
    uint64_t at = evtx_told_differ(&a, &b);
    *records += carve ? 0 : a.records.n;
    if (at != UINT64_MAX || a.gaps.n != b.gaps.n) {
        printf("%s: record at %" PRIu64 "\n", name, at);
        print("short", evtx_told_at(&a, at));
        print("long", evtx_told_at(&b, at));
        at = 0;
    }
    evtx_told_done(&a);
    evtx_told_done(&b);
    return at;
}

int main(int argc, char **argv)
{
    uint64_t records = 0, differ = 0;
    for (int i = 1; i < argc; i++) {
        struct arena arena;
        struct error error = {0};
        struct str file;
        arena_init(&arena, (size_t)1 << 30);
        if (io_read_file(&arena, str_of(argv[i]), (size_t)1 << 29, &file, &error)) {
            fprintf(stderr, "%s: %s\n", argv[i], error.text);
            return 74;
        }
        for (int carve = 0; carve < 2; carve++)
            differ += both_ways(argv[i], file, carve, &records) != UINT64_MAX;
        arena_done(&arena);
    }
    printf("%" PRIu64 " records, %" PRIu64 " files differ\n", records, differ);
    return differ != 0;
}
