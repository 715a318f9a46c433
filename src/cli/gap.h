/* gap.h — what was not read, as a line of JSON: the same for every verb that reads files in a
 * worker.
 *
 * What:   one object a gap.
 * Input:  reasons and names may quote hostile files: the writer escapes.
 * Limits: those of the buffer.
 * Owner:  borrows both.
 * Spec:   docs/reference/schema/gap.json
 */
#ifndef CLI_GAP_H
#define CLI_GAP_H

#include "cli/cmd.h"
#include "model/answer.h"
#include "os/errand.h"

void gap_json(struct buf *out, const struct errand_gap *gap);

/* Says the gaps of a survey of logs, which prints none itself; the status that it ends with. */
enum status gap_survey(struct cli *cli, const struct gap *gap, size_t n, bool interrupted);

#endif
