#include "codec/posts_json.h"

/* Mastodon: statuses as its API gives them (an array, a search's answer, lines), and the outbox of
 * an archive. Each server is a site. */

enum { REBLOG, URL, ACCOUNT_URL };

static bool finish(struct json_split *s, const struct json_value *values, struct post *post)
{
    struct arena *arena = &json_split_reader(s)->arena;
    post->repost = values[REBLOG].kind == '{';
    post->site = post_host(json_value_text(arena, &values[ACCOUNT_URL]));
    if (!post->site.n)
        post->site = post_host(post->url);
    return true;
}

static const struct post_flat flat = {
    .places = {.elements = {"statuses[]", "orderedItems[]", "[]", ""}},
    .source = "mastodon",
    .site_around = -1,
    .paths = {[REBLOG] = {POST_OTHER, "reblog"},
              [URL] = {POST_URL, "url"},
              [ACCOUNT_URL] = {POST_OTHER, "account.url"},
              {POST_ID, "id"},
              {POST_HTML, "content"},
              {POST_HTML, "reblog.content"},
              {POST_HTML, "object.content"},
              {POST_TITLE, "spoiler_text"},
              {POST_TITLE, "object.summary"},
              {POST_TIME, "created_at"},
              {POST_TIME, "published"},
              {POST_AUTHOR, "account.acct"},
              {POST_AUTHOR, "actor"},
              {POST_URL, "uri"},
              {POST_URL, "object.url"},
              {POST_LANG, "language"},
              {POST_THREAD, "in_reply_to_id"},
              {POST_THREAD, "object.inReplyTo"}},
    .finish = finish,
};
/* An object that holds such an array is no status. */
static const char *const signs[] = {"content",
                                    "account.acct",
                                    "created_at",
                                    "[].content",
                                    "[].account.acct",
                                    "[].created_at",
                                    "statuses[].content",
                                    "statuses[].account.acct",
                                    "statuses[].created_at",
                                    "orderedItems[].published",
                                    "orderedItems[].actor",
                                    "orderedItems[].object"};

static bool is(struct str head)
{
    uint32_t seen = json_head(head, signs, ARRAY_LEN(signs));
    for (unsigned i = 0; i < ARRAY_LEN(signs); i += 3)
        if ((seen >> i & 7) == 7)
            return true;
    return false;
}

static enum err read(struct post_reader *r)
{
    struct post_flat one = flat;
    uint32_t seen = json_head(str_sub(pull_view(r), 0, POSTS_HEAD_BYTES), signs, ARRAY_LEN(signs));
    if ((seen & 7) != 7)
        one.places.elements[3] = NULL;
    else
        one.places.elements[0] = "", one.places.elements[1] = NULL;
    return post_flat_read(r, &one);
}

const struct post_format posts_mastodon = {
    .name = "mastodon", .help = "statuses of Mastodon, or an outbox", .is = is, .read = read};
