#include "base/ip.h"
#include "match/ioc.h"

#include "unit.h"

#include <stdio.h>

static struct arena arena;
static struct indicator list[4096];
static size_t n_list;
static struct ioc_set *set;

static void add(enum indicator_type type, const char *value)
{
    list[n_list++] = (struct indicator){.type = type,
                                        .value = arena_str(&arena, str_of(value)),
                                        .from_us = TIME_NONE,
                                        .until_us = TIME_NONE};
}

static void build(void)
{
    assert_int_equal(ioc_compile(&arena, list, n_list, &set, NULL), OK);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 256 << 20);
    n_list = 0;
    set = NULL;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ioc_done(set);
    arena_done(&arena);
    return 0;
}

/* Index of the first hit, or -1; find, check and the convenience function must agree. */
static int hit(enum indicator_type type, const char *subject)
{
    uint32_t all[IOC_MAX_HITS];
    size_t n = ioc_find(set, type, str_of(subject), all, IOC_MAX_HITS);
    for (uint32_t i = 0; i < n_list; i++) {
        bool found = false;
        for (size_t k = 0; k < n; k++)
            found |= all[k] == i;
        if (list[i].type == type && n < IOC_MAX_HITS && found != ioc_check(set, i, str_of(subject)))
            fail_msg("find and check differ on '%s' for '%.*s'", subject, STR_FMT(list[i].value));
    }
    return n ? (int)all[0] : -1;
}

static void addresses_keep_their_borders(void **state)
{
    (void)state;
    add(INDICATOR_ADDRESS, "1.1.1.1");
    add(INDICATOR_ADDRESS, "2001:db8::5");
    add(INDICATOR_ADDRESS, "198.51.100.0/24");
    add(INDICATOR_ADDRESS, "2001:db8:1::/48");
    add(INDICATOR_ADDRESS, "203.0.113.9:443");
    build();
    assert_int_equal(hit(INDICATOR_ADDRESS, "1.1.1.1"), 0);
    assert_int_equal(hit(INDICATOR_ADDRESS, "11.1.1.1"), -1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "1.1.1.10"), -1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "11.1.1.10"), -1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "::ffff:1.1.1.1"), 0);
    assert_int_equal(hit(INDICATOR_ADDRESS, "1.1.1.1:51000"), 0);
    assert_int_equal(hit(INDICATOR_ADDRESS, "10.0.0.1,+1.1.1.1"), 0);
    assert_int_equal(hit(INDICATOR_ADDRESS, "10.0.0.1, 10.0.0.2"), -1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "2001:0DB8:0::0:5"), 1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "[2001:db8::5]:443"), 1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "2001:db8::5%3"), 1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "2001:db8::50"), -1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "198.51.100.0"), 2);
    assert_int_equal(hit(INDICATOR_ADDRESS, "198.51.100.255"), 2);
    assert_int_equal(hit(INDICATOR_ADDRESS, "198.51.101.0"), -1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "198.51.99.255"), -1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "2001:db8:1:ffff::"), 3);
    assert_int_equal(hit(INDICATOR_ADDRESS, "2001:db8:2::"), -1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "203.0.113.9"), 4);
    assert_int_equal(hit(INDICATOR_ADDRESS, ""), -1);
    assert_int_equal(hit(INDICATOR_ADDRESS, "-"), -1);
    assert_int_equal(hit(INDICATOR_ADDRESS, ",,,,"), -1);
}

static void all_sources_of_an_address_are_found(void **state)
{
    (void)state;
    uint32_t all[8];
    add(INDICATOR_ADDRESS, "198.51.0.0/16");
    add(INDICATOR_ADDRESS, "198.51.100.7");
    add(INDICATOR_ADDRESS, "198.51.100.0/24");
    add(INDICATOR_ADDRESS, "198.51.100.7");
    list[1].weak = true;
    build();
    assert_int_equal(ioc_find(set, INDICATOR_ADDRESS, STR("198.51.100.7"), all, 8), 4);
    assert_int_equal(all[0], 3); /* the strong one before the weak one, then narrow before wide */
    assert_int_equal(all[1], 1);
    assert_int_equal(all[2], 2);
    assert_int_equal(all[3], 0);
    assert_int_equal(ioc_find(set, INDICATOR_ADDRESS, STR("198.51.100.7"), all, 2), 2);
    assert_int_equal(ioc_find(set, INDICATOR_ADDRESS, STR("198.51.1.1"), all, 8), 1);
    assert_true(indicator_valid_at(&list[0], 5));
    list[0].from_us = 10;
    list[0].until_us = 20;
    assert_false(indicator_valid_at(&list[0], 9));
    assert_true(indicator_valid_at(&list[0], 10));
    assert_false(indicator_valid_at(&list[0], 20));
    assert_true(indicator_valid_at(&list[0], TIME_NONE));
}

