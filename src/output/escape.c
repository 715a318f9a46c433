#include "output/escape.h"

#include "base/utf.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct range {
    uint32_t from, to;
};

/* What a reader cannot see, or what moves or covers its neighbours: shown by number. Sorted. */
static const struct range hidden[] = {
    {0x80, 0xa0},   /* C1 controls, no-break space */
    {0xad, 0xad},   /* soft hyphen */
    {0x300, 0x36f}, /* combining marks, which can be piled up over other lines */
    {0x483, 0x489},     {0x591, 0x5bd},
    {0x61c, 0x61c},   /* Arabic letter mark */
    {0x115f, 0x1160}, /* Hangul fillers */
    {0x1680, 0x1680},   {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff},   {0x2000, 0x200f}, /* odd blanks, zero width, direction marks */
    {0x2028, 0x202f},                     /* line separators, bidi embeddings and overrides */
    {0x205f, 0x206f},                     /* word joiner, bidi isolates */
    {0x20d0, 0x20ff},   {0x2800, 0x2800}, /* braille blank */
    {0x3000, 0x3000},   {0x302a, 0x302f},
    {0x3164, 0x3164},   {0xe000, 0xf8ff}, /* private use: every font shows something else */
    {0xfdd0, 0xfdef},                     /* no characters */
    {0xfe00, 0xfe0f},                     /* variation selectors */
    {0xfe20, 0xfe2f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
    {0xfffe, 0xffff},   {0x1bca0, 0x1bca3},
    {0x1d165, 0x1d182}, {0x1fffe, 0x1ffff},
    {0x2fffe, 0x2ffff}, {0x3fffe, 0x10ffff}, /* tags, private planes, unassigned */
};

/* Terminals may give two columns to what lies here. Too much is safe, too little breaks lines. */
static const struct range wide[] = {
    {0x1100, 0x11ff},   {0x231a, 0x23ff},   {0x25fd, 0x27bf},   {0x2b00, 0x2bff},
    {0x2e80, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7ff},   {0xf900, 0xfaff},
    {0xfe10, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18cff},
    {0x1aff0, 0x1b2ff}, {0x1d300, 0x1d37f}, {0x1f000, 0x3fffd},
};

static bool in_ranges(const struct range *r, size_t n, uint32_t cp)
{
    for (size_t i = 0; i < n && cp >= r[i].from; i++)
        if (cp <= r[i].to)
            return true;
    return false;
}

static bool is_hidden(uint32_t cp)
{
    return in_ranges(hidden, ARRAY_LEN(hidden), cp);
}

static const char upper_hex[] = "0123456789ABCDEF";
static const char lower_hex[] = "0123456789abcdef";

static void unit_add(struct escape_unit *u, char c)
{
    u->text[u->n++] = c;
    u->columns++;
}

static void unit_byte(struct escape_unit *u, unsigned char c)
{
    unit_add(u, '\\');
    if (c == '\n' || c == '\r' || c == '\t') {
        unit_add(u, c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        return;
    }
    unit_add(u, 'x');
    unit_add(u, lower_hex[c >> 4]);
    unit_add(u, lower_hex[c & 15]);
}

static void unit_number(struct escape_unit *u, uint32_t cp)
{
    int digits = cp > 0xfffff ? 6 : cp > 0xffff ? 5 : 4;
    unit_add(u, '<');
    unit_add(u, 'U');
    unit_add(u, '+');
    for (int i = digits - 1; i >= 0; i--)
        unit_add(u, upper_hex[cp >> (4 * i) & 15]);
    unit_add(u, '>');
}

size_t escape_next(struct str s, size_t at, bool ascii, struct escape_unit *ret_unit)
{
    struct escape_unit *u = ret_unit;
    unsigned char c = (unsigned char)s.p[at];
    *u = (struct escape_unit){0};
    if (c >= 0x20 && c < 0x7f) {
        unit_add(u, (char)c);
        return 1;
    }
    size_t n;
    int32_t cp = utf8_next(s, at, &n);
    if (cp < 0x80) { /* a control byte, or UTF_BAD */
        unit_byte(u, c);
    } else if (ascii || is_hidden((uint32_t)cp)) {
        unit_number(u, (uint32_t)cp);
    } else {
        memcpy(u->text, s.p + at, n);
        u->n = (uint8_t)n;
        u->columns = in_ranges(wide, ARRAY_LEN(wide), (uint32_t)cp) ? 2 : 1;
    }
    return n;
}

void escape_terminal(struct buf *b, struct str s, bool ascii)
{
    struct escape_unit u;
    for (size_t i = 0; i < s.n;) {
        i += escape_next(s, i, ascii, &u);
        buf_add(b, u.text, u.n);
    }
}

size_t escape_columns(struct str s, bool ascii)
{
    struct escape_unit u;
    size_t columns = 0;
    for (size_t i = 0; i < s.n;) {
        i += escape_next(s, i, ascii, &u);
        columns += u.columns;
    }
    return columns;
}

/* How many bytes from s[at] on are letters, digits and the like that JSON and XML leave alone. */
static size_t plain_run(struct str s, size_t at)
{
    size_t i = at;
#ifdef __SSE2__
    for (; s.n - i >= 16; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        /* Below a blank, as signed numbers: control bytes, and all that is not ASCII. */
        __m128i bad = _mm_cmplt_epi8(v, _mm_set1_epi8(' '));
        bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
        bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
        bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8('<')));
        bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8('>')));
        bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8('&')));
        bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));
        unsigned mask = (unsigned)_mm_movemask_epi8(bad);
        if (mask)
            return i - at + (unsigned)__builtin_ctz(mask);
    }
