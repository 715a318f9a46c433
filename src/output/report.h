/* output/report.h — the table of report formats.
 *
 * What:   one format is one file and one line in report.c; each turns a case into bytes.
 * Input:  a report whose texts come from hostile logs and posts: every writer escapes
 *         (output/escape.h) and leaves out what may not be shared (output/veil.h).
 * Limits: those of the sink; what a format leaves out is said on its page.
 * Owner:  borrows the report; allocates only for the time of the call.
 * Spec:   docs/reference/report.md
 */
#ifndef OUTPUT_REPORT_H
#define OUTPUT_REPORT_H

#include "model/report.h"
#include "output/sink.h"

/* Where a format of several files puts them, one after the other. */
struct report_folder {
    enum err (*open)(void *ctx, struct str name); /* a plain name, without "/" */
    enum err (*write)(void *ctx, const void *p, size_t n);
    enum err (*close)(void *ctx); /* of what was opened; after a failure to write, too */
    void *ctx;
};

struct report_format {
    const char *name;
    const char *help; /* for the list of formats, a few words */
    bool page;        /* for the case's own people: names hosts, and who and what was touched */
    /* One of them is NULL. */
    enum err (*write)(struct sink *sink, const struct report *report, struct error *error);
    enum err (*write_folder)(const struct report_folder *folder, const struct report *report,
                             struct error *error);
    bool unmarked; /* it has no place for the mark of the Traffic Light Protocol */
};

/* In the order of the help text; ends with name == NULL. The first one is the default. */
extern const struct report_format report_formats[];
/* NULL if there is no such format. */
const struct report_format *report_format_find(struct str name);
/* Writes all of it and flushes; the sink's sticky error, if any, is returned. */
MUST_CHECK enum err report_write(const struct report_format *format, struct sink *sink,
                                 const struct report *report, struct error *error);

/* One each in report_md.c, ... */
enum err report_html_write(struct sink *, const struct report *, struct error *);
enum err report_md_write(struct sink *, const struct report *, struct error *);
enum err report_json_write(struct sink *, const struct report *, struct error *);
enum err report_ecs_write(struct sink *, const struct report *, struct error *);
enum err report_ecs_bulk_write(struct sink *, const struct report *, struct error *);
enum err report_navigator_write(struct sink *, const struct report *, struct error *);
enum err report_timesketch_write(struct sink *, const struct report *, struct error *);
enum err report_csv_write(struct sink *, const struct report *, struct error *);
enum err report_cacao_write(struct sink *, const struct report *, struct error *);
enum err report_stix_write(struct sink *, const struct report *, struct error *);
enum err report_misp_write(struct sink *, const struct report *, struct error *);
enum err report_misp_feed_write(const struct report_folder *, const struct report *,
                                struct error *);

#endif