static void domains_match_below_not_beside(void **state)
{
    (void)state;
    add(INDICATOR_DOMAIN, "evil.example");
    add(INDICATOR_DOMAIN, "*.Sub.Bad.Example.");
    build();
    assert_int_equal(hit(INDICATOR_DOMAIN, "evil.example"), 0);
    assert_int_equal(hit(INDICATOR_DOMAIN, "WWW.Evil.EXAMPLE."), 0);
    assert_int_equal(hit(INDICATOR_DOMAIN, "a.b.evil.example:8443"), 0);
    assert_int_equal(hit(INDICATOR_DOMAIN, "https://u@evil.example/x"), 0);
    assert_int_equal(hit(INDICATOR_DOMAIN, "notevil.example"), -1);
    assert_int_equal(hit(INDICATOR_DOMAIN, "evil.example.org"), -1);
    assert_int_equal(hit(INDICATOR_DOMAIN, "example"), -1);
    assert_int_equal(hit(INDICATOR_DOMAIN, "x.sub.bad.example"), 1);
    assert_int_equal(hit(INDICATOR_DOMAIN, "bad.example"), -1);
    assert_int_equal(hit(INDICATOR_DOMAIN, "."), -1);
    assert_int_equal(hit(INDICATOR_DOMAIN, "..evil.example"), 0);
}

static void names_are_last_parts(void **state)
{
    (void)state;
    add(INDICATOR_NAME, "bob.aspx");
    add(INDICATOR_NAME, "C:\\Program Files\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\shell.aspx");
    build();
    assert_int_equal(hit(INDICATOR_NAME, "/owa/auth/BOB.aspx"), 0);
    assert_int_equal(hit(INDICATOR_NAME, "c:\\inetpub\\bob.aspx"), 0);
    assert_int_equal(hit(INDICATOR_NAME, "bob.aspx"), 0);
    assert_int_equal(hit(INDICATOR_NAME, "/bob.aspx/more/info"), 0);
    assert_int_equal(hit(INDICATOR_NAME, "/bob.aspx/"), 0);
    assert_int_equal(hit(INDICATOR_NAME, "/notbob.aspx"), -1);
    assert_int_equal(hit(INDICATOR_NAME, "/bob.aspx.txt"), -1);
    assert_int_equal(hit(INDICATOR_NAME, "/owa/auth/shell.aspx"), 1);
    assert_int_equal(hit(INDICATOR_NAME, "shell.aspx"), 1);
    assert_int_equal(hit(INDICATOR_NAME, "/ecp/default/shell.aspx"), -1);
    assert_int_equal(hit(INDICATOR_NAME, "////"), -1);
}

static void agents_ignore_case_and_plus(void **state)
{
    (void)state;
    add(INDICATOR_AGENT, "antSword/v2.1");
    add(INDICATOR_AGENT, "Mozilla/5.0+(compatible;+Googlebot/2.1;++http://www.google.com/bot.html");
    build();
    assert_int_equal(hit(INDICATOR_AGENT, "AntSword/V2.1"), 0);
    assert_int_equal(hit(INDICATOR_AGENT, "x antsword/v2.1 y"), 0);
    assert_int_equal(hit(INDICATOR_AGENT, "antsword/v2"), -1);
    const char *blank = "Mozilla/5.0 (compatible; Googlebot/2.1;  http://www.google.com/bot.html)";
    assert_int_equal(hit(INDICATOR_AGENT, blank), 1);
    const char *plus = "Mozilla/5.0+(compatible;+Googlebot/2.1;++http://www.google.com/bot.html)";
    assert_int_equal(hit(INDICATOR_AGENT, plus), 1);
}

