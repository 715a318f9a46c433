/* output/event.h — the table of formats of a timeline.
 *
 * What:   one format is one function in event.c and one line in its table. Events are handed over
 *         one after the other.
 * Input:  texts of hostile files: every writer escapes (output/escape.h).
 * Limits: those of the sink.
 * Owner:  borrows the events.
 * Spec:   docs/reference/timeline.md, docs/reference/schema/event.json
 */
#ifndef OUTPUT_EVENT_H
#define OUTPUT_EVENT_H

#include "model/event.h"
#include "output/json_writer.h"
#include "output/writer.h"

struct event_format {
    const char *name, *help;
    const char *head; /* before the first event; NULL */
    void (*event)(struct sink *sink, const struct event *event,
                  const struct print_options *options);
};

/* In the order of the help text; ends with name == NULL. The first one is the default. */
extern const struct event_format event_formats[];
/* NULL if there is no such format. */
const struct event_format *event_format_find(struct str name);

/* One event as a JSON object: a member of an array, or a line once json_line is called. */
void json_event(struct json *j, const struct event *e);

#endif
