#include "unit.h"

#include "base/buf.h"
#include "base/limits.h"
#include "codec/yaml.h"

static struct arena arena;
static struct node *docs;
static size_t n_docs;
static struct error error;

static enum err parse(struct str text)
{
    arena_done(&arena);
    arena_init(&arena, 64 << 20);
    error = (struct error){0};
    return yaml_parse(&arena, text, STR("a.yml"), 1000, &docs, &n_docs, &error);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void test_tree(void **state)
{
    (void)state;
    assert_int_equal(
        parse(STR("a: 1\nb: [x, 'y', \"z\\n\"]\nc:\n  d: |\n    two\n    lines\n  e:\n")), OK);
    assert_int_equal(n_docs, 1);
    assert_int_equal(docs[0].type, NODE_MAP);
    assert_int_equal(docs[0].n, 3);
    assert_true(str_eq(node_text(&docs[0], "a"), STR("1")));
    const struct node *b = node_get(&docs[0], "b");
    assert_int_equal(b->type, NODE_LIST);
    assert_int_equal(b->n, 3);
    assert_int_equal(b->line, 2);
    assert_true(b->item[0].plain);
    assert_false(b->item[1].plain);
    assert_true(str_eq(b->item[2].text, STR("z\n")));
    const struct node *c = node_get(&docs[0], "c");
    assert_true(str_eq(node_text(c, "d"), STR("two\nlines\n")));
    assert_int_equal(node_get(c, "d")->line, 4);
    assert_true(node_is_null(node_get(c, "e")));
}

static void test_empty_collections(void **state)
{
    (void)state;
    assert_int_equal(parse(STR("a: []\nb: {}\n")), OK);
    assert_int_equal(node_get(&docs[0], "a")->type, NODE_LIST);
    assert_int_equal(node_get(&docs[0], "a")->n, 0);
    assert_int_equal(node_get(&docs[0], "b")->type, NODE_MAP);
    assert_int_equal(parse(STR("")), OK);
    assert_int_equal(n_docs, 0);
}

static void test_documents(void **state)
{
    (void)state;
    assert_int_equal(parse(STR("a: 1\n---\nb: 2\n---\n- c\n")), OK);
    assert_int_equal(n_docs, 3);
    assert_int_equal(docs[1].line, 3);
    assert_int_equal(docs[2].type, NODE_LIST);
}

static void test_good_documents_before_a_broken_one(void **state)
{
    (void)state;
    assert_int_equal(parse(STR("a: 1\n---\nb: 2\n---\nc: [1\nd: 2\n")), ERR_FORMAT);
    assert_int_equal(n_docs, 2);
    assert_in_range(error.offset, 5, 7);
    assert_string_equal(error.input, "a.yml");
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line;
        const char *reason;
    } cases[] = {
        {"a: 1\nb: 2\na: 3\n", 3, "key 'a' stands twice"},
        {"x:\n  k: 1\n  'k': 2\n", 3, "key 'k' stands twice"},
        {"a: &x 1\n", 1, "anchor '&x' is refused"},
        {"a: 1\nb: *x\n", 2, "alias '*x' is refused"},
        {"? [a, b]\n: 1\n", 1, "a list or map cannot be a key"},
        {"a: !!int 3\n", 1, "tag 'tag:yaml.org,2002:int' is refused"},
        {"a: !!python/object:os 3\n", 1, "tag 'tag:yaml.org,2002:python/object:os' is refused"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(parse(str_of(cases[i].text)), ERR_FORMAT);
        assert_string_equal(error.text, cases[i].reason);
        assert_int_equal(error.offset, cases[i].line);
    }
}

static void test_str_tag_is_text(void **state)
{
    (void)state;
    assert_int_equal(parse(STR("a: !!str null\n")), OK);
    assert_false(node_is_null(node_get(&docs[0], "a")));
}

static enum err parse_repeated(const char *head, const char *part, size_t times)
{
    struct buf b;
    buf_init(&b, 4 << 20);
    buf_puts(&b, head);
    for (size_t i = 0; i < times; i++)
        buf_puts(&b, part);
    assert_int_equal(b.rc, OK);
    enum err rc = parse(buf_view(&b));
    buf_done(&b);
    return rc;
}

static void test_depth(void **state)
{
    (void)state;
    assert_int_equal(parse_repeated("a: ", "[", 200000), ERR_LIMIT);
    assert_int_equal(parse_repeated("a: ", "{b: ", 100000), ERR_LIMIT);
    assert_int_equal(parse_repeated("", "- ", 200000), ERR_LIMIT);
    assert_int_equal(parse(STR("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
                               "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")),
                     OK);
}

static void test_size(void **state)
{
    (void)state;
    assert_int_equal(parse_repeated("", "- a\n", 99990), OK);
    assert_int_equal(docs[0].n, 99990);
    assert_int_equal(parse_repeated("", "- a\n", 100001), ERR_LIMIT);
    assert_int_equal(parse_repeated("a: ", "x", LIMIT_RULE_FILE_BYTES), ERR_LIMIT);
    assert_int_equal(parse_repeated("", "--- a\n", 1001), ERR_LIMIT);
    assert_int_equal(n_docs, 1000);
}

/* Comparing all pairs of 45,000 keys would take minutes. */
static void test_many_keys(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4 << 20);
    for (unsigned i = 0; i < 45000; i++)
        buf_printf(&b, "k%u: 1\n", i);
    assert_int_equal(parse(buf_view(&b)), OK);
    buf_puts(&b, "k17: 2\n");
    assert_int_equal(parse(buf_view(&b)), ERR_FORMAT);
    assert_int_equal(error.offset, 45001);
    buf_done(&b);
}

static void test_arena_ceiling(void **state)
{
    (void)state;
    arena_done(&arena);
    arena_init(&arena, 64);
    assert_int_equal(yaml_parse(&arena, STR("a: some text\nb: more text\nc: [1, 2, 3]\n"), STR("x"),
                                9, &docs, &n_docs, &error),
                     ERR_NOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),      cmocka_unit_test(test_empty_collections),
        cmocka_unit_test(test_documents), cmocka_unit_test(test_good_documents_before_a_broken_one),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_str_tag_is_text),
        cmocka_unit_test(test_depth),     cmocka_unit_test(test_size),
        cmocka_unit_test(test_many_keys), cmocka_unit_test(test_arena_ceiling),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
