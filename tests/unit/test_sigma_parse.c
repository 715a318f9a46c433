#include "unit.h"

#include "base/buf.h"
#include "dossier/rules.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct arena arena;
static struct sigma_rule *rules;
static struct sigma_problem *problems;
static size_t n_rules, n_problems;

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

static void parse(const char *text)
{
    assert_int_equal(
        rules_parse(&arena, str_of(text), STR("r.yml"), &rules, &n_rules, &problems, &n_problems),
        OK);
}

#define HEAD "title: T\nlogsource: {category: webserver}\n"
#define WITH_A HEAD "detection:\n  a: {f: x}\n  condition: "

/* One broken document with that reason and line. */
static void refused(const char *text, enum err code, uint32_t line, const char *reason)
{
    parse(text);
    if (n_rules != 0 || n_problems != 1)
        fail_msg("%zu rules, %zu problems for:\n%s", n_rules, n_problems, text);
    assert_int_equal(problems[0].code, code);
    assert_str(problems[0].reason, reason);
    assert_int_equal(problems[0].line, line);
}

static void accepted(const char *text)
{
    parse(text);
    if (n_problems)
        fail_msg("line %u: %.*s for:\n%s", problems[0].line, STR_FMT(problems[0].reason), text);
    assert_int_equal(n_rules, 1);
}

static void test_header(void **state)
{
    (void)state;
    accepted("title: Some title\nid: 5d2cf9d8-0000-4c1a-9d3e-000000000000\nname: some_name\n"
             "status: test\nlevel: high\ndescription: D\nauthor: A\ndate: 2024-01-31\n"
             "tags:\n  - attack.t1190\n  - cve.2021-26855\nreferences: [one]\n"
             "falsepositives: Unlikely\n"
             "logsource:\n  category: c\n  product: p\n  service: s\n  definition: d\n"
             "grade: strong\nfold: [a, b]\nrelated:\n  - id: x\n    type: derived\n"
             "detection:\n  s: {f: v}\n  condition: s\n");
    const struct sigma_rule *r = &rules[0];
    assert_int_equal(r->type, SIGMA_DETECTION);
    assert_int_equal(r->line, 1);
    assert_str(r->title, "Some title");
    assert_str(r->name, "some_name");
    assert_str(r->level, "high");
    assert_str(r->category, "c");
    assert_str(r->definition, "d");
    assert_int_equal(r->n_tags, 2);
    assert_str(r->tags[1], "cve.2021-26855");
    assert_int_equal(r->n_falsepositives, 1);
    assert_int_equal(r->n_extra, 2);
    assert_str(sigma_extra(r, "grade"), "strong");
    assert_str(sigma_extra(r, "fold"), "a\nb");
    assert_null(sigma_extra(r, "related").p);
}

static void test_header_is_checked(void **state)
{
    (void)state;
    refused("logsource: {product: p}\ndetection: {a: {f: x}, condition: a}\n", ERR_FORMAT, 1,
            "the rule has no title");
    refused("title: T\ndetection: {a: {f: x}, condition: a}\n", ERR_FORMAT, 1,
            "the rule has no logsource");
    refused("title: T\nlogsource: {definition: x}\ndetection: {a: {f: x}, condition: a}\n",
            ERR_FORMAT, 2, "the logsource needs a category, product or service");
    refused(HEAD, ERR_FORMAT, 1, "the rule has no detection");
    refused(HEAD "detection: {a: {f: x}}\n", ERR_FORMAT, 3, "the rule has no condition");
    refused(HEAD "detection: {condition: a}\n", ERR_FORMAT, 3, "the rule has no selection");
    refused("level: huge\n" HEAD "detection: {a: {f: x}, condition: a}\n", ERR_FORMAT, 1,
            "level 'huge' does not exist");
    refused("status: done\n" HEAD "detection: {a: {f: x}, condition: a}\n", ERR_FORMAT, 1,
            "status 'done' does not exist");
    refused("- a\n", ERR_FORMAT, 1, "not a Sigma rule: the document is no map");
    refused("action: global\n" HEAD, ERR_UNSUPPORTED, 1,
            "'action' collections are not supported: Sigma 2 dropped them");
    refused(
        HEAD "detection: {a: {f: x}, timeframe: 5m, condition: a}\n", ERR_UNSUPPORTED, 3,
        "'timeframe' belongs to aggregations, which Sigma replaced by correlation rules: write it "
        "as 'timespan' there");
}

