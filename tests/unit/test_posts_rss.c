/* Feeds as they are found: RSS 2.0, RSS 1.0, Atom, and what is wrong with them. */
#include "posts_test.h"

static void rss2(void **state)
{
    (void)state;
    assert_told(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
        "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" "
        "xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel>"
        "<title>Notes &amp; News</title><link>https://feed.example/blog/</link>"
        "<atom:link href=\"https://feed.example/self\" rel=\"self\"/>"
        "<description>About</description><language>en-us</language>"
        "<image><title>Logo</title><url>x</url><link>y</link></image>"
        "<item><title>One &lt;b&gt;bold&lt;/b&gt;</title><link>https://feed.example/1</link>"
        "<guid isPermaLink=\"false\">g1</guid><dc:creator>Ann</dc:creator>"
        "<pubDate>Tue, 02 Mar 2021 10:00:00 +0100</pubDate>"
        "<description>short</description>"
        "<content:encoded><![CDATA[<p>Long &amp; <i>full</i></p><p>Two</p>]]></content:encoded>"
        "</item>\n<item><description>only text</description><guid>https://feed.example/2</guid>"
        "<author>mail@feed.example (Ben B)</author><pubDate>2 Mar 21 09:00 EST</pubDate></item>"
        "<item><category>nothing to say</category></item>"
        "</channel></rss>",
        NULL,
        "2021-03-02T09:00:00Z|id=g1|source=rss|site=Notes & News|author=Ann|title=One bold"
        "|text=Long & full\n\nTwo|url=https://feed.example/1|lang=en-us\n"
        "2021-03-02T14:00:00Z|id=https://feed.example/2|source=rss|site=Notes & News|author=Ben B"
        "|text=only text|url=https://feed.example/2|lang=en-us\n");
}

static void rss1(void **state)
{
    (void)state;
    assert_told(
        "<?xml version='1.0'?>\n<!DOCTYPE rdf:RDF [<!-- it's --><!ENTITY % x SYSTEM \"a>b\">]>\n"
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
        "xmlns=\"http://purl.org/rss/1.0/\" xmlns:d=\"http://purl.org/dc/elements/1.1/\">"
        "<channel rdf:about=\"https://rdf.example/\"><title>RDF</title><link>https://rdf.example/"
        "</link><items><rdf:Seq><rdf:li rdf:resource=\"https://rdf.example/1\"/></rdf:Seq></items>"
        "</channel>"
        "<item rdf:about=\"https://rdf.example/1\"><title>T</title><link>/a/../1?x=1</link>"
        "<description>D</description><d:date>2021-03-02T10:00+01:00</d:date>"
        "<d:creator>c</d:creator></item></rdf:RDF>",
        NULL,
        "2021-03-02T09:00:00Z|id=https://rdf.example/1|source=rss|site=RDF|author=c|title=T|text=D"
        "|url=https://rdf.example/1?x=1\n");
}

static void atom(void **state)
{
    (void)state;
    assert_told(
        "\xef\xbb\xbf \n<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\" "
        "xml:base=\"https://atom.example/d/\" xml:lang=\"de\"><title type=\"text\">A &lt; B</title>"
        "<link rel=\"self\" href=\"feed.xml\"/><link href=\"/\"/>"
        "<entry xml:base=\"posts/\"><title type=\"html\">&lt;b>T&lt;/b> &amp;amp; U</title>"
        "<id>urn:1</id><link rel=\"enclosure\" href=\"no\"/><link rel=\"alternate\" href=\"1\"/>"
        "<updated>2021-03-04T00:00:00Z</updated><published>2021-03-02T01:02:03Z</published>"
        "<author><name>Ann</name><uri>u</uri><email>e</email></author>"
        "<summary>S</summary><content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">"
        "<p>a&nbsp;&lt;script&gt; b</p><p>x<br/>y</p></div></content></entry>"
        "<entry><id>urn:2</id><title>1 &lt; 2 &lt;b&gt;</title><updated>2021-03-04T00:00:00Z"
        "</updated><source><id>s</id><title>Elsewhere</title></source>"
        "<content type=\"image/png\">iVBORw0KGgo=</content></entry></feed>",
        NULL,
        "2021-03-02T01:02:03Z|id=urn:1|source=rss|site=A < B|author=Ann|title=T & U"
        "|text=a <script> b\n\nx\ny|url=https://atom.example/d/posts/1|lang=de\n"
        "2021-03-04T00:00:00Z|id=urn:2|source=rss|site=Elsewhere|title=1 < 2 <b>|lang=de\n");
}

static void prefixes(void **state)
{
    (void)state;
    assert_told("<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:title>P</a:title>"
                "<a:entry><a:title>T</a:title><a:id>1</a:id><media:title>no</media:title>"
                "<dc:date>2021-03-02</dc:date><x:title>no</x:title></a:entry></a:feed>",
                NULL, "2021-03-02T00:00:00ZD|id=1|source=rss|site=P|title=T\n");
}

