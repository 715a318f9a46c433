/* Error logs of Apache and nginx.
 *
 * What:   kinds "apache-error" and "nginx-error", with the same columns. The message is kept whole;
 *         what the servers append to it ("client: ...", "referer: ...") is shown in columns too.
 * Input:  hostile: requests and paths are printed unescaped, so the appended parts of an nginx line
 *         can be forged from the path on; they are taken at their first place.
 * Limits: those of codec.h.
 * Owner:  values are slices of the line.
 * Spec:   Apache 2.4 core ErrorLogFormat, nginx ngx_log.c and ngx_http_core_module. Neither prints
 *         a zone: times are taken as UTC.
 */
#include "codec/line.h"

enum column {
    LEVEL,
    MODULE,
    PID,
    TID,
    CONNECTION,
    CLIENT,
    CLIENT_PORT,
    MESSAGE,
    SERVER,
    REQUEST,
    UPSTREAM,
    HOST,
    REFERRER,
    COLUMNS,
};

static const char *const names[COLUMNS] = {
    "level",   "module", "pid",     "tid",      "connection", "client",   "client-port",
    "message", "server", "request", "upstream", "host",       "referrer",
};

/* "192.0.2.1:4711" and "[2001:db8::1]:4711" to address and port; a bare address stays. */
static void set_client(struct record *r, struct str s)
{
    ptrdiff_t colon = str_rchr(s, ':');
    struct str port = colon < 0 ? STR_NONE : str_sub(s, (size_t)colon + 1, s.n);
    struct str ip = colon < 0 ? s : str_sub(s, 0, (size_t)colon);
    if (ip.n > 2 && ip.p[0] == '[' && ip.p[ip.n - 1] == ']')
        ip = str_sub(ip, 1, ip.n - 1);
    else if (line_address(s) && !(colon >= 0 && str_chr(s, '.') >= 0 && line_address(ip)))
        port = STR_NONE;
    bool parted = line_digits(port) && line_address(ip);
    r->value[CLIENT] = parted ? ip : s;
    r->value[CLIENT_PORT] = parted ? port : STR_NONE;
}

/* --- Apache: "[time] [module:level] [pid 1:tid 2] [client 192.0.2.1:4711] message" --- */

/* "Fri Sep 09 10:42:29.902022 2011"; the day of the month may be padded with a blank. */
static bool apache_time(struct str s, int64_t *ret_us)
{
    struct str weekday, month, day, clock, year;
    uint64_t d, y;
    int64_t clock_us;
    if (!line_word(&s, &weekday) || !line_word(&s, &month) || !line_word(&s, &day) ||
        !line_word(&s, &clock) || !line_word(&s, &year) || weekday.n != 3 || year.n != 4 ||
        str_trim(s).n || month.n != 3 || !str_u64(day, &d) || day.n > 2 || !str_u64(year, &y) ||
        !time_parse_clock(clock, &clock_us))
        return false;
    struct civil c = {.year = (int)y, .month = time_month(month), .day = (int)d};
    int64_t day_us = time_of_civil(&c);
    if (day_us == TIME_NONE)
        return false;
    *ret_us = day_us + clock_us;
    return true;
}

/* Takes "[...]" off the front. */
static bool bracket(struct str *rest, struct str *ret_text)
{
    struct str s = str_trim(*rest);
    ptrdiff_t end = s.n && s.p[0] == '[' ? str_chr(s, ']') : -1;
    if (end < 0)
        return false;
    /* An IPv6 client stands in brackets of its own. */
    if (str_starts(s, STR("[client [")) && (size_t)end + 1 < s.n && s.p[end + 1] != ' ') {
        ptrdiff_t more = str_chr(str_sub(s, (size_t)end + 1, s.n), ']');
        end = more < 0 ? end : end + 1 + more;
    }
    *ret_text = str_sub(s, 1, (size_t)end);
    *rest = str_sub(s, (size_t)end + 1, s.n);
    return true;
}

