#include "cli/opt.h"
#include "unit.h"

struct values {
    bool json;
    struct str host;
    uint64_t jobs, size;
    struct str_list rules;
    int64_t since;
};
static const struct option_def defs[] = {
    {.name = "json", FLAG(struct values, json), .help = "h"},
    {.name = "host", TEXT(struct values, host), .arg = "NAME", .help = "h"},
    {.name = "jobs", .letter = 'j', NUMBER(struct values, jobs), .arg = "N", .min = 1, .max = 64},
    {.name = "size", SIZE(struct values, size), .arg = "N", .help = "h"},
    {.name = "rules", .letter = 'r', LIST(struct values, rules), .arg = "PATH", .help = "h"},
    {.name = "since", TIME(struct values, since), .arg = "TIME", .help = "h"},
    {0},
};

struct globals {
    bool quiet, help;
};
static const struct option_def global_defs[] = {
    {.name = "quiet", .letter = 'q', FLAG(struct globals, quiet), .help = "h"},
    {.name = "help", .letter = 'h', FLAG(struct globals, help), .help = "h"},
    {0},
};

struct fixture {
    struct arena arena;
    struct values values;
    struct globals globals;
    struct opt_parse parse;
    struct error error;
};

static int setup(void **state)
{
    static struct fixture f;
    f = (struct fixture){0};
    arena_init(&f.arena, 1024 * 1024);
    opt_defaults(defs, &f.values, sizeof f.values);
    f.parse = (struct opt_parse){.set = {{defs, &f.values}, {global_defs, &f.globals}},
                                 .arena = &f.arena};
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    arena_done(&f->arena);
    return 0;
}

#define PARSE(f, ...) opt_parse(&(f)->parse, (char *[]){__VA_ARGS__, NULL}, &(f)->error)
#define REFUSES(f, message, ...)                                                                   \
    do {                                                                                           \
        assert_int_equal(PARSE(f, __VA_ARGS__), ERR_USAGE);                                        \
        assert_string_equal((f)->error.text, message);                                             \
    } while (0)

static char arg_json[] = "--json", arg_jobs[] = "--jobs", arg_4[] = "4", arg_q[] = "-q";

static void nothing_given(void **state)
{
    struct fixture *f = *state;
    char *const none[] = {NULL};
    assert_int_equal(opt_parse(&f->parse, none, &f->error), OK);
    assert_false(f->values.json);
    assert_null(f->values.host.p);
    assert_true(f->values.since == TIME_NONE);
    assert_int_equal(f->parse.operands.n, 0);
    assert_int_equal(f->parse.used, 0);
}

static void long_forms(void **state)
{
    struct fixture *f = *state;
    char host[] = "--host=EX01", since[] = "--since", day[] = "2021-03-02", size[] = "--size=64K",
         path[] = "logs";
    assert_int_equal(PARSE(f, arg_json, host, path, since, day, size, arg_jobs, arg_4), OK);
    assert_true(f->values.json);
    assert_str(f->values.host, "EX01");
    assert_true(f->values.since == INT64_C(1614643200000000));
    assert_int_equal(f->values.size, 65536);
    assert_int_equal(f->values.jobs, 4);
    assert_int_equal(f->parse.operands.n, 1);
    assert_str(f->parse.operands.v[0], "logs");
    assert_int_equal(f->parse.used, 8);
}

static void letters(void **state)
{
    struct fixture *f = *state;
    char glued[] = "-qj8", r[] = "-r", a[] = "a", b[] = "-rb";
    assert_int_equal(PARSE(f, glued, r, a, b), OK);
    assert_true(f->globals.quiet);
    assert_int_equal(f->values.jobs, 8);
    assert_int_equal(f->values.rules.n, 2);
    assert_str(f->values.rules.v[0], "a");
    assert_str(f->values.rules.v[1], "b");
}

