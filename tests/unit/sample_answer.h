/* sample_answer.h — a small answer for tests of the writers.
 *
 * What:   three hosts, an episode of two findings, one beside it, one of an own scanner, coverage
 *         with a gap, parts not examined, four verdicts.
 * Input:  sample_hostile replaces every free text of it by the one given.
 * Limits: none.
 * Owner:  everything is static; sample_answer resets it.
 * Spec:   model/answer.h
 */
#ifndef UNIT_SAMPLE_ANSWER_H
#define UNIT_SAMPLE_ANSWER_H

#include "model/answer.h"

static struct named_value sample_fields[4][8];
static struct str sample_technique[2], sample_missing[1], sample_not_tested[1];
static struct finding sample_finding[4];
static const struct finding *sample_ordered[2] = {&sample_finding[0], &sample_finding[1]};
static struct episode sample_episode[1];
static struct span_us sample_span[1];
static struct window_share sample_share[2];
static struct coverage sample_coverage[3];
static struct gap sample_gap[2];
static struct verdict sample_verdict[4];
static struct dossier_hash sample_dossier[1];

static inline int64_t sample_time(const char *text)
{
    int64_t time_us = TIME_NONE;
    (void)time_parse(str_of(text), &time_us);
    return time_us;
}

static inline void sample_id(char *id, char c)
{
    memset(id, c, 64);
    id[64] = 0;
}

static inline void sample_row(size_t i, const char *time, const char *method, const char *stem,
                              const char *status, const char *client)
{
    struct finding *f = &sample_finding[i];
    struct named_value *v = sample_fields[i];
    v[0] = (struct named_value){STR("c-ip"), str_of(client)};
    v[1] = (struct named_value){STR("cs-method"), str_of(method)};
    v[2] = (struct named_value){STR("cs-uri-stem"), str_of(stem)};
    v[3] = (struct named_value){STR("cs-uri-query"), STR_NONE};
    v[4] = (struct named_value){STR("sc-status"), str_of(status)};
    v[5] = (struct named_value){STR("cs(User-Agent)"), STR("Mozilla/5.0+(test)")};
    f->time_us = f->last_us = sample_time(time);
    f->field = v;
    f->n_fields = 6;
    f->count = 1;
    f->line = 1893 + i;
    f->offset = 402118;
    f->host = STR("EX01");
    f->kind = STR("iis");
    f->file = STR("logs/W3SVC1/u_ex210303.log");
    f->dossier = STR("hafnium-exchange-2021");
    f->meaning = STR("A file that never shipped answered a POST with 200.");
    f->next = STR("Copy the file and look who else asked for it.");
    sample_id(f->id, (char)('a' + i));
}

static inline void sample_findings(void)
{
    struct finding *f = sample_finding;
    sample_row(0, "2021-03-03T04:11:09Z", "POST", "/ecp/y.js", "241", "203.0.113.9");
    sample_row(1, "2021-03-03T04:12:30Z", "POST", "/owa/auth/Xq8.aspx", "200", "203.0.113.9");
    sample_row(2, "2021-03-09T10:00:00Z", "GET", "/ecp/x.js", "404", "198.51.100.7");
    sample_row(3, "2021-03-05T09:00:00Z", "GET", "/ecp/x.js", "404", "192.0.2.77");
    sample_technique[0] = STR("T1190");
    sample_technique[1] = STR("T1505.003");
    for (int i = 0; i < 4; i++)
        f[i].technique = (struct str_list){sample_technique, 2};
    f[0].rule = STR("hafnium-ssrf-ecp");
    f[0].title = STR("Forged back-end request through the ECP");
    f[0].grade = GRADE_PROGRESSED;
    f[0].level = LEVEL_HIGH;
    f[0].target_host = STR("EX02");
    f[0].count = 12;
    f[0].pivot = 40;
    f[0].last_us = sample_time("2021-03-03T05:00:00Z");
    f[1].rule = STR("hafnium-shell-post");
    f[1].title = STR("Web shell answered a POST");
    f[1].grade = GRADE_COMPROMISE;
    f[1].level = LEVEL_CRITICAL;
    f[1].evidence = STR("2021-03-03 04:12:30 192.0.2.10 POST /owa/auth/Xq8.aspx "
                        "&CorrelationID=<empty>;&cafeReqId=0b1c; 443 - 203.0.113.9 "
                        "Mozilla/5.0+(test) - 200 0 0 312");
    f[1].mark[0].from = 36;
    f[1].mark[0].to = 54;
    f[1].n_marks = 1;
    sample_id(f[1].sha256, '7');
    f[2].rule = f[3].rule = STR("hafnium-probe");
    f[2].title = f[3].title = STR("Asked for a page that the exploit uses");
    f[2].grade = f[3].grade = GRADE_PROBE;
    f[2].level = f[3].level = LEVEL_LOW;
    f[2].host = STR("EX03.example.org");
    f[3].note = STR("own scanner");
}

