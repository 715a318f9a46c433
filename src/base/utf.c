#include "base/utf.h"

int32_t utf8_next(struct str s, size_t at, size_t *ret_n)
{
    const unsigned char *p = (const unsigned char *)s.p + at;
    size_t left = s.n - at;
    static const uint32_t min[] = {0, 0, 0x80, 0x800, 0x10000};
    *ret_n = 1;
    if (p[0] < 0x80)
        return p[0];
    size_t n = p[0] >= 0xf0 && p[0] <= 0xf4  ? 4
               : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
               : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
                                             : 0;
    if (n == 0 || n > left)
        return UTF_BAD;
    uint32_t cp = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return UTF_BAD;
        cp = cp << 6 | (p[i] & 0x3fu);
    }
    if (cp < min[n] || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
        return UTF_BAD;
    *ret_n = n;
    return (int32_t)cp;
}

bool utf8_valid(struct str s)
{
    size_t n;
    for (size_t i = 0; i < s.n; i += n)
        if (utf8_next(s, i, &n) == UTF_BAD)
            return false;
    return true;
}

void utf8_add(struct buf *b, uint32_t cp)
{
    if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
        cp = 0xfffd;
    if (cp < 0x80) {
        buf_putc(b, (char)cp);
    } else if (cp < 0x800) {
        buf_putc(b, (char)(0xc0 | cp >> 6));
        buf_putc(b, (char)(0x80 | (cp & 0x3f)));
    } else if (cp < 0x10000) {
        buf_putc(b, (char)(0xe0 | cp >> 12));
        buf_putc(b, (char)(0x80 | (cp >> 6 & 0x3f)));
        buf_putc(b, (char)(0x80 | (cp & 0x3f)));
    } else {
        buf_putc(b, (char)(0xf0 | cp >> 18));
        buf_putc(b, (char)(0x80 | (cp >> 12 & 0x3f)));
        buf_putc(b, (char)(0x80 | (cp >> 6 & 0x3f)));
        buf_putc(b, (char)(0x80 | (cp & 0x3f)));
    }
}

static uint32_t unit(struct str s, size_t at, bool big_endian)
{
    unsigned char a = (unsigned char)s.p[at], b = (unsigned char)s.p[at + 1];
    return big_endian ? (uint32_t)(a << 8 | b) : (uint32_t)(b << 8 | a);
}

size_t utf16_to_utf8(struct buf *b, struct str s, bool big_endian, bool last)
{
    size_t i = 0;
    while (i + 2 <= s.n) {
        uint32_t u = unit(s, i, big_endian);
        if (u >= 0xd800 && u < 0xdc00) {
            if (i + 4 > s.n && !last)
                break;
            uint32_t low = i + 4 <= s.n ? unit(s, i + 2, big_endian) : 0;
            if (low >= 0xdc00 && low < 0xe000) {
                utf8_add(b, 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00));
                i += 4;
                continue;
            }
        }
        utf8_add(b, u);
        i += 2;
    }
    if (last && i < s.n) {
        utf8_add(b, 0xfffd);
        i = s.n;
    }
    return i;
}

size_t utf16_units(struct str utf8)
{
    size_t units = 0, n;
    for (size_t i = 0; i < utf8.n; i += n)
        units += utf8_next(utf8, i, &n) > 0xffff ? 2 : 1;
    return units;
}
