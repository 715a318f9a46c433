#include "codec/evlog_lines.h"
#include "codec/evlog_xml.h"

#include "codec/line.h"

/* Syslog as it is written to files: RFC 5424, RFC 3164 and its kin with dates of RFC 3339, with
 * <PRI> or without, and what Cisco's devices send. RFC 3164 has no year. It is taken from the date
 * in the name of the file, which no line is younger than, or from a line near by that has one;
 * else the time is not known. */

#define NEAR_US (32 * US_PER_DAY)

struct reader {
    struct lines lines;
    int64_t newest; /* no line is younger: by the file's name; TIME_NONE: not known */
    int64_t anchor; /* of the last line whose year is known */
    bool lost;      /* it was told that time goes back */
};

struct header {
    int pri; /* -1: none */
    struct str host, program, pid, id, data, message;
    struct civil time;
    int64_t time_us;    /* TIME_NONE: of time, whose year may be 0 */
    bool clock, strict; /* a time was read; the line can be nothing else */
    bool unset;         /* the device says that its clock may be wrong */
    bool cisco;
};

/* Programs and what their lines are part of; all others are plain syslog. */
static const struct {
    const char *program, *channel;
} channels[] = {
    {"sshd", "syslog/sshd"},
    {"sshd-session", "syslog/sshd"},
    {"sshd-auth", "syslog/sshd"},
    {"sudo", "syslog/sudo"},
    {"su", "syslog/auth"},
    {"login", "syslog/auth"},
    {"systemd-logind", "syslog/auth"},
    {"polkitd", "syslog/auth"},
    {"pkexec", "syslog/auth"},
    {"passwd", "syslog/auth"},
    {"useradd", "syslog/auth"},
    {"usermod", "syslog/auth"},
    {"userdel", "syslog/auth"},
    {"groupadd", "syslog/auth"},
    {"chpasswd", "syslog/auth"},
    {"unix_chkpwd", "syslog/auth"},
    {"cron", "syslog/cron"},
    {"crond", "syslog/cron"},
    {"crontab", "syslog/cron"},
    {"anacron", "syslog/cron"},
    {"clamd", "syslog/clamav"},
    {"freshclam", "syslog/clamav"},
    {"clamscan", "syslog/clamav"},
    {"clamav", "syslog/clamav"},
    {"vsftpd", "syslog/vsftpd"},
    {"guacd", "syslog/guacamole"},
    {"guacamole", "syslog/guacamole"},
    {"named", "syslog/named"},
};

static const char *const facilities[] = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};
static const char *const severities[] = {"emerg",   "alert",  "crit", "err",
                                         "warning", "notice", "info", "debug"};

/* ---- times ---- */

static bool number(struct str s, size_t max, int *ret)
{
    uint64_t v;
    if (s.n == 0 || s.n > max || !str_u64(s, &v))
        return false;
    *ret = (int)v;
    return true;
}

/* "00:00:01.123" */
static bool clock_of(struct str word, struct civil *c)
{
    int64_t us;
    if (!time_parse_clock(word, &us))
        return false;
    c->hour = (int)(us / US_PER_HOUR);
    c->minute = (int)(us / (60 * US_PER_S) % 60);
    c->second = (int)(us / US_PER_S % 60);
    c->us = (int)(us % US_PER_S);
    return true;
}

static struct str without(struct str word, char c)
{
    return word.n && word.p[word.n - 1] == c ? str_sub(word, 0, word.n - 1) : word;
}

/* "Mar  3 00:00:01", "Feb 17 2021 13:40:03.673 UTC:", a '*' or '.' in front if the device's clock
 * is not set; takes it off the front. */
static bool date_3164(struct str *rest, struct header *h)
{
    struct str s = *rest, word, year = STR_NONE;
    struct civil c = {0};
    h->unset = s.n && (s.p[0] == '*' || s.p[0] == '.');
    if (h->unset)
        s = str_sub(s, 1, s.n);
    if (!line_word(&s, &word) || word.n != 3 || !(c.month = time_month(word)) ||
        !line_word(&s, &word) || !number(word, 2, &c.day) || !line_word(&s, &word))
        return false;
    if (number(word, 4, &c.year)) {
        year = word;
        if (year.n != 4 || !line_word(&s, &word))
            return false;
    }
    if (!clock_of(without(word, ':'), &c))
        return false;
    struct str behind = s;
    if (line_word(&behind, &word) && word.n <= 5 && word.n > 2 && word.p[word.n - 1] == ':' &&
        ascii_alpha((unsigned char)word.p[0]) && str_starts(str_trim(behind), STR("%")))
        s = behind; /* the zone */
    h->time = c;
    h->time_us = year.p ? time_of_civil(&c) : TIME_NONE;
    h->clock = true;
    *rest = s;
    return true;
}

