#include "codec/posts_priv.h"
#include "unit.h"

#include <stdlib.h>

/* What a text means, as RFC 3339; "D" behind it: a day. "-": no time. */
static const struct {
    const char *text, *want;
} samples[] = {
    {"2021-03-02T01:02:03Z", "2021-03-02T01:02:03Z"},
    {"2021-03-02T01:02:03.456789+01:00", "2021-03-02T00:02:03.456789Z"},
    {"2021-03-02 01:02:03", "2021-03-02T01:02:03Z"},
    {"2021-03-02T01:02:03+0100", "2021-03-02T00:02:03Z"},
    {"2021-03-02", "2021-03-02T00:00:00Z D"},
    {"2021-03-02T01:02Z", "2021-03-02T01:02:00Z"},
    {"2021-03-02T01:02+05", "2021-03-01T20:02:00Z"},
    {"2021-03-02 01:02:03 UTC", "2021-03-02T01:02:03Z"},
    {"2021-03-02 01:02:03 +0300", "2021-03-01T22:02:03Z"},
    {"2021/03/02 01:02", "2021-03-02T01:02:00Z"},
    {"2021/3/2", "2021-03-02T00:00:00Z D"},
    {" 2021-03-02T01:02:03Z\n", "2021-03-02T01:02:03Z"},
    {"Tue, 02 Mar 2021 01:02:03 GMT", "2021-03-02T01:02:03Z"},
    {"Tue, 2 Mar 2021 01:02:03 +0200", "2021-03-01T23:02:03Z"},
    {"Tue, 2 Mar 21 01:02 EST", "2021-03-02T06:02:00Z"},
    {"2 Mar 2021 01:02:03", "2021-03-02T01:02:03Z"},
    {"Tuesday, 02-Mar-21 01:02:03 GMT", "2021-03-02T01:02:03Z"},
    {"02-Mar-2021 01:02 -0500", "2021-03-02T06:02:00Z"},
    {"Tue Mar  2 01:02:03 2021", "2021-03-02T01:02:03Z"},
    {"Tue Mar 02 01:02:03 +0000 2021", "2021-03-02T01:02:03Z"},
    {"Tue, 02 Mar 2021 01:02:03 +0000 (UTC)", "2021-03-02T01:02:03Z"},
    {"Tue, 02 March 2021 1:02:03 -0800", "2021-03-02T09:02:03Z"},
    {"March 2, 2021 1:02 PM", "2021-03-02T13:02:00Z"},
    {"Mar. 2nd, 2021 at 12:05 am", "2021-03-02T00:05:00Z"},
    {"02 Mar 2021", "2021-03-02T00:00:00Z D"},
    {"2 Mar 99 00:00 UT", "1999-03-02T00:00:00Z"},
    {"1614646923", "2021-03-02T01:02:03Z"},
    {"1614646923.5", "2021-03-02T01:02:03.500Z"},
    {"1614646923456", "2021-03-02T01:02:03.456Z"},
    {"1614646923456789", "2021-03-02T01:02:03.456789Z"},
    {"1614646923000000000", "2021-03-02T01:02:03Z"},
    {"20210302", "2021-03-02T00:00:00Z D"},
    {"20210302010203", "2021-03-02T01:02:03Z"},
    {"02/03/2021", "-"},
    {"yesterday", "-"},
    {"", "-"},
    {"Tue, 32 Mar 2021 01:02:03 GMT", "-"},
    {"Tue, 02 Mar 2021 25:02:03 GMT", "-"},
    {"Tue, 02 Mar 2021 13:02 PM", "-"},
    {"2021-13-02", "-"},
    {"-1614646923", "-"},
    {"0", "-"},
    {"Mar 2021", "-"},
};

static void dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        char text[40] = "-";
        int64_t us;
        bool day = false;
        if (post_time(str_of(samples[i].text), &us, &day))
            (void)time_text(us, text);
        if (day)
            memcpy(text + strlen(text), " D", 3);
        if (strcmp(text, samples[i].want) != 0)
            fail_msg("'%s' is '%s', wanted '%s'", samples[i].text, text, samples[i].want);
    }
}

/* Any part of a date is one or none, and nothing is read behind its end. */
static void cut_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        for (size_t n = strlen(samples[i].text); n-- > 0;) {
            char *copy = malloc(n + 1);
            int64_t us;
            bool day;
            assert_non_null(copy);
            memcpy(copy, samples[i].text, n);
            (void)post_time(str_make(copy, n), &us, &day);
            free(copy);
        }
}

static void markup(void **state)
{
    (void)state;
    static const char *const of[][2] = {
        {"plain", "plain"},
        {"<p>One</p><p>two &amp; <b>three</b></p>", "One\ntwo & three"},
        {"a<br/>b<br>c", "a\nb\nc"},
        {"1 < 2 &lt; 3 & 4 &unknown; &#x26; &#1071;", "1 < 2 < 3 & 4 &unknown; & \xd0\xaf"},
        {"x<script>var a = '<p>';</script>y<style>p{}", "xy"},
        {"<!-- no -->yes<!-- no", "yes"},
        {"CVE-<wbr>2021-26855", "CVE-2021-26855"},
        {"cut <a href=\"x", "cut <a href=\"x"},
        {"&#0;&#xffffffff;&#xd800;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(of); i++)
        assert_str(post_html(&arena, str_of(of[i][0])), of[i][1]);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates),
        cmocka_unit_test(cut_dates),
        cmocka_unit_test(markup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
