#include "codec/charset.h"

#include "base/utf.h"

#include <errno.h>
#include <iconv.h>

enum { NAME_BYTES = 32 };

struct charset {
    const char *name; /* iconv's */
    bool opaque;
    bool wide; /* two bytes a letter, which may look like UTF-8 by chance */
    iconv_t cd;
    bool tried, open;
};

enum { UTF8, CYRILLIC, WESTERN, CHINESE, KOI8 }; /* places in the list of what is guessed */

static struct charset charsets[] = {
    {"UTF-8"},
    {"CP1251"},
    {"CP1252"},
    {"GB18030", .wide = true},
    {"KOI8-R"},
    {"CP1250"},
    {"CP1253"},
    {"CP1254"},
    {"CP1255"},
    {"CP1256"},
    {"CP1257"},
    {"CP1258"},
    {"CP874"},
    {"ISO-8859-2"},
    {"ISO-8859-3"},
    {"ISO-8859-4"},
    {"ISO-8859-5"},
    {"ISO-8859-6"},
    {"ISO-8859-7"},
    {"ISO-8859-8"},
    {"ISO-8859-10"},
    {"ISO-8859-13"},
    {"ISO-8859-14"},
    {"ISO-8859-15"},
    {"ISO-8859-16"},

    {"KOI8-U"},
    {"CP866"},
    {"MACINTOSH"},
    {"MAC-CYRILLIC"},
    {"BIG5-HKSCS", .wide = true},
    {"CP932", .wide = true},
    {"EUC-JP", .wide = true},
    {"CP949", .wide = true},
    {"ISO-2022-JP", .opaque = true},
    {"UTF-16LE", .opaque = true},
    {"UTF-16BE", .opaque = true},
};

/* Names without their signs, in small letters. */
static const struct {
    const char *alias, *name;
} aliases[] = {
    {"utf8", "UTF-8"},
    {"unicode11utf8", "UTF-8"},
    {"usascii", "UTF-8"},
    {"ascii", "UTF-8"},
    {"ansix341968", "UTF-8"},
    {"ansix341968", "UTF-8"},
    {"iso646us", "UTF-8"},
    {"us", "UTF-8"},
    {"iso88591", "CP1252"},
    {"latin1", "CP1252"},
    {"l1", "CP1252"},
    {"cp819", "CP1252"},
    {"ansi", "CP1252"},
    {"latin2", "ISO-8859-2"},
    {"iso88599", "CP1254"},
    {"latin5", "CP1254"},
    {"latin9", "ISO-8859-15"},
    {"iso885911", "CP874"},
    {"tis620", "CP874"},
    {"iso88598i", "ISO-8859-8"},
    {"koi8", "KOI8-R"},
    {"koi", "KOI8-R"},
    {"koi8ru", "KOI8-U"},
    {"ibm866", "CP866"},
    {"866", "CP866"},
    {"mac", "MACINTOSH"},
    {"macroman", "MACINTOSH"},
    {"xmacroman", "MACINTOSH"},
    {"xmaccyrillic", "MAC-CYRILLIC"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"xgbk", "GB18030"},
    {"cp936", "GB18030"},
    {"euccn", "GB18030"},
    {"chinese", "GB18030"},
    {"gb231280", "GB18030"},
    {"big5", "BIG5-HKSCS"},
    {"cp950", "BIG5-HKSCS"},
    {"xxbig5", "BIG5-HKSCS"},
    {"shiftjis", "CP932"},
    {"sjis", "CP932"},
    {"xsjis", "CP932"},
    {"mskanji", "CP932"},
    {"windows31j", "CP932"},
    {"xeucjp", "EUC-JP"},
    {"euckr", "CP949"},
    {"ksc56011987", "CP949"},
    {"ksc5601", "CP949"},
    {"korean", "CP949"},
    {"utf16", "UTF-16LE"},
    {"unicode", "UTF-16LE"},
};

