/* sample_report.h — a small report in which every list has something, for tests of its formats.
 *
 * What:   what sample_answer.h and sample_alert.h hold, and the rest of struct report beside it;
 *         where its texts are, and which of them are of the victim.
 * Input:  sample_report_set replaces texts.
 * Limits: SAMPLE_SLOTS texts.
 * Owner:  everything is static; sample_report resets it.
 * Spec:   model/report.h
 */
#ifndef UNIT_SAMPLE_REPORT_H
#define UNIT_SAMPLE_REPORT_H

#include "model/report.h"
#include "sample_alert.h"
#include "sample_answer.h"

enum { SAMPLE_SLOTS = 400, SAMPLE_ADVICE = 6 };

/* What a text is of: everybody's; the victim's; a host's name, which becomes a number. */
enum whose { WHOSE_PUBLIC, WHOSE_VICTIM, WHOSE_HOST };
static struct slot {
    struct str *s;
    enum whose whose;
} sample_slot[SAMPLE_SLOTS];
static size_t sample_slots;

static struct report sample_told;
static struct str sample_sector[1], sample_product[1];
static struct report_run sample_run[2];
static struct dossier_hash sample_hashes[1];
static struct dossier sample_dossiers[1];
static struct actor sample_actors[1];
static struct str sample_uses[3], sample_by[1], sample_clients[1], sample_accounts[1];
static struct str sample_mailboxes[1], sample_matters[1], sample_d3fend[1], sample_reason[1];
static struct str sample_advice_technique[1], sample_advice_host[2];
static struct judgement sample_judgement[3];
static struct touched sample_account[1], sample_mailbox[1];
static struct span_us sample_covered[1], sample_blind[1];
static struct named_host sample_named[1];
static struct rotating sample_rotating[1];
static struct finding_count sample_count[1];
static struct finding_event sample_made[2];
static struct evidence_file sample_file[1];
static struct exposure sample_exposure[2];
static struct exposure_share sample_part[2], sample_course[1];
static struct exposure_window sample_window[1];
static struct exposure_update sample_update[1];
static struct chatter_week sample_week[2];
static struct chatter_course sample_chatter[1];
static struct event sample_event[5];
static struct note sample_note[2];
static struct advice_item sample_advice[SAMPLE_ADVICE];
static struct actor_rank sample_rank[1];
static char sample_token[SAMPLE_SLOTS][16];

static inline enum err sample_each_finding(const struct report *r,
                                           enum err (*tell)(void *ctx, const struct finding *f),
                                           void *ctx, struct error *error)
{
    (void)error;
    for (size_t i = 0; i < r->n_findings; i++) {
        enum err rc = tell(ctx, &r->finding[i]);
        if (rc)
            return rc;
    }
    return OK;
}

static inline enum err sample_each_event(const struct report *r,
                                         enum err (*tell)(void *ctx, const struct event *e),
                                         void *ctx, struct error *error)
{
    (void)error;
    for (size_t i = 0; i < r->n_events; i++) {
        enum err rc = tell(ctx, &r->event[i]);
        if (rc)
            return rc;
    }
    return OK;
}

static inline void slot(struct str *s, enum whose whose)
{
    if (sample_slots < SAMPLE_SLOTS)
        sample_slot[sample_slots++] = (struct slot){s, whose};
}

