#include "codec/xml_tidy.h"

#include "base/utf.h"

enum { NOTHING, COMMENT, INSTRUCTION, CDATA, DOCTYPE, LONG_TAG };
enum {
    LETTERS_BYTES = 4096,             /* of one piece */
    OUT_BYTES = XML_WINDOW_BYTES * 6, /* all of it escaped */
    REFERENCE_BYTES = 12,
};

void xml_tidy_init(struct xml_tidy *x, const struct charset *charset)
{
    x->charset = charset;
    x->from = x->to = 0;
    x->base = 0;
    x->inside = NOTHING;
    x->brackets = 0;
    x->quote = 0;
    buf_init(&x->out, OUT_BYTES);
}

void xml_tidy_done(struct xml_tidy *x)
{
    buf_done(&x->out);
}

/* --- bytes in --- */

static void make_room(struct xml_tidy *x, uint64_t offset)
{
    size_t n = x->to - x->from;
    uint64_t base = n ? x->base + x->place[x->from] : offset;
    uint32_t gone = (uint32_t)(base - x->base);
    if (n) {
        memmove(x->window, x->window + x->from, n);
        for (size_t i = 0; i < n; i++)
            x->place[i] = x->place[x->from + i] - gone;
    }
    x->from = 0;
    x->to = n;
    x->base = base;
}

/* XML has no control characters, and no text has U+FFFE or U+FFFF. */
static void letter(struct xml_tidy *x, const char *p, size_t n, uint32_t place)
{
    bool nothing = n == 3 && memcmp(p, "\xef\xbf", 2) == 0 && (p[2] == '\xbe' || p[2] == '\xbf');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        bool control = (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
        x->window[x->to] = nothing || control ? ' ' : p[i];
        x->place[x->to++] = place;
    }
}

/* Printable ASCII at the front of the bytes, which is nearly all of a feed. */
static size_t plain_ascii(struct xml_tidy *x, const char *p, size_t n, uint32_t place)
{
    size_t room = XML_WINDOW_BYTES - x->to, i = 0;
    n = n < room ? n : room;
    while (i < n && (unsigned char)p[i] >= ' ' && (unsigned char)p[i] < 0x7f)
        i++;
    memcpy(x->window + x->to, p, i);
    for (size_t j = 0; j < i; j++)
        x->place[x->to + j] = place + (uint32_t)j;
    x->to += i;
    return i;
}

size_t xml_tidy_add(struct xml_tidy *x, struct str bytes, uint64_t offset, bool last)
{
    enum { LONGEST = 16 }; /* of what one letter may become */
    char tmp[LONGEST];
    struct buf one = {.p = tmp, .cap = sizeof tmp, .max = sizeof tmp};
    size_t i = 0;
    make_room(x, offset);
    uint32_t shift = (uint32_t)(offset - x->base);
    while (i < bytes.n && x->to + LONGEST <= XML_WINDOW_BYTES) {
        size_t n = plain_ascii(x, bytes.p + i, bytes.n - i, shift + (uint32_t)i);
        if (n) {
            /* taken */
        } else if ((unsigned char)bytes.p[i] < 0x80) {
            n = 1;
            letter(x, bytes.p + i, 1, shift + (uint32_t)i);
        } else {
            one.n = 0;
            n = charset_letter(x->charset, &one, str_make(bytes.p + i, bytes.n - i), last);
            letter(x, tmp, one.n, shift + (uint32_t)i);
        }
        if (n == 0)
            break;
        i += n;
    }
    return i;
}

/* --- references --- */

static bool in_xml(uint32_t cp)
{
    return cp == 9 || cp == 10 || cp == 13 || (cp >= ' ' && cp < 0xd800) ||
           (cp >= 0xe000 && cp < 0xfffe) || (cp >= 0x10000 && cp <= 0x10ffff);
}

