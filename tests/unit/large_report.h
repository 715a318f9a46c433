/* large_report.h — a report whose every list is longer than a page can hold, of the longest texts.
 *
 * What:   large_report: LARGE of everything, a million findings behind those in the list.
 * Input:  the text that stands everywhere; nothing is freed before the program ends.
 * Limits: LARGE.
 * Owner:  the arena given.
 * Spec:   docs/reference/report.md "html"
 */
#ifndef UNIT_LARGE_REPORT_H
#define UNIT_LARGE_REPORT_H

#include "base/arena.h"
#include "sample_page.h"

enum { LARGE = 3000 };

#define LARGE_LIST(list, count)                                                                    \
    do {                                                                                           \
        void *many_ = arena_array(a, LARGE, sizeof *r.list);                                       \
        for (size_t i_ = 0; i_ < LARGE; i_++)                                                      \
            memcpy((char *)many_ + i_ * sizeof *r.list, &r.list[i_ % r.count], sizeof *r.list);    \
        r.list = many_;                                                                            \
        r.count = LARGE;                                                                           \
    } while (0)

static inline struct str large_name(struct arena *a, size_t i)
{
    struct buf b;
    buf_init(&b, 64);
    buf_printf(&b, "EX%05zu", i);
    struct str kept = arena_str(a, buf_view(&b));
    buf_done(&b);
    return kept;
}

/* Ten years of weeks with threads. */
static inline struct chatter_course large_course(struct arena *a, struct str subject)
{
    enum { WEEKS = 530 };
    struct chatter_week *week = arena_new_n(a, struct chatter_week, WEEKS);
    for (size_t i = 0; i < WEEKS; i++)
        week[i] = (struct chatter_week){(int64_t)i * 7 * US_PER_DAY, 1000 + i % 7, 1000000};
    return (struct chatter_course){subject, week, WEEKS};
}

static inline struct report large_report(struct arena *a, struct str text)
{
    struct report r = sample_report();
    sample_report_hostile(&r, text);
    LARGE_LIST(judgement, n_judgements);
    LARGE_LIST(named, n_named);
    LARGE_LIST(rotating, n_rotating);
    LARGE_LIST(count, n_counts);
    LARGE_LIST(coverage, n_coverage);
    LARGE_LIST(gap, n_gaps);
    LARGE_LIST(exposure, n_exposures);
    LARGE_LIST(share, n_shares);
    LARGE_LIST(update, n_updates);
    LARGE_LIST(alert, n_alerts);
    LARGE_LIST(chatter, n_chatter);
    LARGE_LIST(note, n_notes);
    LARGE_LIST(advice, n_advice);
    LARGE_LIST(actor, n_actors);
    LARGE_LIST(run, n_runs);
    LARGE_LIST(evidence, n_evidence);
    LARGE_LIST(episode, n_episodes);
    LARGE_LIST(event, n_events);
    LARGE_LIST(finding, n_findings);
    r.n_events = REPORT_EVENTS;
    r.n_findings = REPORT_FINDINGS;
    r.all_events = r.all_findings = 1000000;
    for (size_t i = 0; i < LARGE; i++) {
        r.chatter[i] = large_course(a, text);
        r.judgement[i].verdict.host = large_name(a, i);
        r.judgement[i].verdict.state = i % 2 ? VERDICT_COMPROMISED : VERDICT_ATTEMPTED;
        r.judgement[i].verdict.ended_before = false;
    }
    for (size_t i = 0; i < REPORT_FINDINGS; i++) {
        r.finding[i].host = large_name(a, i % 60);
        r.finding[i].time_us += (int64_t)i * US_PER_HOUR;
    }
    return r;
}

#endif
