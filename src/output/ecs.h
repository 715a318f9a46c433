/* ecs.h — what all writers of Elastic Common Schema share.
 *
 * What:   the version, the start of a document, texts that an index takes.
 * Input:  hostile texts.
 * Limits: texts are cut at ECS_KEYWORD_BYTES.
 * Owner:  borrows everything.
 * Spec:   ECS 8.11; docs/reference/output.md "ecs", docs/reference/exposure.md "ECS"
 */
#ifndef OUTPUT_ECS_H
#define OUTPUT_ECS_H

#include "model/answer.h"
#include "output/json_writer.h"
#include "output/roles.h"

#include <math.h>

/* A Lucene keyword holds at most 32,766 bytes; a byte may become four. */
enum { ECS_KEYWORD_BYTES = 8000 };

/* Opens a document: its time, 1970 where it has none, and the version. */
static inline void ecs_open(struct json *j, int64_t time_us)
{
    json_object(j, NULL);
    json_time(j, "@timestamp", time_printable(time_us) ? time_us : 0);
    json_object(j, "ecs");
    json_text(j, "version", "8.11.0");
    json_end(j);
}

/* Nothing if there is no text. */
static inline void ecs_str(struct json *j, const char *key, struct str value)
{
    if (value.n)
        json_str(j, key, text_head(value, ECS_KEYWORD_BYTES));
}

/* Nothing if the time cannot be written: null would be a field. */
static inline void ecs_time(struct json *j, const char *key, int64_t time_us)
{
    if (time_printable(time_us))
        json_time(j, key, time_us);
}

/* Nothing if it is no number. */
static inline void ecs_real(struct json *j, const char *key, double value)
{
    if (isfinite(value))
        json_real(j, key, value, 6);
}

/* threat: "T1505" and "T1505.003" stand in two arrays; the mark is that of an indicator. Nothing if
 * there is neither. */
void ecs_threat(struct json *j, const struct str_list *techniques, enum tlp tlp);

#endif
