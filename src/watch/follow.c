#include "watch/follow.h"

#include "base/time.h"
#include "os/clock.h"
#include "os/io.h"
#include "watch/follow_address.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define USER_AGENT "tocsin/" TOCSIN_VERSION

enum { POLL_MS = 250 };

/* One of the requests under way. */
struct transfer {
    struct follow *f;
    CURL *easy;
    struct curl_slist *headers;
    size_t feed;
    bool busy;
    int fd;
    uint64_t bytes, header_bytes;
    unsigned redirects;
    double deadline;
    const char *refused; /* why we gave up, when libcurl only knows that we did */
    char url[FOLLOW_URL_BYTES], message[CURL_ERROR_SIZE];
    char etag[FOLLOW_ETAG_BYTES], modified[FOLLOW_DATE_BYTES];
};

struct follow {
    struct follow_options o;
    char *proxy, *ca_file;
    CURLM *multi;
    struct transfer transfer[FOLLOW_AT_ONCE];
    /* of the poll under way */
    const struct follow_feed *feed;
    size_t n;
    int64_t start_us;
    double start;
    const struct follow_sink *sink;
};

static const char too_large[] = "the answer is larger than allowed";

/* --- what libcurl calls --- */

static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct transfer *t = ctx;
    const char *wrong = follow_socket_wrong(&a->addr, t->f->o.allow_private || t->f->proxy);
    if (wrong || purpose != CURLSOCKTYPE_IPCXN) {
        t->refused = wrong ? wrong : "no plain connection";
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static void keep_header(struct str line, const char *name, char *to, size_t size)
{
    struct str key = str_of(name);
    if (!str_istarts(line, key))
        return;
    struct str value = str_trim(str_sub(line, key.n, line.n));
    if (value.n >= size || memchr(value.p, 0, value.n)) /* better none than half of one */
        value.n = 0;
    memcpy(to, value.p, value.n);
    to[value.n] = 0;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    struct str line = str_make(p, size * n);
    t->header_bytes += line.n;
    if (t->header_bytes > FOLLOW_HEADER_BYTES) {
        t->refused = "the header is larger than allowed";
        return 0;
    }
    if (str_istarts(line, STR("HTTP/")))
        t->etag[0] = t->modified[0] = 0;
    keep_header(line, "etag:", t->etag, sizeof t->etag);
    keep_header(line, "last-modified:", t->modified, sizeof t->modified);
    return line.n;
}

/* Unpacked already. What comes with a redirect or an error is counted, and dropped. */
static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    long status = 0;
    t->bytes += size * n;
    if (t->bytes > t->f->o.max_bytes) {
        t->refused = too_large;
        return 0;
    }
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return size * n;
    if (t->fd < 0)
        t->fd = memfd_create("feed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (t->fd < 0 || io_write(t->fd, p, size * n)) {
        t->refused = "no memory for the answer";
        return 0;
    }
    return size * n;
}

/* --- options --- */

#define SET(option, value) ok &= curl_easy_setopt(e, option, value) == CURLE_OK

/* All of it is told; nothing is left to the environment or to files in a home. */
static bool set_limits(CURL *e, const struct follow_options *o)
{
    bool ok = true;
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L); /* we do, and look at each address */
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_ms);
    SET(CURLOPT_LOW_SPEED_LIMIT, (long)o->slow_bytes);
    SET(CURLOPT_LOW_SPEED_TIME, (long)o->slow_s);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)o->max_bytes);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_USERAGENT, USER_AGENT);
    SET(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    return ok;
}

static bool set_calls(struct transfer *t)
{
    struct follow *f = t->f;
    CURL *e = t->easy;
    bool ok = true;
    SET(CURLOPT_PROXY, f->proxy ? f->proxy : "");
    SET(CURLOPT_NOPROXY, "");
    if (f->ca_file) { /* and no others: libcurl would look into the system's folder as well */
        SET(CURLOPT_CAINFO, f->ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
    SET(CURLOPT_OPENSOCKETDATA, t);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_ERRORBUFFER, t->message);
    SET(CURLOPT_PRIVATE, t);
    return ok;
}

/* --- a request --- */

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    char line[FOLLOW_ETAG_BYTES + 64];
    int n = snprintf(line, sizeof line, "%s: %s", name, value);
    if (n < 0 || (size_t)n >= sizeof line || strpbrk(line, "\r\n"))
        return true; /* without it we get the whole feed */
    struct curl_slist *more = curl_slist_append(*list, line);
    *list = more ? more : *list;
    return more != NULL;
}

