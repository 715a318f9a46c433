/* roles.h — who did what in a finding, in words (model/role.h has which field says it).
 *
 * What:   what was asked for, as a URL; a clause about a finding; texts of a known shape.
 * Input:  fields of hostile records.
 * Limits: none of its own.
 * Owner:  borrows from the finding; role_url appends to the caller's buffer.
 * Spec:   docs/reference/output.md "Which fields become which attribute"
 */
#ifndef OUTPUT_ROLES_H
#define OUTPUT_ROLES_H

#include "base/buf.h"
#include "model/role.h"

/* Path and query as they were asked for; false, and nothing appended, if there is no path. */
bool role_url(struct buf *b, const struct finding *f);
/* What was asked for, up to its query. */
struct str finding_path(const struct finding *f);
/* That, or of a finding about a file where the file was, or which file tells of a state. */
struct str finding_place(const struct finding *f);
/* "#" stands for one digit, "*" for one or more at the end. */
bool text_shaped(struct str s, const char *shape);
/* "CVE-2021-26855": as the list of CVEs numbers them. */
bool text_is_cve(struct str s);
/* At most n bytes, not ending in the middle of a character. */
struct str text_head(struct str s, size_t n);
/* One clause for people: "Web shell answered on EX01 from 203.0.113.9: POST /owa/auth/x.aspx". */
void finding_sentence(struct buf *b, const struct finding *f);

#endif
