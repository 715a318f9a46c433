/* What a case keeps comes back as it was: printed, read and printed again, it is the same bytes. */
#include "codec/json.h"
#include "output/alert.h"
#include "output/exposure.h"
#include "output/writer.h"
#include "output_check.h"
#include "report/read.h"
#include "sample_alert.h"
#include "sample_answer.h"

#include <math.h>

static struct arena arena;
static struct str printed; /* the first time */

static void keep_printed(void)
{
    char *copy = malloc(memory.b.n + 1);
    assert_non_null(copy);
    memcpy(copy, memory.b.p, memory.b.n);
    printed = str_make(copy, memory.b.n);
    buf_reset(&memory.b);
}

static void same_as_printed(void)
{
    for (size_t i = 0; i < memory.b.n && i < printed.n; i++)
        if (memory.b.p[i] != printed.p[i])
            fail_msg("printed: ...%.*s, then: ...%.*s", 200, printed.p + (i > 100 ? i - 100 : 0),
                     200, memory.b.p + (i > 100 ? i - 100 : 0));
    assert_int_equal(memory.b.n, printed.n);
    assert_memory_equal(memory.b.p, printed.p, printed.n);
    free((void *)(uintptr_t)printed.p);
    buf_reset(&memory.b);
    arena_done(&arena);
}

static void print_answer(const struct answer *a)
{
    const struct print_options options = {.manifest = true};
    struct sink s;
    sink_init(&s, memory_write, &memory);
    assert_int_equal(writer_write(writer_find(STR("json")), &s, a, &options), OK);
    sink_done(&s);
}

/* The next line of what was printed, as a tree; NULL when there is none. */
static struct node *next_body(struct str *rest)
{
    struct str line;
    struct node *body;
    struct error error = {0};
    if (!str_cut(rest, '\n', &line) || !line.n)
        return NULL;
    assert_int_equal(json_parse(&arena, line, STR("printed"), &body, &error), OK);
    return body;
}

static void link_episode(struct answer *a, const struct str_list *ids)
{
    struct episode *e = &a->episode[a->n_episodes++];
    e->finding = arena_new_n(&arena, const struct finding *, ids->n + 1);
    for (size_t i = 0; i < ids->n; i++)
        for (size_t k = 0; k < a->n_findings; k++)
            if (str_eq(str_of(a->finding[k].id), ids->v[i]))
                e->finding[e->n++] = &a->finding[k];
    assert_int_equal(e->n, ids->n);
}

static void read_one(struct answer *a, const struct node *body)
{
    struct str type = node_text(body, "type");
    struct str_list ids;
    enum err rc = OK;
    if (str_eq(type, STR("finding")))
        rc = read_finding(&arena, body, &a->finding[a->n_findings++]);
    else if (str_eq(type, STR("coverage")))
        rc = read_coverage(&arena, body, &a->coverage[a->n_coverage++]);
    else if (str_eq(type, STR("gap")))
        rc = read_gap(&arena, body, &a->gap[a->n_gaps++]);
    else if (str_eq(type, STR("verdict")))
        rc = read_verdict(&arena, body, &a->verdict[a->n_verdicts++]);
    else if (str_eq(type, STR("evidence")))
        rc = read_evidence(&arena, body, &a->evidence[a->n_evidence++]);
    else if (str_eq(type, STR("episode"))) {
        rc = read_episode(&arena, body, &a->episode[a->n_episodes], &ids);
        link_episode(a, &ids);
    }
    assert_int_equal(rc, OK);
}

static void round_trip(const struct answer *a)
{
    struct answer back = {.finding = arena_new_n(&arena, struct finding, 8),
                          .episode = arena_new_n(&arena, struct episode, 8),
                          .coverage = arena_new_n(&arena, struct coverage, 8),
                          .gap = arena_new_n(&arena, struct gap, 8),
                          .verdict = arena_new_n(&arena, struct verdict, 8),
                          .evidence = arena_new_n(&arena, struct evidence_file, 8),
                          .summary = a->summary};
    print_answer(a);
    keep_printed();
    struct str rest = printed;
    for (struct node *body; (body = next_body(&rest));)
        read_one(&back, body);
    assert_int_equal(back.n_findings, a->n_findings);
    assert_int_equal(back.n_verdicts, a->n_verdicts);
    print_answer(&back);
    same_as_printed();
}

