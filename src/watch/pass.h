/* pass.h — extraction from files: one worker that can do nothing but read and answer.
 *
 * What:   each file is opened by the coordinator and handed to a worker, which unpacks it, walks
 *         over it in overlapping parts, and sends back what it found. A worker that dies is a gap,
 *         and the next file gets a new one.
 * Input:  hostile files; what the worker sends is read with base/rd.h.
 * Limits: EXTRACT_PART_BYTES of a file in memory, LIMIT_IPC_MESSAGE_BYTES a message.
 * Owner:  the caller owns tree and lists; slices of items live until the callback returns.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_PASS_H
#define WATCH_PASS_H

#include "codec/stream.h"
#include "os/errand.h"
#include "os/io.h"
#include "watch/extract.h"

enum { EXTRACT_PART_BYTES = 1024 * 1024 };

struct extract_pass {
    const struct io_tree *tree;
    const struct extract_lists *lists;
    unsigned year_max;
    struct gist *gist; /* tells names as well; NULL: none */
    enum err (*found)(void *ctx, struct str file, const struct item *item);
    enum err (*gap)(void *ctx, const struct errand_gap *gap);
    void *ctx;
    const volatile sig_atomic_t *interrupted; /* set by a signal: stop; may be NULL */
    uint64_t bytes;                           /* read so far, unpacked */
};

/* The word lists inside the program. */
MUST_CHECK enum err extract_lists_load(struct arena *arena, struct extract_lists *ret_lists,
                                       struct error *error);
/* END when it was interrupted. */
MUST_CHECK enum err extract_files(struct extract_pass *pass, struct error *error);

/* The worker's part: all of a stream, in parts of that size, in the order of the text. Items have
 * their offset in the file, or in the unpacked text of a packed one. */
MUST_CHECK enum err extract_stream(const struct extract_options *options, struct stream *stream,
                                   size_t part_bytes, uint64_t *ret_bytes, struct error *error);

#endif
