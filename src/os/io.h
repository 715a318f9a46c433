/* os/io.h — the only place that opens files.
 *
 * What:   evidence opened read-only and never followed out of its root, folder walks in a fixed
 *         order, bounded reads of small files, whole writes.
 * Input:  hostile names and trees: symbolic links, FIFOs, devices, loops, files that change.
 * Limits: LIMIT_PATH_BYTES, LIMIT_WALK_DEPTH, LIMIT_WALK_FILES.
 * Owner:  descriptors belong to the caller. Strings live in the arena given.
 * Spec:   openat2(2): RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS.
 */
#ifndef OS_IO_H
#define OS_IO_H

#include "base/arena.h"
#include "base/buf.h"

#include <sys/types.h>

/* One regular file found below an input, or something that will not be read. */
struct io_entry {
    struct str path;  /* as shown to people: the input as given + "/" + the rest */
    struct str below; /* relative to the input's root; "" when the input is the file itself */
    uint32_t root;    /* index of the input */
    uint64_t size_bytes;
    uint64_t device, inode, mtime_ns; /* of a regular file: which one it is */
    struct str
        skip;   /* why it is not read ("symbolic link", "unreadable", ...), p == NULL if it is */
    bool hides; /* skipped, and perhaps a folder with files in it */
};

struct io_tree {
    struct io_entry *entry;
    size_t n;
    int *root_fd; /* one an input: a folder, or the file itself */
    size_t n_roots;
};

/* Lists all files below the inputs, sorted by path within an input; a file that several inputs
 * reach is listed once, under the first of its paths. "-" stands for stdin. An input that does not
 * exist is an error (ERR_NOT_FOUND with its name). */
MUST_CHECK enum err io_list(struct arena *arena, const struct str *input, size_t n,
                            struct io_tree *ret_tree, struct error *error);
/* The same for those who ask for no more than the paths: size, identity and time may be left out.
 */
MUST_CHECK enum err io_list_names(struct arena *arena, const struct str *input, size_t n,
                                  struct io_tree *ret_tree, struct error *error);
void io_tree_close(struct io_tree *tree);
/* Opens an entry for reading, or explains why not. */
MUST_CHECK enum err io_open_entry(const struct io_tree *tree, const struct io_entry *entry,
                                  int *ret_fd, struct error *error);

/* What to compare before and after reading. */
struct io_stamp {
    uint64_t size_bytes, mtime_ns, ctime_ns;
    bool regular;
};
MUST_CHECK enum err io_stamp(int fd, struct io_stamp *ret_stamp);

/* A whole small file, up to max_bytes (more is ERR_LIMIT). */
MUST_CHECK enum err io_read_file(struct arena *arena, struct str path, size_t max_bytes,
                                 struct str *ret_text, struct error *error);
/* Opens a user's own file for reading in pieces, however large; a pipe will do, once it has a
 * writer. */
MUST_CHECK enum err io_open_file(struct str path, int *ret_fd, struct error *error);
bool io_is_folder(struct str path);
bool io_is_file(struct str path); /* a regular one */
bool io_exists(struct str path);

/* read(2) and pread(2) until n bytes or the end of input; -1 with errno on failure. */
ssize_t io_read(int fd, void *p, size_t n);
ssize_t io_pread(int fd, void *p, size_t n, uint64_t offset);
/* Writes all of it: OK or ERR_IO. errno tells (EPIPE, ENOSPC). */
MUST_CHECK enum err io_write(int fd, const void *p, size_t n);
/* Opens a file for output (0600), or standard output for "-". What it holds stays until
 * io_start_over, so that a long run learns at its beginning that it cannot write its answer. */
MUST_CHECK enum err io_create(struct str path, int *ret_fd, struct error *error);
MUST_CHECK enum err io_start_over(int fd);
/* ERR_IO when the last bytes could not be written. */
MUST_CHECK enum err io_finish(int fd);
/* Are they one file, by whatever names? false if one of them is not there. */
bool io_same(struct str a, struct str b);
/* Would a file of that path be the input itself or lie inside it? */
bool io_inside(struct str path, struct str input);
void io_close(int fd);

#endif