static inline void sample_head(struct report *r)
{
    r->name = STR("affair");
    r->made_us = sample_time("2021-03-12T08:00:00Z");
    r->version = "0.1.0";
    r->sharing = (struct sharing){.tlp = TLP_AMBER};
    r->each_finding = sample_each_finding;
    r->each_event = sample_each_event;
    for (size_t i = 0; i < 2; i++)
        sample_run[i] = (struct report_run){.number = i + 1,
                                            .verb = i ? STR("exposure") : STR("scan"),
                                            .arguments = STR("logs"),
                                            .program = STR("0.1.0"),
                                            .started_us = r->made_us - US_PER_DAY,
                                            .ended_us = r->made_us - US_PER_HOUR};
    sample_hashes[0] = (struct dossier_hash){STR("hafnium-exchange-2021"), STR("0123abcd")};
    sample_uses[0] = STR("T1190");
    sample_uses[1] = STR("T1003.001");
    sample_uses[2] = STR("T1589.002");
    sample_actors[0] = (struct actor){.name = STR("HAFNIUM"),
                                      .attack_id = STR("G0125"),
                                      .source = STR("MITRE"),
                                      .techniques = {sample_uses, 3}};
    sample_dossiers[0] = (struct dossier){.id = STR("hafnium-exchange-2021"),
                                          .title = STR("HAFNIUM and ProxyLogon"),
                                          .summary = STR("Four holes."),
                                          .window_from_us = sample_time("2021-01-03"),
                                          .window_until_us = TIME_NONE,
                                          .window_narrow_us = TIME_NONE,
                                          .as_of_us = TIME_NONE,
                                          .actor = sample_actors,
                                          .n_actors = 1};
    sample_id(sample_dossiers[0].sha256, 'd');
    r->run = sample_run;
    r->n_runs = 2;
    r->dossier_hash = sample_hashes;
    r->n_dossier_hashes = 1;
    r->dossier = sample_dossiers;
    r->n_dossiers = 1;
    sample_sector[0] = STR("healthcare");
    sample_product[0] = STR("Exchange Server");
    r->profile = (struct profile){.sectors = {sample_sector, 1},
                                  .country = STR("NL"),
                                  .products = {sample_product, 1},
                                  .contact = STR("cert@contoso.example")};
    slot(&sample_sector[0], WHOSE_VICTIM);
    slot(&sample_product[0], WHOSE_VICTIM);
    slot(&r->profile.country, WHOSE_VICTIM);
    slot(&r->profile.contact, WHOSE_VICTIM);
    slot(&r->name, WHOSE_VICTIM);
    for (size_t i = 0; i < 2; i++)
        slot(&sample_run[i].arguments, WHOSE_VICTIM);
    slot(&sample_actors[0].name, WHOSE_PUBLIC);
    slot(&sample_dossiers[0].title, WHOSE_PUBLIC);
}

static inline void sample_judgements(struct report *r, const struct answer *a)
{
    for (size_t i = 0; i < 3; i++) {
        struct judgement *j = &sample_judgement[i];
        *j = (struct judgement){.verdict = a->verdict[i == 0   ? 1
                                                      : i == 1 ? 0
                                                               : 2],
                                .said = VERDICT_COMPROMISED,
                                .title = STR("HAFNIUM and ProxyLogon"),
                                .open = OPEN_FIXED,
                                .window = {sample_time("2021-01-03"), sample_time("2021-03-08")},
                                .window_days = 64,
                                .covered_days = 60,
                                .earliest_us = sample_time("2021-03-03T04:11:09Z"),
                                .latest_us = TIME_NONE};
        slot(&j->verdict.host, WHOSE_HOST);
        slot(&j->verdict.because, WHOSE_VICTIM);
        slot(&j->verdict.next_evidence, WHOSE_VICTIM);
        slot(&j->verdict.next, WHOSE_PUBLIC);
        slot(&j->verdict.build, WHOSE_PUBLIC);
        slot(&j->title, WHOSE_PUBLIC);
        slot(&j->sentence, WHOSE_VICTIM);
        slot(&j->isolate_why, WHOSE_VICTIM);
    }
    struct judgement *j = &sample_judgement[0];
    sample_covered[0] = (struct span_us){sample_time("2021-01-03"), sample_time("2021-03-04")};
    sample_blind[0] = (struct span_us){sample_time("2021-03-04"), sample_time("2021-03-08")};
    sample_account[0] = (struct touched){STR("CONTOSO\\thief"), 4096, 3, j->earliest_us, TIME_NONE};
    sample_mailbox[0] = (struct touched){STR("board@contoso.example"), 0, 9, TIME_NONE, TIME_NONE};
    j->covered = sample_covered;
    j->blind = sample_blind;
    j->account = sample_account;
    j->mailbox = sample_mailbox;
    j->n_covered = j->n_blind = j->n_accounts = j->n_mailboxes = 1;
    j->sentence = STR("A web shell answered before the update came.");
    j->isolate_why = STR("It is in other hands.");
    j->before_fix = true;
    j->findings[GRADE_COMPROMISE] = 1;
    slot(&sample_account[0].name, WHOSE_VICTIM);
    slot(&sample_mailbox[0].name, WHOSE_VICTIM);
    r->judgement = sample_judgement;
    r->n_judgements = 3;
}

