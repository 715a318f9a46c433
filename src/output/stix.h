/* stix.h — what all STIX writers share: a bundle on its way.
 *
 * What:   identifiers made from content, each object once, the properties that all objects have.
 * Input:  hostile texts; JSON is written by output/json_writer.h only.
 * Limits: STIX_OBJECTS_MAX objects that are remembered, so as to be written once.
 * Owner:  stix_init/stix_done.
 * Spec:   STIX 2.1; docs/reference/alerts.md "stix", docs/reference/exposure.md "STIX",
 *         docs/reference/report.md "stix"
 */
#ifndef OUTPUT_STIX_H
#define OUTPUT_STIX_H

#include "base/map.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "model/tlp.h"
#include "output/json_writer.h"
#include "output/sink.h"

enum { STIX_OBJECTS_MAX = 2 * 1000 * 1000, STIX_ID_BYTES = 80 };
/* 2021-01-01: when what has no time of its own was made. */
#define STIX_FIXED_US (INT64_C(1609459200) * US_PER_S)

struct alert;

struct stix {
    struct sink *s;
    struct json j;
    struct buf tmp;
    struct arena arena;
    struct map written; /* identifiers of the bundle so far */
    char identity[STIX_ID_BYTES];
    enum tlp marking; /* of what is written now */
    enum err rc;      /* sticky */
    /* alert_stix.c */
    VEC(struct str) refs; /* objects of the alert at hand */
    const struct alert *a;
};

void stix_init(struct stix *x, struct sink *s);
/* What went wrong, if anything, is the sink's error afterwards. */
void stix_done(struct stix *x);
/* "TYPE--UUID", always the same for the same type and name. */
void stix_id(struct stix *x, const char *type, struct str name, char ret_id[STIX_ID_BYTES]);
/* Is it the first object of this identifier? */
bool stix_first(struct stix *x, const char *id);
/* Opens an object that is always the same: type, identifier, fixed times. */
void stix_open(struct stix *x, const char *type, const char *id);
/* The same, made at the time given; TIME_NONE: the fixed one. */
void stix_open_at(struct stix *x, const char *type, const char *id, int64_t time_us);
/* Made at the fixed time, and this version of it at the one given. */
void stix_open_version(struct stix *x, const char *type, const char *id, int64_t time_us);
/* Closes it, line break included. */
void stix_close(struct stix *x);
/* With the three decimals that STIX asks for; nothing if the time cannot be written. */
void stix_time(struct stix *x, const char *key, int64_t time_us);
/* Everything that others have a number for, as a property. */
void stix_external(struct stix *x, const char *source, struct str id);
/* An observable: it has no times and no author. */
void stix_open_observable(struct stix *x, const char *type, const char *id);
/* All identifiers of the bundle so far, as a property, in the order in which they were written. */
void stix_refs(struct stix *x, const char *key);
/* The identifiers of two objects and what joins them make the relationship's. */
void stix_relationship(struct stix *x, const char *source, const char *type, const char *target,
                       int64_t time_us);
/* Writes the definition of a mark of the Traffic Light Protocol; nothing for TLP_UNKNOWN. */
void stix_tlp(struct stix *x, enum tlp tlp);
/* Marks every object from now on; what did before. */
enum tlp stix_mark(struct stix *x, enum tlp tlp);
/* Objects, whole. */
void stix_identity(struct stix *x, const char *id, struct str name, const char *class);
void stix_vulnerability(struct stix *x, const char *id, struct str name, bool cve,
                        struct str description);
void stix_attack_pattern(struct stix *x, const char *id, struct str technique_or_name);
void stix_extension(struct stix *x, const char *id, const char *name, const char *description,
                    const char *schema);
/* A product, of a version where one is given. False: STIX has no identifier for such a name. */
bool stix_software_id(struct stix *x, struct str name, struct str version,
                      char ret_id[STIX_ID_BYTES]);
void stix_software(struct stix *x, const char *id, struct str name, struct str version);

/* Identifiers of observables are hashes of canonical JSON (RFC 8785), which for these letters is
 * plain. */
bool stix_printable(struct str s);
void stix_canonical(struct buf *b, struct str s);
bool stix_observable_id(struct stix *x, const char *type, struct str canonical,
                        char ret_id[STIX_ID_BYTES]);

/* stix_observable.c: what a value of a kind (docs/reference/extract.md: "ipv4", "sha256", ...) is.
 */
struct stix_observable {
    const struct stix_form *form;
    const char *type;
    struct str value; /* the caller's, or of the bundle's arena */
    char id[STIX_ID_BYTES];
};
/* false: STIX has no observable for it, or not for such a value. */
bool stix_observable(struct stix *x, struct str kind, struct str value,
                     struct stix_observable *ret_observable);
void stix_observable_write(struct stix *x, const struct stix_observable *o);

#endif
