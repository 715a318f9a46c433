#include "codec/html_text.h"
#include "unit.h"

#include <stdlib.h>

static struct buf out;

static struct str text_of(const char *html, unsigned flags)
{
    buf_reset(&out);
    html_text(&out, str_of(html), flags);
    return buf_view(&out);
}
static struct str plain(const char *html)
{
    return text_of(html, 0);
}

static void test_blocks(void **state)
{
    (void)state;
    assert_str(plain("<p>One</p><p>Two</p>"), "One\n\nTwo");
    assert_str(plain("One<br>Two<BR/>Three<br />\n  Four"), "One\nTwo\nThree\nFour");
    assert_str(plain("<ul><li>a</li><li>b</li></ul>c"), "a\nb\nc");
    assert_str(plain("  a \n\t b<b>old</b> c  "), "a bold c");
    assert_str(plain("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>"), "1 2\n3");
    assert_str(plain("<pre>a\n  b</pre>c"), "a\nb\nc");
    assert_str(plain("x<o:p></o:p>y"), "xy");
}

static void test_no_tags(void **state)
{
    (void)state;
    assert_str(plain("a < b > c <3 <"), "a < b > c <3 <");
    assert_str(plain("update <package> now"), "update <package> now");
    assert_str(plain("see <http://host.example/a> or <me@host.example>"),
               "see <http://host.example/a> or <me@host.example>");
    assert_str(plain("open <a href=x"), "open <a href=x");
    assert_str(plain("an open <b <i>tag</i>"), "an open tag");
}

static void test_hidden(void **state)
{
    (void)state;
    assert_str(plain("a<script>var x = '<p>';</script>b"), "ab");
    assert_str(plain("a<STYLE type='x'>p {}</style >b<!-- <p>no</p> -->c"), "abc");
    assert_str(plain("<head><title>T</title></head><header>h</header>"), "h");
    /* without an end nothing is hidden */
    assert_str(plain("XSS by a <script> tag"), "XSS by a tag");
    assert_str(plain("a<style>b<script>c</script>d"), "abd");
    assert_str(plain("a<!-- b"), "a<!-- b");
    assert_str(plain("<!DOCTYPE html><?php echo 1 ?>x"), "x");
}

static void test_attributes(void **state)
{
    (void)state;
    assert_str(plain("<a title=\"1 > 0\" href='x>y'>link</a>"), "link");
    assert_str(plain("<a title=\"no end>link</a>"), "link");
    assert_str(plain("<a title='it's>x</a>"), "x");
}

static void test_letters(void **state)
{
    (void)state;
    assert_str(plain("AT&T &amp; &lt;b&gt; &#8217;&#x2019; &eacute; a&nbsp;b &unknown; &"),
               "AT&T & <b> \xe2\x80\x99\xe2\x80\x99 \xc3\xa9 a b &unknown; &");
    assert_str(plain("&#146;&#150; &#0; &#x110000; &#xd800;"),
               "\xe2\x80\x99\xe2\x80\x93 \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd");
    assert_str(plain("?a=1&copy=2&lt=3"), "?a=1&copy=2&lt=3");
    assert_str(plain("&#;&#x;&#65"), "&#;&#x;A");
    buf_reset(&out);
    html_letters(&out, STR("<b> &lt;x&gt; R&amp;D&nbsp;&hellip;"));
    assert_str(buf_view(&out), "<b> <x> R&D \xe2\x80\xa6");
}

static void test_quotes(void **state)
{
    (void)state;
    const char *mail = "<p>Mine</p><blockquote><p>Theirs<blockquote>old</blockquote></p>"
                       "</blockquote>More";
    assert_str(text_of(mail, HTML_NO_QUOTES), "Mine\n\nMore");
    assert_str(plain(mail), "Mine\n\nTheirs\nold\n\nMore");
    assert_str(text_of("a<blockquote>b", HTML_NO_QUOTES), "a");
    assert_str(text_of("a</blockquote>b", HTML_NO_QUOTES), "a\nb");
}

static void test_tables(void **state)
{
    (void)state;
    assert_int_equal(html_letter(STR("Alpha")), 0x391);
    assert_int_equal(html_letter(STR("zwnj")), 0x200c);
    assert_int_equal(html_letter(STR("alph")), 0);
    assert_int_equal(html_letter(STR("")), 0);
    assert_int_equal(html_element(STR("A")), HTML_INLINE);
    assert_int_equal(html_element(STR("wbr")), HTML_INLINE);
    assert_int_equal(html_element(STR("blockQuote")), HTML_BLOCK);
    assert_int_equal(html_element(STR("item")), HTML_UNKNOWN);
    assert_int_equal(html_element(STR("blockquoteblockquote")), HTML_UNKNOWN);
}

/* Hostile units, repeated for a MiB: a second each would be a thousand times too much. */
static void test_linear(void **state)
{
    (void)state;
    static const char *const units[] = {
        "<",
        "<a ",
        "<a x=\"",
        "<a x='\"",
        "<script>",
        "</",
        "<!--",
        "&",
        "&amp",
        "&#",
        "<script></",
        "<p>",
        "<blockquote>",
        "<style><script>",
        "<a x=\"'",
        "<sCript>",
        "<!",
        "<?",
        "<a:b ",
        "\" '>",
    };
    enum { BYTES = 1 << 20 };
    char *text = malloc(BYTES);
    assert_non_null(text);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        size_t n = strlen(units[i]);
        for (size_t at = 0; at < BYTES; at++)
            text[at] = units[i][at % n];
        buf_reset(&out);
        html_text(&out, str_make(text, BYTES), HTML_NO_QUOTES);
        assert_int_equal(out.rc, OK);
    }
    free(text);
}

int main(void)
{
    buf_init(&out, 4 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),  cmocka_unit_test(test_no_tags),
        cmocka_unit_test(test_hidden),  cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_letters), cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_tables),  cmocka_unit_test(test_linear),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_done(&out);
    return failed;
}
