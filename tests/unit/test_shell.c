/* Constants, origins and limits of the recogniser of web shells. Texts are cut down: what they
 * would do is nothing, and the names that run things are put together here only. */
#include "base/buf.h"
#include "dossier/shell_policy.h"
#include "unit.h"

static struct arena policy, arena;
static struct shell *shell;
#define RUNS                                                                                       \
    "ev"                                                                                           \
    "al"

static int setup(void **state)
{
    struct error error;
    (void)state;
    arena_init(&policy, 16 << 20);
    arena_init(&arena, 128 << 20);
    return shell_policy_load(&policy, &shell, &error);
}

static int teardown(void **state)
{
    (void)state;
    shell_free(shell);
    arena_done(&arena);
    arena_done(&policy);
    return 0;
}

static struct shell_report judge(const char *name, struct str text)
{
    struct shell_report r;
    arena_reset(&arena);
    assert_int_equal(shell_judge(shell, str_of(name), text, &arena, &r), OK);
    return r;
}

static const struct shell_reason *reason(const struct shell_report *r, const char *id)
{
    for (size_t i = 0; i < r->n_reasons; i++)
        if (str_eq(r->reason[i].id, str_of(id)))
            return &r->reason[i];
    return NULL;
}

static void points_at_the_place(void **state)
{
    (void)state;
    struct str text = STR("<p>\n<?php /* x */ " RUNS "/**/($_POST['k']); ?>");
    struct shell_report r = judge("a.php", text);
    assert_int_equal(r.tier, SHELL_CERTAIN);
    assert_str(r.rule, "one-liner");
    assert_str(r.language, "php");
    assert_non_null(reason(&r, "comment-splits-call"));
    const struct shell_reason *e = reason(&r, "request-to-eval");
    assert_non_null(e);
    assert_str(str_sub(text, e->offset, e->offset + e->length), RUNS);
}

static void comments_and_strings_are_none(void **state)
{
    (void)state;
    assert_int_equal(judge("a.php", STR("<?php // " RUNS "($_POST['k']);\n echo 1;")).tier,
                     SHELL_NONE);
    assert_int_equal(judge("a.php", STR("<?php $x = '" RUNS "($_POST[1])';")).tier, SHELL_NONE);
    assert_int_equal(judge("a.md", STR("`" RUNS "($_POST[1])`")).tier, SHELL_NONE);
    assert_int_equal(judge("a.php", STR("<?php " RUNS "($x = (int)$_GET['i']);")).tier, SHELL_NONE);
}

static void follows_values(void **state)
{
    (void)state;
    static const struct str text[] = {
        STR("<?php function f($a, $b) { return g($b); } function g($c) { " RUNS
            "($c); } f(1, $_GET['x']);"),
        STR("<?php $a = array('x' => $_POST['y']); foreach ($a as $k => $v) { $z[] = $v; } " RUNS
            "($z[0]);"),
        STR("<?php class A { private $m; function __construct($m) { $this->m = $m; } function go() "
            "{ " RUNS "($this->m); } } $a = new A($_COOKIE['c']); $a->go();"),
        STR("<?php if ($x) { $c = $_GET['c']; } else { $c = 'ls'; } " RUNS "($c);"),
        STR("<?php $f = fn($x) => " RUNS "($x); $f($_REQUEST['q']);"),
    };
    for (size_t i = 0; i < ARRAY_LEN(text); i++) {
        struct shell_report r = judge("a.php", text[i]);
        if (!reason(&r, "request-to-eval"))
            fail_msg("text %zu: %.*s", i, STR_FMT(text[i]));
    }
}

static void reads_the_export(void **state)
{
    (void)state;
    struct shell_report r = judge(
        "x.aspx",
        STR("Name                            : OAB\r\n"
            "ExtendedProtectionTokenChecking : None\r\n"
            "AdminDisplayVersion             : Version 15.1 (Build 1979.3)\r\n"
            "Server                          : MAIL1\r\n"
            "InternalUrl                     : https://mail.example/OAB\r\n"
            "InternalAuthenticationMethods   : WindowsIntegrated\r\n"
            "ExternalUrl                     : http://f/<script runat=\"server\"></script>\r\n"
            "Guid                            : 2c5fd9d5-8d5b-4a0e-9d61-30e0b3d0f0a1\r\n"
            "WhenChangedUTC                  : 3/3/2021 12:12:15 PM\r\n"
            "WhenCreatedUTC                  : 25.12.2018 08:00:01\r\n"));
    assert_int_equal(r.tier, SHELL_CERTAIN);
    assert_true(r.dump.there && r.dump.script);
    assert_str(r.dump.server, "MAIL1");
    assert_str(r.dump.admin_display_version, "Version 15.1 (Build 1979.3)");
    assert_str(r.dump.guid, "2c5fd9d5-8d5b-4a0e-9d61-30e0b3d0f0a1");
    assert_str(r.dump.internal_url, "https://mail.example/OAB");
    assert_int_equal(r.dump.when_changed_us, INT64_C(1614773535) * US_PER_S);
    assert_int_equal(r.dump.when_created_us, INT64_C(1545724801) * US_PER_S);
}

static void no_export_no_dates(void **state)
{
    (void)state;
    struct shell_report r = judge("x.txt", STR("ExternalUrl : http://f/"));
    assert_false(r.dump.there);
    assert_int_equal(r.dump.when_changed_us, TIME_NONE);
    assert_int_equal(r.tier, SHELL_NONE);
}

static void deep_and_long_input_ends(void **state)
{
    (void)state;
    static const char *const piece[] = {
        "((((", "$a=[",   "{\"$a{$b", "<%",   "function f($a){", "<script runat=server>", "'.'",
        "f(g(", "<?php ", "${$",      "a?b:", "<x:scriptlet>"};
    for (size_t i = 0; i < ARRAY_LEN(piece); i++) {
        struct buf b;
        buf_init(&b, 8 << 20);
        buf_puts(&b, "<?php ");
        while (b.n < 400000)
            buf_puts(&b, piece[i]);
        struct shell_report r = judge("a.php", buf_view(&b));
        assert_true(r.tier <= SHELL_LIKELY);
        buf_done(&b);
    }
}

static void limits_are_told(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, SHELL_MAX_TEXT_BYTES + 4096);
    while (b.n <= SHELL_MAX_TEXT_BYTES)
        buf_puts(&b, "plain text, no script at all; ");
    assert_true(judge("a.txt", buf_view(&b)).cut);
    buf_done(&b);
    assert_false(judge("a.txt", STR("plain")).cut);
}

static void policy_errors_name_the_line(void **state)
{
    struct node id = {.text = STR("x"), .line = 7},
                feature = {.type = NODE_MAP, .line = 7, .n = 1, .item = &id},
                list = {.type = NODE_LIST, .n = 1, .item = &feature};
    struct str id_key = STR("id"), key = STR("features");
    struct node doc = {.type = NODE_MAP, .n = 1, .key = &key, .item = &list};
    struct shell *s;
    struct error error;
    (void)state;
    feature.key = &id_key;
    assert_int_equal(shell_new(&arena, &doc, &s, &error), ERR_FORMAT);
    assert_int_equal(error.offset, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_at_the_place), cmocka_unit_test(comments_and_strings_are_none),
        cmocka_unit_test(follows_values),      cmocka_unit_test(reads_the_export),
        cmocka_unit_test(no_export_no_dates),  cmocka_unit_test(deep_and_long_input_ends),
        cmocka_unit_test(limits_are_told),     cmocka_unit_test(policy_errors_name_the_line),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
