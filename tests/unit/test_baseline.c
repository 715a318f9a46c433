#include "base/digest.h"
#include "dossier/baseline_file.h"
#include "unit.h"

#include <unistd.h>

static struct arena arena;

static struct build build_of(const char *text)
{
    struct build b;
    assert_true(build_parse(str_of(text), &b));
    return b;
}

static void sha_of(const char *hex, unsigned char ret[32])
{
    enum digest_kind kind;
    (void)memset(ret, 0, 32);
    assert_true(digest_parse(str_of(hex), &kind, ret));
}

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HEX_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define HEX_D "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define HEX_E "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"

static const char table[] =
    "path,sha256,first_build,last_build,source\n"
    "FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx," HEX_A ",15.1.100.0,15.1.200.5,M\n"
    "FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx," HEX_B ",15.1.300.0,15.2.50.0,M\n"
    "FrontEnd/HttpProxy/ecp/auth/TimeoutLogout.aspx," HEX_C ",15.1.100.0,15.2.50.0,M\n"
    "ClientAccess\\ecp\\default.aspx," HEX_D ",15.1.100.0,15.1.400.0,M\n"
    "myapp\\bin\\a.dll,,,,own\n";

static const struct baseline *made(void)
{
    static struct baseline *b;
    struct dossier_problems problems = {0};
    struct baseline_rows rows[2];
    static struct str extension[] = {STR("aspx"), STR("ashx")}, name[] = {STR("iisstart.aspx")};
    static struct covered_folder folders[] = {
        {.path = STR("FrontEnd\\HttpProxy"),
         .below = true,
         .extension = {extension, 2},
         .source = STR("M")},
        {.path = STR("aspnet_client"), .below = true, .extension = {extension, 2}},
        {.path = STR("wwwroot"), .below = false, .extension = {extension, 2}, .name = {name, 1}},
    };
    if (b)
        return b;
    assert_int_equal(baseline_read(&arena, str_of(table), STR("own.csv"), &rows[0], &problems), OK);
    assert_int_equal(problems.n, 0);
    assert_int_equal(rows[0].n_files, 5);
    rows[1] = (struct baseline_rows){.folder = folders, .n_folders = ARRAY_LEN(folders)};
    assert_int_equal(baseline_build(&arena, rows, 2, &b), OK);
    assert_int_equal(baseline_count(b), 5);
    return b;
}

static struct baseline_answer ask(const char *path, const char *hex, const char *build)
{
    struct baseline_answer a;
    unsigned char sha[32];
    struct build of;
    if (hex)
        sha_of(hex, sha);
    if (build)
        of = build_of(build);
    baseline_ask(made(), str_of(path), hex ? sha : NULL, build ? &of : NULL, &a);
    return a;
}

static void knows_a_path_by_its_tail(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx",
        "C:\\Program Files\\Microsoft\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx",
        "/cases/EX01/d/Exchange//frontend/httpproxy/OWA/Auth/LOGON.ASPX",
        "x/FrontEnd/HttpProxy\\owa/auth/logon.aspx/",
    };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct baseline_answer a = ask(paths[i], HEX_A, "15.1.150.3");
        assert_int_equal(a.state, BASELINE_SHIPPED);
        assert_false(a.other_build);
        assert_int_equal(a.n_hashes, 2);
        assert_true(str_eq(a.path, STR("FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx")));
        assert_true(str_eq(a.source, STR("M")));
    }
    assert_int_equal(ask("xFrontEnd\\HttpProxy\\owa\\auth\\logon.aspx", HEX_A, NULL).state,
                     BASELINE_NOT_COVERED);
    assert_int_equal(ask("auth\\logon.aspx", HEX_A, NULL).state, BASELINE_NOT_COVERED);
    assert_int_equal(ask("logon.aspx", HEX_A, NULL).state, BASELINE_NOT_COVERED);
    assert_int_equal(ask("", HEX_A, NULL).state, BASELINE_NOT_COVERED);
}

