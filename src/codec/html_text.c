#include "codec/html_text.h"

#include "base/utf.h"

enum {
    LONGEST_NAME = 10,   /* of a letter: "thetasym" has 8 */
    LONGEST_NUMBER = 10, /* "#x0010ffff" */
    TAG_NAME = 32,
    HIDDEN_NAMES = 8,
};

struct html {
    struct str s;
    size_t at;
    struct buf *out;
    size_t start; /* of what we wrote */
    unsigned flags, quotes, pre;
    unsigned lines; /* owed before the next letter */
    bool blank;     /* the same, weaker */
    /* Looked for once and not found: no later search can succeed, which keeps the work linear. */
    bool no_end, no_comment_end, no_quote[2];
    struct str endless[HIDDEN_NAMES];
    size_t endless_n;
};

/* --- references --- */

/* What the numbers 128 to 159 mean to every browser: windows-1252. */
static const uint16_t c1[32] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

/* "#39", "#x27" at s[0]: how long it is without the semicolon, 0 if it is none. */
static size_t number(struct str s, uint32_t *ret_cp)
{
    bool hex = s.n > 1 && (s.p[1] | 32) == 'x';
    size_t first = hex ? 2 : 1, i = first;
    uint32_t cp = 0;
    for (; i < s.n && i < LONGEST_NUMBER; i++) {
        int digit = ascii_hex((unsigned char)s.p[i]);
        if (digit < 0 || (digit > 9 && !hex))
            break;
        cp = cp > 0x10ffff ? cp : cp * (hex ? 16 : 10) + (uint32_t)digit;
    }
    if (i == first)
        return 0;
    *ret_cp = cp >= 0x80 && cp < 0xa0 ? c1[cp - 0x80] : cp ? cp : 0xfffd;
    return i;
}

static size_t name(struct str s, uint32_t *ret_cp)
{
    size_t n = 0;
    while (n < s.n && n < LONGEST_NAME &&
           (ascii_alpha((unsigned char)s.p[n]) || (n && ascii_digit((unsigned char)s.p[n]))))
        n++;
    if (n == s.n || s.p[n] != ';') /* "&copy=1" is part of an address */
        return 0;
    *ret_cp = html_letter(str_make(s.p, n));
    return *ret_cp ? n : 0;
}

/* The reference at s[at], which is '&': its length, 0 if it is none. */
static size_t reference(struct str s, size_t at, uint32_t *ret_cp)
{
    struct str rest = str_make(s.p + at + 1, s.n - at - 1);
    if (rest.n == 0)
        return 0;
    size_t n = rest.p[0] == '#' ? number(rest, ret_cp) : name(rest, ret_cp);
    return n == 0 ? 0 : 1 + n + (n < rest.n && rest.p[n] == ';');
}

void html_letters(struct buf *out, struct str text)
{
    size_t from = 0;
    const char *p;
    while (from < text.n && (p = memchr(text.p + from, '&', text.n - from))) {
        size_t at = (size_t)(p - text.p);
        uint32_t cp = '&';
        size_t n = reference(text, at, &cp);
        buf_add(out, text.p + from, at - from);
        utf8_add(out, cp == 0xa0 ? ' ' : cp);
        from = at + (n ? n : 1);
    }
    if (from < text.n)
        buf_add(out, text.p + from, text.n - from);
}

/* --- writing --- */

static void settle(struct html *h)
{
    bool first = h->out->n == h->start;
    if (!first && h->lines)
        buf_add(h->out, "\n\n", h->lines > 2 ? 2 : h->lines);
    else if (!first && h->blank)
        buf_putc(h->out, ' ');
    h->lines = 0;
    h->blank = false;
}

static void letters(struct html *h, struct str s)
{
    if (h->quotes)
        return;
    settle(h);
    buf_add(h->out, s.p, s.n);
}

static void end_line(struct html *h, unsigned lines)
{
    if (h->quotes == 0 && h->lines < lines)
        h->lines = lines;
}

static void white(struct html *h, char c)
{
    if (h->quotes)
        return;
    if (h->pre && c == '\n')
        h->lines++;
    else
        h->blank = true;
}

static void code_point(struct html *h, uint32_t cp)
{
    if (cp == 0xa0 || cp <= ' ') {
        white(h, cp == '\n' ? '\n' : ' ');
    } else if (cp != 0xad && h->quotes == 0) { /* a soft hyphen is nothing to see */
        settle(h);
        utf8_add(h->out, cp);
    }
}

/* --- tags --- */

static ptrdiff_t find_from(const struct html *h, size_t from, char c)
{
    const char *p = from < h->s.n ? memchr(h->s.p + from, c, h->s.n - from) : NULL;
    return p ? p - h->s.p : -1;
}

/* Behind the '>' of a tag whose name ends at `from`; 0 if it has none. A '>' inside quotes does
 * not end it, unless the quote itself has no end. */
static size_t tag_end(struct html *h, size_t from)
{
    bool value = false; /* behind "=": quotes count */
    for (size_t i = from; i < h->s.n; i++) {
        char c = h->s.p[i];
        if (c == '>')
            return i + 1;
        if (value && (c == '"' || c == '\'') && !h->no_quote[c == '"']) {
            ptrdiff_t end = find_from(h, i + 1, c);
            h->no_quote[c == '"'] = end < 0;
            i = end < 0 ? i : (size_t)end;
        }
        value = c == '=' || (value && ascii_space((unsigned char)c));
    }
    h->no_end = true;
    return 0;
}

