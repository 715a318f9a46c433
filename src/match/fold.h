/* fold.h — upper and lower case beyond ASCII, as far as logs need it.
 *
 * What:   simple case folding of Latin-1, Latin Extended-A, Greek, Cyrillic and full-width letters,
 *         byte by byte in UTF-8 text of any quality.
 * Input:  hostile; bytes that are not UTF-8 fold to themselves.
 * Limits: a folded character is as long as the original, and never ASCII when the original is not
 *         (so U+017F and U+212A stay as they are): offsets stay valid, and a text that holds an
 *         ASCII letter after folding held that letter, in some case, before.
 * Owner:  none.
 * Spec:   Unicode 15.0 CaseFolding.txt, status C and S, restricted as above.
 */
#ifndef MATCH_FOLD_H
#define MATCH_FOLD_H

#include "base/str.h"

uint32_t fold_char(uint32_t cp);
/* True if no other character folds to this one, and it folds to itself. Sure, not complete: false
 * where that is not known. */
bool fold_caseless(uint32_t cp);
/* The byte at index i of the folded text. */
unsigned char fold_byte(struct str s, size_t i);
/* Length in bytes of the character at s[at]; 1 where there is none. */
size_t fold_step(struct str s, size_t at);
/* Folds in place; the length stays. */
void fold_text(char *p, size_t n);

#endif
