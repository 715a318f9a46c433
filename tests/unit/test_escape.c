#include "json_check.h"
#include "output/escape.h"
#include "unit.h"

#include <stdio.h>

static char text[1 << 16];

static const char *terminal(struct str s, bool ascii)
{
    struct buf b;
    buf_init(&b, sizeof text - 1);
    escape_terminal(&b, s, ascii);
    memcpy(text, b.p ? b.p : "", b.n);
    text[b.n] = 0;
    buf_done(&b);
    return text;
}

static const char *csv(struct str s)
{
    struct buf b;
    buf_init(&b, sizeof text - 1);
    escape_csv(&b, s);
    memcpy(text, b.p ? b.p : "", b.n);
    text[b.n] = 0;
    buf_done(&b);
    return text;
}

static const char *json(struct str s)
{
    struct buf b;
    buf_init(&b, sizeof text - 1);
    escape_json(&b, s);
    memcpy(text, b.p ? b.p : "", b.n);
    text[b.n] = 0;
    buf_done(&b);
    return text;
}

static const char *html(struct str s)
{
    struct buf b;
    buf_init(&b, sizeof text - 1);
    escape_html(&b, s);
    memcpy(text, b.p ? b.p : "", b.n);
    text[b.n] = 0;
    buf_done(&b);
    return text;
}

static const char *xml(struct str s)
{
    struct buf b;
    buf_init(&b, sizeof text - 1);
    escape_xml(&b, s);
    memcpy(text, b.p ? b.p : "", b.n);
    text[b.n] = 0;
    buf_done(&b);
    return text;
}