/* To t->url, with what is left of the time. */
static bool send_request(struct transfer *t)
{
    const struct follow_state *s = &t->f->feed[t->feed].state;
    double left = t->deadline - clock_seconds();
    CURL *e = t->easy;
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    bool ok = add_header(&t->headers, "Accept",
                         "application/rss+xml, application/atom+xml, application/feed+json, "
                         "application/xml;q=0.9, */*;q=0.5");
    if (s->etag[0])
        ok &= add_header(&t->headers, "If-None-Match", s->etag);
    if (s->modified[0])
        ok &= add_header(&t->headers, "If-Modified-Since", s->modified);
    SET(CURLOPT_HTTPHEADER, t->headers);
    SET(CURLOPT_URL, t->url);
    SET(CURLOPT_TIMEOUT_MS, left > 0.001 ? (long)(left * 1000) : 1L);
    t->message[0] = 0;
    return ok && curl_multi_add_handle(t->f->multi, e) == CURLM_OK;
}

static void clear(struct transfer *t)
{
    if (t->fd >= 0)
        io_close(t->fd);
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    t->fd = -1;
    t->busy = false;
    t->refused = NULL;
    t->bytes = t->header_bytes = 0;
    t->redirects = 0;
    t->etag[0] = t->modified[0] = 0;
}

/* --- results --- */

static int64_t now_us(const struct follow *f)
{
    return f->start_us + (int64_t)((clock_seconds() - f->start) * US_PER_S);
}

/* Twice as long after each failure in a row. */
static int64_t back_off_s(const struct follow *f, uint32_t failures)
{
    int64_t s = f->o.interval_s;
    int64_t most = s > FOLLOW_BACK_OFF_S ? s : FOLLOW_BACK_OFF_S;
    for (uint32_t i = 0; i < failures && s < most; i++)
        s *= 2;
    return s < most ? s : most;
}

static void next_time(const struct transfer *t, struct follow_result *r)
{
    struct follow_state *s = &r->state;
    curl_off_t asked = 0;
    int64_t wait_s = t->f->o.interval_s;
    if (r->outcome == FOLLOW_BODY || r->outcome == FOLLOW_SAME) {
        s->failures = 0;
        s->last_us = now_us(t->f);
    } else {
        s->failures += s->failures < UINT32_MAX;
        wait_s = back_off_s(t->f, s->failures);
    }
    (void)curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &asked);
    if (r->outcome == FOLLOW_LATER && asked > wait_s)
        wait_s = asked < FOLLOW_WAIT_S ? asked : FOLLOW_WAIT_S;
    s->next_us = now_us(t->f) + wait_s * US_PER_S;
}

static enum err tell(struct transfer *t, struct follow_result *r)
{
    r->feed = t->feed;
    r->url = str_of(t->url);
    r->fd = r->outcome == FOLLOW_BODY ? t->fd : -1;
    r->bytes = r->outcome == FOLLOW_BODY ? t->bytes : 0;
    r->state = t->f->feed[t->feed].state;
    if (r->outcome == FOLLOW_BODY) {
        memcpy(r->state.etag, t->etag, sizeof t->etag);
        memcpy(r->state.modified, t->modified, sizeof t->modified);
    }
    next_time(t, r);
    enum err rc = t->f->sink->result(t->f->sink->ctx, r);
    clear(t);
    return rc;
}

static enum err tell_refused(struct transfer *t, const char *why)
{
    struct follow_result r = {.outcome = FOLLOW_REFUSED, .reason = str_of(why)};
    return tell(t, &r);
}

static bool sealed(int fd)
{
    return lseek(fd, 0, SEEK_SET) == 0 &&
           fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0;
}

