#include "dossier/baseline_file.h"
#include "unit.h"

static struct arena arena;
static struct web_files files;

static void kinds_by_extension(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum web_kind kind;
    } cases[] = {
        {"C:\\inetpub\\wwwroot\\a.aspx", WEB_SCRIPT},
        {"a/b/LOGON.ASPX", WEB_SCRIPT},
        {"x.php", WEB_SCRIPT},
        {"App_Web_x.compiled", WEB_SCRIPT},
        {"bin\\a.DLL", WEB_PROGRAM},
        {"web.config", WEB_CONFIG},
        {".htaccess", WEB_CONFIG},
        {"a.aspx.txt", WEB_OTHER},
        {"a.aspx/readme", WEB_OTHER},
        {"a.aspx\\readme", WEB_OTHER},
        {"aspx", WEB_OTHER},
        {"a.", WEB_OTHER},
        {"a.aspxaspxaspxaspxaspx", WEB_OTHER},
        {"", WEB_OTHER},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (web_kind_of(&files, str_of(cases[i].path)) != cases[i].kind)
            fail_msg("%s", cases[i].path);
}

/* Every row of the table can be found again, and no extension stands there twice. */
static void the_table_is_whole(void **state)
{
    (void)state;
    assert_true(files.n > 20);
    for (size_t i = 0; i < files.n; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "x.%.*s", STR_FMT(files.v[i].extension));
        if (web_kind_of(&files, str_of(path)) != files.v[i].kind)
            fail_msg("%s", path);
        assert_true(i == 0 || str_cmp(files.v[i - 1].extension, files.v[i].extension) < 0);
    }
    assert_string_equal(web_kind_name(WEB_PROGRAM), "program");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_by_extension),
        cmocka_unit_test(the_table_is_whole),
    };
    struct error error;
    arena_init(&arena, 16 << 20);
    if (web_files_load(&arena, &files, &error))
        return 1;
    int failed = cmocka_run_group_tests_name("web_file", tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
