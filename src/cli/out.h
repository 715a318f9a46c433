/* out.h — standard output behind a sink, and the one sentence where it cannot be written.
 *
 * What:   what every verb does that prints as it goes: fwrite, the errno of the first failure.
 * Input:  text that was escaped already.
 * Limits: those of the sink.
 * Owner:  out_open/out_close own the sink's buffer; the struct does not move in between.
 * Spec:   docs/reference/output.md "When writing fails"
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include "cli/cmd.h"
#include "output/sink.h"

struct out {
    struct sink sink; /* append to its buffer */
    FILE *file;
    int why; /* errno of a write that failed */
};

void out_open(struct out *o, struct cli *cli);
void out_close(struct out *o);
/* Everything goes out; "cannot write the answer" and the reason if it does not. */
MUST_CHECK enum err out_flush(struct out *o, struct error *error);

/* A file or a pipe behind a sink. */
struct out_target {
    int fd, why; /* why: errno of a write that failed */
};
/* For sink_init, with a struct out_target. */
enum err out_target_write(void *target, const void *p, size_t n);

#endif
