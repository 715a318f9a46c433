#include "exposure/ask.h"

#include "os/clock.h"
#include "os/io.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { POLL_MS = 100, PROBLEM_BYTES = ASK_URL_BYTES + CURL_ERROR_SIZE + 2 };

enum step { STEP_FIRST, STEP_REDIRECT, STEP_MANIFEST };
_Static_assert(STEP_MANIFEST + 1 == ASK_REQUESTS, "each step is one request");

/* One of the hosts under way. */
struct place {
    struct ask *a;
    CURL *easy;
    size_t host;
    enum step step;
    bool busy, sending;
    int fd;
    size_t header_bytes, body_bytes;
    const char *refused; /* why we gave up, when libcurl only knows that we did */
    long status;
    char url[ASK_URL_BYTES], message[CURL_ERROR_SIZE];
    char problem[PROBLEM_BYTES];
};

struct ask {
    struct ask_options o;
    char *ca_file, *pins;
    CURLM *multi;
    struct place place[ASK_AT_ONCE];
    /* of the run under way */
    const struct ask_hosts *hosts;
    const struct ask_sink *sink;
    double *not_before; /* by clock; INFINITY: a request is under way */
};

/* --- what libcurl calls --- */

static size_t keep(struct place *p, const char *bytes, size_t n)
{
    if (p->fd < 0)
        p->fd = memfd_create("answer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (p->fd >= 0 && io_write(p->fd, bytes, n) == OK)
        return n;
    p->refused = "no memory for the answer";
    return 0;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *ctx)
{
    struct place *p = ctx;
    p->header_bytes += size * n;
    if (p->header_bytes <= ASK_HEADER_BYTES)
        return keep(p, bytes, size * n);
    p->refused = "the header is larger than allowed";
    return 0;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *ctx)
{
    struct place *p = ctx;
    p->body_bytes += size * n;
    if (p->body_bytes <= ASK_BODY_BYTES)
        return keep(p, bytes, size * n);
    p->refused = "the answer is larger than allowed";
    return 0;
}

/* --- options --- */

#define SET(option, value) ok &= curl_easy_setopt(e, option, value) == CURLE_OK

/* All of it is told; nothing is left to the environment or to files in a home. Each request has a
 * connection of its own: libcurl would send again on one that had gone stale. Nothing is asked
 * packed, nothing is unpacked. */
static bool set_limits(CURL *e)
{
    bool ok = true;
    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L); /* we do, once */
    SET(CURLOPT_HTTPGET, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)ASK_BODY_BYTES);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_USERAGENT, ASK_USER_AGENT);
    return ok;
}

static bool set_trust(CURL *e, const struct ask *a)
{
    bool ok = true;
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (a->ca_file) { /* and no others: libcurl would look into the system's folder as well */
        SET(CURLOPT_CAINFO, a->ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    if (a->pins)
        SET(CURLOPT_PINNEDPUBLICKEY, a->pins);
    return ok;
}

static bool set_calls(struct place *p)
{
    CURL *e = p->easy;
    bool ok = true;
    uint32_t total = p->a->o.total_ms;
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(total < ASK_CONNECT_MS ? total : ASK_CONNECT_MS));
    SET(CURLOPT_TIMEOUT_MS, (long)total);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, p);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, p);
    SET(CURLOPT_ERRORBUFFER, p->message);
    SET(CURLOPT_PRIVATE, p);
    return ok;
}

/* --- addresses --- */

/* Part of an address as libcurl reads it; absent if it has none. */
static bool same_part(CURLU *x, CURLU *y, CURLUPart what)
{
    char *a = NULL, *b = NULL;
    bool both = !curl_url_get(x, what, &a, CURLU_DEFAULT_PORT) &&
                !curl_url_get(y, what, &b, CURLU_DEFAULT_PORT);
    bool same = both && str_ieq(str_of(a), str_of(b));
    curl_free(a);
    curl_free(b);
    return same;
}

static bool has_user(CURLU *u)
{
    char *user = NULL;
    bool has = curl_url_get(u, CURLUPART_USER, &user, 0) != CURLUE_NO_USER;
    curl_free(user);
    return has;
}

/* Scheme, host and port. */
static bool same_server(const char *a, const char *b)
{
    CURLU *x = curl_url(), *y = curl_url();
    bool same = x && y && !curl_url_set(x, CURLUPART_URL, a, 0) &&
                !curl_url_set(y, CURLUPART_URL, b, 0) && same_part(x, y, CURLUPART_SCHEME) &&
                same_part(x, y, CURLUPART_HOST) && same_part(x, y, CURLUPART_PORT) && !has_user(y);
    curl_url_cleanup(x);
    curl_url_cleanup(y);
    return same;
}

