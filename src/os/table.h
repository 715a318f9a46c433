/* os/table.h — memory for tables that are looked into at random.
 *
 * What:   zeroed memory on few large pages, where the kernel gives them: with small ones, finding
 *         the page takes longer than reading it. A process that is forked off does not get it:
 * pages that two processes have would be copied when they are written, and small from then on.
 * Input:  none.
 * Limits: none.
 * Owner:  table_new/table_free, in the process that made it.
 * Spec:   docs/internals/OS.md
 */
#ifndef OS_TABLE_H
#define OS_TABLE_H

#include <stddef.h>

/* n zeroed items of that size; NULL: no memory. */
void *table_new(size_t n, size_t size);
void *table_free(void *table, size_t n, size_t size);

#endif
