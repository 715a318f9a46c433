/* Tables and galaxies as rows; what is wrong with them is named. */
#include "unit.h"
#include "watch/lexicon.h"

#include <stdio.h>

static struct arena arena;
static struct lexicon lexicon;

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

static enum err read_text(const char *text)
{
    lexicon_done(&lexicon);
    lexicon_init(&lexicon, &arena);
    return lexicon_read(&lexicon, STR("mine"), str_of(text), NULL);
}

static void columns(void **state)
{
    (void)state;
    assert_int_equal(read_text("# a comment\n\nkind\tcolour\talias\tcase\tvalid_from\tboundary\n"
                               "product\tred\tContosoPay\texact\t2021-03-09\tstem\n"
                               "vendor\t\t Contoso \n"),
                     OK);
    assert_int_equal(lexicon.problems.n, 0);
    assert_int_equal(lexicon.rows.n, 2);
    const struct lexicon_row *row = lexicon.rows.v;
    assert_str(row[0].alias, "ContosoPay");
    assert_str(row[0].canonical, "ContosoPay");
    assert_true(row[0].kind == SUBJECT_PRODUCT && row[0].exact);
    assert_true(row[0].boundary == BOUNDARY_STEM);
    assert_true(row[0].valid_from_us != TIME_NONE);
    assert_str(row[1].alias, "Contoso");
    assert_true(row[1].kind == SUBJECT_VENDOR && !row[1].exact);
    assert_true(row[1].boundary == BOUNDARY_WORD && row[1].valid_from_us == TIME_NONE);
}

static void commas(void **state)
{
    (void)state;
    assert_int_equal(
        read_text("\xef\xbb\xbf# a comment, with a comma\n\nKind,alias,case,canonical\r\n"
                  "product,\"Contoso, Inc. \"\"Pay\"\"\",exact,ContosoPay\r\n"
                  "nonsense,abc\n"
                  "product,\"open\n"
                  "vendor,tab\there\n"),
        OK);
    assert_int_equal(lexicon.rows.n, 2); /* what follows an open quote is read */
    assert_str(lexicon.rows.v[0].alias, "Contoso, Inc. \"Pay\"");
    assert_str(lexicon.rows.v[0].canonical, "ContosoPay");
    assert_true(lexicon.rows.v[0].exact);
    assert_int_equal(lexicon.problems.n, 2);
    assert_int_equal(lexicon.problems.v[0].line, 5);
    assert_int_equal(lexicon.problems.v[1].line, 6);
    assert_int_equal(read_text("alias\tkind\tsource\nAlpha, Beta\tvendor\ta,b\n"), OK);
    assert_str(lexicon.rows.v[0].alias, "Alpha, Beta"); /* tabs win */
    assert_int_equal(read_text("name,kind\nAlpha,vendor\n"), ERR_FORMAT);
}

static void mistakes(void **state)
{
    static const char *const rows[] = {
        "C2\tx\tmalware\t\t\t\t",
        "abc\tx\tnonsense\t\t\t\t",
        "abc\tx\tproduct\tsome\t\t\t",
        "abc\tx\tproduct\t\tsome\t\t",
        "abc\tx\tproduct\t\t\t2021-13-01\t",
        "abc\tnothing\tintent\t\t\t\t",
        "abc\tx\tproduct\t\t\t\tvery",
        "abc\tx\tcve\t\t\t\t",
    };
    char text[500];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)snprintf(text, sizeof text,
                       "alias\tcanonical\tkind\tcase\tboundary\tvalid_from\tconfidence\n%s\n"
                       "abc\tx\tproduct\n",
                       rows[i]);
        assert_int_equal(read_text(text), OK);
        assert_int_equal(lexicon.rows.n, 1);
        assert_int_equal(lexicon.problems.n, 1);
        assert_int_equal(lexicon.problems.v[0].line, 2);
    }
    assert_int_equal(read_text("name,kind\na,product\n"), ERR_FORMAT);
    assert_int_equal(read_text("alias\tcanonical\nabc\tx\n"), ERR_FORMAT);
    assert_int_equal(read_text(""), OK);
    assert_int_equal(lexicon.rows.n, 0);
}

static void galaxies(void **state)
{
    (void)state;
    assert_int_equal(
        read_text(
            "{\"type\":\"threat-actor\",\"values\":[{\"value\":\"Made Up Bear\",\"meta\":{"
            "\"synonyms\":[\"MADEUP\",\"lower\",\"Ab\",\"made up\"]}},{\"value\":\"Other1\"}]}"),
        OK);
    assert_int_equal(lexicon.rows.n, 4);
    assert_str(lexicon.rows.v[1].alias, "MADEUP");
    assert_str(lexicon.rows.v[1].canonical, "Made Up Bear");
    assert_true(lexicon.rows.v[1].exact && !lexicon.rows.v[0].exact);
    assert_true(lexicon.rows.v[1].kind == SUBJECT_ACTOR);
    assert_int_equal(read_text("{\"type\":\"ransomware\",\"values\":[{\"value\":\"MadeUp\"}]}"),
                     OK);
    assert_true(lexicon.rows.v[0].kind == SUBJECT_MALWARE);
    assert_int_equal(read_text("{\"type\":\"ransomware\"}"), ERR_FORMAT);
    assert_int_equal(read_text("{\"type\""), ERR_FORMAT);
}

/* Every row of the program's own tables is used as it is meant. */
static void shipped(void **state)
{
    size_t uses[ROW_CONTEXT + 1] = {0};
    (void)state;
    lexicon_done(&lexicon);
    lexicon_init(&lexicon, &arena);
    assert_int_equal(lexicon_shipped(&lexicon, NULL), OK);
    for (size_t i = 0; i < lexicon.rows.n; i++) {
        const struct lexicon_row *row = &lexicon.rows.v[i];
        uses[row->use]++;
        struct str rest = row->context, class;
        while (str_cut(&rest, ' ', &class)) {
            bool known = class.n == 0;
            class = str_sub(class, class.n && class.p[0] == '!', class.n);
            for (size_t k = 0; k < lexicon.rows.n && !known; k++)
                known = lexicon.rows.v[k].use == ROW_CONTEXT &&
                        str_eq(lexicon.rows.v[k].canonical, class);
            if (!known)
                fail_msg("'%.*s' needs a context that no row has", STR_FMT(row->alias));
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(uses); i++)
        assert_true(uses[i] > 40);
    lexicon_done(&lexicon);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(columns), cmocka_unit_test(commas),
                                       cmocka_unit_test(mistakes), cmocka_unit_test(galaxies),
                                       cmocka_unit_test(shipped)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
