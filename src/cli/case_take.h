/* case_take.h — --case FILE: what a verb tells as JSON goes into a case as well.
 *
 * What:   a sink whose lines become items of one run of the case.
 * Input:  objects of the writers of output/.
 * Limits: those of store/case.h.
 * Owner:  case_take_open, then case_take_close; in between one run.
 * Spec:   docs/reference/case.md
 */
#ifndef CLI_CASE_TAKE_H
#define CLI_CASE_TAKE_H

#include "cli/cmd.h"
#include "output/sink.h"
#include "store/case.h"

struct case_take {
    bool on;
    struct case_store store;
    struct sink sink; /* write here between begin and end */
    struct buf line;  /* of which the end has not come */
    struct error error;
    enum err rc;
};

/* Before the work begins: the file can be written, and does not lie in the evidence. path absent:
 * nothing is kept, and `on` is false. */
MUST_CHECK enum err case_take_open(struct case_take *t, struct str path,
                                   const struct str_list *inputs, struct error *error);
void case_take_close(struct case_take *t);
/* When the answer is there: others may write to the case until then. */
MUST_CHECK enum err case_take_begin(struct case_take *t, const char *verb,
                                    const struct str_list *inputs, struct error *error);
/* All of the run stays, or nothing of it. rc: what the writers returned. */
MUST_CHECK enum err case_take_end(struct case_take *t, enum err rc, struct error *error);

#endif
