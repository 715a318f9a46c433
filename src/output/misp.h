/* misp.h — what all MISP writers share: an event on its way.
 *
 * What:   UUIDs made from content, the keys that every event, attribute and object has.
 * Input:  hostile texts; JSON is written by output/json_writer.h only.
 * Limits: those of the sink.
 * Owner:  misp_init/misp_done.
 * Spec:   MISP core format (draft-dulaunoy-misp-core-format); docs/reference/alerts.md "misp",
 *         docs/reference/report.md "misp"
 */
#ifndef OUTPUT_MISP_H
#define OUTPUT_MISP_H

#include "base/map.h"
#include "base/uuid.h"
#include "output/alert.h"
#include "output/json_writer.h"
#include "output/sink.h"

enum { MISP_ATTRIBUTES_MAX = 2 * 1000 * 1000 };

struct misp {
    struct sink *s;
    struct json j;
    struct buf tmp;
    int64_t time_us; /* of attributes */
    uint64_t n_attributes;
    enum tlp tlp; /* of attributes that have no other; TLP_UNKNOWN: the event's */
    /* Values that the event has, so that none stands there twice; NULL arena: not looked at. */
    struct arena *arena;
    struct map values;
    /* Told each value that is written; NULL: nobody wants it. */
    void (*value)(void *ctx, struct str value);
    void *ctx;
    enum err rc; /* sticky */
};

/* arena: NULL, or room for the values of an event. */
void misp_init(struct misp *m, struct sink *s, struct arena *arena);
void misp_done(struct misp *m);

/* Was nothing of the event called so yet? Always true without an arena. */
bool misp_first(struct misp *m, struct str what);
/* Always the same for the same what and name. */
void misp_uuid_of(struct misp *m, const char *what, struct str name,
                  char ret_uuid[UUID_TEXT_BYTES]);
void misp_uuid(struct misp *m, const char *what, struct str name);
/* Numbers are texts. */
void misp_seconds(struct misp *m, const char *key, int64_t time_us);
void misp_tag(struct misp *m, struct str name);
void misp_org(struct misp *m, const char *key);

/* The MISP type and category of an item's kind (docs/reference/extract.md); text for what MISP has
 * no type of. */
struct misp_type {
    const char *kind, *type, *category;
};
const struct misp_type *misp_type_of(struct str kind);

struct misp_event {
    char uuid[UUID_TEXT_BYTES];
    int64_t day_us, time_us;
    struct str info;
    const char *threat_level, *analysis;
    bool published;
};
/* Opens the event and writes all keys that hold no lists; the caller ends it. */
void misp_event(struct misp *m, const struct misp_event *e);

struct misp_attribute {
    char uuid[UUID_TEXT_BYTES];
    const char *type, *category;
    struct str value;
    bool to_ids;
    struct str comment;
    int64_t first_us, last_us; /* TIME_NONE */
    enum tlp tlp;              /* its own; TLP_UNKNOWN */
    const char *relation;      /* of an object's attribute; NULL */
};
/* Opens it, for the caller to add lists and to end it. false, and nothing written, if it has no
 * value or the event has it already. */
bool misp_attribute_open(struct misp *m, const struct misp_attribute *a);
/* The whole of it. */
void misp_attribute(struct misp *m, const struct misp_attribute *a);

/* What of an alert becomes attributes, into an open list of them. */
void misp_alert(struct misp *m, const struct alert *a);

#endif
