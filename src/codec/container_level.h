/* codec/container_level.h — one archive among those that lie within each other.
 *
 * What:   libarchive over a descriptor, over bytes in memory, or over the member of another level;
 *         its members' names, times and bytes.
 * Input:  hostile; see codec/container.h.
 * Limits: what the walk (struct level_walk) has left of its budgets is asked before work is done.
 * Owner:  nest_open/nest_close. Private to codec/container*.c.
 * Spec:   libarchive(3)
 */
#ifndef CODEC_CONTAINER_LEVEL_H
#define CODEC_CONTAINER_LEVEL_H

#include "base/buf.h"
#include "codec/container.h"
#include "codec/container_zip.h"

#include <archive.h>
#include <archive_entry.h>

enum container_form { FORM_NONE, FORM_ZIP, FORM_7Z, FORM_TAR, FORM_PACKED };
enum container_form container_form_of(struct str head);
bool container_is_tar(struct str head);

/* What all levels of one file share. */
struct level_walk {
    int fd;
    uint64_t size_bytes;     /* of the file */
    uint64_t at, taken;      /* last read ended there; bytes read in all */
    uint64_t unpacked, most; /* bytes unpacked, and how many may be */
    uint64_t held;           /* in memory, of members */
    const struct container_pace *pace;
    enum err stop; /* ERR_AGAIN, ERR_IO, ERR_LIMIT: no level may go on */
    struct error why;
};

struct level {
    struct level_walk *walk;
    struct level *outer; /* whose member at hand it is; NULL: the file */
    enum container_form form;
    bool seeks;       /* over the file or over bytes in memory */
    bool held;        /* over bytes in memory */
    struct str bytes; /* those */
    struct archive *archive;
    struct archive_entry *entry;     /* the member at hand */
    struct zip_directory *directory; /* of a zip that is read by seeking */
    const struct zip_place *place;   /* the member's in it; NULL: not known */
    unsigned char *block;
    size_t block_bytes; /* of the next read */
    uint64_t at, given; /* where the next read begins; bytes read so far */
    size_t path_bytes;  /* of the walk's path: "" or "inner.zip/" */
    /* Of the member at hand: */
    unsigned char *head; /* its first bytes, read before they are asked for */
    size_t head_n, head_cap, head_at;
    const unsigned char *piece; /* unpacked and not given out; behind a hole of zeros */
    size_t piece_n;
    uint64_t hole, unpacked, given_before;
    uint64_t passed;  /* bytes of members of a 7z since one was read: they are unpacked, too */
    enum err data_rc; /* END: no more bytes follow the head */
    struct error data_error;
};

/* Over the walk's file (outer == NULL), over bytes, or over what follows of outer's member. */
MUST_CHECK enum err nest_open(struct level *l, struct level_walk *walk, struct level *outer,
                              enum container_form form, const struct str *bytes,
                              struct error *error);
void nest_close(struct level *l);
/* Do the packed bytes hold a tar? Reads from the same places as nest_open. */
bool nest_holds_tar(struct level_walk *walk, const struct str *bytes);
/* The next member. END, ERR_FORMAT, ERR_LIMIT, ERR_UNSUPPORTED (the rest of the archive cannot be
 * read), and what ends the walk. */
MUST_CHECK enum err nest_next(struct level *l, struct error *error);
/* Bytes of the member at hand, as container_read. */
MUST_CHECK enum err nest_read(struct level *l, void *p, size_t n, size_t *ret_n,
                              struct error *error);
/* Reads up to n bytes of the member into its head; what is read stays to be given out. */
MUST_CHECK enum err nest_peek(struct level *l, size_t n);
/* The member's name as UTF-8, behind what b holds. false: some of its bytes are no text. */
bool nest_name(struct level *l, uint32_t ordinal, struct buf *b);
void nest_times(const struct level *l, struct container_member *m);

#endif
