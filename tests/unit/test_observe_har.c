/* HTTP Archives: hosts, times and builds of their entries; damage; entries that are too long. */
#include "observe_test.h"

#define BEGIN "{\"log\": {\"version\": \"1.2\", \"creator\": {\"name\": \"x\"},\n\"entries\": ["
#define ENTRY(url, headers, content)                                                               \
    "{\"startedDateTime\": \"2021-03-08T11:00:01.000Z\", \"request\": {\"url\": \"" url "\"},\n"   \
    " \"response\": {\"status\": 200, \"headers\": [" headers "], \"content\": {" content "}}}"
#define HEADER(name, value) "{\"name\": \"" name "\", \"value\": \"" value "\"}"
#define OWA HEADER("X-OWA-Version", "15.1.2176.9")
#define WHEN "2021-03-08T11:00:01Z"

static void test_entries(void **state)
{
    (void)state;
    assert_observed(
        STR(BEGIN ENTRY("https://a.example:443/owa/", OWA, "") ",\n" ENTRY(
            "https://b.example/", "",
            "\"text\": \"<a href=\\\"\\/owa\\/auth\\/15.1.2176/x\\\">\"") ",\n" ENTRY("https://"
                                                                                      "c.example/",
                                                                                      "",
                                                                                      "") "]}}"),
        "x.har", "a.example 15.1.2176.9 su? " WHEN " 2\nb.example 15.1.2176 cu " WHEN " 4\n");
    /* Members in another order, further ones, and others around the entries. */
    assert_observed(
        STR("{\"a\": [1, {\"entries\": []}], \"log\": {\"pages\": [{\"id\": \"entries\"}],"
            "\"creator\": {\"log\": {}}, \"entries\": [{\"response\": {\"headers\": "
            "[" HEADER("Other", "x") ", 5, " HEADER(
                "x-owa-version", "15.1.2176.2") "]}, \"cache\": {}, \"request\": {\"url\": "
                                                "\"https://a.example/\"}}], \"comment\": \"\"}}"),
        "x", "a.example 15.1.2176.2 su? - 1\n");
    assert_observed(STR(BEGIN "]}}"), "x", "! 0 no-build no answer tells one\n");
    assert_observed(STR(BEGIN ENTRY("", OWA, "") "]}}"), "x", "! 2 damaged no host is named\n");
}

static void test_base64(void **state)
{
    (void)state;
    /* "<a href=/owa/auth/15.1.2176/x>" */
    assert_observed(STR(BEGIN ENTRY("https://a.example/", "",
                                    "\"encoding\": \"base64\", \"text\": "
                                    "\"PGEgaHJlZj0vb3dhL2F1dGgvMTUuMS4yMTc2L3g+\"") "]}}"),
                    "x", "a.example 15.1.2176 cu " WHEN " 2\n");
    assert_observed(STR(BEGIN ENTRY("https://a.example/", "",
                                    "\"encoding\": \"base64\", \"text\": "
                                    "\"L293YS8xNS4xLjIxNzYv\"") "]}}"),
                    "x", "a.example 15.1.2176 cu " WHEN " 2\n");
    assert_observed(
        STR(BEGIN ENTRY("https://a.example/", "", "\"text\": \"L293YS8xNS4xLjIxNzYv\"") "]}}"), "x",
        "! 0 no-build no answer tells one\n");
}

static void test_times(void **state)
{
    (void)state;
    assert_observed(
        STR(BEGIN
            "{\"request\": {\"url\": \"https://a.example/\"}, \"response\": "
            "{\"headers\": [" HEADER(
                "Date",
                "Mon, 08 Mar 2021 11:00:01 GMT") "," OWA "]}},{\"startedDateTime\": "
                                                 "\"2021-03-08T12:00:01+01:00\", \"request\": "
                                                 "{\"url\": \"https://a.example/\"}, \"response\": "
                                                 "{\"headers\": [" OWA "]}}]}}"),
        "x", "a.example 15.1.2176.9 su? " WHEN " 2\na.example 15.1.2176.9 su? " WHEN " 2\n");
}

