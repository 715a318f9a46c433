/* exposure/exposure_priv.h — what the parts of a run share.
 *
 * What:   the run itself, and the walk over its hosts.
 * Input:  what the public header says.
 * Limits: those of the public header.
 * Owner:  exposure_open/exposure_close.
 * Spec:   docs/internals/EXPOSURE.md
 */
#ifndef EXPOSURE_EXPOSURE_PRIV_H
#define EXPOSURE_EXPOSURE_PRIV_H

#include "exposure/exposure.h"
#include "exposure/kev.h"

/* The state of an affair in one line of products of a host, from then on. */
struct turn {
    uint32_t matter, line, order;
    int64_t time_us;
    enum exposure_state state;
};

struct exposure_run {
    struct exposure_options options;
    struct arena arena;
    struct tables tables;
    struct fleet fleet;
    struct asker asker;
    struct shares shares;
    struct asked_host asked; /* of the walk, reused */
    VEC(struct turn) turn;   /* of the host that is being counted, reused */
    uint64_t nameless;       /* hash of the last file of which nobody knows the host */
    struct exposure_count count;
    /* of an answer that is being read: whose it is, and what it told so far */
    struct {
        struct str host; /* absent: files are being read */
        int64_t time_us;
        bool told, exact;
    } reply;
    struct kev_told kev;
    bool *seen; /* by product of the tables: a host runs it */
};

/* An answer that just came, in a worker of its own, as nothing but a saved answer of that host.
 * *ret_told: it tells a build; *ret_exact: one of four numbers. */
MUST_CHECK enum err exposure_take_answer(struct exposure_run *run, struct str host,
                                         const struct ask_answer *answer, bool *ret_told,
                                         bool *ret_exact, struct error *error);

/* Each line of products of one host; asked is filled. */
MUST_CHECK enum err exposure_walk_host(struct exposure_run *run, const struct host *host,
                                       enum err (*visit)(void *ctx, struct exposure_run *run,
                                                         const struct asked_host *h),
                                       void *ctx);
/* Each line of products of each host, in the order in which hosts came; asked is filled. */
MUST_CHECK enum err exposure_walk(struct exposure_run *run,
                                  enum err (*visit)(void *ctx, struct exposure_run *run,
                                                    const struct asked_host *h),
                                  void *ctx);
/* Is it seen before it was released? A date or a build is wrong. */
bool exposure_too_early(const struct exposure_run *run, const struct build *b, int64_t time_us);
/* The risk that is accepted of a host for a CVE or one of its affairs; NULL: none is. */
const struct accepted_risk *exposure_accepted(const struct exposure_run *run,
                                              const struct host *host, uint32_t cve);

/* --- affairs (affairs.c) --- */

/* On one host: the worst of each one's CVEs whose fix closes its window, in all lines of products.
 */
struct affairs {
    uint32_t lines; /* of products, as far as they were added */
    uint32_t any;   /* bit i: tables.matter[i] concerns the host */
    struct answer_of worst[MATTERS_MAX];
};
static inline void affairs_init(struct affairs *a)
{
    a->lines = a->any = 0; /* the rest is not looked at */
}
/* Adds one line, in the order of the walk. */
MUST_CHECK enum err affairs_add(struct exposure_run *run, const struct asked_host *h,
                                struct affairs *a);
/* Counts the host once in each of its affairs, now and over time. */
MUST_CHECK enum err affairs_count(struct exposure_run *run, const struct host *host,
                                  const struct affairs *a);

#endif