/* "2021-03-03T00:00:01.123456+00:00": with its zone, or it is no syslog. */
static bool date_3339(struct str *rest, struct header *h)
{
    struct str s = *rest, word;
    if (!line_word(&s, &word) || word.n < 20 || word.p[10] != 'T' || !time_parse(word, &h->time_us))
        return false;
    char zone = word.p[word.n - 1];
    if (zone != 'Z' && word.p[word.n - 6] != '+' && word.p[word.n - 6] != '-' &&
        word.p[word.n - 5] != '+' && word.p[word.n - 5] != '-')
        return false;
    h->clock = true;
    *rest = s;
    return true;
}

/* The date in the name of the file, or in its folders /2021/03/03/: its day's or month's end. */
static int64_t newest_of(struct str path)
{
    struct str base = line_base_name(path), dirs = str_sub(path, 0, path.n - base.n);
    struct civil c = {.year = 1};
    for (size_t i = 0; i + 8 <= base.n; i++) {
        struct str s = str_sub(base, i, base.n);
        bool apart = s.n >= 10 && !ascii_digit((unsigned char)s.p[4]) && s.p[4] == s.p[7];
        size_t month = apart ? 5 : 4, day = apart ? 8 : 6;
        if ((i && ascii_digit((unsigned char)base.p[i - 1])) ||
            !number(str_sub(s, 0, 4), 4, &c.year) ||
            !number(str_sub(s, month, month + 2), 2, &c.month) ||
            !number(str_sub(s, day, day + 2), 2, &c.day))
            continue;
        int64_t t = c.year >= 1980 && c.year < 2100 ? time_of_civil(&c) : TIME_NONE;
        if (t != TIME_NONE)
            return t + US_PER_DAY;
    }
    int got = 0, part[3] = {0};
    struct str name;
    while (str_cut(&dirs, '/', &name)) {
        int v;
        bool fits = number(name, got ? 2 : 4, &v) && name.n == (got ? 2u : 4u) && got < 3;
        if (fits)
            part[got++] = v;
        else if (got >= 2)
            break;
        else
            got = 0;
    }
    if (got < 2 || part[0] < 1980 || part[0] >= 2100)
        return TIME_NONE;
    c = (struct civil){.year = part[0], .month = part[1], .day = got == 3 ? part[2] : 28};
    int64_t t = time_of_civil(&c);
    return t == TIME_NONE ? t : t + (got == 3 ? 1 : 4) * US_PER_DAY;
}

/* The time in the year, of three around the known one, that is nearest to it; not behind it if it
 * is the newest that there can be. */
static int64_t nearest(struct civil c, int64_t known, bool newest)
{
    int64_t best = TIME_NONE, least = INT64_MAX;
    int year = time_civil(known).year;
    for (c.year = year - 1; c.year <= year + 1; c.year++) {
        int64_t t = time_of_civil(&c);
        if (t == TIME_NONE || (newest && t > known + US_PER_DAY))
            continue;
        int64_t off = t > known ? t - known : known - t;
        if (off >= least)
            continue;
        best = t;
        least = off;
    }
    return best;
}

/* By a line near by, or by the name of the file; lines run forward. */
static enum err with_year(struct reader *r, struct civil c, int64_t *ret)
{
    const struct rows_sink *sink = r->lines.maker.sink;
    int64_t t = r->anchor == TIME_NONE ? TIME_NONE : nearest(c, r->anchor, false);
    *ret = t;
    if (t != TIME_NONE && t > r->anchor - NEAR_US && t < r->anchor + NEAR_US)
        return OK;
    *ret = t = r->newest == TIME_NONE ? TIME_NONE : nearest(c, r->newest, true);
    if (t == TIME_NONE || r->anchor == TIME_NONE || t > r->anchor)
        return OK;
    *ret = TIME_NONE;
    if (r->lost)
        return OK;
    r->lost = true;
    return sink->gap(sink->ctx, r->lines.offset, STR("limit"),
                     STR("lines go back by months: the years before it are not certain"));
}

