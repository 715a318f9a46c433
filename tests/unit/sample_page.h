/* sample_page.h — a small report with something of everything, for tests of pages.
 *
 * What:   the answer of sample_answer.h and the alerts of sample_alert.h worked out: two affairs,
 *         windows, the first hour, exposure over time, chatter, advice, notes, runs.
 * Input:  sample_report_hostile replaces every free text of it by the one given.
 * Limits: none.
 * Owner:  everything is static; sample_report resets it.
 * Spec:   model/report.h
 */
#ifndef UNIT_SAMPLE_PAGE_H
#define UNIT_SAMPLE_PAGE_H

#include "model/report.h"
#include "sample_alert.h"
#include "sample_answer.h"

enum { SAMPLE_WEEKS = 40, SAMPLE_COURSE = 10 };

static struct judgement sample_judgement[5];
static struct span_us sample_covered[2], sample_blind[1];
static struct touched sample_account[2], sample_mailbox[2];
static struct str sample_names[2], sample_source[2];
static struct named_host sample_named[1];
static struct rotating sample_rotating[1];
static struct report_run sample_run[2];
static struct evidence_file sample_evidence_file[2];
static struct public_event sample_public[4];
static struct dossier sample_affair[2];
static struct finding_count sample_count[2];
static struct exposure sample_exposure[2];
static struct exposure_share sample_shares[3], sample_course[SAMPLE_COURSE];
static struct exposure_update sample_update[1];
static struct chatter_week sample_week[SAMPLE_WEEKS];
static struct chatter_course sample_chatter[1];
static struct event sample_event[5];
static struct note sample_note[2];
static struct advice_item sample_advice[3];
static struct actor_rank sample_actor[1];

static inline void sample_judge(size_t i, size_t verdict, enum open_side open)
{
    struct judgement *j = &sample_judgement[i];
    *j = (struct judgement){.verdict = sample_verdict[verdict],
                            .said = sample_verdict[verdict].state,
                            .title = STR("HAFNIUM and ProxyLogon, Microsoft Exchange, 2021"),
                            .open = open,
                            .window = {sample_time("2021-01-03"), TIME_NONE},
                            .window_days = 64,
                            .sentence = sample_verdict[verdict].because,
                            .earliest_us = sample_verdict[verdict].earliest_us,
                            .latest_us = TIME_NONE};
}

static inline void sample_judgements(void)
{
    sample_covered[0] = (struct span_us){sample_time("2021-01-20"), sample_time("2021-02-10")};
    sample_covered[1] = (struct span_us){sample_time("2021-02-16"), sample_time("2021-03-08")};
    sample_blind[0] = (struct span_us){sample_time("2021-02-10"), sample_time("2021-02-16")};
    sample_judge(0, 1, OPEN_FIXED);
    sample_judge(1, 2, OPEN_STILL);
    sample_judge(2, 3, OPEN_UNKNOWN);
    sample_judge(3, 0, OPEN_NEVER);
    sample_judge(4, 0, OPEN_UNKNOWN);
    struct judgement *j = sample_judgement;
    j[0].window.last_us = sample_time("2021-03-08");
    for (int i = 0; i < 4; i++) {
        j[i].covered = sample_covered;
        j[i].n_covered = 2;
        j[i].covered_days = 43;
    }
    j[0].blind = sample_blind;
    j[0].n_blind = 1;
    j[0].before_fix = true;
    j[0].latest_us = sample_time("2021-03-07T22:10:00Z");
    j[0].dwell_days = 5;
    j[0].isolate_why = STR("A script on it answers to strangers, and it can reach the directory.");
    sample_account[0] = (struct touched){STR("EXAMPLE\\jdoe"), 0, 12, TIME_NONE, TIME_NONE};
    sample_account[1] = (struct touched){STR("EXAMPLE\\svc-backup"), 0, 1, TIME_NONE, TIME_NONE};
    sample_mailbox[0] =
        (struct touched){STR("jdoe@example.org"), 48234567, 310, TIME_NONE, TIME_NONE};
    sample_mailbox[1] = (struct touched){STR("board@example.org"), 912, 2, TIME_NONE, TIME_NONE};
    j[0].account = sample_account;
    j[0].mailbox = sample_mailbox;
    j[0].n_accounts = j[0].n_mailboxes = 2;
    j[2].lowered = true;
    j[2].said = VERDICT_EXPLOITED_UNCONFIRMED;
    j[2].window_days = 0;
    j[4].verdict.ended_before = true;
    j[4].verdict.state = VERDICT_NOT_ENOUGH_EVIDENCE;
    j[4].verdict.dossier = STR("proxyshell-2021");
    j[4].title = STR("ProxyShell and ProxyToken, Microsoft Exchange, 2021");
}

