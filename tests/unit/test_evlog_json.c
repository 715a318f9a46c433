#include "evlog_told.h"

static void as_the_xml(void **state)
{
    (void)state;
    expect_rows(
        "{\"Event\":{\"#attributes\":{\"xmlns\":\"x\"},\"System\":{\"Provider\":{\"#attributes\":{"
        "\"Name\":\"P\",\"Guid\":\"{G}\"}},\"EventID\":{\"#attributes\":{\"Qualifiers\":7},"
        "\"#text\":1},\"TimeCreated\":{\"#attributes\":{\"SystemTime\":\"2021-03-03T00:00:01Z\"}},"
        "\"EventRecordID\":42,\"Correlation\":null,\"Execution\":{\"#attributes\":{\"ProcessID\":4,"
        "\"ThreadID\":8}},\"Channel\":\"C/Op\",\"Computer\":\"EX01\",\"Security\":{\"#attributes\":"
        "{\"UserID\":\"S-1-5-18\"}}},\"EventData\":{\"Image\":\"C:\\\\a.exe\",\"ProcessId\":9,"
        "\"None\":null,\"Empty\":\"\"}}}\n",
        "C/Op/1 P @1614729601 #42 Channel=C/Op Provider_Name=P EventID=1 xmlns=x Provider_Guid={G} "
        "Qualifiers=7 SystemTime=2021-03-03T00:00:01Z EventRecordID=42 Execution_ProcessID=4 "
        "Execution_ThreadID=8 Computer=EX01 Security_UserID=S-1-5-18 Image=C:\\a.exe ProcessId=9 "
        "Empty=\n",
        0);
}

/* Pipelines that write all names in small letters. */
static void as_the_xml_in_small_letters(void **state)
{
    (void)state;
    expect_rows(
        "{\"event\":{\"system\":{\"provider\":{\"#attributes\":{\"name\":\"P\"}},"
        "\"eventid\":{\"#text\":1},"
        "\"timecreated\":{\"#attributes\":{\"systemtime\":\"2021-03-03T00:00:01Z\"}},"
        "\"eventrecordid\":42,\"channel\":\"C/Op\",\"computer\":\"EX01\"},"
        "\"eventdata\":{\"image\":\"a.exe\",\"channel\":\"forged\","
        "\"data\":[{\"@name\":\"user\",\"#text\":\"u\"}]}}}\n"
        "{\"system\":{\"channel\":\"C\",\"eventid\":2,\"cpu\":\"x\"},\"userdata\":{\"a\":{\"b\":"
        "\"y\"}},\"event\":{\"code\":\"3\"}}\n",
        "C/Op/1 P @1614729601 #42 Channel=C/Op Provider_Name=P EventID=1 "
        "SystemTime=2021-03-03T00:00:01Z EventRecordID=42 Computer=EX01 image=a.exe "
        "EventData_Channel=forged user=u\n"
        "C/2  @-1 #2 Channel=C EventID=2 system.cpu=x b=y event.code=3\n",
        0);
}

static void as_winlogbeat(void **state)
{
    (void)state;
    expect_rows(
        "{\"@timestamp\":\"2021-03-03T00:00:02.000Z\",\"host\":{\"name\":\"h\"},\"winlog\":{"
        "\"channel\":\"Security\",\"event_id\":4688,\"provider_name\":\"P\",\"record_id\":7,"
        "\"computer_name\":\"EX01\",\"event_data\":{\"NewProcessName\":\"x\"},"
        "\"user_data\":{\"Outer\":{\"Inner\":\"y\"}}}}",
        "Security/4688 P @1614729602 #7 Channel=Security Provider_Name=P EventID=4688 "
        "@timestamp=2021-03-03T00:00:02.000Z host.name=h EventRecordID=7 Computer=EX01 "
        "NewProcessName=x Inner=y\n",
        0);
}

static void as_nxlog(void **state)
{
    (void)state;
    expect_rows("{\"EventTime\":\"2021-03-03 00:00:03\",\"Hostname\":\"EX01\",\"EventID\":1,"
                "\"SourceName\":\"P\",\"Channel\":\"S\",\"RecordNumber\":3,\"ProcessID\":4,"
                "\"ProcessId\":\"5\",\"tags\":[\"a\",\"b\"]}",
                "S/1 P @1614729603 #3 Channel=S Provider_Name=P EventID=1 EventTime=2021-03-03 "
                "00:00:03 ProcessID=4 ProcessId=5 tags=a|b Computer=EX01 EventRecordID=3\n",
                0);
}

