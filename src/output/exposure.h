/* output/exposure.h — the table of formats that tell who is open to what.
 *
 * What:   one format is one file and one line in exposure.c. Rows are handed over one after the
 *         other, so that a fleet of any size needs no memory here.
 * Input:  rows whose texts come from hostile files: every writer escapes (output/escape.h).
 * Limits: those of the sink; what a format leaves out is said on its page.
 * Owner:  borrows the rows.
 * Spec:   docs/reference/exposure.md, docs/reference/schema/exposure.json
 */
#ifndef OUTPUT_EXPOSURE_H
#define OUTPUT_EXPOSURE_H

#include "base/uuid.h"
#include "model/exposure.h"
#include "output/json_writer.h"
#include "output/table.h"
#include "output/writer.h"

struct exposure_writer {
    const struct exposure_format *format;
    struct sink *sink;
    const struct print_options *options;
    bool all;          /* text: every row, not the first ones; ecs, stix: what is fixed as well */
    int64_t as_of_us;  /* of the question; TIME_NONE: now */
    struct str within; /* ecs: key of the case that names the hosts; absent: names are their own */
    /* The format's own: */
    uint64_t n; /* rows of the section at hand */
    const char *section;
    struct buf tmp;
    void *state; /* made by begin, freed by close */
};

/* sink, options, all and as_of_us are the caller's to fill. */
void exposure_writer_open(struct exposure_writer *w, const struct exposure_format *format);
void exposure_writer_close(struct exposure_writer *w);
/* A host by which spelling ever: for identifiers. */
void exposure_host_key(struct buf *b, struct str host);

/* One row as a JSON object: a member of an array, or a line once json_line is called. */
void json_exposure(struct json *j, const struct exposure *e);
void json_share(struct json *j, const struct exposure_share *s);
void json_window(struct json *j, const struct exposure_window *x);
void json_update(struct json *j, const struct exposure_update *u);

/* The same for the same host, product and CVE: a later answer can take the place of this one. */
MUST_CHECK enum err exposure_ecs_id(struct exposure_writer *w, const struct exposure *e,
                                    char ret_id[UUID_TEXT_BYTES]);

/* Called in this order: begin, shares, windows, updates, exposures, end; of a stream windows and
 * exposures before the others. NULL members: left out, and not even computed. */
struct exposure_format {
    const char *name;
    const char *help;
    bool head_first; /* begin needs no summary and comes before the rows of a stream, too */
    void (*begin)(struct exposure_writer *w, const struct exposure_summary *s);
    void (*share)(struct exposure_writer *w, const struct exposure_share *s);
    void (*window)(struct exposure_writer *w, const struct exposure_window *x);
    void (*update)(struct exposure_writer *w, const struct exposure_update *u);
    void (*exposure)(struct exposure_writer *w, const struct exposure *e);
    void (*end)(struct exposure_writer *w, const struct exposure_summary *s);
    void (*close)(struct exposure_writer *w); /* also where writing failed */
};

/* In the order of the help text; ends with name == NULL. The first one is the default. */
extern const struct exposure_format *const exposure_formats[];

extern const struct exposure_format exposure_text, exposure_json, exposure_csv, exposure_ecs,
    exposure_stix;

#endif
