/* ip.h — internet addresses as numbers.
 *
 * What:   parses IPv4, IPv6 and CIDR as feeds and logs write them, classifies, prints.
 * Input:  hostile; whatever is not exactly an address is refused, nothing is guessed. Octets with
 *         leading zeros are refused too: programs disagree about what they mean.
 * Limits: none.
 * Owner:  plain values.
 * Spec:   RFC 4291 2.2, RFC 4007 11 (zones), RFC 5952 (printing), RFC 6890 (special ranges).
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/buf.h"
#include "base/str.h"

/* 128 bits in host order. IPv4 is held as ::ffff:a.b.c.d, so a mapped address and its IPv4 form
 * are the same number. Zones are read and dropped. */
struct ip {
    uint64_t hi, lo;
};

struct ip_net {
    struct ip first; /* bits behind the prefix are zero */
    uint8_t bits;    /* 0..128; an IPv4 /24 is 120 */
};

enum ip_class {
    IP_PUBLIC,
    IP_PRIVATE, /* RFC 1918, fc00::/7, and the carriers' 100.64.0.0/10 */
    IP_LOOPBACK,
    IP_LINK_LOCAL,
    IP_DOCUMENTATION,
    IP_MULTICAST, /* and the IPv4 broadcast address */
    IP_UNSPECIFIED,
    IP_RESERVED,
};

#define IP4_MAPPED (UINT64_C(0xffff) << 32)
enum { IP_TEXT_BYTES = 48 };

static inline struct ip ip_of4(uint32_t v4)
{
    return (struct ip){0, IP4_MAPPED | v4};
}
static inline bool ip_is4(struct ip a)
{
    return a.hi == 0 && a.lo >> 32 == 0xffff;
}
static inline bool ip_eq(struct ip a, struct ip b)
{
    return a.hi == b.hi && a.lo == b.lo;
}
static inline int ip_cmp(struct ip a, struct ip b)
{
    return a.hi != b.hi ? (a.hi > b.hi) - (a.hi < b.hi) : (a.lo > b.lo) - (a.lo < b.lo);
}

/* Dotted quad and nothing else; made for a call per log line. */
bool ip4_parse(struct str s, uint32_t *ret_v4);
/* IPv4 or IPv6, the latter with or without "%zone". */
bool ip_parse(struct str s, struct ip *ret_ip);
/* As logs write it: ip_parse's forms, "198.51.100.7:51234", "[2001:db8::1]", "[2001:db8::1]:443".
 * *ret_port (may be NULL) is -1 if there is none. */
bool ip_parse_log(struct str s, struct ip *ret_ip, int32_t *ret_port);
/* "192.0.2.0/24", "2001:db8::/32", or a plain address as its own net. Bits behind the prefix are
 * cleared, as feeds often leave them set. */
bool ip_net_parse(struct str s, struct ip_net *ret_net);
bool ip_in_net(struct ip a, struct ip_net net);
/* The last address of the net. */
struct ip ip_net_last(struct ip_net net);

enum ip_class ip_class(struct ip a);
/* Not reachable from the internet: private, loopback, link-local, unspecified. */
bool ip_is_internal(struct ip a);

/* RFC 5952; mapped addresses as plain IPv4. */
void ip_add(struct buf *b, struct ip a);
/* The same as a C string; returns out. */
char *ip_text(struct ip a, char out[IP_TEXT_BYTES]);

#endif
