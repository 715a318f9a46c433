#include "codec/line.h"
#include "codec/mime.h"

enum {
    TAIL = 3,          /* lines that "On ... wrote:" may take */
    ATTRIBUTION = 300, /* and its bytes */
    SHORT_LINE = 120,  /* of a header in a text */
    UNDERSCORES = 30,
};

struct own {
    struct buf *out;
    struct str rest;
    size_t start;      /* of what we wrote */
    size_t tail[TAIL]; /* where the last lines start in out, the newest first */
    size_t lines;      /* since the last blank one */
    size_t paragraph;  /* lines before that one */
    bool owed;         /* a blank line, before the next one */
    bool quoted;       /* the last line was another's */
    bool forwarded, signed_text;
};

static bool empty_so_far(const struct own *o)
{
    return o->out->n == o->start;
}

static void add(struct own *o, struct str line)
{
    if (str_trim(line).n == 0) {
        o->owed = true;
        o->paragraph = o->lines ? o->lines : o->paragraph;
        o->lines = 0;
        return;
    }
    if (o->owed && !empty_so_far(o))
        buf_putc(o->out, '\n');
    o->owed = false;
    for (size_t i = TAIL - 1; i > 0; i--)
        o->tail[i] = o->tail[i - 1];
    o->tail[0] = o->out->n;
    o->lines++;
    buf_str(o->out, line);
    buf_putc(o->out, '\n');
}

/* --- "On 2 March 2021, Ann wrote:" --- */

static bool has_date(struct str s)
{
    size_t digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        digits = ascii_digit(c) ? digits + 1 : 0;
        if (digits == 4 ||
            (c == ':' && i && i + 1 < s.n && ascii_digit((unsigned char)s.p[i - 1]) &&
             ascii_digit((unsigned char)s.p[i + 1])))
            return true;
    }
    return false;
}

/* Ends with a colon, and names a date, an address, or the deed. In any language but for the last.
 */
static bool attributes(struct str s)
{
    s = str_trim(s);
    bool colon = str_ends(s, STR(":")) || str_ends(s, STR("\xef\xbc\x9a"));
    return colon && s.n <= ATTRIBUTION &&
           (str_chr(s, '@') >= 0 || has_date(s) || str_iends(s, STR("wrote:")) ||
            str_iends(s, STR("writes:")));
}

/* A quoted line follows: the line that says of whom it is goes, one that began above it too. */
static void drop_attribution(struct own *o)
{
    if (o->quoted || empty_so_far(o))
        return;
    size_t lines = o->owed ? o->paragraph : o->lines, drop = 0;
    size_t most = lines < TAIL ? lines : TAIL;
    for (size_t i = 0; i < most; i++) {
        struct str s = str_make(o->out->p + o->tail[i], o->out->n - o->tail[i]);
        if (!attributes(s))
            continue;
        drop = i + 1;
        break;
    }
    /* A line that begins it: the colon stands alone at the end of the lines below. */
    for (size_t i = drop; drop && i < most; i++) {
        struct str s = str_make(o->out->p + o->tail[i], o->out->n - o->tail[i]);
        if (str_starts(s, STR("On ")) && s.n <= ATTRIBUTION)
            drop = i + 1;
    }
    if (drop)
        o->out->n = o->tail[drop - 1];
    while (o->out->n > o->start + 1 && str_ends(buf_view(o->out), STR("\n\n")))
        o->out->n--;
}

static bool is_quoted(struct str line)
{
    size_t i = 0;
    while (i < line.n && i < 2 && line.p[i] == ' ')
        i++;
    return i < line.n && line.p[i] == '>';
}

/* --- marks --- */

/* "-----Original Message-----": what stands between the dashes, or nothing. */
static struct str between_dashes(struct str line)
{
    size_t n = 0, end = line.n;
    while (n < line.n && line.p[n] == '-')
        n++;
    while (end > n && line.p[end - 1] == '-')
        end--;
    return n < 3 || line.n - end < 3 || line.n > SHORT_LINE ? STR_NONE
                                                            : str_trim(str_sub(line, n, end));
}

