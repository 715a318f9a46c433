/* A table for a terminal and as Markdown; hostile cells. */
#include "unit.h"

#include "output/grid.h"

#include <math.h>

static struct arena arena;
static struct buf buf;

static void fill(struct grid *g)
{
    grid_start(g, &arena, 2, 1);
    grid_puts(g, "site");
    grid_puts(g, "n");
    grid_text(g, STR("a|b\x1b[2J"));
    grid_number(g, 12.345, 1);
    grid_text(g, STR_NONE);
    grid_number(g, (double)NAN, 1);
}

static void print(bool markdown, const char *want)
{
    struct grid g;
    arena_init(&arena, 1024 * 1024);
    buf_init(&buf, 4096);
    fill(&g);
    grid_print(&g, &buf, markdown, false);
    assert_int_equal(buf.rc, OK);
    assert_str(buf_view(&buf), want);
    buf_done(&buf);
    arena_done(&arena);
}

static void forms(void **state)
{
    (void)state;
    print(false, "site           n\n"
                 "a|b\\x1b[2J  12.3\n"
                 "-              -\n");
    print(true, "| site | n |\n"
                "|---|---:|\n"
                "| a\\|b\\x1b[2J | 12.3 |\n"
                "| - | - |\n");
}

static void limits(void **state)
{
    struct grid g;
    (void)state;
    arena_init(&arena, 1024 * 1024);
    buf_init(&buf, 1024 * 1024);
    grid_start(&g, &arena, 1, 1);
    for (int i = 0; i <= GRID_ROWS; i++)
        grid_puts(&g, "x");
    grid_print(&g, &buf, false, false);
    assert_int_equal(buf.rc, ERR_LIMIT);
    buf_done(&buf);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms), cmocka_unit_test(limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