static void says_which_builds_had_it(void **state)
{
    (void)state;
    const char *const path = "E:\\x\\FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx";
    struct build first = build_of("15.1.300.0"), last = build_of("15.2.50.0");
    struct baseline_answer a = ask(path, HEX_B, "15.1.150.3");
    assert_int_equal(a.state, BASELINE_SHIPPED);
    assert_true(a.other_build);
    assert_int_equal(build_cmp(&a.first, &first), 0);
    assert_int_equal(build_cmp(&a.last, &last), 0);
    assert_false(ask(path, HEX_B, "15.1.350.1").other_build);
    assert_false(ask(path, HEX_B, NULL).other_build);
    assert_false(ask(path, HEX_B, "15.1").other_build); /* as far as is known */
}

static void altered_or_newer(void **state)
{
    (void)state;
    const char *const path = "E:\\x\\FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx";
    struct baseline_answer a = ask(path, HEX_E, "15.1.150.3");
    assert_int_equal(a.state, BASELINE_ALTERED);
    assert_false(a.no_build || a.newer_build || a.elsewhere.p);
    assert_int_equal(a.n_hashes, 2);
    /* a later update, in a line that ended for the baseline, though a range spans it */
    a = ask(path, HEX_E, "15.1.500.0");
    assert_int_equal(a.state, BASELINE_UNKNOWN_BUILD);
    assert_true(a.newer_build);
    a = ask(path, HEX_E, "15.2.60.0");
    assert_int_equal(a.state, BASELINE_UNKNOWN_BUILD);
    assert_true(a.newer_build);
    /* between two that are known: nobody listed that one */
    a = ask(path, HEX_E, "15.1.250.0");
    assert_int_equal(a.state, BASELINE_UNKNOWN_BUILD);
    assert_false(a.newer_build);
    a = ask(path, HEX_E, NULL);
    assert_int_equal(a.state, BASELINE_ALTERED);
    assert_true(a.no_build);
    /* the bytes of another page that is shipped */
    a = ask(path, HEX_C, "15.1.150.3");
    assert_int_equal(a.state, BASELINE_ALTERED);
    assert_true(str_eq(a.elsewhere, STR("FrontEnd/HttpProxy/ecp/auth/TimeoutLogout.aspx")));
}

static void names_that_are_not_shipped(void **state)
{
    (void)state;
    struct baseline_answer a = ask("d:\\ex\\FrontEnd\\HttpProxy\\owa\\auth\\x.ASPX", HEX_E, NULL);
    assert_int_equal(a.state, BASELINE_UNLISTED_NAME);
    assert_true(str_eq(a.path, STR("FrontEnd\\HttpProxy")));
    /* a right name in a wrong folder */
    a = ask("FrontEnd\\HttpProxy\\owa\\auth\\TimeoutLogout.aspx", HEX_C, "15.9.1.1");
    assert_int_equal(a.state, BASELINE_UNLISTED_NAME);
    assert_true(a.elsewhere.p && a.newer_build);
    assert_int_equal(ask("FrontEnd\\HttpProxy\\owa\\auth\\x.js", HEX_E, NULL).state,
                     BASELINE_NOT_COVERED);
    assert_int_equal(ask("FrontEnd\\HttpProxy\\x", HEX_E, NULL).state, BASELINE_NOT_COVERED);
    assert_int_equal(ask("inetpub/wwwroot/aspnet_client/system_web/4_0/x.ashx", HEX_E, NULL).state,
                     BASELINE_UNLISTED_NAME);
    /* not below, and a name that may be there */
    assert_int_equal(ask("inetpub/wwwroot/x.aspx", HEX_E, NULL).state, BASELINE_UNLISTED_NAME);
    assert_int_equal(ask("inetpub/wwwroot/a/x.aspx", HEX_E, NULL).state, BASELINE_NOT_COVERED);
    assert_int_equal(ask("inetpub/wwwroot/IISstart.aspx", HEX_E, NULL).state, BASELINE_NOT_COVERED);
    assert_int_equal(ask("ClientAccess\\ecp\\other.aspx", HEX_E, NULL).state, BASELINE_NOT_COVERED);
}

static void names_alone(void **state)
{
    (void)state;
    assert_int_equal(ask("c\\FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx", NULL, NULL).state,
                     BASELINE_SHIPPED);
    assert_int_equal(ask("d:\\myapp\\bin\\a.dll", HEX_E, "15.1.150.3").state, BASELINE_SHIPPED);
    assert_int_equal(ask("c\\FrontEnd\\HttpProxy\\owa\\auth\\x.aspx", NULL, NULL).state,
                     BASELINE_UNLISTED_NAME);
}

