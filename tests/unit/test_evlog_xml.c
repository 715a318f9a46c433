#include "evlog_told.h"

#define SYSMON                                                                                     \
    "<Event><System><Provider Name=\"Linux-Sysmon\" Guid=\"{G}\"/><EventID>1</EventID>"            \
    "<TimeCreated SystemTime=\"2021-03-03T00:00:01.5Z\"/><EventRecordID>42</EventRecordID>"        \
    "<Correlation/><Execution ProcessID=\"7\" ThreadID=\"8\"/>"                                    \
    "<Channel>Linux-Sysmon/Operational</Channel><Computer>web01</Computer></System><EventData>"    \
    "<Data Name=\"Image\">/usr/bin/sh</Data><Data Name=\"CommandLine\">sh -c &quot;a&#x20;&amp;"   \
    " b&quot;</Data><Data Name=\"RuleName\"></Data></EventData></Event>"
#define ROW                                                                                        \
    "Linux-Sysmon/Operational/1 Linux-Sysmon @1614729601 #42 Channel=Linux-Sysmon/Operational "    \
    "Provider_Name=Linux-Sysmon EventID=1 Provider_Guid={G} SystemTime=2021-03-03T00:00:01.5Z "    \
    "EventRecordID=42 Execution_ProcessID=7 Execution_ThreadID=8 Computer=web01 "                  \
    "Image=/usr/bin/sh CommandLine=sh -c \"a & b\" RuleName=\n"

static void in_syslog(void **state)
{
    (void)state;
    expect_rows("Mar  3 00:00:01 web01 sysmon: " SYSMON "\n", ROW, 0);
}

static void one_behind_the_other(void **state)
{
    (void)state;
    expect_rows(SYSMON "\r\n" SYSMON "\n", ROW ROW, 0);
    expect_rows("<?xml version='1.0'?>\n<Events>" SYSMON SYSMON "</Events>\n", ROW ROW, 0);
    expect_rows("<Event xmlns='http://x'><System><Provider Name='P'/><EventID Qualifiers='0'>7"
                "</EventID><Channel>S</Channel></System><EventData><Data>a\nb</Data><Data>c</Data>"
                "</EventData></Event>",
                "S/7 P @-1 #1 Channel=S Provider_Name=P EventID=7 Qualifiers=0 Data=a\rb|c\n", 0);
    expect_rows(
        "<Event><System><Provider Name='P'/><EventID>1102</EventID><Channel>Security"
        "</Channel></System><UserData><Log xmlns='y'><User>u</User></Log></UserData></Event>",
        "Security/1102 P @-1 #1 Channel=Security Provider_Name=P EventID=1102 User=u\n", 0);
}

/* What an event holds does not pass for its number, channel or time. */
static void data_is_not_system(void **state)
{
    (void)state;
    expect_rows("<Event><System><Provider Name='P'/><EventID>1</EventID><Channel>S</Channel>"
                "</System><EventData><Data Name='Channel'>Security</Data><Data Name='EventID'>4688"
                "</Data><Data Name='SystemTime'>2021-03-03T00:00:01Z</Data></EventData></Event>",
                "S/1 P @-1 #1 Channel=S Provider_Name=P EventID=1 EventData_Channel=Security "
                "EventData_EventID=4688 EventData_SystemTime=2021-03-03T00:00:01Z\n",
                0);
}

static void what_is_not_whole_is_a_text(void **state)
{
    (void)state;
    expect_rows(SYSMON "<Event><System><EventID>",
                ROW "eventlog/0  @-1 #2 Channel=eventlog message=<Event><System><EventID>\n", 0);
    expect_rows(SYSMON "<Event><System></Event>",
                ROW "eventlog/0  @-1 #2 Channel=eventlog message=<Event><System></Event>\n", 0);
    assert_false(evlog_knows(STR("<?xml version='1.0'?><note><Event>x</Event></note>"), STR_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_syslog),
        cmocka_unit_test(one_behind_the_other),
        cmocka_unit_test(data_is_not_system),
        cmocka_unit_test(what_is_not_whole_is_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
