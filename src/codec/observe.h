/* observe.h — the table of formats that tell builds: bytes of an inventory or a scan ->
 * observations.
 *
 * What:   one format is one file and one line in observe.c. The format is told by the first bytes
 *         and the file's name; a reader pulls from a stream and hands each observation to a
 *         callback.
 * Input:  hostile, of any size: readers keep one record in memory, never the file.
 * Limits: OBSERVE_RECORD_BYTES a record; a longer one is a gap, and the rest is read.
 * Owner:  slices of an observation live until the callback returns.
 * Spec:   docs/reference/exposure.md
 */
#ifndef CODEC_OBSERVE_H
#define CODEC_OBSERVE_H

#include "codec/stream.h"
#include "model/exposure.h"

enum {
    OBSERVE_RECORD_BYTES = 1024 * 1024,
    OBSERVE_HEAD_BYTES = 64 * 1024, /* what a format is told by */
};

/* Columns of a table by name; absent: found by the names that such columns usually have. From
 * "host=COL,build=COL,...". */
struct observe_map {
    struct str host, build, product, time, site, owner, facing;
};

#define OBSERVE_NO_HOST STR("no-host") /* nothing tells whose it is */

struct observe_sink {
    enum err (*observation)(void *ctx, const struct observation *o);
    /* A record that could not be read, or was left out: reading goes on behind it. line: from 1,
     * 0 if the format has none. */
    enum err (*gap)(void *ctx, uint64_t line, uint64_t offset, struct str reason,
                    struct str detail);
    void *ctx;
};

struct observe_options {
    struct observe_map map;
    struct str name;   /* of the input, with its folders */
    struct str format; /* forced by the user; absent: told by the first bytes */
    struct str host;   /* whose answers these are; absent: the input tells */
    /* Answers to our own requests, of which more may follow: they came at asked_us, whatever they
     * say, and one without a build is no gap. */
    bool asked;
    int64_t asked_us;
};

/* False with the part that is wrong. Slices of text. */
bool observe_map_parse(struct str text, struct observe_map *ret_map, struct str *ret_wrong);

/* The formats, in the order in which they are asked; false behind the last one. For help. */
bool observe_format(size_t i, struct str *ret_name, struct str *ret_help);

/* Is it one of the formats? By its first bytes, at most OBSERVE_HEAD_BYTES, and its name. */
bool observe_is(struct str head, struct str name);

/* All observations of a stream. ERR_FORMAT with the reason if it is no known format (*ret_foreign)
 * or does not hold what its format needs; what a callback returned if that is not OK; ERR_IO and so
 * on of the stream after what came before. */
MUST_CHECK enum err observe_read(struct stream *stream, const struct observe_options *options,
                                 const struct observe_sink *sink, uint64_t *ret_bytes,
                                 bool *ret_foreign, struct error *error);

#endif
