#include "base/utf.h"
#include "codec/codec.h"

/* The value of n hexadecimal digits at s[at], or -1. */
static int32_t hex_at(struct str s, size_t at, size_t n)
{
    int32_t v = 0;
    if (at > s.n || n > s.n - at)
        return -1;
    for (size_t i = at; i < at + n; i++) {
        int digit = ascii_hex((unsigned char)s.p[i]);
        if (digit < 0)
            return -1;
        v = v * 16 + digit;
    }
    return v;
}

/* One escape at s[at]; returns its length, 0 if it is none. */
static size_t decode_one(struct buf *b, struct str s, size_t at)
{
    int32_t v = hex_at(s, at + 1, 2);
    if (v >= 0) {
        buf_putc(b, (char)v);
        return 3;
    }
    if (at + 1 >= s.n || (s.p[at + 1] | 32) != 'u' || (v = hex_at(s, at + 2, 4)) < 0)
        return 0;
    /* A surrogate pair is written as two such escapes. */
    if (v >= 0xd800 && v < 0xdc00 && at + 7 < s.n && s.p[at + 6] == '%' &&
        (s.p[at + 7] | 32) == 'u') {
        int32_t low = hex_at(s, at + 8, 4);
        if (low >= 0xdc00 && low < 0xe000) {
            utf8_add(b, 0x10000u + (((uint32_t)v - 0xd800u) << 10) + ((uint32_t)low - 0xdc00u));
            return 12;
        }
    }
    utf8_add(b, (uint32_t)v);
    return 6;
}

bool url_decode(struct buf *b, struct str s, bool plus_is_blank)
{
    bool changed = false;
    size_t plain = 0, i = 0;
    while (i < s.n) {
        size_t used = 0;
        if (s.p[i] == '+' && plus_is_blank) {
            buf_add(b, s.p + plain, i - plain);
            buf_putc(b, ' ');
            used = 1;
        } else if (s.p[i] == '%' && i + 2 < s.n) {
            buf_add(b, s.p + plain, i - plain);
            plain = i;
            used = decode_one(b, s, i);
        }
        changed |= used > 0;
        i += used ? used : 1;
        if (used)
            plain = i;
    }
    if (s.n > plain)
        buf_add(b, s.p + plain, s.n - plain);
    return changed;
}
