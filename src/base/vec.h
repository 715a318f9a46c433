/* vec.h — a growing array of any type, on the heap.
 *
 * What:   struct { T *v; size_t n, cap; } and three macros; for coordinator-side lists.
 * Input:  counts may follow hostile input: give vec_push a maximum.
 * Limits: the max argument of vec_push, in items.
 * Owner:  vec_done frees the array, not what its items point to.
 * Spec:   docs/internals/BASE.md
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/err.h"

#include <stddef.h>
#include <stdlib.h>

#define VEC(T)                                                                                     \
    struct {                                                                                       \
        T *v;                                                                                      \
        size_t n, cap;                                                                             \
    }

/* Makes room for one more item of size bytes: OK, ERR_LIMIT or ERR_NOMEM. */
MUST_CHECK enum err vec_grow(void **v, size_t n, size_t *cap, size_t size, size_t max);

/* An expression of type enum err. */
#define vec_push(vec, item, max)                                                                   \
    ({                                                                                             \
        enum err vec_rc_ = OK;                                                                     \
        if ((vec)->n == (vec)->cap)                                                                \
            vec_rc_ = vec_grow((void **)&(vec)->v, (vec)->n, &(vec)->cap, sizeof *(vec)->v, max);  \
        if (!vec_rc_)                                                                              \
            (vec)->v[(vec)->n++] = (item);                                                         \
        vec_rc_;                                                                                   \
    })

#define vec_done(vec)                                                                              \
    do {                                                                                           \
        free((vec)->v);                                                                            \
        (vec)->v = NULL;                                                                           \
        (vec)->n = (vec)->cap = 0;                                                                 \
    } while (0)

#endif
