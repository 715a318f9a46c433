#include "base/ip.h"

#include "unit.h"

#include <stdio.h>

static struct ip must(const char *text)
{
    struct ip a;
    if (!ip_parse(str_of(text), &a))
        fail_msg("%s was refused", text);
    return a;
}

static void ip4_reads_dotted_quads(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        uint32_t v4;
    } rows[] = {
        {"1.1.1.1", true, 0x01010101},
        {"0.0.0.0", true, 0},
        {"255.255.255.255", true, ~0u},
        {"10.20.30.40", true, 0x0a141e28},
        {"192.0.2.7", true, 0xc0000207},
        {"198.51.100.7", true, 0xc6336407},
        {"1.2.3.256", false, 0},
        {"1.2.3.999", false, 0},
        {"1.2.3", false, 0},
        {"1.2.3.4.5", false, 0},
        {"1.2.3.", false, 0},
        {".1.2.3.4", false, 0},
        {"1..2.3.4", false, 0},
        {"01.2.3.4", false, 0},
        {"1.2.3.04", false, 0},
        {"1.2.3.4 ", false, 0},
        {" 1.2.3.4", false, 0},
        {"1.2.3.a", false, 0},
        {"1.2.3.4:80", false, 0},
        {"1234567", false, 0},
        {"1.2.3.1234", false, 0},
        {"1234.2.3.4", false, 0},
        {"", false, 0},
        {"...", false, 0},
        {".......", false, 0},
        {"1.1.1.1\0001", true, 0x01010101},
        {"1/1.1.1.1", false, 0},
        {"1.1.1.\xb1", false, 0},
        {"255.255.255.2555", false, 0},
        {"1.2,3.4", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint32_t v4 = 0;
        if (ip4_parse(str_of(rows[i].text), &v4) != rows[i].ok || (rows[i].ok && v4 != rows[i].v4))
            fail_msg("%s", rows[i].text);
    }
}

/* The obvious loop, to compare with. */
static bool slow4(struct str s, uint32_t *ret)
{
    struct str part;
    uint32_t v = 0;
    int n = 0;
    while (str_cut(&s, '.', &part)) {
        uint64_t octet;
        if (part.n < 1 || part.n > 3 || !str_u64(part, &octet) || octet > 255 ||
            (part.n > 1 && part.p[0] == '0'))
            return false;
        for (size_t i = 0; i < part.n; i++)
            if (!ascii_digit((unsigned char)part.p[i]))
                return false;
        v = v << 8 | (uint32_t)octet;
        n++;
    }
    *ret = v;
    return n == 4;
}

static void ip4_agrees_with_the_obvious_loop(void **state)
{
    (void)state;
    static const char bytes[] = "0123456789..........25/:a ";
    uint64_t x = 88172645463325252u;
    size_t good = 0;
    for (size_t k = 0; k < 2000000; k++) {
        char text[20];
        size_t n = 0;
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        if (k % 2) {
            n = (size_t)snprintf(text, sizeof text, "%u.%u.%u.%u", (unsigned)(x % 300),
                                 (unsigned)(x >> 9) % 260, (unsigned)(x >> 20) % 100,
                                 (unsigned)(x >> 30) % 260);
            if (k % 8 == 1)
                text[(x >> 40) % n] = bytes[(x >> 50) % (sizeof bytes - 1)];
        } else {
            n = (x >> 3) % 17;
            uint64_t y = x;
            for (size_t i = 0; i < n; i++, y = y * 6364136223846793005u + 1)
                text[i] = bytes[(y >> 40) % (sizeof bytes - 1)];
        }
        uint32_t a = 0, b = 0;
        bool fast = ip4_parse(str_make(text, n), &a), slow = slow4(str_make(text, n), &b);
        good += slow;
        if (fast != slow || (fast && a != b))
            fail_msg("%.*s: %d %08x, not %d %08x", (int)n, text, fast, a, slow, b);
    }
    assert_true(good > 100000);
}

