#include "base/limits.h"
#include "dossier/draft.h"
#include "dossier/lint.h"
#include "dossier/load.h"
#include "os/folder.h"
#include "os/io.h"
#include "sample_alert.h"
#include "unit.h"

#include <unistd.h>

static struct arena arena;
static struct warnings warnings;
static struct error error;
static char folder[64];
static struct draft_told told;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, (size_t)256 << 20);
    (void)snprintf(folder, sizeof folder, "/tmp/test_draft.XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(warnings_init(&arena, &warnings, &error), OK);
    return 0;
}

static void remove_all(const char *dir)
{
    struct str *name;
    size_t n;
    assert_int_equal(folder_list(&arena, str_of(dir), 100, &name, &n, &error), OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(file_remove(str_of(dir), name[i], &error), OK);
    (void)rmdir(dir);
}

static int teardown(void **state)
{
    (void)state;
    remove_all(folder);
    warnings_done(&warnings);
    arena_done(&arena);
    return 0;
}

static enum err draft(const struct alert *a, size_t n)
{
    struct draft_options o = {.warnings = &warnings};
    return dossier_draft(a, n, &o, str_of(folder), &arena, &told, &error);
}

/* Loads it back: good for the loader and for the linter, every part of it weak. */
static struct dossier loaded(void)
{
    struct dossier d = {0};
    struct dossier_problems problems = {0};
    assert_int_equal(dossier_load(&arena, str_of(folder), &d, &problems, &error), OK);
    for (size_t i = 0; i < problems.n; i++)
        print_error("load: %.*s\n", STR_FMT(problems.v[i].text));
    assert_int_equal(problems.n, 0);
    assert_int_equal(dossier_lint(&arena, str_of(folder), &d, &problems, &error), OK);
    for (size_t i = 0; i < problems.n; i++)
        print_error("lint: %.*s: %.*s\n", STR_FMT(problems.v[i].file), STR_FMT(problems.v[i].text));
    assert_int_equal(problems.n, 0);
    assert_true(d.draft);
    for (size_t i = 0; i < d.n_indicators; i++) {
        assert_true(d.indicator[i].weak);
        assert_true(d.indicator[i].source.n > 0);
    }
    return d;
}

static bool has(const struct dossier *d, enum indicator_type type, const char *value)
{
    for (size_t i = 0; i < d->n_indicators; i++)
        if (d->indicator[i].type == type && str_eq(d->indicator[i].value, str_of(value)))
            return true;
    return false;
}

static struct str text_of(const char *name)
{
    struct str text;
    assert_int_equal(file_read(&arena, str_of(folder), str_of(name), 1 << 20, &text, &error), OK);
    return text;
}

static void test_sample(void **state)
{
    (void)state;
    struct alert *a = sample_alerts();
    sample_item[1].source = STR("https://forum.example/t/1001");
    sample_item[2].value = STR("bad-host.com");
    sample_item[3].value = STR("http://bad-host.com/a?b=1&c=2");
    assert_int_equal(draft(a, 2), OK);
    assert_str(told.id, "draft-microsoft-exchange-aaaaaaaa");
    struct dossier d = loaded();
    assert_str(d.id, "draft-microsoft-exchange-aaaaaaaa");
    assert_str(d.title, "Microsoft Exchange is named on more sites than expected");
    assert_int_equal(d.cves.n, 1);
    assert_str(d.cves.v[0], "CVE-2021-26855");
    assert_int_equal(d.n_products, 1);
    assert_str(d.product[0].name, "Microsoft Exchange");
    assert_int_equal(d.aliases.n, 3); /* two subjects, one that rose with them */
    assert_int_equal(d.n_events, 4);
    assert_int_equal(d.event[0].time_us, alert_day("2020-09-14"));
    assert_true(has(&d, INDICATOR_ADDRESS, "45.77.12.9"));
    assert_false(has(&d, INDICATOR_ADDRESS, "203.0.113.9")); /* for documentation */
    assert_true(has(&d, INDICATOR_DOMAIN, "bad-host.com"));
    assert_true(has(&d, INDICATOR_URL, "http://bad-host.com/a?b=1&c=2"));
    assert_true(has(&d, INDICATOR_NAME, "owa shell.aspx"));
    assert_int_equal(d.n_indicators, 5);
    assert_int_equal(told.indicators, 5);
    assert_int_equal(told.left_out, 1);
    assert_str(d.indicator[0].source, "https://forum.example/t/1001");
    assert_str(d.indicator[1].source, "posts of alert aaaaaaaaaaaa: forum.example, @channel");
    assert_true(str_find(text_of("indicators.csv"),
                         STR("address,\"45.77.12.9\",weak,\"named in 2 posts; not checked\","
                             "\"https://forum.example/t/1001\",,,2021-01-03\n")) > 0);
}

/* Attempts at the YAML, the table, the spreadsheet and the reader. */
static const struct str hostile[] = {
    STR("\"\ndraft: false\nid: other\n"),
    STR("x\", y: {z"),
    STR("' # comment"),
    STR("a: b"),
    STR("- a"),
    STR("{a: [b"),
    STR("*alias &anchor !tag %dir @at `tick"),
    STR("...\n---\ndraft: false"),
    STR("back\\slash \\\" \\"),
    STR("nul\0behind"),
    STR("\xff\xfe \xc3 \xed\xa0\x80 \xef\xbf\xbe \xf3\xa0\x81\x81"),
    STR("\xe2\x80\xae"
        "txt\xe2\x80\xa8line\xc2\x85\xc2\x9b"),
    STR("\r\n,strong,\"\"\naddress,1.2.3.4,strong"),
    STR("=cmd|' /C calc'!A0"),
    STR("\t"),
    STR(""),
    STR("~"),
    STR("null"),
    STR("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xe6\xbc\xa2"),
    STR("CVE-2021-1\n- id: CVE-2021-2"),
};

static void test_hostile(void **state)
{
    (void)state;
    static const char *const kinds[] = {"ipv4", "domain", "url",     "email", "sha256", "file",
                                        "path", "cve",    "product", "actor", "malware"};
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        struct alert *a = sample_alerts();
        struct alert_item item[ARRAY_LEN(kinds)];
        struct str planted = hostile[i];
        struct buf mixed;
        buf_init(&mixed, 1 << 16);
        buf_puts(&mixed, "http://bad-host.com/");
        buf_str(&mixed, planted);
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
            item[k] = (struct alert_item){str_of(kinds[k]), k == 2 ? buf_view(&mixed) : planted, 1,
                                          alert_day("2021-01-03"), planted};
        alert_hostile(a, planted);
        a[0].item = item;
        a[0].n_items = ARRAY_LEN(kinds);
        a[0].kind = SUBJECT_ACTOR;
        assert_int_equal(draft(a, 2), OK);
        struct dossier d = loaded();
        assert_true(str_starts(d.id, STR("draft-")));
        for (size_t k = 0; k < d.n_indicators; k++) {
            struct str v = d.indicator[k].value;
            for (size_t c = 0; c < v.n; c++)
                assert_true((unsigned char)v.p[c] >= ' ');
            assert_false(str_eq(v, STR("1.2.3.4")));
            assert_true(v.p[0] != '=');
        }
        buf_done(&mixed);
    }
}

