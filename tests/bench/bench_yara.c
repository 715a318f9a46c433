/* bench_yara.c — YARA rules over a tree with the two passes of a scan, as the yara command does it.
 *
 *   bench_yara [-j workers] [-c cache] [-n] [-s] [-q] rules tree
 *
 * -n: externals are empty, as with yara -d filename= and so on; -s: matched strings; -q: times
 * only. Prints "rule path" and "offset:id" like yara -s, and times on standard error. */
#include "os/clock.h"
#include "os/folder.h"
#include "os/proc.h"
#include "scan/yara_pass.h"

#include "base/vec.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK_BYTES = 128 * 1024, MOST_WORKERS = 16 };

struct bench {
    struct arena arena;
    struct yara_set *set;
    struct io_tree tree;
    struct proc_shared *shared;
    VEC(struct yara_suspect) suspect;
    bool no_externals, strings, quiet;
    size_t n_rules, n_matches, n_gaps;
};

static struct yara_facts facts_of(const struct bench *b, const struct io_entry *e)
{
    struct yara_facts none = {0};
    none.filename = none.filepath = none.extension = none.filetype = none.owner = none.md5 =
        STR("");
    return b->no_externals ? none : yara_facts_of_path(e->path);
}

static void one_file(struct bench *b, struct yara_watch *w, char *block, size_t i, int fd)
{
    const struct io_entry *e = &b->tree.entry[i];
    struct yara_facts facts = facts_of(b, e);
    struct yara_candidates found;
    struct buf out;
    ssize_t n;
    int file;
    if (e->skip.p || io_open_entry(&b->tree, e, &file, NULL) != OK)
        return;
    yara_watch_begin(w, &facts);
    while ((n = io_read(file, block, BLOCK_BYTES)) > 0)
        yara_watch_bytes(w, str_make(block, (size_t)n));
    io_close(file);
    if (yara_watch_end(w, n == 0, &found) != OK)
        _exit(1);
    if (!found.n_rules)
        return;
    buf_init(&out, 1 << 20);
    wr_u32(&out, (uint32_t)i);
    yara_candidates_put(&out, &found);
    if (out.rc || proc_send(fd, 1, buf_view(&out), -1) != OK)
        _exit(1);
    buf_done(&out);
}

/* Takes files off a shared counter until there are none. */
static void watch(struct bench *b, int fd)
{
    struct yara_watch *w;
    char *block = malloc(BLOCK_BYTES);
    if (!block || yara_watch_new(b->set, &w) != OK)
        _exit(1);
    for (;;) {
        uint64_t i = atomic_fetch_add(&b->shared->bytes[0], 1);
        if (i >= b->tree.n)
            break;
        one_file(b, w, block, i, fd);
    }
    yara_watch_free(w);
    free(block);
    _exit(0);
}

static void take(struct bench *b, struct buf *message)
{
    struct rd r = rd_of(buf_view(message));
    struct yara_suspect s = {.entry = rd_u32(&r)};
    if (yara_candidates_take(&r, &b->arena, b->set, &s.candidates) != OK || s.entry >= b->tree.n)
        abort();
    s.facts = facts_of(b, &b->tree.entry[s.entry]);
    b->n_rules += s.candidates.n_rules;
    if (vec_push(&b->suspect, s, SIZE_MAX / 1024) != OK)
        abort();
}

static void first_pass(struct bench *b, size_t workers)
{
    struct pollfd fd[MOST_WORKERS];
    struct buf message;
    size_t open = workers;
    buf_init(&message, 1 << 20);
    for (size_t i = 0; i < workers; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
            abort();
        if (fork() == 0)
            watch(b, pair[1]);
        close(pair[1]);
        fd[i] = (struct pollfd){.fd = pair[0], .events = POLLIN};
    }
    while (open && poll(fd, workers, -1) > 0)
        for (size_t i = 0; i < workers; i++) {
            uint8_t type;
            int other;
            if (!fd[i].revents)
                continue;
            if (proc_recv(fd[i].fd, &type, &message, &other) == OK) {
                take(b, &message);
                continue;
            }
            close(fd[i].fd);
            fd[i].fd = -1;
            open--;
        }
    while (wait(NULL) > 0)
        ;
    buf_done(&message);
}

