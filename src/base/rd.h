/* rd.h — the cursor reader: the one place where binary input is bounds-checked.
 *
 * What:   little-endian integers, varying slices and sub-readers over a byte range.
 * Input:  hostile. A read past the end sets a sticky error and yields zeros and empty slices.
 * Limits: a sub-reader cannot leave its parent.
 * Owner:  borrows the bytes.
 * Spec:   docs/internals/BASE.md
 */
#ifndef BASE_RD_H
#define BASE_RD_H

#include "base/err.h"
#include "base/str.h"

struct rd {
    const unsigned char *p, *end;
    enum err rc; /* OK, or ERR_FORMAT once anything was read past the end */
};

static inline struct rd rd_of(struct str s)
{
    const unsigned char *p = (const unsigned char *)(s.p ? s.p : "");
    return (struct rd){p, p + s.n, OK};
}
static inline size_t rd_left(const struct rd *r)
{
    return (size_t)(r->end - r->p);
}
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16(struct rd *r);
uint32_t rd_u32(struct rd *r);
uint64_t rd_u64(struct rd *r);
struct str rd_slice(struct rd *r, size_t n);
/* A slice with a 32-bit length in front of it; UINT32_MAX stands for an absent one. */
struct str rd_str(struct rd *r);
struct rd rd_sub(struct rd *r, size_t n);

#endif
