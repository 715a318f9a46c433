#include "os/term.h"
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_progress_text(void **state)
{
    (void)state;
    char out[PROGRESS_BYTES];
    struct progress p = {.done_bytes = 250000000, .total_bytes = 1000000000, .findings = 3};
    (void)term_progress_text(&p, 2, 80, out);
    assert_string_equal(out, " 25 %  250.0 MB of 1.0 GB, 125.0 MB/s, 0:06 left, 3 findings");
    assert_int_equal(term_progress_text(&p, 2, 10, out), 10);
    assert_string_equal(out, " 25 %  250");
    p = (struct progress){.done_bytes = 1500, .findings = 1};
    (void)term_progress_text(&p, 1, 80, out);
    assert_string_equal(out, "1.5 kB, 1.5 kB/s, 1 finding");
    p = (struct progress){.total_bytes = 1500};
    (void)term_progress_text(&p, 0, 80, out);
    assert_string_equal(out, "  0 %  0.0 kB of 1.5 kB");
    p = (struct progress){.done_bytes = 2000, .total_bytes = 1000};
    (void)term_progress_text(&p, 1, 80, out);
    assert_string_equal(out, "100 %  1.0 kB of 1.0 kB, 2.0 kB/s, 0:00 left, 0 findings");
    p = (struct progress){.done_bytes = 1, .total_bytes = UINT64_MAX, .findings = UINT64_MAX};
    assert_true(term_progress_text(&p, 1e9, 1000, out) < PROGRESS_BYTES);
}

static void test_not_a_terminal(void **state)
{
    (void)state;
    int fd[2];
    char byte;
    assert_int_equal(pipe(fd), 0);
    unsetenv("NO_COLOR");
    unsetenv("CLICOLOR_FORCE");
    setenv("TERM", "xterm", 1);
    assert_false(term_is(fd[1]));
    assert_false(term_colour(fd[1], TERM_COLOUR_AUTO));
    assert_true(term_colour(fd[1], TERM_COLOUR_ALWAYS));
    assert_false(term_colour(fd[1], TERM_COLOUR_NEVER));
    setenv("CLICOLOR_FORCE", "1", 1);
    assert_true(term_colour(fd[1], TERM_COLOUR_AUTO));
    setenv("NO_COLOR", "1", 1);
    assert_false(term_colour(fd[1], TERM_COLOUR_AUTO));
    assert_false(term_ascii(fd[1]));
    setenv("COLUMNS", "101", 1);
    assert_int_equal(term_width(fd[1]), 101);
    setenv("COLUMNS", "-5", 1);
    assert_int_equal(term_width(fd[1]), 80);
    struct progress p;
    term_progress_begin(&p, fd[1]);
    p.done_bytes = 5;
    term_progress(&p);
    term_progress_end(&p);
    close(fd[1]);
    assert_int_equal(read(fd[0], &byte, 1), 0); /* nothing was drawn */
    close(fd[0]);
}

/* On a real terminal: drawn over itself, and gone at the end. */
static void test_terminal(void **state)
{
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) || unlockpt(master)) {
        print_message("skipped: no pseudo-terminal here\n");
        skip();
    }
    setenv("COLUMNS", "80", 1);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    unsetenv("CLICOLOR_FORCE");
    char out[1024] = "";
    /* Not as the controlling terminal: closing the other end would then kill the test. */
    int fd = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    assert_true(term_is(fd));
    assert_true(term_colour(fd, TERM_COLOUR_AUTO));
    setenv("LC_ALL", "C", 1);
    assert_true(term_ascii(fd));
    setenv("LC_ALL", "de_DE.UTF-8", 1);
    assert_false(term_ascii(fd));
    struct progress p;
    term_progress_begin(&p, fd);
    p.done_bytes = p.total_bytes = 1000;
    term_progress(&p); /* too early: nothing */
    p.next_s = 0;
    term_progress(&p);
    term_progress_end(&p);
    ssize_t n = read(master, out, sizeof out - 1);
    assert_true(n > 2);
    assert_non_null(strstr(out, "\r100 %  1.0 kB of 1.0 kB, "));
    assert_int_equal(out[n - 1], '\r');
    assert_int_equal(out[n - 2], ' ');
    setenv("TERM", "dumb", 1);
    assert_false(term_colour(fd, TERM_COLOUR_AUTO));
    close(fd);
    close(master);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress_text),
        cmocka_unit_test(test_not_a_terminal),
        cmocka_unit_test(test_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
