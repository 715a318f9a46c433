#include "watch/follow_address.h"

#include "base/ip.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

/* IPv4 addresses that are carried in IPv6 ones: as dangerous as themselves. */
static struct ip inner(struct ip a)
{
    if (a.hi == UINT64_C(0x0064ff9b) << 32 && a.lo >> 32 == 0) /* NAT64 */
        return ip_of4((uint32_t)a.lo);
    if (a.hi >> 48 == 0x2002) /* 6to4 */
        return ip_of4((uint32_t)(a.hi >> 16));
    if (a.hi == 0 && a.lo >> 32 == 0 && a.lo > 1) /* "compatible", withdrawn */
        return ip_of4((uint32_t)a.lo);
    return a;
}

static const char *ip_wrong(struct ip a)
{
    switch (ip_class(inner(a))) {
    case IP_PUBLIC: break;
    case IP_PRIVATE: return "a private address";
    case IP_LOOPBACK: return "an address of this machine";
    case IP_LINK_LOCAL: return "a link-local address";
    case IP_MULTICAST: return "a multicast address";
    default: return "a reserved address";
    }
    /* Teredo, and NAT64 of one network's own (RFC 8215) */
    bool tunnel = a.hi >> 32 == 0x20010000 || a.hi >> 16 == UINT64_C(0x0064ff9b0001);
    return tunnel ? "a tunnel's address" : NULL;
}

const char *follow_socket_wrong(const struct sockaddr *address, bool allow_private)
{
    struct ip a = {0};
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        a = ip_of4(ntohl(in.sin_addr.s_addr));
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        for (size_t i = 0; i < 8; i++) {
            a.hi = a.hi << 8 | in.sin6_addr.s6_addr[i];
            a.lo = a.lo << 8 | in.sin6_addr.s6_addr[i + 8];
        }
    } else {
        return "no internet address";
    }
    return allow_private ? NULL : ip_wrong(a);
}

static bool is_local_name(struct str host)
{
    if (str_ends(host, STR(".")))
        host = str_sub(host, 0, host.n - 1);
    return str_ieq(host, STR("localhost")) || str_iends(host, STR(".localhost")) ||
           str_iends(host, STR(".local")) || str_iends(host, STR(".internal"));
}

static const char *host_wrong(struct str host)
{
    struct ip a;
    if (host.n > 1 && host.p[0] == '[')
        host = str_sub(host, 1, host.n - 1);
    if (ip_parse(host, &a))
        return ip_wrong(a);
    return is_local_name(host) ? "a name of this machine or network" : NULL;
}

/* One part of a URL, "" if it has none; false if memory ran out. */
static bool part(CURLU *u, CURLUPart what, char **ret)
{
    CURLUcode rc = curl_url_get(u, what, ret, 0);
    return rc == CURLUE_OK || rc != CURLUE_OUT_OF_MEMORY;
}

static const char *parts_wrong(const char *scheme, const char *host, bool from_https,
                               bool allow_private)
{
    bool https = scheme && str_eq(str_of(scheme), STR("https"));
    if (!https && !(scheme && str_eq(str_of(scheme), STR("http"))))
        return "only http and https are followed";
    if (from_https && !https)
        return "it leads from https back to http";
    if (!host || !*host)
        return "it has no host";
    return allow_private ? NULL : host_wrong(str_of(host));
}

const char *follow_url_wrong(struct str url, struct str from, bool allow_private)
{
    char text[FOLLOW_URL_BYTES], *scheme = NULL, *host = NULL, *user = NULL, *password = NULL;
    if (url.n >= sizeof text || memchr(url.p, 0, url.n))
        return "the address is too long";
    memcpy(text, url.p, url.n);
    text[url.n] = 0;
    CURLU *u = curl_url();
    if (!u || curl_url_set(u, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME)) {
        curl_url_cleanup(u);
        return "it is no address";
    }
    const char *wrong = NULL;
    bool all = part(u, CURLUPART_SCHEME, &scheme) && part(u, CURLUPART_HOST, &host) &&
               part(u, CURLUPART_USER, &user) && part(u, CURLUPART_PASSWORD, &password);
    if (!all)
        wrong = "out of memory";
    else if (user || password)
        wrong = "it has a user's name in it";
    else
        wrong = parts_wrong(scheme, host, str_istarts(from, STR("https:")), allow_private);
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_free(password);
    curl_url_cleanup(u);
    return wrong;
}
