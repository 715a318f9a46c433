/* scan/yara_priv.h — what the files of YARA rules over files share.
 *
 * What:   a set as it lies in memory, and the payload that it is made from.
 * Input:  a payload comes from a sandboxed worker or from the cache: yara_set_take checks it.
 * Limits: those of scan/yara_set.h.
 * Owner:  a set owns its arena, which holds the payload.
 * Spec:   docs/internals/YARA.md
 */
#ifndef SCAN_YARA_PRIV_H
#define SCAN_YARA_PRIV_H

#include "match/yara_class.h"
#include "match/yara_lib.h"
#include "scan/yara_set.h"

struct yara_set {
    struct arena arena;
    struct yara_gate gate;
    struct str *source; /* names */
    struct str *blob;   /* of each source; p == NULL: it was not taken */
    struct yara_problem *problem;
    size_t n_problems;
    struct str probe_blob; /* rules that answer probes; p == NULL: none */
    uint32_t *probe_of;    /* which probe each of its rules answers */
    size_t n_probe_rules;
    struct yara_class *kind[YARA_KINDS];
    uint32_t *rules_at, *rules_of; /* rules of each literal: from rules_at[i] to rules_at[i + 1] */
};

/* In the worker: compiles and parses all sources. at(ctx, i) is called before each; bad[i] (NULL or
 * a reason) leaves a source out. */
MUST_CHECK enum err yara_make(const struct yara_source *source, size_t n, const struct str *bad,
                              enum err (*at)(void *ctx, uint32_t source), void *ctx,
                              struct buf *ret_payload);

/* The set that a payload says; its bytes must live in set->arena. ERR_FORMAT: it says none. */
MUST_CHECK enum err yara_set_take(struct yara_set *set, const struct yara_source *source, size_t n,
                                  struct str payload);

/* Rules ask for them by these names. A zero byte ends them, as it does in libyara. */
void yara_externals(const struct yara_facts *facts, struct str ret_external[YARA_EXTERNALS]);

#endif