#endif
    for (; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&')
            break;
    }
    return i - at;
}

static void json_unit(struct buf *b, uint32_t unit)
{
    char t[6] = {'\\', 'u'};
    for (int i = 0; i < 4; i++)
        t[2 + i] = lower_hex[unit >> (12 - 4 * i) & 15];
    buf_add(b, t, sizeof t);
}

static void json_number(struct buf *b, uint32_t cp)
{
    if (cp > 0xffff) {
        json_unit(b, 0xd800 + ((cp - 0x10000) >> 10));
        json_unit(b, 0xdc00 + ((cp - 0x10000) & 0x3ff));
    } else {
        json_unit(b, cp);
    }
}

/* One character that cannot stand in a JSON string as it is; cp is UTF_BAD for a stray byte. */
static void json_special(struct buf *b, int32_t cp, unsigned char byte)
{
    switch (cp) {
    case '"': buf_puts(b, "\\\""); break;
    case '\\': buf_puts(b, "\\\\"); break;
    case '\n': buf_puts(b, "\\n"); break;
    case '\r': buf_puts(b, "\\r"); break;
    case '\t': buf_puts(b, "\\t"); break;
    case UTF_BAD: {
        char t[5] = {'\\', '\\', 'x', lower_hex[byte >> 4], lower_hex[byte & 15]};
        buf_add(b, t, sizeof t);
        break;
    }
    default: json_number(b, (uint32_t)cp);
    }
}

static bool json_plain(int32_t cp)
{
    if (cp < 0x80)
        return cp >= 0x20 && cp != '"' && cp != '\\' && cp != '<' && cp != 0x7f;
    return !is_hidden((uint32_t)cp);
}

void escape_json(struct buf *b, struct str s)
{
    size_t from = 0, n;
    for (size_t i = plain_run(s, 0); i < s.n; i += n) {
        int32_t cp = utf8_next(s, i, &n);
        if (json_plain(cp)) {
            n += plain_run(s, i + n);
            continue;
        }
        buf_add(b, s.p + from, i - from);
        json_special(b, cp, (unsigned char)s.p[i]);
        from = i + n;
    }
    buf_add(b, s.p + from, s.n - from);
}