static void test_documents(void **state)
{
    (void)state;
    parse(WITH_A "a\n---\ntitle: broken\nid: i2\n---\n" WITH_A "not a\n---\n");
    assert_int_equal(n_rules, 2);
    assert_int_equal(n_problems, 1);
    assert_str(problems[0].id, "i2");
    assert_int_equal(problems[0].line, 7);
    assert_int_equal(rules[1].line, 10);
    parse(WITH_A "a\n---\ntitle: [\n");
    assert_int_equal(n_rules, 1);
    assert_int_equal(n_problems, 1);
    assert_int_equal(problems[0].code, ERR_FORMAT);
    assert_str(problems[0].id, "");
}

static void test_condition_grammar(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a",          "not a",           "not not a",   "(a)",    "a and a or not (a or a)",
        "1 of them",  "any of a*",       "all of them", "1 of a", "all of *",
        "[a, not a]", "'( a )and( a )'",
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        char text[512];
        (void)snprintf(text, sizeof text, WITH_A "%s\n", good[i]);
        accepted(text);
    }
}

static void test_condition_errors(void **state)
{
    (void)state;
    static const struct {
        const char *condition;
        enum err code;
        const char *reason;
    } bad[] = {
        {"b", ERR_FORMAT, "the condition names 'b', which is not defined"},
        {"a AND a", ERR_FORMAT, "the condition has 'AND' where 'and' or 'or' was expected"},
        {"NOT a", ERR_FORMAT, "'NOT' in the condition must be written in lower case"},
        {"a a", ERR_FORMAT, "the condition has 'a' where 'and' or 'or' was expected"},
        {"a and", ERR_FORMAT, "the condition ends too early"},
        {"not", ERR_FORMAT, "the condition ends too early"},
        {"(a", ERR_FORMAT, "a bracket in the condition is not closed"},
        {"a)", ERR_FORMAT, "the condition has ')' where 'and' or 'or' was expected"},
        {"()", ERR_FORMAT, "unexpected ')' in the condition"},
        {"and a", ERR_FORMAT, "unexpected 'and' in the condition"},
        {"1 of b*", ERR_FORMAT, "no selection fits 'b*' in the condition"},
        {"1 of", ERR_FORMAT, "'of' in the condition needs a name pattern"},
        {"2 of them", ERR_UNSUPPORTED,
         "'2 of' in the condition: only '1 of', 'any of' and 'all of' exist"},
        {"a + a", ERR_FORMAT, "the condition has an unexpected '+ a'"},
        {"''", ERR_FORMAT, "the condition is empty or no text"},
        {"", ERR_FORMAT, "the condition is empty"},
        {"a | count() by f > 5", ERR_UNSUPPORTED,
         "the condition uses the aggregation '| count() by f > 5', which Sigma replaced by "
         "correlation rules: write a correlation of type event_count with this rule in 'rules', "
         "'group-by' and 'timespan'"},
        {"a | count(f) by g > 5", ERR_UNSUPPORTED,
         "the condition uses the aggregation '| count(f) by g > 5', which Sigma replaced by "
         "correlation rules: write a correlation of type value_count, its field in the "
         "condition, with this rule in 'rules', 'group-by' and 'timespan'"},
        {"a | near b", ERR_UNSUPPORTED,
         "the condition uses the 'near' search '| near b', which Sigma replaced by correlation "
         "rules: write a correlation of type temporal, or temporal_ordered, with this rule in "
         "'rules', 'group-by' and 'timespan'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char text[512];
        (void)snprintf(text, sizeof text, WITH_A "%s\n", bad[i].condition);
        refused(text, bad[i].code, 5, bad[i].reason);
    }
}

static void test_hidden_selections(void **state)
{
    (void)state;
    refused(HEAD "detection:\n  _a: {f: x}\n  condition: 1 of them\n", ERR_FORMAT, 5,
            "no selection fits 'them' in the condition");
    refused(HEAD "detection:\n  _a: {f: x}\n  condition: 1 of *a\n", ERR_FORMAT, 5,
            "no selection fits '*a' in the condition");
    accepted(HEAD "detection:\n  _a: {f: x}\n  condition: 1 of _*\n");
}

static double seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void repeated(const char *head, const char *part, size_t times, const char *tail,
                     enum err code)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_puts(&b, WITH_A);
    buf_puts(&b, head);
    for (size_t i = 0; i < times; i++)
        buf_puts(&b, part);
    buf_puts(&b, tail);
    buf_putc(&b, '\n');
    buf_putc(&b, 0);
    assert_int_equal(b.rc, OK);
    double start = seconds();
    parse(b.p);
    assert_true(seconds() - start < 2.0);
    assert_int_equal(n_problems, code != OK);
    if (code)
        assert_int_equal(problems[0].code, code);
    buf_done(&b);
}

