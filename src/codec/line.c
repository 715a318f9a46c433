#include "codec/line.h"

#include "base/err.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

bool line_next(struct str *rest, struct str *ret_line, bool *ret_whole)
{
    if (rest->n == 0)
        return false;
    ptrdiff_t at = str_chr(*rest, '\n');
    if (ret_whole)
        *ret_whole = at >= 0;
    size_t n = at < 0 ? rest->n : (size_t)at;
    *ret_line = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, at < 0 ? n : n + 1, rest->n);
    if (ret_line->n && ret_line->p[ret_line->n - 1] == '\r')
        ret_line->n--;
    return true;
}

struct str line_bare(struct str line)
{
    while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == 0))
        line.n--;
    while (line.n && line.p[0] == 0)
        line = str_sub(line, 1, line.n);
    return line;
}

bool line_zeros(struct str line)
{
    return line.n && memchr(line.p, 0, line.n) != NULL;
}

bool line_blank(struct str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] && !ascii_space((unsigned char)line.p[i]))
            return false;
    return true;
}

bool line_address(struct str s)
{
    ptrdiff_t scope = str_chr(s, '%');
    bool colon = str_chr(s, ':') >= 0;
    int dots = 0, colons = 0;
    if (scope >= 0 && colon)
        s.n = (size_t)scope;
    if (s.n < 2 || s.n > 45)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        dots += c == '.';
        colons += c == ':';
        if (c != '.' && c != ':' && !(colon ? ascii_hex(c) >= 0 : ascii_digit(c)))
            return false;
    }
    return colons >= 2 || (!colons && dots == 3);
}

bool line_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ascii_digit((unsigned char)s.p[i]))
            return false;
    return s.n > 0;
}

static bool parts(char c)
{
    return c == ' ' || c == '\t';
}

bool line_word(struct str *rest, struct str *ret_word)
{
    size_t i = 0, from;
    while (i < rest->n && parts(rest->p[i]))
        i++;
    from = i;
    while (i < rest->n && !parts(rest->p[i]))
        i++;
    *ret_word = str_sub(*rest, from, i);
    *rest = str_sub(*rest, i, rest->n);
    return ret_word->n > 0;
}

#ifdef __SSE2__
/* A bit for each of 64 bytes that is a blank or a tab. */
static uint64_t blanks_at(const char *p)
{
    const __m128i blank = _mm_set1_epi8(' '), tab = _mm_set1_epi8('\t');
    uint64_t mask = 0;
    for (int k = 0; k < 4; k++) {
        const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * k));
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(c, blank), _mm_cmpeq_epi8(c, tab));
        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(hit) << (16 * k);
    }
    return mask;
}

/* 64 bytes at a time: a word ends at a blank behind a byte that is none. The last bytes are looked
 * at in a copy that ends with blanks. */
size_t line_words(struct str line, struct str *ret_words, size_t max)
{
    UNCLEARED char last[64];
    const char *from = line.p;
    size_t n = 0;
    for (size_t i = 0; i <= line.n; i += sizeof last) {
        const char *p = line.p + i;
        size_t rest = line.n - i;
        uint64_t mask;
        if (rest >= sizeof last) {
            mask = blanks_at(p);
        } else {
            memset(last, ' ', sizeof last);
            memcpy(last, p, rest);
            mask = blanks_at(last) & (UINT64_MAX >> (63 - rest)); /* one blank behind the end */
        }
        for (; mask; mask &= mask - 1) {
            const char *at = p + __builtin_ctzll(mask);
            if (at > from) {
                if (n < max)
                    ret_words[n] = str_make(from, (size_t)(at - from));
                n++;
            }
            from = at + 1;
        }
    }
    return n;
}
#else
size_t line_words(struct str line, struct str *ret_words, size_t max)
{
    size_t n = 0;
    for (struct str word; line_word(&line, &word); n++)
        if (n < max)
            ret_words[n] = word;
    return n;
}
#endif

struct str line_base_name(struct str path)
{
    size_t i = path.n;
    while (i && path.p[i - 1] != '/' && path.p[i - 1] != '\\')
        i--;
    return str_sub(path, i, path.n);
}

void line_set(char *out, size_t size, struct str s)
{
    size_t n = s.n < size - 1 ? s.n : size - 1;
    memset(out, 0, size);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        out[i] = c < 32 || c == 127 ? '?' : s.p[i];
    }
}
