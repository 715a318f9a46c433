/* sketch.h — how alike two texts are, from a few bytes of each.
 *
 * What:   a hash of the text's letters and digits, and a MinHash of its pieces of six bytes: one
 *         permutation, 64 bins, four bits a bin.
 * Input:  hostile. Whoever makes two texts alike by intent makes one cluster of them, no more.
 * Limits: texts below SKETCH_MIN_CHARS have a hash only: short ones are alike by chance.
 * Owner:  none.
 * Spec:   Li, Owen, Zhang, "One Permutation Hashing" (2012); docs/internals/WATCH.md
 */
#ifndef WATCH_SKETCH_H
#define WATCH_SKETCH_H

#include "base/str.h"

enum { SKETCH_BINS = 64, SKETCH_SHINGLE = 6, SKETCH_MIN_CHARS = 40, SKETCH_BANDS = 10 };

struct sketch {
    uint64_t hash;   /* of the normalised text; 0: none was made */
    uint64_t filled; /* bins that hold a piece; 0: too short */
    uint64_t bin[4]; /* sixteen each, the lowest first; 0: empty */
};

/* Of text that is normalised already: letters in one case, single blanks. `chars` is its length in
 * code points. */
void sketch_make(struct str text, size_t chars, struct sketch *ret_sketch);
/* Estimated share of pieces that both have, of those that one has; 0 where one has no bins. */
double sketch_alike(const struct sketch *a, const struct sketch *b);
/* What two texts that are alike have in common in one of the bands at least, as a rule. */
uint32_t sketch_band(const struct sketch *s, unsigned band);

#endif
