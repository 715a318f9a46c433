/* wr.h — the writing side of rd.h: little-endian integers and length-prefixed slices.
 *
 * What:   messages between the program's own processes.
 * Input:  anything.
 * Limits: the buffer's maximum; its sticky error is checked once at the end.
 * Owner:  appends to the caller's buffer.
 * Spec:   docs/internals/BASE.md
 */
#ifndef BASE_WR_H
#define BASE_WR_H

#include "base/buf.h"

static inline void wr_u8(struct buf *b, uint8_t v)
{
    buf_add(b, &v, 1);
}

static inline void wr_u32(struct buf *b, uint32_t v)
{
    unsigned char p[4] = {(unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16),
                          (unsigned char)(v >> 24)};
    buf_add(b, p, 4);
}

static inline void wr_u64(struct buf *b, uint64_t v)
{
    wr_u32(b, (uint32_t)v);
    wr_u32(b, (uint32_t)(v >> 32));
}

/* UINT32_MAX as length stands for an absent slice (p == NULL). */
static inline void wr_str(struct buf *b, struct str s)
{
    wr_u32(b, s.p ? (uint32_t)s.n : UINT32_MAX);
    buf_str(b, s);
}

#endif
