/* Literals over lines whose cells repeat: what is reported must be what lit_scan reports, less
 * what the judge calls idle and nothing else. */
#include "unit.h"

#include "match/repeat.h"

#include <stdlib.h>

enum { MAX_LITERALS = 40, MAX_LINES = 1200, TEXT_BYTES = 1 << 20, CELLS = 9, MARKER = 0 };

static uint64_t random_state;

static unsigned below(unsigned n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 11) % n;
}

/* Words of a few letters: literals are met often. */
static size_t word(char *to, size_t max)
{
    size_t n = below((unsigned)max);
    for (size_t i = 0; i < n; i++)
        to[i] = "abcdABCD/.-=%\"\r"[below(15)];
    return n;
}

struct text {
    char p[TEXT_BYTES];
    size_t n;
};

static void add(struct text *t, const char *p, size_t n)
{
    if (n)
        memcpy(t->p + t->n, p, n);
    t->n += n;
}

enum shape { REPEATING, NEW, ODD_COUNT, EMPTY_CELL, LONG_LINE, HEADER, HAS_MARKER };

static void add_cell(struct text *t, unsigned column, enum shape shape, uint64_t vocabulary)
{
    char cell[60];
    bool free = column == 1 || column == 5 || shape == NEW;
    uint64_t now = random_state;
    if (!free) /* one of three texts a column */
        random_state = (vocabulary + column * 31 + below(3)) * 0x9e3779b97f4a7c15u | 1;
    cell[0] = 'x'; /* none is empty */
    add(t, cell, 1 + word(cell + 1, sizeof cell - 1));
    if (!free)
        random_state = now * 0x2545f4914f6cdd1du | 1;
}

static void add_line(struct text *t, enum shape shape, uint64_t vocabulary, char separator)
{
    unsigned cells = shape == ODD_COUNT ? 1 + below(2 * CELLS) : CELLS;
    if (shape == HEADER)
        add(t, "#", 1);
    if (shape == HAS_MARKER)
        add(t, "MaRk!", 5);
    for (unsigned c = 0; c < cells; c++) {
        if (c)
            add(t, &separator, 1);
        if (shape != EMPTY_CELL || c != 4)
            add_cell(t, c, shape, vocabulary);
    }
    for (unsigned i = 0; shape == LONG_LINE && i < 3000; i++)
        add(t, "long lines are chunks: ", 23);
    add(t, "\n", 1);
}

/* Mostly lines that repeat. */
static void make_text(struct text *t, uint64_t vocabulary, char separator, unsigned odd_of_100)
{
    t->n = 0;
    for (size_t lines = below(MAX_LINES); lines && t->n < TEXT_BYTES - 100000; lines--) {
        enum shape shape = REPEATING;
        if (below(100) < odd_of_100)
            shape = below(200) == 0 ? LONG_LINE : below(300) == 0 ? HEADER : NEW + below(3);
        if (odd_of_100 && below(1500) == 0)
            shape = HAS_MARKER;
        add_line(t, shape, vocabulary, separator);
    }
    if (below(3) == 0)
        add(t, "no line end", 11);
}

static size_t make_literals(struct str literal[MAX_LITERALS], char store[MAX_LITERALS][60],
                            char separator)
{
    size_t n = 1;
    literal[MARKER] = STR("mark!");
    for (; n < MAX_LITERALS; n++) {
        char *p = store[n];
        size_t size = below(4) == 0 ? 1 : 0;
        p[0] = separator; /* only as the first byte */
        size += word(p + size, 12);
        if (size == 0)
            p[size++] = 'q';
        for (size_t i = 1; i < size; i++)
            p[i] = p[i] == separator ? 'a' : p[i];
        literal[n] = str_make(p, size);
    }
    return n;
}

/* --- a judge that can be checked --- */

static size_t judged;

/* Cells 2 and 3 are known and literals are even: these spots are idle. */
static bool idle(void *ctx, struct str line, const struct str *cell, const uint32_t *literal,
                 size_t n)
{
    (void)ctx;
    assert_true(n > 0);
    judged++;
    for (size_t i = 0; i < CELLS; i++)
        if (cell[i].p) { /* it is what stands there */
            struct str rest = line, found = STR_NONE;
            for (size_t c = 0; c <= i; c++)
                (void)str_cut(&rest, *(const char *)ctx, &found);
            assert_true(str_eq(found, cell[i]));
        }
    for (size_t i = 0; i < n; i++)
        if (literal[i] % 2 || literal[i] == MARKER)
            return false;
    return cell[2].p && cell[3].p;
}

