/* Access logs of Apache and nginx: common, combined, combined with the virtual host in front or a
 * chain of X-Forwarded-For addresses, and one JSON object a line.
 *
 * What:   which server wrote a line cannot be told, so there is one kind, "access". Columns have
 *         the names that IIS gives them; "request" is the request line as a whole.
 * Input:  hostile: clients choose the request, the agent, the referrer, the user name and the
 * chain. Limits: those of codec.h; JSON values more than one object deep are not looked at. Owner:
 * values are slices of the line, or unescaped copies in the arena. Spec:   Apache mod_log_config
 * (escapes of %r and %i), nginx ngx_http_log_module.
 */
#include "codec/json.h"
#include "codec/line.h"

enum column {
    C_IP,
    USERNAME,
    METHOD,
    STEM,
    QUERY,
    VERSION,
    STATUS,
    BYTES,
    REFERER,
    AGENT,
    FORWARDED,
    HOST,
    S_PORT,
    REQUEST,
    EXTRA, /* what follows the known fields, as written */
    COLUMNS,
};

static const char *const names[COLUMNS] = {
    "c-ip",      "cs-username", "cs-method",   "cs-uri-stem",    "cs-uri-query",    "cs-version",
    "sc-status", "sc-bytes",    "cs(Referer)", "cs(User-Agent)", "X-Forwarded-For", "cs-host",
    "s-port",    "request",     "extra",
};

enum { CLOCK_BYTES = 26 }; /* 07/Dec/2016:11:05:07 +0100 */

static bool two(struct str s, size_t at, int *ret_value)
{
    if (!ascii_digit((unsigned char)s.p[at]) || !ascii_digit((unsigned char)s.p[at + 1]))
        return false;
    *ret_value = (s.p[at] - '0') * 10 + (s.p[at + 1] - '0');
    return true;
}

static bool clock_time(struct str s, int64_t *ret_us)
{
    struct civil c = {0};
    int century, year, zone_h, zone_m;
    if (s.n != CLOCK_BYTES || s.p[2] != '/' || s.p[6] != '/' || s.p[11] != ':' || s.p[14] != ':' ||
        s.p[17] != ':' || s.p[20] != ' ' || (s.p[21] != '+' && s.p[21] != '-'))
        return false;
    if (!two(s, 0, &c.day) || !two(s, 7, &century) || !two(s, 9, &year) || !two(s, 12, &c.hour) ||
        !two(s, 15, &c.minute) || !two(s, 18, &c.second) || !two(s, 22, &zone_h) ||
        !two(s, 24, &zone_m) || zone_h > 23 || zone_m > 59)
        return false;
    c.month = time_month(str_sub(s, 3, 6));
    c.year = century * 100 + year;
    int64_t t = time_of_civil(&c);
    if (t == TIME_NONE)
        return false;
    *ret_us = t - (s.p[21] == '-' ? -1 : 1) * (zone_h * 60 + zone_m) * 60 * US_PER_S;
    return true;
}

/* Index of the '[' of the time, or -1. The quote of the request must follow, or the end of a cut
 * line: both servers escape quotes, so a user name cannot hold a second such place. */
static ptrdiff_t find_time(struct str line, int64_t *ret_us)
{
    size_t from = 0;
    for (;;) {
        ptrdiff_t at = str_chr(str_sub(line, from, line.n), '[');
        if (at < 0)
            return -1;
        from += (size_t)at;
        size_t end = from + 1 + CLOCK_BYTES;
        if (end < line.n && line.p[end] == ']' &&
            (end + 1 >= line.n ||
             (line.p[end + 1] == ' ' && (end + 2 >= line.n || line.p[end + 2] == '"'))) &&
            clock_time(str_sub(line, from + 1, end), ret_us))
            return (ptrdiff_t)from;
        from++;
    }
}

/* --- what stands before the time --- */

static size_t words(struct str s)
{
    struct str word;
    size_t n = 0;
    while (n < 3 && line_word(&s, &word))
        n++;
    return n;
}

static void set(struct record *r, enum column c, struct str s)
{
    s = str_trim(s);
    r->value[c] = str_eq(s, STR("-")) ? STR_NONE : s;
}

