/* Terms at the starts of words, against a plain way of finding them. */
#include "unit.h"
#include "watch/terms.h"

#include <stdlib.h>

enum { TERMS = 120, TEXT = 400, ROUNDS = 400 };

static uint64_t state64 = 88172645463325252u;
static uint32_t random_below(uint32_t n)
{
    state64 ^= state64 << 13;
    state64 ^= state64 >> 7;
    state64 ^= state64 << 17;
    return (uint32_t)(state64 >> 20) % n;
}

/* Few signs, so that much is met: letters, digits, signs, characters of two, three and four bytes,
 * half ones. */
static size_t random_text(char *to, size_t max, bool whole)
{
    static const char *const signs[] = {"a",
                                        "b",
                                        "B",
                                        "1",
                                        " ",
                                        "-",
                                        "\xd0\xb0",
                                        "\xd0\xb1",
                                        "\xe4\xb8\x80",
                                        "\xe4\xb8\x81",
                                        "\xf0\x9f\x98\x80",
                                        "\xd0",
                                        "\xe4",
                                        "\n"};
    size_t n = 0, want = 1 + random_below((uint32_t)max - 4);
    while (n < want) {
        const char *sign = signs[random_below(whole ? 10 : 14)];
        size_t length = strlen(sign);
        memcpy(to + n, sign, length);
        n += length;
    }
    return n;
}

static bool is_word(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c);
}

/* Where the caller would take a word to begin: behind something that is no letter. */
static bool begins(struct str text, size_t i)
{
    unsigned char c = (unsigned char)text.p[i], before = i ? (unsigned char)text.p[i - 1] : 0;
    if (is_word(c))
        return !is_word(before);
    if (c >= 0xc0 && c < 0xe0)
        return before < 0x80;
    return true;
}

static bool ends(struct str text, size_t i)
{
    unsigned char c = (unsigned char)text.p[i - 1],
                  behind = i < text.n ? (unsigned char)text.p[i] : 0;
    return is_word(c) ? !is_word(behind) : behind < 0x80;
}

static int by_term(const void *a, const void *b)
{
    const struct term_spot *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->term > y->term) - (x->term < y->term);
}

static bool found(const struct term_spots *spots, uint32_t from, uint32_t term)
{
    struct term_spot want = {from, term};
    return bsearch(&want, spots->v, spots->n, sizeof want, by_term) != NULL;
}

/* Every place that must be told is, and each that is told holds the term. */
static void check(const struct terms *t, const struct term *term, struct str text,
                  struct term_spots *spots)
{
    assert_int_equal(terms_scan(t, text, spots), OK);
    for (size_t i = 0; i < spots->n; i++) {
        struct str want = term[spots->v[i].term].text;
        assert_true(str_ieq(want, str_sub(text, spots->v[i].from, spots->v[i].from + want.n)));
    }
    if (spots->n)
        qsort(spots->v, spots->n, sizeof *spots->v, by_term);
    for (uint32_t from = 0; from < text.n; from++)
        for (uint32_t k = 0; k < TERMS; k++) {
            struct str want = term[k].text;
            if (from + want.n > text.n || !str_ieq(want, str_sub(text, from, from + want.n)))
                continue;
            bool must = (term[k].anywhere || begins(text, from)) &&
                        (term[k].longer || term[k].anywhere || ends(text, from + want.n));
            if (must && !found(spots, from, k))
                fail_msg("'%.*s' at %u of '%.*s' was not told", STR_FMT(want), from, STR_FMT(text));
        }
}

static void random_terms(void **state)
{
    static char store[TERMS][32], text[TEXT + 8 + TERMS_PAD];
    struct term term[TERMS];
    struct term_spots spots = {0};
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct terms *t;
        for (int k = 0; k < TERMS; k++) {
            size_t n = random_text(store[k], 14, true);
            for (size_t i = 0; i < n; i++)
                store[k][i] = (char)ascii_lower((unsigned char)store[k][i]);
            term[k] =
                (struct term){str_make(store[k], n), random_below(3) == 0, random_below(8) == 0};
        }
        assert_int_equal(terms_new(term, TERMS, STR("a b"), &t, NULL), OK);
        for (int k = 0; k < 10; k++)
            check(t, term, str_make(text, random_text(text, TEXT, false)), &spots);
        t = terms_free(t);
    }
    free(spots.v);
}

static void nothing(void **state)
{
    struct terms *t;
    struct term_spots spots = {0};
    struct term empty = {.text = STR("")};
    struct error error = {0};
    char text[8 + TERMS_PAD] = "abc";
    (void)state;
    assert_int_equal(terms_new(NULL, 0, STR_NONE, &t, NULL), OK);
    assert_int_equal(terms_scan(t, str_make(text, 3), &spots), OK);
    assert_int_equal(spots.n, 0);
    t = terms_free(t);
    assert_int_equal(terms_new(&empty, 1, STR_NONE, &t, &error), ERR_FORMAT);
    assert_null(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_terms), cmocka_unit_test(nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