static struct lit_set *all;
static size_t subsets;

/* Every third literal matters in cells 2 and 3 only. */
static struct lit_set *rest(void *ctx, const bool *known, struct str sample)
{
    bool take[MAX_LITERALS];
    struct lit_model model = {&sample, (double[]){1}, 1};
    struct lit_set *set;
    (void)ctx;
    if (!known[2] || !known[3])
        return NULL;
    for (size_t i = 0; i < MAX_LITERALS; i++)
        take[i] = i % 3 != 0 || i == MARKER;
    assert_int_equal(lit_subset(all, take, &model, &set), OK);
    subsets++;
    return set;
}

static const bool asks[CELLS] = {[2] = true, [3] = true};

static struct str line_around(struct str text, size_t at)
{
    size_t from = at, to = at;
    while (from && text.p[from - 1] != '\n')
        from--;
    while (to < text.n && text.p[to] != '\n')
        to++;
    return str_sub(text, from, to);
}

/* May this spot be left out? Only in a line of the right shape, if it is even, or if it matters in
 * cells 2 and 3 only and stands in another one. */
static bool may_lack(struct str text, struct lit_spot spot, char separator)
{
    struct str line = line_around(text, spot.end - 1u);
    size_t cells = 1, cell = 0;
    for (size_t i = 0; i < line.n; i++) {
        bool cut = line.p[i] == separator;
        cells += cut;
        cell += cut && line.p + i < text.p + spot.end;
    }
    bool elsewhere = spot.literal % 3 == 0 && cell != 2 && cell != 3;
    return (spot.literal % 2 == 0 || elsewhere) && spot.literal != MARKER && cells == CELLS &&
           line.p[0] != '#';
}

static size_t compare(struct str text, const struct lit_spots *want, const struct lit_spots *got,
                      bool judge, char separator)
{
    size_t k = 0, left_out = 0;
    bool marked = false;
    for (size_t i = 0; i < want->n; i++) {
        struct lit_spot w = want->v[i];
        marked |= w.literal == MARKER;
        if (k < got->n && got->v[k].end == w.end && got->v[k].literal == w.literal) {
            k++;
            continue;
        }
        if (!judge || marked || !may_lack(text, w, separator))
            fail_msg("literal %u at %u of %zu is missing", w.literal, w.end, text.n);
        left_out++;
    }
    assert_int_equal(k, got->n);
    return left_out;
}

static size_t one_round(uint64_t seed, bool with_judge)
{
    static struct text text;
    static char store[MAX_LITERALS][60];
    struct str literal[MAX_LITERALS];
    struct lit_spots want = {0}, got = {0};
    struct lit_set *set;
    struct repeat *r;
    struct error error;
    bool marker[MAX_LITERALS] = {[MARKER] = true};
    char cuts[] = {seed % 2 ? ' ' : ',', seed % 3 ? '\t' : 0, 0};
    struct repeat_judge judge = {cuts, idle, rest, 3, asks, marker, CELLS, false, false, 7};
    size_t left_out = 0;
    random_state = seed * 0x9e3779b97f4a7c15u | 1;
    size_t n = make_literals(literal, store, cuts[0]);
    assert_int_equal(lit_new(literal, n, NULL, &set, &error), OK);
    assert_int_equal(repeat_new(set, cuts, &r), OK);
    all = set;
    for (unsigned i = 0; i < 9; i++) { /* what one text taught is there in the next */
        make_text(&text, seed + i / 5, cuts[0], seed % 4 ? below(30) : 0);
        struct str at_end = str_make(text.p, text.n);
        judge.may_be_empty = i % 2;
        judge.meaning = seed % 5 ? 7 : i / 4;
        assert_int_equal(lit_scan(set, at_end, &want), OK);
        assert_int_equal(repeat_scan(r, with_judge ? &judge : NULL, at_end, &got), OK);
        left_out += compare(at_end, &want, &got, with_judge, cuts[0]);
    }
    assert_null(repeat_free(r));
    assert_null(lit_free(set));
    vec_done(&want);
    vec_done(&got);
    return left_out;
}

static void test_same_as_plain(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++)
        assert_int_equal(one_round(seed, false), 0);
}

