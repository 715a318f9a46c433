/* What is told of a text, kind by kind, and what is not. */
#include "extract_test.h"

static struct extractor *extractor;

static int setup(void **state)
{
    int rc = lists_setup(state);
    struct extract_options options = test_options();
    assert_int_equal(extract_new(&options, 1 << 20, &extractor), OK);
    return rc;
}

static int teardown(void **state)
{
    extractor = extract_free(extractor);
    return lists_teardown(state);
}

struct sample {
    const char *in, *want; /* lines of "kind value", with " < text" where that is another */
};

static void try(const struct sample *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        whole = str_of(s[i].in);
        buf_reset(&lines);
        assert_int_equal(extract_text(extractor, whole), OK);
        if (!str_eq(buf_view(&lines), str_of(s[i].want)))
            fail_msg("'%s' gave\n%.*swanted\n%s", s[i].in, STR_FMT(buf_view(&lines)), s[i].want);
    }
}

#define TRY_ALL(name, ...)                                                                         \
    static void name(void **state)                                                                 \
    {                                                                                              \
        static const struct sample samples[] = {__VA_ARGS__};                                      \
        (void)state;                                                                               \
        try(samples, ARRAY_LEN(samples));                                                          \
    }

/* clang-format off */
TRY_ALL(cves,
    {"CVE-2021-26855", "cve CVE-2021-26855\n"},
    {"cve 2021 26855", "cve CVE-2021-26855 < cve 2021 26855\n"},
    {"cve_2021_26855,", "cve CVE-2021-26855 < cve_2021_26855\n"},
    {"CVE2021-26855", "cve CVE-2021-26855 < CVE2021-26855\n"},
    {"CVE: 2021-26855", "cve CVE-2021-26855 < CVE: 2021-26855\n"},
    {"CVE\xe2\x80\x91" "2021\xe2\x80\x91" "26855",
     "cve CVE-2021-26855 < CVE\xe2\x80\x91" "2021\xe2\x80\x91" "26855\n"},
    {"CVE-2021-26855/26857/27065",
     "cve CVE-2021-26855\ncve CVE-2021-26857 < 26857\ncve CVE-2021-27065 < 27065\n"},
    {"CVE-2021-26855, 26857, and 27065",
     "cve CVE-2021-26855\ncve CVE-2021-26857 < 26857\ncve CVE-2021-27065 < 27065\n"},
    {"CVE-2021-26855, 2021-26857", "cve CVE-2021-26855\ncve CVE-2021-26857 < 2021-26857\n"},
    {"CVE-2021-26855, 2021 was", "cve CVE-2021-26855\n"},
    {"the cve is 2021-26412", "cve CVE-2021-26412 < 2021-26412\n"},
    {"the cve. But 2021-26412", ""},
    {"in 2021-26412", ""}, {"cve of 2020-2021", ""}, {"cve of 2021-03-02", ""},
    {"CVE-19999-0000", ""}, {"CVE-2022-000012", ""}, {"CVE-2022-0012", "cve CVE-2022-0012\n"},
    {"CVE-2099-12345", ""}, {"CVE-2021-XXXX", ""}, {"xcve-2021-26855", ""})

TRY_ALL(numbers,
    {"MS17-010 ms08-067", "advisory MS17-010\nadvisory MS08-067 < ms08-067\n"},
    {"KB5000871, KB 5000978", "advisory KB5000871\nadvisory KB5000978 < KB 5000978\n"},
    {"GHSA-JFH8-C2JP-5V3Q", "advisory GHSA-jfh8-c2jp-5v3q < GHSA-JFH8-C2JP-5V3Q\n"},
    {"ZDI-21-822 ZDI-CAN-13326", "advisory ZDI-21-822\nadvisory ZDI-CAN-13326\n"},
    {"CNVD-2021-12345 CNNVD-202103-192", "advisory CNVD-2021-12345\nadvisory CNNVD-202103-192\n"},
    {"BDU:2021-01234", "advisory BDU:2021-01234\n"},
    {"CWE-79 CAPEC-110", "weakness CWE-79\nattack-pattern CAPEC-110\n"},
    {"T1190, T1505.003.", "technique T1190\ntechnique T1505.003\n"},
    {"TA0001 G0125 S0020 M1051 C0012",
     "tactic TA0001\ngroup G0125\nsoftware S0020\nmitigation M1051\ncampaign C0012\n"},
    {"t1190 T11901 XT1190 T2190 P1174", ""},
    {"AS15169 ASN13335 AS 23434", "asn AS15169\nasn AS13335 < ASN13335\nasn AS23434 < AS 23434\n"},
    {"ASN4294967295 AS 400 as 2021", ""})

