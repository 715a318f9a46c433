/* Which terms a post gives, in the order of where they stand. */
#include "watch/novel_words.h"

#include "unit.h"
#include "watch/pass.h"

#include <time.h>

enum { HOSTILE_SECONDS = 10 }; /* a tenth at most is needed, but for sanitizers */

static struct arena arena;
static struct extract_lists lists;
static struct gist *gist;
static struct novel_words *words;
static struct buf line;

static int setup(void **state)
{
    struct lexicon lexicon;
    struct error error = {0};
    (void)state;
    arena_init(&arena, 64 << 20);
    buf_init(&line, 1 << 20);
    lexicon_init(&lexicon, &arena);
    assert_int_equal(extract_lists_load(&arena, &lists, &error), OK);
    assert_int_equal(lexicon_shipped(&lexicon, &error), OK);
    struct gist_options options = {&lexicon, &lists, 2027};
    assert_int_equal(gist_new(&arena, &options, &gist, &error), OK);
    assert_int_equal(novel_words_new(gist, &lists, 2027, &words, &error), OK);
    lexicon_done(&lexicon);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    words = novel_words_free(words);
    gist = gist_free(gist);
    buf_done(&line);
    arena_done(&arena);
    return 0;
}

static struct novel_reading read_text(const char *title, const char *text)
{
    struct novel_reading r;
    struct post post = {.title = str_of(title), .text = str_of(text)};
    assert_int_equal(novel_words_read(words, &post, &r), OK);
    for (size_t i = 0; i < r.n; i++)
        assert_true(r.term[i].n && (size_t)r.term[i].from + r.term[i].n <= r.text.n);
    return r;
}

/* "term; term" */
static void check(const char *text, const char *want)
{
    struct novel_reading r = read_text("", text);
    buf_reset(&line);
    for (size_t i = 0; i < r.n; i++) {
        buf_puts(&line, i ? "; " : "");
        buf_str(&line, str_sub(r.text, r.term[i].from, (size_t)r.term[i].from + r.term[i].n));
    }
    if (!str_eq(buf_view(&line), str_of(want)))
        fail_msg("%s\n  gave %.*s\n  want %s", text, STR_FMT(buf_view(&line)), want);
}

static void words_and_pairs(void **state)
{
    (void)state;
    check("Zorbalek, Quaxify", "Zorbalek; Quaxify");
    check("Zorbalek Quaxify", "Zorbalek; Quaxify; Zorbalek Quaxify");
    check("Zorbalek-Quaxify", "Zorbalek; Quaxify; Zorbalek-Quaxify");
    check("the Zorbalek of Quaxify", "Zorbalek; Quaxify");
    check("Zorbalek  Quaxify", "Zorbalek; Quaxify"); /* two blanks: who knows */
    check("Zorbalek zorbalek ZORBALEK!", "Zorbalek; Zorbalek zorbalek");
    check("Ab xyz", "xyz");
    check("#Zorbalek", "Zorbalek");
}

static void names_are_known(void **state)
{
    (void)state;
    check("LockBit and ProxyShell, Microsoft Exchange", "");
    check("MOVEit flooded", "flooded; MOVEit flooded");
    check("Cobalt Strike zorbalek", "zorbalek; Strike zorbalek");
    check("Exchange", ""); /* a name that needs a context is in the dictionary all the same */
    check("Локбит", "");
    check("LockBit ProxyShell", "");
    check("security bulletin", "bulletin"); /* a phrase of the tables */
}

static void indicators_and_numbers_are_none(void **state)
{
    (void)state;
    check("https://zorbalek.example/quaxify?a=gurgle hxxp://bad[.]example/x", "");
    check("192.0.2.7 44d88612fea8a8f36de82e1278abb02f CVE-2021-26855 2021 100500", "");
    check("abcdef0123456789 deadbeef01", "");
    check("gurgle me@zorbalek.example or @zorbalek", "gurgle");
    check("C:\\Zorbalek\\Quaxify.exe", "");
    check("some_zorbalek_name &zorbalek;", "");
    check("4zq and 30th", "4zq");
    check("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "");
}

static void cyrillic_words(void **state)
{
    (void)state;
    check("что такое Гнездозмей?", "гнездозмей");
    check("Медуза Лазурная и медузу лазурную", "медуза; лазурная; медуза лазурная");
    assert_true(novel_key(STR("медузой лазурной")) == novel_key(STR("медуза лазурная")));
    assert_true(novel_key(STR("Print-Quax")) == novel_key(STR("print quax")));
    assert_true(novel_key(STR("кони")) != novel_key(STR("кона"))); /* too short for a stem */
    assert_true(novel_key(STR("Zorbalek")) != novel_key(STR("Zorbalak")));
}

static void chinese_pieces(void **state)
{
    (void)state;
    check("墨鸦", "墨鸦");
    check("新的墨鸦", "墨鸦");     /* stop words part */
    check("墨鸦勒索软件", "墨鸦"); /* a known word as well */
    check("墨鸦Zorbalek木鸢", "墨鸦; Zorbalek; 木鸢");
    check("墨鸦木鸢灰烬", "墨鸦木鸢灰烬; 墨鸦; 墨鸦木; 墨鸦木鸢; 鸦木; 鸦木鸢; 鸦木鸢灰; 木鸢; "
                          "木鸢灰; 木鸢灰烬; 鸢灰; "
                          "鸢灰烬; 灰烬");
}

static void own_words_only(void **state)
{
    (void)state;
    check("> Zorbalek wrote\nQuaxify answers\n-- \nGurgle", "Quaxify; answers; Quaxify answers");
    struct novel_reading r = read_text("Zorbalek", "Quaxify");
    assert_int_equal(r.n, 2); /* title and text are no pair */
    assert_true(r.sketch.hash != 0);
}

static void limits(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 8 << 20);
    for (unsigned i = 0; i < 100000; i++)
        buf_printf(&b, "zq%c%c%c%c ", 'a' + i % 26, 'a' + i / 26 % 26, 'a' + i / 676 % 26,
                   'a' + i / 17576 % 26);
    buf_putc(&b, 0);
    struct novel_reading r = read_text("", b.p);
    assert_true(r.text.n <= NOVEL_TEXT_BYTES && r.text.n > NOVEL_TEXT_BYTES - 8);
    assert_true(r.n > 1000 && r.n <= NOVEL_TERMS);
    buf_done(&b);
}

static void hostile_texts_take_no_time(void **state)
{
    (void)state;
    static const char *const units[] = {"a",        "ab ",  "墨",  "墨鸦的", "аб",  "a-b-",
                                        "\xff",     "_",    "@a ", "> a\n",  "1a ", "LockBit ",
                                        "\xe5\xa2", "CVE-", ".",   "a.b@"};
    struct buf b;
    clock_t start = clock();
    buf_init(&b, 8 << 20);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        buf_reset(&b);
        while (b.n < 1 << 20)
            buf_puts(&b, units[i]);
        buf_putc(&b, 0);
        (void)read_text(b.p, b.p);
    }
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < HOSTILE_SECONDS);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_pairs),
        cmocka_unit_test(names_are_known),
        cmocka_unit_test(indicators_and_numbers_are_none),
        cmocka_unit_test(cyrillic_words),
        cmocka_unit_test(chinese_pieces),
        cmocka_unit_test(own_words_only),
        cmocka_unit_test(limits),
        cmocka_unit_test(hostile_texts_take_no_time),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
