#include "cli/suggest.h"
#include "unit.h"

static void distances(void **state)
{
    (void)state;
    assert_int_equal(suggest_distance(STR(""), STR("")), 0);
    assert_int_equal(suggest_distance(STR("scan"), STR("scan")), 0);
    assert_int_equal(suggest_distance(STR("scna"), STR("scan")), 1);
    assert_int_equal(suggest_distance(STR("san"), STR("scan")), 1);
    assert_int_equal(suggest_distance(STR("sscan"), STR("scan")), 1);
    assert_int_equal(suggest_distance(STR("kitten"), STR("sitting")), 3);
    assert_int_equal(suggest_distance(STR(""), STR("abc")), 3);
    assert_int_equal(suggest_distance(STR("abc"), STR("")), 3);
}

static void long_words_match_nothing(void **state)
{
    (void)state;
    char word[SUGGEST_MAX + 2];
    memset(word, 'a', sizeof word);
    assert_int_equal(suggest_distance(str_make(word, SUGGEST_MAX), str_make(word, SUGGEST_MAX)), 0);
    assert_true(suggest_distance(str_make(word, SUGGEST_MAX + 1), STR("a")) == SIZE_MAX);
    struct suggestion s = {.word = str_make(word, sizeof word)};
    suggest_offer(&s, "scan");
    assert_null(s.best);
}

static const char *nearest(const char *word)
{
    static const char *const names[] = {"scan", "rules lint", "dossier lint", "doctor", "help"};
    struct suggestion s = {.word = str_of(word)};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        suggest_offer(&s, names[i]);
    return s.best ? s.best : "";
}

static void suggests_the_nearest(void **state)
{
    (void)state;
    assert_string_equal(nearest("scna"), "scan");
    assert_string_equal(nearest("docter"), "doctor");
    assert_string_equal(nearest("dossier lnt"), "dossier lint");
    assert_string_equal(nearest("doct"), "doctor");
    assert_string_equal(nearest("xyzzy"), "");
    assert_string_equal(nearest(""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test(long_words_match_nothing),
        cmocka_unit_test(suggests_the_nearest),
    };
    return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
