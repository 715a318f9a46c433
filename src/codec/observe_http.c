#include "codec/observe_reply.h"

/* Answers of web servers as people save them: a status line, headers, a body, and perhaps the next
 * answer, of a redirect. What stands before a status line tells the tool, and stands before each
 * header as well:
 *
 *     HTTP/1.1 200 OK          curl -i, curl -D, wget --save-headers
 *       HTTP/1.1 200 OK        wget -S, with "--date--  https://host/path" before it
 *     < HTTP/1.1 200 OK        curl -v, with "> Host: host" before it
 *
 * Whose answer it is, in this order: the user says; what stands before the first status line says,
 * a Host: or an address, which no server wrote; the server says (X-FEServer); the file is called
 * so. Nothing behind the first status line names another host, so that no server speaks for its
 * neighbours: answers of others are left out. */

enum {
    LINE_BYTES = 64 * 1024,  /* of a header; a longer one is a gap */
    PIECE_BYTES = 64 * 1024, /* of a body, looked at together */
    STATUS_BYTES = 64,       /* a status line without its reason is shorter */
    HEAD_BYTES = 8 * 1024,   /* in which the first status line has to be */
    INDENT_BYTES = 8,
};

struct name {
    char p[REPLY_NAME_BYTES];
    size_t n;
};

struct saved {
    struct observe_reader *r;
    uint64_t line; /* of the front of the view */
    char indent[INDENT_BYTES];
    size_t indent_n;
    struct name host;  /* as what stands before says */
    struct name front; /* as the last server that said so calls itself */
    struct name other; /* whose answer it is; n == 0: the host's */
    struct name next;  /* the same of the next one */
    struct reply reply;
    unsigned status;
    bool told;   /* an observation was given */
    bool packed; /* a body was not looked into */
};

static struct str view_of(const struct name *n)
{
    return str_make(n->p, n->n);
}

static void set(struct name *n, struct str text)
{
    n->n = text.n <= sizeof n->p ? text.n : 0;
    if (n->n)
        memcpy(n->p, text.p, n->n);
}

/* --- lines --- */

static void take(struct saved *s, size_t n)
{
    s->line += str_count(str_sub(observe_view(s->r), 0, n), '\n');
    observe_take(s->r, n);
}

/* The line at the front, with its end, not taken. A part of it if it is longer than LINE_BYTES. END
 * behind the last one. */
static enum err next_line(struct saved *s, struct str *ret_line)
{
    for (;;) {
        struct str view = observe_view(s->r);
        ptrdiff_t lf = str_chr(view, '\n');
        *ret_line = str_sub(view, 0, lf < 0 ? view.n : (size_t)lf + 1);
        if (lf >= 0 || view.n >= LINE_BYTES)
            return OK;
        enum err rc = observe_fill(s->r);
        if (rc)
            return view.n ? OK : rc;
    }
}

static bool is_digit(struct str s, size_t at)
{
    return at < s.n && ascii_digit((unsigned char)s.p[at]);
}

/* "HTTP/1.1 200", "HTTP/2 200": the status, 0 if it is none. */
static unsigned status_at(struct str s)
{
    unsigned status = 0;
    size_t at = STR("HTTP/").n;
    if (!str_starts(s, STR("HTTP/")) || !is_digit(s, at++))
        return 0;
    if (at < s.n && s.p[at] == '.' && is_digit(s, at + 1))
        at += 2;
    if (at >= s.n || s.p[at++] != ' ')
        return 0;
    for (size_t end = at + 3; at < end; at++) {
        if (!is_digit(s, at))
            return 0;
        status = status * 10 + (unsigned)(s.p[at] - '0');
    }
    return at == s.n || ascii_space((unsigned char)s.p[at]) ? status : 0;
}

/* What stands before headers, or the end of a body? */
static bool is_indent(struct str before)
{
    return str_eq(before, STR("< ")) || (before.n < INDENT_BYTES && !str_trim(before).n);
}

/* Where in a line a status line begins, or -1. A body without a line end may stand before it; then
 * only the line end of the protocol tells. */
static ptrdiff_t status_in(struct str line)
{
    ptrdiff_t at = str_find(line, STR("HTTP/"));
    if (at < 0 || !status_at(str_sub(line, (size_t)at, line.n)))
        return -1;
    return is_indent(str_sub(line, 0, (size_t)at)) || str_ends(line, STR("\r\n")) ? at : -1;
}