static void as_powershell(void **state)
{
    (void)state;
    expect_rows(
        "[\r\n {\"Id\": 6, \"LogName\": \"L\", \"ProviderName\": \"P\", \"RecordId\": 5,\r\n"
        "  \"MachineName\": \"EX01\", \"TimeCreated\": \"\\/Date(1614729604000)\\/\",\r\n"
        "  \"Properties\": [ {\"Value\": \"one\"}, {\"Value\": 2} ] },\r\n"
        " {\"Id\": 6, \"LogName\": \"L\", \"ProviderName\": \"P\", \"RecordId\": 6}\r\n]",
        "L/6 P @1614729604 #5 Channel=L Provider_Name=P EventID=6 "
        "TimeCreated=/Date(1614729604000)/ Data=one|2 EventRecordID=5 Computer=EX01\n"
        "L/6 P @-1 #6 Channel=L Provider_Name=P EventID=6 EventRecordID=6\n",
        1);
}

/* A line break inside a value of a list makes no two of it. */
static void lists_of_lines(void **state)
{
    (void)state;
    expect_rows("{\"EventID\":1,\"Channel\":\"S\",\"a\":[\"1\\n2\",\"3\",\"4\\r\\n5\"],"
                "\"b\":[\"1\\n2\"],\"c\":\"1\\n2\",\"d\":[\"\",\"x\"]}",
                "S/1  @-1 #1 Channel=S EventID=1 a=1\r2|3|4\r\r5 b=1\n2 c=1\n2 d=|x\n", 0);
}

/* A field more makes a new shape; events of both have what they have. */
static void fields_come_and_go(void **state)
{
    (void)state;
    expect_rows("{\"Channel\":\"S\",\"EventID\":1,\"a\":\"1\"}\n{\"Channel\":\"S\",\"EventID\":1,"
                "\"b\":\"2\"}\n{\"EventID\":1,\"Channel\":\"S\",\"b\":\"4\",\"a\":\"3\"}\n",
                "S/1  @-1 #1 Channel=S EventID=1 a=1\nS/1  @-1 #2 Channel=S EventID=1 b=2\n"
                "S/1  @-1 #3 Channel=S EventID=1 a=3 b=4\n",
                0);
}

/* An event cannot say that it is another. */
static void system_is_not_forged(void **state)
{
    (void)state;
    expect_rows("{\"Event\":{\"EventData\":{\"Channel\":\"Fake\",\"EventID\":9},\"System\":{"
                "\"Channel\":\"S\",\"EventID\":1,\"Computer\":\"h\"},\"UserData\":{\"X\":{"
                "\"Computer\":\"other\"}}}}",
                "S/1  @-1 #1 Channel=S EventID=1 EventData_Channel=Fake EventData_EventID=9 "
                "Computer=h UserData_Computer=other\n",
                0);
}

/* Nor by another case, whatever stands first. */
static void system_is_not_forged_by_case(void **state)
{
    (void)state;
    expect_rows("{\"Event\":{\"EventData\":{\"channel\":\"Fake\",\"eventId\":9,\"COMPUTER\":\"x\"},"
                "\"System\":{\"Channel\":\"S\",\"EventID\":1,"
                "\"Computer\":\"h\"}}}",
                "S/1  @-1 #1 Channel=S EventID=1 EventData_Channel=Fake EventData_EventID=9 "
                "EventData_Computer=x Computer=h\n",
                0);
}

/* Of what an event has once, System's own name counts; others stand beside it. */
static void one_value_by_many_names(void **state)
{
    (void)state;
    expect_rows("{\"Id\":\"{1}\",\"LogName\":\"S\",\"Hostname\":\"a\",\"MachineName\":\"a\","
                "\"EventID\":1,\"Channel\":\"S\"}",
                "S/1  @-1 #1 Channel=S EventID=1 Id={1} Computer=a\n", 0);
    expect_rows("{\"channel\":\"Z\",\"Channel\":\"S\",\"Channel\":\"T\",\"EventID\":1}",
                "S/1  @-1 #1 Channel=S EventID=1 Other_Channel=T|Z\n", 0);
    expect_rows("{\"Hostname\":\"a\",\"MachineName\":\"b\",\"EventID\":1,\"Channel\":\"S\"}",
                "S/1  @-1 #1 Channel=S EventID=1 Computer=a MachineName=b\n", 0);
}

