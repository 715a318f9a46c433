/* buf.h — a growing byte buffer that was born with a maximum.
 *
 * What:   append bytes, text and formatted numbers; errors stick, so that a writer checks once.
 * Input:  anything.
 * Limits: the maximum given to buf_init; passing it sets the sticky error and appends nothing.
 * Owner:  the buffer owns its memory until buf_done; buf_str borrows it until the next append.
 * Spec:   docs/internals/BASE.md
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"
#include "base/str.h"

struct buf {
    char *p;
    size_t n, cap, max;
    enum err rc; /* sticky: OK, ERR_LIMIT or ERR_NOMEM */
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_done(struct buf *b);
/* Empties the buffer and clears the sticky error; keeps the memory. */
void buf_reset(struct buf *b);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_puts(struct buf *b, const char *c_string);
void buf_putc(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Room for n more bytes at the end, not yet counted; NULL sets the sticky error. */
char *buf_reserve(struct buf *b, size_t n);

static inline struct str buf_view(const struct buf *b)
{
    return str_make(b->p ? b->p : "", b->n);
}

#endif
