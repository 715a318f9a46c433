/* alert_stix.h — what the two halves of the STIX writer of alerts share.
 *
 * What:   objects that belong to the alert at hand; the rest is output/stix.h.
 * Input:  hostile texts; JSON is written by output/json_writer.h only.
 * Limits: those of output/stix.h.
 * Owner:  alert_stix.c makes and frees it.
 * Spec:   STIX 2.1; docs/reference/alerts.md "stix"
 */
#ifndef OUTPUT_ALERT_STIX_H
#define OUTPUT_ALERT_STIX_H

#include "output/alert.h"
#include "output/stix.h"

/* Does the object have to be written, because none of this identifier was yet? Either way it
 * belongs to the alert at hand. */
bool alert_stix_needed(struct stix *x, const char *id);
/* An object for what cyber observables or other alerts name; ret_id: which. */
void alert_stix_vulnerability(struct stix *x, struct str id, bool cve, char ret_id[STIX_ID_BYTES]);
/* Observables of the alert's items, and the observed-data object that holds them. */
void alert_stix_items(struct stix *x);
/* A software observable for a product's name. */
void alert_stix_software(struct stix *x, struct str name);

#endif
