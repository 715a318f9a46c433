/* output/parts.h — one part of an answer at a time, for all that write findings and the rest.
 *
 * What:   the row, line or object of one finding in each format for programs, and the JSON objects
 *         of what stands beside findings. Writers of a whole answer and of a report call these.
 * Input:  texts of hostile logs: everything is escaped here.
 * Limits: those of the sink.
 * Owner:  borrows the part; tmp is any buffer of the caller's. What went wrong sticks in the sink.
 * Spec:   docs/reference/output.md, docs/reference/schema/
 */
#ifndef OUTPUT_PARTS_H
#define OUTPUT_PARTS_H

#include "model/answer.h"
#include "output/json_writer.h"
#include "output/sink.h"

/* Lines, complete. */
void csv_head(struct sink *s);
void csv_finding(struct sink *s, struct buf *tmp, const struct finding *f);
void timesketch_finding(struct sink *s, struct buf *tmp, const struct finding *f);
void ecs_finding(struct sink *s, struct buf *tmp, const struct finding *f);

/* JSON objects: members of an array, or lines once json_line is called. */
void json_finding(struct sink *s, struct json *j, const struct finding *f);
void json_episode(struct sink *s, struct json *j, const struct episode *e);
void json_coverage(struct sink *s, struct json *j, const struct coverage *c);
void json_evidence(struct json *j, const struct evidence_file *e);
void json_gap(struct json *j, const struct gap *g);
/* key: NULL in an array. */
void json_verdict(struct json *j, const char *key, const struct verdict *v);
/* An array of texts; an absent one is "". */
void json_strings(struct json *j, const char *key, const struct str_list *list);
/* A text that is null when it is empty. */
void json_known(struct json *j, const char *key, const char *text);

#endif
