/* scan/hits.h — hits, folded: the same rule, host and client a thousand times is one row.
 *
 * What:   a table from fold key to hit, filled by workers and merged by the coordinator. Merging is
 *         associative and commutative, so neither the number of workers nor the order of files
 *         changes the result: the first record (weight, time, path, offset) represents a key, and
 *         of each rule and host the HITS_KEPT keys with the smallest hash stay; the others are
 *         counted in one row of their own.
 * Input:  hostile strings; messages from workers are read with bounds checks.
 * Limits: HITS_KEPT a rule and host, fewer when memory gets scarce; HITS_SHARES shares;
 *         HITS_BUCKETS pairs of rule and host: what more hosts show is counted in a row of its
 *         own, HITS_FURTHER.
 * Owner:  the table owns copies of all strings.
 * Spec:   docs/internals/SCAN.md, "Folding"
 */
#ifndef SCAN_HITS_H
#define SCAN_HITS_H

#include "base/rd.h"
#include "base/vec.h"
#include "scan/facts.h"

enum { HITS_KEPT = 1000, HITS_BUCKETS = 16 * 1024, HITS_SHARES = 1024 * 1024 };
#define HITS_FURTHER "(further hosts)"

struct hit_slot {
    uint64_t key; /* 0: empty */
    struct hit *hit;
};

struct hit_bucket {
    uint32_t rule;
    struct str host;
    uint64_t limit; /* keys at or above it are counted in `more` */
    size_t kept;
    struct hit *more; /* NULL while unused */
};

/* What one file added to one row, so that it can be taken back. */
struct hit_share {
    uint64_t key, count; /* key 0: to the row of further hits */
    uint32_t file, bucket;
};

struct hits {
    struct arena arena;
    struct hit_slot *slot;
    size_t n, cap;
    struct hit_bucket *bucket;
    size_t n_buckets, cap_buckets;
    uint32_t *bucket_at; /* hash table of bucket index + 1 */
    size_t cap_bucket_at;
    size_t keep;                   /* HITS_KEPT, or what memory has room for */
    size_t tight_bytes;            /* use of the arena at which room must be made again */
    bool full;                     /* not even one row a bucket fits: new rows are only counted */
    bool keep_shares, shares_lost; /* lost: more than HITS_SHARES */
    VEC(struct hit_share) share;
    const struct str
        *path; /* by file index, for the order of equal times; set by the coordinator */
};

void hits_init(struct hits *t);
void hits_done(struct hits *t);
/* Adds hit->count records under a key. hit->overflow adds to the row of further hits. */
MUST_CHECK enum err hits_add(struct hits *t, uint64_t key, const struct hit *hit);
/* true if a comes before b in (weight, time, file, offset), the heaviest first; files by path where
 * known, else by index. */
bool hit_earlier(const struct hits *t, const struct hit *a, const struct hit *b);
/* Takes back what the copies among the files added: first[i] is the file that file i repeats, or i
 * itself. Earliest records of copies become those of the file repeated. With keep_shares only;
 * false if shares were lost and nothing was taken back. */
MUST_CHECK enum err hits_take_back(struct hits *t, const uint32_t *first, bool *ret_taken);
/* Cuts every bucket to HITS_KEPT, then lists all rows: kept ones and one for each overflow. Their
 * strings move into the arena; the table is empty again. */
MUST_CHECK enum err hits_list(struct hits *t, struct arena *arena, struct hit **ret_hits,
                              size_t *ret_n);
/* Bytes of memory in use. */
size_t hits_bytes(const struct hits *t);

/* One row as a message, and back; strings of ret_hit point into the message. */
void hit_write(struct buf *b, uint64_t key, const struct hit *hit);
MUST_CHECK enum err hit_read(struct rd *r, uint64_t *ret_key, struct hit *ret_hit);
/* Calls send(ctx, message) for every row, several rows a message. */
MUST_CHECK enum err hits_flush(struct hits *t, enum err (*send)(void *ctx, struct str message),
                               void *ctx);

#endif
