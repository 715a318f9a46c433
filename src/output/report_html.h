/* output/report_html.h — the sections of the HTML report, one file each.
 *
 * What:   what they share: the page, each host once with its worst verdict, words and symbols.
 * Input:  a report whose texts come from hostile logs: all go through output/web.h.
 * Limits: PAGE_* below: together less than 3 MB, whatever the case holds.
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
    PAGE_HOSTS = 200,
    PAGE_HOUR_HOSTS = 12,
    PAGE_LANES = 40,
    PAGE_ROWS = 200,
    PAGE_FINDINGS_BYTES = 750 * 1000,
    PAGE_EVENTS_BYTES = 200 * 1000,
    PAGE_LANES_BYTES = 80 * 1000, /* of one picture; at most PAGE_PICTURES */
    PAGE_LIST_BYTES = 42 * 1000,
    PAGE_PICTURES = 4,
    PAGE_NAMES = 6, /* in a row of names */
};

/* A host by its worst verdict. */
struct page_host {
    struct str name;
    const struct judgement *worst;
};

struct page {
    struct web h;
    const struct report *r;
    struct arena arena;
    struct map by_name;
    struct page_host *host; /* the worst first */
    size_t n_hosts;
    size_t hosts_of[VERDICT_COMPROMISED + 1]; /* by their worst verdict */
};

/* ---- words ---- */

const char *verdict_words(enum verdict_state v);   /* "exploited, unconfirmed" */
const char *open_words(enum open_side s);          /* "still open" */
const char *exposure_words(enum exposure_state s); /* "fixed if configured" */
void page_badge(struct page *p, enum verdict_state v);
void page_grade(struct page *p, enum grade g);
/* "EX01, EX02 and 4 more": hosts whose worst verdict is this one. */
void page_hosts_of(struct page *p, enum verdict_state v);
/* <details>, closed; to be ended by </details>. */
void page_details(struct page *p, const char *summary);
void page_twin(struct page *p); /* the same for a picture's numbers: not printed */

/* ---- sections, in their order ---- */

void page_headline(struct page *p);
void page_verdict(struct page *p);
void page_first_hour(struct page *p); /* part of the verdict */
void page_chatter(struct page *p);
void page_exposure(struct page *p);
void page_findings(struct page *p);
void page_timeline(struct page *p);
void page_steps(struct page *p);
void page_unseen(struct page *p); /* what was not examined */
void page_making(struct page *p);

/* ---- embedded from web/ at build time by tools/embed_web.py ---- */

extern const char web_report_css[], web_report_js[];
extern const char web_report_css_hash[], web_report_js_hash[]; /* "sha256-..." of CSP */

#endif
