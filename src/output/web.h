/* output/web.h — parts of an HTML page: text, numbers, times, tables, links.
 *
 * What:   every text from outside is cut, defanged and escaped here; markup is a constant of the
 *         program. Lists end where their share of the page is used up, and say what is left.
 * Input:  hostile texts; strings called `trusted` are constants.
 * Limits: WEB_NAME, WEB_SENTENCE, WEB_LINE bytes of a text; those of struct web_rows.
 * Owner:  appends to the sink's buffer; web_init/web_done.
 * Spec:   docs/internals/OUTPUT.md "The HTML report"; HTML Living Standard
 */
#ifndef OUTPUT_WEB_H
#define OUTPUT_WEB_H

#include "model/answer.h"
#include "output/sink.h"

enum { WEB_NAME = 160, WEB_SENTENCE = 900, WEB_LINE = 700, WEB_SHA = 64, WEB_COLUMNS = 12 };

struct web {
    struct sink *sink;
    struct buf *b;    /* the sink's; markup may be put here */
    struct buf plain; /* a text on its way */
    uint64_t gone;    /* bytes handed on */
};

void web_init(struct web *h, struct sink *sink);
void web_done(struct web *h);
void web_pace(struct web *h);
uint64_t web_written(const struct web *h);

/* ---- text ---- */

void web_put(struct web *h, const char *trusted);
/* Defanged and escaped, for an element or a quoted attribute; of more than max bytes the head. */
void web_text(struct web *h, struct str text, size_t max);
/* At most so many columns of it, for pictures. */
void web_short(struct web *h, struct str text, size_t columns);
/* A name that stands between other words: what it holds cannot turn them round. */
void web_name(struct web *h, struct str name);
void web_code(struct web *h, struct str text, size_t max);
/* "a, b and 3 more" */
void web_list(struct web *h, const struct str_list *l, size_t most);
/* A log line with what matched marked; of a long one the part around the first mark. */
void web_evidence(struct web *h, const struct finding *f);

/* ---- numbers and times ---- */

void web_number(struct web *h, uint64_t n); /* "1,234,567" */
void web_count(struct web *h, uint64_t n, const char *one, const char *many);
void web_size(struct web *h, uint64_t bytes); /* "1.9 GB" */
/* Cut, not rounded: "89.9 %"; "not known" where it is no number. */
void web_share(struct web *h, double share);
void web_day(struct web *h, int64_t time_us); /* "not known" for TIME_NONE */
void web_time(struct web *h, int64_t time_us);

/* ---- links: to ATT&CK and the CVE list alone, and only where the text has their shape ---- */

void web_technique(struct web *h, struct str id);
void web_techniques(struct web *h, const struct str_list *l);
void web_cve(struct web *h, struct str id);

/* ---- tables ---- */

struct web_table {
    const char *klass, *id; /* id: NULL for none */
    const char *caption;
    const char *head[WEB_COLUMNS]; /* ends with NULL; one that starts with "#" holds numbers */
    bool bodies;                   /* the caller writes <tbody>s of its own */
};
void web_table(struct web *h, const struct web_table *t);
void web_table_end(struct web *h);
void web_row_name(struct web *h, struct str name); /* <tr><th scope="row"> */
void web_cell(struct web *h, struct str text);     /* a dash where there is none */
void web_cell_code(struct web *h, struct str text);
void web_cell_number(struct web *h, uint64_t n);
void web_cell_day(struct web *h, int64_t time_us);
void web_cell_time(struct web *h, int64_t time_us);
void web_row_end(struct web *h);

/* ---- lists that end ---- */

struct web_rows {
    struct web *h;
    uint64_t most, most_bytes; /* rows, bytes of the page */
    uint64_t begun, n;
};
struct web_rows web_rows(struct web *h, uint64_t most, uint64_t most_bytes);
/* Is there room for one more? Counts it. */
bool web_room(struct web_rows *rows);
/* "and 12 more hosts" where all are more than were let in; a paragraph. */
void web_rest(struct web_rows *rows, uint64_t all, const char *one, const char *many);
/* The same after a table, of which so many rows are printed: web/report.css hides the others. */
enum { WEB_PAPER_ROWS = 40 };
void web_table_rest(struct web_rows *rows, uint64_t all, const char *one, const char *many);

#endif
