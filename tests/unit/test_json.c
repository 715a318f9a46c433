#include "codec/json.h"
#include "codec_test.h"

/* Reads to the end and writes down what came: brackets, keys, types. */
static enum err walk(struct str text, bool strict, struct buf *seen)
{
    static const char sign[] = "{}[]snTFN";
    struct json_reader j;
    struct json_token t;
    enum err rc;
    json_open(&j, text, strict);
    while ((rc = json_next(&j, &t)) == OK) {
        if (t.key.p) {
            buf_str(seen, t.key);
            buf_putc(seen, ':');
        }
        buf_putc(seen, sign[t.type]);
    }
    assert_true(rc == END || j.why);
    assert_int_equal(json_next(&j, &t), rc); /* sticky */
    return rc;
}

static void grammar(void **state)
{
    (void)state;
    static const struct {
        const char *text, *seen;
    } good[] = {
        {"{}", "{}"},
        {" [ ] ", "[]"},
        {"{\"a\":1,\"b\":[true,false,null,\"x\"],\"a\":{}}", "{a:nb:[TFNs]a:{}}"},
        {"\"top\"", "s"},
        {"-0.5e+10", "n"},
        {"0", "n"},
        {"123456789012345678901234567890", "n"},
    };
    static const char *const bad[] = {
        "",         "{",          "}",       "[1,]",
        "[,1]",     "{\"a\":1,}", "{a:1}",   "{\"a\" 1}",
        "[1 2]",    "01",         "1.",      "-",
        ".5",       "1e",         "+1",      "tru",
        "[1]x",     "\"a",        "\"\\x\"", "\"\\u12\"",
        "[1}",      "{\"a\":1]",  "nulll",   "{\"a\"}",
        "'a'",      "\"\xff\"",   "\"\n\"",  "\"\\\"",
        "[\"a\",]", "{\"a\":}",   "{1:2}",   "\"\xed\xa0\x80\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct buf b;
        buf_init(&b, 4096);
        assert_int_equal(walk(str_of(good[i].text), true, &b), END);
        assert_true(str_eq(buf_view(&b), str_of(good[i].seen)));
        buf_done(&b);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct buf b;
        buf_init(&b, 4096);
        if (walk(str_of(bad[i]), true, &b) != ERR_FORMAT)
            fail_msg("'%s' was taken", bad[i]);
        buf_done(&b);
    }
}

static void lenient(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    assert_int_equal(walk(STR("[\"\xff\",\"\t\"]"), false, &b), END);
    assert_true(str_eq(buf_view(&b), STR("[ss]")));
    buf_done(&b);
}

/* Wherever in a string a byte stands: many are looked at together. */
static void each_byte_at_each_place(void **state)
{
    enum { LONGEST = 40, BEHIND = 20 };
    char text[LONGEST + 2 + BEHIND];
    (void)state;
    for (size_t i = 0; i < (size_t)LONGEST * LONGEST * 256; i++) {
        size_t n = 1 + i % LONGEST, at = i / LONGEST % LONGEST;
        unsigned char c = (unsigned char)(i / LONGEST / LONGEST);
        struct json_reader j;
        struct json_token t;
        if (at >= n)
            continue;
        memset(text, ' ', sizeof text);
        memset(text + 1, 'a', n);
        text[0] = text[n + 1] = '"';
        text[1 + at] = (char)c;
        json_open(&j, str_make(text, n + 2 + i % BEHIND), true);
        bool good = c >= 0x20 && c < 0x80 && c != '\\';
        enum err rc = json_next(&j, &t);
        if (rc != (good ? OK : ERR_FORMAT) || (good && t.text.n != (c == '"' ? at : n)))
            fail_msg("byte %02x at %zu of %zu: %s", c, at, n, err_name(rc));
    }
}

static void depth(void **state)
{
    (void)state;
    char text[2 * LIMIT_JSON_DEPTH + 2];
    struct buf b;
    memset(text, '[', LIMIT_JSON_DEPTH);
    memset(text + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
    buf_init(&b, 4096);
    assert_int_equal(walk(str_make(text, 2 * LIMIT_JSON_DEPTH), true, &b), END);
    memset(text, '[', LIMIT_JSON_DEPTH + 1);
    assert_int_equal(walk(str_make(text, LIMIT_JSON_DEPTH + 1), true, &b), ERR_LIMIT);
    buf_done(&b);
}

static void text(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"a\\n\\t\\\"\\\\\\/\\b\\f\\r", "a\n\t\"\\/\b\f\r"},
        {"\\u0041\\u00e4\\u20ac", "A\xc3\xa4\xe2\x82\xac"},
        {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
        {"\\ud83dx\\ude00", "\xef\xbf\xbdx\xef\xbf\xbd"},
        {"\\ud83d\\ud83d\\ude00", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
        {"\\q\\", "\\q\\"},
    };
    struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str got = json_unescape(&a, str_of(cases[i].in), true);
        if (!str_eq(got, str_of(cases[i].out)))
            fail_msg("'%s' became '%.*s'", cases[i].in, STR_FMT(got));
        assert_true(json_equals(str_of(cases[i].in), true, str_of(cases[i].out)));
        assert_false(json_equals(str_of(cases[i].in), true, STR("a")));
        assert_false(json_equals(str_of(cases[i].in), true, STR("")));
    }
    assert_true(json_equals(STR("plain"), false, STR("plain")));
    arena_done(&a);
}

