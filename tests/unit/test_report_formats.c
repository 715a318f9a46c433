/* Every format of a report, whoever wrote it: hostile texts stay texts, what is the victim's stays
 * in the house, sinks that fail are reported. A line in report_formats[] is all that a format needs
 * to be tested here; what is special about one is tested below and in tests/cli/report_formats.sh.
 */
#include "output/report.h"
#include "output/veil_names.h"
#include "output_check.h"
#include "sample_report.h"

/* A format of several files: what of them is JSON, one file behind the other. */
static bool folder_open, folder_json;

static enum err open_file(void *ctx, struct str name)
{
    (void)ctx;
    assert_false(folder_open);
    assert_true(name.n > 0 && str_chr(name, '/') < 0 && name.p[0] != '.');
    folder_open = true;
    folder_json = str_ends(name, STR(".json"));
    return OK;
}

static enum err write_file(void *ctx, const void *p, size_t n)
{
    assert_true(folder_open);
    return folder_json ? memory_write(ctx, p, n) : OK;
}

static enum err close_file(void *ctx)
{
    (void)ctx;
    assert_true(folder_open);
    folder_open = false;
    return OK;
}

static const struct report_folder folder = {open_file, write_file, close_file, &memory};

static enum err write_to_memory(const struct report_format *f, struct report *r)
{
    struct sink s;
    struct error error = {0};
    buf_reset(&memory.b);
    memory.failed = false;
    if (f->page)
        r->sharing.victim_data = true;
    if (f->write_folder)
        return f->write_folder(&folder, r, &error);
    sink_init(&s, memory_write, &memory);
    enum err rc = report_write(f, &s, r, &error);
    sink_done(&s);
    return rc;
}

static struct str written(const struct report_format *f, struct report *r)
{
    enum err rc = write_to_memory(f, r);
    if (rc)
        fail_msg("%s: %s", f->name, err_name(rc));
    return buf_view(&memory.b);
}

static const struct report_format *format(const char *name)
{
    const struct report_format *f = report_format_find(str_of(name));
    assert_non_null(f);
    return f;
}

/* One document, perhaps with a line for each of its objects. */
static bool is_document(struct str s)
{
    struct buf b;
    struct str rest = s, line;
    buf_init(&b, 1 << 28);
    while (str_cut(&rest, '\n', &line))
        buf_str(&b, line);
    bool is = json_check(buf_view(&b));
    buf_done(&b);
    return is;
}

