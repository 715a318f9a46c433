/* observe_priv.h — what the readers of inventories and scans share.
 *
 * What:   the row of a format, and a reader that pulls text through a window.
 * Input:  hostile.
 * Limits: the window is at most OBSERVE_WINDOW_BYTES; a record's own memory OBSERVE_ARENA_BYTES.
 * Owner:  observe_read owns the reader. Slices of the window live until the next call that pulls;
 *         what is in the arena until the format resets it.
 * Spec:   docs/how-to/add-an-inventory-format.md
 */
#ifndef CODEC_OBSERVE_PRIV_H
#define CODEC_OBSERVE_PRIV_H

#include "base/arena.h"
#include "codec/observe.h"

enum {
    OBSERVE_WINDOW_BYTES = 2 * OBSERVE_RECORD_BYTES,
    OBSERVE_ARENA_BYTES = 8 * OBSERVE_RECORD_BYTES,
};

struct observe_format;

struct observe_reader {
    const struct observe_options *options;
    const struct observe_sink *sink;
    struct error *error;
    struct arena arena; /* of one record: whoever reads records resets it */
    /* observe.c's own */
    struct stream *stream;
    char *p;
    size_t cap, from, to;
    uint64_t offset; /* of p[from], in the input */
    enum err ended;  /* END or an error: the stream gives no more */
    const struct observe_format *format;
};

struct observe_format {
    const char *name, *help; /* name: the `source` of its observations */
    /* Told by the first bytes, perhaps cut anywhere, and the file's name (without folders, maybe
     * empty). False if in doubt: the formats are asked in the order of the table. */
    bool (*is)(struct str head, struct str name);
    /* Reads to the end. OK, an error of the stream behind what came before it, ERR_FORMAT if
     * nothing can be read at all, or what observe_give and observe_gap returned. */
    enum err (*read)(struct observe_reader *r);
    bool hostless; /* files of a server that do not name it: where they lie tells, or the user */
};

extern const struct observe_format observe_clixml, observe_har, observe_healthchecker, observe_http,
    observe_iis, observe_inventory, observe_nmap, observe_powershell, observe_proxylogon;

/* Without the folders before it. */
struct str observe_file_name(struct str path);

/* What is in the window and was not taken yet. */
static inline struct str observe_view(const struct observe_reader *r)
{
    return str_make(r->p ? r->p + r->from : "", r->to - r->from);
}
/* n bytes of the view are done with. */
static inline void observe_take(struct observe_reader *r, size_t n)
{
    r->from += n;
    r->offset += n;
}
/* Makes the view longer: OK; END; ERR_LIMIT if the window is full and nothing was taken; or an
 * error of the stream. The view moves. */
MUST_CHECK enum err observe_fill(struct observe_reader *r);
/* Was the input UTF-16? The view is UTF-8 then, whatever its text says of itself. */
bool observe_was_utf16(const struct observe_reader *r);
/* The whole input as one slice, for formats whose files are small: ERR_LIMIT if it is longer than
 * the window, or an error of the stream. */
MUST_CHECK enum err observe_whole(struct observe_reader *r, struct str *ret_text);

/* A text that is kept while others are read: what is longer than any name or version is cut. */
enum { OBSERVE_TEXT_BYTES = 512 };
struct observe_text {
    char p[OBSERVE_TEXT_BYTES];
    size_t n;
};
static inline struct str observe_text_view(const struct observe_text *t)
{
    return str_make(t->p, t->n);
}
static inline void observe_text_add(struct observe_text *t, struct str more)
{
    size_t room = sizeof t->p - t->n, n = more.n < room ? more.n : room;
    if (n)
        memcpy(t->p + t->n, more.p, n);
    t->n += n;
}
static inline void observe_text_set(struct observe_text *t, struct str text)
{
    t->n = 0;
    observe_text_add(t, text);
}

/* An observation of which nothing is known yet. */
static inline struct observation observation_blank(enum observation_kind kind)
{
    return (struct observation){.kind = kind, .build = {{-1, -1, -1, -1}}, .time_us = TIME_NONE};
}

/* --- to the sink: return at once if these do not return OK --- */

enum { OBSERVE_NAME_BYTES = 512 }; /* of a host */
/* Fills in source and file. One without a host is a gap, unless the format is hostless. */
MUST_CHECK enum err observe_give(struct observe_reader *r, struct observation *o);
MUST_CHECK enum err observe_gap(struct observe_reader *r, uint64_t line, uint64_t offset,
                                struct str reason, struct str detail);

/* Is it a table that has the columns that the user named, and the usual ones for the others? */
bool observe_mapped(struct str head, const struct observe_map *map);

#define OBSERVE_TOO_LONG STR("too-long")     /* more than OBSERVE_RECORD_BYTES */
#define OBSERVE_DAMAGED STR("damaged")       /* not what the format says */
#define OBSERVE_CUT STR("cut")               /* the text ends within it */
#define OBSERVE_BAD_TIME STR("bad-time")     /* a time is given and is none */
#define OBSERVE_BAD_BUILD STR("bad-build")   /* a build is given and is none */
#define OBSERVE_NO_BUILD STR("no-build")     /* asked for, and not told */
#define OBSERVE_OTHER_HOST STR("other-host") /* the answer of another host than the input's */
#define OBSERVE_UNPLACED STR("unplaced")     /* of what it speaks is not known */

/* "15.01.2176.009", "Version 15.1 (Build 2106.2)", "Exchange Server 2016 CU19": the build with how
 * much of it is known, and the product if only that is. What Get-ExchangeServer shows (the second
 * form) never holds the update: PRECISION_CU. False if it is none. */
bool observe_build(struct str text, struct observation *o);

#endif
