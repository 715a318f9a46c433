#include "observe_told.h"

#include "codec/observe_priv.h"

#include <stdlib.h>

#define HEAD                                                                                       \
    "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">\n"
#define TYPE(id, name) "<TN RefId=\"" id "\"><T>" name "</T><T>System.Object</T></TN>"
#define SERVER "Microsoft.Exchange.Data.Directory.Management.ExchangeServer"
#define CUSTOM "System.Management.Automation.PSCustomObject"
#define OBJ(id, type, inside) "<Obj RefId=\"" id "\">" type inside "</Obj>\n"
#define PROPS(inside) "<Props>" inside "</Props>"
#define S(name, value) "<S N=\"" name "\">" value "</S>"
#define DIRECTORY(id, text)                                                                        \
    "<Obj N=\"AdminDisplayVersion\" RefId=\"" id                                                   \
    "\"><TN RefId=\"90\"><T>Microsoft.Exchange.Data.ServerVersion</T></TN><ToString>" text         \
    "</ToString><Props><I32 N=\"Major\">15</I32></Props></Obj>"
#define SITE                                                                                       \
    "<Obj N=\"Site\" RefId=\"77\"><ToString>example.org/Configuration/Sites/Bern</ToString>"       \
    "<Props><S N=\"Name\">Bern</S></Props></Obj>"
/* A file's version information, as Get-Command gives it. */
#define FILE_OF(id, called, path, version)                                                         \
    "<Obj " called "RefId=\"" id                                                                   \
    "\"><TN RefId=\"91\"><T>System.Diagnostics.FileVersionInfo</T></TN><ToString>File:  " path     \
    "_x000D__x000A_FileVersion:  " version "_x000D__x000A_</ToString><Props>" S("FileName", path)  \
        S("FileVersion", version) S("ProductVersion", version) "</Props>"
#define EXSETUP "C:\\Exchange\\bin\\ExSetup.exe"

static void servers(void **state)
{
    (void)state;
    /* with all letters that a name may have, a second type list by reference, columns selected */
    expect_told(STR(HEAD OBJ("0", TYPE("0", SERVER),
                             PROPS(S("Name", "EX01") S("Fqdn", "EX01.example.org")
                                       DIRECTORY("1", "Version 15.1 (Build 2176.2)")
                                           SITE) "<MS>" S("PSComputerName", "admin1") "</MS>")
                        OBJ("5", "<TNRef RefId=\"0\"/>",
                            PROPS(S("Name", "ex_x002D_02")
                                      S("AdminDisplayVersion", "Version 15.1 (Build 2106.2)")))
                            OBJ("6", TYPE("1", "Selected." SERVER),
                                "<MS>" S("Name", "EX03")
                                    S("PSComputerName",
                                      "admin1") "<Ref N=\"AdminDisplayVersion\" RefId=\"1\"/></MS>")
                                OBJ("7", TYPE("2", "Selected." CUSTOM),
                                    "<MS>" S("Server", "EX04")
                                        S("AdminDisplayVersion", "15.1.2176.9") "</MS>") "</Objs>"),
                "servers.xml",
                "build EX01.example.org 15.1.2176.2 cu - :2 site=Bern\n"
                "build ex-02 15.1.2106.2 cu - :3\n"
                "build EX03 15.1.2176.2 cu - :4\n"
                "build EX04 15.1.2176.9 cu - :5\n");
}

/* What has AdminDisplayVersion as well: its own name is no server's. */
static void others_of_the_directory(void **state)
{
    (void)state;
    expect_told(
        STR(HEAD OBJ(
            "0", TYPE("0", "Microsoft.Exchange.Data.Directory.Management.ADOwaVirtualDirectory"),
            PROPS(S("Name", "owa (Default Web Site)") S("Server", "EX01")
                      S("AdminDisplayVersion", "Version 15.1 (Build 2176.2)")))
                OBJ("1", TYPE("1", "Microsoft.Exchange.Data.Directory.Management.Mailbox"),
                    PROPS(S("Name", "jdoe")
                              S("AdminDisplayVersion", "Version 15.1 (Build 2176.2)")))
                    OBJ("2", TYPE("2", CUSTOM),
                        "<MS>" S("Name", "Jane Doe")
                            S("AdminDisplayVersion", "Version 15.1 (Build 2176.2)") "</MS>")
                        OBJ("3", TYPE("3", CUSTOM),
                            "<MS>" S("Name", "jdoe") S("Database", "DB1")
                                S("AdminDisplayVersion",
                                  "Version 15.1 (Build 2176.2)") "</MS>") "</Objs>"),
        "vdir.xml",
        "build EX01 15.1.2176.2 cu - :2\n"
        "gap no-host :3 a version in the directory, of no named server\n"
        "gap no-host :4 a version in the directory, of no named server\n"
        "gap no-host :5 a version in the directory, of no named server\n");
}

