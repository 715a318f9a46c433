/* alert_stix.h — what the two halves of the STIX writer share.
 *
 * What:   a bundle on its way: identifiers, each object once, references of the alert at hand.
 * Input:  hostile texts; JSON is written by output/json_writer.h only.
 * Limits: STIX_OBJECTS_MAX objects a bundle.
 * Owner:  alert_stix.c makes and frees it.
 * Spec:   STIX 2.1; docs/reference/alerts.md "stix"
 */
#ifndef OUTPUT_ALERT_STIX_H
#define OUTPUT_ALERT_STIX_H

#include "base/map.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "output/alert.h"

enum { STIX_OBJECTS_MAX = 2 * 1000 * 1000, STIX_ID_BYTES = 80 };

struct stix {
    struct sink *s;
    struct json j;
    struct buf tmp;
    struct arena arena;
    struct map written; /* identifiers of the bundle so far */
    char identity[STIX_ID_BYTES];
    VEC(struct str) refs; /* objects of the alert at hand */
    const struct alert *a;
    enum err rc; /* sticky */
};

/* "TYPE--UUID", always the same for the same type and name. */
void stix_id(struct stix *x, const char *type, struct str name, char ret_id[STIX_ID_BYTES]);
/* Does the object have to be written, because none of this identifier was yet? Either way it
 * belongs to the alert at hand. */
bool stix_needed(struct stix *x, const char *id);
/* Opens an object that is the same for all alerts: type, identifier, fixed times. */
void stix_open(struct stix *x, const char *type, const char *id);
/* The same, of the time given; TIME_NONE: the fixed one. */
void stix_open_at(struct stix *x, const char *type, const char *id, int64_t time_us);
/* Closes it, line break included. */
void stix_close(struct stix *x);
/* With the three decimals that STIX asks for; nothing if the time cannot be written. */
void stix_time(struct stix *x, const char *key, int64_t time_us);
/* An object for what cyber observables or other alerts name; ret_id: which. */
void stix_vulnerability(struct stix *x, struct str id, bool cve, char ret_id[STIX_ID_BYTES]);
/* Observables of the alert's items, and the observed-data object that holds them. */
void stix_items(struct stix *x);
/* A software observable for a product's name. */
void stix_software(struct stix *x, struct str name);

#endif
