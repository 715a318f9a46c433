#include "unit.h"

#include "codec/rpscat.h"

#define TOKEN "VgEAVAdXaW5kb3dzQwBBCEtlcmJlcm9zTBBDT05UT1NPXGEuZmllbGRzVQhTLTEtNS0xOEcAAAAARQAAAAA="

static struct arena arena;

static bool reads(const char *query, const char *user, const char *sid)
{
    struct str u, s;
    return rpscat_read(&arena, str_of(query), &u, &s) && str_eq(u, str_of(user)) &&
           str_eq(s, str_of(sid));
}

static void names_user_and_sid(void **state)
{
    (void)state;
    assert_true(reads("X-Rps-CAT=" TOKEN, "CONTOSO\\a.fields", "S-1-5-18"));
    assert_true(
        reads("@x/powershell?&x-rps-cat=" TOKEN "&Email=y", "CONTOSO\\a.fields", "S-1-5-18"));
    assert_true(reads("X-Rps-CAT=VgEAVAdXaW5kb3dzQwBBCEtlcmJlcm9zTBBDT05UT1NPXGEuZmllbGRzVQhTLTEt"
                      "NS0xOEcAAAAARQAAAAA%3D",
                      "CONTOSO\\a.fields", "S-1-5-18"));
}

static void refuses_other_text(void **state)
{
    (void)state;
    struct str u, s;
    assert_false(rpscat_read(&arena, STR("a=b"), &u, &s));
    assert_false(rpscat_read(&arena, STR("X-Rps-CAT="), &u, &s));
    assert_false(rpscat_read(&arena, STR("X-Rps-CAT=AAAA"), &u, &s));
    assert_false(
        rpscat_read(&arena, STR("X-Rps-CAT=VgEATP8="), &u, &s)); /* 255 bytes that are not there */
}

static void survives_every_cut(void **state)
{
    (void)state;
    const char *query = "X-Rps-CAT=" TOKEN;
    for (size_t n = 0; n <= strlen(query); n++) {
        struct str u, s;
        (void)rpscat_read(&arena, str_make(query, n), &u, &s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_user_and_sid),
        cmocka_unit_test(refuses_other_text),
        cmocka_unit_test(survives_every_cut),
    };
    arena_init(&arena, 1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