/* What an event is goes before its fields, even when they are too many. */
static void what_it_is_comes_first(void **state)
{
    (void)state;
    struct told t;
    struct evlog *e;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_puts(&b, "{\"Id\":7,\"MachineName\":\"h\",\"LogName\":\"S\"");
    for (unsigned i = 0; i < 400; i++)
        buf_printf(&b, ",\"f%u\":\"v\"", i);
    buf_puts(&b, "}\n");
    assert_int_equal(evlog_new(&e), OK);
    read_with(e, buf_view(&b), 0, &t);
    assert_int_equal(t.gaps, 1);
    assert_true(str_starts(buf_view(&t.text), STR("S/7  ")));
    buf_done(&t.text);
    buf_done(&b);
    e = evlog_free(e);
}

/* Numbers and names as exporters bend them. */
static void bent_values(void **state)
{
    (void)state;
    static const char *const numbers[] = {"4688.0", "\"4688 \"", "\"0x1250\"", "\" 4688.00\"",
                                          "[4688]"};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "{\"EventID\":%s,\"Channel\":\" S \",\"Computer\":\"\"}",
                       numbers[i]);
        expect_rows(text, "S/4688  @-1 #1 Channel=S EventID=4688\n", 0);
    }
    expect_rows("{\"EventID\":\"0x\",\"Channel\":\"S\"}", "S/0  @-1 #1 Channel=S EventID=0x\n", 0);
}

static void channel_by_provider(void **state)
{
    (void)state;
    expect_rows("{\"winlog\":{\"event_id\":104,\"provider_name\":\"Microsoft-Windows-Eventlog\"}}\n"
                "{\"ProviderName\":\"Microsoft-Windows-Eventlog\",\"Id\":1102}\n",
                "System/104 Microsoft-Windows-Eventlog @-1 #1 Channel=System "
                "Provider_Name=Microsoft-Windows-Eventlog EventID=104\n"
                "Security/1102 Microsoft-Windows-Eventlog @-1 #2 Channel=Security "
                "Provider_Name=Microsoft-Windows-Eventlog EventID=1102\n",
                0);
}

/* What is nested too deep is said, and the rest is read. */
static void the_deep_is_left_out(void **state)
{
    (void)state;
    expect_rows("{\"EventID\":1,\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]],\"Channel\":\"S\",\"b\":2}",
                "S/1  @-1 #1 Channel=S EventID=1 b=2\n", 1);
}

/* Data that say their names: these are the fields, and none of System's. */
static void data_with_names(void **state)
{
    (void)state;
    expect_rows("{\"Event\":{\"EventData\":{\"Data\":[{\"@Name\":\"a\",\"#text\":\"1\"},{\"Name\":"
                "\"b\",\"Value\":2},"
                "{\"#attributes\":{\"Name\":\"channel\"},\"#text\":\"F\"},{\"@Name\":\"e\"},{\"#"
                "text\":\"z\"}]},"
                "\"System\":{\"Channel\":\"S\",\"EventID\":1}}}",
                "S/1  @-1 #1 Channel=S EventID=1 a=1 b=2 EventData_Channel=F e= Data=z\n", 0);
    expect_rows("{\"EventData\":{\"Data\":{\"@Name\":\"a\",\"#text\":\"1\"}},\"System\":{"
                "\"Channel\":\"S\",\"EventID\":1}}",
                "S/1  @-1 #1 Channel=S EventID=1 a=1\n", 0);
}

