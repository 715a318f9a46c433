#include "base/time.h"
#include "codec/json.h"
#include "codec/json_scan.h"
#include "codec/observe_reply.h"

/* HTTP Archive 1.2, as browsers export it: {"log": {..., "entries": [ENTRY, ...]}}, where an entry
 * is one request with its answer. The host is that of the request. The archive is walked, and one
 * entry is in memory at a time. */

struct archive {
    struct observe_reader *r;
    struct json_skip skip;
    uint64_t line; /* of the front of the view */
    bool told;     /* an observation was given */
};

static void take(struct archive *a, size_t n)
{
    a->line += str_count(str_sub(observe_view(a->r), 0, n), '\n');
    observe_take(a->r, n);
}

/* --- walking --- */

static enum err wrong(struct archive *a, const char *why)
{
    a->skip.why = why;
    return ERR_FORMAT;
}

/* The next byte that is no white space, not taken. */
static enum err peek(struct archive *a, char *ret_c)
{
    for (;;) {
        struct str view = observe_view(a->r);
        size_t i = 0;
        while (i < view.n && ascii_space((unsigned char)view.p[i]))
            i++;
        *ret_c = i < view.n ? view.p[i] : 0;
        bool found = i < view.n;
        take(a, i);
        enum err rc = found ? OK : observe_fill(a->r);
        if (rc || found)
            return rc;
    }
}

static enum err expect(struct archive *a, char want)
{
    char c;
    enum err rc = peek(a, &c);
    if (rc)
        return rc;
    if (c != want)
        return wrong(a, "not the structure of an archive");
    take(a, 1);
    return OK;
}

/* The value at the front, not taken. ERR_LIMIT if it does not fit into the window. */
static enum err whole(struct archive *a, struct str *ret_text)
{
    a->skip = (struct json_skip){0};
    for (;;) {
        struct str view = observe_view(a->r);
        enum err rc = json_skip_on(&a->skip, view);
        *ret_text = str_sub(view, 0, a->skip.at);
        if (rc == END)
            return OK;
        if (!rc)
            rc = observe_fill(a->r);
        if (rc)
            return rc;
    }
}

/* Takes what is left of the value that a->skip is in. */
static enum err skip_rest(struct archive *a)
{
    for (;;) {
        enum err rc = json_skip_on(&a->skip, observe_view(a->r));
        take(a, json_skip_forget(&a->skip));
        if (rc == END)
            return OK;
        if (!rc)
            rc = observe_fill(a->r);
        if (rc)
            return rc;
    }
}

/* Into the object at the front, up to the value of that key. */
static enum err enter(struct archive *a, const char *key)
{
    struct str name;
    enum err rc = expect(a, '{');
    while (!rc) {
        char c;
        rc = peek(a, &c);
        if (!rc && c != '"')
            rc = wrong(a, "not the structure of an archive");
        if (!rc)
            rc = whole(a, &name);
        if (rc)
            return rc;
        bool here = str_eq(str_sub(name, 1, name.n - 1), str_of(key));
        take(a, name.n);
        rc = expect(a, ':');
        if (!rc)
            rc = peek(a, &c);
        if (rc || here)
            return rc;
        a->skip = (struct json_skip){0};
        rc = skip_rest(a);
        if (!rc)
            rc = expect(a, ',');
    }
    return rc;
}

/* --- one entry --- */

enum { STARTED, URL, HEADERS, TEXT, ENCODING, VALUES };

static const char *const paths[VALUES] = {
    [STARTED] = "startedDateTime",
    [URL] = "request.url",
    [HEADERS] = "response.headers",
    [TEXT] = "response.content.text",
    [ENCODING] = "response.content.encoding",
};

static void headers(struct archive *a, struct reply *p, const struct json_value *list)
{
    static const char *const pair[] = {"name", "value"};
    struct json_scan scan;
    struct json_value key, v, got[ARRAY_LEN(pair)];
    if (list->kind != '[' || json_scan_open(&scan, list->text))
        return;
    while (json_scan_next(&scan, &key, &v) == OK)
        if (!json_pick(v.text, pair, ARRAY_LEN(pair), got))
            reply_header(p, json_value_text(&a->r->arena, &got[0]),
                         json_value_text(&a->r->arena, &got[1]), a->line);
}

