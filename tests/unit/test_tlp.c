#include "model/tlp.h"

#include "unit.h"

static void words_of_both_versions_are_read(void **state)
{
    static const struct {
        const char *word;
        enum tlp tlp;
    } words[] = {
        {"clear", TLP_CLEAR},
        {"TLP:WHITE", TLP_CLEAR},
        {"tlp:green", TLP_GREEN},
        {" TLP: Amber ", TLP_AMBER},
        {"Amber+Strict", TLP_AMBER_STRICT},
        {"tlp:red", TLP_RED},
        {"", TLP_UNKNOWN},
        {"tlp:", TLP_UNKNOWN},
        {"tlp:tlp:red", TLP_UNKNOWN},
        {"redder", TLP_UNKNOWN},
        {"re", TLP_UNKNOWN},
        {"tlp:unclear", TLP_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        enum tlp tlp = TLP_RED;
        assert_int_equal(tlp_parse(str_of(words[i].word), &tlp), words[i].tlp != TLP_UNKNOWN);
        assert_int_equal(tlp, words[i].tlp);
    }
}

static void names_are_read_back(void **state)
{
    (void)state;
    assert_null(tlp_name(TLP_UNKNOWN));
    assert_null(tlp_tag(TLP_UNKNOWN));
    for (int t = TLP_CLEAR; t < TLP_MARKS; t++) {
        enum tlp back;
        assert_true(tlp_parse(str_of(tlp_name((enum tlp)t)), &back));
        assert_int_equal(back, t);
        assert_true(tlp_parse(str_of(tlp_tag((enum tlp)t)), &back));
        assert_int_equal(back, t);
    }
}

static void the_stricter_wins(void **state)
{
    (void)state;
    assert_int_equal(tlp_stricter(TLP_UNKNOWN, TLP_CLEAR), TLP_CLEAR);
    assert_int_equal(tlp_stricter(TLP_AMBER_STRICT, TLP_AMBER), TLP_AMBER_STRICT);
    assert_int_equal(tlp_stricter(TLP_GREEN, TLP_RED), TLP_RED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_both_versions_are_read),
        cmocka_unit_test(names_are_read_back),
        cmocka_unit_test(the_stricter_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
