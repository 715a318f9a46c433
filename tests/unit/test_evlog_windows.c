#include "evlog_told.h"

/* ---- configuration of IIS ---- */

#define IIS "tocsin/iis-config/0  @-1 #"
#define OF(n, element) IIS #n " Channel=tocsin/iis-config Element=" element

static void expect_of(const char *path, const char *text, const char *rows, size_t gaps)
{
    told_path = str_of(path);
    expect_rows(text, rows, gaps);
    told_path = STR_NONE;
}

static void sites_and_directories(void **state)
{
    (void)state;
    expect_of(
        "C/Windows/System32/inetsrv/config/applicationHost.config",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- x -->\n<configuration>\n"
        "<system.applicationHost><sites><site name=\"Default Web Site\" id=\"1\">\n"
        "<application path=\"/\">\n<virtualDirectory path=\"/\" physicalPath=\"C:\\a\" />\n"
        "<virtualDirectory path=\"/x\" physicalPath=\"C:\\b\" password=\"secret\"/>\n"
        "</application><application path=\"/owa\">\n"
        "<virtualDirectory path=\"/\" physicalPath=\"C:\\c\"/></application></site></sites>\n"
        "</system.applicationHost></configuration>",
        OF(4,
           "site") " Config=applicationHost.config Name=Default Web Site "
                   "Id=1\n" OF(
                       5,
                       "application") " Config=applicationHost.config "
                                      "Site=Default Web Site Path=/\n" OF(
                                          8,
                                          "application") " Config=applicationHost.config "
                                                         "Site=Default Web Site Path=/owa\n" OF(
                                                             6,
                                                             "virtualDirectory") " Config="
                                                                                 "applicationHost."
                                                                                 "config "
                                                                                 "Site=Default Web "
                                                                                 "Site "
                                                                                 "RequestPath=/ "
                                                                                 "Path=/ "
                                                                                 "PhysicalPath=C:"
                                                                                 "\\a\n" OF(
                                                                                     7,
                                                                                     "virtualDirect"
                                                                                     "ory") " Confi"
                                                                                            "g="
                                                                                            "applic"
                                                                                            "ationH"
                                                                                            "ost."
                                                                                            "config"
                                                                                            " Site="
                                                                                            "Defaul"
                                                                                            "t Web "
                                                                                            "Site "
                                                                                            "Reques"
                                                                                            "tPath="
                                                                                            "/x "
                                                                                            "Path=/"
                                                                                            "x "
                                                                                            "Physic"
                                                                                            "alPath"
                                                                                            "=C:"
                                                                                            "\\b "
                                                                                            "Passwo"
                                                                                            "rd="
                                                                                            "set"
                                                                                            "\n" OF(
                                                                                                9,
                                                                                                "vi"
                                                                                                "rt"
                                                                                                "ua"
                                                                                                "lD"
                                                                                                "ir"
                                                                                                "ec"
                                                                                                "to"
                                                                                                "r"
                                                                                                "y") " Config=applicationHost.config Site=Default Web Site RequestPath=/owa Path=/ "
                                                                                                     "PhysicalPath=C:\\c\n",
        0);
}

static void handlers_and_modules(void **state)
{
    (void)state;
    expect_of("web.config",
              "<configuration><location path=\"a/b\"><system.webServer><handlers>\n"
              "<add name=\"n\" path=\"*.jpg\" verb=\"*\" type=\"T\"/>\n<remove name=\"m\"/>\n"
              "</handlers></system.webServer></location><system.webServer><handlers>\n<clear/>\n"
              "</handlers></system.webServer></configuration>",
              OF(2, "handler") " Config=web.config Location=a/b Action=add Name=n Path=*.jpg "
                               "Verb=* Type=T\n" OF(
                                   3, "handler") " Config=web.config Location=a/b Action=remove "
                                                 "Name=m\n" OF(5, "handler") " Config=web.config "
                                                                             "Action=clear\n",
              0);
}

static void rewrite_rules(void **state)
{
    (void)state;
    expect_of(
        "web.config",
        "<configuration><system.webServer><rewrite><rules>\n<clear/>\n"
        "<rule name=\"r\" stopProcessing=\"true\"><match url=\".*\"/>\n"
        "<conditions logicalGrouping=\"MatchAny\"><add input=\"{HTTP_COOKIE}\" pattern=\"(.*)x\"/>"
        "<add input=\"{URL}\" pattern=\"y\" negate=\"true\"/></conditions>\n"
        "<action type=\"AbortRequest\"/></rule></rules></rewrite></system.webServer>"
        "</configuration>",
        OF(2, "rewriteRule") " Config=web.config Action=clear\n" OF(
            3, "rewriteRule") " Config=web.config Action=add Name=r Enabled=true "
                              "StopProcessing=true Match=.* "
                              "LogicalGrouping=MatchAny Condition={HTTP_COOKIE} (.*)x|{URL} not y "
                              "ActionType=AbortRequest\n",
        0);
}

