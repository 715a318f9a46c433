#include "watch/plain.h"

/* What people write between brackets so that nothing can be clicked. */
static const struct fang {
    struct str word, plain;
    bool joins; /* stands between two words, perhaps with blanks around it */
} fangs[] = {
    {{".", 1}, {".", 1}, true},      {{"dot", 3}, {".", 1}, true}, {{"d0t", 3}, {".", 1}, true},
    {{"punkt", 5}, {".", 1}, true},  {{"@", 1}, {"@", 1}, true},   {{"at", 2}, {"@", 1}, true},
    {{":", 1}, {":", 1}, false},     {{"/", 1}, {"/", 1}, false},  {{"//", 2}, {"//", 2}, false},
    {{"://", 3}, {"://", 3}, false}, {{"-", 1}, {"-", 1}, true},
};

/* Spellings of a scheme, of the same length. hxxps is https: the s stands behind it. */
static const struct {
    struct str fanged, plain;
} schemes[] = {
    {{"hxxp", 4}, {"http", 4}}, {{"hxtp", 4}, {"http", 4}}, {{"htxp", 4}, {"http", 4}},
    {{"h**p", 4}, {"http", 4}}, {{"h__p", 4}, {"http", 4}}, {{"hxxx", 4}, {"http", 4}},
    {{"meow", 4}, {"http", 4}}, {{"fxp", 3}, {"ftp", 3}},
};

static bool word_byte(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || c >= 0x80;
}

struct refang {
    struct plain *f;
    const struct words *tlds;
    size_t in, out;
    bool backslash; /* the word so far has one that is no fang: it is a path */
};

static struct str ahead(const struct refang *r, size_t from)
{
    return str_sub(str_make(r->f->p, r->f->n), from, r->f->n);
}
static unsigned char byte_at(const struct refang *r, size_t at)
{
    return at < r->f->n ? (unsigned char)r->f->p[at] : 0;
}
/* The last byte written, `back` bytes before the end. */
static unsigned char written(const struct refang *r, size_t back)
{
    return r->out > back ? (unsigned char)r->f->p[r->out - 1 - back] : 0;
}

/* Writes plain in place of the next `used` bytes. */
static void replace(struct refang *r, struct str plain, size_t used)
{
    uint32_t at = r->f->at[r->in];
    for (size_t i = 0; i < plain.n; i++) {
        r->f->p[r->out] = plain.p[i];
        r->f->at[r->out++] = at;
    }
    r->in += used;
}

/* The bytes of "[word]", blanks inside allowed; 0 if it is something else. */
static size_t bracketed(const struct refang *r, const struct fang *fang)
{
    static const char open[] = "[({<", close[] = "])}>";
    size_t at = r->in + 1;
    const char *which = strchr(open, r->f->p[r->in]);
    if (*which == '<' && !fang->joins)
        return 0;
    at += byte_at(r, at) == ' ';
    if (!str_istarts(ahead(r, at), fang->word))
        return 0;
    at += fang->word.n;
    at += byte_at(r, at) == ' ';
    return byte_at(r, at) == (unsigned char)close[which - open] ? at + 1 - r->in : 0;
}

/* Blanks around "[.]" go if there is a word on either side of them. */
static bool join(struct refang *r, const struct fang *fang, size_t used)
{
    bool blank = written(r, 0) == ' ';
    if (!word_byte(written(r, blank)))
        return false;
    used += byte_at(r, r->in + used) == ' ';
    if (!word_byte(byte_at(r, r->in + used)))
        return false;
    if (blank) { /* it becomes the plain sign, which then comes from its place */
        r->out--;
        uint32_t from = r->f->at[r->out];
        replace(r, fang->plain, used);
        r->f->at[r->out - 1] = from;
    } else {
        replace(r, fang->plain, used);
    }
    return true;
}

static bool bracket(struct refang *r)
{
    for (size_t i = 0; i < ARRAY_LEN(fangs); i++) {
        size_t used = bracketed(r, &fangs[i]);
        if (!used)
            continue;
        if (fangs[i].joins)
            return join(r, &fangs[i], used);
        unsigned char before = written(r, 0);
        if (!word_byte(before) && before != ':' && before != '/')
            return false;
        replace(r, fangs[i].plain, used);
        return true;
    }
    bool half = str_istarts(ahead(r, r->in), STR("[.")) && word_byte(byte_at(r, r->in + 2));
    if (!half || !word_byte(written(r, 0)))
        return false;
    replace(r, STR("."), 2);
    return true;
}

static bool half_closed(struct refang *r)
{
    if (byte_at(r, r->in + 1) != ']' || !word_byte(byte_at(r, r->in + 2)) ||
        !word_byte(written(r, 0)))
        return false;
    replace(r, STR("."), 2);
    return true;
}

/* "http:\\host" as some mail programs write it. */
static bool scheme_backslashes(struct refang *r)
{
    struct str done = str_make(r->f->p, r->out);
    if (byte_at(r, r->in + 1) != '\\' || !word_byte(byte_at(r, r->in + 2)) ||
        !(str_iends(done, STR("http:")) || str_iends(done, STR("https:")) ||
          str_iends(done, STR("ftp:"))))
        return false;
    replace(r, STR("//"), 2);
    return true;
}

