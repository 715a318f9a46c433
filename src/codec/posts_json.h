/* posts_json.h — what the formats that are JSON share: from the values of named paths to a post.
 *
 * What:   a table of paths fills the fields of a post; small texts are joined to one.
 * Input:  one element of json_split, hostile.
 * Limits: JSON_PICK_PATHS paths; the reader's arena.
 * Owner:  texts live in the element or in the reader's arena, until the next element.
 * Spec:   docs/how-to/add-a-feed-format.md
 */
#ifndef CODEC_POSTS_JSON_H
#define CODEC_POSTS_JSON_H

#include "codec/json_split.h"

enum post_field {
    POST_OTHER, /* for the format's own use */
    POST_ID,
    POST_SITE,
    POST_THREAD,
    POST_AUTHOR,
    POST_TITLE,
    POST_TEXT,
    POST_HTML, /* text or title with markup */
    POST_URL,
    POST_LANG,
    POST_TIME,
    POST_INGEST,
    POST_FIELDS,
};

struct post_path {
    enum post_field field;
    const char *path;
};

/* Fills the post: of several paths to one field the first that is there and not empty. The arena
 * is emptied before. ret_values (n of them) are in the order of paths. END: it is damaged, which
 * was told as a gap; what post_gap returned if reading has to stop. */
MUST_CHECK enum err post_fill(struct post_reader *r, const struct json_element *e,
                              const struct post_path *paths, size_t n,
                              struct json_value *ret_values, struct post *ret_post);
/* Gives the post that was filled, if it has a text or a title; without either it is left out
 * silently. If what stood for its time is none, that is told as a gap instead. */
MUST_CHECK enum err post_give_text(struct post_reader *r, struct post *post);
/* A string or number that is a time. Nothing given: true and TIME_NONE. */
bool post_json_time(const struct json_value *v, int64_t *ret_us, bool *ret_day);

static inline bool json_is(const struct json_value *v, struct str want)
{
    return v->kind == '"' && str_eq(v->text, want);
}
/* Neither absent, null, false nor an empty string. */
static inline bool json_given(const struct json_value *v)
{
    return v->kind && v->kind != 'n' && v->kind != 'f' && v->text.n > 0;
}

/* --- texts put together --- */

struct joined {
    char *p;
    size_t n, max;
};

/* Room for max bytes; what does not fit is cut. */
struct joined joined_open(struct arena *arena, size_t max);
void joined_add(struct joined *j, struct str text);
/* On a line of its own, if there is any text. */
void joined_line(struct joined *j, struct str text);
/* Absent if nothing was added. */
struct str joined_text(const struct joined *j);

/* "board.example" of "https://user@board.example:8080/a"; absent if there is none. */
struct str post_host(struct str url);

/* --- formats that are nothing but such a table --- */

struct post_flat {
    struct json_places places;
    const char *source;
    const char *site; /* of posts that name none, or NULL */
    int site_around;  /* which of places.around names it, or -1 */
    struct post_path paths[JSON_PICK_PATHS];
    /* May change the post, or leave it out by false; or NULL. */
    bool (*finish)(struct json_split *s, const struct json_value *values, struct post *post);
};

MUST_CHECK enum err post_flat_read(struct post_reader *r, const struct post_flat *flat);

#endif
