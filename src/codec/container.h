/* codec/container.h — the members of an archive, read in place and never written to disk.
 *
 * What:   zip, 7z, tar, and tar packed with gzip, xz, zstd or bzip2, recognised by content. Members
 *         come in one fixed order; one that is a container itself is walked into. A file that is
 *         only packed (access.log.gz) is no container: codec/stream.h reads that.
 * Input:  hostile: bombs, quines, lying sizes, forged names, cut and damaged archives. What can be
 *         read before damage is delivered.
 * Limits: CONTAINER_*; each that is met is an error once, never silent, see container_next.
 * Owner:  container_open/container_close. The descriptor stays the caller's and its position is not
 *         used. Slices live until the next call with that container.
 * Spec:   PKWARE APPNOTE 6.3.10, 7zFormat.txt, POSIX pax; libarchive(3).
 */
#ifndef CODEC_CONTAINER_H
#define CODEC_CONTAINER_H

#include "base/err.h"
#include "base/str.h"

enum {
    CONTAINER_HEAD_BYTES = 512,   /* of a file, enough for container_look */
    CONTAINER_DEPTH = 8,          /* containers within each other */
    CONTAINER_NESTED = 10 * 1000, /* containers within one file, at all depths */
    CONTAINER_MEMBERS = 1000 * 1000,
    CONTAINER_PATH_BYTES = 4096,             /* a longer path is cut, and marked */
    CONTAINER_HELD_BYTES = 64 * 1024 * 1024, /* of nested zip and 7z, which are read by seeking */
    CONTAINER_RATIO = 200,                   /* unpacked to packed, for the whole file... */
    CONTAINER_MEMBER_RATIO = 1000,           /* ...and for one member... */
    CONTAINER_MEMBER_FREE_BYTES = 64 * 1024 * 1024, /* ...beyond its first bytes */
};
/* A file may unpack to as much whatever its ratio. */
#define CONTAINER_FREE_BYTES (UINT64_C(2) << 30)

/* What a file begins as. */
enum container_look {
    CONTAINER_NONE,    /* a file like any other */
    CONTAINER_ARCHIVE, /* zip, 7z or tar */
    CONTAINER_PACKED,  /* gzip, xz, zstd, bzip2: container_open tells whether a tar is in it */
    CONTAINER_FOREIGN, /* an archive or disk image that is not read: container_foreign says which */
};
/* head: the first CONTAINER_HEAD_BYTES of the file, or all of a shorter one. Nothing is unpacked:
 * safe outside of the sandbox. */
enum container_look container_look(struct str head);
/* Why such a file is not read, and what to do: "rar archive, unpack it first". */
const char *container_foreign(struct str head);

/* Is it called like a log, a document or a program? Members of such names are not unpacked to see
 * whether they are containers. A file that is one all the same is told by its head when it is read.
 */
bool container_is_plain_name(struct str path);

/* Once in a process that will enter the sandbox, before it does: names in other encodings need
 * tables that are read from files. Without it such names may come out as made-up ones. */
void container_prepare(void);

enum container_kind {
    CONTAINER_FILE,
    CONTAINER_FOLDER,
    CONTAINER_LINK,  /* symbolic or hard: no bytes of its own */
    CONTAINER_OTHER, /* a device, a pipe */
};

struct container_member {
    uint32_t ordinal; /* from 0, in the order of the walk, over all depths: stable */
    uint32_t depth;   /* 0: directly in the file */
    enum container_kind kind;
    struct str path;     /* UTF-8, "inner.zip/logs/a.log"; may hold control bytes and ".." */
    bool cut;            /* the path was longer, or held bytes that are no text */
    bool container;      /* its own bytes are not read; its members follow (none if skip.p) */
    bool encrypted;      /* then skip says what to do */
    struct str skip;     /* p != NULL: its bytes cannot be read, and why */
    uint64_t size_bytes; /* as the archive says; UINT64_MAX: it does not */
    /* As the archive says; TIME_NONE: it does not. DOS times have no zone: taken as UTC. */
    int64_t modified_us, created_us, changed_us, accessed_us;
};

struct container_pace {
    /* Called at least every megabyte of work, with the packed bytes taken so far, also while
     * members are passed over. false: the call under way fails with ERR_AGAIN. May be NULL. */
    bool (*go_on)(void *ctx, uint64_t taken_bytes);
    void *ctx;
};

struct container;

/* Of a file that can be read by offset (no pipe). ERR_NOT_FOUND: it is no container (a file that is
 * only packed, or damaged at its very beginning). pace may be NULL. */
MUST_CHECK enum err container_open(int fd, const struct container_pace *pace,
                                   struct container **ret_container, struct error *error);
/* The next member. END behind the last one.
 *
 * ERR_FORMAT (damage), ERR_LIMIT and ERR_UNSUPPORTED (an encrypted directory, a nested 7z that is
 * too large to hold) tell that the rest of one container is not walked: ret_member->path is then
 * the container's ("" is the file itself), error->text says what, error->offset where in the packed
 * file. The walk is not over: the next call goes on behind that container, or returns END. Each is
 * told once. ERR_NOMEM, ERR_IO and ERR_AGAIN end the walk.
 *
 * A member that was not read is passed over; in a zip that costs nothing. */
MUST_CHECK enum err container_next(struct container *c, struct container_member *ret_member,
                                   struct error *error);
/* Up to n bytes of the member at hand; *ret_n == 0 at its end. For members of kind CONTAINER_FILE
 * without skip and container.
 *
 * ERR_FORMAT, ERR_LIMIT, ERR_UNSUPPORTED: its bytes end here; those before it were delivered, every
 * later call fails alike, and container_next goes on with the next member. An error that is also
 * the end of the container is then told once more by container_next, of the container. A wrong
 * checksum is told behind the last byte. */
MUST_CHECK enum err container_read(struct container *c, void *p, size_t n, size_t *ret_n,
                                   struct error *error);
/* Goes to the member of that ordinal, which lies ahead. END: it is not there any more. What cannot
 * be walked on the way is passed over: who listed the members has been told. */
MUST_CHECK enum err container_seek(struct container *c, uint32_t ordinal,
                                   struct container_member *ret_member, struct error *error);
/* The member at hand has container set: container_read gives its own bytes, and it is not walked
 * into. Ordinals behind it are others than without this call. */
void container_stay(struct container *c);
/* What a member with container set begins with, until the next call. */
struct str container_head(const struct container *c);
/* Packed bytes taken from the descriptor, and bytes unpacked, so far. */
uint64_t container_taken(const struct container *c);
uint64_t container_unpacked(const struct container *c);
/* NULL. */
struct container *container_close(struct container *c);

#endif