/* What holds whatever a format is: text, without what a terminal or a page would obey. */
static void assert_text(const char *name, struct str s)
{
    struct str rest = s, line;
    size_t n;
    for (size_t i = 0; i < s.n; i += n) {
        int32_t cp = utf8_next(s, i, &n);
        bool end = s.p[i] == '\n' || (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n');
        if (cp == UTF_BAD || (!end && (cp < 0x20 || cp == 0x7f)))
            fail_msg("%s: byte %02x at %zu", name, (unsigned char)s.p[i], i);
    }
    if (s.n && (s.p[0] == '{' || s.p[0] == '<')) /* JSON may stand in a page */
        assert_lacks(s, "</script><script>x");
    if (!s.n || s.p[0] != '{' || is_document(s))
        return;
    while (str_cut(&rest, '\n', &line))
        if (line.n && !json_check(line))
            fail_msg("%s: no JSON: %.*s", name, STR_FMT(line));
}

static void test_hostile_text(void **state)
{
    (void)state;
    for (const struct report_format *f = report_formats; f->name; f++) {
        size_t lines = lines_of(written(f, sample_report()));
        for (size_t i = 0; i < ARRAY_LEN(hostile); i++)
            for (int lifted = 0; lifted < 2; lifted++) {
                struct report *r = sample_report();
                sample_report_hostile(hostile[i]);
                r->sharing.victim_data = lifted;
                struct str s = written(f, r);
                assert_text(f->name, s);
                /* What STIX has no observable for is no object. */
                if (s.n && s.p[0] == '{' && strcmp(f->name, "stix") != 0)
                    assert_int_equal(lines_of(s), lines);
            }
    }
}

static void test_empty(void **state)
{
    (void)state;
    for (const struct report_format *f = report_formats; f->name; f++) {
        struct report r = sample_report_empty();
        assert_text(f->name, written(f, &r));
    }
}

/* The same report gives the same bytes. */
static void test_same(void **state)
{
    (void)state;
    struct buf first;
    buf_init(&first, 1 << 24);
    for (const struct report_format *f = report_formats; f->name; f++) {
        buf_reset(&first);
        buf_str(&first, written(f, sample_report()));
        assert_true(str_eq(buf_view(&first), written(f, sample_report())));
    }
    buf_done(&first);
}

static void test_failing_sink(void **state)
{
    (void)state;
    for (const struct report_format *f = report_formats; f->name; f++) {
        memory.room = SIZE_MAX;
        size_t all = written(f, sample_report()).n;
        assert_true(all > 0);
        for (size_t room = 0; room < all; room += 997) {
            memory.room = room;
            assert_int_equal(write_to_memory(f, sample_report()), ERR_IO);
        }
        memory.room = all;
        assert_int_equal(write_to_memory(f, sample_report()), OK);
    }
    assert_int_equal(memory.calls_after_failure, 0);
}

/* More than the sink buffers: the failure comes in the middle. */
static void test_failing_sink_large(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    struct finding *many = calloc(MANY, sizeof *many);
    assert_non_null(many);
    for (const struct report_format *f = report_formats; f->name; f++) {
        struct report *r = sample_report();
        for (size_t i = 0; i < MANY; i++) {
            many[i] = r->finding[1];
            (void)snprintf(many[i].id, sizeof many[i].id, "%064zu", i);
        }
        r->finding = many;
        r->n_findings = MANY;
        memory.room = SIZE_MAX;
        size_t all = written(f, r).n;
        memory.room = all > 200000 ? 100000 : all / 2;
        assert_int_equal(write_to_memory(f, r), ERR_IO);
    }
    assert_int_equal(memory.calls_after_failure, 0);
    free(many);
}

static enum err no_store(const struct report *r,
                         enum err (*tell)(void *ctx, const struct finding *f), void *ctx,
                         struct error *error)
{
    (void)r, (void)tell, (void)ctx;
    return fail(error, ERR_IO, "the store cannot be read");
}

/* What streams its findings and cannot read them says so. */
static void test_failing_store(void **state)
{
    (void)state;
    static const char *const streaming[] = {"ecs",       "ecs-bulk", "csv",  "timesketch",
                                            "navigator", "stix",     "misp", "misp-feed"};
    for (size_t i = 0; i < ARRAY_LEN(streaming); i++) {
        struct report *r = sample_report();
        r->each_finding = no_store;
        assert_int_equal(write_to_memory(format(streaming[i]), r), ERR_IO);
    }
}

/* Nothing of the victim is in a file for others, and no name of a host; everything is in the JSON
 * that may hold it. */
static void test_veil(void **state)
{
    (void)state;
    for (const struct report_format *f = report_formats; f->name; f++) {
        struct report *r = sample_report();
        sample_report_plant();
        if (f->page)
            continue;
        struct str s = written(f, r);
        for (size_t i = 0; i < sample_slots; i++)
            if (sample_slot[i].whose != WHOSE_PUBLIC && str_find(s, *sample_slot[i].s) >= 0)
                fail_msg("%s tells text %zu: %.*s", f->name, i, STR_FMT(*sample_slot[i].s));
    }
    struct report *r = sample_report();
    sample_report_plant();
    r->sharing.victim_data = true;
    struct str s = written(format("json"), r);
    for (size_t i = 0; i < sample_slots; i++)
        if (str_find(s, *sample_slot[i].s) < 0 && sample_slot[i].s != &sample_actors[0].name)
            fail_msg("json lacks text %zu: %.*s", i, STR_FMT(*sample_slot[i].s));
}

/* The same host is the same number, in every format. */
static void test_numbers_of_hosts(void **state)
{
    (void)state;
    struct report *r = sample_report();
    assert_has(written(format("json"), r), "{\"verdict\":{\"type\":\"verdict\",\"host\":\"host-1\","
                                           "\"dossier\":\"hafnium-exchange-2021\","
                                           "\"verdict\":\"compromised\"");
    assert_has(written(format("csv"), r), ",host-1,host-3,hafnium-exchange-2021,");
    assert_has(written(format("ecs"), r), "\"host\":{\"name\":\"host-1\"}");
    assert_has(written(format("timesketch"), r), "\"hostname\":\"host-1\"");
    assert_has(written(format("cacao"), r), "Servers: host-1, host-3.");
    r->sharing.victim_data = true;
    assert_has(written(format("cacao"), r), "Servers: EX01, EX02.");
    assert_has(written(format("csv"), r), ",EX01,EX02,hafnium-exchange-2021,");
}

static void assert_called(struct veil *v, const char *host, const char *want)
{
    struct str got = veil_host(v, str_of(host));
    if (!str_eq(got, str_of(want)))
        fail_msg("%s: %.*s, not %s", host, STR_FMT(got), want);
}

/* One host by its short and by its long name, two hosts by two long names. */
static void test_names_of_hosts(void **state)
{
    (void)state;
    struct veil v;
    struct report empty = sample_report_empty();
    assert_int_equal(veil_init(&v, &empty), OK);
    assert_called(&v, "EX01", "host-1");
    assert_called(&v, "ex01.contoso.example", "host-1");
    assert_called(&v, "ex02.contoso.example", "host-2");
    assert_called(&v, "ex02.fabrikam.example", "host-3");
    assert_called(&v, "EX02", "host-2");
    assert_called(&v, "EX02.fabrikam.example", "host-3");
    assert_called(&v, "10.1.2.3", "host-4");
    assert_called(&v, "10.1.2.4", "host-5");
    assert_called(&v, "10", "host-6");
    assert_called(&v, "ex02.contoso.example", "host-2");
    assert_called(&v, "", "host-7");
    assert_int_equal(v.rc, OK);
    veil_done(&v);
}

/* A format that does not speak of some hosts numbers the others as all formats do. */
static void test_numbers_agree(void **state)
{
    (void)state;
    struct report *r = sample_report();
    sample_coverage[2].host = STR("EX70");
    sample_exposure[0].host = STR("EX80");
    assert_has(written(format("json"), r), "{\"type\":\"exposure\",\"host\":\"host-5\"");
    assert_has(written(format("ecs"), r), "\"message\":\"host-5, CVE-2021-26855: exposed\"");
}

/* A path, a user agent and a title are harmless only while they name nobody. */
static void test_names_in_texts(void **state)
{
    static const struct {
        const char *text;
        bool path, named;
    } texts[] = {
        {"/ecp/y.js", true, false},
        {"/owa/auth/Current/themes/resources/logon.aspx;x", true, false},
        {"/ecp/DDI/DDIService.svc/SetObject", true, false},
        {"/owa/15.1.2507.6/scripts/.git/x.7z", true, false},
        {"/owa/203.0.113.9/x%2easpx", true, false},
        {"/owa/user@example.net/", true, true},
        {"/owa/user%2540example.net/", true, true},
        {"/autodiscover/example.net/autodiscover.json", true, true},
        {"/owa/example.net", true, true},
        {"/owa/EXAMPLE%2enet/", true, true},
        {"/owa/auth/ex01.aspx", true, true},
        {"/owa/auth/x.aspx;EX01", true, true},
        {"/owa%2fex02.contoso.example%2fx.js", true, true},
        {"/ecp/CONTOSO%5cjdoe.aspx", true, true},
        {"/ecp/CONTOSO\\jdoe.aspx", true, true},
        {"/ecp/S-1-5-21-1-2-3-500/y.js", true, true},
        {"/x/10.1.2.3/y.js", true, true},
        {"/x/::ffff:10.1.2.3/y.js", true, true},
        {"/x/[fd00::9]/y.js", true, true},
        {"//files/share/x.js", true, true},
        {"https://files/x.js", true, true},
        {"ExchangeServicesClient/0.0.0.0", false, false},
        {"Mozilla/5.0+(compatible;+x/2.1;++http://www.example.net/x.html)", false, false},
        {"Chrome/109.0.0.0+Safari/537.36", false, false},
        {"curl/7.1+ex02", false, true},
        {"curl/7.1+mail.contoso.example", false, true},
        {"curl/7.1+CONTOSO\\jdoe", false, true},
        {"curl/7.1+(http://192.168.7.7/)", false, true},
    };
    struct veil v;
    struct report empty = sample_report_empty();
    (void)state;
    assert_int_equal(veil_init(&v, &empty), OK);
    assert_called(&v, "EX01", "host-1");
    assert_called(&v, "owa", "host-2");
    assert_called(&v, "EX02", "host-3");
    assert_called(&v, "ex02.contoso.example", "host-3");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct str s = str_of(texts[i].text);
        if ((texts[i].path ? veil_names_in_path(&v, s) : veil_names(&v, s)) != texts[i].named)
            fail_msg("%s: %s", texts[i].text, texts[i].named ? "not named" : "named");
    }
    assert_int_equal(v.rc, OK);
    veil_done(&v);
}

