#include "os/proc.h"

#include "base/limits.h"
#include "os/io.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    HEADER_BYTES = 5, /* 32-bit length of the body, then the type */
    PATIENCE_S = 30,
};

struct proc_shared *proc_shared_new(void)
{
    void *p = mmap(NULL, sizeof(struct proc_shared), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void proc_shared_free(struct proc_shared *s)
{
    if (s)
        (void)munmap(s, sizeof *s);
}

/* Nothing of the coordinator's stays open: a worker that hostile input took over could write to the
 * terminal or read what it was not handed. Sanitizers report on standard error. */
static void keep_only(int fd)
{
    int none = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; none >= 0 && i < (sandbox_relaxed() ? 2 : 3); i++)
        (void)dup2(none, i);
    if (fd > 3)
        (void)close_range(3, (unsigned)fd - 1, 0);
    (void)close_range((unsigned)fd + 1, ~0u, 0);
}

/* Workers take and let go of the same memory for each file: what goes back to the kernel comes
 * again page by page, cleared. */
static void keep_memory(void)
{
    enum { KEPT_BYTES = 64 * 1024 * 1024, APART_BYTES = 4 * 1024 * 1024 };
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    (void)mallopt(M_MMAP_THRESHOLD, APART_BYTES);
}

static _Noreturn void child(int fd, size_t address_space_bytes, int (*run)(void *, int), void *ctx)
{
    struct sandbox_state state;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    keep_only(fd);
    keep_memory();
    if (sandbox_enter(address_space_bytes, &state, NULL) != OK)
        _exit(70);
    _exit(run(ctx, fd));
}

/* A worker that stops in the middle of a message must not hold up the coordinator. */
static void be_impatient(int fd)
{
    const struct timeval limit = {.tv_sec = PATIENCE_S};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

enum err proc_start(struct proc *ret_proc, const int *close_fds, size_t n_close,
                    size_t address_space_bytes, int (*run)(void *ctx, int fd), void *ctx,
                    struct error *error)
{
    int fd[2];
    *ret_proc = (struct proc){.fd = -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
        return fail(error, ERR_IO, "socketpair: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        for (size_t i = 0; i < n_close; i++)
            io_close(close_fds[i]);
        close(fd[0]);
        child(fd[1], address_space_bytes, run, ctx);
    }
    close(fd[1]);
    if (pid < 0) {
        close(fd[0]);
        return fail(error, ERR_AGAIN, "fork: %s", strerror(errno));
    }
    be_impatient(fd[0]);
    *ret_proc = (struct proc){.pid = pid, .fd = fd[0]};
    return OK;
}

void proc_end(struct proc *p, bool kill_it, char ret_how[64])
{
    int status = 0;
    if (p->pid <= 0)
        return;
    io_close(p->fd);
    if (kill_it)
        (void)kill(p->pid, SIGKILL);
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        (void)snprintf(ret_how, 64, "made a forbidden system call");
    else if (WIFSIGNALED(status))
        (void)snprintf(ret_how, 64, "killed by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) == PROC_NO_MEMORY)
        (void)snprintf(ret_how, 64, "out of memory");
    else
        (void)snprintf(ret_how, 64, "exit status %d", WEXITSTATUS(status));
    *p = (struct proc){.fd = -1};
}

static void put_header(unsigned char h[HEADER_BYTES], uint8_t type, size_t n)
{
    for (int i = 0; i < 4; i++)
        h[i] = (unsigned char)(n >> (8 * i));
    h[4] = type;
}

/* n: of both parts. The first bytes carry the descriptor. */
static enum err send_parts(int fd, struct msghdr *msg, size_t n)
{
    for (;;) {
        ssize_t sent = sendmsg(fd, msg, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return ERR_IO;
        n -= (size_t)sent;
        if (!n)
            return OK;
        msg->msg_control = NULL;
        msg->msg_controllen = 0;
        for (; (size_t)sent >= msg->msg_iov->iov_len; msg->msg_iov++, msg->msg_iovlen--)
            sent -= (ssize_t)msg->msg_iov->iov_len;
        msg->msg_iov->iov_base = (char *)msg->msg_iov->iov_base + sent;
        msg->msg_iov->iov_len -= (size_t)sent;
    }
}

enum err proc_send(int fd, uint8_t type, struct str body, int send_fd)
{
    unsigned char h[HEADER_BYTES];
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec iov[2] = {{.iov_base = h, .iov_len = sizeof h},
                           {.iov_base = (void *)(uintptr_t)body.p, .iov_len = body.n}};
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = body.n ? 2 : 1};
    if (body.n > LIMIT_IPC_MESSAGE_BYTES)
        return ERR_LIMIT;
    put_header(h, type, body.n);
    if (send_fd >= 0) {
        memset(&control, 0, sizeof control);
        msg.msg_control = control.space;
        msg.msg_controllen = sizeof control.space;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &send_fd, sizeof(int));
    }
    return send_parts(fd, &msg, HEADER_BYTES + body.n);
}

static enum err recv_header(int fd, unsigned char h[HEADER_BYTES], int *ret_fd)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    size_t got = 0;
    *ret_fd = -1;
    while (got < HEADER_BYTES) {
        struct iovec iov = {.iov_base = h + got, .iov_len = HEADER_BYTES - got};
        struct msghdr msg = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof control.space};
        ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 && got == 0 ? END : ERR_IO;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
            io_close(*ret_fd); /* a header in pieces may bring several: one is kept */
            memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
        }
        got += (size_t)n;
    }
    return OK;
}

enum err proc_recv(int fd, uint8_t *ret_type, struct buf *b, int *ret_fd)
{
    unsigned char h[HEADER_BYTES];
    buf_reset(b);
    enum err rc = recv_header(fd, h, ret_fd);
    if (rc)
        return rc;
    size_t n = (size_t)h[0] | (size_t)h[1] << 8 | (size_t)h[2] << 16 | (size_t)h[3] << 24;
    *ret_type = h[4];
    if (n > LIMIT_IPC_MESSAGE_BYTES)
        return ERR_FORMAT;
    char *to = n ? buf_reserve(b, n) : NULL;
    if (n && !to)
        return ERR_NOMEM;
    if (n && io_read(fd, to, n) != (ssize_t)n)
        return ERR_IO;
    b->n = n;
    return OK;
}