/* A message tells names that the values have not. */
static void names_of_the_message(void **state)
{
    (void)state;
    expect_rows(
        "{\"Id\":4688,\"LogName\":\"S\",\"MachineName\":\"h\",\"Properties\":[{\"Value\":\"v\"}],"
        "\"Message\":\"New."
        "\\r\\n\\r\\nSubject:\\r\\n\\tAccount Name:\\t\\tu\\r\\n"
        "\\tNew Process Name:\\tC:\\\\x\\n\\tProcess Command Line:\\ty z\\n\\tChannel: F\"}",
        "S/4688  @-1 #1 Channel=S EventID=4688 Data=v Message=New.\r\n\r\nSubject:\r\n\tAccount "
        "Name:\t\tu\r\n"
        "\tNew Process Name:\tC:\\x\n\tProcess Command Line:\ty z\n\tChannel: F Computer=h "
        "SubjectUserName=u "
        "NewProcessName=C:\\x CommandLine=y z EventData_Channel=F\n",
        0);
}

/* No value passes for two: what stands in it is its own. */
static void values_stay_values(void **state)
{
    (void)state;
    struct told t;
    struct evlog *e;
    assert_int_equal(evlog_new(&e), OK);
    read_with(e, STR("{\"Channel\":\"S\",\"EventID\":1,\"a\":\"x\\nb=y\\u0000\",\"b\":\"z\"}"), 0,
              &t);
    assert_non_null(memchr(t.text.p, 0, t.text.n));
    assert_true(str_find(buf_view(&t.text), STR(" a=x\nb=y")) > 0);
    assert_true(str_ends(buf_view(&t.text), STR(" b=z\n")));
    buf_done(&t.text);
    e = evlog_free(e);
}

static void damage_ends_at_the_next_event(void **state)
{
    (void)state;
    expect_rows(
        "{\"Channel\":\"S\",\"EventID\":1,\"a\":\"1\"}\n{\"Channel\":\"S\",\"EventID\":1,"
        "\"a\":}\nnonsense {\n{\"Channel\":\"S\",\"EventID\":1,\"a\":\"2\"}\n{\"Channel\":\"S",
        "S/1  @-1 #1 Channel=S EventID=1 a=1\nS/1  @-1 #2 Channel=S EventID=1 a=2\n", 3);
}

#define EVENT(n) "{\"Channel\":\"S\",\"EventID\":" n "}"
#define ROW(n, at) "S/" n "  @-1 #" at " Channel=S EventID=" n "\n"

/* Objects around lists of events are opened wherever they stand, whatever stands in them. */
static void lists_in_objects(void **state)
{
    (void)state;
    expect_rows("{\"Records\":[" EVENT("1") "," EVENT("2") "]}\n{\"Records\":[" EVENT(
                    "3") "]}\n" EVENT("4") "\n{\"Records\" : [ " EVENT("5") "]}",
                ROW("1", "1") ROW("2", "2") ROW("3", "3") ROW("4", "4") ROW("5", "5"), 0);
    expect_rows(
        "{\"meta\":{\"a\":[1,{}]},\"n\":1,\"value\":[" EVENT("1") "],\"next\":\"u\", \"x\" : "
                                                                  "{\"y\":1},\"z\":2}\n" EVENT("2"),
        ROW("1", "1") ROW("2", "2"), 0);
    expect_rows("{\"took\":1,\"hits\":{\"total\":{\"n\":2},\"hits\":[{\"_source\":" EVENT(
                    "1") "},{\"_source\":" EVENT("2") "}]}}\n" EVENT("3"),
                ROW("1", "1") ROW("2", "2") ROW("3", "3"), 0);
    expect_rows("{\"Records\":[" EVENT("1") "," EVENT("2") ",{\"Chan", ROW("1", "1") ROW("2", "2"),
                1);
}

/* An event may have such a list of its own. */
static void events_with_lists(void **state)
{
    (void)state;
    expect_rows(
        "{\"id\":{\"applicationName\":\"drive\"},\"events\":[{\"name\":\"a\",\"type\":\"t\"}]}",
        "gcp/workspace-drive/0  @-1 #1 Channel=gcp/workspace-drive "
        "id.applicationName=drive events.name=a events.type=t\n",
        0);
    expect_rows("{\"Channel\":\"S\",\"EventID\":1,\"items\":[{\"a\":1}]}",
                "S/1  @-1 #1 Channel=S EventID=1 items.a=1\n", 0);
}

