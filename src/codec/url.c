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

/* Not ":", which stands before the slashes of every absolute address, nor what no path holds. */
const char url_before_slashes[] = "abcdefghijklmnopqrstuvwxyz0123456789 ,\"'.-_~)=?+/";

bool url_untidy(struct str s)
{
    const char *end = s.p + s.n;
    for (const char *p = s.p; s.n && (p = memchr(p, '/', (size_t)(end - p))) && ++p < end;)
        if (*p == '/' || *p == '.' || *p == '(')
            return true;
    return false;
}

static bool doubles(const char *out, size_t n)
{
    if (n == 0 || out[n - 1] != '/')
        return false;
    unsigned char before = n > 1 ? (unsigned char)out[n - 2] : ' ';
    return before && strchr(url_before_slashes, ascii_lower(before));
}

/* "(S(abc))" with only a few letters in front: ASP.NET takes it out of the path. */
static bool is_session(struct str segment)
{
    if (segment.n < 6 || segment.p[0] != '(' || segment.p[2] != '(' ||
        segment.p[segment.n - 1] != ')' || segment.p[segment.n - 2] != ')')
        return false;
    for (size_t i = 0; i < segment.n; i++)
        if (strchr(" ,\"+?", segment.p[i]))
            return false;
    return strchr("asf", ascii_lower((unsigned char)segment.p[1])) != NULL;
}

/* May a segment be taken back by the ".." behind it? */
static bool goes_back(struct str segment)
{
    if (segment.n == 0 || str_eq(segment, STR("..")))
        return false;
    for (size_t i = 0; i < segment.n; i++)
        if (segment.p[i] == 0 || strchr(" ,\"+?", segment.p[i]))
            return false;
    return true;
}

/* A slash is due behind out[0..n): where does what is kept end? Behind a slash if it is less. */
static size_t close_segment(const char *out, size_t n)
{
    ptrdiff_t slash = str_rchr(str_make(out, n), '/');
    if (slash < 0)
        return n;
    size_t from = (size_t)slash + 1;
    struct str segment = str_make(out + from, n - from);
    if (str_eq(segment, STR(".")) || is_session(segment))
        return from;
    if (!str_eq(segment, STR("..")))
        return n;
    ptrdiff_t before = str_rchr(str_make(out, from - 1), '/');
    if (before < 0 || (before > 0 && out[before - 1] == '/')) /* never beyond the host's name */
        return n;
    struct str back = str_make(out + before + 1, from - 1 - (size_t)before - 1);
    return goes_back(back) ? (size_t)before + 1 : n;
}

size_t url_tidy(struct str s, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '/') {
            out[n++] = s.p[i];
            continue;
        }
        size_t kept = close_segment(out, n);
        bool taken = kept < n;
        n = kept;
        if (!taken && !doubles(out, n))
            out[n++] = '/';
    }
    return n;
}