static struct evidence_file evidence[] = {
    {.file = STR("logs/a.log"),
     .host = STR("EX01"),
     .kind = STR("iis"),
     .bytes = 12345,
     .records = 17,
     .unparsed = 2,
     .first_us = INT64_C(1614734469) * US_PER_S,
     .last_us = INT64_C(1614734470) * US_PER_S + 5,
     .sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     .copy = true},
    {.kind = STR(""), .first_us = TIME_NONE, .last_us = TIME_NONE},
};

static void an_answer_comes_back(void **state)
{
    struct answer a = sample_answer();
    (void)state;
    arena_init(&arena, 64 << 20);
    a.finding[0].tlp = TLP_AMBER_STRICT;
    a.evidence = evidence;
    a.n_evidence = ARRAY_LEN(evidence);
    round_trip(&a);
}

/* Malformed bytes are written as text, so that they come back as that; all else as it was. */
static void hostile_texts_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        struct answer a = sample_answer();
        size_t n;
        bool sound = true;
        for (size_t k = 0; k < hostile[i].n; k += n)
            sound &= utf8_next(hostile[i], k, &n) != UTF_BAD;
        if (!sound || !hostile[i].n)
            continue;
        arena_init(&arena, 256 << 20);
        sample_hostile(&a, hostile[i]);
        a.coverage[0].share = NULL; /* two of one name */
        a.coverage[0].n_shares = a.coverage[1].n_shares = 0;
        for (size_t k = 0; k < a.n_findings; k++)
            a.finding[k].n_fields = 6;
        round_trip(&a);
    }
}

static void alerts_come_back(void **state)
{
    struct alert *a = sample_alerts(), back[2];
    struct sink s;
    struct node *body;
    (void)state;
    arena_init(&arena, 64 << 20);
    sink_init(&s, memory_write, &memory);
    assert_int_equal(alert_write(alert_format_find(STR("json")), &s, a, 2, NULL), OK);
    keep_printed();
    struct str rest = printed;
    for (int i = 0; (body = next_body(&rest)); i++)
        assert_int_equal(read_alert(&arena, body, &back[i]), OK);
    assert_int_equal(alert_write(alert_format_find(STR("json")), &s, back, 2, NULL), OK);
    sink_done(&s);
    same_as_printed();
}

/* ---- exposure ---- */

static struct str matters[] = {STR("hafnium-exchange-2021"), STR("x")};

static const struct exposure open_server = {.host = STR("EX01"),
                                            .site = STR("Utrecht"),
                                            .owner = STR("mail"),
                                            .facing = FACING_INTERNET,
                                            .product = STR("Exchange Server 2016"),
                                            .build = STR("15.1.2176.2"),
                                            .cve = STR("CVE-2021-26855"),
                                            .title = STR("forged requests"),
                                            .state = EXPOSURE_EXPOSED,
                                            .fixed_by = STR("Mar21SU"),
                                            .fixed_build = STR("15.1.2176.9"),
                                            .since_us = 1614734469000000,
                                            .other_until_us = TIME_NONE,
                                            .source = STR("csv"),
                                            .file = STR("fleet.csv"),
                                            .line = 3,
                                            .seen_us = 1614734469000001,
                                            .precision = PRECISION_SU,
                                            .because = STR("older than the fix"),
                                            .kev_us = 1614734400000000,
                                            .due_us = TIME_NONE,
                                            .ransomware = true,
                                            .cvss = 9.1,
                                            .cvss_version = STR("3.1"),
                                            .matters = {matters, 2},
                                            .accepted_by = STR("board"),
                                            .accepted_why = STR("goes in May"),
                                            .accepted_until_us = 1614734400000000};
static const struct exposure unknown_server = {.host = STR("EX02"),
                                               .cve = STR("CVE-2021-26855"),
                                               .state = EXPOSURE_UNKNOWN,
                                               .since_us = TIME_NONE,
                                               .other_until_us = TIME_NONE,
                                               .seen_us = TIME_NONE,
                                               .kev_us = TIME_NONE,
                                               .due_us = TIME_NONE,
                                               .because = STR("no build"),
                                               .accepted_until_us = TIME_NONE};
static const struct exposure_share fleet = {.of = STR("CVE-2021-26855"),
                                            .part = "fleet",
                                            .time_us = TIME_NONE,
                                            .n = {1, 2, 3, 4, 5},
                                            .accepted = 1,
                                            .kev_us = 1614734400000000,
                                            .ransomware = true};
