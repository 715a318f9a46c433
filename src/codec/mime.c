#include "codec/mime.h"

#include "codec/charset.h"
#include "codec/line.h"

/* --- fields --- */

struct mail mail_split(struct str bytes)
{
    struct str rest = bytes, line;
    size_t end = bytes.n, body = bytes.n;
    while (line_next(&rest, &line, NULL)) {
        if (line.n)
            continue;
        end = (size_t)(line.p - bytes.p);
        body = rest.p ? (size_t)(rest.p - bytes.p) : bytes.n;
        break;
    }
    return (struct mail){str_sub(bytes, 0, end), str_sub(bytes, body, bytes.n)};
}

static bool folds(struct str line)
{
    return line.n && (line.p[0] == ' ' || line.p[0] == '\t');
}

struct str mail_field(struct str head, struct str name)
{
    struct str rest = head, line;
    while (line_next(&rest, &line, NULL)) {
        struct str key = str_sub(line, 0, name.n);
        if (!str_ieq(key, name) || line.n <= name.n || folds(line))
            continue;
        struct str value = str_sub(line, name.n, line.n);
        size_t blanks = 0;
        while (blanks < value.n && folds(str_sub(value, blanks, value.n)))
            blanks++;
        if (blanks == value.n || value.p[blanks] != ':')
            continue;
        const char *from = value.p + blanks + 1, *to = line.p + line.n;
        while (line_next(&rest, &line, NULL) && folds(line))
            to = line.p + line.n;
        return str_trim(str_make(from, (size_t)(to - from)));
    }
    return STR_NONE;
}

struct str mail_param(struct str field, struct str name)
{
    struct str rest = field, part;
    (void)str_cut(&rest, ';', &part);
    while (rest.p && str_cut(&rest, ';', &part)) {
        ptrdiff_t equals = str_chr(part, '=');
        if (equals < 0 || !str_ieq(str_trim(str_sub(part, 0, (size_t)equals)), name))
            continue;
        struct str value = str_trim(str_sub(part, (size_t)equals + 1, part.n));
        if (value.n == 0 || value.p[0] != '"')
            return value;
        /* The quotes may hold a ";". */
        struct str open = str_make(value.p + 1, (size_t)(field.p + field.n - value.p) - 1);
        ptrdiff_t end = str_chr(open, '"');
        return end < 0 ? str_sub(value, 1, value.n) : str_sub(open, 0, (size_t)end);
    }
    return STR_NONE;
}

/* --- transfer encodings --- */

static int base64_digit(unsigned char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : ascii_digit(c)       ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

/* Signs that are none are passed over, as RFC 2045 wants. */
static void base64(struct buf *out, struct str s)
{
    uint32_t bits = 0;
    unsigned n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int digit = base64_digit((unsigned char)s.p[i]);
        if (s.p[i] == '=')
            n = 0; /* the end, or the end of one of several pieces */
        if (digit < 0)
            continue;
        bits = bits << 6 | (uint32_t)digit;
        n += 6;
        if (n >= 8) {
            n -= 8;
            buf_putc(out, (char)(bits >> n & 0xff));
        }
    }
}

static void quoted_printable(struct buf *out, struct str s, bool words)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c != '=') {
            buf_putc(out, words && c == '_' ? ' ' : c);
            continue;
        }
        bool two = s.n - i > 2;
        int high = two ? ascii_hex((unsigned char)s.p[i + 1]) : -1;
        int low = two ? ascii_hex((unsigned char)s.p[i + 2]) : -1;
        if (high >= 0 && low >= 0) {
            buf_putc(out, (char)(high * 16 + low));
            i += 2;
            continue;
        }
        size_t end = i + 1; /* a soft end of a line, perhaps behind blanks */
        while (end < s.n && (s.p[end] == ' ' || s.p[end] == '\t' || s.p[end] == '\r'))
            end++;
        if (end < s.n && s.p[end] != '\n')
            buf_putc(out, c);
        else
            i = end;
    }
}

static void convert(struct buf *out, struct str text, struct str charset)
{
    const struct charset *declared = charset.n ? charset_find(charset) : NULL;
    if (!declared || charset_transparent(declared))
        declared = charset_guess(text, declared);
    charset_text(declared, out, text);
}

/* --- encoded words --- */

struct word {
    struct str charset, text;
    bool base64;
};

/* "=?utf-8*en?B?0J/RgNC40LLQtdGC?=" at the front of s: its length, or 0. */
static size_t encoded_word(struct str s, struct word *ret)
{
    enum { LONGEST = 1024 }; /* RFC 2047 says 75, many programs do not */
    struct str rest = str_sub(s, 2, LONGEST), part[3];
    if (!str_starts(s, STR("=?")))
        return 0;
    for (size_t i = 0; i < 2; i++)
        if (!rest.p || !str_cut(&rest, '?', &part[i]) || !rest.p)
            return 0;
    ptrdiff_t end = str_find(rest, STR("?="));
    if (end < 0 || part[1].n != 1 || (str_chr(STR("bBqQ"), part[1].p[0]) < 0))
        return 0;
    ptrdiff_t lang = str_chr(part[0], '*');
    ret->charset = str_sub(part[0], 0, lang < 0 ? part[0].n : (size_t)lang);
    ret->text = str_sub(rest, 0, (size_t)end);
    ret->base64 = (part[1].p[0] | 32) == 'b';
    return (size_t)(rest.p + end + 2 - s.p);
}

static size_t white_run(struct str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && ascii_space((unsigned char)s.p[at + n]))
        n++;
    return n;
}

/* Words of one charset in a row are one text: letters may be cut between them. Returns where
 * they end. */
