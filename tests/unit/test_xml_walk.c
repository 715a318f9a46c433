#include "unit.h"

#include "codec/xml_walk.h"

/* Elements as they begin and end: "+name a=b @line", "-name letters". */
static enum err on_begin(struct xml_walk *w, const char *name, const char **a)
{
    struct buf *b = w->ctx;
    buf_printf(b, "+%s", name);
    for (; a[0]; a += 2)
        buf_printf(b, " %s=%s", a[0], a[1]);
    buf_printf(b, " @%llu;", (unsigned long long)w->line);
    return strcmp(name, "stop") == 0 ? ERR_LIMIT : OK;
}

static enum err on_end(struct xml_walk *w, const char *name, struct str letters)
{
    struct buf *b = w->ctx;
    buf_printf(b, "-%s%s%.*s;", name, letters.n ? " " : "", STR_FMT(letters));
    return OK;
}

static struct xml_walk walk;

static void expect(const char *text, const char *told, enum err rc, const char *why)
{
    struct buf b;
    const char *got;
    buf_init(&b, 1 << 20);
    walk = (struct xml_walk){.begin = on_begin, .end = on_end, .ctx = &b};
    assert_int_equal(xml_walk(&walk, str_of(text), &got), rc);
    assert_str(buf_view(&b), told);
    if (why)
        assert_string_equal(got, why);
    else
        assert_null(got);
    buf_done(&b);
}

static void elements_attributes_letters(void **state)
{
    (void)state;
    expect("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<!-- a <b> -->\n<a x='1'>\n"
           "<b y=\"&quot;&#65;\">c &amp; d</b><b/>\n</a>\n",
           "+a x=1 @3;+b y=\"A @4;-b c & d;+b @4;-b;-a;", OK, NULL);
}

static void declares_nothing(void **state)
{
    (void)state;
    expect("<!DOCTYPE a [<!ENTITY x \"y\"><!ENTITY z SYSTEM \"file:///etc/passwd\">]><a>&x;&z;</a>",
           "+a @1;-a &x;&z;;", OK, NULL);
}

static void tells_where_it_breaks(void **state)
{
    (void)state;
    expect("<a>\n<b></c></a>", "+a @1;+b @2;", ERR_FORMAT, "mismatched tag");
    assert_int_equal(walk.offset, 7);
    expect("<a><b>x", "+a @1;+b @1;", ERR_FORMAT, "it ends within an element");
    expect("<a><stop/><b/></a>", "+a @1;+stop @1;", ERR_LIMIT, NULL);
}

static void has_an_end_of_depth(void **state)
{
    (void)state;
    struct buf b;
    const char *why;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 100000; i++)
        buf_puts(&b, "<a>");
    struct buf told;
    buf_init(&told, 1 << 20);
    walk = (struct xml_walk){.begin = on_begin, .end = on_end, .ctx = &told};
    assert_int_equal(xml_walk(&walk, buf_view(&b), &why), ERR_FORMAT);
    assert_int_equal(walk.depth, XML_WALK_DEPTH);
    buf_done(&told);
    buf_done(&b);
}

/* Larger than the window of what tidies it, with letters of several bytes and half a one at last.
 */
static void long_documents(void **state)
{
    (void)state;
    struct buf b, told;
    const char *why;
    buf_init(&b, 4 << 20);
    buf_init(&told, 8 << 20);
    buf_puts(&b, "<a>");
    for (int i = 0; i < 20000; i++)
        buf_puts(&b, "<b n='\xc3\xa4\xe2\x82\xac'/>\n");
    buf_puts(&b, "<c/></a>\xc3");
    walk = (struct xml_walk){.begin = on_begin, .end = on_end, .ctx = &told};
    (void)!xml_walk(&walk, buf_view(&b), &why); /* the half letter stands behind the document */
    buf_putc(&told, 0);
    assert_non_null(strstr(told.p, "+c @20001;-c;-a;"));
    buf_done(&told);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_attributes_letters),
        cmocka_unit_test(declares_nothing),
        cmocka_unit_test(tells_where_it_breaks),
        cmocka_unit_test(has_an_end_of_depth),
        cmocka_unit_test(long_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
