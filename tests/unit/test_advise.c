/* Advice from reports made by hand: which steps are chosen for whom, in which order, and why. */
#include "dossier/load.h"
#include "report/advise.h"
#include "unit.h"

static struct arena arena;
static struct dossier dossiers[2];

enum { DAY_S = 24 * 3600 };
#define NOW (INT64_C(1616000000) * US_PER_S)

static int setup(void **state)
{
    struct error error;
    static struct dossier_problems none;
    (void)state;
    arena_init(&arena, 256 * 1024 * 1024);
    assert_int_equal(
        dossier_load(&arena, STR("hafnium-exchange-2021"), &dossiers[0], &none, &error), OK);
    return dossier_load(&arena, STR("proxyshell-2021"), &dossiers[1], &none, &error);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct judgement judged(const char *host, size_t dossier, enum verdict_state state,
                               enum open_side open)
{
    return (struct judgement){.verdict = {.host = str_of(host),
                                          .dossier = dossiers[dossier].id,
                                          .state = state,
                                          .window_share = 0.95,
                                          .fixed_since_us = TIME_NONE,
                                          .earliest_us = TIME_NONE},
                              .open = open,
                              .window = {TIME_NONE, TIME_NONE},
                              .earliest_us = TIME_NONE,
                              .latest_us = TIME_NONE};
}

static struct report report_of(struct judgement *j, size_t n)
{
    return (struct report){.made_us = NOW,
                           .dossier = dossiers,
                           .n_dossiers = ARRAY_LEN(dossiers),
                           .judgement = j,
                           .n_judgements = n};
}

static void work_out(struct report *r)
{
    struct error error = {0};
    if (report_advise(r, &arena, &error))
        fail_msg("%s", error.text);
}

static const struct advice_item *item(const struct report *r, const char *id)
{
    for (size_t i = 0; i < r->n_advice; i++)
        if (str_eq(r->advice[i].id, str_of(id)))
            return &r->advice[i];
    return NULL;
}

static size_t place(const struct report *r, const char *id)
{
    const struct advice_item *a = item(r, id);
    if (!a)
        fail_msg("no %s", id);
    return (size_t)(a - r->advice);
}

static void test_empty(void **state)
{
    (void)state;
    struct report r = report_of(NULL, 0);
    work_out(&r);
    assert_int_equal(r.n_advice, 0);
    assert_int_equal(r.n_actors, 0);
}

static void test_order(void **state)
{
    struct judgement j[] = {judged("EX03", 0, VERDICT_NO_SIGN, OPEN_STILL),
                            judged("EX02", 0, VERDICT_ATTEMPTED, OPEN_STILL),
                            judged("EX01", 0, VERDICT_COMPROMISED, OPEN_FIXED),
                            judged("EX04", 0, VERDICT_COMPROMISED, OPEN_STILL)};
    (void)state;
    struct report r = report_of(j, ARRAY_LEN(j));
    work_out(&r);
    assert_str(r.advice[0].id, "P-02.isolate");
    assert_string_equal(r.advice[0].phase, "isolate");
    assert_int_equal(r.advice[0].host.n, 2);
    assert_str(r.advice[0].host.v[0], "EX01");
    assert_str(r.advice[0].host.v[1], "EX04");
    assert_str(r.advice[0].because, "hafnium-exchange-2021: the verdict is compromised");
    /* CISA's order: isolate and preserve before anything is cleaned or patched. */
    assert_true(place(&r, "P-02.isolate") < place(&r, "P-02.preserve"));
    assert_true(place(&r, "P-02.preserve") < place(&r, "P-02.reach"));
    assert_true(place(&r, "P-02.reach") < place(&r, "P-02.secrets"));
    assert_true(place(&r, "P-02.secrets") < place(&r, "P-02.rebuild"));
    assert_true(place(&r, "P-02.secrets") < place(&r, "hafnium-exchange-2021.close.update"));
    assert_true(place(&r, "hafnium-exchange-2021.close.update") < place(&r, "P-06.paper"));
    /* Open and not taken over: patched; of those taken over, rebuilt. */
    const struct advice_item *patch = item(&r, "hafnium-exchange-2021.close.update");
    assert_int_equal(patch->host.n, 2);
    assert_str(patch->host.v[0], "EX02");
    assert_str(patch->host.v[1], "EX03");
    for (size_t i = 1; i < r.n_advice; i++) {
        assert_true(r.advice[i].id.n && r.advice[i].step.n && r.advice[i].why.n);
        assert_true(r.advice[i].how.n && r.advice[i].source.n && r.advice[i].because.n);
        assert_true(r.advice[i].done.time_us == TIME_NONE);
    }
}

/* The exact form of an affair stands for the general one, for its own hosts alone. */
static void test_instead_of(void **state)
{
    struct judgement j[] = {judged("EX01", 0, VERDICT_NO_SIGN, OPEN_STILL)};
    struct exposure other = {.host = STR("SP09"),
                             .cve = STR("CVE-2020-0001"),
                             .state = EXPOSURE_EXPOSED,
                             .since_us = TIME_NONE,
                             .kev_us = TIME_NONE};
    (void)state;
    struct report r = report_of(j, 1);
    work_out(&r);
    assert_non_null(item(&r, "hafnium-exchange-2021.close.update"));
    assert_null(item(&r, "P-01.patch"));
    r.exposure = &other;
    r.n_exposures = 1;
    work_out(&r);
    const struct advice_item *general = item(&r, "P-01.patch");
    assert_non_null(general);
    assert_int_equal(general->host.n, 1);
    assert_str(general->host.v[0], "SP09");
    assert_str(general->because, "the verdict is unexamined, the state of the hole is open");
    assert_null(item(&r, "P-04.get-logs")); /* no affair: there is nothing to look for */
}

/* One host in two affairs is one host in a shared step, with the reason of each. */
static void test_two_affairs(void **state)
{
    struct judgement j[] = {judged("EX01", 0, VERDICT_COMPROMISED, OPEN_FIXED),
                            judged("ex01", 1, VERDICT_EXPLOITED_UNCONFIRMED, OPEN_STILL),
                            judged("EX02", 1, VERDICT_COMPROMISED, OPEN_STILL)};
    (void)state;
    struct report r = report_of(j, ARRAY_LEN(j));
    work_out(&r);
    const struct advice_item *a = item(&r, "P-02.isolate");
    assert_int_equal(a->host.n, 2);
    assert_str(a->because, "hafnium-exchange-2021, proxyshell-2021: the verdict is compromised; "
                           "proxyshell-2021: the verdict is exploited-unconfirmed");
    const struct advice_item *own = item(&r, "proxyshell-2021.evidence.copy");
    assert_str(own->dossier, "proxyshell-2021");
    assert_int_equal(own->host.n, 2);
    assert_null(a->dossier.p);
}

/* A secret of the directory is changed where it was taken, not where somebody looked. */
static void test_technique(void **state)
{
    struct judgement j[] = {judged("EX01", 0, VERDICT_COMPROMISED, OPEN_FIXED)};
    struct str technique[] = {STR("T1003.001")};
    struct finding f = {.host = STR("EX01"),
                        .dossier = STR("hafnium-exchange-2021"),
                        .grade = GRADE_ATTEMPT,
                        .technique = {technique, 1}};
    (void)state;
    struct report r = report_of(j, 1);
    r.finding = &f;
    r.n_findings = 1;
    work_out(&r);
    assert_null(item(&r, "hafnium-exchange-2021.intruder.dumps"));
    f.grade = GRADE_COMPROMISE;
    work_out(&r);
    assert_non_null(item(&r, "hafnium-exchange-2021.intruder.dumps"));
    f.note = STR("set aside");
    work_out(&r);
    assert_null(item(&r, "hafnium-exchange-2021.intruder.dumps"));
}

static void test_chatter(void **state)
{
    struct alert alert = {.subject = STR("exchange server"), .kind = SUBJECT_PRODUCT};
    (void)state;
    struct report r = report_of(NULL, 0);
    r.alert = &alert;
    r.n_alerts = 1;
    work_out(&r);
    assert_non_null(item(&r, "P-08.inventory"));
    assert_null(item(&r, "P-08.exposure"));
    assert_str(item(&r, "P-06.backup")->because, "watch raised an alert");
    assert_int_equal(item(&r, "P-06.backup")->host.n, 0);
    alert.kind = SUBJECT_CVE;
    work_out(&r);
    assert_null(item(&r, "P-08.inventory"));
    assert_non_null(item(&r, "P-08.exposure"));
}

static void test_cleared(void **state)
{
    struct judgement j[] = {judged("EX01", 0, VERDICT_NO_SIGN, OPEN_FIXED)};
    (void)state;
    struct report r = report_of(j, 1);
    work_out(&r);
    assert_non_null(item(&r, "P-10.clear"));
    assert_non_null(item(&r, "P-05.look-back"));
    j[0].verdict.window_share = 0.5;
    j[0].verdict.state = VERDICT_NOT_ENOUGH_EVIDENCE;
    work_out(&r);
    assert_null(item(&r, "P-10.clear"));
    assert_null(item(&r, "P-02.isolate"));
}

/* A host that only the logs of others name: its own are what is needed. */
static void test_named(void **state)
{
    struct named_host named = {.host = STR("EX09")};
    (void)state;
    struct report r = report_of(NULL, 0);
    r.named = &named;
    r.n_named = 1;
    work_out(&r);
    assert_str(item(&r, "P-04.get-logs")->host.v[0], "EX09");
    assert_null(item(&r, "P-01.patch"));
    assert_null(item(&r, "P-04.patch"));
}

static void test_done(void **state)
{
    struct judgement j[] = {judged("EX01", 0, VERDICT_COMPROMISED, OPEN_FIXED)};
    struct note notes[] = {
        {STR("P-02.isolate"), STR("done"), STR("an"), STR("first"), NOW},
        {STR("P-02.isolate"), STR("done"), STR("bo"), STR("second"), NOW + 5},
        {STR("P-02.preserve"), STR("confirmed"), STR("bo"), STR("other"), NOW},
        {STR("P-02"), STR("done"), STR("bo"), STR("other"), NOW},
    };
    (void)state;
    struct report r = report_of(j, 1);
    r.note = notes;
    r.n_notes = ARRAY_LEN(notes);
    work_out(&r);
    assert_str(item(&r, "P-02.isolate")->done.who, "bo");
    assert_true(item(&r, "P-02.preserve")->done.time_us == TIME_NONE);
}

static void test_rotating(void **state)
{
    struct judgement j[] = {judged("EX01", 0, VERDICT_NOT_ENOUGH_EVIDENCE, OPEN_UNKNOWN)};
    struct rotating rot = {.host = STR("EX01"), .gone_us = NOW + DAY_S * US_PER_S};
    (void)state;
    struct report r = report_of(j, 1);
    r.rotating = &rot;
    r.n_rotating = 1;
    work_out(&r);
    assert_str(r.advice[0].id, "P-04.rotating");
    rot.gone_us = NOW - DAY_S * US_PER_S; /* it is gone */
    work_out(&r);
    assert_null(item(&r, "P-04.rotating"));
}

/* Every verdict and every state of the hole has something to do, and nothing is said twice. */
static void test_all(void **state)
{
    (void)state;
    for (int v = VERDICT_NO_SIGN; v <= VERDICT_COMPROMISED; v++)
        for (int o = OPEN_UNKNOWN; o < OPEN_SIDES; o++) {
            struct judgement j[] = {judged("EX01", 0, (enum verdict_state)v, (enum open_side)o),
                                    judged("EX01", 1, (enum verdict_state)v, (enum open_side)o)};
            struct report r = report_of(j, ARRAY_LEN(j));
            work_out(&r);
            bool never = o == OPEN_NEVER || o == OPEN_UNKNOWN;
            if (!r.n_advice && !(v == VERDICT_NO_SIGN && never))
                fail_msg("%s %s: nothing to do", verdict_name((enum verdict_state)v),
                         open_side_name((enum open_side)o));
            for (size_t i = 0; i < r.n_advice; i++)
                for (size_t k = 0; k < i; k++)
                    assert_false(str_eq(r.advice[i].id, r.advice[k].id));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),      cmocka_unit_test(test_order),
        cmocka_unit_test(test_instead_of), cmocka_unit_test(test_two_affairs),
        cmocka_unit_test(test_technique),  cmocka_unit_test(test_chatter),
        cmocka_unit_test(test_cleared),    cmocka_unit_test(test_done),
        cmocka_unit_test(test_rotating),   cmocka_unit_test(test_named),
        cmocka_unit_test(test_all),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
