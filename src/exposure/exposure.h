/* exposure/exposure.h — `tocsin exposure`: from inventories, scans and logs to who is open to what.
 *
 * What:   reads observations in sandboxed workers, joins them to hosts, answers for each host and
 *         CVE, counts the fleet.
 * Input:  hostile files, user-written dossiers.
 * Limits: base/limits.h, fleet.h, history.h.
 * Owner:  exposure_open/exposure_close. What callbacks are handed lives until they return.
 * Spec:   docs/reference/exposure.md
 */
#ifndef EXPOSURE_EXPOSURE_H
#define EXPOSURE_EXPOSURE_H

#include "codec/observe.h"
#include "exposure/answer.h"
#include "exposure/ask.h"
#include "exposure/shares.h"
#include "os/errand.h"

struct accepted_risk {
    struct str host, of; /* a CVE, a dossier's id, or "*" */
    struct str owner, reason;
    int64_t until_us;
};

struct exposure_options {
    const struct dossier *dossier;
    size_t n_dossiers;
    struct observe_map map;
    struct str format;
    struct str host;          /* whose saved answers these are; absent: they tell */
    struct str kev, kev_name; /* the text of CISA's list and its file; absent: none */
    const struct accepted_risk *accepted;
    size_t n_accepted;
    int64_t as_of_us; /* nothing later counts; midnight: later than that day; TIME_NONE: all */
    int64_t now_us;
    enum err (*gap)(void *ctx, const struct errand_gap *gap);
    /* A file that is none of the formats of codec/observe.c: perhaps a log, which somebody else
     * reads. NULL: it is a gap. */
    enum err (*foreign)(void *ctx, struct str file);
    /* The host of a file that does not name it; absent if nobody knows. NULL: nobody does. */
    struct str (*place)(void *ctx, struct str file);
    /* Not NULL: hosts are answered and forgotten in batches, whenever so many are known, so that a
     * fleet of any size fits. All that is said of a host must stand together. */
    enum err (*batch)(void *ctx);
    size_t batch_hosts;
    void *ctx;
    const volatile sig_atomic_t *interrupted;
};

struct exposure_count {
    uint64_t hosts, observations, bytes, gaps;
    uint64_t state[EXPOSURE_STATES]; /* answers */
    uint64_t open_hosts;             /* with at least one exposed CVE whose risk is not accepted */
    uint64_t accepted;
    uint64_t kev_foreign;   /* entries of the list of products that no catalogue knows */
    uint64_t unknown_hosts; /* of which nothing is known, then, or a build that no table has */
    uint64_t sign_hosts;    /* on which another tool found signs of an attack */
};

struct exposure_run;
MUST_CHECK enum err exposure_open(const struct exposure_options *options,
                                  struct exposure_run **ret_run, struct error *error);
struct exposure_run *exposure_close(struct exposure_run *run);
/* END when interrupted: what was read so far counts. */
MUST_CHECK enum err exposure_read(struct exposure_run *run, const struct io_tree *tree,
                                  struct error *error);
/* Asks these hosts, and reads their answers as saved ones are read. One of which nothing is learnt
 * is told, and stays unknown. save: a folder for the answers as they came; absent: they are not
 * kept. END when interrupted. */
MUST_CHECK enum err exposure_ask(struct exposure_run *run, const struct ask_hosts *hosts,
                                 const struct ask_options *options, struct str save,
                                 struct error *error);
MUST_CHECK enum err exposure_observe(struct exposure_run *run, const struct observation *o);
/* A build that the rows of a log show, first and last. Exact to the update, unless the product's
 * logs do not show it or the build is older than its own release. */
MUST_CHECK enum err exposure_logged(struct exposure_run *run, const struct build_span *span);
/* Joins and counts, and hands over the last batch. Before everything below. */
MUST_CHECK enum err exposure_end(struct exposure_run *run, struct error *error);

void exposure_counts(const struct exposure_run *run, struct exposure_count *ret);
const struct tables *exposure_tables(const struct exposure_run *run);
/* Each of these hands over one after the other; what a callback returns if not OK ends it. */
MUST_CHECK enum err exposure_each(struct exposure_run *run,
                                  enum err (*row)(void *ctx, const struct exposure *e), void *ctx);
MUST_CHECK enum err exposure_each_share(struct exposure_run *run,
                                        enum err (*row)(void *ctx, const struct exposure_share *s),
                                        void *ctx);
MUST_CHECK enum err
exposure_each_window(struct exposure_run *run,
                     enum err (*row)(void *ctx, const struct exposure_window *w), void *ctx);
/* The most urgent first. */
MUST_CHECK enum err
exposure_each_update(struct exposure_run *run,
                     enum err (*row)(void *ctx, const struct exposure_update *u), void *ctx);
/* The reasoning about one host and one CVE, step by step, as text. ERR_USAGE if there is no such
 * host, or nothing to say of the CVE. */
MUST_CHECK enum err exposure_explain(struct exposure_run *run, struct str host, struct str cve,
                                     struct buf *out, struct error *error);

#endif
