#include "codec/posts_json.h"

/* Hacker News: answers of the search at Algolia, items of the official API as lines or array. */

static const struct post_flat hits = {
    .places = {.elements = {"hits[]"}},
    .source = "hn",
    .site = "news.ycombinator.com",
    .site_around = -1,
    .paths = {{POST_ID, "objectID"},
              {POST_TIME, "created_at_i"},
              {POST_TIME, "created_at"},
              {POST_AUTHOR, "author"},
              {POST_TITLE, "title"},
              {POST_HTML, "story_text"},
              {POST_HTML, "comment_text"},
              {POST_URL, "url"},
              {POST_THREAD, "story_id"}},
};

enum { DELETED };

static bool finish(struct json_split *s, const struct json_value *values, struct post *post)
{
    (void)s;
    (void)post;
    return !json_given(&values[DELETED]);
}

static const struct post_flat items = {
    .places = {.elements = {"", "[]"}},
    .source = "hn",
    .site = "news.ycombinator.com",
    .site_around = -1,
    .paths = {[DELETED] = {POST_OTHER, "deleted"},
              {POST_ID, "id"},
              {POST_TIME, "time"},
              {POST_AUTHOR, "by"},
              {POST_TITLE, "title"},
              {POST_HTML, "text"},
              {POST_URL, "url"},
              {POST_THREAD, "parent"}},
    .finish = finish,
};

static bool is_hits(struct str head)
{
    static const char *const signs[] = {"hits[].objectID", "hits[].created_at_i"};
    return json_head(head, signs, ARRAY_LEN(signs)) == 3;
}

static bool is(struct str head)
{
    static const char *const signs[] = {"by",    "time",    "type",    "id",
                                        "[].by", "[].time", "[].type", "[].id"};
    uint32_t seen = json_head(head, signs, ARRAY_LEN(signs));
    return (seen & 15) == 15 || seen >> 4 == 15 || is_hits(head);
}

static enum err read(struct post_reader *r)
{
    return post_flat_read(r, is_hits(str_sub(pull_view(r), 0, POSTS_HEAD_BYTES)) ? &hits : &items);
}

const struct post_format posts_hn = {
    .name = "hn", .help = "Hacker News: search at Algolia, items", .is = is, .read = read};