static enum err time_of(struct reader *r, const struct header *h, int64_t *ret)
{
    *ret = h->time_us;
    if (*ret == TIME_NONE)
        TRY(with_year(r, h->time, ret));
    if (*ret != TIME_NONE && !h->unset)
        r->anchor = *ret;
    return OK;
}

/* ---- headers ---- */

static void take_pri(struct str *rest, struct header *h)
{
    struct str s = *rest;
    ptrdiff_t end = s.n && s.p[0] == '<' ? str_chr(str_sub(s, 0, 5), '>') : -1;
    h->pri = -1;
    if (end > 1 && number(str_sub(s, 1, (size_t)end), 3, &h->pri) && h->pri < 192) {
        h->strict = true;
        *rest = str_sub(s, (size_t)end + 1, s.n);
    } else {
        h->pri = -1;
    }
}

static struct str unless_nil(struct str s)
{
    return str_eq(s, STR("-")) ? STR_NONE : s;
}

/* "[id a=\"b\"][...]" with escapes, or "-". */
static struct str take_data(struct str *rest)
{
    struct str s = *rest;
    size_t n = 0;
    bool quoted = false;
    if (str_starts(s, STR("- ")) || str_eq(s, STR("-"))) {
        *rest = str_sub(s, 2, s.n);
        return STR_NONE;
    }
    while (n < s.n && s.p[n] == '[') {
        for (n++; n < s.n && (quoted || s.p[n] != ']'); n++) {
            quoted ^= s.p[n] == '"';
            n += quoted && s.p[n] == '\\';
        }
        n += n < s.n;
    }
    *rest = str_sub(s, n + 1, s.n);
    return str_sub(s, 0, n < s.n ? n : s.n);
}

/* "1 2021-03-03T00:00:01Z host app pid id data text" */
static bool header_5424(struct str s, struct header *h)
{
    struct str word[5];
    if (h->pri < 0 || !str_starts(s, STR("1 ")))
        return false;
    s = str_sub(s, 2, s.n);
    for (size_t i = 0; i < ARRAY_LEN(word); i++)
        if (!str_cut(&s, ' ', &word[i]) || !s.p)
            return false;
    if (!str_eq(word[0], STR("-"))) {
        if (!time_parse(word[0], &h->time_us))
            return false;
        h->clock = true;
    }
    h->host = unless_nil(word[1]);
    h->program = unless_nil(word[2]);
    h->pid = unless_nil(word[3]);
    h->id = unless_nil(word[4]);
    h->data = take_data(&s);
    h->message = str_starts(s, STR("\xef\xbb\xbf")) ? str_sub(s, 3, s.n) : s;
    return true;
}

/* "sshd[123]:", "su(pam_unix)[1]:", "kernel:" */
static bool take_tag(struct str *rest, struct header *h)
{
    struct str s = *rest, word;
    if (!line_word(&s, &word) || word.n > 128 || word.p[word.n - 1] != ':' || word.n < 2)
        return false;
    word = without(word, ':');
    if (word.p[word.n - 1] == ']') {
        ptrdiff_t open = str_rchr(word, '[');
        if (open < 1)
            return false;
        h->pid = str_sub(word, (size_t)open + 1, word.n - 1);
        word = str_sub(word, 0, (size_t)open);
    }
    h->program = word;
    *rest = str_starts(s, STR(" ")) ? str_sub(s, 1, s.n) : s;
    return true;
}

static bool is_host(struct str s)
{
    static const char *const levels[] = {"info",  "warn",  "warning", "error",  "debug",
                                         "trace", "fatal", "notice",  "severe", "critical"};
    for (size_t i = 0; i < s.n; i++)
        if (!ascii_digit((unsigned char)s.p[i]) && !ascii_alpha((unsigned char)s.p[i]) &&
            s.p[i] != '.' && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != ':')
            return false;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (str_ieq(s, str_of(levels[i])))
            return false;
    return s.n > 0 && s.n < 256;
}

/* "%SYS-5-CONFIG_I: text", perhaps behind the number of the message, the device's name and its own
 * time. */