static void problem(struct place *p, const char *what, const char *why)
{
    (void)snprintf(p->problem, sizeof p->problem, "%.*s: %.*s", ASK_URL_BYTES - 1, what,
                   CURL_ERROR_SIZE - 1, why);
}

/* --- one host --- */

static double *clock_of(const struct place *p)
{
    return &p->a->not_before[p->a->hosts->v[p->host].clock];
}

static void clear_answer(struct place *p)
{
    if (p->fd >= 0)
        io_close(p->fd);
    p->fd = -1;
    p->header_bytes = p->body_bytes = 0;
    p->refused = NULL;
    p->message[0] = 0;
}

static enum err finish_host(struct place *p)
{
    p->busy = false;
    return p->a->sink->done(p->a->sink->ctx, p->host, p->status,
                            p->problem[0] ? str_of(p->problem) : STR_NONE);
}

static void set_url(struct place *p, enum step step, const char *path)
{
    struct str server = p->a->hosts->v[p->host].server;
    (void)snprintf(p->url, sizeof p->url, "%.*s%s", STR_FMT(server), path); /* both are short */
    p->step = step;
}

static void start_host(struct place *p, size_t host)
{
    p->host = host;
    p->busy = true;
    p->status = 0;
    p->problem[0] = 0;
    set_url(p, STEP_FIRST, ASK_FIRST);
}

static enum err send_request(struct place *p)
{
    clear_answer(p);
    p->sending = !curl_easy_setopt(p->easy, CURLOPT_URL, p->url) &&
                 !curl_multi_add_handle(p->a->multi, p->easy);
    if (!p->sending) {
        problem(p, p->url, "the request cannot be sent");
        return finish_host(p);
    }
    *clock_of(p) = INFINITY;
    return OK;
}

static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* True if the first answer leads to another place on the same server: that is asked next. */
static bool goes_on(struct place *p)
{
    char *to = NULL;
    if (p->step != STEP_FIRST || !is_redirect(p->status))
        return false;
    (void)curl_easy_getinfo(p->easy, CURLINFO_REDIRECT_URL, &to);
    size_t n = to ? strlen(to) : 0;
    if (n == 0 || n >= sizeof p->url) {
        problem(p, p->url, "a redirect leads nowhere");
        return false;
    }
    if (!same_server(p->url, to)) {
        problem(p, to, "a redirect to another server is not followed");
        return false;
    }
    memcpy(p->url, to, n + 1);
    p->step = STEP_REDIRECT;
    return true;
}

static bool sealed(int fd)
{
    return lseek(fd, 0, SEEK_SET) == 0 &&
           fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0;
}

/* An answer came, of whatever status. */
static enum err answered(struct place *p)
{
    bool enough = false;
    struct ask_answer answer = {p->host, str_of(p->url), p->fd};
    if (p->fd >= 0 && sealed(p->fd)) {
        enum err rc = p->a->sink->answer(p->a->sink->ctx, &answer, &enough);
        if (rc)
            return rc;
    }
    if (enough || p->step == STEP_MANIFEST)
        return finish_host(p);
    if (!goes_on(p))
        set_url(p, STEP_MANIFEST, ASK_MANIFEST);
    return OK;
}

static enum err received(struct place *p, CURLcode code)
{
    (void)curl_multi_remove_handle(p->a->multi, p->easy);
    p->sending = false;
    *clock_of(p) = clock_seconds() + ASK_PAUSE_MS / 1000.0;
    (void)curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &p->status);
    if (code == CURLE_OK)
        return answered(p);
    problem(p, p->url,
            p->refused                        ? p->refused
            : code == CURLE_FILESIZE_EXCEEDED ? "the answer is larger than allowed"
            : p->message[0]                   ? p->message
                                              : curl_easy_strerror(code));
    return finish_host(p);
}

/* --- all hosts --- */

/* Fills the free places from *at on, and sends what may be sent now. */
static enum err start_more(struct ask *a, size_t *at, size_t *ret_busy)
{
    *ret_busy = 0;
    for (size_t i = 0; i < ASK_AT_ONCE; i++) {
        struct place *p = &a->place[i];
        if (!p->busy && *at < a->hosts->n)
            start_host(p, (*at)++);
        if (p->busy && !p->sending && clock_seconds() >= *clock_of(p))
            TRY(send_request(p));
        *ret_busy += p->busy;
    }
    return OK;
}

