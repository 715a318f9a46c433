/* codec/evlog_whole.h — event logs of which the file is one document.
 *
 * What:   gathers the text, hands it to a format as a whole, and hands out its rows; for files of
 *         Windows that are read as events: configuration, tasks, reports.
 * Input:  hostile.
 * Limits: WHOLE_BYTES of text; what is behind it is a gap.
 * Owner:  the format owns its reader, which begins with a struct whole; text and path live until
 *         its parse returns.
 * Spec:   docs/reference/events.md, "Files of Windows"
 */
#ifndef CODEC_EVLOG_WHOLE_H
#define CODEC_EVLOG_WHOLE_H

#include "codec/evlog_rows.h"

enum { WHOLE_BYTES = 16 * 1024 * 1024 };

struct whole {
    struct maker maker;
    struct str path; /* of the file at hand; may be absent */
    const struct rows_sink *sink;
};

/* Puts events into reader's maker and ends each with whole_end. */
typedef enum err whole_parse(void *reader, struct str text);

/* For struct evlog_format, where struct whole is the reader's first member. */
MUST_CHECK enum err whole_new(size_t reader_bytes, void **ret_reader);
void whole_free(void *reader);
bool whole_full(const void *reader);
MUST_CHECK enum err whole_read(void *reader, whole_parse *parse, const struct evlog_source *source,
                               const struct rows_sink *sink, struct error *error);

/* --- for parse --- */

/* Begins an event of the channel. */
MUST_CHECK enum err whole_begin(struct whole *w, const char *channel);
/* A value that does not live until the event ends is copied; absent and empty ones are left out. */
MUST_CHECK enum err whole_put(struct whole *w, const char *name, struct str value);
MUST_CHECK enum err whole_end(struct whole *w, uint64_t offset, uint64_t line, int64_t time_us);
MUST_CHECK enum err whole_gap(struct whole *w, uint64_t offset, const char *reason,
                              const char *detail);

#endif
