#include "codec_test.h"

#define HEAD(type)                                                                                 \
    "#Software: Microsoft Exchange Server\r\n#Version: 15.01.2375.007\r\n#Log-type: " type "\r\n"  \
    "#Date: 2021-03-03T06:00:00.000Z\r\n"
#define PROXY                                                                                      \
    "DateTime,RequestId,Protocol,UrlStem,AnchorMailbox,UserAgent,ServerHostName,HttpStatus"
#define PROXY_ROW                                                                                  \
    "2021-03-03T06:49:51.389Z,id-1,Ecp,/ecp/y.js,ServerInfo~a/b,\"A \"\"q\"\" , b\",EX01,200\r\n"

static void both_header_layouts(void **state)
{
    (void)state;
    static const char *const layouts[] = {
        HEAD("HttpProxy Logs") "#Fields: " PROXY "\r\n" PROXY_ROW,
        PROXY "\r\n" HEAD("HttpProxy Logs") "#Fields: " PROXY "\r\n" PROXY_ROW,
        HEAD("HttpProxy Logs") "#Fields: " PROXY "\r\n" PROXY "\r\n" PROXY_ROW,
        HEAD("HttpProxy Logs") PROXY "\r\n" PROXY_ROW,
        PROXY "\r\n" PROXY_ROW,
    };
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
        struct reader t;
        reader_open(&t, "exlog", str_of(layouts[i]), "HttpProxy_2021030306-1.LOG");
        assert_string_equal(t.state.kind, "httpproxy-ecp");
        assert_string_equal(t.state.host, "EX01");
        uint32_t serial = t.state.schema_serial;
        assert_int_equal(reader_row(&t), LINE_RECORD);
        expect_time(&t, "2021-03-03T06:49:51.389Z");
        expect(&t, "anchormailbox", "ServerInfo~a/b");
        expect(&t, "UserAgent", "A \"q\" , b");
        expect(&t, "HttpStatus", "200");
        assert_int_equal(t.state.schema_serial, serial);
        assert_string_equal(t.state.kind, "httpproxy-ecp");
        if (i < 4)
            assert_string_equal(t.state.version, "15.01.2375.007");
    }
}

static void script_output(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "exlog",
                STR("#TYPE Selected.System.Management.Automation.PSCustomObject\r\n"
                    "\"AnchorMailbox\",\"UrlStem\",\"DateTime\",\"HttpStatus\"\r\n"
                    "\"ServerInfo~x/ecp\",\"/ecp/y.js\",\"2021-03-03T06:49:51.389Z\",\"200\"\r\n"),
                "out.csv");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    assert_string_equal(t.state.kind, "httpproxy");
    expect_time(&t, "2021-03-03T06:49:51.389Z");
    expect(&t, "UrlStem", "/ecp/y.js");
}

static void fields_win_and_change(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "exlog",
                STR(HEAD("HttpProxy Logs") "#Fields: DateTime,UrlStem,HttpStatus\r\n"
                                           "DateTime,Other,Names\r\n"
                                           "2021-03-03T06:00:00Z,/a,200\r\n"
                                           "#Fields: DateTime,HttpStatus,UrlStem,Extra\r\n"
                                           "2021-03-03T06:00:01Z,404,/b,e\r\n"),
                "x/HttpProxy/Owa/a.LOG");
    assert_string_equal(t.state.kind, "httpproxy-owa");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "UrlStem", "/a");
    uint32_t serial = t.state.schema_serial;
    assert_int_equal(reader_row(&t), LINE_RECORD);
    assert_true(t.state.schema_serial > serial);
    expect(&t, "UrlStem", "/b");
    expect(&t, "HttpStatus", "404");
}

static void odd_rows(void **state)
{
    (void)state;
    struct reader t;
    enum line_class class;
    reader_open(
        &t, "exlog",
        STR(HEAD("EWS Logs") "#Fields: DateTime,SoapAction,AuthenticatedUser,GenericInfo\r\n"
                             ",GetItem,user,i\r\n"
                             "2021-03-03T06:00:00Z,GetItem\r\n"
                             "2021-03-03T06:00:00Z,GetItem,user,\"a \"\"quote\r\n"
                             "2021-03-0\r\n"
                             "no time,GetItem,user,i\r\n"
                             "\0\0\0\r\n"
                             "2021-03-03T06:00:00Z,G,\"u\"x,i\r\n"
                             "2021-03-03T06:00:00Z,G,u,i,more,than,known\r\n"
                             "2021-03-03T06:00:00Z,G,,"),
        "Ews_1.LOG");
    assert_string_equal(t.state.kind, "ews");
    assert_int_equal(reader_row(&t), LINE_CUT); /* no time: kept, and counted as damaged */
    expect_time(&t, "none");
    expect(&t, "SoapAction", "GetItem");
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect_time(&t, "2021-03-03T06:00:00Z");
    expect(&t, "GenericInfo", NULL);
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect(&t, "GenericInfo", "a \"quote");
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect_time(&t, "none");
    assert_int_equal(reader_row(&t), LINE_BAD);
    assert_true(reader_next(&t, &class));
    assert_int_equal(class, LINE_BAD);
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "AuthenticatedUser", "\"u\"x");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "GenericInfo", "i");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "AuthenticatedUser", "");
    expect(&t, "GenericInfo", "");
}

