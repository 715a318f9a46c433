#include "base/vec.h"

#include <stdint.h>

enum err vec_grow(void **v, size_t n, size_t *cap, size_t size, size_t max)
{
    size_t want = *cap ? *cap * 2 : 8, bytes;
    if (want > max)
        want = max;
    if (want <= n)
        return ERR_LIMIT;
    if (__builtin_mul_overflow(want, size, &bytes))
        return ERR_LIMIT;
    void *p = realloc(*v, bytes);
    if (!p)
        return ERR_NOMEM;
    *v = p;
    *cap = want;
    return OK;
}
