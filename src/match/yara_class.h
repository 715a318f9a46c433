/* match/yara_class.h — what has to be looked for in one class of files.
 *
 * What:   for files that begin with MZ, with ELF, or otherwise: the rules that can match there, the
 *         literals that decide them, and the few rules that no literal rules out.
 * Input:  a gate that was checked.
 * Limits: those of the gate.
 * Owner:  a class borrows the gate and is read only.
 * Spec:   docs/internals/YARA.md
 */
#ifndef MATCH_YARA_CLASS_H
#define MATCH_YARA_CLASS_H

#include "match/yara_find.h"

enum yara_kind { YARA_KIND_MZ, YARA_KIND_ELF, YARA_KIND_OTHER, YARA_KINDS };

struct yara_class {
    bool *in;            /* a rule each: it may match in a file of this class */
    uint64_t *assumed;   /* a bit a literal: not looked for, counts as seen */
    uint32_t *undecided; /* rules asked of every file: no literal of theirs decides */
    size_t n_undecided;
    struct yara_finder *finder;
    uint8_t *probe; /* what probes answer that need not be asked, as yara_view.probe */
};

enum yara_kind yara_kind_of(const unsigned char *head, size_t n);
MUST_CHECK enum err yara_class_new(const struct yara_gate *g, enum yara_kind kind,
                                   struct yara_class **ret_class);
struct yara_class *yara_class_free(struct yara_class *c);

#endif
