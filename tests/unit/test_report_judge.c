#include "base/time.h"
#include "finding_parts.h"
#include "report/judge.h"
#include "unit.h"

#include <stdio.h>

/* One host and one affair, put together by hand: what is said of it, and that its numbers are those
 * of the judgement. */

enum { FINDINGS = 16, COVERAGE = 4 };

static struct str deciding[] = {{"iis", 3}, {"httpproxy-ecp", 13}}, missing[] = {{"iis", 3}};

struct world {
    struct arena arena;
    struct report r;
    struct judgement j[2];
    struct dossier dossier;
    struct coverage coverage[COVERAGE];
    struct span_us gap;
    struct exposure_window window;
    struct finding finding[FINDINGS];
    size_t n;
    struct note note[4];
    struct named_value field[4];
};
static struct world w;

static int64_t day(const char *text)
{
    int64_t us;
    assert_true(time_parse(str_of(text), &us));
    return us;
}

static enum err each(void *ctx, const struct parts_ask *ask, struct error *error)
{
    (void)ctx, (void)error;
    for (size_t i = 0; i < w.n; i++)
        TRY(tell_finding_part(ask, &w.finding[i], i));
    return OK;
}

/* EX03, open to the affair from 3 January on; both deciding logs from `first` to `last`. */
static void begin(enum verdict_state said, const char *first, const char *last)
{
    w = (struct world){0};
    arena_init(&w.arena, 64 * 1024 * 1024);
    w.dossier = (struct dossier){.id = STR("affair"),
                                 .title = STR("An affair"),
                                 .window_from_us = day("2021-01-03"),
                                 .window_until_us = TIME_NONE,
                                 .window_narrow_us = day("2021-02-26"),
                                 .deciding = {deciding, 2}};
    w.j[0].verdict = (struct verdict){.host = STR("EX03"),
                                      .dossier = STR("affair"),
                                      .state = said,
                                      .first_us = TIME_NONE,
                                      .last_us = TIME_NONE,
                                      .fixed_since_us = TIME_NONE,
                                      .earliest_us = TIME_NONE,
                                      .window_share = 1};
    w.r = (struct report){.made_us = day("2021-04-01"),
                          .dossier = &w.dossier,
                          .n_dossiers = 1,
                          .judgement = w.j,
                          .n_judgements = 1,
                          .coverage = w.coverage,
                          .window = &w.window,
                          .note = w.note};
    for (size_t i = 0; first && i < 2; i++)
        w.coverage[w.r.n_coverage++] = (struct coverage){
            .host = STR("EX03"), .kind = deciding[i], .first_us = day(first), .last_us = day(last)};
}

static void told(enum exposure_state state, const char *until, const char *open)
{
    w.window = (struct exposure_window){.host = STR("ex03.example.net"),
                                        .matter = STR("affair"),
                                        .state = state,
                                        .from_us = day("2021-01-03"),
                                        .until_us = until ? day(until) : TIME_NONE,
                                        .open_us = open ? day(open) : TIME_NONE};
    w.r.n_windows = 1;
}

static struct finding *found(enum grade grade, const char *time, const char *status)
{
    struct finding *f = &w.finding[w.n];
    *f = (struct finding){.host = STR("EX03"),
                          .dossier = STR("affair"),
                          .kind = STR("iis"),
                          .title = STR("A title"),
                          .grade = grade,
                          .time_us = day(time),
                          .last_us = day(time),
                          .count = 1,
                          .field = w.field,
                          .n_fields = 2};
    (void)snprintf(f->id, sizeof f->id, "%064zx", ++w.n);
    w.field[0] = (struct named_value){STR("sc-status"), str_of(status)};
    w.field[1] = (struct named_value){STR("cs-uri-stem"), STR("/ecp/y.js")};
    return f;
}

static void noted(size_t finding, const char *state)
{
    w.note[w.r.n_notes++] = (struct note){.about = str_of(w.finding[finding].id),
                                          .state = str_of(state),
                                          .who = STR("jd"),
                                          .why = STR("our own test."),
                                          .time_us = day("2021-05-03")};
}

static void judged(void)
{
    struct error error = {0};
    const struct parts parts = {.each = each};
    assert_int_equal(report_judge(&w.r, &parts, &w.arena, &error), OK);
}

