/* plain.h — text in the letters it is meant to be read in, with the way back to its bytes.
 *
 * What:   full-width and styled forms become ASCII, dashes and blanks one each, invisible
 *         characters go; Cyrillic and Greek look-alikes become Latin inside words that are ASCII
 *         otherwise. Of JSON the escapes of strings are undone before. Then defanged spellings
 *         ("hxxp", "[.]", "(at)") become plain ones.
 * Input:  hostile; malformed UTF-8 stays as it is, byte by byte.
 * Limits: the bytes given to plain_init; every step shortens the text or keeps its length.
 * Owner:  plain_init/plain_done; the text is valid until the next plain_text.
 * Spec:   Unicode 15.0 (NFKC and confusables, a part of them); docs/internals/WATCH.md
 */
#ifndef WATCH_PLAIN_H
#define WATCH_PLAIN_H

#include "watch/words.h"

struct plain {
    char *p;
    uint32_t *at; /* p[i] comes from raw byte at[i]; at[n] is the end of the raw text */
    size_t n, max;
    bool json; /* the raw text is JSON: undo what is escaped in its strings */
};

MUST_CHECK enum err plain_init(struct plain *f, size_t max_bytes);
void plain_done(struct plain *f);
/* raw.n must not be above the maximum. tlds tell where " dot " is one. */
void plain_text(struct plain *f, struct str raw, const struct words *tlds);
/* The second step alone, in place. */
void plain_refang(struct plain *f, const struct words *tlds);
/* Is a character read as another, of ASCII? 0: it is left out. */
bool plain_char(uint32_t cp, char *ret_plain);
/* The Latin letter that one of another script looks like; 0 if there is none. */
char plain_latin(uint32_t cp);
/* Does the raw text hold a letter that was read as a Latin one? */
bool plain_lookalike(struct str raw);

#endif
