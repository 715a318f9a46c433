/* advice_page.h — advice for people: the checklist, and the report after ED 21-02's template.
 *
 * What:   text for a terminal or a file.
 * Input:  a report whose texts come from hostile logs and from dossiers: all of it is escaped.
 * Limits: those of the buffer.
 * Owner:  appends to the caller's buffer.
 * Spec:   docs/reference/advice.md
 */
#ifndef CLI_ADVICE_PAGE_H
#define CLI_ADVICE_PAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/report.h"

/* host: its steps alone; absent: all. columns 0: lines are not wrapped. */
void advice_page(struct buf *b, const struct report *r, struct str host, unsigned columns);
/* Is it a step of that host? */
bool advice_of_host(const struct advice_item *a, struct str host);
/* What the directive asked agencies to report; what the case does not say is "unknown". */
MUST_CHECK enum err advice_ed_21_02(struct buf *b, const struct report *r, struct arena *arena,
                                    struct error *error);

#endif