static void says(enum verdict_state state, const char *sentence)
{
    judged();
    assert_str(w.j[0].sentence, sentence);
    assert_int_equal(w.j[0].verdict.state, state);
    arena_done(&w.arena);
}

/* ---- window and coverage ---- */

static void logs_that_cover_a_part(void **state)
{
    (void)state;
    begin(VERDICT_NOT_ENOUGH_EVIDENCE, "2021-02-21", "2021-03-09");
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    w.j[0].verdict.window_share = 0.1552;
    told(EXPOSURE_FIXED, "2021-03-02", "2021-03-01T20:00:00Z");
    says(
        VERDICT_NOT_ENOUGH_EVIDENCE,
        "EX03: not enough evidence: nothing found, but the logs cover 9 of the 58 days in which it "
        "was open (3 January to 1 March 2021); the days before 21 February 2021 cannot be judged; "
        "the iis, httpproxy-ecp logs of 3 January to 20 February 2021 would change that most.");
    assert_int_equal(w.j[0].window_days, 58);
    assert_int_equal(w.j[0].covered_days, 9);
    assert_int_equal(w.j[0].open, OPEN_FIXED);
}

static void all_was_read(void **state)
{
    (void)state;
    begin(VERDICT_NO_SIGN, "2021-01-01", "2021-03-09");
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    says(VERDICT_NO_SIGN,
         "EX03: no sign in logs: nothing found; the logs cover 58 of the 58 days in "
         "which it may have been open (3 January to 1 March 2021).");
    begin(VERDICT_ATTEMPTED, "2021-01-01", "2021-03-09");
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    found(GRADE_ATTEMPT, "2021-02-28T10:00:00Z", "400");
    found(GRADE_PROBE, "2021-02-28T10:00:00Z", "302");
    says(VERDICT_ATTEMPTED,
         "EX03: attempted: 1 try, none went further; the logs cover 58 of the 58 days in which it "
         "may have been open (3 January to 1 March 2021); 1 probe met it.");
}

static void never_open(void **state)
{
    (void)state;
    begin(VERDICT_NO_SIGN, "2021-01-01", "2021-03-09");
    told(EXPOSURE_FIXED, "2020-12-20", NULL);
    says(VERDICT_NO_SIGN, "EX03: no sign in logs: nothing found; never open: fixed by 3 January "
                          "2021, when the first known use began.");
    assert_int_equal(w.j[0].open, OPEN_NEVER);
    assert_int_equal(w.j[0].window_days, 0);
}

/* What is set aside is not all that there was. */
static void the_rest_was_purged(void **state)
{
    (void)state;
    for (int purged = 0; purged < 2; purged++) {
        begin(VERDICT_COMPROMISED, "2021-01-01", "2021-03-09");
        w.j[0].verdict.fixed_since_us = day("2021-03-02");
        w.j[0].purged = purged;
        found(GRADE_COMPROMISE, "2021-02-28T10:00:00Z", "200");
        noted(0, "false-positive");
        judged();
        assert_int_equal(w.j[0].verdict.state,
                         purged ? VERDICT_NOT_ENOUGH_EVIDENCE : VERDICT_NO_SIGN);
        arena_done(&w.arena);
    }
}

/* EX03 may be either of two: what is known of one of them says nothing of it. */
static void two_hosts_of_one_label(void **state)
{
    (void)state;
    begin(VERDICT_NOT_ENOUGH_EVIDENCE, "2021-02-21", "2021-03-09");
    w.j[0].verdict.window_share = 0.1552;
    told(EXPOSURE_FIXED, "2020-12-01", NULL);
    for (size_t i = 0; i < 2; i++) {
        w.coverage[2 + i] = w.coverage[i];
        w.coverage[2 + i].host = STR("ex03.other.example");
        w.coverage[2 + i].first_us = day("2021-01-01");
    }
    w.r.n_coverage = 4;
    judged();
    assert_int_equal(w.j[0].open, OPEN_UNKNOWN);
    assert_int_equal(w.j[0].verdict.state, VERDICT_NOT_ENOUGH_EVIDENCE);
    arena_done(&w.arena);
}

