/* report/facts.h — what a report knows of each host, as conditions of advice ask for it.
 *
 * What:   one subject for each host and affair: those judged, those that only an inventory or the
 *         logs of others name; and the facts of model/fact.h of each.
 * Input:  a report whose texts come from hostile logs and inventories.
 * Limits: FACTS_SUBJECTS.
 * Owner:  everything lives in the arena of the report.
 * Spec:   docs/reference/advice.md "Facts"
 */
#ifndef REPORT_FACTS_H
#define REPORT_FACTS_H

#include "base/arena.h"
#include "model/report.h"
#include "model/when.h"

enum { FACTS_SUBJECTS = 1000 * 1000 };

struct subject_host {
    struct str host, dossier;          /* absent dossier: of none */
    uint32_t number;                   /* of the host */
    const struct judgement *judgement; /* NULL: no logs of it were read */
    enum open_side open;
    bool kev_known, kev, ransomware, rotating, named;
    struct str build; /* of an inventory; absent: none */
    enum facing facing;
    int grade;                 /* of the gravest finding; -1: none */
    struct str_list technique; /* of findings that went further than a refused try */
};

struct facts {
    const struct report *r;
    struct subject_host *v; /* the worst first */
    size_t n, n_hosts;
    struct str_list technique; /* of all of them */
};

MUST_CHECK enum err facts_make(struct facts *f, const struct report *r, struct arena *arena,
                               struct error *error);
/* For struct when_world: ctx is struct facts, host the number of a subject. */
void facts_value(void *ctx, size_t host, enum fact fact, struct fact_value *ret_value);
/* From 0 (unexamined) to 5 (compromised). */
unsigned facts_badness(const struct subject_host *s);

#endif
