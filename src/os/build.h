/* os/build.h — which build of the program runs.
 *
 * What:   the identifier that the linker made of everything in the program: code and data.
 * Input:  the program's own headers in memory.
 * Limits: BUILD_ID_BYTES.
 * Owner:  the text lies in the program.
 * Spec:   ELF note NT_GNU_BUILD_ID, ld(1) --build-id
 */
#ifndef OS_BUILD_H
#define OS_BUILD_H

#include "base/str.h"

enum { BUILD_ID_BYTES = 64 };

/* Absent if the program was linked without. */
struct str build_id(void);

#endif