/* "host:port" or "host" of the combined format with virtual host. */
static void virtual_host(struct record *r, struct str s)
{
    ptrdiff_t colon = str_rchr(s, ':');
    struct str port = colon < 0 ? STR_NONE : str_sub(s, (size_t)colon + 1, s.n);
    if (colon >= 0 && line_digits(port) && !line_address(s)) {
        r->value[S_PORT] = port;
        s.n = (size_t)colon;
    }
    set(r, HOST, s);
}

/* Addresses up to the identity: the last one is the peer, those before it are the chain. */
static struct str addresses(struct record *r, struct str rest)
{
    struct str first, word, peek = rest;
    if (rest.n && rest.p[0] == '"') {
        ptrdiff_t end = str_chr(str_sub(rest, 1, rest.n), '"');
        if (end >= 0) {
            set(r, FORWARDED, str_sub(rest, 1, (size_t)end + 1));
            rest = str_sub(rest, (size_t)end + 2, rest.n);
        }
        (void)line_word(&rest, &word);
        set(r, C_IP, word);
        return rest;
    }
    (void)line_word(&rest, &first);
    if (!str_ends(first, STR(","))) {
        peek = rest;
        if (line_word(&peek, &word) && line_address(word) && words(peek) >= 2) {
            if (line_address(first))
                set(r, FORWARDED, first);
            else
                virtual_host(r, first);
            set(r, C_IP, word);
            return peek;
        }
        set(r, C_IP, first);
        return rest;
    }
    struct str chain = first, last = first;
    while (str_ends(last, STR(",")) && line_word(&rest, &word)) {
        chain.n = (size_t)(last.p + last.n - chain.p) - (last.n > 0);
        last = word;
    }
    peek = rest;
    if (line_word(&peek, &word) && line_address(word) && words(peek) >= 2) {
        chain.n = (size_t)(last.p + last.n - chain.p);
        last = word;
        rest = peek;
    }
    set(r, FORWARDED, chain);
    set(r, C_IP, last);
    return rest;
}

/* --- quoted fields --- */

static struct str unescape(struct arena *arena, struct str s)
{
    static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
    char *p = str_chr(s, '\\') < 0 || !arena ? NULL : arena_alloc(arena, s.n + 1);
    size_t n = 0;
    if (!p)
        return s;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], next = i + 1 < s.n ? s.p[i + 1] : 0;
        const char *hit = next ? strchr(from, next) : NULL;
        p[n++] = c;
        if (c != '\\')
            continue;
        if (next == 'x' && i + 3 < s.n && ascii_hex((unsigned char)s.p[i + 2]) >= 0 &&
            ascii_hex((unsigned char)s.p[i + 3]) >= 0) {
            p[n - 1] = (char)(ascii_hex((unsigned char)s.p[i + 2]) * 16 +
                              ascii_hex((unsigned char)s.p[i + 3]));
            i += 3;
        } else if (next == '"' || next == '\\' || hit) {
            p[n - 1] = hit ? to[hit - from] : next;
            i++;
        }
    }
    return str_make(p, n);
}

/* Index of the next quote that no backslash escapes, from index at on; -1 if there is none. */
static ptrdiff_t closing_quote(struct str s, size_t at)
{
    for (; at < s.n; at++) {
        if (s.p[at] == '\\')
            at++;
        else if (s.p[at] == '"')
            return (ptrdiff_t)at;
    }
    return -1;
}

/* A status, or the "-" for one, stands behind the quote. */
static bool status_follows(struct str s)
{
    struct str word;
    return line_word(&s, &word) && (str_eq(word, STR("-")) || (word.n == 3 && line_digits(word)));
}

/* The request: up to the first quote with a status behind it, else to the first quote. */
static bool request_field(struct str *rest, struct str *ret_text)
{
    ptrdiff_t first = closing_quote(*rest, 1), at = first;
    while (at >= 0 && !status_follows(str_sub(*rest, (size_t)at + 1, rest->n)))
        at = closing_quote(*rest, (size_t)at + 1);
    if (at < 0)
        at = first;
    *ret_text = str_sub(*rest, 1, at < 0 ? rest->n : (size_t)at);
    *rest = str_sub(*rest, at < 0 ? rest->n : (size_t)at + 1, rest->n);
    return at >= 0;
}

