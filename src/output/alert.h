/* output/alert.h — the table of alert formats.
 *
 * What:   one format is one file and one line in alert.c; each turns a list of alerts into bytes.
 * Input:  alerts whose texts come from hostile posts: every writer escapes (output/escape.h).
 * Limits: those of the sink; what a format leaves out is said on its page.
 * Owner:  borrows the alerts; allocates only for the time of the call.
 * Spec:   docs/reference/alerts.md, docs/reference/schema/alert.json
 */
#ifndef OUTPUT_ALERT_H
#define OUTPUT_ALERT_H

#include "model/alert.h"
#include "output/json_writer.h"
#include "output/writer.h"

struct alert_format {
    const char *name;
    const char *help; /* for the list of formats, a few words */
    const char *content_type;
    enum err (*write)(struct sink *sink, const struct alert *alert, size_t n,
                      const struct print_options *options);
};

/* In the order of the help text; ends with name == NULL. The first one is the default. */
extern const struct alert_format alert_formats[];
/* NULL if there is no such format. */
const struct alert_format *alert_format_find(struct str name);
/* Writes all of it and flushes; the sink's sticky error, if any, is returned. options: may be
 * NULL. */
MUST_CHECK enum err alert_write(const struct alert_format *format, struct sink *sink,
                                const struct alert *alert, size_t n,
                                const struct print_options *options);

/* One each in alert_text.c, alert_json.c, alert_rss.c, alert_stix.c, alert_misp.c. */
enum err alert_text_write(struct sink *, const struct alert *, size_t,
                          const struct print_options *);
enum err alert_json_write(struct sink *, const struct alert *, size_t,
                          const struct print_options *);
enum err alert_rss_write(struct sink *, const struct alert *, size_t, const struct print_options *);
enum err alert_stix_write(struct sink *, const struct alert *, size_t,
                          const struct print_options *);
enum err alert_misp_write(struct sink *, const struct alert *, size_t,
                          const struct print_options *);

/* One alert as a JSON object, also for those who send it on. sink: may be NULL; else it is paced.
 */
void alert_json_object(struct sink *sink, struct json *j, const char *key, const struct alert *a);
/* The keys of what is told with an alert, into an object that is open. */
void alert_json_with(struct json *j, const struct alert_with *with);
/* "Outlook (breadth, p 1e-06, 4 of 5 threads)", unescaped. */
void alert_with_text(struct buf *b, const struct alert_with *with);
/* "breadth over 180 days: 9 threads, 1.3 expected", unescaped: for formats that hold one line. */
void alert_counts(struct buf *b, const struct alert *a);
/* The unescaped explanation: why, what would have silenced it, why it speaks again, what rose with
 * it. */
void alert_explain(struct buf *b, const struct alert *a);
/* "http://" or "https://" and nothing but the characters of RFC 3986: fit for a format's URL. */
bool alert_url_ok(struct str url);

#endif