static inline void sample_beside(struct report *r)
{
    sample_by[0] = STR("EX01");
    sample_named[0] = (struct named_host){STR("EX02"), {sample_by, 1}, 12, GRADE_PROGRESSED};
    sample_rotating[0] = (struct rotating){STR("EX01"), STR("iis"), STR("C:\\inetpub\\logs"),
                                           sample_time("2021-02-20"), sample_time("2021-04-20")};
    sample_count[0] = (struct finding_count){STR("EX01"),          STR("hafnium-exchange-2021"),
                                             STR("hafnium-probe"), STR("Asked for a page"),
                                             GRADE_PROBE,          2};
    sample_file[0] = (struct evidence_file){.file = STR("logs/W3SVC1/u_ex210303.log"),
                                            .host = STR("EX01"),
                                            .kind = STR("iis"),
                                            .bytes = 1 << 20,
                                            .records = 5000,
                                            .first_us = sample_time("2021-03-03"),
                                            .last_us = TIME_NONE};
    r->named = sample_named;
    r->rotating = sample_rotating;
    r->count = sample_count;
    r->evidence = sample_file;
    r->n_named = r->n_rotating = r->n_counts = r->n_evidence = 1;
    slot(&sample_named[0].host, WHOSE_HOST);
    slot(&sample_by[0], WHOSE_HOST);
    slot(&sample_rotating[0].host, WHOSE_HOST);
    slot(&sample_rotating[0].path, WHOSE_VICTIM);
    slot(&sample_count[0].host, WHOSE_HOST);
    slot(&sample_count[0].title, WHOSE_PUBLIC);
    slot(&sample_file[0].file, WHOSE_VICTIM);
    slot(&sample_file[0].host, WHOSE_HOST);
}

static inline void sample_answered(struct report *r, struct answer *a)
{
    struct named_value *v = sample_fields[1];
    v[6] = (struct named_value){STR("cs-username"), STR("CONTOSO\\thief")};
    v[7] = (struct named_value){STR("AnchorMailbox"), STR("board@contoso.example")};
    v[3].value = STR("&Email=board@contoso.example");
    sample_finding[1].n_fields = 8;
    sample_finding[1].made = sample_made;
    sample_finding[1].n_made = ARRAY_LEN(sample_made);
    for (size_t i = 0; i < ARRAY_LEN(sample_made); i++) {
        sample_made[i] = (struct finding_event){.time_us = TIME_NONE,
                                                .rule = STR("of-events"),
                                                .host = STR("EX01"),
                                                .file = STR("C:\\logs\\Security.evtx"),
                                                .record = i + 1,
                                                .carved = i == 0};
        slot(&sample_made[i].host, WHOSE_HOST);
        slot(&sample_made[i].file, WHOSE_VICTIM);
    }
    for (size_t i = 0; i < a->n_findings; i++) {
        struct finding *f = &a->finding[i];
        slot(&f->host, WHOSE_HOST);
        if (f->target_host.p)
            slot(&f->target_host, WHOSE_HOST);
        slot(&f->title, WHOSE_PUBLIC);
        slot(&f->meaning, WHOSE_PUBLIC);
        slot(&f->next, WHOSE_PUBLIC);
        slot(&f->file, WHOSE_VICTIM);
        slot(&f->evidence, WHOSE_VICTIM);
        if (f->note.p)
            slot(&f->note, WHOSE_VICTIM);
        slot(&sample_fields[i][3].value, WHOSE_VICTIM);
        slot(&sample_fields[i][5].value, WHOSE_PUBLIC);
    }
    slot(&v[6].value, WHOSE_VICTIM);
    slot(&v[7].value, WHOSE_VICTIM);
    sample_clients[0] = STR("10.0.0.9");
    sample_accounts[0] = STR("CONTOSO\\thief");
    sample_mailboxes[0] = STR("board@contoso.example");
    a->episode[0].clients = (struct str_list){sample_clients, 1};
    a->episode[0].accounts = (struct str_list){sample_accounts, 1};
    a->episode[0].mailboxes = (struct str_list){sample_mailboxes, 1};
    slot(&a->episode[0].host, WHOSE_HOST);
    slot(&sample_clients[0], WHOSE_VICTIM);
    slot(&sample_accounts[0], WHOSE_VICTIM);
    slot(&sample_mailboxes[0], WHOSE_VICTIM);
    for (size_t i = 0; i < a->n_coverage; i++)
        slot(&a->coverage[i].host, WHOSE_HOST);
    for (size_t i = 0; i < a->n_gaps; i++) {
        slot(&a->gap[i].host, WHOSE_HOST);
        slot(&a->gap[i].file, WHOSE_VICTIM);
        slot(&a->gap[i].detail, WHOSE_VICTIM);
    }
    r->finding = a->finding;
    r->n_findings = a->n_findings;
    r->all_findings = 700;
    r->episode = a->episode;
    r->n_episodes = a->n_episodes;
    r->coverage = a->coverage;
    r->n_coverage = a->n_coverage;
    r->gap = a->gap;
    r->n_gaps = a->n_gaps;
}

