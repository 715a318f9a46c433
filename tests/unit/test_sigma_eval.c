#include "unit.h"

#include "base/buf.h"
#include "base/time.h"
#include "dossier/rules.h"
#include "sigma_log.h"

#include <stdio.h>

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

static bool run(struct sigma_plan *plan, struct row *row)
{
    struct sigma_subject subject = log_subject(row);
    bool yes = sigma_eval(plan, &subject, NULL, NULL);
    if (yes && !log_anchored(plan, row))
        fail_msg("matched without an anchor: %.*s", STR_FMT(str_make(row->raw, row->n)));
    return yes;
}

/* One item against the value of f; NULL: absent. */
static bool item_on(const char *item, struct str f)
{
    char detection[2048];
    struct row row = {.value = {f, STR("Gamma"), STR_NONE, STR("one"), STR("two")},
                      .time_us = TIME_NONE};
    (void)snprintf(detection, sizeof detection, "  s:\n    %s\n  condition: s\n", item);
    log_make_raw(&row);
    struct sigma_plan *plan = log_plan(&arena, detection);
    bool yes = run(plan, &row);
    sigma_plan_done(plan);
    return yes;
}

struct item_case {
    const char *item, *value; /* NULL: absent */
    bool expect;
};

static void check_items(const struct item_case *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (item_on(c[i].item, str_of(c[i].value)) != c[i].expect)
            fail_msg("%s on '%s' should be %s", c[i].item, c[i].value ? c[i].value : "(absent)",
                     c[i].expect ? "true" : "false");
}

static void test_text(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f: abc", "ABC", true},
        {"f: abc", "abcd", false},
        {"f: ABC", "aBc", true},
        {"f: abc", NULL, false},
        {"f|contains: b", "aBc", true},
        {"f|contains: d", "abc", false},
        {"f|startswith: ab", "ABc", true},
        {"f|startswith: bc", "abc", false},
        {"f|endswith: bc", "aBC", true},
        {"f|endswith: ab", "abc", false},
        {"f|endswith: abcd", "bcd", false},
        {"f|cased: abc", "abc", true},
        {"f|cased: abc", "Abc", false},
        {"f|contains|cased: B", "abc", false},
        {"f|contains|cased: B", "aBc", true},
        {"f: [x, abc]", "abc", true},
        {"f|contains|all: [a, c]", "abc", true},
        {"f|contains|all: [a, d]", "abc", false},
        {"f|contains: [d, c]", "abc", true},
        {"f|neq: abc", "abc", false},
        {"f|neq: abc", "abd", true},
        {"f|neq: abc", NULL, true},
        {"f|neq: [abc, abd]", "abd", false},
        {"f|contains|neq: b", "abc", false},
        {"f: true", "True", true},
        {"f: 'a''b'", "a'b", true},
    };
    check_items(cases, ARRAY_LEN(cases));
}

static void test_case_beyond_ascii(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f: 'É'", "é", true},
        {"f|contains: 'straße'", "HauptSTRAßE", true},
        {"f|contains: 'ДОМ'", "мой дом", true},
        {"f|endswith: 'ΟΣ'", "λόγος", true},
        {"f|endswith: 'ΌΓΟΣ'", "λόγος", true},
        {"f: 'ＡＢ'", "ａｂ", true},
        {"f: 'Ÿ'", "ÿ", true},
        {"f: 'Ł'", "ł", true},
        {"f: '×'", "÷", false},
        {"f|cased: 'É'", "é", false},
        {"f: k", "\u212a", false},
        {"f: s", "\u017f", false},
        {"f: 'é?d'", "ÉЖD", true},
        {"f: '?\?'", "é", false},
        {"f: '*?\?'", "日", false},
        {"f: '?'", "日", true},
        {"f|contains: 'É'", "\xc3", false},
    };
    check_items(cases, ARRAY_LEN(cases));
}