/* --- whose answer it is --- */

/* What a tool or a person wrote before an answer. */
static struct str told_host(struct str line)
{
    line = str_trim(line);
    if (str_starts(line, STR("* "))) /* curl's remarks, about proxies as well */
        return STR("");
    if (str_starts(line, STR("> ")))
        line = str_sub(line, 2, line.n);
    if (str_istarts(line, STR("Host:")))
        return reply_host(str_trim(str_sub(line, 5, line.n)));
    ptrdiff_t at = str_ifind(line, STR("https://"));
    if (at < 0)
        at = str_ifind(line, STR("http://"));
    return at < 0 ? STR("") : reply_host(str_sub(line, (size_t)at, line.n));
}

/* The next answer is that host's. */
static void goes_to(struct saved *s, struct str host)
{
    if (host.n && s->host.n)
        set(&s->next, str_ieq(host, view_of(&s->host)) ? STR("") : host);
}

/* Between answers, what wget and curl -v say of their next request. */
static void note_between(struct saved *s, struct str line)
{
    bool wget = s->indent_n && s->indent[0] == ' ' && str_starts(line, STR("--2"));
    bool curl = s->indent_n && s->indent[0] == '<' && str_istarts(line, STR("> Host:"));
    if (wget || curl)
        goes_to(s, told_host(line));
}

/* "mail.example.org.txt" */
static struct str file_host(struct str name)
{
    static const char *const endings[] = {".gz",     ".zst",      ".xz",   ".txt",  ".http",
                                          ".header", ".headers",  ".html", ".htm",  ".log",
                                          ".out",    ".response", ".raw",  ".saved"};
    ptrdiff_t slash = str_rchr(name, '/');
    name = str_sub(name, (size_t)(slash + 1), name.n);
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (str_iends(name, str_of(endings[i])))
            name.n -= strlen(endings[i]);
    return str_eq(name, STR("-")) ? STR("") : name;
}

static struct str host_of(const struct saved *s)
{
    const struct observe_options *o = s->r->options;
    return o->host.n    ? o->host
           : s->host.n  ? view_of(&s->host)
           : s->front.n ? view_of(&s->front)
                        : file_host(o->name);
}

static int64_t time_of(const struct saved *s)
{
    return s->r->options->asked ? s->r->options->asked_us : s->reply.time_us;
}

/* --- one answer --- */

static enum err give(struct saved *s)
{
    struct str other = view_of(&s->other);
    if (s->reply.front_n)
        set(&s->front, reply_front(&s->reply));
    s->packed |= s->reply.packed;
    if (s->reply.n && other.n && !s->r->options->host.n) {
        s->told = true;
        return observe_gap(s->r, s->reply.found[0].line, 0, OBSERVE_OTHER_HOST, other);
    }
    s->told |= s->reply.n > 0;
    return reply_give(s->r, &s->reply, host_of(s), time_of(s));
}

static void header(struct saved *s, struct str line)
{
    ptrdiff_t colon = str_chr(line, ':');
    struct str name = str_trim(str_sub(line, 0, colon < 0 ? 0 : (size_t)colon));
    struct str value = str_sub(line, (size_t)(colon + 1), line.n);
    reply_header(&s->reply, name, value, s->line);
    if (str_ieq(name, STR("Location")) && s->status / 100 == 3 && str_has(value, STR("://")))
        goes_to(s, reply_host(str_trim(value)));
}

/* From behind the status line to the empty line, or to one that lacks what stands before headers.
 */
static enum err headers(struct saved *s)
{
    struct str indent = str_make(s->indent, s->indent_n), line = STR("");
    for (;;) {
        enum err rc = next_line(s, &line);
        if (rc == END && !indent.n) /* other tools end headers without an empty line */
            return observe_gap(s->r, s->line, s->r->offset, OBSERVE_CUT, STR("headers"));
        if (rc)
            return rc == END ? OK : rc;
        if (line.n >= LINE_BYTES)
            return observe_gap(s->r, s->line, s->r->offset, OBSERVE_TOO_LONG, STR("a header"));
        bool remark = s->indent[0] == '<' && str_starts(line, STR("* "));
        if (!str_starts(line, indent) && !remark)
            return OK;
        struct str text = str_trim(str_sub(line, indent.n, line.n));
        if (!remark && text.n)
            header(s, str_sub(line, indent.n, line.n));
        take(s, line.n);
        if (!text.n)
            return OK;
    }
}