static inline void sample_first_hour(void)
{
    sample_names[0] = STR("EX01");
    sample_names[1] = STR("EX03.example.org");
    sample_named[0] = (struct named_host){STR("EX02"), {sample_names, 2}, 14, GRADE_PROGRESSED};
    sample_rotating[0] = (struct rotating){
        STR("EX01"), STR("httpproxy-ecp"),
        STR("C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging\\HttpProxy\\Ecp"),
        sample_time("2021-02-20"), sample_time("2021-03-22")};
}

static inline void sample_affairs(void)
{
    static const char *const events[][2] = {
        {"2021-01-03", "First attack traffic seen; the window opens"},
        {"2021-02-26", "Mass scanning and dropping of web shells begins"},
        {"2021-03-02", "Disclosure and emergency updates; attributed to HAFNIUM"},
        {"2021-03-08", "40 % of Dutch Exchange servers still vulnerable"}};
    for (size_t i = 0; i < 4; i++)
        sample_public[i] = (struct public_event){sample_time(events[i][0]), str_of(events[i][1]),
                                                 STR("Volexity; Microsoft")};
    sample_source[0] = STR("Microsoft, HAFNIUM targeting Exchange Servers, 2021-03-02");
    sample_source[1] = STR("CISA AA21-062A, https://www.cisa.example/aa21-062a");
    sample_affair[0] = (struct dossier){.id = STR("hafnium-exchange-2021"),
                                        .title = sample_judgement[0].title,
                                        .window_from_us = sample_time("2021-01-03"),
                                        .sources = {sample_source, 2},
                                        .event = sample_public,
                                        .n_events = 4};
    sample_affair[1] = (struct dossier){.id = STR("proxyshell-2021"),
                                        .title = sample_judgement[4].title,
                                        .window_from_us = sample_time("2021-08-05")};
}

static inline void sample_shares_of(struct exposure_share *s, const char *of, bool affair,
                                    uint64_t exposed, uint64_t fixed, int64_t time_us)
{
    *s = (struct exposure_share){.of = str_of(of),
                                 .affair = affair,
                                 .part = "fleet",
                                 .time_us = time_us,
                                 .n = {[EXPOSURE_EXPOSED] = exposed,
                                       [EXPOSURE_MITIGATED] = 2,
                                       [EXPOSURE_FIXED_IF_CONFIGURED] = 1,
                                       [EXPOSURE_UNKNOWN] = 3,
                                       [EXPOSURE_FIXED] = fixed},
                                 .kev_us = affair ? TIME_NONE : sample_time("2021-11-03"),
                                 .ransomware = !affair};
}

static inline void sample_exposures(void)
{
    sample_shares_of(&sample_shares[0], "hafnium-exchange-2021", true, 11, 23, TIME_NONE);
    sample_shares_of(&sample_shares[1], "CVE-2021-26855", false, 9, 25, TIME_NONE);
    sample_shares_of(&sample_shares[2], "CVE-2020-0688", false, 0, 34, TIME_NONE);
    for (size_t i = 0; i < SAMPLE_COURSE; i++)
        sample_shares_of(&sample_course[i], i % 2 ? "CVE-2021-26855" : "hafnium-exchange-2021",
                         i % 2 == 0, 31 - 2 * i - i % 2, 3 + 2 * i,
                         sample_time("2021-03-03") + (int64_t)(i / 2) * 3 * US_PER_DAY);
    for (size_t i = 0; i < 2; i++)
        sample_exposure[i] = (struct exposure){.host = i ? STR("EX03.example.org") : STR("EX02"),
                                               .product = STR("Exchange Server 2016"),
                                               .build = STR("15.1.2176.2"),
                                               .cve = STR("CVE-2021-26855"),
                                               .state = i ? EXPOSURE_MITIGATED : EXPOSURE_EXPOSED,
                                               .fixed_by = STR("Mar21SU"),
                                               .since_us = TIME_NONE,
                                               .source = STR("inventory"),
                                               .because = STR("the build is older than the fix")};
    sample_update[0] = (struct exposure_update){.host = STR("EX02"),
                                                .owner = STR("mail team"),
                                                .product = STR("Exchange Server 2016"),
                                                .build = {{15, 1, 2176, 2}},
                                                .facing = FACING_INTERNET,
                                                .open = 7,
                                                .open_kev = 4,
                                                .first = STR("CU19"),
                                                .then = STR("Mar21SU")};
}

static inline void sample_weeks(void)
{
    for (size_t i = 0; i < SAMPLE_WEEKS; i++)
        sample_week[i] =
            (struct chatter_week){sample_time("2020-05-25") + (int64_t)i * 7 * US_PER_DAY,
                                  i * i % 5 + (i > 30 ? (i - 30) * 3 : 0), i};
    sample_chatter[0] =
        (struct chatter_course){STR("Microsoft Exchange"), sample_week, SAMPLE_WEEKS};
}

