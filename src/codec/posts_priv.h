/* posts_priv.h — what the readers of post formats share.
 *
 * What:   the row of a format, a reader that pulls text through a window, the dates and the markup
 *         that feeds have in common.
 * Input:  hostile.
 * Limits: the window is at most POSTS_WINDOW_BYTES; a record's own memory POSTS_ARENA_BYTES.
 * Owner:  posts_read owns the reader. Slices of the window live until the next call that pulls;
 *         what is in the arena until the format resets it.
 * Spec:   docs/how-to/add-a-feed-format.md
 */
#ifndef CODEC_POSTS_PRIV_H
#define CODEC_POSTS_PRIV_H

#include "base/arena.h"
#include "codec/posts.h"

enum {
    POSTS_WINDOW_BYTES = POSTS_RECORD_BYTES + 1, /* a record and its line end */
    POSTS_ARENA_BYTES = 3 * POSTS_RECORD_BYTES,
};

struct post_reader {
    const struct post_options *options;
    const struct post_sink *sink;
    struct error *error;
    struct arena arena;  /* of one record: whoever reads records resets it */
    enum err stopped;    /* what a callback returned, if not OK: reading ends */
    struct str bad_time; /* posts_json.c's own */
    /* posts_pull.c's own */
    struct stream *stream;
    char *p;
    size_t cap, from, to;
    uint64_t offset; /* of p[from], in the input */
    enum err ended;  /* END or an error: the stream gives no more */
};

struct post_format {
    const char *name, *help;
    /* Told by the first bytes, at most POSTS_HEAD_BYTES, perhaps cut anywhere. False if in doubt:
     * the formats are asked in the order of the table. */
    bool (*is)(struct str head);
    /* Reads to the end. OK, an error of the stream behind what came before it, ERR_FORMAT if
     * nothing can be read at all, or what post_give and post_gap returned. */
    enum err (*read)(struct post_reader *r);
};

extern const struct post_format posts_jsonl, posts_csv, posts_tsv;
extern const struct post_format posts_bluesky, posts_hn, posts_mastodon, posts_reddit;
extern const struct post_format posts_ail, posts_discord, posts_discord_package, posts_jsonfeed,
    posts_matrix, posts_misp, posts_misp_manifest, posts_ransom, posts_stix, posts_telegram;
extern const struct post_format posts_rss, posts_mbox, posts_eml;

/* --- the window (posts_pull.c) --- */

void pull_open(struct post_reader *r, struct stream *stream);
void pull_close(struct post_reader *r);
/* Tells the sink that what is in the window goes. */
MUST_CHECK enum err pull_settle(struct post_reader *r);
/* What is in the window and was not taken yet. */
static inline struct str pull_view(const struct post_reader *r)
{
    return str_make(r->p ? r->p + r->from : "", r->to - r->from);
}
/* n bytes of the view are done with. */
static inline void pull_take(struct post_reader *r, size_t n)
{
    r->from += n;
    r->offset += n;
}
/* Makes the view longer: OK; END; ERR_LIMIT if the window is full and nothing was taken; or an
 * error of the stream. The view moves. */
MUST_CHECK enum err pull_fill(struct post_reader *r);
/* The next line without LF or CRLF, with its offset; the last one may lack its line end. END at
 * the end. A line that is too long is told as a gap and skipped. */
MUST_CHECK enum err pull_line(struct post_reader *r, struct str *ret_line, uint64_t *ret_offset);

/* A post of which nothing is known yet. */
static inline struct post post_blank(uint64_t offset)
{
    return (struct post){.time_us = TIME_NONE, .ingest_us = TIME_NONE, .offset = offset};
}

/* --- to the sink: return at once if these do not return OK --- */

/* Fills in what the options say of posts that do not (the site). */
MUST_CHECK enum err post_give(struct post_reader *r, struct post *post);
MUST_CHECK enum err post_gap(struct post_reader *r, uint64_t offset, struct str reason,
                             struct str detail);

/* Reasons of gaps that formats share. */
#define POST_TOO_LONG STR("too-long") /* more than POSTS_RECORD_BYTES */
#define POST_DAMAGED STR("damaged")   /* not what the format says */
#define POST_CUT STR("cut")           /* the text ends within it */
#define POST_BAD_TIME STR("bad-time") /* a time is given and is none */

/* --- dates (posts_time.c) --- */

/* RFC 3339 and ISO 8601 with and without zone (UTC) or seconds; RFC 822 and its sloppy forms
 * ("Tue, 2 Mar 21 01:02 EST", "March 2, 2021 1:02 PM", asctime, Twitter's); digits as seconds,
 * milliseconds, microseconds or nanoseconds since 1970 by their size, or as YYYYMMDD[hhmmss].
 * false on anything else: "02/03/2021" may be two days. *ret_day: no clock was given. */
bool post_time(struct str s, int64_t *ret_us, bool *ret_day);
/* Of a number: its unit is told by its size. */
bool post_time_unix(double value, int64_t *ret_us);

/* --- markup (posts_html.c) --- */

/* The text of HTML: tags, scripts and comments go, blocks end a line, entities are decoded. The
 * slice itself if it has neither "<" nor "&"; p == NULL when the arena is full. */
struct str post_html(struct arena *arena, struct str html);

#endif
