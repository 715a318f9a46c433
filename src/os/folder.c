#include "os/folder.h"

#include "base/limits.h"
#include "os/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static enum err c_path(struct str path, char ret[LIMIT_PATH_BYTES], struct error *error)
{
    if (path.n == 0 || path.n >= LIMIT_PATH_BYTES || str_chr(path, 0) >= 0)
        return fail(error, ERR_LIMIT, "path is empty or too long");
    memcpy(ret, path.p, path.n);
    ret[path.n] = 0;
    return OK;
}

/* The name of a file in a folder, and nothing else. */
static enum err c_name(struct str name, char ret[256], struct error *error)
{
    if (name.n == 0 || name.n > 200 || str_chr(name, '/') >= 0 || str_chr(name, 0) >= 0 ||
        name.p[0] == '.')
        return fail(error, ERR_BUG, "no name of a file");
    memcpy(ret, name.p, name.n);
    ret[name.n] = 0;
    return OK;
}

static enum err open_folder(struct str folder, int *ret_fd, struct error *error)
{
    char path[LIMIT_PATH_BYTES];
    TRY(c_path(folder, path, error));
    *ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret_fd < 0)
        return fail_at(error, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, path, 0,
                       "cannot open '%s': %s", path, strerror(errno));
    return OK;
}

