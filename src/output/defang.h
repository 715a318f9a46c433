/* output/defang.h — addresses that nobody follows by mistake.
 *
 * What:   the text with "hxxp" for "http" where a URL begins, "[.]" for the dots of its host, and
 *         "[.]" for the last dot of each IPv4 address that is not internal. All else stays.
 * Input:  hostile text; it is not escaped here.
 * Limits: the buffer's; three bytes for each dot.
 * Owner:  appends to the caller's buffer.
 * Spec:   the habit of threat reports; docs/reference/report.md
 */
#ifndef OUTPUT_DEFANG_H
#define OUTPUT_DEFANG_H

#include "base/buf.h"
#include "base/str.h"

void defang(struct buf *b, struct str text);
/* The part of it that starts at text[at]; returns how many bytes of text that was, 1 where nothing
 * had to be changed. */
size_t defang_next(struct buf *b, struct str text, size_t at);

#endif