static bool take_cisco(struct str s, struct header *h)
{
    struct header own = {.time_us = TIME_NONE};
    struct str rest = str_trim(s), word, behind, host = h->host;
    for (int i = 0; i < 4 && rest.n && rest.p[0] != '%'; i++, rest = str_trim(rest)) {
        if (date_3164(&rest, &own))
            continue;
        behind = rest;
        if (!line_word(&behind, &word) ||
            (!line_digits(without(word, ':')) && word.p[word.n - 1] != ':'))
            return false;
        rest = behind;
        word = without(word, ':');
        if (word.n && !line_digits(word)) {
            if (host.p || !is_host(word))
                return false;
            host = word;
        }
    }
    behind = rest;
    if (rest.n == 0 || rest.p[0] != '%' || !line_word(&behind, &word) ||
        word.p[word.n - 1] != ':' || str_chr(word, '-') < 2)
        return false;
    h->host = host;
    h->program = without(str_sub(word, 1, word.n), ':');
    h->message = rest;
    if (own.clock && (!h->clock || own.time_us != TIME_NONE)) {
        h->time = own.time;
        h->time_us = own.time_us;
        h->clock = true;
        h->unset = own.unset;
    }
    h->strict = h->cisco = true;
    return true;
}

/* Understands a line, or says that it is none of syslog. */
static bool header_of(struct str line, struct header *h)
{
    struct str s = line, word, behind;
    *h = (struct header){.time_us = TIME_NONE};
    take_pri(&s, h);
    if (header_5424(s, h))
        return true;
    bool dated = date_3164(&s, h) || date_3339(&s, h);
    s = str_trim(s);
    if (take_cisco(s, h))
        return true;
    behind = s;
    if (!dated && h->pri < 0) /* Cisco's, with the host first */
        return line_word(&behind, &word) && is_host(word) &&
               (h->host = word, take_cisco(behind, h));
    if (take_tag(&s, h)) { /* no host */
        h->message = s;
        return true;
    }
    if (!line_word(&behind, &word) || !is_host(word))
        return h->strict && (h->message = s, true);
    h->host = word;
    behind = str_trim(behind);
    if (take_cisco(behind, h))
        return true;
    bool tagged = take_tag(&behind, h);
    h->message = behind;
    return tagged || dated;
}

static bool knows_line(struct str line)
{
    struct header h;
    return header_of(line, &h) && (h.strict || (h.clock && h.program.p));
}

static bool syslog_knows(struct str head, struct str path)
{
    (void)path;
    size_t all, known = lines_known(head, knows_line, &all);
    return known && known * 2 >= all;
}

/* ---- events ---- */

static const char *channel_of(const struct header *h)
{
    struct str name = line_base_name(h->program);
    ptrdiff_t cut = str_chr(name, '(');
    int facility = h->pri >= 0 ? h->pri / 8 : -1;
    name = cut > 0 ? str_sub(name, 0, (size_t)cut) : name;
    if (h->cisco)
        return "cisco/ios";
    for (size_t i = 0; i < ARRAY_LEN(channels); i++)
        if (str_ieq(name, str_of(channels[i].program)))
            return channels[i].channel;
    return facility == 4 || facility == 10 ? "syslog/auth"
           : facility == 9                 ? "syslog/cron"
                                           : "syslog";
}

/* "who : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/bin/ls; -l" */
static enum err put_sudo(struct maker *m, struct str s)
{
    ptrdiff_t at = str_find(s, STR(" : "));
    uint32_t id;
    if (at < 0)
        return OK;
    TRY(maker_put_named(m, "user", str_trim(str_sub(s, 0, (size_t)at))));
    for (s = str_sub(s, (size_t)at + 3, s.n); s.n;) {
        ptrdiff_t end = str_starts(s, STR("COMMAND=")) ? -1 : str_find(s, STR(" ; "));
        struct str part = str_sub(s, 0, end < 0 ? s.n : (size_t)end);
        ptrdiff_t eq = str_chr(part, '=');
        bool name = eq > 0 && eq < 16;
        for (ptrdiff_t i = 0; name && i < eq; i++)
            name = part.p[i] >= 'A' && part.p[i] <= 'Z';
        if (name) {
            TRY(maker_name(m, str_sub(part, 0, (size_t)eq), &id));
            TRY(maker_put(m, id, str_sub(part, (size_t)eq + 1, part.n)));
        }
        s = end < 0 ? STR("") : str_sub(s, (size_t)end + 3, s.n);
    }
    return OK;
}