/* The table of the specification: a backslash escapes *, ? and itself, and nothing else. */
static void test_wildcards_and_escapes(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f: 'a*c'", "abbc", true},
        {"f: 'a*c'", "ac", true},
        {"f: 'a*c'", "acb", false},
        {"f: 'a?c'", "abc", true},
        {"f: 'a?c'", "ac", false},
        {"f: '?bc'", "abc", true},
        {"f: 'ab?'", "ab", false},
        {"f: '*b*d*'", "abcde", true},
        {"f: '*b*d'", "abcde", false},
        {"f: 'a*b*b'", "ab", false},
        {"f: 'a*b*b'", "abb", true},
        {"f: '*ab?d'", "xababcd", true},
        {"f|contains: 'b?d'", "abcde", true},
        {"f|endswith: 'b?\?\?'", "ab123", true},
        {"f|startswith: '?b'", "abc", true},
        {"f|contains: 'a**c'", "xabcx", true},
        {"f: 'a\\*c'", "a*c", true},
        {"f: 'a\\*c'", "abc", false},
        {"f: 'a\\?c'", "a?c", true},
        {"f: 'a\\?c'", "abc", false},
        {"f: 'a\\\\*'", "a\\bc", true},
        {"f: 'a\\\\*'", "a*", false},
        {"f: 'a\\\\\\*'", "a\\*", true},
        {"f: 'a\\\\\\*'", "a\\b", false},
        {"f: 'a\\\\b'", "a\\b", true},
        {"f: 'a\\b'", "a\\b", true},
        {"f: 'a\\'", "a\\", true},
        {"f: 'a\\\\'", "a\\", true},
        {"f: '\\\\\\\\host'", "\\\\host", true},
        {"f: 'a%b'", "a%b", true},
    };
    check_items(cases, ARRAY_LEN(cases));
}

static void test_null_and_empty(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f: null", NULL, true},
        {"f: null", "", false},
        {"f: null", "x", false},
        {"f: ~", NULL, true},
        {"f: ''", "", true},
        {"f: ''", NULL, false},
        {"f: ''", "x", false},
        {"f: '*'", "", false},
        {"f: '*'", "x", true},
        {"f: '*'", NULL, false},
        {"f|contains: '*'", "x", true},
        {"f|contains: '*'", "", false},
        {"f|contains: '*'", NULL, false},
        {"f|exists: true", "", true},
        {"f|exists: true", NULL, false},
        {"f|exists: false", NULL, true},
        {"f|exists: false", "", false},
        {"f: [null, x]", "x", true},
        {"f: [null, x]", NULL, true},
        {"f: [null, x]", "y", false},
        {"f|neq: null", "x", true},
        {"f|neq: null", NULL, false},
        {"f: 'null'", "null", true},
        {"f|re: '^$'", "", true},
        {"f|re: '^$'", NULL, false},
        {"f|all: [null, x]", NULL, false},
    };
    check_items(cases, ARRAY_LEN(cases));
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f: 200", "200", true},       {"f: 200", "0200", true},    {"f: 200", "2000", false},
        {"f: '200'", "200", true},     {"f: '200'", "0200", false}, {"f: -5", "-05", true},
        {"f: 1.5", "1.50", true},      {"f: 1.5", "1.6", false},    {"f: [4688, 1]", "1", true},
        {"f|contains: 4", "34", true}, {"f|lt: 5", "4", true},      {"f|lt: 5", "5", false},
        {"f|lte: 5", "5", true},       {"f|gt: 5", "5.1", true},    {"f|gt: 5", "5", false},
        {"f|gte: 5", "5", true},       {"f|gt: 5", "many", false},  {"f|gt: 5", NULL, false},
        {"f|gt: 5", "inf", false},     {"f|gt: -1", "", false},     {"f|neq: 5", "05", false},
        {"f: 0x10", "0x10", true},     {"f: 0x10", "16", false},
    };
    check_items(cases, ARRAY_LEN(cases));
}

static void test_regex(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f|re: 'b.d'", "abcde", true},
        {"f|re: 'B'", "abc", false},
        {"f|re|i: 'B'", "abc", true},
        {"f|re: '^b'", "abc", false},
        {"f|re: '^a.*c$'", "abc", true},
        {"f|re: 'a.c'", "a\nc", false},
        {"f|re|s: 'a.c'", "a\nc", true},
        {"f|re: '^b'", "a\nb", false},
        {"f|re|m: '^b'", "a\nb", true},
        {"f|re|startswith: 'b|c'", "abc", false},
        {"f|re|startswith: 'b|a'", "abc", true},
        {"f|re|endswith: 'b|c'", "abc", true},
        {"f|re|endswith: 'b'", "abc", false},
        {"f|re|contains: 'b'", "abc", true},
        {"f|re: ['x', 'c']", "abc", true},
        {"f|re|all: ['a', 'c']", "abc", true},
        {"f|re|all: ['a', 'd']", "abc", false},
        {"f|re|neq: 'b'", "abc", false},
        {"f|re: 'a{2}b'", "aab", true},
        {"f|re: 'x{a|b}y'", "b}y", true},
        {"f|re: 'ab?c'", "ac", true},
        {"f|re: '(a|b)c'", "bc", true},
        {"f|re: 'é.'", "éx", true},
        {"f|re: 'b'",
         "a\xff"
         "b",
         true},
        {"f|re: '[]a]x'", "]x", true},
        {"f|re: 'ab|cd'", "xcd", true},
        {"f|re: '\\.aspx\\b'", "a.aspx", true},
        {"f|re|i: 'task'", "TA\u017f\u212a", true},
    };
    check_items(cases, ARRAY_LEN(cases));
}

