/* words.h — lists of words from data files: top-level domains, endings of file names.
 *
 * What:   one word a line, perhaps with a second word that says more about it; '#' starts a
 *         comment. Words are looked up whatever their case.
 * Input:  files of this program.
 * Limits: WORD_BYTES a word, WORDS_MAX words.
 * Owner:  the arena that the list was loaded into; the text must outlive it.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_WORDS_H
#define WATCH_WORDS_H

#include "base/arena.h"

enum { WORD_BYTES = 63, WORDS_MAX = 10 * 1000 };

struct word {
    struct str word, more; /* more.n == 0: nothing */
};

struct words {
    const struct word *v; /* in the order of their bytes */
    size_t n;
};

MUST_CHECK enum err words_load(struct arena *arena, struct str text, struct words *ret_words,
                               struct error *error);
/* NULL if it is not there. */
const struct word *words_find(const struct words *w, struct str word);

#endif
