#include "codec/evlog_json.h"
#include "evlog_told.h"

/* What events of clouds, sensors and applications are told by, and when they were. */
static void by_the_names_they_have(void **state)
{
    (void)state;
    expect_rows("{\"Records\":[{\"eventTime\":\"2021-03-03T00:00:01Z\",\"eventSource\":\"s3."
                "amazonaws.com\","
                "\"eventName\":\"GetObject\",\"awsRegion\":\"eu-west-1\",\"userIdentity\":{\"arn\":"
                "\"a:b\"},"
                "\"requestParameters\":{\"key\":\"x\"}},\n{\"eventTime\":\"2021-03-03T00:00:02Z\","
                "\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\",\"awsRegion\":"
                "\"eu-west-1\""
                ",\"requestParameters\":null}]}\n",
                "aws/cloudtrail/0  @1614729601 #1 Channel=aws/cloudtrail eventName=GetObject "
                "eventTime=2021-03-03T00:00:01Z eventSource=s3.amazonaws.com awsRegion=eu-west-1 "
                "userIdentity.arn=a:b requestParameters={\"key\":\"x\"} requestParameters.key=x\n"
                "aws/cloudtrail/0  @1614729602 #2 Channel=aws/cloudtrail eventName=GetObject "
                "eventTime=2021-03-03T00:00:02Z eventSource=s3.amazonaws.com awsRegion=eu-west-1\n",
                0);
    expect_rows("{\"time\":\"2021-03-03T00:00:03Z\",\"operationName\":\"Add user\",\"category\":"
                "\"AuditLogs\",\"properties\":{\"result\":\"success\"}}",
                "azure/auditlogs/0  @1614729603 #1 Channel=azure/auditlogs operationName=Add user "
                "time=2021-03-03T00:00:03Z category=AuditLogs properties.result=success\n",
                0);
    expect_rows("{\"@timestamp\":1614729604123,\"action\":\"repo.create\",\"actor\":\"x\","
                "\"created_at\":1614729604123}",
                "github/audit/0  @1614729604 #1 Channel=github/audit action=repo.create "
                "@timestamp=1614729604123 actor=x created_at=1614729604123\n",
                0);
}

static void of_sensors(void **state)
{
    (void)state;
    expect_rows(
        "{\"ts\":1614729601.25,\"uid\":\"C1\",\"id.orig_h\":\"192.0.2.1\",\"trans_depth\":1,"
        "\"method\":\"GET\",\"uri\":\"/x\"}\n{\"ts\":1614729602,\"uid\":\"C2\",\"id.orig_h\":"
        "\"192.0.2.1\",\"query\":\"example.org\",\"answers\":[\"192.0.2.2\",\"192.0.2.3\"]}\n",
        "zeek/http/0  @1614729601 #1 Channel=zeek/http ts=1614729601.25 uid=C1 "
        "id.orig_h=192.0.2.1 trans_depth=1 method=GET uri=/x\n"
        "zeek/dns/0  @1614729602 #2 Channel=zeek/dns ts=1614729602 uid=C2 id.orig_h=192.0.2.1 "
        "query=example.org answers=192.0.2.2|192.0.2.3\n",
        0);
    expect_rows(
        "{\"timestamp\":\"2021-03-03T01:00:01.5+0100\",\"flow_id\":7,\"event_type\":\"alert\","
        "\"alert\":{\"signature\":\"x\"}}\n",
        "suricata/alert/0  @1614729601 #1 Channel=suricata/alert "
        "timestamp=2021-03-03T01:00:01.5+0100 flow_id=7 event_type=alert "
        "alert.signature=x\n",
        0);
}

/* Counters by the hundred are nobody's evidence; a list that is one event is not taken apart. */
static void what_is_not_taken_apart(void **state)
{
    struct told t;
    struct evlog *e;
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 20);
    buf_puts(&b, "{\"timestamp\":\"2021-03-03T00:00:01Z\",\"flow_id\":7,\"event_type\":\"stats\"");
    for (unsigned i = 0; i < 300; i++)
        buf_printf(&b, ",\"c%u\":1", i);
    buf_puts(&b, "}\n");
    assert_int_equal(evlog_new(&e), OK);
    read_with(e, buf_view(&b), 0, &t);
    assert_int_equal(t.gaps, 0);
    assert_true(str_find(buf_view(&t.text), STR("Channel=suricata/stats")) > 0);
    buf_done(&t.text);
    buf_done(&b);
    e = evlog_free(e);
    expect_rows("{\"Channel\":\"S\",\"EventID\":1,\"records\":[{\"a\":1}]}",
                "S/1  @-1 #1 Channel=S EventID=1 records.a=1\n", 0);
}

/* Each sign is one that events can have. */
static void signs_are_whole(void **state)
{
    size_t n = 0;
    (void)state;
    for (const struct json_sign *s = json_signs; s->channel; s++, n++) {
        assert_non_null(s->keys[0]);
        assert_true(str_of(s->channel).n > 3);
    }
    assert_true(n > 30);
    assert_false(evlog_knows(STR("{\"eventName\":\"x\",\"version\":1}"), STR_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_the_names_they_have),
        cmocka_unit_test(of_sensors),
        cmocka_unit_test(what_is_not_taken_apart),
        cmocka_unit_test(signs_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