static void test_windash(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f|windash: '-x'", "/x", true},
        {"f|windash: '/x'", "-x", true},
        {"f|windash: '-x'", "–x", true},
        {"f|windash: '-x'", "—x", true},
        {"f|windash: '-x'", "―x", true},
        {"f|windash: '-x'", "+x", false},
        {"f|windash: '-x-y'", "/x-y", true},
        {"f|windash: '-x-y'", "/x/y", false},
        {"f|contains|windash: ' -a -b'", "c /a –b d", true},
        {"f|contains|windash: '- '", "/ ", false},
        {"f|windash: '--x'", "-/x", true},
        {"f|windash: '--x'", "//x", false},
        {"f|endswith|windash: '-q'", "run /q", true},
        {"f|windash|base64: '-x'", "L3g=", true},
        {"f|windash|base64: '-x'", "LXg=", true},
        {"f|windash|base64: '-x'", "4oCTeA==", true},
        {"f|windash|base64: '-x'", "K3g=", false},
        {"f: '-x'", "/x", false},
    };
    check_items(cases, ARRAY_LEN(cases));
}

static void test_encodings(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f|base64: 'foobar'", "Zm9vYmFy", true},
        {"f|base64: 'fooba'", "Zm9vYmE=", true},
        {"f|base64: 'foobar'", "Zm9vYmFyIQ==", false},
        {"f|base64|contains: 'foobar'", "xxZm9vYmFyIQ==", true},
        {"f|base64offset|contains: 'foobar'", "Zm9vYmFyIQ==", true},
        {"f|base64offset|contains: 'foobar'", "IWZvb2Jhcg==", true},
        {"f|base64offset|contains: 'foobar'", "ISFmb29iYXI=", true},
        {"f|base64offset|contains: 'foobar'", "Zm9vYmF6", false},
        {"f|wide|base64: 'ab'", "YQBiAA==", true},
        {"f|utf16le|base64: 'ab'", "YQBiAA==", true},
        {"f|utf16be|base64: 'ab'", "AGEAYg==", true},
        {"f|utf16|base64: 'ab'", "//5hAGIA", true},
        {"f|wide|base64offset|contains: 'ab'", "xhAGIAx", true},
        {"f|wide|base64: 'ab'", "YWI=", false},
        {"f|base64offset|contains|all: ['foo', 'bar']", "Zm9vYmFy", true},
        {"f|base64offset|contains|all: ['foo', 'baz']", "Zm9vYmFy", false},
    };
    check_items(cases, ARRAY_LEN(cases));
    assert_true(item_on("f|utf16le: 'a*c'", str_make("a\0bbc\0", 6)));
    assert_false(item_on("f|utf16le: 'ac'", STR("ac")));
    assert_true(item_on("f|utf16be: 'A'", str_make("\0a", 2)));
    assert_true(item_on("f|utf16: 'a'", str_make("\xff\xfe"
                                                 "a\0",
                                                 4)));
}

static void test_cidr(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f|cidr: 10.0.0.0/8", "10.200.3.4", true},
        {"f|cidr: 10.0.0.0/8", "11.0.0.1", false},
        {"f|cidr: 10.0.0.0/8", "x10.0.0.1", false},
        {"f|cidr: 10.0.0.0/8", "10.1.2.3:443", true},
        {"f|cidr: 192.0.2.7", "192.0.2.7", true},
        {"f|cidr: '::1/128'", "::1", true},
        {"f|cidr: '::1/128'", "0:0:0:0:0:0:0:1", true},
        {"f|cidr: '::1/128'", "::11", false},
        {"f|cidr: 'fe80::/10'", "fe80::1%eth0", true},
        {"f|cidr: '2001:db8::/32'", "2001:db9::", false},
        {"f|cidr: [10.0.0.0/8, 127.0.0.0/8]", "127.0.0.1", true},
        {"f|cidr|neq: 10.0.0.0/8", "192.0.2.1", true},
        {"f|cidr: 10.0.0.0/8", NULL, false},
        {"f|cidr: 0.0.0.0/0", "192.0.2.1", true},
        {"f|cidr: 10.0.0.0/8", "::ffff:10.1.1.1", true},
    };
    check_items(cases, ARRAY_LEN(cases));
}

