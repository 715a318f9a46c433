/* finding_parts.h — findings told to the judgement one by one: what it says of groups of them is to
 * be the same.
 *
 * What:   a finding as a part of its own.
 * Input:  of the test.
 * Limits: none.
 * Owner:  borrows from the finding.
 * Spec:   src/report/parts.h
 */
#ifndef FINDING_PARTS_H
#define FINDING_PARTS_H

#include "model/role.h"
#include "report/parts.h"

static inline struct case_group group_of_finding(const struct finding *f, uint64_t item)
{
    bool sign = f->grade >= GRADE_PROGRESSED;
    return (struct case_group){.host = f->host,
                               .dossier = f->dossier,
                               .rule = f->rule,
                               .title = f->title,
                               .target_host = f->target_host,
                               .account = sign ? role_of(f, ROLE_ACCOUNT) : STR_NONE,
                               .mailbox = sign ? role_mailbox(f) : STR_NONE,
                               .grade = f->grade,
                               .aside = finding_aside(f),
                               .answered = role_answered(f),
                               .succeeded = role_succeeded(f),
                               .n = 1,
                               .timed = f->time_us != TIME_NONE,
                               .records = f->count ? f->count : 1,
                               .bytes = role_bytes(f),
                               .first_us = f->time_us,
                               .last_us = f->last_us > f->time_us ? f->last_us : f->time_us,
                               .item = item};
}

static inline enum err tell_finding_part(const struct parts_ask *ask, const struct finding *f,
                                         uint64_t item)
{
    const struct case_group group = group_of_finding(f, item);
    const uint32_t *at = map_get(ask->noted, str_of(f->id));
    const struct finding_part part = {
        .of = group, .kind = ask->kind(ask->ctx, &group), .note = at ? &ask->note[*at] : NULL};
    return ask->tell(ask->ctx, &part);
}

#endif