static void knows_events_only(void **state)
{
    (void)state;
    assert_false(evlog_knows(STR("{\"name\":\"x\",\"version\":1}"), STR_NONE));
    assert_false(evlog_knows(STR("\"Channel\" \"EventID\""), STR_NONE));
    assert_false(evlog_knows(STR(""), STR_NONE));
    assert_true(evlog_knows(STR(" \n[{\"LogName\":\"x\",\"MachineName\":1}"), STR_NONE));
}

/* Thousands of shapes and fields are bounded, and said. */
static void too_much_is_said(void **state)
{
    (void)state;
    struct told t;
    struct evlog *e;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_puts(&b, "{\"Channel\":\"S\",\"EventID\":1");
    for (unsigned i = 0; i < 400; i++)
        buf_printf(&b, ",\"f%u\":\"v\"", i);
    buf_puts(&b, "}\n{\"Channel\":\"S\",\"EventID\":2}\n{\"Channel\":\"S\",\"EventID\":3,\"a\":");
    for (unsigned i = 0; i < 40; i++)
        buf_puts(&b, "{\"a\":");
    buf_puts(&b, "1");
    for (unsigned i = 0; i < 41; i++)
        buf_puts(&b, "}");
    assert_int_equal(evlog_new(&e), OK);
    read_with(e, buf_view(&b), 0, &t);
    assert_int_equal(t.gaps, 2);
    assert_true(str_find(buf_view(&t.text), STR("S/2  ")) > 0);
    buf_done(&t.text);
    buf_done(&b);
    e = evlog_free(e);
}

static void on_forget(void *ctx)
{
    ((struct told *)ctx)->forgotten++;
}

/* A log of very many kinds leaves room for the next one. */
static void kinds_of_a_flood_are_forgotten(void **state)
{
    (void)state;
    struct told t = {0};
    struct evlog *e;
    struct buf b;
    struct error error = {0};
    buf_init(&b, 4 << 20);
    for (unsigned i = 0; i < EVLOG_SHAPES + 10; i++)
        buf_printf(&b, "{\"Channel\":\"S\",\"EventID\":%u}\n", i);
    assert_int_equal(evlog_new(&e), OK);
    buf_init(&t.text, 8 << 20);
    struct rows_sink sink = {on_rows, on_gap, &t, on_forget};
    struct given flood = {buf_view(&b), 0, 0};
    struct given next = {STR("{\"Channel\":\"T\",\"EventID\":1,\"a\":\"2\"}"), 0, 0};
    struct evlog_source source = {give, &flood, STR("")};
    assert_int_equal(evlog_read(e, flood.text, &source, &sink, &error), OK);
    assert_int_equal(t.gaps, 10);
    assert_int_equal(t.forgotten, 0);
    source.ctx = &next;
    assert_int_equal(evlog_read(e, next.text, &source, &sink, &error), OK);
    assert_int_equal(t.gaps, 10);
    assert_int_equal(t.forgotten, 1);
    assert_true(str_ends(buf_view(&t.text), STR(" a=2\n")));
    buf_done(&t.text);
    buf_done(&b);
    e = evlog_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_xml),
        cmocka_unit_test(as_the_xml_in_small_letters),
        cmocka_unit_test(as_winlogbeat),
        cmocka_unit_test(as_nxlog),
        cmocka_unit_test(as_powershell),
        cmocka_unit_test(lists_of_lines),
        cmocka_unit_test(fields_come_and_go),
        cmocka_unit_test(system_is_not_forged),
        cmocka_unit_test(system_is_not_forged_by_case),
        cmocka_unit_test(one_value_by_many_names),
        cmocka_unit_test(what_it_is_comes_first),
        cmocka_unit_test(bent_values),
        cmocka_unit_test(channel_by_provider),
        cmocka_unit_test(the_deep_is_left_out),
        cmocka_unit_test(data_with_names),
        cmocka_unit_test(names_of_the_message),
        cmocka_unit_test(values_stay_values),
        cmocka_unit_test(damage_ends_at_the_next_event),
        cmocka_unit_test(lists_in_objects),
        cmocka_unit_test(events_with_lists),
        cmocka_unit_test(knows_events_only),
        cmocka_unit_test(too_much_is_said),
        cmocka_unit_test(kinds_of_a_flood_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
