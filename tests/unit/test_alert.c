#include "base/uuid.h"
#include "output/alert.h"
#include "output_check.h"
#include "sample_alert.h"

static enum err write_alerts(const char *format, const struct alert *a, size_t n,
                             const struct print_options *options)
{
    struct sink s;
    buf_reset(&memory.b);
    memory.failed = false;
    sink_init(&s, memory_write, &memory);
    enum err rc = alert_write(alert_format_find(str_of(format)), &s, a, n, options);
    sink_done(&s);
    return rc;
}

static struct str written(const char *format, const struct alert *a, size_t n,
                          const struct print_options *options)
{
    assert_int_equal(write_alerts(format, a, n, options), OK);
    return buf_view(&memory.b);
}

/* JSON with the line breaks taken out, in place: json_check wants none. */
static struct str one_line(struct str s)
{
    size_t n = 0;
    assert_true(s.p == memory.b.p);
    for (size_t i = 0; i < s.n; i++)
        if (memory.b.p[i] != '\n')
            memory.b.p[n++] = memory.b.p[i];
    return str_make(memory.b.p, n);
}

static void test_hostile_text(void **state)
{
    (void)state;
    static const unsigned widths[] = {72, 80, 120};
    struct buf plain, copy;
    buf_init(&plain, 1 << 24);
    buf_init(&copy, 1 << 24);
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++)
        for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
            struct print_options o = {.width = widths[w]};
            struct alert *a = sample_alerts();
            alert_hostile(a, hostile[i]);
            assert_page(written("text", a, 2, &o), widths[w]);
            buf_reset(&copy);
            buf_str(&copy, buf_view(&memory.b));
            o.colour = true;
            struct str without = without_colours(&plain, written("text", a, 2, &o));
            assert_true(str_eq(without, buf_view(&copy)));
            o.colour = false;
            o.ascii = true;
            struct str s = written("text", a, 2, &o);
            assert_page(s, widths[w]);
            for (size_t k = 0; k < s.n; k++)
                assert_true((unsigned char)s.p[k] < 0x7f);
        }
    buf_done(&copy);
    buf_done(&plain);
}

static void test_hostile_json(void **state)
{
    (void)state;
    static const char *const keys[] = {"subject", "title", "customer", "why", "silenced", "again"};
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        struct alert *a = sample_alerts();
        alert_hostile(a, hostile[i]);
        struct str s = written("json", a, 2, NULL), line;
        assert_json_lines(s, 2);
        (void)str_cut(&s, '\n', &line);
        for (size_t m = 0; m < ARRAY_LEN(keys); m++)
            assert_member(line, keys[m], hostile[i]);
        for (size_t k = 0; k < 2; k++) {
            /* Line breaks stand between objects only. */
            assert_true(json_check(one_line(written(k ? "stix" : "misp", a, 2, NULL))));
        }
    }
}

/* Elements balance, and outside of them stands nothing that could start one. */
static void assert_xml(struct str s)
{
    size_t depth = 0;
    assert_true(utf8_valid(s));
    for (size_t i = 0; i < s.n; i++) {
        struct str rest = str_sub(s, i, s.n);
        assert_true((unsigned char)s.p[i] >= 0x20 || s.p[i] == '\n');
        if (s.p[i] == '&')
            assert_true(str_starts(rest, STR("&amp;")) || str_starts(rest, STR("&lt;")) ||
                        str_starts(rest, STR("&gt;")) || str_starts(rest, STR("&quot;")));
        if (s.p[i] != '<' || str_starts(rest, STR("<?xml ")))
            continue;
        bool closing = s.p[i + 1] == '/';
        size_t n = 1 + closing;
        while (ascii_alpha((unsigned char)rest.p[n]))
            n++;
        struct str name = str_sub(rest, 1 + closing, n);
        static const char known[] = " rss channel title link description generator lastBuildDate "
                                    "item category guid pubDate ";
        char word[40];
        (void)snprintf(word, sizeof word, " %.*s ", STR_FMT(name));
        assert_true(str_find(str_of(known), str_of(word)) >= 0);
        assert_true(closing ? depth > 0 : true);
        depth += closing ? (size_t)-1 : 1;
    }
    assert_int_equal(depth, 0);
}

static void test_rss(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        struct alert *a = sample_alerts();
        alert_hostile(a, hostile[i]);
        assert_xml(written("rss", a, 2, NULL));
    }
    struct alert *a = sample_alerts();
    a[0].title = STR("<b>x</b> & \"y\"");
    a[0].why = STR("<script>x</script>");
    struct str s = written("rss", a, 2, NULL);
    assert_xml(s);
    assert_has(s, "<title>\xe2\x80\xb9"
                  "b\xe2\x80\xbax\xe2\x80\xb9/b\xe2\x80\xba &amp; &quot;y");
    assert_has(s, "&lt;p&gt;&amp;lt;script&amp;gt;x&amp;lt;/script&amp;gt;&lt;br&gt;With three");
    assert_has(s, "<pubDate>Tue, 02 Mar 2021 00:00:00 GMT</pubDate>");
    assert_has(s, "<lastBuildDate>Wed, 03 Mar 2021 00:00:00 GMT</lastBuildDate>");
    assert_lacks(s, "https://forum"); /* nobody is led to the places that it warns of */
    assert_true(str_find(s, STR("CVE-2021-26855: 7")) < str_find(s, STR("script&amp;gt;")));
}

