/* match/yara_find.h — which of many thousand literals occur in a file, fed block by block.
 *
 * What:   filters of hashed grams at every fourth place for literals of seven known bytes and
 *         more, at every place for the few shorter ones; what is behind a filter is compared in
 *         full, with its masks.
 * Input:  the bytes are hostile: a literal that was seen costs little more, so that a file full
 *         of them is no slower than one full of near misses.
 * Limits: literals of YARA_GATE_LITERAL_MIN to _MAX bytes.
 * Owner:  a finder borrows the literals and is read only; a state belongs to one reader.
 * Spec:   docs/internals/YARA.md
 */
#ifndef MATCH_YARA_FIND_H
#define MATCH_YARA_FIND_H

#include "match/yara_gate.h"

struct yara_finder;

enum {
    YARA_LONG_GRAM = 8, /* looked for at every YARA_STRIDE-th place, */
    YARA_GRAM = 4,      /* and so is this */
    YARA_STRIDE = 4,
    YARA_SHORT_GRAM = 3, /* and YARA_PAIR: at every place, which is dear */
    YARA_PAIR = 2,
};
/* How often pieces of text occur in something like what will be searched: the rules' own text. */
struct yara_sample;
struct yara_sample *yara_sample_new(void);
struct yara_sample *yara_sample_free(struct yara_sample *sample);
void yara_sample_add(struct yara_sample *sample, struct str text);
/* Sets gram and at to the bytes of the literal that are rarest. false: it cannot be found. */
bool yara_find_choose(struct yara_lit *lit, const struct yara_sample *sample);
/* Are they bytes of the literal that are known? */
bool yara_find_chosen(const struct yara_lit *lit);

/* Those of the literals with take[i]; numbers are theirs. */
MUST_CHECK enum err yara_finder_new(const struct yara_lit *lit, size_t n, const bool *take,
                                    struct yara_finder **ret_finder);
struct yara_finder *yara_finder_free(struct yara_finder *f);

enum {
    YARA_FIND_OVERLAP = 64,
    YARA_FIND_BLOCK = 64 * 1024,
    YARA_FIND_PAD = 64,
};

struct yara_find {
    uint64_t *seen; /* a bit a literal */
    size_t n_words;
    uint32_t *list; /* those that were seen, in the order of sight */
    size_t n_list;
    size_t n; /* bytes in the buffer; the first ones were looked at before */
    unsigned char byte[YARA_FIND_OVERLAP + YARA_FIND_BLOCK + YARA_FIND_PAD];
};

/* For literals numbered below n. */
MUST_CHECK enum err yara_find_new(size_t n, struct yara_find **ret_find);
struct yara_find *yara_find_free(struct yara_find *s);
/* assumed (a bit a literal; may be NULL) count as seen, and are not looked for. */
void yara_find_begin(struct yara_find *s, const uint64_t *assumed);
/* Takes as much as there is room for, and says how much: at least a byte once yara_find_scan was
 * called. */
size_t yara_find_take(struct yara_find *s, struct str bytes);
/* Looks at what was taken. */
void yara_find_scan(struct yara_find *s, const struct yara_finder *f);

#endif
