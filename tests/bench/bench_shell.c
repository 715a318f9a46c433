/* bench_shell.c — judges the files named on standard input, one a line: what is told of each, and
 * how fast. For false alarms over large harmless applications, and for the share that is found.
 *
 *     find DIR -type f | bench_shell [--all]
 */
#include "base/time.h"
#include "dossier/shell_policy.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct str map_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW);
    struct stat st;
    void *p = MAP_FAILED;
    if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0)
        p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (fd >= 0)
        close(fd);
    return p == MAP_FAILED ? STR_NONE : str_make(p, (size_t)st.st_size);
}

static void tell(const char *path, struct str text, const struct shell_report *r)
{
    printf("%s\t%.1f\t%.*s\t", shell_tier_name(r->tier).p, r->score, STR_FMT(r->rule));
    for (size_t i = 0; i < r->n_reasons; i++) {
        char place[24] = "";
        if (r->reason[i].length)
            snprintf(place, sizeof place, "@%zu",
                     1 + str_count(str_sub(text, 0, r->reason[i].offset), '\n'));
        printf("%s%.*s%s", i ? "," : "", STR_FMT(r->reason[i].id), place);
    }
    printf("\t%s%s\n", path, r->cut ? "\tcut" : "");
}

int main(int argc, char **argv)
{
    struct arena policy, arena;
    struct shell *shell;
    struct error error;
    char path[4096];
    size_t n[4] = {0}, failed = 0, all = 0;
    double bytes = 0, seconds = 0, worst = 0;
    arena_init(&policy, 16 << 20);
    arena_init(&arena, 256 << 20);
    if (shell_policy_load(&policy, &shell, &error)) {
        fprintf(stderr, "%s:%lu: %s\n", error.input, (unsigned long)error.offset, error.text);
        return 1;
    }
    while (fgets(path, sizeof path, stdin)) {
        struct shell_report r;
        path[strcspn(path, "\n")] = 0;
        struct str text = map_file(path);
        if (!text.p)
            continue;
        double t = now_s();
        enum err rc = shell_judge(shell, str_of(path), text, &arena, &r);
        t = now_s() - t;
        seconds += t;
        bytes += (double)text.n;
        if (t > worst && text.n) {
            worst = t;
            fprintf(stderr, "slowest so far: %.3f s %zu bytes %s\n", t, text.n, path);
        }
        failed += rc != OK;
        all++;
        if (rc == OK) {
            n[r.tier]++;
            if (r.tier != SHELL_NONE || argc > 1)
                tell(path, text, &r);
        }
        arena_reset(&arena);
        munmap((void *)(uintptr_t)text.p, text.n);
    }
    fprintf(stderr,
            "%zu files, %.1f MB, %.1f MB/s; weak %zu, likely %zu, certain %zu; failed %zu\n", all,
            bytes / 1e6, bytes / 1e6 / seconds, n[1], n[2], n[3], failed);
    shell_free(shell);
    arena_done(&arena);
    arena_done(&policy);
    (void)argv;
    return failed != 0;
}