static void judge_status(struct transfer *t, struct follow_result *r, char *text, size_t size)
{
    r->outcome = FOLLOW_FAILED;
    if (r->status == 304) {
        r->outcome = FOLLOW_SAME;
    } else if (r->status == 200 && t->fd < 0) {
        r->reason = STR("the answer is empty");
    } else if (r->status == 200) {
        r->outcome = sealed(t->fd) ? FOLLOW_BODY : FOLLOW_FAILED;
    } else {
        bool wait = r->status == 429 || r->status == 503;
        r->outcome = wait ? FOLLOW_LATER : FOLLOW_FAILED;
        (void)snprintf(text, size, "status %ld", r->status);
        r->reason = str_of(text);
    }
}

static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Goes on at the new address, or tells why not. */
static enum err redirect(struct transfer *t)
{
    char *to = NULL;
    (void)curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
    if (!to)
        return tell_refused(t, "a redirect leads nowhere");
    if (++t->redirects > FOLLOW_REDIRECTS)
        return tell_refused(t, "too many redirects");
    struct str url = str_of(to);
    const char *wrong = follow_url_wrong(url, str_of(t->url), t->f->o.allow_private);
    if (wrong)
        return tell_refused(t, wrong);
    memcpy(t->url, url.p, url.n + 1);
    return send_request(t) ? OK : tell_refused(t, "the redirect cannot be followed");
}

static enum err finished(struct transfer *t, CURLcode rc)
{
    struct follow_result r = {.outcome = FOLLOW_FAILED};
    char text[64];
    (void)curl_multi_remove_handle(t->f->multi, t->easy);
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &r.status);
    if (t->refused || rc == CURLE_FILESIZE_EXCEEDED) {
        r.outcome = FOLLOW_REFUSED;
        r.reason = str_of(t->refused ? t->refused : too_large);
    } else if (rc != CURLE_OK) {
        r.reason = str_of(t->message[0] ? t->message : curl_easy_strerror(rc));
    } else if (is_redirect(r.status)) {
        return redirect(t);
    } else {
        judge_status(t, &r, text, sizeof text);
    }
    return tell(t, &r);
}

/* --- polling --- */

static enum err start(struct transfer *t, size_t feed)
{
    struct follow *f = t->f;
    struct str url = f->feed[feed].url;
    const char *wrong = follow_url_wrong(url, STR_NONE, f->o.allow_private);
    t->feed = feed;
    t->busy = true;
    t->deadline = clock_seconds() + f->o.total_ms / 1000.0;
    size_t n = url.n < sizeof t->url ? url.n : 0;
    memcpy(t->url, url.p ? url.p : "", n);
    t->url[n] = 0;
    if (wrong)
        return tell_refused(t, wrong);
    return send_request(t) ? OK : tell_refused(t, "the request cannot be sent");
}

/* Fills the free places with feeds that are due, from *at on. */
static enum err start_more(struct follow *f, size_t *at, size_t *ret_busy)
{
    *ret_busy = 0;
    for (size_t i = 0; i < FOLLOW_AT_ONCE; i++) {
        struct transfer *t = &f->transfer[i];
        while (!t->busy && *at < f->n) {
            size_t feed = (*at)++;
            if (f->feed[feed].state.next_us > f->start_us)
                continue;
            TRY(start(t, feed));
        }
        *ret_busy += t->busy;
    }
    return OK;
}

static enum err collect(struct follow *f)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(f->multi, &left))) {
        char *private = NULL;
        CURLcode rc = m->data.result;
        (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
        if (m->msg != CURLMSG_DONE || !private)
            return ERR_BUG;
        enum err told = finished((struct transfer *)(void *)private, rc);
        if (told)
            return told;
    }
    return OK;
}

static void abandon(struct follow *f)
{
    for (size_t i = 0; i < FOLLOW_AT_ONCE; i++) {
        if (f->transfer[i].busy)
            (void)curl_multi_remove_handle(f->multi, f->transfer[i].easy);
        clear(&f->transfer[i]);
    }
}

