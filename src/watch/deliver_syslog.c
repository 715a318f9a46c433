/* Syslog, RFC 5424: over UDP (RFC 5426), TCP with counted messages (RFC 6587), or a socket of this
 * machine. None of them says that a message arrived: sent is all that is known. */
#include "output/alert.h"
#include "output/escape.h"
#include "watch/deliver_priv.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    FACILITY = 13, /* log audit */
    SEVERITY_WARNING = 4,
    SEVERITY_CRITICAL = 2,
    UDP_BYTES = 2048, /* what receivers ought to take (RFC 5424 6.1) */
    MESSAGE_BYTES = 8192,
    VALUE_BYTES = 300,
};

/* A value of structured data: visible, and ", \ and ] escaped. */
static void value(struct buf *b, const char *name, struct str s)
{
    struct escape_unit u;
    size_t from = b->n;
    buf_printf(b, " %s=\"", name);
    for (size_t i = 0; i < s.n && b->n - from < VALUE_BYTES;) {
        i += escape_next(s, i, false, &u);
        for (size_t k = 0; k < u.n; k++) {
            if (u.text[k] == '"' || u.text[k] == '\\' || u.text[k] == ']')
                buf_putc(b, '\\');
            buf_putc(b, u.text[k]);
        }
    }
    buf_putc(b, '"');
}

static void number(struct buf *b, const char *name, double v)
{
    buf_printf(b, " %s=\"", name);
    real_add(b, v, 4);
    buf_putc(b, '"');
}

static void message(struct buf *b, const struct alert *a)
{
    struct escape_unit u;
    struct str title = a->title.n ? a->title : a->subject;
    for (size_t i = 0; i < title.n && b->n < MESSAGE_BYTES;) {
        i += escape_next(title, i, false, &u);
        buf_add(b, u.text, u.n);
    }
    buf_puts(b, "; ");
    alert_counts(b, a);
}

/* The host's name as the header has it: no blanks. */
static void host_name(struct buf *b)
{
    char name[256] = "";
    bool ok = gethostname(name, sizeof name - 1) == 0 && name[0];
    for (const char *c = name; *c; c++)
        ok &= *c > ' ' && *c < 0x7f;
    buf_puts(b, ok ? name : "-");
}

enum err syslog_render(struct buf *b, const struct channel *c, const struct alert *a)
{
    unsigned severity = a->customer.p ? SEVERITY_CRITICAL : SEVERITY_WARNING;
    (void)c;
    buf_printf(b, "<%u>1 ", FACILITY * 8 + severity);
    if (time_printable(a->time_us))
        time_add(b, a->time_us);
    else
        buf_putc(b, '-');
    buf_putc(b, ' ');
    host_name(b);
    /* 32473 is the number of examples (RFC 5612): there is none of our own. */
    buf_puts(b, " tocsin - alert [tocsin@32473");
    value(b, "id", str_of(a->id));
    value(b, "subject", a->subject);
    value(b, "kind", str_of(subject_kind_name(a->kind)));
    value(b, "lane", str_of(lane_name(a->lane)));
    number(b, "observed", (double)a->observed);
    number(b, "expected", a->expected);
    number(b, "p", a->p);
    if (a->customer.n)
        value(b, "customer", a->customer);
    buf_puts(b, "] \xef\xbb\xbf"); /* says that the message is UTF-8 */
    message(b, a);
    return b->rc;
}

static enum err wrong(struct error *error, const char *what)
{
    return fail(error, ERR_IO, "%s: %s", what, strerror(errno));
}

/* Before it was sent, and not for ever. */
static enum err connect_in_time(int fd, const struct sockaddr *address, socklen_t n)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int state = 0;
    socklen_t size = sizeof state;
    if (connect(fd, address, n) == 0)
        return OK;
    if (errno != EINPROGRESS || poll(&p, 1, DELIVER_CONNECT_MS) != 1)
        return ERR_IO;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &state, &size) != 0 || state) {
        errno = state;
        return ERR_IO;
    }
    return OK;
}