static void tails_of_web_folders(void **state)
{
    (void)state;
    static const struct {
        const char *path, *tail;
    } cases[] = {
        {"C:\\Ex\\V15\\FrontEnd\\HttpProxy\\bin\\a.dll", "FrontEnd\\HttpProxy\\bin\\a.dll"},
        {"/x//frontend//HttpProxy/a.aspx", "frontend//HttpProxy/a.aspx"},
        {"C:\\inetpub\\wwwroot\\aspnet_client\\a.aspx", "wwwroot\\aspnet_client\\a.aspx"},
        {"D:/aspnet_client/a.aspx", "aspnet_client/a.aspx"},
        {"D:/x/ClientAccess/ecp/new.aspx", "ClientAccess/ecp/new.aspx"},
        {"D:/x/MyApp/web.config", "MyApp/web.config"},
        {"D:/x/FrontEnd/a.aspx", NULL},
        {"wwwroot", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str tail = baseline_tail(made(), str_of(cases[i].path));
        if (!cases[i].tail)
            assert_null(tail.p);
        else if (!str_eq(tail, str_of(cases[i].tail)))
            fail_msg("%s: %.*s", cases[i].path, STR_FMT(tail));
    }
}

/* As hostile as a path can be: long, of many names, or of separators alone. */
static void odd_paths(void **state)
{
    (void)state;
    char path[20000];
    struct baseline_answer a;
    static const char *const parts[] = {"\\", "a/", "frontend\\httpproxy\\", "x"};
    for (size_t p = 0; p < ARRAY_LEN(parts); p++) {
        size_t n = strlen(parts[p]);
        for (size_t i = 0; i + n < sizeof path; i += n)
            memcpy(path + i, parts[p], n);
        for (size_t len = 0; len < sizeof path - n; len = len * 2 + 1) {
            baseline_ask(made(), str_make(path, len), NULL, NULL, &a);
            assert_int_equal(a.state, BASELINE_NOT_COVERED);
            struct str tail = baseline_tail(made(), str_make(path, len));
            assert_true(tail.n <= len);
        }
    }
}

static void rows_that_cannot_be_used(void **state)
{
    (void)state;
    struct dossier_problems problems = {0};
    struct baseline_rows rows;
    assert_int_equal(baseline_read(&arena,
                                   STR("path,sha256\nweb.config," HEX_A "\na\\b,12\n\\x\\,\n"
                                       "a\\c," HEX_B "\n\"open\n"),
                                   STR("own.csv"), &rows, &problems),
                     OK);
    assert_int_equal(rows.n_files, 1);
    assert_int_equal(problems.n, 4);
    assert_true(str_eq(problems.v[0].file, STR("own.csv")));
    assert_int_equal(problems.v[0].line, 2);
}

/* ---- what is shipped with the program ---- */

static void the_shipped_baseline(void **state)
{
    (void)state;
    struct baseline *b;
    struct baseline_answer a;
    struct dossier_problems problems = {0};
    struct error error;
    unsigned char sha[32];
    static const struct {
        const char *path, *hex, *build;
        enum baseline_state state;
    } cases[] = {
        {"V15\\ClientAccess\\owa\\auth\\error.aspx",
         "d9f91afe8a9caaf75629ce220c9cac940f31b0480f031e7624fe80329f6945ae", "15.0.516.32",
         BASELINE_SHIPPED},
        {"V15\\ClientAccess\\owa\\auth\\error.aspx", HEX_E, "15.0.516.32", BASELINE_ALTERED},
        {"V15\\FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx", HEX_E, "15.1.2507.61",
         BASELINE_UNKNOWN_BUILD},
        {"V15\\FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx", HEX_E, "15.2.2562.46",
         BASELINE_UNKNOWN_BUILD},
        {"V15\\FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx", HEX_E, "15.1.2106.2", BASELINE_ALTERED},
        {"V15\\FrontEnd\\HttpProxy\\owa\\auth\\OutlookEN.aspx", HEX_E, NULL,
         BASELINE_UNLISTED_NAME},
        {"V15\\FrontEnd\\HttpProxy\\owa\\auth\\Current\\x.ashx", HEX_E, NULL,
         BASELINE_UNLISTED_NAME},
        {"V15\\FrontEnd\\HttpProxy\\owa\\auth\\TimeoutLogout.aspx", NULL, NULL,
         BASELINE_UNLISTED_NAME},
        {"V15\\FrontEnd\\HttpProxy\\ecp\\auth\\TimeoutLogout.aspx", NULL, NULL, BASELINE_SHIPPED},
        {"V15\\FrontEnd\\HttpProxy\\OAB\\web.config", HEX_E, NULL, BASELINE_NOT_COVERED},
        {"V15\\FrontEnd\\HttpProxy\\bin\\a.dll", HEX_E, NULL, BASELINE_NOT_COVERED},
        {"C:\\inetpub\\wwwroot\\aspnet_client\\system_web\\x.aspx", HEX_E, NULL,
         BASELINE_UNLISTED_NAME},
        {"C:\\inetpub\\wwwroot\\aspnet_client\\web.config", HEX_E, NULL, BASELINE_NOT_COVERED},
        {"C:\\inetpub\\wwwroot\\iisstart.htm", HEX_E, NULL, BASELINE_NOT_COVERED},
    };
    assert_int_equal(baseline_load(&arena, NULL, 0, NULL, &b, &problems, &error), OK);
    assert_int_equal(problems.n, 0);
    assert_int_equal(baseline_count(b), 1835);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct build build;
        if (cases[i].hex)
            sha_of(cases[i].hex, sha);
        if (cases[i].build)
            build = build_of(cases[i].build);
        baseline_ask(b, str_of(cases[i].path), cases[i].hex ? sha : NULL,
                     cases[i].build ? &build : NULL, &a);
        if (a.state != cases[i].state)
            fail_msg("%s: %s", cases[i].path, baseline_state_name(a.state));
    }
}