static void test_only_idle_ones_are_left_out(void **state)
{
    (void)state;
    size_t left_out = 0;
    judged = 0;
    for (uint64_t seed = 101; seed <= 112; seed++)
        left_out += one_round(seed, true);
    assert_true(judged > 100);
    assert_true(subsets > 5);
    assert_true(left_out > 1000);
}

/* Behind a line that may change the columns nothing is left out, nor before it in its chunk. */
static void test_header(void **state)
{
    (void)state;
    static struct text text;
    struct str literal[] = {STR("mark!"), STR("none"), STR("needle")};
    bool marker[] = {true, false, false};
    char blank[] = " ";
    struct repeat_judge judge = {blank, idle, rest, 0, asks, marker, CELLS, true, false, 1};
    struct lit_spots got = {0};
    struct lit_set *set;
    struct repeat *r;
    struct error error;
    const char *const headers[] = {"", "#Fields: a b c\n", "a mark! of another kind\n"};
    for (size_t h = 0; h < ARRAY_LEN(headers); h++) {
        assert_int_equal(lit_new(literal, ARRAY_LEN(literal), NULL, &set, &error), OK);
        assert_int_equal(repeat_new(set, blank, &r), OK);
        text.n = 0;
        for (int i = 0; i < 500; i++)
            add(&text, "2021 10 the needle is here in the hay\n", 38);
        size_t rows = text.n;
        for (int i = 0; i < 3; i++)
            assert_int_equal(repeat_scan(r, &judge, str_make(text.p, rows), &got), OK);
        assert_int_equal(got.n, 0);
        add(&text, headers[h], strlen(headers[h]));
        memcpy(text.p + text.n, text.p, rows);
        text.n += rows;
        assert_int_equal(repeat_scan(r, &judge, str_make(text.p, text.n), &got), OK);
        assert_int_equal(got.n, h ? 1000 + (h == 2) : 0);
        judge.meaning++;
        assert_null(repeat_free(r));
        assert_null(lit_free(set));
    }
    vec_done(&got);
}

/* Two groups a line, of many values: what the one learns may take the place of what the other one
 * has just found. */
static void test_full_table(void **state)
{
    (void)state;
    static struct text text;
    struct str literal[] = {STR("stem"), STR("agent")};
    struct lit_spots want = {0}, got = {0};
    struct lit_set *set;
    struct repeat *r;
    struct error error;
    assert_int_equal(lit_new(literal, ARRAY_LEN(literal), NULL, &set, &error), OK);
    assert_int_equal(repeat_new(set, " ", &r), OK);
    random_state = 1;
    for (unsigned round = 0; round < 30; round++) {
        text.n = 0;
        for (unsigned i = 0; i < 10000; i++) {
            char line[100];
            unsigned a = below(3) || round == 0 ? below(20) : below(60000);
            unsigned b = below(3) || round == 0 ? below(20) : below(60000);
            int n = snprintf(line, sizeof line, "%08x /a-stem/%u/of-some %08x an-agent/%u/of-all\n",
                             below(1u << 31), a, below(1u << 31), b);
            add(&text, line, (size_t)n);
        }
        struct str whole = str_make(text.p, text.n);
        assert_int_equal(lit_scan(set, whole, &want), OK);
        assert_int_equal(repeat_scan(r, NULL, whole, &got), OK);
        assert_int_equal(compare(whole, &want, &got, false, ' '), 0);
    }
    assert_null(repeat_free(r));
    assert_null(lit_free(set));
    vec_done(&want);
    vec_done(&got);
}

/* A text may be chosen so that the hash multiplies by nothing: it is then the same in every group.
 * What was found in one place is not what stands in another. */
static void test_same_text_in_another_group(void **state)
{
    (void)state;
    static struct text text;
    static const char same[] = "/needleMzzOk0rINSMk7O9.";
    struct str literal[] = {STR("needle")};
    struct lit_spots got = {0};
    struct lit_set *set;
    struct repeat *r;
    struct error error;
    assert_int_equal(lit_new(literal, 1, NULL, &set, &error), OK);
    assert_int_equal(repeat_new(set, " ", &r), OK);
    for (unsigned round = 0; round < 3; round++) {
        text.n = 0;
        for (unsigned i = 0; i < 300; i++) {
            char line[100], stem[40], agent[40];
            bool last = i == 299;
            (void)snprintf(stem, sizeof stem, "/one-of-%u/stems", i % 17);
            (void)snprintf(agent, sizeof agent, "/one-of-%u/agents", i % 13);
            if (last && round)
                memcpy(round == 1 ? agent : stem, same, sizeof same);
            add(&text, line,
                (size_t)snprintf(line, sizeof line, "%u %s %u %s\n", i, stem, i, agent));
        }
        assert_int_equal(repeat_scan(r, NULL, str_make(text.p, text.n), &got), OK);
        assert_int_equal(got.n, round > 0);
    }
    assert_null(repeat_free(r));
    assert_null(lit_free(set));
    vec_done(&got);
}

