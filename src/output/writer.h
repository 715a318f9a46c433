/* writer.h — the table of output formats.
 *
 * What:   one format is one file and one line in writer.c; each turns a whole answer into bytes.
 * Input:  an answer whose texts come from hostile logs: every writer escapes (output/escape.h).
 * Limits: those of the sink; nothing is left out, but where a format's own page in
 *         docs/reference/output.md says so.
 * Owner:  borrows the answer; allocates only for the time of the call.
 * Spec:   docs/reference/output.md, docs/reference/schema/
 */
#ifndef OUTPUT_WRITER_H
#define OUTPUT_WRITER_H

#include "model/answer.h"
#include "output/sink.h"

/* How people want it; formats for programs look at none of this. Zeroed is a good default. */
struct print_options {
    bool colour;
    bool ascii;                 /* the terminal does not speak UTF-8 */
    unsigned width;             /* columns; 0 means 80; kept within 72 and 120 */
    bool manifest;              /* JSON: an object for each file of the evidence as well */
    unsigned findings_per_host; /* shown in full in text; 0: one of each rule, two */
};

struct writer_format {
    const char *name;
    const char *help; /* for the list of formats, a few words */
    enum err (*write)(struct sink *sink, const struct answer *answer,
                      const struct print_options *options);
};

/* In the order of the help text; ends with name == NULL. The first one is the default. */
extern const struct writer_format writer_formats[];
/* NULL if there is no such format. */
const struct writer_format *writer_find(struct str name);
/* Writes all of it and flushes; the sink's sticky error, if any, is returned. */
MUST_CHECK enum err writer_write(const struct writer_format *format, struct sink *sink,
                                 const struct answer *answer, const struct print_options *options);

/* One each in text.c, json.c, csv.c, timesketch.c, ecs.c. */
enum err text_write(struct sink *, const struct answer *, const struct print_options *);
enum err json_write(struct sink *, const struct answer *, const struct print_options *);
enum err csv_write(struct sink *, const struct answer *, const struct print_options *);
enum err timesketch_write(struct sink *, const struct answer *, const struct print_options *);
enum err ecs_write(struct sink *, const struct answer *, const struct print_options *);

#endif
