#include "os/spill.h"

#include "base/buf.h"
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { MEMORY = 4096 };

static void add(struct spill *s, const char *text)
{
    assert_int_equal(spill_add(s, str_of(text), NULL), OK);
}

static void check(struct spill *s, const char *want)
{
    struct spill_at at;
    struct str record;
    struct buf b;
    enum err rc;
    buf_init(&b, 1 << 20);
    assert_int_equal(spill_start(s, &at), OK);
    while ((rc = spill_next(s, &at, &record, NULL)) == OK) {
        buf_str(&b, record);
        buf_putc(&b, ' ');
    }
    assert_int_equal(rc, END);
    assert_int_equal(spill_next(s, &at, &record, NULL), END); /* and stays there */
    buf_putc(&b, 0);
    assert_string_equal(b.p, want);
    buf_done(&b);
    spill_stop(&at);
}

static void in_memory(void **state)
{
    (void)state;
    struct spill *s;
    assert_int_equal(spill_new(MEMORY, 1 << 20, &s), OK);
    assert_int_equal(spill_sort(s, NULL), OK);
    check(s, "");
    spill_free(s);
    assert_int_equal(spill_new(MEMORY, 1 << 20, &s), OK);
    add(s, "beta");
    add(s, "alphabetical");
    add(s, "");
    add(s, "alphabet");
    add(s, "beta");
    assert_int_equal(spill_sort(s, NULL), OK);
    check(s, " alphabet alphabetical beta beta ");
    check(s, " alphabet alphabetical beta beta ");
    spill_free(s);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Many runs, records of all lengths, two readers at different places. */
static void beyond_memory(void **state)
{
    (void)state;
    enum { N = 20000 };
    struct spill *s;
    struct spill_at one, two;
    struct str record;
    char **want = calloc(N, sizeof *want);
    uint64_t x = 88172645463325252u;
    assert_int_equal(spill_new(MEMORY, 1 << 30, &s), OK);
    for (size_t i = 0; i < N; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        size_t n = i % 1000 == 7 ? SPILL_RECORD_BYTES : (size_t)(x >> 40) % 40;
        want[i] = malloc(n + 1);
        for (size_t k = 0; k < n; k++)
            want[i][k] = (char)('a' + (x >> (k % 13)) % 3);
        want[i][n] = 0;
        add(s, want[i]);
    }
    qsort(want, N, sizeof *want, by_text);
    assert_int_equal(spill_sort(s, NULL), OK);
    assert_int_equal(spill_start(s, &one), OK);
    assert_int_equal(spill_start(s, &two), OK);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(spill_next(s, &one, &record, NULL), OK);
        assert_true(str_eq(record, str_of(want[i])));
        if (i % 2 == 0) {
            assert_int_equal(spill_next(s, &two, &record, NULL), OK);
            assert_true(str_eq(record, str_of(want[i / 2])));
        }
    }
    assert_int_equal(spill_next(s, &one, &record, NULL), END);
    spill_stop(&one);
    spill_stop(&two);
    spill_free(s);
    for (size_t i = 0; i < N; i++)
        free(want[i]);
    free(want);
}

static void limits_are_told(void **state)
{
    (void)state;
    struct spill *s;
    struct error error = {0};
    char big[SPILL_RECORD_BYTES + 1] = {0};
    assert_int_equal(spill_new(MEMORY, 10, &s), OK);
    add(s, "12345678");
    assert_int_equal(spill_add(s, STR("123"), &error), ERR_LIMIT);
    add(s, "90");
    assert_int_equal(spill_add(s, str_make(big, sizeof big), NULL), ERR_LIMIT);
    assert_int_equal(spill_sort(s, NULL), OK);
    check(s, "12345678 90 ");
    spill_free(s);
}

/* A disk that is full is an error with its reason, not a crash and not silence. */
static void no_room_on_the_disk(void **state)
{
    (void)state;
    struct spill *s;
    struct error error = {0};
    struct rlimit was, little;
    char text[1000];
    enum err rc = OK;
    memset(text, 'x', sizeof text);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    little = was;
    little.rlim_cur = 100 * 1000;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    assert_int_equal(spill_new(MEMORY, 1 << 30, &s), OK);
    for (int i = 0; i < 1000 && !rc; i++)
        rc = spill_add(s, str_make(text, sizeof text), &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_int_equal(rc, ERR_IO);
    assert_non_null(strstr(error.text, "no room for a temporary file"));
    spill_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory),
        cmocka_unit_test(beyond_memory),
        cmocka_unit_test(limits_are_told),
        cmocka_unit_test(no_room_on_the_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