static bool backslash(struct refang *r)
{
    unsigned char next = byte_at(r, r->in + 1);
    bool between = word_byte(written(r, 0)) && word_byte(byte_at(r, r->in + 2));
    if (scheme_backslashes(r))
        return true;
    if (next == '/') /* as JSON may write it */
        replace(r, STR("/"), 2);
    else if (next == '.' && between && !r->backslash)
        replace(r, STR("."), 2);
    else if (next == '@' && between)
        replace(r, STR("@"), 2);
    else
        return !(r->backslash = true);
    return true;
}

static bool scheme(struct refang *r)
{
    if (word_byte(written(r, 0)))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (!str_istarts(ahead(r, r->in), schemes[i].fanged))
            continue;
        size_t end = r->in + schemes[i].fanged.n;
        end += (byte_at(r, end) | 32) == 's';
        if (!byte_at(r, end) || !strchr(":[({", byte_at(r, end)))
            continue;
        replace(r, schemes[i].plain, schemes[i].fanged.n);
        return true;
    }
    return false;
}

static size_t word_length(const struct refang *r, size_t from)
{
    size_t n = 0;
    while (n <= WORD_BYTES && (word_byte(byte_at(r, from + n)) || byte_at(r, from + n) == '-'))
        n++;
    return n;
}

/* "evil dot example dot com": only before a top-level domain, or another " dot ". */
static bool spelled_dot(struct refang *r)
{
    if (!str_istarts(ahead(r, r->in), STR(" dot ")) || !word_byte(written(r, 0)))
        return false;
    size_t from = r->in + 5, n = word_length(r, from);
    if (n == 0 || n > WORD_BYTES)
        return false;
    if (!str_istarts(ahead(r, from + n), STR(" dot ")) &&
        !words_find(r->tlds, str_sub(ahead(r, from), 0, n)))
        return false;
    replace(r, STR("."), 5);
    return true;
}

static bool fanged(struct refang *r)
{
    switch (r->f->p[r->in]) {
    case '[':
    case '(':
    case '{':
    case '<': return bracket(r);
    case '.': return half_closed(r);
    case '\\': return backslash(r);
    case 'h':
    case 'H':
    case 'm':
    case 'M':
    case 'f':
    case 'F': return scheme(r);
    case ' ': return spelled_dot(r);
    default: return false;
    }
}

/* Nearly all bytes begin nothing that cannot be clicked: two looks say so. Schemes and " dot " are
 * told by their second byte as well; at a blank a word with a backslash ends. */
enum { SIGN = 1, SCHEME = 2, DOT = 4, WORD_END = 8 };
static const unsigned char begins[256] = {
    ['['] = SIGN,      ['('] = SIGN,           ['{'] = SIGN,      ['<'] = SIGN,
    ['.'] = SIGN,      ['\\'] = SIGN,          ['h'] = SCHEME,    ['H'] = SCHEME,
    ['m'] = SCHEME,    ['M'] = SCHEME,         ['f'] = SCHEME,    ['F'] = SCHEME,
    ['\t'] = WORD_END, ['\n'] = WORD_END,      ['\v'] = WORD_END, ['\f'] = WORD_END,
    ['\r'] = WORD_END, [' '] = DOT | WORD_END,
};

static const unsigned char goes_on[256] = {
    ['x'] = SCHEME, ['X'] = SCHEME, ['t'] = SCHEME, ['T'] = SCHEME, ['e'] = SCHEME,
    ['E'] = SCHEME, ['*'] = SCHEME, ['_'] = SCHEME, ['d'] = DOT,    ['D'] = DOT,
};

/* The next place where something may begin. */
static size_t next_stop(const struct refang *r)
{
    size_t i = r->in;
    unsigned always = r->backslash ? SIGN | WORD_END : SIGN;
    while (i < r->f->n && !(begins[byte_at(r, i)] & (goes_on[byte_at(r, i + 1)] | always)))
        i++;
    return i;
}

/* The next n bytes stay as they are; as long as nothing went before them, where they are. */
static void keep(struct refang *r, size_t n)
{
    struct plain *f = r->f;
    if (r->in != r->out) {
        memmove(f->p + r->out, f->p + r->in, n);
        memmove(f->at + r->out, f->at + r->in, n * sizeof *f->at);
    }
    r->in += n;
    r->out += n;
}

void plain_refang(struct plain *f, const struct words *tlds)
{
    struct refang r = {.f = f, .tlds = tlds};
    while (r.in < f->n) {
        keep(&r, next_stop(&r) - r.in);
        if (r.in == f->n)
            break;
        if (ascii_space((unsigned char)f->p[r.in]))
            r.backslash = false;
        if (!fanged(&r))
            keep(&r, 1);
    }
    f->at[r.out] = f->at[f->n];
    f->n = r.out;
}
