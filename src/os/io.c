#include "os/io.h"

#include "base/limits.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { READ_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY };

static int open_beneath(int dir, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    /* O_NOATIME leaves no trace in the evidence, but is refused on files of others. */
    how.flags |= O_NOATIME;
    int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
    if (fd < 0 && errno == EPERM) {
        how.flags &= ~(uint64_t)O_NOATIME;
        fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
    }
    return fd;
}

struct walk {
    struct arena *arena;
    struct arena scratch; /* names of the folders that are open */
    VEC(struct io_entry) found;
    struct str input;
    uint32_t root;
    bool plainly; /* a file's size and identity are not asked for */
};

struct name {
    struct str text;
    unsigned char type; /* DT_REG and the like; DT_UNKNOWN where the file system does not tell */
};

static struct str join(struct arena *a, struct str dir, struct str name)
{
    if (dir.n == 0)
        return arena_str(a, name);
    bool slash = dir.p[dir.n - 1] == '/';
    char *p = arena_alloc(a, dir.n + 1 + name.n + 1);
    if (!p)
        return STR_NONE;
    memcpy(p, dir.p, dir.n);
    if (!slash)
        p[dir.n] = '/';
    memcpy(p + dir.n + !slash, name.p, name.n);
    return str_make(p, dir.n + !slash + name.n);
}

