/* evtx_paths [--damage N] FILE...: reads event logs the short and the long way to rows, and says
 * where they differ. With --damage it changes bytes in one record of a chunk, N times a file, and
 * says where another record is not as it was. Exits with 1 if there is such a place. */
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

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* One record of the chunk that defines nothing for others, changed in a few bytes. */
static bool damage(const char *name, char *one, const struct evtx_told *before, uint64_t *seed,
                   uint64_t *mutants)
{
    static char changed[EVTX_HEADER_BYTES + EVTX_CHUNK_BYTES];
    size_t n = sizeof changed, k = next_random(seed) % before->records.n;
    uint64_t from = before->records.v[k].offset;
    uint64_t size = evtx_u32((const unsigned char *)one + from + 4);
    struct evtx_told after;
    if (size > n - from || evtx_defines(str_make(one, n), from, from + size))
        return true;
    memcpy(changed, one, n);
    for (uint64_t edits = 1 + next_random(seed) % 4; edits; edits--)
        changed[from + next_random(seed) % (next_random(seed) & 1 ? 48 : size)] =
            (char)next_random(seed);
    evtx_told_read(&after, str_make(changed, n), false, false);
    uint64_t hurt = evtx_told_hurt(before, &after, from, from + size);
    if (hurt != UINT64_MAX)
        printf("%s: damage of the record at %" PRIu64 " hurts that at %" PRIu64 "\n", name, from,
               hurt);
    evtx_told_done(&after);
    ++*mutants;
    return hurt == UINT64_MAX;
}

/* The first chunk of the file by itself. */
static bool damages(const char *name, struct str file, unsigned n, uint64_t *mutants)
{
    static char one[EVTX_HEADER_BYTES + EVTX_CHUNK_BYTES];
    uint64_t seed = 0x9e3779b97f4a7c15u ^ file.n;
    struct evtx_told before;
    bool good = true;
    if (file.n < sizeof one)
        return true;
    memcpy(one, file.p, sizeof one);
    evtx_told_read(&before, str_make(one, sizeof one), false, false);
    for (unsigned i = 0; i < n && before.records.n; i++)
        good &= damage(name, one, &before, &seed, mutants);
    evtx_told_done(&before);
    return good;
}

int main(int argc, char **argv)
{
    uint64_t records = 0, differ = 0, mutants = 0, n = 0;
    int first = argc > 2 && !strcmp(argv[1], "--damage") && str_u64(str_of(argv[2]), &n) ? 3 : 1;
    for (int i = first; i < argc; i++) {
        struct arena arena;
        struct error error = {0};
        struct str file;
        arena_init(&arena, (size_t)1 << 30);
        if (io_read_file(&arena, str_of(argv[i]), (size_t)1 << 29, &file, &error)) {
            fprintf(stderr, "%s: %s\n", argv[i], error.text);
            return 74;
        }
        for (int carve = 0; carve < 2 && !n; carve++)
            differ += both_ways(argv[i], file, carve, &records) != UINT64_MAX;
        if (n)
            differ += !damages(argv[i], file, (unsigned)n, &mutants);
        arena_done(&arena);
    }
    if (n)
        printf("%" PRIu64 " mutants, %" PRIu64 " files where one hurts another record\n", mutants,
               differ);
    else
        printf("%" PRIu64 " records, %" PRIu64 " files differ\n", records, differ);
    return differ != 0;
}
