/* codec.h — the table of log formats.
 *
 * What:   each format is one file with one struct codec; sniff decides by content which one reads
 *         a file, line turns one line into a record.
 * Input:  hostile.
 * Limits: LIMIT_LINE_BYTES, LIMIT_FIELDS.
 * Owner:  see model/record.h.
 * Spec:   each codec's own header; "how to add one" stands above the table in codec.c.
 */
#ifndef CODEC_CODEC_H
#define CODEC_CODEC_H

#include "base/arena.h"
#include "model/record.h"

enum line_class {
    LINE_RECORD,    /* ret_record is filled */
    LINE_DIRECTIVE, /* a header or comment; the state may have changed */
    LINE_BLANK,     /* empty, white space, or NUL bytes only */
    LINE_BAD,       /* looks like a row but is not understood; or no columns known yet */
    LINE_CUT,       /* a row that stops early: what is there is in ret_record */
};

/* What stands between two cuts of a line that has as many of them as there are columns. */
enum cells {
    CELLS_LOOSE,  /* just text */
    CELLS_WORDS,  /* the value of the column of that number, if no two cuts stand side by side */
    CELLS_VALUES, /* the value of the column of that number, if all cuts are the first of the two */
};

struct codec {
    const char *name;
    /* 0 = certainly not this format ... 100 = certainly. head is the start of the file (up to
     * 64 KiB, UTF-8, without BOM, perhaps cut in mid-line); path is a hint only, never decisive. */
    int (*sniff)(struct str head, struct str path);
    /* Prepares a zeroed state (kind, columns as far as the head tells, date from the file name).
     * Called once a file, before the first line; it does not consume anything. */
    void (*begin)(struct log_state *state, struct str head, struct str path);
    /* One line, without line end. arena is for unquoted copies; it outlives the record. */
    enum line_class (*line)(struct log_state *state, struct str line, struct arena *arena,
                            struct record *ret_record);
    /* The time alone, without parsing the rest; false if the line carries none. Must agree with
     * line() on every row. */
    bool (*line_time)(const struct log_state *state, struct str line, int64_t *ret_us);
    /* Literals, at the start of a line, that announce a directive which may change the state;
     * ends with NULL. Lines starting with none of these never change it. */
    const char *const *markers;
    /* A line may end in the middle of a quoted cell: the record goes on in the next line. */
    bool quoted_newlines;
    /* The kind of a row whose columns tell it, perhaps made in ret_kind; NULL: every row is of the
     * state's kind. The kinds that it gives share one entry of data/logsources.yaml. */
    struct str (*row_kind)(const struct log_state *state, const struct record *record,
                           char ret_kind[KIND_BYTES]);
    /* The first columns of a row and its time, as line() gives them but for doubled quotes: to
     * count rows of several logs in one file. false: not a row. NULL: line() has to do. */
    bool (*front)(const struct log_state *state, struct str line, uint16_t columns,
                  struct record *ret_record);
    /* One or two bytes that part what repeats from line to line; NULL: nothing does. */
    const char *cuts;
    enum cells cells;
    /* The columns that stand in the line, before those that are made; NULL: all do. */
    uint16_t (*real_columns)(const struct log_state *state);
    /* Does line() make a LINE_RECORD with a time and all columns of this row, and is that easily
     * seen? Then ret_record gets its time and its first columns as line() gives them, as many as
     * there are up to that number or more. false: nothing is known, line() has to do. It changes
     * nothing that outlives the row. NULL: line() always has to do. */
    bool (*plain)(const struct log_state *state, struct str line, uint16_t columns,
                  struct record *ret_record);
};

extern const struct codec codec_w3c, codec_exlog, codec_httperr, codec_access, codec_errlog;
extern const struct codec *const codecs[]; /* ends with NULL */

/* How many columns stand in a line. */
static inline uint16_t codec_columns(const struct codec *codec, const struct log_state *state)
{
    return codec->real_columns ? codec->real_columns(state) : state->columns;
}

/* The codec with the highest sniff, or -1 if none says more than 0. */
int codec_identify(struct str head, struct str path);

/* Percent-decodes s once into b (also %uXXXX); true if anything was decoded. plus_is_blank turns
 * "+" into " ". Malformed escapes stay as they are. */
bool url_decode(struct buf *b, struct str s, bool plus_is_blank);

/* A path as a server understands it: doubled slashes, "/./", "/x/../" and the "/(S(...))/" of
 * sessions without cookies collapsed. It works on any text that holds paths and looks at nothing
 * but the neighbourhood, so that a value and the line around it become alike: a slash counts as
 * doubled only behind one of url_before_slashes, and a segment with a sign that may part values
 * stays. out has room for s.n bytes; returns how many were written. */
extern const char url_before_slashes[]; /* lower case; letters of either case count */
bool url_untidy(struct str s);          /* false: url_tidy would change nothing */
size_t url_tidy(struct str s, char *out);

#endif
