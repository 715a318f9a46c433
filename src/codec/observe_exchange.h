/* observe_exchange.h — what PowerShell says of Exchange servers, in whichever layout.
 *
 * What:   one object's properties by name (Get-ExchangeServer, virtual directories, mailboxes,
 *         ExSetup's file version, HealthChecker's analysis), put together to one observation: which
 *         server, which build, how exact. AdminDisplayVersion is what setup wrote into the
 *         directory: never exact to the update, and perhaps stale. The file version of ExSetup is.
 * Input:  hostile names and values.
 * Limits: OBSERVE_TEXT_BYTES a value.
 * Owner:  the caller.
 * Spec:   docs/reference/exposure.md
 */
#ifndef CODEC_OBSERVE_EXCHANGE_H
#define CODEC_OBSERVE_EXCHANGE_H

#include "codec/observe_priv.h"

enum exchange_fact {
    EXCHANGE_FQDN,
    EXCHANGE_SERVER,          /* a property that names the server it belongs to */
    EXCHANGE_COMPUTER,        /* where the command ran: the server of a file, not of a directory's
                                 object */
    EXCHANGE_NAME,            /* the object's own name: a server's, or anything's */
    EXCHANGE_MAILBOX,         /* it is one: its name is a person's */
    EXCHANGE_DIRECTORY,       /* AdminDisplayVersion */
    EXCHANGE_SETUP,           /* the version of ExSetup's file, or a text that holds it */
    EXCHANGE_FILE_VERSION,    /* of the file below */
    EXCHANGE_PRODUCT_VERSION, /* of the same */
    EXCHANGE_FILE,
    EXCHANGE_BUILD_VERSION, /* HealthChecker's, of whatever its object describes */
    EXCHANGE_NO_SETUP,      /* HealthChecker took the directory's version for ExSetup's */
    EXCHANGE_SITE,
    EXCHANGE_TIME,
    EXCHANGE_FACTS,
};

struct exchange_object {
    struct observe_text fact[EXCHANGE_FACTS];
    uint64_t line; /* where it begins */
};

/* Nothing is known of it; line: where it begins. */
void exchange_begin(struct exchange_object *o, uint64_t line);
/* Which fact a property is; false if none. Letter case does not matter. */
bool exchange_fact(struct str property, enum exchange_fact *ret);
/* The first value that is not empty stays. */
void exchange_note(struct exchange_object *o, enum exchange_fact fact, struct str value);
/* No more facts follow: those of a file become those of setup, if it is ExSetup; or if no file is
 * named, and the object stands alone. */
void exchange_settle(struct exchange_object *o, bool alone);

/* Of a settled object: does it tell a build, and of which server? Absent: it does not say. */
bool exchange_tells_build(const struct exchange_object *o);
struct str exchange_host(const struct exchange_object *o);
/* To the sink, if it tells a build. That of a file whose server is not named has no host: its
 * format is hostless. That of the directory may be any server's: a gap. */
MUST_CHECK enum err exchange_give(struct observe_reader *r, const struct exchange_object *o);

/* "example.org/Configuration/Sites/Bern": "Bern". */
struct str exchange_site(struct str text);

#endif
