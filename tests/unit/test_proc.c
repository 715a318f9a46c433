#include "base/limits.h"
#include "os/io.h"
#include "os/proc.h"
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Sends every message back, the bytes of a descriptor behind it. */
static int echo(void *ctx, int fd)
{
    struct buf b;
    uint8_t type;
    int got;
    (void)ctx;
    buf_init(&b, 2 * LIMIT_IPC_MESSAGE_BYTES);
    while (proc_recv(fd, &type, &b, &got) == OK) {
        char more[32];
        ssize_t n = got >= 0 ? io_pread(got, more, sizeof more, 0) : 0;
        buf_add(&b, more, n > 0 ? (size_t)n : 0);
        io_close(got);
        if (proc_send(fd, type, buf_view(&b), -1) != OK)
            return 3;
    }
    buf_done(&b);
    return 5;
}

static struct proc start(int (*run)(void *, int))
{
    struct proc p;
    assert_int_equal(proc_start(&p, NULL, 0, (size_t)1 << 30, run, NULL, NULL), OK);
    return p;
}

static void messages_go_there_and_back(void **state)
{
    (void)state;
    struct proc p = start(echo);
    struct buf b;
    uint8_t type;
    int fd, file = memfd_create("test", MFD_CLOEXEC);
    char *large = malloc(LIMIT_IPC_MESSAGE_BYTES), how[64];
    memset(large, 'l', LIMIT_IPC_MESSAGE_BYTES);
    buf_init(&b, 2 * LIMIT_IPC_MESSAGE_BYTES);
    assert_int_equal(io_write(file, "evidence", 8), OK);
    assert_int_equal(proc_send(p.fd, 7, STR("hello "), file), OK);
    assert_int_equal(proc_recv(p.fd, &type, &b, &fd), OK);
    assert_int_equal(type, 7);
    assert_int_equal(fd, -1);
    assert_str(buf_view(&b), "hello evidence");
    assert_int_equal(proc_send(p.fd, 0, STR(""), -1), OK);
    assert_int_equal(proc_recv(p.fd, &type, &b, &fd), OK);
    assert_int_equal(b.n, 0);
    assert_int_equal(proc_send(p.fd, 255, str_make(large, LIMIT_IPC_MESSAGE_BYTES), -1), OK);
    assert_int_equal(proc_recv(p.fd, &type, &b, &fd), OK);
    assert_int_equal(b.n, LIMIT_IPC_MESSAGE_BYTES);
    assert_memory_equal(b.p, large, b.n);
    assert_int_equal(proc_send(p.fd, 1, str_make(large, LIMIT_IPC_MESSAGE_BYTES + 1), -1),
                     ERR_LIMIT);
    proc_end(&p, false, how);
    assert_string_equal(how, "exit status 5");
    assert_int_equal(p.pid, 0);
    free(large);
    buf_done(&b);
    close(file);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const unsigned char huge[] = {0xff, 0xff, 0xff, 0xff, 1}, cut[] = {9, 0, 0, 0, 1, 'x'};
    static const struct {
        const void *p;
        size_t n;
        enum err want;
    } cases[] = {{huge, 5, ERR_FORMAT}, {cut, 6, ERR_IO}, {cut, 3, ERR_IO}, {cut, 0, END}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int pair[2], fd;
        uint8_t type;
        struct buf b;
        buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        if (cases[i].n)
            assert_int_equal(io_write(pair[1], cases[i].p, cases[i].n), OK);
        close(pair[1]);
        assert_int_equal(proc_recv(pair[0], &type, &b, &fd), cases[i].want);
        close(pair[0]);
        buf_done(&b);
    }
}

static int lowest_free(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

/* A header in five pieces, each with a descriptor: none of them may be left open. */
static void surplus_descriptors_are_closed(void **state)
{
    (void)state;
    int pair[2], fd, before;
    uint8_t type;
    struct buf b;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    before = lowest_free();
    for (int i = 0; i < 5; i++) {
        char space[CMSG_SPACE(sizeof(int))] = {0}, zero = 0;
        struct iovec iov = {&zero, 1};
        struct msghdr msg = {
            .msg_iov = &iov, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &pair[1], sizeof(int));
        assert_int_equal(sendmsg(pair[1], &msg, 0), 1);
    }
    assert_int_equal(proc_recv(pair[0], &type, &b, &fd), OK);
    assert_true(fd >= 0);
    io_close(fd);
    assert_int_equal(lowest_free(), before);
    close(pair[0]);
    close(pair[1]);
    buf_done(&b);
}

static int dies(void *ctx, int fd)
{
    (void)ctx;
    (void)fd;
    abort();
}

static int runs_out(void *ctx, int fd)
{
    (void)ctx;
    (void)fd;
    return PROC_NO_MEMORY;
}

static int waits(void *ctx, int fd)
{
    char c;
    (void)ctx;
    return read(fd, &c, 1) == 0 ? 4 : 6;
}

/* Which descriptors besides its own does a worker have that lead anywhere? */
static int counts_open(void *ctx, int fd)
{
    int open = 0;
    (void)ctx;
    for (int i = 3; i < 64; i++)
        open += i != fd && lseek(i, 0, SEEK_CUR) >= 0;
    for (int i = 0; i < 2; i++)
        open += 10 * (write(i, "", 0) < 0);
    return open;
}

static void an_end_is_explained(void **state)
{
    (void)state;
    char how[64];
    struct proc p = start(dies);
    proc_end(&p, false, how);
    assert_string_equal(how, "killed by signal 6");
    p = start(runs_out);
    proc_end(&p, false, how);
    assert_string_equal(how, "out of memory");
    p = start(waits);
    proc_end(&p, true, how);
    assert_true(strcmp(how, "killed by signal 9") == 0 || strcmp(how, "exit status 4") == 0);
    p = start(waits);
    proc_end(&p, false, how);
    assert_string_equal(how, "exit status 4");
}

static void nothing_of_the_coordinators_is_left_open(void **state)
{
    (void)state;
    char how[64];
    int fd = memfd_create("secret", 0);
    struct proc p = start(counts_open);
    proc_end(&p, false, how);
    assert_string_equal(how, "exit status 0");
    close(fd);
}

static void progress_is_shared(void **state)
{
    (void)state;
    struct proc_shared *s = proc_shared_new();
    int status;
    assert_non_null(s);
    pid_t pid = fork();
    if (pid == 0) {
        atomic_store(&s->bytes[3], 42);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(atomic_load(&s->bytes[3]), 42);
    proc_shared_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_go_there_and_back),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(surplus_descriptors_are_closed),
        cmocka_unit_test(an_end_is_explained),
        cmocka_unit_test(nothing_of_the_coordinators_is_left_open),
        cmocka_unit_test(progress_is_shared),
    };
    return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
