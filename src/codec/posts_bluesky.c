#include "codec/posts_json.h"

/* Bluesky: feeds and searches as its API gives them, and Jetstream's lines. */

enum { REASON };

static bool finish(struct json_split *s, const struct json_value *values, struct post *post)
{
    (void)s;
    post->repost = json_given(&values[REASON]);
    return true;
}

static const struct post_flat flat = {
    .places = {.elements = {"feed[]", "posts[]"}},
    .source = "bluesky",
    .site = "bsky.app",
    .site_around = -1,
    .paths = {[REASON] = {POST_OTHER, "reason.$type"},
              {POST_ID, "post.uri"},
              {POST_ID, "uri"},
              {POST_TEXT, "post.record.text"},
              {POST_TEXT, "record.text"},
              {POST_TIME, "post.record.createdAt"},
              {POST_TIME, "record.createdAt"},
              {POST_AUTHOR, "post.author.did"},
              {POST_AUTHOR, "author.did"},
              {POST_THREAD, "post.record.reply.root.uri"},
              {POST_THREAD, "record.reply.root.uri"}},
    .finish = finish,
};

/* Other commits (likes, follows) have no text and are left out. */
static const struct post_flat jetstream = {
    .places = {.elements = {""}},
    .source = "bluesky",
    .site = "bsky.app",
    .site_around = -1,
    .paths = {{POST_ID, "commit.rkey"},
              {POST_TEXT, "commit.record.text"},
              {POST_TIME, "commit.record.createdAt"},
              {POST_INGEST, "time_us"},
              {POST_AUTHOR, "did"},
              {POST_THREAD, "commit.record.reply.root.uri"}},
};

static bool in_lines(struct str head)
{
    static const char *const signs[] = {"did", "time_us", "kind"};
    return json_head(head, signs, ARRAY_LEN(signs)) == 7;
}

static bool is(struct str head)
{
    static const char *const signs[] = {"feed[].post.record.createdAt", "posts[].record.createdAt"};
    return json_head(head, signs, ARRAY_LEN(signs)) || in_lines(head);
}

static enum err read(struct post_reader *r)
{
    bool lines = in_lines(str_sub(pull_view(r), 0, POSTS_HEAD_BYTES));
    return post_flat_read(r, lines ? &jetstream : &flat);
}

const struct post_format posts_bluesky = {
    .name = "bluesky", .help = "feeds of Bluesky, or Jetstream's lines", .is = is, .read = read};
