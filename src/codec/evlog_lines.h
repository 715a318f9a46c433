/* codec/evlog_lines.h — event logs of which an event is a line.
 *
 * What:   cuts the text into lines and hands each to a format; what the format does not understand
 *         is a row with the whole line as its message, and counts as unparsed.
 * Input:  hostile.
 * Limits: EVLOG_EVENT_BYTES a line.
 * Owner:  the format owns its reader, which begins with a struct lines.
 * Spec:   docs/reference/events.md
 */
#ifndef CODEC_EVLOG_LINES_H
#define CODEC_EVLOG_LINES_H

#include "codec/evlog_rows.h"

struct lines {
    struct maker maker;
    char *window;
    size_t from, to, cap, seen; /* seen: so much behind from has no line end */
    uint64_t offset;            /* of window[from] */
    uint64_t number;            /* of the line at hand, from 1 */
    uint64_t record;   /* number of the event; that of the line unless the format sets it */
    struct str end;    /* of a line: "\n", or a text that belongs to it */
    const char *about; /* the channel of lines that are not understood */
};

/* Puts the fields of one line, without its end, into the maker; *ret_time is TIME_NONE before.
 * OK: an event, if there are fields; ERR_FORMAT: not understood. */
typedef enum err lines_parse(void *reader, struct str line, int64_t *ret_time);

void lines_init(struct lines *l, const char *about);
void lines_done(struct lines *l);
MUST_CHECK enum err lines_read(struct lines *l, lines_parse *parse,
                               const struct evlog_source *source, const struct rows_sink *sink,
                               struct error *error);
/* For struct evlog_format, where struct lines is the reader's first member: see there. */
bool lines_full(const void *reader);
/* How many of the first lines of a head, that are whole, does the format know? Blank ones and those
 * that begin with '#' do not count. */
size_t lines_known(struct str head, bool (*knows)(struct str line), size_t *ret_all);
/* The next key=value of a text, its value in quotes of either kind or up to a blank. */
bool lines_pair(struct str *rest, struct str *ret_key, struct str *ret_value, bool *ret_quoted);

#endif
