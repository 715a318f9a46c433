#include "base/utf.h"
#include "unit.h"

static void reads_well_formed_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t cp;
    } good[] = {{"a", 'a'},
                {"\xc2\x80", 0x80},
                {"\xdf\xbf", 0x7ff},
                {"\xe0\xa0\x80", 0x800},
                {"\xed\x9f\xbf", 0xd7ff},
                {"\xef\xbf\xbf", 0xffff},
                {"\xf0\x90\x80\x80", 0x10000},
                {"\xf4\x8f\xbf\xbf", 0x10ffff}};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        size_t n = 0;
        assert_int_equal(utf8_next(str_of(good[i].text), 0, &n), good[i].cp);
        assert_int_equal(n, strlen(good[i].text));
        assert_true(utf8_valid(str_of(good[i].text)));
    }
    size_t n = 0;
    assert_int_equal(utf8_next(STR("\0"), 0, &n), 0);
    assert_int_equal(n, 1);
}

static void refuses_malformed_text(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",             /* continuation alone */
        "\xc0\xaf",         /* overlong "/" */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* surrogate */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc2",
        "\xe2\x82",     /* cut */
        "\xf0\x9f\x94", /* cut */
        "\xe2\x28\xa1", /* broken in the middle */
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        size_t n = 0;
        assert_int_equal(utf8_next(str_of(bad[i]), 0, &n), UTF_BAD);
        assert_int_equal(n, 1);
        assert_false(utf8_valid(str_of(bad[i])));
    }
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x110000; cp += cp < 0x3000 ? 1 : 251) {
        struct buf b;
        size_t n = 0;
        bool bad = cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000);
        buf_init(&b, 8);
        utf8_add(&b, cp);
        assert_int_equal(utf8_next(buf_view(&b), 0, &n), bad ? 0xfffd : (int32_t)cp);
        assert_int_equal(n, b.n);
        buf_done(&b);
    }
}

/* The text of UTF-16 bytes, read in one piece. */
static void becomes(struct str bytes, bool big_endian, bool last, const char *text, size_t used)
{
    struct buf b;
    buf_init(&b, 100);
    assert_int_equal(utf16_to_utf8(&b, bytes, big_endian, last), used);
    assert_str(buf_view(&b), text);
    buf_done(&b);
}

static void transcodes(void **state)
{
    (void)state;
    becomes(STR("a\0\xfc\0"), false, true, "a\xc3\xbc", 4);
    becomes(STR("\0a\0\xfc"), true, true, "a\xc3\xbc", 4);
    becomes(STR("\x3d\xd8\x14\xdd"), false, true, "\xf0\x9f\x94\x94", 4);
    becomes(STR("\xd8\x3d\xdd\x14"), true, true, "\xf0\x9f\x94\x94", 4);
    becomes(STR_NONE, false, true, "", 0);
}

static void waits_for_the_next_chunk(void **state)
{
    (void)state;
    becomes(STR("a\0b"), false, false, "a", 2);
    becomes(STR("a\0\x3d\xd8"), false, false, "a", 2);
    becomes(STR("a\0\x3d\xd8\x14"), false, false, "a", 2);
    becomes(STR("a\0b"), false, true, "a\xef\xbf\xbd", 3);
    becomes(STR("a\0\x3d\xd8"), false, true, "a\xef\xbf\xbd", 4);
}

static void lone_surrogates_are_replaced(void **state)
{
    (void)state;
    becomes(STR("\x14\xdd"
                "a\0"),
            false, true,
            "\xef\xbf\xbd"
            "a",
            4);
    becomes(STR("\x3d\xd8"
                "a\0"),
            false, true,
            "\xef\xbf\xbd"
            "a",
            4);
    becomes(STR("\x3d\xd8\x3d\xd8\x14\xdd"), false, true, "\xef\xbf\xbd\xf0\x9f\x94\x94", 6);
}

static void counts_units(void **state)
{
    (void)state;
    assert_int_equal(utf16_units(STR("")), 0);
    assert_int_equal(utf16_units(STR("a\xc3\xbc\xe2\x82\xac")), 3);
    assert_int_equal(utf16_units(STR("\xf0\x9f\x94\x94")), 2);
    assert_int_equal(utf16_units(STR("\xff\xff")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_well_formed_text),
        cmocka_unit_test(refuses_malformed_text),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(transcodes),
        cmocka_unit_test(waits_for_the_next_chunk),
        cmocka_unit_test(lone_surrogates_are_replaced),
        cmocka_unit_test(counts_units),
    };
    return cmocka_run_group_tests_name("utf", tests, NULL, NULL);
}