static void test_fieldref(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f|fieldref: g", "gamma", true},
        {"f|fieldref: g", "delta", false},
        {"f|fieldref|cased: g", "gamma", false},
        {"f|fieldref|startswith: g", "GAMMAray", true},
        {"f|fieldref|endswith: g", "xgamma", true},
        {"f|fieldref|contains: g", "xGammay", true},
        {"f|fieldref|contains: g", "gam", false},
        {"f|fieldref|neq: g", "gamma", false},
        {"f|fieldref|neq: g", "x", true},
        {"f|fieldref: h", "x", false},
        {"f|fieldref: g", NULL, false},
        {"f|fieldref: u", "TWO", true},
    };
    check_items(cases, ARRAY_LEN(cases));
}

static void test_expand(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f|expand: '%hosts%'", "ALPHA", true},
        {"f|expand: '%hosts%'", "%hosts%", false},
        {"f|contains|expand: 'x%hosts%y'", "axbe.tay", true},
        {"f|expand: '%hosts%'", "gamma", true},
        {"f|expand: '%hosts%-%hosts%'", "alpha-be.ta", true},
        {"f|expand: '\\%hosts\\%'", "%hosts%", true},
        {"f|expand: '\\%hosts\\%'", "alpha", false},
        {"f|expand: '100%'", "100%", true},
        {"f|re|expand: '^%hosts%$'", "be.ta", true},
        {"f|re|expand: '^%hosts%$'", "bexta", false},
        {"f|expand|base64: '%hosts%'", NULL, false},
    };
    check_items(cases, ARRAY_LEN(cases) - 1);
    struct sigma_plan *plan;
    struct error error;
    assert_int_equal(
        sigma_compile(&arena, log_rule(&arena, "  s: {f|expand: '%nobody%'}\n  condition: s\n"),
                      NULL, &log_env, &plan, &error),
        ERR_UNSUPPORTED);
    assert_string_equal(error.text, "no values are known for placeholder '%nobody%'");
    assert_int_equal(
        sigma_compile(&arena,
                      log_rule(&arena, "  s: {f|expand|base64: '%hosts%'}\n  condition: s\n"), NULL,
                      &log_env, &plan, &error),
        ERR_FORMAT);
    assert_int_equal(
        sigma_compile(&arena,
                      log_rule(&arena,
                               "  s: {f|expand: '%hosts%%hosts%%hosts%%hosts%%hosts%%hosts%%hosts%"
                               "%hosts%%hosts%%hosts%%hosts%%hosts%'}\n  condition: s\n"),
                      NULL, &log_env, &plan, &error),
        ERR_LIMIT);
}

static bool keywords_on(const char *selection, const char *f)
{
    char detection[2048];
    struct row row = {.value = {str_of(f), STR_NONE, STR_NONE, STR("tail"), STR_NONE}};
    (void)snprintf(detection, sizeof detection, "  s:\n%s  condition: s\n", selection);
    log_make_raw(&row);
    struct sigma_plan *plan = log_plan(&arena, detection);
    bool yes = run(plan, &row);
    sigma_plan_done(plan);
    return yes;
}

static void test_keywords(void **state)
{
    (void)state;
    assert_true(keywords_on("    - abc\n    - xyz\n", "1ABC2"));
    assert_false(keywords_on("    - abc\n    - xyz\n", "1AB2"));
    assert_true(keywords_on("    - 'a*ail'\n", "abc"));
    assert_true(keywords_on("    - 'a?c'\n", "zabcz"));
    assert_true(keywords_on("    '|all':\n      - abc\n      - tail\n", "abc"));
    assert_false(keywords_on("    '|all':\n      - abc\n      - head\n", "abc"));
    assert_true(keywords_on("    - 500\n", "x500x"));
    assert_true(keywords_on("    - nothing\n    - f: abc\n", "abc"));
    assert_true(keywords_on("    - tail\n    - f: abc\n", "x"));
    assert_false(keywords_on("    - nothing\n    - f: abc\n", "x"));
    assert_true(keywords_on("    '|re': 'b.*il'\n", "abc"));
    assert_true(keywords_on("    '|base64offset|contains': foobar\n", "ISFmb29iYXI="));
    assert_false(keywords_on("    '|cased': ABC\n", "abc"));
}

static bool whole_on(const char *detection, const char *f, const char *g)
{
    struct row row = {.value = {str_of(f), str_of(g), STR_NONE, STR_NONE, STR_NONE}};
    log_make_raw(&row);
    struct sigma_plan *plan = log_plan(&arena, detection);
    bool yes = run(plan, &row);
    sigma_plan_done(plan);
    return yes;
}

#define SELECTIONS "  a: {f: x}\n  b: {g: y}\n  b2: {g: z}\n  _c: {f: w}\n"