static void setup_files(void **state)
{
    struct str alone = STR(HEAD FILE_OF("0", "", EXSETUP, "15.01.2176.009") "</Obj></Objs>");
    (void)state;
    expect_told(
        STR(HEAD FILE_OF("0", "", EXSETUP, "15.01.2176.009") "<MS>" S(
            "PSComputerName",
            "EX01") "</MS></Obj>\n" FILE_OF("1", "", "C:\\x.dll",
                                            "15.01.2176.009") "<MS>" S("PSComputerName",
                                                                       "EX02") "</MS></Obj></"
                                                                               "Objs>"),
        "exsetup.xml", "build EX01 15.1.2176.9 su - :2\n");
    expect_told(alone, "exsetup.xml", "build  15.1.2176.9 su - :2\n");
    /* as a property of what names the server, written out or as text */
    expect_told(
        STR(HEAD OBJ("0", TYPE("0", CUSTOM),
                     "<MS>" S("Name", "EX01")
                         FILE_OF("1", "N=\"ExSetup\" ", EXSETUP, "15.01.2176.009") "</Obj></MS>")
                OBJ("2", TYPE("2", CUSTOM),
                    "<MS>" S("Name", "EX02")
                        S("FileVersionInfo", "File: " EXSETUP "_x000D__x000A_FileVersion: "
                                             "15.01.2176.009_x000D__x000A_") "</MS>")
                    OBJ("3", TYPE("3", CUSTOM),
                        "<MS>" S("Name", "EX03")
                            S("FileVersionInfo", "File: C:\\npm.exe_x000D__x000A_FileVersion: "
                                                 "15.1.2176.9") "</MS>") "</Objs>"),
        "exsetup.xml",
        "build EX01 15.1.2176.9 su - :2\n"
        "build EX02 15.1.2176.9 su - :3\n");
}

/* Other files' versions, the command's own name, and one that no file is named beside. */
static void other_files(void **state)
{
    (void)state;
    expect_told(
        STR(HEAD OBJ("0", TYPE("0", CUSTOM),
                     "<MS>" S("Name", "EX01") "<Obj N=\"Agent\"><MS>" S(
                         "FileVersion", "15.1.2176.9") "</MS></Obj></MS>")
                OBJ("1", TYPE("1", "System.Management.Automation.ApplicationInfo"),
                    PROPS(S("Name", "ExSetup.exe")
                              S("FileVersionInfo", "File: " EXSETUP " FileVersion: 15.1.2176.9")))
                    OBJ("2", TYPE("2", "Selected." CUSTOM),
                        "<MS>" S("Name", "ExSetup.exe") S("ExSetupVersion", "15.1.2176.9") "</MS>")
                        OBJ("3", TYPE("3", "Selected.System.Diagnostics.FileVersionInfo"),
                            "<MS>" S("FileVersion", "15.1.2176.9")
                                S("PSComputerName", "EX04") "</MS>") "</Objs>"),
        "exsetup.xml",
        "build  15.1.2176.9 su - :3\n"
        "build  15.1.2176.9 su - :4\n"
        "build EX04 15.1.2176.9 su - :5\n");
}

#define HEALTH(name, inside, time)                                                                 \
    OBJ("0", TYPE("0", "HealthChecker.AnalyzedInformation"),                                       \
        PROPS("<Obj N=\"HealthCheckerExchangeServer\" RefId=\"1\">" TYPE(                          \
            "1", "HealthChecker.HealthCheckerExchangeServer")                                      \
                  PROPS(S("ServerName", name) OS "<Obj N=\"ExchangeInformation\" RefId=\"2\">"     \
                                                 "<MS><Obj N=\"BuildInformation\" RefId=\"3\">"    \
                                                 "<MS>" inside                                     \
                                                 "</MS></Obj></MS></Obj>" time) "</Obj>"))