static void test_damage(void **state)
{
    (void)state;
    assert_observed(
        STR(BEGIN ENTRY("https://a.example/", OWA, "") ",\n{\"startedDateTime\": \"20"), "x",
        "a.example 15.1.2176.9 su? " WHEN " 2\n! 4 cut the text ends within the archive\n");
    assert_observed(STR(BEGIN ENTRY("https://a.example/", OWA, "") ",\n{\"a\" 5}]}}"), "x",
                    "a.example 15.1.2176.9 su? " WHEN
                    " 2\n! 4 damaged a value stands where none may\n");
    assert_observed(
        STR(BEGIN ENTRY("https://a.example/", OWA, "") "\n" ENTRY("https://b.example/", OWA,
                                                                  "") "]}}"),
        "x", "a.example 15.1.2176.9 su? " WHEN " 2\n! 4 damaged not the structure of JSON\n");
    assert_observed(STR(BEGIN "5, [], \"x\", {}]}}"), "x",
                    "! 2 damaged an entry\n! 2 damaged an entry\n! 2 damaged an entry\n"
                    "! 0 no-build no answer tells one\n");
    assert_observed(STR("{\"log\": {\"creator\": {}, \"other\": []}}"), "x",
                    "! 1 damaged not the structure of an archive\n");
    assert_observed(STR("{\"log\": \"x\", \"y\": 1}"), "x", "(foreign)");
}

/* An entry that does not fit into memory is left out, and the next one is read. */
static void test_long(void **state)
{
    (void)state;
    enum { LENGTH = 9 * 1000 * 1000 };
    struct buf b;
    buf_init(&b, 2 * LENGTH);
    buf_puts(&b,
             BEGIN "{\"request\": {\"url\": \"https://a.example/\"}, \"response\": {\"content\": "
                   "{\"text\": \"");
    for (int i = 0; i < LENGTH; i++)
        buf_putc(&b, 'x');
    size_t n = b.n;
    buf_puts(&b, "\"}}}]}}");
    assert_observed(buf_view(&b), "x", "! 2 too-long an entry\n");
    b.n = n;
    buf_puts(&b, "\"}}},\n" ENTRY("https://b.example/", OWA, "") "]}}");
    assert_observed(buf_view(&b), "x",
                    "! 2 too-long an entry\nb.example 15.1.2176.9 su? " WHEN " 3\n");
    buf_done(&b);
}

/* What entries unpack is given back: 200 of 100 KB, and then one that tells. */
static void test_memory(void **state)
{
    (void)state;
    enum { ENTRIES = 200, LENGTH = 100 * 1000 };
    struct buf b;
    buf_init(&b, 64 << 20);
    buf_puts(&b, BEGIN);
    for (int i = 0; i < ENTRIES; i++) {
        buf_puts(&b, "{\"request\": {\"url\": \"https://a.example/\"}, \"response\": {\"content\": "
                     "{\"encoding\": \"base64\", \"text\": \"");
        for (int k = 0; k < LENGTH; k++)
            buf_putc(&b, 'A');
        buf_puts(&b, i + 1 < ENTRIES ? "\"}}}," : "L293YS8xNS4xLjIxNzYv\"}}}]}}");
    }
    assert_observed(buf_view(&b), "x", "a.example 15.1.2176 cu - 2\n");
    buf_done(&b);
}

static void test_many(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64 << 20);
    buf_puts(&b, BEGIN);
    for (int i = 0; i < 100 * 1000; i++)
        buf_printf(
            &b,
            "%s{\"request\": {\"url\": \"https://h%d.example/\"}, \"response\": {\"headers\": "
            "[" OWA "]}}",
            i ? ",\n" : "", i);
    buf_puts(&b, "]}}");
    const char *got = observed(buf_view(&b), (struct observe_options){.name = STR("x")});
    assert_int_equal(str_count(str_of(got), '\n'), 100 * 1000);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries), cmocka_unit_test(test_base64),
        cmocka_unit_test(test_times),   cmocka_unit_test(test_damage),
        cmocka_unit_test(test_long),    cmocka_unit_test(test_memory),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
