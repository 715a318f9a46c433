#include "model/node_flat.h"

#include "base/limits.h"
#include "base/wr.h"
#include "codec/yaml.h"
#include "unit.h"

static struct arena arena;
static struct buf b;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    buf_init(&b, 64 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    buf_done(&b);
    return 0;
}

static struct node *tree_of(struct str text)
{
    struct node *doc;
    size_t n;
    struct error error;
    assert_int_equal(yaml_parse(&arena, text, STR("t"), 1, &doc, &n, &error), OK);
    assert_int_equal(n, 1);
    return doc;
}

static void assert_same(const struct node *x, const struct node *y)
{
    assert_int_equal(x->type, y->type);
    assert_int_equal(x->plain, y->plain);
    assert_int_equal(x->line, y->line);
    assert_int_equal(x->n, y->n);
    assert_true(str_eq(x->text, y->text) && !x->text.p == !y->text.p);
    assert_int_equal(!x->key, !y->key);
    for (size_t i = 0; i < x->n; i++) {
        if (x->key)
            assert_true(str_eq(x->key[i], y->key[i]));
        assert_same(&x->item[i], &y->item[i]);
    }
}

static void test_there_and_back(void **state)
{
    (void)state;
    const struct node *tree = tree_of(STR("title: a text\n"
                                          "empty: ''\nnothing:\nnumbers: [1, '2', \"a\\0b\"]\n"
                                          "none: []\nno pairs: {}\n"
                                          "deep:\n  - {x: [{y: 1}], '': z}\n  - |\n    lines\n"));
    struct node back;
    node_put(&b, tree);
    struct rd r = rd_of(buf_view(&b));
    assert_int_equal(node_take(&r, &arena, &back), OK);
    assert_int_equal(rd_left(&r), 0);
    assert_same(tree, &back);
    assert_int_equal(back.item[0].text.p[back.item[0].text.n], 0);
}

/* Cut anywhere it is refused; so is each byte that makes something else of it, or it is a tree. */
static void test_damage(void **state)
{
    (void)state;
    struct node back;
    node_put(&b, tree_of(STR("a: [1, {b: c}]\nd: e\n")));
    for (size_t n = 0; n < b.n; n++) {
        struct rd r = rd_of(str_sub(buf_view(&b), 0, n));
        assert_int_equal(node_take(&r, &arena, &back), ERR_FORMAT);
    }
    for (size_t i = 0; i < b.n; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            b.p[i] = (char)(b.p[i] ^ (1u << bit));
            struct rd r = rd_of(buf_view(&b));
            enum err rc = node_take(&r, &arena, &back);
            assert_true(rc == OK || rc == ERR_FORMAT);
            b.p[i] = (char)(b.p[i] ^ (1u << bit));
        }
}

static enum err nested(unsigned depth)
{
    struct node back;
    buf_reset(&b);
    for (unsigned i = 0; i < depth; i++) {
        wr_u8(&b, NODE_LIST);
        wr_u32(&b, 1);
        wr_u32(&b, 1);
    }
    wr_u8(&b, NODE_SCALAR);
    wr_u32(&b, 1);
    wr_u32(&b, 0);
    wr_u8(&b, 0);
    struct rd r = rd_of(buf_view(&b));
    return node_take(&r, &arena, &back);
}

static void test_limits(void **state)
{
    (void)state;
    struct node back;
    assert_int_equal(nested(LIMIT_YAML_DEPTH), OK);
    assert_int_equal(nested(LIMIT_YAML_DEPTH + 1), ERR_FORMAT);
    assert_int_equal(nested(100 * 1000), ERR_FORMAT);
    /* More items than there are bytes, more nodes than a document may have. */
    for (unsigned big = 0; big < 2; big++) {
        buf_reset(&b);
        wr_u8(&b, NODE_LIST);
        wr_u32(&b, 1);
        wr_u32(&b, big ? UINT32_MAX : LIMIT_YAML_EVENTS + 1);
        for (unsigned i = 0; i < LIMIT_YAML_EVENTS + 1; i++) {
            wr_u8(&b, NODE_LIST);
            wr_u64(&b, 1);
        }
        struct rd r = rd_of(buf_view(&b));
        assert_int_equal(node_take(&r, &arena, &back), ERR_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_there_and_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