/* A Fortigate's date=2021-03-03 time=00:00:01 devname="FW" ... */
static enum err put_fortigate(struct maker *m, struct str s, int64_t *ret_time)
{
    struct str key, value, date = STR_NONE, zone = STR_NONE;
    char room[48];
    int64_t us;
    bool quoted;
    uint32_t id;
    while (lines_pair(&s, &key, &value, &quoted)) {
        if (str_eq(key, STR("devname")))
            TRY(maker_put_named(m, "Computer", value));
        date = str_eq(key, STR("date")) ? value : date;
        zone = str_eq(key, STR("tz")) ? value : zone;
        if (str_eq(key, STR("time"))) {
            int n = snprintf(room, sizeof room, "%.*sT%.*s", STR_FMT(str_sub(date, 0, 10)),
                             STR_FMT(str_sub(value, 0, 16)));
            if (n > 0 && time_parse(str_make(room, (size_t)n), &us))
                *ret_time = us;
        }
        if (key.n > LIMIT_FIELD_NAME_BYTES)
            continue;
        TRY(maker_name(m, key, &id));
        TRY(maker_put(m, id, value));
    }
    if (*ret_time != TIME_NONE && zone.n == 5 &&
        snprintf(room, sizeof room, "1970-01-01T00:00:00%.5s", zone.p) > 0 &&
        time_parse(str_of(room), &us))
        *ret_time += us;
    return OK;
}

static bool is_fortigate(struct str s)
{
    return str_starts(s, STR("date=")) && str_find(str_sub(s, 0, 120), STR(" devname=")) > 0;
}

static enum err parse(void *reader, struct str line, int64_t *ret_time)
{
    struct reader *r = reader;
    struct maker *m = &r->lines.maker;
    struct header h = {.pri = -1, .time_us = TIME_NONE, .message = line};
    bool bare = is_fortigate(line);
    if (!bare && !header_of(line, &h))
        return ERR_FORMAT;
    if (h.clock)
        TRY(time_of(r, &h, ret_time));
    if (event_xml_begins(h.message)) /* Sysmon for Linux */
        return event_xml_put(m, h.message, ret_time, &r->lines.record);
    bool fortigate = is_fortigate(h.message);
    TRY(maker_put_named(m, "Channel", fortigate ? STR("fortigate") : str_of(channel_of(&h))));
    if (fortigate)
        return put_fortigate(m, h.message, ret_time);
    TRY(maker_put_named(m, "Computer", h.host));
    TRY(maker_put_named(m, "program", h.program));
    TRY(maker_put_named(m, "pid", h.pid));
    if (h.pri >= 0) {
        TRY(maker_put_named(m, "facility", str_of(facilities[h.pri / 8])));
        TRY(maker_put_named(m, "severity", str_of(severities[h.pri % 8])));
    }
    TRY(maker_put_named(m, "msgid", h.id));
    TRY(maker_put_named(m, "data", h.data));
    TRY(maker_put_named(m, "message", h.message));
    return str_eq(h.program, STR("sudo")) ? put_sudo(m, h.message) : OK;
}

/* ---- the format ---- */

static enum err syslog_new(void **ret_reader)
{
    struct reader *r = calloc(1, sizeof *r);
    *ret_reader = r;
    if (!r)
        return ERR_NOMEM;
    lines_init(&r->lines, "syslog");
    return OK;
}

static enum err syslog_read(void *reader, const struct evlog_source *source,
                            const struct rows_sink *sink, struct error *error)
{
    struct reader *r = reader;
    r->newest = newest_of(source->path);
    r->anchor = TIME_NONE;
    r->lost = false;
    return lines_read(&r->lines, parse, source, sink, error);
}

static void syslog_free(void *reader)
{
    struct reader *r = reader;
    lines_done(&r->lines);
    free(r);
}

const struct evlog_format evlog_syslog = {.name = "syslog",
                                          .knows = syslog_knows,
                                          .new = syslog_new,
                                          .read = syslog_read,
                                          .free = syslog_free,
                                          .full = lines_full};
