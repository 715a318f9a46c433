/* CSV and TSV: columns by their usual names or by the user's map, quotes, damage. */
#include "posts_test.h"

static void usual_names(void **state)
{
    (void)state;
    assert_told(
        "date\tsource\ttitle\tlink\n"
        "2022-04-07\tA feed\tSQL \"Injection\"\thttps://a.example/1\n"
        "\n"
        "2022-04-08 01:02:03\t\ttwo\t\r\n",
        NULL,
        "2022-04-07T00:00:00ZD|site=A feed|title=SQL \"Injection\"|url=https://a.example/1\n"
        "2022-04-08T01:02:03Z|site=in|title=two\n");
    assert_told("Published At,User,Message,Lang,Thread-ID,GUID\n"
                "\"Tue, 02 Mar 2021 01:02:03 GMT\",x,\"a, \"\"b\"\"\nc\",en,t,g",
                NULL,
                "2021-03-02T01:02:03Z|id=g|site=in|thread=t|author=x|text=a, \"b\"\nc|lang=en\n");
    assert_told("\xef\xbb\xbftime;text\n1614646923;a,b\n", NULL,
                "2021-03-02T01:02:03Z|site=in|text=a,b\n");
}

static enum err tell_mapped(const char *map, const char *text)
{
    struct post_options options = {.name = STR("in")};
    struct str wrong;
    assert_true(post_map_parse(str_of(map), &options.map, &wrong));
    return tell_bytes(str_of(text), &options);
}

static void user_map(void **state)
{
    static const char text[] = "reported,cve,seen,kind\n2021-03-02,CVE-1,2021-04-01,poc\n";
    (void)state;
    assert_int_equal(tell_mapped("text=cve,ingest=seen,source=kind", text), OK);
    assert_str(buf_view(&told_buf), "2021-03-02T00:00:00ZD|ingest=2021-04-01T00:00:00Z|source=poc"
                                    "|site=in|text=CVE-1\n");
    assert_int_equal(tell_mapped("text=CVE,time=seen", text), OK);
    assert_str(buf_view(&told_buf), "2021-04-01T00:00:00ZD|source=poc|site=in|text=CVE-1\n");
    assert_int_equal(tell_mapped("text=body", text), ERR_USAGE);
    assert_string_equal(told_error.text,
                        "there is no column 'body'; the columns are: reported, cve, seen, kind");
    assert_int_equal(tell_mapped("text=cve,title=cve", text), ERR_USAGE);
    assert_int_equal(tell_mapped("time=seen", text), ERR_USAGE);
    assert_string_equal(told_error.text, "no column of texts is known: name one, text=COLUMN; the "
                                         "columns are: reported, cve, seen, kind");
}

static void bad_rows(void **state)
{
    (void)state;
    assert_told("time,text\n"
                "2021-03-02,a\n"
                "2021-03-02\n"
                "someday,b\n"
                "2021-03-02,\"c\" d\n"
                "2021-03-02,\"e\n"
                "2021-03-03,\"f\"\n"
                "2021-03-04,g,more,cells\n"
                ",\n",
                NULL,
                "2021-03-02T00:00:00ZD|site=in|text=a\n"
                "gap 23 damaged: a row has too few cells\n"
                "gap 34 bad-time: someday\n"
                "gap 44 damaged: a quote is not closed\n"
                "gap 61 damaged: a quote is not closed\n"
                "2021-03-03T00:00:00ZD|site=in|text=f\n"
                "2021-03-04T00:00:00ZD|site=in|text=g\n"
                "?|site=in\n");
    assert_told("time,text\n2021-03-02,\"never closed", NULL,
                "gap 10 damaged: a quote is not closed\n");
    assert_told("time,text\n2021-03-02,\"closed\"", NULL,
                "2021-03-02T00:00:00ZD|site=in|text=closed\n");
}

/* Rows of any length around the sizes of the window, with line ends in quotes. */
static void long_rows(void **state)
{
    struct post_options options = {.name = STR("in")};
    struct buf b;
    (void)state;
    buf_init(&b, 64 << 20);
    buf_puts(&b, "time,text\n");
    for (int i = 0; i < 300; i++) {
        buf_puts(&b, "2021-03-02,\"");
        for (int k = 0; k < i * 20; k++)
            buf_puts(&b, "a \"\"line\"\"\n");
        buf_puts(&b, "\"\n");
    }
    assert_int_equal(b.rc, OK);
    assert_int_equal(tell_bytes(buf_view(&b), &options), OK);
    assert_int_equal(told_posts, 300);
    assert_int_equal(told_gaps, 0);
    buf_done(&b);
}

/* Each line opens a quote that ends far away: still in proportion to the text. */
static void open_quotes(void **state)
{
    struct post_options options = {.name = STR("in"), .format = STR("csv")};
    struct buf b;
    (void)state;
    buf_init(&b, 64 << 20);
    buf_puts(&b, "time,text\n");
    while (b.n < (12 << 20))
        buf_puts(&b, "\"\"\"\",\"a\n");
    assert_int_equal(tell_bytes(buf_view(&b), &options), OK);
    assert_true(told_gaps > 0);
    buf_done(&b);
}

/* What a cut file still gives is what the whole one gave. */
static void cut_anywhere(void **state)
{
    static const char text[] = "time,text,author\n2021-03-02,\"a\nb\",x\n2021-03-03,c,y\n";
    struct post_options options = {.name = STR("in"), .format = STR("csv")};
    static const char first[] = "2021-03-02T00:00:00ZD|site=in|author=x|text=a\nb\n";
    (void)state;
    for (size_t n = 17; n < sizeof text; n++) {
        assert_int_equal(tell_bytes(str_make(text, n), &options), OK);
        assert_true(told_posts + told_gaps <= 2);
        if (n >= 17 + 18)
            assert_true(str_starts(buf_view(&told_buf), str_of(first)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_names), cmocka_unit_test(user_map),
        cmocka_unit_test(bad_rows),    cmocka_unit_test(long_rows),
        cmocka_unit_test(open_quotes), cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
