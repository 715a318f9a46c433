/* terms.h — many names at once, at the starts of words.
 *
 * What:   nearly all names stand at the start of a word. So only there it is asked: are the first
 *         bytes of this word those of a word of some name? One multiplication and two bits say no
 *         for nearly all words of any language; what is left is compared in full.
 * Input:  folded text (letters beyond ASCII in one case); hostile.
 * Limits: TERM_BYTES a term, a text below 4 GiB. Time grows with the text, and with the names that
 *         share a word where that word stands.
 * Owner:  terms_new/terms_free; the set is read only once made. The caller owns the spots.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_TERMS_H
#define WATCH_TERMS_H

#include "base/err.h"
#include "base/str.h"
#include "match/lit.h"

enum {
    TERM_BYTES = 255,
    TERMS_PAD = 16, /* bytes behind the text that may be read */
};

struct term {
    struct str text; /* folded, ASCII letters small */
    bool longer;     /* the last word may go on in the text */
    bool anywhere;   /* it may begin within a word */
};

struct term_spot {
    uint32_t from, term;
};
struct term_spots {
    struct term_spot *v;
    size_t n, cap;
};

struct terms;
/* Terms keep their numbers; their texts must outlive the set. */
MUST_CHECK enum err terms_new(const struct term *term, size_t n, struct str model,
                              struct terms **ret_terms, struct error *error);
struct terms *terms_free(struct terms *t);
/* Every place where a term stands with the start of a word before it, or anywhere; the caller asks
 * what is before and behind. Replaces what is in spots. They come in the order of a
 * word in each of them: those of one line before those of the next. */
MUST_CHECK enum err terms_scan(const struct terms *t, struct str text, struct term_spots *spots);
size_t terms_bytes(const struct terms *t);

#endif