/* What is read back is what was meant, letter by letter. */
static void test_round_trip(void **state)
{
    (void)state;
    static const char *const names[] = {"a\"b.aspx", "a,b.aspx", "a'b.aspx",
                                        "#x.aspx",   "a b.aspx", "\xd0\xb6.aspx"};
    struct alert_item item[ARRAY_LEN(names)];
    struct alert *a = sample_alerts();
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        item[i] = (struct alert_item){.kind = STR("file"), .value = str_of(names[i])};
    a[0].item = item;
    a[0].n_items = ARRAY_LEN(names);
    assert_int_equal(draft(a, 1), OK);
    struct dossier d = loaded();
    for (size_t i = 1; i < ARRAY_LEN(names); i++) /* no file name holds a quote */
        assert_true(has(&d, INDICATOR_NAME, names[i]));
    assert_int_equal(d.n_indicators, ARRAY_LEN(names) - 1);
    assert_int_equal(told.unusable, 1);
}

static void test_large(void **state)
{
    (void)state;
    enum { MANY = 40000, LONG = 1 << 20 };
    struct alert *a = sample_alerts();
    struct alert_item *item = calloc(MANY, sizeof *item);
    char *text = malloc(LONG), (*value)[32] = calloc(MANY, sizeof *value);
    assert_true(item && text && value);
    memset(text, 'x', LONG);
    for (size_t i = 0; i < MANY; i++) {
        (void)snprintf(value[i], sizeof value[i], i % 2 ? "CVE-2021-%zu" : "h%zu.bad-host.com",
                       10000 + i);
        item[i] = (struct alert_item){.kind = i % 2 ? STR("cve") : STR("domain"),
                                      .value = str_of(value[i]),
                                      .source = str_make(text, 5000)};
    }
    item[0].value = str_make(text, LONG);
    a[0].title = a[0].why = a[0].subject = a[0].site[0].site = str_make(text, LONG);
    a[0].item = item;
    a[0].n_items = MANY;
    assert_int_equal(draft(a, 1), OK);
    struct dossier d = loaded();
    assert_int_equal(told.indicators, d.n_indicators);
    assert_true(d.n_indicators > 1000);
    assert_int_equal(told.unusable, 1);
    assert_int_equal(told.indicators + told.too_many + told.unusable, MANY / 2);
    assert_true(text_of("dossier.yaml").n < LIMIT_RULE_FILE_BYTES);
    free(value);
    free(text);
    free(item);
}

