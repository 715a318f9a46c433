/* extract_priv.h — what the readers of the kinds share.
 *
 * What:   the text, the question what stands at a place, and how an item is told.
 * Input:  folded text.
 * Limits: EXTRACT_ITEM_BYTES.
 * Owner:  struct extractor owns all of it.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_EXTRACT_PRIV_H
#define WATCH_EXTRACT_PRIV_H

#include "base/buf.h"
#include "watch/extract.h"

struct extractor {
    struct extract_options options;
    struct plain plain;
    struct str t;   /* the folded text */
    struct str raw; /* and what it was made of */
    uint64_t offset;
    struct buf value;
    bool folded; /* t was given so, by extract_folded: places in it are those of the input */
    size_t told; /* end of the item that was told last */
    uint16_t readers_of[64]; /* that may read a word, as bits, by what is known of it */
    uint32_t ids_of[256];    /* the same of ids by their first byte, a small letter */
    enum err rc;
};

/* A reader looks at the word that starts at i. It returns where the text behind its last item
 * starts, or 0 if there is none. */
typedef size_t reader(struct extractor *e, size_t i);
reader read_cve, read_id, read_hash, read_wallet, read_asn, read_mac, read_ssdeep, read_ipv4,
    read_ipv6, read_url, read_email, read_host, read_registry, read_windows_path, read_unix_path;

void learn_ids(struct extractor *e);

/* 0 outside the text. */
static inline unsigned char at(const struct extractor *e, size_t i)
{
    return i < e->t.n ? (unsigned char)e->t.p[i] : 0;
}
static inline unsigned char before(const struct extractor *e, size_t i)
{
    return i > 0 && i <= e->t.n ? (unsigned char)e->t.p[i - 1] : 0;
}
static inline bool alnum(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c);
}
static inline struct str part(const struct extractor *e, size_t from, size_t to)
{
    return str_sub(e->t, from, to);
}
/* The end of the letters and digits at i, `max` at most. */
size_t run_end(const struct extractor *e, size_t i, size_t max);
size_t digits_end(const struct extractor *e, size_t i, size_t max);
/* Was something between the two places spelled so that it cannot be clicked? */
bool was_fanged(const struct extractor *e, size_t from, size_t to);

/* Tells an item that stands in the folded text from `from` to `to`; returns `to`. */
size_t tell(struct extractor *e, enum item_kind kind, size_t from, size_t to, struct str value,
            struct str host);
/* The same with e->value as the value. */
size_t tell_value(struct extractor *e, enum item_kind kind, size_t from, size_t to);
/* An ASCII copy of s in e->value, in small or large letters, or as it is (0). */
void put_value(struct extractor *e, struct str s, int letters);

/* The end of a host name that starts at i, 0 if there is none. */
size_t host_end(const struct extractor *e, size_t i);
/* Is it one, by its last label? Does not ask whether it may be a file. */
bool is_domain(const struct extractor *e, struct str host);
/* The ending of a file name, if it has one that is known. */
const struct word *file_ending(const struct extractor *e, struct str name);

#endif
