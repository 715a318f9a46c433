#include "base/limits.h"
#include "unit.h"
#include "watch/assets.h"
#include "watch/cpe.h"
#include "watch/product_name.h"

static struct arena arena;
static struct assets assets;
static struct error error;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, (size_t)64 << 20);
    assert_int_equal(assets_init(&arena, &assets, &error), OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assets_done(&assets);
    arena_done(&arena);
    return 0;
}

static void add(const char *text)
{
    if (assets_add(&assets, str_of(text), STR("assets"), &error))
        fail_msg("%s", error.text);
}

/* "customer: label, label", "-" if none is concerned; agrees with the short question. */
static void ask(enum subject_kind kind, const char *name, const char *vendor, const char *want)
{
    struct asset_question q = {.kind = kind, .name = str_of(name), .vendor = str_of(vendor)};
    struct asset_match m;
    struct buf b;
    buf_init(&b, 1 << 16);
    assert_int_equal(assets_match(&assets, &q, &arena, &m), OK);
    assert_true(assets_concerned(&assets, &q) == (m.customer.p != NULL));
    buf_str(&b, m.customer.p ? m.customer : STR("-"));
    for (size_t i = 0; i < m.labels.n; i++) {
        buf_puts(&b, i ? ", " : ": ");
        buf_str(&b, m.labels.v[i]);
    }
    if (!str_eq(buf_view(&b), str_of(want)))
        fail_msg("%s: got '%.*s', wanted '%s'", name, STR_FMT(buf_view(&b)), want);
    buf_done(&b);
}

static void test_table(void **state)
{
    (void)state;
    add("\xef\xbb\xbf# exported\r\nversion,Product,note,HOST,customer\r\n"
        "15.1,Exchange Server 2016,x,ex01,Example Ltd\r\n"
        "15.2,\"Microsoft Exchange Server 2019, CU 9\",x,ex02,Example Ltd\r\n"
        "6,Confluence Data Center,,wiki,Other plc\r\n"
        ",,,,nobody\r\n"
        "1.20,Go,,build01,\r\n");
    assert_int_equal(assets.left_out, 1);
    ask(SUBJECT_PRODUCT, "Microsoft Exchange", NULL, "Example Ltd: ex01, ex02");
    ask(SUBJECT_PRODUCT, "Exchange", "Microsoft", "Example Ltd: ex01, ex02");
    ask(SUBJECT_PRODUCT, "microsoft exchange-server", NULL, "Example Ltd: ex01, ex02");
    ask(SUBJECT_PRODUCT, "Exchange Server 2019", NULL, "Example Ltd: ex02");
    ask(SUBJECT_PRODUCT, "Atlassian Confluence", NULL, "Other plc: wiki");
    ask(SUBJECT_PRODUCT, "Confluence", "Atlassian", "Other plc: wiki");
    ask(SUBJECT_PRODUCT, "Go", NULL, ": build01");
    ask(SUBJECT_TERM, "exchange", NULL, "Example Ltd: ex01, ex02");
    ask(SUBJECT_VENDOR, "Microsoft Corporation", NULL, "Example Ltd: ex02");
    ask(SUBJECT_TERM, "EX01", NULL, "Example Ltd: ex01");
}

