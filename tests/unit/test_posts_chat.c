/* Exports of conversations: Discord, Matrix, AIL's feeders. */
#include "posts_test.h"

#include <isa-l/igzip_lib.h>

static void discord(void **state)
{
    (void)state;
    assert_told(
        "{\"guild\":{\"id\":\"1\",\"name\":\"G\",\"iconUrl\":\"\"},"
        "\"channel\":{\"id\":\"2\",\"type\":\"GuildTextChat\",\"category\":\"x\",\"name\":"
        "\"general\"},"
        "\"dateRange\":{\"after\":null},\"messages\":["
        "{\"id\":\"10\",\"type\":\"Default\",\"timestamp\":\"2021-03-02T01:02:03.456+00:00\","
        "\"content\":\"hello\\nyou\",\"author\":{\"id\":\"77\",\"name\":\"n\",\"isBot\":false},"
        "\"embeds\":[{\"title\":\"Page\",\"url\":\"http://"
        "a.example\",\"description\":\"about\"},3],"
        "\"reference\":null},"
        "{\"id\":\"11\",\"type\":\"GuildMemberJoin\",\"timestamp\":\"2021-03-02T01:02:03+00:00\","
        "\"content\":\"Joined the server.\"},"
        "{\"id\":\"12\",\"type\":\"Reply\",\"timestamp\":\"2021-03-02T03:02:03+02:00\","
        "\"content\":\"yes\",\"author\":{\"name\":\"m\"},"
        "\"reference\":{\"messageId\":\"10\",\"channelId\":\"2\"}},"
        "{\"id\":\"13\",\"type\":\"Default\",\"timestamp\":\"2021-03-02T01:02:05+00:00\","
        "\"content\":\"\",\"forwardedMessage\":{\"content\":\"old\"}}],\"messageCount\":4}",
        NULL,
        "2021-03-02T01:02:03.456Z|id=10|source=discord|site=G #general|author=77"
        "|text=hello\nyou\nPage\nabout\nhttp://a.example\n"
        "2021-03-02T01:02:03Z|id=12|source=discord|site=G #general|thread=10|author=m|text=yes\n"
        "2021-03-02T01:02:05ZR|id=13|source=discord|site=G #general|text=old\n");
    assert_told(
        "[{\"ID\": 5, \"Timestamp\": \"2021-03-02 01:02:03\", \"Contents\": \"mine\", "
        "\"Attachments\": \"\"}, {\"ID\": 6, \"Timestamp\": \"never\", \"Contents\": \"x\"}]",
        NULL,
        "2021-03-02T01:02:03Z|id=5|source=discord|site=in|text=mine\n"
        "gap 87 bad-time: never\n");
    assert_told("ID,Timestamp,Contents,Attachments\n7,2021-03-02 01:02:03.456000+00:00,old,\n",
                NULL, "2021-03-02T01:02:03.456Z|id=7|site=in|text=old\n");
}

#define EVENT(id, content)                                                                         \
    "{\"type\":\"m.room.message\",\"sender\":\"@a:b\",\"event_id\":\"" id                          \
    "\",\"origin_server_ts\":1614646923456,\"room_id\":\"!r:b\",\"content\":{" content "}}"
#define HEAD(id, site) "2021-03-02T01:02:03.456Z|id=" id "|source=matrix|site=" site

static void matrix(void **state)
{
    (void)state;
    assert_told(
        "{\"room_name\":\"Room\",\"room_creator\":\"@a:b\",\"exported_by\":\"@c:d\",\"messages\":["
        "{\"type\":\"m.room.create\",\"sender\":\"@a:b\",\"origin_server_ts\":1,\"content\":{}}," //
        EVENT("$1", "\"msgtype\":\"m.text\",\"body\":\"> one\"") ","                              //
        EVENT("$2", "\"msgtype\":\"m.text\",\"body\":\"> <@a:b> q\\n> r\\n\\nanswer\\n> kept\","
                    "\"m.relates_to\":{\"m.in_reply_to\":{\"event_id\":\"$1\"}}") "," //
        EVENT("$3",
              "\"msgtype\":\"m.text\",\"body\":\" * new\",\"m.new_content\":{\"body\":"
              "\"new\"},\"m.relates_to\":{\"rel_type\":\"m.replace\",\"event_id\":\"$1\"}") "," //
        EVENT("$4", "\"msgtype\":\"m.image\",\"body\":\"a.png\"") ","                           //
        EVENT("$5", "\"msgtype\":\"m.text\",\"body\":\"in\",\"m.relates_to\":{\"rel_type\":"
                    "\"m.thread\",\"event_id\":\"$1\",\"is_falling_back\":true,\"m.in_reply_to\":"
                    "{\"event_id\":\"$2\"}}") "]}",
        NULL,
        HEAD("$1", "Room") "|author=@a:b|text=> one\n"                    //
        HEAD("$2", "Room") "|thread=$1|author=@a:b|text=answer\n> kept\n" //
        HEAD("$1", "Room") "|author=@a:b|text=new\n"                      //
        HEAD("$5", "Room") "|thread=$1|author=@a:b|text=in\n");
    assert_told("{\"chunk\":[" EVENT("$1", "\"body\":\"a\"") "],\"start\":\"t1\",\"end\":\"t2\"}",
                NULL, HEAD("$1", "!r:b") "|author=@a:b|text=a\n");
    assert_told("{\"next_batch\":\"s\",\"rooms\":{\"join\":{\"!r:b\":{\"timeline\":{\"events\":[" //
                EVENT("$1", "\"body\":\"a\"") "]}}}}}",
                NULL, HEAD("$1", "!r:b") "|author=@a:b|text=a\n");
    assert_told("[" EVENT("$1", "\"body\":\"a\"") "]", NULL,
                HEAD("$1", "!r:b") "|author=@a:b|text=a\n");
    assert_told(EVENT("$1", "\"body\":\"a\"") "\n" EVENT("$2", "\"body\":\"b\""), NULL,
                HEAD("$1", "!r:b") "|author=@a:b|text=a\n" //
                HEAD("$2", "!r:b") "|author=@a:b|text=b\n");
}