static void long_lists(void **state)
{
    struct fixture *f = *state;
    char rule[] = "--rules=x";
    char *argv[101];
    for (size_t i = 0; i < 100; i++)
        argv[i] = rule;
    argv[100] = NULL;
    assert_int_equal(opt_parse(&f->parse, argv, &f->error), OK);
    assert_int_equal(f->values.rules.n, 100);
    for (size_t i = 0; i < 100; i++)
        assert_str(f->values.rules.v[i], "x");
}

static void operands(void **state)
{
    struct fixture *f = *state;
    char dash[] = "-", end[] = "--", empty[] = "";
    assert_int_equal(PARSE(f, dash, empty, end, arg_json, end), OK);
    assert_false(f->values.json);
    assert_int_equal(f->parse.operands.n, 4);
    assert_str(f->parse.operands.v[0], "-");
    assert_str(f->parse.operands.v[1], "");
    assert_str(f->parse.operands.v[2], "--json");
    assert_str(f->parse.operands.v[3], "--");
}

static void stops_at_the_command(void **state)
{
    struct fixture *f = *state;
    char scan[] = "scan";
    f->parse.stop_at_operand = true;
    assert_int_equal(PARSE(f, arg_q, scan, arg_json), OK);
    assert_int_equal(f->parse.used, 1);
    assert_int_equal(f->parse.operands.n, 0);
    assert_true(f->globals.quiet);
    assert_false(f->values.json);
}

static void misspelt(void **state)
{
    struct fixture *f = *state;
    char jsn[] = "--jsn", far[] = "--xyzzy=1", letter[] = "-Z", prefix[] = "--hos";
    REFUSES(f, "unknown option '--jsn'; did you mean '--json'?", jsn);
    REFUSES(f, "unknown option '--hos'; did you mean '--host'?", prefix);
    REFUSES(f, "unknown option '--xyzzy'", far);
    REFUSES(f, "unknown option '-Z'", letter);
}

static void wrong_values(void **state)
{
    struct fixture *f = *state;
    char flag[] = "--json=1", host[] = "--host", empty[] = "--host=", zero[] = "--jobs=0",
         many[] = "-j65", word[] = "-jx", size[] = "--size=16X", huge[] = "--size=99999999999G",
         when[] = "--since=soon", j[] = "-j";
    REFUSES(f, "option '--json' takes no value", flag);
    REFUSES(f, "option '--host' needs a value: --host NAME", host);
    REFUSES(f, "option '--jobs' needs a value: --jobs N", j);
    REFUSES(f, "option '--host': the value is empty", empty);
    REFUSES(f, "option '--jobs': '0' is no number from 1 to 64", zero);
    REFUSES(f, "option '--jobs': '65' is no number from 1 to 64", many);
    REFUSES(f, "option '--jobs': 'x' is no number from 1 to 64", word);
    REFUSES(f, "option '--size': '16X' is no size such as 512, 64K or 2G", size);
    REFUSES(f, "option '--size': '99999999999G' is no size such as 512, 64K or 2G", huge);
    REFUSES(f, "option '--since': 'soon' is no time: write 2021-03-02 or 2021-03-02T01:02:03Z",
            when);
}

static void sizes(void **state)
{
    struct fixture *f = *state;
    char plain[] = "--size=512", mega[] = "--size=3m", bytes[] = "--size=2KB", b[] = "--size=b";
    assert_int_equal(PARSE(f, plain), OK);
    assert_int_equal(f->values.size, 512);
    assert_int_equal(PARSE(f, mega), OK);
    assert_int_equal(f->values.size, 3 * 1024 * 1024);
    assert_int_equal(PARSE(f, bytes), OK);
    assert_int_equal(f->values.size, 2048);
    assert_int_equal(PARSE(f, b), ERR_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_given), TEST(long_forms),   TEST(letters),
        TEST(long_lists),    TEST(operands),     TEST(stops_at_the_command),
        TEST(misspelt),      TEST(wrong_values), TEST(sizes),
    };
    return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