static enum err run(struct follow *f, struct error *error)
{
    size_t at = 0, busy = 0;
    for (;;) {
        int running = 0;
        enum err rc = start_more(f, &at, &busy);
        if (rc || busy == 0)
            return rc;
        if (f->o.interrupted && *f->o.interrupted)
            return END;
        CURLMcode code = curl_multi_perform(f->multi, &running);
        if (!code && (rc = collect(f)))
            return rc;
        if (!code && running)
            code = curl_multi_poll(f->multi, NULL, 0, POLL_MS, NULL);
        if (code)
            return fail(error, ERR_IO, "cannot poll feeds: %s", curl_multi_strerror(code));
    }
}

enum err follow_poll(struct follow *f, const struct follow_feed *feed, size_t n, int64_t now,
                     const struct follow_sink *sink, struct error *error)
{
    f->feed = feed;
    f->n = n;
    f->start_us = now;
    f->start = clock_seconds();
    f->sink = sink;
    enum err rc = run(f, error);
    abandon(f);
    return rc;
}

int64_t follow_next(const struct follow_feed *feed, size_t n)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < n; i++)
        if (feed[i].state.next_us < next)
            next = feed[i].state.next_us;
    return next;
}

bool follow_check(const struct follow_options *options, struct str url, const char **ret_reason)
{
    *ret_reason = follow_url_wrong(url, STR_NONE, options->allow_private);
    return *ret_reason == NULL;
}

const char *follow_outcome_name(enum follow_outcome outcome)
{
    static const char *const names[] = {"body", "same", "later", "failed", "refused"};
    return (size_t)outcome < ARRAY_LEN(names) ? names[outcome] : "?";
}

/* --- opening --- */

static void defaults(struct follow_options *o)
{
    o->max_bytes = o->max_bytes ? o->max_bytes : FOLLOW_BODY_BYTES;
    o->interval_s = o->interval_s ? o->interval_s : FOLLOW_INTERVAL_S;
    o->connect_ms = o->connect_ms ? o->connect_ms : FOLLOW_CONNECT_MS;
    o->total_ms = o->total_ms ? o->total_ms : FOLLOW_TOTAL_MS;
    o->slow_s = o->slow_s ? o->slow_s : FOLLOW_SLOW_S;
    o->slow_bytes = o->slow_bytes ? o->slow_bytes : FOLLOW_SLOW_BYTES;
}

static bool copied(struct str s, char **ret)
{
    *ret = s.n ? strndup(s.p, s.n) : NULL;
    return *ret || !s.n;
}

static bool prepare(struct follow *f)
{
    bool ok = copied(f->o.proxy, &f->proxy) && copied(f->o.ca_file, &f->ca_file);
    f->multi = curl_multi_init();
    if (!ok || !f->multi)
        return false;
    (void)curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)FOLLOW_AT_ONCE);
    for (size_t i = 0; i < FOLLOW_AT_ONCE; i++) {
        struct transfer *t = &f->transfer[i];
        t->f = f;
        t->easy = curl_easy_init();
        if (!t->easy || !set_limits(t->easy, &f->o) || !set_calls(t))
            return false;
    }
    return true;
}

enum err follow_open(const struct follow_options *options, struct follow **ret_follow,
                     struct error *error)
{
    static bool ready; /* for the whole process, and never taken back */
    *ret_follow = NULL;
    if (!ready && curl_global_init(CURL_GLOBAL_DEFAULT))
        return fail(error, ERR_NOMEM, "libcurl cannot start");
    ready = true;
    struct follow *f = calloc(1, sizeof *f);
    if (!f)
        return fail(error, ERR_NOMEM, "out of memory");
    f->o = *options;
    defaults(&f->o);
    for (size_t i = 0; i < FOLLOW_AT_ONCE; i++)
        f->transfer[i].fd = -1;
    if (!prepare(f)) {
        (void)follow_close(f);
        return fail(error, ERR_UNSUPPORTED, "libcurl lacks what following feeds needs");
    }
    *ret_follow = f;
    return OK;
}

struct follow *follow_close(struct follow *f)
{
    if (!f)
        return NULL;
    abandon(f);
    for (size_t i = 0; i < FOLLOW_AT_ONCE; i++)
        curl_easy_cleanup(f->transfer[i].easy);
    curl_multi_cleanup(f->multi);
    free(f->proxy);
    free(f->ca_file);
    free(f);
    return NULL;
}