TRY_ALL(addresses,
    {"198.51.100.7", "ipv4 198.51.100.7\n"}, {"192(.)0[.]2.4", "ipv4 192.0.2.4 < 192(.)0[.]2.4\n"},
    {"192.0.2.1:80", "ipv4 192.0.2.1\n"}, {"192.0.2.1/24", "cidr 192.0.2.1/24\n"},
    {"192.0.2.1/400000", "ipv4 192.0.2.1\n"}, {"900.1.4.1", ""}, {"01.0.2.4", ""},
    {"version 192.0.2.4, v192.0.2.4, 192.0.2.4.5", ""}, {"Firefox/192.0.2.4", ""},
    {"192.0.2.4/evil.php", "url 192.0.2.4/evil.php\n"},
    {"2001:DB8::1", "ipv6 2001:db8::1 < 2001:DB8::1\n"},
    {"2001:db8::/32", "cidr 2001:db8::/32\n"}, {"[2001:db8::1]:80", "ipv6 2001:db8::1\n"},
    {"2001[:]db8::1", "ipv6 2001:db8::1 < 2001[:]db8::1\n"},
    {"12:34:56 abc::def std::a x::y 1:2:3", ""},
    {"d2:fb:49:24:37:18", "mac d2:fb:49:24:37:18\n"},
    {"00-B0-D0-63-C2-26", "mac 00:b0:d0:63:c2:26 < 00-B0-D0-63-C2-26\n"},
    {"d2:fb:49:24:37:18:98 00-B0-D0-63", ""})

TRY_ALL(urls,
    {"hxxps://bad[.]example/Path?x=1.", "url https://bad.example/Path?x=1 < hxxps://bad[.]example/Path?x=1\n"},
    {"tcp://192.0.2.4:99", "url tcp://192.0.2.4:99\n"},
    {"(http://a.example/x_(y))", "url http://a.example/x_(y)\n"},
    {"http://a.example,http://b.example", "url http://a.example\nurl http://b.example\n"},
    {"<a href=\"HTTP://A.example/B\">", "url http://a.example/B < HTTP://A.example/B\n"},
    {"http://user:pw@a.example:8080/", "url http://user:pw@a.example:8080/\n"},
    {"http://[2001:db8::1]/x", "url http://[2001:db8::1]/x\n"},
    {"http://192.0.2.4/24", "url http://192.0.2.4/24\n"},
    {"http://intranet/x", "url http://intranet/x\n"},
    {"evil.example/a.php", "url evil.example/a.php\n"}, {"http:// x", ""}, {"://a", ""},
    {"\xe8\xae\xbf\xe9\x97\xae" "evil.example\xe3\x80\x82\xe4\xb8\x8b", "domain evil.example\n"})

TRY_ALL(names,
    {"evil[.]example.com", "domain evil.example.com < evil[.]example.com\n"},
    {"*.evil.example .bad.example", "domain evil.example\ndomain bad.example\n"},
    {"Evil.EXAMPLE", ""}, {"EVIL.EXAMPLE", "domain evil.example < EVIL.EXAMPLE\n"},
    {"example.nottld co.uk e.g. i.e. -a.example", ""},
    {"server.It said.The os.name(", ""}, {"System.IO ASP.NET Node.js", ""},
    {"com.example.app", ""}, {"b\xc3\xbc" "cher.example", ""},
    {"evil.zip evil[.]zip", "file evil.zip\ndomain evil.zip < evil[.]zip\n"},
    {"install.sh main.py a.example", "file install.sh\nfile main.py\ndomain a.example\n"},
    {"www.evil.sh a.b.sh min.js.py", "domain www.evil.sh\ndomain a.b.sh\nfile min.js.py\n"},
    {"setup.com.exe", "file setup.com.exe\n"}, {"file.notvalid", ""},
    {"something.igvmwp3544wpnd6u.onion", "domain something.igvmwp3544wpnd6u.onion\n"},
    {"a@b.example evil[@]mail.example", "email a@b.example\nemail evil@mail.example < evil[@]mail.example\n"},
    {"test_2-1@sub.Mail.example", "email test_2-1@sub.mail.example < test_2-1@sub.Mail.example\n"},
    {"user@example.blah @handle a@b", ""})