static enum err on_match(void *ctx, const struct yara_suspect *s, const struct yara_match *m)
{
    struct bench *b = ctx;
    b->n_matches++;
    if (b->quiet)
        return OK;
    printf("%.*s %.*s\n", STR_FMT(m->name), STR_FMT(b->tree.entry[s->entry].path));
    for (size_t i = 0; b->strings && i < m->n_spots; i++)
        printf("0x%llx:%.*s\n", (unsigned long long)m->spot[i].offset, STR_FMT(m->spot[i].id));
    return OK;
}

static enum err on_gap(void *ctx, const struct yara_suspect *s, uint32_t rule, struct str reason,
                       struct str detail)
{
    struct bench *b = ctx;
    (void)rule;
    b->n_gaps++;
    fprintf(stderr, "gap: %.*s: %.*s %.*s\n", STR_FMT(b->tree.entry[s->entry].path),
            STR_FMT(reason), STR_FMT(detail));
    return OK;
}

static int run(struct bench *b, struct str rules, struct str tree, struct str cache, size_t workers)
{
    struct yara_source *source;
    struct error error = {0};
    size_t n;
    double start = clock_seconds();
    if (yara_sources(&b->arena, &rules, 1, &source, &n, &error) != OK ||
        yara_set_load(source, n, cache, &b->set, &error) != OK) {
        fprintf(stderr, "error: %s\n", error.text);
        return 1;
    }
    double loaded = clock_seconds();
    for (size_t i = 0; i < yara_set_problems(b->set); i++) {
        struct yara_problem p = yara_set_problem(b->set, i);
        fprintf(stderr, "problem: %.*s:%u: %.*s\n", STR_FMT(p.source), p.line, STR_FMT(p.reason));
    }
    if (io_list(&b->arena, &tree, 1, &b->tree, &error) != OK)
        return 1;
    first_pass(b, workers);
    double watched = clock_seconds();
    struct yara_pass pass = {.set = b->set,
                             .tree = &b->tree,
                             .suspect = b->suspect.v,
                             .n_suspects = b->suspect.n,
                             .n_workers = workers,
                             .match = on_match,
                             .gap = on_gap,
                             .ctx = b};
    if (yara_pass_run(&pass, &error) != OK)
        return 1;
    double done = clock_seconds();
    struct rusage self, kids;
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &kids);
    fprintf(stderr,
            "%zu rules of %zu files: load %.3f s, watch %.3f s, check %.3f s; %zu files, %zu "
            "suspects for %zu rules, %zu matches, %zu gaps; %ld + %ld MB at most\n",
            yara_set_rules(b->set), n, loaded - start, watched - loaded, done - watched, b->tree.n,
            b->suspect.n, b->n_rules, b->n_matches, b->n_gaps, self.ru_maxrss / 1024,
            kids.ru_maxrss / 1024);
    return 0;
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct str cache = STR_NONE;
    size_t workers = 1;
    int option;
    while ((option = getopt(argc, argv, "j:c:nsq")) >= 0) {
        if (option == 'j')
            workers = (size_t)strtoul(optarg, NULL, 10);
        else if (option == 'c')
            cache = str_of(optarg);
        b.no_externals = b.no_externals || option == 'n';
        b.strings = b.strings || option == 's';
        b.quiet = b.quiet || option == 'q';
    }
    arena_init(&b.arena, (size_t)1 << 31);
    b.shared = proc_shared_new();
    if (argc - optind != 2 || workers < 1 || workers > MOST_WORKERS || !b.shared)
        return 2;
    if (cache.p && folder_make(cache, NULL) != OK)
        return 2;
    int rc = run(&b, str_of(argv[optind]), str_of(argv[optind + 1]), cache, workers);
    io_tree_close(&b.tree);
    yara_set_free(b.set);
    vec_done(&b.suspect);
    proc_shared_free(b.shared);
    arena_done(&b.arena);
    return rc;
}
