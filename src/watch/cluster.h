/* cluster.h — which posts are one text: told again, forwarded, or changed a little.
 *
 * What:   a ring of sketches of the last 30 days. A post joins the cluster of an earlier one whose
 *         text has the same hash, or is alike by CLUSTER_ALIKE; else it begins a cluster.
 * Input:  sketches of hostile texts.
 * Limits: the number of texts given; the oldest make room. CLUSTER_LOOKS comparisons a post.
 * Owner:  cluster_new/cluster_free.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_CLUSTER_H
#define WATCH_CLUSTER_H

#include "base/err.h"
#include "watch/sketch.h"

enum { CLUSTER_DAYS = 30, CLUSTER_LOOKS = 200 };
#define CLUSTER_ALIKE 0.8

struct clusters;
MUST_CHECK enum err cluster_new(size_t max_texts, struct clusters **ret_clusters);
struct clusters *cluster_free(struct clusters *c);
/* The id of the cluster that the text belongs to, never 0. `day` counts days; texts that are
 * CLUSTER_DAYS older or younger are no kin. Ids are hashes of the first text: the same posts in the
 * same order give the same ids. *ret_new: nothing alike was known. */
uint64_t cluster_of(struct clusters *c, const struct sketch *sketch, int32_t day, bool *ret_new);
/* The same in two steps. Where a text is looked up lies far apart: the first step asks for it, and
 * something else can be done until it is there. */
struct cluster_heads {
    uint32_t *at[SKETCH_BANDS];
};
void cluster_soon(const struct clusters *c, const struct sketch *sketch,
                  struct cluster_heads *ret_heads);
uint64_t cluster_of_at(struct clusters *c, const struct sketch *sketch,
                       const struct cluster_heads *heads, int32_t day, bool *ret_new);

/* To keep between runs: the texts from the oldest to the youngest. */
struct cluster_text {
    struct sketch sketch;
    uint64_t id;
    int32_t day;
};
size_t cluster_count(const struct clusters *c);
struct cluster_text cluster_at(const struct clusters *c, size_t i);
void cluster_put(struct clusters *c, const struct cluster_text *text);

#endif