/* An optional quoted field; false if it does not end. An absent one is no failure. */
static bool quoted_field(struct str *rest, struct str *ret_text)
{
    *ret_text = STR_NONE;
    struct str s = str_trim(*rest);
    if (!s.n || s.p[0] != '"')
        return true;
    ptrdiff_t end = closing_quote(s, 1);
    *ret_text = str_sub(s, 1, end < 0 ? s.n : (size_t)end);
    *rest = str_sub(s, end < 0 ? s.n : (size_t)end + 1, s.n);
    return end >= 0;
}

static void set_uri(struct record *r, struct str uri)
{
    ptrdiff_t mark = str_chr(uri, '?');
    set(r, STEM, mark < 0 ? uri : str_sub(uri, 0, (size_t)mark));
    if (mark >= 0)
        r->value[QUERY] = str_sub(uri, (size_t)mark + 1, uri.n);
}

/* "GET /a?b HTTP/1.1", "GET /a", or anything else: then only the whole is kept. */
static void set_request(struct record *r, struct str request)
{
    set(r, REQUEST, request);
    request = str_trim(request);
    ptrdiff_t blank = str_chr(request, ' '), last = str_rchr(request, ' ');
    if (blank <= 0 || blank > 24)
        return;
    for (ptrdiff_t i = 0; i < blank; i++)
        if (!ascii_alpha((unsigned char)request.p[i]) && request.p[i] != '_' && request.p[i] != '-')
            return;
    struct str version = str_sub(request, (size_t)last + 1, request.n);
    r->value[METHOD] = str_sub(request, 0, (size_t)blank);
    if (last > blank && str_istarts(version, STR("HTTP/")))
        r->value[VERSION] = version;
    else
        last = (ptrdiff_t)request.n;
    set_uri(r, str_sub(request, (size_t)blank + 1, (size_t)last));
}

static bool chain_like(struct str s)
{
    struct str part;
    bool any = false;
    while (str_cut(&s, ',', &part)) {
        part = str_trim(part);
        any |= line_address(part);
        if (!line_address(part) && !str_eq(part, STR("-")) && !str_ieq(part, STR("unknown")))
            return false;
    }
    return any;
}

/* Behind the time: request, status, bytes, and perhaps referrer, agent and more. */
static enum line_class fields(struct record *r, struct str rest, struct arena *arena)
{
    struct str text, word;
    rest = str_trim(rest);
    if (!rest.n || rest.p[0] != '"')
        return LINE_CUT;
    bool whole = request_field(&rest, &text);
    set_request(r, unescape(arena, text));
    if (!whole || !line_word(&rest, &word))
        return LINE_CUT;
    set(r, STATUS, word);
    if (!line_word(&rest, &word))
        return LINE_CUT;
    set(r, BYTES, word);
    static const enum column quoted[] = {REFERER, AGENT};
    for (size_t i = 0; i < ARRAY_LEN(quoted); i++) {
        whole = quoted_field(&rest, &text);
        set(r, quoted[i], unescape(arena, text));
        if (!whole)
            return LINE_CUT;
    }
    if (str_trim(rest).n)
        set(r, EXTRA, rest);
    if (!quoted_field(&rest, &text))
        return LINE_CUT;
    if (!r->value[FORWARDED].p && chain_like(text))
        set(r, FORWARDED, text);
    return LINE_RECORD;
}

static enum line_class text_line(struct record *r, struct str line, struct arena *arena)
{
    struct str word;
    ptrdiff_t at = find_time(line, &r->time_us);
    if (at < 0) {
        ptrdiff_t open = str_chr(line, '[');
        return open > 0 && str_chr(str_sub(line, (size_t)open, line.n), ']') < 0 ? LINE_CUT
                                                                                 : LINE_BAD;
    }
    struct str rest = addresses(r, str_trim(str_sub(line, 0, (size_t)at)));
    (void)line_word(&rest, &word); /* identity */
    set(r, USERNAME, unescape(arena, rest));
    return fields(r, str_sub(line, (size_t)at + CLOCK_BYTES + 2, line.n), arena);
}

/* --- one JSON object a line --- */

enum { TIME_KEY = COLUMNS, URI_KEY, REQUEST_KEY };