static bool opened(struct charset *c)
{
    if (!c->tried && c != &charsets[UTF8]) {
        c->tried = true;
        c->cd = iconv_open("UTF-8", c->name);
        c->open = c->cd != (iconv_t)-1; /* NOLINT: iconv says so */
    }
    return c->open || c == &charsets[UTF8];
}

void charset_prepare(void)
{
    for (size_t i = 0; i < ARRAY_LEN(charsets); i++)
        (void)opened(&charsets[i]);
}

/* "Windows-1251" -> "windows1251", at most NAME_BYTES. */
static struct str bare(struct str name, char out[NAME_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < name.n && n < NAME_BYTES; i++) {
        unsigned char c = ascii_lower((unsigned char)name.p[i]);
        if (ascii_alpha(c) || ascii_digit(c))
            out[n++] = (char)c;
    }
    return str_make(out, n);
}

static struct charset *named(struct str bare_name)
{
    char tmp[NAME_BYTES];
    for (size_t i = 0; i < ARRAY_LEN(charsets); i++)
        if (str_eq(bare(str_of(charsets[i].name), tmp), bare_name))
            return &charsets[i];
    return NULL;
}

const struct charset *charset_find(struct str name)
{
    char out[NAME_BYTES], more[NAME_BYTES];
    struct str s = bare(name, out);
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
        if (str_eq(s, str_of(aliases[i].alias)))
            s = bare(str_of(aliases[i].name), more);
    static const struct str vendors[] = {{"windows", 7}, {"xcp", 3}, {"win", 3}, {"x", 1}};
    struct charset *c = named(s);
    for (size_t i = 0; i < ARRAY_LEN(vendors) && !c; i++) { /* "windows-1251" is "CP1251" */
        char cp[NAME_BYTES] = "cp";
        struct str digits = str_sub(s, vendors[i].n, s.n);
        if (!str_starts(s, vendors[i]) || digits.n > NAME_BYTES - 2)
            continue;
        memcpy(cp + 2, digits.p, digits.n);
        c = named(str_make(cp, digits.n + 2));
    }
    return c && opened(c) ? c : NULL;
}

const struct charset *charset_utf8(void)
{
    return &charsets[UTF8];
}
const char *charset_name(const struct charset *c)
{
    return c->name;
}
bool charset_transparent(const struct charset *c)
{
    return !c->opaque;
}

static void utf8_text(struct buf *out, struct str text)
{
    size_t from = 0, n = 1;
    for (size_t i = 0; i < text.n; i += n) {
        n = 1;
        if ((unsigned char)text.p[i] < 0x80 || utf8_next(text, i, &n) != UTF_BAD)
            continue;
        buf_add(out, text.p + from, i - from);
        utf8_add(out, 0xfffd);
        from = i + 1;
    }
    buf_add(out, text.p + from, text.n - from);
}

/* iconv(3) wants a pointer that it may change, to bytes that it does not change. */
static size_t convert(const struct charset *c, struct str *s, char *to, size_t room, int *ret_errno)
{
    char *in = (char *)(uintptr_t)s->p, *out = to;
    size_t left = s->n;
    errno = 0;
    *ret_errno = iconv(c->cd, &in, &left, &out, &room) == (size_t)-1 ? errno : 0;
    *s = str_make(in, left);
    return (size_t)(out - to);
}

void charset_text(const struct charset *c, struct buf *out, struct str text)
{
    char tmp[4096];
    int wrong = 0;
    if (c == &charsets[UTF8]) {
        utf8_text(out, text);
        return;
    }
    (void)iconv(c->cd, NULL, NULL, NULL, NULL); /* the state of the text before */
    while (text.n && !out->rc) {
        size_t n = convert(c, &text, tmp, sizeof tmp, &wrong);
        buf_add(out, tmp, n);
        if ((wrong == EILSEQ || wrong == EINVAL) && text.n) {
            utf8_add(out, 0xfffd);
            text = str_sub(text, 1, text.n);
        }
    }
}