static size_t word_row(struct buf *out, struct str field, size_t at, struct word *first)
{
    struct buf bytes;
    struct word w = *first;
    size_t end = at, next = at, n;
    buf_init(&bytes, field.n + 1);
    while ((n = encoded_word(str_sub(field, next, field.n), &w)) &&
           str_ieq(w.charset, first->charset)) {
        if (w.base64)
            base64(&bytes, w.text);
        else
            quoted_printable(&bytes, w.text, true);
        end = next + n;
        next = end + white_run(field, end);
    }
    convert(out, buf_view(&bytes), first->charset);
    buf_done(&bytes);
    return n ? next : end; /* blanks between words of two charsets are none either */
}

void mail_words(struct buf *out, struct str field)
{
    size_t at = 0;
    while (at < field.n && !out->rc) {
        struct word w;
        ptrdiff_t next = str_find(str_sub(field, at, field.n), STR("=?"));
        struct str plain = str_sub(field, at, next < 0 ? field.n : at + (size_t)next);
        struct str rest = plain, line;
        for (bool first = true; rest.p && str_cut(&rest, '\n', &line); first = false) {
            if (!first) {
                buf_putc(out, ' ');
                line = str_sub(line, white_run(line, 0), line.n);
            }
            line = line.n && line.p[line.n - 1] == '\r' ? str_sub(line, 0, line.n - 1) : line;
            convert(out, line, STR_NONE);
        }
        at += plain.n;
        if (at == field.n)
            break;
        if (encoded_word(str_sub(field, at, field.n), &w)) {
            at = word_row(out, field, at, &w);
        } else {
            buf_puts(out, "=?");
            at += 2;
        }
    }
}

/* --- addresses --- */

static struct str bare_address(struct str s)
{
    ptrdiff_t open = str_rchr(s, '<'), close = str_rchr(s, '>');
    if (open >= 0 && close > open)
        return str_trim(str_sub(s, (size_t)open + 1, (size_t)close));
    ptrdiff_t comment = str_chr(s, '('); /* "ann@host.example (Ann)" */
    return str_trim(str_sub(s, 0, comment < 0 ? s.n : (size_t)comment));
}

void mail_address(struct buf *out, struct str field)
{
    struct str s = bare_address(field);
    ptrdiff_t at = str_ifind(s, STR(" at ")); /* as archives on the web write it */
    struct str local = at > 0 ? str_sub(s, 0, (size_t)at) : s;
    for (size_t i = 0; i < local.n; i++)
        buf_putc(out, (char)ascii_lower((unsigned char)local.p[i]));
    if (at <= 0)
        return;
    buf_putc(out, '@');
    for (size_t i = (size_t)at + 4; i < s.n; i++)
        buf_putc(out, (char)ascii_lower((unsigned char)s.p[i]));
}

/* --- parts --- */

struct choice {
    struct mail plain, html;
    bool has_plain, has_html;
};

static bool attached(struct str head)
{
    return str_istarts(mail_field(head, STR("Content-Disposition")), STR("attachment"));
}

static bool blank(struct str s)
{
    return str_trim(s).n == 0;
}

static void choose(struct choice *c, struct mail m, unsigned depth);

/* Each part between lines that start with "--boundary", and what no last one ends. */
static void choose_of_many(struct choice *c, struct str body, struct str boundary, unsigned depth)
{
    struct str rest = body, line;
    const char *part = NULL;
    while (!c->has_plain && line_next(&rest, &line, NULL)) {
        bool dashes = line.n >= boundary.n + 2 && line.p[0] == '-' && line.p[1] == '-';
        if (!dashes || !str_starts(str_sub(line, 2, line.n), boundary))
            continue;
        if (part)
            choose(c, mail_split(str_make(part, (size_t)(line.p - part))), depth + 1);
        part = rest.p;
        if (str_eq(str_sub(line, boundary.n + 2, boundary.n + 4), STR("--")))
            return;
    }
    if (part && !c->has_plain)
        choose(c, mail_split(str_make(part, (size_t)(body.p + body.n - part))), depth + 1);
}

static void choose(struct choice *c, struct mail m, unsigned depth)
{
    struct str type = mail_field(m.head, STR("Content-Type"));
    if (depth && attached(m.head))
        return;
    if (str_istarts(type, STR("multipart/"))) {
        struct str boundary = mail_param(type, STR("boundary"));
        if (boundary.n && depth < MAIL_DEPTH)
            choose_of_many(c, m.body, boundary, depth);
    } else if (str_istarts(type, STR("text/html"))) {
        c->html = c->has_html ? c->html : m;
        c->has_html = true;
    } else if ((type.n == 0 || str_istarts(type, STR("text"))) && !blank(m.body)) {
        c->plain = m;
        c->has_plain = true;
    }
}

bool mail_text(struct mail mail, struct buf *out, struct buf *work, bool *ret_html)
{
    struct choice c = {0};
    choose(&c, mail, 0);
    *ret_html = !c.has_plain;
    if (!c.has_plain && !c.has_html)
        return false;
    struct mail m = c.has_plain ? c.plain : c.html;
    struct str coding = mail_field(m.head, STR("Content-Transfer-Encoding"));
    struct str charset = mail_param(mail_field(m.head, STR("Content-Type")), STR("charset"));
    struct str bytes = m.body;
    buf_reset(work);
    if (str_istarts(coding, STR("base64"))) {
        base64(work, bytes);
        bytes = buf_view(work);
    } else if (str_istarts(coding, STR("quoted-printable"))) {
        quoted_printable(work, bytes, false);
        bytes = buf_view(work);
    }
    convert(out, bytes, charset);
    return true;
}
