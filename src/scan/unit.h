/* scan/unit.h — one piece of work for a worker, and what it answers.
 *
 * What:   a file, or a newline-bounded segment of a large plain one; the answer is hits, one
 *         unit_result and gaps, as messages.
 * Input:  results come from a worker that hostile input may have taken over: read with base/rd.h,
 *         counts capped.
 * Limits: UNIT_*
 * Owner:  see each function.
 * Spec:   docs/internals/SCAN.md, "Messages"
 */
#ifndef SCAN_UNIT_H
#define SCAN_UNIT_H

#include "base/rd.h"
#include "codec/codec.h"
#include "scan/facts.h"

enum {
    UNIT_SEGMENT_BYTES = 48 * 1024 * 1024,
    UNIT_MAX_HOURS = 24 * 366 * 6, /* six years: with the rest of a result, below one message */
    UNIT_MAX_BUILDS = 256,
    UNIT_MAX_COLUMNS = 512,
    UNIT_MAX_PARTS = 128,        /* hosts and kinds told apart in one file */
    UNIT_MAX_GAPS = 1000,        /* told of one unit */
    UNIT_DETAIL_BYTES = 1024,    /* of a gap's text */
    UNIT_MAX_EVENTS = 32 * 1024, /* channels and numbers told apart in one file */
};

enum message {
    MESSAGE_UNIT, /* coordinator -> worker, with the descriptor */
    MESSAGE_HITS, /* worker -> coordinator */
    MESSAGE_GAP,
    MESSAGE_RESULT,   /* the last message of a unit, or of a member */
    MESSAGE_PIVOTS,   /* rows by pivot value, before the result */
    MESSAGE_PART,     /* a result about one further host or kind in the file, before the result */
    MESSAGE_REQUESTS, /* ids of requests: removed.h */
    MESSAGE_EVENTS,   /* of rules that are correlated: correlate.h */
    MESSAGE_COSTS,    /* what rules cost, before the result: cost.h */
    MESSAGE_CENSUS,   /* events by channel and number, if asked for, before the result */
    MESSAGE_SUSPECT,  /* rules of YARA that may match the file: yara_set.h */
    MESSAGE_MEMBER,   /* which member of a container all that follows is about, up to its result */
    MESSAGE_DONE,     /* the last message of a container's unit */
};

/* TIME_NONE where not known. */
struct file_times {
    int64_t created_us, modified_us, changed_us;
};

struct unit {
    uint32_t id; /* index in the coordinator's list */
    uint32_t file;
    uint32_t first_member, n_members; /* of a container, n_members > 0: worker.h */
    uint64_t from, to;                /* byte range; to == UINT64_MAX: to the end */
    bool hash;                        /* SHA-256 of the whole file */
    struct str path;      /* a hint for codecs: on the host that it is from, or as it was given */
    struct str host;      /* of rows that name none */
    struct str file_host; /* of the file, if it is no log */
    struct file_times times;
    int64_t collected_us; /* the host was like that then; TIME_NONE */
    bool about;           /* a container, or a collector's own file: for its hash alone */
    bool archive;         /* a container: its members are files of their own */
    bool asked;           /* it was named as an input, not found below one */
    bool known_state;     /* a later segment whose start state was learnt from its predecessor */
    struct log_state state;
};

struct unit_result {
    uint32_t id;
    struct file_fact fact; /* path, host left empty */
    struct str row_host;   /* "" if rows name none */
    uint64_t lines;        /* line ends passed, for the line numbers of later segments */
    bool recognised;
    bool segment;                /* of one only: */
    struct log_state begin, end; /* the state that was assumed and the one left behind */
};

struct event_count {
    uint32_t channel, id; /* of event_channels; SHAPE_NO_ID: without a number */
    uint64_t n;
};

/* A part of its file? What it left behind is then asked for. */
static inline bool unit_is_segment(const struct unit *u)
{
    return u->from > 0 || u->to != UINT64_MAX;
}
void unit_write(struct buf *b, const struct unit *u);
MUST_CHECK enum err unit_read(struct rd *r, struct unit *ret_unit);
void result_write(struct buf *b, const struct unit_result *res);
/* Lists are copied into the arena. */
MUST_CHECK enum err result_read(struct rd *r, struct arena *arena, struct unit_result *ret);
void event_count_write(struct buf *b, const struct event_count *c);
MUST_CHECK enum err event_count_read(struct rd *r, size_t n_channels, struct event_count *ret);
void gap_write(struct buf *b, uint32_t file, uint64_t offset, struct str reason, struct str detail);
MUST_CHECK enum err gap_read(struct rd *r, uint32_t *ret_file, struct gap *ret_gap);

#endif