static void test_condition_caps(void **state)
{
    (void)state;
    repeated("", "(", 200000, "a", ERR_LIMIT);
    repeated("", "(", 64, "a))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))", OK);
    repeated("", "not ", 100001, "a", OK);
    repeated("a", " and a", 100000, "", ERR_LIMIT);
    repeated("a", " or a", 9000, "", OK);
    repeated("1 of them", " or 1 of them", 60000, "", ERR_LIMIT);
}

static void item(const char *line, enum err code, const char *reason)
{
    char text[1024];
    (void)snprintf(text, sizeof text, HEAD "detection:\n  a:\n    %s\n  condition: a\n", line);
    if (code)
        refused(text, code, 5, reason);
    else
        accepted(text);
}

static void test_modifiers_known(void **state)
{
    (void)state;
    static const char *const good[] = {
        "f|contains: x",
        "f|startswith: x",
        "f|endswith: x",
        "f|contains|all: [x, y]",
        "f|all: [x, y]",
        "f|exists: true",
        "f|exists: no",
        "f|cased: x",
        "f|contains|cased: x",
        "f|neq: [x, 2]",
        "f|re: x",
        "f|re|i: x",
        "f|re|i|m|s: x",
        "f|re|ignorecase|multiline|dotall: x",
        "f|re|startswith: x",
        "f|windash: '-x'",
        "f|contains|windash|all: ['-x']",
        "f|windash|contains: ['-x']",
        "f|base64: x",
        "f|base64|contains: x",
        "f|base64offset|contains: x",
        "f|wide|base64offset|contains: x",
        "f|utf16|base64: x",
        "f|utf16le: x",
        "f|utf16be: x",
        "f|cidr: 10.0.0.0/8",
        "f|cidr: ['::1/128', 'fe80::/10', 192.0.2.1]",
        "f|cidr|neq: 10.0.0.0/8",
        "f|expand: '%x%'",
        "f|contains|expand: '%x%y'",
        "f|re|expand: '%x%['",
        "f|fieldref: g",
        "f|fieldref|startswith: g",
        "f|fieldref|endswith: g",
        "f|fieldref|contains: g",
        "f|fieldref|neq: g",
        "f|lt: 1",
        "f|lte: 1.5",
        "f|gt: -1",
        "f|gte: '7'",
        "f|minute: 59",
        "f|hour|gte: 22",
        "f|day: 31",
        "f|week: 1",
        "f|month: 12",
        "f|year: 2021",
        "f: null",
        "f: ''",
        "f: [1, x, null]",
        "'|all': [x, y]",
        "'|contains': x",
        "'|re': x",
        "'': x",
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        item(good[i], OK, NULL);
}

static void test_modifiers_refused(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum err code;
        const char *reason;
    } bad[] = {
        {"f|equals: x", ERR_UNSUPPORTED, "unknown modifier 'equals'"},
        {"f|: x", ERR_UNSUPPORTED, "unknown modifier ''"},
        {"f|Contains: x", ERR_UNSUPPORTED, "unknown modifier 'Contains'"},
        {"f|contains|re: x", ERR_FORMAT, "modifier 're' must be the first one"},
        {"f|all|cidr: 10.0.0.0/8", ERR_FORMAT, "modifier 'cidr' must be the first one"},
        {"f|i: x", ERR_FORMAT, "modifier 'i' is for 're' only"},
        {"f|re|cased: x", ERR_FORMAT, "modifier 'cased' cannot be combined with 're'"},
        {"f|re|base64: x", ERR_FORMAT, "modifier 'base64' cannot be combined with 're'"},
        {"f|cidr|contains: 10.0.0.0/8", ERR_FORMAT,
         "modifier 'contains' cannot be combined with 'cidr'"},
        {"f|exists|all: true", ERR_FORMAT, "modifier 'all' cannot be combined with 'exists'"},
        {"f|lt|contains: 1", ERR_FORMAT,
         "modifier 'contains' cannot be combined with 'lt ... gte'"},
        {"f|contains|base64: x", ERR_FORMAT,
         "modifier 'base64' must stand before contains, startswith or endswith"},
        {"f|startswith|endswith: x", ERR_FORMAT,
         "only one of contains, startswith and endswith can be used"},
        {"f|contains|contains: x", ERR_FORMAT,
         "modifier 'contains' stands twice, or beside one that excludes it"},
        {"f|lt|gt: 3", ERR_FORMAT, "modifier 'gt' stands twice, or beside one that excludes it"},
        {"f|base64|base64offset: x", ERR_FORMAT, "base64 and base64offset exclude each other"},
        {"f|base64: 'x*'", ERR_FORMAT,
         "value 'x*' has wildcards, which cannot be encoded in base64"},
        {"f|base64: ''", ERR_FORMAT, "an empty value cannot be encoded in base64"},
        {"f|re: '['", ERR_FORMAT,
         "bad regular expression at byte 1: missing terminating ] for character class"},
        {"f|cidr: 10.0.0.0/33", ERR_FORMAT, "'10.0.0.0/33' is not an IP network in CIDR form"},
        {"f|cidr: host", ERR_FORMAT, "'host' is not an IP network in CIDR form"},
        {"f|lt: many", ERR_FORMAT, "'many' is not a number"},
        {"f|gt: nan", ERR_FORMAT, "'nan' is not a number"},
        {"f|minute: 60", ERR_FORMAT, "'60' is not a number from 0 to 59"},
        {"f|day: 0", ERR_FORMAT, "'0' is not a number from 1 to 31"},
        {"f|exists: maybe", ERR_FORMAT, "'exists' needs true or false, not 'maybe'"},
        {"f|exists: [true, false]", ERR_FORMAT, "'exists' takes one value"},
        {"f|fieldref: 'g*'", ERR_FORMAT, "'g*' is not the name of a field"},
        {"f|contains: null", ERR_FORMAT, "modifier 'contains' cannot be used with null"},
        {"f: []", ERR_FORMAT, "field 'f' has an empty list of values"},
        {"f: {g: x}", ERR_FORMAT, "field 'f' has a map as its value"},
        {"f: [[x]]", ERR_FORMAT, "a value must be text, a number or null"},
        {"'': null", ERR_FORMAT, "a keyword cannot be null"},
        {"'|startswith': x", ERR_FORMAT, "modifier 'startswith' needs a field"},
        {"'|exists': true", ERR_FORMAT, "modifier 'exists' needs a field"},
        {"[]", ERR_FORMAT, "a selection is empty"},
        {"{}", ERR_FORMAT, "a selection is empty"},
        {"- [x]", ERR_FORMAT, "a list in a selection holds a list"},
        {"~", ERR_FORMAT, "selection 'a' is empty"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        item(bad[i].line, bad[i].code, bad[i].reason);
}

static void test_regex_with_hostile_syntax(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_puts(&b, HEAD "detection:\n  a:\n    f|re: '");
    for (int i = 0; i < 1000; i++)
        buf_putc(&b, '(');
    for (int i = 0; i < 1000; i++)
        buf_putc(&b, ')');
    buf_puts(&b, "'\n  condition: a\n");
    buf_putc(&b, 0);
    parse(b.p);
    assert_int_equal(n_problems, 1);
    assert_int_equal(problems[0].code, ERR_FORMAT);
    buf_reset(&b);
    buf_puts(&b, HEAD "detection:\n  a:\n    f|re: '");
    for (int i = 0; i < 9000; i++)
        buf_putc(&b, 'x');
    buf_puts(&b, "'\n  condition: a\n");
    buf_putc(&b, 0);
    parse(b.p);
    assert_int_equal(n_problems, 1);
    assert_int_equal(problems[0].code, ERR_LIMIT);
    buf_done(&b);
}

static void test_correlation(void **state)
{
    (void)state;
    accepted("title: C\nname: c\ncorrelation:\n  type: value_count\n  rules: [r1, r2]\n"
             "  group-by: [ip]\n  timespan: 5m\n  condition: {gte: 10, field: user}\n"
             "  aliases: {ip: {r1: src, r2: client}}\n");
    const struct sigma_correlation *c = rules[0].correlation;
    assert_int_equal(rules[0].type, SIGMA_CORRELATION);
    assert_int_equal(c->type, SIGMA_VALUE_COUNT);
    assert_int_equal(c->n_rules, 2);
    assert_int_equal(c->timespan_us, 300000000);
    assert_int_equal(c->n_bounds, 1);
    assert_int_equal(c->bound[0].op, SIGMA_GTE);
    assert_str(c->fields[0], "user");
    assert_false(c->generate);
    assert_str(sigma_correlation_field(c, 0, STR_NONE, STR("ip")), "src");
    assert_str(sigma_correlation_field(c, 1, STR_NONE, STR("ip")), "client");
    assert_str(sigma_correlation_field(c, 1, STR_NONE, STR("user")), "user");
    accepted("title: C\ngenerate: true\ncorrelation: {type: temporal, rules: [a, b], "
             "timespan: 2d, aliases: {x: {named: f}}}\n");
    c = rules[0].correlation;
    assert_true(c->generate);
    assert_str(sigma_correlation_field(c, 0, STR("named"), STR("x")), "f");
    assert_null(sigma_correlation_field(c, 1, STR("other"), STR("x")).p);
}

static const struct sigma_correlation *with_condition(const char *type, const char *condition)
{
    static char text[512];
    (void)snprintf(
        text, sizeof text,
        "title: C\ncorrelation: {type: %s, rules: [a, b], timespan: 1h, condition: %s}\n", type,
        condition);
    accepted(text);
    return rules[0].correlation;
}

static void test_correlation_conditions(void **state)
{
    (void)state;
    const struct sigma_correlation *c = with_condition("event_count", "{gt: 100, lte: 200}");
    assert_false(sigma_correlation_bounds(c, 100 * 1e6L, 1));
    assert_true(sigma_correlation_bounds(c, 101 * 1e6L, 1));
    assert_true(sigma_correlation_bounds(c, 200 * 1e6L, 1));
    assert_false(sigma_correlation_bounds(c, 201 * 1e6L, 1));
    assert_false(sigma_correlation_grows(c));
    assert_true(sigma_correlation_grows(with_condition("event_count", "{gte: 3}")));
    assert_false(sigma_correlation_grows(with_condition("event_count", "{lt: 3}")));
    assert_false(sigma_correlation_grows(with_condition("value_sum", "{gte: 3, field: f}")));
    c = with_condition("event_count", "{eq: 3}");
    assert_true(sigma_correlation_bounds(c, 3 * 1e6L, 1));
    assert_false(sigma_correlation_bounds(c, 2.5 * 1e6L, 1));
    c = with_condition("event_count", "{neq: 3}");
    assert_false(sigma_correlation_bounds(c, 3 * 1e6L, 1));
    assert_true(sigma_correlation_bounds(c, 4 * 1e6L, 1));
    c = with_condition("temporal", "a and not b");
    assert_true(sigma_correlation_text(c, 1));
    assert_false(sigma_correlation_text(c, 3));
    assert_false(sigma_correlation_grows(c));
    c = with_condition("temporal", "(a or b)");
    assert_true(sigma_correlation_text(c, 2));
    assert_false(sigma_correlation_text(c, 0));
    assert_true(sigma_correlation_grows(c));
    assert_int_equal(with_condition("value_median", "{gt: 1, field: f}")->percentile, 50);
    accepted("title: C\ncorrelation: {type: temporal, timespan: 1h, condition: x and (y or x)}\n");
    assert_int_equal(rules[0].correlation->n_rules, 2);
    assert_str(rules[0].correlation->rules[1], "y");
}

#define CORRELATION "title: C\ncorrelation: {rules: [a, b], timespan: 1h, type: "

static void test_correlation_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
        enum err code;
    } bad[] = {
        {"title: C\ncorrelation: {type: other, rules: [a], timespan: 1h}\n",
         "correlation type 'other' does not exist", ERR_FORMAT},
        {"title: C\ncorrelation: {type: temporal, timespan: 1h}\n",
         "the correlation names no rules", ERR_FORMAT},
        {"title: C\ncorrelation: {type: temporal, rules: [a], timespan: soon}\n",
         "timespan 'soon' is not a number and a unit", ERR_FORMAT},
        {"title: C\ncorrelation: {type: temporal, rules: [a], timespan: 1H}\n",
         "timespan '1H' is not a number and a unit", ERR_FORMAT},
        {"title: C\ncorrelation: {type: temporal, rules: [a], timespan: 0s}\n",
         "timespan '0s' is not a number and a unit", ERR_FORMAT},
        {"title: C\ncorrelation: {type: event_count, rules: [a], timespan: 1h}\n",
         "the correlation has no condition", ERR_FORMAT},
        {CORRELATION "event_count, condition: {above: 3}}\n",
         "'above' is no operator of a correlation", ERR_FORMAT},
        {CORRELATION "event_count, condition: {gte: many}}\n", "'gte' needs a number", ERR_FORMAT},
        {CORRELATION "event_count, condition: {field: f}}\n",
         "the condition compares with no number", ERR_FORMAT},
        {CORRELATION "event_count, condition: a}\n", "a correlation's condition must be a map",
         ERR_FORMAT},
        {CORRELATION "value_count, condition: {gte: 3}}\n",
         "'value_count' needs a field in its condition", ERR_FORMAT},
        {CORRELATION "value_sum, condition: {gte: 3, field: [f, g]}}\n",
         "'value_sum' is about one field", ERR_FORMAT},
        {CORRELATION "value_percentile, condition: {gte: 3, field: f}}\n",
         "'value_percentile' needs a percentile from 0 to 100", ERR_FORMAT},
        {CORRELATION "temporal, condition: a and c}\n",
         "the condition names 'c', which is not defined", ERR_FORMAT},
        {CORRELATION "temporal_ordered, condition: a or b}\n",
         "an order is known for all of the rules, joined by 'and', only", ERR_UNSUPPORTED},
        {CORRELATION "temporal_ordered, condition: a}\n",
         "an order is known for all of the rules, joined by 'and', only", ERR_UNSUPPORTED},
        {CORRELATION "temporal_ordered, condition: {gte: 2}}\n",
         "an order is known for all of the rules, not for a number of them", ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        refused(bad[i].text, bad[i].code, 2, bad[i].reason);
}

static void test_filter(void **state)
{
    (void)state;
    accepted("title: F\nlogsource: {category: webserver}\nfilter:\n  rules: [one, two]\n"
             "  selection: {f: x}\n  condition: not selection\n");
    assert_int_equal(rules[0].type, SIGMA_FILTER);
    refused("title: F\nlogsource: {category: webserver}\nfilter:\n"
            "  selection: {f: x}\n  condition: not selection\n",
            ERR_FORMAT, 4, "the filter names no rules");
}

/* Every rule of a folder tree. */
struct corpus {
    size_t files, rules, problems, compiled, unsupported, anchored;
    double parse_s, compile_s;
};

static size_t one_view(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    (void)ctx;
    (void)field;
    ret_view[0] = 1;
    return 1;
}

static bool long_anchor(void *ctx, uint16_t view, struct str literal, struct str *ret_raw,
                        double *ret_cost)
{
    (void)ctx;
    (void)view;
    *ret_raw = literal;
    *ret_cost = 1e6 / (double)(1 + literal.n * literal.n);
    return literal.n >= 4;
}

static void compile_all(struct corpus *c, const struct sigma_rule *rule, size_t n)
{
    static const struct sigma_env env = {.views = one_view, .anchor = long_anchor};
    for (size_t i = 0; i < n; i++) {
        struct sigma_plan *plan;
        struct error error;
        const struct str *anchor;
        double start = seconds();
        enum err rc = sigma_compile(&arena, &rule[i], NULL, &env, &plan, &error);
        c->compile_s += seconds() - start;
        if (rc) {
            if (rc != ERR_UNSUPPORTED || !strstr(error.text, "placeholder"))
                fail_msg("%.*s: %s", STR_FMT(rule[i].file), error.text);
            c->unsupported++;
            continue;
        }
        c->compiled++;
        c->anchored += sigma_anchors(plan, &anchor, NULL) > 0;
        sigma_plan_done(plan);
    }
}

static void read_file(struct corpus *c, const char *path)
{
    static char text[1 << 20];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text, f);
    (void)fclose(f);
    double start = seconds();
    assert_int_equal(rules_parse(&arena, str_make(text, n), str_of(path), &rules, &n_rules,
                                 &problems, &n_problems),
                     OK);
    c->parse_s += seconds() - start;
    for (size_t i = 0; i < n_problems; i++)
        print_error("%s:%u: %.*s\n", path, problems[i].line, STR_FMT(problems[i].reason));
    c->files++;
    c->rules += n_rules;
    c->problems += n_problems;
    compile_all(c, rules, n_rules);
}

static void walk(struct corpus *c, const char *dir, unsigned depth)
{
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        char path[4096];
        size_t n = strlen(e->d_name);
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (e->d_type == DT_DIR && depth < 16)
            walk(c, path, depth + 1);
        else if (n > 4 && strcmp(e->d_name + n - 4, ".yml") == 0)
            read_file(c, path);
    }
    (void)closedir(d);
}