static void test_conditions(void **state)
{
    (void)state;
    static const struct {
        const char *condition, *f, *g;
        bool expect;
    } cases[] = {
        {"a and b", "x", "y", true},
        {"a and b", "x", "z", false},
        {"a or b", "q", "y", true},
        {"not a", "x", "y", false},
        {"not a", "q", "y", true},
        {"not not a", "x", "y", true},
        {"a or b and b2", "x", "q", true},
        {"(a or b) and b2", "x", "q", false},
        {"(a or b) and b2", "x", "z", true},
        {"not a or b", "x", "y", true},
        {"not (a or b)", "x", "q", false},
        {"not (a or b)", "q", "q", true},
        {"1 of b*", "q", "z", true},
        {"1 of b*", "q", "q", false},
        {"all of b*", "q", "y", false},
        {"any of them", "w", "q", false},
        {"1 of _*", "w", "q", true},
        {"all of a*", "x", "q", true},
        {"[a, b]", "q", "y", true},
        {"[a, b]", "q", "q", false},
        {"a and not 1 of b*", "x", "q", true},
        {"a and not 1 of b*", "x", "z", false},
        {"a and a and a", "x", NULL, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char detection[1024];
        (void)snprintf(detection, sizeof detection, SELECTIONS "  condition: %s\n",
                       cases[i].condition);
        if (whole_on(detection, cases[i].f, cases[i].g) != cases[i].expect)
            fail_msg("%s with %s, %s", cases[i].condition, cases[i].f, cases[i].g);
    }
    assert_true(whole_on("  s:\n    - {f: x, g: y}\n    - {f: z}\n  condition: s\n", "z", "q"));
    assert_false(whole_on("  s:\n    - {f: x, g: y}\n    - {f: z}\n  condition: s\n", "x", "q"));
}

static void test_views(void **state)
{
    (void)state;
    struct row row = {.value = {STR("x"), STR_NONE, STR_NONE, STR("one"), STR("two")}};
    log_make_raw(&row);
    static const struct {
        const char *item;
        bool both, first_only, none;
    } cases[] = {
        {"u: one", true, true, false},
        {"u: two", true, false, false},
        {"u|neq: two", false, true, true},
        {"u: null", false, false, true},
        {"u|exists: true", true, true, false},
        {"u|contains|all: [o, n]", true, true, false},
        {"u|contains|all: [one, two]", false, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char detection[512];
        (void)snprintf(detection, sizeof detection, "  s: {%s}\n  condition: s\n", cases[i].item);
        struct sigma_plan *plan = log_plan(&arena, detection);
        struct row first = row, none = row;
        first.value[4] = none.value[3] = none.value[4] = STR_NONE;
        assert_int_equal(run(plan, &row), cases[i].both);
        assert_int_equal(run(plan, &first), cases[i].first_only);
        assert_int_equal(run(plan, &none), cases[i].none);
        sigma_plan_done(plan);
    }
}

static enum err compile_error(const char *detection, const char *reason)
{
    struct sigma_plan *plan;
    struct error error = {0};
    enum err rc = sigma_compile(&arena, log_rule(&arena, detection), NULL, &log_env, &plan, &error);
    if (rc)
        assert_string_equal(error.text, reason);
    else
        sigma_plan_done(plan);
    return rc;
}

static void test_missing_fields(void **state)
{
    (void)state;
    assert_int_equal(compile_error("  s: {f: x, gone: y}\n  condition: s\n",
                                   "never true on this kind of log: needs field 'gone'"),
                     ERR_UNSUPPORTED);
    assert_int_equal(compile_error("  s: {f|fieldref: gone}\n  condition: s\n",
                                   "never true on this kind of log: needs field 'gone'"),
                     ERR_UNSUPPORTED);
    assert_int_equal(compile_error("  s: {f: x}\n  n: {gone: null}\n  condition: s and not n\n",
                                   "never true on this kind of log: needs field 'gone'"),
                     ERR_UNSUPPORTED);
    assert_int_equal(compile_error("  s: {gone: y}\n  condition: not s\n",
                                   "always true on this kind of log: it never has field 'gone'"),
                     ERR_UNSUPPORTED);
    struct sigma_plan *plan =
        log_plan(&arena, "  s: {f: x}\n  t: {gone: y, lost: z}\n  n: {gone: null}\n"
                         "  condition: (s or t) and n\n");
    const struct str *field;
    assert_int_equal(sigma_missing_fields(plan, &field), 2);
    assert_str(field[0], "gone");
    assert_str(field[1], "lost");
    struct row row = {.value = {STR("x")}};
    log_make_raw(&row);
    assert_true(run(plan, &row));
    sigma_plan_done(plan);
}

static void test_time(void **state)
{
    (void)state;
    static const struct {
        const char *item, *value;
        bool expect;
    } cases[] = {
        {"f|hour: 13", "2021-03-02T13:14:15Z", true},
        {"f|hour: 12", "2021-03-02T13:14:15Z", false},
        {"f|minute|gte: 14", "2021-03-02T13:14:15Z", true},
        {"f|day: 2", "2021-03-02", true},
        {"f|month: 3", "2021-03-02", true},
        {"f|year|lt: 2021", "2021-03-02", false},
        {"f|week: 9", "2021-03-02", true},
        {"f|week: 53", "2021-01-03", true},
        {"f|week: 1", "2021-01-04", true},
        {"f|week: 1", "1970-01-01", true},
        {"f|week: 53", "1965-12-31", false},
        {"f|week: 52", "1965-12-31", true},
        {"f|hour: 5", "2021-03-02", true},
        {"f|hour: 5", "05:06:07", true},
        {"f|hour: 5", "x", true},
        {"timestamp|hour: 5", "x", true},
        {"timestamp|hour: 6", "x", false},
        {"h|hour: 5", "x", false},
    };
    int64_t t;
    assert_true(time_parse(STR("2022-06-07T05:06:07Z"), &t));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char detection[512];
        struct row row = {.value = {str_of(cases[i].value)}, .time_us = t};
        (void)snprintf(detection, sizeof detection, "  s: {%s}\n  condition: s\n", cases[i].item);
        log_make_raw(&row);
        struct sigma_plan *plan = log_plan(&arena, detection);
        if (run(plan, &row) != cases[i].expect)
            fail_msg("%s on %s", cases[i].item, cases[i].value);
        sigma_plan_done(plan);
    }
}

/* Many plain texts are looked up by their first two bytes. */
static void test_long_lists(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_puts(&b, "  s:\n    f|contains:\n");
    for (int i = 0; i < 300; i++)
        buf_printf(&b, "      - 'w%dend'\n", i * 7);
    buf_puts(&b, "      - 'Ü?x'\n      - 'É'\n      - '#'\n  condition: s\n");
    buf_putc(&b, 0);
    assert_true(whole_on(b.p, "xxW14ENDxx", NULL));
    assert_true(whole_on(b.p, "w2093end", NULL));
    assert_true(whole_on(b.p, "-é-", NULL));
    assert_true(whole_on(b.p, "a#", NULL));
    assert_true(whole_on(b.p, "üyx", NULL));
    assert_false(whole_on(b.p, "w15end w14en", NULL));
    assert_false(whole_on(b.p, "", NULL));
    buf_done(&b);
}

static void test_marks(void **state)
{
    (void)state;
    struct row row = {.value = {STR("abcdef"), STR("ghi"), STR_NONE, STR("one"), STR("two")}};
    struct sigma_hit hit;
    log_make_raw(&row);
    struct sigma_subject subject = log_subject(&row);
    struct sigma_plan *plan =
        log_plan(&arena, "  a: {f|contains: CD}\n  b: {g|startswith: g, h: x}\n  u: {u|re: 'w.'}\n"
                         "  n: {g: x}\n  condition: (a and b or a and u) and not n\n");
    assert_true(sigma_eval(plan, &subject, &hit, NULL));
    assert_int_equal(hit.n, 2);
    assert_int_equal(hit.mark[0].view, 0);
    assert_int_equal(hit.mark[0].from, 2);
    assert_int_equal(hit.mark[0].to, 4);
    assert_int_equal(hit.mark[1].view, 4);
    assert_int_equal(hit.mark[1].from, 1);
    assert_int_equal(hit.mark[1].to, 3);
    sigma_plan_done(plan);
}

static void test_regex_limits(void **state)
{
    (void)state;
    static char big[70000];
    memset(big, 'a', sizeof big);
    struct row row = {.value = {str_make(big, 40)}};
    bool limited = true;
    struct sigma_subject subject = log_subject(&row);
    struct sigma_plan *plan = log_plan(&arena, "  s: {f|re: '^(a+)+$'}\n  condition: s\n");
    assert_true(sigma_eval(plan, &subject, NULL, &limited));
    assert_false(limited);
    big[39] = '!';
    assert_false(sigma_eval(plan, &subject, NULL, &limited));
    assert_true(limited);
    row.value[0] = str_make(big, sizeof big);
    assert_false(sigma_eval(plan, &subject, NULL, &limited));
    assert_true(limited);
    sigma_plan_done(plan);
}

/* No exponential backtracking: many stars over a long value that almost matches. */
static void test_wildcards_are_linear(void **state)
{
    (void)state;
    static char big[65536];
    memset(big, 'a', sizeof big);
    struct row row = {.value = {str_make(big, sizeof big)}};
    struct sigma_subject subject = log_subject(&row);
    struct sigma_plan *plan =
        log_plan(&arena, "  s: {f|contains: 'a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab'}\n"
                         "  t: {f: '*?a?a?a*?a?a?a*b?'}\n  condition: s or t\n");
    assert_false(sigma_eval(plan, &subject, NULL, NULL));
    sigma_plan_done(plan);
}

static void anchors_are(const char *detection, const char *expect)
{
    const struct str *lit;
    struct sigma_plan *plan = log_plan(&arena, detection);
    size_t n = sigma_anchors(plan, &lit, NULL);
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_putc(&b, ' ');
        buf_str(&b, lit[i]);
    }
    if (!str_eq(buf_view(&b), str_of(expect)))
        fail_msg("anchors '%.*s', wanted '%s' for\n%s", STR_FMT(buf_view(&b)), expect, detection);
    buf_done(&b);
    sigma_plan_done(plan);
}

