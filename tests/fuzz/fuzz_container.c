/* Any bytes as an archive. The walk ends, within its budgets; ordinals rise; each end is told once;
 * a second walk that reads nothing meets the same members in the same order. */
#include "base/hash.h"
#include "base/utf.h"
#include "codec/container.h"
#include "os/io.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As in the sandbox, a dictionary of gigabytes is refused and becomes a limit. */
const char *__asan_default_options(void); /* NOLINT: the sanitizer's name */

const char *__asan_default_options(void) /* NOLINT */
{
    return "max_allocation_size_mb=512:allocator_may_return_null=1";
}

enum { MOST_MEMBERS = 20000, MOST_READ = 8 * 1024 * 1024 };

static void read_member(struct container *c, uint64_t *left)
{
    static char bytes[64 * 1024];
    struct error why = {0};
    size_t n = 1;
    enum err rc = OK;
    while (!rc && n && *left) {
        rc = container_read(c, bytes, sizeof bytes, &n, &why);
        assert(n <= sizeof bytes && (rc == OK || n == 0));
        *left -= n < *left ? n : *left;
    }
    if (!rc)
        return;
    assert(rc == ERR_FORMAT || rc == ERR_LIMIT || rc == ERR_UNSUPPORTED);
    assert(why.text[0]);
    assert(container_read(c, bytes, 1, &n, NULL) == rc && n == 0);
}

/* A number for what the walk met. */
static uint64_t walk(int fd, bool reads)
{
    struct container *c;
    struct container_member m;
    struct error why = {0};
    uint64_t met = 0, left = MOST_READ;
    uint32_t ordinal = 0;
    enum err rc = container_open(fd, NULL, &c, &why);
    assert(!rc == (c != NULL) && (!rc || why.text[0]));
    for (int i = 0; c && i < MOST_MEMBERS; i++) {
        rc = container_next(c, &m, &why);
        if (rc == END)
            break;
        met = met * 31 + hash64(m.path, 7) + (uint64_t)(rc < 0);
        if (rc) {
            assert(rc == ERR_FORMAT || rc == ERR_LIMIT || rc == ERR_UNSUPPORTED);
            assert(why.text[0] && m.path.p);
            continue;
        }
        assert(m.ordinal == ordinal++ && m.depth < CONTAINER_DEPTH);
        assert(m.path.n <= CONTAINER_PATH_BYTES && utf8_valid(m.path));
        if (reads && m.kind == CONTAINER_FILE && !m.container && !m.skip.p)
            read_member(c, &left);
    }
    container_close(c);
    return met;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || io_write(fd, data, size))
        abort();
    uint64_t first = walk(fd, false);
    assert(walk(fd, false) == first);
    (void)walk(fd, true);
    close(fd);
    return 0;
}
