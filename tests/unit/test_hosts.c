#include "scan/hosts.h"

#include "unit.h"

static void is_host(const char *path, const char *host)
{
    struct str got = host_of_path(str_of(path));
    if (!str_eq(got, str_of(host)))
        fail_msg("'%s': got '%.*s', wanted '%s'", path, STR_FMT(got), host);
}

static void test_host_of_path(void **state)
{
    (void)state;
    is_host("case/EX01/inetpub/logs/LogFiles/W3SVC1/u_ex210301.log", "EX01");
    is_host("Collection-EX01-1/uploads/auto/C%3A/inetpub/logs/u_ex210301.log", "Collection-EX01-1");
    is_host("Collection-EX01-1/uploads/ntfs/%5C%5C.%5CD%3A/logs/u_ex210301.log",
            "Collection-EX01-1");
    is_host("logs/F/V15/Logging/HttpProxy/Ecp/a.LOG", "F");
    is_host("EX01/g$/logs/a.LOG", "EX01");
    is_host("EX01/F1/logs/a.LOG", "F1");
    is_host("EX01\\C$\\Windows\\System32\\winevt\\Logs\\Application.evtx", "EX01");
    is_host("u_ex210301.log", "");
    is_host("WEB01/access.log", "WEB01");
}

/* Names that people give to folders of copied logs. */
static void test_folders_of_logs(void **state)
{
    (void)state;
    is_host("EXA/IIS-Logs/u_ex210301.log", "EXA");
    is_host("EXA/IISLogs/logs/LogFiles/W3SVC1/u_ex210301.log", "EXA");
    is_host("EXA/ExchangeLogs/HttpProxy/Ecp/HttpProxy_2021030300-1.LOG", "EXA");
    is_host("EXA/HttpProxyLogs/x.LOG", "EXA");
    is_host("EXA/Event_Logs_old/x.log", "EXA");
    is_host("EXA/logs-2021-03/x.log", "EXA");
    is_host("EXA/2021-03-03/x.log", "EXA");
    is_host("EXA/20210303/x.log", "EXA");
}

/* Below a folder of Windows' own a folder may have any name. */
static void test_trees_of_windows(void **state)
{
    (void)state;
    is_host("case/EX01/C/Windows/System32/Tasks/Microsoft/Windows/Sub Folder/One", "EX01");
    is_host("case/EX01/C:/ProgramData/Microsoft/Windows/WER/ReportQueue/X/Report.wer", "EX01");
    is_host("case/EX01/Program Files/Microsoft/Exchange Server/V15/Other/x.config", "EX01");
    is_host("EX01\\C$\\inetpub\\wwwroot\\shop\\web.config", "EX01");
    is_host("EX01/C/Users/anna/AppData/Roaming/x/ConsoleHost_history.txt", "EX01");
    is_host("EX01/C/Users/anna/AppData/Roaming/Microsoft/Windows/PowerShell/x.txt", "EX01");
    is_host("mnt/c/Users/anna/cases/EX01/x.log", "EX01");
    is_host("mnt/c/Users/anna/cases/EX01/C/Users/bob/PSReadLine/x.txt", "EX01");
    is_host("mnt/c/Users/anna/cases/EX01/inetpub/logs/x.log", "EX01");
    is_host("Users/anna/cases/EX01/x.log", "EX01");
    is_host("C/Windows/System32/Tasks/Microsoft/Windows/Sub/One", "");
    is_host("inetpub/EX01/x.log", "EX01");
    is_host("windows-logs/EX01/x.log", "EX01");
}

/* Names that servers have. */
static void test_hosts_stay(void **state)
{
    (void)state;
    is_host("IIS01/logs/x.log", "IIS01");
    is_host("web-logs01/logs/x.log", "web-logs01");
    is_host("LOGSRV/logs/x.log", "LOGSRV");
    is_host("10.0.1.5/logs/x.log", "10.0.1.5");
    is_host("01/inetpub/logs/x.log", "01");
    is_host("exchange-01/logs/x.log", "exchange-01");
    is_host("catalog/x.log", "catalog");
}

static void test_server_tree(void **state)
{
    (void)state;
    assert_true(host_in_server_tree(STR("EX09/Windows/System32/winevt/Logs/Application.evtx")));
    assert_true(host_in_server_tree(STR("EX09/inetpub/logs/LogFiles/x.bin")));
    assert_false(host_in_server_tree(STR("case/notes/README")));
    assert_false(host_in_server_tree(STR("EX09/README")));
    assert_false(host_in_server_tree(STR("Windows/System32/winevt/Logs/Application.evtx")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_of_path),     cmocka_unit_test(test_folders_of_logs),
        cmocka_unit_test(test_trees_of_windows), cmocka_unit_test(test_hosts_stay),
        cmocka_unit_test(test_server_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
