#include "os/sandbox.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each returns true if it was allowed. By syscall(): libc must not get in between. */
static char victim[64] = "/tmp/tocsin-sandbox-XXXXXX";

static bool may_open(void)
{
    return syscall(SYS_open, "/etc/passwd", O_RDONLY) >= 0;
}
static bool may_openat(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY) >= 0;
}
static bool may_openat2(void)
{
    struct open_how how = {.flags = O_RDONLY};
    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof how) >= 0;
}
static bool may_create(void)
{
    return syscall(SYS_creat, "/tmp/tocsin-sandbox-new", 0600) >= 0;
}
static bool may_write_file(void)
{
    long fd = syscall(SYS_openat, AT_FDCWD, victim, O_WRONLY);
    return fd >= 0 && write((int)fd, "x", 1) == 1;
}
static bool may_unlink(void)
{
    return syscall(SYS_unlink, victim) == 0;
}
static bool may_rename(void)
{
    return syscall(SYS_rename, victim, "/tmp/tocsin-sandbox-b") == 0;
}
static bool may_mkdir(void)
{
    return syscall(SYS_mkdir, "/tmp/tocsin-sandbox-d", 0700) == 0;
}
static bool may_truncate(void)
{
    return syscall(SYS_truncate, victim, 0) == 0;
}
static bool may_socket_inet(void)
{
    return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0) >= 0;
}
static bool may_socket_unix(void)
{
    return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) >= 0;
}
static bool may_connect(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    /* EBADF would mean that the call itself went through. */
    return syscall(SYS_connect, -1, &to, sizeof to) == 0 || errno == EBADF;
}
static bool may_fork(void)
{
    return syscall(SYS_fork) >= 0;
}
static bool may_clone(void)
{
    return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0;
}
static bool may_execve(void)
{
    char *argv[] = {NULL};
    (void)syscall(SYS_execve, "/bin/true", argv, argv);
    return errno == ENOENT;
}
static bool may_ptrace(void)
{
    return syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0) == 0;
}
static bool may_kill(void)
{
    return syscall(SYS_kill, getppid(), 0) == 0;
}
static pid_t parent;
static bool may_tgkill(void)
{
    return syscall(SYS_tgkill, parent, parent, 0) == 0;
}
static bool may_map_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) != MAP_FAILED;
}
static bool may_protect_code(void)
{
    static char page[8192] __attribute__((aligned(4096)));
    return mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}
static bool may_mount(void)
{
    return syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, 0) == 0;
}
static bool may_io_uring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL) >= 0 || errno == EFAULT;
}
static bool may_be_dumpable(void)
{
    return syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}
static bool may_chroot(void)
{
    return syscall(SYS_chroot, "/") == 0;
}
static bool may_bpf(void)
{
    return syscall(SYS_bpf, 0, NULL, 0) >= 0 || errno == EFAULT || errno == EINVAL;
}
static bool may_read_memory(void)
{
    return syscall(SYS_process_vm_readv, parent, NULL, 0, NULL, 0, 0) >= 0;
}
static bool may_setuid(void)
{
    return syscall(SYS_setuid, 0) == 0;
}

static const struct act {
    const char *name;
    bool (*try)(void);
    bool by_landlock; /* refused without seccomp too */
} acts[] = {
    {"open", may_open, true},
    {"openat", may_openat, true},
    {"openat2", may_openat2, true},
    {"creat", may_create, true},
    {"write to a file", may_write_file, true},
    {"unlink", may_unlink, true},
    {"rename", may_rename, true},
    {"mkdir", may_mkdir, true},
    {"truncate", may_truncate, false},
    {"socket (inet)", may_socket_inet, false},
    {"socket (unix)", may_socket_unix, false},
    {"connect", may_connect, false},
    {"fork", may_fork, false},
    {"clone", may_clone, false},
    {"execve", may_execve, true},
    {"ptrace", may_ptrace, false},
    {"kill the parent", may_kill, false},
    {"tgkill the parent", may_tgkill, false},
    {"map executable memory", may_map_code, false},
    {"make memory executable", may_protect_code, false},
    {"mount", may_mount, true},
    {"io_uring", may_io_uring, false},
    {"become dumpable", may_be_dumpable, false},
    {"chroot", may_chroot, false},
    {"bpf", may_bpf, false},
    {"read another's memory", may_read_memory, false},
    {"setuid", may_setuid, false},
};