static const struct {
    const char *key; /* lower case, '-' as '_', without a leading '@' */
    int to;
} keys[] = {
    {"remote_addr", C_IP},
    {"remote_ip", C_IP},
    {"client_ip", C_IP},
    {"clientip", C_IP},
    {"client", C_IP},
    {"remoteip", C_IP},
    {"ip", C_IP},
    {"client_addr", C_IP},
    {"source.ip", C_IP},
    {"remote_user", USERNAME},
    {"user", USERNAME},
    {"auth", USERNAME},
    {"username", USERNAME},
    {"user_name", USERNAME},
    {"request_method", METHOD},
    {"method", METHOD},
    {"verb", METHOD},
    {"http_method", METHOD},
    {"http.request.method", METHOD},
    {"request_uri", URI_KEY},
    {"uri", URI_KEY},
    {"url", URI_KEY},
    {"path", URI_KEY},
    {"request_url", URI_KEY},
    {"url.original", URI_KEY},
    {"request_path", URI_KEY},
    {"url.path", URI_KEY},
    {"request", REQUEST_KEY},
    {"request_line", REQUEST_KEY},
    {"args", QUERY},
    {"query_string", QUERY},
    {"query", QUERY},
    {"url.query", QUERY},
    {"server_protocol", VERSION},
    {"protocol", VERSION},
    {"proto", VERSION},
    {"http_version", VERSION},
    {"httpversion", VERSION},
    {"status", STATUS},
    {"response", STATUS},
    {"status_code", STATUS},
    {"response_code", STATUS},
    {"code", STATUS},
    {"http.response.status_code", STATUS},
    {"body_bytes_sent", BYTES},
    {"bytes_sent", BYTES},
    {"bytes", BYTES},
    {"size", BYTES},
    {"response_size", BYTES},
    {"http_referer", REFERER},
    {"http_referrer", REFERER},
    {"referer", REFERER},
    {"referrer", REFERER},
    {"http_user_agent", AGENT},
    {"user_agent", AGENT},
    {"useragent", AGENT},
    {"agent", AGENT},
    {"user_agent.original", AGENT},
    {"http_x_forwarded_for", FORWARDED},
    {"x_forwarded_for", FORWARDED},
    {"xff", FORWARDED},
    {"http_host", HOST},
    {"host", HOST},
    {"server_name", HOST},
    {"vhost", HOST},
    {"virtual_host", HOST},
    {"server_port", S_PORT},
    {"time_iso8601", TIME_KEY},
    {"time_local", TIME_KEY},
    {"timestamp", TIME_KEY},
    {"time", TIME_KEY},
    {"ts", TIME_KEY},
    {"msec", TIME_KEY},
    {"date", TIME_KEY},
    {"datetime", TIME_KEY},
    {"timelocal", TIME_KEY},
};

static int key_column(struct str key)
{
    char tmp[32];
    if (key.n && key.p[0] == '@')
        key = str_sub(key, 1, key.n);
    if (key.n == 0 || key.n >= sizeof tmp)
        return -1;
    for (size_t i = 0; i < key.n; i++)
        tmp[i] = key.p[i] == '-' ? '_' : (char)ascii_lower((unsigned char)key.p[i]);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (str_eq(str_make(tmp, key.n), str_of(keys[i].key)))
            return keys[i].to;
    return -1;
}

/* RFC 3339, the servers' own form, or seconds or milliseconds since 1970. */
static bool json_time(const struct json_token *t, int64_t *ret_us)
{
    double v;
    if (t->escaped)
        return false;
    if (t->type != JSON_NUMBER && (time_parse(t->text, ret_us) || clock_time(t->text, ret_us)))
        return true;
    if (t->text.n < 9 || !str_double(t->text, &v) || !(v >= 1e8 && v < 1e14))
        return false;
    *ret_us = (int64_t)(v * (v < 1e11 ? 1e6 : 1e3));
    return true;
}

static void json_value(struct record *r, int to, const struct json_token *t, struct arena *arena)
{
    struct str text = arena ? json_unescape(arena, t->text, t->escaped) : t->text;
    if (to == REQUEST_KEY && str_chr(text, ' ') < 0 && text.n && text.p[0] == '/')
        to = URI_KEY;
    if (to == REQUEST_KEY)
        set_request(r, text);
    else if (to == URI_KEY)
        set_uri(r, text);
    else if (!r->value[to].p)
        set(r, (enum column)to, text);
}

