#include "codec/posts_json.h"

/* Reddit: listings as its API gives them, and lines as archives keep them. Each subreddit is a
 * site. */

enum { CROSSPOST };

static bool finish(struct json_split *s, const struct json_value *values, struct post *post)
{
    (void)s;
    post->repost = json_given(&values[CROSSPOST]);
    return !str_eq(post->text, STR("[deleted]")) && !str_eq(post->text, STR("[removed]"));
}

#define PATHS(under)                                                                               \
    {                                                                                              \
        [CROSSPOST] = {POST_OTHER, under "crosspost_parent"}, {POST_ID, under "name"},             \
        {POST_ID, under "id"}, {POST_SITE, under "subreddit"}, {POST_TIME, under "created_utc"},   \
        {POST_AUTHOR, under "author"}, {POST_TITLE, under "title"}, {POST_TEXT, under "selftext"}, \
        {POST_TEXT, under "body"}, {POST_THREAD, under "link_id"}, {POST_URL, under "url"},        \
        {POST_URL, under "permalink"},                                                             \
    }

static const struct post_flat listing = {
    .places = {.elements = {"data.children[]", "[].data.children[]"}},
    .source = "reddit",
    .site_around = -1,
    .paths = PATHS("data."),
    .finish = finish,
};
static const struct post_flat lines = {
    .places = {.elements = {"", "[]", "data[]"}},
    .source = "reddit",
    .site_around = -1,
    .paths = PATHS(""),
    .finish = finish,
};

static bool is_listing(struct str head)
{
    static const char *const signs[] = {"data.children[].data.subreddit",
                                        "[].data.children[].data.subreddit"};
    return json_head(head, signs, ARRAY_LEN(signs)) != 0;
}

static bool is(struct str head)
{
    static const char *const signs[] = {"subreddit",      "created_utc",      "[].subreddit",
                                        "[].created_utc", "data[].subreddit", "data[].created_utc"};
    uint32_t seen = json_head(head, signs, ARRAY_LEN(signs));
    return (seen & 3) == 3 || (seen & 12) == 12 || (seen & 48) == 48 || is_listing(head);
}

static enum err read(struct post_reader *r)
{
    static const char *const data[] = {"data[].subreddit"};
    struct str head = str_sub(pull_view(r), 0, POSTS_HEAD_BYTES);
    struct post_flat one = is_listing(head) ? listing : lines;
    if (json_head(head, data, 1))
        one.places.elements[0] = "data[]";
    return post_flat_read(r, &one);
}

const struct post_format posts_reddit = {
    .name = "reddit", .help = "listings of Reddit, or an archive's lines", .is = is, .read = read};
