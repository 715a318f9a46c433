#include "base/hash.h"
#include "large_report.h"
#include "output/report.h"
#include "output_check.h"

#include <inttypes.h>

static struct str page_of(const struct report *r)
{
    struct sink s;
    buf_reset(&memory.b);
    sink_init(&s, memory_write, &memory);
    assert_int_equal(report_write(report_format_find(STR("html")), &s, r, NULL), OK);
    sink_done(&s);
    return buf_view(&memory.b);
}

/* ---- what a page is, whatever the texts are ---- */

/* Cuts the next tag out of *rest, "" if there is none. Style and script are stepped over. */
static struct str next_tag(struct str *rest)
{
    ptrdiff_t open = str_chr(*rest, '<');
    if (open < 0)
        return STR("");
    *rest = str_sub(*rest, (size_t)open, rest->n);
    ptrdiff_t close = str_chr(*rest, '>');
    assert_true(close > 0);
    struct str tag = str_sub(*rest, 1, (size_t)close);
    *rest = str_sub(*rest, (size_t)close + 1, rest->n);
    for (int i = 0; i < 2; i++) {
        struct str end = i ? STR("</script>") : STR("</style>");
        if (str_eq(tag, str_sub(end, 2, end.n - 1)))
            *rest = str_sub(*rest, (size_t)str_find(*rest, end), rest->n);
    }
    return tag;
}

static struct str tag_name(struct str tag)
{
    size_t n = 0;
    while (n < tag.n && tag.p[n] != ' ' && tag.p[n] != '/' && tag.p[n] != '\n')
        n++;
    return str_sub(tag, 0, n);
}

static bool is_void(struct str name)
{
    static const char *const names[] = {"!DOCTYPE", "meta", "br", "input"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(name, str_of(names[i])))
            return true;
    return false;
}

/* Every element is closed, in order. */
static void assert_nested(struct str page)
{
    struct str open[64], rest = page, tag;
    size_t depth = 0;
    while ((tag = next_tag(&rest)).n) {
        if (tag.p[0] == '/') {
            assert_true(depth > 0);
            if (!str_eq(open[--depth], str_sub(tag, 1, tag.n)))
                fail_msg("<%.*s> is closed by <%.*s>", STR_FMT(open[depth]), STR_FMT(tag));
        } else if (tag.p[tag.n - 1] != '/' && !is_void(tag_name(tag))) {
            assert_true(depth < ARRAY_LEN(open));
            open[depth++] = tag_name(tag);
        }
    }
    assert_int_equal(depth, 0);
}

/* Tags with the names of their attributes: all that a text could change if it were markup. How a
 * step is done is a list with as many items as it has lines. */
static void skeleton(struct buf *b, struct str page)
{
    struct str rest = page, tag;
    while ((tag = next_tag(&rest)).n) {
        bool quoted = false;
        if (str_eq(tag, STR("ul class=\"how\"")))
            rest = str_sub(rest, (size_t)str_find(rest, STR("</ul>")), rest.n);
        buf_putc(b, '<');
        for (size_t i = 0; i < tag.n; i++) {
            quoted ^= tag.p[i] == '"';
            if (!quoted && tag.p[i] != '"')
                buf_putc(b, tag.p[i]);
        }
        assert_false(quoted);
        buf_putc(b, '\n');
    }
}

