/* Memory for tables: zeroed, and of one process only. */
#include "os/table.h"
#include "unit.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N = 3 * 1000 * 1000 };

static void zeroed(void **state)
{
    (void)state;
    unsigned *t = table_new(N, sizeof *t);
    unsigned any = 0;
    assert_non_null(t);
    for (size_t i = 0; i < N; i++)
        any |= t[i];
    assert_int_equal(any, 0);
    t[0] = t[N - 1] = 1;
    assert_null(table_free(t, N, sizeof *t));
    assert_null(table_free(NULL, N, sizeof *t));
}

static void not_inherited(void **state)
{
    (void)state;
    unsigned char there[1];
    int status;
    unsigned *t = table_new(N, sizeof *t);
    assert_non_null(t);
    t[0] = 1;
    assert_int_equal(mincore(t, 1, there), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(mincore(t, 1, there) == 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(t[0], 1);
    table_free(t, N, sizeof *t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(zeroed), cmocka_unit_test(not_inherited)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
