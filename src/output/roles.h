/* roles.h — who did what in a finding, whatever its log calls the field.
 *
 * What:   client, status, user agent and so on, looked up in a finding's fields by the names that
 *         the known logs use.
 * Input:  fields of hostile records.
 * Limits: none of its own.
 * Owner:  borrows from the finding; role_url appends to the caller's buffer.
 * Spec:   docs/reference/output.md "Which fields become which attribute"
 */
#ifndef OUTPUT_ROLES_H
#define OUTPUT_ROLES_H

#include "base/buf.h"
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
/* Path and query as they were asked for; false, and nothing appended, if there is no path. */
bool role_url(struct buf *b, const struct finding *f);
/* What was asked for, up to its query. */
struct str finding_path(const struct finding *f);
/* An IPv4 or IPv6 address and nothing else: what an index with a type for it accepts. */
bool role_is_address(struct str s);
/* "#" stands for one digit, "*" for one or more at the end. */
bool text_shaped(struct str s, const char *shape);
/* "CVE-2021-26855": as the list of CVEs numbers them. */
bool text_is_cve(struct str s);
/* At most n bytes, not ending in the middle of a character. */
struct str text_head(struct str s, size_t n);
/* One clause for people: "Web shell answered on EX01 from 203.0.113.9: POST /owa/auth/x.aspx". */
void finding_sentence(struct buf *b, const struct finding *f);

#endif
