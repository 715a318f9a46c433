/* The matcher against a plain one: for each literal and each place, do the bytes agree? Both ways
 * of scanning, the one with wide instructions and the plain one, must report exactly that. */
#include "unit.h"

#include "match/lit.h"

#include <stdlib.h>

enum { MAX_LITERALS = 400, MAX_TEXT = 3000, MAX_LENGTH = 60 };

static uint64_t random_state = 0x2545f4914f6cdd1d;

static unsigned below(unsigned n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 11) % n;
}

static bool same(struct str literal, const char *p)
{
    for (size_t i = 0; i < literal.n; i++)
        if (ascii_lower((unsigned char)literal.p[i]) != ascii_lower((unsigned char)p[i]))
            return false;
    return true;
}

/* In the order that lit.h promises: by end, then by literal. */
static void reference(const struct str *literal, size_t n, struct str text, struct lit_spots *spots)
{
    spots->n = 0;
    for (size_t end = 1; end <= text.n; end++)
        for (uint32_t i = 0; i < n; i++)
            if (literal[i].n <= end && same(literal[i], text.p + end - literal[i].n)) {
                struct lit_spot spot = {(uint32_t)end, i};
                assert_int_equal(vec_push(spots, spot, SIZE_MAX), OK);
            }
}

static void assert_spots(const struct lit_spots *got, const struct lit_spots *want, struct str text)
{
    for (size_t i = 0; i < got->n && i < want->n; i++)
        if (got->v[i].end != want->v[i].end || got->v[i].literal != want->v[i].literal)
            fail_msg("spot %zu: literal %u at %u, not %u at %u, of %zu bytes", i, got->v[i].literal,
                     got->v[i].end, want->v[i].literal, want->v[i].end, text.n);
    assert_int_equal(got->n, want->n);
}

/* The text stands at the end of a block of its own: a sanitizer sees every byte read too far. */
static void compare(const struct str *literal, size_t n, const struct lit_model *model,
                    struct str text)
{
    struct lit_set *set;
    struct error error;
    struct lit_spots got = {0}, want = {0};
    char *copy = malloc(text.n + 1);
    assert_non_null(copy);
    memcpy(copy + 1, text.p, text.n);
    struct str at_end = str_make(copy + 1, text.n);
    reference(literal, n, at_end, &want);
    assert_int_equal(lit_new(literal, n, model, &set, &error), OK);
    assert_int_equal(lit_scan(set, at_end, &got), OK);
    assert_spots(&got, &want, at_end);
    assert_int_equal(lit_scan_plain(set, at_end, &got), OK);
    assert_spots(&got, &want, at_end);
    assert_null(lit_free(set));
    vec_done(&got);
    vec_done(&want);
    free(copy);
}

static const char *const alphabets[] = {
    "ab",
    "abcABC",
    "aA@`[{", /* differ by bit 5 only, letters and not */
    "0123456789.",
    "etaoinshrdlu/.-=%&",
    "\r\n\x01\x7f\xff\xe4 -,",
};

static size_t random_text(char *to, size_t max, const char *alphabet)
{
    size_t n = below((unsigned)max);
    for (size_t i = 0; i < n; i++)
        to[i] = alphabet[below((unsigned)strlen(alphabet))];
    return n;
}

/* Literals are cut out of the text or made up; the text has literals put in. */
static void random_round(unsigned round)
{
    static char text[MAX_TEXT], made[MAX_LITERALS][MAX_LENGTH];
    struct str literal[MAX_LITERALS];
    const char *alphabet = alphabets[round % ARRAY_LEN(alphabets)];
    size_t n = 1 + below(round % 7 == 0 ? MAX_LITERALS : 40),
           length = random_text(text, MAX_TEXT, alphabet);
    for (size_t i = 0; i < n; i++) {
        size_t size = 1 + below(1 + below(MAX_LENGTH - 1));
        if (below(2) && length > size)
            memcpy(made[i], text + below((unsigned)(length - size)), size);
        else
            for (size_t k = 0; k < size; k++)
                made[i][k] = alphabet[below((unsigned)strlen(alphabet))];
        literal[i] = str_make(made[i], size);
    }
    for (unsigned put = below(20); put && length; put--) {
        struct str l = literal[below((unsigned)n)];
        if (l.n <= length)
            memcpy(text + below((unsigned)(length - l.n + 1)), l.p, l.n);
    }
    double weight = 1;
    struct str line = str_make(text, length < 300 ? length : 300);
    struct lit_model model = {&line, &weight, 1};
    compare(literal, n, below(2) ? &model : NULL, str_make(text, length));
}