/* The number of "#38" or "#x26". */
static bool number(struct str s, uint32_t *ret_cp)
{
    bool hex = s.n > 1 && s.p[1] == 'x';
    *ret_cp = 0;
    for (size_t i = hex ? 2 : 1; i < s.n; i++) {
        int digit = ascii_hex((unsigned char)s.p[i]);
        if (digit < 0 || (digit > 9 && !hex) || *ret_cp > 0x10ffff)
            return false;
        *ret_cp = *ret_cp * (hex ? 16 : 10) + (uint32_t)digit;
    }
    return s.n > (hex ? 2 : 1);
}

/* Is what stands at s, a "&", a reference that XML knows without any declaration? */
static size_t reference(struct str s)
{
    static const struct str known[] = {{"amp", 3}, {"lt", 2}, {"gt", 2}, {"quot", 4}, {"apos", 4}};
    ptrdiff_t end = str_chr(str_sub(s, 0, REFERENCE_BYTES), ';');
    uint32_t cp = 0;
    if (end < 2)
        return 0;
    struct str name = str_make(s.p + 1, (size_t)end - 1);
    if (name.p[0] == '#')
        return number(name, &cp) && in_xml(cp) ? (size_t)end + 1 : 0;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq(known[i], name))
            return (size_t)end + 1;
    return 0;
}

static const char *name_of(char c)
{
    return c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;";
}

/* Escapes what would not be letters; references stay unless the text is CDATA. */
static void escaped(struct buf *out, struct str s, bool references)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c != '&' && c != '<' && c != '>')
            continue;
        size_t n = c == '&' && references ? reference(str_sub(s, i, s.n)) : 0;
        if (n) {
            i += n - 1;
            continue;
        }
        buf_add(out, s.p + from, i - from);
        buf_puts(out, name_of(c));
        from = i + 1;
    }
    buf_add(out, s.p + from, s.n - from);
}

/* --- pieces out --- */

static struct str view(const struct xml_tidy *x)
{
    return str_make(x->window + x->from, x->to - x->from);
}

/* What has begun ends at `end`, or goes on; a few bytes are kept in case they are half of it. */
static enum xml_piece until(struct xml_tidy *x, struct str end, bool last, struct str *ret_body)
{
    struct str s = view(x);
    ptrdiff_t at = str_find(s, end);
    size_t keep = at >= 0 || last ? 0 : end.n - 1;
    size_t n = at >= 0 ? (size_t)at : s.n > keep ? s.n - keep : 0;
    *ret_body = str_make(s.p, n);
    x->from += n + (at >= 0 ? end.n : 0);
    if (at >= 0)
        x->inside = x->brackets ? DOCTYPE : NOTHING;
    return n || at >= 0 ? XML_LETTERS : XML_MORE;
}

static enum xml_piece skip_all(struct xml_tidy *x)
{
    x->from = x->to;
    return XML_MORE;
}

/* The declarations of a document type are in brackets, with quotes and comments in them. */
static enum xml_piece skip_doctype(struct xml_tidy *x, bool last)
{
    for (; x->from < x->to; x->from++) {
        char c = x->window[x->from];
        struct str comment = STR("<!--"), rest = str_sub(view(x), 0, comment.n);
        if (c == '<' && !x->quote && str_starts(comment, rest)) {
            if (rest.n < comment.n)
                return last ? skip_all(x) : XML_MORE;
            x->from += comment.n;
            x->inside = COMMENT;
            x->brackets += x->brackets == 0; /* to come back here */
            return XML_LETTERS;
        }
        if (x->quote) {
            x->quote = c == x->quote ? 0 : x->quote;
        } else if (c == '"' || c == '\'') {
            x->quote = c;
        } else if (c == '[') {
            x->brackets++;
        } else if (c == ']') {
            x->brackets -= x->brackets > 0;
        } else if (c == '>' && x->brackets == 0) {
            x->from++;
            x->inside = NOTHING;
            return XML_LETTERS;
        }
    }
    return XML_MORE;
}