static inline void sample_coverages(void)
{
    int64_t first_us = sample_time("2021-02-20T00:00:00Z"),
            last_us = sample_time("2021-03-10T23:59:59Z");
    sample_share[0] = (struct window_share){STR("hafnium-exchange-2021"), 0.9625};
    sample_share[1] = (struct window_share){STR("proxyshell-2021"), 0};
    sample_span[0] =
        (struct span_us){sample_time("2021-03-04T02:00:00Z"), sample_time("2021-03-04T05:00:00Z")};
    sample_not_tested[0] = STR("Forged session: cs(Referer) was not logged");
    sample_coverage[0] = (struct coverage){STR("EX01"),
                                           STR("iis"),
                                           first_us,
                                           last_us,
                                           1234567,
                                           3,
                                           19,
                                           true,
                                           sample_span,
                                           1,
                                           sample_share,
                                           2,
                                           {sample_not_tested, 1}};
    sample_coverage[1] = (struct coverage){STR("EX01"),  STR("httpproxy-powershell"),
                                           first_us,     last_us,
                                           87654321,     0,
                                           19,           false,
                                           NULL,         0,
                                           sample_share, 1,
                                           {NULL, 0}};
    sample_coverage[2] = (struct coverage){STR("EX03.example.org"),
                                           STR("iis"),
                                           TIME_NONE,
                                           TIME_NONE,
                                           0,
                                           12,
                                           1,
                                           false,
                                           NULL,
                                           0,
                                           NULL,
                                           0,
                                           {NULL, 0}};
}

static inline void sample_verdicts(void)
{
    int64_t first_us = sample_time("2021-02-20T00:00:00Z"),
            last_us = sample_time("2021-03-10T23:59:59Z");
    struct verdict *v = sample_verdict;
    for (int i = 0; i < 4; i++)
        v[i] = (struct verdict){.host = STR("EX03.example.org"),
                                .dossier = STR("hafnium-exchange-2021"),
                                .first_us = first_us,
                                .last_us = last_us,
                                .window_share = 0.9625,
                                .fixed_since_us = TIME_NONE,
                                .earliest_us = TIME_NONE};
    sample_missing[0] = STR("httpproxy-ecp");
    v[0].state = VERDICT_NO_SIGN;
    v[0].missing = (struct str_list){sample_missing, 1};
    v[1].host = STR("EX01");
    v[1].state = VERDICT_COMPROMISED;
    v[1].build = STR("15.1.2176.9");
    v[1].fixed_since_us = sample_time("2021-03-08T00:00:00Z");
    v[1].earliest_us = sample_time("2021-03-03T04:11:09Z");
    v[1].because =
        STR("A script that never shipped answered a POST with 200 after a forged request "
            "of the same client 81 seconds before.");
    v[1].next = STR("Image memory and disk before anything is cleaned up.");
    v[1].next_evidence = STR("Security.evtx of EX01: its oldest day rotates away first.");
    v[1].isolate = true;
    v[2].host = STR("EX02");
    v[2].state = VERDICT_NOT_ENOUGH_EVIDENCE;
    v[2].first_us = v[2].last_us = TIME_NONE;
    v[2].window_share = 0;
    v[2].because = STR("It is named in the logs of EX01, but no log of it was supplied.");
    v[3].state = VERDICT_ATTEMPTED;
    v[3].dossier = STR_NONE;
    v[3].because = STR("One probe was refused.");
}

