#include "evlog_told.h"

#define HEAD(path)                                                                                 \
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t" path "\n"

static void values_by_their_fields(void **state)
{
    (void)state;
    expect_rows(HEAD("http") "#open\t2021-03-03-00-00-00\n"
                             "#fields\tts\tuid\tid.orig_h\turi\tuser_agent\ttags\tresp_mime_types\n"
                             "#types\ttime\tstring\taddr\tstring\tstring\tset[enum]\t"
                             "vector[string]\n"
                             "1614729601.250000\tC1\t192.0.2.1\t/x\\x09\ta, b\t(empty)\tx/a,x/b\n"
                             "1614729602\tC2\t192.0.2.1\t-\t-\t-\t-\n#close\tx\n",
                "zeek/http/0  @1614729601 #9 Channel=zeek/http ts=1614729601.250000 uid=C1 "
                "id.orig_h=192.0.2.1 uri=/x\\x09 user_agent=a, b tags= resp_mime_types=x/a|x/b\n"
                "zeek/http/0  @1614729602 #10 Channel=zeek/http ts=1614729602 uid=C2 "
                "id.orig_h=192.0.2.1\n",
                0);
}

static void logs_in_one_file(void **state)
{
    (void)state;
    expect_rows(
        HEAD("dns") "#fields\tts\tquery\n1614729601.0\ta.example\n"
                    "1614729601.0\ttoo\tmany\n" HEAD("x509") "#fields\tcertificate.serial\tts\n"
                                                             "8BB00EE\t1614729603.5\n",
        "zeek/dns/0  @1614729601 #7 Channel=zeek/dns ts=1614729601.0 query=a.example\n"
        "zeek/other/0  @-1 #8 Channel=zeek/other message=1614729601.0\ttoo\tmany\n"
        "zeek/x509/0  @1614729603 #15 Channel=zeek/x509 certificate.serial=8BB00EE "
        "ts=1614729603.5\n",
        0);
}

static void knows_the_header(void **state)
{
    (void)state;
    assert_false(evlog_knows(STR("#Software: x\n#Fields: date time\n"), STR_NONE));
    assert_false(evlog_knows(STR("#separator \\x09\n"), STR_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_their_fields),
        cmocka_unit_test(logs_in_one_file),
        cmocka_unit_test(knows_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