static void test_anchors(void **state)
{
    (void)state;
    static const struct {
        const char *item, *anchors;
    } cases[] = {
        {"f: AbC", "abc"},
        {"f|contains: [bb, a, bb]", "a bb"},
        {"f|contains|all: [bb, a, ccc]", "ccc"},
        {"f: 'ab*cde*f'", "cde"},
        {"f: 'a?bcd'", "bcd"},
        {"f: '*'", ""},
        {"f: ''", ""},
        {"f: null", ""},
        {"f: [x, null]", ""},
        {"f: [x, '*']", ""},
        {"f|exists: true", ""},
        {"f: 0200", "200"},
        {"f: -7", "7"},
        {"f: '0200'", "0200"},
        {"f: 1.5", ""},
        {"f|gt: 5", ""},
        {"f|cidr: 10.0.0.0/8", ""},
        {"f|fieldref: g", ""},
        {"f|neq: abc", ""},
        {"f|windash|contains: 'cmd -xyz'", "cmd "},
        {"f|base64offset|contains: foobar", "mb29iyx zm9vymfy zvb2jhc"},
        {"f: 'Éabc'", "abc"},
        {"f: 'É'", ""},
        {"f|cased: 'É'", "é"},
        {"f: 'a–b'", "a–b"},
        {"f|re: 'abc.de'", "abc"},
        {"f|re: 'abc|de'", ""},
        {"f|re: '(abc|de)fg'", "fg"},
        {"f|re: 'abcd?e'", "abc"},
        {"f|re: 'abc+d'", "abc"},
        {"f|re: 'ab[cd]efg'", "efg"},
        {"f|re: 'abc{0,2}d'", "ab"},
        {"f|re: 'a\\.bc'", "a.bc"},
        {"f|re: 'abc\\d'", "abc"},
        {"f|re: '(?i)abc'", ""},
        {"f|re: '(?:ab)cd'", "cd"},
        {"f|re: 'x{a|b}y'", ""},
        {"f|re|i: 'xksyy'", "yy"},
        {"f|re: 'abc(*ACCEPT)|x'", ""},
        {"f|re: 'ab\\Qc\\E'", ""},
        {"f|re: 'ab(?!\\))cde'", "cde"},
        {"f|re: 'a[[:alpha:]]bcd'", ""},
        {"u: abc", "abc ~a~b~c"},
        {"u|contains: [x, yy]", "x yy ~x ~y~y"},
        {"f|expand: '%hosts%'", "alpha be.ta a"},
    };
    for (size_t i = 0; i + 1 < ARRAY_LEN(cases); i++) {
        char detection[512];
        (void)snprintf(detection, sizeof detection, "  s:\n    %s\n  condition: s\n",
                       cases[i].item);
        anchors_are(detection, strcmp(cases[i].anchors, "é") == 0 ? "É" : cases[i].anchors);
    }
    anchors_are("  a: {f: aaa}\n  b: {g: bb}\n  condition: a and b\n", "aaa");
    anchors_are("  a: {f: aaa}\n  b: {g: bb}\n  condition: a or b\n", "aaa bb");
    anchors_are("  a: {f: aaa}\n  b: {g: bb}\n  condition: a and not b\n", "aaa");
    anchors_are("  a: {f: aaa}\n  b: {g: bb}\n  condition: a or not b\n", "");
    anchors_are("  a: {f: aaa, g: '*'}\n  condition: a\n", "aaa");
    anchors_are("  a:\n    - Kw1\n    - 'k*w22'\n  condition: a\n", "kw1 w22");
    anchors_are("  a: {f: aaa}\n  condition: not not a\n", "aaa");
}