/* One host in two spellings is one judgement: the worse one. */
static void two_spellings(void **state)
{
    (void)state;
    static const struct str others[] = {{"ex03", 4}, {"EX03.example.net", 16}};
    for (size_t i = 0; i < 4; i++) {
        begin(VERDICT_COMPROMISED, "2021-01-01", "2021-03-09");
        found(GRADE_COMPROMISE, "2021-02-28T10:00:00Z", "200");
        w.j[1] = w.j[0];
        w.j[i / 2].verdict.host = others[i % 2];
        w.j[i / 2].verdict.state = VERDICT_NO_SIGN;
        for (size_t k = 0; k < 2; k++)
            w.j[k].said = w.j[k].verdict.state;
        w.r.n_judgements = 2;
        judged();
        assert_int_equal(w.r.n_judgements, 1);
        assert_str(w.j[0].verdict.host, "EX03");
        assert_int_equal(w.j[0].verdict.state, VERDICT_COMPROMISED);
        assert_int_equal(w.j[0].findings[GRADE_COMPROMISE], 1);
        arena_done(&w.arena);
    }
}

/* Of a host that exposure knows under two names, what is worse counts. */
static void two_windows(void **state)
{
    (void)state;
    begin(VERDICT_NO_SIGN, "2021-02-21", "2021-03-09");
    told(EXPOSURE_FIXED, "2020-12-01", NULL);
    struct exposure_window both[2] = {w.window, w.window};
    both[1].host = STR("EX03");
    both[1].state = EXPOSURE_EXPOSED;
    both[1].until_us = TIME_NONE;
    w.r.window = both;
    w.r.n_windows = 2;
    judged();
    assert_int_equal(w.j[0].open, OPEN_STILL);
    assert_int_equal(w.j[0].verdict.state, VERDICT_NOT_ENOUGH_EVIDENCE);
    arena_done(&w.arena);
}

static void open_still(void **state)
{
    (void)state;
    begin(VERDICT_NOT_ENOUGH_EVIDENCE, "2021-01-01", "2021-02-01");
    w.j[0].verdict.window_share = 0.3457;
    told(EXPOSURE_EXPOSED, NULL, "2021-02-01");
    says(VERDICT_NOT_ENOUGH_EVIDENCE,
         "EX03: not enough evidence: nothing found, but the logs cover 29 of the 84 days in which "
         "it "
         "was open (3 January to 27 March 2021); it is open still; the time from 1 February to 27 "
         "March 2021 cannot be judged; the iis, httpproxy-ecp logs of 1 February to 27 March 2021 "
         "would change that most.");
    begin(VERDICT_NO_SIGN, "2021-01-01", "2021-04-01");
    told(EXPOSURE_MITIGATED, NULL, "2021-02-01");
    says(VERDICT_NO_SIGN,
         "EX03: no sign in logs: nothing found; the logs cover 89 of the 89 days in which it was "
         "open (3 January to 1 April 2021); a mitigation stands before the hole, the update is "
         "missing.");
    assert_int_equal(w.j[0].open, OPEN_MITIGATED);
}

static void an_update_that_needs_a_setting(void **state)
{
    (void)state;
    begin(VERDICT_NO_SIGN, "2021-01-01", "2021-03-09");
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    told(EXPOSURE_FIXED_IF_CONFIGURED, "2021-02-01", NULL);
    says(VERDICT_NO_SIGN,
         "EX03: no sign in logs: nothing found; the logs cover 58 of the 58 days in "
         "which it may have been open (3 January to 1 March 2021); whether the "
         "setting is on that the update needs is not known.");
    assert_int_equal(w.j[0].open, OPEN_UNKNOWN);
}

static void no_logs(void **state)
{
    (void)state;
    begin(VERDICT_NOT_ENOUGH_EVIDENCE, NULL, NULL);
    w.j[0].verdict.missing = (struct str_list){deciding, 2};
    w.j[0].verdict.next_evidence = STR("the logs of EX03 (iis)");
    struct finding *f = found(GRADE_PROGRESSED, "2021-02-28T10:00:00Z", "200");
    f->host = STR("EX01");
    f->target_host = STR("EX03");
    judged();
    assert_str(w.j[0].sentence,
               "EX03: not enough evidence: no logs of it were supplied; 1 finding in the logs of "
               "others aims at it; what would change that most: the logs of EX03 (iis).");
    assert_int_equal(w.r.n_named, 1);
    assert_str(w.r.named[0].host, "EX03");
    assert_str(w.r.named[0].by.v[0], "EX01");
    assert_int_equal(w.r.named[0].worst, GRADE_PROGRESSED);
    assert_int_equal(w.r.n_rotating, 2); /* what to copy: of httpproxy the older rows are going */
    assert_str(w.r.rotating[0].kind, "httpproxy*");
    assert_int_equal(w.r.rotating[0].gone_us, day("2021-02-02"));
    arena_done(&w.arena);
}