/* Exchange writes a blank for each comma of an agent. */
static void agents_ignore_commas(void **state)
{
    (void)state;
    add(INDICATOR_AGENT, "Mozilla/5.0 (KHTML, like Gecko) Chrome/51.0.2704.103");
    add(INDICATOR_AGENT, "A (x  y)");
    build();
    assert_int_equal(hit(INDICATOR_AGENT, "Mozilla/5.0 (KHTML  like Gecko) Chrome/51.0.2704.103"),
                     0);
    assert_int_equal(hit(INDICATOR_AGENT, "Mozilla/5.0+(KHTML,+like+Gecko)+Chrome/51.0.2704.103"),
                     0);
    assert_int_equal(hit(INDICATOR_AGENT, "Mozilla/5.0 (KHTML like Gecko) Chrome/51.0.2704.103"),
                     -1);
    assert_int_equal(hit(INDICATOR_AGENT, "A (x, y)"), 1);
}

static bool url_hit(const char *host, const char *stem, const char *query, uint32_t want)
{
    struct ioc_request r = {str_of(host), str_of(stem), str_of(query)};
    uint32_t all[IOC_MAX_HITS];
    size_t n = ioc_find_url(set, &r, all, IOC_MAX_HITS);
    bool found = false;
    for (size_t i = 0; i < n; i++)
        found |= all[i] == want;
    assert_int_equal(found, ioc_check_url(set, want, &r));
    return found;
}

static void urls_end_at_borders(void **state)
{
    (void)state;
    add(INDICATOR_URL, "http://evil.example:8080/a%20b/x.aspx");
    add(INDICATOR_URL, "/owa/auth/x.js");
    add(INDICATOR_URL, "autodiscover.json?@evil");
    add(INDICATOR_URL, "https://host.example/");
    add(INDICATOR_URL, "/ecp/y.js?a=1");
    build();
    assert_true(url_hit("evil.example", "/a b/X.aspx", NULL, 0));
    assert_true(url_hit("EVIL.example:8080", "/a b/x.aspx", "q=1", 0));
    assert_false(url_hit("evil.example:81", "/a b/x.aspx", NULL, 0));
    assert_false(url_hit("www.evil.example", "/a b/x.aspx", NULL, 0));
    assert_false(url_hit("evil.example", "/a b/x.aspxx", NULL, 0));
    assert_false(url_hit(NULL, "/a b/x.aspx", NULL, 0));
    assert_true(url_hit(NULL, "http://evil.example:8080/a b/x.aspx?q", NULL, 0));
    assert_true(url_hit("mail.example", "/OWA/auth/x.js", NULL, 1));
    assert_true(url_hit(NULL, "/owa/auth/x.js/info", NULL, 1));
    assert_true(url_hit(NULL, "/owa/auth/x.js?v=1", NULL, 1));
    assert_false(url_hit(NULL, "/owa/auth/x.json", NULL, 1));
    assert_false(url_hit(NULL, "/a/owa/auth/x.js", NULL, 1));
    assert_true(url_hit("h", "/autodiscover/autodiscover.json", "@evil.example/owa", 2));
    assert_true(url_hit(NULL, "/autodiscover/autodiscover.json?@EVIL", NULL, 2));
    assert_false(url_hit(NULL, "/autodiscover/autodiscover.json", "x=@evil", 2));
    assert_true(url_hit("host.example:443", "/any", NULL, 3));
    assert_true(url_hit("host.example", NULL, NULL, 3));
    assert_false(url_hit("ahost.example", "/", NULL, 3));
    assert_true(url_hit(NULL, "/ecp/y.js", "a=1&b=2", 4));
    assert_false(url_hit(NULL, "/ecp/y.js", "a=12", 4));
    assert_false(url_hit(NULL, "/ecp/y.js", NULL, 4));
}