/* --- what is wrong with them --- */

#define RSS(items) "<rss><channel><title>F</title>" items "</channel></rss>"
#define DATE "<pubDate>Tue, 02 Mar 2021 10:00:00 GMT</pubDate>"
#define TOLD "2021-03-02T10:00:00Z|id="

static void letters(void **state)
{
    (void)state;
    assert_told(RSS("<item><title>R&D &nbsp; AT&amp;T &eacute; &#0; &#x1f600; 1 < 2</title>"
                    "<guid>?a=1&b=2</guid>" DATE "</item>"),
                NULL,
                TOLD "?a=1&b=2|source=rss|site=F|title=R&D AT&T \xc3\xa9 \xef\xbf\xbd "
                     "\xf0\x9f\x98\x80 1 < 2\n");
    assert_told(RSS("<item><title>é a\x01 b\xff c</title><guid>1</guid>" DATE "</item>"), NULL,
                TOLD "1|source=rss|site=F|title=é a b\xef\xbf\xbd c\n");
    assert_told(RSS("<item><title><![CDATA[a]]> &amp; <![CDATA[b ]] > &lt;c&gt;]]></title>"
                    "<guid>1</guid>" DATE "</item>"),
                NULL, TOLD "1|source=rss|site=F|title=a & b ]] > <c>\n");
}

static void unescaped_html(void **state)
{
    (void)state;
    assert_told(RSS("<item><guid>1</guid><description><p>One<br>two <a href='x?a&b'>three</a>"
                    "<img src='y'></p></description>" DATE "</item>"),
                NULL, TOLD "1|source=rss|site=F|text=One\ntwo three\n");
}

static void encodings(void **state)
{
    (void)state;
    assert_told(
        "<?xml version='1.0' encoding='windows-1251'?>" RSS(
            "<item><title>\xd3\xff\xe7\xe2\xe8\xec\xee\xf1\xf2\xfc</title><guid>1</guid>" DATE
            "</item>"),
        NULL, TOLD "1|source=rss|site=F|title=Уязвимость\n");
    assert_told("<?xml version='1.0' encoding=\"gb2312\" ?>" RSS(
                    "<item><title>\xc2\xa9\xb6\xb4</title><guid>1</guid>" DATE "</item>"),
                NULL, TOLD "1|source=rss|site=F|title=漏洞\n");
    /* declared and wrong */
    assert_told("<?xml version='1.0' encoding='iso-8859-1'?>" RSS(
                    "<item><title>漏洞</title><guid>1</guid>" DATE "</item>"),
                NULL, TOLD "1|source=rss|site=F|title=漏洞\n");
    assert_told("<?xml version='1.0' encoding='utf-8'?>" RSS(
                    "<item><title>Fa\xe7"
                    "ade caf\xe9</title><guid>1</guid>" DATE "</item>"),
                NULL, TOLD "1|source=rss|site=F|title=Façade café\n");
    assert_told("<?xml version='1.0' encoding='utf-16'?>" RSS(
                    "<item><title>é</title><guid>1</guid>" DATE "</item>"),
                NULL, TOLD "1|source=rss|site=F|title=é\n");
}

static void damaged_items(void **state)
{
    (void)state;
    assert_told(RSS("<item><title>a</title><guid>1</guid>" DATE "</item>"
                    "<item><title>b</i></title><guid>2</guid>" DATE "</item>"
                    "<item><title>c</title><guid>3</guid>" DATE "</item>"
                    "<item><title>d<item><title>e</title><guid>5</guid>" DATE "</item>"
                    "<item><title a=1>f</title></item>"
                    "<item><title>g</title><guid>7</guid>" DATE "</item>"),
                NULL,
                TOLD "1|source=rss|site=F|title=a\n"
                     "gap 121 damaged: mismatched tag\n" TOLD "3|source=rss|site=F|title=c\n"
                     "gap 307 damaged: an item without an end\n" TOLD
                     "5|source=rss|site=F|title=e\n"
                     "gap 412 damaged: not well-formed (invalid token)\n" TOLD
                     "7|source=rss|site=F|title=g\n");
    assert_told("<rss><channel><title>F</title><item><title>a</title><guid>1</guid>" DATE
                "</item><item><title>b",
                NULL,
                TOLD "1|source=rss|site=F|title=a\ngap 121 cut: the feed ends within an item\n");
    /* two feeds in one file, and rubbish before and behind */
    assert_told("\n\n" RSS("<item><title>a</title><guid>1</guid>" DATE "</item>") "junk" RSS(
                    "<item><title>b</title><guid>2</guid>" DATE "</item>"),
                NULL, TOLD "1|source=rss|site=F|title=a\n" TOLD "2|source=rss|site=F|title=b\n");
}