static void a_kind_is_missing(void **state)
{
    (void)state;
    begin(VERDICT_NOT_ENOUGH_EVIDENCE, "2021-01-01", "2021-03-09");
    w.coverage[0].kind = STR("owa");
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    w.j[0].verdict.window_share = 0;
    w.j[0].verdict.missing = (struct str_list){missing, 1};
    says(
        VERDICT_NOT_ENOUGH_EVIDENCE,
        "EX03: not enough evidence: nothing found, but the logs cover none of the 58 days in which "
        "it may have been open (3 January to 1 March 2021); not supplied: iis; the iis logs of 3 "
        "January to 1 March 2021 would change that most.");
}

static void before_and_after_the_window(void **state)
{
    (void)state;
    begin(VERDICT_NOT_ENOUGH_EVIDENCE, "2020-11-01", "2020-12-20");
    w.j[0].verdict.window_share = 0;
    says(VERDICT_NOT_ENOUGH_EVIDENCE,
         "EX03: not enough evidence: nothing found, but the logs end on 20 December 2020, before "
         "this affair began on 3 January 2021: they say nothing about it.");
    begin(VERDICT_NOT_ENOUGH_EVIDENCE, "2021-08-01", "2021-08-28");
    w.j[0].verdict.window_share = 0;
    w.j[0].verdict.fixed_since_us = day("2021-08-01");
    says(VERDICT_NOT_ENOUGH_EVIDENCE,
         "EX03: not enough evidence: nothing found, but the logs cover none of the 210 days in "
         "which "
         "it may have been open (3 January to 31 July 2021); the logs begin when it was fixed "
         "already; the iis, httpproxy-ecp logs of 3 January to 31 July 2021 would change that "
         "most.");
}

static void a_hole_inside(void **state)
{
    (void)state;
    begin(VERDICT_NO_SIGN, "2021-01-01", "2021-03-09");
    w.gap = (struct span_us){day("2021-02-27T10:00:00Z"), day("2021-02-27T20:00:00Z")};
    w.coverage[1].gap = &w.gap;
    w.coverage[1].n_gaps = 1;
    w.j[0].verdict.window_share = 0.9928;
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    says(VERDICT_NO_SIGN,
         "EX03: no sign in logs: nothing found; the logs cover 57 of the 58 days in which it may "
         "have been open (3 January to 1 March 2021); the time from 2021-02-27 10:00 to 2021-02-27 "
         "20:00 cannot be judged; the httpproxy-ecp logs of 27 February 2021 would change that "
         "most.");
    assert_int_equal(w.j[0].n_blind, 1);
    assert_int_equal(w.j[0].n_covered, 2);
}

/* ---- what exposure knows that scan did not ---- */

