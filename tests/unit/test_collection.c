#include "base/buf.h"
#include "base/time.h"
#include "codec/collection.h"
#include "unit.h"

static void a_copy_has_one_path_whoever_made_it(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t own;
        const char *want; /* NULL: unknown */
        size_t anchor;
    } cases[] = {
        {"uploads/auto/C%3A/inetpub/logs/u_ex.log", 0, "C:\\inetpub\\logs\\u_ex.log", 0},
        {"uploads/ntfs/%5C%5C.%5CC%3A/inetpub/logs/u_ex.log", 0, "C:\\inetpub\\logs\\u_ex.log", 0},
        {"EX01.zip/C/inetpub/logs/u_ex.log", 0, "C:\\inetpub\\logs\\u_ex.log", 9},
        {"EX01/C:/inetpub/logs/u_ex.log", 0, "C:\\inetpub\\logs\\u_ex.log", 5},
        {"EX01/c$/inetpub/logs/u_ex.log", 0, "C:\\inetpub\\logs\\u_ex.log", 5},
        {"EX01/C_drive/inetpub/logs/u_ex.log", 0, "C:\\inetpub\\logs\\u_ex.log", 5},
        {"EX01/C%3A/inetpub/logs/u_ex.log", 0, "C:\\inetpub\\logs\\u_ex.log", 5},
        {"EX01/inetpub/logs/u_ex.log", 0, "C:\\inetpub\\logs\\u_ex.log", 5},
        {"EX01\\inetpub\\logs\\u_ex.log", 0, "C:\\inetpub\\logs\\u_ex.log", 5},
        {"ex/V15/Logging/HttpProxy/Ecp/a.LOG", 0,
         "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging\\HttpProxy\\Ecp\\a.LOG", 3},
        {"ex/Program Files/Microsoft/Exchange Server/V15/Logging/HttpProxy/Ecp/a.LOG", 0,
         "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging\\HttpProxy\\Ecp\\a.LOG", 3},
        {"winevt/Logs/Security.evtx", 0, "C:\\Windows\\System32\\winevt\\Logs\\Security.evtx", 0},
        {"windows/EX01/inetpub/a.log", 0, "C:\\inetpub\\a.log", 13},
        {"D/Logs/a.log", 0, "D:\\Logs\\a.log", 0},
        /* Escapes are undone where they were made: names of event logs have a percent sign. */
        {"uploads/auto/C%3A/a%254Admin.evtx", 0, "C:\\a%4Admin.evtx", 0},
        {"C/a%4Admin.evtx", 0, "C:\\a%4Admin.evtx", 0},
        {"uploads/auto/C%3A/50%/a%2", 0, "C:\\50%\\a%2", 0},
        {"uploads/ntfs/%5C%5C%3F%5CGLOBALROOT%5CDevice%5CHarddiskVolumeShadowCopy1/Windows/a", 0,
         "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\Windows\\a", 0},
        {"uploads/file/var/log/auth.log", 0, "/var/log/auth.log", 0},
        /* Web folders of those names are below what tells more. */
        {"C/inetpub/wwwroot/uploads/file/x.aspx", 0, "C:\\inetpub\\wwwroot\\uploads\\file\\x.aspx",
         0},
        {"C/inetpub/uploads/auto/D%3A/x.aspx", 0, "C:\\inetpub\\uploads\\auto\\D%3A\\x.aspx", 0},
        {"C/case/uploads/auto/D%3A/x.aspx", 0, "D:\\x.aspx", 7},
        {"mnt/c/cases/EX01/inetpub/a.log", 17, "C:\\inetpub\\a.log", 17},
        {"mnt/C/cases/EX01/inetpub/a.log", 0, "C:\\cases\\EX01\\inetpub\\a.log", 4},
        {"case/C/inetpub/a.log", 15, "C:\\inetpub\\a.log", 5},
        {"d/EX01/inetpub/a.log", 0, "C:\\inetpub\\a.log", 7},
        {"D/Exchange/V15/Logging/a.log", 0, "D:\\Exchange\\V15\\Logging\\a.log", 0},
        {"EX01/u_ex.log", 0, NULL, 13},
        {"inetpub", 0, NULL, 7},
        {"", 0, NULL, 0},
    };
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str original;
        size_t anchor;
        assert_int_equal(
            collection_original(&arena, str_of(cases[i].path), cases[i].own, &original, &anchor),
            OK);
        if (!cases[i].want != !original.p)
            fail_msg("%s: '%.*s'", cases[i].path, STR_FMT(original));
        if (cases[i].want)
            assert_str(original, cases[i].want);
        assert_int_equal(anchor, cases[i].anchor);
    }
    arena_done(&arena);
}

