/* limits.h — every ceiling of the program, in one place.
 *
 * What:   the sizes at which hostile input stops being worth our memory or time.
 * Input:  none; constants only. Reaching one is reported, never silent.
 * Limits: this is the list.
 * Owner:  none.
 * Spec:   docs/internals/BASE.md explains each number.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
    LIMIT_BLOCK_BYTES = 128 * 1024,       /* one read; 64 to 128 KiB measured best for the sweep */
    LIMIT_LINE_BYTES = 1024 * 1024,       /* a longer log line is cut and reported */
    LIMIT_EVIDENCE_LINE_BYTES = 4 * 1024, /* of a line kept in a finding */
    LIMIT_FIELDS = 160,                   /* columns of one record */
    LIMIT_FIELD_NAME_BYTES = 128,
    LIMIT_RULE_FILE_BYTES = 1024 * 1024,
    LIMIT_YAML_DEPTH = 64,
    LIMIT_YAML_EVENTS = 100 * 1000,
    LIMIT_JSON_DEPTH = 64,
    LIMIT_REGEX_BYTES = 8 * 1024,
    LIMIT_REGEX_SUBJECT_BYTES = 64 * 1024,
    LIMIT_REGEX_MATCH = 100 * 1000, /* PCRE2 match_limit */
    LIMIT_REGEX_DEPTH = 1000,
    LIMIT_REGEX_HEAP_KIB = 1024,
    LIMIT_IPC_MESSAGE_BYTES = 1024 * 1024, /* one message between coordinator and worker */
    LIMIT_PATH_BYTES = 4096,
    LIMIT_WALK_DEPTH = 64,
    LIMIT_WALK_FILES = 1000 * 1000,
    LIMIT_RULES = 20 * 1000,
    LIMIT_ARENA_RULES_BYTES = 128 * 1024 * 1024,
    LIMIT_ARENA_RECORD_BYTES = 8 * 1024 * 1024,
};

#endif
