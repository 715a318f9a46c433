/* dossier/draft_parts.h — the pieces of writing a draft; private to draft*.c.
 *
 * What:   the two files as texts, and what makes a hostile text fit for them.
 * Input:  hostile.
 * Limits: those of draft.h.
 * Owner:  appends to the caller's buffers.
 * Spec:   docs/reference/draft.md; YAML 1.2.2 5.7 (escapes), RFC 4180
 */
#ifndef DOSSIER_DRAFT_PARTS_H
#define DOSSIER_DRAFT_PARTS_H

#include "dossier/draft.h"

/* One line without control, invisible and reordering characters, cut at max bytes. */
void draft_plain(struct buf *b, struct str s, size_t max);
/* The text as a YAML scalar in double quotes. */
void draft_scalar(struct buf *b, struct buf *tmp, struct str s);

MUST_CHECK enum err draft_yaml(struct buf *b, const struct alert *alerts, size_t n, struct str id,
                               struct draft_told *told);
MUST_CHECK enum err draft_csv(struct buf *b, const struct alert *alerts, size_t n,
                              const struct warnings *warnings, struct draft_told *told);

#endif