static void test_failing_sink(void **state)
{
    (void)state;
    struct alert *a = sample_alerts();
    for (const struct alert_format *f = alert_formats; f->name; f++) {
        memory.room = SIZE_MAX;
        size_t all = written(f->name, a, 2, NULL).n;
        for (size_t room = 0; room < all; room += 97) {
            memory.room = room;
            assert_int_equal(write_alerts(f->name, a, 2, NULL), ERR_IO);
        }
        memory.room = all;
        assert_int_equal(write_alerts(f->name, a, 2, NULL), OK);
    }
    assert_int_equal(memory.calls_after_failure, 0);
}

/* More than the sink buffers: the failure comes in the middle of the run. */
static void test_failing_sink_large(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    struct alert *many = calloc(MANY, sizeof *many);
    assert_non_null(many);
    for (size_t i = 0; i < MANY; i++) {
        many[i] = sample_alerts()[0];
        many[i].time_us += (int64_t)i * US_PER_DAY;
    }
    for (const struct alert_format *f = alert_formats; f->name; f++) {
        memory.room = 200000;
        assert_int_equal(write_alerts(f->name, many, MANY, NULL), ERR_IO);
        assert_true(memory.b.n > 0);
        memory.room = SIZE_MAX;
        assert_true(written(f->name, many, MANY, NULL).n > 200000);
    }
    assert_int_equal(memory.calls_after_failure, 0);
    free(many);
}

static void test_text_layout(void **state)
{
    (void)state;
    struct str s = written("text", sample_alerts(), 2, NULL);
    assert_page(s, 80);
    assert_has(s,
               "\nALERT  Microsoft Exchange is named on more sites than expected\n"
               "  subject     Microsoft Exchange (product)\n"
               "  rose with   Outlook Web Access (burst, p 2.5e-05, 4 of 5 threads)\n"
               "  concerns    Example Ltd: ex01.example.org, ex02.example.org\n"
               "  lane        C, breadth over 180 days: 9 sites, 1.34 expected, until 2021-03-01\n"
               "  chance      p 3.1e-06, raised at or below 1e-05; q 0.0021; calibration 1.1\n"
               "  evidence    9 voices, 11 threads, 8 texts on 2 sites since 2020-09-14\n"
               "  intent      seek 3, question 1, mention 5\n"
               "  techniques  T1190, T1505.003\n"
               "  known       EPSS 0.93; listed as exploited (KEV) on 2021-11-03\n"
               "  beside it   203.0.113.9, 45.77.12.9, bad.example.net,\n");
    assert_has(s, "  silenced    With three sites fewer it would have stayed silent.\n"
                  "  again       A site that had not named it before has joined.\n"
                  "  SITE           FIRST       LAST        THREADS  P WITHOUT IT\n"
                  "  forum.example  2020-09-14  2021-02-28        6        0.0021\n"
                  "  @channel       2020-11-01  2021-02-20        3             -\n"
                  "  - 2020-09-14 question forum.example\n"
                  "    | looking for access to OWA, will pay\n");
    assert_has(s, "\nALERT  CVE-2021-26855: 7 threads in 7 days, 0.2 expected\n"
                  "  subject     CVE-2021-26855 (cve)\n"
                  "  lane        A, burst over 7 days: 7 threads, 0.2 expected, until 2021-03-02\n"
                  "  chance      p 1e-12, raised at or below 1e-07\n"
                  "  evidence    7 voices, 7 threads, 7 texts on 0 sites since 2021-02-26\n"
                  "  why         Seven threads.\n"
                  "  id bbbbbbbb");
}