static enum err send_all(int fd, struct str s)
{
    while (s.n) {
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        if (poll(&p, 1, DELIVER_TOTAL_MS) != 1)
            return ERR_IO;
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n < 0)
            return ERR_IO;
        s = str_sub(s, (size_t)n, s.n);
    }
    return OK;
}

/* TCP: what a closed connection would say is waited for until our side is read to its end. */
static enum err send_stream(int fd, struct str s)
{
    char length[32];
    char answer[64];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    (void)snprintf(length, sizeof length, "%zu ", s.n);
    TRY(send_all(fd, str_of(length)));
    TRY(send_all(fd, s));
    if (shutdown(fd, SHUT_WR) != 0)
        return ERR_IO;
    for (unsigned i = 0; i < 16 && poll(&p, 1, 250) == 1; i++) {
        ssize_t n = recv(fd, answer, sizeof answer, 0);
        if (n < 0)
            return ERR_IO;
        if (n == 0)
            break;
    }
    return OK;
}

static enum err to_address(const struct sockaddr *address, socklen_t n, int type, struct str s)
{
    int fd = socket(address->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return ERR_IO;
    enum err rc = connect_in_time(fd, address, n);
    if (!rc)
        rc = type == SOCK_STREAM ? send_stream(fd, s) : send_all(fd, s);
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return rc;
}

static enum err to_unix(struct str path, struct str s, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path.n >= sizeof address.sun_path)
        return fail(error, ERR_IO, "the path of a socket is too long");
    memcpy(address.sun_path, path.p, path.n);
    if (to_address((const struct sockaddr *)&address, sizeof address, SOCK_DGRAM, s))
        return wrong(error, "the log's socket");
    return OK;
}

/* "host:514", "[::1]:514", "host" */
static bool split(struct str at, const char *standard, char host[256], char port[16])
{
    ptrdiff_t slash = str_chr(at, '/'), colon = str_rchr(at, ':');
    at = slash >= 0 ? str_sub(at, 0, (size_t)slash) : at;
    struct str h = at, p = str_of(standard);
    if (str_starts(at, STR("["))) {
        ptrdiff_t close_at = str_chr(at, ']');
        if (close_at < 0)
            return false;
        h = str_sub(at, 1, (size_t)close_at);
        colon = colon > close_at ? colon : -1;
    } else if (colon >= 0) {
        h = str_sub(at, 0, (size_t)colon);
    }
    if (colon >= 0)
        p = str_sub(at, (size_t)colon + 1, at.n);
    if (h.n == 0 || h.n >= 256 || p.n == 0 || p.n >= 16)
        return false;
    (void)snprintf(host, 256, "%.*s", STR_FMT(h));
    (void)snprintf(port, 16, "%.*s", STR_FMT(p));
    return true;
}

static enum err to_host(struct str at, bool stream, struct str s, struct error *error)
{
    char host[256], port[16];
    struct addrinfo hints = {.ai_socktype = stream ? SOCK_STREAM : SOCK_DGRAM}, *list = NULL;
    if (!split(at, stream ? "601" : "514", host, port))
        return fail(error, ERR_IO, "no host and port");
    int found = getaddrinfo(host, port, &hints, &list);
    if (found != 0)
        return fail(error, ERR_IO, "%s: %s", host, gai_strerror(found));
    enum err rc = ERR_IO;
    for (struct addrinfo *a = list; a && rc; a = a->ai_next)
        rc = to_address(a->ai_addr, a->ai_addrlen, hints.ai_socktype, s);
    freeaddrinfo(list);
    return rc ? wrong(error, host) : OK;
}

enum err syslog_send(const struct channel *c, const struct parcel *p, int64_t now_us,
                     struct error *error)
{
    struct str url = str_of(c->url);
    (void)now_us;
    if (str_starts(url, STR("unix://")))
        return to_unix(str_sub(url, 7, url.n), str_sub(p->body, 0, MESSAGE_BYTES), error);
    if (str_starts(url, STR("tcp://")))
        return to_host(str_sub(url, 6, url.n), true, p->body, error);
    return to_host(str_sub(url, 6, url.n), false, str_sub(p->body, 0, UDP_BYTES), error);
}
