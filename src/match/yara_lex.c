#include "match/yara_lex.h"

void yara_lex_start(struct yara_lex *lex, struct str source)
{
    *lex = (struct yara_lex){.start = source.p, .p = source.p, .end = source.p + source.n};
    lex->last = lex->p;
    if (source.n >= 3 && memcmp(source.p, "\xef\xbb\xbf", 3) == 0)
        lex->p += 3;
}

const char *yara_lex_blank(const char *p, const char *end)
{
    for (;;) {
        while (p < end && (*p == ' ' || (*p >= 9 && *p <= 13) || *p == (char)0xa0))
            p++;
        if (end - p < 2 || p[0] != '/' || (p[1] != '/' && p[1] != '*'))
            return p;
        if (p[1] == '/') {
            const char *line = memchr(p, '\n', (size_t)(end - p));
            p = line ? line + 1 : end;
        } else {
            ptrdiff_t close = str_find(str_make(p + 2, (size_t)(end - p) - 2), STR("*/"));
            p = close < 0 ? end : p + 2 + close + 2;
        }
    }
}

static bool word_byte(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || c == '_';
}

static const char *word_end(const char *p, const char *end)
{
    while (p < end && word_byte((unsigned char)*p))
        p++;
    return p;
}

/* Up to the closing byte, which must stand on the same line; NULL if it does not. */
static const char *quoted_end(const char *p, const char *end, char close)
{
    for (; p < end && *p != '\n'; p++) {
        if (*p == close)
            return p;
        if (*p == '\\' && ++p == end)
            break;
    }
    return NULL;
}

static void bad(struct yara_lex *lex)
{
    lex->token = YARA_T_BAD;
    lex->p = lex->end;
}

static void take_quoted(struct yara_lex *lex, char close)
{
    const char *from = lex->p + 1, *to = quoted_end(from, lex->end, close);
    if (!to) {
        bad(lex);
        return;
    }
    lex->text = str_make(from, (size_t)(to - from));
    lex->p = to + 1;
    lex->token = close == '"' ? YARA_T_TEXT : YARA_T_REGEX;
    if (close == '/') {
        while (lex->p < lex->end && (*lex->p == 'i' || *lex->p == 's'))
            lex->p++;
        lex->flags = str_make(to + 1, (size_t)(lex->p - to) - 1);
    }
}

static int digit_of(unsigned char c, unsigned base)
{
    int v = ascii_hex(c);
    return v >= 0 && (unsigned)v < base ? v : -1;
}

static void take_number(struct yara_lex *lex)
{
    const char *p = lex->p, *end = lex->end;
    unsigned base = 10;
    uint64_t v = 0;
    bool fits = true;
    if (end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'o')) {
        base = p[1] == 'x' ? 16 : 8;
        p += 2;
    }
    for (int d; p < end && (d = digit_of((unsigned char)*p, base)) >= 0; p++) {
        fits = fits && v <= (UINT64_MAX - 15) / base;
        v = v * base + (unsigned)d;
    }
    lex->token = YARA_T_INT;
    if (base == 10 && end - p > 1 && p[0] == '.' && ascii_digit((unsigned char)p[1])) {
        for (p++; p < end && ascii_digit((unsigned char)*p);)
            p++;
        lex->token = YARA_T_FLOAT;
    } else if (base == 10 && end - p > 1 && (p[0] == 'K' || p[0] == 'M') && p[1] == 'B') {
        fits = fits && v < (uint64_t)1 << 40;
        v <<= p[0] == 'K' ? 10 : 20;
        p += 2;
    }
    if (!fits || v > INT64_MAX)
        lex->token = YARA_T_FLOAT; /* a number of which nothing is known */
    lex->value = (int64_t)v;
    lex->p = p;
}

/* $a, #a, @a, !a; the star of $a* belongs to it. */
static void take_reference(struct yara_lex *lex)
{
    char kind = *lex->p;
    const char *to = word_end(lex->p + 1, lex->end);
    if (kind == '$' && to < lex->end && *to == '*')
        to++;
    lex->text = str_make(lex->p + 1, (size_t)(to - lex->p) - 1);
    lex->p = to;
    lex->token = kind == '$'   ? YARA_T_STRING
                 : kind == '#' ? YARA_T_COUNT
                 : kind == '@' ? YARA_T_OFFSET
                               : YARA_T_LENGTH;
}

static void take_sign(struct yara_lex *lex)
{
    static const char pairs[] = "==!=<=>=<<>>..";
    size_t left = (size_t)(lex->end - lex->p);
    lex->token = YARA_T_SIGN;
    for (size_t i = 0; left > 1 && i + 1 < sizeof pairs; i += 2)
        if (lex->p[0] == pairs[i] && lex->p[1] == pairs[i + 1]) {
            lex->sign = YARA_SIGN2((unsigned char)pairs[i], (unsigned char)pairs[i + 1]);
            lex->p += 2;
            return;
        }
    lex->sign = (unsigned char)*lex->p++;
}

void yara_lex_next(struct yara_lex *lex)
{
    lex->last = lex->p;
    lex->p = yara_lex_blank(lex->p, lex->end);
    const char *from = lex->p;
    if (from == lex->end) {
        lex->token = YARA_T_END;
        lex->whole = str_make(from, 0);
        return;
    }
    unsigned char c = (unsigned char)*from;
    bool pair = lex->end - from > 1 && from[1] == '=';
    if (c == '"' || c == '/')
        take_quoted(lex, (char)c);
    else if (ascii_digit(c))
        take_number(lex);
    else if (c == '$' || c == '#' || c == '@' || (c == '!' && !pair))
        take_reference(lex);
    else if (word_byte(c)) {
        lex->p = word_end(from, lex->end);
        lex->text = str_make(from, (size_t)(lex->p - from));
        lex->token = YARA_T_WORD;
    } else
        take_sign(lex);
    lex->whole = str_make(from, (size_t)(lex->p - from));
}

bool yara_lex_word(const struct yara_lex *lex, const char *word)
{
    return lex->token == YARA_T_WORD && str_eq(lex->text, str_of(word));
}

bool yara_lex_take(struct yara_lex *lex, uint16_t sign)
{
    bool is = yara_lex_is(lex, sign);
    if (is)
        yara_lex_next(lex);
    return is;
}

bool yara_lex_take_word(struct yara_lex *lex, const char *word)
{
    bool is = yara_lex_word(lex, word);
    if (is)
        yara_lex_next(lex);
    return is;
}

uint32_t yara_lex_line(const struct yara_lex *lex)
{
    const char *at = lex->whole.p ? lex->whole.p : lex->start;
    return (uint32_t)str_count(str_make(lex->start, (size_t)(at - lex->start)), '\n') + 1;
}

struct str yara_lex_bytes(struct arena *arena, struct str text)
{
    if (str_chr(text, '\\') < 0)
        return text;
    char *to = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; to && i < text.n; i++) {
        char c = text.p[i];
        if (c != '\\' || i + 1 == text.n) {
            to[n++] = c;
            continue;
        }
        c = text.p[++i];
        int high = i + 2 < text.n ? ascii_hex((unsigned char)text.p[i + 1]) : -1;
        int low = i + 2 < text.n ? ascii_hex((unsigned char)text.p[i + 2]) : -1;
        if (c == 'x' && high >= 0 && low >= 0) {
            to[n++] = (char)(high << 4 | low);
            i += 2;
        } else
            to[n++] = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    return str_make(to, n);
}
