/* What defenders exchange: STIX, MISP, trackers of extortion groups, JSON Feed. */
#include "posts_test.h"

#include <fcntl.h>
#include <stdio.h>

#define STIX(type, id, more)                                                                       \
    "{\"type\":\"" type "\",\"spec_version\":\"2.1\",\"id\":\"" type "--" id                       \
    "\",\"created\":\"2021-03-02T01:02:03.000Z\"" more "}"
#define BY(who) ",\"created_by_ref\":\"identity--" who "\""

static void stix(void **state)
{
    (void)state;
    assert_told("{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[" //
                STIX("identity", "a", ",\"name\":\"Lab \\u0416\"") ","    //
                STIX("report", "1",
                     BY("a") ",\"name\":\"R\",\"description\":\"D\",\"published\":\"2021-03-01T00:"
                             "00:00Z\","
                             "\"external_references\":[{\"source_name\":\"x\"},{\"url\":\"http://"
                             "u\"}]") "," //
                STIX("note", "2",
                     BY("b") ",\"abstract\":\"A\",\"content\":\"C\",\"authors\":[\"me\"]") "," //
                STIX("indicator", "3", ",\"name\":\"no\"") ","                                 //
                STIX("opinion", "4", ",\"explanation\":\"E\",\"lang\":\"en\"") ","             //
                STIX("report", "5", BY("c") ",\"name\":\"nobody\"") ","                        //
                STIX("report", "6", BY("a") ",\"name\":\"gone\",\"revoked\":true") ","         //
                STIX("identity", "b", ",\"name\":\"Late\"") "]}",
                NULL,
                "2021-03-01T00:00:00Z|id=report--1|source=stix|site=Lab "
                "\xd0\x96|title=R|text=D|url=http://u\n"
                "2021-03-02T01:02:03Z|id=opinion--4|source=stix|site=in|text=E|lang=en\n"
                "2021-03-02T01:02:03Z|id=note--2|source=stix|site=Late|author=me|title=A|text=C\n"
                "2021-03-02T01:02:03Z|id=report--5|source=stix|site=identity--c|title=nobody\n");
    assert_told("{\"more\":false,\"objects\":[" STIX("grouping", "1", ",\"name\":\"g\"") "]}", NULL,
                "2021-03-02T01:02:03Z|id=grouping--1|source=stix|site=in|title=g\n");
    assert_told(
        STIX("vulnerability", "1", ",\"name\":\"CVE-2021-26855\"") "\n" //
        STIX("note", "2", ",\"content\":\"n\"") "\n",
        NULL,
        "2021-03-02T01:02:03Z|id=vulnerability--1|source=stix|site=in|title=CVE-2021-26855\n"
        "2021-03-02T01:02:03Z|id=note--2|source=stix|site=in|text=n\n");
    assert_told("[" STIX("note", "2", ",\"content\":\"n\"") "]", NULL,
                "2021-03-02T01:02:03Z|id=note--2|source=stix|site=in|text=n\n");
}

#define MISP                                                                                       \
    "{\"Event\":{\"uuid\":\"e\",\"info\":\"I\",\"date\":\"2021-03-02\",\"timestamp\":"             \
    "\"1614646923\","                                                                              \
    "\"Orgc\":{\"uuid\":\"o\",\"name\":\"Org\"},\"Tag\":[{\"name\":\"tlp:white\"},"                \
    "{\"name\":\"misp-galaxy:threat-actor=\\\"HAFNIUM\\\"\"}],\"Attribute\":["                     \
    "{\"type\":\"text\",\"value\":\"said\",\"comment\":\"\"},"                                     \
    "{\"type\":\"ip-dst\",\"value\":\"192.0.2.1\",\"comment\":\"c2\"},"                            \
    "{\"type\":\"ip-dst\",\"value\":\"192.0.2.2\",\"comment\":\"c2\"},"                            \
    "{\"type\":\"vulnerability\",\"value\":\"CVE-2021-26855\"}],"                                  \
    "\"Object\":[{\"name\":\"file\",\"comment\":\"dropped\",\"Attribute\":["                       \
    "{\"type\":\"text\",\"value\":\"in it\"}]}],"                                                  \
    "\"EventReport\":[{\"uuid\":\"r\",\"name\":\"N\",\"content\":\"long\","                        \
    "\"timestamp\":\"1614646924\"}]}}"