/* What must not be taken for one another. */
static void test_traps(void **state)
{
    (void)state;
    add("product\nGo\nExchange Server 2016\nWindows 10\nApache HTTP Server\nOffice 2016\n"
        "Paint\nR\nDocker Engine\nOutlook\n");
    static const char *const names[] = {
        "Google",
        "Google Chrome",
        "Django",
        "Exchange Online",
        "Foreign Exchange",
        "IBM HTTP Server",
        "Office 365",
        "Windows Server 2019",
        "Microsoft",
        "Server",
        "Re",
        "Docker Desktop",
        "Outlook Web Access",
        "",
        "(Go)x",
        "2016",
        "Exchange Server 2019",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        ask(SUBJECT_PRODUCT, names[i], NULL, "-");
    ask(SUBJECT_PRODUCT, "Apache HTTP Server", NULL, ": Apache HTTP Server");
    ask(SUBJECT_PRODUCT, "HTTP Server", "Apache Software Foundation", ": Apache HTTP Server");
    ask(SUBJECT_PRODUCT, "Microsoft Windows", NULL, ": Windows 10");
    ask(SUBJECT_PRODUCT, "Office (Microsoft)", NULL, ": Office 2016");
    ask(SUBJECT_ACTOR, "Outlook", NULL, ": Outlook"); /* as the user wrote it */
    ask(SUBJECT_ACTOR, "Microsoft Windows", NULL, "-");
}

static void test_cpes(void **state)
{
    (void)state;
    add("cpe:2.3:a:microsoft:exchange_server:2016:cumulative_update_23:*:*:*:*:*:*\n"
        "# comment\n\n"
        "cpe:/a:apache:log4j:2.14.1\n"
        "cpe:2.3:a:f5:big-ip_access_policy_manager:*:*:*:*:*:*:*:*\n"
        "cpe:2.3:o:fortinet:fortios:7.0.5:*:*:*:*:*:*:*\n"
        "cpe:/a:rarlab:win%2frar\n"
        "cpe:2.3:z:bad\n");
    assert_int_equal(assets.left_out, 1);
    ask(SUBJECT_PRODUCT, "Microsoft Exchange", NULL, ": exchange_server 2016");
    ask(SUBJECT_PRODUCT, "Apache Log4j", NULL, ": log4j 2.14.1");
    ask(SUBJECT_PRODUCT, "Log4j 2", NULL, ": log4j 2.14.1");
    ask(SUBJECT_PRODUCT, "BIG-IP Access Policy Manager", "F5 Networks", "-");
    ask(SUBJECT_PRODUCT, "BIG-IP Access Policy Manager", "F5", ": big-ip_access_policy_manager");
    ask(SUBJECT_PRODUCT, "FortiOS", "Fortinet", ": fortios 7.0.5");
    ask(SUBJECT_VENDOR, "Fortinet", NULL, ": fortios 7.0.5");
    ask(SUBJECT_PRODUCT, "Win/Rar", NULL, ": win/rar");
    ask(SUBJECT_PRODUCT, "log", NULL, "-");
}

static void test_words(void **state)
{
    (void)state;
    add("Exchange\nCVE-2021-26855\n# no\nCitrix ADC, Citrix Gateway\nvpn.example.org\n");
    ask(SUBJECT_CVE, "CVE-2021-26855", NULL, ": CVE-2021-26855");
    ask(SUBJECT_CVE, "CVE-2021-26857", NULL, "-");
    ask(SUBJECT_PRODUCT, "CVE", NULL, ": CVE-2021-26855"); /* no product is called so */
    ask(SUBJECT_PRODUCT, "Microsoft Exchange", NULL, ": Exchange");
    ask(SUBJECT_TERM, "VPN.example.org", NULL, ": vpn.example.org");
}

/* The products that a CVE is in, given by the caller. */
static void test_others(void **state)
{
    (void)state;
    add("customer,product\nA,Exchange\nB,Exchange\nB,Outlook\nC,Go\n");
    struct str names[] = {STR("Microsoft Exchange"), STR("Microsoft Outlook")};
    struct str_list others = {names, 2};
    struct asset_question q = {.kind = SUBJECT_CVE, .name = STR("CVE-2021-1"), .others = &others};
    struct asset_match m;
    assert_int_equal(assets_match(&assets, &q, &arena, &m), OK);
    assert_str(m.customer, "A, B");
    assert_int_equal(m.n, 3);
    assert_int_equal(m.labels.n, 2);
    assert_str(m.labels.v[0], "Exchange");
}

static void test_cyclonedx(void **state)
{
    (void)state;
    add("\n{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"component\":{\"name\":\"shop\"}},"
        "\"components\":[{\"type\":\"library\",\"name\":\"log4j-core\",\"version\":\"2.14.1\","
        "\"cpe\":\"cpe:2.3:a:apache:log4j:2.14.1:*:*:*:*:*:*:*\","
        "\"components\":[{\"name\":\"inner\",\"supplier\":{\"name\":\"Some Corp\"}}]},"
        "{\"purl\":\"pkg:npm/left-pad@1.3.0?x=@y\"},{\"name\":\"go\"},7,null,[],{}]}");
    ask(SUBJECT_PRODUCT, "Apache Log4j", NULL, "shop: log4j-core 2.14.1");
    ask(SUBJECT_PRODUCT, "log4j-core", NULL, "shop: log4j-core 2.14.1");
    ask(SUBJECT_VENDOR, "Some", NULL, "shop: inner");
    ask(SUBJECT_PRODUCT, "Left Pad", NULL, "shop: left-pad 1.3.0");
    ask(SUBJECT_PRODUCT, "Google", NULL, "-");
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"{\"a\":1}", "{\"a\":", "<bom/>", "host;product\na;b\n"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        error = (struct error){0};
        assert_int_equal(assets_add(&assets, str_of(bad[i]), STR("assets"), &error), ERR_FORMAT);
        assert_true(error.text[0] != 0);
    }
    assert_int_equal(assets_add(&assets, STR("a\0b"), STR("assets"), &error), ERR_FORMAT);
    assert_int_equal(assets_add(&assets, STR(""), STR("assets"), &error), OK);
    assert_int_equal(assets.asset.n, 0);
    assert_int_equal(assets_load(&assets, STR("/nonexistent/assets.csv"), &error), ERR_NOT_FOUND);
}