static void skipping(void **state)
{
    (void)state;
    struct json_reader j;
    struct json_token t;
    struct str raw;
    json_open(&j, STR("{\"a\":[1,{\"b\":2}],\"c\":3}"), true);
    assert_int_equal(json_next(&j, &t), OK);
    assert_int_equal(json_next(&j, &t), OK);
    assert_int_equal(json_skip(&j, &t, &raw), OK);
    assert_true(str_eq(raw, STR("[1,{\"b\":2}]")));
    assert_int_equal(json_next(&j, &t), OK);
    assert_true(str_eq(t.key, STR("c")));
    assert_int_equal(json_skip(&j, &t, &raw), OK);
    assert_true(str_eq(raw, STR("3")));
    assert_int_equal(json_next(&j, &t), OK);
    assert_int_equal(json_next(&j, &t), END);
    json_open(&j, STR("[[1,"), true);
    assert_int_equal(json_next(&j, &t), OK);
    assert_int_equal(json_skip(&j, &t, &raw), ERR_FORMAT);
}

static void tree(void **state)
{
    (void)state;
    struct arena a;
    struct node *n = NULL;
    struct error e = {0};
    bool flag;
    arena_init(&a, 1 << 20);
    assert_int_equal(json_parse(&a,
                                STR("{\"t\":\"bundle\",\n "
                                    "\"objects\":[{\"id\":\"x\\u0041\"},12345678901234567890,null],"
                                    "\"yes\":true,\"t\":\"second\",\"s\":\"true\",\"e\":{}}"),
                                STR("f.json"), &n, &e),
                     OK);
    assert_int_equal(n->type, NODE_MAP);
    assert_int_equal(n->n, 6);
    assert_true(str_eq(node_text(n, "t"), STR("bundle")));
    const struct node *list = node_get(n, "objects");
    assert_int_equal(list->type, NODE_LIST);
    assert_int_equal(list->n, 3);
    assert_int_equal(list->line, 2);
    assert_true(str_eq(node_text(&list->item[0], "id"), STR("xA")));
    assert_true(str_eq(list->item[1].text, STR("12345678901234567890")));
    assert_true(list->item[1].plain && node_is_null(&list->item[2]));
    assert_true(node_bool(node_get(n, "yes"), &flag) && flag);
    assert_false(node_bool(node_get(n, "s"), &flag));
    assert_int_equal(node_get(n, "e")->n, 0);
    assert_int_equal(json_parse(&a, STR("\"top\""), STR("f"), &n, &e), OK);
    assert_true(!n->plain && str_eq(n->text, STR("top")));
    assert_int_equal(json_parse(&a, STR("[1,\n2,\n"), STR("f.json"), &n, &e), ERR_FORMAT);
    assert_null(n);
    assert_int_equal(e.offset, 3);
    assert_string_equal(e.input, "f.json");
    assert_int_equal(json_parse(&a, STR("[1,"), STR("f.json"), &n, NULL), ERR_FORMAT);
    arena_done(&a);
    static char wide[200 * 1000 + 1];
    for (size_t i = 1; i < sizeof wide; i++)
        wide[i] = i % 2 ? '1' : ',';
    wide[0] = '[';
    wide[sizeof wide - 1] = ']';
    arena_init(&a, 64 * 1024);
    assert_true(json_parse(&a, str_make(wide, sizeof wide), STR("w"), &n, &e) < 0);
    assert_null(n);
    arena_done(&a);
    arena_init(&a, 64 << 20);
    assert_int_equal(json_parse(&a, str_make(wide, sizeof wide), STR("w"), &n, &e), OK);
    assert_int_equal(n->n, 100 * 1000);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grammar),
        cmocka_unit_test(lenient),
        cmocka_unit_test(depth),
        cmocka_unit_test(text),
        cmocka_unit_test(skipping),
        cmocka_unit_test(tree),
        cmocka_unit_test(each_byte_at_each_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
