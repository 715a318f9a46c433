/* The table of formats, the map of columns, the window, and tocsin's own JSON Lines. */
#include "posts_test.h"

#include <isa-l/igzip_lib.h>

static void own_lines(void **state)
{
    (void)state;
    assert_told("{\"id\":\"7\",\"time\":\"2021-03-02T01:02:03Z\",\"ingest\":1614646923456,"
                "\"site\":\"a\",\"source\":\"forum\",\"thread\":\"t\",\"author\":\"x\","
                "\"title\":\"T\",\"text\":\"\\u0416 \\\"q\\\"\\n\",\"url\":\"u\",\"lang\":\"ru\","
                "\"repost\":true,\"other\":{\"text\":[1,{}]}}\r\n"
                "\n"
                "  {\"text\" : \"b\" , \"time\" : 1614646923 , \"author\":null,\"id\":12}",
                NULL,
                "2021-03-02T01:02:03ZR|ingest=2021-03-02T01:02:03.456Z|id=7|source=forum|site=a"
                "|thread=t|author=x|title=T|text=\xd0\x96 \"q\"\n|url=u|lang=ru\n"
                "2021-03-02T01:02:03Z|id=12|site=in|text=b\n");
}

static void bad_lines(void **state)
{
    (void)state;
    assert_told("{\"time\":\"2021-03-02\",\"text\":\"a\"}\n"
                "{\"time\":\"2021-03-02\",\"text\":\"cut\n"
                "{\"time\":\"then\",\"text\":\"b\"}\n"
                "{\"time\":\"\",\"text\":\"c\"}\n"
                "[1]\n"
                "{\"text\":nope}\n"
                "{\"text\":\"d\"} x\n"
                "{\"ingest\":{},\"text\":\"e\"}\n"
                "{\"text\":\"f\"}",
                NULL,
                "2021-03-02T00:00:00ZD|site=in|text=a\n"
                "gap 33 damaged: a line is no JSON object\n"
                "gap 66 bad-time: then\n"
                "?|site=in|text=c\n"
                "gap 116 damaged: a line is no JSON object\n"
                "gap 120 damaged: a line is no JSON object\n"
                "gap 134 damaged: a line is no JSON object\n"
                "gap 149 bad-time: {}\n"
                "?|site=in|text=f\n");
}

/* A line of `pad` bytes of text between two short ones. */
static enum err with_long_line(size_t pad)
{
    struct post_options options = {.name = STR("in"), .format = STR("jsonl")};
    struct buf b;
    buf_init(&b, 4 * (size_t)POSTS_RECORD_BYTES);
    buf_puts(&b, "{\"text\":\"a\"}\n{\"id\":\"");
    char *p = buf_reserve(&b, pad);
    assert_non_null(p);
    memset(p, 'x', pad);
    b.n += pad;
    buf_puts(&b, "\"}\n{\"text\":\"b\"}\n");
    enum err rc = tell_bytes(buf_view(&b), &options);
    buf_done(&b);
    return rc;
}

static void long_lines(void **state)
{
    enum { AROUND = 9 }; /* {"id":""} */
    (void)state;
    assert_int_equal(with_long_line(POSTS_RECORD_BYTES - AROUND), OK);
    assert_int_equal(told_posts, 3);
    assert_int_equal(told_gaps, 0);
    assert_int_equal(with_long_line(POSTS_RECORD_BYTES - AROUND + 1), OK);
    assert_str(buf_view(&told_buf),
               "?|site=in|text=a\ngap 13 too-long: a line\n?|site=in|text=b\n");
    assert_int_equal(with_long_line(2 * POSTS_RECORD_BYTES + 77), OK);
    assert_int_equal(told_posts, 2);
}

static void callbacks_stop(void **state)
{
    (void)state;
    struct post_options options = {.name = STR("in")};
    told_stop_at = 2;
    enum err rc = tell_bytes(STR("text,time\na,\nb,\nc,\n"), &options);
    told_stop_at = 0;
    assert_int_equal(rc, ERR_AGAIN);
    assert_int_equal(told_posts, 2);
}

