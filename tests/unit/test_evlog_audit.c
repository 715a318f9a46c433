#include "evlog_told.h"

#define AT(type) "type=" type " msg=audit(1614729601.123:456): "

static void records_of_one_event(void **state)
{
    (void)state;
    expect_rows(
        AT("SYSCALL") "arch=c000003e syscall=59 success=yes a0=26 comm=\"sh\" "
                      "exe=\"/usr/bin/dash\" "
                      "key=(null)\n" AT("EXECVE") "argc=3 a0=\"sh\" a1=\"-c\" "
                                                  "a2=6C73202F746D70\n" AT(
                                                      "PATH") "item=0 name=2F746D702F6120622E7368 "
                                                              "nametype=CREATE\n",
        "auditd/SYSCALL/0  @1614729601 #1 Channel=auditd/SYSCALL type=SYSCALL arch=c000003e "
        "syscall=59 success=yes a0=26 comm=sh exe=/usr/bin/dash key=(null) SYSCALL=execve\n"
        "auditd/EXECVE/0  @1614729601 #2 Channel=auditd/EXECVE type=EXECVE argc=3 a0=sh a1=-c "
        "a2=ls /tmp Image=/usr/bin/dash CommandLine=sh -c ls /tmp\n"
        "auditd/PATH/0  @1614729601 #3 Channel=auditd/PATH type=PATH item=0 name=/tmp/a b.sh "
        "nametype=CREATE\n",
        0);
}

/* A program is that of the same event only. */
static void serials_are_kept_apart(void **state)
{
    (void)state;
    expect_rows(AT("SYSCALL") "exe=\"/bin/a\"\n"
                              "type=EXECVE msg=audit(1614729601.123:457): argc=1 a0=\"b\"\n",
                "auditd/SYSCALL/0  @1614729601 #1 Channel=auditd/SYSCALL type=SYSCALL exe=/bin/a\n"
                "auditd/EXECVE/0  @1614729601 #2 Channel=auditd/EXECVE type=EXECVE argc=1 a0=b "
                "CommandLine=b\n",
                0);
}

static void names_for_numbers_and_texts_within(void **state)
{
    (void)state;
    expect_rows("node=web01 " AT("SYSCALL") "arch=c000003e syscall=41 uid=0\x1d"
                                            "ARCH=x86_64 SYSCALL=socket UID=\"root\"\n"
                                            "node=web01 type=USER_CMD "
                                            "msg=audit(1614729602.000:9): pid=4 msg='cwd=\"/\" "
                                            "cmd=6C73202D6C terminal=pts/0 res=success'\n",
                "auditd/SYSCALL/0  @1614729601 #1 Channel=auditd/SYSCALL type=SYSCALL "
                "Computer=web01 arch=c000003e syscall=41 uid=0 ARCH=x86_64 SYSCALL=socket "
                "UID=root\nauditd/USER_CMD/0  @1614729602 #2 Channel=auditd/USER_CMD type=USER_CMD "
                "Computer=web01 pid=4 cwd=/ cmd=ls -l terminal=pts/0 res=success\n",
                0);
}

/* Arguments in parts, and more of them than an event has fields. */
static void long_commands(void **state)
{
    struct told t;
    struct evlog *e;
    struct buf b;
    (void)state;
    expect_rows(AT("EXECVE") "argc=2 a0=\"x\" a1_len=4 a1[0]=6162 a1[1]=6364\n",
                "auditd/EXECVE/0  @1614729601 #1 Channel=auditd/EXECVE type=EXECVE argc=2 a0=x "
                "a1_len=4 a1=abcd CommandLine=x abcd\n",
                0);
    buf_init(&b, 1 << 20);
    buf_puts(&b, AT("EXECVE") "argc=400");
    for (unsigned i = 0; i < 400; i++)
        buf_printf(&b, " a%u=\"v%u\"", i, i);
    buf_puts(&b, "\n");
    assert_int_equal(evlog_new(&e), OK);
    read_with(e, buf_view(&b), 0, &t);
    assert_int_equal(t.gaps, 0);
    assert_true(str_find(buf_view(&t.text), STR("v398 v399\n")) > 0);
    buf_done(&t.text);
    buf_done(&b);
    e = evlog_free(e);
}

static void what_is_not_understood_is_a_row(void **state)
{
    (void)state;
    expect_rows(AT("CWD") "cwd=\"/\"\ntype=CWD msg=audit(16147296\n",
                "auditd/CWD/0  @1614729601 #1 Channel=auditd/CWD type=CWD cwd=/\n"
                "auditd/0  @-1 #2 Channel=auditd message=type=CWD msg=audit(16147296\n",
                0);
    assert_false(evlog_knows(STR("type=x msg=hello\n"), STR_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_one_event),
        cmocka_unit_test(serials_are_kept_apart),
        cmocka_unit_test(names_for_numbers_and_texts_within),
        cmocka_unit_test(long_commands),
        cmocka_unit_test(what_is_not_understood_is_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