static void test_random(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 200; round++)
        random_round(round);
}

/* Each length at each place of a text of each small size: all borders of steps, pieces and windows.
 */
static void test_borders(void **state)
{
    (void)state;
    static char text[160];
    const char *name = "kT2zPq9x.aspx/w4Yd";
    for (size_t size = 1; size <= 110; size += 1 + size / 8)
        for (size_t length = 1; length <= strlen(name) && length <= size; length++)
            for (size_t at = 0; at + length <= size; at += 1 + at / 12) {
                struct str literal = str_make(name, length);
                memset(text, '-', size);
                memcpy(text + at, name, length);
                compare(&literal, 1, NULL, str_make(text, size));
            }
}

/* Runs of one byte and literals inside one another: the most spots that a text can have. */
static void test_runs(void **state)
{
    (void)state;
    static char text[2000];
    struct str literal[24];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < ARRAY_LEN(literal); i++)
        literal[i] = str_make(text, i + 1);
    compare(literal, ARRAY_LEN(literal), NULL, str_make(text, sizeof text));
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 ? '%' : '2';
    for (size_t i = 0; i < ARRAY_LEN(literal); i++)
        literal[i] = str_make(text + i % 3, i + 1);
    compare(literal, ARRAY_LEN(literal), NULL, str_make(text, sizeof text));
}

/* Names that differ in one place and so must share most windows. */
static void test_alike(void **state)
{
    (void)state;
    static char made[300][32], text[300 * 24];
    struct str literal[300];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(literal); i++) {
        (void)snprintf(made[i], sizeof made[i], "/uploads/file%03zu.aspx", i);
        literal[i] = str_of(made[i]);
        memcpy(text + n, made[i], literal[i].n);
        n += literal[i].n;
    }
    compare(literal, ARRAY_LEN(literal), NULL, str_make(text, n));
}

/* More windows than one bucket, and more than one block of flags. */
static void test_long_text(void **state)
{
    (void)state;
    struct str literal[] = {STR("q7z"), STR("=${"), STR("needle"), STR("haystack/needle.aspx")};
    size_t n = 40000;
    char *text = malloc(n);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        text[i] = "abcdefghijklm n/.=&"[below(19)];
    for (size_t i = 0; i < 200; i++) {
        struct str l = literal[i % ARRAY_LEN(literal)];
        memcpy(text + below((unsigned)(n - l.n)), l.p, l.n);
    }
    compare(literal, ARRAY_LEN(literal), NULL, str_make(text, n));
    free(text);
}

static void test_empty(void **state)
{
    (void)state;
    struct lit_set *set;
    struct error error;
    struct lit_spots spots = {0};
    struct str empty = STR("");
    assert_int_equal(lit_new(&empty, 1, NULL, &set, &error), ERR_FORMAT);
    assert_null(set);
    assert_int_equal(lit_new(NULL, 0, NULL, &set, &error), OK);
    assert_int_equal(lit_scan(set, STR("anything"), &spots), OK);
    assert_int_equal(spots.n, 0);
    assert_null(lit_free(set));
    struct str one = STR("x");
    assert_int_equal(lit_new(&one, 1, NULL, &set, &error), OK);
    assert_int_equal(lit_scan(set, STR(""), &spots), OK);
    assert_int_equal(spots.n, 0);
    assert_true(lit_bytes(set) > 0);
    assert_null(lit_free(set));
    vec_done(&spots);
}

/* Without these a machine would only test the plain way. */
static void test_instructions(void **state)
{
    (void)state;
    if (!strcmp(lit_instructions(), "plain")) {
        print_message("# SKIP no wide instructions here: only the plain way was tested\n");
        skip();
    }
    assert_string_equal(lit_instructions(), "avx2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),       cmocka_unit_test(test_borders),
        cmocka_unit_test(test_runs),         cmocka_unit_test(test_alike),
        cmocka_unit_test(test_long_text),    cmocka_unit_test(test_empty),
        cmocka_unit_test(test_instructions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