static void assert_clean(struct str page)
{
    size_t n;
    for (size_t i = 0; i < page.n; i += n) {
        int32_t cp = utf8_next(page, i, &n);
        assert_true(cp >= 0x20 || cp == '\n');
        assert_true(cp != 0x7f && !(cp >= 0x80 && cp < 0xa0));
        assert_false((cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e));
        assert_false((cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff);
    }
    assert_lacks(page, " style=");
    assert_lacks(page, "\nFORGED");
}

static size_t occurs(struct str s, const char *text)
{
    size_t n = 0;
    ptrdiff_t at;
    struct str word = str_of(text);
    for (; (at = str_find(s, word)) >= 0; n++)
        s = str_sub(s, (size_t)at + word.n, s.n);
    return n;
}

/* Links lead into the page, to ATT&CK or to the CVE list. */
static void assert_links(struct str page)
{
    struct str rest = page, tag;
    while ((tag = next_tag(&rest)).n) {
        ptrdiff_t at = str_find(tag, STR("href=\""));
        assert_lacks(tag, "src=");
        if (at < 0)
            continue;
        struct str to = str_sub(tag, (size_t)at + 6, tag.n);
        if (str_starts(to, STR("#")))
            continue;
        assert_true(str_starts(to, STR("https://attack.mitre.org/techniques/T")) ||
                    str_starts(to, STR("https://www.cve.org/CVERecord?id=CVE-")));
        assert_has(tag, "rel=\"noreferrer noopener\"");
    }
}

static void assert_whole(struct str page)
{
    assert_true(str_starts(page, STR("<!DOCTYPE html>\n<html lang=\"en\">")));
    assert_true(str_ends(page, STR("</body></html>\n")));
    assert_nested(page);
    assert_clean(page);
    assert_links(page);
    assert_int_equal(occurs(page, "<script"), 1);
    assert_int_equal(occurs(page, "<style"), 1);
    assert_int_equal(occurs(page, "<h1"), 1);
    assert_int_equal(occurs(page, "<h2"), 8);
    assert_int_equal(occurs(page, "<table"), occurs(page, "<caption"));
}

/* ---- tests ---- */

static void a_report_has_all_of_it(void **state)
{
    static const char *const parts[] = {
        "<title>TLP:AMBER \xc2\xb7 affair \xc2\xb7 tocsin report</title>",
        "<h1>1 of 3 hosts is compromised: <bdi>EX01</bdi>.</h1>",
        "<strong>Isolate now:</strong> <bdi>EX01</bdi>.",
        "A request succeeded before the update on <bdi>EX01</bdi>.",
        "43 of 64 days",
        "by the analyst's decision; the evidence alone says exploited, unconfirmed",
        "ProxyShell and ProxyToken, Microsoft Exchange, 2021: began after the logs",
        "5 days, last sign <time>2021-03-07 22:10:00</time>",
        "310 records, 48.2 MB",
        "HttpProxy\\Ecp</code></td>",
        "<strong>29.7 %</strong>", /* 11 of 37: what is not known stands apart */
        "Nothing is known to be open to 1 further CVE.",
        "<mark>/owa/auth/Xq8.aspx</mark>",
        "203.0.113[.]9",
        "https://attack.mitre.org/techniques/T1505/003",
        "https://www.cve.org/CVERecord?id=CVE-2021-26855",
        "hxxps://www[.]cisa[.]example/aa21-062a",
        "Done by <bdi>analyst one</bdi> on <time>2021-03-10 12:00:00</time>",
        "81.2 %",
        "signal 11 while this part was read",
    };
    (void)state;
    struct report r = sample_report();
    struct str page = page_of(&r);
    assert_whole(page);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        assert_has(page, parts[i]);
    assert_lacks(page, "203.0.113.9");
}

static void hostile_texts_change_no_markup(void **state)
{
    (void)state;
    struct buf plain, got;
    buf_init(&plain, 1 << 24);
    buf_init(&got, 1 << 24);
    struct report r = sample_report();
    sample_report_hostile(&r, STR("plain text"));
    skeleton(&plain, page_of(&r));
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        if (!hostile[i].n)
            continue;
        r = sample_report();
        sample_report_hostile(&r, hostile[i]);
        struct str page = page_of(&r);
        assert_whole(page);
        buf_reset(&got);
        skeleton(&got, page);
        if (!str_eq(buf_view(&got), buf_view(&plain)))
            fail_msg("text %zu changes the markup", i);
    }
    buf_done(&plain);
    buf_done(&got);
}

static void empty_texts_and_empty_reports(void **state)
{
    (void)state;
    struct report r = sample_report();
    sample_report_hostile(&r, STR(""));
    assert_whole(page_of(&r));
    sample_report_hostile(&r, STR_NONE);
    assert_whole(page_of(&r));
    r = (struct report){.version = "0.1.0", .sharing = {.tlp = TLP_RED}, .made_us = TIME_NONE};
    struct str page = page_of(&r);
    assert_whole(page);
    assert_has(page, "<h1>No host was examined.</h1>");
}

static void a_million_findings_are_less_than_3_mb(void **state)
{
    static char text[4096];
    (void)state;
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    for (int i = 0; i < 2; i++) {
        memset(text, i ? 'x' : '"', sizeof text);
        struct report r = large_report(&a, str_make(text, sizeof text));
        struct str page = page_of(&r);
        assert_whole(page);
        assert_in_range(page.n, 100000, 3000000);
        assert_has(page, " of 1,000,000 findings</strong>");
        assert_has(page, "more, not listed here");
    }
    arena_done(&a);
}