/* What the user looked for, and called a rule, is the user's. */
static void test_own_rules(void **state)
{
    static const struct {
        const char *rule, *title, *secret;
    } own[] = {
        {"pivot:jdoe77", "known text jdoe77", "jdoe77"},
        {"indicator:domain:mx77.example.net", "known domain mx77.example.net", "mx77"},
        {"indicator:address:10.7.7.7", "known address 10.7.7.7", "10.7.7.7"},
        {"About jdoe77@example.net", "About jdoe77@example.net", "jdoe77"},
        {"r", "About EX01's logs", "EX01"},
        {"r", "Uploads to mx77.example.net.", "mx77"},
    };
    (void)state;
    for (const struct report_format *f = report_formats; f->name; f++)
        for (size_t i = 0; i < ARRAY_LEN(own) && !f->page; i++) {
            struct report *r = sample_report();
            struct finding *x = &r->finding[1];
            x->dossier = r->count[0].dossier = r->event[0].dossier = STR_NONE;
            x->rule = r->count[0].rule = str_of(own[i].rule);
            x->title = r->count[0].title = r->event[0].message = str_of(own[i].title);
            r->event[0].kind = STR("finding");
            x->meaning = STR("our jdoe77 mx77 10.7.7.7 EX01");
            sample_not_tested[0] = x->title;
            if (str_find(written(f, r), str_of(own[i].secret)) >= 0)
                fail_msg("%s tells of '%s'", f->name, own[i].title);
        }
    struct report *r = sample_report();
    r->finding[1].dossier = STR_NONE;
    r->finding[1].rule = STR("indicator:address:8.8.4.4");
    r->finding[1].title = STR("known address 8.8.4.4");
    assert_has(written(format("csv"), r), ",indicator:address:8.8.4.4,known address 8.8.4.4,");
}