static inline void sample_exposures(struct report *r)
{
    sample_matters[0] = STR("hafnium-exchange-2021");
    for (size_t i = 0; i < 2; i++) {
        struct exposure *e = &sample_exposure[i];
        *e = (struct exposure){.host = i ? STR("EX02") : STR("EX01"),
                               .site = STR("Bern"),
                               .owner = STR("mail team"),
                               .facing = FACING_INTERNET,
                               .product = STR("Exchange Server 2016"),
                               .build = STR("15.1.2176.2"),
                               .cve = STR("CVE-2021-26855"),
                               .title = STR("ProxyLogon"),
                               .state = i ? EXPOSURE_FIXED : EXPOSURE_EXPOSED,
                               .fixed_by = STR("CU19 Mar21SU"),
                               .fixed_build = STR("15.1.2176.9"),
                               .since_us = sample_time("2021-03-01"),
                               .other_until_us = TIME_NONE,
                               .source = STR("inventory"),
                               .file = STR("fleet.csv"),
                               .line = 7,
                               .seen_us = sample_time("2021-03-02"),
                               .precision = PRECISION_SU,
                               .because = STR("below the fix"),
                               .kev_us = sample_time("2021-11-03"),
                               .due_us = TIME_NONE,
                               .cvss = 9.1,
                               .cvss_version = STR("3.1"),
                               .matters = {sample_matters, 1},
                               .accepted_by = STR("board"),
                               .accepted_why = STR("replaced soon"),
                               .accepted_until_us = TIME_NONE};
        slot(&e->host, WHOSE_HOST);
        slot(&e->site, WHOSE_VICTIM);
        slot(&e->owner, WHOSE_VICTIM);
        slot(&e->title, WHOSE_PUBLIC);
        slot(&e->file, WHOSE_VICTIM);
        slot(&e->because, WHOSE_VICTIM);
        slot(&e->accepted_by, WHOSE_VICTIM);
        slot(&e->accepted_why, WHOSE_VICTIM);
    }
    for (size_t i = 0; i < 2; i++)
        sample_part[i] = (struct exposure_share){.of = STR("CVE-2021-26855"),
                                                 .part = i ? "site" : "fleet",
                                                 .name = i ? STR("Bern") : STR_NONE,
                                                 .n = {1, 0, 0, 0, 1},
                                                 .time_us = sample_time("2021-03-12"),
                                                 .kev_us = TIME_NONE};
    sample_course[0] = sample_part[1];
    sample_window[0] = (struct exposure_window){STR("EX01"),
                                                STR("hafnium-exchange-2021"),
                                                EXPOSURE_EXPOSED,
                                                sample_time("2021-01-03"),
                                                TIME_NONE,
                                                TIME_NONE,
                                                STR("of no known date")};
    sample_update[0] = (struct exposure_update){.host = STR("EX01"),
                                                .site = STR("Bern"),
                                                .owner = STR("mail team"),
                                                .product = STR("Exchange Server 2016"),
                                                .build = {{15, 1, 2176, 2}},
                                                .open = 4,
                                                .first_build = {{-1, -1, -1, -1}},
                                                .first_us = TIME_NONE,
                                                .then = STR("CU19 Mar21SU"),
                                                .then_build = {{15, 1, 2176, 9}},
                                                .then_us = sample_time("2021-03-02")};
    slot(&sample_part[1].name, WHOSE_VICTIM);
    slot(&sample_course[0].name, WHOSE_VICTIM);
    slot(&sample_window[0].host, WHOSE_HOST);
    slot(&sample_window[0].because, WHOSE_VICTIM);
    slot(&sample_update[0].host, WHOSE_HOST);
    slot(&sample_update[0].site, WHOSE_VICTIM);
    slot(&sample_update[0].owner, WHOSE_VICTIM);
    r->exposure = sample_exposure;
    r->share = sample_part;
    r->course = sample_course;
    r->window = sample_window;
    r->update = sample_update;
    r->n_exposures = r->n_shares = 2;
    r->n_course = r->n_windows = r->n_updates = 1;
}

