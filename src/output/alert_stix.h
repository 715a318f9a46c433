/* alert_stix.h — alerts in a STIX bundle, and what the two halves of their writer share.
 *
 * What:   alerts as objects of any bundle; objects that belong to the alert at hand. The rest is
 *         output/stix.h.
 * Input:  hostile texts; JSON is written by output/json_writer.h only.
 * Limits: those of output/stix.h.
 * Owner:  alert_stix.c makes and frees it.
 * Spec:   STIX 2.1; docs/reference/alerts.md "stix"
 */
#ifndef OUTPUT_ALERT_STIX_H
#define OUTPUT_ALERT_STIX_H

#include "output/alert.h"
#include "output/stix.h"

/* Before the first alert: the extension that holds its numbers. */
void alert_stix_open(struct stix *x);
/* All objects of one alert, but for those that the bundle has. */
void alert_stix_add(struct stix *x, const struct alert *a);

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