static void keys_are_not_told(void **state)
{
    (void)state;
    expect_of("web.config",
              "<configuration><system.web>\n<machineKey validationKey=\"0123\" "
              "decryptionKey=\"AutoGenerate\" validation=\"SHA1\" channel=\"x\"/></system.web>"
              "</configuration>",
              OF(2, "machineKey") " Config=web.config ValidationKey=set by hand "
                                  "DecryptionKey=AutoGenerate Validation=SHA1 "
                                  "Attribute_Channel=x\n",
              0);
}

/* In comments and behind the end as well. */
static void code_in_a_configuration(void **state)
{
    (void)state;
    expect_of("web.config",
              "<configuration><system.web>\n<trust level=\"Full\"/></system.web></configuration>\n"
              "<!--\n<% inert %>\n-->",
              OF(2, "trust") " Config=web.config Level=Full\n" OF(
                  4, "inlineCode") " Config=web.config Code=<% inert %>\n-->\n",
              0);
}

static void broken_configuration(void **state)
{
    (void)state;
    expect_of("web.config",
              "<configuration><system.web>\n<trust level=\"Full\"/><x></y>\n<pages/></system.web>",
              OF(2, "trust") " Config=web.config Level=Full\n", 1);
}

static void knows_configurations(void **state)
{
    (void)state;
    struct str app = STR("<?xml version='1.0'?><configuration><startup/></configuration>");
    assert_false(evlog_knows(app, STR("x.exe.config")));
    assert_true(evlog_knows(app, STR("C\\x\\Web.Config")));
    assert_false(evlog_knows(STR("<configurations><location/>"), STR("web.config")));
    assert_false(evlog_knows(STR("<!-- <configuration><location "), STR("web.config")));
}

#define POWERSHELL "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"

/* ---- tasks ---- */

#define TASK                                                                                       \
    "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n"                                                \
    "<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\n"

static void actions_of_a_task(void **state)
{
    (void)state;
    expect_of("C/Windows/System32/Tasks/Sub/One",
              TASK
              "<RegistrationInfo><Author>X\\a</Author><Date>2021-03-03T01:02:03</Date>"
              "</RegistrationInfo><Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger>"
              "<BootTrigger/></Triggers><Principals><Principal id=\"A\"><UserId>S-1-5-18</UserId>"
              "</Principal></Principals><Settings><Hidden>true</Hidden></Settings><Actions>\n"
              "<Exec><Command>powershell</Command><Arguments>-enc AA &amp; b</Arguments></Exec>\n"
              "<Exec><Command>\"C:\\x y\\z.exe\"</Command></Exec>\n"
              "<ComHandler><ClassId>{1}</ClassId></ComHandler></Actions></Task>",
              "tocsin/task/0  @-1 #4 Channel=tocsin/task Author=X\\a Date=2021-03-03T01:02:03 "
              "User=S-1-5-18 Hidden=true TaskName=\\Sub\\One Trigger=LogonTrigger|BootTrigger "
              "Image=" POWERSHELL " CommandLine=powershell -enc AA & b\n"
              "tocsin/task/0  @-1 #5 Channel=tocsin/task Author=X\\a Date=2021-03-03T01:02:03 "
              "User=S-1-5-18 Hidden=true TaskName=\\Sub\\One Trigger=LogonTrigger|BootTrigger "
              "Image=C:\\x y\\z.exe CommandLine=\"C:\\x y\\z.exe\"\n"
              "tocsin/task/0  @-1 #6 Channel=tocsin/task Author=X\\a Date=2021-03-03T01:02:03 "
              "User=S-1-5-18 Hidden=true TaskName=\\Sub\\One Trigger=LogonTrigger|BootTrigger "
              "ClassId={1}\n",
              0);
}

static void cut_task(void **state)
{
    (void)state;
    expect_of(
        "x", TASK "<Actions>\n<Exec><Command>cmd.exe</Command>",
        "tocsin/task/0  @-1 #4 Channel=tocsin/task TaskName=x Image=C:\\Windows\\System32\\cmd.exe "
        "CommandLine=cmd.exe\n",
        1);
}

/* ---- reports of errors ---- */

