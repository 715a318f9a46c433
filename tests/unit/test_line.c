/* Lines cut into words and cells, several bytes at a time: what comes out must be what one byte
 * after the other gives. Each text is a block of its own, so that sanitizers see what is read. */
#include "unit.h"

#include "codec/line.h"

#include <stdlib.h>

enum { MAX = 40, LONGEST = 300, ROUNDS = 20000 };

static uint64_t random_state = 88172645463325252u;

static unsigned below(unsigned n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 11) % n;
}

/* n bytes, one in some of which is of the alphabet. */
static char *random_text(size_t n, const char *alphabet, unsigned rare)
{
    char *p = malloc(n ? n : 1);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++)
        p[i] = below(rare) ? (char)('a' + below(4)) : alphabet[below((unsigned)strlen(alphabet))];
    return p;
}

static void expect_words(struct str line)
{
    struct str word, rest = line, got[MAX];
    size_t n = 0, max = below(MAX), all = line_words(line, got, max);
    for (; line_word(&rest, &word); n++)
        if (n < max)
            assert_true(got[n].p == word.p && got[n].n == word.n);
    assert_int_equal(all, n);
    assert_int_equal(line_word_count(line), n);
}

static void words_one_by_one(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        size_t n = below(LONGEST);
        char *p = random_text(n, " \t ", 1 + below(20));
        expect_words(str_make(p, n));
        free(p);
    }
    expect_words(STR(""));
    expect_words(STR("                                                                "));
    expect_words(STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

/* One byte after the other; false at a quote before the cells end. */
static bool plain_cells(struct str line, size_t max, struct str *ret_cells, size_t *ret_n)
{
    size_t n = 0, from = 0;
    for (size_t i = 0; i <= line.n && n < max; i++) {
        if (i < line.n && line.p[i] == '"')
            return false;
        if (i == line.n || line.p[i] == ',') {
            ret_cells[n++] = str_make(line.p + from, i - from);
            from = i + 1;
        }
    }
    *ret_n = n;
    return true;
}

static void cells_one_by_one(void **state)
{
    (void)state;
    size_t good = 0;
    for (int i = 0; i < ROUNDS; i++) {
        size_t n = below(LONGEST), max = below(MAX), wanted = 0, found = 0;
        char *p = random_text(n, below(3) ? ",,,,,,,,,,,,,,,,,,,,\"" : ",", 1 + below(20));
        struct str got[MAX], want[MAX];
        bool plain = plain_cells(str_make(p, n), max, want, &wanted);
        assert_int_equal(line_cells(str_make(p, n), got, max, &found), plain);
        for (size_t c = 0; plain && c < wanted; c++)
            assert_true(got[c].p == want[c].p && got[c].n == want[c].n);
        if (plain)
            assert_int_equal(found, wanted);
        good += plain;
        free(p);
    }
    assert_in_range(good, ROUNDS / 3, ROUNDS - ROUNDS / 20);
}

static void dated(void **state)
{
    (void)state;
    assert_true(line_dated(STR("2021-03-01")));
    assert_true(line_dated(STR("2")));
    assert_false(line_dated(STR("")));
    assert_false(line_dated(STR("#Date: 2021")));
    assert_false(line_dated(STR(" 2021")));
    assert_false(line_dated(STR("\0002021")));
    assert_false(line_dated(STR("2021\r")));
    assert_false(line_dated(STR("2021\0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_one_by_one),
        cmocka_unit_test(cells_one_by_one),
        cmocka_unit_test(dated),
    };
    return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
