#include "unit.h"

#include "base/buf.h"
#include "base/time.h"
#include "codec/yaml.h"
#include "match/sigma.h"
#include "sigma_log.h"
#include "sigma_reference.h"

#include <locale.h>
#include <stdlib.h>

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 256 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static uint64_t random_state = 88172645463325252u;

static unsigned rnd(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % below;
}

static const char *pick(const char *const *list, size_t n)
{
    return list[rnd((unsigned)n)];
}

static void add_chars(struct buf *b, unsigned most, bool in_rule)
{
    static const char *const plain[] = {"a", "b", "A", "B",  "-", "/",  " ",  "é", "É", "Д",
                                        "д", "1", "2", "\\", "–", "ｆ", "Ｆ", "_", "k"};
    static const char *const special[] = {"*", "?", "\\*", "\\?", "\\\\", "*", "%", "''"};
    static const char *const garbage[] = {"\xc3", "\x80", "*", "?", "%", "'", "\xe2\x80", "\xff"};
    for (unsigned n = rnd(most + 1); n > 0; n--) {
        if (rnd(4))
            buf_puts(b, pick(plain, ARRAY_LEN(plain)));
        else if (in_rule)
            buf_puts(b, pick(special, ARRAY_LEN(special)));
        else if (!rnd(3))
            buf_puts(b, pick(garbage, ARRAY_LEN(garbage)));
    }
}

static void add_value(struct buf *b, const char *modifiers)
{
    static const char *const regexes[] = {"a",    "b.",     "^a",   "1$",    "a+b",
                                          "ab?",  "(a|b)1", "a.*b", "[ab]-", "ab|12",
                                          "a{2}", "\\.",    "-a*b", "a(b)?1"};
    static const char *const nets[] = {"10.0.0.0/8", "10.1.0.0/16", "192.0.2.1", "0.0.0.0/0"};
    static const char *const numbers[] = {"0", "1", "12", "-3", "2.5", "007"};
    if (strncmp(modifiers, "|re", 3) == 0) {
        buf_printf(b, "'%s'", pick(regexes, ARRAY_LEN(regexes)));
    } else if (strncmp(modifiers, "|cidr", 5) == 0) {
        buf_puts(b, pick(nets, ARRAY_LEN(nets)));
    } else if (strncmp(modifiers, "|lt", 3) == 0 || strncmp(modifiers, "|gt", 3) == 0) {
        buf_puts(b, pick(numbers, ARRAY_LEN(numbers)));
    } else if (strncmp(modifiers, "|fieldref", 9) == 0) {
        static const char *const names[] = {"f", "g", "h", "u", "gone"};
        buf_puts(b, pick(names, ARRAY_LEN(names)));
    } else if (strstr(modifiers, "base64")) {
        static const char *const words[] = {"'abc'", "'ab12'", "'-a'", "'b a-1'"};
        buf_puts(b, pick(words, ARRAY_LEN(words)));
    } else if ((!*modifiers || strcmp(modifiers, "|neq") == 0) && !rnd(5)) {
        buf_puts(b, rnd(2) ? "null" : pick(numbers, 4));
    } else {
        buf_putc(b, '\'');
        add_chars(b, 5, true);
        buf_putc(b, '\'');
    }
}

static void add_item(struct buf *b, const char *indent, unsigned number)
{
    static const char *const fields[] = {"f", "g", "h", "u", "f", "g", "gone"};
    static const char *const mods[] = {"",
                                       "",
                                       "|contains",
                                       "|contains",
                                       "|startswith",
                                       "|endswith",
                                       "|cased",
                                       "|contains|cased",
                                       "|contains|windash",
                                       "|windash",
                                       "|neq",
                                       "|contains|neq",
                                       "|re",
                                       "|re|i",
                                       "|re|startswith",
                                       "|re|endswith",
                                       "|cidr",
                                       "|lt",
                                       "|gte",
                                       "|fieldref",
                                       "|fieldref|contains",
                                       "|fieldref|startswith",
                                       "|base64offset|contains",
                                       "|base64|contains",
                                       "|wide|base64offset|contains",
                                       "|exists"};
    const char *m = pick(mods, ARRAY_LEN(mods));
    static const char *const truth[] = {"true", "false"};
    /* Keys must differ: the first field of a map is any, the second another one. */
    const char *field = number ? "u1" : pick(fields, ARRAY_LEN(fields));
    unsigned n = 1 + rnd(3) * rnd(2);
    if (strcmp(m, "|exists") == 0) {
        buf_printf(b, "%s%s|exists: %s\n", indent, field, pick(truth, 2));
        return;
    }
    buf_printf(b, "%s%s%s%s: [", indent, field, m, rnd(4) ? "" : "|all");
    for (unsigned i = 0; i < n; i++) {
        buf_puts(b, i ? ", " : "");
        add_value(b, m);
    }
    buf_puts(b, "]\n");
}

static void add_selection(struct buf *b, unsigned i)
{
    buf_printf(b, "  s%u:\n", i);
    switch (rnd(8)) {
    case 0:
        for (unsigned k = 1 + rnd(2); k > 0; k--) {
            buf_puts(b, "    - '");
            add_chars(b, 4, true);
            buf_puts(b, "a'\n");
        }
        break;
    case 1:
        add_item(b, "    - ", 0);
        add_item(b, "    - ", 0);
        break;
    case 2:
        buf_puts(b, "    '|all': ['a', '");
        add_chars(b, 3, true);
        buf_puts(b, "']\n");
        break;
    default:
        add_item(b, "    ", 0);
        if (rnd(2))
            add_item(b, "    ", 1);
    }
}