/* Names that go on and on, many rows, many of one name. */
static void test_large(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 26);
    buf_puts(&b, "host,product\n");
    for (size_t i = 0; i < 20000; i++)
        buf_printf(&b, "h%zu,Exchange Server 2016\n", i);
    for (size_t i = 0; i < 1000000; i++)
        buf_putc(&b, 'x');
    assert_int_equal(assets_add(&assets, buf_view(&b), STR("assets"), &error), OK);
    struct asset_question q = {.kind = SUBJECT_PRODUCT, .name = STR("Microsoft Exchange")};
    struct asset_match m;
    assert_int_equal(assets_match(&assets, &q, &arena, &m), OK);
    assert_int_equal(m.n, 20000);
    assert_int_equal(m.labels.n, ASSETS_MATCH_MAX);
    q.name = str_sub(buf_view(&b), b.n - 1000000, b.n);
    (void)assets_concerned(&assets, &q);
    buf_done(&b);
}

static void key_is(const char *name, const char *vendor, const char *want_vendor, const char *core,
                   const char *version)
{
    struct product_name n;
    product_name_read(&assets.words, str_of(name), str_of(vendor), &n);
    assert_str(product_key_str(&n.vendor), want_vendor);
    assert_str(product_key_str(&n.core), core);
    assert_str(product_key_str(&n.version), version);
}

static void test_names(void **state)
{
    (void)state;
    key_is("Microsoft Exchange Server 2016 Cumulative Update 23", NULL, "microsoft", "exchange",
           "2016");
    key_is("GitLab Community Edition", NULL, "gitlab", "gitlab", "");
    key_is("WordPress 6.1", NULL, "wordpress", "wordpress", "6");
    key_is("7-Zip 22.01", NULL, "", "7zip", "22");
    key_is("Palo Alto Networks PAN-OS v10", NULL, "paloaltonetworks", "pan", "10");
    key_is("Windows Server 2012 R2 SP1", "Microsoft Corp.", "microsoft", "windows", "2012");
    key_is("Foo Bar", "Foo Inc", "foo", "bar", "");
    key_is("Microsoft", "Microsoft", "microsoft", "microsoft", "");
    key_is("\xd0\x96\xd0\x94 1", NULL, "", "\xd0\x96\xd0\x94", "1");
    key_is("...", NULL, "", "", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_table, setup, teardown),
        cmocka_unit_test_setup_teardown(test_traps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cpes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_words, setup, teardown),
        cmocka_unit_test_setup_teardown(test_others, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cyclonedx, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
