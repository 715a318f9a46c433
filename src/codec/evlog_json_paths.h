/* codec/evlog_json_paths.h — the paths of members that events as JSON have.
 *
 * What:   a tree of the paths met so far, in which a path knows its field. As events of one kind
 *         are written alike, the next path is mostly the one that followed last time.
 * Input:  hostile keys.
 * Limits: PATHS_MAX paths, PATH_BYTES a path; longer ones are told as too_long.
 * Owner:  json_paths_init/json_paths_done; a path stays until json_paths_forget.
 * Spec:   docs/reference/events.md
 */
#ifndef CODEC_EVLOG_JSON_PATHS_H
#define CODEC_EVLOG_JSON_PATHS_H

#include "base/map.h"
#include "base/vec.h"
#include "codec/evlog_json.h"

enum { PATHS_MAX = 64 * 1024, PATH_BYTES = 256, PATH_NOT_ASKED = 0xff, PATH_RECORD_ID = 0xfe };

/* 0 is the root. */
struct json_path {
    uint32_t parent, next; /* next: the one that came after it last time */
    struct str key, path;  /* path: without wrappers */
    uint32_t name;         /* of the field, 0: not asked yet */
    uint8_t asked;         /* place in json_times, or PATH_RECORD_ID */
    enum json_single single;
    bool message, nameless;
    bool named;                   /* values in it may say their own names */
    bool whole, too_long, number; /* number: of the event */
    bool around;                  /* may be around a list of events, or be one */
};

struct json_paths {
    struct arena arena;
    struct map children;
    VEC(struct json_path) path;
    uint32_t last; /* met last */
};

void json_paths_init(struct json_paths *p);
void json_paths_done(struct json_paths *p);
/* Is it time to forget? */
bool json_paths_full(const struct json_paths *p);
void json_paths_forget(struct json_paths *p);
/* Before each object: at the root. */
MUST_CHECK enum err json_paths_begin(struct json_paths *p);
/* The number of a member's path. */
MUST_CHECK enum err json_paths_child(struct json_paths *p, uint32_t parent, struct str key,
                                     uint32_t *ret);

#endif