static inline void sample_events(void)
{
    static const char *const kinds[] = {"public", "logs-begin", "finding", "fixed", "alert"};
    for (size_t i = 0; i < 5; i++)
        sample_event[i] =
            (struct event){.time_us = sample_time("2021-02-20") + (int64_t)i * 4 * US_PER_DAY,
                           .host = i % 4 ? STR("EX01") : STR_NONE,
                           .kind = str_of(kinds[i]),
                           .message = STR("Web shell answered a POST"),
                           .source = STR("logs/W3SVC1/u_ex210303.log:1894"),
                           .grade = i == 2 ? STR("compromise") : STR_NONE};
}

static inline void sample_advices(void)
{
    static const char *const steps[] = {
        "Take EX01 off the network, Internet and inside, without switching it off.",
        "Copy memory, registry, web logs and Exchange logs to external media, in this order.",
        "Install Mar21SU on the hosts that are still open."};
    for (size_t i = 0; i < 3; i++)
        sample_advice[i] = (struct advice_item){
            .id = STR("hafnium-exchange-2021.compromised.1"),
            .play = i < 2 ? STR("Contain and preserve") : STR("Close the hole"),
            .step = str_of(steps[i]),
            .why = STR("The intruder may still be connected, and memory holds what no file shows."),
            .how = STR("Pull the cable or move the port into an empty VLAN; leave the power on."),
            .source = STR("CISA ED 21-02"),
            .technique = {sample_technique, 2},
            .d3fend = {sample_names, 1},
            .host = {sample_names, i < 2 ? 1 : 2},
            .audience = STR("operations"),
            .due = i ? STR("today") : STR("within the hour"),
            .because = STR("a compromised host is connected"),
            .done = {.time_us = TIME_NONE}};
    sample_advice[1].done = (struct note){.about = STR("x"),
                                          .state = STR("done"),
                                          .who = STR("analyst one"),
                                          .why = STR("image 7 in the safe"),
                                          .time_us = sample_time("2021-03-10T12:00:00Z")};
    sample_actor[0] = (struct actor_rank){
        STR("HAFNIUM"), STR("G0125"),     STR("hafnium-exchange-2021"), STR("MITRE ATT&CK G0125"),
        0.8125,         {sample_names, 2}};
}

static inline void sample_notes(void)
{
    sample_note[0] = (struct note){.about = str_of(sample_finding[2].id),
                                   .state = STR("false-positive"),
                                   .who = STR("analyst one"),
                                   .why = STR("our own monitoring asked"),
                                   .time_us = sample_time("2021-03-10T12:00:00Z")};
    sample_note[1] = sample_note[0];
    sample_note[1].about = STR("EX02");
    sample_note[1].state = STR_NONE;
}

static inline void sample_makings(void)
{
    for (size_t i = 0; i < 2; i++) {
        sample_run[i] = (struct report_run){i + 1,
                                            STR("scan"),
                                            STR("--case affair.case logs/"),
                                            STR("0.1.0"),
                                            sample_time("2021-03-10T08:00:00Z"),
                                            sample_time("2021-03-10T08:00:12Z")};
        sample_evidence_file[i] = (struct evidence_file){STR("logs/W3SVC1/u_ex210303.log"),
                                                         STR("EX01"),
                                                         STR("iis"),
                                                         123456789,
                                                         456789,
                                                         3,
                                                         sample_time("2021-03-03"),
                                                         sample_time("2021-03-04"),
                                                         "",
                                                         i == 1};
        sample_id(sample_evidence_file[i].sha256, '7');
    }
    sample_count[0] = (struct finding_count){STR("EX01"),
                                             STR("hafnium-exchange-2021"),
                                             STR("hafnium-shell-post"),
                                             STR("Web shell answered a POST"),
                                             GRADE_COMPROMISE,
                                             1};
    sample_count[1] = sample_count[0];
    sample_count[1].grade = GRADE_PROBE;
}

#define SAMPLE_LIST(array, count) .array = sample_##array, .count = ARRAY_LEN(sample_##array)

