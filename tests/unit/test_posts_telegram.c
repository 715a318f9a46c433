/* Telegram Desktop's exports, and with them the splitter of long JSON documents. */
#include "posts_test.h"

static void one_chat(void **state)
{
    (void)state;
    assert_told(
        "{\n \"name\": \"Chat \\u0416\",\n \"type\": \"public_supergroup\",\n \"id\": 99,\n"
        " \"messages\": [\n"
        "  {\n   \"id\": 1,\n   \"type\": \"service\",\n   \"date\": \"2021-03-02T01:02:03\",\n"
        "   \"actor_id\": \"user1\",\n   \"action\": \"create_group\",\n   \"text\": \"x\"\n  },\n"
        "  {\n   \"id\": 2,\n   \"type\": \"message\",\n   \"date\": \"2021-03-02T04:02:03\",\n"
        "   \"date_unixtime\": \"1614646923\",\n   \"from\": \"A\",\n   \"from_id\": \"user1\",\n"
        "   \"text\": [\n    \"see \",\n    {\n     \"type\": \"text_link\",\n"
        "     \"text\": \"this\",\n     \"href\": \"http://a.example/\"\n    },\n    \" now\"\n   "
        "],\n"
        "   \"text_entities\": []\n  },\n"
        "  {\n   \"id\": 3,\n   \"type\": \"message\",\n   \"date\": \"2021-03-02T01:02:04\",\n"
        "   \"from\": null,\n   \"forwarded_from\": \"B\",\n   \"reply_to_message_id\": 2,\n"
        "   \"text\": \"plain\\n{[\\\"\"\n  },\n"
        "  {\n   \"id\": 4,\n   \"type\": \"message\",\n   \"date\": \"2021-03-02T01:02:04\",\n"
        "   \"photo\": \"p.jpg\",\n   \"text\": \"\"\n  }\n ]\n}\n",
        NULL,
        "2021-03-02T01:02:03Z|id=2|source=telegram|site=Chat \xd0\x96|author=user1"
        "|text=see this (http://a.example/) now\n"
        "2021-03-02T01:02:04ZR|id=3|source=telegram|site=Chat "
        "\xd0\x96|thread=2|text=plain\n{[\"\n");
}

static void all_chats(void **state)
{
    (void)state;
    assert_told("{\"about\":\"x\",\"personal_information\":{\"user_id\":1,\"name\":\"no\"},"
                "\"chats\":{\"about\":\"y\",\"list\":["
                "{\"name\":\"One\",\"type\":\"private_group\",\"id\":5,\"messages\":["
                "{\"id\":1,\"type\":\"message\",\"date_unixtime\":\"1614646923\",\"text\":\"a\"}]},"
                "{\"type\":\"saved_messages\",\"id\":6,\"messages\":["
                "{\"id\":2,\"type\":\"message\",\"date_unixtime\":\"1614646924\",\"text\":\"b\"}]},"
                "{\"name\":null,\"id\":7,\"messages\":[]}]},"
                "\"left_chats\":{\"list\":[{\"name\":\"Two\",\"messages\":["
                "{\"id\":3,\"type\":\"message\",\"date_unixtime\":\"1614646925\",\"poll\":"
                "{\"question\":\"q?\"},\"text\":\"\"}]}]}}",
                NULL,
                "2021-03-02T01:02:03Z|id=1|source=telegram|site=One|text=a\n"
                "2021-03-02T01:02:04Z|id=2|source=telegram|site=6|text=b\n"
                "2021-03-02T01:02:05Z|id=3|source=telegram|site=Two|text=q?\n");
}

/* n messages, pretty or not; the damage replaces the one numbered `bad`. */
static void export_of(struct buf *b, int n, bool pretty, int bad, const char *damage)
{
    const char *end = pretty ? "\n  }" : "}", *from = pretty ? "\n  {\n   \"id\": " : "{\"id\":";
    buf_puts(b, "{\"name\":\"C\",\"type\":\"x\",\"id\":1,\"messages\":[");
    for (int i = 0; i < n; i++) {
        buf_printf(b, "%s%s%d,%s\"type\":\"message\",\"date_unixtime\":\"%d\",\"from_id\":\"u\"",
                   i ? "," : "", from, i, pretty ? "\n   " : "", 1614646923 + i);
        if (i == bad)
            buf_puts(b, damage);
        else
            buf_printf(b, ",\"text\":[\"m%d\",{\"id\":1,\"text\":\" x\"}]%s", i, end);
    }
    buf_puts(b, pretty ? "\n ]\n}" : "]}");
}

