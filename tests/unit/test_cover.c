#include "scan/sequence.h"

#include "make_facts.h"

static struct cover *cover_of(struct make *m, size_t *ret_n)
{
    const struct file_fact *file[MAKE_FILES];
    struct cover *c;
    for (size_t i = 0; i < m->facts.n_files; i++)
        file[i] = &m->file[i];
    assert_int_equal(cover_host(&m->arena, &m->facts, file, m->facts.n_files, &c, ret_n), OK);
    return c;
}

static const struct cover *cover_kind(const struct cover *c, size_t n, const char *kind)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(c[i].kind, str_of(kind)))
            return &c[i];
    return NULL;
}

static void test_patterns(void **state)
{
    (void)state;
    assert_true(kind_match(STR("httpproxy-*"), STR("httpproxy-ecp")));
    assert_false(kind_match(STR("httpproxy-*"), STR("httpproxy")));
    assert_true(kind_match(STR("*-error"), STR("nginx-error")));
    assert_true(kind_match(STR("*"), STR("")));
    assert_false(kind_match(STR("iis"), STR("iis-backend")));
    assert_int_equal(kind_policy(STR("iis-backend"))->silence, SILENCE_SIBLINGS);
    assert_int_equal(kind_policy(STR("nginx-error"))->silence, SILENCE_NATURAL);
    assert_int_equal(kind_policy(STR("access"))->silence, SILENCE_DAY);
    assert_true(kind_policy(STR("httperr"))->web);
    assert_false(kind_policy(STR("ecp-server"))->web);
    assert_int_equal(kind_policy(STR("never heard of"))->silence, SILENCE_DAY);
}

static void test_hour_sets(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct hour_span a[] = {{10, 20}, {0, 5}, {5, 7}, {30, 30}}, b[] = {{6, 12}, {15, 16}};
    struct hour_set x = hours_normal(a, 4), y = hours_normal(b, 2), z;
    assert_int_equal(x.n, 2);
    assert_int_equal(hours_count(&x), 17);
    assert_int_equal(hours_intersect(&arena, &x, &y, &z), OK);
    assert_int_equal(hours_count(&z), 1 + 2 + 1);
    assert_int_equal(hours_subtract(&arena, &x, &y, &z), OK);
    assert_int_equal(hours_count(&z), 17 - 4);
    assert_true(hours_has(&z, 12 * US_PER_HOUR));
    assert_false(hours_has(&z, 15 * US_PER_HOUR));
    assert_false(hours_has(&z, -1));
    assert_int_equal(hours_of(US_PER_HOUR, 2 * US_PER_HOUR).to, 2);
    assert_int_equal(hours_of(-1, 1).from, -1);
    arena_done(&arena);
}

static void test_silent_hours(void **state)
{
    (void)state;
    struct make m;
    size_t n;
    make_init(&m);
    struct file_fact *p =
        make_file(&m, "EX01", "httpproxy-ecp", "p", "2021-03-01T00:30:00", "2021-03-03T23:30:00");
    make_file(&m, "EX01", "iis", "i", "2021-03-01T00:10:00", "2021-03-03T23:50:00");
    make_hole(p, "2021-03-02T10:00:00", "2021-03-02T13:00:00");
    const struct cover *c = cover_of(&m, &n), *k = cover_kind(c, n, "httpproxy-ecp");
    assert_int_equal(n, 2);
    assert_int_equal(k->n_gaps, 1);
    assert_int_equal(k->gap[0].from_us, at("2021-03-02T10:00:00"));
    assert_int_equal(k->gap[0].to_us, at("2021-03-02T13:00:00"));
    assert_int_equal(hours_count(&k->covered), 72 - 3);
    assert_int_equal(cover_kind(c, n, "iis")->n_gaps, 0);
    /* the host's first and last hour are partial: a log that starts an hour later lacks nothing */
    make_file(&m, "EX01", "httpproxy-owa", "o", "2021-03-01T01:00:00", "2021-03-03T22:50:00");
    c = cover_of(&m, &n);
    assert_int_equal(cover_kind(c, n, "httpproxy-owa")->n_gaps, 0);
    make_done(&m);
}