static void add_condition(struct buf *b, unsigned depth)
{
    static const char *const quantified[] = {"1 of s*", "all of s*", "1 of them", "all of them"};
    switch (depth ? rnd(7) : rnd(2)) {
    default: buf_printf(b, "s%u", rnd(3)); break;
    case 2:
        buf_puts(b, "not ");
        add_condition(b, 0);
        break;
    case 3:
        buf_puts(b, "(");
        add_condition(b, depth - 1);
        buf_puts(b, ")");
        break;
    case 4: buf_puts(b, pick(quantified, ARRAY_LEN(quantified))); break;
    case 5:
    case 6:
        add_condition(b, depth - 1);
        buf_puts(b, rnd(2) ? " and " : " or ");
        add_condition(b, depth - 1);
    }
}

static void random_rule(struct buf *b)
{
    buf_reset(b);
    buf_puts(b, "title: T\nlogsource: {category: c}\ndetection:\n");
    for (unsigned i = 0; i < 3; i++)
        add_selection(b, i);
    buf_puts(b, "  condition: ");
    add_condition(b, 3);
    buf_puts(b, "\n");
}

static void random_row(struct row *row, char *room)
{
    static const char *const fixed[] = {
        "10.1.2.3", "192.0.2.1", "12",       "-3",       "007",  "2.50", "",
        "YWJj",     "eGFiYw==",  "IGFiMTI=", "YQBiAGMA", "ab12", "/a",   "a"};
    struct buf b;
    buf_init(&b, 2048);
    *row = (struct row){.time_us = TIME_NONE};
    for (size_t i = 0; i < COLUMNS; i++) {
        size_t from = b.n;
        if (!rnd(4))
            continue;
        if (rnd(3))
            add_chars(&b, 8, false);
        else
            buf_puts(&b, pick(fixed, ARRAY_LEN(fixed)));
        row->value[i] = str_make(room + from, b.n - from);
    }
    assert_int_equal(b.rc, OK);
    if (b.n)
        memcpy(room, b.p, b.n);
    buf_done(&b);
    log_make_raw(row);
}

static size_t reference_values(void *ctx, struct str field, struct str ret[REFERENCE_VALUES])
{
    uint16_t view[SIGMA_MAX_VIEWS];
    size_t n = log_views(NULL, field, view);
    for (size_t i = 0; i < n; i++)
        ret[i] = log_value(ctx, view[i]);
    return n;
}

struct tally {
    size_t rules, never, always, matches, records, anchors;
};

static void compare(struct tally *t, struct str text, const struct node *doc,
                    const struct sigma_rule *rule)
{
    struct sigma_plan *plan;
    struct error error;
    const struct str *lit;
    log_min_anchor = 1 + rnd(3);
    enum err rc = sigma_compile(&arena, rule, NULL, &log_env, &plan, &error);
    bool always = rc && strncmp(error.text, "always", 6) == 0;
    if (rc && rc != ERR_UNSUPPORTED)
        fail_msg("%s in\n%.*s", error.text, STR_FMT(text));
    t->rules++;
    t->never += rc && !always;
    t->always += always;
    t->anchors += !rc && sigma_anchors(plan, &lit, NULL) > 0;
    for (int i = 0; i < 12; i++) {
        struct row row;
        char room[2048];
        struct sigma_hit hit;
        random_row(&row, room);
        struct sigma_subject subject = log_subject(&row);
        struct reference_record rec = {&row, subject.raw, reference_values};
        bool expect = reference_matches(doc, &rec);
        bool got = rc ? always : sigma_eval(plan, &subject, i % 2 ? &hit : NULL, NULL);
        if (got != expect)
            fail_msg("got %d, reference says %d for\n%.*s\nf=%.*s g=%.*s h=%.*s u1=%.*s u2=%.*s",
                     got, expect, STR_FMT(text), STR_FMT(row.value[0]), STR_FMT(row.value[1]),
                     STR_FMT(row.value[2]), STR_FMT(row.value[3]), STR_FMT(row.value[4]));
        if (got && !rc && !log_anchored(plan, &row))
            fail_msg("no anchor in '%.*s' for\n%.*s", STR_FMT(subject.raw), STR_FMT(text));
        t->records++;
        t->matches += got;
    }
    if (!rc)
        sigma_plan_done(plan);
}

static void test_against_reference(void **state)
{
    (void)state;
    const char *rounds_text = getenv("TOCSIN_ROUNDS"), *seed = getenv("TOCSIN_SEED");
    uint64_t rounds = 4000, v;
    struct tally t = {0};
    struct buf b;
    buf_init(&b, 1 << 16);
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* the reference's "." is a character */
    if (rounds_text && str_u64(str_of(rounds_text), &v))
        rounds = v;
    if (seed && str_u64(str_of(seed), &v))
        random_state ^= v * 0x9e3779b97f4a7c15u;
    for (uint64_t i = 0; i < rounds; i++) {
        struct node *docs;
        struct sigma_rule *rules;
        struct sigma_problem *problems;
        struct error error;
        size_t n, n_rules, bad;
        arena_reset(&arena);
        random_rule(&b);
        struct str text = buf_view(&b);
        assert_int_equal(yaml_parse(&arena, text, STR("x"), 1, &docs, &n, &error), OK);
        assert_int_equal(sigma_parse(&arena, docs, n, STR("x"), &rules, &n_rules, &problems, &bad),
                         OK);
        if (bad)
            fail_msg("%.*s in\n%.*s", STR_FMT(problems[0].reason), STR_FMT(text));
        compare(&t, text, docs, rules);
    }
    print_message("%zu rules (%zu never, %zu always true, %zu with anchors), %zu records, "
                  "%zu matches\n",
                  t.rules, t.never, t.always, t.anchors, t.records, t.matches);
    assert_true(t.matches * 20 > t.records);
    assert_true(t.anchors * 10 > t.rules);
    log_min_anchor = 1;
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_reference),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
