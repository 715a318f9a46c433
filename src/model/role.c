#include "model/role.h"

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

bool role_succeeded(const struct finding *f)
{
    struct str status = role_of(f, ROLE_STATUS);
    return !status.n || (status.n == 3 && status.p[0] == '2');
}

bool role_answered(const struct finding *f)
{
    return role_of(f, ROLE_STATUS).n || !role_of(f, ROLE_PATH).n;
}

/* "Smtp~a@b" and "Sid~S-1-5-..." name a mailbox, "ServerInfo~..." a server, and a forged request
 * whatever it likes. */
struct str role_mailbox(const struct finding *f)
{
    struct str s = role_of(f, ROLE_MAILBOX);
    ptrdiff_t tilde = str_chr(s, '~');
    if (tilde >= 0 && !str_istarts(s, STR("smtp~")) && !str_istarts(s, STR("sid~")))
        return STR_NONE;
    if (tilde >= 0)
        s = str_sub(s, (size_t)tilde + 1, s.n);
    return s.n > 1 && str_chr(s, '/') < 0 && str_chr(s, '?') < 0 ? s : STR_NONE;
}

uint64_t role_bytes(const struct finding *f)
{
    static const char *const columns[] = {"ResponseBytes", "sc-bytes"};
    uint64_t n;
    for (size_t i = 0; i < f->n_fields; i++)
        for (size_t k = 0; k < ARRAY_LEN(columns); k++)
            if (str_ieq(f->field[i].name, str_of(columns[k])) && str_u64(f->field[i].value, &n))
                return n;
    return 0;
}