#define OS                                                                                         \
    "<Obj N=\"OSInformation\" RefId=\"8\"><MS><Obj N=\"BuildInformation\" RefId=\"9\"><MS>"        \
    "<Version N=\"BuildVersion\">10.0.14393.0</Version></MS></Obj></MS></Obj>"
#define WHEN "<DT N=\"GenerationTime\">2021-03-08T10:00:00.1234567-06:00</DT>"
#define VERSION(text)                                                                              \
    "<Obj N=\"VersionInformation\" RefId=\"4\"><MS><Version N=\"BuildVersion\">" text              \
    "</Version></MS></Obj>"

static void health_checker(void **state)
{
    static const struct {
        const char *inside, *want;
    } cases[] = {
        {FILE_OF("5", "N=\"ExchangeSetup\" ", EXSETUP,
                 "15.01.2176.009") "</Obj>" VERSION("15.1.2176.9"),
         "15.1.2176.9 su"},
        {VERSION("15.1.2176.9"), "15.1.2176.9 su"},
        {VERSION("15.1.2176.2") "<Nil N=\"ExchangeSetup\"/>", "15.1.2176.2 cu"},
        {"<Obj N=\"ExchangeSetup\" RefId=\"5\"><MS>" S(
             "FileVersion",
             "15.1.2176.2") "<B N="
                            "\"FailedGetExSetup\">true</B></MS></Obj>" VERSION("15.1.2176.2"),
         "15.1.2176.2 cu"},
        {S("ExchangeSetup", "@{FileVersion=15.1.2176.2; FailedGetExSetup=True}"), "15.1.2176.2 cu"},
        {S("ExchangeSetup", "@{FileVersion=15.1.2176.9; FileMajorPart=15}"), "15.1.2176.9 su"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf text, want;
        buf_init(&text, 1 << 16);
        buf_init(&want, 1 << 16);
        buf_puts(&text, HEAD HEALTH("EX01", "@", WHEN) "</Objs>");
        struct str all = buf_view(&text);
        ptrdiff_t at = str_chr(all, '@');
        struct buf whole;
        buf_init(&whole, 1 << 16);
        buf_str(&whole, str_sub(all, 0, (size_t)at));
        buf_puts(&whole, cases[i].inside);
        buf_str(&whole, str_sub(all, (size_t)at + 1, all.n));
        buf_printf(&want, "build EX01 %s 2021-03-08T16:00:00.123456Z :2\n", cases[i].want);
        buf_putc(&want, '\0');
        expect_told(buf_view(&whole), "HealthChecker-EX01.xml", want.p);
        buf_done(&text);
        buf_done(&want);
        buf_done(&whole);
    }
    expect_told(STR(HEAD HEALTH("EX01", "", WHEN) "</Objs>"), "HealthChecker-EX01.xml", "");
}

/* UTF-16 as Windows PowerShell writes it, and marked as output. */
static void encodings(void **state)
{
    static const char text[] = HEAD OBJ(
        "0", TYPE("0", SERVER),
        PROPS(S("Name", "EX01") S("AdminDisplayVersion", "Version 15.1 (Build 2176.2)"))) "</Objs>";
    static char wide[2 * sizeof text] = "\xff\xfe";
    (void)state;
    for (size_t i = 0; i + 1 < sizeof text; i++)
        wide[2 * i + 2] = text[i];
    expect_told(str_make(wide, 2 * sizeof text), "a.xml", "build EX01 15.1.2176.2 cu - :2\n");
    wide[0] = '\xfe';
    wide[1] = '\xff';
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        wide[2 * i + 2] = 0;
        wide[2 * i + 3] = text[i];
    }
    expect_told(str_make(wide, 2 * sizeof text), "a.xml", "build EX01 15.1.2176.2 cu - :2\n");
    struct buf marked;
    buf_init(&marked, 1 << 16);
    buf_puts(&marked, "#< CLIXML\r\n");
    buf_puts(&marked, text);
    expect_told(buf_view(&marked), "a.xml", "build EX01 15.1.2176.2 cu - :3\n");
    buf_done(&marked);
    expect_told(STR(HEAD OBJ("0", TYPE("0", SERVER),
                             PROPS(S("Comments", "\xa9 2014") S("Name", "EX01") S(
                                 "AdminDisplayVersion", "Version 15.1 (Build 2176.2)"))) "</Objs>"),
                "a.xml",
                "gap damaged :2 bytes that are no UTF-8 are read as question marks\n"
                "build EX01 15.1.2176.2 cu - :2\n");
}