static void kinds(void **state)
{
    (void)state;
    static const struct {
        const char *type, *fields, *row, *kind;
    } cases[] = {
        {"HttpProxy Logs", PROXY, "2021-03-03T06:00:00Z,i,PowerShell,/p,,,H,200",
         "httpproxy-powershell"},
        {"HttpProxy Logs", PROXY, "2021-03-03T06:00:00Z,i,bad proto!,/p,,,H,200", "httpproxy"},
        {"ECP Server Log", "TimeStamp,ServerName,EventId,EventData", "", "ecp-server"},
        {"ECP Activity Context Log", "TimeStamp,ServerName,EventId,EventData", "", "ecp-activity"},
        {"Rps Http Logs", "DateTime,StartTime", "", "rps-http"},
        {"Rps Cmdlet Logs", "DateTime,Cmdlet,Parameters", "", "rps-cmdlet"},
        {"Message Tracking Log", "date-time,event-id", "", "msgtrk"},
        {"SMTP Receive Protocol Log", "date-time,connector-id", "", "smtp-receive"},
        {"SMTP Send Protocol Log", "date-time,connector-id", "", "smtp-send"},
        {"Agent Log", "Timestamp,SessionId", "", "agent"},
        {"audit", "Timestamp,Server,RecordType,Data", "", "audit"},
        {"OWA Server Log", "DateTime,X", "", "owa"},
        {"Autodiscover Logs", "DateTime,X", "", "autodiscover"},
        {"Some New Log", "DateTime,X", "", "exchange-other"},
        {"Some New Log", "DateTime,SoapAction,AuthenticatedUser", "", "ews"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reader t;
        char text[1024];
        int n = snprintf(
            text, sizeof text,
            "#Software: Microsoft Exchange Server\r\n#Log-type: %s\r\n#Fields: %s\r\n%s\r\n",
            cases[i].type, cases[i].fields, cases[i].row);
        reader_open(&t, "exlog", str_make(text, (size_t)n), "misleading/Ews_2021.LOG");
        assert_string_equal(t.state.kind, cases[i].kind);
        for (enum line_class class; reader_next(&t, &class);)
            assert_string_equal(t.state.kind, cases[i].kind);
    }
}

static void kind_without_type(void **state)
{
    (void)state;
    struct reader t;
    enum line_class class;
    reader_open(&t, "exlog",
                STR("TimeStamp,ServerName,EventId,EventData\r\n"
                    "2021-03-03T06:00:00Z,EX02,Request,S:PSA=u;S:Bld=15.1.2375.7\r\n"),
                "x.log");
    assert_string_equal(t.state.kind, "ecp-activity");
    assert_string_equal(t.state.host, "EX02");
    while (reader_next(&t, &class))
        assert_string_equal(t.state.kind, "ecp-activity");
    expect(&t, "S:BLD", "15.1.2375.7");
    reader_open(&t, "exlog",
                STR("#Fields: TimeStamp,ServerName,EventId,EventData\r\n"
                    "2021-03-03T06:00:00Z,EX02,ECP.Request,S:CMD=Get-X\r\n"),
                "x.log");
    assert_string_equal(t.state.kind, "ecp-server");
}

static void event_data(void **state)
{
    (void)state;
    struct reader t;
    reader_open(
        &t, "exlog",
        STR(HEAD(
            "ECP Server Log") "#Fields: TimeStamp,ServerName,EventId,EventData\r\n"
                              "2021-03-03T06:49:53.772Z,EX01,ECP.Request,\"S:TIME=13;S:SID=s-1;"
                              "'S:CMD=Set-X.ExternalUrl=''http://f/<b "
                              "c=\"\"d\"\">e();</b>;S:EX=no''.Identity=''g-1''';"
                              "S:REQID=;S:URL=/ecp/DDI/DDIService.svc/"
                              "SetObject?a=1;b=2;S:EX='it''s; broken';"
                              "S:EX=second;S:ACTID=a;S:RS=0;S:BLD=15.1.2106.2\"\r\n"
                              "2021-03-03T06:49:54Z,EX01,ECP.Request,S:CMD=Pipeline.1|Get-Y;;S:EX="
                              "\r\n"
                              "2021-03-03T06:49:54Z,EX01,ECP.Request,\"S:TIME=1;'S:CMD=Set-Z.A=''"
                              "cut\r\n"
                              "2021-03-03T06:49:54Z,EX01,ECP.Request,'\r\n"),
        "x.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "S:CMD", "Set-X.ExternalUrl='http://f/<b c=\"d\">e();</b>;S:EX=no'.Identity='g-1'");
    expect(&t, "S:TIME", "13");
    expect(&t, "S:REQID", "");
    expect(&t, "S:URL", "/ecp/DDI/DDIService.svc/SetObject?a=1;b=2");
    expect(&t, "S:EX", "it's; broken"); /* the first one */
    expect(&t, "S:BLD", "15.1.2106.2");
    expect(&t, "S:PSA", NULL);
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "S:CMD", "Pipeline.1|Get-Y");
    expect(&t, "S:EX", "");
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect(&t, "S:CMD", "Set-Z.A='cut");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "S:CMD", NULL);
}

