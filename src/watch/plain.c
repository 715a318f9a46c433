#include "watch/plain.h"

#include "base/utf.h"

#include <stdlib.h>

/* What a range of code points is read as. */
enum becomes {
    GONE,    /* invisible, or a mark on the letter before */
    FIXED,   /* all of them one character */
    SHIFT,   /* the first is `to`, and so on */
    LETTERS, /* styled alphabets, 52 letters each */
    DIGITS,  /* styled digits, ten each */
};

static const struct range {
    uint32_t first, last;
    enum becomes becomes;
    char to;
} ranges[] = {
    /* in ascending order */
    {0x00a0, 0x00a0, FIXED, ' '},  {0x00ad, 0x00ad, GONE, 0},    {0x0300, 0x036f, GONE, 0},
    {0x061c, 0x061c, GONE, 0},     {0x180e, 0x180e, GONE, 0},    {0x2000, 0x200a, FIXED, ' '},
    {0x200b, 0x200f, GONE, 0},     {0x2010, 0x2015, FIXED, '-'}, {0x2018, 0x2019, FIXED, '\''},
    {0x2024, 0x2024, FIXED, '.'},  {0x202a, 0x202e, GONE, 0},    {0x202f, 0x202f, FIXED, ' '},
    {0x2044, 0x2044, FIXED, '/'},  {0x205f, 0x205f, FIXED, ' '}, {0x2060, 0x206f, GONE, 0},
    {0x2212, 0x2212, FIXED, '-'},  {0x2215, 0x2215, FIXED, '/'}, {0x2236, 0x2236, FIXED, ':'},
    {0x24b6, 0x24cf, SHIFT, 'A'},  {0x24d0, 0x24e9, SHIFT, 'a'}, {0x3000, 0x3000, FIXED, ' '},
    {0x3002, 0x3002, FIXED, '.'},  {0xa789, 0xa789, FIXED, ':'}, {0xfe00, 0xfe0f, GONE, 0},
    {0xfe52, 0xfe52, FIXED, '.'},  {0xfe55, 0xfe55, FIXED, ':'}, {0xfe58, 0xfe58, FIXED, '-'},
    {0xfe63, 0xfe63, FIXED, '-'},  {0xfe6b, 0xfe6b, FIXED, '@'}, {0xfeff, 0xfeff, GONE, 0},
    {0xff01, 0xff5e, SHIFT, '!'},  {0xff61, 0xff61, FIXED, '.'}, {0x1d400, 0x1d6a3, LETTERS, 0},
    {0x1d7ce, 0x1d7ff, DIGITS, 0},
};

/* Letters of other scripts that look like a Latin one. */
static const struct {
    uint32_t cp;
    char latin;
} lookalikes[] = {
    {0x0391, 'A'}, {0x0392, 'B'}, {0x0395, 'E'}, {0x0396, 'Z'}, {0x0397, 'H'}, {0x0399, 'I'},
    {0x039a, 'K'}, {0x039c, 'M'}, {0x039d, 'N'}, {0x039f, 'O'}, {0x03a1, 'P'}, {0x03a4, 'T'},
    {0x03a5, 'Y'}, {0x03a7, 'X'}, {0x03bd, 'v'}, {0x03bf, 'o'}, {0x03c1, 'p'}, {0x0405, 'S'},
    {0x0406, 'I'}, {0x0408, 'J'}, {0x0410, 'A'}, {0x0412, 'B'}, {0x0415, 'E'}, {0x041a, 'K'},
    {0x041c, 'M'}, {0x041d, 'H'}, {0x041e, 'O'}, {0x0420, 'P'}, {0x0421, 'C'}, {0x0422, 'T'},
    {0x0423, 'Y'}, {0x0425, 'X'}, {0x0430, 'a'}, {0x0435, 'e'}, {0x043e, 'o'}, {0x0440, 'p'},
    {0x0441, 'c'}, {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'},
    {0x0501, 'd'}, {0x051b, 'q'}, {0x051d, 'w'},
};

char plain_latin(uint32_t cp)
{
    if (cp < 0x0391 || cp > 0x051d)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(lookalikes); i++)
        if (lookalikes[i].cp == cp)
            return lookalikes[i].latin;
    return 0;
}

