/* report_stix.h — what the parts of the STIX writer of a case share.
 *
 * What:   the bundle on its way, and one function for each part of a case.
 * Input:  a report whose texts come from hostile logs, through output/report_share.h.
 * Limits: those of output/report_share.h and output/stix.h.
 * Owner:  report_stix.c makes and frees it.
 * Spec:   STIX 2.1; docs/reference/report.md "stix"
 */
#ifndef OUTPUT_REPORT_STIX_H
#define OUTPUT_REPORT_STIX_H

#include "output/report_share.h"
#include "output/stix.h"

struct case_bundle {
    struct stix x;
    struct share share;
    char extension[STIX_ID_BYTES]; /* of verdicts */
    struct buf tmp;
    enum err rc; /* sticky */
};

/* Affairs: vulnerabilities, actors, whom they look for. */
void report_stix_dossier(struct case_bundle *b, const struct dossier *d);
/* Findings: the rule or indicator, its techniques, what was observed, the sighting. */
void report_stix_fold(struct case_bundle *b, const struct fold *f);
/* Verdicts, one a host and affair. */
void report_stix_judgement(struct case_bundle *b, const struct judgement *j);
/* Advice. */
void report_stix_advice(struct case_bundle *b, const struct advice_item *a);

/* A host by its key, written where it was not yet. */
void report_stix_host(struct case_bundle *b, struct str key, struct str name,
                      char ret_id[STIX_ID_BYTES]);
void report_stix_technique(struct case_bundle *b, struct str technique, char ret_id[STIX_ID_BYTES]);
void report_stix_vulnerability(struct case_bundle *b, struct str cve, struct str description,
                               char ret_id[STIX_ID_BYTES]);
/* An identifier of something of this case. */
void report_stix_id(struct case_bundle *b, const char *type, struct str a, struct str c,
                    struct str d, char ret_id[STIX_ID_BYTES]);

#endif
