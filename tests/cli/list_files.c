/* Lists what is in files and folders, as a scan does before it sweeps: a line a file, then the
 * gaps. usage: list_files [--read] PATH...   --read: also reads all members, and tells how many
 * bytes */
#include "base/buf.h"
#include "codec/container.h"
#include "output/escape.h"
#include "scan/listing.h"

#include <stdio.h>
#include <string.h>

static void put(struct str s)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    escape_terminal(&b, s, true);
    (void)fwrite(b.p ? b.p : "", 1, b.n, stdout);
    buf_done(&b);
}

static enum err gap(void *ctx, const struct errand_gap *g)
{
    (void)ctx;
    printf("gap ");
    put(g->file);
    printf(" %.*s: ", STR_FMT(g->reason));
    put(g->detail);
    putchar('\n');
    return OK;
}

static void show(const struct listed *f)
{
    put(f->path);
    printf("%s%s%s", f->container ? " container" : "", f->about ? " about" : "",
           f->twin ? " twin" : "");
    if (f->original.p) {
        printf(" was ");
        put(f->original);
    }
    if (f->host.p) {
        printf(" of ");
        put(f->host);
    }
    if (f->skip.p)
        printf(" (%.*s)", STR_FMT(f->skip));
    putchar('\n');
}

/* All members of one container, the way a sweep takes them. */
static uint64_t read_members(int fd)
{
    static char bytes[256 * 1024];
    struct container *c;
    struct container_member m;
    uint64_t sum = 0;
    enum err rc = container_open(fd, NULL, &c, NULL);
    while (!rc || rc == ERR_FORMAT || rc == ERR_LIMIT || rc == ERR_UNSUPPORTED) {
        size_t n = 1;
        rc = c ? container_next(c, &m, NULL) : END;
        if (rc || m.kind != CONTAINER_FILE || m.container || m.skip.p)
            continue;
        while (n && container_read(c, bytes, sizeof bytes, &n, NULL) == OK)
            sum += n;
    }
    container_close(c);
    return sum;
}

int main(int argc, char **argv)
{
    bool reads = argc > 1 && strcmp(argv[1], "--read") == 0;
    struct str path[64];
    size_t n = 0;
    struct arena arena;
    struct io_tree tree;
    struct listing listing;
    struct listing_calls calls = {.gap = gap};
    struct error why = {0};
    arena_init(&arena, (size_t)2 << 30);
    for (int i = 1 + reads; i < argc && n < 64; i++)
        path[n++] = str_of(argv[i]);
    enum err rc = io_list(&arena, path, n, &tree, &why);
    if (!rc)
        rc = listing_make(&arena, &tree, &calls, &listing, &why);
    if (rc) {
        fprintf(stderr, "error: %s\n", why.text);
        return 1;
    }
    for (size_t i = 0; i < listing.n; i++) {
        const struct listed *f = &listing.file[i];
        int fd;
        show(f);
        if (!reads || f->member || !f->container || io_open_entry(&tree, f->entry, &fd, &why))
            continue;
        printf("read %lu bytes\n", (unsigned long)read_members(fd));
        io_close(fd);
    }
    io_tree_close(&tree);
    arena_done(&arena);
    return 0;
}