#define MISP_TOLD                                                                                  \
    "2021-03-02T00:00:00ZD|id=e|source=misp|site=Org|title=I|text=HAFNIUM\nsaid\nc2\n"             \
    "CVE-2021-26855\ndropped\nin it\n"                                                             \
    "2021-03-02T01:02:04Z|id=r|source=misp|site=Org|thread=e|title=N|text=long\n"

static void misp(void **state)
{
    (void)state;
    assert_told(MISP, NULL, MISP_TOLD);
    assert_told("{\"response\":[" MISP "," MISP "]}", NULL, MISP_TOLD MISP_TOLD);
    assert_told("[" MISP ",null," MISP "]", NULL, MISP_TOLD MISP_TOLD);
    assert_told("{\"response\":" MISP "}", NULL, MISP_TOLD);
    assert_told(MISP "\n" MISP "\n", NULL, MISP_TOLD MISP_TOLD);
    assert_told("{\"5a-1\":{\"Orgc\":{\"name\":\"Org\",\"uuid\":\"o\"},\"Tag\":[],\"info\":\"I\","
                "\"date\":\"2021-03-02\",\"analysis\":2,\"timestamp\":1614646923}}",
                NULL, "2021-03-02T00:00:00ZD|source=misp|site=Org|title=I\n");
}

static void ransom(void **state)
{
    (void)state;
    assert_told("[\n  {\n    \"group_name\": \"g1\",\n    \"post_title\": \"A &amp; B\",\n"
                "    \"discovered\": \"2021-03-02 01:02:03.456789\"\n  },\n"
                "  {\n    \"group_name\": \"g2\",\n    \"post_title\": \"\",\n"
                "    \"discovered\": \"2021-03-02\"\n  }\n]\n",
                NULL, "2021-03-02T01:02:03.456789Z|source=ransom|site=g1|title=A &amp; B\n");
    assert_told("{\"victim\":\"v\",\"group\":\"g\",\"discovered\":\"2021-03-02\",\"description\":"
                "\"<p>d</p>\",\"link\":\"http://x.onion/\"}\n",
                NULL,
                "2021-03-02T00:00:00ZD|source=ransom|site=g|title=v|text=d|url=http://x.onion/\n");
}

static void jsonfeed(void **state)
{
    (void)state;
    assert_told("{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"F\","
                "\"home_page_url\":\"http://h\",\"items\":["
                "{\"id\":\"1\",\"title\":\"T\",\"content_html\":\"<p>a <b>b</b></p>\","
                "\"date_published\":\"2021-03-02T01:02:03-01:00\",\"url\":\"http://h/1\"},"
                "{\"id\":2,\"content_text\":\"t\",\"content_html\":\"<i>no</i>\","
                "\"date_modified\":\"2021-03-02T01:02:03Z\",\"author\":{\"name\":\"x\"}},"
                "{\"id\":\"3\",\"title\":\"only\",\"content_html\":null}]}",
                NULL,
                "2021-03-02T02:02:03Z|id=1|source=jsonfeed|site=F|title=T|text=a b|url=http://h/1\n"
                "2021-03-02T01:02:03Z|id=2|source=jsonfeed|site=F|author=x|text=t\n"
                "?|id=3|source=jsonfeed|site=F|title=only\n");
}

/* Public examples beside the tree, where there are any. */
static void real_files(void **state)
{
    static const struct {
        const char *path;
        unsigned posts, gaps;
    } files[] = {
        {"chatter/rss_posts_dev.tsv.gz", 109059, 0},
        {"chatter/kev_dev.tsv", 1053, 0},
    };
    const char *shared = getenv("TOCSIN_SHARED");
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char path[512];
        int fd;
        struct post_options options = {.name = STR("in")};
        (void)snprintf(path, sizeof path, "%s/data/%s", shared ? shared : "", files[i].path);
        fd = shared ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        if (fd < 0) {
            print_message("skipped: no %s beside the tree\n", files[i].path);
            skip();
        }
        assert_int_equal(tell_fd(fd, &options), OK);
        assert_int_equal(told_posts, files[i].posts);
        assert_int_equal(told_gaps, files[i].gaps);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stix),     cmocka_unit_test(misp),       cmocka_unit_test(ransom),
        cmocka_unit_test(jsonfeed), cmocka_unit_test(real_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
