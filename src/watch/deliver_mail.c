/* Mail, handed to a server that sends it on. */
#include "output/alert.h"
#include "output/escape.h"
#include "watch/deliver_priv.h"

#include <curl/curl.h>

enum { LINE_BYTES = 57, SUBJECT_BYTES = 160, WORD_BYTES = 42 };

static void base64(struct buf *b, struct str s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < s.n; i += 3) {
        size_t left = s.n - i;
        uint32_t v = (uint32_t)(unsigned char)s.p[i] << 16;
        v |= left > 1 ? (uint32_t)(unsigned char)s.p[i + 1] << 8 : 0;
        v |= left > 2 ? (uint32_t)(unsigned char)s.p[i + 2] : 0;
        buf_putc(b, digits[v >> 18]);
        buf_putc(b, digits[v >> 12 & 63]);
        buf_putc(b, left > 1 ? digits[v >> 6 & 63] : '=');
        buf_putc(b, left > 2 ? digits[v & 63] : '=');
    }
}

/* In encoded words (RFC 2047) of whole characters, a line each. */
static void subject(struct buf *b, struct str s)
{
    struct escape_unit u;
    struct buf word;
    size_t total = 0;
    buf_init(&word, 256);
    buf_puts(b, "Subject: =?UTF-8?B?");
    for (size_t i = 0; i < s.n && total < SUBJECT_BYTES;) {
        i += escape_next(s, i, false, &u);
        if (word.n + u.n > WORD_BYTES) {
            base64(b, buf_view(&word));
            buf_puts(b, "?=\r\n =?UTF-8?B?");
            buf_reset(&word);
        }
        buf_add(&word, u.text, u.n);
        total += u.n;
    }
    base64(b, buf_view(&word));
    buf_puts(b, "?=\r\n");
    buf_done(&word);
}

static void mail_date(struct buf *b, int64_t time_us)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil c = time_civil(time_us);
    int64_t day = (time_hour(time_us) - c.hour) / 24; /* whole days since a Thursday */
    buf_printf(b, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[((day % 7) + 7) % 7],
               c.day, months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

static enum err keep(void *ctx, const void *p, size_t n)
{
    struct buf *b = ctx;
    buf_add(b, p, n);
    return b->rc;
}

static enum err text(struct buf *b, const struct alert *a)
{
    struct sink sink;
    struct buf plain;
    struct print_options options = {.width = 78};
    buf_init(&plain, DELIVER_BODY_BYTES);
    sink_init(&sink, keep, &plain);
    enum err rc = alert_write(&alert_formats[0], &sink, a, 1, &options);
    sink_done(&sink);
    for (size_t i = 0; i < plain.n && !rc; i += LINE_BYTES) {
        base64(b, str_sub(buf_view(&plain), i, i + LINE_BYTES));
        buf_puts(b, "\r\n");
    }
    buf_done(&plain);
    return rc;
}

/* The date stands for when it was raised; what else the header needs is known when it is sent. */
enum err mail_render(struct buf *b, const struct channel *c, const struct alert *a)
{
    buf_printf(b, "From: <%s>\r\n", c->from);
    for (size_t i = 0; i < c->to.n; i++) {
        buf_puts(b, i ? ",\r\n <" : "To: <");
        buf_str(b, c->to.v[i]);
        buf_putc(b, '>');
    }
    buf_puts(b, "\r\n");
    subject(b, a->title.n ? a->title : a->subject);
    buf_printf(b, "Message-ID: <%.64s-%lld@tocsin.invalid>\r\n", a->id,
               (long long)(a->time_us / US_PER_S));
    buf_printf(b, "X-Tocsin-Id: %.64s-%lld\r\n", a->id, (long long)(a->time_us / US_PER_S));
    buf_puts(b, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n");
    return text(b, a);
}

/* Handed over piece by piece. */
struct upload {
    struct str rest;
};

static size_t on_read(char *to, size_t size, size_t n, void *ctx)
{
    struct upload *u = ctx;
    size_t take = size * n < u->rest.n ? size * n : u->rest.n;
    memcpy(to, u->rest.p, take);
    u->rest = str_sub(u->rest, take, u->rest.n);
    return take;
}

static bool set_up(CURL *e, const struct channel *c, struct curl_slist *to, struct upload *upload,
                   char *message)
{
    bool ok = true;
#define SET(option, value) ok &= curl_easy_setopt(e, option, value) == CURLE_OK
    SET(CURLOPT_URL, c->url);
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_USE_SSL, c->clear ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (c->ca_file) { /* and no others: libcurl would look into the system's folder as well */
        SET(CURLOPT_CAINFO, c->ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    if (c->user)
        SET(CURLOPT_USERNAME, c->user);
    if (c->user && c->secret.p)
        SET(CURLOPT_PASSWORD, c->secret.p);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_MAIL_FROM, c->from);
    SET(CURLOPT_MAIL_RCPT, to);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, on_read);
    SET(CURLOPT_READDATA, upload);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)DELIVER_CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, (long)DELIVER_TOTAL_MS);
    SET(CURLOPT_ERRORBUFFER, message);
#undef SET
    return ok;
}

static enum err perform(CURL *e, const struct channel *c, struct curl_slist *to, struct buf *mail,
                        struct error *error)
{
    char message[CURL_ERROR_SIZE] = "";
    struct upload upload = {buf_view(mail)};
    if (!set_up(e, c, to, &upload, message))
        return fail(error, ERR_NOMEM, "a mail cannot be made");
    CURLcode code = curl_easy_perform(e);
    if (code == CURLE_OK)
        return OK;
    return fail(error, ERR_IO, "%s", message[0] ? message : curl_easy_strerror(code));
}

enum err mail_send(const struct channel *c, const struct parcel *p, int64_t now_us,
                   struct error *error)
{
    struct curl_slist *to = NULL;
    struct buf mail;
    CURL *e = curl_easy_init();
    enum err rc = e ? OK : ERR_NOMEM;
    buf_init(&mail, (size_t)2 * DELIVER_BODY_BYTES);
    mail_date(&mail, now_us);
    buf_str(&mail, p->body);
    rc = rc ? rc : mail.rc;
    for (size_t i = 0; i < c->to.n && !rc; i++) {
        struct curl_slist *longer = curl_slist_append(to, c->to.v[i].p);
        rc = longer ? OK : ERR_NOMEM;
        to = longer ? longer : to;
    }
    rc = rc ? fail(error, rc, "a mail cannot be made") : perform(e, c, to, &mail, error);
    curl_slist_free_all(to);
    curl_easy_cleanup(e);
    buf_done(&mail);
    return rc;
}