static void hashes_and_text_and_rejects(void **state)
{
    (void)state;
    const uint32_t *rejected;
    add(INDICATOR_HASH, "B75F163CA9B9240BF4B37AD92BC7556B40A17E27C2B8ED5C8991385FE07D17D0");
    add(INDICATOR_HASH, "0123456789abcdef0123456789abcdef");
    add(INDICATOR_TEXT, "Set-OabVirtualDirectory");
    add(INDICATOR_ADDRESS, "1.2.3.4.5");
    add(INDICATOR_HASH, "abc");
    add(INDICATOR_TEXT, "&c");
    build();
    const char *sha = "b75f163ca9b9240bf4b37ad92bc7556b40a17e27c2b8ed5c8991385fe07d17d0";
    assert_int_equal(hit(INDICATOR_HASH, sha), 0);
    assert_int_equal(hit(INDICATOR_HASH, "0123456789ABCDEF0123456789abcdef"), 1);
    assert_int_equal(hit(INDICATOR_HASH, "0123456789abcdef0123456789abcdee"), -1);
    assert_int_equal(hit(INDICATOR_TEXT, "x set-oabvirtualdirectory y"), 2);
    assert_int_equal(hit(INDICATOR_TEXT, "echo [s]&cd"), 5);
    assert_int_equal(ioc_rejected(set, &rejected), 2);
    assert_int_equal(rejected[0], 3);
    assert_int_equal(rejected[1], 4);
    assert_int_equal(ioc_count(set, INDICATOR_HASH), 2);
}

static void literals_stand_in_what_matches(void **state)
{
    (void)state;
    static const struct {
        enum indicator_type type;
        const char *value, *literal;
    } rows[] = {
        {INDICATOR_DOMAIN, "Evil.Example", "evil.example"},
        {INDICATOR_NAME, "C:\\a\\my shell.aspx", "shell.aspx"},
        {INDICATOR_AGENT, "python-requests/2.19.1", "python-requests"},
        {INDICATOR_AGENT, "Mozilla/5.0 (Windows NT) Chrome/51.0.2704.103", "51.0.2704.103"},
        {INDICATOR_URL, "http://a.example/x/long%2dpath.aspx?q", "/x/long-path.aspx"},
        {INDICATOR_URL, "/owa/auth/x.js", "/owa/auth/x.js"},
        {INDICATOR_URL, "autodiscover.json?@evil", "autodiscover.json"},
        {INDICATOR_URL, "https://host.example/", "host.example"},
        {INDICATOR_TEXT, "S:CMD=Set-Oab.ExternalUrl='", "set-oab.externalurl"},
        {INDICATOR_TEXT, "[&(", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        add(rows[i].type, rows[i].value);
    add(INDICATOR_ADDRESS, "192.0.2.1");
    build();
    const struct ioc_literal *literal;
    assert_int_equal(ioc_literals(set, &literal), ARRAY_LEN(rows));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(literal[i].index, i);
        assert_str(literal[i].text, rows[i].literal);
    }
}

static void addresses_are_found_wherever_they_stand(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int first, second; /* indices of what is found, -1: nothing */
    } rows[] = {
        {"198.51.100.8", 0, -1},
        {"198.51.100.8:443", 0, -1},
        {"198.51.100.8\n198.51.100.9\n203.0.113.50", 0, 2},
        {"10.0.0.1;198.51.100.8,203.0.113.50", 0, 2},
        {"::ffff:198.51.100.8;", 0, -1},
        {"type:  5 www.example.org;::ffff:198.51.100.8;2001:db8::5;", 0, 1},
        {"::FFFF:C633:6408", 0, -1},
        {"2001:db8:0:0:0:0:0:5", 1, -1},
        {"[2001:0DB8::0005]:443", 1, -1},
        {"2001:db8::5%eth0", 1, -1},
        {"src:2001:db8::5 dst:198.51.100.8", 1, 0},
        {"Address:198.51.100.8.", 0, -1},
        {"\\\\198.51.100.8\\c$ http://203.0.113.50/x", 0, 2},
        {"ip%3D198.51.100.8%20203.0.113.50", 0, 2},
        {"198.51.100.8-203.0.113.50", 0, 2},
        {"203.000.113.050", 2, -1},
        {"203.00.113.50 203.0.113.0050", -1, -1},
        {"198.51.100.80 1198.51.100.8 198.51.100.8.1 1.198.51.100.8", -1, -1},
        {"198.51.100.8.in-addr.arpa v198.51.100.8 198.51.100.8a", -1, -1},
        {"198.51.100. .51.100.8 198.51.100", -1, -1},
        {"12001:db8::5 2001:db8::55 x2001:db8::5 2001:db8::5:1", -1, -1},
        {"12:30:05.123 00:11:22:33:44:55 Foo::Bar :: : . .. ::: a::", -1, -1},
        {"in the net 192.0.2.200, and in 2001:db8:7::9", 3, 4},
        {"face:198.51.100.8 a:b:c:203.0.113.50", 0, 2},
    };
    add(INDICATOR_ADDRESS, "198.51.100.8");
    add(INDICATOR_ADDRESS, "2001:db8::5");
    add(INDICATOR_ADDRESS, "203.0.113.50");
    add(INDICATOR_ADDRESS, "192.0.2.0/24");
    add(INDICATOR_ADDRESS, "2001:db8:7::/48");
    build();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t before = 0; before < 40; before++) { /* at all places of a block of bytes */
            char text[160];
            (void)snprintf(text, sizeof text, "%*s%s", (int)before, "", rows[i].text);
            int want[] = {rows[i].first, rows[i].second, -1};
            size_t at = 0;
            for (size_t k = 0; k == 0 || want[k - 1] >= 0; k++) {
                uint32_t index[2];
                size_t n = ioc_next_address(set, str_of(text), &at, index, 2);
                if ((n ? (int)index[0] : -1) != want[k] || n > 1)
                    fail_msg("'%s' has %d at place %zu", text, n ? (int)index[0] : -1, k);
            }
        }
}