static void test_xml(void **state)
{
    (void)state;
    assert_string_equal(xml(STR("a<b>&\"'\\")), "a&lt;b&gt;&amp;&quot;'\\");
    assert_string_equal(xml(STR("l\n\r\t")), "l&#10;&#13;&#9;");
    assert_string_equal(xml(STR("\x1b\0\xff\xef\xbf\xbf")),
                        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    assert_string_equal(xml(STR("\x7f\xe2\x80\xae\xc3\xa4")), "&#127;&#8238;\xc3\xa4");
}

static void test_plain(void **state)
{
    (void)state;
    assert_true(escape_is_plain(STR("two\nlines \xc3\xa4 \xef\xbf\xbd")));
    assert_false(escape_is_plain(STR("\x1b[31m")));
    assert_false(escape_is_plain(STR("a\rb")));
    assert_false(escape_is_plain(STR("\x7f")));
    assert_false(escape_is_plain(STR("\xff")));
    assert_false(escape_is_plain(STR("\xe2\x80\xae")));
}

/* What is skipped in wide steps is what is looked at byte by byte. */
static void test_everywhere(void **state)
{
    (void)state;
    static const char *const special[] = {"<", "\"", "\\", "\n", "\x7f", "\xff", "\xe2\x80\xae"};
    static const char *const in_json[] = {"\\u003c", "\\\"",    "\\\\",   "\\n",
                                          "\\u007f", "\\\\xff", "\\u202e"};
    for (size_t i = 0; i < ARRAY_LEN(special); i++)
        for (size_t at = 0; at < 40; at++) {
            char in[128], want[128];
            (void)snprintf(in, sizeof in, "%.*s%s%.*s", (int)at,
                           "0123456789abcdefghijklmnopqrstuvwxyz-.,_+", special[i], (int)(40 - at),
                           "0123456789abcdefghijklmnopqrstuvwxyz-.,_+");
            (void)snprintf(want, sizeof want, "%.*s%s%.*s", (int)at,
                           "0123456789abcdefghijklmnopqrstuvwxyz-.,_+", in_json[i], (int)(40 - at),
                           "0123456789abcdefghijklmnopqrstuvwxyz-.,_+");
            assert_string_equal(json(str_of(in)), want);
        }
}

static void test_terminal(void **state)
{
    (void)state;
    assert_string_equal(terminal(STR("plain \\ text"), false), "plain \\ text");
    assert_string_equal(terminal(STR("\x1b[31mred\x1b[0m"), false), "\\x1b[31mred\\x1b[0m");
    assert_string_equal(terminal(STR("\x1b]52;c;QUJD\x07"), false), "\\x1b]52;c;QUJD\\x07");
    assert_string_equal(terminal(STR("a\r\nb\tc\0d\x7f"), false), "a\\r\\nb\\tc\\x00d\\x7f");
    assert_string_equal(terminal(STR("\x9b"
                                     "1m"),
                                 false),
                        "\\x9b1m");
    assert_string_equal(terminal(STR("\xc2\x9b"), false), "<U+009B>");
    assert_string_equal(terminal(STR("a\xe2\x80\xaex"), false), "a<U+202E>x");
    assert_string_equal(terminal(STR("\xe2\x80\x8b\xef\xbb\xbf"), false), "<U+200B><U+FEFF>");
    assert_string_equal(terminal(STR("\xe2\x80\xa8"), false), "<U+2028>");
    assert_string_equal(terminal(STR("\xf3\xa0\x81\x81"), false), "<U+E0041>");
    assert_string_equal(terminal(STR("\xf4\x8f\xbf\xbf"), false), "<U+10FFFF>");
    assert_string_equal(terminal(STR("caf\xc3\xa9"), false), "caf\xc3\xa9");
    assert_string_equal(terminal(STR("caf\xc3\xa9"), true), "caf<U+00E9>");
    assert_string_equal(terminal(STR("\xed\xa0\x80\xc3"), false), "\\xed\\xa0\\x80\\xc3");
    assert_string_equal(terminal(STR(""), false), "");
}

static void test_columns(void **state)
{
    (void)state;
    assert_int_equal(escape_columns(STR("abc"), false), 3);
    assert_int_equal(escape_columns(STR("\xe6\xbc\xa2"), false), 2);
    assert_int_equal(escape_columns(STR("\xe6\xbc\xa2"), true), 8);
    assert_int_equal(escape_columns(STR("\xc3\xa9\x1b"), false), 5);
    assert_int_equal(escape_columns(STR("\xf4\x8f\xbf\xbf"), false), 10);
}

static void test_csv(void **state)
{
    (void)state;
    assert_string_equal(csv(STR("plain")), "plain");
    assert_string_equal(csv(STR("a,b")), "\"a,b\"");
    assert_string_equal(csv(STR("a\"b")), "\"a\"\"b\"");
    assert_string_equal(csv(STR("=1+1")), "\"'=1+1\"");
    assert_string_equal(csv(STR("+1")), "\"'+1\"");
    assert_string_equal(csv(STR("-1")), "\"'-1\"");
    assert_string_equal(csv(STR("@SUM(A1)")), "\"'@SUM(A1)\"");
    assert_string_equal(csv(STR("\t=1")), "\"'\\t=1\"");
    assert_string_equal(csv(STR("\r=1")), "\"'\\r=1\"");
    assert_string_equal(csv(STR("  =1")), "\"'  =1\"");
    assert_string_equal(csv(STR("\xef\xbc\x9d"
                                "1")),
                        "\"'\xef\xbc\x9d"
                        "1\"");
    assert_string_equal(csv(STR("a\r\nb")), "a\\r\\nb");
    assert_string_equal(csv(STR("a=1")), "a=1");
    assert_string_equal(csv(STR(" ")), "\" \"");
}

static void test_json(void **state)
{
    (void)state;
    assert_string_equal(json(STR("a\"b\\c\n\r\t\0")), "a\\\"b\\\\c\\n\\r\\t\\u0000");
    assert_string_equal(json(STR("</script><!--")), "\\u003c/script>\\u003c!--");
    assert_string_equal(json(STR("\xe2\x80\xa8\xe2\x80\xae\x7f\xc2\x9b")),
                        "\\u2028\\u202e\\u007f\\u009b");
    assert_string_equal(json(STR("\xf3\xa0\x81\x81")), "\\udb40\\udc41");
    assert_string_equal(json(STR("\xff\xc3")), "\\\\xff\\\\xc3");
    assert_string_equal(json(STR("\xc3\xa9")), "\xc3\xa9");
}

static void test_html(void **state)
{
    (void)state;
    assert_string_equal(html(STR("plain / text")), "plain / text");
    assert_string_equal(html(STR("</td><script>x</script>")),
                        "&lt;/td&gt;&lt;script&gt;x&lt;/script&gt;");
    assert_string_equal(html(STR("a\" onload='x' &lt;")), "a&#34; onload=&#39;x&#39; &amp;lt;");
    assert_string_equal(html(STR("\xe2\x80\xae\n\0\xff")), "&lt;U+202E&gt;\\n\\x00\\xff");
    assert_string_equal(html(STR("caf\xc3\xa9")), "caf\xc3\xa9");
}

static uint32_t random_u32(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Bytes of all kinds, with more control and UTF-8 lead bytes than chance would give. */
static struct str random_bytes(uint64_t *seed, char *out, size_t max)
{
    static const char *const bits[] = {
        "\xe2\x80\xae", "\x1b[2J", "\xc2\x85",    "\xf0\x9f\x98\x80", "\xe2\x80", "\"\\", "<",
        "\r\n",         "=",       "\xed\xa0\x80"};
    size_t n = 0, want = random_u32(seed) % max;
    while (n < want) {
        const char *bit = bits[random_u32(seed) % ARRAY_LEN(bits)];
        if (random_u32(seed) % 3 == 0 && n + strlen(bit) <= max) {
            memcpy(out + n, bit, strlen(bit));
            n += strlen(bit);
        } else {
            out[n++] = (char)random_u32(seed);
        }
    }
    return str_make(out, n);
}

static void assert_printable(struct str s)
{
    size_t n;
    for (size_t i = 0; i < s.n; i += n) {
        int32_t cp = utf8_next(s, i, &n);
        assert_true(cp >= 0x20);
        assert_false(cp >= 0x7f && cp < 0xa0);
        assert_false((cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e));
        assert_false((cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff);
    }
}

/* What escape_json promises about a text. */
static void expected(struct buf *b, struct str s)
{
    size_t n;
    for (size_t i = 0; i < s.n; i += n) {
        if (utf8_next(s, i, &n) == UTF_BAD)
            buf_printf(b, "\\x%02x", (unsigned char)s.p[i]);
        else
            buf_add(b, s.p + i, n);
    }
}

static void test_random(void **state)
{
    (void)state;
    uint64_t seed = 20210302;
    char raw[200];
    struct buf b, quoted, want, got;
    buf_init(&b, 1 << 16);
    buf_init(&quoted, 1 << 16);
    buf_init(&want, 1 << 16);
    buf_init(&got, 1 << 16);
    for (int i = 0; i < 20000; i++) {
        struct str s = random_bytes(&seed, raw, sizeof raw);
        buf_reset(&b);
        escape_terminal(&b, s, false);
        assert_printable(buf_view(&b));
        buf_reset(&b);
        escape_csv(&b, s);
        assert_printable(buf_view(&b));
        buf_reset(&b);
        escape_html(&b, s);
        assert_printable(buf_view(&b));
        for (size_t k = 0; k < b.n; k++)
            assert_null(strchr("<>\"'", b.p[k]));
        buf_reset(&quoted);
        buf_puts(&quoted, "{\"k\":\"");
        escape_json(&quoted, s);
        buf_puts(&quoted, "\"}");
        assert_printable(buf_view(&quoted));
        assert_true(json_check(buf_view(&quoted)));
        buf_reset(&got);
        buf_reset(&want);
        assert_true(json_check_get(buf_view(&quoted), STR("k"), &got));
        expected(&want, s);
        assert_int_equal(got.n, want.n);
        assert_memory_equal(got.n ? got.p : "", want.n ? want.p : "", got.n);
        assert_int_equal(escape_json_offset(s, s.n), want.n);
    }
    buf_done(&b);
    buf_done(&quoted);
    buf_done(&want);
    buf_done(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terminal), cmocka_unit_test(test_xml),
        cmocka_unit_test(test_plain),    cmocka_unit_test(test_everywhere),
        cmocka_unit_test(test_columns),  cmocka_unit_test(test_csv),
        cmocka_unit_test(test_json),     cmocka_unit_test(test_html),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
