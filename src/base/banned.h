/* banned.h — calls that this program does not make; using one is a compile error.
 *
 * What:   poisons libc functions that are unsafe on hostile input. Forced in with -include.
 * Input:  none.
 * Limits: raw open/fopen are allowed in os/ only, which tools/check_layers.py verifies.
 * Owner:  none.
 * Spec:   docs/internals/BASE.md
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets
#pragma GCC poison gmtime localtime ctime asctime atoi atol atoll system popen mktemp tmpnam

#endif