static uint64_t ns_of(struct timespec t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* st: of a regular file, else NULL. */
static enum err add(struct walk *w, struct str below, const struct stat *st, const char *skip)
{
    struct str path = below.n ? join(w->arena, w->input, below) : arena_str(w->arena, w->input);
    struct io_entry e = {
        .path = path,
        .below = path.p ? str_sub(path, path.n - below.n, path.n) : STR_NONE,
        .root = w->root,
        .size_bytes = st ? (uint64_t)st->st_size : 0,
        .device = st ? st->st_dev : 0,
        .inode = st ? st->st_ino : 0,
        .mtime_ns = st ? ns_of(st->st_mtim) : 0,
        .skip = skip ? str_of(skip) : STR_NONE,
        .hides = skip && (strstr(skip, "folder") || strstr(skip, "unreadable")),
    };
    if (!e.path.p)
        return ERR_NOMEM;
    return vec_push(&w->found, e, LIMIT_WALK_FILES);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

/* The names in a folder, sorted, without . and ..; with ERR_IO those that could be listed. */
static enum err names_of(struct arena *arena, int fd, struct name **ret_names, size_t *ret_n)
{
    VEC(struct name) names = {0};
    enum err rc = OK;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    if (!dir) {
        if (copy >= 0)
            close(copy);
        return ERR_IO;
    }
    while (!rc) {
        errno = 0;
        struct dirent *d = readdir(dir);
        if (!d) {
            rc = errno ? ERR_IO : OK; /* a damaged disk ends the listing early */
            break;
        }
        struct name name = {str_of(d->d_name), d->d_type};
        if (str_eq(name.text, STR(".")) || str_eq(name.text, STR("..")))
            continue;
        name.text = arena_str(arena, name.text);
        rc = name.text.p ? vec_push(&names, name, LIMIT_WALK_FILES) : ERR_NOMEM;
    }
    closedir(dir);
    if (names.n)
        qsort(names.v, names.n, sizeof *names.v, by_name);
    *ret_names = names.v;
    *ret_n = names.n;
    return rc;
}

static const char *odd_kind(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFLNK: return "symbolic link";
    case S_IFIFO: return "named pipe";
    case S_IFSOCK: return "socket";
    case S_IFCHR:
    case S_IFBLK: return "device";
    default: return "not a regular file";
    }
}

static enum err walk_folder(struct walk *w, int fd, struct str below, unsigned depth);

static enum err walk_name(struct walk *w, int dir, struct str dir_below, const struct name *name,
                          unsigned depth)
{
    struct str below = join(&w->scratch, dir_below, name->text);
    struct stat st;
    if (!below.p)
        return ERR_NOMEM;
    if (w->plainly && name->type == DT_REG && below.n < LIMIT_PATH_BYTES)
        return add(w, below, NULL, NULL);
    if (below.n >= LIMIT_PATH_BYTES || fstatat(dir, name->text.p, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return add(w, below, NULL, "unreadable");
    if (S_ISREG(st.st_mode))
        return add(w, below, &st, NULL);
    if (!S_ISDIR(st.st_mode))
        return add(w, below, NULL, odd_kind(st.st_mode));
    if (depth >= LIMIT_WALK_DEPTH)
        return add(w, below, NULL, "folders nested too deep");
    int fd = open_beneath(dir, name->text.p, READ_FLAGS | O_DIRECTORY);
    if (fd < 0)
        return add(w, below, NULL, "unreadable folder");
    enum err rc = walk_folder(w, fd, below, depth + 1);
    close(fd);
    return rc;
}

static enum err walk_folder(struct walk *w, int fd, struct str below, unsigned depth)
{
    struct name *names = NULL;
    size_t n = 0;
    struct arena_mark before = arena_mark(&w->scratch);
    enum err rc = names_of(&w->scratch, fd, &names, &n);
    if (rc == ERR_IO)
        rc = add(w, below, NULL, "unreadable folder");
    for (size_t i = 0; !rc && i < n; i++)
        rc = walk_name(w, fd, below, &names[i], depth);
    free(names);
    arena_back(&w->scratch, before);
    return rc;
}

static enum err walk_input(struct walk *w, int *ret_fd, struct error *error)
{
    struct stat st;
    if (str_eq(w->input, STR("-"))) {
        *ret_fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
        return *ret_fd < 0 ? fail(error, ERR_IO, "cannot read standard input")
                           : add(w, STR(""), NULL, NULL);
    }
    struct str copy = arena_str(w->arena, w->input);
    if (!copy.p)
        return fail(error, ERR_NOMEM, "out of memory");
    int fd = open(copy.p, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0)
        return fail_at(error, ERR_NOT_FOUND, copy.p, 0, "cannot open '%s': %s", copy.p,
                       strerror(errno));
    *ret_fd = fd;
    if (S_ISDIR(st.st_mode))
        return walk_folder(w, fd, STR(""), 0);
    if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
        return add(w, STR(""), NULL, odd_kind(st.st_mode));
    return add(w, STR(""), S_ISREG(st.st_mode) ? &st : NULL, NULL);
}

static int by_identity(const void *a, const void *b)
{
    const struct io_entry *x = *(const struct io_entry *const *)a;
    const struct io_entry *y = *(const struct io_entry *const *)b;
    if (x->inode != y->inode)
        return x->inode < y->inode ? -1 : 1;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return str_cmp(x->path, y->path);
}

static bool same_file(const struct io_entry *a, const struct io_entry *b)
{
    return a->inode && a->inode == b->inode && a->device == b->device &&
           a->size_bytes == b->size_bytes && a->mtime_ns == b->mtime_ns;
}

/* Takes out what another input has under an earlier path. Hard links within one input stay: they
 * are what somebody put there. */
static enum err drop_twins(struct io_entry *entry, size_t *n)
{
    size_t left = 0;
    struct io_entry **order = calloc(*n + 1, sizeof *order);
    bool *twin = calloc(*n + 1, sizeof *twin);
    for (size_t i = 0; order && twin && i < *n; i++)
        order[i] = &entry[i];
    if (order && twin)
        qsort(order, *n, sizeof *order, by_identity);
    for (size_t i = 1; order && twin && i < *n; i++)
        twin[order[i] - entry] =
            same_file(order[i - 1], order[i]) && order[i - 1]->root != order[i]->root;
    for (size_t i = 0; twin && i < *n; i++)
        if (!twin[i])
            entry[left++] = entry[i];
    enum err rc = order && twin ? OK : ERR_NOMEM;
    if (!rc)
        *n = left;
    free(order);
    free(twin);
    return rc;
}

static enum err list(struct walk w, const struct str *input, size_t n, struct io_tree *ret_tree,
                     struct error *error)
{
    struct arena *arena = w.arena;
    enum err rc = OK;
    arena_init(&w.scratch, arena->max_bytes - arena->used_bytes);
    *ret_tree = (struct io_tree){.root_fd = arena_new_n(arena, int, n ? n : 1), .n_roots = n};
    if (!ret_tree->root_fd)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        ret_tree->root_fd[i] = -1;
    for (size_t i = 0; !rc && i < n; i++) {
        w.input = input[i];
        w.root = (uint32_t)i;
        rc = walk_input(&w, &ret_tree->root_fd[i], error);
    }
    arena_done(&w.scratch);
    if (!rc)
        rc = drop_twins(w.found.v, &w.found.n);
    if (!rc && w.found.n) {
        ret_tree->entry = arena_new_n(arena, struct io_entry, w.found.n);
        ret_tree->n = ret_tree->entry ? w.found.n : 0;
        if (ret_tree->entry)
            memcpy(ret_tree->entry, w.found.v, w.found.n * sizeof *w.found.v);
    }
    vec_done(&w.found);
    if (rc == ERR_LIMIT)
        return fail(error, rc, "more than %d files", LIMIT_WALK_FILES);
    return rc;
}

enum err io_list(struct arena *arena, const struct str *input, size_t n, struct io_tree *ret_tree,
                 struct error *error)
{
    return list((struct walk){.arena = arena}, input, n, ret_tree, error);
}

enum err io_list_names(struct arena *arena, const struct str *input, size_t n,
                       struct io_tree *ret_tree, struct error *error)
{
    /* Whether two inputs reach one file is told by its identity. */
    return list((struct walk){.arena = arena, .plainly = n < 2}, input, n, ret_tree, error);
}

void io_tree_close(struct io_tree *tree)
{
    for (size_t i = 0; i < tree->n_roots; i++)
        io_close(tree->root_fd[i]);
    tree->n_roots = 0;
}

enum err io_open_entry(const struct io_tree *tree, const struct io_entry *entry, int *ret_fd,
                       struct error *error)
{
    int root = tree->root_fd[entry->root];
    int fd = entry->below.n ? open_beneath(root, entry->below.p, READ_FLAGS)
                            : fcntl(root, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return fail_at(error, ERR_IO, entry->path.p, 0, "%s", strerror(errno));
    struct stat st;
    bool named = entry->below.n != 0;
    if (fstat(fd, &st) != 0 || (named && !S_ISREG(st.st_mode))) {
        close(fd);
        return fail_at(error, ERR_IO, entry->path.p, 0, "no longer a regular file");
    }
    /* A pipe given by name or as stdin must block; regular files do not care. */
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && !S_ISREG(st.st_mode))
        (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    /* A file given by name is opened once and read perhaps twice. */
    if (S_ISREG(st.st_mode))
        (void)lseek(fd, 0, SEEK_SET);
    *ret_fd = fd;
    return OK;
}

enum err io_stamp(int fd, struct io_stamp *ret_stamp)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return ERR_IO;
    *ret_stamp = (struct io_stamp){
        .size_bytes = (uint64_t)st.st_size,
        .mtime_ns = ns_of(st.st_mtim),
        .ctime_ns = ns_of(st.st_ctim),
        .regular = S_ISREG(st.st_mode),
    };
    return OK;
}

enum err io_read_file(struct arena *arena, struct str path, size_t max_bytes, struct str *ret_text,
                      struct error *error)
{
    struct str name = arena_str(arena, path);
    struct stat st;
    if (!name.p)
        return fail(error, ERR_NOMEM, "out of memory");
    int fd = open(name.p, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail_at(error, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, name.p, 0,
                       "cannot open '%s': %s", name.p, strerror(errno));
    enum err rc = OK;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        rc = fail_at(error, ERR_IO, name.p, 0, "'%s' is not a regular file", name.p);
    else if ((uint64_t)st.st_size > max_bytes)
        rc = fail_at(error, ERR_LIMIT, name.p, 0, "'%s' is larger than %zu bytes", name.p,
                     max_bytes);
    char *p = rc ? NULL : arena_alloc(arena, (size_t)st.st_size + 1);
    if (!rc && !p)
        rc = fail(error, ERR_NOMEM, "out of memory");
    ssize_t n = rc ? 0 : io_read(fd, p, (size_t)st.st_size);
    if (!rc && n < 0)
        rc = fail_at(error, ERR_IO, name.p, 0, "cannot read '%s': %s", name.p, strerror(errno));
    close(fd);
    *ret_text = str_make(p, n > 0 ? (size_t)n : 0);
    return rc;
}

enum err io_open_file(struct str path, int *ret_fd, struct error *error)
{
    char name[LIMIT_PATH_BYTES];
    struct stat st;
    if (path.n >= sizeof name)
        return fail(error, ERR_LIMIT, "the name of a file is too long");
    memcpy(name, path.p, path.n);
    name[path.n] = 0;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail_at(error, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, name, 0,
                       "cannot open '%s': %s", name, strerror(errno));
    if (fstat(fd, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))) {
        close(fd);
        return fail_at(error, ERR_IO, name, 0, "'%s' is not a regular file", name);
    }
    *ret_fd = fd;
    return OK;
}

static bool stat_of(struct str path, struct stat *ret_st)
{
    char name[LIMIT_PATH_BYTES];
    if (path.n >= sizeof name)
        return false;
    memcpy(name, path.p, path.n);
    name[path.n] = 0;
    return stat(name, ret_st) == 0;
}

bool io_is_folder(struct str path)
{
    struct stat st;
    return stat_of(path, &st) && S_ISDIR(st.st_mode);
}

bool io_is_file(struct str path)
{
    struct stat st;
    return stat_of(path, &st) && S_ISREG(st.st_mode);
}

bool io_exists(struct str path)
{
    struct stat st;
    return stat_of(path, &st);
}

ssize_t io_read(int fd, void *p, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = read(fd, (char *)p + got, n - got);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return got ? (ssize_t)got : -1;
        if (r == 0)
            break;
        got += (size_t)r;
    }
    return (ssize_t)got;
}

ssize_t io_pread(int fd, void *p, size_t n, uint64_t offset)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = pread(fd, (char *)p + got, n - got, (off_t)(offset + got));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return got ? (ssize_t)got : -1;
        if (r == 0)
            break;
        got += (size_t)r;
    }
    return (ssize_t)got;
}

