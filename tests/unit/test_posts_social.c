/* Mastodon, Bluesky, Reddit, Hacker News. */
#include "posts_test.h"

#define STATUS                                                                                     \
    "{\"id\":\"1\",\"created_at\":\"2021-03-02T01:02:03.000Z\",\"content\":\"<p>a<br>b</p>\","     \
    "\"url\":\"https://m.example/@x/1\",\"account\":{\"acct\":\"x@n.example\","                    \
    "\"url\":\"https://n.example/"                                                                 \
    "@x\"},\"language\":\"en\",\"in_reply_to_id\":\"0\",\"reblog\":null}"
#define BOOST                                                                                      \
    "{\"id\":\"2\",\"created_at\":\"2021-03-02T01:02:03.000Z\",\"content\":\"\",\"account\":"      \
    "{\"acct\":\"y\"},\"uri\":\"https://m.example/2\",\"reblog\":{\"content\":\"<p>c</p>\"}}"
#define STATUS_TOLD                                                                                \
    "2021-03-02T01:02:03Z|id=1|source=mastodon|site=n.example|thread=0|author=x@n.example"         \
    "|text=a\nb|url=https://m.example/@x/1|lang=en\n"
#define BOOST_TOLD                                                                                 \
    "2021-03-02T01:02:03ZR|id=2|source=mastodon|site=m.example|author=y|text=c"                    \
    "|url=https://m.example/2\n"

static void mastodon(void **state)
{
    (void)state;
    assert_told("[" STATUS "," BOOST "]", NULL, STATUS_TOLD BOOST_TOLD);
    assert_told(STATUS "\n" BOOST "\n", NULL, STATUS_TOLD BOOST_TOLD);
    assert_told("{\"accounts\":[],\"statuses\":[" BOOST "," STATUS "]}", NULL,
                BOOST_TOLD STATUS_TOLD);
    assert_told(
        "{\"@context\":\"x\",\"id\":\"outbox.json\",\"type\":\"OrderedCollection\","
        "\"orderedItems\":[{\"id\":\"i1\",\"type\":\"Create\",\"actor\":\"https://m.example/x\","
        "\"published\":\"2021-03-02T01:02:03Z\",\"object\":{\"content\":\"<p>o</p>\","
        "\"url\":\"https://m.example/@x/1\"}},{\"id\":\"i2\",\"type\":\"Announce\","
        "\"published\":\"2021-03-02T01:02:03Z\",\"object\":\"https://other\"}]}",
        NULL,
        "2021-03-02T01:02:03Z|id=i1|source=mastodon|site=m.example"
        "|author=https://m.example/x|text=o|url=https://m.example/@x/1\n");
}

#define RECORD                                                                                     \
    "{\"text\":\"t\",\"createdAt\":\"2021-03-02T01:02:03.000Z\",\"reply\":{\"root\":{\"uri\":"     \
    "\"r\"}}}"

static void bluesky(void **state)
{
    (void)state;
    assert_told("{\"feed\":[{\"post\":{\"uri\":\"u\",\"author\":{\"did\":\"d\"},\"record\":" RECORD
                "}},{\"post\":{\"uri\":\"v\",\"record\":" RECORD
                "},\"reason\":{\"$type\":\"x#repost\"}}]}",
                NULL,
                "2021-03-02T01:02:03Z|id=u|source=bluesky|site=bsky.app|thread=r|author=d|text=t\n"
                "2021-03-02T01:02:03ZR|id=v|source=bluesky|site=bsky.app|thread=r|text=t\n");
    assert_told("{\"posts\":[{\"uri\":\"u\",\"record\":" RECORD "}],\"hitsTotal\":1}", NULL,
                "2021-03-02T01:02:03Z|id=u|source=bluesky|site=bsky.app|thread=r|text=t\n");
    assert_told("{\"did\":\"d\",\"time_us\":1614646925000000,\"kind\":\"commit\",\"commit\":"
                "{\"rkey\":\"k\",\"record\":" RECORD "}}\n"
                "{\"did\":\"d\",\"time_us\":1614646925000000,\"kind\":\"commit\",\"commit\":"
                "{\"collection\":\"app.bsky.feed.like\",\"record\":{\"createdAt\":\"\"}}}\n",
                NULL,
                "2021-03-02T01:02:03Z|ingest=2021-03-02T01:02:05Z|id=k|source=bluesky|site=bsky.app"
                "|thread=r|author=d|text=t\n");
}

static void reddit(void **state)
{
    (void)state;
    assert_told(
        "{\"kind\":\"Listing\",\"data\":{\"after\":\"x\",\"children\":[{\"kind\":\"t3\",\"data\":"
        "{\"name\":\"t3_1\",\"subreddit\":\"netsec\",\"created_utc\":1614646923.0,\"author\":\"a\","
        "\"title\":\"T\",\"selftext\":\"s\",\"url\":\"http://u\"}},{\"kind\":\"t3\",\"data\":"
        "{\"name\":\"t3_2\",\"subreddit\":\"netsec\",\"created_utc\":1614646923,\"title\":\"X\","
        "\"crosspost_parent\":\"t3_0\"}}]}}",
        NULL,
        "2021-03-02T01:02:03Z|id=t3_1|source=reddit|site=netsec|author=a|title=T|text=s|url=http://"
        "u\n"
        "2021-03-02T01:02:03ZR|id=t3_2|source=reddit|site=netsec|title=X\n");
    assert_told(
        "{\"id\":\"c1\",\"subreddit\":\"s\",\"created_utc\":\"1614646923\",\"body\":\"b\","
        "\"link_id\":\"t3_1\",\"author\":\"a\"}\n"
        "{\"id\":\"c2\",\"subreddit\":\"s\",\"created_utc\":1614646923,\"body\":\"[deleted]\"}",
        NULL, "2021-03-02T01:02:03Z|id=c1|source=reddit|site=s|thread=t3_1|author=a|text=b\n");
}

static void hn(void **state)
{
    (void)state;
    assert_told("{\"hits\":[{\"objectID\":\"1\",\"created_at_i\":1614646923,\"author\":\"a\","
                "\"title\":null,\"comment_text\":\"x &gt; y\",\"story_id\":5}],\"nbHits\":1}",
                NULL,
                "2021-03-02T01:02:03Z|id=1|source=hn|site=news.ycombinator.com|thread=5|author=a"
                "|text=x > y\n");
    assert_told("{\"by\":\"a\",\"id\":2,\"time\":1614646923,\"type\":\"story\",\"title\":\"T\"}\n"
                "{\"by\":\"a\",\"id\":3,\"time\":1614646923,\"type\":\"comment\",\"text\":\"q\","
                "\"deleted\":true}\n",
                NULL,
                "2021-03-02T01:02:03Z|id=2|source=hn|site=news.ycombinator.com|author=a|title=T\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mastodon),
        cmocka_unit_test(bluesky),
        cmocka_unit_test(reddit),
        cmocka_unit_test(hn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