static inline struct report sample_report(void)
{
    struct answer a = sample_answer();
    struct alert *alert = sample_alerts();
    sample_judgements();
    sample_first_hour();
    sample_affairs();
    sample_exposures();
    sample_weeks();
    sample_events();
    sample_advices();
    sample_notes();
    sample_makings();
    return (struct report){.name = STR("affair"),
                           .made_us = sample_time("2021-03-10T13:00:00Z"),
                           .version = "0.1.0",
                           .sharing = {true, true, TLP_AMBER},
                           SAMPLE_LIST(run, n_runs),
                           .evidence = sample_evidence_file,
                           .n_evidence = 2,
                           .dossier_hash = sample_dossier,
                           .n_dossier_hashes = 1,
                           .dossier = sample_affair,
                           .n_dossiers = 2,
                           SAMPLE_LIST(judgement, n_judgements),
                           SAMPLE_LIST(named, n_named),
                           SAMPLE_LIST(rotating, n_rotating),
                           .finding = a.finding,
                           .n_findings = a.n_findings,
                           .all_findings = a.n_findings,
                           SAMPLE_LIST(count, n_counts),
                           .episode = a.episode,
                           .n_episodes = a.n_episodes,
                           .coverage = a.coverage,
                           .n_coverage = a.n_coverage,
                           .gap = a.gap,
                           .n_gaps = a.n_gaps,
                           SAMPLE_LIST(exposure, n_exposures),
                           .share = sample_shares,
                           .n_shares = ARRAY_LEN(sample_shares),
                           SAMPLE_LIST(course, n_course),
                           SAMPLE_LIST(update, n_updates),
                           .alert = alert,
                           .n_alerts = 2,
                           SAMPLE_LIST(chatter, n_chatter),
                           SAMPLE_LIST(event, n_events),
                           .all_events = ARRAY_LEN(sample_event),
                           SAMPLE_LIST(note, n_notes),
                           SAMPLE_LIST(advice, n_advice),
                           SAMPLE_LIST(actor, n_actors)};
}

static inline void sample_hostile_people(struct str s)
{
    for (size_t i = 0; i < ARRAY_LEN(sample_note); i++)
        sample_note[i].about = sample_note[i].state = sample_note[i].who = sample_note[i].why = s;
    for (size_t i = 0; i < ARRAY_LEN(sample_advice); i++) {
        struct advice_item *a = &sample_advice[i];
        a->play = a->step = a->why = a->how = a->source = a->audience = a->due = a->because = s;
        a->done.who = a->done.why = s;
    }
    sample_actor[0].name = sample_actor[0].attack_id = sample_actor[0].source = s;
    for (size_t i = 0; i < 2; i++)
        sample_account[i].name = sample_mailbox[i].name = s;
}

static inline void sample_hostile_judgements(const struct report *r, struct str s)
{
    for (size_t i = 0; i < r->n_judgements; i++) {
        struct judgement *j = &sample_judgement[i];
        j->verdict.host = j->verdict.build = j->verdict.because = j->verdict.next = s;
        j->verdict.next_evidence = j->title = j->sentence = j->isolate_why = s;
        j->verdict.dossier = j->verdict.dossier.p ? s : STR_NONE;
    }
    sample_named[0].host = sample_rotating[0].host = sample_rotating[0].kind = s;
    sample_rotating[0].path = s;
    for (size_t i = 0; i < 2; i++) {
        sample_affair[i].id = sample_affair[i].title = sample_source[i] = s;
        sample_affair[i].window_from_us = sample_time("2021-01-03");
    }
    for (size_t i = 0; i < 4; i++)
        sample_public[i].text = sample_public[i].source = s;
}

static inline void sample_hostile_rest(const struct report *r, struct str s)
{
    for (size_t i = 0; i < r->n_shares; i++)
        sample_shares[i].of = s;
    for (size_t i = 0; i < r->n_course; i++)
        sample_course[i].of = s;
    for (size_t i = 0; i < r->n_exposures; i++) {
        struct exposure *e = &sample_exposure[i];
        e->host = e->product = e->build = e->cve = e->fixed_by = e->source = e->because = s;
    }
    sample_update[0].host = sample_update[0].owner = sample_update[0].product = s;
    sample_update[0].first = sample_update[0].then = sample_update[0].advice = s;
    sample_chatter[0].subject = s;
    for (size_t i = 0; i < r->n_events; i++)
        sample_event[i].host = sample_event[i].kind = sample_event[i].message =
            sample_event[i].source = s;
    for (size_t i = 0; i < r->n_runs; i++)
        sample_run[i].verb = sample_run[i].arguments = sample_run[i].program = s;
    for (size_t i = 0; i < r->n_evidence; i++)
        sample_evidence_file[i].file = sample_evidence_file[i].host = sample_evidence_file[i].kind =
            s;
    for (size_t i = 0; i < r->n_counts; i++)
        sample_count[i].host = sample_count[i].rule = sample_count[i].title =
            sample_count[i].dossier = s;
    sample_names[0] = sample_names[1] = s;
}

/* Every text that may come from outside becomes s. */
static inline void sample_report_hostile(struct report *r, struct str s)
{
    struct answer a = sample_answer();
    sample_hostile(&a, s);
    alert_hostile(&r->alert[0], s);
    sample_hostile_judgements(r, s);
    sample_hostile_people(s);
    sample_hostile_rest(r, s);
    r->name = s;
}

#endif
