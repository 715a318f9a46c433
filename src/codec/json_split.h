/* json_split.h — the elements of a JSON document that is too long for memory.
 *
 * What:   pulls a document (or many, one behind the other) through the window of a post reader, and
 *         hands over each element of the places that a format names as JSON text, with those
 *         scalars around it that stand before it.
 * Input:  hostile. A damaged element is a gap; reading goes on at the next text that begins as the
 *         elements do. If that is not found, or the damage is around the elements, the rest is one
 *         gap. Work stays in proportion to the text.
 * Limits: POSTS_RECORD_BYTES an element, a longer one is a gap; SPLIT_* below.
 * Owner:  an element lives until the callback returns, what is around it until the next one.
 * Spec:   docs/internals/CODEC.md, "Posts"
 */
#ifndef CODEC_JSON_SPLIT_H
#define CODEC_JSON_SPLIT_H

#include "codec/json_scan.h"
#include "codec/posts_priv.h"

enum {
    SPLIT_PATHS = 16, /* of each sort */
    SPLIT_STEPS = 8,
    SPLIT_AROUND_BYTES = 512, /* a longer scalar is cut */
};

struct json_element {
    struct str text; /* an object */
    uint64_t offset;
    unsigned path; /* which of the format's */
};

struct json_split;

struct json_places {
    /* Where elements are: "messages[]", "chats.list[].messages[]", "rooms.*.events[]"; "" is the
     * document itself, as in JSON Lines. Of two that fit, the first. NULL ends the list. */
    const char *elements[SPLIT_PATHS + 1];
    /* Scalars to remember, by their whole path: "name", "chats.list[].name", "guild.name". They
     * are forgotten at the end of the innermost array element around them. */
    const char *around[SPLIT_PATHS + 1];
    /* OK to go on; reader's gaps and posts are its own business. */
    enum err (*element)(struct json_split *s, const struct json_element *e);
};

/* ctx is for the callback. Returns as post_format.read does. */
MUST_CHECK enum err json_split(struct post_reader *r, const struct json_places *places, void *ctx);
struct post_reader *json_split_reader(const struct json_split *s);
void *json_split_ctx(const struct json_split *s);
/* Unescaped; absent if it did not stand before the element. */
struct str json_split_around(const struct json_split *s, unsigned i);

/* Which of the places (at most 32, same form, scalars or not) are seen in the first bytes of a
 * document or of JSON Lines, which may be cut: bit i for place i. */
uint32_t json_head(struct str head, const char *const *places, size_t n);

#endif
