#include "output/defang.h"

#include "base/ip.h"

static bool is_host_byte(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || c == '-' || c == '.' || c == '_';
}

static const struct scheme {
    struct str plain;
    const char *safe;
} schemes[] = {
    {{"https://", 8}, "hxxps://"},
    {{"http://", 7}, "hxxp://"},
    {{"ftp://", 6}, "fxp://"},
    {{"www.", 4}, "www[.]"}, /* mail readers make links of these, too */
};

/* A URL's scheme and host; returns how many bytes were taken, 0 if none starts here. */
static size_t take_url(struct buf *b, struct str rest)
{
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (!str_istarts(rest, schemes[i].plain))
            continue;
        size_t at = schemes[i].plain.n;
        buf_puts(b, schemes[i].safe);
        for (; at < rest.n && is_host_byte((unsigned char)rest.p[at]); at++)
            buf_puts(b, rest.p[at] == '.' ? "[.]" : (char[2]){rest.p[at], 0});
        return at;
    }
    return 0;
}

/* An address that stands by itself, the last dot in brackets. */
static size_t take_address(struct buf *b, struct str rest)
{
    uint32_t v4;
    size_t n = 0;
    while (n < rest.n && (ascii_digit((unsigned char)rest.p[n]) || rest.p[n] == '.'))
        n++;
    while (n && rest.p[n - 1] == '.') /* the end of a sentence */
        n--;
    struct str text = str_sub(rest, 0, n);
    if (!ip4_parse(text, &v4) || ip_is_internal(ip_of4(v4)) ||
        (n < rest.n && is_host_byte((unsigned char)rest.p[n]) && rest.p[n] != '.'))
        return 0;
    size_t dot = (size_t)str_rchr(text, '.');
    buf_str(b, str_sub(text, 0, dot));
    buf_puts(b, "[.]");
    buf_str(b, str_sub(text, dot + 1, n));
    return n;
}

size_t defang_next(struct buf *b, struct str text, size_t at)
{
    unsigned char c = (unsigned char)text.p[at], before = at ? (unsigned char)text.p[at - 1] : ' ';
    struct str rest = str_sub(text, at, text.n);
    size_t n = !is_host_byte(before) && ascii_digit(c) ? take_address(b, rest) : 0;
    if (!n && ascii_alpha(c) && !ascii_alpha(before))
        n = take_url(b, rest);
    if (n)
        return n;
    buf_putc(b, text.p[at]);
    return 1;
}

void defang(struct buf *b, struct str text)
{
    for (size_t i = 0; i < text.n;)
        i += defang_next(b, text, i);
}