static inline void sample_talk(struct report *r)
{
    struct alert *a = sample_alerts();
    slot(&a[0].title, WHOSE_PUBLIC);
    slot(&a[0].subject, WHOSE_PUBLIC);
    slot(&a[0].why, WHOSE_PUBLIC);
    slot(&a[0].customer, WHOSE_VICTIM);
    slot(&a[0].asset.v[0], WHOSE_VICTIM);
    slot(&a[0].asset.v[1], WHOSE_VICTIM);
    slot(&a[0].post[0].snippet, WHOSE_VICTIM);
    slot(&a[0].post[0].url, WHOSE_PUBLIC);
    slot(&a[0].site[0].site, WHOSE_PUBLIC);
    for (size_t i = 0; i < 2; i++)
        sample_week[i] = (struct chatter_week){
            sample_time("2021-02-22") + (int64_t)i * 7 * US_PER_DAY, i + 1, 9};
    sample_chatter[0] = (struct chatter_course){STR("Microsoft Exchange"), sample_week, 2};
    slot(&sample_chatter[0].subject, WHOSE_PUBLIC);
    r->alert = a;
    r->n_alerts = 2;
    r->chatter = sample_chatter;
    r->n_chatter = 1;
}

/* Of each kind whose texts are another matter: public, the log's, the alert's, the analyst's. */
static inline void sample_events(struct report *r)
{
    static const struct {
        const char *kind, *day, *message, *source;
        enum whose said, from;
    } rows[] = {
        {"public", "2021-03-02", "Microsoft publishes updates", "MSRC", WHOSE_PUBLIC, WHOSE_PUBLIC},
        {"alert", "2021-03-02", "Rising; concerns ex01", "forum.example", WHOSE_VICTIM,
         WHOSE_PUBLIC},
        {"finding", "2021-03-03T04:12:30Z", "Web shell answered", "u_ex210303.log:1894",
         WHOSE_PUBLIC, WHOSE_VICTIM},
        {"fixed", "2021-03-08", "no longer open (log of EX01)", "exposure", WHOSE_VICTIM,
         WHOSE_VICTIM},
        {"note", "2021-03-09", "own-scanner: we ran it", "A. Analyst", WHOSE_VICTIM, WHOSE_VICTIM},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool of_host = rows[i].from == WHOSE_VICTIM;
        sample_event[i] = (struct event){.time_us = sample_time(rows[i].day),
                                         .host = of_host ? STR("EX01") : STR_NONE,
                                         .kind = str_of(rows[i].kind),
                                         .message = str_of(rows[i].message),
                                         .source = str_of(rows[i].source),
                                         .dossier = STR("hafnium-exchange-2021")};
        if (of_host)
            slot(&sample_event[i].host, WHOSE_HOST);
        slot(&sample_event[i].message, rows[i].said);
        slot(&sample_event[i].source, rows[i].from);
    }
    sample_event[1].ref = str_of(r->alert[0].id);
    sample_event[2].grade = STR("compromise");
    sample_event[4].ref = STR("EX01");
    slot(&sample_event[4].ref, WHOSE_VICTIM);
    r->event = sample_event;
    r->n_events = r->all_events = ARRAY_LEN(rows);
}

static inline void sample_noted(struct report *r)
{
    for (size_t i = 0; i < 2; i++) {
        sample_note[i] = (struct note){.about = i ? STR("EX01") : STR("somebody's laptop"),
                                       .state = i ? STR_NONE : STR("own-scanner"),
                                       .who = STR("A. Analyst"),
                                       .why = STR("we ran it"),
                                       .time_us = r->made_us};
        slot(&sample_note[i].about, WHOSE_VICTIM);
        slot(&sample_note[i].who, WHOSE_VICTIM);
        slot(&sample_note[i].why, WHOSE_VICTIM);
    }
    r->note = sample_note;
    r->n_notes = 2;
}