static bool level_name(struct str s)
{
    static const char *const known[] = {"emerg",  "alert", "crit",  "error",  "warn",
                                        "notice", "info",  "debug", "warning"};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq(s, str_of(known[i])))
            return true;
    return str_starts(s, STR("trace")) && s.n == 6;
}

static void apache_part(struct record *r, struct str part)
{
    ptrdiff_t colon = str_chr(part, ':');
    struct str head = colon < 0 ? part : str_sub(part, 0, (size_t)colon);
    struct str tail = colon < 0 ? STR_NONE : str_sub(part, (size_t)colon + 1, part.n);
    if (str_starts(part, STR("pid "))) {
        r->value[PID] = str_sub(head, 4, head.n);
        if (str_starts(tail, STR("tid ")))
            r->value[TID] = str_sub(tail, 4, tail.n);
    } else if (str_starts(part, STR("client "))) {
        set_client(r, str_sub(part, 7, part.n));
    } else {
        r->value[LEVEL] = colon < 0 ? part : tail;
        r->value[MODULE] = colon < 0 ? STR_NONE : head;
    }
}

static bool apache_part_known(struct str part)
{
    ptrdiff_t colon = str_rchr(part, ':');
    return str_starts(part, STR("pid ")) || str_starts(part, STR("client ")) ||
           level_name(str_sub(part, (size_t)(colon + 1), part.n));
}

static enum line_class apache_line(struct record *r, struct str rest)
{
    static const struct str referer = {", referer: ", 11};
    struct str part;
    if (!bracket(&rest, &part))
        return LINE_CUT;
    if (!apache_time(part, &r->time_us)) {
        r->time_us = TIME_NONE;
        return LINE_BAD;
    }
    for (struct str ahead = rest; bracket(&ahead, &part) && apache_part_known(part); rest = ahead)
        apache_part(r, part);
    rest = str_trim(rest);
    r->value[MESSAGE] = rest;
    ptrdiff_t at = str_find(rest, referer);
    if (at >= 0)
        r->value[REFERRER] = str_sub(rest, (size_t)at + referer.n, rest.n);
    return r->value[LEVEL].p && rest.n ? LINE_RECORD : LINE_CUT;
}

/* --- nginx: "2016/10/25 14:49:34 [error] 54053#0: *1 message, client: 127.0.0.1, ..." --- */

static bool nginx_time(struct str s, int64_t *ret_us)
{
    char tmp[20];
    if (s.n < 19 || s.p[4] != '/' || s.p[7] != '/' || (s.n > 19 && s.p[19] != ' '))
        return false;
    memcpy(tmp, s.p, 19);
    tmp[4] = tmp[7] = '-';
    return time_parse(str_make(tmp, 19), ret_us);
}

/* The value behind ", name: ", up to its closing quote or the next comma. */
static void appended(struct record *r, struct str *tail, struct str name, enum column c)
{
    ptrdiff_t at = str_find(*tail, name);
    if (at < 0)
        return;
    struct str s = str_sub(*tail, (size_t)at + name.n, tail->n);
    bool quoted = s.n && s.p[0] == '"';
    /* A request may hold quotes: its end is the quote in front of the next part. */
    ptrdiff_t end = quoted ? str_find(s, STR("\", ")) : str_find(s, STR(", "));
    if (quoted) {
        s = str_sub(s, 1, end < 0 ? s.n : (size_t)end);
        if (end < 0 && str_ends(s, STR("\"")))
            s.n--;
    } else if (end >= 0) {
        s.n = (size_t)end;
    }
    r->value[c] = s;
    *tail = str_sub(*tail, (size_t)(s.p + s.n - tail->p), tail->n);
}

static void nginx_appended(struct record *r, struct str message)
{
    struct str tail = message;
    appended(r, &tail, STR(", client: "), CLIENT);
    if (r->value[CLIENT].p)
        set_client(r, r->value[CLIENT]);
    appended(r, &tail, STR(", server: "), SERVER);
    appended(r, &tail, STR(", request: "), REQUEST);
    appended(r, &tail, STR(", upstream: "), UPSTREAM);
    appended(r, &tail, STR(", host: "), HOST);
    appended(r, &tail, STR(", referrer: "), REFERRER);
}

