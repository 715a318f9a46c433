#include "watch/recent.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKET = 8, MIN_BITS = 3 };

struct recent {
    uint64_t *slot; /* buckets of BUCKET, the latest in front; 0: free */
    uint64_t buckets;
};

enum err recent_new(unsigned bits, struct recent **ret_recent)
{
    struct recent *r = calloc(1, sizeof *r);
    *ret_recent = r;
    if (!r)
        return ERR_NOMEM;
    bits = bits < MIN_BITS ? MIN_BITS : bits;
    r->buckets = (UINT64_C(1) << bits) / BUCKET;
    r->slot = calloc(r->buckets * BUCKET, sizeof *r->slot);
    if (!r->slot)
        *ret_recent = recent_free(r);
    return *ret_recent ? OK : ERR_NOMEM;
}

struct recent *recent_free(struct recent *r)
{
    if (!r)
        return NULL;
    free(r->slot);
    free(r);
    return NULL;
}

bool recent_add(struct recent *r, uint64_t hash)
{
    hash += hash == 0;
    uint64_t *bucket = r->slot + (hash >> 7) % r->buckets * BUCKET;
    for (size_t i = 0; i < BUCKET; i++)
        if (bucket[i] == hash)
            return false;
    memmove(bucket + 1, bucket, (BUCKET - 1) * sizeof *bucket);
    bucket[0] = hash;
    return true;
}
