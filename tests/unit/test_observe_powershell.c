#include "observe_told.h"

#include "codec/observe_priv.h"

#include <stdlib.h>

#define NO_HOST "a version in the directory, of no named server\n"
#define TABLE                                                                                      \
    "ProductVersion   FileVersion      FileName                            PSComputerName\r\n"     \
    "--------------   -----------      --------                            --------------\r\n"

static void lists(void **state)
{
    (void)state;
    expect_told(STR("\r\n[PS] C:\\>Get-ExchangeServer | Format-List "
                    "Name,Edition,AdminDisplayVersion\r\n\r\n"
                    "Name                : EX01\r\nEdition             : Enterprise\r\n"
                    "AdminDisplayVersion : Version 15.1 (Build 2176.2)\r\n\r\n"
                    "Name                : EX02\r\nEdition             : Standard\r\n"
                    "AdminDisplayVersion : Version 15.1 (Build\r\n"
                    "                      2106.2)\r\n"
                    "Site                : example.org/Configuration/Sites/Bern\r\n\r\n"),
                "a.txt",
                "build EX01 15.1.2176.2 cu - :4\n"
                "build EX02 15.1.2106.2 cu - :8 site=Bern\n");
    /* copied without blank lines, and indented */
    expect_told(STR("  Name : EX01\n  AdminDisplayVersion : Version 15.1 (Build 2176.2)\n"
                    "  Name : EX02\n  AdminDisplayVersion : Version 15.1 (Build 2106.2)\n"),
                "a.txt",
                "build EX01 15.1.2176.2 cu - :1\n"
                "build EX02 15.1.2106.2 cu - :3\n");
    /* two outputs: the second is of no named server */
    expect_told(STR("Name : EX01\nAdminDisplayVersion : Version 15.1 (Build 2176.2)\n\n"
                    "FileVersion : 15.01.2106.013\nFileName : D:\\bin\\ExSetup.exe\n"),
                "a.txt",
                "build EX01 15.1.2176.2 cu - :1\n"
                "build  15.1.2106.13 su - :4\n");
}

/* A virtual directory's properties, also as a file that an attacker made of them. */
static void virtual_directory(void **state)
{
    (void)state;
    expect_told(STR("Name                            : OAB (Default Web Site)\r\n"
                    "PollInterval                    : 480\r\n"
                    "AdminDisplayVersion             : Version 15.1 (Build 2176.2)\r\n"
                    "Server                          : EX01\r\n"
                    "ExternalUrl                     : http://f/<b>x</b>\r\n"
                    "Identity                        : EX01\\OAB (Default Web Site)\r\n"),
                "a.aspx", "build EX01 15.1.2176.2 cu - :1\n");
    expect_told(
        STR("Name : jdoe\nDatabase : DB1\nAdminDisplayVersion : Version 15.1 (Build 2176.2)\n"),
        "a.txt", "gap no-host :1 " NO_HOST);
}

/* All of a command's properties, the file's version in one of them. */
static void setup_command(void **state)
{
    struct str text = STR("HelpUri            :\r\n"
                          "FileVersionInfo    : File:             C:\\V15\\bin\\ExSetup.exe\r\n"
                          "                     InternalName:     ExSetup.exe\r\n"
                          "                     FileVersion:      15.01.2176.009\r\n"
                          "                     ProductVersion:   15.01.2176.009\r\n"
                          "Path               : C:\\V15\\bin\\ExSetup.exe\r\n"
                          "Name               : ExSetup.exe\r\n");
    (void)state;
    expect_told(text, "a.txt", "build  15.1.2176.9 su - :1\n");
}

static void tables(void **state)
{
    (void)state;
    expect_told(
        STR(TABLE
            "15.01.2044.004   15.01.2044.004   C:\\Program Files\\Microsoft\\Excha... EX01\r\n"
            "15.01.2308.008   15.01.2308.008   D:\\bin\\npm.exe                      EX02\r\n"
            "15.01.2308.008   15.01.2308.008   D:\\bin\\ExSetup.exe                  EX03\r\n"
            "\r\nName        Site\r\n----        ----\r\nEX07        15.1.2176.9\r\n"),
        "a.txt",
        "build EX01 15.1.2044.4 su - :3\n"
        "build EX03 15.1.2308.8 su - :5\n");
    /* columns are counted in letters; long cells go on below */
    expect_told(
        STR("Name     Site     AdminDisplayVersion\n"
            "----     ----     -------------------\n"
            "EX01     Z\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc  Version 15.1 (Build\n"
            "                  2176.2)\n"
            "EX02     Bern     Version 15.1 (Build 2106.2)\n"),
        "a.txt",
        "build EX01 15.1.2176.2 cu - :3 site=Z\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\n"
        "build EX02 15.1.2106.2 cu - :5 site=Bern\n");
    expect_told(STR("FileVersion     FileName\n-----------     --------\n"
                    "15.01.2176.009  C:\\ExSetup.exe\n\n"
                    "AdminDisplayVersion\n-------------------\nVersion 15.1 (Build 2176.2)\n"),
                "a.txt",
                "build  15.1.2176.9 su - :3\n"
                "gap no-host :7 " NO_HOST);
    /* blanks that a copy lost: a part of a version is another one */
    expect_told(STR("ProductVersion FileVersion FileName\n-------------- ----------- --------\n"
                    "15.01.2176.009 15.01.2176.009 C:\\ExSetup.exe\n"),
                "a.txt", "gap damaged :3 the columns do not stand below their names\n");
}

