/* Formats of exposure: hostile texts stay texts, sinks that fail are reported, and what each
 * format promises beside that. tests/cli/exposure_formats.sh compares them with one another. */
#include "output/exposure.h"
#include "output_check.h"

#include <math.h>

static struct exposure row;
static struct exposure_share share;
static struct exposure_window window;
static struct exposure_update update;
static struct exposure_summary summary;
static struct str dossiers[1];

static int64_t day(const char *text)
{
    int64_t time_us = TIME_NONE;
    assert_true(time_parse(str_of(text), &time_us));
    return time_us;
}

/* An answer with every field; each free text is the one given, where one is. */
static void fill(struct str text)
{
    bool given = text.p != NULL;
    dossiers[0] = given ? text : STR("hafnium-exchange-2021");
    row = (struct exposure){.host = given ? text : STR("EX01"),
                            .site = given ? text : STR("Bern"),
                            .owner = given ? text : STR("mail"),
                            .facing = FACING_INTERNET,
                            .product = given ? text : STR("Exchange Server 2016"),
                            .build = given ? text : STR("15.1.2176.2"),
                            .cve = given ? text : STR("CVE-2021-26855"),
                            .title = given ? text : STR("ProxyLogon"),
                            .state = EXPOSURE_EXPOSED,
                            .fixed_by = given ? text : STR("CU19 Mar21SU"),
                            .fixed_build = given ? text : STR("15.1.2176.9"),
                            .since_us = day("2021-03-01"),
                            .other_until_us = day("2021-02-01"),
                            .source = given ? text : STR("inventory"),
                            .file = given ? text : STR("fleet.csv"),
                            .line = 7,
                            .seen_us = day("2021-03-02"),
                            .precision = PRECISION_SU,
                            .because = given ? text : STR("below the fix"),
                            .kev_us = day("2021-11-03"),
                            .due_us = day("2021-04-16"),
                            .ransomware = true,
                            .cvss = 9.1,
                            .cvss_version = given ? text : STR("3.1"),
                            .matters = {dossiers, 1},
                            .accepted_by = given ? text : STR("mail team"),
                            .accepted_why = given ? text : STR("replaced soon"),
                            .accepted_until_us = day("2030-01-01")};
    share = (struct exposure_share){.of = row.cve,
                                    .part = "site",
                                    .affair = true,
                                    .name = row.site,
                                    .n = {1, 2, 3, 4, 5},
                                    .time_us = TIME_NONE,
                                    .kev_us = row.kev_us};
    window = (struct exposure_window){.host = row.host,
                                      .matter = dossiers[0],
                                      .from_us = day("2021-01-03"),
                                      .until_us = TIME_NONE,
                                      .open_us = row.seen_us,
                                      .because = row.because};
    update = (struct exposure_update){.host = row.host,
                                      .site = row.site,
                                      .owner = row.owner,
                                      .product = row.product,
                                      .build = {{15, 1, 2176, 2}},
                                      .open = 1,
                                      .first = row.fixed_by,
                                      .first_us = TIME_NONE,
                                      .then = row.fixed_by,
                                      .then_us = row.seen_us,
                                      .advice = row.because};
    summary = (struct exposure_summary){.hosts = 1,
                                        .as_of_us = TIME_NONE,
                                        .tables_us = row.seen_us,
                                        .version = "1",
                                        .elapsed_s = 0.5};
}

/* What a run calls, in its order; n answers. */
static enum err write_rows(const struct exposure_format *f, size_t n, bool all, int64_t as_of_us)
{
    static const struct print_options plain;
    struct exposure_writer w;
    struct sink s;
    buf_reset(&memory.b);
    memory.failed = false;
    sink_init(&s, memory_write, &memory);
    exposure_writer_open(&w, f);
    w.sink = &s;
    w.options = &plain;
    w.all = all;
    w.as_of_us = as_of_us;
    if (f->begin)
        f->begin(&w, f->head_first ? NULL : &summary);
    if (f->share)
        f->share(&w, &share);
    if (f->window)
        f->window(&w, &window);
    if (f->update)
        f->update(&w, &update);
    for (size_t i = 0; i < n && f->exposure; i++)
        f->exposure(&w, &row);
    if (f->end)
        f->end(&w, &summary);
    exposure_writer_close(&w);
    enum err rc = sink_flush(&s);
    sink_done(&s);
    return rc;
}