static void the_headline_says_the_worst(void **state)
{
    static const struct {
        enum verdict_state a, b;
        const char *says;
    } cases[] = {
        {VERDICT_COMPROMISED, VERDICT_NO_SIGN, "1 of 2 hosts is compromised: <bdi>A</bdi>."},
        {VERDICT_COMPROMISED, VERDICT_COMPROMISED,
         "2 of 2 hosts are compromised: <bdi>A</bdi> and <bdi>B</bdi>."},
        {VERDICT_NO_SIGN, VERDICT_EXPLOITED_UNCONFIRMED,
         "1 of 2 hosts must be treated as compromised: <bdi>B</bdi>."},
        {VERDICT_ATTEMPTED, VERDICT_NOT_ENOUGH_EVIDENCE,
         "1 of 2 hosts was attacked, no break-in seen: <bdi>A</bdi>."},
        {VERDICT_NO_SIGN, VERDICT_NOT_ENOUGH_EVIDENCE,
         "1 of 2 hosts cannot be cleared: <bdi>B</bdi>."},
        {VERDICT_NO_SIGN, VERDICT_NO_SIGN, "2 of 2 hosts: no sign in the logs that were supplied"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct report r = sample_report();
        r.n_judgements = 2;
        r.judgement[0].verdict.host = STR("A");
        r.judgement[1].verdict.host = STR("B");
        r.judgement[0].verdict.state = cases[i].a;
        r.judgement[1].verdict.state = cases[i].b;
        assert_has(page_of(&r), cases[i].says);
    }
}

/* What is open is so as it was last seen; what is fixed has no say in when that was. */
static void open_servers_are_dated(void **state)
{
    struct report r = sample_report();
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        r.exposure[i].state = EXPOSURE_EXPOSED;
        r.exposure[i].seen_us = sample_time(i ? "2021-03-09" : "2021-03-01");
    }
    struct str page = page_of(&r);
    assert_has(page, "; by builds last seen from <time>2021-03-01</time> to "
                     "<time>2021-03-09</time>. <a href=\"#exposure\">");
    r.exposure[1].state = EXPOSURE_FIXED;
    assert_has(page_of(&r), "; by builds last seen on <time>2021-03-01</time>.");
}

/* ---- the page's policy ---- */

static void base64(const unsigned char *p, size_t n, char *out)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) |
                     (i + 2 < n ? p[i + 2] : 0);
        for (int k = 0; k < 4; k++)
            *out++ = i + (size_t)k > n ? '=' : digit[v >> (18 - 6 * k) & 63];
    }
    *out = 0;
}

static void assert_pinned(struct str page, const char *begin, const char *end, const char *rule)
{
    unsigned char digest[SHA256_BYTES];
    char text[64], policy[128];
    ptrdiff_t from = str_find(page, str_of(begin)) + (ptrdiff_t)strlen(begin);
    struct str rest = str_sub(page, (size_t)from, page.n);
    sha256_of(str_sub(rest, 0, (size_t)str_find(rest, str_of(end))), digest);
    base64(digest, sizeof digest, text);
    (void)snprintf(policy, sizeof policy, "%s 'sha256-%s'", rule, text);
    assert_has(page, policy);
}

static void the_policy_names_what_is_embedded(void **state)
{
    (void)state;
    struct report r = sample_report();
    struct str page = page_of(&r);
    assert_pinned(page, "<style>", "</style>", "style-src");
    assert_pinned(page, "<script>", "</script>", "script-src");
    assert_has(page, "default-src 'none'; img-src data:; style-src 'sha256-");
    assert_has(page, "base-uri 'none'; form-action 'none'\"");
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct report r = sample_report();
    size_t whole = page_of(&r).n;
    for (size_t room = 0; room < whole; room += 9973) {
        struct sink s;
        buf_reset(&memory.b);
        memory.room = room;
        memory.failed = false;
        sink_init(&s, memory_write, &memory);
        assert_int_equal(report_write(report_format_find(STR("html")), &s, &r, NULL), ERR_IO);
        sink_done(&s);
    }
    assert_int_equal(memory.calls_after_failure, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_report_has_all_of_it, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_texts_change_no_markup, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_texts_and_empty_reports, setup, teardown),
        cmocka_unit_test_setup_teardown(a_million_findings_are_less_than_3_mb, setup, teardown),
        cmocka_unit_test_setup_teardown(the_headline_says_the_worst, setup, teardown),
        cmocka_unit_test_setup_teardown(open_servers_are_dated, setup, teardown),
        cmocka_unit_test_setup_teardown(the_policy_names_what_is_embedded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_is_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