/* Three are due at once, for two audiences in turn; then two, and one without a date. */
static inline void sample_advised(struct report *r)
{
    static const char *const ids[SAMPLE_ADVICE] = {
        "P-02.isolate", "hafnium-exchange-2021.shells.look",
        "P-02.image",   "P-06.backups",
        "P-06.drill",   "P-06.drill"};
    sample_advice_host[0] = STR("EX01");
    sample_advice_host[1] = STR("EX02");
    sample_advice_technique[0] = STR("T1505.003");
    sample_d3fend[0] = STR("D3-ITF");
    slot(&sample_advice_host[0], WHOSE_HOST);
    slot(&sample_advice_host[1], WHOSE_HOST);
    for (size_t i = 0; i < SAMPLE_ADVICE; i++) {
        struct advice_item *a = &sample_advice[i];
        bool later = i >= 3;
        *a = (struct advice_item){.id = str_of(ids[i]),
                                  .play = later ? STR("Ransomware readiness") : STR_NONE,
                                  .step = STR("Copy the logs"),
                                  .why = STR("They rotate"),
                                  .how = i ? STR_NONE : STR("Mount a disk.\n  robocopy /MIR\n"),
                                  .source = i % 2 ? STR("https://www.cisa.gov/ed-21-02")
                                                  : STR("CISA ED 21-02"),
                                  .technique = {sample_advice_technique, !later},
                                  .d3fend = {sample_d3fend, i == 0},
                                  .host = {sample_advice_host, later ? 0 : 2},
                                  .dossier = i == 1 ? STR("hafnium-exchange-2021") : STR_NONE,
                                  .audience = i == 1  ? STR("analysts")
                                              : i < 5 ? STR("administrators")
                                                      : STR_NONE,
                                  .phase = i == 0  ? "isolate"
                                           : later ? "prepare"
                                                   : "look",
                                  .due = i == 5  ? STR_NONE
                                         : later ? STR("7d")
                                                 : STR("4h"),
                                  .because = STR("EX01 is compromised"),
                                  .done = {.time_us = i == 2 ? r->made_us : TIME_NONE}};
        slot(&a->step, WHOSE_PUBLIC);
        slot(&a->why, WHOSE_PUBLIC);
        slot(&a->source, WHOSE_PUBLIC);
        slot(&a->because, WHOSE_VICTIM);
        if (i == 2) {
            slot(&a->done.who, WHOSE_VICTIM);
            slot(&a->done.why, WHOSE_VICTIM);
        }
    }
    sample_reason[0] = STR("product: Exchange Server 2016 seen on EX01");
    sample_rank[0] =
        (struct actor_rank){STR("HAFNIUM"),   STR("G0125"), STR("hafnium-exchange-2021"),
                            STR("Microsoft"), 0.75,         {sample_reason, 1}};
    slot(&sample_reason[0], WHOSE_VICTIM);
    slot(&sample_rank[0].name, WHOSE_PUBLIC);
    r->advice = sample_advice;
    r->n_advice = SAMPLE_ADVICE;
    r->actor = sample_rank;
    r->n_actors = 1;
}

/* The same again and again. */
static inline struct report *sample_report(void)
{
    struct answer a = sample_answer();
    struct report *r = &sample_told;
    *r = (struct report){0};
    sample_slots = 0;
    sample_head(r);
    sample_judgements(r, &a);
    sample_beside(r);
    sample_answered(r, &a);
    sample_exposures(r);
    sample_talk(r);
    sample_events(r);
    sample_noted(r);
    sample_advised(r);
    return r;
}

/* All texts become s, those of lists of ids and techniques as well. */
static inline void sample_report_hostile(struct str s)
{
    for (size_t i = 0; i < sample_slots; i++)
        *sample_slot[i].s = s;
    sample_technique[1] = sample_uses[2] = sample_advice_technique[0] = sample_d3fend[0] = s;
    sample_advice[1].id = sample_advice[1].dossier = sample_advice[3].audience = s;
    sample_matters[0] = sample_not_tested[0] = sample_count[0].rule = s;
    sample_note[0].state = sample_hashes[0].id = sample_finding[0].rule = sample_made[0].rule = s;
}

/* Each text becomes one that stands nowhere else: sample_token[i] of sample_slot[i]. */
static inline void sample_report_plant(void)
{
    for (size_t i = 0; i < sample_slots; i++) {
        (void)snprintf(sample_token[i], sizeof sample_token[i], "zq%03zuqz", i);
        *sample_slot[i].s = str_of(sample_token[i]);
    }
}

static inline enum err sample_no_finding(const struct report *r,
                                         enum err (*tell)(void *ctx, const struct finding *f),
                                         void *ctx, struct error *error)
{
    (void)r, (void)tell, (void)ctx, (void)error;
    return OK;
}

/* A case in which nothing is. */
static inline struct report sample_report_empty(void)
{
    return (struct report){.name = STR("empty"),
                           .made_us = TIME_NONE,
                           .version = "0.1.0",
                           .sharing = {.tlp = TLP_CLEAR},
                           .each_finding = sample_no_finding,
                           .each_event = sample_each_event};
}

#endif
