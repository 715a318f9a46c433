/* json_scan.h — the members of one JSON value, found fast and read loosely.
 *
 * What:   skips values by their structure, walks the members of an object or array, and picks the
 *         values of named paths; nothing is copied and no tree is built. codec/json.h is the strict
 *         reader: here numbers and escapes are not checked.
 * Input:  hostile. A raw line feed in a string counts as damage: exporters escape it, and it tells
 *         a lost quote at once.
 * Limits: JSON_SCAN_DEPTH open brackets, JSON_PICK_PATHS paths.
 * Owner:  slices of the text given; what is unescaped lives in the caller's arena.
 * Spec:   RFC 8259.
 */
#ifndef CODEC_JSON_SCAN_H
#define CODEC_JSON_SCAN_H

#include "base/arena.h"

enum { JSON_SCAN_DEPTH = 64, JSON_PICK_PATHS = 32, JSON_PICK_DEPTH = 8 };

/* --- one value, perhaps before all of it is there --- */

struct json_skip {
    size_t at;        /* how far it was looked at */
    uint64_t objects; /* bit d: the d-th open bracket is an object */
    uint32_t depth;
    uint8_t expect;
    bool in_string;
    const char *why; /* of damage: lower case, no full stop */
};

/* A value begins at text[0]. END: it ends before text[s->at]; OK: more text is needed, call again
 * with the same text made longer (a number ends with what follows it); ERR_FORMAT, ERR_LIMIT:
 * damage at s->at. Starts with a zeroed struct. */
MUST_CHECK enum err json_skip_on(struct json_skip *s, struct str text);
/* A value that is not kept may be looked at in pieces: forgets the text before s->at, whose number
 * of bytes is returned. */
size_t json_skip_forget(struct json_skip *s);

/* --- the members of a whole value --- */

struct json_value {
    struct str text; /* of a string: between the quotes, escapes as written; else as written */
    char kind;       /* '"', '{', '[', '0' a number, 't', 'f', 'n'; 0: none */
    bool escaped;
};

struct json_scan {
    struct str text;
    size_t at;
    bool object, first;
};

/* ERR_FORMAT if text is neither an object nor an array. */
MUST_CHECK enum err json_scan_open(struct json_scan *s, struct str text);
/* The next member; of an array key->kind is 0. END behind the last one. */
MUST_CHECK enum err json_scan_next(struct json_scan *s, struct json_value *ret_key,
                                   struct json_value *ret_value);

/* --- objects that are all alike --- */

enum { JSON_SHAPE_VALUES = 16, JSON_SHAPE_BYTES = 16 };

/* What stands between the values of an object whose values are all strings. */
struct json_shape {
    size_t n; /* values; 0: nothing was learnt */
    struct json_between {
        char text[JSON_SHAPE_BYTES];
        size_t n;
    } between[JSON_SHAPE_VALUES + 1]; /* the last one is behind the last value */
};

/* From a whole object, as json_scan_next reads it. False, and shape->n == 0: other values stand in
 * it, too many, or too much between them. */
bool json_shape_learn(struct json_shape *shape, struct str object);
/* The n values of an object that has the very same bytes between its values: what json_scan_next
 * would tell, faster. False for any other text. */
bool json_shape_read(const struct json_shape *shape, struct str object,
                     struct json_value *ret_values);

/* The values of paths like "account.acct" in an object, the first of equal keys; kind 0: absent.
 * Keys with escapes in them match nothing. */
MUST_CHECK enum err json_pick(struct str object, const char *const *paths, size_t n,
                              struct json_value *ret_values);
/* A string without escapes, a number or literal as written; absent for null, brackets and when the
 * arena is full. */
struct str json_value_text(struct arena *arena, const struct json_value *v);

#endif