static const struct range *range_of(uint32_t cp)
{
    size_t from = 0, to = ARRAY_LEN(ranges);
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (ranges[mid].last < cp)
            from = mid + 1;
        else
            to = mid;
    }
    return from < ARRAY_LEN(ranges) && ranges[from].first <= cp ? &ranges[from] : NULL;
}

static char folded(const struct range *r, uint32_t cp)
{
    uint32_t k = cp - r->first;
    switch (r->becomes) {
    case GONE: return 0;
    case FIXED: return r->to;
    case SHIFT: return (char)(r->to + (char)k);
    case LETTERS: return (char)(k % 52 < 26 ? 'A' + k % 52 : 'a' + k % 52 - 26);
    case DIGITS: return (char)('0' + k % 10);
    }
    return 0;
}

bool plain_char(uint32_t cp, char *ret_plain)
{
    const struct range *r = range_of(cp);
    *ret_plain = r ? folded(r, cp) : 0;
    return r != NULL;
}

enum err plain_init(struct plain *f, size_t max_bytes)
{
    *f = (struct plain){
        .p = malloc(max_bytes + 1), .at = calloc(max_bytes + 1, sizeof *f->at), .max = max_bytes};
    return f->p && f->at ? OK : ERR_NOMEM;
}

void plain_done(struct plain *f)
{
    free(f->p);
    free(f->at);
    *f = (struct plain){0};
}

/* The word that is being written. */
struct token {
    size_t from;    /* in the folded text */
    bool letter;    /* an ASCII one */
    bool lookalike; /* and */
    bool other;     /* a character that looks like no Latin one */
};

static bool in_token(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || c == '-' || c == '_' || c >= 0x80;
}

/* Ends the word: its look-alikes become Latin if all else in it is ASCII. */
static void end_token(struct plain *f, struct token *t)
{
    if (t->letter && t->lookalike && !t->other) {
        size_t to = t->from, used;
        for (size_t i = t->from; i < f->n; i += used) {
            int32_t cp = utf8_next(str_make(f->p, f->n), i, &used);
            f->p[to] = cp >= 0x80 ? plain_latin((uint32_t)cp) : f->p[i];
            f->at[to++] = f->at[i];
        }
        f->n = to;
    }
    *t = (struct token){.from = f->n};
}

static void put(struct plain *f, struct token *t, char c, size_t at)
{
    if (!in_token((unsigned char)c))
        end_token(f, t);
    t->letter |= ascii_alpha((unsigned char)c);
    f->at[f->n] = (uint32_t)at;
    f->p[f->n++] = c;
    if (!in_token((unsigned char)c))
        t->from = f->n;
}

/* Up to a character beyond ASCII, or to an escape. Only the first word may have begun before, with
 * a look-alike: what is behind it is copied as it is. Returns the end. */
static size_t put_ascii(struct plain *f, struct token *t, struct str raw, size_t i)
{
    const unsigned char *p = (const unsigned char *)raw.p;
    const unsigned char escape = f->json ? '\\' : 0x80;
    size_t end = i;
    while (end < raw.n && p[end] < 0x80 && p[end] != escape)
        end++;
    for (; i < end && in_token(p[i]); i++)
        put(f, t, raw.p[i], i);
    if (i == end)
        return end;
    end_token(f, t);
    memcpy(f->p + f->n, p + i, end - i);
    for (size_t k = 0; k < end - i; k++)
        f->at[f->n + k] = (uint32_t)(i + k);
    f->n += end - i;
    *t = (struct token){.from = f->n};
    for (size_t k = end; k > i && in_token(p[k - 1]); k--) {
        t->from--;
        t->letter |= ascii_alpha(p[k - 1]);
    }
    return end;
}