static enum err collect(struct ask *a)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(a->multi, &left))) {
        char *private = NULL;
        CURLcode code = m->data.result;
        (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
        if (m->msg != CURLMSG_DONE || !private)
            return ERR_BUG;
        enum err rc = received((struct place *)(void *)private, code);
        if (rc) /* END as well: TRY would go on */
            return rc;
    }
    return OK;
}

static void abandon(struct ask *a)
{
    for (size_t i = 0; i < ASK_AT_ONCE; i++) {
        struct place *p = &a->place[i];
        if (p->sending)
            (void)curl_multi_remove_handle(a->multi, p->easy);
        p->sending = p->busy = false;
        clear_answer(p);
    }
}

static enum err run(struct ask *a, struct error *error)
{
    size_t at = 0, busy;
    for (;;) {
        int running;
        enum err rc = start_more(a, &at, &busy);
        if (rc || (busy == 0 && at == a->hosts->n))
            return rc;
        if (a->o.interrupted && *a->o.interrupted)
            return END;
        CURLMcode code = curl_multi_perform(a->multi, &running);
        if (!code && (rc = collect(a)))
            return rc;
        if (!code)
            code = curl_multi_poll(a->multi, NULL, 0, POLL_MS, NULL);
        if (code)
            return fail(error, ERR_IO, "cannot ask: %s", curl_multi_strerror(code));
    }
}

enum err ask_all(struct ask *a, const struct ask_hosts *hosts, const struct ask_sink *sink,
                 struct error *error)
{
    a->hosts = hosts;
    a->sink = sink;
    a->not_before = calloc(hosts->clocks + 1, sizeof *a->not_before);
    if (!a->not_before)
        return fail(error, ERR_NOMEM, "out of memory");
    enum err rc = run(a, error);
    abandon(a);
    free(a->not_before);
    a->not_before = NULL;
    return rc;
}

/* --- opening --- */

const char *ask_pin_wrong(struct str pin)
{
    enum { DIGITS = 43 }; /* of 32 bytes; one sign of padding behind them */
    if (!str_starts(pin, STR("sha256//")))
        return "a pin is sha256// and the hash of a public key in base64";
    pin = str_sub(pin, 8, pin.n);
    bool right = pin.n == DIGITS + 1 && pin.p[DIGITS] == '=';
    for (size_t i = 0; right && i < DIGITS; i++) {
        unsigned char c = (unsigned char)pin.p[i];
        right = ascii_alpha(c) || ascii_digit(c) || c == '+' || c == '/';
    }
    return right ? NULL : "behind sha256// 32 bytes in base64 are needed";
}

static bool copied(struct str s, char **ret)
{
    *ret = s.n ? strndup(s.p, s.n) : NULL;
    return *ret || !s.n;
}

static bool prepare(struct ask *a)
{
    bool ok = copied(a->o.ca_file, &a->ca_file) && copied(a->o.pins, &a->pins);
    a->multi = curl_multi_init();
    if (!ok || !a->multi)
        return false;
    for (size_t i = 0; i < ASK_AT_ONCE; i++) {
        struct place *p = &a->place[i];
        p->a = a;
        p->easy = curl_easy_init();
        if (!p->easy || !set_limits(p->easy) || !set_trust(p->easy, a) || !set_calls(p))
            return false;
    }
    return true;
}

enum err ask_open(const struct ask_options *options, struct ask **ret_ask, struct error *error)
{
    static bool ready; /* for the whole process, and never taken back */
    *ret_ask = NULL;
    if (!ready && curl_global_init(CURL_GLOBAL_DEFAULT))
        return fail(error, ERR_NOMEM, "libcurl cannot start");
    ready = true;
    struct ask *a = calloc(1, sizeof *a);
    if (!a)
        return fail(error, ERR_NOMEM, "out of memory");
    a->o = *options;
    if (!a->o.total_ms)
        a->o.total_ms = ASK_TOTAL_MS;
    for (size_t i = 0; i < ASK_AT_ONCE; i++)
        a->place[i].fd = -1;
    if (!prepare(a)) {
        (void)ask_close(a);
        return fail(error, ERR_UNSUPPORTED, "libcurl lacks what asking servers needs");
    }
    *ret_ask = a;
    return OK;
}

struct ask *ask_close(struct ask *a)
{
    if (!a)
        return NULL;
    abandon(a);
    for (size_t i = 0; i < ASK_AT_ONCE; i++)
        curl_easy_cleanup(a->place[i].easy);
    curl_multi_cleanup(a->multi);
    free(a->ca_file);
    free(a->pins);
    free(a);
    return NULL;
}