/* Inside of what is skipped, or of CDATA. */
static enum xml_piece go_on(struct xml_tidy *x, bool last)
{
    struct str body = STR_NONE;
    enum xml_piece got = XML_MORE;
    bool cdata = x->inside == CDATA;
    switch (x->inside) {
    case COMMENT: got = until(x, STR("-->"), last, &body); break;
    case INSTRUCTION: got = until(x, STR("?>"), last, &body); break;
    case LONG_TAG: got = until(x, STR(">"), last, &body); break;
    case CDATA: got = until(x, STR("]]>"), last, &body); break;
    default: return skip_doctype(x, last);
    }
    if (cdata)
        escaped(&x->out, body, false);
    return got;
}

/* The end of the tag at the front, behind its '>'; 0 if it is not there. A quote that does not
 * end before the next '<' was none. */
static size_t tag_end(struct str s)
{
    char quote = 0;
    size_t in_quotes = 0; /* a '>' that may have been the end */
    for (size_t i = 1; i < s.n; i++) {
        char c = s.p[i];
        if (quote && c == quote)
            quote = 0, in_quotes = 0;
        else if (quote && c == '>' && !in_quotes)
            in_quotes = i + 1;
        else if (c == '<' && in_quotes)
            return in_quotes;
        else if (!quote && c == '>')
            return i + 1;
        else if (!quote && (c == '"' || c == '\''))
            quote = c;
    }
    return 0;
}

/* These never have an end in HTML, and feeds quote HTML without escaping it. */
static bool endless(struct str tag)
{
    static const struct str names[] = {{"br", 2}, {"hr", 2}, {"img", 3}, {"input", 5}, {"wbr", 3}};
    size_t n = 1;
    while (n < tag.n && ascii_alpha((unsigned char)tag.p[n]))
        n++;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_ieq(names[i], str_sub(tag, 1, n)))
            return tag.n < 2 || tag.p[tag.n - 2] != '/';
    return false;
}

static void take_tag(struct xml_tidy *x, size_t n)
{
    struct str tag = str_make(x->window + x->from, n);
    bool closes = endless(tag);
    buf_putc(&x->out, '<');
    for (size_t i = 1; i + 1 < n; i++) {
        size_t known = tag.p[i] == '&' ? reference(str_sub(tag, i, n)) : 1;
        if (tag.p[i] == '<')
            buf_puts(&x->out, "&lt;");
        else if (known)
            buf_putc(&x->out, tag.p[i]);
        else
            buf_puts(&x->out, "&amp;");
    }
    buf_puts(&x->out, closes ? "/>" : ">");
    x->from += n;
}

/* At '<': what begins here? */
static int begins(struct str s, bool last, size_t *ret_n)
{
    static const struct {
        struct str mark;
        int what;
    } marks[] = {{{"<!--", 4}, COMMENT}, {{"<![CDATA[", 9}, CDATA}, {{"<?", 2}, INSTRUCTION}};
    *ret_n = 0;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        *ret_n = marks[i].mark.n;
        if (str_starts(s, marks[i].mark))
            return marks[i].what;
        if (!last && s.n < *ret_n && str_starts(marks[i].mark, s))
            return -1;
    }
    *ret_n = 2;
    if (str_starts(s, STR("<!")))
        return DOCTYPE;
    return !last && s.n < 3 ? -1 : NOTHING;
}

static enum xml_piece at_angle(struct xml_tidy *x, bool last)
{
    struct str s = view(x);
    size_t n;
    int what = begins(s, last, &n);
    if (what < 0)
        return XML_MORE;
    if (what != NOTHING) {
        x->inside = what;
        x->from += n;
        return XML_LETTERS;
    }
    size_t name_at = s.n > 1 && s.p[1] == '/' ? 2 : 1;
    unsigned char c = name_at < s.n ? (unsigned char)s.p[name_at] : ' ';
    if (!ascii_alpha(c) && c != '_' && c < 0x80) { /* "a < b" */
        buf_puts(&x->out, "&lt;");
        x->from++;
        return XML_LETTERS;
    }
    n = tag_end(s);
    if (n) {
        take_tag(x, n);
        return XML_TAG;
    }
    if (!last && s.n < XML_TAG_BYTES)
        return XML_MORE;
    x->inside = LONG_TAG;
    x->from++;
    return XML_TOO_LONG;
}