static void cut_values(void **state)
{
    (void)state;
    expect_told(STR("Name     AdminDisplayVersion\n----     -------------------\n"
                    "EX01     Version 15.1 (Bu...\nEX02...  Version 15.1 (Build 2106.2)\n"
                    "EX03     Version 15.1 (Build 21\xe2\x80\xa6\nEX04\n"
                    "EX05     Version 15.1 (Build 2106.2)\n"),
                "a.txt",
                "gap cut :3 the end of a value is missing\n"
                "gap cut :4 the end of a value is missing\n"
                "gap cut :5 the end of a value is missing\n"
                "gap bad-build :6 no build\n"
                "build EX05 15.1.2106.2 cu - :7\n");
    /* the file ends within a line: half a version is another one, half a name another server */
    static const struct {
        const char *last, *want;
    } ends[] = {
        {"EX01\nAdminDisplayVersion : Version 15.1 (Build 217",
         "gap cut :1 the end of a value is missing\n"},
        {"EX01\nAdminDisplayVersion : Version 15.1 (Build 2176.2)",
         "build EX01 15.1.2176.2 cu - :1\n"},
        {"EX01\nExSetup : 15.01.2176.00", "gap cut :1 the end of a value is missing\n"},
        {"EX01\nExSetup : 15.01.2176.009", "build EX01 15.1.2176.9 su - :1\n"},
        {"x y\nAdminDisplayVersion : Version 15.1 (Build 2176.2)\nServer : EX0",
         "gap cut :1 the end of a value is missing\n"},
        {"EX01\nAdminDisplayVersion : Version 15.1 (Build 2176.2)\nSite : Ber",
         "build EX01 15.1.2176.2 cu - :1\n"},
        {"EX01\nAdminDisplayVersion : soon\n", "gap bad-build :1 soon\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct observe_options options = {.name = STR("a.txt"), .format = STR("powershell")};
        struct buf text;
        bool foreign;
        buf_init(&text, 4096);
        buf_printf(&text, "Name : %s", ends[i].last);
        (void)observe_run(buf_view(&text), options, &foreign);
        assert_string_equal(observe_told.p, ends[i].want);
        buf_done(&text);
    }
}

static void long_lines(void **state)
{
    const char *before =
                   "Name : EX01\nAdminDisplayVersion : Version 15.1 (Build 2176.2)\n\nNote : ",
               *after = "\nName : EX02\nAdminDisplayVersion : Version 15.1 (Build 2106.2)\n";
    size_t a = strlen(before), n = 3 * OBSERVE_RECORD_BYTES, b = strlen(after);
    char *text = malloc(a + n + b);
    (void)state;
    assert_non_null(text);
    memcpy(text, before, a);
    memset(text + a, 'x', n);
    memcpy(text + a + n, after, b);
    expect_told(str_make(text, a + n + b), "a.txt",
                "build EX01 15.1.2176.2 cu - :1\n"
                "gap too-long :4 a line\n"
                "build EX02 15.1.2106.2 cu - :5\n");
    expect_told(str_make(text, a + n), "a.txt",
                "build EX01 15.1.2176.2 cu - :1\n"
                "gap too-long :4 a line\n");
    free(text);
}

static void not_ours(void **state)
{
    static const char *const texts[] = {
        "Name : EX01\nVersion : 15.1.2176.9\n",
        "FileVersion : 1.2.3.4\nFileName : C:\\npm.exe\n",
        "a,ProductVersion,FileVersion\n----------\n",
        "Name  Site\n----  ----\n",
        "--------\n",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        expect_foreign(str_of(texts[i]), "a.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),         cmocka_unit_test(virtual_directory),
        cmocka_unit_test(setup_command), cmocka_unit_test(tables),
        cmocka_unit_test(cut_values),    cmocka_unit_test(long_lines),
        cmocka_unit_test(not_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