/* Keys of the object, and of an object "request" inside it; the rest is passed over. With r ==
 * NULL only the time is wanted. *ret_known counts the keys understood. */
static bool json_walk(struct str line, struct arena *arena, struct record *r, int64_t *ret_us,
                      int *ret_known)
{
    struct json_reader j;
    struct json_token t;
    struct str raw;
    enum err rc;
    *ret_us = TIME_NONE;
    *ret_known = 0;
    json_open(&j, line, false);
    while ((rc = json_next(&j, &t)) == OK) {
        if (!t.key.p)
            continue; /* brackets of the objects looked into */
        int to = t.key_escaped ? -1 : key_column(t.key);
        if (t.type == JSON_OBJECT && to == REQUEST_KEY && j.depth == 2)
            continue;
        if (t.type == JSON_OBJECT || t.type == JSON_ARRAY) {
            if ((rc = json_skip(&j, &t, &raw)))
                break;
        } else if (to == TIME_KEY && j.depth == 1) {
            if (*ret_us == TIME_NONE && json_time(&t, ret_us) && !r)
                return true;
        } else if (to >= 0 && to != TIME_KEY && t.type != JSON_NULL) {
            ++*ret_known;
            if (r)
                json_value(r, to, &t, arena);
        }
    }
    return rc == END;
}

static enum line_class json_line(struct record *r, struct str line, struct arena *arena)
{
    int known;
    bool whole = json_walk(line, arena, r, &r->time_us, &known);
    if (!known && r->time_us == TIME_NONE)
        return whole ? LINE_BAD : LINE_CUT;
    return whole ? LINE_RECORD : LINE_CUT;
}

/* --- the codec --- */

static enum line_class any_line(struct record *r, struct str text, struct arena *arena)
{
    r->raw = text;
    r->time_us = TIME_NONE;
    r->n = COLUMNS;
    memset(r->value, 0, COLUMNS * sizeof r->value[0]);
    text = line_bare(text);
    if (line_blank(text))
        return LINE_BLANK;
    return text.p[0] == '{' ? json_line(r, text, arena) : text_line(r, text, arena);
}

static enum line_class line(struct log_state *state, struct str text, struct arena *arena,
                            struct record *ret_record)
{
    (void)state;
    return any_line(ret_record, text, arena);
}

static bool line_time(const struct log_state *state, struct str text, int64_t *ret_us)
{
    int known;
    (void)state;
    text = line_bare(text);
    if (text.n && text.p[0] == '{') {
        (void)json_walk(text, NULL, NULL, ret_us, &known);
        return *ret_us != TIME_NONE;
    }
    return find_time(text, ret_us) >= 0;
}

static void begin(struct log_state *state, struct str head, struct str path)
{
    (void)head;
    (void)path;
    columns_clear(state);
    state->date_us = TIME_NONE;
    for (size_t i = 0; i < COLUMNS; i++)
        (void)column_add(state, str_of(names[i]));
    line_set(state->kind, sizeof state->kind, STR("access"));
}

/* How many of the first lines have a time in its place decides; JSON must show more. */
static int sniff(struct str head, struct str path)
{
    struct str text;
    struct record r;
    bool whole;
    int good = 0, all = 0, json = 0;
    (void)path;
    while (all < 20 && line_next(&head, &text, &whole)) {
        if (line_blank(text) || (!whole && all))
            continue;
        all++;
        enum line_class class = any_line(&r, text, NULL);
        bool object = line_bare(text).p[0] == '{';
        bool full = r.value[STATUS].p && (r.value[REQUEST].p || r.value[STEM].p) && r.value[C_IP].p;
        if (object ? class == LINE_RECORD && full : r.time_us != TIME_NONE) {
            good++;
            json += object;
        }
    }
    if (!all || good * 2 < all)
        return 0;
    return json ? 70 : 85;
}

static const char *const markers[] = {NULL};

const struct codec codec_access = {"access", sniff, begin, line, line_time,  markers,
                                   false,    NULL,  NULL,  "\"", CELLS_LOOSE};