static void dates(void **state)
{
    (void)state;
    assert_told(RSS("<item><title>a</title><guid>1</guid></item>"
                    "<item><title>b</title><guid>2</guid><pubDate>soon</pubDate></item>"
                    "<item><title>c</title><guid>3</guid><pubDate>soon</pubDate>"
                    "<dc:date>2021-03-02T10:00:00</dc:date></item>"
                    "<item><title>d</title><guid>4</guid><pubDate></pubDate></item>"),
                NULL,
                "?|id=1|source=rss|site=F|title=a\n"
                "gap 73 bad-time: the date of an item\n" TOLD
                "3|source=rss|site=F|title=c\n?|id=4|source=rss|site=F|title=d\n");
}

static void again(void **state)
{
    (void)state;
    assert_told(RSS("<item><title>a</title><guid>1</guid><link>http://h/1</link></item>"
                    "<item><title>a</title><guid>1</guid><link>http://h/1</link></item>"
                    "<item><title>b</title><guid>1</guid><link>http://h/2</link></item>"),
                NULL,
                "?|id=1|source=rss|site=F|title=a|url=http://h/1\n"
                "?|id=http://h/2|source=rss|site=F|title=b|url=http://h/2\n");
}

static void sites(void **state)
{
    (void)state;
    assert_told("<rss><channel><link>https://u@h.example:8/x</link><item><title>a</title>"
                "<link>y</link></item></channel></rss>",
                NULL,
                "?|id=https://u@h.example:8/y|source=rss|site=h.example|title=a"
                "|url=https://u@h.example:8/y\n");
    assert_told("<rss><item><title>a</title></item></rss>", NULL, "?|source=rss|site=in|title=a\n");
    assert_told(RSS("<item><title>a</title><source url='https://o.example'>Other</source></item>"),
                NULL, "?|source=rss|site=Other|title=a\n");
}

static void no_entities(void **state)
{
    (void)state;
    assert_told(
        "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\">"
        "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///x\">]>" RSS(
            "<item><title>&b;&c;</title></item>"),
        NULL, "?|source=rss|site=F|title=&b;&c;\n");
}

static void not_feeds(void **state)
{
    (void)state;
    struct post_options options = {.name = STR("in"), .format = STR("rss")};
    assert_int_equal(tell_bytes(STR("no feed at all"), &options), ERR_FORMAT);
    assert_int_equal(tell_bytes(STR("<!-- <rss> -->"), &options), ERR_FORMAT);
    options.format = STR_NONE;
    assert_int_equal(tell_bytes(STR("<html><body><item/></body></html>"), &options), ERR_FORMAT);
}

/* A MiB of each: neither time nor memory may follow. */
static void hostile(void **state)
{
    (void)state;
    static const char *const units[] = {
        "<",          "<a>",           "<a ",     "&",
        "<!--",       "<![CDATA[",     "<?",      "<!D",
        "]]>",        "<item>",        "</item>", "<a b='",
        "&#",         "<item><title>", "<a b='>", "<item xmlns:a='",
        "<title><b>",
    };
    enum { BYTES = 1 << 20 };
    struct post_options options = {.name = STR("in"), .format = STR("rss")};
    struct buf b;
    buf_init(&b, BYTES + 100);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        buf_reset(&b);
        buf_puts(&b, "<rss><channel><item><title>");
        while (b.n < BYTES)
            buf_puts(&b, units[i]);
        (void)tell_bytes(buf_view(&b), &options);
    }
    buf_done(&b);
}

static void long_item(void **state)
{
    (void)state;
    struct post_options options = {.name = STR("in")};
    struct buf b;
    buf_init(&b, 8 << 20);
    buf_puts(&b, "<rss><channel><title>F</title><item><guid>1</guid><description>");
    for (size_t i = 0; i < (POSTS_RECORD_BYTES + 10) / 8; i++)
        buf_puts(&b, "too long");
    buf_puts(&b, "</description></item><item><title>b</title><link x='");
    for (size_t i = 0; i < 70 * 1024; i++)
        buf_putc(&b, 'y');
    buf_puts(&b, "'/></item><item><title>c</title></item></channel></rss>");
    assert_int_equal(tell_bytes(buf_view(&b), &options), OK);
    buf_done(&b);
    assert_int_equal(told_posts, 1);
    assert_int_equal(told_gaps, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rss2),      cmocka_unit_test(rss1),
        cmocka_unit_test(atom),      cmocka_unit_test(prefixes),
        cmocka_unit_test(letters),   cmocka_unit_test(unescaped_html),
        cmocka_unit_test(encodings), cmocka_unit_test(damaged_items),
        cmocka_unit_test(dates),     cmocka_unit_test(again),
        cmocka_unit_test(sites),     cmocka_unit_test(no_entities),
        cmocka_unit_test(not_feeds), cmocka_unit_test(hostile),
        cmocka_unit_test(long_item),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_done(&told_buf);
    return failed;
}
