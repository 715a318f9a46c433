/* codec/evlog_json.h — what is what in events as JSON.
 *
 * What:   tables: the names of fields by their paths, where the time stands, and which objects are
 *         events of a cloud, a sensor or an application.
 * Input:  the program's own data; paths come from hostile text.
 * Limits: SIGN_KEYS keys a sign.
 * Owner:  static.
 * Spec:   docs/reference/events.md; "how to add events of a product" stands above the table of
 *         signs in evlog_json_names.c.
 */
#ifndef CODEC_EVLOG_JSON_H
#define CODEC_EVLOG_JSON_H

#include "base/str.h"

enum { SIGN_KEYS = 4, JSON_SINGLES = 5, JSON_TIMES_ANYWHERE = 5 };

struct json_sign {
    const char *channel;         /* ends with '/': the value of the last key follows */
    const char *keys[SIGN_KEYS]; /* fields that such events have, all of them */
    const char *value;           /* of the last key; NULL: any */
    const char *kind;            /* the field that rules ask first, see maker_kind; may be NULL */
    bool dull;                   /* fields beyond those kept are numbers, and nobody's concern */
};

extern const struct json_sign json_signs[]; /* ends with a channel that is NULL */
/* What tells the time, best first: fields, and behind JSON_TIMES_ANYWHERE paths; ends with NULL. */
extern const char *const json_times[];

/* Does a member of that name add nothing to the path? */
bool json_wraps(struct str key);
/* The field that a path without wrappers is. */
struct str json_field_of(struct str path);
/* May the values of objects there say their own names? */
bool json_is_named_data(struct str path);
/* What an event has once (its number, channel, ...) as the path that stands for it: as System has
 * it, or by another name, which counts where System's is not there. */
enum json_single { JSON_MANY, JSON_SINGLE, JSON_ALIAS };
enum json_single json_single(struct str path, struct str field);
/* The field of a further value of such a one. */
struct str json_beside(struct str path, struct str field);
/* The channel of an event that tells none; absent if its provider is not known. */
struct str json_channel_of(struct str provider, struct str number);
/* The field that a label without blanks is in an event's message; of_process: of 4688. */
struct str json_label(struct str label, bool of_process);
/* Is the text of this object or list a field, too? */
bool json_is_whole(struct str path);
/* May a list of events go by that name in an object? */
bool json_is_list(struct str key);
/* Do events as JSON begin here? */
bool json_events_know(struct str head);

#endif