/* The exit status of a locked-in child that runs a function: 0 refused, 1 allowed, -N killed. */
static int locked_in(bool (*run)(void))
{
    int status = 0;
    parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        struct sandbox_state s;
        errno = 0;
        _exit(sandbox_enter((size_t)1 << 30, &s, NULL) != OK ? 9 : run() ? 1 : 0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void forbidden_acts_are_refused(void **state)
{
    (void)state;
    struct sandbox_state active;
    size_t tried = 0;
    assert_int_equal(sandbox_probe(&active, NULL), OK);
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        if (!active.seccomp && !(acts[i].by_landlock && active.landlock_abi > 0))
            continue;
        int how = locked_in(acts[i].try);
        if (how != 0 && how != -SIGSYS)
            fail_msg("%s: %s (%d)", acts[i].name, how == 1 ? "allowed" : "ended in another way",
                     how);
        tried++;
    }
    if (sandbox_relaxed() || !active.seccomp)
        print_message("# %zu of %zu acts tried: no seccomp in this build or on this machine\n",
                      tried, ARRAY_LEN(acts));
    assert_true(access(victim, F_OK) == 0);
    if (!tried)
        skip();
}

static int evidence, pipe_end[2];

static bool works(void)
{
    char b[16];
    void *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p != MAP_FAILED && pread(evidence, b, 4, 0) == 4 && lseek(evidence, 0, SEEK_CUR) == 0 &&
           write(pipe_end[1], "ok", 2) == 2 && munmap(p, 1 << 20) == 0 && malloc(1 << 22) != NULL;
}

static void the_daily_work_is_allowed(void **state)
{
    (void)state;
    char b[4];
    evidence = open(victim, O_RDONLY);
    assert_int_equal(pipe(pipe_end), 0);
    assert_int_equal(locked_in(works), 1);
    assert_int_equal(read(pipe_end[0], b, 2), 2);
}

static bool abort_is_possible(void)
{
    abort();
}

static void a_crash_is_a_crash(void **state)
{
    (void)state;
    assert_int_equal(locked_in(abort_is_possible), -SIGABRT);
}

static bool takes_too_much(void)
{
    return malloc((size_t)2 << 30) != NULL;
}

static bool takes_what_is_usual(void)
{
    return malloc((size_t)256 << 20) != NULL;
}

/* Tables of the parent that the child only reads are not on the child's account. */
static void what_was_inherited_does_not_count(void **state)
{
    (void)state;
    const size_t bytes = (size_t)3 << 30;
    void *p = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(p != MAP_FAILED);
    assert_int_equal(locked_in(takes_what_is_usual), 1);
    if (!sandbox_relaxed())
        assert_int_equal(locked_in(takes_too_much), 0);
    munmap(p, bytes);
}

static void memory_has_an_end(void **state)
{
    (void)state;
    if (sandbox_relaxed()) {
        print_message("# sanitizers reserve terabytes\n");
        skip();
    }
    assert_int_equal(locked_in(takes_too_much), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forbidden_acts_are_refused),
        cmocka_unit_test(the_daily_work_is_allowed),
        cmocka_unit_test(a_crash_is_a_crash),
        cmocka_unit_test(memory_has_an_end),
        cmocka_unit_test(what_was_inherited_does_not_count),
    };
    int fd = mkostemp(victim, O_CLOEXEC);
    if (fd < 0 || write(fd, "evidence", 8) != 8)
        return 1;
    int failed = cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
    (void)unlink(victim);
    return failed;
}