static bool always_idle(void *ctx, struct str line, const struct str *cell, const uint32_t *literal,
                        size_t n)
{
    (void)ctx, (void)line, (void)cell, (void)literal, (void)n;
    judged++;
    return true;
}

static struct lit_set *nothing_matters(void *ctx, const bool *known, struct str sample)
{
    static const bool take[] = {false};
    struct lit_set *set;
    (void)known, (void)sample;
    return lit_subset(ctx, take, NULL, &set) == OK ? set : NULL;
}

/* Lines of five cells whose values stand elsewhere: nothing is left out, and nothing is learnt
 * from such a line about others. */
static void test_doubtful_lines(void **state)
{
    (void)state;
    static struct text text;
    static const struct {
        const char *cuts;
        struct str line, fresh;
        size_t n; /* spots in the line */
    } cases[] = {
        {" \t", STR("needle a of-many-many-needles here \r\n"),
         STR("1 a of-more-more-needles here \r\n"), 2},
        {" \t", STR("needle a of-many-many-needles here \0\n"),
         STR("1 a of-more-more-needles here \0\n"), 2},
        {" \t", STR("\0 a of-many-many-needles here needle\n"),
         STR("\0 a of-more-more-needles here 2\n"), 2},
        {" \t", STR(" a of-many-many-needles here needle\n"),
         STR(" a of-more-more-needles here 2\n"), 2},
        {",\"", STR("needle,a,of-many-many-needles,here\"2\n"),
         STR("1,a,of-more-more-needles,here\"2\n"), 2},
        {" \t", STR("needle a of-many-many-needles here 2\n"), STR_NONE, 0},
    };
    struct str literal[] = {STR("needle")};
    bool marker[] = {false};
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        bool csv = cases[c].cuts[0] == ',';
        struct lit_spots got = {0};
        struct lit_set *set;
        struct repeat *r;
        struct error error;
        assert_int_equal(lit_new(literal, 1, NULL, &set, &error), OK);
        assert_int_equal(repeat_new(set, cases[c].cuts, &r), OK);
        struct repeat_judge judge = {.ctx = set,
                                     .idle = always_idle,
                                     .rest = nothing_matters,
                                     .rest_after = 1,
                                     .asks = asks,
                                     .marker = marker,
                                     .cells = 5,
                                     .may_be_empty = csv,
                                     .meaning = 1};
        for (int round = 0; round < 3; round++) {
            text.n = 0;
            for (int i = 0; i < 300; i++) {
                char row[60], cut = cases[c].cuts[0];
                int n = snprintf(row, sizeof row, "%d%ca%cof-many-many-needles%chere%c%d\n", i, cut,
                                 cut, cut, cut, i);
                add(&text, row, (size_t)n);
            }
            if (round == 2)
                add(&text, cases[c].line.p, cases[c].line.n);
            size_t want = round == 0 ? 300 : round == 1 ? 0 : cases[c].n;
            assert_int_equal(repeat_scan(r, &judge, str_make(text.p, text.n), &got), OK);
            if (cases[c].line.p[0] == ' ' && round == 2) /* its chunk is doubtful as a whole */
                want += 300;
            assert_int_equal(got.n, want);
        }
        judged = text.n = 0;
        add(&text, cases[c].fresh.p, cases[c].fresh.n);
        assert_int_equal(repeat_scan(r, &judge, str_make(text.p, text.n), &got), OK);
        assert_int_equal(got.n, cases[c].fresh.n > 0);
        assert_int_equal(judged, 0);
        assert_null(repeat_free(r));
        assert_null(lit_free(set));
        vec_done(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_plain),  cmocka_unit_test(test_only_idle_ones_are_left_out),
        cmocka_unit_test(test_header),         cmocka_unit_test(test_full_table),
        cmocka_unit_test(test_doubtful_lines), cmocka_unit_test(test_same_text_in_another_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