/* Looks at the n bytes at the front, and keeps the last of them for the next piece. */
static size_t search(struct saved *s, size_t n, bool last)
{
    size_t keep = last || n < REPLY_OVERLAP ? 0 : REPLY_OVERLAP;
    reply_body(&s->reply, str_sub(observe_view(s->r), 0, n), s->line);
    take(s, last ? n : n - keep);
    return keep;
}

/* Up to the next status line. */
static enum err body(struct saved *s)
{
    enum err ended = OK;
    for (size_t at = 0;;) { /* bytes at the front that hold no status line */
        struct str view = observe_view(s->r), rest = str_sub(view, at, view.n);
        ptrdiff_t lf = str_chr(rest, '\n');
        struct str line = str_sub(rest, 0, lf < 0 ? rest.n : (size_t)lf + 1);
        ptrdiff_t status = lf >= 0 || ended ? status_in(line) : -1;
        if (status >= 0 || (ended && !rest.n)) {
            struct str end = str_sub(line, 0, status < 0 ? 0 : (size_t)status);
            (void)search(s, at + (is_indent(end) ? 0 : end.n), true);
            return status >= 0 ? OK : ended;
        }
        if (lf >= 0 || ended) {
            note_between(s, line);
            at += line.n;
        } else if (rest.n > PIECE_BYTES) {
            at += rest.n - STATUS_BYTES; /* one without end: the status line may stand at its end */
        } else {
            ended = observe_fill(s->r);
        }
        if (at >= PIECE_BYTES)
            at = search(s, at, false);
    }
}

/* The status line at the front. */
static enum err begin(struct saved *s, struct str line, size_t at)
{
    reply_start(&s->reply);
    s->other = s->next;
    s->status = status_at(str_sub(line, at, line.n));
    s->indent_n = is_indent(str_sub(line, 0, at)) ? at : 0;
    memcpy(s->indent, line.p, s->indent_n);
    take(s, line.n);
    return headers(s);
}

/* --- the file --- */

static enum err before_first(struct saved *s, struct str *ret_line, ptrdiff_t *ret_at)
{
    for (;;) {
        enum err rc = next_line(s, ret_line);
        if (rc)
            return rc;
        *ret_at = status_in(*ret_line);
        if (*ret_at >= 0)
            return OK;
        if (!s->host.n)
            set(&s->host, told_host(*ret_line));
        take(s, ret_line->n);
    }
}

/* A host that nothing was learnt of is not left out. */
static enum err tell_nothing(struct saved *s)
{
    struct observation o = observation_blank(OBSERVED_BUILD);
    if (s->told || s->r->options->asked)
        return OK;
    TRY(observe_gap(s->r, 0, 0, OBSERVE_NO_BUILD,
                    s->packed ? STR("no answer tells one; a packed body was not looked into")
                              : STR("no answer tells one")));
    o.host = host_of(s);
    o.time_us = s->reply.time_us;
    return observe_give(s->r, &o);
}

static enum err read(struct observe_reader *r)
{
    struct saved *s = arena_new(&r->arena, struct saved);
    struct str line;
    ptrdiff_t at;
    if (!s)
        return fail(r->error, ERR_NOMEM, "out of memory");
    s->r = r;
    s->line = 1;
    enum err rc = before_first(s, &line, &at);
    while (!rc) {
        TRY(begin(s, line, (size_t)at));
        rc = body(s);
        TRY(give(s));
        if (!rc && (rc = next_line(s, &line)) == OK)
            at = status_in(line);
    }
    TRY(tell_nothing(s));
    return rc;
}

/* A status line near the beginning, and lines of text before it. */
static bool is(struct str head, struct str name)
{
    struct str line;
    (void)name;
    head = str_sub(head, 0, HEAD_BYTES);
    while (head.p && str_cut(&head, '\n', &line)) {
        if (status_in(line) >= 0)
            return true;
    }
    return false;
}

const struct observe_format observe_http = {
    .name = "http",
    .help = "saved answers of web servers: curl -i, curl -v, wget -S",
    .is = is,
    .read = read};
