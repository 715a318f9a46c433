/* posts.h — the table of post formats: bytes of a feed or an export -> posts.
 *
 * What:   one format is one file and one line in posts.c. The format is told by the first bytes;
 *         a reader pulls from a stream and hands each post to a callback.
 * Input:  hostile, of any size: readers keep one record in memory, never the file.
 * Limits: POSTS_RECORD_BYTES a record; a longer one is a gap, and the rest is read.
 * Owner:  slices of a post live until the callback returns; of a lasting one until `settle`.
 * Spec:   docs/reference/posts.md
 */
#ifndef CODEC_POSTS_H
#define CODEC_POSTS_H

#include "codec/stream.h"
#include "model/post.h"

enum {
    POSTS_RECORD_BYTES = 4 * 1024 * 1024,
    POSTS_HEAD_BYTES = 64 * 1024, /* what a format is told by */
};

/* Columns of CSV and TSV by name; absent: not given. From "time=COL,ingest=COL,...". */
struct post_map {
    struct str time, ingest, site, text, author, thread, url, id, title, lang, source;
};

struct post_sink {
    enum err (*post)(void *ctx, const struct post *post);
    /* A record that could not be read, or was left out: reading goes on behind it. */
    enum err (*gap)(void *ctx, uint64_t offset, struct str reason, struct str detail);
    void *ctx;
    /* The slices of lasting posts are about to go: whoever kept them uses or copies them now. May
     * be NULL. Called behind the last post too, and after a failure. */
    enum err (*settle)(void *ctx);
};

struct post_options {
    struct post_map map;
    struct str name;   /* of the input: the site of posts that name none */
    struct str format; /* forced by the user; absent: told by the first bytes */
};

/* "time=date,site=source,...": false with the part that is wrong. Slices of text. */
bool post_map_parse(struct str text, struct post_map *ret_map, struct str *ret_wrong);

/* The formats, in the order in which they are asked; false behind the last one. For help. */
bool posts_format(size_t i, struct str *ret_name, struct str *ret_help);

/* All posts of a stream. ERR_FORMAT with the reason if it is no known format; what a callback
 * returned if that is not OK; ERR_IO and so on of the stream after what came before it. */
MUST_CHECK enum err posts_read(struct stream *stream, const struct post_options *options,
                               const struct post_sink *sink, uint64_t *ret_bytes,
                               struct error *error);

#endif