static int sextet(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Up to what is no base64; absent if memory ran out. */
static struct str unpacked(struct arena *arena, struct str text)
{
    char *to = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    uint32_t bits = 0, have = 0;
    for (size_t i = 0; to && i < text.n && sextet(text.p[i]) >= 0; i++) {
        bits = bits << 6 | (uint32_t)sextet(text.p[i]);
        have += 6;
        if (have >= 8) {
            have -= 8;
            to[n++] = (char)(bits >> have & 0xff);
        }
    }
    return str_make(to, to ? n : 0);
}

static void body(struct archive *a, struct reply *p, const struct json_value *v)
{
    struct str text = json_value_text(&a->r->arena, &v[TEXT]);
    if (str_ieq(json_value_text(&a->r->arena, &v[ENCODING]), STR("base64")))
        text = unpacked(&a->r->arena, text);
    reply_body(p, text, 0);
    for (size_t i = 0; i < p->n; i++)
        p->found[i].line = a->line;
}

static enum err entry(struct archive *a, struct str text)
{
    struct json_value v[VALUES];
    struct reply p;
    int64_t time_us;
    arena_reset(&a->r->arena);
    reply_start(&p);
    if (text.p[0] != '{' || json_pick(text, paths, VALUES, v))
        return observe_gap(a->r, a->line, a->r->offset, OBSERVE_DAMAGED, STR("an entry"));
    headers(a, &p, &v[HEADERS]);
    body(a, &p, v);
    if (!time_parse(json_value_text(&a->r->arena, &v[STARTED]), &time_us))
        time_us = p.time_us;
    a->told |= p.n > 0;
    return reply_give(a->r, &p, reply_host(json_value_text(&a->r->arena, &v[URL])), time_us);
}

/* The entry at the front: taken, whatever is in it. */
static enum err next_entry(struct archive *a)
{
    struct str text;
    enum err rc = whole(a, &text);
    if (rc == ERR_LIMIT && !a->skip.why) {
        a->told = true; /* perhaps by this one */
        TRY(observe_gap(a->r, a->line, a->r->offset, OBSERVE_TOO_LONG, STR("an entry")));
        return skip_rest(a);
    }
    if (rc)
        return rc;
    TRY(entry(a, text));
    take(a, text.n);
    return OK;
}

static enum err entries(struct archive *a)
{
    char c;
    enum err rc = expect(a, '[');
    if (!rc)
        rc = peek(a, &c);
    while (!rc && c != ']') {
        rc = next_entry(a);
        if (!rc)
            rc = peek(a, &c);
        if (!rc && c == ',') {
            take(a, 1);
            rc = peek(a, &c);
        } else if (!rc && c != ']') {
            rc = wrong(a, "not the structure of JSON");
        }
    }
    return rc;
}

/* --- the file --- */

static enum err read(struct observe_reader *r)
{
    struct archive a = {.r = r, .line = 1};
    enum err rc = enter(&a, "log");
    if (!rc)
        rc = enter(&a, "entries");
    if (!rc)
        rc = entries(&a);
    if (rc == END || (rc && a.skip.why)) /* what stands before it was told */
        return observe_gap(r, a.line, r->offset, rc == END ? OBSERVE_CUT : OBSERVE_DAMAGED,
                           str_of(rc == END ? "the text ends within the archive" : a.skip.why));
    if (!rc && !a.told)
        return observe_gap(r, 0, 0, OBSERVE_NO_BUILD, STR("no answer tells one"));
    return rc;
}

static bool is(struct str head, struct str name)
{
    enum { BEGINNING = 4096 };
    (void)name;
    head = str_trim(str_sub(head, 0, BEGINNING));
    return head.n && head.p[0] == '{' && str_has(str_sub(head, 0, 64), STR("\"log\"")) &&
           (str_has(head, STR("\"creator\"")) || str_has(head, STR("\"entries\"")));
}

const struct observe_format observe_har = {
    .name = "har", .help = "HTTP Archives, as browsers export them", .is = is, .read = read};
