/* model/role.h — who did what in a finding, whatever its log calls the field.
 *
 * What:   client, status, user agent and so on, looked up in a finding's fields by the names that
 *         the known logs use.
 * Input:  fields of hostile records.
 * Limits: none of its own.
 * Owner:  borrows from the finding.
 * Spec:   docs/reference/output.md "Which fields become which attribute"
 */
#ifndef MODEL_ROLE_H
#define MODEL_ROLE_H

#include "model/answer.h"

enum role {
    ROLE_CLIENT, /* the first of a forwarded chain, where one is logged */
    ROLE_PEER,   /* who the server talked to: the client, or a balancer */
    ROLE_METHOD,
    ROLE_PATH,
    ROLE_QUERY,
    ROLE_STATUS,
    ROLE_AGENT,
    ROLE_USER,
    ROLE_REFERRER,
    ROLE_ACCOUNT, /* in whose name; sessions are none */
    ROLE_MAILBOX,
    ROLE_COUNT,
};

/* The first of the role's fields that has a value; absent (p == NULL) if there is none. */
struct str role_of(const struct finding *f, enum role role);
/* An IPv4 or IPv6 address and nothing else: what an index with a type for it accepts. */
bool role_is_address(struct str s);
/* What it asked for was done, as far as the log tells. */
bool role_succeeded(const struct finding *f);
/* How it ended is logged; what asked for no path has no end. */
bool role_answered(const struct finding *f);
/* Whose mailbox, as a name; absent where the field names a server or a path. */
struct str role_mailbox(const struct finding *f);
/* Of the response; 0: not logged. */
uint64_t role_bytes(const struct finding *f);

#endif