static enum line_class nginx_line(struct record *r, struct str rest)
{
    struct str part, word;
    if (!nginx_time(rest, &r->time_us)) {
        r->time_us = TIME_NONE;
        return rest.n < 19 ? LINE_CUT : LINE_BAD;
    }
    rest = str_sub(rest, 19, rest.n);
    if (!bracket(&rest, &part) || !line_word(&rest, &word))
        return LINE_CUT;
    r->value[LEVEL] = part;
    ptrdiff_t hash = str_chr(word, '#');
    if (hash >= 0) {
        r->value[PID] = str_sub(word, 0, (size_t)hash);
        r->value[TID] = str_sub(word, (size_t)hash + 1, word.n - str_ends(word, STR(":")));
    }
    struct str ahead = rest;
    if (line_word(&ahead, &word) && word.p[0] == '*' && line_digits(str_sub(word, 1, word.n))) {
        r->value[CONNECTION] = str_sub(word, 1, word.n);
        rest = ahead;
    }
    r->value[MESSAGE] = str_trim(rest);
    nginx_appended(r, r->value[MESSAGE]);
    return r->value[MESSAGE].n ? LINE_RECORD : LINE_CUT;
}

/* --- the codec --- */

static enum line_class any_line(struct record *r, struct str text)
{
    r->raw = text;
    r->time_us = TIME_NONE;
    r->n = COLUMNS;
    memset(r->value, 0, COLUMNS * sizeof r->value[0]);
    text = line_bare(text);
    if (line_blank(text))
        return LINE_BLANK;
    if (text.p[0] == '[')
        return apache_line(r, text);
    return ascii_digit((unsigned char)text.p[0]) ? nginx_line(r, text) : LINE_BAD;
}

static enum line_class line(struct log_state *state, struct str text, struct arena *arena,
                            struct record *ret_record)
{
    (void)state;
    (void)arena;
    return any_line(ret_record, text);
}

static bool line_time(const struct log_state *state, struct str text, int64_t *ret_us)
{
    struct str part;
    (void)state;
    text = line_bare(text);
    if (text.n && text.p[0] == '[')
        return bracket(&text, &part) && apache_time(part, ret_us);
    return nginx_time(text, ret_us);
}

/* The first lines: all that are not blank, those with a time of Apache, of nginx. */
static void count_head(struct str head, int *ret_all, int *ret_apache, int *ret_nginx)
{
    struct str text;
    struct record r;
    bool whole;
    *ret_all = *ret_apache = *ret_nginx = 0;
    while (*ret_all < 20 && line_next(&head, &text, &whole)) {
        if (line_blank(text) || (!whole && *ret_all))
            continue;
        ++*ret_all;
        (void)any_line(&r, text);
        if (r.time_us != TIME_NONE)
            ++*(line_bare(text).p[0] == '[' ? ret_apache : ret_nginx);
    }
}

static int sniff(struct str head, struct str path)
{
    int all, apache, nginx;
    (void)path;
    count_head(head, &all, &apache, &nginx);
    return all && (apache + nginx) * 2 >= all ? 80 : 0;
}

static void begin(struct log_state *state, struct str head, struct str path)
{
    int all, apache, nginx;
    (void)path;
    columns_clear(state);
    state->date_us = TIME_NONE;
    for (size_t i = 0; i < COLUMNS; i++)
        (void)column_add(state, str_of(names[i]));
    count_head(head, &all, &apache, &nginx);
    line_set(state->kind, sizeof state->kind,
             nginx > apache ? STR("nginx-error") : STR("apache-error"));
}

static const char *const markers[] = {NULL};

const struct codec codec_errlog = {"errlog", sniff, begin, line, line_time,  markers,
                                   false,    NULL,  NULL,  NULL, CELLS_LOOSE};