static void write_text(const char *name, const char *text)
{
    assert_int_equal(file_replace(str_of(folder), str_of(name), str_of(text), &error), OK);
}

static void test_finished_is_left_alone(void **state)
{
    (void)state;
    static const char *const finished[] = {"id: mine\n", "id: mine\ndraft: false\n", "[", ""};
    assert_int_equal(draft(sample_alerts(), 1), OK);
    assert_int_equal(draft(sample_alerts(), 1), OK); /* a draft is replaced */
    for (size_t i = 0; i < ARRAY_LEN(finished); i++) {
        write_text("dossier.yaml", finished[i]);
        assert_int_equal(draft(sample_alerts(), 1), ERR_USAGE);
        assert_true(str_eq(text_of("dossier.yaml"), str_of(finished[i])));
    }
    assert_int_equal(file_remove(str_of(folder), STR("dossier.yaml"), &error), OK);
}

/* Whoever strengthens a draft without taking its key away has strengthened nothing. */
static void test_stays_weak(void **state)
{
    (void)state;
    static const char *const keys[] = {"draft: true", "draft: yes",  "draft: \"false\"",
                                       "draft: 1",    "draft: null", "draft: {}"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct dossier d = {0};
        struct dossier_problems problems = {0};
        struct buf yaml;
        buf_init(&yaml, 4096);
        buf_printf(&yaml, "id: x\n%s\nshared:\n  what: keys\n  stage: shell\n", keys[i]);
        buf_putc(&yaml, 0);
        write_text("dossier.yaml", yaml.p);
        write_text("indicators.csv", "type,value,strength,source\nhash,"
                                     "0123456789abcdef0123456789abcdef,strong,me\n");
        assert_int_equal(dossier_load(&arena, str_of(folder), &d, &problems, &error), OK);
        assert_true(d.draft);
        assert_int_equal(d.n_indicators, 1);
        assert_true(d.indicator[0].weak);
        assert_null(d.shared_what.p);
        buf_done(&yaml);
    }
    struct dossier d = {0};
    write_text("dossier.yaml", "id: x\ndraft: false\n");
    assert_int_equal(dossier_load(&arena, str_of(folder), &d, NULL, &error), OK);
    assert_false(d.draft);
    assert_false(d.indicator[0].weak);
}

static void warned(const char *kind, const char *value, const char *want)
{
    struct str got = warning_of(&warnings, str_of(kind), str_of(value));
    if (!str_eq(got, str_of(want)) || !got.p != !want)
        fail_msg("%s %s: got '%.*s', wanted '%s'", kind, value, STR_FMT(got), want ? want : "-");
}

