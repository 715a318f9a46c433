#include "base/time.h"
#include "unit.h"

static int64_t parsed(const char *text)
{
    int64_t us = 0;
    return time_parse(str_of(text), &us) ? us : TIME_NONE;
}

static void reads_instants(void **state)
{
    (void)state;
    assert_true(parsed("1970-01-01") == 0);
    assert_true(parsed("1970-01-01T00:00:01Z") == US_PER_S);
    assert_true(parsed("1969-12-31 23:59:59") == -US_PER_S);
    assert_true(parsed("2021-03-02T01:02:03.456Z") == INT64_C(1614646923456000));
    assert_true(parsed("2021-03-02T01:02:03,4567891Z") == INT64_C(1614646923456789));
    assert_true(parsed("2021-03-02T01:02:03+01:00") == INT64_C(1614643323000000));
    assert_true(parsed("2021-03-02t01:02:03-0130") == INT64_C(1614652323000000));
    assert_true(parsed("2020-02-29") != TIME_NONE);
    assert_true(parsed("2000-02-29") != TIME_NONE);
    assert_true(parsed("2021-12-31T23:59:60Z") == parsed("2022-01-01")); /* a leap second */
}

static void refuses_what_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2021",
        "2021-3-2",
        "2021-00-01",
        "2021-13-01",
        "2021-02-29",
        "1900-02-29",
        "2021-04-31",
        "2021-01-00",
        "1600-12-31",
        "2021-03-02T",
        "2021-03-02T24:00:00",
        "2021-03-02T01:60:00",
        "2021-03-02T01:02",
        "2021-03-02T01:02:61",
        "2021-03-02T01:02:03x",
        "2021-03-02T01:02:03+25:00",
        "2021-03-02T01:02:03+01:60",
        "2021-03-02T01:02:03Z ",
        "2021-03-02x01:02:03",
        "+021-03-02",
        "2021-03-02T01:02:03.Z",
        "2021/03/02",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (parsed(bad[i]) != TIME_NONE)
            fail_msg("'%s' was taken for a time", bad[i]);
}

static void every_day_comes_back(void **state)
{
    (void)state;
    int64_t first = parsed("1601-01-01"), last = parsed("9999-12-31"), n = 0;
    struct civil before = {0};
    for (int64_t t = first; t <= last; t += US_PER_DAY, n++) {
        struct civil c = time_civil(t + US_PER_DAY - 1);
        if (time_of_civil(&c) != t + US_PER_DAY - 1 || c.hour != 23 || c.us != 999999)
            fail_msg("day %d of 1601-01-01 is wrong", (int)n);
        if (c.day != before.day + 1 && c.day != 1)
            fail_msg("a day was skipped before %04d-%02d-%02d", c.year, c.month, c.day);
        before = c;
    }
    assert_int_equal(n, 3067671);
}

static void refuses_parts_out_of_range(void **state)
{
    (void)state;
    const struct civil good = {.year = 2021, .month = 3, .day = 2};
    assert_true(time_of_civil(&good) != TIME_NONE);
    struct civil c = good;
    c.hour = -1;
    assert_true(time_of_civil(&c) == TIME_NONE);
    c = good;
    c.us = 1000000;
    assert_true(time_of_civil(&c) == TIME_NONE);
    c = good;
    c.year = 10000;
    assert_true(time_of_civil(&c) == TIME_NONE);
    c = good;
    c.month = 0;
    assert_true(time_of_civil(&c) == TIME_NONE);
}

static void reads_dates_and_clocks(void **state)
{
    (void)state;
    int64_t us = 0;
    assert_true(time_parse_date(STR("1970-01-02"), &us) && us == US_PER_DAY);
    assert_false(time_parse_date(STR("1970-01-02 "), &us));
    assert_true(time_parse_clock(STR("01:02:03"), &us) && us == 3723 * US_PER_S);
    assert_true(time_parse_clock(STR("00:00:00.5"), &us) && us == US_PER_S / 2);
    assert_false(time_parse_clock(STR("24:00:00"), &us));
    assert_false(time_parse_clock(STR("1:02:03"), &us));
    assert_int_equal(time_month(STR("Jan")), 1);
    assert_int_equal(time_month(STR("dEC")), 12);
    assert_int_equal(time_month(STR("anf")), 0); /* across two names */
    assert_int_equal(time_month(STR("")), 0);
}

static void writes(void **state)
{
    (void)state;
    char out[32];
    int64_t t = INT64_C(1614646923000000);
    assert_string_equal(time_text(t, out), "2021-03-02T01:02:03Z");
    assert_string_equal(time_text(t + 456000, out), "2021-03-02T01:02:03.456Z");
    assert_string_equal(time_text(t + 456789, out), "2021-03-02T01:02:03.456789Z");
    assert_string_equal(time_text(-1, out), "1969-12-31T23:59:59.999999Z");
    assert_string_equal(time_short(t, true, out), "2021-03-02 01:02:03");
    assert_string_equal(time_short(t, false, out), "2021-03-02");
    struct buf b;
    buf_init(&b, 100);
    time_add(&b, t);
    assert_str(buf_view(&b), "2021-03-02T01:02:03Z");
    buf_done(&b);
}

static void hours_round_down(void **state)
{
    (void)state;
    assert_int_equal(time_hour(0), 0);
    assert_int_equal(time_hour(US_PER_HOUR - 1), 0);
    assert_int_equal(time_hour(US_PER_HOUR), 1);
    assert_int_equal(time_hour(-1), -1);
    assert_int_equal(time_hour(-US_PER_HOUR), -1);
    assert_int_equal(time_hour(-US_PER_HOUR - 1), -2);
}

static int number_at(const char *p, size_t n)
{
    int v = 0;
    while (n--)
        v = v * 10 + (*p++ - '0');
    return v;
}

/* Any byte in any place of a time. */
static void every_byte_counts(void **state)
{
    (void)state;
    static const char good[] = "2021-03-11T11:12:13.145Z";
    static const char also[] = "          t        ,   z"; /* or a blank for the T */
    for (size_t at = 0; at < sizeof good - 1; at++)
        for (int byte = 0; byte < 256; byte++) {
            char text[sizeof good];
            int64_t us = TIME_NONE;
            bool digit = ascii_digit((unsigned char)good[at]);
            bool is_digit = ascii_digit((unsigned char)byte);
            memcpy(text, good, sizeof good);
            text[at] = (char)byte;
            if (at == 23 && is_digit)
                continue; /* one more of the fraction */
            struct civil c = {number_at(text, 4),
                              number_at(text + 5, 2),
                              number_at(text + 8, 2),
                              number_at(text + 11, 2),
                              number_at(text + 14, 2),
                              number_at(text + 17, 2),
                              1000 * number_at(text + 20, 3)};
            bool form = digit ? is_digit
                              : text[at] == good[at] || (at == 10 && byte == ' ') ||
                                    (also[at] != ' ' && text[at] == also[at]);
            int64_t want = form ? time_of_civil(&c) : TIME_NONE;
            assert_int_equal(time_parse(str_make(text, sizeof good - 1), &us), want != TIME_NONE);
            assert_true(want == TIME_NONE || us == want);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_instants),         cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(every_day_comes_back),   cmocka_unit_test(refuses_parts_out_of_range),
        cmocka_unit_test(reads_dates_and_clocks), cmocka_unit_test(writes),
        cmocka_unit_test(hours_round_down),       cmocka_unit_test(every_byte_counts),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
