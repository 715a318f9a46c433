/* json.h — JSON, read as a stream of slices or as a tree.
 *
 * What:   a pull reader that copies nothing, unescaping into an arena, and a tree builder.
 * Input:  hostile. strict refuses bytes that are not UTF-8 and raw control bytes in strings;
 *         without it both pass, because logs hold what clients sent.
 * Limits: LIMIT_JSON_DEPTH open arrays and objects; the tree also stops at the arena's ceiling.
 *         Numbers are checked but stay text, so that no digit is lost.
 * Owner:  tokens point into the text given; trees live in the caller's arena.
 * Spec:   RFC 8259. Duplicate keys: the reader shows each; a tree keeps each in order, and
 *         node_get finds the first.
 */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include "base/arena.h"
#include "base/limits.h"
#include "model/node.h"

enum json_type {
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

struct json_token {
    enum json_type type;
    struct str key;   /* between the quotes, escapes as written; p == NULL inside arrays */
    struct str text;  /* string: as key; number and literal: as written; brackets: one byte */
    bool key_escaped; /* the key holds escapes */
    bool escaped;     /* the text does */
    uint32_t line;    /* from 1 */
};

struct json_reader {
    struct str text;
    size_t at;
    uint32_t line;
    uint32_t depth;
    uint64_t objects; /* bit d: the d-th open bracket is an object */
    uint8_t expect;   /* the reader's own */
    bool strict;
    enum err rc;     /* sticky */
    const char *why; /* of a failure: lower case, no full stop */
};

_Static_assert(LIMIT_JSON_DEPTH <= 64, "the open brackets are kept in 64 bits");

void json_open(struct json_reader *j, struct str text, bool strict);
/* The next token; END when one whole value was read and only white space is left. */
MUST_CHECK enum err json_next(struct json_reader *j, struct json_token *ret_token);
/* Reads to the end of the array or object that token opened (nothing to do for a scalar) and
 * returns the whole value as written. */
MUST_CHECK enum err json_skip(struct json_reader *j, const struct json_token *token,
                              struct str *ret_raw);
/* Text without escapes: the slice itself if it has none, else a copy. A lone surrogate becomes
 * U+FFFD. p == NULL when the arena is full. */
struct str json_unescape(struct arena *arena, struct str text, bool escaped);
/* Compares without copying; escapes count as what they stand for. */
bool json_equals(struct str text, bool escaped, struct str want);

/* A whole document as nodes: strings plain == false, numbers and literals plain == true.
 * error->offset holds the line, error->input the name. */
MUST_CHECK enum err json_parse(struct arena *arena, struct str text, struct str name,
                               struct node **ret, struct error *error);

#endif
