/* The list of hosts that may be asked: what a line may say, and what it may not. */
#include "base/buf.h"
#include "exposure/ask.h"
#include "unit.h"

static struct buf told;

static enum err wrong(void *ctx, uint32_t line, struct str text, const char *why)
{
    (void)ctx;
    (void)text;
    buf_printf(&told, "! %u %s\n", line, why);
    return OK;
}

/* One line a host: name, server, line, clock; and one a wrong line. */
static const char *read_list(struct str text)
{
    struct arena arena;
    struct ask_hosts hosts;
    struct error error = {0};
    arena_init(&arena, 64 << 20);
    buf_done(&told);
    buf_init(&told, 1 << 20);
    assert_int_equal(ask_hosts_read(text, &arena, wrong, NULL, &hosts, &error), OK);
    for (size_t i = 0; i < hosts.n; i++) {
        const struct ask_host *h = &hosts.v[i];
        assert_true(h->clock < hosts.clocks);
        buf_printf(&told, "%.*s %.*s %u %u\n", STR_FMT(h->name), STR_FMT(h->server), h->line,
                   h->clock);
    }
    arena_done(&arena);
    buf_putc(&told, 0);
    assert_int_equal(told.rc, OK);
    return told.p;
}

#define assert_list(text, expected) assert_string_equal(read_list(STR(text)), expected)

static void test_hosts(void **state)
{
    (void)state;
    assert_list("mail.example.org\nEX01\n\n  ex_1-a.example. \r\n",
                "mail.example.org https://mail.example.org 1 0\nEX01 https://ex01 2 1\n"
                "ex_1-a.example https://ex_1-a.example 4 2\n");
    assert_list("192.0.2.1\n192.0.2.1:8443\n2001:DB8::1\n[2001:db8::2]\n[2001:db8::2]:8443",
                "192.0.2.1 https://192.0.2.1 1 0\n192.0.2.1 https://192.0.2.1:8443 2 0\n"
                "2001:DB8::1 https://[2001:db8::1] 3 1\n2001:db8::2 https://[2001:db8::2] 4 2\n"
                "2001:db8::2 https://[2001:db8::2]:8443 5 2\n");
    assert_list("https://a.example\nHTTPS://b.example/\nhttps://c.example:8443/owa/\n"
                "https://d.example/OWA",
                "a.example https://a.example 1 0\nb.example https://b.example 2 1\n"
                "c.example https://c.example:8443 3 2\nd.example https://d.example 4 3\n");
    assert_list("# all of them\n#a.example\na.example # the first\nb.example\t#x\n",
                "a.example https://a.example 3 0\nb.example https://b.example 4 1\n");
    assert_list("", "");
}

static void test_twice(void **state)
{
    (void)state;
    assert_list(
        "a.example\nA.example:443\nhttps://a.EXAMPLE/\na.example.\na.example:444\nb.example",
        "a.example https://a.example 1 0\na.example https://a.example:444 5 0\n"
        "b.example https://b.example 6 1\n");
}