static void exposure_moves_the_window(void **state)
{
    (void)state;
    /* shorter: the logs began on a fixed build, an inventory knows the day */
    begin(VERDICT_NOT_ENOUGH_EVIDENCE, "2021-01-10", "2021-08-28");
    w.coverage[0].first_us = w.coverage[1].first_us = day("2021-01-04");
    w.j[0].verdict.window_share = 0.1;
    told(EXPOSURE_FIXED, "2021-01-20", "2021-01-19");
    says(
        VERDICT_NO_SIGN,
        "EX03: no sign in logs: nothing found; the logs cover 16 of the 17 days in which it was "
        "open (3 January to 19 January 2021); the days before 4 January 2021 cannot be judged; the "
        "iis, httpproxy-ecp logs of 3 January 2021 would change that most; the logs alone say: not "
        "enough evidence, but the day of the fix is known from elsewhere.");
    assert_int_equal(w.j[0].said, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_false(w.j[0].lowered);
    /* longer: seen without the fix later than scan thought that it was in */
    begin(VERDICT_NO_SIGN, "2021-01-01", "2021-03-09");
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    told(EXPOSURE_FIXED, "2021-05-01", "2021-04-30");
    judged();
    assert_int_equal(w.j[0].verdict.state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_int_equal(w.j[0].said, VERDICT_NO_SIGN);
    assert_int_equal(w.j[0].window_days, 118);
    arena_done(&w.arena);
    /* a finding is never hidden by it */
    begin(VERDICT_COMPROMISED, "2021-01-01", "2021-03-09");
    told(EXPOSURE_FIXED, "2020-05-01", NULL);
    found(GRADE_COMPROMISE, "2021-02-28T10:00:00Z", "200");
    judged();
    assert_int_equal(w.j[0].verdict.state, VERDICT_COMPROMISED);
    assert_false(w.j[0].before_fix);
    arena_done(&w.arena);
    /* a try whose end the logs do not show stays open */
    begin(VERDICT_NOT_ENOUGH_EVIDENCE, "2021-01-04", "2021-08-28");
    w.j[0].verdict.window_share = 0.1;
    told(EXPOSURE_FIXED, "2021-01-20", "2021-01-19");
    found(GRADE_ATTEMPT, "2021-01-10T10:00:00Z", "");
    judged();
    assert_int_equal(w.j[0].verdict.state, VERDICT_NOT_ENOUGH_EVIDENCE);
    arena_done(&w.arena);
}

/* ---- the first hour ---- */

static void a_request_before_the_update(void **state)
{
    (void)state;
    begin(VERDICT_COMPROMISED, "2021-01-01", "2021-03-09");
    w.j[0].verdict.isolate = true;
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    found(GRADE_PROGRESSED, "2021-02-20T10:00:00Z", "241");
    found(GRADE_COMPROMISE, "2021-02-28T10:00:00Z", "200");
    w.field[2] = (struct named_value){STR("AnchorMailbox"), STR("Smtp~jane@example.net")};
    w.field[3] = (struct named_value){STR("ResponseBytes"), STR("4096")};
    w.finding[0].n_fields = 4;
    w.finding[0].count = 7;
    judged();
    assert_str(
        w.j[0].sentence,
        "EX03: compromised: A title on 28 February 2021 (1 finding of this grade); a request "
        "succeeded before the update of 2 March 2021, which closed the hole and undid "
        "nothing; the logs cover 58 of the 58 days in which it may have been open (3 January "
        "to 1 March 2021).");
    assert_str(w.j[0].isolate_why, "A title on 28 February 2021, before the update");
    assert_true(w.j[0].before_fix);
    assert_int_equal(w.j[0].earliest_us, day("2021-02-20T10:00:00Z"));
    assert_int_equal(w.j[0].dwell_days, 10); /* to the fix */
    assert_int_equal(w.j[0].n_mailboxes, 1);
    assert_str(w.j[0].mailbox[0].name, "jane@example.net");
    assert_int_equal(w.j[0].mailbox[0].records, 7);
    assert_int_equal(w.j[0].mailbox[0].bytes, 4096);
    arena_done(&w.arena);
}

static void what_another_affair_explains(void **state)
{
    (void)state;
    begin(VERDICT_NO_SIGN, "2021-01-01", "2021-03-09");
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    found(GRADE_COMPROMISE, "2021-02-28T10:00:00Z", "200");
    says(
        VERDICT_NO_SIGN,
        "EX03: no sign in logs: nothing found; the logs cover 58 of the 58 days in which it may "
        "have been open (3 January to 1 March 2021); 1 finding does not count here: another affair "
        "explains, or the time does not fit.");
}

/* ---- what the analyst says ---- */

static void set_aside(void **state)
{
    (void)state;
    /* all that carried the verdict, and the logs cover the window */
    begin(VERDICT_COMPROMISED, "2021-01-01", "2021-03-09");
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    found(GRADE_COMPROMISE, "2021-02-28T10:00:00Z", "200");
    noted(0, "false-positive");
    says(VERDICT_NO_SIGN,
         "EX03: no sign in logs: nothing found that counts; the logs cover 58 of the 58 days in "
         "which it may have been open (3 January to 1 March 2021); 1 finding is set aside, 1 by jd "
         "on 3 May 2021: our own test; the logs alone say: compromised.");
    assert_true(w.j[0].lowered);
    assert_int_equal(w.j[0].said, VERDICT_COMPROMISED);
    /* the same without the coverage: never a negative */
    begin(VERDICT_COMPROMISED, "2021-02-21", "2021-03-09");
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    w.j[0].verdict.window_share = 0.15;
    found(GRADE_COMPROMISE, "2021-02-28T10:00:00Z", "200");
    noted(0, "false-positive");
    judged();
    assert_int_equal(w.j[0].verdict.state, VERDICT_NOT_ENOUGH_EVIDENCE);
    arena_done(&w.arena);
    /* what is left decides */
    begin(VERDICT_COMPROMISED, "2021-01-01", "2021-03-09");
    found(GRADE_COMPROMISE, "2021-02-28T10:00:00Z", "200");
    found(GRADE_PROGRESSED, "2021-02-28T10:00:00Z", "200");
    noted(0, "false-positive");
    judged();
    assert_int_equal(w.j[0].verdict.state, VERDICT_EXPLOITED_UNCONFIRMED);
    assert_int_equal(w.j[0].aside, 1);
    arena_done(&w.arena);
}

static void a_scanner_explains_tries_alone(void **state)
{
    (void)state;
    begin(VERDICT_ATTEMPTED, "2021-01-01", "2021-03-09");
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    found(GRADE_ATTEMPT, "2021-02-28T10:00:00Z", "400");
    noted(0, "own-scanner");
    judged();
    assert_int_equal(w.j[0].verdict.state, VERDICT_NO_SIGN);
    assert_true(w.j[0].lowered);
    arena_done(&w.arena);
    begin(VERDICT_EXPLOITED_UNCONFIRMED, "2021-01-01", "2021-03-09");
    w.j[0].verdict.fixed_since_us = day("2021-03-02");
    found(GRADE_PROGRESSED, "2021-02-28T10:00:00Z", "400");
    noted(0, "own-scanner");
    says(
        VERDICT_EXPLOITED_UNCONFIRMED,
        "EX03: exploited, unconfirmed: A title on 28 February 2021 (1 finding of this grade); no "
        "later stage was found; the logs cover 58 of the 58 days in which it may have been open (3 "
        "January to 1 March 2021); 1 finding is graver than a try: a scanner of one's own does not "
        "explain that.");
}

static void confirmed_and_taken_back(void **state)
{
    (void)state;
    begin(VERDICT_COMPROMISED, "2021-01-01", "2021-03-09");
    found(GRADE_COMPROMISE, "2021-02-28T10:00:00Z", "200");
    noted(0, "confirmed");
    judged();
    assert_true(str_find(w.j[0].sentence, STR("; confirmed by jd on 3 May 2021: our own test.")) >
                0);
    arena_done(&w.arena);
    begin(VERDICT_COMPROMISED, "2021-01-01", "2021-03-09");
    found(GRADE_COMPROMISE, "2021-02-28T10:00:00Z", "200");
    noted(0, "clear");
    judged();
    assert_int_equal(w.j[0].verdict.state, VERDICT_COMPROMISED);
    assert_int_equal(w.j[0].aside, 0);
    arena_done(&w.arena);
}

/* ---- every combination ---- */

static uint64_t number_before(struct str s, const char *words)
{
    ptrdiff_t at = str_find(s, str_of(words));
    uint64_t n = 0, unit = 1;
    assert_true(at > 0);
    while (at-- > 0 && ascii_digit((unsigned char)s.p[at])) {
        n += unit * (uint64_t)(s.p[at] - '0');
        unit *= 10;
    }
    return n;
}

static void check_numbers(const struct judgement *j)
{
    int64_t covered = 0, blind = 0;
    if (str_find(j->sentence, STR("the logs cover ")) >= 0) {
        const char *unit = j->window_days == 1 ? " day in" : " days in";
        assert_int_equal(number_before(j->sentence, unit), j->window_days);
        if (j->covered_days)
            assert_int_equal(number_before(j->sentence, " of the "), j->covered_days);
    }
    if (str_find(j->sentence, STR(" tries, ")) > 0)
        assert_int_equal(number_before(j->sentence, " tries, "), j->findings[GRADE_ATTEMPT]);
    if (j->aside > 1)
        assert_int_equal(number_before(j->sentence, " findings are set aside"), j->aside);
    if (j->elsewhere > 1)
        assert_int_equal(number_before(j->sentence, " findings do not count"), j->elsewhere);
    for (size_t i = 0; i < j->n_covered; i++)
        covered += j->covered[i].last_us - j->covered[i].first_us;
    for (size_t i = 0; i < j->n_blind; i++)
        blind += j->blind[i].last_us - j->blind[i].first_us;
    if (j->window_days)
        assert_in_range((covered + blind + US_PER_DAY - 1) / US_PER_DAY, j->window_days - 1,
                        j->window_days);
    assert_true(j->covered_days <= j->window_days);
    if (j->verdict.state == VERDICT_NO_SIGN && j->open != OPEN_NEVER)
        if (covered * 100 < 89 * (covered + blind))
            fail_msg("%.*s %d", STR_FMT(j->sentence), j->said);
}

static void every_combination(void **state)
{
    static const char *const firsts[] = {NULL, "2020-11-01", "2021-01-01", "2021-02-21",
                                         "2021-08-01"};
    static const char *const lasts[] = {NULL, "2020-12-20", "2021-03-09", "2021-03-09",
                                        "2021-08-28"};
    static const char *const untils[] = {NULL, "2020-12-01", "2021-01-03T05:00:00Z", "2021-03-02",
                                         "2021-09-01"};
    (void)state;
    for (int said = VERDICT_NO_SIGN; said <= VERDICT_COMPROMISED; said++)
        for (size_t l = 0; l < ARRAY_LEN(firsts); l++)
            for (int e = 0; e <= EXPOSURE_STATES; e++)
                for (size_t u = 0; u < ARRAY_LEN(untils); u++)
                    for (int grade = GRADE_WEAK - 1; grade <= GRADE_COMPROMISE; grade++)
                        for (int note = 0; note < 4; note++) {
                            begin((enum verdict_state)said, firsts[l], lasts[l]);
                            if (untils[u])
                                w.j[0].verdict.fixed_since_us = day("2021-03-02");
                            if (e < EXPOSURE_STATES)
                                told((enum exposure_state)e, untils[u], NULL);
                            for (int i = 0; i < 3 && grade >= 0; i++)
                                found((enum grade)grade, "2021-02-28T10:00:00Z", "200");
                            if (grade >= 0 && note)
                                for (size_t i = 0; i < 2; i++)
                                    noted(i, (const char *[]){"own-scanner", "false-positive",
                                                              "confirmed"}[note - 1]);
                            judged();
                            check_numbers(&w.j[0]);
                            /* only the analyst's states take a break-in away */
                            if (said >= VERDICT_EXPLOITED_UNCONFIRMED && note != 2 &&
                                (grade > GRADE_ATTEMPT || !note))
                                assert_int_equal(w.j[0].verdict.state, said);
                            assert_true(w.j[0].verdict.state <= w.j[0].said ||
                                        w.j[0].said < VERDICT_ATTEMPTED);
                            arena_done(&w.arena);
                        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_that_cover_a_part),
        cmocka_unit_test(all_was_read),
        cmocka_unit_test(never_open),
        cmocka_unit_test(the_rest_was_purged),
        cmocka_unit_test(two_hosts_of_one_label),
        cmocka_unit_test(two_spellings),
        cmocka_unit_test(two_windows),
        cmocka_unit_test(open_still),
        cmocka_unit_test(an_update_that_needs_a_setting),
        cmocka_unit_test(no_logs),
        cmocka_unit_test(a_kind_is_missing),
        cmocka_unit_test(before_and_after_the_window),
        cmocka_unit_test(a_hole_inside),
        cmocka_unit_test(exposure_moves_the_window),
        cmocka_unit_test(a_request_before_the_update),
        cmocka_unit_test(what_another_affair_explains),
        cmocka_unit_test(set_aside),
        cmocka_unit_test(a_scanner_explains_tries_alone),
        cmocka_unit_test(confirmed_and_taken_back),
        cmocka_unit_test(every_combination),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
