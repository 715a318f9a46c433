#include "observe_told.h"

#define HEAD                                                                                       \
    "{\"VersionReport\": \"26.01\", \"ReportDate\": \"2021-03-08T10:00:00Z\",\n\"Servers\": [\n"
#define NOON "2021-03-08T10:00:00Z"

static void servers(void **state)
{
    (void)state;
    expect_told(
        STR(HEAD
            "{\"Name\": \"EX11\", \"BuildVersion\": \"15.1.2176.9\", \"Vulnerabilities\": []},\n"
            "{\"Name\": \"EX12\", \"BuildVersion\": {\"Major\": 15, \"Minor\": 1, \"Build\": 2176,"
            " \"Revision\": 2}, \"Vulnerabilities\": [\"CVE-2021-26855\", \"other\"]},\n"
            "{\"Name\": \"EX13\", \"BuildVersion\": {\"Major\": 15, \"Minor\": 1, \"Build\": "
            "2176}}]}"),
        "a.json",
        "build EX11 15.1.2176.9 su " NOON " :3\n"
        "build EX12 15.1.2176.2 su " NOON " :4\n"
        "open EX12 CVE-2021-26855 " NOON " :4\n"
        "build EX13 15.1.2176 cu " NOON " :5\n");
}

static void dates(void **state)
{
    static const struct {
        const char *date, *want;
    } cases[] = {
        {"/Date(1615197600000)/", NOON},
        {"\\/Date(1615197600000)\\/", NOON},
        {"03/08/2021 10:00:00", "-"},
        {"", "-"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf text, want;
        buf_init(&text, 4096);
        buf_init(&want, 4096);
        buf_printf(&text,
                   "{\"VersionReport\": \"1\", \"ReportDate\": \"%s\", \"Servers\": [{\"Name\": "
                   "\"EX11\", \"BuildVersion\": \"15.1.2176.9\"}]}",
                   cases[i].date);
        buf_printf(&want, "build EX11 15.1.2176.9 su %s :1\n", cases[i].want);
        buf_putc(&want, '\0');
        expect_told(buf_view(&text), "a.json", want.p);
        buf_done(&text);
        buf_done(&want);
    }
}

static void bad_input(void **state)
{
    (void)state;
    expect_told(
        STR(HEAD "{\"Name\": \"EX11\", \"BuildVersion\": \"15.1.2176.9\"},\n{\"Name\": \"EX1"),
        "a.json",
        "build EX11 15.1.2176.9 su " NOON " :3\n"
        "gap damaged :4 a string does not end\n");
    expect_told(STR(HEAD
                    "{\"Name\": \"EX11\", \"BuildVersion\": \"20210305\"},\n{\"Name\": \"EX12\"},\n"
                    "{\"BuildVersion\": \"15.1.2176.9\"}]}"),
                "a.json",
                "gap bad-build :3 20210305\n"
                "gap bad-build :4 no build\n"
                "gap damaged :5 no host is named\n");
    expect_foreign(STR("{\"Servers\": []}"), "a.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers),
        cmocka_unit_test(dates),
        cmocka_unit_test(bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
