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

struct exposure_run {
    struct exposure_options options;
    struct arena arena;
    struct tables tables;
    struct fleet fleet;
    struct asker asker;
    struct shares shares;
    struct asked_host asked; /* of the walk, reused */
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
/* The state of an affair on a host: the worst of the CVEs whose fix closes its window. False: none
 * of them concerns the host. ret_worst: that CVE's answer. */
bool exposure_matter(struct exposure_run *run, const struct asked_host *h, size_t matter,
                     struct answer_of *ret_worst);

#endif
