#include "observe_told.h"

#include "codec/observe_priv.h"

#include <stdlib.h>

#define HEAD                                                                                       \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE nmaprun>\n<nmaprun "                    \
    "start=\"1615201200\">\n"
#define HOST(name) "<host><hostnames><hostname name=\"" name "\"/></hostnames>"
#define SCRIPT(inside) "<ports><port><script id=\"x\">" inside "</script></port></ports></host>\n"
#define BUILD(text) "<table key=\"a\"><elem key=\"build\">" text "</elem></table>"
#define NOON "2021-03-08T11:00:00Z"

static void builds_and_holes(void **state)
{
    (void)state;
    expect_told(STR(HEAD HOST("a") SCRIPT(BUILD("15.1.2176.9")) HOST("b") SCRIPT(
                    "<table key=\"CVE-2021-26855\"><elem key=\"state\">VULNERABLE</elem></table>")
                        HOST("c")
                            SCRIPT("<table key=\"n\"><elem key=\"state\">NOT VULNERABLE</elem>"
                                   "<table key=\"ids\"><elem>CVE:CVE-2021-26855</elem>"
                                   "</table></table>") "</nmaprun>"),
                "scan.xml",
                "build a 15.1.2176.9 su " NOON " :4\n"
                "open b CVE-2021-26855 " NOON " :5\n"
                "closed c CVE-2021-26855 " NOON " :6\n");
}

/* The build of a product, and words that are none. */
static void what_is_no_build(void **state)
{
    (void)state;
    expect_told(
        STR(HEAD HOST("a") SCRIPT(BUILD("15.1") BUILD("Exchange 2016") BUILD("")) "</nmaprun>"),
        "scan.xml", "");
    expect_foreign(STR("<html><body>nmaprun</body></html>"), "scan.xml");
}

static void refusals(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"<!DOCTYPE nmaprun [<!ENTITY a \"b\">]>\n<nmaprun/>",
         "gap damaged :1 it declares entities\n"},
        {"<!DOCTYPE nmaprun [<!ELEMENT a (b|c)>]>\n<nmaprun/>",
         "gap damaged :1 it declares elements\n"},
        {"<!DOCTYPE nmaprun [<!ATTLIST a b CDATA #IMPLIED>]>\n<nmaprun/>",
         "gap damaged :1 it declares attributes\n"},
        {"<!DOCTYPE nmaprun [<!NOTATION a SYSTEM \"b\">]>\n<nmaprun/>",
         "gap damaged :1 it declares notations\n"},
        {"<nmaprun>\n<host></port>\n", "gap damaged :2 mismatched tag\n"},
        {"<nmaprun>\n<host>", "gap cut :2 no element found\n"},
        {"<?xml version=\"1.0\" encoding=\"KOI8-R\"?><nmaprun/>",
         "gap damaged :1 unknown encoding\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_told(str_of(cases[i].text), "scan.xml", cases[i].want);
}

static void letters(void **state)
{
    (void)state;
    const char *want = "gap damaged :4 bytes that are no UTF-8 are read as question marks\n"
                       "build b 15.1.2176.9 su " NOON " :5\n";
    expect_told(
        STR(HEAD "<a b=\"\xa9 \xae\"/>\n" HOST("b") SCRIPT(BUILD("15.1.2176.9")) "</nmaprun>"),
        "scan.xml", want);
    expect_told(
        STR("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><nmaprun start=\"1615201200\">" HOST(
            "b\xfc") SCRIPT(BUILD("15.1.2176.9")) "</nmaprun>"),
        "scan.xml", "build b\xc3\xbc 15.1.2176.9 su " NOON " :1\n");
}

/* UTF-16 whose declaration still says so. */
static void wide_letters(void **state)
{
    static const char text[] = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<nmaprun>" HOST("b")
        SCRIPT(BUILD("15.1.2176.9")) "</nmaprun>";
    char wide[2 * sizeof text] = "\xff\xfe";
    (void)state;
    for (size_t i = 0; i + 1 < sizeof text; i++)
        wide[2 * i + 2] = text[i];
    expect_told(str_make(wide, 2 * sizeof text), "scan.xml", "build b 15.1.2176.9 su - :2\n");
}

/* before, n times letter, after; freed by the next call. */
static struct str with_many(const char *before, char letter, size_t n, const char *after)
{
    static char *text;
    size_t a = strlen(before), b = strlen(after);
    free(text);
    text = malloc(a + n + b);
    assert_non_null(text);
    memcpy(text, before, a);
    memset(text + a, letter, n);
    memcpy(text + a + n, after, b);
    return str_make(text, a + n + b);
}

/* What expat keeps whole: it must not grow with the input. */
static void long_tags(void **state)
{
    const char *head = HEAD HOST("a") SCRIPT(BUILD("15.1.2176.9"));
    char before[512];
    (void)state;
    static const char *const starts[] = {"<host x=\"", "<host ", "<!-- ", "<", "<?"};
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct buf text;
        buf_init(&text, sizeof before);
        buf_printf(&text, "%s%s", head, starts[i]);
        buf_putc(&text, '\0');
        assert_int_equal(text.rc, OK);
        expect_told(with_many(text.p, i == 1 ? ' ' : 'y', 3 * OBSERVE_RECORD_BYTES, ""), "scan.xml",
                    "build a 15.1.2176.9 su " NOON " :4\n"
                    "gap too-long :5 a tag is too long\n");
        buf_done(&text);
    }
    expect_told(with_many(HEAD "<", 'y', 1000, "/></nmaprun>"), "scan.xml",
                "gap too-long :4 the name of an element is too long\n");
    expect_told(with_many(HEAD "<host x=\"", 'y', OBSERVE_RECORD_BYTES / 2,
                          "\"/>" HOST("a") SCRIPT(BUILD("15.1.2176.9")) "</nmaprun>"),
                "scan.xml", "build a 15.1.2176.9 su " NOON " :4\n");
}

/* Many bytes that are no UTF-8 within one long tag take no longer than other bytes. */
static void long_bad_tag(void **state)
{
    (void)state;
    expect_told(with_many(HEAD "<a b=\"", '\xa9', OBSERVE_RECORD_BYTES / 2, "\"/></nmaprun>"),
                "scan.xml", "gap damaged :4 bytes that are no UTF-8 are read as question marks\n");
}

static void too_deep(void **state)
{
    struct buf text;
    (void)state;
    buf_init(&text, 1 << 20);
    buf_puts(&text, HEAD);
    for (int i = 0; i < 10000; i++)
        buf_puts(&text, "<a>");
    expect_told(buf_view(&text), "scan.xml",
                "gap damaged :4 elements stand too deep in each other\n");
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_and_holes), cmocka_unit_test(what_is_no_build),
        cmocka_unit_test(refusals),         cmocka_unit_test(letters),
        cmocka_unit_test(wide_letters),     cmocka_unit_test(long_tags),
        cmocka_unit_test(long_bad_tag),     cmocka_unit_test(too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
