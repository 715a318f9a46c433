/* JSON Lines of one shape and of many: a line is read alike whatever stood before it, and lasting
 * posts last until they are settled. */
#include "posts_test.h"

static const char *const lines[] = {
    "{\"id\":\"1\",\"time\":\"2021-03-02T01:02:03Z\",\"text\":\"plain\"}",
    "{\"id\":\"2\",\"time\":\"2021-03-02T23:59:60Z\",\"text\":\"leap\"}",
    "{\"id\":\"3\",\"time\":\"2021-03-02T23:59:61Z\",\"text\":\"no time\"}",
    "{\"id\":\"4\",\"time\":\"2021-03-02T24:00:00Z\",\"text\":\"no time\"}",
    "{\"id\":\"5\",\"time\":\"2021-03-03T01:02:03Z\",\"text\":\"\\u0416\\t\"}",
    "{\"id\":\"6\",\"time\":\"2021-03-03 01:02:03Z\",\"text\":\"blank\"}",
    "{\"id\":\"7\",\"time\":\"2021-03-03T01:02:03.5Z\",\"text\":\"fraction\"}",
    "{\"id\":\"8\",\"time\":\"2021-02-30T01:02:03Z\",\"text\":\"no day\"}",
    "{\"id\":\"9\",\"time\":\"2021-03-02T01:02:03Z\",\"text\":\"quoted \\\"\"}",
    "{\"id\":\"10\",\"time\":\"2021-03-02T01:02:03Z\",\"text\":\"end\\\\\"}",
    "{\"id\":\"11\",\"time\":\"2021-03-02T01:02:03Z\",\"text\":\"cut",
    "{\"id\":\"12\",\"time\":\"2021-03-02T01:02:03Z\",\"text\":\"cut\\",
    "{\"id\":\"13\",\"time\":\"2021-03-02T01:02:03Z\",\"text\":\"more\"} ",
    "{\"id\":\"14\",\"time\":\"2021-03-02T01:02:03Z\",\"text\":\"more\"},",
    "{\"id\":\"15\",\"time\":\"2021-03-02T01:02:03Z\",\"text\":\"a\",\"text\":\"second\"}",
    "{\"text\":\"first\",\"text\":\"second\",\"id\":\"16\",\"who\":\"other\"}",
    "{\"text\":\"one\",\"text\":\"two\",\"id\":\"17\",\"who\":\"x\"}",
    "{\"id\":\"18\",\"author\":\"a\",\"site\":\"s\",\"thread\":\"t\",\"ingest\":\"2021-03-03\"}",
    "{\"id\":\"19\",\"author\":\"\",\"site\":\"\",\"thread\":\"\",\"ingest\":\"\"}",
    "{\"id\":20,\"time\":\"2021-03-02T01:02:03Z\",\"text\":\"number\"}",
    "{ \"id\": \"21\", \"time\": \"2021-03-02T01:02:03Z\", \"text\": \"blanks\" }",
    "{\"id\":\"22\",\"time\":\"2021-03-02T01:02:03Z\",\"a key that is long\":\"\",\"text\":\"x\"}",
    "{\"\":\"23\"}",
    "{}",
    "[]",
    "x",
    "",
};

static struct str read_lines(const char *const *line, size_t n, struct buf *in)
{
    struct post_options options = {.name = STR("in"), .format = STR("jsonl")};
    buf_init(in, 1 << 20);
    for (size_t i = 0; i < n; i++) {
        buf_puts(in, line[i]);
        buf_putc(in, '\n');
    }
    assert_int_equal(tell_bytes(buf_view(in), &options), OK);
    return buf_view(&told_buf);
}

/* What a gap says but for its offset. */
static struct str without_offset(struct str told)
{
    return str_starts(told, STR("gap ")) ? str_sub(told, (size_t)str_chr(told, ':'), told.n) : told;
}