enum err io_write(int fd, const void *p, size_t n)
{
    const char *at = p;
    while (n) {
        ssize_t w = write(fd, at, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return ERR_IO;
        at += w;
        n -= (size_t)w;
    }
    return OK;
}

enum err io_create(struct str path, int *ret_fd, struct error *error)
{
    char name[LIMIT_PATH_BYTES];
    if (path.n >= sizeof name)
        return fail(error, ERR_LIMIT, "path too long");
    memcpy(name, path.p, path.n);
    name[path.n] = 0;
    bool std = str_eq(path, STR("-"));
    *ret_fd = std ? fcntl(1, F_DUPFD_CLOEXEC, 3) : open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (*ret_fd < 0)
        return fail_at(error, ERR_IO, name, 0, "cannot write '%s': %s", name, strerror(errno));
    return OK;
}

enum err io_start_over(int fd)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && ftruncate(fd, 0) != 0)
        return ERR_IO;
    return OK;
}

enum err io_finish(int fd)
{
    return close(fd) == 0 ? OK : ERR_IO;
}

/* The real path of a file's folder, or of the path itself if it exists. */
static bool real_path(struct str path, bool folder, char ret[PATH_MAX])
{
    char name[LIMIT_PATH_BYTES];
    if (path.n >= sizeof name)
        return false;
    memcpy(name, path.p, path.n);
    name[path.n] = 0;
    if (!folder)
        return realpath(name, ret) != NULL;
    char *slash = strrchr(name, '/');
    if (slash == name)
        slash[1] = 0;
    else if (slash)
        *slash = 0;
    return realpath(slash ? name : ".", ret) != NULL;
}

static bool look_at(struct str path, struct stat *ret)
{
    char name[LIMIT_PATH_BYTES];
    if (path.n >= sizeof name)
        return false;
    memcpy(name, path.p, path.n);
    name[path.n] = 0;
    return stat(name, ret) == 0;
}

bool io_same(struct str a, struct str b)
{
    struct stat x, y;
    return look_at(a, &x) && look_at(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool io_inside(struct str path, struct str input)
{
    char of_input[PATH_MAX], of_path[PATH_MAX];
    if (str_eq(path, STR("-")) || str_eq(input, STR("-")) || !real_path(input, false, of_input))
        return false;
    if (!io_is_folder(input))
        return io_same(path, input);
    if (!real_path(path, false, of_path) && !real_path(path, true, of_path))
        return false;
    struct str folder = str_of(of_path), root = str_of(of_input);
    return str_eq(folder, root) ||
           (str_starts(folder, root) && (root.n == 1 || of_path[root.n] == '/'));
}

void io_close(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}