static void ip6_forms_are_one_number(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {"2001:db8::1", "2001:0DB8:0000:0000:0000:0000:0000:0001"},
        {"2001:db8::1", "2001:db8:0:0::1"},
        {"2001:db8::1%12", "2001:db8::1"},
        {"fe80::1%eth0", "fe80:0:0:0:0:0:0:1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::FFFF:c000:201", "192.0.2.1"},
        {"0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"::", "0:0:0:0:0:0:0:0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (!ip_eq(must(same[i][0]), must(same[i][1])))
            fail_msg("%s is not %s", same[i][0], same[i][1]);
    static const char *const bad[] = {":",
                                      ":::",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1::2::3",
                                      "12345::",
                                      "g::1",
                                      "::1%",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1.2.3",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      ":1::2",
                                      "1:",
                                      "2001:db8::1/64",
                                      "::1.2.3.4:5",
                                      "fe80::1%01234567890123456789012345678901234"};
    struct ip a;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (ip_parse(str_of(bad[i]), &a))
            fail_msg("%s was taken", bad[i]);
}

static void log_forms_carry_ports(void **state)
{
    (void)state;
    static const struct {
        const char *text, *address;
        int32_t port;
    } rows[] = {
        {"198.51.100.7:51234", "198.51.100.7", 51234},
        {"[2001:db8::1]:443", "2001:db8::1", 443},
        {"[2001:db8::1]", "2001:db8::1", -1},
        {"2001:db8::1", "2001:db8::1", -1},
        {"198.51.100.7", "198.51.100.7", -1},
        {" 198.51.100.7 ", "198.51.100.7", -1},
        {"[fe80::1%5]:0", "fe80::1", 0},
        {"198.51.100.7:65536", NULL, 0},
        {"198.51.100.7:", NULL, 0},
        {"[2001:db8::1]443", NULL, 0},
        {"[2001:db8::1", NULL, 0},
        {"[]", NULL, 0},
        {"-", NULL, 0},
        {"[198.51.100.7]", NULL, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct ip a;
        int32_t port;
        bool ok = ip_parse_log(str_of(rows[i].text), &a, &port);
        if (ok != (rows[i].address != NULL))
            fail_msg("%s", rows[i].text);
        if (ok && (!ip_eq(a, must(rows[i].address)) || port != rows[i].port))
            fail_msg("%s: port %d", rows[i].text, port);
    }
}

static void nets_hold_their_addresses(void **state)
{
    (void)state;
    struct ip_net net;
    assert_true(ip_net_parse(STR("198.51.100.77/24"), &net));
    assert_int_equal(net.bits, 120);
    assert_true(ip_in_net(must("198.51.100.0"), net));
    assert_true(ip_in_net(must("::ffff:198.51.100.255"), net));
    assert_false(ip_in_net(must("198.51.101.0"), net));
    assert_true(ip_eq(ip_net_last(net), must("198.51.100.255")));
    assert_true(ip_net_parse(STR("2001:db8::/33"), &net));
    assert_true(ip_in_net(must("2001:db8:7fff::1"), net));
    assert_false(ip_in_net(must("2001:db8:8000::"), net));
    assert_true(ip_net_parse(STR("0.0.0.0/0"), &net));
    assert_true(ip_in_net(must("203.0.113.9"), net));
    assert_false(ip_in_net(must("2001:db8::1"), net));
    assert_true(ip_net_parse(STR("::/0"), &net));
    assert_true(ip_in_net(must("ffff::1"), net));
    assert_true(ip_net_parse(STR("192.0.2.1"), &net) && net.bits == 128);
    assert_false(ip_net_parse(STR("192.0.2.1/33"), &net));
    assert_false(ip_net_parse(STR("2001:db8::/129"), &net));
    assert_false(ip_net_parse(STR("192.0.2.1/"), &net));
    assert_false(ip_net_parse(STR("192.0.2.1/-1"), &net));
    assert_false(ip_net_parse(STR("192.0.2.1/0024"), &net));
}

static void classes_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum ip_class class;
    } rows[] = {
        {"8.8.8.8", IP_PUBLIC},
        {"10.1.2.3", IP_PRIVATE},
        {"172.16.0.1", IP_PRIVATE},
        {"172.32.0.1", IP_PUBLIC},
        {"192.168.1.1", IP_PRIVATE},
        {"100.64.0.1", IP_PRIVATE},
        {"127.0.0.1", IP_LOOPBACK},
        {"::1", IP_LOOPBACK},
        {"169.254.1.1", IP_LINK_LOCAL},
        {"fe80::1%4", IP_LINK_LOCAL},
        {"fd00::1", IP_PRIVATE},
        {"0.0.0.0", IP_UNSPECIFIED},
        {"::", IP_UNSPECIFIED},
        {"192.0.2.1", IP_DOCUMENTATION},
        {"224.0.0.1", IP_MULTICAST},
        {"255.255.255.255", IP_MULTICAST},
        {"240.0.0.1", IP_RESERVED},
        {"ff02::1", IP_MULTICAST},
        {"2001:db8::1", IP_DOCUMENTATION},
        {"2606:4700::1", IP_PUBLIC},
        {"::ffff:10.0.0.1", IP_PRIVATE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (ip_class(must(rows[i].text)) != rows[i].class)
            fail_msg("%s is %d", rows[i].text, ip_class(must(rows[i].text)));
    assert_true(ip_is_internal(must("::ffff:192.168.0.1")));
    assert_false(ip_is_internal(must("203.0.113.1")));
}

static void text_is_canonical(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"2001:0DB8::0001", "2001:db8::1"},
        {"0:0:1:0:0:0:0:1", "0:0:1::1"},
        {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
        {"1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"},
        {"::", "::"},
        {"1::", "1::"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"255.255.255.255", "255.255.255.255"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char out[IP_TEXT_BYTES];
        assert_string_equal(ip_text(must(rows[i][0]), out), rows[i][1]);
        assert_true(ip_eq(must(out), must(rows[i][0])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ip4_reads_dotted_quads),
        cmocka_unit_test(ip4_agrees_with_the_obvious_loop),
        cmocka_unit_test(ip6_forms_are_one_number),
        cmocka_unit_test(log_forms_carry_ports),
        cmocka_unit_test(nets_hold_their_addresses),
        cmocka_unit_test(classes_are_told_apart),
        cmocka_unit_test(text_is_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