static void test_json(void **state)
{
    (void)state;
    struct str s = written("json", sample_alerts(), 2, NULL);
    assert_has(s, "{\"type\":\"alert\",\"id\":\"aaaa");
    assert_has(s, "\",\"time\":\"2021-03-02T00:00:00Z\",\"subject\":\"Microsoft Exchange\","
                  "\"kind\":\"product\",\"lane\":\"breadth\",");
    assert_has(s, "\"observed\":9,\"expected\":1.34,\"p\":3.14e-06,\"threshold\":1e-05,"
                  "\"q\":0.0021,\"window_days\":180,\"calibration\":1.1,\"exposure\":42113,"
                  "\"voices\":9,\"threads\":11,\"texts\":8,\"sites\":[{\"site\":\"forum.example\","
                  "\"first\":\"2020-09-14T00:00:00Z\",\"last\":\"2021-02-28T00:00:00Z\","
                  "\"threads\":6,\"p_without\":0.0021},");
    assert_has(s, "\"threads\":3,\"p_without\":null}],\"since\":\"2020-09-14T00:00:00Z\","
                  "\"intent\":{\"report\":0,\"mention\":5,\"question\":1,\"share\":0,\"seek\":3,"
                  "\"sell\":0,\"claim\":0},\"technique\":[\"T1190\",\"T1505.003\"],"
                  "\"customer\":\"Example Ltd\",\"assets\":[\"ex01.example.org\",");
    assert_has(s, "\"epss\":0.93,\"kev\":\"2021-11-03T00:00:00Z\",\"why\":\"Nine ");
    assert_has(s, "\"together\":[{\"subject\":\"Outlook Web Access\",\"kind\":\"product\","
                  "\"lane\":\"burst\",\"p\":2.5e-05,\"threads\":5,\"shared\":4,\"id\":\"cccc");
    assert_has(s, "\"sites\":[],\"since\":\"2021-02-26T00:00:00Z\"");
    assert_has(s, "\"customer\":null,\"assets\":[],\"posts\":[],\"items\":[],\"epss\":null,"
                  "\"kev\":null,\"why\":\"Seven threads.\",\"silenced\":null,\"again\":null,"
                  "\"together\":[]}\n");
}

/* What a reader of the bundle relies on. */
static void test_stix(void **state)
{
    (void)state;
    struct buf first;
    buf_init(&first, 1 << 20);
    buf_str(&first, written("stix", sample_alerts(), 2, NULL));
    struct str s = buf_view(&first);
    assert_true(str_eq(s, written("stix", sample_alerts(), 2, NULL))); /* the same again */
    /* Identifiers of observables are those that any other program gives. */
    assert_has(s, "{\"type\":\"ipv4-addr\",\"spec_version\":\"2.1\",\"id\":"
                  "\"ipv4-addr--39090fdc-366e-571f-ab5b-d05e2918f88f\",\"value\":\"203.0.113.9\"}");
    assert_has(s, "\"type\":\"vulnerability\"");
    assert_has(s, "\"first_seen\":\"2020-09-14T00:00:00.000Z\","
                  "\"last_seen\":\"2021-02-28T00:00:00.000Z\",\"count\":6,");
    assert_has(s, "\"url\":\"https://forum.example/t/1001?page=2\"");
    assert_lacks(s, "Example Ltd"); /* what the user runs is his own affair */
    assert_lacks(s, "ex01.example.org");
    /* Once, though both alerts name it. */
    ptrdiff_t at = str_find(s, STR("\"name\":\"CVE-2021-26855\""));
    assert_true(at > 0);
    assert_lacks(str_sub(s, (size_t)at + 1, s.n), "\"name\":\"CVE-2021-26855\"");
    buf_done(&first);
}

static void test_misp(void **state)
{
    (void)state;
    struct str s = written("misp", sample_alerts(), 2, NULL);
    assert_has(s, "\"date\":\"2021-03-02\",\"timestamp\":\"1614643200\",");
    assert_has(s, "\"type\":\"ip-dst\",\"category\":\"Network activity\","
                  "\"value\":\"203.0.113.9\",\"to_ids\":false");
    assert_lacks(s, "\"to_ids\":true");
    assert_lacks(s, "Example Ltd");
    assert_lacks(s, "ex01.example.org");
}

static void test_url(void **state)
{
    (void)state;
    static const char *const good[] = {"http://a.example/", "https://[2001:db8::1]/x?y=%20#z"};
    static const char *const bad[] = {"",
                                      "http://",
                                      "javascript:alert(1)",
                                      "http:///x",
                                      "https://a.example/<",
                                      "https://a.example/%2",
                                      "https://a.example/ b",
                                      "https://a.example/\"",
                                      "https://a.example/\xc3\xa9",
                                      "ftp://a.example/"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(alert_url_ok(str_of(good[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(alert_url_ok(str_of(bad[i])));
    assert_false(alert_url_ok(STR("https://a.example/\0")));
}

static void test_uuid(void **state)
{
    (void)state;
    static const unsigned char dns[UUID_BYTES] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                                                  0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
    char text[UUID_TEXT_BYTES];
    assert_int_equal(uuid5(dns, STR("www.example.com"), text), OK);
    assert_string_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2"); /* RFC 9562 A.4 */
}

static void test_none(void **state)
{
    (void)state;
    assert_int_equal(written("text", NULL, 0, NULL).n, 0);
    assert_int_equal(written("json", NULL, 0, NULL).n, 0);
    assert_xml(written("rss", NULL, 0, NULL));
    assert_str(written("misp", NULL, 0, NULL), "{\"response\":[]}\n");
    assert_null(alert_format_find(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hostile_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile_json, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rss, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failing_sink, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failing_sink_large, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_layout, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stix, setup, teardown),
        cmocka_unit_test_setup_teardown(test_misp, setup, teardown),
        cmocka_unit_test(test_url),
        cmocka_unit_test(test_uuid),
        cmocka_unit_test_setup_teardown(test_none, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
