/* codec/evlog.h — the table of event log formats.
 *
 * What:   a reader that recognises a format by the start of its text and hands out its events as
 *         rows (model/rows.h); shapes are kept from file to file.
 * Input:  hostile. What cannot be read is a gap of the sink, and the rest is read.
 * Limits: EVLOG_EVENT_BYTES an event, EVLOG_SHAPES shapes; those of each format.
 * Owner:  evlog_new/evlog_free; shapes live as long as the reader.
 * Spec:   docs/reference/inputs.md; "how to add one" stands above the table in evlog.c.
 */
#ifndef CODEC_EVLOG_H
#define CODEC_EVLOG_H

#include "model/rows.h"

enum { EVLOG_EVENT_BYTES = 4 * 1024 * 1024, EVLOG_SHAPES = 16 * 1024 };

/* Where the text comes from: fills p with up to n bytes, *ret_n == 0 at the end. */
struct evlog_source {
    enum err (*read)(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error);
    void *ctx;
    struct str path; /* of the file: a hint, may be absent */
    bool carve;      /* also what the log no longer counts, where a format keeps it: as carved */
};

/* One format. A reader is made on first use and reads one file after the other. */
struct evlog_format {
    const char *name;
    /* Is that the start of such a log? head may be cut anywhere. path may be absent: a hint for
     * formats whose text shows nothing. */
    bool (*knows)(struct str head, struct str path);
    bool signature; /* that start is of no text: it need not be held against text logs */
    MUST_CHECK enum err (*new)(void **ret_reader);
    /* Reads to the end; what is left in batches is handed out at last. */
    MUST_CHECK enum err (*read)(void *reader, const struct evlog_source *source,
                                const struct rows_sink *sink, struct error *error);
    void (*free)(void *reader);
    /* Is it time for a new reader, before the next file? One log's kinds and names must leave room
     * for those of the next. NULL: the reader sees to it by itself. */
    bool (*full)(const void *reader);
};

extern const struct evlog_format evlog_evtx, evlog_json, evlog_audit, evlog_zeek, evlog_syslog,
    evlog_xml, evlog_iis, evlog_task, evlog_wer, evlog_history, evlog_transcript;
extern const struct evlog_format *const evlog_formats[]; /* ends with NULL */

struct evlog;
/* Logs of codec/codec.h are known first: asked for what is none of them. */
bool evlog_knows(struct str head, struct str path);
/* By a signature: whatever else stands in it, it is no text log. */
bool evlog_certain(struct str head);
MUST_CHECK enum err evlog_new(struct evlog **ret_evlog);
struct evlog *evlog_free(struct evlog *e);
/* head is the start of what source gives. An error of the sink is returned as it is. */
MUST_CHECK enum err evlog_read(struct evlog *e, struct str head, const struct evlog_source *source,
                               const struct rows_sink *sink, struct error *error);

#endif