/* A character beyond ASCII; returns its length. */
static size_t put_wide(struct plain *f, struct token *t, struct str raw, size_t at)
{
    size_t used;
    int32_t cp = utf8_next(raw, at, &used);
    const struct range *r = cp >= 0 ? range_of((uint32_t)cp) : NULL;
    if (r) {
        char c = folded(r, (uint32_t)cp);
        if (c)
            put(f, t, c, at);
        return used;
    }
    if (cp >= 0 && plain_latin((uint32_t)cp))
        t->lookalike = true;
    else
        t->other = true;
    for (size_t i = 0; i < used; i++) {
        f->at[f->n] = (uint32_t)(at + i);
        f->p[f->n++] = raw.p[at + i];
    }
    return used;
}

/* "\u0441" and the like: a code unit, or -1. */
static int32_t escaped_unit(struct str raw, size_t at)
{
    int32_t cp = 0;
    if (raw.n - at < 6)
        return -1;
    for (size_t i = at + 2; i < at + 6; i++) {
        int digit = ascii_hex((unsigned char)raw.p[i]);
        if (digit < 0)
            return -1;
        cp = cp << 4 | digit;
    }
    return cp;
}

/* A code unit that was written as six bytes; halves of a pair are no letters, and become a blank
 * each. */
static size_t put_unit(struct plain *f, struct token *t, int32_t cp, size_t at)
{
    char text[3] = {(char)(0xe0 | cp >> 12), (char)(0x80 | (cp >> 6 & 63)),
                    (char)(0x80 | (cp & 63))};
    size_t from = f->n;
    if (cp < 0x80 || (cp >= 0xd800 && cp < 0xe000)) {
        put(f, t, cp >= 0x80 || cp < ' ' ? ' ' : (char)cp, at);
    } else if (cp < 0x800) {
        text[1] = (char)(0xc0 | cp >> 6);
        (void)put_wide(f, t, str_make(text + 1, 2), 0);
    } else {
        (void)put_wide(f, t, str_make(text, 3), 0);
    }
    for (size_t i = from; i < f->n; i++)
        f->at[i] = (uint32_t)at;
    return 6;
}

/* What stands behind a backslash in a string of JSON; returns the bytes of it. */
static size_t put_escape(struct plain *f, struct token *t, struct str raw, size_t at)
{
    char c = at + 1 < raw.n ? raw.p[at + 1] : 0;
    int32_t cp = c == 'u' ? escaped_unit(raw, at) : -1;
    if (cp >= 0)
        return put_unit(f, t, cp, at);
    if (!c || !strchr("\"\\/bfnrt", c)) {
        put(f, t, '\\', at);
        return 1;
    }
    put(f, t, c == 'n' ? '\n' : strchr("bfrt", c) ? ' ' : c, at);
    return 2;
}

void plain_text(struct plain *f, struct str raw, const struct words *tlds)
{
    struct token t = {0};
    f->n = 0;
    for (size_t i = 0; i < raw.n;) {
        if (f->json && raw.p[i] == '\\') {
            i += put_escape(f, &t, raw, i);
        } else if ((unsigned char)raw.p[i] < 0x80) {
            i = put_ascii(f, &t, raw, i);
        } else {
            i += put_wide(f, &t, raw, i);
        }
    }
    end_token(f, &t);
    f->at[f->n] = (uint32_t)raw.n;
    plain_refang(f, tlds);
}

bool plain_lookalike(struct str raw)
{
    size_t used;
    for (size_t i = 0; i < raw.n; i += used) {
        int32_t cp = utf8_next(raw, i, &used);
        if (cp >= 0x80 && plain_latin((uint32_t)cp))
            return true;
    }
    return false;
}
