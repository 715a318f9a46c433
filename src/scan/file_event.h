/* scan/file_event.h — what a file tells of itself, as the fields of one event.
 *
 * What:   name, size, type, digests, versions, times and judgements of a file that was read, for
 *         rules on the channel tocsin/file.
 * Input:  hostile files.
 * Limits: those of codec/evlog_rows.h.
 * Owner:  values live until the maker's event is whole.
 * Spec:   docs/reference/events.md, "Files"; the table of fields in file_event.c
 */
#ifndef SCAN_FILE_EVENT_H
#define SCAN_FILE_EVENT_H

#include "codec/evlog_rows.h"

struct sweep;

/* What matters besides the event. */
struct file_told {
    int64_t time_us; /* that stands in the file, of when it came to be; TIME_NONE */
    bool known;      /* a list says that it is harmless */
    bool unread;     /* it was too much to be judged as a page to its end */
};

/* The file at hand, whose bytes have gone by. Texts in scratch live until it is next reset. */
MUST_CHECK enum err file_event_tell(struct sweep *s, struct maker *m, struct arena *scratch,
                                    struct str host, struct file_told *ret_told);

/* A finding is of a path and its bytes: the same file is the same finding however it was collected,
 * and whatever else a collector or a later version knows of it. sha256: hexadecimal, or "" and then
 * the size counts. */
enum { FILE_IDENTITY_BYTES = 20 * 1024 };
void file_identity(struct buf *b, struct str path, struct str sha256, uint64_t bytes);

/* Behind the last slash of either kind. */
struct str path_name(struct str path);
/* ".aspx"; "" without one, and for names that are nothing else. */
struct str path_ending(struct str name);

#endif