static void audit_data(void **state)
{
    (void)state;
    struct reader t;
    reader_open(
        &t, "exlog",
        STR(HEAD(
            "audit") "#Fields: Timestamp,Server,RecordType,Data,Scope\r\n"
                     "2021-03-03T06:00:00Z,EX01,ExchangeAdmin,\"{\"\"Operation\"\":\"\"Set-"
                     "\\u004dailbox\"\","
                     "\"\"UserId\"\":\"\"D\\\\u\"\",\"\"x\"\":{\"\"UserId\"\":\"\"no\"\"},"
                     "\"\"Parameters\"\":[{\"\"Name\"\":\"\"A\"\"}]}\",Online\r\n"
                     "2021-03-03T06:00:00Z,EX01,ExchangeAdmin,\"[{\"\"UserId\"\":1}]\",Online\r\n"),
        "x.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "D:Operation", "Set-Mailbox");
    expect(&t, "D:UserId", "D\\u");
    expect(&t, "D:Parameters", "[{\"Name\":\"A\"}]");
    expect(&t, "D:ClientIP", NULL);
    expect(&t, "Scope", "Online");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "D:UserId", NULL);
}

static void oab_text(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "exlog",
                STR("2021-03-03T06:00:00.000Z,1,something\r\nother text\r\n"
                    "x Download failed and temporary file 'C:\\a\\b.tmp' needs to be removed\r\n"),
                "a.log");
    assert_string_equal(t.state.kind, "oabgenerator");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2021-03-03T06:00:00Z");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "none");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "message",
           "x Download failed and temporary file 'C:\\a\\b.tmp' needs to be removed");
}

static void quotes_stay_linear(void **state)
{
    (void)state;
    struct reader t;
    static char text[LIMIT_LINE_BYTES];
    static const char head[] =
        HEAD("ECP Server Log") "#Fields: TimeStamp,ServerName,EventId,EventData\r\n"
                               "2021-03-03T06:49:53.772Z,EX01,ECP.Request,";
    static const char *const fill[] = {"K='a'", "'';", "S:A='", ";", "'", "=", "K='a';", "\"\""};
    for (size_t f = 0; f < ARRAY_LEN(fill); f++) {
        size_t n = sizeof head - 1, step = strlen(fill[f]);
        memcpy(text, head, n);
        for (size_t i = n; i < sizeof text; i++)
            text[i] = fill[f][(i - n) % step];
        reader_open(&t, "exlog", str_make(text, sizeof text), "a.log");
        (void)reader_row(&t);
        expect(&t, "ServerName", "EX01");
    }
}

static void plain_rows(void **state)
{
    (void)state;
    struct str head = STR("#Software: Microsoft Exchange Server\r\n#Log-type: HttpProxy Logs\r\n"
                          "#Fields: DateTime,RequestId,Protocol,UrlStem,ServerHostName,HttpStatus,"
                          "UserAgent,GenericInfo\r\n");
    struct str row =
        STR("2021-03-02T10:11:12.345Z,1-2,Owa,/owa/,EX01,200,Mozilla/5.0 (Windows NT "
            "10.0; Win64; x64) AppleWebKit/537.36,BeginRequest=2021-03-02T10:11:12Z\r\n");
    assert_in_range(reader_mutations("exlog", head, row, 8000), 2500, 6500);
    struct reader t;
    reader_open(&t, "exlog",
                STR("#Software: Microsoft Exchange Server\r\n#Fields: 1,date-time\r\n"
                    "1,2021-03-02\r\n1,date-time\r\n"),
                "a.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    assert_false(t.plain); /* the names of its columns might look like this */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_header_layouts),
        cmocka_unit_test(script_output),
        cmocka_unit_test(fields_win_and_change),
        cmocka_unit_test(odd_rows),
        cmocka_unit_test(kinds),
        cmocka_unit_test(kind_without_type),
        cmocka_unit_test(event_data),
        cmocka_unit_test(audit_data),
        cmocka_unit_test(oab_text),
        cmocka_unit_test(quotes_stay_linear),
        cmocka_unit_test(plain_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