static void test_warnings(void **state)
{
    (void)state;
    struct str values[] = {STR("vpn.my-company.com"), STR("45.77.12.0/24"), STR("my-org.de"),
                           STR("Secret Project")};
    struct str_list own = {values, 4};
    warned("ipv4", "8.8.8.8", "resolver");
    warned("ipv4", "45.77.12.9", NULL);
    warned("ipv4", "10.1.2.3", "not public");
    warned("ipv4", "192.0.2.1", "not public");
    warned("ipv4", "100.64.0.1", "not public");
    warned("ipv6", "2001:db8::1", "not public");
    warned("ipv6", "fe80::1", "not public");
    warned("ipv6", "2001:4860:4860:0:0:0:0:8888", "resolver");
    warned("cidr", "192.168.0.0/16", "not public");
    warned("domain", "github.com", "code");
    warned("domain", "Raw.GitHub.com.", "code");
    warned("domain", "notgithub.com", NULL);
    warned("domain", "github.com.evil.ru", NULL);
    warned("domain", "a.example", "reserved");
    warned("url", "https://user:pw@www.github.com:443/x", "code");
    warned("url", "https://github.com@evil.ru/", NULL);
    warned("url", "http://evil.ru/?u=github.com", NULL);
    warned("url", "http://10.0.0.1/x", "not public");
    warned("url", "http://[2001:db8::1]:80/x", "not public");
    warned("url", "evil.ru/github.com", NULL);
    warned("email", "me@gmail.com", "mail");
    warned("file", "CMD.exe", "file");
    warned("path", "C:\\Windows\\System32\\cmd.exe", "file");
    warned("file", "xcmd.exe", NULL);
    warned("sha256", "x", NULL);
    assert_int_equal(warnings_add_own(&warnings, &own), OK);
    warned("ipv4", "45.77.12.9", "own");
    warned("ipv4", "45.77.13.9", NULL);
    warned("cidr", "45.77.0.0/16", "own"); /* holds what is our own */
    warned("domain", "vpn.my-company.com", "own");
    warned("domain", "my-company.com", NULL);
    warned("domain", "a.my-org.de", "own");
    warned("email", "boss@my-org.de", "own");
    warned("url", "http://www.my-org.de/x", "own");
    warned("file", "secret project", "own");
}

static void test_misp_lists(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{\"name\":\"Nets\",\"type\":\"cidr\",\"list\":[\"45.77.0.0/16\",\"2a00::/16\",7,null]}",
        ("{\"list\":[\".bad-host.com\",\"t\\u0065st-host.net\"],\"name\":\"Hosts\","
         "\"type\":\"hostname\"}"),
        "{\"name\":\"Texts\",\"type\":\"string\",\"list\":[\"abc.com\",\"Some Text\"]}",
        "{\"name\":\"Parts\",\"type\":\"substring\",\"list\":[\"a\",\"b\"]}",
    };
    static const char *const bad[] = {"", "[]", "{}", "{\"list\":{}}", "x", "{\"list\":[\"a\""};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(warnings_add_misp(&warnings, str_of(good[i]), STR("list"), &error), OK);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(warnings_add_misp(&warnings, str_of(bad[i]), STR("list"), &error),
                         ERR_FORMAT);
    assert_int_equal(warnings.left_out, 4);
    warned("ipv4", "45.77.12.9", "Nets");
    warned("ipv4", "45.78.12.9", NULL);
    warned("ipv6", "2a00:1::1", "Nets");
    warned("domain", "x.bad-host.com", "Hosts");
    warned("domain", "test-host.net", "Hosts");
    warned("domain", "abc.com", "Texts");
    warned("domain", "www.abc.com", NULL);
    warned("file", "some text", "Texts");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sample, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile, setup, teardown),
        cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large, setup, teardown),
        cmocka_unit_test_setup_teardown(test_finished_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stays_weak, setup, teardown),
        cmocka_unit_test_setup_teardown(test_warnings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_misp_lists, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