#define AIL(data)                                                                                  \
    "{\"source\":\"feeder\",\"source-uuid\":\"u\",\"default-encoding\":\"UTF-8\",\"meta\":{"       \
    "\"id\":9,"                                                                                    \
    "\"chat\":{\"id\":5,\"name\":\"Chat\",\"subchannel\":{\"id\":1,\"name\":\"sub\"}},"            \
    "\"sender\":{\"id\":7},\"date\":{\"timestamp\":1614646923,\"timezone\":\"UTC\"},"              \
    "\"reply_to\":{\"message_id\":8}},\"data-sha256\":\"00\",\"data\":\"" data "\"}"
#define AIL_TOLD "2021-03-02T01:02:03Z|id=9|source=ail|site=Chat #sub|thread=8|author=7|text="
#define PACKED "H4sIAAAAAAACAyvPL0opVkgrys9VSExLLAIAWUjSjQ8AAAA="

static void ail(void **state)
{
    (void)state;
    assert_told(AIL("plain \\u0416") "\n" AIL(PACKED) "\n", NULL,
                AIL_TOLD "plain \xd0\x96\n" AIL_TOLD "words from afar\n");
    assert_told("[" AIL("a") ",\n" AIL("H4sInot base64!") "]", NULL,
                AIL_TOLD "a\n" AIL_TOLD "H4sInot base64!\n");
    assert_told("{\"source\":\"s\",\"meta\":{},\"data-sha256\":\"0\",\"data\":\"x\"}\n"
                "{\"source\":\"s\",\"meta\":{\"chat\":{\"id\":-100}},\"data\":\"cut\n"
                "{\"source\":\"s\",\"meta\":{\"chat\":{\"id\":-100}},\"data\":\"y\"}\n",
                NULL,
                "?|source=ail|site=s|text=x\n"
                "gap 54 damaged: a string does not end\n"
                "?|source=ail|site=-100|text=y\n");
}

/* 64 MiB of zeros in 64 KiB: read in part, and told. */
static void ail_bomb(void **state)
{
    enum { ROOM = 1 << 20, CHUNK = 1 << 20, CHUNKS = 64 };
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct post_options options = {.name = STR("in")};
    struct isal_zstream z;
    struct buf b;
    unsigned char *packed = malloc(ROOM);
    char *zeros = calloc(1, CHUNK);
    (void)state;
    assert_non_null(packed);
    assert_non_null(zeros);
    isal_deflate_init(&z);
    z.gzip_flag = IGZIP_GZIP;
    z.next_out = packed;
    z.avail_out = ROOM;
    for (int i = 0; i < CHUNKS; i++) {
        z.next_in = (uint8_t *)zeros;
        z.avail_in = CHUNK;
        z.end_of_stream = i == CHUNKS - 1;
        assert_int_equal(isal_deflate(&z), COMP_OK);
    }
    buf_init(&b, 16 << 20);
    buf_puts(&b, "{\"source\":\"s\",\"meta\":{},\"data-sha256\":\"0\",\"data\":\"");
    for (uint32_t i = 0; i + 3 <= z.total_out; i += 3) {
        uint32_t v = (uint32_t)packed[i] << 16 | (uint32_t)packed[i + 1] << 8 | packed[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6)
            buf_putc(&b, letters[v >> shift & 63]);
    }
    buf_puts(&b, "\"}\n");
    assert_int_equal(tell_bytes(buf_view(&b), &options), OK);
    assert_int_equal(told_posts, 1);
    assert_int_equal(told_gaps, 1);
    assert_true(told_buf.n > POSTS_RECORD_BYTES - 100 && told_buf.n < POSTS_RECORD_BYTES + 200);
    buf_done(&b);
    free(packed);
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(discord),
        cmocka_unit_test(matrix),
        cmocka_unit_test(ail),
        cmocka_unit_test(ail_bomb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