static struct str written(const struct exposure_format *f, bool all, int64_t as_of_us)
{
    assert_int_equal(write_rows(f, 1, all, as_of_us), OK);
    return buf_view(&memory.b);
}

/* JSON with its line breaks taken out, in place: json_check wants none. */
static struct str one_line(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\n')
            memory.b.p[n++] = s.p[i];
    return str_make(memory.b.p, n);
}

static void test_hostile_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        fill(hostile[i]);
        assert_page(written(&exposure_text, true, TIME_NONE), SIZE_MAX);
        assert_json_lines(written(&exposure_json, true, TIME_NONE), 5);
        assert_json_lines(written(&exposure_ecs, true, TIME_NONE), 1);
        assert_true(json_check(one_line(written(&exposure_stix, true, TIME_NONE))));
    }
}

/* Cells are quoted, and none begins as a formula does. */
static void test_hostile_csv(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        fill(hostile[i]);
        struct str s = written(&exposure_csv, true, TIME_NONE), head;
        bool quoted = false, first = true;
        size_t cells = 1;
        assert_true(str_cut(&s, '\n', &head));
        assert_true(s.n > 2 && str_eq(str_sub(s, s.n - 2, s.n), STR("\r\n")));
        for (size_t k = 0; k + 2 < s.n; k++) {
            char c = s.p[k];
            assert_true((unsigned char)c >= 0x20 && c != 0x7f);
            if (first && c != '"')
                assert_true(!strchr("=+-@\t\r", c));
            if (c == '"')
                quoted = !quoted;
            first = (c == ',' && !quoted) || (first && c == '"');
            cells += c == ',' && !quoted;
        }
        assert_false(quoted);
        assert_int_equal(cells, 22);
    }
}

/* A writer goes on appending after a failure; the first one is what is told, and nothing leaks. */
static void test_failing_sinks(void **state)
{
    (void)state;
    fill(STR_NONE);
    for (const struct exposure_format *const *f = exposure_formats; *f; f++) {
        memory.room = SIZE_MAX;
        assert_int_equal(write_rows(*f, 3, true, TIME_NONE), OK);
        size_t whole = memory.b.n;
        for (size_t room = 0; room < whole; room += whole / 16 + 1) {
            memory.calls_after_failure = 0;
            memory.room = room;
            assert_int_equal(write_rows(*f, 3, true, TIME_NONE), ERR_IO);
            assert_int_equal(memory.calls_after_failure, 0);
        }
    }
}

/* The first one is the default; each can be named and has a word of help. */
static void test_table(void **state)
{
    (void)state;
    size_t n = 0;
    assert_ptr_equal(exposure_formats[0], &exposure_text);
    for (; exposure_formats[n]; n++) {
        assert_true(exposure_formats[n]->name[0] && exposure_formats[n]->help[0]);
        for (size_t k = 0; k < n; k++)
            assert_string_not_equal(exposure_formats[n]->name, exposure_formats[k]->name);
    }
    assert_int_equal(n, 5);
}

