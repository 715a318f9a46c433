/* exposure/answer.h — one host and one CVE: the answer, since when, and what it rests on.
 *
 * What:   the build that holds (history.h) against the tables (decide.h), then settings,
 *         mitigations and what scanners said, each with its own date.
 * Input:  observations from hostile files.
 * Limits: those of history.h.
 * Owner:  answers point into the fleet and the tables. An asker remembers what it decided of each
 *         build, so that a fleet of a few builds costs little.
 * Spec:   docs/explain/how-exposure-decides.md
 */
#ifndef EXPOSURE_ANSWER_H
#define EXPOSURE_ANSWER_H

#include "exposure/decide.h"
#include "exposure/history.h"

struct asked_build; /* what is remembered of one build */

/* The CVEs of a product and its siblings, and at which places those of each affair are; all lists
 * end with FLEET_NONE. */
struct family {
    uint32_t *cve;
    uint32_t *matter[MATTERS_MAX];
};

struct asker {
    const struct fleet *fleet;
    struct arena arena;
    struct map by_build;
    VEC(struct asked_build *) asked;
    int64_t until_us;      /* later observations and CVEs do not count; TIME_NONE: all do */
    struct family *family; /* by product */
};

/* One product line of one host: made once, then asked for each CVE. */
struct asked_host {
    const struct fleet *fleet;
    const struct host *host;
    struct history history;
    const struct asked_build **held; /* by step */
    size_t held_cap;
    bool more; /* there is more than builds: settings, mitigations, scanners */
};

struct answer_of {
    const struct host *host;
    const struct table_product *product; /* NULL: no table knows it */
    uint32_t cve;
    enum exposure_state state;
    struct decision decision;                          /* by the build alone */
    const struct seen *by;                             /* the build that decided */
    const struct seen *against;                        /* a source that says otherwise */
    const struct seen *setting, *mitigation, *scanner; /* what changed or may change it */
    const struct seen *changed; /* the one of these that made the state another than the build's */
    bool searched;          /* signs of an attack were looked for: they say nothing of the state */
    int64_t since_us;       /* first seen so, without a break; TIME_NONE: of no known date */
    int64_t other_until_us; /* last seen otherwise before; TIME_NONE: never */
};

void asker_init(struct asker *a, const struct fleet *f, int64_t until_us, size_t max_bytes);
void asker_done(struct asker *a);
/* Makes the history of one line; one as history_products gives it. h is reused. */
MUST_CHECK enum err asker_host(struct asker *a, const struct host *host, const struct seen *one,
                               struct asked_host *h);
void asked_host_done(struct asked_host *h);
/* The CVEs to ask for: those of the host's product and its family, ended by FLEET_NONE. NULL if no
 * table knows the product. */
const uint32_t *asker_cves(const struct asker *a, const struct asked_host *h);
/* The state alone, which costs less. */
bool asker_state(const struct asker *a, const struct asked_host *h, uint32_t place,
                 enum exposure_state *ret);
/* Places of the CVEs of an affair; NULL if none concerns the host. */
const uint32_t *asker_matter(const struct asker *a, const struct asked_host *h, size_t matter);
/* place: in asker_cves. False: the product is not named for it, and was in support. */
bool asker_ask(const struct asker *a, const struct asked_host *h, uint32_t place,
               struct answer_of *ret);
/* The state of an affair after an earlier step, by builds alone; EXPOSURE_STATES: not named. */
enum exposure_state asked_matter_then(const struct asker *a, const struct asked_host *h,
                                      size_t step, size_t matter);
/* The sentence for `because`. */
void answer_because(struct buf *out, const struct asker *a, const struct answer_of *answer);

#endif
