#include "base/rd.h"

static const unsigned char *take(struct rd *r, size_t n)
{
    if (r->rc || n > rd_left(r)) {
        r->rc = ERR_FORMAT;
        return NULL;
    }
    const unsigned char *p = r->p;
    r->p += n;
    return p;
}

uint8_t rd_u8(struct rd *r)
{
    const unsigned char *p = take(r, 1);
    return p ? *p : 0;
}

uint16_t rd_u16(struct rd *r)
{
    const unsigned char *p = take(r, 2);
    return p ? (uint16_t)(p[0] | p[1] << 8) : 0;
}

uint32_t rd_u32(struct rd *r)
{
    const unsigned char *p = take(r, 4);
    return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24
             : 0;
}

uint64_t rd_u64(struct rd *r)
{
    const unsigned char *p = take(r, 8);
    uint64_t v = 0;
    for (int i = 7; p && i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

struct str rd_slice(struct rd *r, size_t n)
{
    const unsigned char *p = take(r, n);
    return p ? str_make((const char *)p, n) : STR("");
}

struct str rd_str(struct rd *r)
{
    uint32_t n = rd_u32(r);
    return n == UINT32_MAX ? STR_NONE : rd_slice(r, n);
}

struct rd rd_sub(struct rd *r, size_t n)
{
    return rd_of(rd_slice(r, n));
}
