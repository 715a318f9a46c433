/* extract.h — subjects and indicators in any text.
 *
 * What:   one walk over folded text; at each start of a word the readers of the kinds are tried,
 *         the most specific first. What one of them took is not looked at again: the host of an
 *         address is a part of it, not a further item.
 * Input:  hostile.
 * Limits: EXTRACT_ITEM_BYTES an item. Each reader looks at a bounded number of bytes or uses up
 *         what it looked at, so that the work is proportional to the text.
 * Owner:  slices of an item live until its callback returns.
 * Spec:   docs/reference/extract.md, docs/internals/WATCH.md
 */
#ifndef WATCH_EXTRACT_H
#define WATCH_EXTRACT_H

#include "watch/plain.h"

enum {
    EXTRACT_ITEM_BYTES = 4096, /* of folded text; a longer URL or path is cut */
    EXTRACT_BACK_BYTES = 512,  /* how far the readers look back */
    EXTRACT_AHEAD_BYTES = 16 * 1024,
};

enum item_kind {
    ITEM_CVE,
    ITEM_ADVISORY,
    ITEM_WEAKNESS,
    ITEM_PATTERN,
    ITEM_TACTIC,
    ITEM_TECHNIQUE,
    ITEM_GROUP,
    ITEM_SOFTWARE,
    ITEM_MITIGATION,
    ITEM_CAMPAIGN,
    ITEM_PRODUCT, /* these five by name: only with a dictionary */
    ITEM_VENDOR,
    ITEM_ACTOR,
    ITEM_MALWARE,
    ITEM_TOPIC,
    ITEM_URL,
    ITEM_DOMAIN,
    ITEM_IPV4,
    ITEM_IPV6,
    ITEM_CIDR,
    ITEM_EMAIL,
    ITEM_MD5,
    ITEM_SHA1,
    ITEM_SHA224,
    ITEM_SHA256,
    ITEM_SHA384,
    ITEM_SHA512,
    ITEM_SSDEEP,
    ITEM_TLSH,
    ITEM_FILE,
    ITEM_PATH,
    ITEM_REGISTRY,
    ITEM_MAC,
    ITEM_ASN,
    ITEM_BTC,
    ITEM_ETH,
    ITEM_XMR,
    ITEM_TOX,
    ITEM_SESSION,
    ITEM_KINDS
};

struct item {
    enum item_kind kind;
    struct str value; /* plain: refanged, in the kind's usual spelling */
    struct str text;  /* as it stands in the input */
    struct str host;  /* of a URL or a mail address; p == NULL: none */
    uint64_t offset;  /* of text in the input */
    bool lookalike;   /* letters of another script were read as Latin ones */
};

struct extract_lists {
    struct words tlds;    /* data/tlds.txt */
    struct words endings; /* data/file-endings.txt */
    struct words names;   /* data/not-domains.txt */
};

struct gist;
struct extract_options {
    const struct extract_lists *lists;
    unsigned year_max; /* no CVE is of a later year */
    enum err (*found)(void *ctx, const struct item *item);
    void *ctx;
    struct gist *gist; /* tells names as well; NULL: none */
};

/* "cve", "ipv4", ...: the kind's name in the output. */
const char *item_kind_name(enum item_kind kind);
/* Subjects are what posts are about, indicators what one can look for. */
bool item_is_subject(enum item_kind kind);

struct extractor;
MUST_CHECK enum err extract_new(const struct extract_options *options, size_t max_bytes,
                                struct extractor **ret_extractor);
struct extractor *extract_free(struct extractor *e);
/* What is found is told to this context from now on. */
void extract_tell(struct extractor *e, void *ctx);
/* Does the text start as JSON does? Then the escapes of its strings are undone from now on. */
void extract_learn_json(struct extractor *e, struct str start);
/* Reads the items that start in raw at or behind `from` and before `to`; raw.n is at most
 * max_bytes, offset where it stands in the input. *ret_next is where the next call goes on: at or
 * behind `to`. Stops with what the callback returned if that is not OK. */
MUST_CHECK enum err extract_part(struct extractor *e, struct str raw, uint64_t offset, size_t from,
                                 size_t to, size_t *ret_next);
/* For text that is folded already, of which only some places can begin an id: what follows asks
 * about these. Offsets of items are places in the folded text. */
void extract_folded(struct extractor *e, struct str folded);
/* The CVEs, or the id of another kind, that start at i, where a word begins. *ret_end is behind
 * them, or 0 if there is none. */
MUST_CHECK enum err extract_id(struct extractor *e, size_t i, size_t *ret_end);
/* The whole of a text. */
MUST_CHECK enum err extract_text(struct extractor *e, struct str raw);

#endif