static void test_public_rules(void **state)
{
    (void)state;
    struct corpus c = {0};
    const char *dir = getenv("TOCSIN_SIGMA_DIR");
    if (!dir) {
        print_message("TOCSIN_SIGMA_DIR names no folder of Sigma rules: skipped\n");
        skip();
        return;
    }
    arena_reset(&arena);
    walk(&c, dir, 0);
    print_message("%zu files, %zu rules, %zu problems; %zu compiled, %zu anchored, %zu need "
                  "placeholders; parse %.3f s, compile %.3f s\n",
                  c.files, c.rules, c.problems, c.compiled, c.anchored, c.unsupported, c.parse_s,
                  c.compile_s);
    assert_true(c.files > 0);
    assert_int_equal(c.problems, 0);
    assert_int_equal(c.rules, c.compiled + c.unsupported);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_header_is_checked),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_condition_grammar),
        cmocka_unit_test(test_condition_errors),
        cmocka_unit_test(test_hidden_selections),
        cmocka_unit_test(test_condition_caps),
        cmocka_unit_test(test_modifiers_known),
        cmocka_unit_test(test_modifiers_refused),
        cmocka_unit_test(test_regex_with_hostile_syntax),
        cmocka_unit_test(test_correlation),
        cmocka_unit_test(test_correlation_conditions),
        cmocka_unit_test(test_correlation_refused),
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_public_rules),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