static inline struct answer sample_answer(void)
{
    memset(sample_finding, 0, sizeof sample_finding);
    sample_findings();
    sample_coverages();
    sample_verdicts();
    sample_episode[0] = (struct episode){.host = STR("EX01"),
                                         .dossier = STR("hafnium-exchange-2021"),
                                         .first_us = sample_finding[0].time_us,
                                         .last_us = sample_finding[1].time_us,
                                         .finding = sample_ordered,
                                         .n = 2};
    sample_id(sample_episode[0].id, 'e');
    sample_gap[0] = (struct gap){STR("EX01"), STR("logs/W3SVC1/u_ex210306.log"), 1048576,
                                 STR("worker-died"), STR("signal 11 while this part was read")};
    sample_gap[1] = (struct gap){STR_NONE, STR_NONE, 0, STR("missing-file"),
                                 STR("no file between u_ex210307.log and u_ex210309.log")};
    sample_dossier[0] = (struct dossier_hash){STR("hafnium-exchange-2021"), STR("0123abcd")};
    return (struct answer){
        .finding = sample_finding,
        .n_findings = 4,
        .episode = sample_episode,
        .n_episodes = 1,
        .coverage = sample_coverage,
        .n_coverage = 3,
        .gap = sample_gap,
        .n_gaps = 2,
        .verdict = sample_verdict,
        .n_verdicts = 4,
        .summary = {.verb = "scan",
                    .records = 88888900,
                    .bytes = 22345678901,
                    .findings = 4,
                    .gaps = 2,
                    .elapsed_s = 11.25,
                    .version = "0.1.0",
                    .dossier = sample_dossier,
                    .n_dossiers = 1,
                    .sandbox = STR("landlock 4, seccomp, rlimits")},
    };
}

/* Every text that may come from outside becomes s; b is what stands in lists. */
static inline void sample_hostile(struct answer *a, struct str s)
{
    sample_technique[0] = sample_technique[1] = sample_missing[0] = sample_not_tested[0] = s;
    for (size_t i = 0; i < a->n_findings; i++) {
        struct finding *f = &a->finding[i];
        f->host = f->target_host = f->kind = f->rule = f->title = f->dossier = f->file = s;
        f->evidence = f->meaning = f->next = s;
        f->note = f->note.p ? s : STR_NONE;
        f->mark[0].to = (uint32_t)s.n;
        f->mark[0].from = f->mark[0].to / 2;
        f->n_marks = 1;
        for (size_t k = 0; k < f->n_fields; k++)
            f->field[k].value = s;
        f->field[6] = f->field[7] = (struct named_value){s, s};
        f->n_fields = 8;
    }
    a->episode[0].host = a->episode[0].dossier = s;
    for (size_t i = 0; i < a->n_coverage; i++)
        a->coverage[i].host = a->coverage[i].kind = s;
    sample_share[0].dossier = s;
    for (size_t i = 0; i < a->n_gaps; i++)
        a->gap[i].host = a->gap[i].file = a->gap[i].reason = a->gap[i].detail = s;
    for (size_t i = 0; i < a->n_verdicts; i++) {
        struct verdict *v = &a->verdict[i];
        v->host = v->build = v->because = v->next = v->next_evidence = s;
        v->dossier = v->dossier.p ? s : STR_NONE;
    }
    a->summary.dossier[0].id = a->summary.dossier[0].sha256 = a->summary.sandbox = s;
}

#endif
