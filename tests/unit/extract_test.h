/* extract_test.h — what the tests of watch/ share.
 *
 * What:   the word lists of the program, and items as lines of text.
 * Input:  none.
 * Limits: LINES_BYTES.
 * Owner:  static.
 * Spec:   docs/reference/extract.md
 */
#ifndef TESTS_EXTRACT_TEST_H
#define TESTS_EXTRACT_TEST_H

#include "unit.h"
#include "watch/pass.h"

#include <stdio.h>

enum { LINES_BYTES = 4 * 1024 * 1024, TEST_YEAR_MAX = 2027 };

static struct arena lists_arena;
static struct extract_lists lists;
static struct buf lines;
static struct str whole; /* what the items are of; p == NULL: not to be compared */

/* "kind value" a line, with " < text" behind it where the text is another. */
static enum err add_line(void *ctx, const struct item *item)
{
    (void)ctx;
    buf_printf(&lines, "%s ", item_kind_name(item->kind));
    buf_str(&lines, item->value);
    if (!str_eq(item->value, item->text)) {
        buf_puts(&lines, " < ");
        buf_str(&lines, item->text);
    }
    buf_putc(&lines, '\n');
    if (whole.p && !str_eq(item->text, str_sub(whole, item->offset, item->offset + item->text.n)))
        fail_msg("the offset %zu is not that of '%.*s'", (size_t)item->offset, STR_FMT(item->text));
    return OK;
}

static inline struct extract_options test_options(void)
{
    return (struct extract_options){&lists, TEST_YEAR_MAX, add_line, NULL, NULL};
}

static inline int lists_setup(void **state)
{
    (void)state;
    arena_init(&lists_arena, 8 << 20);
    buf_init(&lines, LINES_BYTES);
    assert_int_equal(extract_lists_load(&lists_arena, &lists, NULL), OK);
    return 0;
}

static inline int lists_teardown(void **state)
{
    (void)state;
    buf_done(&lines);
    arena_done(&lists_arena);
    return 0;
}

#endif
