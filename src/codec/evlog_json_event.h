/* codec/evlog_json_event.h — one event as JSON, read into the fields of a row.
 *
 * What:   flattens an object by its paths; then finds out what its members do not say by
 *         themselves: the channel, the time, the names of values that have none.
 * Input:  hostile.
 * Limits: JSON_EVENT_DEPTH levels, JSON_ALIASES values that wait for a better one.
 * Owner:  json_event_init/json_event_done; slices are of the text given.
 * Spec:   docs/reference/events.md
 */
#ifndef CODEC_EVLOG_JSON_EVENT_H
#define CODEC_EVLOG_JSON_EVENT_H

#include "codec/evlog_json_paths.h"
#include "codec/evlog_rows.h"
#include "codec/json_tracks.h"

enum { JSON_EVENT_DEPTH = 12, JSON_ALIASES = 32, JSON_TIMES = 32, JSON_SIGNS = 64, JSON_TOLD = 64 };

struct json_event {
    struct maker maker;
    struct json_paths paths;
    struct json_tracks tracks;               /* by numbers of paths */
    struct json_tracked value[TRACK_VALUES]; /* of the object at hand */
    size_t n_values;
    bool unlike;                            /* its values alone do not say what is read out of it */
    size_t list;                            /* see json_event_read */
    unsigned levels;                        /* objects around that list */
    struct str time[JSON_TIMES], record_id; /* of the object at hand */
    struct json_alias {
        uint32_t path;
        struct str value;
    } alias[JSON_ALIASES]; /* values that wait for a better one */
    size_t n_aliases, n_singles;
    struct str message;
    bool nameless;            /* it has values without names */
    uint64_t told[JSON_TOLD]; /* channels and numbers of the file whose fields have no names */
    size_t n_told;
    uint32_t sign_key[JSON_SIGNS][SIGN_KEYS], sign_kind[JSON_SIGNS];
};

MUST_CHECK enum err json_event_init(struct json_event *e);
void json_event_done(struct json_event *e);
/* What comes next is of a new file. */
void json_event_open(struct json_event *e, const struct rows_sink *sink);
/* Puts a whole object into the maker. END: it stands around a list of events, which begins behind
 * e->list bytes, below e->levels objects. */
MUST_CHECK enum err json_event_read(struct json_event *e, struct str text);
/* Hands it out; `number` is its own if it tells none. */
MUST_CHECK enum err json_event_end(struct json_event *e, uint64_t offset, uint64_t number);

/* --- what its members do not say: evlog_json_tell.c --- */

MUST_CHECK enum err json_event_intern(struct json_event *e);
/* An event that names no channel is of its provider's, or of the product whose names it has. */
MUST_CHECK enum err json_event_channel(struct json_event *e);
/* Values without names: the message has the names of some. */
MUST_CHECK enum err json_event_message(struct json_event *e);
/* A gap if values have no names: told once for each kind of events. */
MUST_CHECK enum err json_event_nameless(struct json_event *e, uint64_t offset);
int64_t json_event_time(const struct json_event *e);

#endif
