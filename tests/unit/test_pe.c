#include "unit.h"

#include "codec/pe.h"
#include "gen/pe_make.h"

static const char *const jscript[] = {"<Module>", "Microsoft.JScript", "JScriptEvaluate", NULL};
static const char *const plain[] = {"<Module>", "XMicrosoft.JScript", "Microsoft.JScript.Not",
                                    "Eval", NULL};
static struct pe_made made; /* the last one */

static struct pe_facts facts_of(struct pe_made m)
{
    struct pe_facts f;
    made = m;
    pe_make(&made);
    assert_true(pe_knows(pe_view(&made)));
    assert_int_equal(pe_read(pe_view(&made), &f), OK);
    return f;
}

static void tells_versions_and_names(void **state)
{
    (void)state;
    char text[24];
    for (int wide = 0; wide < 2; wide++) {
        struct pe_facts f = facts_of((struct pe_made){.wide = wide,
                                                      .stamp = 1614729600,
                                                      .version = {15, 1, 2176, 9},
                                                      .company = "Example Corp",
                                                      .name = "ExSetup.exe"});
        assert_string_equal(pe_version_text(&f.file, text), "15.1.2176.9");
        assert_string_equal(pe_version_text(&f.product, text), "15.1.2176.10");
        assert_string_equal(f.company, "Example Corp");
        assert_string_equal(f.original_name, "ExSetup.exe");
        assert_string_equal(f.description, "");
        assert_int_equal(f.machine, wide ? 0x8664 : 0x14c);
        assert_true(f.linked_us == INT64_C(1614729600) * US_PER_S);
        assert_true(f.dll && !f.managed && !f.jscript && !f.has_signature && !f.cut);
        assert_int_equal(f.overlay_bytes, 0);
    }
}

static void names_what_dotnet_refers_to(void **state)
{
    (void)state;
    struct pe_facts f = facts_of((struct pe_made){.clr = jscript});
    assert_true(f.managed && f.jscript && f.evaluates);
    f = facts_of((struct pe_made){.clr = plain});
    assert_true(f.managed && !f.jscript && !f.evaluates);
}

static void a_hash_is_no_time(void **state)
{
    (void)state;
    struct pe_facts f = facts_of((struct pe_made){.stamp = 5, .debug_type = 16});
    assert_true(f.linked_us == TIME_NONE);
    f = facts_of((struct pe_made){.stamp = 5, .debug_type = 2});
    assert_true(f.linked_us == 5 * US_PER_S);
}

static void tells_the_signature_from_the_overlay(void **state)
{
    (void)state;
    struct pe_facts f = facts_of((struct pe_made){.signature_bytes = 512});
    assert_true(f.has_signature);
    assert_int_equal(f.overlay_bytes, 0);
    f = facts_of((struct pe_made){.signature_bytes = 512, .overlay_bytes = 100});
    assert_int_equal(f.overlay_bytes, 100);
    f = facts_of((struct pe_made){.overlay_bytes = 77});
    assert_false(f.has_signature);
    assert_int_equal(f.overlay_bytes, 77);
}

static void longer_texts_are_cut(void **state)
{
    (void)state;
    static char text[600];
    memset(text, 'x', sizeof text - 1);
    struct pe_facts f = facts_of((struct pe_made){.company = text, .name = "a.dll"});
    assert_int_equal(strlen(f.company), PE_TEXT_BYTES - 1);
    assert_string_equal(f.original_name, "a.dll");
}

static void refuses_other_files(void **state)
{
    (void)state;
    struct pe_facts f;
    assert_int_equal(pe_read(STR(""), &f), ERR_FORMAT);
    assert_int_equal(pe_read(STR("MZ"), &f), ERR_FORMAT);
    (void)facts_of((struct pe_made){.wide = true});
    made.p[0x3c] = 0xff;
    made.p[0x3f] = 0xff;
    assert_int_equal(pe_read(pe_view(&made), &f), ERR_FORMAT);
}

/* However it is cut it says so, and is read as far as it goes. */
static void survives_every_cut(void **state)
{
    (void)state;
    struct pe_facts f = facts_of((struct pe_made){
        .clr = jscript, .company = "A", .name = "b.dll", .version = {1, 2, 3, 4}, .stamp = 9});
    for (size_t n = 0; n < made.n; n++) {
        enum err rc = pe_read(str_make((const char *)made.p, n), &f);
        assert_true(rc == OK || rc == ERR_FORMAT);
        if (rc == OK)
            assert_true(f.cut);
    }
}

/* Each byte wrong in three ways. */
static void survives_every_byte(void **state)
{
    (void)state;
    struct pe_facts f;
    (void)facts_of((struct pe_made){.clr = jscript, .company = "A", .name = "b.dll"});
    for (size_t i = 0; i < made.n; i++)
        for (unsigned k = 0; k < 3; k++) {
            unsigned char had = made.p[i];
            made.p[i] = k == 0 ? 0xff : k == 1 ? 0 : (unsigned char)(had ^ 0x80);
            enum err rc = pe_read(pe_view(&made), &f);
            assert_true(rc == OK || rc == ERR_FORMAT);
            assert_true(memchr(f.company, 0, sizeof f.company) != NULL);
            made.p[i] = had;
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_versions_and_names),
        cmocka_unit_test(names_what_dotnet_refers_to),
        cmocka_unit_test(a_hash_is_no_time),
        cmocka_unit_test(tells_the_signature_from_the_overlay),
        cmocka_unit_test(longer_texts_are_cut),
        cmocka_unit_test(refuses_other_files),
        cmocka_unit_test(survives_every_cut),
        cmocka_unit_test(survives_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
