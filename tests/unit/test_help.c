#include "cli/help.h"
#include "unit.h"

struct values {
    struct str text;
};
/* Texts with everything that one of the forms could take for its own. */
static const struct option_def defs[] = {
    {.name = "odd-text",
     .letter = 'o',
     TEXT(struct values, text),
     .arg = "IP|NAME",
     .help = "it's a [bracket], a colon: and a back\\slash"},
    {0},
};
static const struct option_def none[] = {{0}};
static const struct command commands[] = {
    {.name = "one",
     .options = defs,
     .operands = "PATH...",
     .group = "first group",
     .summary = "do one thing",
     .about = "Some words.\n\n.dangerous line\n'quoted' line"},
    {.name = "two words",
     .operands = "",
     .group = "second group",
     .summary = "do two",
     .about = "x"},
};
static const struct tool program = {
    .name = "prog",
    .version = "9.8.7",
    .summary = "a program",
    .about = "It does things.",
    .commands = commands,
    .n_commands = ARRAY_LEN(commands),
    .globals = none,
};

static void has(const struct buf *b, const char *text)
{
    assert_int_equal(b->rc, OK);
    if (str_find(buf_view(b), str_of(text)) < 0)
        fail_msg("'%s' is missing in:\n%.*s", text, STR_FMT(buf_view(b)));
}

static void overview(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64 * 1024);
    help_overview(&b, &program, false);
    has(&b, "prog 9.8.7: a program");
    has(&b, "\nfirst group\n  one");
    has(&b, "do two");
    assert_int_equal(str_chr(buf_view(&b), '\033'), -1);
    help_overview(&b, &program, true);
    has(&b, "\033[1mfirst group\033[0m");
    buf_done(&b);
}

static void one_command(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64 * 1024);
    help_command(&b, &program, &commands[0], false);
    has(&b, "usage: prog one [options] PATH...\n");
    has(&b, "  -o, --odd-text IP|NAME");
    help_command(&b, &program, &commands[1], false);
    has(&b, "usage: prog two words\n");
    buf_done(&b);
}

static void families(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64 * 1024);
    assert_true(help_family(&b, &program, STR("two"), false));
    has(&b, "two words");
    assert_false(help_family(&b, &program, STR("one"), false));
    assert_false(help_family(&b, &program, STR("three"), false));
    buf_done(&b);
}

static void man_page_is_escaped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64 * 1024);
    help_man(&b, &program, NULL);
    has(&b, ".TH PROG 1 ");
    has(&b, "\n\\&.dangerous line\n");
    has(&b, "\n\\&\\(aqquoted\\(aq line\n");
    has(&b, "\\fB\\-\\-odd\\-text\\fR \\fIIP|NAME\\fR");
    has(&b, "back\\eslash");
    buf_reset(&b);
    help_man(&b, &program, &commands[1]);
    has(&b, "prog-two-words \\- do two");
    buf_done(&b);
}

static void completions_are_escaped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64 * 1024);
    complete_bash(&b, &program);
    has(&b, "'one') options=' -o --odd-text'; valued='none|-o|--odd-text' ;;");
    has(&b, "words='one two'");
    buf_reset(&b);
    complete_zsh(&b, &program);
    has(&b,
        "'--odd-text[it'\\''s a \\[bracket\\], a colon\\: and a back\\\\slash]:IP|NAME:_files'");
    buf_reset(&b);
    complete_fish(&b, &program);
    has(&b, "-s o -l odd-text -r -d 'it'\\''s a");
    buf_done(&b);
}

static void json_has_all(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64 * 1024);
    help_json(&b, &program);
    has(&b, "\"name\":\"odd-text\",\"letter\":\"o\",\"kind\":\"text\",\"arg\":\"IP|NAME\"");
    has(&b, "\"synopsis\":\"prog two words\"");
    has(&b, "back\\\\slash");
    buf_done(&b);
}

static void a_small_buffer_is_an_error(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    help_man(&b, &program, NULL);
    assert_int_equal(b.rc, ERR_LIMIT);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overview),
        cmocka_unit_test(one_command),
        cmocka_unit_test(families),
        cmocka_unit_test(man_page_is_escaped),
        cmocka_unit_test(completions_are_escaped),
        cmocka_unit_test(json_has_all),
        cmocka_unit_test(a_small_buffer_is_an_error),
    };
    return cmocka_run_group_tests_name("help", tests, NULL, NULL);
}