/* A '<' that certainly begins nothing: "a < b". */
static bool is_lone(struct str s, size_t at)
{
    unsigned char c = at + 1 < s.n ? (unsigned char)s.p[at + 1] : 'a';
    return !ascii_alpha(c) && c < 0x80 && !memchr("_/!?", c, 4);
}

static ptrdiff_t next_tag(struct str s)
{
    const char *p = s.p;
    while ((p = memchr(p, '<', (size_t)(s.p + s.n - p))) && is_lone(s, (size_t)(p - s.p)))
        p++;
    return p ? p - s.p : -1;
}

static enum xml_piece plain(struct xml_tidy *x, bool last)
{
    struct str s = str_sub(view(x), 0, LETTERS_BYTES);
    ptrdiff_t end = next_tag(s);
    size_t n = end >= 0 ? (size_t)end : s.n;
    /* A reference may be cut at the end: it begins with the last "&". */
    ptrdiff_t cut = str_rchr(str_sub(s, n > REFERENCE_BYTES ? n - REFERENCE_BYTES : 0, n), '&');
    if (!last && end < 0 && cut >= 0)
        n = (n > REFERENCE_BYTES ? n - REFERENCE_BYTES : 0) + (size_t)cut;
    escaped(&x->out, str_make(s.p, n), true);
    x->from += n;
    return n ? XML_LETTERS : XML_MORE;
}

enum err xml_tidy_next(struct xml_tidy *x, bool last, enum xml_piece *ret_piece,
                       struct str *ret_text, uint64_t *ret_offset)
{
    buf_reset(&x->out);
    do {
        if (x->from == x->to) {
            *ret_piece = XML_MORE;
            break;
        }
        *ret_offset = x->base + x->place[x->from];
        *ret_piece = x->inside != NOTHING                                ? go_on(x, last)
                     : x->window[x->from] == '<' && !is_lone(view(x), 0) ? at_angle(x, last)
                                                                         : plain(x, last);
    } while (*ret_piece == XML_LETTERS && x->out.n == 0 && !x->out.rc);
    *ret_text = buf_view(&x->out);
    return x->out.rc;
}

struct str xml_encoding(struct str head)
{
    ptrdiff_t at = str_find(str_sub(head, 0, 1024), STR("<?xml"));
    if (at < 0)
        return STR_NONE;
    head = str_sub(head, (size_t)at, (size_t)at + 1024);
    ptrdiff_t end = str_find(head, STR("?>"));
    head = str_sub(head, 0, end < 0 ? head.n : (size_t)end);
    at = str_ifind(head, STR("encoding"));
    if (at < 0)
        return STR_NONE;
    head = str_trim(str_sub(head, (size_t)at + 8, head.n));
    if (head.n == 0 || head.p[0] != '=')
        return STR_NONE;
    head = str_trim(str_sub(head, 1, head.n));
    if (head.n == 0 || (head.p[0] != '"' && head.p[0] != '\''))
        return STR_NONE;
    end = str_chr(str_sub(head, 1, head.n), head.p[0]);
    return end < 0 ? STR_NONE : str_make(head.p + 1, (size_t)end);
}

struct str xml_tag_name(struct str tag)
{
    size_t n = 1;
    if (tag.n < 2 || tag.p[0] != '<' || tag.p[1] == '/')
        return STR_NONE;
    while (n < tag.n && !ascii_space((unsigned char)tag.p[n]) && tag.p[n] != '/' && tag.p[n] != '>')
        n++;
    return str_make(tag.p + 1, n - 1);
}