static void lines_without_fields_have_borders_too(void **state)
{
    (void)state;
    static const struct {
        enum indicator_type type;
        const char *value, *line;
        bool found;
    } rows[] = {
        {INDICATOR_ADDRESS, "1.1.1.1", "from 1.1.1.1 port 5", true},
        {INDICATOR_ADDRESS, "1.1.1.1", "from 11.1.1.10 port 5", false},
        {INDICATOR_ADDRESS, "1.1.1.1", "x=1.1.1.1.", true},
        {INDICATOR_ADDRESS, "1.1.1.1", "x=1.1.1.1.5", false},
        {INDICATOR_ADDRESS, "1.1.1.1", "client 1.1.1.1:443: reset", true},
        {INDICATOR_ADDRESS, "2001:db8::1", "[2001:DB8:0::1]:25", true},
        {INDICATOR_DOMAIN, "evil.example", "host=www.evil.example;", true},
        {INDICATOR_DOMAIN, "evil.example", "host=notevil.example;", false},
        {INDICATOR_DOMAIN, "evil.example", "evil.example.org", false},
        {INDICATOR_DOMAIN, "evil.example", "see evil.example.", true},
        {INDICATOR_DOMAIN, "evil.example", "url=http%3A%2F%2Fevil.example%2F", true},
        {INDICATOR_NAME, "bob.aspx", "GET /owa/bob.aspx 200", true},
        {INDICATOR_NAME, "bob.aspx", "GET /owa/notbob.aspx 200", false},
        {INDICATOR_NAME, "bob.aspx", "GET /bob.aspx.bak", false},
        {INDICATOR_NAME, "bob.aspx", "path=%5Cbob.aspx", true},
        {INDICATOR_NAME, "c:\\x\\auth\\bob.aspx", "GET /owa/auth/bob.aspx - 443", true},
        {INDICATOR_NAME, "c:\\x\\auth\\bob.aspx", "GET /owa/other/bob.aspx - 443", false},
        {INDICATOR_HASH, "0123456789abcdef0123456789abcdef",
         "MD5=0123456789ABCDEF0123456789ABCDEF,SHA1=1", true},
        {INDICATOR_HASH, "0123456789abcdef0123456789abcdef", "x00123456789ABCDEF0123456789ABCDEF",
         false},
        {INDICATOR_URL, "http://evil.example/a", "GET http://evil.example:80/a HTTP/1.1", true},
        {INDICATOR_URL, "http://evil.example/a", "GET http://evil.example/ab", false},
        {INDICATOR_URL, "/a/b.js", "GET /a/b.js?x", true},
        {INDICATOR_TEXT, "klk123456", "pass=KLK123456", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        add(rows[i].type, rows[i].value);
    build();
    for (uint32_t i = 0; i < ARRAY_LEN(rows); i++)
        if (ioc_check_line(set, i, str_of(rows[i].line)) != rows[i].found)
            fail_msg("'%s' in '%s'", rows[i].value, rows[i].line);
}

/* ---- against a matcher that asks one indicator after the other */

static uint64_t seed = 88172645463325252u;
static uint32_t rnd(uint32_t below)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % below;
}

static const char *random_address(char *out, size_t max, bool net)
{
    if (rnd(3)) {
        int n = snprintf(out, max, "10.%u.%u.%u", rnd(3), rnd(4), rnd(256));
        if (net && rnd(2))
            snprintf(out + n, max - (size_t)n, "/%u", 8 + rnd(25));
    } else {
        int n = snprintf(out, max, "2001:db8:%x::%x:%x", rnd(2), rnd(3), rnd(256));
        if (net && rnd(2))
            snprintf(out + n, max - (size_t)n, "/%u", 16 + rnd(113));
    }
    return out;
}

static void compare(enum indicator_type type, const char *subject,
                    bool (*naive)(struct str value, struct str subject))
{
    static uint32_t all[4096];
    size_t n = ioc_find(set, type, str_of(subject), all, ARRAY_LEN(all)), expected = 0;
    for (uint32_t i = 0; i < n_list; i++) {
        bool want = naive(list[i].value, str_of(subject)), got = false;
        expected += want;
        for (size_t k = 0; k < n; k++)
            got |= all[k] == i;
        if (want != got || ioc_check(set, i, str_of(subject)) != want)
            fail_msg("'%.*s' and '%s': wanted %d", STR_FMT(list[i].value), subject, want);
    }
    assert_int_equal(n, expected);
}

static bool naive_address(struct str value, struct str subject)
{
    struct ip_net net;
    struct ip ip;
    return ip_net_parse(value, &net) && ip_parse(subject, &ip) && ip_in_net(ip, net);
}

static void addresses_agree_with_the_naive_matcher(void **state)
{
    (void)state;
    char text[64];
    for (size_t round = 0; round < 20; round++) {
        n_list = 0;
        for (size_t i = 0; i < 10 + 20 * round; i++) {
            add(INDICATOR_ADDRESS, random_address(text, sizeof text, true));
            list[i].weak = rnd(2);
        }
        ioc_done(set);
        build();
        for (size_t i = 0; i < 300; i++)
            compare(INDICATOR_ADDRESS, random_address(text, sizeof text, false), naive_address);
        compare(INDICATOR_ADDRESS, "9.255.255.255", naive_address);
        compare(INDICATOR_ADDRESS, "255.255.255.255", naive_address);
        compare(INDICATOR_ADDRESS, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", naive_address);
        compare(INDICATOR_ADDRESS, "::", naive_address);
    }
}

static const char *random_word(char *out, size_t min, size_t spread)
{
    size_t n = min + rnd((uint32_t)spread);
    for (size_t i = 0; i < n; i++)
        out[i] = "abAB.+ /"[rnd(8)];
    out[n] = 0;
    return out;
}

static bool naive_text(struct str value, struct str subject)
{
    return str_ifind(subject, value) >= 0;
}

static bool naive_agent(struct str value, struct str subject)
{
    char v[256], s[256];
    for (size_t i = 0; i < value.n; i++)
        v[i] = value.p[i] == '+' ? ' ' : value.p[i];
    for (size_t i = 0; i < subject.n; i++)
        s[i] = subject.p[i] == '+' ? ' ' : subject.p[i];
    return str_ifind(str_make(s, subject.n), str_make(v, value.n)) >= 0;
}

static bool naive_domain(struct str value, struct str subject)
{
    return str_iends(subject, value) &&
           (subject.n == value.n || subject.p[subject.n - value.n - 1] == '.');
}

static void occurrences_agree_with_the_naive_matcher(void **state)
{
    (void)state;
    char text[256];
    for (size_t round = 0; round < 30; round++) {
        enum indicator_type type = round % 2 ? INDICATOR_AGENT : INDICATOR_TEXT;
        n_list = 0;
        for (size_t i = 0; i < 5 + 10 * round; i++)
            add(type, random_word(text, 1, 12));
        ioc_done(set);
        build();
        for (size_t i = 0; i < 200; i++)
            compare(type, random_word(text, 1, 100), round % 2 ? naive_agent : naive_text);
    }
}

static void domains_agree_with_the_naive_matcher(void **state)
{
    (void)state;
    char text[256];
    for (size_t round = 0; round < 20; round++) {
        n_list = 0;
        for (size_t i = 0; i < 5 + 10 * round; i++) {
            snprintf(text, sizeof text, "%c%c.%c%s", 'a' + (char)rnd(2), 'a' + (char)rnd(2),
                     'a' + (char)rnd(2), rnd(2) ? ".x" : "");
            add(INDICATOR_DOMAIN, text);
        }
        ioc_done(set);
        build();
        for (size_t i = 0; i < 300; i++) {
            snprintf(text, sizeof text, "%c.%c%c%s%c.%c%s", 'a' + (char)rnd(2), 'A' + (char)rnd(2),
                     'a' + (char)rnd(2), rnd(2) ? "." : "", 'a' + (char)rnd(2), 'a' + (char)rnd(2),
                     rnd(2) ? ".X" : "");
            compare(INDICATOR_DOMAIN, text, naive_domain);
        }
    }
}

static void an_empty_set_finds_nothing(void **state)
{
    (void)state;
    uint32_t i;
    build();
    assert_false(ioc_address(set, STR("1.2.3.4"), &i));
    assert_false(ioc_domain(set, STR("a.example"), &i));
    assert_false(ioc_name(set, STR("a.aspx"), &i));
    assert_false(ioc_agent(set, STR("agent"), &i));
    assert_false(ioc_text(set, STR("text"), &i));
    assert_false(ioc_hash(set, STR("0123456789abcdef0123456789abcdef"), &i));
    assert_false(ioc_url(set, &(struct ioc_request){STR("h"), STR("/x"), STR("q")}, &i));
    struct arena small;
    arena_init(&small, 100);
    struct ioc_set *none;
    struct error error;
    assert_int_equal(ioc_compile(&small, list, 0, &none, &error), ERR_NOMEM);
    assert_null(none);
    arena_done(&small);
}

/* Subjects that would be slow if work were not bounded by their length. */
static void long_subjects_stay_cheap(void **state)
{
    (void)state;
    enum { LONG = 1 << 20 };
    char *p = arena_alloc(&arena, LONG);
    static const char bytes[] = "/a.,:%";
    add(INDICATOR_NAME, "aaa.aspx");
    add(INDICATOR_DOMAIN, "aaa.example");
    add(INDICATOR_ADDRESS, "192.0.2.1");
    add(INDICATOR_URL, "/aaaa.aspx");
    build();
    for (size_t k = 0; k + 1 < sizeof bytes; k++) {
        memset(p, bytes[k], LONG);
        for (int type = INDICATOR_ADDRESS; type <= INDICATOR_TEXT; type++) {
            uint32_t i;
            struct str subject = str_make(p, LONG);
            assert_int_equal(ioc_find(set, (enum indicator_type)type, subject, &i, 1), 0);
        }
        for (uint32_t i = 0; i < n_list; i++)
            assert_false(ioc_check(set, i, str_make(p, LONG)));
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(addresses_keep_their_borders),
        TEST(all_sources_of_an_address_are_found),
        TEST(domains_match_below_not_beside),
        TEST(names_are_last_parts),
        TEST(agents_ignore_case_and_plus),
        TEST(agents_ignore_commas),
        TEST(urls_end_at_borders),
        TEST(hashes_and_text_and_rejects),
        TEST(literals_stand_in_what_matches),
        TEST(addresses_are_found_wherever_they_stand),
        TEST(lines_without_fields_have_borders_too),
        TEST(addresses_agree_with_the_naive_matcher),
        TEST(occurrences_agree_with_the_naive_matcher),
        TEST(domains_agree_with_the_naive_matcher),
        TEST(an_empty_set_finds_nothing),
        TEST(long_subjects_stay_cheap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