static void test_wrong(void **state)
{
    (void)state;
#define NEITHER "neither a name nor an address"
#define RANGE NEITHER ": ranges are not asked"
    static const struct {
        const char *line, *why;
    } lines[] = {
        {"10.0.0.0/24", "a network or a path: each host has to be named"},
        {"2001:db8::/32", "a network or a path: each host has to be named"},
        {"a.example/owa/", "a network or a path: each host has to be named"},
        {"*.example", "a wildcard: each host has to be named"},
        {"ex0?.example", "a wildcard: each host has to be named"},
        {"10.0.0.1-20", RANGE},
        {"10.0.0.1-10.0.0.9", RANGE},
        {"10.0.0", RANGE},
        {"2130706433", RANGE},
        {"0x7f000001", RANGE},
        {"0x7f.1", RANGE},
        {"127.0.0.0x1", RANGE},
        {"010.0.0.1", RANGE},
        {"256.0.0.1", RANGE},
        {"ex[01-20].example", NEITHER},
        {"ex{1,2}.example", NEITHER},
        {"a.example,b.example", NEITHER},
        {"a.example b.example", NEITHER},
        {"-a.example", NEITHER},
        {"a..example", NEITHER},
        {".example", NEITHER},
        {"[2001:db8::1-9]", "no address in the brackets: ranges are not asked"},
        {"[a.example]", "no address in the brackets: ranges are not asked"},
        {"[2001:db8::1", "a bracket is not closed"},
        {"[2001:db8::1]x", "something behind the address"},
        {"fe80::1%eth0", "an address with a zone"},
        {"a.example:", "no port"},
        {"a.example:0", "no port"},
        {"a.example:65536", "no port"},
        {"a.example:443-445", "no port"},
        {":443", "no name"},
        {"https://", "no name"},
        {"http://a.example", "only https is asked"},
        {"ftp://a.example", "only https is asked"},
        {"file:///etc/passwd", "only https is asked"},
        {"user@a.example", "a user's name: nobody is logged in"},
        {"https://user:x@a.example/", "a user's name: nobody is logged in"},
        {"https://a.example/ecp/", "a path: what is asked is fixed, name the host only"},
        {"https://a.example/owa/?x", "a path: what is asked is fixed, name the host only"},
        {"b\xc3\xbc"
         "cher.example",
         "letters beyond ASCII: write the name as xn--"},
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        char want[128];
        (void)snprintf(want, sizeof want, "! 1 %s\n", lines[i].why);
        const char *got = read_list(str_of(lines[i].line));
        if (strcmp(got, want) != 0)
            fail_msg("%s: got %s", lines[i].line, got);
    }
    assert_list("10.0.0.0/8\na.example\n", "! 1 a network or a path: each host has to be named\n"
                                           "a.example https://a.example 2 0\n");
}

static void test_long(void **state)
{
    (void)state;
    char name[400];
    memset(name, 'a', sizeof name);
    assert_string_equal(read_list(str_make(name, 64)), "! 1 " NEITHER "\n");
    for (size_t i = 20; i < sizeof name; i += 21)
        name[i] = '.';
    assert_string_equal(read_list(str_make(name, 254)), "! 1 no name\n");
    assert_int_equal(read_list(str_make(name, 253))[0], 'a');
}

static void test_many(void **state)
{
    (void)state;
    struct arena arena;
    struct ask_hosts hosts;
    struct error error = {0};
    struct buf list;
    arena_init(&arena, 64 << 20);
    buf_init(&list, 1 << 20);
    for (int i = 0; i < ASK_HOSTS_MAX; i++)
        buf_printf(&list, "h%d.example\n", i);
    assert_int_equal(ask_hosts_read(buf_view(&list), &arena, wrong, NULL, &hosts, &error), OK);
    assert_int_equal(hosts.n, ASK_HOSTS_MAX);
    buf_puts(&list, "one.more\n");
    assert_int_equal(ask_hosts_read(buf_view(&list), &arena, wrong, NULL, &hosts, &error),
                     ERR_LIMIT);
    buf_done(&list);
    arena_done(&arena);
}

static void test_pins(void **state)
{
    (void)state;
#define KEY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    static const char *const bad[] = {"",
                                      "sha256//",
                                      "sha256//" KEY,
                                      "sha256//" KEY "==",
                                      "sha256//" KEY "A=;",
                                      "sha256//" KEY "?=",
                                      "sha1//" KEY "A=",
                                      "/etc/passwd",
                                      "file.pem"};
    assert_null(ask_pin_wrong(STR("sha256//" KEY "A=")));
    assert_null(ask_pin_wrong(STR("sha256//" KEY "+=")));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (!ask_pin_wrong(str_of(bad[i])))
            fail_msg("'%s' is taken", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts), cmocka_unit_test(test_twice), cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_long),  cmocka_unit_test(test_many),  cmocka_unit_test(test_pins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
