/* codec/collection.h — what collectors of evidence leave behind, and where a file of theirs was.
 *
 * What:   tells by its path what a file is to a collection of Velociraptor or KAPE, reads their
 *         lists (uploads.json, client_info.json, CopyLog, SkipLog), and maps the path of a copy to
 *         the path on the host it was taken from.
 * Input:  hostile paths and lists. Lists are read in the sandbox; paths anywhere.
 * Limits: COLLECTION_*
 * Owner:  slices live in the arena given, or in the text given.
 * Spec:   docs/reference/inputs.md, "Collections"
 */
#ifndef CODEC_COLLECTION_H
#define CODEC_COLLECTION_H

#include "base/arena.h"

enum {
    COLLECTION_LIST_BYTES = 64 * 1024 * 1024, /* of one list; the rest is a gap */
    COLLECTION_ROWS = 1000 * 1000,            /* of one list, likewise */
};

/* What a file is to a collection, by its path below what the user named. A file that lies where a
 * host's own files are is evidence, whatever it is called. */
enum collection_file {
    COLLECTION_EVIDENCE,    /* a copy from a host, as far as the name tells */
    COLLECTION_CLIENT_INFO, /* Velociraptor: names the host */
    COLLECTION_UPLOADS,     /* Velociraptor: what was copied */
    COLLECTION_COPY_LOG,    /* KAPE: what was copied, with times */
    COLLECTION_SKIP_LOG,    /* KAPE: what was not */
    COLLECTION_ABOUT,       /* the collector's own, of no use here */
    COLLECTION_MAYBE,       /* the same if it lies beside one of Velociraptor's lists: log.json */
};
enum collection_file collection_file_of(struct str path);
/* One of those that collection_read reads? */
static inline bool collection_is_list(enum collection_file f)
{
    return f > COLLECTION_EVIDENCE && f < COLLECTION_ABOUT;
}

/* The path on the host, "C:\inetpub\logs\LogFiles\W3SVC1\u_ex210301.log", from the path of a copy:
 * uploads/auto/C%3A/..., a folder C, C:, C$ or C_drive, or folders that Windows, IIS and Exchange
 * are known by, which are taken to be where they are installed by default.
 *
 * own: where in the path the evidence's part begins. A letter alone is a drive if a folder of
 * Windows follows; in the own part also C to H, written large. *ret_anchor is where in the path the
 * host's own folders begin: what is before it was named by people. p == NULL: the path tells
 * nothing. */
MUST_CHECK enum err collection_original(struct arena *arena, struct str path, size_t own,
                                        struct str *ret_original, size_t *ret_anchor);

/* What a list tells. */
enum collection_tells {
    COLLECTION_HOST,    /* host */
    COLLECTION_COPIED,  /* original, times */
    COLLECTION_SKIPPED, /* original, why */
};
struct collection_fact {
    enum collection_tells tells;
    struct str host;
    struct str original, why;
    bool twin; /* skipped because another file with the same content was copied */
    int64_t created_us, modified_us, accessed_us; /* TIME_NONE: unknown */
};
typedef enum err collection_tell(void *ctx, const struct collection_fact *fact);
/* Damaged rows are passed over and the first of them is the error, once all others were told:
 * ERR_FORMAT. What tell returns if not OK ends it. The arena is for one list. */
MUST_CHECK enum err collection_read(enum collection_file what, struct str text, struct arena *arena,
                                    collection_tell *tell, void *ctx, struct error *error);

/* The host that an archive or a folder is called by: "EX01" of "Collection-EX01-2021-03-05T...zip",
 * "2021-03-05T101112_EX01.zip", "EX01.tar.gz" and "EX01". */
struct str collection_name(struct str name);

#endif
