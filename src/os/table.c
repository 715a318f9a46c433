#include "os/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE_BYTES = 2 * 1024 * 1024 };

void *table_new(size_t n, size_t size)
{
    void *p = aligned_alloc(PAGE_BYTES, n * size);
    if (!p)
        return NULL;
    (void)madvise(p, n * size, MADV_HUGEPAGE);
    return memset(p, 0, n * size);
}
