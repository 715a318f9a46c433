#include "output/roles.h"

#include <arpa/inet.h>

/* Columns in the order of trust. Another log's spelling is one word here. */
static const char *const names[ROLE_COUNT][10] = {
    [ROLE_CLIENT] = {"ClientIpAddress", "ClientIp", "original-client-ip", "client-ip", "client",
                     "IpAddress", "SourceIp", "ClientAddress"},
    [ROLE_PEER] = {"c-ip"},
    [ROLE_METHOD] = {"cs-method", "Method", "HttpMethod"},
    [ROLE_PATH] = {"cs-uri-stem", "UrlStem", "cs-uri", "S:URL", "c-uri", "Url"},
    [ROLE_QUERY] = {"cs-uri-query", "UrlQuery"},
    [ROLE_STATUS] = {"sc-status", "HttpStatus", "StatusCode", "status"},
    [ROLE_AGENT] = {"cs(User-Agent)", "UserAgent", "c-useragent", "ClientInfo",
                    "ClientApplication"},
    [ROLE_USER] = {"cs-username", "AuthenticatedUser", "S:USID", "S:SID", "S:PSA", "sender-address",
                   "UserName", "User", "SubjectUserName"},
    [ROLE_REFERRER] = {"cs(Referer)", "Referer", "cs-referrer"},
    [ROLE_ACCOUNT] = {"X-Rps-CAT user", "cs-username", "AuthenticatedUser", "S:PSA", "UserName",
                      "User", "SubjectUserName"},
    [ROLE_MAILBOX] = {"ImpersonatedUser", "ActAsUser", "ProxyAsUser", "AnchorMailbox", "Recipient"},
};
/* What a balancer before the server says of the client. */
static const char *const forwarded[] = {"X-Forwarded-For", "cs(X-Forwarded-For)", "OriginalIP"};

static struct str field_value(const struct finding *f, const char *name)
{
    for (size_t i = 0; i < f->n_fields; i++)
        if (f->field[i].value.n && str_ieq(f->field[i].name, str_of(name)))
            return f->field[i].value;
    return STR_NONE;
}

/* The first address of a chain, without port and brackets; absent if that is none. */
static struct str first_address(struct str chain)
{
    struct str rest = chain, part;
    if (!str_cut(&rest, ',', &part))
        return STR_NONE;
    part = str_trim(part);
    ptrdiff_t close = str_chr(part, ']'), colon = str_chr(part, ':');
    if (str_starts(part, STR("[")) && close > 0)
        part = str_sub(part, 1, (size_t)close);
    else if (colon > 0 && str_rchr(part, ':') == colon)
        part = str_sub(part, 0, (size_t)colon);
    return role_is_address(part) ? part : STR_NONE;
}

static struct str client_of(const struct finding *f)
{
    for (size_t i = 0; i < ARRAY_LEN(forwarded); i++) {
        struct str first = first_address(field_value(f, forwarded[i]));
        if (first.p)
            return first;
    }
    return role_of(f, ROLE_PEER);
}

struct str role_of(const struct finding *f, enum role role)
{
    struct str value = role == ROLE_CLIENT ? client_of(f) : STR_NONE;
    for (size_t k = 0; !value.p && k < ARRAY_LEN(names[role]) && names[role][k]; k++)
        value = field_value(f, names[role][k]);
    return value;
}

bool role_url(struct buf *b, const struct finding *f)
{
    struct str path = role_of(f, ROLE_PATH), query = role_of(f, ROLE_QUERY);
    if (!path.p)
        return false;
    buf_str(b, path);
    if (query.p && !str_eq(query, STR("-"))) {
        buf_putc(b, '?');
        buf_str(b, query);
    }
    return true;
}

bool role_is_address(struct str s)
{
    char tmp[INET6_ADDRSTRLEN];
    unsigned char address[16];
    if (s.n == 0 || s.n >= sizeof tmp || memchr(s.p, 0, s.n))
        return false;
    memcpy(tmp, s.p, s.n);
    tmp[s.n] = 0;
    return inet_pton(AF_INET, tmp, address) == 1 || inet_pton(AF_INET6, tmp, address) == 1;
}

bool text_shaped(struct str s, const char *shape)
{
    size_t i = 0;
    for (; *shape; shape++) {
        if (*shape == '*') {
            size_t from = i;
            while (i < s.n && ascii_digit((unsigned char)s.p[i]))
                i++;
            if (i == from)
                return false;
        } else if (i == s.n ||
                   (*shape == '#' ? !ascii_digit((unsigned char)s.p[i]) : s.p[i] != *shape)) {
            return false;
        } else {
            i++;
        }
    }
    return i == s.n;
}

bool text_is_cve(struct str s)
{
    return text_shaped(s, "CVE-####-####") || text_shaped(s, "CVE-####-####*");
}

struct str text_head(struct str s, size_t n)
{
    if (s.n <= n)
        return s;
    for (unsigned back = 0; back < 3 && n && ((unsigned char)s.p[n] & 0xc0) == 0x80; back++)
        n--;
    return str_sub(s, 0, n);
}

struct str finding_path(const struct finding *f)
{
    struct str path = role_of(f, ROLE_PATH);
    ptrdiff_t query = str_chr(path, '?');
    return query > 0 ? str_sub(path, 0, (size_t)query) : path;
}

void finding_sentence(struct buf *b, const struct finding *f)
{
    struct str client = role_of(f, ROLE_CLIENT), method = role_of(f, ROLE_METHOD);
    struct str path = role_of(f, ROLE_PATH);
    buf_str(b, f->title.n ? f->title : f->rule);
    if (f->host.n) {
        buf_puts(b, " on ");
        buf_str(b, text_head(f->host, 256));
    }
    if (client.n) {
        buf_puts(b, " from ");
        buf_str(b, text_head(client, 256));
    }
    if (path.n) {
        buf_puts(b, ": ");
        buf_str(b, text_head(method, 32));
        buf_puts(b, method.n ? " " : "");
        buf_str(b, text_head(path, 1024));
    }
}