static void a_collectors_own_files_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum collection_file want;
    } cases[] = {
        {"x/client_info.json", COLLECTION_CLIENT_INFO},
        {"uploads.json", COLLECTION_UPLOADS},
        {"uploads.json.index", COLLECTION_ABOUT},
        {"results/Windows.Sys.Users.json", COLLECTION_EVIDENCE},
        {"results/Windows.Sys.Users.json.index", COLLECTION_ABOUT},
        {"2025-08-25T20_20_59_5246365_CopyLog.csv", COLLECTION_COPY_LOG},
        {"2025-08-25T20_20_59_5246365_SkipLog.csv.csv", COLLECTION_SKIP_LOG},
        {"a/2025-08-25T20_20_59_5246365_SkipLog.csv", COLLECTION_SKIP_LOG},
        {"a/2025-08-25T20_20_59_5246365_ConsoleLog.txt", COLLECTION_ABOUT},
        {"log.json", COLLECTION_MAYBE},
        {"uploads/sparse/C%3A/file.txt.idx", COLLECTION_ABOUT},
        {"uploads/auto/C%3A/inetpub/uploads.json", COLLECTION_EVIDENCE},
        {"C/inetpub/logs/u_ex.log", COLLECTION_EVIDENCE},
        {"C/inetpub/wwwroot/client_info.json", COLLECTION_EVIDENCE},
        {"inetpub/wwwroot/client_info.json", COLLECTION_EVIDENCE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(collection_file_of(str_of(cases[i].path)), cases[i].want);
}

static void names_of_collections_name_hosts(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Collection-EX01-2021-03-05T10_11_12Z.zip", "EX01"},
        {"Collection-EX-01.contoso.example-2021-03-05T10_11_12_0Z.zip", "EX-01.contoso.example"},
        {"2024-09-23T052209_EX01.zip", "EX01"},
        {"EX01.tar.gz", "EX01"},
        {"EX01", "EX01"},
        {"EX01.contoso.example", "EX01.contoso.example"},
        {"EX01_2021-03-05T101112.7z", "EX01"},
        {"2021-03-05T101112.zip", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_str(collection_name(str_of(cases[i][0])), cases[i][1]);
}

struct told {
    struct buf text;
    enum err rc;
};

static enum err tell(void *ctx, const struct collection_fact *f)
{
    struct told *t = ctx;
    char time[2][32];
    static const char *const names[] = {"host", "copied", "skipped"};
    buf_printf(&t->text, "%s ", names[f->tells]);
    buf_str(&t->text, f->tells == COLLECTION_HOST ? f->host : f->original);
    if (f->created_us != TIME_NONE)
        buf_printf(&t->text, " %s %s", time_text(f->created_us, time[0]),
                   time_text(f->modified_us, time[1]));
    if (f->why.p)
        buf_printf(&t->text, " (%.*s)", STR_FMT(f->why));
    buf_puts(&t->text, f->twin ? " twin\n" : "\n");
    return t->rc;
}

static void assert_reads(enum collection_file what, const char *text, enum err want_rc,
                         const char *want)
{
    struct arena arena;
    struct told t = {.rc = OK};
    struct error why = {0};
    arena_init(&arena, 16 << 20);
    buf_init(&t.text, 1 << 20);
    assert_int_equal(collection_read(what, str_of(text), &arena, tell, &t, &why), want_rc);
    assert_str(buf_view(&t.text), want);
    if (want_rc)
        assert_true(why.text[0] != 0);
    buf_done(&t.text);
    arena_done(&arena);
}

static void the_host_is_told(void **state)
{
    (void)state;
    assert_reads(COLLECTION_CLIENT_INFO, "{\"Fqdn\":\"EX01.c.example\",\"Hostname\":\"EX01\"}", OK,
                 "host EX01\n");
    assert_reads(COLLECTION_CLIENT_INFO,
                 "{\"client_id\":\"C.1\",\"os_info\":{\"fqdn\":\"EX01.c.example\"}}", OK,
                 "host EX01.c.example\n");
    assert_reads(COLLECTION_CLIENT_INFO, "{}", OK, "");
    assert_reads(COLLECTION_CLIENT_INFO, "[]", ERR_FORMAT, "");
}

static void uploads_are_told(void **state)
{
    (void)state;
    assert_reads(
        COLLECTION_UPLOADS,
        "{\"vfs_path\":\"C:\\\\a\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"a%4Admin.evtx\"],"
        "\"file_size\":5,\"uploaded_size\":5,\"Type\":\"\"}\n"
        "no json\n\n"
        "{\"_Components\":[\"uploads\",\"ntfs\",\"\\\\\\\\.\\\\C:\",\"$Extend\",\"$UsnJrnl:$J\"],"
        "\"file_size\":4096,\"uploaded_size\":10,\"Type\":\"\"}\n"
        "{\"_Components\":[\"uploads\",\"auto\",\"C:\",\"pagefile.sys\"],"
        "\"file_size\":9000,\"uploaded_size\":7,\"Type\":\"\"}\n"
        "{\"_Components\":[\"uploads\",\"ntfs\",\"\\\\\\\\.\\\\C:\",\"$Extend\",\"$UsnJrnl:$J\"],"
        "\"file_size\":2,\"uploaded_size\":2,\"Type\":\"idx\"}\n",
        ERR_FORMAT,
        "copied C:\\a%4Admin.evtx\n"
        "copied C:\\$Extend\\$UsnJrnl:$J\n"
        "copied C:\\pagefile.sys\n"
        "skipped C:\\pagefile.sys (only 7 of 9000 bytes were copied)\n");
}

static void logs_of_kape_are_told(void **state)
{
    (void)state;
    assert_reads(COLLECTION_COPY_LOG,
                 "\xef\xbb\xbf"
                 "CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1,DeferredCopy,"
                 "CreatedOnUtc,ModifiedOnUtc,LastAccessedOnUtc,CopyDuration\r\n"
                 "2021-03-05 12:00:00.1,C:\\a.log,D:\\t\\C\\a.log,5,AA,False,"
                 "2021-03-01 00:00:00.4651672,2021-03-02 00:00:00,2021-03-03 00:00:00,00:00:00\r\n"
                 "x,\"C:\\b,c.log\",D:\\t\\C\\b,5,AA,False,,,,\r\n"
                 "x,\"C:\\open,1\r\n",
                 ERR_FORMAT,
                 "copied C:\\a.log 2021-03-01T00:00:00.465167Z 2021-03-02T00:00:00Z\n"
                 "copied C:\\b,c.log\n");
    assert_reads(COLLECTION_SKIP_LOG,
                 "SourceFile,SourceFileSha1,Reason\nC:\\a,AA,Deduped\nC:\\b,,Access denied\n", OK,
                 "skipped C:\\a (Deduped) twin\n"
                 "skipped C:\\b (Access denied)\n");
    assert_reads(COLLECTION_SKIP_LOG, "a,b\n1,2\n", ERR_FORMAT, "");
    assert_reads(COLLECTION_SKIP_LOG, "", OK, "");
}

/* Whoever takes the facts can end it. */
static void telling_can_end(void **state)
{
    (void)state;
    struct arena arena;
    struct told t = {.rc = ERR_NOMEM};
    arena_init(&arena, 1 << 20);
    buf_init(&t.text, 1 << 20);
    assert_int_equal(collection_read(COLLECTION_SKIP_LOG,
                                     STR("SourceFile,Reason\nC:\\a,x\nC:\\b,x\n"), &arena, tell, &t,
                                     NULL),
                     ERR_NOMEM);
    assert_str(buf_view(&t.text), "skipped C:\\a (x)\n");
    buf_done(&t.text);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_has_one_path_whoever_made_it),
        cmocka_unit_test(a_collectors_own_files_are_known),
        cmocka_unit_test(names_of_collections_name_hosts),
        cmocka_unit_test(the_host_is_told),
        cmocka_unit_test(uploads_are_told),
        cmocka_unit_test(logs_of_kape_are_told),
        cmocka_unit_test(telling_can_end),
    };
    return cmocka_run_group_tests_name("collection", tests, NULL, NULL);
}