/* The name of a tag at `from`; empty if there is none. */
static struct str tag_name(const struct html *h, size_t from)
{
    size_t n = 0;
    while (from + n < h->s.n && n < TAG_NAME) {
        unsigned char c = (unsigned char)h->s.p[from + n];
        if (!ascii_alpha(c) && !(n && (ascii_digit(c) || c == ':')))
            break;
        n++;
    }
    return str_make(h->s.p + from, n);
}

/* Goes on behind "</name>", if it comes. */
static void skip_hidden(struct html *h, struct str what)
{
    size_t from = h->at;
    ptrdiff_t at;
    for (size_t i = 0; i < h->endless_n; i++)
        if (str_ieq(h->endless[i], what))
            return;
    while ((at = str_find(str_sub(h->s, from, h->s.n), STR("</"))) >= 0) {
        from += (size_t)at + 2;
        if (!str_ieq(tag_name(h, from), what))
            continue;
        ptrdiff_t end = find_from(h, from, '>');
        h->at = end < 0 ? h->s.n : (size_t)end + 1;
        return;
    }
    if (h->endless_n < HIDDEN_NAMES)
        h->endless[h->endless_n++] = what;
}

static void element(struct html *h, struct str what, bool closes)
{
    enum html_element kind = html_element(what);
    if (kind == HTML_HIDDEN && !closes)
        skip_hidden(h, what);
    if (kind != HTML_BLOCK)
        return;
    if ((h->flags & HTML_NO_QUOTES) && str_ieq(what, STR("blockquote"))) {
        if (!closes)
            end_line(h, 1);
        h->quotes += closes ? (h->quotes ? -1u : 0) : 1;
    }
    if (str_ieq(what, STR("pre")))
        h->pre += closes ? (h->pre ? -1u : 0) : 1;
    if (str_ieq(what, STR("br")))
        h->lines += h->quotes == 0 && !closes;
    else if (str_ieq(what, STR("td")) || str_ieq(what, STR("th")))
        h->blank = true;
    else
        end_line(h, str_ieq(what, STR("p")) ? 2 : 1);
}

static bool comment(struct html *h)
{
    struct str rest = str_make(h->s.p + h->at, h->s.n - h->at);
    if (!str_starts(rest, STR("<!--")) || h->no_comment_end)
        return false;
    ptrdiff_t end = str_find(str_sub(rest, 2, rest.n), STR("-->"));
    h->no_comment_end = end < 0;
    h->at += end < 0 ? 0 : (size_t)end + 5;
    return end >= 0;
}

/* "<http://host/>" and "<name@host>" are none, nor is "<package>". */
static bool is_tag(const struct html *h, size_t from, struct str what)
{
    size_t end = from + what.n;
    char c = end < h->s.n ? h->s.p[end] : 0;
    bool spaced = what.n && what.p[what.n - 1] != ':' && str_chr(what, ':') > 0;
    return what.n && (spaced || html_element(what) != HTML_UNKNOWN) &&
           (c == '>' || c == '/' || ascii_space((unsigned char)c));
}

/* At '<': true if something was taken. */
static bool tag(struct html *h)
{
    size_t at = h->at + 1;
    if (comment(h))
        return true;
    bool closes = at < h->s.n && h->s.p[at] == '/';
    bool other = at < h->s.n && (h->s.p[at] == '!' || h->s.p[at] == '?');
    struct str what = tag_name(h, at + closes);
    if (h->no_end || (!other && !is_tag(h, at + closes, what)))
        return false;
    size_t end = tag_end(h, at + closes + what.n);
    if (!end)
        return false;
    h->at = end;
    element(h, what, closes);
    return true;
}

static bool is_letter(char c)
{
    return c != '<' && c != '&' && c && !ascii_space((unsigned char)c);
}

/* Letters, and single blanks between them. */
static size_t plain_run(const struct html *h)
{
    const char *p = h->s.p;
    size_t i = h->at;
    while (i < h->s.n && (is_letter(p[i]) || (p[i] == ' ' && i > h->at && i + 1 < h->s.n &&
                                              is_letter(p[i - 1]) && is_letter(p[i + 1]))))
        i++;
    return i - h->at;
}

void html_text(struct buf *out, struct str html, unsigned flags)
{
    struct html h = {.s = html, .out = out, .start = out->n, .flags = flags};
    while (h.at < html.n && !out->rc) {
        char c = html.p[h.at];
        uint32_t cp = 0;
        size_t n = plain_run(&h);
        if (n) {
            letters(&h, str_make(html.p + h.at, n));
            h.at += n;
        } else if (c == '<') {
            if (!tag(&h)) {
                letters(&h, STR("<"));
                h.at++;
            }
        } else if (c == '&' && (n = reference(html, h.at, &cp))) {
            code_point(&h, cp);
            h.at += n;
        } else {
            if (c == '&')
                letters(&h, STR("&"));
            else
                white(&h, c);
            h.at++;
        }
    }
}