/* `line` behind `before` is what it is alone, however often `before` was seen. */
static void check_pair(const char *before, const char *line)
{
    const char *const many[] = {before, before, line, before, line};
    struct str told, one, parts[5];
    struct buf in, alone[2];
    size_t n = 0;
    for (size_t i = 0; i < 2; i++) {
        buf_init(&alone[i], 4096);
        buf_str(&alone[i], read_lines(i ? &line : &before, 1, &in));
        buf_done(&in);
    }
    told = read_lines(many, 5, &in);
    while (n < 5 && str_cut(&told, '\n', &one) && one.n)
        parts[n++] = one;
    size_t k = 0;
    for (size_t i = 0; i < 5; i++) {
        struct str want = buf_view(&alone[i == 2 || i == 4]);
        if (!want.n)
            continue;
        assert_true(k < n);
        want = str_sub(want, 0, want.n - 1);
        if (!str_eq(without_offset(parts[k]), without_offset(want)))
            fail_msg("'%s' behind '%s': %.*s, alone %.*s", many[i], before, STR_FMT(parts[k]),
                     STR_FMT(want));
        k++;
    }
    assert_int_equal(k, n);
    buf_done(&in);
    buf_done(&alone[0]);
    buf_done(&alone[1]);
}

static void lines_do_not_color_each_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        for (size_t k = 0; k < ARRAY_LEN(lines); k++)
            check_pair(lines[i], lines[k]);
}

/* Keeps the slices of lasting posts, as an intake does. */
struct keeper {
    struct str kept[1 << 14];
    unsigned number[1 << 14];
    size_t n, lasting, settled;
    unsigned posts, stop_at;
};

static void text_no(unsigned i, char text[64])
{
    (void)snprintf(text, 64, "text %u of a post that lasts%s", i, i % 7 ? "" : " \n");
}

static enum err keep(void *ctx, const struct post *post)
{
    struct keeper *k = ctx;
    char want[64];
    unsigned i = k->posts++;
    text_no(i, want);
    assert_true(str_eq(post->text, str_of(want)));
    assert_int_equal(post->lasting, i % 7 != 0); /* what had escapes stands elsewhere */
    if (post->lasting) {
        assert_true(k->n < ARRAY_LEN(k->kept));
        k->kept[k->n] = post->text;
        k->number[k->n++] = i;
        k->lasting++;
    }
    return k->posts == k->stop_at ? ERR_AGAIN : OK;
}

static enum err settle(void *ctx)
{
    struct keeper *k = ctx;
    char want[64];
    for (size_t i = 0; i < k->n; i++) {
        text_no(k->number[i], want);
        assert_true(str_eq(k->kept[i], str_of(want)));
    }
    k->settled += k->n;
    k->n = 0;
    return OK;
}

static enum err keep_all(struct keeper *k)
{
    enum { POSTS = 30000 };
    struct post_options options = {.name = STR("in"), .format = STR("jsonl")};
    struct post_sink sink = {keep, told_gap, k, settle};
    struct stream *s;
    struct buf b;
    uint64_t bytes;
    char text[64];
    int fd = memfd_create("test", MFD_CLOEXEC);
    buf_init(&b, 1 << 24);
    for (unsigned i = 0; i < POSTS; i++) {
        text_no(i, text);
        bool escaped = i % 7 == 0;
        buf_printf(&b, "{\"text\":\"%.*s%s\"}\n", (int)strlen(text) - escaped, text,
                   escaped ? "\\n" : "");
    }
    assert_int_equal(io_write(fd, b.p, b.n), OK);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(stream_open_fd(fd, &s, &told_error), OK);
    enum err rc = posts_read(s, &options, &sink, &bytes, &told_error);
    assert_null(stream_close(s));
    assert_int_equal(close(fd), 0);
    buf_done(&b);
    return rc;
}

static void lasting_posts_last(void **state)
{
    static struct keeper k;
    (void)state;
    assert_int_equal(keep_all(&k), OK);
    assert_int_equal(k.posts, 30000);
    assert_true(k.lasting > 25000);
    assert_int_equal(k.settled, k.lasting);
    k = (struct keeper){.stop_at = 5000};
    assert_int_equal(keep_all(&k), ERR_AGAIN);
    assert_int_equal(k.settled, k.lasting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_do_not_color_each_other),
        cmocka_unit_test(lasting_posts_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