enum err folder_make(struct str folder, struct error *error)
{
    char path[LIMIT_PATH_BYTES];
    struct stat st;
    TRY(c_path(folder, path, error));
    if (mkdir(path, 0700) == 0 || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return OK;
    return fail_at(error, ERR_IO, path, 0, "cannot make the folder '%s': %s", path,
                   strerror(errno));
}

bool folder_own(struct str folder)
{
    char path[LIMIT_PATH_BYTES];
    struct stat st;
    return c_path(folder, path, NULL) == OK && stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
           st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static enum err write_beside(int dir, const char *name, const char *part, struct str text)
{
    int fd = openat(dir, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return ERR_IO;
    enum err rc = io_write(fd, text.p ? text.p : "", text.n);
    if (!rc && fsync(fd) != 0)
        rc = ERR_IO;
    if (close(fd) != 0 && !rc)
        rc = ERR_IO;
    if (!rc && renameat(dir, part, dir, name) != 0)
        rc = ERR_IO;
    if (rc) {
        int saved = errno;
        (void)unlinkat(dir, part, 0);
        errno = saved;
        return rc;
    }
    return fsync(dir) == 0 ? OK : ERR_IO;
}

enum err file_replace(struct str folder, struct str name, struct str text, struct error *error)
{
    char file[256], part[300];
    int dir;
    TRY(c_name(name, file, error));
    TRY(open_folder(folder, &dir, error));
    (void)snprintf(part, sizeof part, ".%s.%ld", file, (long)getpid());
    enum err rc = write_beside(dir, file, part, text);
    if (rc)
        rc = fail_at(error, rc, file, 0, "cannot write '%s': %s", file, strerror(errno));
    (void)close(dir);
    return rc;
}

static enum err read_open(struct arena *arena, int fd, const char *file, size_t max_bytes,
                          struct str *ret_text, struct error *error)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fail_at(error, ERR_FORMAT, file, 0, "'%s' is no plain file", file);
    if ((uint64_t)st.st_size > max_bytes)
        return fail_at(error, ERR_LIMIT, file, 0, "'%s' is longer than %zu bytes", file, max_bytes);
    char *text = arena_alloc(arena, (size_t)st.st_size + 1);
    if (!text)
        return fail_at(error, ERR_NOMEM, file, 0, "out of memory");
    ssize_t n = io_read(fd, text, (size_t)st.st_size);
    if (n < 0)
        return fail_at(error, ERR_IO, file, 0, "cannot read '%s': %s", file, strerror(errno));
    *ret_text = str_make(text, (size_t)n);
    return OK;
}

enum err file_read(struct arena *arena, struct str folder, struct str name, size_t max_bytes,
                   struct str *ret_text, struct error *error)
{
    char file[256];
    int dir;
    TRY(c_name(name, file, error));
    TRY(open_folder(folder, &dir, error));
    int fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    enum err rc;
    if (fd < 0)
        rc = fail_at(error, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, file, 0,
                     "cannot open '%s': %s", file, strerror(errno));
    else
        rc = read_open(arena, fd, file, max_bytes, ret_text, error);
    if (fd >= 0)
        (void)close(fd);
    (void)close(dir);
    return rc;
}

enum err file_remove(struct str folder, struct str name, struct error *error)
{
    char file[256];
    int dir;
    TRY(c_name(name, file, error));
    TRY(open_folder(folder, &dir, error));
    enum err rc = OK;
    if (unlinkat(dir, file, 0) != 0 && errno != ENOENT)
        rc = fail_at(error, ERR_IO, file, 0, "cannot remove '%s': %s", file, strerror(errno));
    (void)close(dir);
    return rc;
}

static int by_name(const void *a, const void *b)
{
    const struct str *x = a, *y = b;
    return str_cmp(*x, *y);
}

static bool plain_file(DIR *dir, const struct dirent *e)
{
    struct stat st;
    if (e->d_name[0] == '.')
        return false;
    if (e->d_type != DT_UNKNOWN)
        return e->d_type == DT_REG;
    return fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

/* Keeps the max names that come first: the last one gives way to an earlier one. */
static enum err keep_name(struct arena *arena, struct str *v, size_t max, size_t *n,
                          const char *name)
{
    struct str s = str_of(name);
    size_t at = *n;
    if (*n == max) {
        at = 0;
        for (size_t i = 1; i < max; i++)
            at = str_cmp(v[i], v[at]) > 0 ? i : at;
        if (str_cmp(s, v[at]) >= 0)
            return OK;
    }
    v[at] = arena_str(arena, s);
    *n += at == *n;
    return v[at].p ? OK : ERR_NOMEM;
}

enum err folder_list(struct arena *arena, struct str folder, size_t max, struct str **ret_names,
                     size_t *ret_n, struct error *error)
{
    int fd;
    struct str *v = arena_new_n(arena, struct str, max + 1);
    enum err rc = v ? OK : ERR_NOMEM;
    *ret_n = 0;
    *ret_names = v;
    if (rc)
        return fail(error, rc, "out of memory");
    TRY(open_folder(folder, &fd, error));
    DIR *dir = fdopendir(fd);
    if (!dir) {
        (void)close(fd);
        return fail(error, ERR_IO, "cannot list a folder: %s", strerror(errno));
    }
    for (struct dirent *e = readdir(dir); e && !rc && max; e = readdir(dir))
        if (plain_file(dir, e))
            rc = keep_name(arena, v, max, ret_n, e->d_name);
    (void)closedir(dir);
    if (*ret_n)
        qsort(v, *ret_n, sizeof *v, by_name);
    return rc ? fail(error, rc, "out of memory") : OK;
}

enum { THIN_MAX = 1000, DAY_S = 24 * 60 * 60 };

struct dated {
    char name[256];
    struct timespec written;
};

static int newest_first(const void *a, const void *b)
{
    const struct timespec x = ((const struct dated *)a)->written,
                          y = ((const struct dated *)b)->written;
    if (x.tv_sec != y.tv_sec)
        return x.tv_sec > y.tv_sec ? -1 : 1;
    return (x.tv_nsec < y.tv_nsec) - (x.tv_nsec > y.tv_nsec);
}

/* Notes a file of that name, or removes what nobody will finish (file_replace). */
static void note_dated(int dir, const char *name, struct str prefix, struct dated *v, size_t *n)
{
    struct stat st;
    bool part = name[0] == '.';
    if (!str_starts(str_of(name + part), prefix) || strlen(name) >= sizeof v->name ||
        fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
        return;
    if (part && st.st_mtim.tv_sec < time(NULL) - DAY_S)
        (void)unlinkat(dir, name, 0);
    if (part || *n == THIN_MAX)
        return;
    memcpy(v[*n].name, name, strlen(name) + 1);
    v[(*n)++].written = st.st_mtim;
}

void folder_thin(struct str folder, struct str prefix, size_t keep)
{
    int fd;
    struct dated *v = calloc(THIN_MAX, sizeof *v);
    size_t n = 0;
    if (!v || open_folder(folder, &fd, NULL)) {
        free(v);
        return;
    }
    DIR *dir = fdopendir(fd);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        note_dated(fd, e->d_name, prefix, v, &n);
    if (n)
        qsort(v, n, sizeof *v, newest_first);
    for (size_t i = keep; i < n; i++)
        (void)unlinkat(fd, v[i].name, 0);
    if (dir)
        (void)closedir(dir);
    else
        (void)close(fd);
    free(v);
}

enum err folder_lock(struct str folder, int *ret_fd, struct error *error)
{
    TRY(open_folder(folder, ret_fd, error));
    if (flock(*ret_fd, LOCK_EX | LOCK_NB) == 0)
        return OK;
    int why = errno;
    io_close(*ret_fd);
    *ret_fd = -1;
    return fail(error, why == EWOULDBLOCK ? ERR_AGAIN : ERR_IO, "cannot lock '%.*s': %s",
                STR_FMT(folder), strerror(why));
}
