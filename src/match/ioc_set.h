/* ioc_set.h — the insides of a set of indicators; for match/ioc*.c alone.
 *
 * What:   the address table with its filters, the index for "occurs in" questions, and the
 *         compiled form of one indicator.
 * Input:  see match/ioc.h
 * Limits: see match/ioc.h
 * Owner:  everything lives in the arena given to ioc_compile.
 * Spec:   docs/internals/MATCH.md
 */
#ifndef MATCH_IOC_SET_H
#define MATCH_IOC_SET_H

#include "base/ip.h"
#include "base/map.h"
#include "match/ioc.h"

#define IOC_NONE UINT32_MAX

/* Hits so far; full when n == max. */
struct hits {
    uint32_t *v;
    size_t n, max;
};

/* Indicators with the same key hang in one chain, strong ones first. Adds them all once. */
void hits_add_chain(struct hits *hits, const uint32_t *next, uint32_t head);

/* ---- ioc_address.c */
struct v4_slot {
    uint32_t key, head;
};
struct v6_slot {
    struct ip key;
    uint32_t head;
};
struct net_group {
    struct ip_net net;
    uint32_t head, parent; /* parent: the group of the next wider net, or IOC_NONE */
};
/* From start to the start of the next segment this group is the narrowest one. */
struct segment {
    struct ip start;
    uint32_t group;
};
struct addresses {
    uint64_t multiplier; /* odd, differs from run to run */
    uint64_t *filter;    /* two bits of one word for each exact address */
    unsigned filter_shift;
    struct v4_slot *v4;
    size_t v4_mask;
    struct v6_slot *v6;
    size_t v6_mask;
    struct net_group *group;
    size_t n_groups;
    struct segment *segment;
    size_t n_segments;
    uint64_t *net16;   /* one bit for each IPv4 /16 that a net touches */
    uint32_t *first16; /* the first segment at or behind each /16 */
};

/* One address indicator as compile sees it. */
struct address_entry {
    struct ip_net net;
    uint32_t index;
};

/* entries come in the order in which a chain shall list them. */
MUST_CHECK enum err addresses_build(struct addresses *a, struct arena *arena,
                                    struct address_entry *entry, size_t n, uint32_t *next);
void addresses_find(const struct addresses *a, const uint32_t *next, struct ip ip,
                    struct hits *hits);
/* The text as it stands in a field. */
void addresses_find_text(const struct addresses *a, const uint32_t *next, struct str text,
                         struct hits *hits);

/* ---- ioc_text.c: the next address in a text, at or behind *at; *at is then behind it */
bool next_ip(struct str text, size_t *at, struct ip *ret_ip);

/* ---- ioc_occurs.c: which of many patterns occur in a subject */
struct view { /* the subject in up to four parts, as if they were joined */
    struct str part[4];
    size_t n;
};

enum url_form { URL_ANYWHERE, URL_PATH, URL_HOST };

struct pattern {
    struct str key; /* folded */
    uint32_t head;
    uint32_t gram, gram_at, bucket_next;
    enum url_form form;
    uint32_t host_n; /* of key, for URL_HOST */
    int32_t port;
};

struct occurs {
    unsigned char fold[256];
    struct pattern *pattern;
    size_t n;
    uint64_t *gate; /* one bit for a hash of each pattern's chosen four bytes */
    uint32_t *bucket;
    unsigned gate_shift, bucket_shift;
    uint32_t shorts; /* chain of patterns below four bytes */
};

MUST_CHECK enum err occurs_build(struct occurs *o, struct arena *arena, struct pattern *pattern,
                                 size_t n, bool agent);
/* port: of the subject's host, -1 if unknown. */
void occurs_find(const struct occurs *o, const uint32_t *next, const struct view *view,
                 int32_t port, struct hits *hits);
/* Does this one pattern stand in the subject as its form wants it? */
bool occurs_check(const struct occurs *o, const struct pattern *p, const struct view *view,
                  int32_t port);
struct view view_of(struct str s);

/* ---- ioc_compile.c, ioc.c and ioc_check.c */
struct item {          /* one indicator, ready to be compared */
    struct str key;    /* hash: its bytes; domain, name: folded; others: see pattern */
    struct str folder; /* of a name with a path: the folder above it, folded */
    struct ip_net net; /* of an address */
    uint32_t pattern;  /* of an agent, URL or text: in the occurs of its type */
    bool bad;
};

struct ioc_set {
    const struct indicator *indicator;
    size_t n;
    struct item *item;
    uint32_t *next;
    size_t count[INDICATOR_TEXT + 1];
    struct addresses addresses;
    struct map hash, domain, name;
    struct occurs agent, url, text;
    struct ioc_literal *literal;
    size_t n_literals;
    uint32_t *rejected;
    size_t n_rejected;
};

enum { MAX_DOMAIN_BYTES = 253, MAX_NAME_BYTES = 255, MAX_PATTERN_BYTES = 8192 };

/* The bytes of a hexadecimal MD5, SHA-1 or SHA-256; n == 0 if it is none. */
struct str hash_bytes(struct str hex, char out[32]);
/* Host, port and path of "scheme://host:port/path" or "host:port". *ret_port: -1 if none. */
struct str host_of(struct str text, int32_t *ret_port, struct str *ret_behind);
bool has_scheme(struct str s);
/* "/a/b.aspx" or "c:\a\b.aspx" into "b.aspx" and "a". */
struct str last_part(struct str path, struct str *ret_folder);
bool is_separator(char c);
/* Is the folder the one that the name's indicator wants? Unknown ones are. */
bool name_fits(const struct item *item, struct str folder);
/* Host, stem, "?" and query, as keys of URLs are joined. */
struct view view_of_request(const struct ioc_request *r, int32_t *ret_port);

#endif
