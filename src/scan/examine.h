/* scan/examine.h — one parsed record against the rules and indicators that its line announced.
 *
 * What:   evaluates, and turns what matched into folded hits.
 * Input:  hostile records.
 * Limits: FACT_FIELDS fields a hit, LIMIT_EVIDENCE_LINE_BYTES of evidence.
 * Owner:  borrows everything; hits are copied into the table.
 * Spec:   docs/internals/SCAN.md
 */
#ifndef SCAN_EXAMINE_H
#define SCAN_EXAMINE_H

#include "scan/correlate.h"
#include "scan/cost.h"
#include "scan/hits.h"
#include "scan/program.h"

struct examine {
    struct program *program;
    struct fields *fields;
    struct hits *hits;
    struct event_sink *events;
    struct costs *costs;
    uint32_t file;
    struct str kind;      /* of the row */
    struct str file_host; /* the file's host where rows name none */
    bool carved;          /* a record that its log no longer counts */
    struct str identity;  /* what the event is told by, if not its whole text: p != NULL */
    struct str place;     /* where the file is on its host, if that tells its events apart */
};

/* An event as one text, from its fields: in the arena of the fields, absent if that is full.
 * *ret_whole is false if it goes on beyond EVENT_TEXT_BYTES. */
enum { EVENT_TEXT_BYTES = 3 * 1024 * 1024 };
struct str examine_event_text(struct fields *f, bool *ret_whole);
/* Rule `bound` on the record that fields_next was last called with. */
MUST_CHECK enum err examine_rule(struct examine *e, uint32_t bound, const struct record *record,
                                 bool *ret_matched, bool *ret_limited);
/* Indicator `index`, whose literal was seen in the line. */
MUST_CHECK enum err examine_indicator(struct examine *e, uint32_t index,
                                      const struct record *record);
/* Does this client column hold no listed address? Remembers those that hold none. Only where the
 * program looks up addresses. */
bool examine_stranger(struct program *p, struct str client);
/* The client's address against all address indicators. */
MUST_CHECK enum err examine_address(struct examine *e, const struct record *record);

#endif