/* A user's file is added to what is shipped. */
static void a_file_of_the_user(void **state)
{
    (void)state;
    char path[] = "/tmp/tocsin-baseline-XXXXXX";
    struct str file = STR_NONE;
    struct str_list files = {&file, 1};
    struct baseline *b;
    struct baseline_answer a;
    struct error error;
    unsigned char sha[32];
    struct build build = build_of("15.1.2507.61");
    int fd = mkstemp(path);
    const char text[] =
        "path,sha256,first_build,last_build\n"
        "FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx," HEX_A ",15.1.2507.61,15.1.2507.61\n";
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    file = str_of(path);
    assert_int_equal(baseline_load(&arena, NULL, 0, &files, &b, NULL, &error), OK);
    sha_of(HEX_A, sha);
    baseline_ask(b, STR("x/FrontEnd/HttpProxy/owa/auth/logon.aspx"), sha, &build, &a);
    assert_int_equal(a.state, BASELINE_SHIPPED);
    assert_false(a.other_build || a.newer_build);
    sha_of(HEX_B, sha);
    baseline_ask(b, STR("x/FrontEnd/HttpProxy/owa/auth/logon.aspx"), sha, &build, &a);
    assert_int_equal(a.state, BASELINE_ALTERED);
    /* that does not make builds known of which nobody told */
    build = build_of("15.1.2375.7");
    baseline_ask(b, STR("x/FrontEnd/HttpProxy/owa/auth/logon.aspx"), sha, &build, &a);
    assert_int_equal(a.state, BASELINE_UNKNOWN_BUILD);
    assert_int_equal(ftruncate(fd, 5), 0);
    assert_int_equal(baseline_load(&arena, NULL, 0, &files, &b, NULL, &error), ERR_FORMAT);
    close(fd);
    unlink(path);
    assert_int_equal(baseline_load(&arena, NULL, 0, &files, &b, NULL, &error), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_a_path_by_its_tail),
        cmocka_unit_test(says_which_builds_had_it),
        cmocka_unit_test(altered_or_newer),
        cmocka_unit_test(names_that_are_not_shipped),
        cmocka_unit_test(names_alone),
        cmocka_unit_test(tails_of_web_folders),
        cmocka_unit_test(odd_paths),
        cmocka_unit_test(rows_that_cannot_be_used),
        cmocka_unit_test(the_shipped_baseline),
        cmocka_unit_test(a_file_of_the_user),
    };
    arena_init(&arena, 256 << 20);
    int failed = cmocka_run_group_tests_name("baseline", tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
