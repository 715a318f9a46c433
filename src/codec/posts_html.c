#include "codec/posts_priv.h"

#include "base/utf.h"

/* Elements of which nothing is text, and those that stand on lines of their own. */
static const struct str silent[] = {{"script", 6}, {"style", 5}};
static const struct str blocks[] = {
    {"p", 1},           {"br", 2}, {"div", 3}, {"li", 2}, {"tr", 2}, {"h1", 2},
    {"h2", 2},          {"h3", 2}, {"h4", 2},  {"h5", 2}, {"h6", 2}, {"hr", 2},
    {"blockquote", 10}, {"ul", 2}, {"pre", 3}, {"ol", 2}, {"td", 2},
};

struct entity {
    struct str name;
    uint32_t cp;
};
static const struct entity entities[] = {
    {{"amp", 3}, '&'},       {{"lt", 2}, '<'},       {{"gt", 2}, '>'},       {{"quot", 4}, '"'},
    {{"apos", 4}, '\''},     {{"nbsp", 4}, ' '},     {{"ndash", 5}, 0x2013}, {{"mdash", 5}, 0x2014},
    {{"hellip", 6}, 0x2026}, {{"lsquo", 5}, 0x2018}, {{"rsquo", 5}, 0x2019}, {{"ldquo", 5}, 0x201c},
    {{"rdquo", 5}, 0x201d},  {{"laquo", 5}, 0xab},   {{"raquo", 5}, 0xbb},   {{"bull", 4}, 0x2022},
    {{"copy", 4}, 0xa9},     {{"reg", 3}, 0xae},     {{"trade", 5}, 0x2122}, {{"euro", 4}, 0x20ac},
};

static bool among(const struct str *list, size_t n, struct str word)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(list[i], word))
            return true;
    return false;
}

/* UTF-8 of one code point; never longer than the reference that names it. */
static size_t put(char *out, uint32_t cp)
{
    if (cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
        cp = 0xfffd;
    if (cp < 0x80)
        return out[0] = (char)cp, 1;
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, cp >>= 6)
        out[i] = (char)(0x80 | (cp & 0x3f));
    out[0] = (char)(lead[n] | cp);
    return n;
}

/* "#38" or "#x26"; false if it is none. */
static bool number(struct str name, uint32_t *ret_cp)
{
    bool hex = name.n > 1 && (name.p[1] | 32) == 'x';
    size_t from = hex ? 2 : 1;
    uint32_t cp = 0;
    if (name.n <= from)
        return false;
    for (size_t i = from; i < name.n; i++) {
        int d = ascii_hex((unsigned char)name.p[i]);
        if (d < 0 || (d > 9 && !hex))
            return false;
        cp = cp > 0x110000 ? cp : cp * (hex ? 16 : 10) + (uint32_t)d;
    }
    *ret_cp = cp;
    return true;
}

/* The reference at s[at], which is '&': its length, or 0. */
static size_t reference(struct str s, size_t at, uint32_t *ret_cp)
{
    enum { LONGEST = 12 };
    struct str window = str_sub(s, at + 1, at + 1 + LONGEST);
    ptrdiff_t end = str_chr(window, ';');
    if (end <= 0)
        return 0;
    struct str name = str_sub(window, 0, (size_t)end);
    if (name.p[0] == '#')
        return number(name, ret_cp) ? name.n + 2 : 0;
    for (size_t i = 0; i < ARRAY_LEN(entities); i++)
        if (str_eq(entities[i].name, name))
            return *ret_cp = entities[i].cp, name.n + 2;
    return 0;
}

struct html {
    struct str s;
    size_t at;
    char *out;
    size_t n;
};

static void newline(struct html *h)
{
    if (h->n && h->out[h->n - 1] != '\n')
        h->out[h->n++] = '\n';
}

/* Behind the end of this element; to the end of the text if it has none. */
static void skip_silent(struct html *h, struct str name)
{
    for (;;) {
        struct str rest = str_sub(h->s, h->at, h->s.n);
        ptrdiff_t at = str_find(rest, STR("</"));
        if (at < 0) {
            h->at = h->s.n;
            return;
        }
        h->at += (size_t)at + 2;
        if (str_istarts(str_sub(h->s, h->at, h->s.n), name))
            break;
    }
    ptrdiff_t end = str_chr(str_sub(h->s, h->at, h->s.n), '>');
    h->at = end < 0 ? h->s.n : h->at + (size_t)end + 1;
}

/* At '<'. What is no tag stays as it is: "a < b". */
static void tag(struct html *h)
{
    struct str rest = str_sub(h->s, h->at, h->s.n);
    size_t name_at = rest.n > 1 && rest.p[1] == '/' ? 2 : 1, name_end = name_at;
    if (str_starts(rest, STR("<!--"))) {
        ptrdiff_t end = str_find(rest, STR("-->"));
        h->at = end < 0 ? h->s.n : h->at + (size_t)end + 3;
        return;
    }
    while (name_end < rest.n && (ascii_alpha((unsigned char)rest.p[name_end]) ||
                                 ascii_digit((unsigned char)rest.p[name_end])))
        name_end++;
    bool is_tag = name_end > name_at || (rest.n > 1 && (rest.p[1] == '!' || rest.p[1] == '?'));
    ptrdiff_t end = is_tag ? str_chr(rest, '>') : -1;
    if (end < 0) {
        h->out[h->n++] = '<';
        h->at++;
        /* Without a '>' no later '<' begins a tag either: looked for once only. */
        if (is_tag) {
            memcpy(h->out + h->n, rest.p + 1, rest.n - 1);
            h->n += rest.n - 1;
            h->at = h->s.n;
        }
        return;
    }
    h->at += (size_t)end + 1;
    struct str name = str_sub(rest, name_at, name_end);
    if (among(blocks, ARRAY_LEN(blocks), name))
        newline(h);
    else if (name_at == 1 && among(silent, ARRAY_LEN(silent), name))
        skip_silent(h, name);
}

struct str post_html(struct arena *arena, struct str html)
{
    if (!html.n || (str_chr(html, '<') < 0 && str_chr(html, '&') < 0))
        return html;
    struct html h = {.s = html, .out = arena_alloc(arena, html.n + 1)};
    if (!h.out)
        return STR_NONE;
    while (h.at < html.n) {
        uint32_t cp;
        size_t n;
        if (html.p[h.at] == '<') {
            tag(&h);
        } else if (html.p[h.at] == '&' && (n = reference(html, h.at, &cp))) {
            h.n += put(h.out + h.n, cp);
            h.at += n;
        } else {
            h.out[h.n++] = html.p[h.at++];
        }
    }
    return str_trim(str_make(h.out, h.n));
}
