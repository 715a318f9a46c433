/* store/case_mask.h — a person's name out of an object.
 *
 * What:   values of an object without the name, however JSON, a URL or a log's "+" writes it;
 *         members' names and the words of this program stay, so that it is still an object.
 * Input:  objects of a case; names as the user gave them.
 * Limits: MASK_NAMES spellings; a name in base64 is found only beside Exchange's X-Rps-CAT.
 * Owner:  the result lives in the buffer given.
 * Spec:   docs/reference/case.md "Purging"
 */
#ifndef STORE_CASE_MASK_H
#define STORE_CASE_MASK_H

#include "base/arena.h"
#include "base/buf.h"

enum { MASK_NAMES = 64, MASK_LEAST = 3 };
#define MASK_WORD "(purged)"

struct mask {
    struct str name[MASK_NAMES];
    size_t n;
};

/* Adds all spellings of a name. ERR_USAGE if it is too short, or there are too many. */
MUST_CHECK enum err mask_add(struct mask *m, struct arena *arena, struct str name,
                             struct error *error);
/* Any text: appends it without the name; true if it held it. */
bool mask_text(const struct mask *m, struct str text, struct buf *out);
/* One object: the same in its values. */
bool mask_object(const struct mask *m, struct str object, struct buf *out);

#endif
