/* scan/sweep_priv.h — what the parts of the sweep share.
 *
 * What:   the state of a sweep; what it tells the coordinator (sweep_tell.c).
 * Input:  hostile, as in sweep.h.
 * Limits: those of sweep.h.
 * Owner:  sweep.c.
 * Spec:   docs/internals/SCAN.md
 */
#ifndef SCAN_SWEEP_PRIV_H
#define SCAN_SWEEP_PRIV_H

#include "base/hash.h"
#include "codec/stream.h"
#include "scan/correlate.h"
#include "scan/cost.h"
#include "scan/look.h"
#include "scan/sweep.h"
#include "scan/tally.h"

enum {
    HEAD_BYTES = 64 * 1024,
    BUFFER_BYTES = LIMIT_LINE_BYTES + LIMIT_BLOCK_BYTES,
    MAX_KINDS = 64,
    FLUSH_AT_BYTES = 24 * 1024 * 1024,
    MAX_TURNS = 1000, /* headers in mid-file that are looked at */
    MIXED_AT = 3,     /* changes of host or kind in one block */
};

struct sweep_events;

struct sweep {
    const struct ruleset *set;
    struct sweep_sink sink;
    struct program *program[MAX_KINDS]; /* by kind and codec, made on first use */
    const struct codec *program_codec[MAX_KINDS];
    struct arena line_arena;
    struct fields fields;
    struct hits hits;
    struct event_sink correlated;
    struct look look; /* at the file as a whole */
    struct yara_facts yara_facts;
    char *buffer;
    struct lit_spots spots, second; /* of the block; of a line that was decoded */
    struct lit_spots clients;       /* of the block: lines whose client may be listed */
    struct lit_spots shared;        /* in what all events of the batch share */
    uint16_t client_column[ROLE_VIEWS];
    size_t n_client_columns;
    bool every;        /* clients cannot be told without parsing, */
    bool clients_told; /* and of this whole block */
    struct marks {
        uint64_t stamp;
        uint32_t leaves;
        bool wanted;
    } * marks;                 /* by bound rule */
    uint64_t stamp, low_stamp; /* of the line at hand */
    struct str line;
    size_t low_n;
    char low[4096];                           /* the line in lower case */
    VEC(uint32_t) wanted, indicators, pivots; /* announced in this line */
    VEC(uint32_t) found;                      /* addresses in this event */
    bool escapes, marker, client;
    uint64_t *pivot_rows, *pivot_line;
    struct costs costs;          /* of the rules, in the unit at hand */
    struct sweep_file *file;     /* files as events */
    bool damaged;                /* what is no log could not be read to its end, and it was told */
    struct str identity;         /* of the event at hand, if it is the file itself */
    bool at_file;                /* the event at hand is the file itself */
    struct sweep_events *events; /* shapes of events and what is looked for in them */
    /* of the unit at hand */
    const struct unit *unit;
    const struct codec *codec;
    struct log_state state, before; /* before: at the start of the block, for removed.h */
    struct program *now;
    struct tally part[UNIT_MAX_PARTS + 1]; /* what was counted, by kind of log and host */
    size_t n_parts;
    struct tally *tally; /* of the row before */
    char kind[KIND_BYTES];
    struct str row_kind; /* of the row at hand; may be in kind */
    struct record record;
    bool carved;                  /* it is one that its log no longer counts */
    uint64_t cleared, cleared_at; /* records that say that a log was emptied; the last one */
    uint64_t lines;               /* line ends passed */
    uint64_t offset;              /* of the buffer's first byte, in the file or its unpacked text */
    int utf16;
    uint64_t utf16_offset;  /* the same for UTF-16 files, in bytes of the file */
    size_t placed;          /* up to where in the block its units were counted, */
    uint64_t placed_units;  /* and how many they are */
    bool sampling;          /* every row of this block tells builds, hosts and products */
    bool sampled, skipping; /* skipping: inside a line that is too long */
    bool packed;
    bool begun;
    bool mixed;          /* rows of several hosts or kinds take turns: every block is parsed */
    bool by_row;         /* those of this block are told apart */
    unsigned changes;    /* of the part in this block */
    bool wary;           /* a row of the file was not understood */
    size_t next_try;     /* from there on in the block the next row is tried */
    uint64_t tried, bad; /* such rows, and of these not understood */
    uint64_t parsed, parsed_bad; /* the same of rows that were parsed for what is in them */
    bool turn;                   /* a header was met: the block ends before it */
    size_t turn_from;            /* where it stands in the block, */
    uint64_t turned_at;          /* and in the file */
    unsigned turns;
};

