/* scan/correlate.h — Sigma correlations: what several events make together.
 *
 * What:   workers tell of each record that a correlated rule met; once all of them are done, the
 *         events are put in order of group and time and looked at through a sliding window.
 * Input:  messages of workers that hostile input may have taken over; an attacker's values.
 * Limits: CORRELATE_ ceilings below; what they cut is a gap.
 * Owner:  correlations live in the rule set's arena; events_free frees events.
 * Spec:   Sigma correlation rules 2.1.0; docs/adr/0012-windows-that-cannot-grow.md
 */
#ifndef SCAN_CORRELATE_H
#define SCAN_CORRELATE_H

#include "scan/facts.h"
#include "scan/hosts.h"

enum {
    CORRELATE_LEVELS = 8,         /* correlations that rest on others */
    CORRELATE_VALUE_BYTES = 256,  /* of a value; of a longer one the beginning and a hash */
    CORRELATE_HOST_BYTES = 255,   /* of a host's or client's name */
    CORRELATE_LISTED = 10,        /* events that a finding lists from its beginning and its end */
    CORRELATE_HOSTS = 64,         /* of one finding */
    CORRELATE_KEPT = 1000,        /* findings of a correlation and host; others are counted */
    CORRELATE_MAX_KEPT = 20000,   /* of all */
    CORRELATE_MEMORY = 16 << 20,  /* for events, each of a few times */
    CORRELATE_MESSAGE = 256 << 10 /* of events that a worker sends at once */
};
#define CORRELATE_BYTES (UINT64_C(16) << 30) /* of events on the disk */

/* One of the rules that a correlation names. */
struct correlation_part {
    uint32_t rule;       /* in the rule set: a rule or another correlation */
    struct str *group;   /* what the fields of group-by are called in its events; p == NULL: none */
    struct str *value;   /* the fields that are counted */
    uint8_t *group_from; /* of a correlation: which of its groups' values that is, */
    uint8_t *value_from; /* or NOT_THERE */
};
enum { NOT_THERE = 0xff };

struct correlation {
    const struct sigma_rule *sigma;
    const struct sigma_correlation *def;
    uint32_t rule; /* its number in the rule set */
    unsigned level;
    bool evaluated; /* false: a remark says why not */
    bool grows;     /* see sigma_correlation_grows */
    struct correlation_part *part;
    struct str *remark;
    size_t n_remarks;
};

/* Where the records of a rule go. */
struct feed {
    uint32_t correlation;
    uint8_t part;
};

struct correlations {
    struct correlation *v;
    size_t n;
    struct feed **feed; /* by number of the rule */
    uint32_t *n_feeds;
    bool *hushed; /* by number of the rule: it reports through correlations only */
    unsigned levels;
};

struct ruleset;
struct kind_def;

/* correlate_bind.c: finds the rules that correlations name. set->correlations->v holds sigma, def
 * and rule of each; everything else is filled in. What is wrong becomes remarks. */
MUST_CHECK enum err correlations_bind(struct arena *arena, struct ruleset *set);
/* Makes views for the fields that correlations of a rule ask for: before the kind's first file. */
void correlations_prepare(const struct ruleset *set, uint32_t rule, struct kind_def *kind);

/* correlate_event.c: an event, as the coordinator keeps it. */
enum { EVENT_OWN = 1, EVENT_LINKED = 2, EVENT_NUMBERED = 4, EVENT_CARVED = 8 };
enum { EVENT_OF_NO_UNIT = UINT32_MAX };
struct event {
    uint32_t correlation;
    uint8_t member; /* which of its rules */
    uint8_t flags;  /* OWN: of the owner's scanner; LINKED: prev and next are known; NUMBERED: line
                     * is the number of an event; CARVED: its log no longer counts it */
    uint8_t attempt;
    uint32_t file, unit; /* unit: the piece of work that told it */
    int64_t time_us;
    uint64_t offset, line;   /* line: in the unit */
    struct str group, value; /* lists: see values_add */
    struct str host, client;
    int64_t prev_us, next_us; /* events of the group with the same value; TIME_NONE: none */
};

/* A list of values, an absent one (p == NULL) among them: folded, and long ones cut. */
void values_add(struct buf *b, struct str value);
/* Takes the next value off a list; false at its end, or if it is none. */
bool values_next(struct str *list, struct str *ret_value);
bool values_valid(struct str list, size_t n);
/* As bytes whose order is that of group, then (of those by value) value, then time and place. */
void event_write(struct buf *b, const struct event *e, bool by_value);
MUST_CHECK enum err event_read(struct str record, bool by_value, struct event *ret);

/* The worker's side: events are gathered and sent. */
struct event_sink {
    enum err (*send)(void *ctx, struct str message);
    void *ctx;
    struct buf b, group, value;
    uint64_t untimed; /* records without a time, which no correlation sees */
};
void event_sink_init(struct event_sink *s, enum err (*send)(void *ctx, struct str message),
                     void *ctx);
void event_sink_done(struct event_sink *s);
/* The event of one feed: all but group and value, which hold the lists. */
MUST_CHECK enum err event_sink_add(struct event_sink *s, const struct event *e);
MUST_CHECK enum err event_sink_flush(struct event_sink *s);

/* correlate_record.c: a record that the rule of a hit met, for all correlations of that rule. */
struct fields;
MUST_CHECK enum err event_sink_record(struct event_sink *s, const struct ruleset *set,
                                      struct fields *fields, struct kind_def *kind,
                                      const struct hit *hit);

/* The coordinator's side (correlate.c). */
struct events;
/* What became of a unit of work: its events count if they are of its last attempt. */
struct event_unit {
    uint64_t base_lines;
    uint8_t attempt;
    bool lost;
};
MUST_CHECK enum err events_new(const struct ruleset *set, struct events **ret);
struct events *events_free(struct events *e);
/* A worker's message about a unit and file. */
MUST_CHECK enum err events_take(struct events *e, struct str message, uint32_t unit,
                                uint8_t attempt, uint32_t file);

struct correlate {
    struct arena *arena;
    const struct ruleset *set;
    struct events *events;
    const struct event_unit *unit;
    size_t n_units;
    struct facts *facts;                            /* files; hits are added */
    struct str (*host)(void *ctx, struct str name); /* the final name */
    void *ctx;
    bool partial;    /* the run was interrupted: rules report by themselves as well */
    uint64_t silent; /* returned: records that rules met and did not report by themselves */
};
/* Adds what correlations found to the hits, and takes those away that rules have only reported for
 * them. *ret_gap: what of it was left out or not evaluated at all; p == NULL: nothing. */
MUST_CHECK enum err correlate(struct correlate *c, struct str *ret_gap);

#endif