static void filter_case(const char *filter, const char *f, bool expect)
{
    struct sigma_rule *rules;
    struct sigma_problem *problems;
    size_t n, bad;
    struct error error;
    struct sigma_plan *plan;
    assert_int_equal(rules_parse(&arena, str_of(filter), STR("f.yml"), &rules, &n, &problems, &bad),
                     OK);
    assert_int_equal(bad, 0);
    const struct sigma_rule *list[] = {rules};
    struct sigma_filter_set set = {list, 1};
    struct row row = {.value = {str_of(f), STR("adm_1")}};
    log_make_raw(&row);
    assert_int_equal(sigma_compile(&arena,
                                   log_rule(&arena, "  selection1: {f|contains: x}\n"
                                                    "  condition: 1 of selection*\n"),
                                   &set, &log_env, &plan, &error),
                     OK);
    assert_int_equal(run(plan, &row), expect);
    sigma_plan_done(plan);
}

#define FILTER(rules, source)                                                                      \
    "title: F\nlogsource: {" source "}\nfilter:\n  rules: " rules "\n"                             \
    "  selection: {g|startswith: adm_}\n  condition: not selection\n"

static void test_filters(void **state)
{
    (void)state;
    filter_case(FILTER("[r1]", "category: c"), "x", false);
    filter_case(FILTER("[R1]", "category: c"), "x", false);
    filter_case(FILTER("[rname]", "product: p"), "x", false);
    filter_case(FILTER("any", "product: p, category: c"), "x", false);
    filter_case(FILTER("[r2]", "category: c"), "x", true);
    filter_case(FILTER("[r1]", "category: other"), "x", true);
    filter_case(FILTER("[r1]", "category: c, service: s"), "x", true);
    /* Were the filter's selection one of "selection*", this would match by it. */
    filter_case("title: F\nlogsource: {category: c}\nfilter:\n  rules: r1\n"
                "  selection: {g: adm_1}\n  condition: selection\n",
                "q", false);
}

