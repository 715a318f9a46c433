/* os/table.h — memory for tables that are looked into at random.
 *
 * What:   zeroed memory on few large pages, where the kernel gives them: with small ones, finding
 *         the page takes longer than reading it.
 * Input:  none.
 * Limits: none.
 * Owner:  the caller frees it with free().
 * Spec:   docs/internals/OS.md
 */
#ifndef OS_TABLE_H
#define OS_TABLE_H

#include <stddef.h>

/* n zeroed items of that size, n * size a multiple of 2 MiB; NULL: no memory. */
void *table_new(size_t n, size_t size);

#endif