static const struct exposure_share site = {.of = STR("hafnium-exchange-2021"),
                                           .affair = true,
                                           .part = "site",
                                           .name = STR("Utrecht"),
                                           .time_us = 1614734400000000,
                                           .n = {5, 4, 3, 2, 1},
                                           .kev_us = TIME_NONE};
static const struct exposure_window window = {.host = STR("EX01"),
                                              .matter = STR("hafnium-exchange-2021"),
                                              .state = EXPOSURE_MITIGATED,
                                              .from_us = 1609632000000000,
                                              .until_us = TIME_NONE,
                                              .open_us = 1614734400000000,
                                              .because = STR("last seen open")};
static const struct exposure_update update = {.host = STR("EX01"),
                                              .site = STR("Utrecht"),
                                              .owner = STR("mail"),
                                              .product = STR("Exchange Server 2016"),
                                              .build = {{15, 1, 2106, 2}},
                                              .facing = FACING_INSIDE,
                                              .open = 4,
                                              .open_kev = 3,
                                              .open_ransomware = 2,
                                              .first = STR("CU19"),
                                              .first_build = {{15, 1, 2176, 2}},
                                              .first_us = 1608000000000000,
                                              .then = STR("Mar21SU"),
                                              .then_build = {{15, 1, 2176, 9}},
                                              .then_us = 1614643200000000,
                                              .advice = STR("none")};

static void print_fleet(struct sink *s, const struct exposure *e,
                        const struct exposure_share *share, const struct exposure_window *w,
                        const struct exposure_update *u)
{
    static const struct print_options options;
    struct exposure_writer x;
    exposure_writer_open(&x, &exposure_json);
    x.sink = s;
    x.options = &options;
    x.as_of_us = TIME_NONE;
    for (int i = 0; i < 2; i++) {
        exposure_json.share(&x, &share[i]);
        exposure_json.exposure(&x, &e[i]);
    }
    exposure_json.window(&x, w);
    exposure_json.update(&x, u);
    exposure_writer_close(&x);
    assert_int_equal(sink_flush(s), OK);
}

static void exposures_come_back(void **state)
{
    struct exposure e[2] = {open_server, unknown_server};
    struct exposure_share share[2] = {fleet, site};
    struct exposure_window w = window;
    struct exposure_update u = update;
    struct sink s;
    (void)state;
    arena_init(&arena, 64 << 20);
    sink_init(&s, memory_write, &memory);
    print_fleet(&s, e, share, &w, &u);
    keep_printed();
    struct str rest = printed;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(read_share(&arena, next_body(&rest), &share[i]), OK);
        assert_int_equal(read_exposure(&arena, next_body(&rest), &e[i]), OK);
    }
    assert_int_equal(read_window(&arena, next_body(&rest), &w), OK);
    assert_int_equal(read_update(&arena, next_body(&rest), &u), OK);
    print_fleet(&s, e, share, &w, &u);
    sink_done(&s);
    same_as_printed();
}

/* ---- what another version may have written ---- */

static struct node *body_of(const char *text)
{
    struct str rest = str_of(text);
    return next_body(&rest);
}

static void what_is_not_known_is_no_all_clear(void **state)
{
    struct verdict v;
    struct exposure e;
    struct finding f;
    (void)state;
    arena_init(&arena, 1 << 20);
    assert_int_equal(read_verdict(&arena, body_of("{\"verdict\":\"splendid\"}"), &v), OK);
    assert_int_equal(v.state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(v.first_us == TIME_NONE && v.fixed_since_us == TIME_NONE);
    assert_int_equal(read_verdict(&arena, body_of("{}"), &v), OK);
    assert_int_equal(v.state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_int_equal(read_exposure(&arena, body_of("{\"state\":7}"), &e), OK);
    assert_int_equal(e.state, EXPOSURE_UNKNOWN);
    assert_int_equal(read_finding(&arena,
                                  body_of("{\"id\":[1],\"marks\":[[2,1],[0,9],5,[1]],"
                                          "\"fields\":[],\"technique\":{\"a\":[]},"
                                          "\"evidence\":\"abc\",\"count\":-1}"),
                                  &f),
                     OK);
    assert_true(f.n_marks == 0 && f.n_fields == 0 && f.count == 0 && f.id[0] == 0);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_texts_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(alerts_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(exposures_come_back, setup, teardown),
        cmocka_unit_test(what_is_not_known_is_no_all_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