static const char *const damages[] = {
    ",\"text\":\"no quote}",
    ",\"text\":no quote\"}",
    ",\"text\":[\"no bracket\"}",
    ",\"text\":\"no brace\"",
    ",\"text\" \"no colon\"}",
    ",\"text\":\"too many\"]]}}",
    "",
    ",\"text\":\"\n\"}",
    ",\"a\":[{\"id\":1},{\"id\":2},{\"id\":3,\"x\"}]}",
};

static void damaged(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(damages); k++)
        for (int pretty = 0; pretty < 2; pretty++)
            for (int bad = 0; bad < 4; bad++) {
                struct post_options options = {.name = STR("in"), .format = STR("telegram")};
                struct buf b;
                buf_init(&b, 1 << 20);
                export_of(&b, 40, pretty, bad, damages[k]);
                assert_int_equal(tell_bytes(buf_view(&b), &options), OK);
                /* Without a brace the next one seems to be in it: the price of one more. */
                if (told_gaps != 1 || told_posts < 38 || told_posts > 39)
                    fail_msg("%s %d %d: %d posts, %d gaps:\n%.*s", damages[k], pretty, bad,
                             (int)told_posts, (int)told_gaps, STR_FMT(buf_view(&told_buf)));
                buf_done(&b);
            }
}

static void cut_anywhere(void **state)
{
    struct post_options options = {.name = STR("in"), .format = STR("telegram")};
    (void)state;
    for (int pretty = 0; pretty < 2; pretty++) {
        struct buf b;
        size_t last = 0;
        buf_init(&b, 1 << 20);
        export_of(&b, 5, pretty, -1, "");
        for (size_t n = 1; n < b.n; n++) {
            assert_int_equal(tell_bytes(str_sub(buf_view(&b), 0, n), &options), OK);
            if (told_gaps != 1)
                fail_msg("%.*s\n%.*s", (int)n, b.p, STR_FMT(buf_view(&told_buf)));
            assert_true(told_posts >= last);
            last = told_posts;
        }
        assert_int_equal(last, 5);
        buf_done(&b);
    }
}

/* An element that is longer than the window, between two others, and long ones before the array. */
static void long_elements(void **state)
{
    struct post_options options = {.name = STR("in"), .format = STR("telegram")};
    struct buf b;
    (void)state;
    buf_init(&b, 64 << 20);
    buf_puts(&b, "{\"stickers\":\"");
    for (int i = 0; i < 1000 * 1000; i++)
        buf_puts(&b, "base64\\n");
    buf_puts(&b, "\",\"more\":[");
    for (int i = 0; i < 500 * 1000; i++)
        buf_puts(&b, "{\"a\":[1,2.5e3,null]},");
    buf_puts(&b, "0],\"name\":\"C\",\"messages\":[{\"id\":1,\"text\":\"a\"},{\"id\":2,\"text\":\"");
    for (int i = 0; i < 700 * 1000; i++)
        buf_puts(&b, "0123456789");
    buf_puts(&b, "\"},{\"id\":3,\"text\":\"b\"}]}");
    assert_int_equal(b.rc, OK);
    assert_int_equal(tell_bytes(buf_view(&b), &options), OK);
    assert_int_equal(told_posts, 2);
    assert_int_equal(told_gaps, 1);
    buf_done(&b);
}

/* Whatever is repeated for 8 MiB is read in a time that fits its length. */
static void hostile(void **state)
{
    static const char *const units[] = {
        "{\"id\":\"",
        "{\"id\":1,\"type\":",
        "{\"id\":1,\"type\":2,[",
        "[",
        "{\"a\":",
        "\"",
        "\\",
        "{\"id\":1},{",
        "{\"id\":1,\"type\":\"message\",\"a\":\"\\\",",
        "a",
        "1",
        "],[",
        ",",
        " ",
        "{\"id\":1,\"type\":\"\n",
    };
    struct post_options options = {.name = STR("in"), .format = STR("telegram")};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        for (int first = 0; first < 2; first++) {
            struct buf b;
            buf_init(&b, 16 << 20);
            buf_puts(&b, "{\"messages\":[");
            if (first)
                buf_puts(&b, "{\"id\":1,\"type\":\"message\",\"text\":\"a\"},");
            while (b.n < (8 << 20))
                buf_puts(&b, units[i]);
            assert_int_equal(tell_bytes(buf_view(&b), &options), OK);
            buf_done(&b);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_chat),     cmocka_unit_test(all_chats),     cmocka_unit_test(damaged),
        cmocka_unit_test(cut_anywhere), cmocka_unit_test(long_elements), cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