static void damage(void **state)
{
    (void)state;
    expect_told(STR(HEAD OBJ(
                    "0", TYPE("0", SERVER),
                    PROPS(S("Name", "EX01") S(
                        "AdminDisplayVersion",
                        "soon"))) "\n" OBJ("1", TYPE("1", SERVER),
                                           PROPS(S("Name", "EX02") "<Ref N=\"AdminDisplayVersion\" "
                                                                   "RefId=\"700\"/>")) "</Objs>"),
                "a.xml",
                "gap bad-build :2 soon\n"
                "gap bad-build :4 it stands in an object too far before\n");
    /* half an object: what was read of it; whether its file's version is ExSetup's is not known */
    expect_told(STR(HEAD "<Obj RefId=\"0\">" TYPE("0", SERVER) "<Props>" S("Name", "EX01")
                        S("AdminDisplayVersion", "Version 15.1 (Build 2176.2)") "<S N=\"Edi"),
                "a.xml", "gap cut :2 unclosed token\nbuild EX01 15.1.2176.2 cu - :2\n");
    expect_told(STR(HEAD "<Obj RefId=\"0\"><MS>" S("ServerName", "EX01")
                        S("FileVersion", "15.1.2176.9") S("FileName", EXSETUP)),
                "a.xml", "gap cut :2 no element found\nbuild EX01 15.1.2176.9 cu - :2\n");
    expect_told(STR(HEAD "<Obj RefId=\"0\"><MS>" S(
                    "ServerName",
                    "EX01") "<Obj N=\"AdminDisplayVersion\"><ToString>Version 15.1 (Build 217"),
                "a.xml", "gap cut :2 no element found\n");
    expect_told(STR("<!DOCTYPE Objs [<!ENTITY a \"b\">]>" HEAD "</Objs>"), "a.xml",
                "gap damaged :1 it declares entities\n");
}

static struct str filled(const char *before, char letter, size_t n, const char *after)
{
    static char *text;
    size_t a = strlen(before), b = strlen(after);
    free(text);
    text = malloc(a + n + b);
    assert_non_null(text);
    memcpy(text, before, a);
    memset(text + a, letter, n);
    memcpy(text + a + n, after, b);
    return str_make(text, a + n + b);
}

#define GOOD                                                                                       \
    OBJ("0", TYPE("0", SERVER),                                                                    \
        PROPS(S("Name", "EX01") S("AdminDisplayVersion", "Version 15.1 (Build 2176.2)")))
#define GOOD_TOLD "build EX01 15.1.2176.2 cu - :2\n"

static void limits(void **state)
{
    (void)state;
    expect_told(filled(HEAD GOOD "<S N=\"", 'x', 3 * OBSERVE_RECORD_BYTES, ""), "a.xml",
                GOOD_TOLD "gap too-long :3 a tag is too long\n");
    expect_told(filled(HEAD GOOD "<", 'x', 3 * OBSERVE_RECORD_BYTES, ""), "a.xml",
                GOOD_TOLD "gap too-long :3 a tag is too long\n");
    /* a long text is none: it is passed over */
    expect_told(
        filled(HEAD "<Obj><Props><BA N=\"Data\">", 'A', 5 * OBSERVE_RECORD_BYTES,
               "</BA>" S("Name", "EX01")
                   S("AdminDisplayVersion", "Version 15.1 (Build 2176.2)") "</Props></Obj></Objs>"),
        "a.xml", GOOD_TOLD);
    struct buf deep;
    buf_init(&deep, 1 << 20);
    buf_puts(&deep, HEAD);
    for (int i = 0; i < 1000; i++)
        buf_puts(&deep, "<Obj N=\"a\" RefId=\"9\">");
    buf_puts(&deep, S("Name", "EX02") S("AdminDisplayVersion", "Version 15.1 (Build 2176.2)"));
    for (int i = 0; i < 1000; i++)
        buf_puts(&deep, "</Obj>");
    buf_puts(&deep, GOOD "</Objs>");
    expect_told(buf_view(&deep), "a.xml", GOOD_TOLD);
    buf_done(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers),        cmocka_unit_test(others_of_the_directory),
        cmocka_unit_test(setup_files),    cmocka_unit_test(other_files),
        cmocka_unit_test(health_checker), cmocka_unit_test(encodings),
        cmocka_unit_test(damage),         cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
