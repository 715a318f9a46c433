#include "codec/charset.h"
#include "os/sandbox.h"
#include "unit.h"

#include <sys/wait.h>
#include <unistd.h>

static struct buf out;

static struct str from(const char *name, const char *text)
{
    const struct charset *c = charset_find(str_of(name));
    assert_non_null(c);
    buf_reset(&out);
    charset_text(c, &out, str_of(text));
    return buf_view(&out);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {"windows-1251", "CP1251"},     {"WIN-1251", "CP1251"},
        {"cp1251", "CP1251"},           {"x-cp1251", "CP1251"},
        {"ISO-8859-1", "CP1252"},       {"latin1", "CP1252"},
        {"US-ASCII", "UTF-8"},          {"utf8", "UTF-8"},
        {"GB2312", "GB18030"},          {"gbk", "GB18030"},
        {"koi8-r", "KOI8-R"},           {"Shift_JIS", "CP932"},
        {"ISO-8859-15", "ISO-8859-15"}, {"Big5", "BIG5-HKSCS"},
        {"iso-8859-5", "ISO-8859-5"},   {"ks_c_5601-1987", "CP949"},
        {"windows-874", "CP874"},
    };
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        const struct charset *c = charset_find(str_of(same[i][0]));
        assert_non_null(c);
        assert_string_equal(charset_name(c), same[i][1]);
    }
    assert_null(charset_find(STR("")));
    assert_null(charset_find(STR("x-unknown")));
    assert_null(charset_find(STR("UTF-8//IGNORE//TRANSLIT and very very long indeed")));
    assert_null(charset_find(STR("ISO-2022-CN-EXT")));
}

static void test_text(void **state)
{
    (void)state;
    assert_str(from("windows-1251", "\xd3\xff\xe7\xe2\xe8\xec\xee\xf1\xf2\xfc"), "Уязвимость");
    assert_str(from("koi8-r", "\xf5\xd1\xda\xd7\xc9\xcd\xcf\xd3\xd4\xd8"), "Уязвимость");
    assert_str(from("gb2312", "\xc2\xa9\xb6\xb4"), "漏洞");
    assert_str(from("iso-8859-1", "caf\xe9 \x96"), "café –");
    assert_str(from("iso-2022-jp", "\x1b$B@H<e\x1b(B"), "脆弱");
    assert_str(from("utf-8", "a\xff"
                             "b\xc3"),
               "a\xef\xbf\xbd"
               "b\xef\xbf\xbd");
    assert_str(from("gbk", "a\xff\xff"
                           "b\xc2"),
               "a\xef\xbf\xbd\xef\xbf\xbd"
               "b\xef\xbf\xbd");
}

static void test_letters(void **state)
{
    (void)state;
    const struct charset *gbk = charset_find(STR("gbk"));
    buf_reset(&out);
    assert_int_equal(charset_letter(gbk, &out, STR("\xc2"), false), 0);
    assert_int_equal(charset_letter(gbk, &out, STR("\xc2\xa9<"), false), 2);
    assert_int_equal(charset_letter(gbk, &out, STR("\xc2<b"), false), 1);
    assert_int_equal(charset_letter(gbk, &out, STR("\xc2"), true), 1);
    assert_int_equal(charset_letter(charset_utf8(), &out, STR("\xe6\xbc"), false), 0);
    assert_int_equal(charset_letter(charset_utf8(), &out, STR("\xe6\xbc\x8f"), false), 3);
    assert_int_equal(charset_letter(charset_utf8(), &out, STR("\xe6<<<"), false), 1);
    assert_str(buf_view(&out), "漏\xef\xbf\xbd\xef\xbf\xbd漏\xef\xbf\xbd");
}

static const char *guess(const char *text, const char *declared)
{
    return charset_name(
        charset_guess(str_of(text), declared ? charset_find(str_of(declared)) : NULL));
}

static void test_guess(void **state)
{
    (void)state;
    assert_string_equal(guess("plain", NULL), "UTF-8");
    assert_string_equal(guess("plain", "windows-1251"), "CP1251");
    assert_string_equal(guess("déclaré, pas vrai", "iso-8859-1"), "UTF-8");
    assert_string_equal(guess("déclaré \xff pas vrai", "utf-8"), "UTF-8");
    assert_string_equal(guess("d\xe9"
                              "clar\xe9 en UTF-8",
                              "utf-8"),
                        "CP1252");
    assert_string_equal(guess("\xd3\xff\xe7\xe2\xe8\xec\xee\xf1\xf2\xfc "
                              "\xed\xe0\xe9\xe4\xe5\xed\xe0",
                              "utf-8"),
                        "CP1251");
    assert_string_equal(guess("\xc2\xa9\xb6\xb4\xcf\xfb\xcf\xa2\xcf\xfb\xcf\xa2", NULL), "GB18030");
    assert_string_equal(guess("\xf5\xd1\xda\xd7", "koi8-r"), "KOI8-R");
    assert_string_equal(guess("\xf5\xd1\xda\xd7\xc9\xcd\xcf\xd3\xd4\xd8", NULL), "KOI8-R");
}

/* What was prepared works where no file may be opened. */
static void test_sandbox(void **state)
{
    (void)state;
    struct sandbox_state active;
    int status = 0;
    charset_prepare();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct buf b;
        if (sandbox_enter((size_t)1 << 30, &active, NULL))
            _exit(2);
        buf_init(&b, 100);
        const struct charset *c = charset_find(STR("gbk"));
        if (c)
            charset_text(c, &b, STR("\xc2\xa9"));
        _exit(c && str_eq(buf_view(&b), STR("漏")) ? 0 : 3);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    buf_init(&out, 1 << 16);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),   cmocka_unit_test(test_text),
        cmocka_unit_test(test_letters), cmocka_unit_test(test_guess),
        cmocka_unit_test(test_sandbox),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_done(&out);
    return failed;
}