static void maps(void **state)
{
    struct post_map m;
    struct str wrong;
    (void)state;
    assert_true(post_map_parse(STR("time=date, site=source,text=a b"), &m, &wrong));
    assert_str(m.time, "date");
    assert_str(m.site, "source");
    assert_str(m.text, "a b");
    assert_null(m.url.p);
    assert_true(post_map_parse(STR("ingest=i,author=a,thread=t,url=u,id=d,title=h,lang=l,source=s"),
                               &m, &wrong));
    assert_str(m.source, "s");
    static const char *const bad[] = {"time", "tim=a", "time=", "time=a,time=b", "=a", "", "a=b,"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (post_map_parse(str_of(bad[i]), &m, &wrong))
            fail_msg("'%s' is no map", bad[i]);
    assert_false(post_map_parse(STR("time=a,oops=b"), &m, &wrong));
    assert_str(wrong, "oops=b");
}

static void unknown(void **state)
{
    (void)state;
    struct post_options options = {.name = STR("in")};
    assert_int_equal(tell_bytes(STR("Just some words.\nAnd more.\n"), &options), ERR_FORMAT);
    assert_string_equal(told_error.text, "no known format of posts");
    assert_int_equal(tell_bytes(STR("\x7f"
                                    "ELF\x02\x01"),
                                &options),
                     ERR_FORMAT);
    assert_int_equal(tell_bytes(STR(""), &options), OK);
    assert_int_equal(told_posts, 0);
    options.format = STR("nonesuch");
    assert_int_equal(tell_bytes(STR("{\"text\":\"a\"}"), &options), ERR_USAGE);
}

/* The text packed, and the end of that cut off. */
static enum err tell_cut_gzip(struct str text, const char *format)
{
    struct post_options options = {.name = STR("in"), .format = str_of(format)};
    struct isal_zstream z;
    unsigned char *packed = malloc(text.n + 4096);
    assert_non_null(packed);
    isal_deflate_init(&z);
    z.gzip_flag = IGZIP_GZIP;
    z.end_of_stream = 1;
    z.next_in = (uint8_t *)(uintptr_t)text.p;
    z.avail_in = (uint32_t)text.n;
    z.next_out = packed;
    z.avail_out = (uint32_t)text.n + 4096;
    assert_int_equal(isal_deflate(&z), COMP_OK);
    enum err rc = tell_bytes(str_make((const char *)packed, z.total_out / 2), &options);
    free(packed);
    return rc;
}

/* What came before the damage of a packed file is given, then the damage is told. */
static void damaged_stream(void **state)
{
    struct buf lines, document, table;
    unsigned seed = 1;
    (void)state;
    buf_init(&lines, 16 << 20);
    buf_init(&document, 16 << 20);
    buf_init(&table, 16 << 20);
    buf_puts(&document, "{\"name\":\"C\",\"messages\":[{\"id\":0}");
    buf_puts(&table, "text,id\n");
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1103515245u + 12345u;
        buf_printf(&lines, "{\"text\":\"%x\",\"id\":%d}\n", seed, i);
        buf_printf(&document, ",{\"id\":%d,\"type\":\"message\",\"text\":\"%x\"}", i, seed);
        buf_printf(&table, "\"%x\",%d\n", seed, i);
    }
    buf_puts(&document, "]}");
    const struct {
        struct str text;
        const char *format;
    } all[] = {
        {buf_view(&lines), "jsonl"}, {buf_view(&document), "telegram"}, {buf_view(&table), "csv"}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        enum err rc = tell_cut_gzip(all[i].text, all[i].format);
        if (rc >= 0 || told_posts < 5000 || told_posts > 15000 || told_gaps > 1)
            fail_msg("%s: %s, %d posts, %d gaps", all[i].format, err_name(rc), (int)told_posts,
                     (int)told_gaps);
        assert_true(told_error.text[0] != 0);
    }
    buf_done(&lines);
    buf_done(&document);
    buf_done(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_lines),      cmocka_unit_test(bad_lines),
        cmocka_unit_test(long_lines),     cmocka_unit_test(callbacks_stop),
        cmocka_unit_test(damaged_stream), cmocka_unit_test(maps),
        cmocka_unit_test(unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
