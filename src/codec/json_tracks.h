/* codec/json_tracks.h — objects that are written alike, read by what stands between their values.
 *
 * What:   a tree of the texts between values, as they followed each other in objects met before. An
 *         object that goes along it is read without looking at its structure: comparing those texts
 *         says where each value begins and which one it is, however deep it stands.
 * Input:  hostile. What differs in a byte is not known, and for the reader of the structure.
 * Limits: TRACK_VALUES values, TRACK_BETWEEN bytes between two; TRACK_STEPS, beyond which all is
 *         forgotten; TRACK_WAYS in which objects go on from one place.
 * Owner:  json_tracks_init/json_tracks_done; slices are of the object given.
 * Spec:   docs/internals/CODEC.md
 */
#ifndef CODEC_JSON_TRACKS_H
#define CODEC_JSON_TRACKS_H

#include "base/vec.h"
#include "codec/json_scan.h"

enum {
    TRACK_VALUES = 512,
    TRACK_BETWEEN = 512,
    TRACK_STEPS = 32 * 1024,
    TRACK_WAYS = 32,
};

/* A string, number or literal of an object, and what its reader knows it by. */
struct json_tracked {
    struct json_value value;
    uint32_t tag;
};

/* The text between the value of the step before and that of this one, or behind the last value. */
struct json_step {
    const char *text;
    uint32_t n;
    uint32_t tag;
    uint32_t first, other; /* the step that may follow, and the one that may stand here instead */
    bool string, last;
};

struct json_tracks {
    struct arena arena;
    VEC(struct json_step) step; /* 0 is before the first value */
};

void json_tracks_init(struct json_tracks *t);
void json_tracks_done(struct json_tracks *t);
/* Tags mean other things from now on. */
void json_tracks_forget(struct json_tracks *t);
/* From a whole object, as json_scan_next reads it, and all n values in it that are no brackets, in
 * the order of their places. */
MUST_CHECK enum err json_tracks_learn(struct json_tracks *t, struct str object,
                                      const struct json_tracked *value, size_t n);
/* The values of an object like one that was learnt: what json_scan_next would tell, with the tags
 * learnt. False for any other text. */
bool json_tracks_read(struct json_tracks *t, struct str object,
                      struct json_tracked ret_value[TRACK_VALUES], size_t *ret_n);

#endif
