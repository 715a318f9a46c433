/* What is shown of a text, and what never. */
#include "base/utf.h"
#include "unit.h"
#include "watch/snippet.h"

static struct buf out;

static int setup(void **state)
{
    (void)state;
    buf_init(&out, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&out);
    return 0;
}

static void masked(const char *text, const char *want)
{
    buf_reset(&out);
    snippet_mask(&out, str_of(text));
    assert_str(buf_view(&out), want);
}

static void secrets(void **state)
{
    (void)state;
    masked("write to john.doe@example.com now", "write to ***@example.com now");
    masked("john@example.com:hunter2 jane@example.org;x!y",
           "***@example.com:*** ***@example.org;***");
    masked("password: hunter2, ok", "password: *** ok");
    masked("Password=hunter2", "Password=***");
    masked("{\"password\": \"hunter2\"}", "{\"password\": \"***");
    masked("пароль: квертy", "пароль: ***");
    masked("Authorization: Bearer abc.def", "Authorization: *** abc.def");
    masked("bearer abc.def", "bearer ***");
    masked("a passage of time", "a passage of time");
    masked("the password is weak", "the password is weak");
    masked("4111 1111 1111 1111 is one", "*** is one");
    masked("4111-1111-1111-1111", "***");
    masked("4111 1111 1111 1112", "4111 1111 1111 1112");
    masked("tel 0123456789", "tel 0123456789");
    masked("DE89 3704 0044 0532 0130 00 please", "*** please");
    masked("DE88 3704 0044 0532 0130 00", "DE88 3704 0044 0532 0130 00");
    masked("AKIAIOSFODNN7EXAMPLE", "***");
    masked("key 5f4dcc3b5aa765d61d8327deb882cf99!", "key ***!");
    masked("internationalisation-of-everything", "internationalisation-of-everything");
    masked("CVE-2021-26855 and KB5000871", "CVE-2021-26855 and KB5000871");
}

/* Every label, however it begins. */
static void labels(void **state)
{
    static const char *const all[] = {
        "password",   "passwd",  "passphrase",    "pass",    "PWD",     "Secret",
        "token",      "API key", "apikey",        "api_key", "api-key", "private key",
        "access key", "cookie",  "authorization", "bearer",  "pin",     "cvv",
        "пароль",     "пароли",  "пасс",          "密码",    "口令"};
    char text[64], want[64];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        (void)snprintf(text, sizeof text, "my %s: x1 y", all[i]);
        (void)snprintf(want, sizeof want, "my %s: *** y", all[i]);
        masked(text, want);
    }
}

/* A key that says so is one from sixteen signs on, whatever stands behind it. */
static void marked_keys(void **state)
{
    (void)state;
    masked("AKIA123456789012 is one", "*** is one");
    masked("AKIA12345678901 is none", "AKIA12345678901 is none");
    masked("4111111111111111 is a card", "*** is a card");
}

static void characters(void **state)
{
    (void)state;
    masked("a\tb\r\n\nc\x1b[31m", "a b c [31m");
    masked("bad \xff\xc3", "bad \xef\xbf\xbd\xef\xbf\xbd");
    masked("a\xe2\x80\xae"
           "b\xe2\x80\x8b"
           "c",
           "abc");
    masked("привет, 世界", "привет, 世界");
    masked("", "");
}

static void window(size_t at, size_t n, size_t max, const char *text, const char *want)
{
    buf_reset(&out);
    snippet_add(&out, str_of(text), at, n, max);
    assert_str(buf_view(&out), want);
}

static void windows(void **state)
{
    (void)state;
    window(4, 3, 100, "one two three", "one two three");
    window(8, 5, 15, "one two three four five six", "…two three four…");
    window(0, 3, 11, "one two three four", "one two…");
    window(14, 4, 12, "one two three four", "…four");
    window(99, 4, 12, "one", "one");
    window(0, 0, 0, "one", "…");
    /* No window lays a part of a secret bare. */
    window(0, 3, 26, "one password: hunter2hunter2hunter2", "one password:…");
    window(0, 4, 16, "card 4111 1111 1111 1111 end", "card ***…");
    window(24, 4, 30, "card 4111 1111 1111 1111 end", "…*** end");
    window(19, 3, 10, "one password: hunter2 end", "…*** end");
}

/* Any window of any text is valid and has no control characters. */
static void any_window(void **state)
{
    static const char text[] =
        "эй \x01пароль: тайна 世界 a@b.example\xff\xfe 4111 1111 1111 1111 конец";
    (void)state;
    for (size_t at = 0; at < sizeof text; at++)
        for (size_t max = 0; max < sizeof text; max++) {
            buf_reset(&out);
            snippet_add(&out, str_make(text, sizeof text - 1), at, 1, max);
            assert_true(utf8_valid(buf_view(&out)));
            for (size_t i = 0; i < out.n; i++)
                assert_true((unsigned char)out.p[i] >= ' ');
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(secrets),     cmocka_unit_test(labels),
                                       cmocka_unit_test(marked_keys), cmocka_unit_test(characters),
                                       cmocka_unit_test(windows),     cmocka_unit_test(any_window)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
