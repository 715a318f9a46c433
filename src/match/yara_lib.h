/* match/yara_lib.h — libyara behind five calls: compile, load, count, choose, scan.
 *
 * What:   one source of rules into bytes that are loaded again elsewhere; a buffer held against the
 *         rules of a source that are switched on.
 * Input:  sources and buffers are hostile, and libyara reads them in C: only in a sandboxed worker.
 *         Compiled bytes are trusted by libyara: they come from our own worker or the user's own
 *         cache, never from elsewhere.
 * Limits: YARA_LIB_BLOB_BYTES for compiled rules, the time given for a scan.
 * Owner:  yara_lib_load/yara_lib_free. What sinks are given lives until they return.
 * Spec:   libyara 4.2.3
 */
#ifndef MATCH_YARA_LIB_H
#define MATCH_YARA_LIB_H

#include "base/buf.h"
#include "match/yara_text.h"

enum { YARA_LIB_BLOB_BYTES = 64 * 1024 * 1024 };

/* Once in a process, before all others; children of fork have it. */
MUST_CHECK enum err yara_lib_start(void);
/* "4.2.3" */
const char *yara_lib_version(void);

struct yara_lib;
/* Without includes. ERR_FORMAT with line and text of the first thing that is wrong. */
MUST_CHECK enum err yara_lib_compile(struct str source, struct buf *ret_blob, struct error *error);
MUST_CHECK enum err yara_lib_load(struct str blob, struct yara_lib **ret_lib);
struct yara_lib *yara_lib_free(struct yara_lib *lib);
size_t yara_lib_rules(const struct yara_lib *lib);
struct str yara_lib_name(const struct yara_lib *lib, size_t rule);
/* A rule that is off is not looked for, and is false where others refer to it. */
void yara_lib_switch(struct yara_lib *lib, size_t rule, bool on);

struct yara_lib_match; /* valid during the call */
struct yara_lib_sink {
    enum err (*match)(void *ctx, size_t rule, const struct yara_lib_match *match);
    enum err (*too_many)(void *ctx, size_t rule);
    void *ctx;
};

/* external[i].p may be NULL: empty. ERR_AGAIN: out of time; ERR_FORMAT: libyara gave up, error says
 * why. Anything else that is not OK is what the sink returned, or ERR_NOMEM. */
MUST_CHECK enum err yara_lib_scan(struct yara_lib *lib, struct str body,
                                  const struct str external[YARA_EXTERNALS], int timeout_s,
                                  const struct yara_lib_sink *sink, struct error *error);

/* ---- what is told of a match ---- */

struct yara_lib_spot {
    struct str id;
    uint64_t offset, length;
};
/* Calls for each tag, meta and occurrence in order, until false is returned. */
void yara_lib_tags(const struct yara_lib_match *m, bool (*tag)(void *ctx, struct str tag),
                   void *ctx);
/* Numbers and booleans as text. */
void yara_lib_metas(const struct yara_lib_match *m,
                    bool (*meta)(void *ctx, struct str name, struct str text), void *ctx);
void yara_lib_spots(const struct yara_lib_match *m,
                    bool (*spot)(void *ctx, const struct yara_lib_spot *spot), void *ctx);

#endif
