/* scan/scan.h — `tocsin scan`: from paths to an answer.
 *
 * What:   lists the inputs, lets sandboxed workers sweep them, merges their facts, judges.
 * Input:  hostile evidence, rules and indicator lists.
 * Limits: base/limits.h
 * Owner:  the answer lives in the arena given.
 * Spec:   docs/internals/SCAN.md
 */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include "base/arena.h"
#include "model/answer.h"

#include <signal.h>

struct scan_progress {
    uint64_t bytes_done, bytes_total; /* total 0: not known (a pipe) */
    uint64_t files_done, files_total, findings;
    double elapsed_s;
};

/* A part of an agent that names an own scanner has at least as many bytes. */
enum { SCANNER_AGENT_BYTES = 4 };

struct scan_options {
    struct str_list paths;      /* "-" is standard input */
    struct str_list dossiers;   /* ids or folders; none: all shipped ones */
    struct str_list rules;      /* Sigma files and folders */
    struct str cache;           /* folder for what is worked out about rules; p == NULL: none */
    struct str_list indicators; /* files */
    struct str_list baselines;  /* files of `tocsin baseline make` */
    struct str_list known;      /* lists of hashes of files that are harmless */
    struct str placeholders;    /* a file with lists for %name% in rules; p == NULL: none */
    struct str_list own_scanners;
    struct str_list pivots;
    struct str host;            /* p == NULL: found out */
    int64_t since_us, until_us; /* TIME_NONE: unbounded */
    unsigned jobs;              /* 0: one worker a core */
    bool no_hash;
    bool full;        /* take every row by itself */
    bool carve;       /* also records that their event log no longer counts */
    bool no_dossiers; /* only the rules and indicators given */
    void (*progress)(void *ctx, const struct scan_progress *p); /* may be NULL */
    void (*warn)(void *ctx, struct str text); /* rules and indicators that cannot be used */
    void *ctx;
    const volatile sig_atomic_t *interrupted; /* may be NULL */
};

/* ret_interrupted: the answer holds what was done until then. */
MUST_CHECK enum err scan_run(const struct scan_options *options, struct arena *arena,
                             struct answer *ret_answer, bool *ret_interrupted, struct error *error);

#endif
