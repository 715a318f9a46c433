#include "os/sandbox.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Debian 12's headers stop at ABI 2; the rights of later ABIs are added when the kernel has them.
 */
enum {
    FS_RIGHTS_ABI_1 = (1 << 13) - 1,
    FS_REFER = 1 << 13,     /* ABI 2 */
    FS_TRUNCATE = 1 << 14,  /* ABI 3 */
    FS_IOCTL_DEV = 1 << 15, /* ABI 5 */
    NET_TCP = 3,            /* ABI 4: bind and connect */
    SCOPE_ALL = 3,          /* ABI 6: abstract sockets and signals */
};

struct ruleset_attr {
    uint64_t fs, net, scoped;
};

bool sandbox_relaxed(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
    return true;
#else
    return false;
#endif
#else
    return false;
#endif
}

static int landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi > 0 ? (int)abi : 0;
}

/* An empty ruleset: every right that the kernel can take away is taken away. */
static enum err enter_landlock(int abi, struct error *error)
{
    struct ruleset_attr attr = {.fs = FS_RIGHTS_ABI_1};
    if (abi >= 2)
        attr.fs |= FS_REFER;
    if (abi >= 3)
        attr.fs |= FS_TRUNCATE;
    if (abi >= 4)
        attr.net = NET_TCP;
    if (abi >= 5)
        attr.fs |= FS_IOCTL_DEV;
    if (abi >= 6)
        attr.scoped = SCOPE_ALL;
    size_t size = abi >= 6 ? sizeof attr : abi >= 4 ? 16 : 8;
    int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (fd < 0)
        return fail(error, ERR_IO, "landlock: %s", strerror(errno));
    long rc = syscall(SYS_landlock_restrict_self, fd, 0);
    int saved = errno;
    close(fd);
    return rc ? fail(error, ERR_IO, "landlock: %s", strerror(saved)) : OK;
}

static bool limit(int what, size_t value)
{
    struct rlimit l = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(what, &l) == 0;
}

/* What this process has mapped: its parent's tables (rules, millions of hashes), shared with it. */
static size_t inherited_bytes(void)
{
    char text[32] = {0};
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    return n > 0 ? (size_t)strtoull(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

static bool enter_rlimits(size_t address_space_bytes)
{
    bool ok = limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 16) &&
              limit(RLIMIT_NPROC, 0);
    /* Sanitizers reserve terabytes of address space. */
    if (!sandbox_relaxed())
        ok = ok && limit(RLIMIT_AS, address_space_bytes);
    return ok;
}

/* Calls that a worker makes between its start and its end. */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(lseek),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield),
};

static enum err enter_seccomp(struct error *error)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int rc = ctx ? 0 : -ENOMEM;
    for (size_t i = 0; !rc && i < sizeof allowed / sizeof *allowed; i++)
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    /* abort() sends itself a signal; nobody else gets one. */
    if (!rc)
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    /* Memory: anonymous only, never executable. */
    if (!rc)
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                              SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
    if (!rc)
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    /* A regex compiler asks for executable memory, is refused, and interprets instead. */
    if (!rc)
        rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mmap), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    if (!rc)
        rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mprotect), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    /* libc asks politely for these and lives with a refusal. */
    static const int refused[] = {SCMP_SYS(openat), SCMP_SYS(open),      SCMP_SYS(socket),
                                  SCMP_SYS(ioctl),  SCMP_SYS(prlimit64), SCMP_SYS(sysinfo)};
    for (size_t i = 0; !rc && i < sizeof refused / sizeof *refused; i++)
        rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    if (!rc)
        rc = seccomp_load(ctx);
    seccomp_release(ctx);
    return rc ? fail(error, ERR_IO, "seccomp: %s", strerror(-rc)) : OK;
}

enum err sandbox_enter(size_t address_space_bytes, struct sandbox_state *ret_state,
                       struct error *error)
{
    const size_t inherited = inherited_bytes(); /* while files can still be opened */
    *ret_state = (struct sandbox_state){0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail(error, ERR_IO, "no_new_privs: %s", strerror(errno));
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    int abi = landlock_abi();
    if (abi > 0)
        TRY(enter_landlock(abi, error));
    ret_state->landlock_abi = abi;
    ret_state->rlimits = enter_rlimits(inherited + address_space_bytes);
    if (!sandbox_relaxed()) {
        TRY(enter_seccomp(error));
        ret_state->seccomp = true;
    }
    return OK;
}

/* In the child: lock in, try three things that must fail, report. */
static void probe_child(int fd)
{
    struct sandbox_state s;
    if (sandbox_enter((size_t)1 << 30, &s, NULL) != OK)
        _exit(1);
    if (s.landlock_abi > 0 && syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0) >= 0)
        s.landlock_abi = 0;
    if (s.seccomp && socket(AF_INET, SOCK_STREAM, 0) >= 0)
        s.seccomp = false;
    ssize_t n = write(fd, &s, sizeof s);
    _exit(n == sizeof s ? 0 : 1);
}

enum err sandbox_probe(struct sandbox_state *ret_state, struct error *error)
{
    int fd[2], status = 0;
    *ret_state = (struct sandbox_state){0};
    if (pipe2(fd, O_CLOEXEC) != 0)
        return fail(error, ERR_IO, "pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        probe_child(fd[1]);
    close(fd[1]);
    ssize_t n = pid > 0 ? read(fd[0], ret_state, sizeof *ret_state) : -1;
    close(fd[0]);
    if (pid > 0)
        (void)waitpid(pid, &status, 0);
    if (n != sizeof *ret_state)
        return fail(error, ERR_IO, "the sandboxed child did not answer");
    return OK;
}

struct str sandbox_text(struct arena *arena)
{
    struct sandbox_state s;
    struct buf b;
    struct error why;
    buf_init(&b, 512);
    if (sandbox_probe(&s, &why) != OK)
        buf_printf(&b, "not known: %s", why.text);
    else
        buf_printf(&b, "%s%.0d, %s, %s", s.landlock_abi ? "landlock " : "no landlock",
                   s.landlock_abi, s.seccomp ? "seccomp" : "no seccomp",
                   s.rlimits ? "rlimits" : "no rlimits");
    struct str text = arena_str(arena, buf_view(&b));
    buf_done(&b);
    return text;
}
