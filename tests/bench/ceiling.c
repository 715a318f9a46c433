/* What a bare matcher makes of the same literals: Vectorscan over a file, block by block, and
 * nothing else: no line, no row, no rule. What tocsin does on top of that is measured against it.
 *
 *     ceiling LITERALS FILE       prints the number of matches
 */
#include <ctype.h>
#include <fcntl.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 128 * 1024, MOST = 20000, LONGEST = 256 };

static unsigned long long matches;

static int found(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                 void *ctx)
{
    (void)id, (void)from, (void)to, (void)flags, (void)ctx;
    matches++;
    return 0;
}

static hs_database_t *compile(const char *path)
{
    static char text[MOST][LONGEST];
    static const char *literal[MOST];
    static size_t length[MOST];
    static unsigned flags[MOST], id[MOST];
    unsigned n = 0;
    hs_database_t *db;
    hs_compile_error_t *why;
    FILE *f = fopen(path, "r");
    while (f && n < MOST && fgets(text[n], LONGEST, f)) {
        text[n][strcspn(text[n], "\r\n")] = '\0';
        literal[n] = text[n];
        length[n] = strlen(text[n]);
        flags[n] = HS_FLAG_CASELESS;
        id[n] = n;
        n += length[n] > 0;
    }
    if (!n || hs_compile_lit_multi(literal, flags, id, length, n, HS_MODE_BLOCK, NULL, &db, &why)) {
        fprintf(stderr, "ceiling: %s: no literals, or none that compile\n", path);
        exit(1);
    }
    (void)fclose(f);
    return db;
}

int main(int argc, char **argv)
{
    static char block[BLOCK];
    hs_scratch_t *scratch = NULL;
    int fd = argc == 3 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
    ssize_t n;
    if (fd < 0) {
        fprintf(stderr, "usage: ceiling LITERALS FILE\n");
        return 2;
    }
    hs_database_t *db = compile(argv[1]);
    if (hs_alloc_scratch(db, &scratch))
        return 1;
    while ((n = read(fd, block, sizeof block)) > 0)
        if (hs_scan(db, block, (unsigned)n, 0, scratch, found, NULL))
            return 1;
    printf("%llu\n", matches);
    return n < 0;
}