static bool one_of(struct str s, const struct str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ifind(s, list[i]) >= 0)
            return true;
    return false;
}

#define AMONG(s, ...)                                                                              \
    one_of(s, (const struct str[]){__VA_ARGS__},                                                   \
           sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str))

/* Headers of a mail in its text: how many lines, from this one. */
static size_t header_lines(struct str line, struct str rest, struct str *ret_behind)
{
    size_t n = 0;
    if (!AMONG(str_sub(line, 0, 7), {"From:", 5}, {"*From:", 6}, {"Von:", 4}, {"De:", 3}))
        return 0;
    do {
        ptrdiff_t colon = str_chr(str_sub(line, 0, 24), ':');
        if (line.n == 0)
            break;
        if (colon <= 0 && !(n && ascii_space((unsigned char)line.p[0])))
            break;
        n++;
        *ret_behind = rest;
    } while (n < 30 && line_next(&rest, &line, NULL));
    return n;
}

static bool underscores(struct str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == '_')
        n++;
    return n == line.n && n >= UNDERSCORES;
}

static struct str next_line(struct str rest)
{
    struct str line = STR_NONE;
    (void)line_next(&rest, &line, NULL);
    return line;
}

/* The end of what the author says: signature, the mail that is answered, a list's footer. */
static bool ends(struct own *o, struct str line)
{
    struct str mark = between_dashes(line);
    if (str_eq(line, STR("-- ")) || str_eq(line, STR("--")))
        return true;
    if (mark.n && AMONG(mark, {"original message", 16}, {"Urspr", 5}, {"Message d'origine", 17},
                        {"Mensaje original", 16}, {"Исходное сообщение", 35}))
        return !empty_so_far(o);
    struct str below = next_line(o->rest);
    if (underscores(line))
        return AMONG(below, {"mailing list", 12}, {"From:", 5}) && !empty_so_far(o);
    struct str behind;
    return !empty_so_far(o) && header_lines(line, o->rest, &behind) >= 3;
}

/* PGP's armour, the mark of a forwarded message, headers at the top: true if it was skipped. */
static bool skip_mark(struct own *o, struct str line)
{
    struct str mark = between_dashes(line), behind, one;
    if (str_eq(mark, STR("BEGIN PGP SIGNED MESSAGE"))) {
        while (line_next(&o->rest, &one, NULL) && one.n)
            ; /* Hash: */
        return o->signed_text = true;
    }
    if (str_eq(mark, STR("BEGIN PGP SIGNATURE"))) {
        while (line_next(&o->rest, &one, NULL) &&
               !str_eq(between_dashes(one), STR("END PGP SIGNATURE")))
            ;
        return true;
    }
    if (mark.n && AMONG(mark, {"forwarded", 9}, {"original message", 16}, {"Пересылаем", 20})) {
        o->forwarded |= empty_so_far(o);
        o->owed = true;
        if (header_lines(next_line(o->rest), o->rest, &behind))
            while (line_next(&o->rest, &one, NULL) && one.n)
                ;
        return true;
    }
    if (header_lines(line, o->rest, &behind) >= 3) {
        o->forwarded |= empty_so_far(o);
        o->rest = behind;
        return true;
    }
    return false;
}

bool mail_own_words(struct buf *out, struct str text)
{
    struct own o = {.out = out, .rest = text, .start = out->n};
    struct str line;
    while (line_next(&o.rest, &line, NULL) && !out->rc) {
        if (o.signed_text && str_starts(line, STR("- ")))
            line = str_sub(line, 2, line.n);
        if (is_quoted(line)) {
            drop_attribution(&o);
            o.quoted = o.owed = true;
            o.lines = o.paragraph = 0;
            continue;
        }
        if (ends(&o, line))
            break;
        if (skip_mark(&o, line))
            continue;
        add(&o, line);
        if (line.n)
            o.quoted = false;
    }
    while (out->n > o.start && ascii_space((unsigned char)out->p[out->n - 1]))
        out->n--;
    return o.forwarded;
}