static void reports_of_errors(void **state)
{
    (void)state;
    expect_of("C/ProgramData/Microsoft/Windows/WER/ReportArchive/Critical_w3wp/Report.wer",
              "Version=1\r\nEventType=E12IIS\r\nEventTime=132592032000000000\r\n"
              "Sig[0].Name=p1\r\nSig[0].Value=a\r\nSig[1].Name=p2\r\nSig[1].Value=b\r\n"
              "UI[2]=C:\\w3wp.exe\r\nState[0].Key=x\r\nChannel=Security\r\nAppName=IIS\r\n",
              "tocsin/wer/0  @1614729600 #1 Channel=tocsin/wer Report=Critical_w3wp Version=1 "
              "EventType=E12IIS EventTime=132592032000000000 SigName=p1|p2 SigValue=a|b "
              "UI=C:\\w3wp.exe AppName=IIS\n",
              0);
}

/* ---- PowerShell ---- */

static void history_of_commands(void **state)
{
    (void)state;
    expect_of("C/Users/anna/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/"
              "ConsoleHost_history.txt",
              "Get-Process | sort\n\n& 'C:\\a b\\x.exe' -y\ncertutil -f z\nprocdump x\n$a = 1\n",
              "tocsin/powershell-history/0  @-1 #1 Channel=tocsin/powershell-history "
              "ScriptBlockText=Get-Process | sort CommandLine=Get-Process | sort "
              "ParentImage=" POWERSHELL " User=anna\n"
              "tocsin/powershell-history/0  @-1 #3 Channel=tocsin/powershell-history "
              "ScriptBlockText=& 'C:\\a b\\x.exe' -y CommandLine=& 'C:\\a b\\x.exe' -y "
              "ParentImage=" POWERSHELL " User=anna Image=C:\\a b\\x.exe\n"
              "tocsin/powershell-history/0  @-1 #4 Channel=tocsin/powershell-history "
              "ScriptBlockText=certutil -f z CommandLine=certutil -f z "
              "ParentImage=" POWERSHELL " User=anna Image=C:\\Windows\\System32\\certutil.exe\n"
              "tocsin/powershell-history/0  @-1 #5 Channel=tocsin/powershell-history "
              "ScriptBlockText=procdump x CommandLine=procdump x ParentImage=" POWERSHELL
              " User=anna Image=\\procdump.exe\n"
              "tocsin/powershell-history/0  @-1 #6 Channel=tocsin/powershell-history "
              "ScriptBlockText=$a = 1 CommandLine=$a = 1 ParentImage=" POWERSHELL " User=anna\n",
              0);
}

#define STARS "**********************\n"

#define OF_ANNA " User=X\\a Computer=EX01"

static void transcripts(void **state)
{
    (void)state;
    expect_of(
        "x.txt",
        STARS "Windows PowerShell transcript start\nStart time: 20210303000001\n"
              "Username: X\\a\nMachine: EX01 (Microsoft Windows NT 10.0)\n"
              "Host Application: powershell.exe -enc AA\nProcess ID: 1\n" STARS
              "Transcript started, output file is C:\\x.txt\nPS C:\\> whoami\nx\\a\n" STARS
              "Command start time: 20210303000102\n" STARS
              "[ex02]: PS C:\\Users\\a> dir C:\\\nPS C:\\>\n>> 2\n" STARS
              "Windows PowerShell transcript end\nEnd time: 20210303000200\n" STARS "PS C:\\> no\n",
        "tocsin/powershell-transcript/0  @1614729601 #8 Channel=tocsin/powershell-transcript "
        "CommandLine=powershell.exe -enc AA HostApplication=powershell.exe -enc AA "
        "Image=" POWERSHELL "" OF_ANNA "\n"
        "tocsin/powershell-transcript/0  @1614729601 #10 Channel=tocsin/powershell-transcript "
        "CommandLine=whoami Image=C:\\Windows\\System32\\whoami.exe" OF_ANNA
        " ScriptBlockText=whoami "
        "ParentImage=" POWERSHELL "\n"
        "tocsin/powershell-transcript/0  @1614729662 #15 Channel=tocsin/powershell-transcript "
        "CommandLine=dir C:\\" OF_ANNA " ScriptBlockText=dir C:\\ ParentImage=" POWERSHELL "\n"
        "tocsin/powershell-transcript/0  @1614729662 #17 Channel=tocsin/powershell-transcript "
        "CommandLine=2" OF_ANNA " ScriptBlockText=2 ParentImage=" POWERSHELL "\n",
        0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sites_and_directories),
        cmocka_unit_test(handlers_and_modules),
        cmocka_unit_test(rewrite_rules),
        cmocka_unit_test(keys_are_not_told),
        cmocka_unit_test(code_in_a_configuration),
        cmocka_unit_test(broken_configuration),
        cmocka_unit_test(knows_configurations),
        cmocka_unit_test(actions_of_a_task),
        cmocka_unit_test(cut_task),
        cmocka_unit_test(reports_of_errors),
        cmocka_unit_test(history_of_commands),
        cmocka_unit_test(transcripts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