/* An event log that is silent for hours is nothing special; neither is a quiet site at night. */
static void test_natural_silence(void **state)
{
    (void)state;
    struct make m;
    size_t n;
    make_init(&m);
    struct file_fact *e = make_file(&m, "EX01", "ecp-server", "e", "2021-03-01", "2021-03-09");
    struct file_fact *a = make_file(&m, "EX01", "access", "a", "2021-03-01", "2021-03-09");
    make_file(&m, "EX01", "iis", "i", "2021-03-01", "2021-03-09");
    make_hole(e, "2021-03-02", "2021-03-06");
    make_hole(a, "2021-03-02T01:00:00", "2021-03-02T23:00:00");
    const struct cover *c = cover_of(&m, &n);
    assert_int_equal(cover_kind(c, n, "ecp-server")->n_gaps, 0);
    assert_int_equal(cover_kind(c, n, "access")->n_gaps, 0);
    make_hole(a, "2021-03-04T01:00:00", "2021-03-05T02:00:00");
    c = cover_of(&m, &n);
    assert_int_equal(cover_kind(c, n, "access")->n_gaps, 1);
    make_done(&m);
}

/* The data of event logs say whose silence means nothing; all others miss whole days, even one that
 * is called like a family of text logs. */
static void test_silence_of_events(void **state)
{
    (void)state;
    static const char *const kinds[] = {"security", "windefend", "auditd"};
    static struct str natural[] = {{"windefend", 9}, {"auditd", 6}};
    struct make m;
    size_t n;
    make_init(&m);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        make_hole(make_file(&m, "EX01", kinds[i], kinds[i], "2021-03-01", "2021-03-09"),
                  "2021-03-02", "2021-03-06");
    const struct cover *c = cover_of(&m, &n);
    assert_int_equal(cover_kind(c, n, "security")->n_gaps, 1);
    assert_int_equal(cover_kind(c, n, "windefend")->n_gaps, 1);
    m.facts.natural = (struct str_list){natural, ARRAY_LEN(natural)};
    c = cover_of(&m, &n);
    assert_int_equal(cover_kind(c, n, "security")->n_gaps, 1);
    assert_int_equal(cover_kind(c, n, "windefend")->n_gaps, 0);
    assert_int_equal(cover_kind(c, n, "auditd")->n_gaps, 0);
    assert_false(cover_kind(c, n, "auditd")->family);
    make_done(&m);
}

static void test_all_silent_for_a_day(void **state)
{
    (void)state;
    struct make m;
    size_t n;
    make_init(&m);
    struct file_fact *i = make_file(&m, "EX01", "iis", "i", "2021-03-01", "2021-03-09");
    make_hole(i, "2021-03-02T01:00:00", "2021-03-02T23:00:00");
    make_hole(i, "2021-03-04T00:00:00", "2021-03-05T00:00:00");
    const struct cover *c = cover_of(&m, &n);
    assert_int_equal(c->n_gaps, 1);
    assert_int_equal(c->gap[0].from_us, at("2021-03-04"));
    make_done(&m);
}

static void test_missing_files(void **state)
{
    (void)state;
    struct make m;
    size_t n;
    make_init(&m);
    make_file(&m, "EX01", "iis", "W3SVC1/u_ex210301.log", "2021-03-01", "2021-03-01T23:59:00");
    make_file(&m, "EX01", "iis", "W3SVC1/u_ex210304.log", "2021-03-04", "2021-03-04T23:59:00");
    make_file(&m, "EX01", "iis", "W3SVC1/u_ex210305.log", "2021-03-05", "2021-03-05T23:59:00");
    const struct cover *c = cover_of(&m, &n);
    assert_int_equal(c->n_gaps, 1);
    assert_true(c->gap[0].missing_file);
    assert_int_equal(c->gap[0].from_us, at("2021-03-02"));
    assert_int_equal(c->gap[0].to_us, at("2021-03-04"));
    assert_true(str_find(c->gap[0].detail, STR("2021-03-02 to 2021-03-03")) >= 0);
    assert_int_equal(hours_count(&c->covered), 72);
    make_done(&m);
}

/* A day whose rows lie in another folder is no gap. */
static void test_missing_file_elsewhere(void **state)
{
    (void)state;
    struct make m;
    size_t n;
    make_init(&m);
    make_file(&m, "EX01", "iis", "a/u_ex210301.log", "2021-03-01", "2021-03-01T23:59:00");
    make_file(&m, "EX01", "iis", "a/u_ex210303.log", "2021-03-03", "2021-03-03T23:59:00");
    make_file(&m, "EX01", "iis", "b/saved.log", "2021-03-02", "2021-03-02T23:59:00");
    assert_int_equal(cover_of(&m, &n)->n_gaps, 0);
    make_done(&m);
}