/* Nothing hangs on what a case is called, or its name could be tried against identifiers. */
static void test_keyed(void **state)
{
    static const char *const keyed[] = {"cacao", "ecs-bulk", "stix", "misp"};
    struct buf first;
    (void)state;
    buf_init(&first, 1 << 24);
    for (size_t i = 0; i < ARRAY_LEN(keyed); i++) {
        struct report *r = sample_report();
        r->key = STR("a");
        buf_reset(&first);
        buf_str(&first, written(format(keyed[i]), r));
        r->name = STR("another name");
        if (!str_eq(buf_view(&first), written(format(keyed[i]), r)))
            fail_msg("%s: the name of the case is told", keyed[i]);
        r->key = STR("b");
        assert_false(str_eq(buf_view(&first), written(format(keyed[i]), r)));
    }
    buf_done(&first);
}

/* Names cost memory once a host, not once a finding. */
static void test_veil_memory(void **state)
{
    (void)state;
    struct veil v;
    char name[16];
    assert_int_equal(veil_init(&v, sample_report()), OK);
    for (int i = 0; i < 3 * 1000 * 1000; i++) {
        (void)snprintf(name, sizeof name, "%s%d", i % 2 ? "Srv" : "sRV", i % 1000);
        struct str called = veil_host(&v, str_of(name));
        assert_true(str_starts(called, STR("host-")));
    }
    assert_int_equal(v.rc, OK);
    assert_true(str_eq(veil_host(&v, STR("srv7")), veil_host(&v, STR("SRV7"))));
    assert_true(v.arena.used_bytes < 1 << 20);
    veil_done(&v);
}

