#include "match/fold.h"

#include "base/utf.h"

/* Ranges in which upper and lower case alternate, or lie a fixed distance apart. 0x3c2 is the final
 * sigma, which folds to the sigma behind it. */
static const struct range {
    uint16_t first, last;
    int16_t add; /* 0: pairs that start at an even number; 1: at an odd one */
} ranges[] = {
    {0xc0, 0xd6, 32},   {0xd8, 0xde, 32},     {0x100, 0x12e, 0},    {0x132, 0x136, 0},
    {0x139, 0x147, 1},  {0x14a, 0x176, 0},    {0x178, 0x178, -121}, {0x179, 0x17d, 1},
    {0x386, 0x386, 38}, {0x388, 0x38a, 37},   {0x38c, 0x38c, 64},   {0x38e, 0x38f, 63},
    {0x391, 0x3a1, 32}, {0x3a3, 0x3ab, 32},   {0x3c2, 0x3c2, 0},    {0x400, 0x40f, 80},
    {0x410, 0x42f, 32}, {0x460, 0x480, 0},    {0x48a, 0x4be, 0},    {0x4c1, 0x4cd, 1},
    {0x4d0, 0x52e, 0},  {0xff21, 0xff3a, 32},
};

uint32_t fold_char(uint32_t cp)
{
    if (cp < 0x80)
        return ascii_lower((unsigned char)cp);
    for (size_t i = 0; i < ARRAY_LEN(ranges) && cp >= ranges[i].first; i++) {
        if (cp > ranges[i].last)
            continue;
        if (ranges[i].add == 0 || ranges[i].add == 1)
            return cp % 2 == (uint32_t)ranges[i].add ? cp + 1 : cp;
        return (uint32_t)((int32_t)cp + ranges[i].add);
    }
    return cp;
}

bool fold_caseless(uint32_t cp)
{
    if (cp < 0x80)
        return !ascii_alpha((unsigned char)cp);
    return cp >= 0x2000 && (cp < 0xff00 || cp > 0xffff);
}

static size_t encode(uint32_t cp, unsigned char *out)
{
    if (cp < 0x800) {
        out[0] = (unsigned char)(0xc0 | cp >> 6);
        out[1] = (unsigned char)(0x80 | (cp & 0x3f));
        return 2;
    }
    out[0] = (unsigned char)(0xe0 | cp >> 12);
    out[1] = (unsigned char)(0x80 | (cp >> 6 & 0x3f));
    out[2] = (unsigned char)(0x80 | (cp & 0x3f));
    return 3;
}

/* The character that covers byte i lies at most three bytes back; a byte of a broken one stands
 * for itself. */
unsigned char fold_byte(struct str s, size_t i)
{
    unsigned char c = (unsigned char)s.p[i];
    if (c < 0x80)
        return ascii_lower(c);
    size_t at = i;
    while (at > 0 && i - at < 3 && ((unsigned char)s.p[at] & 0xc0) == 0x80)
        at--;
    size_t n;
    int32_t cp = utf8_next(s, at, &n);
    if (cp < 0x80 || cp > 0xffff || at + n <= i)
        return c;
    uint32_t folded = fold_char((uint32_t)cp);
    if (folded == (uint32_t)cp)
        return c;
    unsigned char out[3];
    (void)encode(folded, out);
    return out[i - at];
}

size_t fold_step(struct str s, size_t at)
{
    size_t n;
    (void)utf8_next(s, at, &n);
    return n;
}

void fold_text(char *p, size_t n)
{
    for (size_t i = 0, step; i < n; i += step) {
        int32_t cp = utf8_next(str_make(p, n), i, &step);
        if (cp >= 0 && cp < 0x80)
            p[i] = (char)ascii_lower((unsigned char)cp);
        else if (cp >= 0x80 && cp <= 0xffff && fold_char((uint32_t)cp) != (uint32_t)cp)
            (void)encode(fold_char((uint32_t)cp), (unsigned char *)p + i);
    }
}