static void test_missing_numbers(void **state)
{
    (void)state;
    struct make m;
    size_t n;
    make_init(&m);
    make_file(&m, "EX01", "httpproxy-ecp", "Ecp\\HttpProxy_2021030105-1.LOG", "2021-03-01T05:00:00",
              "2021-03-01T05:10:00");
    make_file(&m, "EX01", "httpproxy-ecp", "Ecp\\HttpProxy_2021030105-4.LOG", "2021-03-01T05:40:00",
              "2021-03-01T05:59:00");
    /* another hour starts with a high number: the ones before it were rotated, not lost */
    make_file(&m, "EX01", "httpproxy-ecp", "Ecp\\HttpProxy_2021030106-3.LOG", "2021-03-01T06:00:00",
              "2021-03-01T06:59:00");
    const struct cover *c = cover_of(&m, &n);
    assert_int_equal(c->n_gaps, 1);
    assert_int_equal(c->gap[0].from_us, at("2021-03-01T05:10:00"));
    assert_true(str_find(c->gap[0].detail, STR("number 2 to 3 missing")) >= 0);
    make_done(&m);
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *path, *time;
        int hour;
        int64_t number;
    } good[] = {
        {"W3SVC1/u_ex210303.log", "2021-03-03", -1, 0},
        {"W3SVC1/u_ex210303_x2.log", "2021-03-03", -1, 2},
        {"u_ex21030305.log", "2021-03-03", 5, 0},
        {"x\\ECPServer20210303-12.LOG", "2021-03-03", -1, 12},
        {"ECPActivity_11500_20230111-1.LOG", "2023-01-11", -1, 1},
        {"MSGTRKMS2022091915-1.LOG", "2022-09-19", 15, 1},
    };
    static const char *const bad[] = {"access.log",   "exchange.txt",  "u_ex211303.log",
                                      "99999999.log", "u_extend1.log", "W3SVC1/u_extend12.log"};
    struct arena arena;
    struct sequence_name s;
    struct file_fact f = {0};
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        f.path = str_of(good[i].path);
        assert_true(sequence_parse(&arena, &f, &s));
        assert_int_equal(s.day, at(good[i].time) / US_PER_DAY);
        assert_int_equal(s.hour, good[i].hour);
        assert_int_equal(s.number, good[i].number);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        f.path = str_of(bad[i]);
        assert_false(sequence_parse(&arena, &f, &s));
    }
    arena_done(&arena);
}

static void test_copies_count_once(void **state)
{
    (void)state;
    struct make m;
    size_t n;
    make_init(&m);
    for (int i = 0; i < 2; i++) {
        struct file_fact *f =
            make_file(&m, "EX01", "iis", i ? "b/x.log" : "a/x.log", "2021-03-01", "2021-03-02");
        memset(f->sha256, 'a', 64);
    }
    const struct cover *c = cover_of(&m, &n);
    assert_int_equal(c->files, 1);
    assert_int_equal(c->records, 250);
    make_done(&m);
}

static void test_since_until(void **state)
{
    (void)state;
    struct make m;
    size_t n;
    make_init(&m);
    make_file(&m, "EX01", "iis", "x", "2021-03-01", "2021-03-09");
    m.facts.since_us = at("2021-03-03");
    m.facts.until_us = at("2021-03-04T23:59:59");
    const struct cover *c = cover_of(&m, &n);
    assert_int_equal(hours_count(&c->covered), 48);
    assert_int_equal(c->first_us, at("2021-03-03"));
    assert_int_equal(c->last_us, at("2021-03-04T23:59:59"));
    make_done(&m);
}

/* Two absurd times a thousand years apart cost nothing and cover nothing in between. */
static void test_absurd_times(void **state)
{
    (void)state;
    struct make m;
    size_t n;
    make_init(&m);
    struct file_fact *f = &m.file[m.facts.n_files++];
    struct hour_count hour[] = {{time_hour(at("1601-01-01")), 1}, {time_hour(at("9998-01-01")), 1}};
    *f = (struct file_fact){.path = STR("HttpProxy_1990010100-1.LOG"),
                            .host = STR("EX01"),
                            .kind = STR("iis"),
                            .records = 2,
                            .hour = hour,
                            .n_hours = 2,
                            .first_us = at("1601-01-01"),
                            .last_us = at("9998-01-01")};
    make_file(&m, "EX01", "iis", "HttpProxy_2100010100-1.LOG", "2021-03-01", "2021-03-02");
    const struct cover *c = cover_of(&m, &n);
    assert_true(hours_count(&c->covered) < 30);
    make_done(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),          cmocka_unit_test(test_hour_sets),
        cmocka_unit_test(test_silent_hours),      cmocka_unit_test(test_natural_silence),
        cmocka_unit_test(test_silence_of_events), cmocka_unit_test(test_all_silent_for_a_day),
        cmocka_unit_test(test_missing_files),     cmocka_unit_test(test_missing_file_elsewhere),
        cmocka_unit_test(test_missing_numbers),   cmocka_unit_test(test_names),
        cmocka_unit_test(test_copies_count_once), cmocka_unit_test(test_since_until),
        cmocka_unit_test(test_absurd_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
