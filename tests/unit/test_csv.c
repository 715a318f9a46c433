#include "codec/csv.h"
#include "unit.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void cell_is(const struct csv_row *row, size_t at, const char *want)
{
    assert_true(at < row->n);
    assert_int_equal(row->cell[at].n, strlen(want));
    assert_memory_equal(row->cell[at].p, want, strlen(want));
}

static void test_rows(void **state)
{
    (void)state;
    struct csv c;
    struct csv_row row;
    csv_init(&c, STR("\xef\xbb\xbf# comment\r\na,b\r\n\r\n1,\"x, \"\"y\"\"\nz\"\n,last"), &arena);
    assert_int_equal(csv_next(&c, &row), OK);
    assert_int_equal(row.n, 2);
    assert_int_equal(c.line, 2);
    cell_is(&row, 0, "a");
    cell_is(&row, 1, "b");
    assert_int_equal(csv_next(&c, &row), OK);
    assert_int_equal(c.line, 4);
    cell_is(&row, 0, "1");
    cell_is(&row, 1, "x, \"y\"\nz");
    assert_int_equal(csv_next(&c, &row), OK);
    assert_int_equal(c.line, 6);
    cell_is(&row, 0, "");
    cell_is(&row, 1, "last");
    assert_int_equal(csv_next(&c, &row), END);
    assert_int_equal(csv_next(&c, &row), END);
}

static void test_empty_cells_at_the_end(void **state)
{
    (void)state;
    struct csv c;
    struct csv_row row;
    csv_init(&c, STR("a,,\n\"\",b,"), &arena);
    assert_int_equal(csv_next(&c, &row), OK);
    assert_int_equal(row.n, 3);
    cell_is(&row, 2, "");
    assert_int_equal(csv_next(&c, &row), OK);
    assert_int_equal(row.n, 3);
    cell_is(&row, 0, "");
    cell_is(&row, 1, "b");
    cell_is(&row, 2, "");
    assert_int_equal(csv_next(&c, &row), END);
}

static void test_bad_quoting_skips_one_line(void **state)
{
    (void)state;
    struct csv c;
    struct csv_row row;
    csv_init(&c, STR("\"a\"b,c\nd,e\n\"never closed\n"), &arena);
    assert_int_equal(csv_next(&c, &row), ERR_FORMAT);
    assert_int_equal(csv_next(&c, &row), OK);
    cell_is(&row, 0, "d");
    assert_int_equal(csv_next(&c, &row), ERR_FORMAT);
    assert_int_equal(csv_next(&c, &row), END);
}

static void test_too_many_cells(void **state)
{
    (void)state;
    struct csv c;
    struct csv_row row;
    char text[2 * CSV_COLUMNS + 8];
    memset(text, ',', sizeof text);
    memcpy(text + CSV_COLUMNS + 1, "\nx,y", 4);
    csv_init(&c, str_make(text, CSV_COLUMNS + 5), &arena);
    assert_int_equal(csv_next(&c, &row), ERR_LIMIT);
    assert_int_equal(csv_next(&c, &row), OK);
    cell_is(&row, 1, "y");
}

static void test_columns(void **state)
{
    (void)state;
    struct csv c;
    struct csv_row row;
    csv_init(&c, STR("CVE, Build \n  x  \n"), &arena);
    assert_int_equal(csv_next(&c, &row), OK);
    assert_int_equal(csv_column(&row, STR("cve")), 0);
    assert_int_equal(csv_column(&row, STR("build")), 1);
    assert_int_equal(csv_column(&row, STR("none")), -1);
    assert_int_equal(csv_next(&c, &row), OK);
    assert_true(str_eq(csv_cell(&row, 0), STR("x")));
    assert_true(str_eq(csv_cell(&row, 1), STR("")));
    assert_true(str_eq(csv_cell(&row, -1), STR("")));
}

/* Cutting a text anywhere must never read past its end (the sanitizers look on). */
static void test_cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = "a,\"b \"\"c\"\"\",d\r\n\"x\r\ny\",,\r\n# z\r\n\r";
    for (size_t n = 0; n < sizeof text; n++) {
        char *copy = malloc(n ? n : 1);
        struct csv c;
        struct csv_row row;
        assert_non_null(copy);
        memcpy(copy, text, n);
        csv_init(&c, str_make(copy, n), &arena);
        size_t rounds = 0;
        while (csv_next(&c, &row) != END)
            assert_true(++rounds < 10);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty_cells_at_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_quoting_skips_one_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_cells, setup, teardown),
        cmocka_unit_test_setup_teardown(test_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cut_anywhere, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