TRY_ALL(hashes,
    {"d41d8cd98f00b204e9800998ecf8427e", "md5 d41d8cd98f00b204e9800998ecf8427e\n"},
    {"86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8",
     "sha1 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8 < 86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8\n"},
    {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"},
    {"d41d8cd98f00b204e9800998ecf8427 d41d8cd98f00b204e9800998ecf8427e0", ""},
    {"00000000000000000000000000000000", ""},
    {"3Cwgr2g7vsi1bXDUkpEnVoRLA9w4FZfC69", "btc 3Cwgr2g7vsi1bXDUkpEnVoRLA9w4FZfC69\n"},
    {"3Cwgr2g7vsi1bXDUkpEnVoRLA9w4FZfC68", ""},
    {"0xbce510348026e7a2249fdd868503c99c05fdab2b",
     "eth 0xbce510348026e7a2249fdd868503c99c05fdab2b\n"},
    {"96:EQOJvOl4ab3hhiNFXc4wwcweomr0cNJDBoqXjmAHKX8:3mzpAsZpprbshfu3oujjEN21",
     "ssdeep 96:EQOJvOl4ab3hhiNFXc4wwcweomr0cNJDBoqXjmAHKX8:3mzpAsZpprbshfu3oujjEN21\n"},
    {"95:EQOJvOl4ab3hhiNFXc4wwcweomr0cNJDBoqXjmAHKX8:3mzpAsZpprbshfu3oujjEN21", ""})

TRY_ALL(paths,
    {"C:\\Windows\\x.exe, then", "path C:\\Windows\\x.exe\n"},
    {"C:\\Program Files\\a b\\x.aspx and D:\\y", "path C:\\Program Files\\a b\\x.aspx\npath D:\\y\n"},
    {"\"C:\\\\Temp\\\\x.dll\"", "path C:\\Temp\\x.dll < C:\\\\Temp\\\\x.dll\n"},
    {"\\\\srv\\share\\a.exe", "path \\\\srv\\share\\a.exe\n"},
    {"%TEMP%\\x.dll", "path %TEMP%\\x.dll\n"}, {"..\\Publications", "path ..\\Publications\n"},
    {"\\path\\to\\file.exe", "path \\path\\to\\file.exe\n"}, {"\"\\n\\nfoo\\t\" \\d+\\w", ""},
    {"/etc/passwd", "path /etc/passwd\n"}, {"./a/b.sh ~/docs", "path ./a/b.sh\npath ~/docs\n"},
    {"and/or 24/7 // /24 /x", ""},
    {"HKLM\\Software\\Microsoft\\Windows NT\\Run.",
     "registry HKLM\\Software\\Microsoft\\Windows NT\\Run\n"},
    {"HKCU:\\Soft", "registry HKCU\\Soft < HKCU:\\Soft\n"}, {"HKP\\SYSTEM HKLM", ""})
/* clang-format on */

/* Every kind has a name, and each name one kind. */
static void kind_names(void **state)
{
    (void)state;
    for (int i = 0; i < ITEM_KINDS; i++) {
        assert_true(item_kind_name((enum item_kind)i)[0] != 0);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(item_kind_name((enum item_kind)i),
                                    item_kind_name((enum item_kind)k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cves),  cmocka_unit_test(numbers),    cmocka_unit_test(addresses),
        cmocka_unit_test(urls),  cmocka_unit_test(names),      cmocka_unit_test(hashes),
        cmocka_unit_test(paths), cmocka_unit_test(kind_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