static void test_which_are_told(void **state)
{
    (void)state;
    fill(STR_NONE);
    for (int s = 0; s < EXPOSURE_STATES; s++) {
        bool fixed = s == EXPOSURE_FIXED, open = s == EXPOSURE_EXPOSED;
        row.state = (enum exposure_state)s;
        assert_int_equal(lines_of(written(&exposure_ecs, false, TIME_NONE)), !fixed);
        assert_int_equal(lines_of(written(&exposure_ecs, true, TIME_NONE)), 1);
        struct str stix = written(&exposure_stix, false, TIME_NONE);
        assert_int_equal(str_find(stix, STR("\"relationship_type\":\"has\"")) >= 0, open);
        assert_int_equal(str_find(stix, STR("\"type\":\"note\"")) >= 0, !open && !fixed);
        assert_int_equal(str_find(stix, STR("\"type\":\"vulnerability\"")) >= 0, !fixed);
        stix = written(&exposure_stix, true, TIME_NONE);
        assert_int_equal(str_find(stix, STR("\"type\":\"note\"")) >= 0, !open);
    }
}

/* The scale of the words depends on the version of the score: 9.1 is critical, but not in 2. */
static void test_severity(void **state)
{
    (void)state;
    static const struct {
        double score;
        const char *version, *severity;
    } cases[] = {
        {10, "3.1", "Critical"}, {9.0, "3.0", "Critical"}, {8.9, "3.1", "High"},
        {7.0, "4.0", "High"},    {6.9, "3.1", "Medium"},   {4.0, "3.1", "Medium"},
        {3.9, "3.1", "Low"},     {0.1, "3.1", "Low"},      {9.1, "2", "High"},
        {7.0, "2.0", "High"},    {6.9, "2", "Medium"},     {9.1, "", NULL},
        {9.1, "1.0", NULL},      {0, "3.1", NULL},
    };
    char want[64];
    fill(STR_NONE);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        row.cvss = cases[i].score;
        row.cvss_version = str_of(cases[i].version);
        struct str s = written(&exposure_ecs, false, TIME_NONE);
        (void)snprintf(want, sizeof want, "\"severity\":\"%s\"", cases[i].severity);
        if (cases[i].severity)
            assert_has(s, want);
        else
            assert_lacks(s, "\"severity\"");
        assert_int_equal(str_find(s, STR("\"score\"")) >= 0, cases[i].score > 0);
        assert_int_equal(str_find(s, STR("\"classification\"")) >= 0, cases[i].score > 0);
    }
}

/* What is not known is absent: an index makes a column of null, too. */
static void test_absent(void **state)
{
    (void)state;
    row = (struct exposure){.host = STR("EX01"),
                            .cve = STR("ADV-7"),
                            .state = EXPOSURE_UNKNOWN,
                            .since_us = TIME_NONE,
                            .other_until_us = TIME_NONE,
                            .seen_us = TIME_NONE,
                            .kev_us = TIME_NONE,
                            .due_us = TIME_NONE,
                            .accepted_until_us = TIME_NONE};
    struct str s = written(&exposure_ecs, false, TIME_NONE);
    assert_has(s, "{\"@timestamp\":\"1970-01-01T00:00:00Z\"");
    assert_has(s, "\"tags\":[\"tocsin\",\"unknown\",\"no-time\"]");
    assert_has(s, "\"kev\":false");
    assert_lacks(s, "null");
    assert_lacks(s, "\"enumeration\""); /* no CVE by its name */
    assert_lacks(s, "\"reference\"");
    assert_lacks(s, "\"package\"");
    s = written(&exposure_stix, false, TIME_NONE);
    assert_lacks(s, "null");
    assert_lacks(s, "\"external_references\"");
    assert_lacks(s, "\"software\"");
    assert_lacks(s, "1970");
    assert_has(s, "\"content\":\"unknown\"");
}

