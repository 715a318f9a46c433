/* output_check.h — what tests of writers share: a sink in memory that fails on request, hostile
 * texts, and what a page or JSON Lines must look like whatever the texts are.
 *
 * What:   setup and teardown for cmocka, hostile[], assert_page, assert_json_lines, assert_member.
 * Input:  what the writers wrote.
 * Limits: 256 MiB of output.
 * Owner:  everything is static; setup and teardown own the buffer.
 * Spec:   docs/reference/output.md
 */
#ifndef UNIT_OUTPUT_CHECK_H
#define UNIT_OUTPUT_CHECK_H

#include "base/buf.h"
#include "base/utf.h"
#include "json_check.h"
#include "unit.h"

/* A sink that fails once `room` bytes have gone through it. */
struct memory {
    struct buf b;
    size_t room;
    unsigned calls_after_failure;
    bool failed;
};

static inline enum err memory_write(void *ctx, const void *p, size_t n)
{
    struct memory *m = ctx;
    m->calls_after_failure += m->failed;
    if (n > m->room - m->b.n) {
        m->failed = true;
        return ERR_IO;
    }
    buf_add(&m->b, p, n);
    return m->b.rc;
}

static struct memory memory;

static inline int setup(void **state)
{
    (void)state;
    memory = (struct memory){.room = SIZE_MAX};
    buf_init(&memory.b, 1 << 28);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    buf_done(&memory.b);
    return 0;
}

/* Attempts at the terminal, the eye, the row and the spreadsheet; all inert. */
static const struct str hostile[] = {
    STR("\x1b[2J\x1b[31mFORGED"),
    STR("\x1b]8;;http://192.0.2.1/\x07"
        "click\x1b]8;;\x07"),
    STR("\x1b]52;c;QUJD\x07"),
    STR("a\xe2\x80\xae"
        "gnp.exe"),
    STR("\xe2\x81\xa6x\xe2\x81\xa9\xe2\x80\x8bzero\xef\xbb\xbfwidth\xc2\xad"),
    STR("line\r\nFORGED,row\nFORGED EX02 no sign\rFORGED"),
    STR("\nFORGED\n{\"type\":\"summary\"}\n"),
    STR("\xe2\x80\xa8"
        "FORGED\xe2\x80\xa9"
        "FORGED\xc2\x85"
        "FORGED\x0b"
        "FORGED\x0c"
        "FORGED"),
    STR("word FORGED FORGED FORGED FORGED FORGED FORGED FORGED FORGED FORGED FORGED FORGED "
        "FORGED"),
    STR("nul\0behind"),
    STR("\xff\xfe\x80 \xc3 \xed\xa0\x80 \xf5\x90\x80\x80 \x9b"
        "31m"),
    STR("\xc2\x9b"
        "31m"),
    STR("=1+1"),
    STR("+1"),
    STR("-1"),
    STR("@SUM(A1)"),
    STR("\t=1"),
    STR("\r=1"),
    STR("\",=1,\""),
    STR("</script><script>x</script><!--"),
    STR("\"}\\u000a\\"),
    STR("\xe6\xbc\xa2\xe5\xad\x97 wide \xf0\x9f\x98\x80 e\xcc\x81\xcc\x81\xcc\x81"),
    STR("."),
    STR(""),
    STR("averyveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryverylongwordwithoutan"
        "y"
        "blankinitthatgoesonandonandonandonandonandonandonandonandonandonandonandonandonandonando"
        "n"),
};

static inline size_t columns_of(int32_t cp)
{
    return cp >= 0x1100 && cp < 0x2000 ? 2 : cp >= 0x2e80 ? 2 : 1;
}

/* No control byte, nothing invisible, no line wider than width, no line that starts with FORGED. */
static inline void assert_page(struct str s, size_t width)
{
    struct str rest = s, line;
    size_t n;
    assert_true(s.n > 0 && s.p[s.n - 1] == '\n');
    while (str_cut(&rest, '\n', &line)) {
        size_t columns = 0;
        assert_false(str_starts(line, STR("FORGED")));
        for (size_t i = 0; i < line.n; i += n) {
            int32_t cp = utf8_next(line, i, &n);
            assert_true(cp >= 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0));
            assert_false((cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e));
            assert_false((cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff);
            columns += columns_of(cp);
        }
        if (columns > width)
            fail_msg("wider than %zu: %.*s", width, STR_FMT(line));
    }
}

/* Takes out the sequences that the text writer itself uses. */
static inline struct str without_colours(struct buf *b, struct str s)
{
    buf_reset(b);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == 0x1b && i + 1 < s.n && s.p[i + 1] == '[') {
            for (i += 2; i < s.n && (ascii_digit((unsigned char)s.p[i]) || s.p[i] == ';'); i++)
                ;
            assert_true(i < s.n && s.p[i] == 'm');
            continue;
        }
        buf_putc(b, s.p[i]);
    }
    return buf_view(b);
}

static inline size_t lines_of(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    return n;
}

/* Each line is one JSON value, and as many lines as without hostile texts. */
static inline void assert_json_lines(struct str s, size_t want)
{
    struct str rest = s, line;
    assert_int_equal(lines_of(s), want);
    for (size_t i = 0; i < s.n; i++)
        assert_true((unsigned char)s.p[i] >= 0x20 || s.p[i] == '\n');
    assert_true(str_find(s, STR("</script")) < 0);
    while (str_cut(&rest, '\n', &line))
        if (line.n)
            assert_true(json_check(line));
}

/* The text as JSON gives it back. */
static inline void expected(struct buf *b, struct str s)
{
    size_t n;
    buf_reset(b);
    for (size_t i = 0; i < s.n; i += n) {
        if (utf8_next(s, i, &n) == UTF_BAD)
            buf_printf(b, "\\x%02x", (unsigned char)s.p[i]);
        else
            buf_add(b, s.p + i, n);
    }
}

static inline void assert_member(struct str line, const char *key, struct str want)
{
    struct buf got, should;
    buf_init(&got, 1 << 20);
    buf_init(&should, 1 << 20);
    expected(&should, want);
    assert_true(json_check_get(line, str_of(key), &got));
    assert_true(str_eq(buf_view(&got), buf_view(&should)));
    buf_done(&got);
    buf_done(&should);
}

static inline void assert_has(struct str s, const char *text)
{
    if (str_find(s, str_of(text)) < 0)
        fail_msg("missing:\n%s\nin:\n%.*s", text, STR_FMT(s));
}

static inline void assert_lacks(struct str s, const char *text)
{
    if (str_find(s, str_of(text)) >= 0)
        fail_msg("unwanted:\n%s\nin:\n%.*s", text, STR_FMT(s));
}
#endif