static void test_not_rules(void **state)
{
    (void)state;
    struct sigma_rule *rules;
    struct sigma_problem *problems;
    size_t n, bad;
    struct error error;
    struct sigma_plan *plan;
    assert_int_equal(rules_parse(&arena,
                                 STR("title: C\ncorrelation: {type: temporal, rules: [a, b], "
                                     "timespan: 1h}\n"),
                                 STR("c.yml"), &rules, &n, &problems, &bad),
                     OK);
    assert_int_equal(sigma_compile(&arena, rules, NULL, &log_env, &plan, &error), ERR_USAGE);
    assert_string_equal(error.text, "a correlation is no rule for one record");
}

static size_t u2_alone(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    (void)ctx;
    ret_view[0] = 4;
    return str_eq(field, STR("u"));
}

/* u as a path with its query, and the query alone: is there a query? */
static void test_absent_alone(void **state)
{
    (void)state;
    struct sigma_env env = log_env;
    struct row without = {.value = {STR("a"), STR("b"), STR("c"), STR("/p"), STR_NONE}};
    struct row with = {.value = {STR("a"), STR("b"), STR("c"), STR("/p?q"), STR("q")}};
    static const struct {
        const char *item;
        bool without, with;
    } cases[] = {
        {"u: null", true, false},        {"u: ''", true, false},
        {"u: '-'", true, false},         {"u: q", false, true},
        {"u|exists: true", false, true}, {"u|exists: false", true, false},
        {"u: [null, q]", false, true},   {"u|neq: null", false, true},
    };
    env.alone = u2_alone;
    log_make_raw(&without);
    log_make_raw(&with);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char detection[256];
        struct sigma_plan *plan;
        struct error error;
        (void)snprintf(detection, sizeof detection, "  s:\n    %s\n  condition: s\n",
                       cases[i].item);
        assert_int_equal(
            sigma_compile(&arena, log_rule(&arena, detection), NULL, &env, &plan, &error), OK);
        if (run(plan, &without) != cases[i].without || run(plan, &with) != cases[i].with)
            fail_msg("%s", cases[i].item);
        sigma_plan_done(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_case_beyond_ascii),
        cmocka_unit_test(test_wildcards_and_escapes),
        cmocka_unit_test(test_null_and_empty),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_regex),
        cmocka_unit_test(test_windash),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_cidr),
        cmocka_unit_test(test_fieldref),
        cmocka_unit_test(test_expand),
        cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_missing_fields),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_long_lists),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_regex_limits),
        cmocka_unit_test(test_wildcards_are_linear),
        cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_not_rules),
        cmocka_unit_test(test_absent_alone),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
