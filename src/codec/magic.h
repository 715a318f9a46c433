/* codec/magic.h — what a file is, by its first bytes.
 *
 * What:   one word for a kind of content: "mz", "zip", "mdmp", ... whatever the file is called.
 * Input:  hostile; the first MAGIC_BYTES of a file, or all of it if it is shorter.
 * Limits: none.
 * Owner:  nothing is kept.
 * Spec:   docs/reference/events.md, "Files"; the table in magic.c names the source of each.
 */
#ifndef CODEC_MAGIC_H
#define CODEC_MAGIC_H

#include "base/str.h"

enum { MAGIC_BYTES = 4096 };

/* "empty", "text", "other" for what no signature tells. */
struct str magic_of(struct str head);

#endif