/* The day that was asked about is that of the state; what cannot be written is no date. */
static void test_times(void **state)
{
    (void)state;
    fill(STR_NONE);
    assert_has(written(&exposure_ecs, false, TIME_NONE),
               "{\"@timestamp\":\"2021-03-02T00:00:00Z\"");
    assert_has(written(&exposure_ecs, false, day("2021-03-08")),
               "{\"@timestamp\":\"2021-03-08T00:00:00Z\"");
    assert_has(written(&exposure_stix, false, day("2021-03-08")),
               "\"modified\":\"2021-03-08T00:00:00.000Z\",\"relationship_type\":\"has\"");
    /* Not before it was created. */
    row.seen_us = row.since_us = day("1969-07-20");
    assert_has(written(&exposure_ecs, false, TIME_NONE),
               "{\"@timestamp\":\"1969-07-20T00:00:00Z\"");
    assert_has(written(&exposure_stix, false, TIME_NONE),
               "\"modified\":\"2021-01-01T00:00:00.000Z\",\"relationship_type\":\"has\"");
    assert_has(buf_view(&memory.b), "\"start_time\":\"1969-07-20T00:00:00.000Z\"");
    row.seen_us = row.since_us = INT64_MAX;
    assert_has(written(&exposure_ecs, false, TIME_NONE), "\"no-time\"");
    assert_lacks(buf_view(&memory.b), "\"start\"");
    assert_lacks(written(&exposure_stix, false, TIME_NONE), "\"start_time\"");
}

static void id_of(const char *key, char ret[64])
{
    ptrdiff_t at = str_find(buf_view(&memory.b), str_of(key));
    assert_true(at >= 0);
    (void)snprintf(ret, 64, "%.60s", memory.b.p + at + strlen(key));
}

/* An identifier is of a host, whatever its spelling, a product and a CVE, and of nothing else. */
static void test_identifiers(void **state)
{
    (void)state;
    char first[64], other[64];
    const struct exposure_format *formats[] = {&exposure_ecs, &exposure_stix};
    const char *keys[] = {"\"dataset\":\"tocsin.exposure\",\"id\":", "\"id\":\"infrastructure--"};
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        fill(STR_NONE);
        (void)written(formats[i], false, TIME_NONE);
        id_of(keys[i], first);
        row.host = STR("ex01");
        row.because = STR("otherwise");
        row.seen_us += US_PER_DAY;
        (void)written(formats[i], false, TIME_NONE);
        id_of(keys[i], other);
        assert_memory_equal(first, other, 36);
        row.host = STR("ex02");
        (void)written(formats[i], false, TIME_NONE);
        id_of(keys[i], other);
        assert_memory_not_equal(first, other, 36);
    }
    fill(STR_NONE);
    (void)written(&exposure_stix, false, TIME_NONE);
    /* Those of observables are the same in any program: uuid5 of the canonical JSON. */
    assert_has(buf_view(&memory.b),
               "\"id\":\"software--f098eb79-d5ac-55e1-bf81-4138081e7335\","
               "\"name\":\"Exchange Server 2016\",\"version\":\"15.1.2176.2\"");
}

static void test_once(void **state)
{
    (void)state;
    fill(STR_NONE);
    assert_int_equal(write_rows(&exposure_stix, 3, false, TIME_NONE), OK);
    static const char *const types[] = {"infrastructure", "software", "vulnerability"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        char what[64];
        (void)snprintf(what, sizeof what, "{\"type\":\"%s\"", types[i]);
        struct str s = buf_view(&memory.b);
        ptrdiff_t at = str_find(s, str_of(what));
        assert_true(at >= 0);
        assert_lacks(str_sub(s, (size_t)at + 1, s.n), what);
    }
}

/* Nothing that only the owner of the fleet has to know. */
static void test_bundles_are_shared(void **state)
{
    (void)state;
    fill(STR_NONE);
    struct str s = written(&exposure_stix, true, TIME_NONE);
    assert_lacks(s, "Bern");
    assert_lacks(s, "\"mail\"");
    assert_lacks(s, "fleet.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hostile_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile_csv, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failing_sinks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_table, setup, teardown),
        cmocka_unit_test_setup_teardown(test_which_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_severity, setup, teardown),
        cmocka_unit_test_setup_teardown(test_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_times, setup, teardown),
        cmocka_unit_test_setup_teardown(test_identifiers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bundles_are_shared, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
