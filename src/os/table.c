#include "os/table.h"

#include <stdint.h>
#include <sys/mman.h>

enum { PAGE_BYTES = 2 * 1024 * 1024 };

static size_t whole_pages(size_t bytes)
{
    return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

void *table_new(size_t n, size_t size)
{
    size_t bytes = whole_pages(n * size);
    /* A page more, so that some address in it is a multiple of the size of a page. */
    char *p =
        mmap(NULL, bytes + PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    size_t before = PAGE_BYTES - (uintptr_t)p % PAGE_BYTES;
    (void)munmap(p, before);
    if (before < PAGE_BYTES)
        (void)munmap(p + before + bytes, PAGE_BYTES - before);
    (void)madvise(p + before, bytes, MADV_HUGEPAGE);
    (void)madvise(p + before, bytes, MADV_DONTFORK);
    return p + before;
}

void *table_free(void *table, size_t n, size_t size)
{
    if (table)
        (void)munmap(table, whole_pages(n * size));
    return NULL;
}
