/* What a set of digests costs: bench_digest_set [MILLIONS]; or bench_digest_set LIST..., which
 * times the reading of lists. */
#include "dossier/hash_lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { ASKED = 4 * 1000 * 1000 };

static uint64_t state = 88172645463325252u;
static uint64_t random64(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1du;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* others may be at work on the machine */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double rss_mib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024;
}

static void random_digest(unsigned char bytes[DIGEST_MAX_BYTES])
{
    for (size_t i = 0; i < DIGEST_MAX_BYTES / 8; i++) {
        uint64_t r = random64();
        memcpy(bytes + 8 * i, &r, 8);
    }
}

static void ask(const struct digest_set *set, enum digest_kind kind, uint64_t seed,
                const char *what)
{
    unsigned char(*asked)[DIGEST_MAX_BYTES] = malloc((size_t)ASKED * DIGEST_MAX_BYTES);
    if (!asked)
        exit(1);
    state = seed;
    for (size_t i = 0; i < ASKED; i++)
        random_digest(asked[i]);
    size_t found = 0;
    double from = now_s();
    for (size_t i = 0; i < ASKED; i++)
        found += digest_set_find(set, kind, asked[i], NULL);
    double s = now_s() - from;
    printf("  %-22s %6.1f M lookups/s, %zu of %d found\n", what, ASKED / 1e6 / s, found, ASKED);
    free(asked);
}

static int kinds(size_t n)
{
    for (enum digest_kind k = 0; k < DIGEST_KINDS; k++) {
        struct digest_set *set;
        unsigned char bytes[DIGEST_MAX_BYTES];
        const uint64_t seed = 88172645463325252u;
        if (digest_set_new(n, &set))
            return 1;
        state = seed;
        double from = now_s();
        for (size_t i = 0; i < n; i++) {
            random_digest(bytes);
            if (digest_set_add(set, k, bytes, (uint32_t)i))
                return 1;
        }
        double added = now_s();
        if (digest_set_build(set))
            return 1;
        printf("%zu %s: added in %.2f s, built in %.2f s, %.1f bytes an entry, peak RSS %.0f MiB\n",
               n, digest_name(k), added - from, now_s() - added,
               (double)digest_set_memory(set) / (double)n, rss_mib());
        ask(set, k, 4711, "not among them");
        ask(set, k, seed, "among them");
        digest_set_done(set);
    }
    return 0;
}

static int lists(int argc, char **argv)
{
    struct hash_lists k;
    struct error error;
    if (hash_lists_init(&k))
        return 1;
    double from = now_s();
    for (int i = 1; i < argc; i++)
        if (hash_lists_read(&k, str_of(argv[i]), &error)) {
            fprintf(stderr, "%s\n", error.text);
            return 1;
        }
    double read = now_s();
    if (hash_lists_build(&k))
        return 1;
    printf("read in %.2f s, built in %.2f s, %zu MiB, peak RSS %.0f MiB\n", read - from,
           now_s() - read, digest_set_memory(k.set) >> 20, rss_mib());
    for (size_t i = 0; i < k.n_lists; i++)
        printf("  %s: %u lines, %llu digests, %u bad lines\n", k.list[i].file.p, k.list[i].lines,
               (unsigned long long)k.list[i].digests, k.list[i].bad_lines);
    hash_lists_done(&k);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t millions = 10;
    if (argc > 1 && !str_u64(str_of(argv[1]), &millions))
        return lists(argc, argv);
    return kinds((size_t)millions * 1000 * 1000);
}