/* The line that begins there, without its end. */
static inline struct str line_at(struct str text, size_t from, size_t *ret_next)
{
    const char *nl = memchr(text.p + from, '\n', text.n - from);
    size_t to = nl ? (size_t)(nl - text.p) : text.n;
    *ret_next = nl ? to + 1 : text.n;
    return str_sub(text, from, to > from && text.p[to - 1] == '\r' ? to - 1 : to);
}

/* The program of the state's kind: s->now, NULL with OK if no kind of logsources.yaml fits. */
MUST_CHECK enum err sweep_program(struct sweep *s, struct error *error);
/* Reads a log of lines to the end; `have` bytes are in the buffer already. Damage in the input ends
 * the reading with a gap, not with a failure. first: the buffer begins with the log's head. */
MUST_CHECK enum err sweep_lines(struct sweep *s, struct stream *in, size_t have, bool first);

/* What rows count for (sweep_count.c). */
bool sweep_outside(const struct sweep *s, int64_t time_us);
/* The part of the file that is counted from here on; host may be "". */
void sweep_turn_to(struct sweep *s, struct str kind, struct str host);
/* Whose row is it? One that names no host belongs to the row before it. */
struct str sweep_row_host(struct sweep *s);
/* The record at hand is the next one: its values, its kind. */
void sweep_next_row(struct sweep *s);
/* What a parsed row tells besides what rules look for. */
void sweep_sample(struct sweep *s);
/* Rows of one block that are counted one by one; of each only the columns that tell its part of the
 * file are read. What they told is remembered: it is the same few texts all the time. */
struct counter {
    int host_at, kind_at; /* -1: no such column */
    uint16_t columns;     /* the last of the two, and those before it */
    bool ready;           /* begun for the columns in force */
    bool plain;           /* a row that is plain can be counted without its other columns */
    size_t n_parts;       /* when known was filled */
    struct known {
        struct str kind, host; /* of the row */
        struct tally *tally;   /* its part; NULL: none known */
        bool elsewhere;        /* it is this one whatever the part of the row before */
    } known[64];
};

/* Before the first row, and after one that may have changed the columns. */
void sweep_counter_begin(struct sweep *s, struct counter *c);
/* Counts the row if that is possible without line(); it tells nothing else then. */
MUST_CHECK enum err sweep_count_plain(struct sweep *s, struct counter *c, struct str line,
                                      bool *ret_counted);
/* Rows of a block that was not parsed: as a whole; where several logs take turns. */
MUST_CHECK enum err sweep_count_block(struct sweep *s, struct str text, uint64_t rows);
MUST_CHECK enum err sweep_count_by_row(struct sweep *s, struct str text);
/* How many rows of a block that is counted are not understood: those that are parsed for what is in
 * them tell nothing of the others, and some of those are tried. Before the rows, between those that
 * are parsed, and once the block is counted: each log in it has its share. */
void sweep_try_begin(struct sweep *s);
void sweep_try_rows(struct sweep *s, struct str text, size_t from, size_t to);
void sweep_try_end(struct sweep *s);
/* Samples rows of a block. True if all of them have to be parsed: the server was updated in
 * between, or only so are they told apart. */
bool sweep_sample_ends(struct sweep *s, struct str text);

