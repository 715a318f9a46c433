/* snippet.h — a few words around a place, fit to be shown.
 *
 * What:   a window of a text: one line, valid UTF-8, no control characters, secrets masked.
 * Input:  hostile; malformed bytes become U+FFFD.
 * Limits: max_bytes of the text, SNIPPET_SLACK more to either side are looked at so that a secret
 *         that the window cuts is known as one. Masking errs to the side of too much: whatever
 *         looks like a key goes, file hashes as well.
 * Owner:  appends to the caller's buffer.
 * Spec:   docs/reference/subjects.md; ISO/IEC 7812 (cards), ISO 13616 (IBAN)
 */
#ifndef WATCH_SNIPPET_H
#define WATCH_SNIPPET_H

#include "base/buf.h"

enum { SNIPPET_SLACK = 128, SNIPPET_DEFAULT_BYTES = 240 };

/* The words around text[at..at + n). "…" stands where the text goes on. */
void snippet_add(struct buf *out, struct str text, size_t at, size_t n, size_t max_bytes);
/* The whole text, masked. */
void snippet_mask(struct buf *out, struct str text);

#endif