/* What an analyst said last of a finding stands with it; what is set aside was not seen. */
static void test_notes(void **state)
{
    (void)state;
    struct report *r = sample_report();
    assert_has(written(format("navigator"), r), "\"name\":\"grade\",\"value\":\"compromise\"");
    sample_note[0].about = sample_note[1].about = str_of(r->finding[1].id);
    sample_note[0].state = STR("confirmed");
    sample_note[1].state = STR("false-positive");
    assert_lacks(written(format("navigator"), r), "\"value\":\"compromise\"");
    assert_has(written(format("ecs"), r), "\"note\":\"false-positive\"");
    assert_has(written(format("csv"), r), ",false-positive,bbbb");
    assert_has(written(format("timesketch"), r), "\"note\":\"false-positive\"");
    sample_note[1].state = STR("clear");
    assert_lacks(written(format("ecs"), r), "\"note\"");
    sample_note[1].state = STR("own-scanner");
    assert_has(written(format("navigator"), r), "\"value\":\"compromise\"");
}

/* What made a correlation: the first events with their places, the others counted; nothing of it in
 * a file for others. */
static void test_events(void **state)
{
    (void)state;
    struct report *r = sample_report();
    static struct finding_event many[20];
    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        many[i] = sample_made[i & 1];
    r->sharing.victim_data = false;
    assert_lacks(written(format("json"), r), "\"events\":[{\"time\":null,\"rule\":\"of-events\"");
    sample_finding[1].made = many;
    sample_finding[1].n_made = ARRAY_LEN(many);
    sample_finding[1].count = 30;
    r->sharing.victim_data = true;
    struct str md = written(format("md"), r);
    assert_has(md, "` of-events ` on EX01 ` C:\\logs\\Security.evtx ` carved record 1; ");
    assert_has(md, " record 2; ");
    assert_has(md, "; and 25 more");
    struct str html = written(format("html"), r);
    assert_has(html, "<dt>Events</dt>");
    assert_has(html, " carved record 1</li>");
    assert_has(html, "<li>and 20 more</li>");
    assert_has(written(format("json"), r),
               "\"rule\":\"of-events\",\"host\":\"EX01\",\"file\":\"C:\\\\logs\\\\Security.evtx\","
               "\"record\":1,\"offset\":0,\"carved\":true}");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_hostile_text),   T(test_events),       T(test_empty),
        T(test_same),           T(test_failing_sink), T(test_failing_sink_large),
        T(test_failing_store),  T(test_veil),         T(test_numbers_of_hosts),
        T(test_notes),          T(test_veil_memory),  T(test_names_of_hosts),
        T(test_names_in_texts), T(test_own_rules),    T(test_keyed),
        T(test_numbers_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