size_t charset_letter(const struct charset *c, struct buf *out, struct str s, bool last)
{
    enum { LONGEST = 4 };
    char tmp[16];
    size_t n = 1;
    int wrong = 0;
    if (c == &charsets[UTF8]) {
        int32_t cp = utf8_next(s, 0, &n);
        if (cp == UTF_BAD && !last && s.n < LONGEST && (unsigned char)s.p[0] >= 0xc2)
            return 0;
        utf8_add(out, cp == UTF_BAD ? 0xfffd : (uint32_t)cp);
        return n;
    }
    for (n = 1; n <= LONGEST && n <= s.n; n++) {
        struct str one = str_make(s.p, n);
        size_t wrote = convert(c, &one, tmp, sizeof tmp, &wrong);
        if (wrong == EINVAL) /* the letter has more bytes */
            continue;
        if (wrong || one.n || !wrote)
            break;
        buf_add(out, tmp, wrote);
        return n;
    }
    (void)iconv(c->cd, NULL, NULL, NULL, NULL);
    if (wrong == EINVAL && n > s.n && !last)
        return 0;
    utf8_add(out, 0xfffd);
    return 1;
}

/* Bytes beyond ASCII, by what stands beside them. */
struct census {
    size_t letters, bad; /* of UTF-8 */
    size_t high, beside; /* bytes; those with another one before or behind */
    size_t c0, e0;       /* of beside: small letters of KOI8, of windows-1251 */
    size_t low_half;     /* of beside: 0xa1 to 0xbf, hardly ever letters of windows-1251 */
};

/* The start of a letter, at the end of the text. */
static bool cut_off(struct str s)
{
    if (s.n > 3 || (unsigned char)s.p[0] < 0xc2)
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (((unsigned char)s.p[i] & 0xc0) != 0x80)
            return false;
    return true;
}

static struct census census(struct str s)
{
    struct census t = {0};
    size_t n = 1, high = 0;
    uint64_t eight;
    for (; high + 8 <= s.n; high += 8) { /* nearly all texts are ASCII as far as the eye sees */
        memcpy(&eight, s.p + high, 8);
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    while (high < s.n && !(s.p[high] & 0x80))
        high++;
    s = str_sub(s, high, s.n);
    for (size_t i = 0; i < s.n; i += n) {
        n = 1;
        if ((unsigned char)s.p[i] < 0x80)
            continue;
        if (utf8_next(s, i, &n) != UTF_BAD)
            t.letters++;
        else
            t.bad += !cut_off(str_sub(s, i, s.n));
    }
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool beside = (i && (s.p[i - 1] & 0x80)) || (i + 1 < s.n && (s.p[i + 1] & 0x80));
        t.high += c >= 0x80;
        t.beside += c >= 0x80 && beside;
        t.c0 += c >= 0xc0 && c < 0xe0 && beside;
        t.e0 += c >= 0xe0 && beside;
        t.low_half += c > 0xa0 && c < 0xc0 && beside;
    }
    return t;
}

const struct charset *charset_guess(struct str text, const struct charset *declared)
{
    struct census t = census(text);
    enum { BY_CHANCE = 4 };
    if (!declared || declared == &charsets[UTF8]) {
        if (t.bad <= t.letters)
            return &charsets[UTF8];
    } else if (t.bad || t.letters < (declared->wide ? BY_CHANCE : 1)) {
        return declared;
    } else {
        return &charsets[UTF8];
    }
    size_t which = t.beside * 2 < t.high              ? WESTERN
                   : t.low_half * 100 > t.beside * 12 ? CHINESE
                   : t.c0 > t.e0                      ? KOI8
                                                      : CYRILLIC;
    return opened(&charsets[which]) ? &charsets[which] : &charsets[UTF8];
}
