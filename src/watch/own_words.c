#include "watch/gist_priv.h"

enum { SIGNATURE_BYTES = 1500, HEADER_BYTES = 40 };

/* Lines in front of a message that say how it came here. The subject is kept. */
static bool is_header(struct str line)
{
    static const char *const names[] = {"from",
                                        "to",
                                        "cc",
                                        "bcc",
                                        "date",
                                        "sent",
                                        "message-id",
                                        "in-reply-to",
                                        "references",
                                        "received",
                                        "return-path",
                                        "reply-to",
                                        "sender",
                                        "mime-version",
                                        "content-type",
                                        "content-transfer-encoding",
                                        "user-agent",
                                        "delivered-to",
                                        "authentication-results"};
    struct str name = str_sub(line, 0, HEADER_BYTES);
    ptrdiff_t colon = str_chr(name, ':');
    name = colon > 0 ? str_make(name.p, (size_t)colon) : STR_NONE;
    if (str_istarts(name, STR("x-")) || str_istarts(name, STR("list-")) ||
        str_istarts(name, STR("dkim-")) || str_istarts(name, STR("arc-")))
        return str_chr(name, ' ') < 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_ieq(name, str_of(names[i])))
            return true;
    return false;
}

/* "-- " and what little follows it. */
static bool is_signature(struct str line, size_t left)
{
    return left <= SIGNATURE_BYTES && (str_eq(line, STR("-- ")) || str_eq(line, STR("--")));
}

static bool is_quote(struct str line)
{
    size_t i = 0;
    while (i < line.n && i < 3 && line.p[i] == ' ')
        i++;
    return i < line.n && line.p[i] == '>';
}

static struct str line_at(const struct own_words *o)
{
    struct str rest = str_sub(o->text, o->at, o->text.n);
    ptrdiff_t end = str_chr(rest, '\n');
    struct str line = end < 0 ? rest : str_make(rest.p, (size_t)end);
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

/* Goes on behind the line. */
static void skip_line(struct own_words *o)
{
    struct str rest = str_sub(o->text, o->at, o->text.n);
    ptrdiff_t end = str_chr(rest, '\n');
    o->at = end < 0 ? o->text.n : o->at + (size_t)end + 1;
}

static bool is_own(struct own_words *o, struct str line)
{
    if (is_signature(line, o->text.n - o->at)) {
        o->at = o->text.n;
        return false;
    }
    bool header = o->head && is_header(line);
    /* A folded header goes on behind a blank. */
    bool folded = o->head && o->at > 0 && line.n && (line.p[0] == ' ' || line.p[0] == '\t');
    o->head = o->head && (header || folded || str_istarts(line, STR("subject:")));
    return !header && !folded && !is_quote(line);
}

bool own_words_next(struct own_words *o, size_t *ret_from, size_t *ret_to)
{
    while (o->at < o->text.n && !is_own(o, line_at(o)))
        if (o->at < o->text.n)
            skip_line(o);
    *ret_from = o->at;
    while (o->at < o->text.n) {
        skip_line(o);
        *ret_to = o->at;
        struct own_words next = *o;
        if (o->at < o->text.n && !is_own(&next, line_at(&next)))
            break;
        o->head = next.head;
    }
    return *ret_from < o->text.n && *ret_from < *ret_to;
}
