/* output/report_html.h — the sections of the HTML report, one file each.
 *
 * What:   what they share: the page, each host once with its worst verdict, words and symbols.
 * Input:  a report whose texts come from hostile logs: all go through output/web.h.
 * Limits: HTML_* below: together less than 3 MB, whatever the case holds.
 * Owner:  the page borrows the report and owns its arena until the page is written.
 * Spec:   docs/reference/report.md "html", docs/internals/OUTPUT.md "The HTML report"
 */
#ifndef OUTPUT_REPORT_HTML_H
#define OUTPUT_REPORT_HTML_H

#include "base/map.h"
#include "model/report.h"
#include "output/web.h"

/* Rows and bytes of each list. */
enum {
    HTML_HOSTS = 200,
    HTML_HOUR_HOSTS = 12,
    HTML_LANES = 40,
    HTML_ROWS = 200,
    HTML_FINDINGS_BYTES = 750 * 1000,
    HTML_EVENTS_BYTES = 200 * 1000,
    HTML_LANES_BYTES = 80 * 1000, /* of one picture; at most HTML_PICTURES */
    HTML_LIST_BYTES = 42 * 1000,
    HTML_PICTURES = 4,
    HTML_NAMES = 6,                       /* in a row of names */
    HTML_ARENA_BYTES = 512 * 1024 * 1024, /* hosts by name */
};

/* A host by its worst verdict. */
struct html_host {
    struct str name;
    const struct judgement *worst;
};

struct html_page {
    struct web h;
    const struct report *r;
    struct arena arena;
    struct map by_name;
    struct html_host *host; /* the worst first */
    size_t n_hosts;
    const struct note **note; /* by finding: the last decision about it, NULL if there is none */
    bool *aside;              /* by finding: it counts for nothing */
    size_t hosts_of[VERDICT_COMPROMISED + 1]; /* by their worst verdict */
};

/* ---- words ---- */

const char *verdict_words(enum verdict_state v);   /* "exploited, unconfirmed" */
const char *open_words(enum open_side s);          /* "still open" */
const char *exposure_words(enum exposure_state s); /* "fixed if configured" */
void html_badge(struct html_page *p, enum verdict_state v);
void html_grade(struct html_page *p, enum grade g);
/* "EX01, EX02 and 4 more": hosts whose worst verdict is this one. */
void html_hosts_of(struct html_page *p, enum verdict_state v);
/* <details>, closed; to be ended by </details>. */
/* Of a dossier of the case; its id where it is none of them. */
struct str html_title(const struct html_page *p, struct str dossier);
void html_details(struct html_page *p, const char *summary);
void html_twin(struct html_page *p); /* the same for a picture's numbers: not printed */

/* ---- sections, in their order ---- */

void html_headline(struct html_page *p);
void html_verdict(struct html_page *p);
void html_first_hour(struct html_page *p); /* part of the verdict */
void html_chatter(struct html_page *p);
void html_exposure(struct html_page *p);
void html_findings(struct html_page *p);
void html_timeline(struct html_page *p);
void html_steps(struct html_page *p);
void html_unseen(struct html_page *p); /* what was not examined */
void html_making(struct html_page *p);

/* ---- embedded from web/ at build time by tools/embed_web.py ---- */

extern const char web_report_css[], web_report_js[];
extern const char web_report_css_hash[], web_report_js_hash[]; /* "sha256-..." of CSP */

#endif