/* Reads the spots of one line or row; ret_parse: something may match, it must be looked at. */
MUST_CHECK enum err sweep_announce(struct sweep *s, struct str line, const struct lit_spot *spot,
                                   size_t n, bool *ret_parse);
/* The record at hand, for which fields_next was called: what was announced, does it match? */
MUST_CHECK enum err sweep_judge_row(struct sweep *s);

/* Event logs (sweep_events.c). */
struct sweep_events *sweep_events_new(void);
struct sweep_events *sweep_events_free(struct sweep_events *e);
/* Is that the start of an event log? */
bool sweep_events_know(struct sweep *s, struct str head);
/* The same of a file; one of text may have been cut into segments. */
bool sweep_events_are(struct sweep *s, int fd);
/* Reads one to its end; its first bytes are in the buffer already. */
MUST_CHECK enum err sweep_events_run(struct sweep *s, struct stream *in, size_t head);

/* Rows of a rows_sink: counts them, but for what a file tells of itself, and looks for rules. */
MUST_CHECK enum err sweep_events_take(void *ctx, const struct rows *rows);

/* Files as a whole (sweep_file.c). */
struct sweep_file *sweep_file_new(void);
struct sweep_file *sweep_file_free(struct sweep_file *f);
/* Is the file as a whole of interest? One that is a log and is called so is not: rules about files
 * would tell of the evidence itself. A log's head does not save a page. */
bool sweep_file_wanted(const struct sweep *s, bool log);
/* The stream has ended: what is there to say of the file? log: it was read as one. */
MUST_CHECK enum err sweep_file(struct sweep *s, bool log);

/* Rules of YARA that may match the file are told, to be proved elsewhere (scan/prove.h). */
MUST_CHECK enum err sweep_suspect(struct sweep *s);

/* A finding of the program's own. */
struct own_finding {
    enum own_rule rule;
    struct str host; /* as the records name it, or none */
    const struct row_place *place;
    struct named_value field[4]; /* by which it folds; value.p == NULL: none */
    uint64_t weight;
    struct str evidence;
};
MUST_CHECK enum err sweep_own(struct sweep *s, const struct own_finding *o);

/* What event logs tell of themselves (sweep_about.c). Rows that say that a log was emptied are
 * gaps. */
MUST_CHECK enum err sweep_events_cleared(struct sweep *s, const struct log_state *state,
                                         const struct rows *rows);
/* At the end of a file: those that were not told one by one. */
MUST_CHECK enum err sweep_events_more_cleared(struct sweep *s);
/* Of a rows_sink: a clock that went back by more than is set right in everyday life is a finding.
 */
MUST_CHECK enum err sweep_events_back(void *ctx, struct str host, const struct row_place *before,
                                      const struct row_place *after);

/* Lines whose client may be listed get a spot more (sweep_client.c): before a block is scanned, as
 * each line is met, and afterwards. clients_told is false where every line has to be parsed for it,
 * because the client does not stand in the line or the columns may change in this block. */
void sweep_clients_begin(struct sweep *s);
MUST_CHECK enum err sweep_client_line(void *ctx, const struct repeat_line *line);
MUST_CHECK enum err sweep_clients_end(struct sweep *s);

MUST_CHECK enum err sweep_gap(struct sweep *s, uint64_t offset, const char *reason,
                              struct str detail);
MUST_CHECK enum err sweep_flush(void *ctx, struct str message);
MUST_CHECK enum err sweep_flush_events(void *ctx, struct str message);
/* All that was found in the unit and not sent yet. */
MUST_CHECK enum err sweep_found(struct sweep *s);
MUST_CHECK enum err sweep_pivots(struct sweep *s);
/* Ceilings that counting has reached. */
MUST_CHECK enum err sweep_limits(struct sweep *s);
/* The last message of a unit; further parts of the file go before it. */
MUST_CHECK enum err sweep_result(struct sweep *s, const struct log_state *begin, bool recognised,
                                 uint64_t bytes);
/* Is the run to end before the input does? */
bool sweep_stopped(const struct sweep *s);

#endif