bool escape_is_plain(struct str lines)
{
    size_t n;
    for (size_t i = 0; i < lines.n; i += n) {
        unsigned char c = (unsigned char)lines.p[i];
        int32_t cp = c;
        n = 1;
        if (c >= 0x80)
            cp = utf8_next(lines, i, &n);
        if (cp == 0x7f || (cp < 0x20 && cp != '\n') ||
            (cp >= 0x80 && cp != 0xfffd && is_hidden((uint32_t)cp)))
            return false;
    }
    return true;
}

/* U+FFFD for what is no character of XML 1.0. */
static void xml_special(struct buf *b, int32_t cp)
{
    bool none =
        cp < 0 || (cp < 0x20 && cp != '\n' && cp != '\r' && cp != '\t') || (cp & 0xfffe) == 0xfffe;
    switch (cp) {
    case '<': buf_puts(b, "&lt;"); return;
    case '>': buf_puts(b, "&gt;"); return;
    case '&': buf_puts(b, "&amp;"); return;
    case '"': buf_puts(b, "&quot;"); return;
    default: break;
    }
    if (none) {
        buf_puts(b, "\xef\xbf\xbd");
        return;
    }
    buf_puts(b, "&#");
    buf_u64(b, (uint32_t)cp);
    buf_putc(b, ';');
}

static bool xml_plain(int32_t cp)
{
    if (cp < 0x80)
        return cp >= 0x20 && cp != '"' && cp != '&' && cp != '<' && cp != '>' && cp != 0x7f;
    return cp == 0xfffd || !is_hidden((uint32_t)cp);
}

void escape_xml(struct buf *b, struct str s)
{
    size_t from = 0, n;
    for (size_t i = plain_run(s, 0); i < s.n; i += n) {
        int32_t cp = utf8_next(s, i, &n);
        if (xml_plain(cp)) {
            n += plain_run(s, i + n);
            continue;
        }
        buf_add(b, s.p + from, i - from);
        xml_special(b, cp);
        from = i + n;
    }
    buf_add(b, s.p + from, s.n - from);
}

size_t escape_json_offset(struct str s, size_t at)
{
    size_t out = 0, n;
    for (size_t i = 0; i < s.n && i < at; i += n)
        out += utf8_next(s, i, &n) == UTF_BAD ? 4 : n;
    return out;
}

/* Would a spreadsheet take the cell as a formula? Full-width signs count: some fold them. */
static bool formula(struct str s)
{
    size_t i = 0, n;
    while (i < s.n && s.p[i] == ' ')
        i++;
    if (i == s.n)
        return false;
    switch (utf8_next(s, i, &n)) {
    case '=':
    case '+':
    case '-':
    case '@':
    case '|':
    case '%':
    case '\t':
    case '\r':
    case '\n':
    case 0xff1d:
    case 0xff0b:
    case 0xff0d:
    case 0xff20: return true;
    default: return false;
    }
}

void escape_csv(struct buf *b, struct str s)
{
    bool guard = formula(s);
    bool quote = guard || str_chr(s, ',') >= 0 || str_chr(s, '"') >= 0 || str_chr(s, ';') >= 0 ||
                 (s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' '));
    struct escape_unit u;
    if (quote)
        buf_putc(b, '"');
    if (guard)
        buf_putc(b, '\'');
    for (size_t i = 0; i < s.n;) {
        i += escape_next(s, i, false, &u);
        if (u.n == 1 && u.text[0] == '"')
            buf_putc(b, '"');
        buf_add(b, u.text, u.n);
    }
    if (quote)
        buf_putc(b, '"');
}

static void html_byte(struct buf *b, char c)
{
    switch (c) {
    case '&': buf_puts(b, "&amp;"); break;
    case '<': buf_puts(b, "&lt;"); break;
    case '>': buf_puts(b, "&gt;"); break;
    case '"': buf_puts(b, "&#34;"); break;
    case '\'': buf_puts(b, "&#39;"); break;
    default: buf_putc(b, c);
    }
}

void escape_html(struct buf *b, struct str s)
{
    struct escape_unit u;
    for (size_t i = 0; i < s.n;) {
        i += escape_next(s, i, false, &u);
        for (size_t k = 0; k < u.n; k++)
            html_byte(b, u.text[k]);
    }
}
